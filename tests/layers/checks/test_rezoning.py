"""Pieces of industrial land taken away inside a line, with areas from pyproj.Geod."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from layers.checks import rezoning
from layers.checks.result import CheckResult, Verdict
from tests.layers.checks.world import CODES, EPSG, POLICY, rectangle, table, units


def geod_area(shape: BaseGeometry) -> float:
    """Independent ellipsoidal area: edges of 10 m, then Geod on CGCS2000."""
    to_degrees = pyproj.Transformer.from_crs(EPSG, 4490, always_xy=True).transform
    dense = shapely.segmentize(shape, 10.0)
    degrees = shapely.transform(dense, lambda xy: pd.DataFrame(to_degrees(xy[:, 0], xy[:, 1])).T.to_numpy())
    ellipsoid = pyproj.Geod(a=6378137.0, rf=298.257222101)
    return abs(ellipsoid.geometry_area_perimeter(degrees)[0])


def plot(code: str, snapshot: str, shape: BaseGeometry, scheme: str = "guide2023") -> dict[str, object]:
    return {"code": code, "scheme": scheme, "snapshot": snapshot, "geometry": shape}


def line(
    shape: BaseGeometry, start: str | None = None, end: str | None = None, **more: object
) -> dict[str, object]:
    return {
        "code": "L1",
        "level": "ungraded",
        "valid_from": start,
        "valid_to": end,
        "geometry": shape,
        **more,
    }


SNAPSHOTS = pd.DataFrame({"name": ["a", "b"], "date": pd.to_datetime(["2023-01-01", "2024-01-01"])})


def judge(plots: list[dict[str, object]], lines: list[dict[str, object]], count: int = 2) -> CheckResult:
    return rezoning.check(
        table(plots), SNAPSHOTS[:count], table(lines), units(), POLICY, CODES, dt.date(2024, 6, 30)
    )


def real(result: CheckResult) -> gpd.GeoDataFrame:
    return result.evidence[~result.evidence["sliver"].astype(bool)]


SQUARE = rectangle(0, 0, 1000, 1000)


def test_a_parcel_cut_by_the_line_counts_with_the_part_inside() -> None:
    """1 km² turned residential, the line covers the western 400 m: 400 000 m² in the plane."""
    result = judge([plot("1001", "a", SQUARE), plot("0701", "b", SQUARE)], [line(rectangle(0, 0, 400, 1000))])
    pieces = real(result)
    assert list(pieces["severity"]) == ["violation"]
    assert pieces.area.sum() == pytest.approx(400_000.0)
    assert pieces["area"].sum() == pytest.approx(geod_area(rectangle(0, 0, 400, 1000)), abs=0.001)
    assert pieces["mu"].sum() == pytest.approx(pieces["area"].sum() * 3 / 2000)
    assert pieces["share"].sum() == pytest.approx(1.0)
    assert result.verdict is Verdict.SHORT


def test_a_line_moved_by_five_metres_loses_a_strip() -> None:
    """1 km × 5 m = 5 000 m² in the plane; its ellipsoidal area by Geod."""
    plots = [plot("1001", "a", SQUARE), plot("1001", "b", SQUARE)]
    lines = [line(SQUARE, None, "2023-06-01"), line(rectangle(5, 0, 995, 1000), "2023-06-01")]
    pieces = real(judge(plots, lines))
    assert list(pieces["way"]) == ["line"]
    assert pieces.area.sum() == pytest.approx(5_000.0)
    assert pieces["area"].sum() == pytest.approx(geod_area(rectangle(0, 0, 5, 1000)), abs=0.001)
    assert list(pieces["severity"]) == ["violation"]
    lines[1] |= {"doc_no": "示例文号1", "approved_on": "2023-05-20"}
    assert list(real(judge(plots, lines))["severity"]) == ["review"]


def test_a_narrow_strip_is_land_and_a_sliver_is_not() -> None:
    """2 m along 3 km is real; 0.2 m along 3 km is noise, though both are long."""
    long = rectangle(0, 0, 3000, 500)
    for width, sliver in ((2.0, False), (0.2, True)):
        plots = [
            plot("1001", "a", long),
            plot("1001", "b", rectangle(0, width, 3000, 500 - width)),
            plot("0901", "b", rectangle(0, 0, 3000, width)),
        ]
        result = judge(plots, [line(long)])
        assert set(result.evidence["sliver"]) == {sliver}
        assert result.verdict is (Verdict.MET if sliver else Verdict.SHORT)


def test_a_piece_across_units_is_divided_by_net_land() -> None:
    """X from 1000 to 3000: half in 汉滨区, half in 高新区 (from 2000); the parts add up."""
    shape = rectangle(1000, 500, 2000, 100)
    result = judge([plot("1001", "a", shape), plot("0901", "b", shape)], [line(shape)])
    found = {item.code: item.figures["violation"] or 0.0 for item in result.units}
    assert result.city is not None
    assert found["610902"] == pytest.approx(geod_area(rectangle(1000, 500, 1000, 100)), abs=0.001)
    assert sum(found.values()) == pytest.approx(result.city.figures["violation"])


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ("1001", "1101", "note"),
        ("1001", "100101+0701", "violation"),
        ("1001", "100101+1101", "warn"),
        ("1001", "0804", "review"),
        ("1001", "9999", "review"),
        ("1101", "0901", "violation"),
        ("1001", "16", "note"),
    ],
)
def test_the_matrix_of_the_policy_decides_the_severity(before: str, after: str, severity: str) -> None:
    result = judge([plot(before, "a", SQUARE), plot(after, "b", SQUARE)], [line(SQUARE)])
    assert list(real(result)["severity"]) == [severity]


def test_another_kind_of_industry_and_land_outside_the_line_are_no_change() -> None:
    assert real(judge([plot("100101", "a", SQUARE), plot("100102", "b", SQUARE)], [line(SQUARE)])).empty
    away = line(rectangle(3000, 3000, 100, 100))
    assert real(judge([plot("1001", "a", SQUARE), plot("0701", "b", SQUARE)], [away])).empty


def test_two_schemes_compare_through_the_class_and_an_unknown_code_is_shown() -> None:
    plots = [plot("0601", "a", SQUARE, "gbt21010_2017"), plot("1001", "b", SQUARE), plot("9999", "b", SQUARE)]
    result = judge(plots[:2], [line(SQUARE)])
    assert real(result).empty
    assert any("不同分类标准" in finding.text for finding in result.findings)
    assert any("9999" in finding.text for finding in judge(plots, [line(SQUARE)]).findings)


def test_land_the_later_plan_does_not_show_is_reported() -> None:
    result = judge([plot("1001", "a", SQUARE), plot("1001", "b", rectangle(0, 0, 900, 1000))], [line(SQUARE)])
    assert list(real(result)["after_class"]) == ["uncovered"]


def test_overlapping_lines_count_land_once() -> None:
    lines = [line(SQUARE), line(SQUARE) | {"code": "L2"}]
    pieces = real(judge([plot("1001", "a", SQUARE), plot("0701", "b", SQUARE)], lines))
    assert pieces.area.sum() == pytest.approx(1_000_000.0)


def test_one_snapshot_or_no_line_is_not_judged() -> None:
    plots = [plot("1001", "a", SQUARE), plot("0701", "b", SQUARE)]
    assert judge(plots, [line(SQUARE)], count=1).verdict is Verdict.NOT_JUDGED
    assert judge(plots, []).verdict is Verdict.NOT_JUDGED


@settings(max_examples=20, deadline=None)
@given(st.floats(10, 990))
def test_splitting_a_parcel_changes_no_sum(cut: float) -> None:
    parts = [rectangle(0, 0, cut, 1000), rectangle(cut, 0, 1000 - cut, 1000)]
    whole = real(judge([plot("1001", "a", SQUARE), plot("0701", "b", SQUARE)], [line(SQUARE)]))
    split = real(
        judge([*(plot("1001", "a", part) for part in parts), plot("0701", "b", SQUARE)], [line(SQUARE)])
    )
    assert split["area"].sum() == pytest.approx(whole["area"].sum(), abs=1e-3)


def test_a_piece_cut_in_two_by_an_inner_unit_is_two_pieces() -> None:
    """From 1500 m to 4500 m east, 500 m high; 高新区 lies from 2000 m to 4000 m: 500, 2000 and 500 m long."""
    strip = rectangle(1500, 500, 3000, 500)
    pieces = real(judge([plot("100101", "a", strip), plot("0701", "b", strip)], [line(strip)]))
    assert pieces.geometry.geom_type.unique().tolist() == ["Polygon"]
    expected = [
        rectangle(1500, 500, 500, 500),
        rectangle(4000, 500, 500, 500),
        rectangle(2000, 500, 2000, 500),
    ]
    assert sorted(pieces["area"]) == pytest.approx(sorted(map(geod_area, expected)), rel=1e-8)
    assert sorted(pieces["unit"]) == ["610902", "610902", "610902-GX"]


def test_land_that_changes_mildly_and_falls_out_of_the_line_is_lost_by_the_line() -> None:
    """1001 → 1101 is a note inside the line; the western 5 m × 1 000 m of it no line holds any more."""
    plots = [plot("1001", "a", SQUARE), plot("1101", "b", SQUARE)]
    lines = [line(SQUARE, None, "2023-06-01"), line(rectangle(5, 0, 995, 1000), "2023-06-01")]
    result = judge(plots, lines)
    found = real(result).set_index("way")
    assert dict(found["severity"]) == {"line": "violation", "code": "note"}
    assert found.area.to_dict() == pytest.approx({"line": 5_000.0, "code": 995_000.0})
    assert result.city is not None
    assert result.city.figures["industrial_lost"] == pytest.approx(geod_area(SQUARE), abs=0.001)


def test_land_that_is_rezoned_and_falls_out_of_the_line_counts_once() -> None:
    plots = [plot("1001", "a", SQUARE), plot("0701", "b", SQUARE)]
    lines = [line(SQUARE, None, "2023-06-01"), line(rectangle(5, 0, 995, 1000), "2023-06-01")]
    result = judge(plots, lines)
    assert set(real(result)["way"]) == {"code"}
    assert real(result)["area"].sum() == pytest.approx(geod_area(SQUARE), abs=0.001)
    assert not [finding for finding in result.findings if finding.severity == "error"]


def test_a_line_moved_by_less_than_a_sliver_does_not_hide_what_is_rezoned_beside_it() -> None:
    """0.3 m of 1 km² now outside: the strip belongs to the rezoned piece and is no noise."""
    plots = [plot("1001", "a", SQUARE), plot("0701", "b", SQUARE)]
    lines = [line(SQUARE, None, "2023-06-01"), line(rectangle(0.3, 0, 999.7, 1000), "2023-06-01")]
    assert real(judge(plots, lines))["area"].sum() == pytest.approx(geod_area(SQUARE), abs=0.001)


@pytest.mark.parametrize(("across", "district"), [(0.3, 50.3), (0.6, 50.0)])
def test_a_unit_border_along_a_piece_makes_no_sliver_of_it(across: float, district: float) -> None:
    """高新区 begins at 2000 m: a strip from 1950 m reaches 0.3 m into it, within the noise of borders, or 0.6 m."""
    strip = rectangle(1950, 500, 50 + across, 400)
    result = judge([plot("1001", "a", strip), plot("0701", "b", strip)], [line(strip)])
    assert set(result.evidence["sliver"]) == {False}
    found = {item.code: item.figures["violation"] or 0.0 for item in result.units}
    assert found["610902"] == pytest.approx(geod_area(rectangle(1950, 500, district, 400)), abs=0.001)
    beyond = 0.0 if district > 50 else geod_area(rectangle(2000, 500, across, 400))
    assert found["610902-GX"] == pytest.approx(beyond, abs=0.001)


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ("100101+0701", "0701", "violation"),
        ("100101+0701", "0901", "violation"),
        ("100101+0701", "100101", "note"),
        ("100101+0802", "0802", "review"),
        ("100101+0802", "100101+0901", "violation"),
        ("100101+0802", "100101+0804+1101", "warn"),
    ],
)
def test_of_a_mixed_use_only_new_parts_count_as_long_as_industry_stays(
    before: str, after: str, severity: str
) -> None:
    """Matrix of the domain reference §2.2: without its industrial part, the rest is what the land became."""
    result = judge([plot(before, "a", SQUARE), plot(after, "b", SQUARE)], [line(SQUARE)])
    assert list(real(result)["severity"]) == [severity]


def test_a_line_moved_after_the_last_snapshot_is_found_from_that_day_on() -> None:
    plots = [plot("1001", "a", SQUARE), plot("1001", "b", SQUARE)]
    lines = [line(SQUARE, None, "2024-06-30"), line(rectangle(5, 0, 995, 1000), "2024-06-30")]
    moved = judge(plots, lines)
    assert moved.verdict is Verdict.SHORT
    assert real(moved)["area"].sum() == pytest.approx(geod_area(rectangle(0, 0, 5, 1000)), abs=0.001)
    before = rezoning.check(
        table(plots), SNAPSHOTS, table(lines), units(), POLICY, CODES, dt.date(2024, 6, 29)
    )
    assert before.verdict is Verdict.MET


def test_with_one_snapshot_a_moved_line_is_judged_and_a_change_of_code_is_not() -> None:
    """(4) needs two versions of the line, (1) two snapshots: without the second nothing is passed."""
    plots = [plot("1001", "a", SQUARE)]
    lines = [line(SQUARE, None, "2023-06-01"), line(rectangle(5, 0, 995, 1000), "2023-06-01")]
    moved = judge(plots, lines, count=1)
    assert moved.verdict is Verdict.SHORT
    assert list(real(moved)["way"]) == ["line"]
    assert {item.code: item.verdict for item in moved.units} == {
        "610902": Verdict.SHORT, "610902-GX": Verdict.NOT_JUDGED, "610922": Verdict.NOT_JUDGED,
    }  # fmt: skip
    assert judge(plots, [line(SQUARE)], count=1).verdict is Verdict.NOT_JUDGED
    assert judge(plots, lines, count=0).verdict is Verdict.NOT_JUDGED


def test_of_the_same_mixed_use_a_smaller_industrial_share_is_a_change_and_a_larger_is_none() -> None:
    """Stated shares 80 % → 20 % of 1 km²: 60 % of the industrial land is lost; the other way round none."""
    large, small = (
        {snapshot: plot("100101+0802", snapshot, SQUARE) | {"industrial_share": share} for snapshot in "ab"}
        for share in (0.8, 0.2)
    )
    pieces = real(judge([large["a"], small["b"]], [line(SQUARE)]))
    assert list(pieces["severity"]) == ["warn"]
    assert pieces["industrial_lost"].sum() == pytest.approx(0.6 * geod_area(SQUARE), abs=0.001)
    assert real(judge([small["a"], large["b"]], [line(SQUARE)])).empty
