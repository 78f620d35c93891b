"""Parcels and contracts that give planned industrial land to another use: figures by hand and by pyproj.Geod."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry.base import BaseGeometry

from layers.checks import rezoning
from layers.checks.result import CheckResult, Verdict
from tests.layers.checks.test_rezoning import SNAPSHOTS, SQUARE, geod_area, line, plot, real
from tests.layers.checks.world import CODES, POLICY, rectangle, table, units

PLAN = [plot("1001", "a", SQUARE), plot("1001", "b", SQUARE)]
LINES = [line(SQUARE)]


def parcel(number: str, code: str, east: float, width: float, **more: object) -> dict[str, object]:
    """A strip of the square, 1 000 m high."""
    return {
        "parcel_no": number,
        "land_use_code": code,
        "land_use_scheme": "guide2023",
        "geometry": rectangle(east, 0, width, 1000),
        "uuid": f"uuid-{number}",
        **more,
    }


def contract(number: str, use: str, signed: str | None, **more: object) -> dict[str, object]:
    return {
        "supervision_no": number,
        "use_name": use,
        "contract_on": pd.Timestamp(signed) if signed else pd.NaT,
        "uuid": f"uuid-{number}",
        **more,
    }


def judge(
    parcels: list[dict[str, object]] | None = None,
    transfers: list[dict[str, object]] | None = None,
    *,
    plots: list[dict[str, object]] | None = None,
    lines: list[dict[str, object]] | None = None,
    count: int = 2,
    lineage: pd.DataFrame | None = None,
    warnings: gpd.GeoDataFrame | None = None,
) -> CheckResult:
    return rezoning.check(
        table(PLAN if plots is None else plots),
        SNAPSHOTS[:count],
        table(LINES if lines is None else lines),
        units(),
        POLICY,
        CODES,
        dt.date(2024, 6, 30),
        parcels=table(parcels or []),
        transfers=table(transfers or []),
        lineage=lineage,
        warnings=warnings,
    )


def city(result: CheckResult, figure: str) -> float:
    assert result.city is not None
    return result.city.figures[figure] or 0.0


def test_a_parcel_coded_otherwise_than_planned_loses_its_part_inside_the_line() -> None:
    """300 m × 1 000 m coded 0701, the line holds the western 1 000 m: of x from 900 to 1 200 the first 100 m."""
    plan = [plot("1001", name, rectangle(0, 0, 1500, 1000)) for name in "ab"]
    result = judge([parcel("P1", "0701", 900, 300), parcel("P2", "100101", 0, 900)], plots=plan)
    pieces = real(result)
    assert list(pieces["way"]) == ["parcel"]
    assert pieces.area.sum() == pytest.approx(100_000.0)
    assert pieces["area"].sum() == pytest.approx(geod_area(rectangle(900, 0, 100, 1000)), abs=0.001)
    row = pieces.iloc[0]
    assert (row["table"], row["uuid"], row["subject"], row["severity"]) == (
        "parcel",
        "uuid-P1",
        "P1",
        "violation",
    )
    assert (row["before_code"], row["after_code"], row["line"]) == ("1001", "0701", "L1")
    assert row["share"] == pytest.approx(0.1, rel=1e-4)
    assert city(result, "recoded") == pytest.approx(row["area"])
    assert city(result, "violation") == pytest.approx(row["area"])
    assert result.verdict is Verdict.SHORT


@pytest.mark.parametrize(
    ("code", "severity"), [("0804", "review"), ("1101", "note"), ("16", "note"), ("100101+0701", "violation")]
)
def test_the_matrix_decides_for_parcels_too(code: str, severity: str) -> None:
    assert list(real(judge([parcel("P1", code, 0, 10)]))["severity"]) == [severity]


def test_industry_on_land_planned_for_logistics_or_mixed_use_takes_nothing_from_industry() -> None:
    for planned in ("110101", "1001/0901"):
        plots = [plot(planned, name, SQUARE) for name in "ab"]
        assert real(judge([parcel("P1", "100101", 0, 1000)], plots=plots)).empty


@pytest.mark.parametrize("turned", [False, True])
def test_each_plot_is_held_against_its_own_share_of_industry(turned: bool) -> None:
    """Two plots 1001/0901/0701 of which 20 % and 80 % are to be industry; both parcels are 1001/0901, half of it industry.

    Only the second loses any, whichever plot stands first.
    """
    halves = [
        plot("1001/0901/0701", name, rectangle(500 * at, 0, 500, 1000)) | {"industrial_share": share}
        for name in "ab"
        for at, share in enumerate((0.2, 0.8))
    ]
    parcels = [parcel(f"P{at}", "1001/0901", 500 * at, 500) for at in range(2)]
    rows = slice(None, None, -1 if turned else 1)
    pieces = real(judge(parcels[rows], plots=halves[rows]))
    assert list(zip(pieces["subject"], pieces["severity"], strict=True)) == [("P1", "warn")]


def test_a_part_of_a_split_parcel_is_told_as_such() -> None:
    lineage = pd.DataFrame(
        {
            "layer": ["parcel"],
            "operation": ["split"],
            "child": ["uuid-P-2"],
            "parent": ["old"],
            "parent_no": ["P"],
        }
    )
    parcels = [parcel("P-1", "100101", 0, 400), parcel("P-2", "0901", 400, 200)]
    assert list(real(judge(parcels, lineage=lineage))["way"]) == ["split"]


def test_a_two_metre_strip_along_three_kilometres_is_land_and_twenty_centimetres_are_a_sliver() -> None:
    long = rectangle(0, 0, 3000, 500)
    plan = [plot("1001", name, long) for name in "ab"]
    for width, sliver in ((2.0, False), (0.2, True)):
        strip = parcel("P1", "0901", 0, 1) | {"geometry": rectangle(0, 0, 3000, width)}
        result = judge([strip], plots=plan, lines=[line(long)])
        assert set(result.evidence["sliver"]) == {sliver}
        assert result.evidence["area"].sum() == pytest.approx(3000 * width, rel=1e-3)
        assert city(result, "violation") == pytest.approx(0.0 if sliver else 6_000.0, rel=1e-3)


def test_a_code_without_its_scheme_is_not_guessed_but_told() -> None:
    result = judge([parcel("P1", "0701", 0, 10, land_use_scheme=None)])
    assert real(result).empty
    assert any("没有分类标准" in finding.text for finding in result.findings)


def test_a_parcel_that_has_only_the_name_of_its_use_is_judged_by_it() -> None:
    named = parcel("P1", "", 0, 10, land_use_scheme=None, land_use_name="其他普通商品住房用地")
    assert list(real(judge([named]))["after_class"]) == ["residential"]
    assert real(judge([parcel("P2", "", 0, 10, land_use_scheme=None)])).empty


def test_with_one_snapshot_a_recoded_parcel_is_a_violation_and_an_honest_one_no_pass() -> None:
    plan = [plot("1001", "a", SQUARE)]
    assert judge([parcel("P1", "0701", 0, 10)], plots=plan, count=1).verdict is Verdict.SHORT
    assert judge([parcel("P1", "1001", 0, 10)], plots=plan, count=1).verdict is Verdict.NOT_JUDGED


def test_a_contract_for_flats_on_planned_industrial_land_is_found_by_its_outline() -> None:
    """200 m × 1 000 m inside, by pyproj.Geod."""
    shape = rectangle(100, 0, 200, 1000)
    result = judge(transfers=[contract("T1", "其他普通商品住房用地", "2024-03-01", geometry=shape)])
    pieces = real(result)
    assert list(pieces["way"]) == ["transfer"]
    assert (pieces.iloc[0]["table"], pieces.iloc[0]["uuid"], pieces.iloc[0]["subject"]) == (
        "transfer",
        "uuid-T1",
        "T1",
    )
    assert city(result, "transferred") == pytest.approx(geod_area(shape), abs=0.001)
    assert city(result, "industrial_lost") == pytest.approx(geod_area(shape), abs=0.001)


def test_a_contract_without_outline_is_found_by_its_parcel_and_by_what_became_of_it() -> None:
    """The parcel A is gone: split into A-1 and A-2, A-2 again into A-2-1; 100 m and 50 m are left of it."""
    sold = [contract("T1", "其他商服用地", "2024-03-01", parcel_no="A")]
    whole = real(judge([parcel("A", "100101", 0, 150)], sold))
    assert whole.area.sum() == pytest.approx(150_000.0)
    lineage = pd.DataFrame(
        {
            "layer": "parcel",
            "operation": "split",
            "parent": ["uuid-A", "uuid-A", "uuid-A-2"],
            "parent_no": ["A", "A", "A-2"],
            "child": ["uuid-A-1", "uuid-A-2", "uuid-A-2-1"],
        }
    )
    parcels = [parcel("A-1", "100101", 0, 100), parcel("A-2-1", "100101", 100, 50)]
    assert real(judge(parcels, sold, lineage=lineage)).area.sum() == pytest.approx(150_000.0)
    lost = judge(parcels, sold)
    assert real(lost).empty
    assert any("既无图形也无对应地块" in finding.text for finding in lost.findings)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, True),
        ({"cancelled_on": pd.Timestamp("2024-05-01")}, False),
        ({"cancelled_on": pd.Timestamp("2024-12-01")}, True),
        ({"contract_on": pd.Timestamp("2024-07-01")}, False),
        ({"contract_on": pd.NaT}, True),
        ({"contract_on": pd.NaT, "planned": True}, False),
        ({"contract_on": pd.Timestamp("2022-12-31")}, False),
        ({"use_name": "工业用地"}, False),
        ({"use_name": "工业用地", "term": "工业用地50年; 其他商服用地40年"}, True),
    ],
)
def test_only_contracts_in_force_and_of_a_planned_day_count(more: dict[str, object], found: bool) -> None:
    """As of 2024-06-30; the first plan is of 2023-01-01, so a contract of 2022 cannot have broken it."""
    row = contract("T1", "其他商服用地", "2024-03-01", geometry=rectangle(0, 0, 10, 10)) | more
    assert len(real(judge(transfers=[row]))) == found


def test_a_contract_is_held_against_the_plan_and_the_line_of_its_own_day() -> None:
    """Signed in 2023 under plan a (industrial), in 2024 under plan b (residential by then)."""
    plan = [plot("1001", "a", SQUARE), plot("0701", "b", SQUARE)]
    shape = rectangle(0, 0, 10, 10)
    early = contract("T1", "其他商服用地", "2023-06-01", geometry=shape)
    late = contract("T2", "其他商服用地", "2024-06-01", geometry=shape)
    pieces = real(judge(transfers=[early, late], plots=plan))
    assert list(pieces.loc[pieces["way"] == "transfer", "subject"]) == ["T1"]
    lines = [line(SQUARE, None, "2023-03-01")]
    assert "transfer" not in set(real(judge(transfers=[early], lines=lines))["way"])


def test_land_that_a_parcel_and_two_contracts_lose_counts_once() -> None:
    """0 to 300 m by the parcel, 200 to 400 m by each contract: 400 m × 1 000 m are lost."""
    shape = rectangle(200, 0, 200, 1000)
    sold = [contract(number, "其他商服用地", "2024-03-01", geometry=shape) for number in ("T1", "T2")]
    result = judge([parcel("P1", "0701", 0, 300)], sold)
    assert len(real(result)) == 3
    expected = geod_area(rectangle(0, 0, 400, 1000))
    assert city(result, "violation") == pytest.approx(expected, abs=0.001)
    assert city(result, "industrial_lost") == pytest.approx(expected, abs=0.001)
    assert result.evidence["amount"].sum() == pytest.approx(expected, abs=0.001)


def answered(shape: BaseGeometry, **more: object) -> gpd.GeoDataFrame:
    row = {"way": "parcel", "block": "L1", "to_code": "0701", "state": "acknowledged", "reason": "示例理由"}
    return table([row | {"geometry": shape} | more])


@pytest.mark.parametrize(
    ("warning", "state"),
    [
        (answered(rectangle(0, 0, 10, 1000)), "acknowledged"),
        (answered(rectangle(0, 0, 10, 1000), way="split"), "acknowledged"),
        (answered(rectangle(0, 0, 10, 1000), state="resolved"), "resolved"),
        (answered(rectangle(0, 0, 9, 1000)), "new"),
        (answered(rectangle(0, 0, 10, 1000), to_code="0901"), "new"),
        (answered(rectangle(0, 0, 10, 1000), block="L2"), "new"),
        (answered(rectangle(0, 0, 10, 1000), way="transfer"), "new"),
    ],
)
def test_a_reason_given_for_this_land_and_use_stands_beside_the_piece(
    warning: gpd.GeoDataFrame, state: str
) -> None:
    """Of the parcel of 10 m all has to be answered for; 9 m are not enough."""
    parcels = [parcel("P1", "0701", 0, 10), parcel("P2", "0701", 20, 10)]
    found = real(judge(parcels, warnings=warning)).set_index("subject")
    assert list(found.loc["P1", ["state", "reason"]]) == [state, "" if state == "new" else "示例理由"]
    assert list(found.loc["P2", ["state", "reason"]]) == ["new", ""]


def test_a_reason_given_for_a_moved_line_stands_beside_the_land_outside() -> None:
    lines = [line(SQUARE, None, "2023-06-01"), line(rectangle(5, 0, 995, 1000), "2023-06-01")]
    said = answered(rectangle(0, 0, 5, 1000), way="line", to_code=None)
    found = real(judge(lines=lines, warnings=said))
    assert list(zip(found["way"], found["state"], strict=True)) == [("line", "acknowledged")]


def test_no_parcels_and_no_contracts_leave_the_other_figures_as_they_were() -> None:
    plots = [plot("1001", "a", SQUARE), plot("0701", "b", SQUARE)]
    with_tables, without = judge(plots=plots), rezoning.check(
        table(plots), SNAPSHOTS, table(LINES), units(), POLICY, CODES, dt.date(2024, 6, 30)
    )  # fmt: skip
    assert with_tables.city == without.city
    assert isinstance(with_tables.evidence, gpd.GeoDataFrame)
    assert city(without, "violation") == pytest.approx(geod_area(SQUARE), abs=0.01)
