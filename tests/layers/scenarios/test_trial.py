"""Scenarios tried out on the small city: figures by hand, nothing touched, and the same after they are applied."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.checks.registry import CHECKS
from layers.checks.result import CheckResult, Verdict
from layers.editing.save import ReasonNeededError, save
from layers.project import Project
from layers.scenarios.apply import scenario_edit, splits
from layers.scenarios.changes import Build, Change, EndLease, Rezone, SetValue, StartLease, Transfer
from layers.scenarios.scenario import Scenario
from layers.scenarios.trial import Trial
from tests.layers.checks.world import CODES, DAY, POLICY, table, units
from tests.layers.editing.city import SCHEME, build, content, uuid_of
from tests.layers.scenarios.results import assert_same

HECTARE = 10_000.0


def transfer(
    area: float, *, code: str = "1001", day: dt.date = DAY, unit: str = "610902", no: str = ""
) -> Transfer:
    return Transfer(
        project="示例", unit=unit, area=area * HECTARE, scheme=SCHEME, code=code, mode="23", contract_on=day, parcel_no=no
    )  # fmt: skip


def contract(area: float, use: str, signed: str = "2024-03-01") -> dict[str, object]:
    return {
        "supervision_no": f"{area}{use}", "unit": "610902", "area": area * HECTARE, "use_name": use, "mode": "23",
        "contract_on": pd.Timestamp(signed),
    }  # fmt: skip


def quota(rows: list[dict[str, object]], day: dt.date = DAY) -> Trial:
    checks = [check for check in CHECKS if check.id == "industrial_quota"]
    return Trial({"transfer": table(rows)}, units(), POLICY, CODES, day, checks=checks)


def city(result: CheckResult, figure: str) -> float:
    assert result.city is not None
    return result.city.figures[figure] or 0.0


def of(results: list[CheckResult], check: str) -> CheckResult:
    return next(item for item in results if item.id == check)


def test_a_transfer_raises_the_share() -> None:
    """20 ha of 100 ha are 20 %; with 25 ha of industry more 45 of 125, 36 %."""
    trial = quota([contract(20, "工业用地"), contract(80, "城镇住宅用地")])
    assert city(trial.base[0], "share") == 20.0
    assert trial.base[0].verdict is Verdict.SHORT
    (result,) = trial.run(Scenario("甲", (transfer(25),)))
    assert city(result, "share") == 36.0
    assert city(result, "contracts") == 3
    assert result.verdict is Verdict.MET
    assert {item.code: item.figures["industrial"] for item in result.units} == {
        "610902": 45.0, "610902-GX": 0.0, "610922": 0.0,
    }  # fmt: skip


def test_a_transfer_counts_from_its_day_on_and_is_a_plan_before() -> None:
    """Signed on 1 July: on 30 June 20 % stay, with the plan 36 %; on 1 July it counts."""
    rows = [contract(20, "工业用地"), contract(80, "城镇住宅用地"), contract(50, "工业用地", "2022-03-01")]
    scenario = Scenario("甲", (transfer(25, day=dt.date(2024, 7, 1)),))
    (before,) = quota(rows).run(scenario)
    assert (city(before, "share"), city(before, "forecast_share")) == (20.0, 36.0)
    (after,) = quota(rows, dt.date(2024, 7, 1)).run(scenario)
    assert city(after, "share") == 36.0
    assert scenario.pending(DAY) == scenario.changes
    assert scenario.last_day == dt.date(2024, 7, 1)


def test_no_contract_of_the_year_is_told_apart_from_no_contracts() -> None:
    assert quota([]).base[0].city.verdict is Verdict.NOT_JUDGED  # type: ignore[union-attr]
    trial = quota([contract(20, "工业用地", "2022-03-01")])
    (result,) = trial.run(Scenario("甲", (transfer(1, day=dt.date(2023, 5, 1)),)))
    assert result.city is not None
    assert result.city.verdict is Verdict.EMPTY


def test_the_first_transfer_of_all_is_laid_over_an_empty_table() -> None:
    (result,) = quota([]).run(Scenario("甲", (transfer(1), transfer(3, code="0701"))))
    assert city(result, "share") == 25.0


areas = st.integers(1, 2_000).map(lambda number: number / 10)
uses = st.sampled_from(["工业用地", "城镇住宅用地", "物流仓储用地"])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(areas, uses), min_size=1, max_size=6), areas)
def test_adding_an_industrial_transfer_never_lowers_the_share(
    rows: list[tuple[float, str]], area: float
) -> None:
    trial = quota(
        [contract(size, use) | {"supervision_no": str(number)} for number, (size, use) in enumerate(rows)]
    )
    (result,) = trial.run(Scenario("甲", (transfer(area),)))
    assert city(result, "share") >= city(trial.base[0], "share")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build(tmp_path / "示例.gpkg") as made:
        yield made


def reserve(results: list[CheckResult], figure: str, unit: str = "610902") -> float:
    found = next(item for item in of(results, "factory_reserve").units if item.code == unit)
    return found.figures[figure] or 0.0


def test_halls_and_leases_change_the_reserve_and_nothing_else_runs(project: Project) -> None:
    """The building F1 has a lease of 1 000 m² without days; a hall of 5 000 m² more, of which 800 m² are let."""
    trial = Trial.of_project(project)
    vacant = reserve(trial.base, "vacant")
    lease = project.read("lease")["uuid"].iloc[0]
    hall = Build(building_id="F9", unit="610902", area=5000.0, accepted_on=DAY)
    results = trial.run(Scenario("甲", (hall,)))
    assert reserve(results, "vacant") == vacant + 5000
    assert of(results, "rezoning") is of(trial.base, "rezoning")
    assert of(results, "industrial_quota") is of(trial.base, "industrial_quota")
    let = StartLease(building_id="F9", lease_kind="lease", area=800.0, from_date=DAY)
    assert reserve(trial.run(Scenario("甲", (hall, let))), "vacant") == vacant + 4200
    late = Build(building_id="F9", unit="610902", area=5000.0, accepted_on=DAY + dt.timedelta(days=1))
    assert reserve(trial.run(Scenario("甲", (late,))), "vacant") == vacant
    ends = EndLease(uuid=lease, label="F1", last_day=DAY - dt.timedelta(days=1))
    assert reserve(trial.run(Scenario("甲", (ends,))), "let") == reserve(trial.base, "let") - 1000
    last = EndLease(uuid=lease, label="F1", last_day=DAY)
    assert reserve(trial.run(Scenario("甲", (last,))), "let") == reserve(trial.base, "let")


def test_nothing_is_touched_by_trying(project: Project) -> None:
    before, trial = content(project), Trial.of_project(project)
    entries = len(project.store.journal())
    scenario = every_change(project)
    first = trial.run(scenario)
    assert_same(trial.run(Scenario("无")), trial.base)
    assert_same(trial.run(scenario), first)
    assert content(project) == before
    assert len(project.store.journal()) == entries
    assert_same(Trial.of_project(project).base, trial.base)


def every_change(project: Project) -> Scenario:
    changes: tuple[Change, ...] = (
        transfer(12.5, no="B", code="0701"),
        transfer(3),
        Rezone(table="parcel", uuid=uuid_of(project, "parcel", "A"), label="A", scheme=SCHEME, code="0901"),
        Build(building_id="F9", unit="610922", area=5000.0, accepted_on=DAY),
        StartLease(building_id="F9", lease_kind="own_use", area=700.0, from_date=DAY),
        EndLease(uuid=project.read("lease")["uuid"].iloc[0], label="F1", last_day=dt.date(2024, 5, 31)),
        SetValue(
            table="parcel", uuid=uuid_of(project, "parcel", "B"), label="B", name="area_certified", value=9.0
        ),
    )
    return Scenario("全部", changes)


def test_applying_a_scenario_then_checking_equals_checking_the_scenario(project: Project) -> None:
    scenario = every_change(project)
    tried = Trial.of_project(project).run(scenario)
    edit = scenario_edit(project, scenario)
    with pytest.raises(ReasonNeededError):  # A and B give industrial land inside the line away
        save(project, edit)
    before = content(project)
    assert save(project, edit, reason="示例理由") is not None
    checked = project.check()
    assert_same(tried, checked, answered=True)
    # Laid over the project once more, the same changes add nothing.
    assert_same(Trial.of_project(project).run(scenario), checked)
    assert scenario_edit(project, scenario).layers["transfer"].born == []
    project.store.undo()  # one step
    assert content(project) == before


def test_a_plot_of_the_plan_can_be_tried_but_not_applied(project: Project) -> None:
    plot = project.read("land_use")["uuid"].iloc[0]
    rezone = Rezone(table="land_use", uuid=plot, label="1001", scheme=SCHEME, code="0701")
    scenario = Scenario("甲", (rezone, transfer(3)))
    assert splits(scenario, project) == ((scenario.changes[1],), (rezone,))
    assert set(scenario_edit(project, scenario).layers) == {"transfer"}


def test_a_row_that_is_gone_is_left_out_of_the_trial(project: Project) -> None:
    gone = Rezone(table="parcel", uuid="nowhere", label="?", scheme=SCHEME, code="0901")
    trial = Trial.of_project(project)
    assert_same(trial.run(Scenario("甲", (gone,))), trial.base)


def test_only_checks_that_read_a_changed_field_are_touched(project: Project) -> None:
    trial = Trial.of_project(project)
    use = Rezone(table="parcel", uuid="x", label="", scheme=SCHEME, code="0901").rows(CODES)
    assert "rezoning" in trial.touched(use)
    assert "factory_reserve" not in trial.touched(use)
