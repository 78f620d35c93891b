"""The R-tree of a geometry column: its triggers, its SQL functions, and how it is filled in bulk.

Triggers after OGC 12-128r19 (GeoPackage 1.4), annex F.3, whose corrected update triggers also stand up to an
upsert. Filling an empty index writes packed nodes
straight into the R-tree's shadow tables, as GDAL does since 3.8; ``rtreecheck`` accepts the result.
"""

from __future__ import annotations

import sqlite3

import numpy as np
from numpy.typing import NDArray

from gis.store.blob import HEADER, OWN_FLAGS, envelope, is_empty
from gis.store.identifiers import quoted

__all__ = [
    "NODE_LENGTH",
    "create_index",
    "create_triggers",
    "drop_triggers",
    "fill",
    "index_name",
    "node_cells",
    "rebuild",
    "register_functions",
    "stored_boxes",
]

_TRIGGERS = ("insert", "update2", "update4", "update5", "update6", "update7", "delete")
_CELL = np.dtype([("id", ">i8"), ("box", ">f4", (4,))])  # min x, max x, min y, max y
_CELLS = 51  # RTREE_MAXCELLS of SQLite
NODE_LENGTH = 4 + _CELLS * _CELL.itemsize


def index_name(table: str) -> str:
    """Name of the R-tree over the ``geom`` column of a table."""
    return f"rtree_{table}_geom"


def register_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the triggers call."""
    connection.create_function("ST_IsEmpty", 1, is_empty, deterministic=True)
    for position, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")):

        def bound(blob: bytes | None, at: int = position) -> float | None:
            box = envelope(blob)
            return None if box is None else box[at]

        connection.create_function(name, 1, bound, deterministic=True)


def create_index(connection: sqlite3.Connection, table: str) -> None:
    """Create the empty R-tree, its triggers and its entry in gpkg_extensions."""
    connection.execute(
        f"CREATE VIRTUAL TABLE {quoted(index_name(table))} USING rtree(id, minx, maxx, miny, maxy)"
    )
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', "
        "'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        (table,),
    )
    create_triggers(connection, table)


def create_triggers(connection: sqlite3.Connection, table: str) -> None:
    """Create the triggers that keep the index right whoever writes."""
    rtree, name = quoted(index_name(table)), quoted(table)
    box = "ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)"
    put = f"INTO {rtree} VALUES (NEW.fid, {box});"
    filled, void = (
        "(NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))",
        "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))",
    )
    was_filled, was_void = filled.replace("NEW", "OLD"), void.replace("NEW", "OLD")
    bodies = {
        "insert": f"AFTER INSERT ON {name} WHEN {filled} BEGIN INSERT OR REPLACE {put} END",
        "update2": f"AFTER UPDATE OF geom ON {name} WHEN OLD.fid = NEW.fid AND {void} "
        f"BEGIN DELETE FROM {rtree} WHERE id = OLD.fid; END",
        "update4": f"AFTER UPDATE ON {name} WHEN OLD.fid != NEW.fid AND {void} "
        f"BEGIN DELETE FROM {rtree} WHERE id IN (OLD.fid, NEW.fid); END",
        "update5": f"AFTER UPDATE ON {name} WHEN OLD.fid != NEW.fid AND {filled} "
        f"BEGIN DELETE FROM {rtree} WHERE id = OLD.fid; INSERT OR REPLACE {put} END",
        "update6": f"AFTER UPDATE OF geom ON {name} WHEN OLD.fid = NEW.fid AND {filled} AND {was_filled} "
        f"BEGIN UPDATE {rtree} SET minx = ST_MinX(NEW.geom), maxx = ST_MaxX(NEW.geom), "
        "miny = ST_MinY(NEW.geom), maxy = ST_MaxY(NEW.geom) WHERE id = NEW.fid; END",
        "update7": f"AFTER UPDATE OF geom ON {name} WHEN OLD.fid = NEW.fid AND {filled} AND {was_void} "
        f"BEGIN INSERT {put} END",
        "delete": f"AFTER DELETE ON {name} WHEN OLD.geom NOT NULL "
        f"BEGIN DELETE FROM {rtree} WHERE id = OLD.fid; END",
    }
    for suffix in _TRIGGERS:
        connection.execute(f"CREATE TRIGGER {quoted(f'{index_name(table)}_{suffix}')} {bodies[suffix]}")


def drop_triggers(connection: sqlite3.Connection, table: str) -> None:
    """Drop the triggers for a bulk write, inside the same transaction that creates them again."""
    for suffix in _TRIGGERS:
        connection.execute(f"DROP TRIGGER {quoted(f'{index_name(table)}_{suffix}')}")


def fill(
    connection: sqlite3.Connection, table: str, fids: NDArray[np.int64], boxes: NDArray[np.float64]
) -> None:
    """Enter many rows: ``boxes`` is (n, 4) as min x, max x, min y, max y, in the store's plane."""
    rtree = index_name(table)
    empty = connection.execute(f"SELECT NOT EXISTS (SELECT 1 FROM {quoted(rtree + '_rowid')})").fetchone()[0]
    if len(fids) == 0:
        return
    if not empty or _node_length(connection, rtree) != NODE_LENGTH:
        rows = zip(fids.tolist(), *boxes.T.tolist(), strict=True)
        connection.executemany(f"INSERT INTO {quoted(rtree)} VALUES (?, ?, ?, ?, ?)", rows)
        return
    _write_packed(connection, rtree, fids, boxes)


def rebuild(connection: sqlite3.Connection, table: str) -> None:
    """Write the whole index anew from the stored geometries."""
    fids, boxes = stored_boxes(connection, table)
    rtree = index_name(table)
    if _node_length(connection, rtree) != NODE_LENGTH:
        connection.execute(f"DELETE FROM {quoted(rtree)}")
        fill(connection, table, fids, boxes)
        return
    for suffix in ("_node", "_rowid", "_parent"):
        connection.execute(f"DELETE FROM {quoted(rtree + suffix)}")
    _write_packed(connection, rtree, fids, boxes)


def stored_boxes(
    connection: sqlite3.Connection, table: str, first_fid: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Fids and boxes (n, 4) of the rows with a geometry, from ``first_fid`` on, out of the blobs' headers."""
    rows = connection.execute(
        f"SELECT fid, substr(geom, 1, {HEADER}) FROM {quoted(table)} WHERE fid >= ? AND geom NOTNULL "
        "AND NOT ST_IsEmpty(geom)",
        (first_fid,),
    ).fetchall()
    fids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    boxes = np.empty((len(rows), 4), dtype=np.float64)
    own = np.fromiter((row[1][3] == OWN_FLAGS for row in rows), dtype=bool, count=len(rows))
    heads = b"".join(row[1][8:] for row, mine in zip(rows, own.tolist(), strict=True) if mine)
    boxes[own] = np.frombuffer(heads, dtype="<f8").reshape(-1, 4)
    for position in np.flatnonzero(~own).tolist():  # written by another program: few, and each in its own way
        statement = f"SELECT geom FROM {quoted(table)} WHERE fid = ?"
        boxes[position] = envelope(connection.execute(statement, (int(fids[position]),)).fetchone()[0])
    return fids, boxes


def _node_length(connection: sqlite3.Connection, rtree: str) -> int:
    row = connection.execute(
        f"SELECT length(data) FROM {quoted(rtree + '_node')} WHERE nodeno = 1"
    ).fetchone()
    return int(row[0]) if row else 0


def _write_packed(
    connection: sqlite3.Connection, rtree: str, fids: NDArray[np.int64], boxes: NDArray[np.float64]
) -> None:
    """Sort-tile-recursive packing: leaves along strips of x, sorted by y in each, then level by level."""
    order = _tile_order(boxes)
    ids, outward = fids[order], _rounded_outward(boxes[order])
    levels: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = [(ids, outward)]
    while len(levels[-1][0]) > _CELLS:
        child_boxes = levels[-1][1]
        starts = np.arange(0, len(child_boxes), _CELLS)
        merged = np.empty((len(starts), 4), dtype=np.float32)
        for column, reduce in enumerate((np.minimum, np.maximum, np.minimum, np.maximum)):
            merged[:, column] = reduce.reduceat(child_boxes[:, column], starts)
        levels.append((np.zeros(len(starts), dtype=np.int64), merged))
    # The root is node 1; below it, numbers run on level by level towards the leaves.
    depth = len(levels) - 1
    counts = [-(-len(level[0]) // _CELLS) for level in levels]  # nodes that hold the cells of a level
    first = [0] * len(levels)
    number = 1
    for level in range(depth, -1, -1):
        first[level] = number
        number += counts[level]
    connection.execute(f"DELETE FROM {quoted(rtree + '_node')}")
    for level in range(depth, -1, -1):
        cell_ids, cell_boxes = levels[level]
        if level > 0:
            cell_ids = first[level - 1] + np.arange(len(cell_ids), dtype=np.int64)
        nodes = _node_blobs(cell_ids, cell_boxes, depth if level == depth else 0)
        numbers = first[level] + np.arange(counts[level])
        connection.executemany(
            f"INSERT INTO {quoted(rtree + '_node')} (nodeno, data) VALUES (?, ?)",
            zip(numbers.tolist(), nodes, strict=True),
        )
        owners = first[level] + np.arange(len(cell_ids)) // _CELLS
        if level > 0:
            connection.executemany(
                f"INSERT INTO {quoted(rtree + '_parent')} (nodeno, parentnode) VALUES (?, ?)",
                zip(cell_ids.tolist(), owners.tolist(), strict=True),
            )
        else:
            by_id = np.argsort(cell_ids, kind="stable")
            connection.executemany(
                f"INSERT INTO {quoted(rtree + '_rowid')} (rowid, nodeno) VALUES (?, ?)",
                zip(cell_ids[by_id].tolist(), owners[by_id].tolist(), strict=True),
            )


def _tile_order(boxes: NDArray[np.float64]) -> NDArray[np.int64]:
    centre_x, centre_y = boxes[:, 0] + boxes[:, 1], boxes[:, 2] + boxes[:, 3]
    leaves = max(1, -(-len(boxes) // _CELLS))
    strip_length = _CELLS * max(1, int(np.ceil(np.sqrt(leaves))))
    by_x = np.argsort(centre_x, kind="stable")
    strip = np.empty(len(boxes), dtype=np.int64)
    strip[by_x] = np.arange(len(boxes)) // strip_length
    return np.lexsort((centre_y, strip)).astype(np.int64)


def _rounded_outward(boxes: NDArray[np.float64]) -> NDArray[np.float32]:
    """Single-precision boxes that still hold the double-precision ones."""
    single = boxes.astype(np.float32)
    low = np.where(
        single[:, ::2] > boxes[:, ::2], np.nextafter(single[:, ::2], np.float32(-np.inf)), single[:, ::2]
    )
    high = np.where(
        single[:, 1::2] < boxes[:, 1::2], np.nextafter(single[:, 1::2], np.float32(np.inf)), single[:, 1::2]
    )
    return np.stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]], axis=1).astype(np.float32)


def node_cells(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Ids and boxes (n, 4: min x, max x, min y, max y) of a node image."""
    count = int.from_bytes(data[2:4], "big")
    cells = np.frombuffer(data, dtype=_CELL, count=count, offset=4)
    return cells["id"].astype(np.int64), cells["box"].astype(np.float64)


def _node_blobs(ids: NDArray[np.int64], boxes: NDArray[np.float32], depth: int) -> list[bytes]:
    """Node images: depth (root only) and cell count as big-endian 16 bit, then the cells, zero-filled."""
    nodes = -(-len(ids) // _CELLS)
    cells = np.zeros(nodes * _CELLS, dtype=_CELL)
    cells["id"][: len(ids)] = ids
    cells["box"][: len(ids)] = boxes
    body = cells.tobytes()
    width = _CELLS * _CELL.itemsize
    last = len(ids) - (nodes - 1) * _CELLS
    return [
        depth.to_bytes(2, "big")
        + (_CELLS if node < nodes - 1 else last).to_bytes(2, "big")
        + body[node * width : (node + 1) * width]
        for node in range(nodes)
    ]
