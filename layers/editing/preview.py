"""What a change of boundaries would come to, with areas, while it is being drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gis.area import ellipsoidal_area
from gis.editing.result import EditResult
from layers.editing.neighbourhood import Neighbourhood

__all__ = ["Outcome", "outcomes"]

# m²: smaller changes of an area are the rounding of a joint.
_NOTHING = 0.005


@dataclass(frozen=True, slots=True)
class Outcome:
    """A geometry as it would be. Areas are on the ellipsoid, m².

    ``before`` is the area of the same row now, None for one that is born; ``uuid`` is empty then. ``place`` is
    inside it, for the text.
    """

    layer: str
    uuid: str
    shape: shapely.Geometry
    area: float
    place: tuple[float, float]
    before: float | None = None

    @property
    def grows(self) -> bool:
        """Whether the area would be another."""
        return self.before is None or abs(self.area - self.before) > _NOTHING


def outcomes(around: Neighbourhood, result: EditResult, layer: str, epsg: int) -> list[Outcome]:
    """Everything that changes or is born; ``layer`` is that of polygons drawn anew."""
    positions = list(result.changed)
    shapes = np.empty(len(positions) + len(result.born), dtype=object)
    shapes[:] = [*result.changed.values(), *(piece.geometry for piece in result.born)]
    rows = [around.row(position) for position in positions]
    rows += [(around.row(piece.origins[0])[0] if piece.origins else layer, "") for piece in result.born]
    areas = ellipsoidal_area(shapes, epsg).tolist()
    before: list[float | None] = [None] * len(shapes)
    before[: len(positions)] = ellipsoidal_area(around.geometries[positions], epsg).tolist()
    places = shapely.get_coordinates(shapely.point_on_surface(shapes)).tolist()
    return [
        Outcome(*row, shape, area, (place[0], place[1]), old)
        for row, shape, area, place, old in zip(rows, shapes, areas, places, before, strict=True)
    ]
