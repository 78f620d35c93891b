"""Working days of 2024, held against the State Council's notice of 25 October 2023 by hand.

2024: Spring Festival off 10–17 February, worked 4 and 18 February (Sundays); 清明 off 4–6 April, worked 7 April
(Sunday); Labour Day off 1–5 May, worked 28 April (Sunday) and 11 May (Saturday); 端午 off 10 June (Monday).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import ParkLineError
from layers.working_days import WORKING_DAYS_FILE, WorkingDays, load_working_days, working_days


def after(start: str, end: str, calendar: WorkingDays | None = None) -> int:
    found = (calendar or working_days()).after(
        np.array([start], dtype="datetime64[D]"), np.array([end], dtype="datetime64[D]")
    )
    return int(found[0])


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2024-02-02", "2024-02-19", 8),  # Sun 4 worked, 5–9, Sun 18 worked, 19
        ("2024-04-03", "2024-04-08", 2),  # Sun 7 worked, Mon 8
        ("2024-04-26", "2024-05-13", 10),  # Sun 28 worked, 29, 30; 6–10 and Sat 11 worked; Mon 13
        ("2024-06-07", "2024-06-11", 1),  # Mon 10 off
        ("2024-06-14", "2024-06-14", 0),
    ],
)
def test_days_off_and_weekends_worked_are_counted_as_announced(start: str, end: str, count: int) -> None:
    assert after(start, end) == count


def test_a_year_without_a_table_is_not_counted_and_neither_is_one_day_of_it() -> None:
    last = working_days().years[-1]
    assert after(f"{last}-12-01", f"{last}-12-31") > 0
    assert after(f"{last}-12-01", f"{last + 1}-01-04") == -1
    assert after("1990-01-01", "1990-02-01") == -1
    assert after("2024-02-02", "NaT") == -1
    assert after("2024-02-02", "2024-02-01") == -1


def test_a_gap_between_covered_years_is_seen() -> None:
    calendar = WorkingDays.from_tables({2030: (set(), set()), 2032: (set(), set())})
    assert after("2030-12-30", "2030-12-31", calendar) == 1
    assert after("2030-12-30", "2032-01-01", calendar) == -1
    assert after("2032-01-01", "2032-01-02", calendar) == 1  # 2 January 2032 is a Friday


def test_the_file_adds_a_year_and_goes_before_the_package(tmp_path: Path) -> None:
    path = tmp_path / "working_days.toml"
    path.write_text(
        '[[year]]\nyear = 2061\nholidays = ["2061-01-03", "2061-02-01/2061-02-04"]\nworkdays = ["2061-01-08"]\n'
        "[[year]]\nyear = 2024\n",
        encoding="utf-8",
    )
    calendar = load_working_days(path)
    # 2061 begins on a Saturday: Mon 3 off, 4–7 worked, Sat 8 worked.
    assert after("2061-01-01", "2061-01-09", calendar) == 5
    assert after("2061-01-31", "2061-02-04", calendar) == 0
    assert after("2024-06-07", "2024-06-11", calendar) == 2


@pytest.mark.parametrize(
    "text",
    ["year = 2061", '[[year]]\nyear = 2061\nholidays = ["2062-01-01"]', '[[year]]\nyear = 2061\nworkdays = ["2061-01-04"]', "[[year]]\nholidays = []", '[[year]]\nyear = 2061\nholidays = ["morgen"]'],
)  # fmt: skip
def test_a_faulty_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "working_days.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParkLineError) as caught:
        load_working_days(path)
    assert caught.value.file == path


def test_the_shipped_file_reads_and_the_package_covers_the_years_of_the_policy() -> None:
    assert WORKING_DAYS_FILE.is_file()
    assert {2023, 2024, 2025} <= set(working_days().years)


@given(st.dates(dt.date(2020, 1, 1), dt.date(2024, 12, 31)), st.integers(0, 400), st.integers(0, 400))
def test_days_of_two_spans_add_up(start: dt.date, first: int, second: int) -> None:
    middle = start + dt.timedelta(days=first)
    end = middle + dt.timedelta(days=second)
    if end.year <= working_days().years[-1]:
        whole = after(start.isoformat(), end.isoformat())
        assert whole == after(start.isoformat(), middle.isoformat()) + after(
            middle.isoformat(), end.isoformat()
        )
