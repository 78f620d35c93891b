"""Low and idle land, with days and areas worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from layers.checks import low_use
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import Policy, default_policy_path, parse_policy
from tests.layers.checks.world import CODES, DAY, POLICY, table, units

TEXT = default_policy_path().read_text(encoding="utf-8")
HECTARE: dict[str, object] = {
    "unit": "石泉县",
    "parcel_no": "A",
    "area_certified": 10_000.0,
    "contract_on": "2020-01-01",
}
BUILT: dict[str, object] = {**HECTARE, "actual_finish": "2022-01-01", "production_review_on": "2023-01-01"}


def judge(*rows: dict[str, object], day: dt.date = DAY, policy: Policy = POLICY) -> CheckResult:
    return low_use.run({"parcel": table(list(rows))}, units(), policy, CODES, day)


def of(result: CheckResult) -> UnitResult:
    return next(item for item in result.units if item.code == "610922")


def test_land_is_idle_more_than_a_year_after_the_agreed_start() -> None:
    """Agreed for 2023-06-30: on 30 June 2024 a year is over, but not more; the day after it is idle: 367 days."""
    row = {**HECTARE, "agreed_start": "2023-06-30"}
    assert of(judge(row)).verdict is Verdict.MET
    result = judge(row, day=dt.date(2024, 7, 1))
    assert of(result).figures["idle"] == pytest.approx(15.0)  # mu of a hectare
    assert "已过 367 天未动工" in result.evidence["why"].iloc[0]
    assert of(judge({**row, "actual_start": "2024-07-01"}, day=dt.date(2024, 7, 1))).verdict is Verdict.MET


def test_without_an_agreed_start_the_hand_over_counts() -> None:
    assert of(judge({**HECTARE, "handover_on": "2023-06-29"})).figures["parcels"] == 1.0


def test_begun_land_is_low_long_after_the_agreed_completion() -> None:
    row = {
        **HECTARE,
        "agreed_start": "2020-06-01",
        "actual_start": "2020-06-01",
        "agreed_finish": "2023-06-29",
    }
    found = of(judge(row))
    assert (found.figures["unfinished"], found.figures["idle"]) == (pytest.approx(15.0), 0.0)
    assert of(judge({**row, "agreed_finish": "2023-06-30"})).verdict is Verdict.MET
    assert of(judge({**row, "actual_finish": "2024-06-30"})).verdict is Verdict.MET


def test_a_share_of_the_requirement_itself_is_not_low_and_the_policy_sets_it() -> None:
    """60 % of 12 = 7.2 of tax a mu: 7.2 is enough, 7.1 is 59.2 % of the requirement."""
    row = {**BUILT, "tax_per_mu_required": 12.0, "tax_per_mu_actual": 7.2}
    assert of(judge(row)).verdict is Verdict.MET
    result = judge({**row, "tax_per_mu_actual": 7.1})
    assert of(result).figures["below"] == pytest.approx(15.0)
    assert "仅为要求的 59.2%" in result.evidence["why"].iloc[0]
    stricter = parse_policy(TEXT.replace("tax_per_mu = 0.6", "tax_per_mu = 0.7", 1), "p")
    assert of(judge(row, policy=stricter)).verdict is Verdict.SHORT


def test_what_the_floor_area_ratio_still_allows_makes_a_candidate() -> None:
    """Far 0.6 of 1.0 on a hectare: 0.4 · 10 000 = 4 000 m² could still be built."""
    found = of(judge({**BUILT, "far_required": 1.0, "far_actual": 0.6}))
    assert (found.figures["second_use"], found.figures["second_floor"]) == (1.0, 4000.0)


def test_a_parcel_with_two_reasons_counts_once_in_the_total() -> None:
    result = judge({**BUILT, "far_required": 1.0, "far_actual": 0.6, "invest_intensity_required": 200.0,
                    "invest_intensity_actual": 100.0})  # fmt: skip
    assert (of(result).figures["parcels"], of(result).figures["area"]) == (1.0, pytest.approx(15.0))
    assert result.evidence["why"].iloc[0].count("仅为要求的") == 2


def test_a_figure_of_production_is_not_known_before_its_review_and_nothing_is_judged_without_data() -> None:
    row = {**BUILT, "production_review_on": None, "tax_per_mu_required": 12.0, "tax_per_mu_actual": 1.0}
    assert of(judge(row)).verdict in (Verdict.EMPTY, Verdict.NOT_JUDGED)
    assert {item.verdict for item in judge().units} == {Verdict.NOT_JUDGED}
