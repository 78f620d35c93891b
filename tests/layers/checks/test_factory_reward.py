"""Floors that satisfy the conditions of the construction reward, with ratios worked out by hand.

The shipped conditions: 2 000 ㎡ and two storeys a building, a floor-area ratio of 1.0 on its parcel.
"""

from __future__ import annotations

import datetime as dt

import pytest

from gis.errors import ParkLineError
from layers.checks import factory_reward
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import Policy, parse_policy
from tests.layers.checks.test_rezoning import geod_area
from tests.layers.checks.world import DAY, POLICY, rectangle, table, units


def hall(number: str, area: float | None, **more: object) -> dict[str, object]:
    return {
        "building_id": number, "gross_floor_area": area, "floors": 3, "storey_height": 6.0, "parcel_no": "P1",
        "state": "completed", "accepted_on": "2023-05-01", "unit": "石泉县", **more,
    }  # fmt: skip


def parcel(number: str, area: float | None, **more: object) -> dict[str, object]:
    return {"parcel_no": number, "area_certified": area, **more}


def judge(
    halls: list[dict[str, object]],
    parcels: list[dict[str, object]],
    policy: Policy = POLICY,
    day: dt.date = DAY,
) -> CheckResult:
    return factory_reward.check(table(halls), table(parcels), units(), policy, day)


def of(result: CheckResult, code: str = "610922") -> UnitResult:
    return next(item for item in result.units if item.code == code)


def with_value(old: str, new: str) -> Policy:
    assert old in POLICY.text
    return parse_policy(POLICY.text.replace(old, new, 1), "policy")


def test_a_building_exactly_at_every_condition_qualifies() -> None:
    """2 000 ㎡ on two floors, on a parcel of 2 000 ㎡: ratio 1.0 exactly."""
    found = of(judge([hall("A", 2_000.0, floors=2)], [parcel("P1", 2_000.0)]))
    assert (found.verdict, found.figures["qualifying"], found.figures["buildings"]) == (
        Verdict.MET,
        2_000.0,
        1.0,
    )


def test_each_condition_that_fails_is_named_and_the_ratio_is_of_the_whole_parcel() -> None:
    """P1 of 6 000 ㎡ holds 4 000 + 1 999 = 5 999 ㎡, ratio 0.99983: neither qualifies; with 1 ㎡ more A does."""
    short = judge([hall("A", 4_000), hall("B", 1_999)], [parcel("P1", 6_000)])
    assert of(short).figures["qualifying"] == 0.0
    assert of(short).verdict is Verdict.EMPTY
    assert "容积率" in short.evidence["why"].iloc[0]
    assert "面积不足 2,000 ㎡" in short.evidence["why"].iloc[1]
    enough = judge([hall("A", 4_001), hall("B", 1_999)], [parcel("P1", 6_000)])
    assert (of(enough).figures["qualifying"], of(enough).figures["small"]) == (4_001.0, 1_999.0)
    flat = judge([hall("A", 9_000, floors=1)], [parcel("P1", 6_000)])
    assert (of(flat).figures["qualifying"], of(flat).figures["wasteful"]) == (0.0, 9_000.0)


def test_a_storey_over_eight_metres_counts_double_and_one_of_eight_does_not() -> None:
    """3 000 of 6 000 ㎡ is 0.5; doubled 1.0."""
    for height, good in ((8.0, 0.0), (8.01, 3_000.0)):
        found = of(judge([hall("A", 3_000, storey_height=height)], [parcel("P1", 6_000)]))
        assert found.figures["qualifying"] == good


def test_without_a_certified_area_the_ellipsoidal_one_of_the_parcel_counts() -> None:
    """60 m × 50 m: 3 000 ㎡ in the plane and a little less on the ellipsoid, so 3 000 ㎡ of floors suffice."""
    shape = rectangle(6000, 0, 60, 50)
    result = judge([hall("A", 3_000)], [parcel("P1", None, geometry=shape)])
    assert of(result).figures["qualifying"] == 3_000.0
    assert result.evidence["far"].iloc[0] == pytest.approx(3_000.0 / geod_area(shape), rel=1e-9)


def test_what_is_not_known_is_not_judged_and_never_qualifies() -> None:
    for lacking in (hall("A", 3_000, floors=None), hall("A", 3_000, parcel_no="P9"), hall("A", None)):
        result = judge([lacking], [parcel("P1", 1_000)])
        assert of(result).verdict is Verdict.NOT_JUDGED
        assert (of(result).figures["qualifying"], of(result).figures["buildings"]) == (0.0, 0.0)
        assert any("未判定" in finding.text for finding in result.findings)
    small = judge([hall("A", 1_000, floors=None)], [parcel("P1", 1_000)])  # fails whatever the floors are
    assert (of(small).verdict, of(small).figures["small"]) == (Verdict.EMPTY, 1_000.0)
    assert of(judge([], [])).verdict is Verdict.NOT_JUDGED


def test_only_what_stood_accepted_on_the_day_counts() -> None:
    """Accepted on 30 June 2024 itself: of this year. Accepted in July or demolished by the day: not."""
    halls = [
        hall("A", 3_000, accepted_on="2024-06-30"), hall("B", 3_000, accepted_on="2024-07-01"),
        hall("C", 3_000, demolished_on="2024-06-30", state="demolished"), hall("D", 3_000),
    ]  # fmt: skip
    found = of(judge(halls, [parcel("P1", 3_000)]))
    assert (found.figures["qualifying"], found.figures["qualifying_year"]) == (6_000.0, 3_000.0)
    before = of(judge(halls, [parcel("P1", 3_000)], day=dt.date(2024, 6, 29)))
    assert before.figures["qualifying"] == 6_000.0  # C and D; A not yet


def test_the_policy_s_conditions_decide_and_a_wrong_one_is_refused() -> None:
    halls, parcels = [hall("A", 3_000, floors=1)], [parcel("P1", 6_000)]
    assert of(judge(halls, parcels)).figures["qualifying"] == 0.0
    lenient = with_value("minimum_floors = 2 ", "minimum_floors = 0 ").text
    lenient = lenient.replace("minimum_floor_area_ratio = 1.0", "minimum_floor_area_ratio = 0.5")
    assert of(judge(halls, parcels, parse_policy(lenient, "policy"))).figures["qualifying"] == 3_000.0
    demanding = POLICY.text.replace(
        "value = 0                                    # 0: nothing", "value = 1 #", 1
    )
    assert of(judge(halls, parcels, parse_policy(demanding, "policy"))).verdict is Verdict.SHORT
    with pytest.raises(ParkLineError) as caught:
        with_value("minimum_floors = 2 ", "minimum_floors = -2 ")
    assert "minimum_floors" in caught.value.message
