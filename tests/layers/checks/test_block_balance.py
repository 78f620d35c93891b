"""Land taken out of the block lines and put in, with areas from pyproj.Geod."""

from __future__ import annotations

import pandas as pd
import pytest

from layers.checks import block_balance
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import Policy, parse_policy
from tests.layers.checks.test_rezoning import SQUARE, geod_area, line, plot
from tests.layers.checks.world import CODES, DAY, POLICY, rectangle, table, units

SNAPSHOTS = pd.DataFrame({"name": ["a", "b"], "date": pd.to_datetime(["2023-01-01", "2024-01-01"])})
SHIQUAN = rectangle(6000, 0, 1000, 1000)


def judge(
    plots: list[dict[str, object]], lines: list[dict[str, object]], policy: Policy = POLICY
) -> CheckResult:
    tables = {"land_use": table(plots), "snapshot": SNAPSHOTS, "block_line": table(lines)}
    return block_balance.run(tables, units(), policy, CODES, DAY, None)  # type: ignore[arg-type]


def of(result: CheckResult, code: str = "610902") -> UnitResult:
    return next(item for item in result.units if item.code == code)


def swapped(width: float, back: float) -> list[dict[str, object]]:
    """In 1 km² of a block the western 500 m are industrial; ``width`` of them go, ``back`` metres come in the east."""
    return [
        plot("1001", "a", rectangle(0, 0, 500, 1000)), plot("1402", "a", rectangle(500, 0, 500, 1000)),
        plot("0701", "b", rectangle(0, 0, width, 1000)), plot("1001", "b", rectangle(width, 0, 500 - width, 1000)),
        plot("1402", "b", rectangle(500, 0, 500 - back, 1000)), plot("1001", "b", rectangle(1000 - back, 0, back, 1000)),
    ]  # fmt: skip


def test_what_is_put_in_makes_up_for_what_is_taken_out() -> None:
    """100 m go, 101 m come: + 1 000 m² in the plane; with 99 m 1 000 m² are lacking."""
    result = judge(swapped(100, 101), [line(SQUARE)])
    found = of(result)
    assert found.figures["removed"] == pytest.approx(geod_area(rectangle(0, 0, 100, 1000)), abs=0.001)
    assert found.figures["added"] == pytest.approx(geod_area(rectangle(899, 0, 101, 1000)), abs=0.001)
    assert found.figures["balance"] == pytest.approx(
        (found.figures["added"] or 0) - (found.figures["removed"] or 0)
    )
    assert found.verdict is Verdict.MET
    assert sorted(result.evidence["way"]) == ["added", "removed"]
    short = of(judge(swapped(100, 99), [line(SQUARE)]))
    assert short.verdict is Verdict.SHORT
    assert short.figures["balance"] == pytest.approx(-1_000, rel=1e-2)
    assert "欠补" in short.explanation


def test_nothing_taken_out_and_nothing_put_in_is_nothing_to_judge() -> None:
    plots = [plot("1001", "a", SQUARE), plot("100102", "b", SQUARE)]
    assert of(judge(plots, [line(SQUARE)])).verdict is Verdict.EMPTY
    assert of(judge(plots, [])).verdict is Verdict.NOT_JUDGED
    assert (
        of(judge([plot("0701", "a", SQUARE), plot("0701", "b", SQUARE)], [line(SQUARE)])).verdict
        is Verdict.EMPTY
    )


def test_land_of_another_unit_makes_up_for_nothing_and_the_city_is_told_without_that_limit() -> None:
    plots = [
        plot("1001", "a", SQUARE), plot("0701", "b", SQUARE), plot("1402", "a", SHIQUAN), plot("1001", "b", SHIQUAN),
    ]  # fmt: skip
    result = judge(plots, [line(SQUARE), line(SHIQUAN) | {"code": "L2"}])
    assert of(result).verdict is Verdict.SHORT
    assert of(result, "610922").verdict is Verdict.MET
    assert result.verdict is Verdict.SHORT
    [note] = [finding.text for finding in result.findings if "不限单元" in finding.text]
    assert "欠补" in note or "补入" in note


@pytest.mark.parametrize(("lost", "won", "verdict"), [
    ("first", "second", Verdict.SHORT), ("second", "first", Verdict.MET), ("second", "second", Verdict.MET),
])  # fmt: skip
def test_a_lower_level_makes_up_for_no_higher_one(lost: str, won: str, verdict: Verdict) -> None:
    """1 km² goes from one block, 1.2 km² come into another of the same unit."""
    other = rectangle(-3000, 0, 1200, 1000)
    plots = [
        plot("1001", "a", SQUARE),
        plot("0701", "b", SQUARE),
        plot("1402", "a", other),
        plot("1001", "b", other),
    ]
    lines = [line(SQUARE, level=lost), line(other, level=won) | {"code": "L2"}]
    found = of(judge(plots, lines))
    assert found.verdict is verdict
    if verdict is Verdict.SHORT:
        assert found.figures["balance"] == pytest.approx(-geod_area(SQUARE), abs=0.01)
        assert "级别低于" in found.explanation


def test_a_line_that_moves_takes_out_and_puts_in() -> None:
    """1.2 km of industry, a line of 1 km that moves 100 m to the east: 100 m out, 100 m in."""
    long = rectangle(0, 0, 1200, 1000)
    plots = [plot("1001", "a", long), plot("1001", "b", long)]
    lines = [line(SQUARE, None, "2023-06-01"), line(rectangle(100, 0, 1000, 1000), "2023-06-01")]
    found = of(judge(plots, lines)).figures
    assert found["removed"] == pytest.approx(geod_area(rectangle(0, 0, 100, 1000)), abs=0.001)
    assert found["added"] == pytest.approx(geod_area(rectangle(1000, 0, 100, 1000)), abs=0.001)


def test_pieces_below_the_least_size_of_the_policy_make_up_for_nothing() -> None:
    """50 m × 1 000 m come back; with a least size of 60 000 m² they do not count."""
    policy = parse_policy(POLICY.text.replace("minimum_piece = 0 ", "minimum_piece = 60000 "), "policy")
    found = of(judge(swapped(50, 51), [line(SQUARE)], policy))
    assert found.verdict is Verdict.SHORT
    assert (found.figures["added"], found.figures["small"]) == (0.0, pytest.approx(51_000, rel=1e-3))
