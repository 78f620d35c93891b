"""Losses between any two states of plan and lines, with areas from pyproj.Geod."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from gis.errors import ParkLineError
from layers.checks import rezoning
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import Policy, parse_policy
from tests.layers.checks.test_rezoning import SQUARE, geod_area, line, plot, real
from tests.layers.checks.world import CODES, DAY, POLICY, rectangle, table, units

DAYS = {"a": "2021-01-01", "b": "2022-01-01", "c": "2023-01-01", "d": "2024-01-01"}
WEST, EAST = rectangle(0, 0, 400, 1000), rectangle(400, 0, 600, 1000)


def judge(
    plots: list[dict[str, object]],
    lines: list[dict[str, object]],
    policy: Policy = POLICY,
    day: dt.date = DAY,
    transfers: list[dict[str, object]] | None = None,
) -> CheckResult:
    names = sorted({str(item["snapshot"]) for item in plots})
    snapshots = pd.DataFrame({"name": names, "date": pd.to_datetime([DAYS[name] for name in names])})
    return rezoning.check(
        table(plots), snapshots, table(lines), units(), policy, CODES, day, transfers=table(transfers or [])
    )


def city(result: CheckResult) -> UnitResult:
    assert result.city is not None
    return result.city


def policy(**changes: str) -> Policy:
    text = POLICY.text
    for key, value in changes.items():
        old = next(row for row in text.splitlines() if row.startswith(f"{key} = "))
        text = text.replace(old, f'{key} = "{value}"', 1)
    return parse_policy(text, "policy")


def states(*codes: str, shape: object = SQUARE) -> list[dict[str, object]]:
    """One plot with these codes in the snapshots a, b, c …"""
    return [plot(code, name, shape) for name, code in zip("abcd", codes, strict=False)]  # type: ignore[arg-type]


def test_a_loss_between_older_snapshots_is_found_though_the_last_two_are_alike() -> None:
    """The western 400 m became housing from a to b; b, c and d say the same."""
    plots = states("1001", "0701", "0701", "0701", shape=WEST) + states(*["1001"] * 4, shape=EAST)
    result = judge(plots, [line(SQUARE)])
    assert real(result)["area"].sum() == pytest.approx(geod_area(WEST), abs=0.001)
    assert city(result).figures["violation"] == pytest.approx(geod_area(WEST), abs=0.001)
    assert real(result)["states"].tolist() == ["a 2021-01-01 → d 2024-06-30"]
    assert result.period == "a 2021-01-01 → d 2024-01-01"
    assert judge(plots, [line(SQUARE)], policy(snapshots="last")).verdict is Verdict.MET
    assert judge(plots, [line(SQUARE)], policy(snapshots="chain")).verdict is Verdict.SHORT


def test_land_given_back_is_lost_only_where_every_step_is_told() -> None:
    plots = states("1001", "0701", "1001", "1001")
    assert judge(plots, [line(SQUARE)]).verdict is Verdict.MET
    told = judge(plots, [line(SQUARE)], policy(snapshots="chain"))
    assert city(told).figures["violation"] == pytest.approx(geod_area(SQUARE), abs=0.001)
    assert real(told)["states"].tolist() == ["a 2021-01-01 → b 2022-01-01"]


def test_land_lost_step_by_step_counts_once_and_as_gravely_as_ever() -> None:
    """Industry, storage, shops: c → d is a violation of storage, a → d one of industry on the same land."""
    result = judge(states("1001", "1101", "1101", "0901"), [line(SQUARE)])
    assert city(result).figures["violation"] == pytest.approx(geod_area(SQUARE), abs=0.001)
    assert len(real(result)) == 1
    mild = judge(states("1001", "1001", "1101", "16"), [line(SQUARE)])
    assert city(mild).figures["note"] == pytest.approx(geod_area(SQUARE), abs=0.001)
    graver = judge(states("1001", "1101", "100101+1101", "100101+1101"), [line(SQUARE)])
    assert set(real(graver)["severity"]) == {"warn"}


def test_half_lost_early_and_all_lost_late_are_told_apart_and_add_up() -> None:
    """A → b the west, c → d the east: 1 km² in two pieces of two pairs of states."""
    plots = states("1001", "0701", "0701", "0701", shape=WEST) + states(
        "1001", "1001", "1001", "0901", shape=EAST
    )
    for mode, first in (("each", "a 2021-01-01 → d 2024-06-30"), ("chain", "a 2021-01-01 → b 2022-01-01")):
        result = judge(plots, [line(SQUARE)], policy(snapshots=mode))
        assert city(result).figures["violation"] == pytest.approx(geod_area(SQUARE), abs=0.002)
        assert sorted(real(result)["states"]) == [first, "c 2023-01-01 → d 2024-01-01"]


def test_a_line_drawn_and_moved_between_two_snapshots_protects_while_it_stands() -> None:
    """The block is drawn in March, in August it moves 5 m to the east; another block stands all the time."""
    plots = states("1001", "1001")
    lines = [
        line(rectangle(-3000, 0, 100, 100)) | {"code": "L0"},
        line(SQUARE, "2021-03-01", "2021-08-01"),
        line(rectangle(5, 0, 995, 1000), "2021-08-01"),
    ]
    result = judge(plots, lines)
    assert list(real(result)["way"]) == ["line"]
    assert real(result)["area"].sum() == pytest.approx(geod_area(rectangle(0, 0, 5, 1000)), abs=0.001)
    assert judge(plots, lines, policy(snapshots="last")).verdict is Verdict.MET
    rezoned = judge(states("1001", "0701"), lines)
    assert city(rezoned).figures["violation"] == pytest.approx(geod_area(SQUARE), abs=0.001)


def test_a_line_moved_twice_since_the_last_snapshot_loses_what_the_middle_version_held() -> None:
    """Wider by 100 m in February, back in April: the 100 m were inside and are not any more."""
    long = rectangle(0, 0, 1100, 1000)
    plots = [plot("1001", "c", long), plot("1001", "d", long)]
    lines = [
        line(SQUARE, None, "2024-02-01"), line(long, "2024-02-01", "2024-04-01"), line(SQUARE, "2024-04-01"),
    ]  # fmt: skip
    result = judge(plots, lines)
    assert real(result)["area"].sum() == pytest.approx(geod_area(rectangle(1000, 0, 100, 1000)), abs=0.001)
    assert city(judge(plots, lines, day=dt.date(2024, 3, 31))).verdict is Verdict.MET


def test_only_what_was_lost_since_the_day_of_the_policy_counts() -> None:
    """The plan of 2022 stood on 1 June 2022: the loss of 2021 is past, that of 2023 is not; so for contracts."""
    plots = states("1001", "0701", "0701", "0701", shape=WEST) + states(
        "1001", "1001", "0901", "0901", shape=EAST
    )
    result = judge(plots, [line(SQUARE)], policy(since="2022-06-01"))
    assert city(result).figures["violation"] == pytest.approx(geod_area(EAST), abs=0.001)
    assert result.period.startswith("b 2022-06-01")
    contracts = [
        {"use_name": "其他普通商品住房用地", "contract_on": day, "supervision_no": day, "geometry": shape}
        for day, shape in (("2022-05-31", WEST), ("2022-06-01", EAST))
    ]
    steady = states(*["1001"] * 4)
    signed = judge(steady, [line(SQUARE)], policy(since="2022-06-01"), transfers=contracts)
    assert city(signed).figures["violation"] == pytest.approx(geod_area(EAST), abs=0.001)
    assert city(judge(steady, [line(SQUARE)], transfers=contracts)).figures["violation"] == pytest.approx(
        geod_area(SQUARE), abs=0.002
    )


def test_a_wrong_mode_or_day_of_the_policy_is_refused() -> None:
    for key, value in (("snapshots", "all"), ("since", "2022/06/01")):
        with pytest.raises(ParkLineError) as caught:
            policy(**{key: value})
        assert key in caught.value.message
        assert caught.value.row is not None
