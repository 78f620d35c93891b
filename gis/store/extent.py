"""The extent of a table, from the nodes of its R-tree instead of its rows."""

from __future__ import annotations

import heapq
import itertools
import sqlite3
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.store.base import Box
from gis.store.identifiers import quoted
from gis.store.spatial_index import index_name, node_cells

__all__ = ["current_extent", "extent_of_rows", "note_change", "whole_extent"]

_ROOT = 1
_FEW = 20_000  # rows of which the boxes are asked one by one
_PATIENCE = 50_000  # rows of the past looked at before the search gives way to a full scan


def whole_extent(connection: sqlite3.Connection, table: str) -> Box | None:
    """Extent of all row versions: the cells of the root node. None for an empty index."""
    boxes = _node(connection, index_name(table), _ROOT)[1]
    if not len(boxes):
        return None
    return (
        float(boxes[:, 0].min()),
        float(boxes[:, 2].min()),
        float(boxes[:, 1].max()),
        float(boxes[:, 3].max()),
    )


def current_extent(connection: sqlite3.Connection, table: str) -> Box | None:
    """Extent of the current rows. Without rows of the past it is read off the root node.

    Otherwise each side is found by walking the tree from its outermost node inwards until a row is current.
    """
    name = quoted(table)
    past = connection.execute(f"SELECT EXISTS (SELECT 1 FROM {name} WHERE retired IS NOT NULL)").fetchone()[0]
    if not past:
        return whole_extent(connection, table)
    current = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {name} WHERE retired IS NULL LIMIT {_FEW + 1})"
    ).fetchone()[0]
    if current > _FEW:
        sides = [_outermost(connection, table, side) for side in range(4)]
        if all(side is not None for side in sides):
            west, east, south, north = (float(side) for side in sides if side is not None)
            return west, south, east, north
    row = connection.execute(
        "SELECT min(r.minx), min(r.miny), max(r.maxx), max(r.maxy) "
        f"FROM {name} AS t CROSS JOIN {quoted(index_name(table))} AS r ON r.id = t.fid WHERE t.retired IS NULL"
    ).fetchone()
    return None if row[0] is None else (row[0], row[1], row[2], row[3])


def extent_of_rows(connection: sqlite3.Connection, table: str) -> Box | None:
    """Extent of the current rows, row by row: where the index is gone."""
    row = connection.execute(
        "SELECT min(ST_MinX(geom)), min(ST_MinY(geom)), max(ST_MaxX(geom)), max(ST_MaxY(geom)) "
        f"FROM {quoted(table)} WHERE retired IS NULL"
    ).fetchone()
    return None if row[0] is None else (row[0], row[1], row[2], row[3])


def note_change(connection: sqlite3.Connection, table: str, *, spatial: bool) -> None:
    """Bring the listed extent (of all versions, as other programs see them) and the time of change up to date."""
    box = whole_extent(connection, table) if spatial else None
    connection.execute(
        "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), min_x = "
        "coalesce(?, min_x), min_y = coalesce(?, min_y), max_x = coalesce(?, max_x), "
        "max_y = coalesce(?, max_y) WHERE table_name = ?",
        (*(box or (None, None, None, None)), table),
    )


def _outermost(connection: sqlite3.Connection, table: str, side: int) -> float | None:
    """Least min x, greatest max x, least min y or greatest max y of a current row (side 0 to 3)."""
    rtree = index_name(table)
    sign = -1.0 if side % 2 else 1.0
    depth = _depth(connection, rtree)
    statement = f"SELECT retired IS NULL FROM {quoted(table)} WHERE fid = ?"
    order = itertools.count()
    # (bound, tie break, height above the rows, node or row)
    heap: list[tuple[float, int, int, int]] = [(-np.inf, next(order), depth + 1, _ROOT)]
    looked_at = 0
    while heap and looked_at < _PATIENCE:
        bound, _tie, height, number = heapq.heappop(heap)
        if height == 0:
            looked_at += 1
            row: tuple[Any, ...] | None = connection.execute(statement, (number,)).fetchone()
            if row and row[0]:
                return sign * bound
            continue
        ids, boxes = _node(connection, rtree, number)
        for child, value in zip(ids.tolist(), (sign * boxes[:, side]).tolist(), strict=True):
            heapq.heappush(heap, (value, next(order), height - 1, child))
    return None


def _depth(connection: sqlite3.Connection, rtree: str) -> int:
    statement = f"SELECT data FROM {quoted(rtree + '_node')} WHERE nodeno = ?"
    return int.from_bytes(connection.execute(statement, (_ROOT,)).fetchone()[0][:2], "big")


def _node(
    connection: sqlite3.Connection, rtree: str, number: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    statement = f"SELECT data FROM {quoted(rtree + '_node')} WHERE nodeno = ?"
    return node_cells(connection.execute(statement, (number,)).fetchone()[0])
