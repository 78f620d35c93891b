"""Quota and reserve of the units before and after an edit, figures by hand."""

from __future__ import annotations

import pytest

from layers.checks.result import Verdict
from layers.editing.prepare import attribute_edit, new_row, retirement
from layers.editing.save import save
from layers.editing.unit_figures import UnitFigures, unit_figures
from layers.project import Project
from tests.layers.checks.world import rectangle
from tests.layers.editing.city import DAY, content, uuid_of

HAN_BIN = "610902"


def by_check(found: list[UnitFigures]) -> dict[tuple[str, str], UnitFigures]:
    return {(item.check, item.before.code): item for item in found}


def test_a_contract_for_flats_lowers_the_share_of_its_unit_and_of_the_city(project: Project) -> None:
    """40 of 100 ha are industry; 20 ha of flats more: 40 of 120 ha, 33.33 %. 50 ha more: 26.67 %, short."""
    values = {
        "supervision_no": "6109022024B00003",
        "use_name": "其他商服用地",
        "mode": "23",
        "contract_on": DAY,
    }
    shape = rectangle(1600, 200, 100, 100)
    edit = new_row(project, "transfer", shape, values | {"area": 200_000})
    found = by_check(unit_figures(project, edit))
    assert set(found) == {
        ("industrial_quota", HAN_BIN),
        ("industrial_quota", ""),
        ("factory_reserve", HAN_BIN),
    }
    for code in (HAN_BIN, ""):
        item = found["industrial_quota", code]
        assert item.before.figures["share"] == pytest.approx(40.0)
        assert item.after.figures["share"] == pytest.approx(100 / 3)
        assert (item.before.verdict, item.after.verdict, item.changed) == (Verdict.MET, Verdict.MET, True)
    assert not found["factory_reserve", HAN_BIN].changed
    more = by_check(unit_figures(project, new_row(project, "transfer", shape, values | {"area": 500_000})))
    assert more["industrial_quota", ""].after.verdict is Verdict.SHORT
    assert more["industrial_quota", ""].clause.number == "第七条"


def test_a_building_taken_down_lowers_the_reserve(project: Project) -> None:
    """F1 20 000 − 1 000 let, F2 15 000, F3 5 000: 39 000 m²; without F2 24 000, short of 30 000 by 6 000."""
    edit = attribute_edit(project, "factory", [uuid_of(project, "factory", "F2")], {"demolished_on": DAY})
    item = by_check(unit_figures(project, edit))["factory_reserve", HAN_BIN]
    assert (item.before.figures["vacant"], item.after.figures["vacant"]) == (39_000.0, 24_000.0)
    assert (item.before.verdict, item.after.verdict) == (Verdict.MET, Verdict.SHORT)
    assert item.after.figures["surplus"] == -6_000.0


def test_a_parcel_changes_neither_and_its_unit_is_shown(project: Project) -> None:
    edit = attribute_edit(project, "parcel", [uuid_of(project, "parcel", "A")], {"land_use_code": "0701"})
    found = unit_figures(project, edit)
    assert [(item.check, item.before.code) for item in found] == [
        ("industrial_quota", HAN_BIN),
        ("industrial_quota", ""),
        ("factory_reserve", HAN_BIN),
    ]
    assert not any(item.changed for item in found)


def test_figures_are_those_of_the_checks(project: Project) -> None:
    """Reading only the contracts of the year changes nothing."""
    edit = attribute_edit(project, "parcel", [uuid_of(project, "parcel", "A")], {"note": "x"})
    full = {result.id: result for result in project.check(["industrial_quota", "factory_reserve"])}
    for item in unit_figures(project, edit):
        result = full[item.check]
        expected = [*result.units, *([result.city] if result.city else [])]
        assert item.before == next(unit for unit in expected if unit.code == item.before.code)


def test_a_unit_outline_that_moves_moves_the_records_with_it(project: Project) -> None:
    """高新区 grows over the flats at 1 600 m: 60 ha of 100 ha leave 汉滨区, whose share becomes 100 %."""
    import pandas as pd

    from layers.editing.edit import LayerEdit
    from layers.editing.prepare import edit_of
    from layers.editing.rows import read_rows
    from layers.registry import layer

    uuid = uuid_of(project, "unit", "610902-GX")
    before = read_rows(project, "unit", [uuid])
    after = before.drop(columns="born").copy()
    after["geometry"] = [rectangle(1500, 0, 2500, 2000)]
    edit = edit_of(project, [LayerEdit(layer("unit"), before, after)], why="示例")
    found = by_check(unit_figures(project, edit))
    assert found["industrial_quota", HAN_BIN].after.figures["share"] == pytest.approx(100.0)
    assert found["industrial_quota", "610902-GX"].after.figures["share"] == pytest.approx(0.0)
    assert pd.isna(found["industrial_quota", "610902-GX"].before.figures["share"])


def test_the_units_are_computed_again_after_a_change_of_units_only(project: Project) -> None:
    before = project.units()
    save(project, attribute_edit(project, "parcel", [uuid_of(project, "parcel", "A")], {"note": "x"}))
    assert project.units() is before
    save(project, attribute_edit(project, "unit", [uuid_of(project, "unit", "610922")], {"name": "石泉"}))
    assert project.units().name("610922") == "石泉"
    project.store.undo()
    assert project.units().name("610922") == "石泉县"


def test_a_lease_without_any_geometry_is_edited_added_and_taken_back(project: Project) -> None:
    """F2 let from the day on: 15 000 m² less of 39 000. The ledger has no geometry, its building tells the unit."""
    before = content(project)
    values = {"building_id": "F2", "kind": "租赁", "area": "1.5万㎡", "from_date": DAY}
    edit = new_row(project, "lease", None, values)
    item = by_check(unit_figures(project, edit))["factory_reserve", HAN_BIN]
    assert (item.before.figures["vacant"], item.after.figures["vacant"]) == (39_000.0, 24_000.0)
    save(project, edit)
    lease = project.read("lease").set_index("building_id")
    save(project, attribute_edit(project, "lease", [lease.loc["F2", "uuid"]], {"area": 10_000}))
    save(project, retirement(project, "lease", [lease.loc["F1", "uuid"]]))
    assert project.read("lease")["area"].tolist() == [10_000.0]
    for _ in range(3):
        project.store.undo()
    assert content(project) == before
