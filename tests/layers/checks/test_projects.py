"""Projects, enterprises and approvals, with figures worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from gis.errors import ParkLineError
from layers.checks import approval_days, approval_rate, enterprises, manufacturing, project_counts
from layers.checks.registry import CHECKS, Run
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import Policy, default_policy_path, parse_policy
from layers.working_days import WorkingDays
from tests.layers.checks.world import CODES, DAY, POLICY, point, table, units

TEXT = default_policy_path().read_text(encoding="utf-8")
LEDGERS = ("investment", "project_list", "funding", "suspension", "enterprise")
Rows = list[dict[str, object]]


def judge(
    run: Run, *, policy: Policy = POLICY, day: dt.date = DAY, year: int | None = None, **rows: Rows
) -> CheckResult:
    return run({name: table(rows.get(name, [])) for name in LEDGERS}, units(), policy, CODES, day, year)


def city(
    run: Run, *, policy: Policy = POLICY, day: dt.date = DAY, year: int | None = None, **rows: Rows
) -> UnitResult:
    found = judge(run, policy=policy, day=day, year=year, **rows).city
    assert found is not None
    return found


def with_value(target: str, old: str, new: str) -> Policy:
    """The shipped policy, one line of one target changed."""
    start = TEXT.index(f'id = "{target}"')
    assert old in TEXT[start:]
    return parse_policy(TEXT[:start] + TEXT[start:].replace(old, new, 1), "p")


def listed(number: int, kind: str, **more: object) -> dict[str, object]:
    return {"project_id": f"X{number}", "list": kind, "year": 2024, "unit": "石泉县", **more}


# --- lists -----------------------------------------------------------------------------------------------


def test_the_three_hundredth_project_meets_the_reserve_and_one_less_is_one_short() -> None:
    rows = [listed(number, "reserve") for number in range(300)]
    assert city(project_counts.run_reserve, project_list=rows).verdict is Verdict.MET
    found = city(project_counts.run_reserve, project_list=rows[1:])
    assert (found.verdict, found.figures["projects"], found.figures["gap"]) == (Verdict.SHORT, 299.0, 1.0)


def test_without_the_list_of_the_year_there_is_no_verdict_however_many_projects_there_are() -> None:
    """Target 1 is of 2024 whatever year is asked for; the selection is of the year asked for."""
    rows = [listed(number, "reserve") | {"year": 2023} for number in range(400)]
    found = city(project_counts.run_reserve, project_list=rows)
    assert found.verdict is Verdict.NOT_JUDGED
    assert "项目名单" in found.explanation
    assert city(project_counts.run_reserve).verdict is Verdict.NOT_JUDGED
    chosen = [listed(number, "application") for number in range(10)]
    assert city(project_counts.run_application, project_list=chosen).verdict is Verdict.MET
    assert city(project_counts.run_application, project_list=chosen, year=2023).verdict is Verdict.NOT_JUDGED


def test_a_project_counts_once_from_its_day_until_the_day_it_is_taken_off() -> None:
    rows = [
        listed(1, "reserve"),
        listed(1, "reserve"),
        listed(2, "reserve", listed_on="2024-06-30"),
        listed(3, "reserve", listed_on="2024-07-01"),
        listed(4, "reserve", removed_on="2024-06-30"),
        listed(5, "reserve", removed_on="2024-07-01"),
        listed(6, "application"),
    ]
    result = judge(project_counts.run_reserve, project_list=rows)
    assert result.city is not None
    assert (result.city.figures["projects"], result.city.figures["removed"]) == (3.0, 1.0)
    assert any("重复" in item.text for item in result.findings)


def test_the_list_s_investment_goes_before_the_project_s_and_exactly_45_billion_are_enough() -> None:
    """4 499 999.5 + 0.5 万元 = 450 亿元; a project without any counts as nothing and is told."""
    rows = [
        listed(1, "reserve", total_investment=4_499_999.5),
        listed(2, "reserve"),
        listed(3, "reserve"),
    ]
    projects: Rows = [
        {"project_id": "X1", "total_investment": 7.0, "unit": "汉滨区"},
        {"project_id": "X2", "total_investment": 0.5, "geometry": point(2500, 500)},
    ]
    result = judge(project_counts.run_investment, project_list=rows, investment=projects)
    assert result.city is not None
    assert (result.city.verdict, result.city.figures["investment"]) == (Verdict.MET, 450.0)
    assert result.city.figures["without_amount"] == 1.0
    by_unit = {item.code: item.figures["projects"] for item in result.units}
    assert by_unit == {"610902": 1.0, "610902-GX": 1.0, "610922": 1.0}
    assert {item.verdict for item in result.units} == {Verdict.EMPTY}
    del projects[1]
    assert (
        city(project_counts.run_investment, project_list=rows, investment=projects).verdict is Verdict.SHORT
    )


def test_renewal_counts_what_was_under_way_in_the_year_or_begun_in_it_as_the_policy_says() -> None:
    def renewal(start: str | None, production: str | None = None, kind: str = "renewal") -> dict[str, object]:
        return {"kind": kind, "started_on": start, "production_on": production, "unit": "石泉县"}

    rows = [
        renewal("2023-05-01"),  # still under way
        renewal("2023-05-01", "2024-01-01"),  # in production on the first day of the year
        renewal("2023-05-01", "2023-12-31"),  # over before
        renewal("2024-06-30"),
        renewal("2024-07-01"),  # after the day
        renewal(None),
        renewal("2024-03-01", kind="new"),
    ]
    assert city(project_counts.run_renewal, investment=rows).figures["projects"] == 3.0
    begun = with_value("renewal_projects", 'counts = "under_way"', 'counts = "started"')
    assert city(project_counts.run_renewal, investment=rows, policy=begun).figures["projects"] == 1.0
    assert city(project_counts.run_renewal).verdict is Verdict.NOT_JUDGED
    assert (
        city(project_counts.run_renewal, investment=[{"started_on": "2024-01-01"}]).verdict
        is Verdict.NOT_JUDGED
    )


# --- manufacturing ---------------------------------------------------------------------------------------


def signed(amount: float, is_manufacturing: bool | None, **more: object) -> dict[str, object]:
    return {
        "kind": "new",
        "signed_on": "2024-03-01",
        "total_investment": amount,
        "is_manufacturing": is_manufacturing,
        "unit": "石泉县",
        **more,
    }


def test_exactly_thirty_five_percent_of_what_was_signed_in_the_year_meets_the_share() -> None:
    """3 500.7 of 10 002 is 35 %; what was signed earlier, later or is an expansion is not newly brought in."""
    rows = [
        signed(3_500.7, True),
        signed(6_501.3, False),
        signed(9_000, False, signed_on="2023-12-31"),
        signed(9_000, False, signed_on="2024-07-01"),
        signed(9_000, False, kind="expansion"),
    ]
    found = city(manufacturing.run_share, investment=rows)
    assert (found.verdict, found.figures["share"], found.figures["projects"]) == (Verdict.MET, 35.0, 2.0)
    rows[0]["total_investment"] = 3_500.0
    assert city(manufacturing.run_share, investment=rows).verdict is Verdict.SHORT


def test_a_project_that_does_not_say_decides_nothing_or_leaves_the_city_undecided() -> None:
    """3 000 of 10 000 certain: with 400 unknown at most 34 %, with 600 unknown at most 36 %."""
    short = [signed(3_000, True), signed(400, None), signed(6_600, False)]
    assert city(manufacturing.run_share, investment=short).verdict is Verdict.SHORT
    open_rows = [signed(3_000, True), signed(600, None), signed(6_400, False)]
    assert city(manufacturing.run_share, investment=open_rows).verdict is Verdict.NOT_JUDGED
    met = [signed(4_000, True), signed(600, None), signed(5_400, False)]
    assert city(manufacturing.run_share, investment=met).verdict is Verdict.MET


def test_a_year_without_new_projects_is_empty_and_no_projects_are_no_verdict() -> None:
    assert city(manufacturing.run_share, investment=[signed(1, True)], year=2022).verdict is Verdict.EMPTY
    assert city(manufacturing.run_share).verdict is Verdict.NOT_JUDGED
    assert (
        city(manufacturing.run_share, investment=[signed(1, True, signed_on=None)]).verdict
        is Verdict.NOT_JUDGED
    )


def paid(number: int, day: str, amount: float) -> dict[str, object]:
    return {"project_id": f"X{number}", "received_on": day, "amount": amount}


def test_growth_compares_the_same_days_of_both_years() -> None:
    """Up to 30 June: 1 150 against 1 000 is exactly 15 %; July of last year and services do not count."""
    projects = [
        signed(1, True, project_id="X1"),
        signed(1, False, project_id="X2"),
    ]
    money = [
        paid(1, "2024-01-01", 1_100),
        paid(1, "2024-06-30", 50),
        paid(1, "2024-07-01", 5_000),
        paid(1, "2023-06-30", 1_000),
        paid(1, "2023-07-01", 5_000),
        paid(2, "2023-03-01", 5_000),
        paid(9, "2023-03-01", 5_000),
    ]
    result = judge(manufacturing.run_growth, investment=projects, funding=money)
    assert result.city is not None
    assert (result.city.verdict, result.city.figures["growth"]) == (Verdict.MET, 15.0)
    assert any("不在项目图层" in item.text for item in result.findings)
    money[1]["amount"] = 49.0
    assert city(manufacturing.run_growth, investment=projects, funding=money).verdict is Verdict.SHORT


def test_growth_needs_records_of_the_year_before() -> None:
    projects = [signed(1, True, project_id="X1"), signed(1, False, project_id="X2")]
    assert city(manufacturing.run_growth, investment=projects).verdict is Verdict.NOT_JUDGED
    only = [paid(1, "2024-02-01", 10)]
    assert city(manufacturing.run_growth, investment=projects, funding=only).verdict is Verdict.NOT_JUDGED
    services = [*only, paid(2, "2023-02-01", 10)]
    assert city(manufacturing.run_growth, investment=projects, funding=services).verdict is Verdict.EMPTY


# --- enterprises -----------------------------------------------------------------------------------------


def firm(number: int, entry: str | None, leaving: str | None = None) -> dict[str, object]:
    return {
        "credit_code": f"E{number}",
        "name": f"企业{number}",
        "above_scale_from": entry,
        "above_scale_to": leaving,
        "unit": "石泉县",
    }


def test_net_growth_is_the_register_at_the_end_less_that_at_the_end_of_the_year_before() -> None:
    """102 come, one of them leaves again, one of the old leaves: 100 net, which is enough; on 29 June it is 99."""
    rows = [
        firm(0, "2020-01-01"),
        firm(1, "2020-01-01", "2024-05-01"),
        firm(2, "2024-01-10", "2024-06-30"),
        firm(3, "2024-06-30"),
        *(firm(number, "2024-01-01") for number in range(4, 104)),
    ]
    found = city(enterprises.run, enterprise=rows)
    assert (found.figures["entered"], found.figures["left"], found.figures["net"]) == (101.0, 1.0, 100.0)
    assert (found.verdict, found.figures["before"], found.figures["now"]) == (Verdict.MET, 2.0, 102.0)
    # A day earlier the one that left again is still there and the last has not come: 100 + 1 − 1 = 100.
    assert city(enterprises.run, enterprise=rows, day=dt.date(2024, 6, 29)).figures["net"] == 100.0
    assert city(enterprises.run, enterprise=rows[:-1]).verdict is Verdict.SHORT
    assert city(enterprises.run, enterprise=rows, year=2023).figures["net"] == 0.0


def test_an_enterprise_counts_once_and_without_a_register_there_is_no_verdict() -> None:
    result = judge(enterprises.run, enterprise=[firm(1, "2024-02-01"), firm(1, "2024-02-01")])
    assert result.city is not None
    assert result.city.figures["net"] == 1.0
    assert any("重复" in item.text for item in result.findings)
    assert city(enterprises.run).verdict is Verdict.NOT_JUDGED
    assert city(enterprises.run, enterprise=[firm(1, None)]).verdict is Verdict.NOT_JUDGED


# --- approvals -------------------------------------------------------------------------------------------

STEPS = ("approved_on", "planning_on", "land_on", "environment_on", "energy_on")


def approval(number: int, accepted: str, done: str | None) -> dict[str, object]:
    """Accepted, and all steps done by a day (the last of them on it) or the last not yet."""
    return {
        "project_id": f"X{number}",
        "name": f"项目{number}",
        "accepted_on": accepted,
        **dict.fromkeys(STEPS[:-1], "2024-03-15"),
        "energy_on": done,
        "unit": "石泉县",
    }


def test_the_seventieth_working_day_is_in_time_and_the_next_is_over() -> None:
    """From Friday 1 March 2024 on: 20 working days in March (4–29), 22 in April (less 4 and 5, with Sundays 7 and 28),
    21 in May (6–31 less weekends: 20, with Saturday 11), and 3–7 June make 68; 11 June is the 69th, 12 June the 70th.
    """
    found = city(approval_days.run, investment=[approval(1, "2024-03-01", "2024-06-12")])
    assert (found.verdict, found.figures["longest"]) == (Verdict.MET, 70.0)
    found = city(approval_days.run, investment=[approval(1, "2024-03-01", "2024-06-13")])
    assert (found.verdict, found.figures["over"]) == (Verdict.SHORT, 1.0)


def test_days_in_suspensions_rest_once_and_only_within_the_approval() -> None:
    """3–7 June (5) and 6–12 June (6, 7, 11, 12) overlap by two: 7 of the 71 days rest; what lies outside does not."""
    rests: Rows = [
        {"project_id": "X1", "from_date": "2024-06-03", "to_date": "2024-06-07"},
        {"project_id": "X1", "from_date": "2024-06-06", "to_date": "2024-06-12"},
        {"project_id": "X1", "from_date": "2024-02-01", "to_date": "2024-03-01"},
        {"project_id": "X1", "from_date": "2024-06-14", "to_date": None},
        {"project_id": "X2", "from_date": "2024-03-01", "to_date": None},
    ]
    rows = [approval(1, "2024-03-01", "2024-06-13")]
    found = city(approval_days.run, investment=rows, suspension=rests)
    assert (found.verdict, found.figures["longest"], found.figures["suspended"]) == (Verdict.MET, 64.0, 7.0)


def test_a_project_still_running_is_over_as_soon_as_it_has_used_up_its_days() -> None:
    """As above: 12 June is day 70, 13 June day 71; nothing done and nothing over is nothing to judge."""
    rows = [approval(1, "2024-03-01", None)]
    assert city(approval_days.run, investment=rows, day=dt.date(2024, 6, 12)).verdict is Verdict.EMPTY
    assert city(approval_days.run, investment=rows, day=dt.date(2024, 6, 13)).verdict is Verdict.SHORT
    # What is done later is not known on the day.
    later = [approval(1, "2024-03-01", "2024-06-20")]
    assert city(approval_days.run, investment=later, day=dt.date(2024, 6, 12)).figures["running"] == 1.0


def test_the_policy_says_which_steps_end_the_approval_and_which_day_is_the_first() -> None:
    rows = [approval(1, "2024-03-01", None)]
    first = with_value("approval_days", "steps = [", 'steps = ["approved_on"] # [')
    found = city(approval_days.run, investment=rows, policy=first)
    assert (found.verdict, found.figures["longest"]) == (Verdict.MET, 10.0)
    same = with_value("approval_days", 'first_day = "next"', 'first_day = "same"')
    done = [approval(1, "2024-03-01", "2024-06-12")]
    assert city(approval_days.run, investment=done, policy=same).figures["longest"] == 71.0
    with pytest.raises(ParkLineError):
        with_value("approval_days", "steps = [", 'steps = ["started_on", ')


def test_a_year_without_a_table_is_not_judged_and_says_so_unless_another_project_is_over_anyway() -> None:
    tables = {name: table([]) for name in LEDGERS}
    tables["investment"] = table([approval(1, "2024-03-01", "2024-06-01")])
    calendar = WorkingDays.from_tables({2023: (set(), set())})
    result = approval_days.judge_days(tables, units(), POLICY, DAY, None, calendar)
    assert result.city is not None
    assert (result.city.verdict, result.city.figures["unclear"]) == (Verdict.NOT_JUDGED, 1.0)
    assert any("工作日表" in item.text for item in result.findings)
    long = approval(2, "2023-01-02", "2023-12-29")
    tables["investment"] = table(
        [approval(1, "2024-03-01", "2024-06-01"), long | dict.fromkeys(STEPS, "2023-12-29")]
    )
    result = approval_days.judge_days(tables, units(), POLICY, DAY, None, calendar)
    assert result.city is not None
    assert result.city.verdict is Verdict.SHORT


def test_a_step_before_acceptance_is_an_error_of_the_data_not_a_pass() -> None:
    rows = [approval(1, "2024-05-01", "2024-04-01") | dict.fromkeys(STEPS, "2024-04-01")]
    result = judge(approval_days.run, investment=rows)
    assert result.city is not None
    assert result.city.verdict is Verdict.NOT_JUDGED
    assert any("早于受理" in item.text for item in result.findings)
    assert city(approval_days.run).verdict is Verdict.NOT_JUDGED


MAIN = ("planning_on", "land_on", "environment_on", "energy_on")


def key_project(number: int, day: str | None, **more: object) -> dict[str, object]:
    return {"project_id": f"X{number}", "unit": "石泉县", **dict.fromkeys(MAIN, day), **more}


def test_all_procedures_by_the_last_day_of_june_are_a_hundred_percent_and_a_day_later_is_not() -> None:
    lists = [listed(1, "key"), listed(2, "key")]
    projects = [key_project(1, "2024-06-30"), key_project(2, "2024-03-01")]
    late = dt.date(2024, 9, 1)
    assert city(approval_rate.run, project_list=lists, investment=projects, day=late).verdict is Verdict.MET
    projects[0]["energy_on"] = "2024-07-01"
    found = city(approval_rate.run, project_list=lists, investment=projects, day=late)
    assert (found.verdict, found.figures["rate"], found.figures["rate_now"]) == (Verdict.SHORT, 50.0, 100.0)
    assert found.figures["energy_on"] == 1.0


def test_a_procedure_that_is_not_needed_is_not_lacking() -> None:
    projects = [key_project(1, "2024-05-01", energy_on=None)]
    needing = [listed(1, "key")]
    assert city(approval_rate.run, project_list=needing, investment=projects).verdict is Verdict.SHORT
    free = [listed(1, "key", exempt="能评、安评")]
    result = judge(approval_rate.run, project_list=free, investment=projects)
    assert result.city is not None
    assert result.city.verdict is Verdict.MET
    assert any("安评" in item.text for item in result.findings)


def test_before_the_date_nothing_is_judged_and_a_project_nobody_knows_is_no_pass() -> None:
    lists = [listed(1, "key"), listed(2, "key")]
    projects = [key_project(1, "2024-05-01"), key_project(2, None)]
    early = dt.date(2024, 6, 29)
    assert (
        city(approval_rate.run, project_list=lists, investment=projects, day=early).verdict is Verdict.EMPTY
    )
    assert city(approval_rate.run, project_list=lists, investment=projects).verdict is Verdict.SHORT
    known = projects[:1]
    assert city(approval_rate.run, project_list=lists, investment=known).verdict is Verdict.NOT_JUDGED
    assert city(approval_rate.run, investment=known).verdict is Verdict.NOT_JUDGED
    sooner = with_value("approval_rate", 'deadline = "06-30"', 'deadline = "04-30"')
    assert (
        city(approval_rate.run, project_list=lists[:1], investment=known, policy=sooner).verdict
        is Verdict.SHORT
    )


def test_a_policy_without_parameters_still_opens_and_is_read_as_the_shipped_one() -> None:
    """Projects made before these checks carry the targets as quotations only."""
    lines = TEXT[: TEXT.index('id = "enterprises_above_scale"')]
    old = """id = "enterprises_above_scale"
clause = "第五条"
quotation = "每年净增100户以上规上企业并稳定在库"
operator = ">="
value = 100
unit = "户"
scope = "city"
period = "calendar_year"
"""
    policy = parse_policy(lines + old, "p")
    found = city(enterprises.run, enterprise=[firm(1, "2024-02-01")], policy=policy)
    assert (found.verdict, found.figures["net"]) == (Verdict.SHORT, 1.0)


def test_nothing_is_ever_met_without_data() -> None:
    """Every check of projects, enterprises and approvals on an empty project."""
    mine = {"project_reserve", "project_investment", "renewal_projects", "industrialisation_projects",
            "manufacturing_share", "manufacturing_growth", "enterprises_above_scale", "approval_days", "approval_rate"}  # fmt: skip
    chosen = [check for check in CHECKS if check.id in mine]
    assert len(chosen) == len(mine)
    for check in chosen:
        result = judge(check.run)
        assert result.verdict is Verdict.NOT_JUDGED, check.id
        assert result.city is not None
        assert "导入" in result.city.explanation, check.id
