"""Rows by attribute, by location and by area, in a small city whose answers are known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gis.errors import ParkLineError
from gis.progress import Cancelled
from gis.store.base import Condition
from gis.store.row_lists import RowLists
from layers.project import Project
from layers.registry import layer
from layers.selecting.by_area import extent_of, rows_in_area
from layers.selecting.by_attribute import Operator, Question, matching
from layers.selecting.by_location import Relation, rows_by_location
from layers.selecting.values import occurring_values
from tests.layers.checks.world import EPSG, E, N, rectangle


def square(x: float, y: float, size: float = 100.0) -> BaseGeometry:
    return rectangle(x, y, size, size)


def parcel(
    number: str, x: float, stage: str | None, area: float | None, sold: str | None, code: str | None
) -> dict[str, object]:
    return {
        "parcel_no": number, "stage": stage, "area_certified": area, "land_use_code": code,
        "land_use_scheme": None if code is None else "guide2023",
        "sold_on": pd.Timestamp(sold) if sold else pd.NaT, "geometry": square(x, 0),
    }  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Five parcels of 100 m in a row: A to D are neighbours, E stands 300 m off; a park round A and B; two plans."""
    with Project.create(tmp_path_factory.mktemp("city") / "city.gpkg", epsg=EPSG, name="city") as made:
        parcels = [
            parcel("A", 0, "planned", 10_000.0, "2023-03-01", "100101"),
            parcel("B", 100, "sold", 10_500.0, "2024-06-30", "100102"),
            parcel("C", 200, "sold", None, None, "0901"),
            parcel("D", 300, None, 60_000.0, "2024-07-01", None),
            parcel("E", 700, "planned", 53_333.0, None, ""),
        ]
        with made.transaction("rows") as transaction:
            frame = gpd.GeoDataFrame(parcels, geometry="geometry", crs=EPSG)
            transaction.insert("parcel", frame)
            park = [{"name": "园区", "geometry": rectangle(-1, -1, 201.0002, 102)}]
            transaction.insert("park", gpd.GeoDataFrame(park, geometry="geometry", crs=EPSG))
            made.add_snapshot("旧", dt.date(2022, 1, 1), transaction=transaction)
            made.add_snapshot("新", dt.date(2024, 1, 1), transaction=transaction)
            plan = [
                {"snapshot": name, "scheme": "guide2023", "code": code, "geometry": square(x, 0)}
                for name, code, x in (("旧", "100101", 0), ("新", "0901", 0), ("新", "100101", 100))
            ]
            transaction.insert("land_use", gpd.GeoDataFrame(plan, geometry="geometry", crs=EPSG))
        yield made


@pytest.fixture
def lists(project: Project) -> RowLists:
    return RowLists(project.store)


def numbers(project: Project, uuids: list[str], field: str = "parcel_no", table: str = "parcel") -> str:
    frame = project.read(table, columns=[field], geometry=False)
    return "".join(sorted(frame.loc[frame["uuid"].isin(uuids), field]))


def answers(
    project: Project, lists: RowLists, *questions: tuple[str, Operator, tuple[str, ...]], every: bool = True
) -> str:
    spec = layer("parcel")
    asked = [Question(spec.field(name), operator, values) for name, operator, values in questions]
    found = matching(lists, "parcel", asked, every=every)
    return numbers(project, lists.values("parcel", "uuid", only=found).to_pylist())


# --- by attribute ------------------------------------------------------------------------------------

ALONE = [
    ("area_certified", Operator.AT_LEAST, ("80亩",), "D"),  # 53,333.33 m²: E lacks a third of a metre
    ("area_certified", Operator.MORE, ("10500",), "DE"),
    ("area_certified", Operator.AT_LEAST, ("10,500",), "BDE"),
    ("area_certified", Operator.BETWEEN, ("10000", "10500"), "AB"),
    ("area_certified", Operator.UNEQUAL, ("10000",), "BDE"),
    ("area_certified", Operator.EMPTY, (), "C"),
    ("area_certified", Operator.FILLED, (), "ABDE"),
    ("sold_on", Operator.LESS, ("2024年6月30日",), "A"),
    ("sold_on", Operator.AT_MOST, ("2024/6/30",), "AB"),
    ("sold_on", Operator.BETWEEN, ("2024-06-30", "2024-12-31"), "BD"),
    ("sold_on", Operator.EQUAL, ("2024-07-01",), "D"),
    ("parcel_no", Operator.CONTAINS, ("a",), "A"),
    ("parcel_no", Operator.EQUAL, ("a",), ""),
    ("parcel_no", Operator.ONE_OF, ("A", "E", "X"), "AE"),
    ("parcel_no", Operator.NONE_OF, ("A", "E"), "BCD"),
    ("land_use_code", Operator.EMPTY, (), "DE"),
    ("land_use_code", Operator.FILLED, (), "ABC"),
    ("land_use_code", Operator.NONE_OF, ("0901",), "AB"),
    ("land_use_code", Operator.UNEQUAL, ("0901",), "AB"),
]


@pytest.mark.parametrize(("field", "operator", "values", "expected"), ALONE)
def test_each_operator_finds_the_rows_that_answer_it(
    project: Project, lists: RowLists, field: str, operator: Operator, values: tuple[str, ...], expected: str
) -> None:
    assert answers(project, lists, (field, operator, values)) == expected


def test_several_questions_are_joined_by_and_or_by_or(project: Project, lists: RowLists) -> None:
    large = ("area_certified", Operator.MORE, ("10000",))
    early = ("sold_on", Operator.AT_MOST, ("2024-06-30",))
    assert answers(project, lists, large, early) == "B"
    assert answers(project, lists, large, early, every=False) == "ABDE"


def test_what_holds_of_all_rows_keeps_to_one_plan(project: Project, lists: RowLists) -> None:
    question = Question(layer("land_use").field("code"), Operator.EQUAL, ("100101",))
    both = matching(lists, "land_use", [question], every=True)
    new = matching(lists, "land_use", [question], every=True, where=[Condition("snapshot", "=", "新")])
    assert (len(both), len(new)) == (2, 1)


@pytest.mark.parametrize(
    ("field", "values", "said"),
    [
        ("area_certified", ("很大",), "不是数字"),
        ("sold_on", ("昨天",), "不是日期"),
        ("sold_on", ("",), "缺少值"),
        ("area_certified", (), "缺少值"),
    ],
)
def test_a_value_that_is_none_is_refused_with_the_field_named(
    project: Project, lists: RowLists, field: str, values: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ParkLineError, match=said) as caught:
        answers(project, lists, (field, Operator.EQUAL, values))
    assert layer("parcel").field(field).title in caught.value.message


def test_codes_are_offered_with_their_names(project: Project, lists: RowLists) -> None:
    offered = occurring_values(project, lists, "parcel", layer("parcel").field("land_use_code"))
    assert [value for value, _ in offered] == ["0901", "100101", "100102"]
    assert offered[1][1] == "100101  一类工业用地"
    assert occurring_values(project, lists, "parcel", layer("parcel").field("parcel_no"))[0] == ("A", "A")


# --- by location -------------------------------------------------------------------------------------


def where(project: Project, relation: Relation, other: str, chosen: str | None = None, **more: float) -> str:
    frame = project.read(other, geometry=False)
    uuids = None if chosen is None else frame.loc[frame["parcel_no"].isin(list(chosen)), "uuid"].tolist()
    return numbers(project, rows_by_location(project, "parcel", relation, other, uuids, **more))


def test_parcels_by_where_they_lie_to_the_park(project: Project) -> None:
    """The park's edge runs 0.2 mm inside C: C touches it, as B, which ends there, lies inside."""
    assert where(project, Relation.INSIDE, "park") == "AB"
    assert where(project, Relation.OVERLAPS, "park") == "AB"
    assert where(project, Relation.TOUCHES, "park") == "C"
    assert where(project, Relation.WITHIN_DISTANCE, "park", distance=100.0) == "ABCD"
    assert where(project, Relation.WITHIN_DISTANCE, "park", distance=500.0) == "ABCDE"


def test_neighbours_of_chosen_parcels_do_not_hold_the_chosen_one_itself(project: Project) -> None:
    assert where(project, Relation.TOUCHES, "parcel", "A") == "B"
    assert where(project, Relation.TOUCHES, "parcel", "BC") == "ABCD"
    assert where(project, Relation.WITHIN_DISTANCE, "parcel", "E", distance=300.0) == "D"
    assert where(project, Relation.OVERLAPS, "parcel") == ""


def test_of_the_plan_only_the_snapshot_on_the_map_counts(project: Project) -> None:
    found = {
        name: rows_by_location(project, "parcel", Relation.INSIDE, "land_use", snapshot=name)
        for name in ("旧", "新", "")
    }
    assert {name: numbers(project, uuids) for name, uuids in found.items()} == {
        "旧": "A",
        "新": "AB",
        "": "AB",
    }
    plan = rows_by_location(project, "land_use", Relation.INSIDE, "parcel", snapshot="旧")
    assert numbers(project, plan, "code", "land_use") == "100101"


def test_a_search_can_be_cancelled(project: Project) -> None:
    def stop(_fraction: float, _message: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        rows_by_location(project, "parcel", Relation.TOUCHES, "parcel", progress=stop)


# --- by area -----------------------------------------------------------------------------------------


def test_an_area_finds_what_it_touches_in_the_first_layer_that_has_anything(project: Project) -> None:
    """A triangle whose box covers B, but which itself stays in A."""
    triangle = Polygon([(E + 10, N + 10), (E + 90, N + 10), (E + 10, N + 90)])
    table, uuids = rows_in_area(project, ["parcel", "park"], "", triangle)
    assert (table, numbers(project, uuids)) == ("parcel", "A")
    beside = rectangle(-1, 20, 0.5, 10)
    assert rows_in_area(project, ["parcel", "park"], "", beside)[0] == "park"
    assert rows_in_area(project, ["parcel", "park"], "", rectangle(5000, 0, 10, 10)) == ("", [])
    assert len(rows_in_area(project, ["land_use"], "新", rectangle(0, 0, 500, 90))[1]) == 2


def test_the_extent_of_rows_is_the_box_round_them(project: Project) -> None:
    frame = project.read("parcel", columns=["parcel_no"])
    some = frame.loc[frame["parcel_no"].isin(["B", "D"]), "uuid"].tolist()
    assert extent_of(project, "parcel", some) == pytest.approx((E + 100, N, E + 400, N + 100))
    assert extent_of(project, "parcel", []) is None
