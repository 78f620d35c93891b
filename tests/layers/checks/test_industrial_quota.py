"""The 30 % of a year, with figures worked out by hand."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.checks import industrial_quota
from layers.checks.industrial_quota import gap, room
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import parse_policy
from tests.layers.checks.world import CODES, DAY, POLICY, rectangle, table, units


def transfer(area: float, use: str = "工业用地", **more: object) -> dict[str, object]:
    return {
        "area": area,
        "use_name": use,
        "mode": "23",
        "contract_on": "2024-03-01",
        "unit": "石泉县",
        **more,
    }


def judge(rows: list[dict[str, object]], day: dt.date = DAY, year: int | None = None) -> CheckResult:
    return industrial_quota.check(table(rows), units(), POLICY, CODES, day, year)


def city(rows: list[dict[str, object]], day: dt.date = DAY, year: int | None = None) -> UnitResult:
    found = judge(rows, day, year).city
    assert found is not None
    return found


HOUSING = "其他普通商品住房用地"


def test_exactly_thirty_percent_meets_the_quota() -> None:
    """30 000.3 of 100 001 is 30 % exactly."""
    found = city([transfer(30_000.3), transfer(70_000.7, HOUSING)])
    assert found.verdict is Verdict.MET
    assert found.figures["share"] == 30.0
    assert found.figures["gap"] == 0.0


def test_a_square_metre_less_is_short_and_the_gap_brings_it_to_thirty_percent() -> None:
    """I = 20 000, T = 100 000: (30 000 − 20 000)/0.7 = 14 285.714 m²; (20 000+x)/(100 000+x) = 0.30."""
    found = city([transfer(20_000), transfer(80_000, HOUSING)])
    assert found.verdict is Verdict.SHORT
    assert found.figures["gap"] == pytest.approx(1.4285714286)


def test_planned_land_enters_the_forecast_only() -> None:
    """Planned 50 000 housing: (0.3·150 000 − 20 000)/0.7 = 35 714.29 m² still needed."""
    plan = transfer(50_000, HOUSING, planned=True, contract_on=None)
    found = city([transfer(20_000), transfer(80_000, HOUSING), plan])
    assert found.figures["transferred"] == 10.0
    assert found.figures["forecast_gap"] == pytest.approx(3.5714286)


def test_a_quota_that_is_met_and_will_not_be_with_what_is_planned_says_what_it_takes() -> None:
    """I = 40 000 of T = 100 000 is 40 %; with 100 000 planned housing 40 000 of 200 000 is 20 %.

    (0.3·200 000 − 40 000)/0.7 = 28 571.43 m² = 2.8571 公顷 more; 10 000 planned industry lowers that to
    (0.3·210 000 − 50 000)/0.7 = 18 571.43 m².
    """
    rows = [transfer(40_000), transfer(60_000, HOUSING)]
    plan = [transfer(100_000, HOUSING, planned=True, contract_on="2024-11-01")]
    found = city([*rows, *plan])
    assert found.verdict is Verdict.MET
    assert (found.figures["gap"], found.figures["forecast_share"]) == (0.0, 20.0)
    assert found.figures["forecast_gap"] == pytest.approx(2.857142857)
    assert "20.00%" in found.explanation
    assert "2.8571 公顷" in found.explanation
    plan.append(transfer(10_000, planned=True, contract_on=None))
    assert city([*rows, *plan]).figures["forecast_gap"] == pytest.approx(1.857142857)
    assert "计划" not in city(rows).explanation


def test_planned_land_of_another_year_and_allocated_land_are_no_plan_for_this_quota() -> None:
    plan = [
        transfer(50_000, HOUSING, planned=True, contract_on="2025-02-01"),
        transfer(70_000, "公园与绿地", planned=True, mode="1", contract_on="2024-10-01"),
    ]
    found = city([transfer(20_000), transfer(80_000, HOUSING), *plan])
    assert (found.figures["planned"], found.figures["forecast_share"]) == (0.0, 20.0)


def test_allocation_and_lease_stand_apart() -> None:
    found = city([transfer(30_000), transfer(90_000, mode="1"), transfer(10_000, mode="4")])
    assert (found.figures["share"], found.figures["allocated"], found.figures["leased"]) == (100.0, 9.0, 1.0)
    assert found.figures["supply_share"] == 100.0


def test_a_year_with_no_transfer_is_empty_not_a_pass() -> None:
    assert city([transfer(30_000)], year=2023).verdict is Verdict.EMPTY
    assert city([transfer(30_000, mode="1")]).verdict is Verdict.EMPTY
    assert city([]).verdict is Verdict.NOT_JUDGED


def test_a_contract_cancelled_by_the_day_is_out_and_before_it_is_in() -> None:
    rows = [transfer(30_000, cancelled_on="2024-06-30"), transfer(70_000, HOUSING)]
    assert city(rows).figures["share"] == 0.0
    assert city(rows).figures["void"] == 3.0
    assert city(rows, dt.date(2024, 6, 29)).figures["share"] == 30.0


def test_a_supplement_is_left_out_and_listed() -> None:
    number = "6109222024B00011"
    result = judge([transfer(30_000, supervision_no=number), transfer(5_000, supervision_no=f"{number}-1")])
    assert result.city is not None
    assert result.city.figures["transferred"] == 3.0
    assert any("补充合同" in finding.text for finding in result.findings)


def test_the_main_use_of_a_mixed_contract_takes_all_and_is_flagged() -> None:
    result = judge([transfer(40_000, HOUSING, term="其他普通商品住房用地70年; 其他商服用地40年;")])
    assert result.city is not None
    assert result.city.figures["mixed"] == 4.0
    assert any("混合用途" in finding.text for finding in result.findings)


def test_stated_shares_divide_a_mixed_contract() -> None:
    """60 % of 10 ha is industrial: 6 ha."""
    assert city([transfer(100_000, "工业用地60%、仓储用地40%")]).figures["industrial"] == 6.0


def test_storage_is_broad_not_narrow() -> None:
    found = city([transfer(30_000), transfer(70_000, "仓储用地")])
    assert (found.figures["share"], found.figures["broad_share"]) == (30.0, 100.0)


def test_contracts_after_the_day_and_of_other_years_do_not_count() -> None:
    rows = [transfer(1, contract_on=day) for day in ("2023-12-31", "2024-01-01", "2024-06-30", "2024-07-01")]
    assert city(rows).figures["contracts"] == 2.0


def test_a_unit_nobody_knows_counts_for_the_city_only() -> None:
    result = judge([transfer(30_000, unit="某县")])
    assert result.city is not None
    assert result.city.figures["transferred"] == 3.0
    assert sum(item.figures["transferred"] or 0.0 for item in result.units) == 0.0


def test_a_repeated_supervision_number_counts_once() -> None:
    assert city([transfer(10_000, supervision_no="6109222024B00022")] * 2).figures["transferred"] == 1.0


def test_of_a_repeated_number_the_record_with_an_area_counts() -> None:
    number = "6109222024B00022"
    rows = [transfer(0, supervision_no=number) | {"area": None}, transfer(10_000, supervision_no=number)]
    result = judge(rows)
    assert result.city is not None
    assert result.city.figures["transferred"] == 1.0
    assert any("没有面积" in finding.text for finding in result.findings)
    assert not any("重复" in finding.text for finding in result.findings)


def test_a_transfer_in_the_committee_s_land_is_not_the_district_s() -> None:
    """The record says 汉滨区, the parcel lies in 高新区: once there, once in the city, not in 汉滨区."""
    parcel = rectangle(2500, 500, 200, 150)
    result = judge(
        [transfer(30_000, unit="汉滨区", geometry=parcel), transfer(70_000, HOUSING, unit="汉滨区")]
    )
    found = {item.code: item.figures["transferred"] for item in result.units}
    assert found == {"610902": 7.0, "610902-GX": 3.0, "610922": 0.0}
    assert {item.code: item.verdict for item in result.units} == {
        "610902": Verdict.SHORT, "610902-GX": Verdict.MET, "610922": Verdict.EMPTY,
    }  # fmt: skip
    assert result.city is not None
    assert result.city.figures["transferred"] == 10.0
    assert result.city.verdict is Verdict.MET


areas = st.integers(1, 10_000_000).map(lambda value: value / 100)


@settings(max_examples=25, deadline=None)
@given(st.lists(areas, min_size=1, max_size=5), areas)
def test_adding_an_industrial_transfer_never_lowers_the_share(other: list[float], more: float) -> None:
    rows = [transfer(area, HOUSING) for area in other] + [transfer(500.0)]
    before, after = city(rows).figures["share"], city([*rows, transfer(more)]).figures["share"]
    assert before is not None
    assert after is not None
    assert after >= before


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 1_000_000), st.data())
def test_splitting_a_transfer_changes_no_sum(area: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(1, area - 1))
    whole = city([transfer(area / 100)]).figures["industrial"]
    assert city([transfer(part / 100), transfer((area - part) / 100)]).figures["industrial"] == whole


def test_the_gap_formula_reaches_the_share_exactly() -> None:
    needed = gap(Decimal(0), Decimal(70), Decimal("0.3"))
    assert needed == 30


def test_the_real_records_of_two_years_add_up_to_the_known_share(shared_data: Path) -> None:
    """203 dated records: 48.2 % of 出让 area is industrial against 19.6 % of all supply, worked out by hand.

    The figures include a supplement whose use is the code 0601 without scheme, which is not guessed.
    """
    text = (shared_data / "formats" / "landchina_results_2018.json").read_bytes().decode("gb18030")
    decoder, found, start = json.JSONDecoder(), [], 0
    while start < len(text.rstrip()):
        rows, start = decoder.raw_decode(text, start)
        found += rows
        start += len(text[start:]) - len(text[start:].lstrip())
    records = [
        transfer(
            float(row["area"]) * 10_000, row["use"].strip(), mode=row["supply"], unit=row["district"],
            contract_on=pd.to_datetime(row["date4sign"], format="%Y年%m月%d日"),
            supervision_no=row["idnumber"], term=row["duration"],
        )
        for row in found
        if row.get("date4sign", "").strip()
    ]  # fmt: skip
    assert len(records) == 203
    policy = parse_policy(
        POLICY.text.replace("include_supplements = false", "include_supplements = true"), "policy"
    )
    industrial = sold = supplied = 0.0
    for year in (2018, 2019):
        result = industrial_quota.check(
            table(records), units(), policy, CODES, dt.date(2019, 12, 31), year
        ).city
        assert result is not None
        figures = {key: value or 0.0 for key, value in result.figures.items()}
        industrial += figures["industrial"]
        sold += figures["transferred"]
        supplied += sum(figures[key] for key in ("transferred", "allocated", "leased", "other_supply"))
    assert round(100 * industrial / sold, 1) == 48.2
    assert round(100 * industrial / supplied, 1) == 19.6


def shares(result: CheckResult, unit: str = "") -> dict[str, float | None]:
    [series] = [item for item in result.series if item.unit == unit]
    return dict(zip((day.isoformat() for day in series.days), series.values, strict=True))


def test_the_room_for_other_land_is_what_keeps_the_share_at_the_threshold() -> None:
    """I = 45 000 of T = 100 000: 45 000/0.3 = 150 000, so 50 000 m² more of other land make exactly 30 %.

    With 6 000 industry planned 51 000/0.3 − 106 000 = 64 000 m²; with 60 000 housing planned 150 000 − 160 000: none.
    """
    rows = [transfer(45_000), transfer(55_000, HOUSING)]
    found = city(rows)
    assert (found.figures["room"], found.figures["forecast_room"]) == (5.0, 5.0)
    assert "最多还可出让 5.0000 公顷" in found.explanation
    assert city([*rows, transfer(50_000, HOUSING)]).verdict is Verdict.MET
    assert city([*rows, transfer(50_000.01, HOUSING)]).verdict is Verdict.SHORT
    industry = transfer(6_000, planned=True, contract_on=None)
    housing = transfer(60_000, HOUSING, planned=True, contract_on="2024-10-01")
    assert city([*rows, industry]).figures["forecast_room"] == pytest.approx(6.4)
    assert city([*rows, housing]).figures["forecast_room"] == 0.0
    assert city([transfer(20_000), transfer(80_000, HOUSING)]).figures["room"] == 0.0
    assert room(Decimal(5), Decimal(10), Decimal(0)) is None


def test_the_share_through_the_year_changes_with_each_contract_and_each_cancellation() -> None:
    """20 000 of 20 000; then of 80 000 (25 %); the housing contract of 60 000 falls away on 1 June; 20 000 more
    housing on 30 June: 50 %. Planned on 1 September 30 000 of industry: 50 of 70, then without a day 30 000 housing.
    """
    rows = [
        transfer(20_000, contract_on="2024-02-01"),
        transfer(60_000, HOUSING, contract_on="2024-03-10", cancelled_on="2024-06-01"),
        transfer(20_000, HOUSING, contract_on="2024-06-20"),
        transfer(30_000, planned=True, contract_on="2024-09-01"),
        transfer(30_000, HOUSING, planned=True, contract_on=None),
        transfer(90_000, HOUSING, mode="1"),
        transfer(10_000, HOUSING, contract_on="2023-12-31"),
    ]
    result = judge(rows)
    assert shares(result) == pytest.approx({
        "2024-02-01": 100.0, "2024-03-10": 25.0, "2024-06-01": 100.0, "2024-06-20": 50.0, "2024-06-30": 50.0,
        "2024-09-01": 500 / 7, "2024-12-31": 50.0,
    })  # fmt: skip
    [series] = [item for item in result.series if item.unit == ""]
    assert series.forecast_from == dt.date(2024, 9, 1)
    assert shares(result)["2024-06-30"] == city(rows).figures["share"]
    assert shares(result)["2024-12-31"] == city(rows).figures["forecast_share"]
    assert shares(result, "610922") == shares(result)
    assert {item.unit for item in result.series} == {"610922", ""}


def test_a_past_year_is_told_to_its_end_and_each_value_is_what_was_judged_on_that_day() -> None:
    rows = [
        transfer(10_000, contract_on="2023-03-01"),
        transfer(30_000, HOUSING, contract_on="2023-03-01"),
        transfer(20_000, contract_on="2023-11-05", cancelled_on="2024-02-01"),
    ]
    then = shares(judge(rows, dt.date(2023, 12, 31)))
    assert then == pytest.approx({"2023-03-01": 25.0, "2023-11-05": 50.0, "2023-12-31": 50.0})
    for day, value in then.items():
        assert city(rows, dt.date.fromisoformat(day), 2023).figures["share"] == pytest.approx(value)
    assert shares(judge(rows, DAY, 2023))["2023-12-31"] == 50.0
