"""Results side by side: differences by hand, pending checks, text, and the workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from layers.checks.result import Verdict
from layers.project import Project
from layers.scenarios.changes import Build, Transfer
from layers.scenarios.comparison import ComparedLine, compared
from layers.scenarios.scenario import Scenario
from layers.scenarios.trial import Trial
from layers.scenarios.workbook import write_comparison
from tests.layers.editing.city import DAY, build

# 40 ha of industry in 100 ha sold; 60 ha of flats more make 25 % of 160 ha, the policy asks for 30 %.
HOUSING = Scenario(
    "住宅",
    (
        Transfer(
            project="示例", unit="610902", area=600_000.0, scheme="guide2023", code="0701", mode="22", contract_on=DAY
        ),
    ),
)  # fmt: skip
HALL = Scenario(
    "厂房", (Build(building_id="F9", unit="610922", area=4000.0, accepted_on=DAY + dt.timedelta(days=9)),)
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build(tmp_path / "示例.gpkg") as made:
        yield made


def line(lines: list[ComparedLine], check: str, unit: str, figure: str) -> ComparedLine:
    (found,) = [item for item in lines if (item.check, item.unit, item.figure) == (check, unit, figure)]
    return found


def test_a_difference_is_shown_with_its_sign_and_the_verdict_that_changes(project: Project) -> None:
    trial = Trial.of_project(project)
    lines = compared([trial.base, trial.run(HOUSING), trial.run(HALL)])
    share = line(lines, "industrial_quota", "", "share")
    assert [cell.value for cell in share.cells] == [40.0, 25.0, 40.0]
    assert [cell.verdict for cell in share.cells] == [Verdict.MET, Verdict.SHORT, Verdict.MET]
    assert [cell.difference for cell in share.cells] == [0.0, -15.0, 0.0]
    assert [cell.differs for cell in share.cells] == [False, True, False]
    assert share.text(0) == "√ 达标  40.00 %"
    assert share.text(1) == "× 未达标  25.00 %  ▼ 15.00 个百分点"
    sold = line(lines, "industrial_quota", "", "transferred")
    assert sold.text(1) == "160.00 公顷  ▲ 60.00 公顷"
    assert not [item for item in lines if item.figure == "leased"]  # it is the same everywhere
    assert line(compared([trial.base, trial.run(HALL)], everything=True), "industrial_quota", "", "leased")


def test_units_that_differ_are_told_from_others(project: Project) -> None:
    trial = Trial.of_project(project, DAY + dt.timedelta(days=9))
    lines = compared([trial.base, trial.run(HALL)])
    vacant = {item.unit: item for item in lines if item.check == "factory_reserve" and item.judged}
    assert {code: item.differs for code, item in vacant.items()} == {
        "610902": False, "610902-GX": False, "610922": True,
    }  # fmt: skip
    assert vacant["610922"].cells[1].difference == 4000.0


def test_a_check_that_has_not_been_run_again_is_pending(project: Project) -> None:
    trial = Trial.of_project(project)
    lines = compared([trial.base, trial.run(HOUSING, only={"factory_reserve"})])
    share = line(lines, "industrial_quota", "", "share")
    assert share.cells[1].pending
    assert share.text(1) == "…"
    assert share.differs


def test_the_workbook_has_figures_as_numbers_and_the_changes(project: Project, tmp_path: Path) -> None:
    trial = Trial.of_project(project)
    scenarios = [HOUSING, HALL]
    lines = compared([trial.base, *(trial.run(item) for item in scenarios)], everything=True)
    target = tmp_path / "比较.xlsx"
    write_comparison(target, project, lines, scenarios, DAY)
    book = openpyxl.load_workbook(target)
    figures, changes = book.worksheets
    head = [cell.value for cell in figures[5]]
    assert head[5:] == [
        "现状",
        "现状结论",
        "住宅",
        "住宅 结论",
        "住宅 变化",
        "厂房",
        "厂房 结论",
        "厂房 变化",
    ]
    rows = [[cell.value for cell in row] for row in figures.iter_rows(min_row=6)]
    (share,) = [row for row in rows if row[2] == "全市" and row[3] == "工业用地占出让比例"]
    assert share[5:11] == [40, "达标", 25, "未达标", -15, 40]
    texts = [[cell.value for cell in row] for row in changes.iter_rows(min_row=2)]
    assert [row[0] for row in texts] == ["住宅", "厂房"]
    assert [row[3] for row in texts] == ["是", "否"]
    assert HOUSING.changes[0].text == texts[0][1]
