"""Proposals for invalid polygons: never applied silently, each with its area before and after."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from numpy.typing import ArrayLike

__all__ = ["Proposal", "propose"]


@dataclass(frozen=True)
class Proposal:
    """A valid polygon for an invalid one.

    ``index`` is the position in the input, ``reason`` a translated sentence with the place,
    ``geometry`` the proposal (``None`` when no polygon could be made), areas are plane areas in m².
    """

    index: int
    reason: str
    geometry: shapely.Geometry | None
    area_before: float
    area_after: float


def propose(geometries: ArrayLike) -> list[Proposal]:
    """A proposal for every geometry that is not valid; valid ones, ``None`` and empty ones have none."""
    raise NotImplementedError
