"""What is told before an edit takes industrial land from a line: by hand, areas by pyproj.Geod."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gis.editing.merge import merge
from gis.editing.shared_vertices import move_vertices
from gis.editing.split import split
from layers.checks.registry import CHECKS
from layers.editing.edit import Edit
from layers.editing.neighbourhood import JOINED, neighbourhood
from layers.editing.prepare import attribute_edit, new_row, retirement
from layers.editing.reshaping import geometry_edit
from layers.editing.save import ReasonNeededError, save
from layers.editing.warnings import EditWarning, warnings_of
from layers.project import Project
from tests.layers.checks.test_rezoning import geod_area
from tests.layers.checks.world import rectangle
from tests.layers.editing.city import DAY, at, build, content, read, uuid_of

AROUND = (*at(-10, -10), *at(2000, 1010))
BLOCK = rectangle(0, 0, 1000, 1000)


def recoded(project: Project, code: str | None, *numbers: str) -> Edit:
    uuids = [uuid_of(project, "parcel", number) for number in numbers]
    return attribute_edit(project, "parcel", uuids, {"land_use_code": code})


def split_at(project: Project, number: str, east: float) -> Edit:
    near = neighbourhood(project, JOINED, AROUND)
    line = np.array([at(east, 50), at(east, 650)])
    target = near.position("parcel", uuid_of(project, "parcel", number))
    return geometry_edit(project, near, split(near.geometries, line, [target]))


def line_moved(project: Project, metres: float, day: dt.date | None = None) -> Edit:
    near = neighbourhood(project, ["block_line"], AROUND, day=day)
    corners, goals = [at(1000, 0), at(1000, 1000)], [at(1000 - metres, 0), at(1000 - metres, 1000)]
    return geometry_edit(project, near, move_vertices(near.geometries, corners, goals))


def only(warnings: list[EditWarning]) -> EditWarning:
    assert len(warnings) == 1, [item.text for item in warnings]
    return warnings[0]


def test_a_parcel_inside_the_line_recoded_to_flats_is_told_with_everything(project: Project) -> None:
    """A is 200 m × 500 m, planned industrial. C, 0701 on planned industry, was lost before: 10 % of the block."""
    found = only(warnings_of(project, recoded(project, "0701", "A")))
    area = geod_area(rectangle(100, 100, 200, 500))
    assert (found.way, found.severity, found.sliver, found.needs_reason) == (
        "parcel",
        "violation",
        False,
        True,
    )
    assert (found.layer, found.uuid, found.subject) == ("parcel", uuid_of(project, "parcel", "A"), "A")
    assert found.geometry.equals(rectangle(100, 100, 200, 500))
    assert found.area == pytest.approx(area, abs=0.001)
    assert found.mu == pytest.approx(area * 3 / 2000, abs=1e-5)
    assert found.width == pytest.approx(200.0, rel=0.02)
    assert (found.unit, found.unit_name) == ("610902", "汉滨区")
    assert (found.block, found.block_name, found.level) == ("L1", "示例区块", "first")
    assert found.block_share == pytest.approx(0.1, rel=1e-4)
    assert (found.from_code, found.from_use, found.to_code) == ("100101", "一类工业用地", "0701")
    assert found.industrial_lost == pytest.approx(area, abs=0.001)
    assert found.block_state.share_before == pytest.approx(0.9, rel=1e-4)
    assert found.block_state.share_after == pytest.approx(0.8, rel=1e-4)
    assert (found.clause.number, "限制调整为住宅、商业" in found.clause.quotation) == ("第七条", True)
    assert "地块 A 的用途由 100101 一类工业用地 改为 0701" in found.text
    assert found.block_text == "区块工业用地占比 90.00% → 80.00%"


@pytest.mark.parametrize(
    ("code", "severity", "asked"),
    [("0901", "violation", True), ("0804", "review", True), ("1101", "note", False), ("16", "note", False),
     ("100101+0901", "violation", True)],
)  # fmt: skip
def test_the_policys_matrix_decides(project: Project, code: str | None, severity: str, asked: bool) -> None:
    found = only(warnings_of(project, recoded(project, code, "A")))
    assert (found.severity, found.needs_reason) == (severity, asked)


def test_another_kind_of_industry_and_land_put_back_are_no_warning(project: Project) -> None:
    assert warnings_of(project, recoded(project, "100102", "A")) == []
    assert warnings_of(project, recoded(project, "100101", "C")) == []


def test_land_that_was_lost_before_is_not_told_again(project: Project) -> None:
    """C is 0701 on planned industry: 0901 is as bad, 1101 less bad."""
    assert warnings_of(project, recoded(project, "0901", "C")) == []
    assert warnings_of(project, recoded(project, "1101", "C")) == []


def test_land_that_was_lost_lightly_and_is_now_lost_gravely_is_told_by_the_plan(project: Project) -> None:
    """C coded as green is a review; from there to shops it is a violation, of land planned as 1001."""
    save(project, recoded(project, "1401", "C"))
    found = only(warnings_of(project, recoded(project, "0901", "C")))
    assert (found.severity, found.from_code, found.to_code) == ("violation", "1001", "0901")


def test_a_parcel_half_inside_the_line_is_told_with_its_half(project: Project) -> None:
    """H reaches from 900 to 1 100 m, the line ends at 1 000 m."""
    found = only(warnings_of(project, recoded(project, "0901", "H")))
    assert found.area == pytest.approx(geod_area(rectangle(900, 100, 100, 500)), abs=0.001)
    assert found.geometry.equals(rectangle(900, 100, 100, 500))


def test_two_parcels_recoded_together_are_two_pieces_and_one_block(project: Project) -> None:
    found = warnings_of(project, recoded(project, "0701", "A", "B"))
    assert sorted(item.subject for item in found) == ["A", "B"]
    assert {round(item.block_state.share_after or 0.0, 3) for item in found} == {0.7}


def test_a_part_of_a_split_parcel_that_gets_another_code_is_told_as_way_three(project: Project) -> None:
    """A is cut at 250 m; its eastern quarter, 50 m × 500 m, becomes shops."""
    edit = split_at(project, "A", 250)
    assert warnings_of(project, edit) == []
    parcels = edit.layers["parcel"].after
    small = parcels.index[parcels.area < 30_000][0]
    found = only(warnings_of(project, edit.with_values("parcel", [small], {"land_use_code": "0901"})))
    assert (found.way, found.uuid, found.subject) == ("split", small, "A-2")
    assert found.area == pytest.approx(geod_area(rectangle(250, 100, 50, 500)), abs=0.001)
    assert "由分割而来" in found.text


def test_a_two_metre_strip_along_three_kilometres_is_land_and_ten_centimetres_are_not(tmp_path: Path) -> None:
    """A parcel 3 000 m × 500 m in a line of its own; the strip is cut off and becomes shops."""
    with build(tmp_path / "strip.gpkg") as project:
        long = rectangle(0, 3000, 3000, 500)
        with project.transaction("示例") as t:
            values = {"name": ["长区块"], "valid_from": [pd.Timestamp("2023-01-01")]}
            t.insert(
                "block_line",
                read(project, "block_line")
                .iloc[:1][["geometry"]]
                .assign(geometry=[long], code="L9", **values),
            )
        parcel = {"parcel_no": "S", "land_use_code": "1001", "land_use_scheme": "guide2023"}
        save(project, new_row(project, "parcel", long, parcel))
        for width, sliver in ((2.0, False), (0.1, True)):
            near = neighbourhood(project, ["parcel"], (*at(-10, 2990), *at(3010, 3510)))
            line = np.array([at(-5, 3000 + width), at(3005, 3000 + width)])
            edit = geometry_edit(project, near, split(near.geometries, line, [0]))
            after = edit.layers["parcel"].after
            strip = after.index[after.area < 100_000][0]
            found = only(warnings_of(project, edit.with_values("parcel", [strip], {"land_use_code": "0901"})))
            assert (found.sliver, found.needs_reason) == (sliver, not sliver)
            assert found.width == pytest.approx(width, rel=0.02)
            assert found.area == pytest.approx(geod_area(rectangle(0, 3000, 3000, width)), abs=0.001)


def test_industrial_land_merged_into_flats_is_told(project: Project) -> None:
    """B (industrial) and C (flats) become one parcel: by the proposal, the larger one's code, B's; then C's."""
    uuids = [uuid_of(project, "parcel", number) for number in "BC"]
    near = neighbourhood(project, JOINED, AROUND)
    edit = geometry_edit(
        project, near, merge(near.geometries, [near.position("parcel", uuid) for uuid in uuids])
    )
    merged = edit.layers["parcel"].born[0]
    industrial = edit.with_values("parcel", [merged], {"land_use_code": "100101", "parcel_no": "BC"})
    assert warnings_of(project, industrial) == []
    flats = edit.with_values("parcel", [merged], {"land_use_code": "0701", "parcel_no": "BC"})
    found = only(warnings_of(project, flats))
    assert (found.way, found.subject) == ("parcel", "BC")
    assert found.area == pytest.approx(geod_area(rectangle(300, 100, 200, 500)), abs=0.001)


def test_a_border_moved_into_industrial_land_gives_the_strip_to_the_neighbours_use(project: Project) -> None:
    """The border B|C goes 20 m west: 20 m × 500 m of B become part of C, which is flats."""
    near = neighbourhood(project, ["parcel"], AROUND)
    corners, goals = [at(500, 100), at(500, 600)], [at(480, 100), at(480, 600)]
    edit = geometry_edit(project, near, move_vertices(near.geometries, corners, goals))
    found = only(warnings_of(project, edit))
    assert (found.subject, found.from_code, found.to_code) == ("C", "100101", "0701")
    assert found.area == pytest.approx(geod_area(rectangle(480, 100, 20, 500)), abs=0.01)
    back = geometry_edit(project, near, move_vertices(near.geometries, corners, [at(520, 100), at(520, 600)]))
    assert warnings_of(project, back) == []


def test_a_new_parcel_of_flats_on_planned_industry_is_held_against_the_plan(project: Project) -> None:
    values = {"parcel_no": "N", "land_use_code": "0701", "land_use_scheme": "guide2023"}
    found = only(warnings_of(project, new_row(project, "parcel", rectangle(750, 700, 50, 50), values)))
    assert (found.from_code, found.from_use, found.to_code) == ("1001", "工业用地", "0701")
    assert found.area == pytest.approx(geod_area(rectangle(750, 700, 50, 50)), abs=0.001)
    outside = new_row(project, "parcel", rectangle(1200, 700, 50, 50), values)
    assert warnings_of(project, outside) == []


def test_a_line_moved_by_five_metres_leaves_a_strip_outside(project: Project) -> None:
    """5 m × 1 000 m planned as 1001; of 1 000 m, 100 m are C's flats: 900 of 1 000, then 895 of 995."""
    found = only(warnings_of(project, line_moved(project, 5.0)))
    assert (found.way, found.severity, found.layer) == ("line", "violation", "block_line")
    assert found.area == pytest.approx(geod_area(rectangle(995, 0, 5, 1000)), abs=0.001)
    assert found.width == pytest.approx(5.0, rel=0.01)
    assert (found.from_code, found.to_code) == ("1001", "")
    assert found.block_state.share_before == pytest.approx(0.9, rel=1e-4)
    assert found.block_state.share_after == pytest.approx(895 / 995, rel=1e-4)
    assert "位于线外" in found.text


def test_a_line_moved_outwards_takes_nothing_and_one_that_ends_takes_all(project: Project) -> None:
    assert warnings_of(project, line_moved(project, -5.0)) == []
    gone = only(
        warnings_of(project, retirement(project, "block_line", [uuid_of(project, "block_line", "L1")]))
    )
    assert gone.area == pytest.approx(geod_area(BLOCK), abs=0.01)
    assert gone.block_state.share_after is None
    assert gone.block_text == ""


def test_a_line_whose_new_version_begins_later_is_told_all_the_same(project: Project) -> None:
    found = only(warnings_of(project, line_moved(project, 5.0, DAY + dt.timedelta(days=30))))
    assert found.area == pytest.approx(geod_area(rectangle(995, 0, 5, 1000)), abs=0.001)


def test_a_line_moved_with_its_papers_needs_a_review_only(project: Project) -> None:
    edit = line_moved(project, 5.0)
    [new] = edit.layers["block_line"].born
    papers = {"doc_no": "示例文号2", "approved_on": "2024-06-01"}
    assert only(warnings_of(project, edit.with_values("block_line", [new], papers))).severity == "review"


def contract(project: Project, use: str, **more: object) -> Edit:
    values = {
        "supervision_no": "6109022024B00003", "use_name": use, "mode": "23", "area": 10_000, "contract_on": DAY, **more
    }  # fmt: skip
    shape = None if "parcel_no" in more else rectangle(700, 700, 200, 100)
    return new_row(project, "transfer", shape, values)


def test_a_contract_gives_planned_industry_to_flats(project: Project) -> None:
    """200 m × 100 m by its outline: 2 % of the block."""
    found = only(warnings_of(project, contract(project, "其他普通商品住房用地")))
    assert (found.way, found.severity, found.layer) == ("transfer", "violation", "transfer")
    assert found.subject == "6109022024B00003"
    assert (found.from_code, found.to_use) == ("1001", "其他普通商品住房用地")
    assert found.area == pytest.approx(geod_area(rectangle(700, 700, 200, 100)), abs=0.001)
    assert found.block_state.share_after == pytest.approx(0.88, rel=1e-4)
    assert warnings_of(project, contract(project, "工业用地")) == []


def test_a_contract_without_outline_gives_the_parcel_it_names(project: Project) -> None:
    found = only(warnings_of(project, contract(project, "其他商服用地", parcel_no="B")))
    assert found.area == pytest.approx(geod_area(rectangle(300, 100, 200, 500)), abs=0.001)


def test_a_contract_changed_to_another_use_is_news_and_one_cancelled_is_not(project: Project) -> None:
    save(project, contract(project, "工业用地"))
    uuid = uuid_of(project, "transfer", "6109022024B00003")
    changed = attribute_edit(project, "transfer", [uuid], {"use_name": "其他商服用地"})
    assert only(warnings_of(project, changed)).way == "transfer"
    save(project, changed, reason="示例理由")
    assert warnings_of(project, attribute_edit(project, "transfer", [uuid], {"holder": "示例企业 9"})) == []
    assert warnings_of(project, attribute_edit(project, "transfer", [uuid], {"cancelled_on": DAY})) == []


def test_without_a_plan_the_parcels_own_codes_speak(tmp_path: Path) -> None:
    """A, B and half of H are industrial: 100 + 100 + 50 of 1 000 m² · 10³; A goes."""
    with build(tmp_path / "bare.gpkg", plan=False) as project:
        found = only(warnings_of(project, recoded(project, "0701", "A")))
        assert found.block_state.share_before == pytest.approx(0.25, rel=1e-4)
        assert found.block_state.share_after == pytest.approx(0.15, rel=1e-4)
        moved = only(warnings_of(project, line_moved(project, 5.0)))
        assert moved.area == pytest.approx(geod_area(rectangle(995, 100, 5, 500)), abs=0.001)


def test_the_edit_is_saved_only_with_a_reason_and_the_reason_is_kept(project: Project) -> None:
    before = content(project)
    edit = recoded(project, "0701", "A")
    with pytest.raises(ReasonNeededError, match="说明理由") as caught:
        save(project, edit, reason="  ")
    assert [item.subject for item in caught.value.warnings] == ["A"]
    assert content(project) == before
    save(project, edit, reason="市政府会议纪要（示例）")
    assert project.store.journal(limit=1)[0].why == "修改地块的用途代码（理由：市政府会议纪要（示例））"
    kept = project.read("warning").iloc[0]
    assert (kept["way"], kept["severity"], kept["state"]) == ("parcel", "violation", "acknowledged")
    assert (kept["subject"], kept["block"], kept["to_code"], kept["clause"]) == ("A", "L1", "0701", "第七条")
    assert kept["area"] == pytest.approx(geod_area(rectangle(100, 100, 200, 500)), abs=0.001)
    assert (kept["share_before"], kept["share_after"]) == pytest.approx((0.9, 0.8), rel=1e-4)
    assert kept["geometry"].area == pytest.approx(100_000.0)
    assert kept["reason"] == "市政府会议纪要（示例）"
    assert kept["acknowledged_by"] == project.store.user
    assert pd.notna(kept["acknowledged_on"])
    evidence = project.check(["rezoning"])[0].evidence
    row = evidence[evidence["subject"] == "A"].iloc[0]
    assert (row["way"], row["state"], row["reason"]) == ("parcel", "acknowledged", "市政府会议纪要（示例）")
    project.store.undo()
    assert content(project) == before


def test_what_the_editor_warned_about_the_check_finds_later(project: Project) -> None:
    """A recoded, a part of B split off and recoded, a contract: each found by the check with the same area."""
    told: dict[str, float] = {}
    edit = split_at(project, "B", 450)
    after = edit.layers["parcel"].after
    small = after.index[(after.area < 30_000) & after["parcel_no"].str.startswith("B")][0]
    edits = [
        lambda: recoded(project, "0701", "A"),
        lambda: edit.with_values("parcel", [small], {"land_use_code": "0901"}),
        lambda: contract(project, "其他商服用地"),
    ]
    for make in edits[::-1]:
        found = only(warnings_of(project, make()))
        told[found.way] = found.area
        save(project, make(), reason="示例理由")
    evidence = project.check(["rezoning"])[0].evidence
    news = evidence[evidence["subject"] != "C"].set_index("way")
    assert set(news["state"]) == {"acknowledged"}
    assert news["area"].to_dict() == pytest.approx(told)
    assert set(told) == {"parcel", "split", "transfer"}


def test_a_parcel_that_no_longer_says_any_use_needs_a_review(project: Project) -> None:
    """Its code goes, and its name with it."""
    found = only(warnings_of(project, recoded(project, None, "A")))
    assert (found.severity, found.to_code) == ("review", "")
    assert "改为 无用途" in found.text


def test_a_check_finds_in_the_columns_that_it_names_what_it_finds_in_whole_tables(project: Project) -> None:
    save(project, recoded(project, "0701", "A"), reason="示例理由")
    save(project, contract(project, "其他商服用地", parcel_no="B"), reason="示例理由")
    by_name = {check.id: check for check in CHECKS if check.columns}
    assert by_name
    for name, check in by_name.items():
        whole = {table: project.read(table) for table in check.tables}
        expected = check.run(whole, project.units(), project.policy, project.codes, DAY, None)
        found = project.check([name])[0]
        assert (found.units, found.city, found.findings) == (expected.units, expected.city, expected.findings)
        pd.testing.assert_frame_equal(pd.DataFrame(found.evidence), pd.DataFrame(expected.evidence))
        assert name != "rezoning" or len(found.evidence) == 3
