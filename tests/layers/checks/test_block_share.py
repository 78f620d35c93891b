"""Industrial share of each block line, with areas from pyproj.Geod."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from layers.checks import block_share
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import Policy, parse_policy
from tests.layers.checks.test_rezoning import SQUARE, geod_area, line, plot
from tests.layers.checks.world import CODES, DAY, POLICY, rectangle, table, units

SNAPSHOTS = pd.DataFrame({"name": ["a"], "date": pd.to_datetime(["2023-01-01"])})


def judge(
    plots: list[dict[str, object]],
    lines: list[dict[str, object]],
    policy: Policy = POLICY,
    day: dt.date = DAY,
) -> CheckResult:
    tables = {"land_use": table(plots), "snapshot": SNAPSHOTS, "block_line": table(lines)}
    return block_share.run(tables, units(), policy, CODES, day, None)  # type: ignore[arg-type]


def of(result: CheckResult, code: str = "610902") -> UnitResult:
    return next(item for item in result.units if item.code == code)


def test_the_whole_block_counts_below_and_land_outside_it_does_not_count() -> None:
    """Of a block of 1 km² the western 590 m are industrial, the rest is road; 500 m more industry lie outside."""
    plots = [
        plot("1001", "a", rectangle(-500, 0, 1090, 1000)),
        plot("1207", "a", rectangle(590, 0, 410, 1000)),
    ]
    result = judge(plots, [line(SQUARE)])
    industry = geod_area(rectangle(0, 0, 590, 1000))
    found = of(result)
    assert found.figures["lowest_share"] == pytest.approx(100 * industry / geod_area(SQUARE), rel=1e-8)
    assert found.figures["missing"] == pytest.approx(0.6 * geod_area(SQUARE) - industry, abs=0.01)
    assert found.figures["missing_mu"] == pytest.approx(
        (0.6 * geod_area(SQUARE) - industry) * 3 / 2000, abs=1e-4
    )
    assert found.verdict is Verdict.SHORT
    assert of(result, "610922").verdict is Verdict.EMPTY
    assert result.evidence["why"].iloc[0].startswith("工业用地占 59.")


def test_a_block_exactly_at_the_least_share_meets_it_and_a_hair_below_is_short() -> None:
    plots = [plot("1001", "a", rectangle(0, 0, 600, 1000))]
    share = of(judge(plots, [line(SQUARE)])).figures["lowest_share"]
    assert share == pytest.approx(60.0, abs=1e-3)
    for value, verdict in ((share / 100, Verdict.MET), (share / 100 + 1e-12, Verdict.SHORT)):
        policy = parse_policy(POLICY.text.replace("value = 0.60", f"value = {value!r}", 1), "policy")
        assert of(judge(plots, [line(SQUARE)], policy)).verdict is verdict


def test_each_block_is_judged_though_a_unit_has_enough_in_all() -> None:
    """L1 is wholly industrial, of L2 a half: together 75 %, and L2 is short."""
    second = rectangle(1000, 0, 1000, 1000)
    plots = [plot("1001", "a", rectangle(0, 0, 1500, 1000))]
    result = judge(plots, [line(SQUARE), line(second) | {"code": "L2", "name": "示例区块"}])
    found = of(result).figures
    assert (found["blocks"], found["short_blocks"]) == (2.0, 1.0)
    assert found["share"] == pytest.approx(75.0, abs=0.01)
    assert of(result).verdict is Verdict.SHORT
    assert "L2 示例区块" in of(result).explanation


def test_the_versions_in_force_on_the_day_and_the_levels_of_the_policy_count() -> None:
    plots = [plot("1001", "a", rectangle(0, 0, 500, 1000))]
    lines = [line(SQUARE, None, "2024-06-30"), line(rectangle(0, 0, 500, 1000), "2024-06-30")]
    assert of(judge(plots, lines)).verdict is Verdict.MET
    assert of(judge(plots, lines, day=dt.date(2024, 6, 29))).verdict is Verdict.SHORT
    first_only = parse_policy(
        POLICY.text.replace('levels = ["first", "second", "ungraded"]', 'levels = ["first"]'), "policy"
    )
    found = judge(plots, [line(SQUARE, level="second")], first_only)
    assert of(found).verdict is Verdict.EMPTY
    assert "不在判定范围" in found.evidence["why"].iloc[0]


def test_half_of_a_mixed_use_counts_and_a_policy_may_count_storage() -> None:
    """1001/0901 on all of it: 50 %; storage on all of it: 0 or 100 %."""
    assert of(judge([plot("1001/0901", "a", SQUARE)], [line(SQUARE)])).figures[
        "lowest_share"
    ] == pytest.approx(50.0)
    start = POLICY.text.index('id = "block_share"')
    text = POLICY.text[:start] + POLICY.text[start:].replace(
        'industrial_classes = ["industrial"]', 'industrial_classes = ["industrial", "logistics"]', 1
    )
    storage = [plot("1101", "a", SQUARE)]
    assert of(judge(storage, [line(SQUARE)])).figures["lowest_share"] == 0.0
    assert of(judge(storage, [line(SQUARE)], parse_policy(text, "policy"))).figures[
        "lowest_share"
    ] == pytest.approx(100.0)


def test_without_plan_or_line_nothing_is_judged() -> None:
    plots = [plot("1001", "a", SQUARE)]
    for result in (
        judge(plots, []),
        judge(plots, [line(SQUARE, "2025-01-01")]),
        judge(plots, [line(SQUARE)], day=dt.date(2022, 1, 1)),
    ):
        assert {item.verdict for item in result.units} == {Verdict.NOT_JUDGED}
