"""What every edit gives back: new geometries for one transaction, checked before anything is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.repair import propose
from gis.text import tr

__all__ = [
    "JOINT",
    "EditError",
    "EditResult",
    "Geometries",
    "Piece",
    "applied",
    "as_objects",
    "like",
    "result",
]

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]
Place = tuple[float, float]

# A neighbourhood: polygons and multipolygons of one or several layers, in one plane, in metres.
Geometries = Sequence[shapely.Geometry | None] | Objects

# Two vertices closer than this, in metres, are the same boundary point, and a vertex closer than this to
# an edge lies on it: boundary points are surveyed and printed to the millimetre.
JOINT = 0.001

_MULTIPOLYGON = int(shapely.GeometryType.MULTIPOLYGON)


class EditError(ParkLineError):
    """An edit that cannot be done; nothing was changed.

    ``index`` is the position of the geometry it fails for, ``place`` where it fails, in the plane.
    """

    def __init__(
        self, message: str, *, hint: str = "", index: int | None = None, place: Place | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.index = index
        self.place = place


@dataclass(frozen=True, slots=True)
class Piece:
    """A geometry that an edit brought into being, and the positions of those it was made from."""

    geometry: shapely.Geometry
    origins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EditResult:
    """Outcome of an edit over an array of neighbouring geometries.

    ``changed`` maps positions in that array to new geometries: the edited ones and every neighbour that
    followed or received a vertex. ``retired`` are positions that ceased to be, ``born`` is what came
    instead, the largest first. ``created_vertices`` is (k, 2): boundary points that no geometry of the
    array had before.
    """

    changed: dict[int, shapely.Geometry]
    born: list[Piece] = field(default_factory=list)
    retired: list[int] = field(default_factory=list)
    created_vertices: Floats = field(default_factory=lambda: np.empty((0, 2)))


def as_objects(geometries: Geometries) -> Objects:
    """Any sequence of geometries as an object array."""
    if isinstance(geometries, np.ndarray):
        return np.asarray(geometries, dtype=object)
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def applied(geometries: Geometries, edit: EditResult) -> Objects:
    """The array after the edit: positions stay, retired ones are ``None``, those born come at the end."""
    before = as_objects(geometries)
    after = np.full(len(before) + len(edit.born), None, dtype=object)
    after[: len(before)] = before
    for index, geometry in edit.changed.items():
        after[index] = geometry
    after[edit.retired] = None
    for offset, piece in enumerate(edit.born):
        after[len(before) + offset] = piece.geometry
    return after


def like(geometry: shapely.Geometry, original: shapely.Geometry | None) -> shapely.Geometry:
    """A polygon as a multipolygon where the original was one; anything else as it is."""
    if original is None or shapely.get_type_id(original) != _MULTIPOLYGON:
        return geometry
    if not isinstance(geometry, shapely.Polygon):
        return geometry
    return shapely.MultiPolygon([geometry])


def result(
    before: Objects,
    changed: Mapping[int, shapely.Geometry],
    *,
    born: Iterable[Piece] = (),
    retired: Sequence[int] = (),
) -> EditResult:
    """Check what an edit made and pack it; geometries that came out as they were are left out.

    Raises ``EditError`` for a geometry that is not valid.
    """
    gone = {int(index) for index in retired}
    pieces = list(born)
    kept = {
        int(index): geometry
        for index, geometry in sorted(changed.items())
        if index not in gone and not shapely.equals_identical(geometry, before[index])
    }
    _refuse_invalid(before, kept, pieces)
    made = as_objects([*kept.values(), *(piece.geometry for piece in pieces)])
    return EditResult(kept, pieces, sorted(gone), _new_points(before, made))


def _refuse_invalid(before: Objects, changed: Mapping[int, shapely.Geometry], born: list[Piece]) -> None:
    owners = [*changed, *(piece.origins[0] if piece.origins else None for piece in born)]
    made = as_objects([*changed.values(), *(piece.geometry for piece in born)])
    bad = np.flatnonzero(~(shapely.is_valid(made) & ~shapely.is_empty(made)))
    if not len(bad):
        return
    index, geometry = owners[bad[0]], made[bad[0]]
    centre = shapely.get_coordinates(geometry).mean(axis=0) if not shapely.is_empty(geometry) else None
    place = None if centre is None else (float(centre[0]), float(centre[1]))
    if index is not None and not shapely.is_valid(before[index]):
        raise EditError(
            tr("这条边界牵涉的一个图形在编辑之前就是无效的。"),
            hint=tr("请先用“修复图形”修复它，再编辑。"),
            index=index,
            place=place,
        )
    proposals = propose([geometry])
    reason = proposals[0].reason if proposals else tr("图形为空")
    raise EditError(
        tr("这样编辑会使图形无效：{reason}。", reason=reason),
        hint=tr("请换一个位置，使边界不自相交、不自相接。"),
        index=index,
        place=place,
    )


def _new_points(before: Objects, made: Objects) -> Floats:
    """Distinct coordinates (k, 2) of the geometries made that none of those before has."""
    points = np.unique(_complex(shapely.get_coordinates(made)))
    known = _complex(shapely.get_coordinates(before))
    if len(points):
        known = known[(known.real >= points.real.min()) & (known.real <= points.real.max())]
    fresh = points[~np.isin(points, known)]
    return np.column_stack([fresh.real, fresh.imag])


def _complex(points: Floats) -> NDArray[np.complex128]:
    return points[:, 0] + 1j * points[:, 1]
