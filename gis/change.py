"""Where two coverages of the same land say different things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.progress import Progress, silent

__all__ = ["ChangePieces", "compare", "width"]


@dataclass(frozen=True)
class ChangePieces:
    """Pieces of changed land: positions in ``before`` and ``after`` (-1: nothing covers it any more)."""

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    geometry: NDArray[np.object_]


def compare(
    before: ArrayLike,
    after: ArrayLike,
    before_key: ArrayLike,
    after_key: ArrayLike,
    *,
    progress: Progress = silent,
) -> ChangePieces:
    """Pieces of ``before`` polygons whose key differs in ``after``, or that ``after`` leaves uncovered."""
    raise NotImplementedError


def width(geometries: ArrayLike, *, limit: float | None = None) -> NDArray[np.float64]:
    """Effective width in metres, to tell digitising slivers from real strips."""
    parts = np.asarray(geometries, dtype=object)
    area, half = shapely.area(parts), shapely.length(parts) / 2
    return np.nan_to_num((half - np.sqrt(np.maximum(half**2 - 4 * area, 0))) / 2)
