"""Which left polygon (a parcel) lies in which right one (line, unit, park), and with what piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.progress import Progress, silent

if TYPE_CHECKING:
    import pyproj

__all__ = ["Pieces", "overlay"]


@dataclass(frozen=True)
class Pieces:
    """Pieces of left polygons inside right ones, sorted by left, then right.

    ``left`` and ``right`` are positions (int64), ``inside`` tells that the left polygon lies wholly
    inside the right one, ``geometry`` holds the polygons (``None`` with ``clip=False``).
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    inside: NDArray[np.bool_]
    geometry: NDArray[np.object_]

    def area(self, crs: int | pyproj.CRS) -> NDArray[np.float64]:
        """Ellipsoidal area of each piece in m² (see :func:`gis.area.ellipsoidal_area`)."""
        from gis.area import ellipsoidal_area

        return ellipsoidal_area(self.geometry, crs)


def overlay(
    left: ArrayLike,
    right: ArrayLike,
    *,
    clip: bool = True,
    workers: int | None = None,
    progress: Progress = silent,
) -> Pieces:
    """Pieces of ``left`` polygons inside ``right`` ones; both in one plane, any unit."""
    lefts, rights = np.asarray(left, dtype=object), np.asarray(right, dtype=object)
    second, first = shapely.STRtree(lefts).query(rights, predicate="intersects")
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    pieces = shapely.intersection(lefts[first], rights[second])
    keep = shapely.area(pieces) > 0
    first, second, pieces = first[keep], second[keep], pieces[keep]
    return Pieces(first, second, shapely.covers(rights[second], lefts[first]), pieces)
