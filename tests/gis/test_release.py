"""Geometries of owners that have gone are dropped in the background, those somebody still holds stay."""

from __future__ import annotations

import sys

import numpy as np
import shapely

from gis.release import release_slowly


def test_geometries_go_once_their_owner_has_and_others_keep_theirs() -> None:
    owner = np.array(shapely.points(np.arange(30_000), 0), dtype=object)
    held, watched = owner[:10].copy(), owner[11]
    before = sys.getrefcount(watched)
    thread = release_slowly([owner])
    assert thread is not None
    assert sys.getrefcount(watched) == before + 1
    del owner
    thread.join(timeout=60)
    assert sys.getrefcount(watched) == before - 1  # neither the owner nor the thread has it
    assert [point.x for point in held] == list(range(10))


def test_few_geometries_go_with_their_owner() -> None:
    assert release_slowly([np.array(shapely.points(np.arange(10), 0), dtype=object)]) is None
