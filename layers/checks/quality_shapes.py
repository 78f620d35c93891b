"""What is wrong with where parcels and factories lie: overlaps, gaps, units, parks. Array work over a whole layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis import clipping
from gis.area import ellipsoidal_area
from gis.coverage import Neighbours
from gis.overlay import Pieces
from gis.text import tr
from gis.width import width
from layers.checks import tables as read
from layers.checks.by_unit import boxes, plane_areas
from layers.units import UnitTree

__all__ = ["Problems", "area_problems", "coverage_problems", "factory_problems", "unit_problems"]

Integers = NDArray[np.int64]
Objects = NDArray[np.object_]


@dataclass
class Problems:
    """What was found, row by row: which kind, table and row of it, the unit's position or -1, why, and the land."""

    kind: list[str] = field(default_factory=list)
    table: list[str] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    unit: list[int] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    amount: list[float] = field(default_factory=list)
    shape: list[object] = field(default_factory=list)
    unplaced: int = 0  # factories of which nothing can be said

    @classmethod
    def joined(cls, parts: Sequence[Problems]) -> Problems:
        """What several questions found, one after the other."""
        result = cls(unplaced=sum(part.unplaced for part in parts))
        for part in parts:
            for name in ("kind", "table", "row", "unit", "why", "amount", "shape"):
                getattr(result, name).extend(getattr(part, name))
        return result

    def taken(self, kept: Callable[[int], bool], place: Callable[[int], int]) -> Problems:
        """Those of some rows, and the rows' positions in another frame."""
        result = Problems(unplaced=self.unplaced)
        for at, row in enumerate(self.row):
            if kept(row):
                result.add(
                    self.kind[at], self.table[at], place(row), self.unit[at], self.why[at], self.amount[at], self.shape[at]
                )  # fmt: skip
        return result

    def add(
        self, kind: str, table: str, row: int, unit: int, why: str, amount: float = 0.0, shape: object = None
    ) -> None:
        """One more; ``amount`` is m² where ``shape`` is a piece of land."""
        self.kind.append(kind)
        self.table.append(table)
        self.row.append(row)
        self.unit.append(unit)
        self.why.append(why)
        self.amount.append(amount)
        self.shape.append(shape)


def coverage_problems(
    found: Problems,
    frame: gpd.GeoDataFrame,
    shapes: Objects,
    home: Integers,
    parameters: Mapping[str, Any],
    epsg: int,
) -> None:
    """Overlaps and narrow gaps between parcels, each once, in the unit of the first of the two."""
    least, most = float(parameters["overlap_width"]), float(parameters["gap_width"])
    neighbours = Neighbours(shapes, most, boxes(frame))
    for kind, faults in (
        ("overlap", neighbours.overlaps(least)),
        ("gap", neighbours.gaps(least, most)),
    ):
        areas = ellipsoidal_area(faults.geometry, epsg)
        others = read.texts(frame.iloc[faults.second], "parcel_no")
        for one, other, area, piece in zip(
            faults.first.tolist(), others, areas.tolist(), faults.geometry, strict=True
        ):
            words = {"other": other, "area": f"{area:,.2f}"}
            why = tr("与 {other} 重叠 {area} ㎡", **words) if kind == "overlap" else tr("与 {other} 之间有缝隙 {area} ㎡", **words)  # fmt: skip
            found.add(kind, "parcel", one, int(home[one]), why, area, piece)


def unit_problems(
    found: Problems,
    frame: gpd.GeoDataFrame,
    shapes: Objects,
    home: Integers,
    pieces: Pieces,
    tree: UnitTree,
    rim: float,
) -> None:
    """Parcels across two units, outside all of them, or in another than the one they state."""
    if not len(tree) or shapely.is_empty(tree.net).all():
        return
    away = np.flatnonzero(~pieces.inside & (pieces.right != home[pieces.left]))
    away = away[width(pieces.geometry[away], limit=rim) >= rim]
    areas = ellipsoidal_area(pieces.geometry[away], tree.epsg)
    for at, area in zip(away.tolist(), areas.tolist(), strict=True):
        row = int(pieces.left[at])
        why = tr("有 {area} ㎡ 在{unit}", area=f"{area:,.2f}", unit=tree.names[pieces.right[at]])
        found.add("across", "parcel", row, int(home[row]), why, area, pieces.geometry[at])
    # Who has a home and no piece lies plainly in it.
    unclear = home < 0
    unclear[pieces.left] = True
    unclear[pieces.left[pieces.inside]] = False
    doubtful = np.flatnonzero(unclear)
    there = ~(shapely.is_missing(shapes[doubtful]) | shapely.is_empty(shapes[doubtful]))
    doubtful = doubtful[there & (shapely.get_dimensions(shapes[doubtful]) == 2)]
    outside = clipping.difference(
        clipping.valid(shapes[doubtful]), np.full(len(doubtful), shapely.union_all(tree.net), dtype=object)
    )
    kept = np.flatnonzero(~shapely.is_missing(outside))
    kept = kept[width(outside[kept], limit=rim) >= rim]
    areas = ellipsoidal_area(outside[kept], tree.epsg)
    for at, area in zip(kept.tolist(), areas.tolist(), strict=True):
        row = int(doubtful[at])
        why = tr("有 {area} ㎡ 不在任何单元内", area=f"{area:,.2f}")
        found.add("outside", "parcel", row, int(home[row]), why, area, outside[at])
    _stated_units(found, frame, shapes, home, tree)


def _stated_units(
    found: Problems, frame: gpd.GeoDataFrame, shapes: Objects, home: Integers, tree: UnitTree
) -> None:
    """Parcels that name another unit than their land's; naming the unit around it is no mistake."""
    if "unit" not in frame.columns:
        return
    number, names = pd.factorize(frame["unit"])
    resolved = [tree.resolve(name) for name in names]
    allowed = np.ones((len(names) + 1, len(tree) + 1), dtype=np.bool_)
    for row, code in enumerate(resolved):
        if code is None:
            continue
        allowed[row, : len(tree)] = [
            own == code or code in tree.ancestors(own) for own in tree.codes
        ]  # the last column is "nowhere"
    for row in np.flatnonzero(~allowed[number, home]).tolist():
        why = tr("单元字段写“{stated}”，图形在{unit}", stated=names[number[row]], unit=tree.names[home[row]])
        found.add("stated_unit", "parcel", row, int(home[row]), why, 0.0, shapes[row])


def area_problems(
    found: Problems,
    frame: gpd.GeoDataFrame,
    shapes: Objects,
    home: Integers,
    parameters: Mapping[str, Any],
    epsg: int,
) -> None:
    """Certified areas that fit neither the plane nor the ellipsoidal area of the outline (domain reference §9.4)."""
    stated = read.figures(frame, "area_certified")
    plane = np.nan_to_num(plane_areas(frame), nan=0.0)
    difference = np.abs(stated - plane)
    most = float(parameters["area_metres"]) + float(parameters["area_share"]) * plane
    rows = np.flatnonzero((difference > most) & (plane > 0))
    ellipsoid = np.zeros(len(shapes))
    ellipsoid[rows] = ellipsoidal_area(shapes[rows], epsg)
    difference[rows] = np.minimum(difference[rows], np.abs(stated[rows] - ellipsoid[rows]))
    for row in rows[difference[rows] > most[rows]].tolist():
        why = tr(
            "证载 {stated} ㎡，图形平面 {plane} ㎡、椭球 {ellipsoid} ㎡",
            stated=f"{stated[row]:,.2f}",
            plane=f"{plane[row]:,.2f}",
            ellipsoid=f"{ellipsoid[row]:,.2f}",
        )
        found.add("area", "parcel", row, int(home[row]), why, float(difference[row]), shapes[row])


def factory_problems(
    found: Problems, factories: gpd.GeoDataFrame, parks: gpd.GeoDataFrame, tree: UnitTree, day: np.datetime64
) -> int:
    """Standing factories with a place in no park; gives the number of those that have no place and name no park."""
    if not len(factories) or not len(parks):
        return 0
    shapes, outlines = read.geometries(factories), read.geometries(parks)
    standing = ~(read.dates(factories, "demolished_on") <= day)
    placed = standing & ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    rows = np.flatnonzero(placed)
    points = shapely.point_on_surface(shapes[rows])
    inside = np.zeros(len(rows), dtype=np.bool_)
    inside[shapely.STRtree(outlines).query(points, predicate="intersects")[0]] = True
    outside = rows[~inside]
    units = tree.by_geometry(shapes[outside])
    codes = list(tree.codes)
    for row, code in zip(outside.tolist(), units, strict=True):
        unit = codes.index(code) if code is not None else -1
        found.add("factory_outside", "factory", row, unit, tr("不在任何园区内"), 0.0, shapes[row])
    known = {*read.texts(parks, "name"), *read.texts(parks, "park_id")}
    named = np.array([text in known for text in read.texts(factories, "park")], dtype=np.bool_)
    return int((standing & ~placed & ~named).sum())
