"""What is worked out once for all checks of a run."""

from __future__ import annotations

import gc
import threading
import weakref

import geopandas as gpd
import pytest

from layers.checks import shared


def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"uuid": ["a"]}, geometry=[None], crs=4545)


def test_the_same_table_and_question_are_worked_out_once() -> None:
    table, made = frame(), []

    def make() -> int:
        made.append(1)
        return len(made)

    tree, other = object(), object()
    assert [shared.once(table, "homes", make, tree) for _ in range(3)] == [1, 1, 1]
    assert shared.once(table, "homes", make, other) == 2
    assert shared.once(table, "areas", make, tree) == 3
    assert shared.once(frame(), "homes", make, tree) == 4
    assert shared.known(table, "homes", tree) == 1
    assert shared.known(table, "homes") is shared.known(frame(), "homes", tree) is None


def test_it_goes_with_the_table() -> None:
    table = frame()
    gone = weakref.ref(shared.once(table, "rows", frame))
    gc.collect()
    assert gone() is not None
    del table
    gc.collect()
    assert gone() is None


def test_what_failed_is_tried_again() -> None:
    table = frame()
    with pytest.raises(ZeroDivisionError):
        shared.once(table, "share", lambda: 1 / 0)
    assert shared.known(table, "share") is None
    assert shared.once(table, "share", lambda: 0.5) == 0.5


def test_two_threads_wait_for_one_result() -> None:
    table, begun, go_on, found = frame(), threading.Event(), threading.Event(), []

    def slowly() -> object:
        begun.set()
        assert go_on.wait(10)
        return object()

    def ask() -> None:
        found.append(shared.once(table, "slow", slowly))

    threads = [threading.Thread(target=ask)]
    threads[0].start()
    assert begun.wait(10)
    assert shared.known(table, "slow") is None
    threads.append(threading.Thread(target=ask))
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert len(found) == 2
    assert found[0] is found[1]
