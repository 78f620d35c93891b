"""Columns matched to fields by name and synonym, changed by a person, remembered for the next file of that kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gis.errors import ParkLineError
from layers.importing.mapping import (
    Source,
    match_columns,
    normalised,
    parse_assignment,
    remembered,
    signature,
    to_memory,
)
from layers.importing.plan import propose
from layers.importing.run import run
from layers.project import Project
from layers.registry import TABLES, layer
from tests.layers.importing.world import lots, send, take

PARCEL = layer("parcel")


@pytest.mark.parametrize(
    ("header", "field", "unit"),
    [
        ("地块编号", "parcel_no", None),
        ("DKBH", "parcel_no", None),
        ("宗地号", "parcel_no", None),
        ("Parcel no.", "parcel_no", None),
        ("地 块 编 号：", "parcel_no", None),
        ("土地面积（亩）", "area_certified", "mu"),
        ("面积(公顷)", "area_certified", "ha"),
        ("证载面积（㎡）", "area_certified", "m2"),
        ("出让面积/万平方米", "area_certified", "wan_m2"),
        ("面积", "area_certified", None),
        ("ＭＪ（ｈｍ２）", "area_certified", "ha"),
        ("面积公顷", "area_certified", "ha"),
        ("县（市、区）", "unit", None),
        ("合同签订日期", "contract_on", None),
    ],
)
def test_a_header_finds_its_field_and_its_unit(header: str, field: str, unit: str | None) -> None:
    found = match_columns(PARCEL, [header])
    assert list(found) == [field]
    assert found[field].column == header
    assert found[field].unit == unit


def test_own_names_win_over_synonyms_and_a_column_serves_one_field() -> None:
    found = match_columns(PARCEL, ["面积(亩)", "证载面积(㎡)", "地块编号", "宗地编号", "没有用的列"])
    assert found["area_certified"] == Source("证载面积(㎡)", "m2", how="name")
    assert found["parcel_no"].column == "地块编号"
    used = [source.column for source in found.values()]
    assert len(used) == len(set(used))


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_every_title_and_synonym_of_every_layer_leads_to_a_field(spec: object) -> None:
    fields = [item for item in spec.fields if not item.computed]  # type: ignore[attr-defined]
    for item in fields:
        for header in (item.name, item.zh, item.en, item.header):
            found = match_columns(spec, [header])  # type: ignore[arg-type]
            assert found, header
            # Titles shared by two fields of a layer lead to the first of them.
            same = [other.name for other in fields if normalised(header) in
                    {normalised(name) for name in (other.name, other.zh, other.en)}]  # fmt: skip
            assert next(iter(found)) in (same or [item.name])


@pytest.mark.parametrize(
    ("text", "name", "source"),
    [
        ("parcel_no=编号", "parcel_no", Source("编号")),
        ("area_certified=面积[亩]", "area_certified", Source("面积", "mu")),
        ("area_certified=面积[ha]", "area_certified", Source("面积", "ha")),
        ("note=面积[亩]", "note", Source("面积[亩]")),
        ("unit==汉滨区", "unit", Source(constant="汉滨区")),
        ("unit==", "unit", Source(constant="")),
    ],
)
def test_an_assignment_is_read_as_typed(text: str, name: str, source: Source) -> None:
    assert parse_assignment(PARCEL, text, ["编号", "面积", "面积[亩]"] if name == "note" else ["编号", "面积"]) == (name, source)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [("x=编号", "字段=列名"), ("parcel_no", "字段=列名"), ("parcel_no=没有", "没有列"), ("area_certified=面积[元]", "不能用单位"),
     ("area_plane=面积", "字段=列名")],
)  # fmt: skip
def test_an_assignment_that_fits_nothing_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(ParkLineError, match=said) as error:
        parse_assignment(PARCEL, text, ["编号", "面积"])
    assert error.value.hint


def test_an_area_without_unit_is_asked_for_and_nothing_is_guessed(project: Project, tmp_path: Path) -> None:
    path = send(tmp_path / "a.shp", lots(面积=1.5))
    plan = propose(project, "parcel", path)
    (question,) = plan.open_questions()
    assert "面积" in question
    assert "单位" in question
    with pytest.raises(ParkLineError):
        run(project, plan)
    plan.mapping["area_certified"] = Source("面积", "ha")
    assert plan.open_questions() == []
    run(project, plan)
    assert set(project.read("parcel")["area_certified"]) == {15_000.0}


def test_what_a_person_decided_is_proposed_for_the_next_file_of_that_kind(
    project: Project, tmp_path: Path
) -> None:
    """A column moved, a unit said, a field left out on purpose, a constant: all come back, in any order of columns."""
    first = lots(3, 面积=1.5, 备注="原备注", 坐落="某镇")
    plan = propose(project, "parcel", send(tmp_path / "一月.shp", first))
    assert {"note", "location"} <= set(plan.mapping)
    plan.mapping["area_certified"] = Source("面积", "ha")
    plan.mapping["name"] = plan.mapping.pop("location")
    del plan.mapping["note"]
    plan.mapping["unit"] = Source(constant="汉滨区")
    run(project, plan)
    second = lots(2, 坐落="某镇", 备注="又一个", 面积=2.0)
    second["地块编号"] = ["示例-8", "示例-9"]
    again = propose(project, "parcel", send(tmp_path / "二月.shp", second))
    assert {
        name: (source.column, source.unit, source.constant) for name, source in again.mapping.items()
    } == {
        "parcel_no": ("地块编号", None, None),
        "area_certified": ("面积", "ha", None),
        "name": ("坐落", None, None),
        "unit": (None, None, "汉滨区"),
    }
    assert {source.how for source in again.mapping.values()} == {"remembered"}
    assert any("上次导入" in note for note in again.notes)
    assert run(project, again).taken == 2


def test_another_kind_of_file_is_not_affected_and_what_is_typed_wins(
    project: Project, tmp_path: Path
) -> None:
    take(
        project, "parcel", send(tmp_path / "a.shp", lots(2)), mapping=["name=地块编号", "parcel_no=地块编号"]
    )
    other = propose(project, "parcel", send(tmp_path / "b.shp", lots(2, 备注="x")))
    assert {source.how for source in other.mapping.values()} == {"name"}
    typed = propose(project, "parcel", tmp_path / "a.shp", mapping=["parcel_code=地块编号"])
    assert typed.mapping["parcel_code"].how == "given"
    assert "parcel_no" not in typed.mapping


def test_a_memory_of_fewer_fields_leaves_new_ones_to_the_proposal() -> None:
    columns = ["编号", "备注", "坐落"]
    kept = json.dumps(
        {
            "parcel_no": {"column": "编号"},
            "location": None,
            "gone": {"column": "编号"},
            "name": {"column": "没有"},
        }
    )
    found = match_columns(PARCEL, columns)
    mapping = remembered(kept, PARCEL, columns, found)
    assert {name: source.column for name, source in mapping.items()} == {"parcel_no": "编号", "note": "备注"}
    everything = remembered(to_memory(PARCEL, mapping), PARCEL, columns, found)
    assert {name: source.column for name, source in everything.items()} == {
        "parcel_no": "编号",
        "note": "备注",
    }


def test_a_kind_of_file_is_known_by_its_columns_in_any_order() -> None:
    assert signature(["a", "b"]) == signature(["b", "a"]) != signature(["ab"])
