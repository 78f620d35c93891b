"""The same finding on a later run is the same warning: new, acknowledged, resolved, found again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from gis.errors import ParkLineError
from gis.text import set_language
from layers.kept_warnings import KeptWarning, State, acknowledge, kept_rows, reconcile, record
from layers.project import Project
from layers.warning_rows import warning_rows
from tests.layers.test_late_entries import two_years

MAY, JUNE, JULY = dt.date(2025, 5, 1), dt.date(2025, 6, 1), dt.date(2025, 7, 1)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """石泉县 has 40,000 − 5,000 − 8,000 = 27,000 m² free on the last day of 2024: short of 30,000 by 3,000."""
    return Project.open(two_years(tmp_path / "年末.gpkg"))


def run(project: Project, day: dt.date = dt.date(2024, 12, 31)) -> list[KeptWarning]:
    results = project.check(["factory_reserve"], day)
    return reconcile(warning_rows(results), kept_rows(project), {"factory_reserve"})


def states(warnings: list[KeptWarning]) -> list[tuple[State, bool]]:
    return [(item.state, item.known) for item in warnings]


def test_a_warning_goes_from_new_to_acknowledged_resolved_and_reopened(project: Project) -> None:
    with project:
        assert states(run(project)) == [(State.NEW, False)]
        assert record(project, run(project), MAY)[State.NEW] == 1
        assert states(run(project)) == [(State.NEW, True)]
        acknowledge(project, run(project), "  正在收储  ", JUNE)
        [item] = run(project)
        assert (item.state, item.reason, item.acknowledged_on) == (State.ACKNOWLEDGED, "正在收储", JUNE)
        assert item.acknowledged_by == project.store.user
        assert item.first_on == MAY
        assert not item.open

        leases = project.read("lease")
        with project.transaction("ended") as transaction:
            transaction.retire("lease", list(leases.loc[leases["area"] == 8_000.0, "uuid"]))
        [item] = run(project)  # 35,000 m²
        assert (item.state, item.found) == (State.RESOLVED, False)
        record(project, run(project), JULY)
        [item] = run(project)
        assert (item.state, item.resolved_on) == (State.RESOLVED, JULY)
        assert item.reason == "正在收储"

        project.store.undo()
        project.store.undo()
        assert states(run(project)) == [(State.ACKNOWLEDGED, True)]
        project.store.redo()
        project.store.redo()
        with project.transaction("let again") as transaction:
            transaction.insert(
                "lease", leases[leases["area"] == 8_000.0].drop(columns=["uuid", "born", "retired"])
            )
        [item] = run(project)
        assert (item.state, item.found, item.open) == (State.REOPENED, True, True)


def test_other_figures_and_another_language_are_the_same_warning(project: Project) -> None:
    """The sentence holds 27,000 in one run and 26,500 in the other, Chinese and English."""
    with project:
        record(project, run(project), MAY)
        with project.transaction("more") as transaction:
            row = project.read("lease").query("area == 8000")[["uuid", "area"]]
            row["area"] = 8_500.0
            transaction.update("lease", row)
        set_language("en")
        try:
            [item] = run(project)
        finally:
            set_language("zh_CN")
        assert (item.state, item.known) == (State.NEW, True)
        assert "26,500" in item.row.text


def test_a_check_that_was_not_run_resolves_nothing(project: Project) -> None:
    with project:
        record(project, run(project), MAY)
        [item] = reconcile([], kept_rows(project), {"industrial_quota"})
        assert (item.state, item.found) == (State.NEW, False)


def test_without_a_reason_nothing_is_acknowledged(project: Project) -> None:
    with project:
        with pytest.raises(ParkLineError, match="理由"):
            acknowledge(project, run(project), "   ", MAY)
        assert kept_rows(project).empty
