"""Attributes of one and of many rows: held against the declaration, stored once, undone whole."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
import shapely

from gis.errors import ParkLineError
from layers.editing.prepare import attribute_edit, cell_edit, new_row, retirement, shape_edit
from layers.editing.save import save
from layers.editing.validation import problems_of
from layers.editing.values import FieldError, checked_values
from layers.parcel import PARCEL_LAYER
from layers.project import Project
from tests.layers.checks.world import rectangle
from tests.layers.editing.city import DAY, at, content, read, uuid_of


@pytest.mark.parametrize(
    ("field", "typed", "stored"),
    [
        ("area_certified", "12.5公顷", 125_000.0),
        ("area_certified", "1,500 亩", 1_000_000.0),
        ("area_certified", 0.1 + 0.2, 0.1 + 0.2),
        ("area_certified", None, None),
        ("contract_on", "2024年3月5日", pd.Timestamp("2024-03-05")),
        ("contract_on", dt.date(2024, 3, 5), pd.Timestamp("2024-03-05")),
        ("stage", "定标", "standard_set"),
        ("land_use_code", 100101, "100101"),
        ("holder", "  示例企业  9 ", "示例企业 9"),
        ("note", "", None),
    ],
)
def test_a_value_is_read_as_an_import_reads_it(field: str, typed: object, stored: object) -> None:
    assert checked_values(PARCEL_LAYER, {field: typed}) == {field: stored}


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("area_certified", -1, "小于下限"),
        ("area_certified", "很大", "不是数字"),
        ("area_certified", "12万元", "单位不适用"),
        ("area_certified", "12米", "单位不适用"),
        ("contract_on", "2024-13-40", "不是日期"),
        ("stage", "随便", "已知代码"),
        ("parcel_no", "", "不能为空"),
        ("area_ellipsoid", 5.0, "由图形算出"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_field(field: str, typed: object, words: str) -> None:
    with pytest.raises(FieldError, match=words) as caught:
        checked_values(PARCEL_LAYER, {field: typed})
    assert (caught.value.layer, caught.value.field) == ("parcel", field)


def test_a_field_that_is_not_there_is_a_mistake_of_the_program(project: Project) -> None:
    with pytest.raises(KeyError):
        attribute_edit(project, "parcel", [uuid_of(project, "parcel", "A")], {"colour": "red"})


def test_many_rows_get_a_value_in_one_transaction_and_lose_it_in_one_undo(project: Project) -> None:
    before = content(project)
    uuids = [uuid_of(project, "parcel", number) for number in "ABC"]
    edit = attribute_edit(project, "parcel", uuids, {"holder": "示例企业 7", "stage": "施建"})
    number = save(project, edit)
    entry = project.store.journal(limit=1)[0]
    assert (entry.id, entry.counts, entry.why) == (
        number,
        {"parcel": (3, 3)},
        "修改地块的土地权利人、标准地阶段",
    )
    parcels = read(project, "parcel")
    assert list(parcels.loc[["A", "B", "C", "H"], "holder"]) == ["示例企业 7"] * 3 + ["示例企业 3"]
    assert parcels.loc["A", "certificate_no"] == "证-1"
    project.store.undo()
    assert content(project) == before


def test_each_row_may_get_a_value_of_its_own_and_only_rows_that_differ_are_written(project: Project) -> None:
    uuids = {number: uuid_of(project, "parcel", number) for number in "ABH"}
    cells = pd.DataFrame(
        {"far_required": ["1.5", "1", 1.2]}, index=[uuids["A"], uuids["B"], uuids["H"]], dtype=object
    )
    save(project, cell_edit(project, "parcel", cells))
    assert project.store.journal(limit=1)[0].counts == {"parcel": (1, 1)}
    assert list(read(project, "parcel").loc[["A", "B", "H"], "far_required"]) == [1.5, 1.0, 1.2]


def test_an_edit_that_changes_nothing_leaves_no_entry(project: Project) -> None:
    newest = project.store.journal(limit=1)[0].id
    edit = attribute_edit(project, "parcel", [uuid_of(project, "parcel", "A")], {"holder": "示例企业 1"})
    assert save(project, edit) is None
    assert project.store.journal(limit=1)[0].id == newest


def test_the_row_of_a_wrong_cell_is_named(project: Project) -> None:
    a, b = (uuid_of(project, "parcel", number) for number in "AB")
    cells = pd.DataFrame({"far_required": ["1.5", "-2"]}, index=[a, b], dtype=object)
    with pytest.raises(FieldError) as caught:
        cell_edit(project, "parcel", cells)
    assert caught.value.uuid == b


def test_a_number_may_not_be_given_twice(project: Project) -> None:
    a, b = (uuid_of(project, "parcel", number) for number in "AB")
    edit = attribute_edit(project, "parcel", [a], {"parcel_no": "B"})
    with pytest.raises(FieldError, match="重复") as caught:
        save(project, edit)
    assert (caught.value.field, caught.value.uuid) == ("parcel_no", a)
    twice = attribute_edit(project, "parcel", [a, b], {"parcel_no": "Z"})
    assert [problem.uuid for problem in problems_of(project, twice) if isinstance(problem, FieldError)] == [
        a,
        b,
    ]


def test_the_name_of_a_use_follows_its_code_and_the_code_its_name(project: Project) -> None:
    """Otherwise a parcel coded as flats would be printed as industrial land, and a contract judged by its old code."""
    a = uuid_of(project, "parcel", "A")
    after = attribute_edit(project, "parcel", [a], {"land_use_code": "0901"}).layers["parcel"].after.loc[a]
    assert after["land_use_name"] == "商业用地"
    after = attribute_edit(project, "parcel", [a], {"land_use_code": "9999"}).layers["parcel"].after.loc[a]
    assert pd.isna(after["land_use_name"])
    both = {"land_use_code": "0901", "land_use_name": "商铺"}
    assert (
        attribute_edit(project, "parcel", [a], both).layers["parcel"].after.loc[a, "land_use_name"] == "商铺"
    )
    named = (
        attribute_edit(project, "parcel", [a], {"land_use_name": "工业用地"}).layers["parcel"].after.loc[a]
    )
    assert (named["land_use_code"], named["land_use_scheme"]) == ("1001", "guide2023")
    sold = {
        "supervision_no": "6109022024B00009",
        "area": 1,
        "use_name": "其他商服用地",
        "mode": "23",
        "unit": "610902",
    }
    save(project, new_row(project, "transfer", None, sold))
    row = read(project, "transfer").loc["6109022024B00009"]
    assert (row["use_code"], row["use_scheme"]) == ("054", "landchina")
    unknown = (
        attribute_edit(project, "transfer", [row["uuid"]], {"use_name": "说不清"}).layers["transfer"].after
    )
    assert unknown["use_code"].isna().all()


def test_two_rows_may_swap_their_numbers(project: Project) -> None:
    a, b = (uuid_of(project, "parcel", number) for number in "AB")
    cells = pd.DataFrame({"parcel_no": ["B", "A"]}, index=[a, b], dtype=object)
    save(project, cell_edit(project, "parcel", cells))
    assert uuid_of(project, "parcel", "B") == a


def test_a_required_field_that_an_old_ledger_left_empty_does_not_block_other_edits(project: Project) -> None:
    with project.transaction("旧台账") as t:
        [uuid] = t.insert("parcel", read(project, "parcel").iloc[:1][["geometry"]].reset_index(drop=True))
    save(project, attribute_edit(project, "parcel", [uuid], {"note": "补登"}))
    assert project.store.journal(limit=1)[0].counts == {"parcel": (1, 1)}


def test_a_new_row_is_measured_and_must_have_what_is_required(project: Project) -> None:
    """100 m × 100 m: 10 000 m² in the plane."""
    shape = rectangle(3000, 3000, 100, 100)
    with pytest.raises(FieldError, match="地块编号"):
        save(project, new_row(project, "parcel", shape, {"holder": "示例企业 1"}))
    save(project, new_row(project, "parcel", shape, {"parcel_no": "N"}))
    row = read(project, "parcel").loc["N"]
    assert row["area_plane"] == pytest.approx(10_000.0)
    assert row["area_ellipsoid"] == pytest.approx(10_000.0, rel=1e-3)
    assert row["area_ellipsoid"] != row["area_plane"]
    assert row["source_crs"] == "EPSG:4545"
    assert project.store.journal(limit=1)[0].why == "新增地块 N"


def test_a_geometry_of_the_wrong_kind_or_form_is_refused(project: Project) -> None:
    values = {"parcel_no": "N"}
    with pytest.raises(ParkLineError, match="图形类型") as caught:
        save(project, new_row(project, "parcel", shapely.Point(*at(0, 0)), values))
    assert caught.value.hint == "本图层只收 面。"
    bow = shapely.Polygon([at(0, 0), at(10, 10), at(10, 0), at(0, 10)])
    with pytest.raises(ParkLineError, match="无效"):
        save(project, new_row(project, "parcel", bow, values))
    with pytest.raises(ParkLineError, match="没有图形"):
        save(project, new_row(project, "parcel", None, values))


def test_retired_rows_come_back_with_one_undo_and_what_named_them_is_told(project: Project) -> None:
    before = content(project)
    edit = retirement(project, "parcel", [uuid_of(project, "parcel", number) for number in "AB"])
    assert len(edit.notes) == 2
    assert all("地块编号" in note for note in edit.notes)
    save(project, edit)
    assert sorted(read(project, "parcel").index) == ["C", "H"]
    project.store.undo()
    assert content(project) == before


def test_the_plan_cannot_be_edited(project: Project) -> None:
    uuid = str(project.read("land_use")["uuid"].iloc[0])
    with pytest.raises(ParkLineError, match="只读"):
        attribute_edit(project, "land_use", [uuid], {"code": "0701"})
    with pytest.raises(ParkLineError, match="只读"):
        retirement(project, "land_use", [uuid])


def test_a_row_that_somebody_else_changed_meanwhile_is_not_overwritten(project: Project) -> None:
    uuid = uuid_of(project, "parcel", "A")
    edit = attribute_edit(project, "parcel", [uuid], {"holder": "示例企业 8"})
    with project.transaction("别人") as t:
        t.update("parcel", pd.DataFrame({"uuid": [uuid], "holder": ["示例企业 9"]}))
    with pytest.raises(ParkLineError, match="别人改动"):
        save(project, edit)
    assert read(project, "parcel").loc["A", "holder"] == "示例企业 9"
    with pytest.raises(ParkLineError, match="已被删除"):
        attribute_edit(project, "parcel", ["no-such-row"], {"holder": "x"})


def test_a_geometry_is_replaced_whole_and_measured(project: Project) -> None:
    """A point moves; a contract gets an outline of 50 m × 40 m; a line becomes a new version."""
    before = content(project)
    point = shapely.Point(*at(360, 160))
    factory = uuid_of(project, "factory", "F2")
    save(project, shape_edit(project, "factory", {factory: point}))
    assert read(project, "factory").geometry["F2"].equals(point)
    transfer = uuid_of(project, "transfer", "6109022024B00001")
    save(project, shape_edit(project, "transfer", {transfer: rectangle(100, 100, 50, 40)}))
    assert read(project, "transfer").geometry["6109022024B00001"].area == pytest.approx(2_000.0)
    parcel = uuid_of(project, "parcel", "C")
    save(project, shape_edit(project, "parcel", {parcel: rectangle(500, 100, 200, 400)}), reason="示例理由")
    assert read(project, "parcel").loc["C", "area_plane"] == pytest.approx(80_000.0)
    line = uuid_of(project, "block_line", "L1")
    save(project, shape_edit(project, "block_line", {line: rectangle(0, 0, 1000, 1200)}))
    assert sorted(project.read("block_line").area) == pytest.approx([1_000_000.0, 1_200_000.0])
    assert project.lines(DAY)["area_plane"].tolist() == pytest.approx([1_200_000.0])
    for _ in range(4):
        project.store.undo()
    assert content(project) == before
