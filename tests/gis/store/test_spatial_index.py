"""The R-tree as we write it ourselves, judged by SQLite's ``rtreecheck`` and by plain comparison."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from gis.store.extent import whole_extent
from gis.store.spatial_index import fill, index_name, node_cells, register_functions

SIZES = [1, 2, 50, 51, 52, 102, 2600, 2601, 2602, 20_000]


def index(count: int, seed: int = 1) -> tuple[sqlite3.Connection, np.ndarray]:
    connection = sqlite3.connect(":memory:")
    register_functions(connection)
    connection.execute(f"CREATE VIRTUAL TABLE {index_name('t')} USING rtree(id, minx, maxx, miny, maxy)")
    random = np.random.default_rng(seed)
    low = random.uniform([5e5, 3.5e6], [6e5, 3.7e6], (count, 2))
    high = low + random.uniform(0, 300, (count, 2))
    boxes = np.stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]], axis=1)
    fill(connection, "t", np.arange(1, count + 1, dtype=np.int64) * 3, boxes)
    return connection, boxes


@pytest.mark.parametrize("count", SIZES)
def test_packed_trees_are_sound_at_every_size(count: int) -> None:
    """51 cells a node: sizes around one, two and three levels."""
    connection, boxes = index(count)
    with closing(connection):
        assert connection.execute(f"SELECT rtreecheck('{index_name('t')}')").fetchone() == ("ok",)
        assert connection.execute(f"SELECT count(*) FROM {index_name('t')}").fetchone() == (count,)
        extent = whole_extent(connection, "t")
        assert extent is not None
        assert extent[0] <= boxes[:, 0].min() < extent[0] + 1
        assert extent[3] - 1 < boxes[:, 3].max() <= extent[3]


def test_a_packed_tree_finds_what_a_plain_comparison_finds() -> None:
    connection, boxes = index(20_000)
    with closing(connection):
        for west, south, size in [(5.2e5, 3.55e6, 5e3), (5.9e5, 3.69e6, 2e4), (0, 0, 1e7), (0, 0, 1)]:
            found = {
                row[0]
                for row in connection.execute(
                    f"SELECT id FROM {index_name('t')} WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?",
                    (west, west + size, south, south + size),
                )
            }
            hit = (boxes[:, 1] >= west) & (boxes[:, 0] <= west + size)
            hit &= (boxes[:, 3] >= south) & (boxes[:, 2] <= south + size)
            expected = set(((np.flatnonzero(hit) + 1) * 3).tolist())
            assert expected <= found
            assert len(found - expected) <= 1  # rounding outward may bring a box that ends just short


def test_a_packed_tree_takes_further_rows_and_loses_them() -> None:
    connection, _boxes = index(3_000)
    with closing(connection):
        connection.execute(f"DELETE FROM {index_name('t')} WHERE id % 2 = 0")
        connection.executemany(
            f"INSERT INTO {index_name('t')} VALUES (?, ?, ?, ?, ?)",
            [(100_000 + i, 5e5 + i, 5e5 + i + 1, 3.5e6, 3.5e6 + 1) for i in range(1_000)],
        )
        assert connection.execute(f"SELECT rtreecheck('{index_name('t')}')").fetchone() == ("ok",)
        assert connection.execute(f"SELECT count(*) FROM {index_name('t')}").fetchone() == (2_500,)


def test_single_precision_boxes_hold_the_double_precision_ones() -> None:
    connection, boxes = index(51)
    with closing(connection):
        data = connection.execute(f"SELECT data FROM {index_name('t')}_node WHERE nodeno = 1").fetchone()[0]
        ids, cells = node_cells(data)
        stored = cells[np.argsort(ids)]
        assert (stored[:, ::2] <= boxes[:, ::2]).all()
        assert (stored[:, 1::2] >= boxes[:, 1::2]).all()
        assert np.abs(stored - boxes).max() <= 0.25  # spacing of single precision at 3.6 million metres
