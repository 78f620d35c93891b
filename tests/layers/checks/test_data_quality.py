"""What is wrong with the data: one mistake of each kind in a small city, worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from gis.errors import ParkLineError
from layers.checks import data_quality
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import Policy, default_policy_path, parse_policy
from layers.policy_quality import KINDS
from tests.layers.checks.world import CODES, DAY, POLICY, point, rectangle, table, units

TEXT = default_policy_path().read_text(encoding="utf-8")
Rows = list[dict[str, object]]


def parcel(number: int, **more: object) -> dict[str, object]:
    """A parcel of 石泉县 of 100 m by 50 m, the ``number``-th in a row without touching the next."""
    return {
        "parcel_no": f"D{number}",
        "unit": "石泉县",
        "land_use_code": "100101",
        "land_use_scheme": "guide2023",
        "geometry": rectangle(6000 + 200 * number, 0, 100, 50),
        **more,
    }


def judge(policy: Policy = POLICY, day: dt.date = DAY, **rows: Rows) -> CheckResult:
    tables = {name: table(rows.get(name, [])) for name in data_quality.TABLES}
    return data_quality.run(tables, units(), policy, CODES, day, None)


def unit(result: CheckResult, code: str = "610922") -> UnitResult:
    return next(item for item in result.units if item.code == code)


def counts(found: UnitResult) -> dict[str, float]:
    """The kinds that were found, and how often."""
    return {kind: number for kind in KINDS if (number := found.figures[kind])}


def changed(old: str, new: str) -> Policy:
    start = TEXT.index('id = "data_quality"')
    assert old in TEXT[start:]
    return parse_policy(TEXT[:start] + TEXT[start:].replace(old, new, 1), "p")


def test_a_clean_unit_meets_an_empty_one_is_empty_and_no_data_are_no_verdict() -> None:
    result = judge(parcel=[parcel(1), parcel(2)])
    assert unit(result).verdict is Verdict.MET
    assert unit(result, "610902").verdict is Verdict.EMPTY
    assert {item.verdict for item in judge().units} == {Verdict.NOT_JUDGED}


def test_an_overlap_and_a_gap_are_counted_once_with_their_pieces() -> None:
    """0.5 m × 50 m = 25 m² shared; 0.8 m × 50 m = 40 m² between. Ellipsoidal areas are some 0.02 % less."""
    rows = [
        parcel(0),
        parcel(1, geometry=rectangle(6099.5, 0, 100, 50)),
        parcel(2, geometry=rectangle(6200.3, 0, 100, 50)),
    ]
    result = judge(parcel=rows)
    found = unit(result)
    assert counts(found) == {"overlap": 1.0, "gap": 1.0}
    assert found.figures["overlap_area"] == pytest.approx(25, abs=0.02)
    assert found.figures["gap_area"] == pytest.approx(40, abs=0.03)
    assert (found.verdict, found.figures["problems"]) == (Verdict.SHORT, 2.0)
    pieces = result.evidence.set_index("problem").geometry
    assert pieces["overlap"].area == pytest.approx(25)
    assert pieces["gap"].bounds[2] - pieces["gap"].bounds[0] == pytest.approx(0.8)


def test_a_parcel_across_two_units_outside_all_of_them_or_in_another_than_it_says() -> None:
    """The border of 汉滨区 and 石泉县 is 5 000 m east; 汉滨区 ends 5 000 m west."""
    rows = [
        parcel(0, geometry=rectangle(4990, 0, 100, 50)),  # 10 m in 汉滨区
        parcel(1, geometry=rectangle(4999.7, 200, 100, 50)),  # 0.3 m: digitising
        parcel(2, unit="汉滨区", geometry=rectangle(-5040, 0, 100, 50)),  # 40 m outside
        parcel(3, unit="汉滨区", geometry=rectangle(7000, 100, 100, 50)),  # in 石泉县
        parcel(4, unit="汉滨区", geometry=rectangle(2500, 500, 100, 50)),  # in 高新区, which lies in 汉滨区
        parcel(5, unit="某县", geometry=rectangle(8000, 300, 100, 50)),  # a unit nobody knows
        parcel(6, unit="石泉县", geometry=rectangle(90_000, 0, 100, 50)),  # nowhere
    ]
    result = judge(parcel=rows)
    assert counts(unit(result)) == {"across": 1.0, "stated_unit": 1.0}
    assert counts(unit(result, "610902")) == {"outside": 1.0}
    assert counts(unit(result, "610902-GX")) == {}
    pieces = result.evidence
    assert pieces[pieces["problem"] == "across"].geometry.area.iloc[0] == pytest.approx(500)
    nowhere = pieces[pieces["unit"].isna()]
    assert nowhere["problem"].tolist() == ["outside"]
    assert any("无法归属单元" in item.text for item in result.findings)


def test_numbers_codes_and_dates() -> None:
    rows = [
        parcel(1, parcel_no="D1"),
        parcel(2, parcel_no="D1"),
        parcel(3, parcel_no=None),
        parcel(4, parcel_no=None),
        parcel(5, land_use_code="999999"),
        parcel(6, land_use_scheme=None),
        parcel(7, land_use_code=None, land_use_scheme=None),
        parcel(8, contract_on="2024-02-01", handover_on="2024-01-31"),
        parcel(9, contract_on="2024-02-01", handover_on="2024-02-01"),
    ]
    assert counts(unit(judge(parcel=rows))) == {"duplicate": 2.0, "code": 2.0, "dates": 1.0}


def test_a_lease_that_ends_before_it_begins_is_where_its_building_is() -> None:
    factories: Rows = [{"building_id": "F1", "unit": "石泉县", "geometry": point(6000, 10), "park": "园区"}]
    leases: Rows = [
        {"building_id": "F1", "from_date": "2024-02-01", "to_date": "2024-01-01"},
        {"building_id": "F9", "from_date": "2024-02-01", "to_date": "2024-01-01"},
    ]
    result = judge(factory=factories, lease=leases)
    assert counts(unit(result)) == {"dates": 1.0}
    assert result.evidence["unit"].fillna("").tolist() == ["610922", ""]


def test_a_certified_area_may_be_that_of_the_plane_or_of_the_ellipsoid_and_differ_by_the_tolerance() -> None:
    """5 000 m² in the plane: 1 m² + 600 ppm is 4 m²; 5 003.9 fits, 5 004.1 does not, and the ellipsoid's 4 998.8 does."""
    for stated, problems in ((5000.0, 0), (5003.9, 0), (5004.1, 1), (4998.8, 0), (4994.0, 1)):
        found = unit(judge(parcel=[parcel(1, area_certified=stated)]))
        assert found.figures["area"] == problems, stated
    finer = changed("area_share = 0.0006", "area_share = 0.0")
    assert unit(judge(parcel=[parcel(1, area_certified=5003.9)], policy=finer)).figures["area"] == 1


def test_a_factory_outside_every_park_is_shown_and_counts_where_the_policy_says_so() -> None:
    parks: Rows = [{"park_id": "P1", "name": "园区", "geometry": rectangle(6000, 0, 500, 500)}]
    factories: Rows = [
        {"building_id": "F1", "geometry": point(6100, 100)},
        {"building_id": "F2", "geometry": point(7000, 100), "park": "园区"},
        {"building_id": "F3", "geometry": point(7000, 200), "demolished_on": "2024-06-30"},
        {"building_id": "F4", "unit": "石泉县", "park": "园区"},
        {"building_id": "F5", "unit": "石泉县"},
    ]
    result = judge(park=parks, factory=factories)
    assert counts(unit(result)) == {"factory_outside": 1.0}
    assert unit(result).figures["problems"] == 0.0
    assert result.evidence["label"].tolist() == ["F2"]
    assert any(item.text.startswith("1 栋厂房") for item in result.findings)
    counted = changed('counted = ["overlap",', 'counted = ["factory_outside", "overlap",')
    assert unit(judge(park=parks, factory=factories, policy=counted)).verdict is Verdict.SHORT


def test_the_policy_sets_widths_and_orders_and_a_wrong_order_is_refused() -> None:
    rows = [parcel(0), parcel(1, geometry=rectangle(6100.8, 0, 100, 50))]
    assert counts(unit(judge(parcel=rows))) == {"gap": 1.0}
    assert counts(unit(judge(parcel=rows, policy=changed("gap_width = 1.0", "gap_width = 0.7")))) == {}
    for wrong in (
        '["parcel", "contract_on"]',
        '["parcel", "contract_on", "name"]',
        '["unit", "valid_from", "valid_to"]',
    ):
        with pytest.raises(ParkLineError) as caught:
            changed("date_orders = [", f"date_orders = [{wrong}, ")
        assert caught.value.row
