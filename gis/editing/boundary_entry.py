"""A polygon from typed or pasted boundary points (domain reference §10.1): order and zone are found out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import GEOGRAPHIC, Candidate, candidates, central_meridian, describe, to_plane, zone_epsg
from gis.editing.boundary_rows import BoundaryRow, boundary_rows, row_list
from gis.errors import ParkLineError
from gis.repair import propose
from gis.text import tr

__all__ = ["BoundaryEntry", "EntryPoint", "polygon_of_rings", "read_boundaries", "read_boundary"]

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Box = tuple[float, float, float, float]

# Half the width in degrees that a 3-degree zone is used over, with what reaches into the next.
_HALF_ZONE = 2.0
_SMALLEST_RING = 3


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A boundary point as it was entered: name, row from 1, ring from 1, and its place in the plane."""

    name: str
    row: int
    ring: int
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class BoundaryEntry:
    """What was read: the geometry in the project's plane, and how the numbers were understood.

    ``epsg`` is the system of the numbers, ``north_first`` the order of their columns, ``how`` a sentence
    on both; ``notes`` say what was put right on the way.
    """

    geometry: shapely.Geometry
    points: tuple[EntryPoint, ...]
    epsg: int
    north_first: bool
    how: str
    notes: tuple[str, ...]


@dataclass
class _Ring:
    rows: list[BoundaryRow]
    is_closed: bool = False


def read_boundary(
    text: str, plane: int, *, source: int | None = None, north_first: bool | None = None
) -> BoundaryEntry:
    """Polygon or multipolygon in the plane EPSG ``plane`` from lines such as ``J1,3618900.000,596600.000``.

    A number of the ring may stand before the coordinates. A new ring begins where that number changes,
    after a row that repeats the first point, where the first name comes again, and, if the points have no
    names, at a blank line; rings need not be closed. A ring inside another is its hole, one outside a part
    of its own, whatever its number. ``source`` and ``north_first`` settle what is otherwise found out from
    the numbers.

    Raises ``ParkLineError`` with the row for what cannot be read, for boundaries that cross, and for a text
    with several parcels (:func:`read_boundaries`).
    """
    entries = read_boundaries(text, plane, source=source, north_first=north_first)
    if len(entries) > 1:
        raise ParkLineError(
            tr("文字里有 {count} 个地块。", count=len(entries)),
            hint=tr("请一次录入一个地块，或用“导入”读取整个文件。"),
            row=entries[1].points[0].row,
        )
    return entries[0]


def read_boundaries(
    text: str, plane: int, *, source: int | None = None, north_first: bool | None = None
) -> list[BoundaryEntry]:
    """An entry for every parcel of a text: a heading line that ends in @ begins another one.

    See :func:`read_boundary`; order and system are found out from all rows together.
    """
    rows = boundary_rows(text)
    if not rows:
        raise ParkLineError(
            tr("文字里没有界址点坐标。"),
            hint=tr("每行应为“点号,X,Y”，如 J1,3618900.000,596600.000。"),
        )
    usual = [row for row in rows if not row.closes]
    values = np.array([row.values for row in usual], dtype=np.float64).reshape(-1, 2)
    reading = _reading(values, usual[0].shape if usual else "", plane, source, north_first)
    return [
        _entry([row for row in rows if row.parcel == parcel], reading, plane)
        for parcel in sorted({row.parcel for row in rows})
    ]


def _entry(rows: list[BoundaryRow], reading: Candidate, plane: int) -> BoundaryEntry:
    notes: list[str] = []
    rings = _rings(rows, notes)
    values = np.array([row.values for ring in rings for row in ring.rows], dtype=np.float64)
    points = values[:, ::-1] if reading.swapped else values
    curves = np.split(points, np.cumsum([len(ring.rows) for ring in rings])[:-1])
    geometry = polygon_of_rings(curves, [[row.row for row in ring.rows] for ring in rings])
    (moved,) = to_plane(np.array([geometry], dtype=object), reading.epsg, plane)
    flat = to_plane(np.asarray(shapely.points(points), dtype=object), reading.epsg, plane)
    if reading.epsg not in (plane, zone_epsg(plane)):
        notes.append(tr("坐标为 {crs}，已换算到项目坐标系。", crs=describe(reading.epsg)))
    named = [(row, number) for number, ring in enumerate(rings, start=1) for row in ring.rows]
    return BoundaryEntry(
        moved,
        tuple(
            EntryPoint(row.name, row.row, number, float(x), float(y))
            for (row, number), (x, y) in zip(named, shapely.get_coordinates(flat), strict=True)
        ),
        reading.epsg,
        reading.swapped,
        reading.reason,
        tuple(notes),
    )


def _rings(rows: list[BoundaryRow], notes: list[str]) -> list[_Ring]:
    """Rows divided into rings, without the rows that close them and without repeated points."""
    rings: list[_Ring] = []
    repaired: list[int] = []
    repeated: list[int] = []
    named = any(row.name for row in rows)
    for row in rows:
        if row.closes:
            _close(rings, row)
            repaired.append(row.row)
        elif not rings or _stands_apart(rings[-1], row, named=named):
            rings.append(_Ring([row]))
        elif _is_first_point(rings[-1], row) and not rings[-1].is_closed:
            rings[-1].is_closed = True
        elif _begins(rings[-1], row):
            rings.append(_Ring([row]))
        elif row.values == rings[-1].rows[-1].values:
            repeated.append(row.row)
        else:
            rings[-1].rows.append(row)
    if repaired:
        notes.append(tr("第 {rows} 行两列数字相同，按闭合到本圈第一点处理。", rows=row_list(repaired)))
    if repeated:
        notes.append(tr("第 {rows} 行重复上一点，已略去。", rows=row_list(repeated)))
    for ring in rings:
        if len(ring.rows) < _SMALLEST_RING:
            raise ParkLineError(
                tr(
                    "从第 {row} 行开始的一圈只有 {count} 个点，围不成面。",
                    row=ring.rows[0].row,
                    count=len(ring.rows),
                ),
                hint=tr("一圈至少要三个不同的点；请补全，或核对圈号。"),
                row=ring.rows[0].row,
            )
    return rings


def _close(rings: list[_Ring], row: BoundaryRow) -> None:
    """An exporter's slip: the closing row has the same number in both columns."""
    if not rings or rings[-1].is_closed or rings[-1].rows[0].name != row.name:
        raise ParkLineError(
            tr("第 {rows} 行读不出一对坐标。", rows=row.row),
            hint=tr("两列的数字相同；请填入正确的 X 和 Y。"),
            row=row.row,
        )
    rings[-1].is_closed = True


def _is_first_point(ring: _Ring, row: BoundaryRow) -> bool:
    return len(ring.rows) >= _SMALLEST_RING and row.values == ring.rows[0].values


def _stands_apart(ring: _Ring, row: BoundaryRow, *, named: bool) -> bool:
    """Whether a blank line divides a row from a ring; where points have names these decide."""
    return row.starts and not named and len(ring.rows) >= _SMALLEST_RING


def _begins(ring: _Ring, row: BoundaryRow) -> bool:
    """Whether a row opens another ring than the one before it."""
    if ring.is_closed or row.ring != ring.rows[-1].ring:
        return True
    return bool(row.name) and row.name == ring.rows[0].name


def _reading(
    values: Floats, shape: str, plane: int, source: int | None, north_first: bool | None
) -> Candidate:
    """In what system and order the numbers are to be read."""
    if not shape:
        # Numbers of another country: the project's plane, east first unless told otherwise.
        system = plane if source is None else source
        return Candidate(
            system, bool(north_first), True, tr("按 {crs} 读取。", crs=describe(system)), (0, 0, 0, 0)
        )
    meridian = central_meridian(plane)
    region = (meridian - _HALF_ZONE, 3.0, meridian + _HALF_ZONE, 54.0)
    kinds = shape.split(",")
    in_degrees, swapped = "latitude" in kinds, kinds[0] in ("north", "latitude")
    readings = [
        one
        for one in candidates(values, region)
        if (one.epsg == GEOGRAPHIC) == in_degrees
        and one.swapped == swapped
        and (source is None or one.epsg == source)
        and (north_first is None or one.swapped == north_first)
    ]
    if not readings:
        raise ParkLineError(
            tr("这些坐标不能按所选的坐标系或列序读取。"), hint=tr("请改选坐标系或 X/Y 顺序。")
        )
    # Without a zone number the numbers fit every zone: the project's own comes first.
    own = (plane, zone_epsg(plane))
    return next((one for one in readings if one.epsg in own), readings[0])


def polygon_of_rings(curves: list[Floats], rows: list[list[int]] | None = None) -> shapely.Geometry:
    """Polygon or multipolygon of rings (n, 2) that need not be closed; a ring in a ring is a hole.

    ``rows`` are the rows of the text that the points stand in, for errors. Raises ``ParkLineError`` where
    a ring crosses itself or two rings cross or coincide.
    """
    solids = np.array([shapely.Polygon(curve) for curve in curves], dtype=object)
    for number, solid in enumerate(solids):
        if not shapely.is_valid(solid):
            raise _crossing(solid, curves[number], rows[number] if rows else None)
    first, second = np.triu_indices(len(solids), 1)
    clash = shapely.overlaps(solids[first], solids[second]) | shapely.equals(solids[first], solids[second])
    if clash.any():
        pair = int(np.argmax(clash))
        one, two = int(first[pair]), int(second[pair])
        raise ParkLineError(
            tr("第 {one} 圈与第 {two} 圈相互重叠。", one=one + 1, two=two + 1),
            hint=tr("圈与圈只能一个套一个，或各在一处；请核对坐标与圈号。"),
            row=rows[two][0] if rows else None,
        )
    return _nested(solids)


def _nested(solids: Objects) -> shapely.Geometry:
    """Shells with their holes: a ring inside an odd number of others is a hole of the smallest of them."""
    count = len(solids)
    holds = shapely.contains(solids[:, None], solids[None, :]) & ~np.eye(count, dtype=bool)
    depth = holds.sum(axis=0)
    area = shapely.area(solids)
    shells = np.flatnonzero(depth % 2 == 0)
    holes: dict[int, list[shapely.LinearRing]] = {int(shell): [] for shell in shells}
    for hole in np.flatnonzero(depth % 2 == 1):
        around = np.flatnonzero(holds[:, hole])
        holes[int(around[np.argmin(area[around])])].append(solids[hole].exterior)
    parts = [shapely.Polygon(solids[shell].exterior, inner) for shell, inner in holes.items()]
    geometry = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if not shapely.is_valid(geometry):
        raise ParkLineError(
            tr(
                "这些圈合不成有效的面：{reason}。",
                reason=propose(np.array([geometry], dtype=object))[0].reason,
            ),
            hint=tr("孔洞之间、孔洞与外圈只能在一点相接；请核对坐标。"),
        )
    return geometry


def _crossing(solid: shapely.Geometry, curve: Floats, rows: list[int] | None) -> ParkLineError:
    """The error for a ring that crosses itself, with the row of the point nearest to the crossing."""
    reason = propose(np.array([solid], dtype=object))[0].reason
    place = shapely.Point(*_place_of(shapely.is_valid_reason(solid)))
    nearest = int(np.argmin(shapely.distance(shapely.points(curve), place)))
    if rows is None:
        return ParkLineError(tr("{reason}。", reason=reason), hint=tr("请核对点的顺序。"))
    return ParkLineError(
        tr("{reason}，在第 {row} 行的点附近。", reason=reason, row=rows[nearest]),
        hint=tr("请核对点的顺序和坐标，界址点应沿边界依次排列。"),
        row=rows[nearest],
    )


def _place_of(reason: str) -> tuple[float, float]:
    """The place in GEOS's sentence on a geometry that is not valid: ``Self-intersection[x y]``."""
    numbers = reason.partition("[")[2].rstrip("]").split()
    return (float(numbers[0]), float(numbers[1])) if len(numbers) >= 2 else (0.0, 0.0)
