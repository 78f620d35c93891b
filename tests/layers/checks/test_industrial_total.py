"""Industrial land between two states of the plan, with areas from pyproj.Geod."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.checks import industrial_total
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import Policy, parse_policy
from tests.layers.checks.test_rezoning import SQUARE, geod_area, plot
from tests.layers.checks.world import CODES, DAY, POLICY, rectangle, table, units

DAYS = {"a": "2023-01-01", "b": "2024-01-01"}


def judge(
    plots: list[dict[str, object]],
    days: dict[str, str] | None = None,
    day: dt.date = DAY,
    year: int | None = None,
    policy: Policy = POLICY,
) -> CheckResult:
    dated = DAYS if days is None else days
    snapshots = pd.DataFrame({"name": list(dated), "date": pd.to_datetime(list(dated.values()))})
    tables = {"land_use": table(plots), "snapshot": snapshots}
    return industrial_total.run(tables, units(), policy, CODES, day, year)  # type: ignore[arg-type]


def city(result: CheckResult) -> UnitResult:
    assert result.city is not None
    return result.city


def against(which: str) -> Policy:
    text = POLICY.text.replace('compared_with = "last_year" ', f'compared_with = "{which}" ', 1)
    assert text != POLICY.text
    return parse_policy(text, "policy")


def test_gains_and_losses_are_pieces_and_add_up_to_the_change_of_the_total() -> None:
    """1 km² of industry loses its western 400 m and gains 500 m to the east: + 500 000 − 400 000 m² in the plane."""
    west, middle = rectangle(0, 0, 400, 1000), rectangle(400, 0, 600, 1000)
    east, rest = rectangle(1000, 0, 500, 1000), rectangle(1500, 0, 500, 1000)
    plots = [
        plot("1001", "a", SQUARE), plot("0701", "a", rectangle(1000, 0, 1000, 1000)),
        plot("0701", "b", west), plot("1001", "b", middle), plot("1001", "b", east), plot("0701", "b", rest),
    ]  # fmt: skip
    result = judge(plots)
    found = city(result).figures
    assert found["gained"] == pytest.approx(geod_area(east), abs=0.001)
    assert found["lost"] == pytest.approx(geod_area(west), abs=0.001)
    assert found["change"] == pytest.approx(geod_area(east) - geod_area(west), abs=0.001)
    assert found["before"] == pytest.approx(geod_area(SQUARE) / 10_000, abs=1e-6)
    assert found["after"] == pytest.approx((geod_area(middle) + geod_area(east)) / 10_000, abs=1e-6)
    assert city(result).verdict is Verdict.MET
    rows = result.evidence.set_index("way")
    assert (rows.loc["lost", "after_code"], rows.loc["gained", "before_code"]) == ("0701", "0701")
    assert rows.loc["gained", "geometry"].equals(east)
    assert rows.loc["lost", "geometry"].equals(west)


def test_land_that_did_not_change_changes_nothing_at_all() -> None:
    """Steady is met: 稳中有升. Another kind of industry is industry."""
    result = judge([plot("100101", "a", SQUARE), plot("100102", "b", SQUARE)])
    assert (city(result).figures["change"], city(result).verdict) == (0.0, Verdict.MET)
    assert len(result.evidence) == 0


@pytest.mark.parametrize(("strip", "verdict"), [(0.0009, Verdict.MET), (0.0011, Verdict.SHORT)])
def test_a_fall_within_the_tolerance_of_a_square_metre_is_steady(strip: float, verdict: Verdict) -> None:
    """1 000 m × 0.9 mm = 0.9 m² and × 1.1 mm = 1.1 m²."""
    result = judge([plot("1001", "a", SQUARE), plot("1001", "b", rectangle(strip, 0, 1000 - strip, 1000))])
    assert city(result).figures["change"] == pytest.approx(-1000 * strip, rel=1e-3)
    assert city(result).verdict is verdict


def test_land_that_only_one_state_shows_came_or_went() -> None:
    new = judge(
        [
            plot("1001", "a", SQUARE),
            plot("1001", "b", SQUARE),
            plot("1001", "b", rectangle(2000, 0, 100, 100)),
        ]
    )
    assert city(new).figures["gained"] == pytest.approx(geod_area(rectangle(2000, 0, 100, 100)), abs=0.001)
    gone = judge([plot("1001", "a", SQUARE), plot("0701", "b", rectangle(3000, 0, 100, 100))])
    assert city(gone).figures["change"] == pytest.approx(-geod_area(SQUARE), abs=0.001)
    assert gone.evidence["after_title"].iloc[0] == "无规划"


def test_of_a_mixed_use_only_its_industrial_share_counts() -> None:
    """1001 → 1001/0901 with 60 % stated: 40 % are lost; without a statement half is; back again it is gained."""
    stated = plot("1001/0901", "b", SQUARE) | {"industrial_share": 0.6}
    assert city(judge([plot("1001", "a", SQUARE), stated])).figures["lost"] == pytest.approx(
        0.4 * geod_area(SQUARE), abs=0.001
    )
    half = plot("1001/0901", "b", SQUARE)
    assert city(judge([plot("1001", "a", SQUARE), half])).figures["lost"] == pytest.approx(
        0.5 * geod_area(SQUARE), abs=0.001
    )
    back = judge([plot("1001/0901", "a", SQUARE), plot("1001", "b", SQUARE)])
    assert city(back).figures["gained"] == pytest.approx(0.5 * geod_area(SQUARE), abs=0.001)
    assert len(back.evidence) == 1


def test_units_are_judged_by_their_net_land_and_add_up_to_the_city() -> None:
    """From 1 000 m to 3 000 m east, 100 m high: half in 汉滨区, half in 高新区. 石泉县 has no industrial land."""
    shape = rectangle(1000, 500, 2000, 100)
    result = judge([plot("0701", "a", shape), plot("1001", "b", shape)])
    found = {item.code: item for item in result.units}
    assert found["610902"].figures["gained"] == pytest.approx(
        geod_area(rectangle(1000, 500, 1000, 100)), abs=0.001
    )
    assert found["610902-GX"].figures["after"] == pytest.approx(
        geod_area(rectangle(2000, 500, 1000, 100)) / 10_000, abs=1e-7
    )
    assert found["610922"].verdict is Verdict.EMPTY
    assert sum(item.figures["change"] or 0.0 for item in result.units) == pytest.approx(
        city(result).figures["change"]
    )


def test_the_policy_says_which_earlier_state_counts() -> None:
    """1 km² in 2021, half of it until May 2024, all of it again in June 2024."""
    half = rectangle(0, 0, 500, 1000)
    plots = [plot("1001", "a", SQUARE), plot("1001", "b", half), plot("1001", "c", rectangle(0, 0, 400, 1000)),
             plot("1001", "d", rectangle(0, 0, 450, 1000))]  # fmt: skip
    days = {"a": "2021-06-01", "b": "2023-12-31", "c": "2024-05-01", "d": "2024-06-30"}
    expected = {"last_year": -50_000, "previous": 50_000, "first": -550_000}
    for which, change in expected.items():
        policy = POLICY if which == "last_year" else against(which)
        assert city(judge(plots, days, policy=policy)).figures["change"] == pytest.approx(change, rel=1e-3)
    assert city(judge(plots, days, dt.date(2024, 6, 29))).figures["change"] == pytest.approx(
        -100_000, rel=1e-3
    )
    assert city(judge(plots, days, year=2023)).figures["change"] == pytest.approx(-500_000, rel=1e-3)


def test_without_two_states_nothing_is_judged() -> None:
    plots = [plot("1001", "a", SQUARE), plot("1001", "b", SQUARE)]
    for days, word in (({"a": "2023-01-01"}, "两期"), ({"a": "2022-01-01", "b": "2023-01-01"}, "没有新的"),
                       ({"a": "2024-01-01", "b": "2024-02-01"}, "2023-12-31")):  # fmt: skip
        result = judge(plots, days)
        assert {item.verdict for item in [*result.units, city(result)]} == {Verdict.NOT_JUDGED}
        assert word in city(result).explanation


def test_classes_that_the_policy_counts_as_industry_decide() -> None:
    plots = [plot("1001", "a", SQUARE), plot("1101", "b", SQUARE)]
    assert city(judge(plots)).verdict is Verdict.SHORT
    start = POLICY.text.index('id = "industrial_total"')
    text = POLICY.text[start:].replace(
        'industrial_classes = ["industrial"]', 'industrial_classes = ["industrial", "logistics"]', 1
    )
    assert (
        city(judge(plots, policy=parse_policy(POLICY.text[:start] + text, "policy"))).verdict is Verdict.MET
    )


def test_a_snapshot_that_overlaps_itself_is_told() -> None:
    plots = [
        plot("1001", "a", SQUARE),
        plot("1001", "b", SQUARE),
        plot("1001", "b", rectangle(0, 0, 500, 1000)),
    ]
    assert any("重叠" in finding.text for finding in judge(plots).findings)


@settings(max_examples=15, deadline=None)
@given(st.floats(10, 990), st.floats(10, 990))
def test_splitting_plots_changes_no_total(first: float, second: float) -> None:
    """All of it became housing but the eastern 300 m, however either state is divided."""

    def parts(code: str, snapshot: str, cut: float) -> list[dict[str, object]]:
        return [
            plot(code, snapshot, rectangle(0, 0, cut, 1000)),
            plot(code, snapshot, rectangle(cut, 0, 1000 - cut, 1000)),
        ]

    keep = min(second, 700.0)
    result = judge([
        *parts("1001", "a", first),
        plot("0701", "b", rectangle(0, 0, keep, 1000)), plot("0701", "b", rectangle(keep, 0, 700 - keep, 1000)),
        plot("1001", "b", rectangle(700, 0, 300, 1000)),
    ])  # fmt: skip
    assert city(result).figures["change"] == pytest.approx(-geod_area(rectangle(0, 0, 700, 1000)), abs=0.01)
