"""Names of hatches and outlines, as style files and symbols declare them, and their numbers in the compiled loops."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["HATCHES", "PENS"]

HATCHES: Mapping[str, int] = {
    "": 0,
    "diagonal_right": 1,  # /
    "diagonal_left": 2,  # \\
    "diagonal_cross": 3,
    "horizontal": 4,
    "vertical": 5,
    "grid": 6,
    "dots": 7,
}
PENS: Mapping[str, int] = {"solid": 0, "dash": 1, "dot": 2, "dash_dot": 3, "double": 4, "ticks": 5}
