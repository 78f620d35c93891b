"""Sheets of paper and the scales that maps are printed at."""

from __future__ import annotations

__all__ = ["PAPERS", "STANDARD_SCALES", "standard_scale"]

# Upright sheets, width and height in mm (ISO 216).
PAPERS: dict[str, tuple[float, float]] = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}

# Scale denominators of parcel maps (domain reference §11) and, for large land, their decimal multiples.
STANDARD_SCALES = (200, 300, 500, 750, 1000, 1500, 2000, 2500, 5000, 7500, 10000, 15000, 20000, 25000, 50000)


def standard_scale(ground_width: float, ground_height: float, frame: tuple[float, float], fill: float) -> int:
    """The largest standard scale at which the ground size fits into ``fill`` of the frame.

    Ground in metres, frame in mm. Returns the denominator n of 1:n; the smallest scale of the list if
    none fits.
    """
    needed = max(ground_width / frame[0], ground_height / frame[1]) * 1000.0 / fill
    return next((n for n in STANDARD_SCALES if n >= needed), STANDARD_SCALES[-1])
