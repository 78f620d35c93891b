"""Jobs off the UI thread: results, errors and cancelling arrive where they should."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.panels.status import ProgressPart
from app.tasks import Tasks
from gis.errors import ParkLineError
from gis.progress import Cancelled, Progress


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.shutdown()


def test_a_result_arrives_on_the_ui_thread(qtbot: QtBot, tasks: Tasks) -> None:
    seen: list[tuple[str, threading.Thread, threading.Thread]] = []

    def work(progress: Progress) -> threading.Thread:
        progress(0.5, "half")
        return threading.current_thread()

    tasks.run(work, lambda worker: seen.append(("done", worker, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][1] is not threading.main_thread()
    assert seen[0][2] is threading.main_thread()
    assert tasks.running == []


def test_an_error_goes_to_the_starter_or_else_to_the_signal(qtbot: QtBot, tasks: Tasks) -> None:
    def work(_progress: Progress) -> None:
        raise ParkLineError("坏文件", hint="换一个")

    own: list[Exception] = []
    tasks.run(work, lambda _: None, failed=own.append)
    qtbot.waitUntil(lambda: bool(own))
    assert isinstance(own[0], ParkLineError)
    with qtbot.waitSignal(tasks.failed) as caught:
        tasks.run(work, lambda _: None)
    assert isinstance(caught.args[0], ParkLineError)


def test_a_cancelled_job_stops_at_its_next_report_and_gives_no_result(qtbot: QtBot, tasks: Tasks) -> None:
    results: list[object] = []
    ends: list[Exception] = []

    def work(progress: Progress) -> str:
        for step in range(2000):
            progress(step / 2000, "working")
            time.sleep(0.005)
        return "too late"

    task = tasks.run(work, results.append, failed=ends.append)
    qtbot.waitUntil(lambda: task.fraction > 0)
    task.cancel()
    qtbot.waitUntil(lambda: bool(ends))
    assert isinstance(ends[0], Cancelled)
    assert results == []


def test_shutdown_waits_and_nothing_is_delivered_after_it(qtbot: QtBot) -> None:
    tasks = Tasks()
    results: list[object] = []
    finished = threading.Event()

    def work(_progress: Progress) -> str:
        time.sleep(0.1)
        finished.set()
        return "late"

    tasks.run(work, results.append)
    tasks.shutdown()
    assert finished.is_set()
    qtbot.wait(50)
    assert results == []
    assert tasks.run(work, results.append).cancelled


def test_the_progress_part_shows_the_job_and_its_button_cancels(qtbot: QtBot, tasks: Tasks) -> None:
    part = ProgressPart(tasks)
    qtbot.addWidget(part)
    ends: list[Exception] = []

    def work(progress: Progress) -> None:
        while True:
            progress(0.3, "数地块")
            time.sleep(0.01)

    tasks.run(work, lambda _: None, failed=ends.append)
    qtbot.waitUntil(lambda: part.isVisible())
    qtbot.waitUntil(lambda: part.text.text() == "数地块")
    part.cancel.click()
    qtbot.waitUntil(lambda: bool(ends))
    qtbot.waitUntil(lambda: not part.isVisible())


def test_reference_systems_survive_many_jobs(qtbot: QtBot, tasks: Tasks) -> None:
    """A pool that drops its Python thread state after each run crashes here (see app.tasks)."""
    eastings: list[float] = []

    def work(_progress: Progress) -> float:
        from pyproj import CRS, Transformer

        there = Transformer.from_crs(4490, CRS.from_epsg(4545), always_xy=True)
        return float(there.transform(108.0, 33.0)[0])

    for _ in range(40):
        tasks.run(work, eastings.append, quiet=True)
    qtbot.waitUntil(lambda: len(eastings) == 40, timeout=20_000)
    assert eastings == pytest.approx([500_000.0] * 40)  # the central meridian lies at the false easting


def test_while_jobs_are_held_back_only_the_first_runs_and_the_rest_follow(qtbot: QtBot, tasks: Tasks) -> None:
    done: list[str] = []

    def named(name: str, *, first: bool = False) -> None:
        tasks.run(lambda _progress: name, done.append, first=first)

    tasks.hold()
    named("table")
    named("history")
    named("map", first=True)
    qtbot.waitUntil(lambda: done == ["map"])
    assert len(tasks.running) == 2
    tasks.release()
    qtbot.waitUntil(lambda: not tasks.running)
    assert sorted(done) == ["history", "map", "table"]


def test_jobs_that_nobody_releases_run_all_the_same(qtbot: QtBot, tasks: Tasks) -> None:
    done: list[str] = []
    tasks.hold()
    tasks.run(lambda _progress: "table", done.append)
    qtbot.waitUntil(lambda: done == ["table"])


def test_a_job_for_later_waits_unseen_and_begins_when_its_time_has_come(qtbot: QtBot, tasks: Tasks) -> None:
    begun: list[str] = []
    task = tasks.run(lambda _progress: "checks", begun.append, after=0.2)
    assert task.waiting
    assert tasks.running == [task]
    tasks.run(lambda _progress: "table", begun.append)
    qtbot.waitUntil(lambda: begun == ["table"])
    assert task.waiting
    qtbot.waitUntil(lambda: begun == ["table", "checks"])
    assert not task.waiting


def test_a_job_for_later_that_was_cancelled_never_begins(qtbot: QtBot, tasks: Tasks) -> None:
    begun: list[str] = []
    ends: list[Exception] = []
    task = tasks.run(lambda _progress: begun.append("checks"), lambda _: None, failed=ends.append, after=0.05)
    task.cancel()
    qtbot.waitUntil(lambda: not tasks.running)
    assert begun == []
    assert [type(end) for end in ends] == [Cancelled]


def test_the_end_does_not_wait_for_a_job_for_later(qtbot: QtBot) -> None:
    begun: list[str] = []
    tasks = Tasks()
    tasks.run(lambda _progress: begun.append("checks"), lambda _: None, after=60.0)
    tasks.shutdown()
    assert begun == []
    assert tasks.running == []


def test_the_collector_of_cycles_rests_while_jobs_run(qtbot: QtBot, tasks: Tasks) -> None:
    """It holds Python's lock for as long as it goes through a job's rows, and the window stands still."""
    go_on, seen = threading.Event(), []

    def long(_progress: Progress) -> None:
        seen.append(gc.isenabled())
        go_on.wait(10)
        seen.append(gc.isenabled())

    def fails(_progress: Progress) -> None:
        seen.append(gc.isenabled())
        raise ParkLineError("坏文件")

    ends: list[object] = []
    tasks.run(long, ends.append)
    tasks.run(fails, ends.append, failed=ends.append)
    qtbot.waitUntil(lambda: len(ends) == 1)  # the one that fails, while the other one runs
    assert not gc.isenabled()
    go_on.set()
    qtbot.waitUntil(lambda: len(ends) == 2)
    assert seen == [False, False, False]
    assert gc.isenabled()
