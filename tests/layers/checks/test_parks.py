"""Parks: zones, leading industries and utilities of a unit, worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from gis.errors import ParkLineError
from layers.checks import park_industry, park_infrastructure, park_structure
from layers.checks.registry import Run
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import Policy, default_policy_path, parse_policy
from tests.layers.checks.world import CODES, DAY, POLICY, point, rectangle, table, units

TEXT = default_policy_path().read_text(encoding="utf-8")
READY = dict.fromkeys(("water", "power", "road", "telecom", "gas"), "connected")


def park(number: int, **more: object) -> dict[str, object]:
    """A park of 石泉县, 200 m by 100 m, the ``number``-th in a row without touching the next."""
    return {
        "park_id": f"P{number}",
        "name": f"园区{number}",
        "zone": "石泉工业集中区",
        "leading_industry": "富硒食品",
        "geometry": rectangle(6000 + 300 * number, 0, 200, 100),
        **READY,
        **more,
    }


def judge(
    run: Run,
    parks: list[dict[str, object]],
    projects: list[dict[str, object]] | None = None,
    enterprises: list[dict[str, object]] | None = None,
    policy: Policy = POLICY,
    day: dt.date = DAY,
) -> CheckResult:
    tables = {
        "park": table(parks),
        "investment": table(projects or []),
        "enterprise": table(enterprises or []),
    }
    return run(tables, units(), policy, CODES, day, None)


def shiquan(result: CheckResult) -> UnitResult:
    return next(item for item in result.units if item.code == "610922")


# --- 一县一区、一区多园 ------------------------------------------------------------------------------------


def test_one_zone_of_two_parks_meets_and_of_one_park_falls_short() -> None:
    assert shiquan(judge(park_structure.run, [park(1), park(2)])).verdict is Verdict.MET
    found = shiquan(judge(park_structure.run, [park(1)]))
    assert (found.verdict, found.figures["zones"], found.figures["fewest"]) == (Verdict.SHORT, 1.0, 1.0)


def test_two_zones_fall_short_however_many_parks_each_has() -> None:
    parks = [park(number, zone=f"开发区{number % 2}") for number in range(4)]
    found = shiquan(judge(park_structure.run, parks))
    assert (found.verdict, found.figures["zones"], found.figures["fewest"]) == (Verdict.SHORT, 2.0, 2.0)


def test_a_unit_without_a_park_falls_short_where_others_have_some_and_nobody_is_judged_without_any() -> None:
    result = judge(park_structure.run, [park(1), park(2)])
    assert next(item for item in result.units if item.code == "610902").verdict is Verdict.SHORT
    assert {item.verdict for item in judge(park_structure.run, []).units} == {Verdict.NOT_JUDGED}


def test_a_park_that_names_no_zone_leaves_the_unit_undecided_unless_there_are_too_many_zones_anyway() -> None:
    nameless = park(3, zone=None)
    assert shiquan(judge(park_structure.run, [park(1), park(2), nameless])).verdict is Verdict.NOT_JUDGED
    assert shiquan(judge(park_structure.run, [nameless])).verdict is Verdict.NOT_JUDGED
    many = [park(1), park(2, zone="另一开发区"), nameless]
    assert shiquan(judge(park_structure.run, many)).verdict is Verdict.SHORT


def test_a_park_approved_after_the_day_is_not_there_yet() -> None:
    parks = [park(1), park(2, approved_on="2024-07-01")]
    assert shiquan(judge(park_structure.run, parks)).verdict is Verdict.SHORT
    assert shiquan(judge(park_structure.run, parks, day=dt.date(2024, 7, 1))).verdict is Verdict.MET


def test_overlaps_and_land_beyond_the_unit_are_shown_with_their_pieces_and_areas() -> None:
    """Parks 2 and 3 share 50 m × 100 m; park 1 reaches 30 m (× 100 m) over the border at 5000 m east.

    On the ellipsoid plane areas shrink by some 0.02 %: 5 000 and 3 000 m² by one metre at most.
    """
    parks = [
        park(1, geometry=rectangle(4970, 0, 200, 100)),
        park(2, geometry=rectangle(6000, 0, 200, 100)),
        park(3, geometry=rectangle(6150, 0, 200, 100)),
    ]
    result = judge(park_structure.run, parks)
    found = shiquan(result)
    assert found.verdict is Verdict.MET
    assert found.figures["overlap"] == pytest.approx(5000, abs=3)
    assert found.figures["outside"] == pytest.approx(3000, abs=3)
    pieces = result.evidence[result.evidence["why"].str.contains("重叠|越出")]
    assert sorted(round(area, -1) for area in pieces.geometry.area) == [3000, 5000]
    assert len([item for item in result.findings if item.severity == "warning"]) == 2


def test_a_rim_narrower_than_the_policy_says_is_no_overlap() -> None:
    """The shipped file says 0.5 m."""
    beside = park(2, geometry=rectangle(6499.6, 0, 200, 100))
    parks = [park(1, geometry=rectangle(6300, 0, 200, 100)), beside]
    assert shiquan(judge(park_structure.run, parks)).figures["overlap"] == 0.0
    finer = parse_policy(TEXT.replace("rim_width = 0.5", "rim_width = 0.3"), "p")
    assert shiquan(judge(park_structure.run, parks, policy=finer)).figures["overlap"] == pytest.approx(
        40, abs=0.1
    )


def test_the_policy_says_how_many_parks_are_several() -> None:
    assert "value = 2 " in TEXT
    three = parse_policy(TEXT.replace("value = 2 ", "value = 3 ", 1), "p")
    assert shiquan(judge(park_structure.run, [park(1), park(2)], policy=three)).verdict is Verdict.SHORT


# --- 一园一业 ----------------------------------------------------------------------------------------------


def project(number: int, industry: str, amount: float, **more: object) -> dict[str, object]:
    return {"project_id": f"X{number}", "industry": industry, "total_investment": amount, **more}


def test_the_share_is_of_the_investment_of_the_projects_in_the_park() -> None:
    """食品制造业 counts to 富硒食品: 3000 + 500 of 3000 + 500 + 1500 = 70 %; one by place, one by name, one elsewhere."""
    projects = [
        project(1, "食品制造业", 3000, geometry=point(6350, 50)),
        project(2, "富硒食品加工", 500, park="园区1"),
        project(3, "汽车制造业", 1500, park="P1"),
        project(4, "汽车制造业", 9000, park="园区1", geometry=point(9000, 50)),
        project(5, "汽车制造业", 9000, park="园区1", signed_on="2024-07-01"),
    ]
    result = judge(park_industry.run, [park(1)], projects[:3] + projects[4:])
    found = shiquan(result)
    assert (found.verdict, found.figures["share"]) == (Verdict.MET, 70.0)
    assert "项目总投资 70.0%" in result.evidence["why"][0]
    # What lies outside the park but names it is taken at its word.
    assert shiquan(judge(park_industry.run, [park(1)], projects)).figures["projects"] == 4.0


def test_without_projects_the_share_is_of_the_enterprises_and_says_so() -> None:
    firms: list[dict[str, object]] = [{"credit_code": f"E{n}", "industry": item, "park": "园区1"} for n, item in enumerate(["食品制造业"] * 3 + ["家具制造业"])]  # fmt: skip
    result = judge(park_industry.run, [park(1)], [], firms)
    assert shiquan(result).figures["share"] == 75.0
    assert "企业数 75.0%" in result.evidence["why"][0]
    assert shiquan(judge(park_industry.run, [park(1)])).figures["share"] is None


@pytest.mark.parametrize(
    ("leading", "verdict"),
    [
        ("富硒食品", Verdict.MET),
        ("富硒食品、新型材料", Verdict.SHORT),
        ("富硒食品/富硒食品", Verdict.MET),
        (None, Verdict.SHORT),
    ],
)
def test_a_park_names_one_industry_not_two_and_not_none(leading: str | None, verdict: Verdict) -> None:
    assert shiquan(judge(park_industry.run, [park(1, leading_industry=leading)])).verdict is verdict


def test_a_least_share_in_the_policy_is_judged_and_the_share_itself_meets_it() -> None:
    projects = [
        project(1, "食品制造业", 3000, park="园区1"),
        project(2, "汽车制造业", 7000, park="园区1"),
    ]
    for least, verdict in (("0.3", Verdict.MET), ("0.31", Verdict.SHORT)):
        policy = parse_policy(TEXT.replace("least_share = 0.0 ", f"least_share = {least} "), "p")
        assert shiquan(judge(park_industry.run, [park(1)], projects, policy=policy)).verdict is verdict


def test_the_policy_says_which_division_belongs_to_which_word() -> None:
    projects = [
        project(1, "食品制造业", 3000, park="园区1"),
        project(2, "汽车制造业", 7000, park="园区1"),
    ]
    policy = parse_policy(TEXT.replace('"食品" = [', '"食品" = ["汽车制造业", '), "p")
    assert shiquan(judge(park_industry.run, [park(1)], projects, policy=policy)).figures["share"] == 100.0
    with pytest.raises(ParkLineError):
        parse_policy(TEXT.replace('"食品" = [', '"食品" = [1, '), "p")


# --- 水电路讯气 --------------------------------------------------------------------------------------------


def test_a_utility_being_built_is_missing_and_named() -> None:
    result = judge(park_infrastructure.run, [park(1), park(2, gas="building", telecom="none")])
    found = shiquan(result)
    assert (found.verdict, found.figures["missing"], found.figures["complete"]) == (Verdict.SHORT, 2.0, 1.0)
    assert (found.figures["gas"], found.figures["telecom"], found.figures["water"]) == (1.0, 1.0, 0.0)
    assert "燃气（在建）" in found.explanation


def test_a_utility_that_is_not_stated_is_no_pass() -> None:
    assert shiquan(judge(park_infrastructure.run, [park(1)])).verdict is Verdict.MET
    result = judge(park_infrastructure.run, [park(1, gas=None)])
    assert shiquan(result).verdict is Verdict.NOT_JUDGED
    assert result.findings
    short = judge(park_infrastructure.run, [park(1, gas=None, water="none")])
    assert shiquan(short).verdict is Verdict.SHORT


def test_the_policy_says_what_is_connected_and_which_utilities_count() -> None:
    parks = [park(1, gas="building", telecom="none")]
    text = TEXT.replace('connected_states = ["connected"]', 'connected_states = ["connected", "building"]')
    built = judge(park_infrastructure.run, parks, policy=parse_policy(text, "p"))
    assert shiquan(built).figures["missing"] == 1.0
    text = text.replace('utilities = ["water", "power", "road", "telecom", "gas"]', 'utilities = ["water"]')
    assert (
        shiquan(judge(park_infrastructure.run, parks, policy=parse_policy(text, "p"))).verdict is Verdict.MET
    )


def test_nobody_is_judged_without_parks_and_a_unit_without_one_is_empty() -> None:
    assert {item.verdict for item in judge(park_infrastructure.run, []).units} == {Verdict.NOT_JUDGED}
    result = judge(park_infrastructure.run, [park(1)])
    assert next(item for item in result.units if item.code == "610902").verdict is Verdict.EMPTY
