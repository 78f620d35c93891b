"""工业区块线 on a day: which versions are in force, what each holds alone, what a later state gives up."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.checks import tables as read

__all__ = ["Lines", "approved_codes", "in_force", "lost_land", "read_lines"]


@dataclass(frozen=True)
class Lines:
    """Block lines as parallel sequences; ``disjoint`` are the shapes without what an earlier line holds."""

    codes: list[str]
    names: list[str]
    levels: list[str]
    documented: NDArray[np.bool_]
    shapes: NDArray[np.object_]
    disjoint: NDArray[np.object_]


def in_force(frame: gpd.GeoDataFrame, day: np.datetime64) -> gpd.GeoDataFrame:
    """Lines with ``valid_from <= day < valid_to``; of one block's versions the newest (§2.1)."""
    start, end = read.dates(frame, "valid_from"), read.dates(frame, "valid_to")
    valid = (np.isnat(start) | (start <= day)) & ~(end <= day)
    newest: dict[str, int] = {}
    codes = read.texts(frame, "code")
    rank = np.where(np.isnat(start), np.datetime64("0001-01-01", "D"), start)
    for row in np.flatnonzero(valid).tolist():
        code = codes[row] or f"#{row}"
        if code not in newest or rank[row] > rank[newest[code]]:
            newest[code] = row
    return frame.iloc[sorted(newest.values())]


def read_lines(frame: gpd.GeoDataFrame) -> Lines:
    """Lines with geometry, first level first; where lines overlap the earlier one has the land."""
    shapes = read.geometries(frame)
    levels, codes = read.texts(frame, "level"), read.texts(frame, "code")
    rows = [row for row in range(len(frame)) if shapes[row] is not None and not shapes[row].is_empty]
    order = {"first": 0, "second": 1}
    rows.sort(key=lambda row: (order.get(levels[row], 2), codes[row]))
    names = read.texts(frame, "name")
    documents, approved = read.texts(frame, "doc_no"), read.dates(frame, "approved_on")
    sorted_shapes = np.array([shapes[row] for row in rows] or [None], dtype=object)[: len(rows)]
    invalid = ~shapely.is_valid(sorted_shapes)
    sorted_shapes[invalid] = shapely.make_valid(sorted_shapes[invalid])
    return Lines(
        codes=[codes[row] for row in rows],
        names=[names[row] for row in rows],
        levels=[levels[row] for row in rows],
        documented=np.array(
            [bool(documents[row]) and not np.isnat(approved[row]) for row in rows], dtype=bool
        ),
        shapes=sorted_shapes,
        disjoint=_disjoint(sorted_shapes),
    )


def _disjoint(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    alone = shapes.copy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    earlier = right < left
    for row in np.unique(left[earlier]):  # lines rarely overlap: few steps
        others = right[earlier & (left == row)]
        alone[row] = shapely.difference(shapes[row], shapely.union_all(shapes[others]))
    return alone


def lost_land(before: Lines, after: Lines) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Land of each old line that no new line holds: positions of the lines and the land."""
    left, right = shapely.STRtree(after.shapes).query(before.disjoint, predicate="intersects")
    lost = before.disjoint.copy()
    # A line that stands as it was has lost nothing.
    stands = np.zeros(len(lost), dtype=bool)
    stands[left[shapely.equals_identical(before.shapes[left], after.shapes[right])]] = True
    lost[stands] = shapely.Polygon()
    for row in np.unique(left[~stands[left]]):  # one step for each line that was moved
        lost[row] = shapely.difference(lost[row], shapely.union_all(after.shapes[right[left == row]]))
    rows = np.flatnonzero(shapely.area(lost) > 0.0)
    return rows, lost[rows]


def approved_codes(after: Lines) -> frozenset[str]:
    """Blocks whose version in force names its document and approval date."""
    return frozenset(
        code for code, known in zip(after.codes, after.documented, strict=True) if known and code
    )
