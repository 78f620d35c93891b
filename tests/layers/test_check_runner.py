"""Many checks at a time: the results in order, the first error, and no further check after a cancel."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, cast

import pytest

from gis.errors import ParkLineError
from gis.progress import Cancelled, silent
from layers.check_runner import run_all
from layers.checks.registry import CHECKS, Check
from layers.checks.result import CheckResult

SOME = [replace(CHECKS[0], id=str(number)) for number in range(12)]


def named(check: Check) -> CheckResult:
    return cast("CheckResult", f"result {check.id}")


def test_results_come_in_the_order_of_the_checks() -> None:
    assert run_all(SOME, named, silent) == [f"result {number}" for number in range(12)]
    assert run_all([], named, silent) == []


def test_an_error_of_a_check_is_raised_and_leaves_the_next_run_alone() -> None:
    def run(check: Check) -> CheckResult:
        if check.id == "7":
            raise ParkLineError("七")
        return named(check)

    with pytest.raises(ParkLineError, match="七"):
        run_all(SOME, run, silent)
    assert len(run_all(SOME, named, silent)) == len(SOME)


def test_after_a_cancel_no_further_check_begins_and_none_is_left_running() -> None:
    go_on, begun, ended = threading.Event(), [], []

    def run(check: Check) -> CheckResult:
        begun.append(check.id)
        assert go_on.wait(30)
        ended.append(check.id)
        return named(check)

    def progress(_fraction: float, _message: str) -> None:
        if begun:
            go_on.set()
            raise Cancelled

    with pytest.raises(Cancelled):
        run_all(SOME, run, progress)
    assert sorted(begun) == sorted(ended)
    assert len(begun) < len(SOME)


def test_progress_is_told_from_the_calling_thread() -> None:
    told: list[Any] = []
    run_all(SOME, named, lambda fraction, _message: told.append((threading.get_ident(), fraction)))
    assert {thread for thread, _ in told} <= {threading.get_ident()}
    assert [fraction for _, fraction in told] == sorted(fraction for _, fraction in told)
