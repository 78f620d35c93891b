"""What was known on a day, what was entered later about it, and the figures of both."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from gis.errors import ParkLineError
from gis.store.earlier_state import write_earlier
from layers.late_entries import late_entries
from layers.project import Project
from tests.layers.checks.world import EPSG, rectangle, table

DAY = dt.date(2024, 12, 31)


def enter(path: Path, at: str, name: str, rows: list[dict[str, object]]) -> list[str]:
    """Rows entered at a time of our choice: the journal's clock is put back."""
    with Project.open(path) as project, project.transaction("enter") as transaction:
        uuids = transaction.insert(name, table(rows).drop(columns="uuid"))
    put_back(path, at)
    return uuids


def put_back(path: Path, at: str) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute(
            "UPDATE parkline_journal SET at = ? WHERE id = (SELECT max(id) FROM parkline_journal)", (at,)
        )


def lease(area: float, start: str) -> dict[str, object]:
    return {"building_id": "A", "kind": "lease", "area": area, "from_date": pd.Timestamp(start)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return two_years(tmp_path / "年末.gpkg")


def two_years(path: Path) -> Path:
    """石泉县 with one hall of 40,000 m²; 5,000 m² let and entered in 2024, 8,000 m² let in 2024 but entered in 2025."""
    Project.create(path, epsg=EPSG, name="年末").close()
    put_back(path, "2024-01-05T02:00:00.000Z")
    unit = {"code": "610922", "name": "石泉县", "geometry": rectangle(0, 0, 9000, 9000)}
    enter(path, "2024-01-06T02:00:00.000Z", "unit", [unit])
    hall = {
        "building_id": "A", "name": "一号", "unit": "石泉县", "gross_floor_area": 40_000.0, "state": "completed",
        "started_on": pd.Timestamp("2023-01-01"), "accepted_on": pd.Timestamp("2023-05-01"),
    }  # fmt: skip
    enter(path, "2024-01-07T02:00:00.000Z", "factory", [hall])
    enter(path, "2024-03-01T02:00:00.000Z", "lease", [lease(5_000.0, "2024-02-01")])
    enter(path, "2025-02-03T02:00:00.000Z", "lease", [lease(8_000.0, "2024-11-01")])
    enter(path, "2025-02-04T02:00:00.000Z", "lease", [lease(1_000.0, "2025-02-01")])
    return path


def vacant(project: Project, *, as_known: bool) -> float | None:
    [result] = project.check(["factory_reserve"], DAY, as_known=as_known)
    return result.units[0].figures["vacant"]


def test_a_late_entry_counts_for_its_day_but_was_not_known_on_it(path: Path) -> None:
    """40,000 − 5,000 − 8,000 = 27,000 m² stood free on the day; 40,000 − 5,000 = 35,000 m² were known to.

    The lease of February 2025 is a late event: it counts in neither.
    """
    with Project.open(path) as project:
        assert vacant(project, as_known=False) == 27_000.0
        assert vacant(project, as_known=True) == 35_000.0
        late = late_entries(project, DAY)
    assert [(item.layer, item.event, item.entered) for item in late] == [
        ("lease", dt.date(2024, 11, 1), dt.date(2025, 2, 3))
    ]


def test_the_figures_as_known_are_those_of_the_project_saved_on_that_day(path: Path) -> None:
    """The figures of 31 December are the same now as it was then, by the saved file itself."""
    earlier = path.with_name("存档.gpkg")
    with Project.open(path) as project:
        saved = project.saved_on(DAY)
        write_earlier(project.store, earlier, saved.id)
        now = project.check(None, DAY, as_known=True)
    with Project.open(earlier) as then:
        assert [result.units for result in then.check(None, DAY)] == [result.units for result in now]
        assert then.store.count("lease") == 1
        assert late_entries(then, DAY) == []


def test_a_later_edit_of_a_known_row_is_no_late_entry(path: Path) -> None:
    """A renamed hall was known on the day; as known then it has its old name."""
    with Project.open(path) as project:
        row = project.read("factory")[["uuid", "name"]]
        row["name"] = "二号"
        with project.transaction("rename") as transaction:
            transaction.update("factory", row)
    put_back(path, "2025-03-01T02:00:00.000Z")
    with Project.open(path) as project:
        assert {item.layer for item in late_entries(project, DAY)} == {"lease"}
        saved = project.saved_on(DAY).id
        assert list(project.read("factory", as_of=saved)["name"]) == ["一号"]


def test_a_day_before_the_project_is_told(path: Path) -> None:
    before = dt.date(2023, 12, 31)
    with Project.open(path) as project:
        assert late_entries(project, before) == []
        with pytest.raises(ParkLineError, match="2023-12-31"):
            project.check(None, before, as_known=True)
