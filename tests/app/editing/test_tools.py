"""Every tool on the real window: what is drawn by hand is what is stored, in one step that undo takes back.

The city (``tests.layers.editing.city``): parcels A, B, C side by side, each 200 m × 500 m from (100, 100) on; H beside
them from (900, 100); a park round A, B and C; a factory 50 m high along the south side of A.
"""

from __future__ import annotations

import pytest
import shapely
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QFrame

from app.dialogs.distance import DistanceDialog
from app.dialogs.merge_rows import MergeRowsDialog
from app.dialogs.new_row import NewRowDialog
from app.editing.tools.draw import DrawTool
from app.editing.tools.sketch import SketchTool
from gis.area import ellipsoidal_area
from tests.app.editing.hand import Hand
from tests.layers.checks.world import EPSG
from tests.layers.editing.city import at, read


def corners(shape: shapely.Geometry) -> set[tuple[float, float]]:
    return {(x, y) for x, y in shapely.get_coordinates(shape).tolist()}


def test_editing_has_a_toolbar_of_its_own_that_goes_when_it_ends(hand: Hand) -> None:
    bar = hand.window.edit_bar
    assert bar.isVisible()
    assert bar.sizeHint().width() <= 1440
    assert [bar.layers.itemData(row) for row in range(bar.layers.count())] == [
        "unit", "park", "parcel", "transfer", "factory", "block_line", "observation",
    ]  # fmt: skip
    hand.take("split")
    assert hand.tool.hint()
    hint = hand.canvas.findChild(QFrame, "tool_note")
    assert hint is not None
    assert hint.isVisible()
    assert not hint.geometry().intersects(QRect(8, hand.canvas.height() - 44, 180, 36)), "the scale bar"
    hand.window.actions_["edit"].trigger()
    assert not bar.isVisible()
    assert hand.mode.tool is None
    assert hand.window.actions_["pan"].isChecked()
    assert not any(action.isEnabled() for action in bar.actions_.values())


def test_a_shared_boundary_point_moves_in_all_that_have_it(hand: Hand) -> None:
    """The north end of A|B goes east by d. The factory's corner at 150 m north holds the border there: A gains d × 450 / 2."""
    steps = hand.steps()
    hand.take("vertex")
    hand.hold(300, 600)
    hand.drag(320, 610)
    shown = {outcome.layer for outcome in hand.tool.found}
    assert {"parcel", "park"} <= shown
    hand.drop(320, 560)
    parcels = hand.parcels()
    x, y = max(corners(parcels.geometry["A"]) - {at(100, 600)}, key=lambda corner: (corner[1], corner[0]))
    assert (x, y) in corners(parcels.geometry["B"])
    assert any((x, y) in corners(shape) for shape in read(hand.project, "park").geometry)
    assert x - at(320, 0)[0] == pytest.approx(0, abs=hand.canvas.view().resolution)
    assert y - at(0, 560)[1] == pytest.approx(0, abs=hand.canvas.view().resolution)
    assert shapely.area(shapely.intersection(parcels.geometry["A"], parcels.geometry["B"])) == pytest.approx(
        0
    )
    assert hand.steps() == steps + 1
    hand.undo()
    assert hand.parcels().geometry["A"].area == pytest.approx(100_000)


def test_escape_lets_a_boundary_point_go_where_it_was(hand: Hand) -> None:
    steps = hand.steps()
    hand.take("vertex")
    hand.hold(300, 600)
    hand.drag(320, 560)
    assert hand.mode.drawing
    hand.key(Qt.Key.Key_Escape)
    hand.drop(320, 560)
    assert not hand.mode.drawing
    assert hand.steps() == steps


def test_a_double_click_adds_a_boundary_point_and_delete_takes_it_away(hand: Hand) -> None:
    before = hand.parcels().geometry["A"]
    hand.take("vertex")
    hand.double_click(300, 400)
    parcels = hand.parcels()
    added = corners(parcels.geometry["A"]) - corners(before)
    assert len(added) == 2, "the new one and the factory's corner that lies on the side"
    assert added <= corners(parcels.geometry["B"])
    assert parcels.geometry["A"].area == pytest.approx(100_000)
    hand.hover(300, 400)
    hand.key(Qt.Key.Key_Delete)
    assert not any(abs(y - at(0, 400)[1]) < 5 for _x, y in corners(hand.parcels().geometry["A"]))


def test_the_right_button_takes_a_corner_away(hand: Hand) -> None:
    """H has four corners; without one it is the triangle of half its area."""
    hand.take("vertex")
    hand.right_click(1100, 600)
    assert hand.parcels().geometry["H"].area == pytest.approx(50_000)


def test_a_split_shows_the_pieces_keeps_the_area_and_selects_them(hand: Hand) -> None:
    hand.select("B")
    whole = float(ellipsoidal_area(hand.parcels().geometry[["B"]].to_numpy(), EPSG)[0])
    hand.take("split")
    hand.click(350, 640)
    hand.hover(350, 60)
    assert (
        len([outcome for outcome in hand.tool.found if outcome.layer == "parcel" and not outcome.uuid]) == 2
    )
    shown = sorted(outcome.area for outcome in hand.tool.found if not outcome.uuid)
    assert sum(shown) == pytest.approx(whole, abs=1e-6)
    hand.click(350, 60)
    hand.key(Qt.Key.Key_Return)
    parcels = hand.parcels()
    pieces = parcels.loc[["B-1", "B-2"]]
    assert sorted(pieces["area_ellipsoid"]) == pytest.approx(shown, abs=1e-6)
    assert hand.shell.session.selected == (
        "parcel",
        list(pieces.sort_values("area_plane", ascending=False)["uuid"]),
    )
    cut = corners(pieces.geometry["B-1"]) & corners(pieces.geometry["B-2"])
    assert len(cut) == 2
    assert all(
        any(corner in corners(shape) for shape in read(hand.project, "park").geometry) for corner in cut
    )
    hand.undo()
    assert "B" in hand.parcels().index


def test_inside_a_drawing_undo_and_backspace_take_points_back(hand: Hand) -> None:
    steps = hand.steps()
    hand.take("split")
    tool = hand.tool
    assert isinstance(tool, SketchTool)
    for east in (350, 360, 370):
        hand.click(east, 640)
    assert len(tool.points) == 3
    assert not hand.window.actions_["undo"].isEnabled()
    hand.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(tool.points) == 2
    hand.key(Qt.Key.Key_Backspace)
    assert len(tool.points) == 1
    hand.key(Qt.Key.Key_Escape)
    assert tool.points == []
    assert hand.steps() == steps


def test_a_line_that_splits_nothing_says_so_and_stays(hand: Hand) -> None:
    hand.take("split")
    hand.click(750, 640)
    hand.click(760, 60)
    hand.hover(765, 60)
    assert "没有" in hand.tool.problem
    assert hand.mode.drawing


def test_a_polygon_drawn_from_corner_to_corner_shares_them(hand: Hand) -> None:
    """Between C and H, 200 m × 500 m; the pointer comes within a few pixels of each corner only."""
    near = 3 * hand.canvas.view().resolution
    hand.take("draw")
    tool = hand.tool
    assert isinstance(tool, DrawTool)
    for east, north in ((700, 100), (900, 100), (900, 600)):
        hand.click(east + near, north - near)
        assert tool.points[-1] == at(east, north)
    hand.hover(700, 600)
    assert tool.marker is not None
    assert tool.marker.kind == "vertex"
    assert tool.area() == pytest.approx(100_000, rel=1e-3)
    assert tool.lengths() == pytest.approx([200, 500, 200, 500], rel=1e-3)
    assert not tool.conflicts
    hand.click(700, 600)
    hand.click(700, 100)
    dialog = hand.dialog(NewRowDialog)
    dialog.buttons.accepted.emit()
    assert "不能为空" in dialog.problem.text()
    dialog.editors["parcel_no"].setText("N-1")  # type: ignore[union-attr]
    dialog.buttons.accepted.emit()
    hand.settled()
    drawn = hand.parcels().loc["N-1"]
    assert corners(drawn.geometry) == {at(700, 100), at(900, 100), at(900, 600), at(700, 600)}
    assert drawn["area_plane"] == pytest.approx(100_000)
    assert hand.shell.session.selected == ("parcel", [drawn["uuid"]])


def test_overlaps_and_gaps_are_shown_while_drawing_and_the_overlap_is_left_out(hand: Hand) -> None:
    """From 650 to 899.5 m: 50 m over C, and half a metre short of H."""
    hand.take("draw")
    tool = hand.tool
    assert isinstance(tool, DrawTool)
    hand.mode.snapping.set_on(False)
    for east, north in ((650, 150), (899.5, 150), (899.5, 550), (650, 550)):
        hand.click(east, north)
    hand.hover(651, 540)
    kinds = {conflict.kind.value: conflict.area for conflict in tool.conflicts}
    assert kinds["overlap"] == pytest.approx(50 * 400, rel=0.02)
    assert kinds["gap"] == pytest.approx(0.5 * 400, rel=0.05)
    hand.mode.snapping.set_on(True)
    hand.key(Qt.Key.Key_Return)
    dialog = hand.dialog(NewRowDialog)
    assert dialog.yielding.isVisible()
    dialog.editors["parcel_no"].setText("N-2")  # type: ignore[union-attr]
    dialog.buttons.accepted.emit()
    hand.settled()
    parcels = hand.parcels()
    assert parcels.geometry["N-2"].bounds[0] == at(700, 0)[0]
    assert shapely.area(
        shapely.intersection(parcels.geometry["N-2"], parcels.geometry["C"])
    ) == pytest.approx(0)


def test_going_back_from_the_attributes_keeps_the_drawing(hand: Hand) -> None:
    hand.take("draw")
    for east, north in ((750, 200), (850, 200), (850, 300)):
        hand.click(east, north)
    hand.key(Qt.Key.Key_Return)
    hand.dialog(NewRowDialog).reject()
    hand.settled()
    assert isinstance(hand.tool, DrawTool)
    assert len(hand.tool.points) == 3


def test_a_boundary_is_reshaped_and_the_neighbour_follows(hand: Hand) -> None:
    """A bulge of A into B: what the one gains the other loses."""
    hand.select("A")
    hand.take("reshape")
    for east, north in ((300, 500), (350, 400), (300, 300)):
        hand.click(east, north)
    hand.key(Qt.Key.Key_Return)
    parcels = hand.parcels()
    gained = parcels.geometry["A"].area - 100_000
    assert gained == pytest.approx(50 * 200 / 2, rel=0.02)
    assert parcels.geometry["B"].area == pytest.approx(100_000 - gained)
    assert len(corners(parcels.geometry["A"]) & corners(parcels.geometry["B"])) >= 4


def test_merging_asks_what_the_rows_differ_in(hand: Hand) -> None:
    hand.take("merge")
    hand.click(200, 400)
    hand.click(400, 400)
    hand.until(lambda: bool(hand.tool.found))
    assert sum(outcome.area for outcome in hand.tool.found if not outcome.uuid) == pytest.approx(
        200_000, rel=1e-3
    )
    hand.key(Qt.Key.Key_Return)
    dialog = hand.dialog(MergeRowsDialog)
    labels = [dialog.whole.itemText(row) for row in range(dialog.whole.count())]
    dialog.whole.setCurrentIndex(labels.index("B"))
    dialog.whole.activated.emit(labels.index("B"))
    dialog.accept()
    hand.settled()
    parcels = hand.parcels()
    assert "A" not in parcels.index
    assert parcels.geometry["B"].area == pytest.approx(200_000)
    assert hand.shell.session.selected == ("parcel", [parcels.loc["B", "uuid"]])
    hand.undo()
    assert {"A", "B"} <= set(hand.parcels().index)


def test_merging_begins_with_what_is_selected(hand: Hand) -> None:
    hand.select("A", "B")
    hand.take("merge")
    hand.until(lambda: hand.mode.drawing)
    hand.key(Qt.Key.Key_Escape)
    assert not hand.mode.drawing


def test_a_hole_is_cut_and_filled_again(hand: Hand) -> None:
    hand.take("hole")
    for east, north in ((950, 200), (1050, 200), (1050, 300), (950, 300)):
        hand.click(east, north)
    hand.key(Qt.Key.Key_Return)
    shape = hand.parcels().geometry["H"]
    assert shape.area == pytest.approx(90_000, rel=0.01)
    hole = 100_000 - shape.area
    hand.take("fill")
    hand.click(1000, 250)
    hand.settled()
    filled = hand.parcels().geometry["H"]
    assert filled.area == pytest.approx(100_000)
    hand.undo()
    hand.click(1000, 250, Qt.KeyboardModifier.ShiftModifier)
    hand.settled()
    assert hand.parcels().geometry["H-1"].area == pytest.approx(hole)


def test_a_whole_polygon_is_moved_and_docks_with_its_corner(hand: Hand) -> None:
    """H is taken by its south-west corner and put down on the south-east corner of C."""
    hand.take("move")
    hand.hold(900, 100)
    hand.drag(800, 150)
    hand.drop(703, 102)
    shape = hand.parcels().geometry["H"]
    assert corners(shape) == {at(700, 100), at(900, 100), at(900, 600), at(700, 600)}


def test_a_side_is_moved_by_a_typed_distance(hand: Hand) -> None:
    hand.take("offset")
    hand.click(1100, 350)
    dialog = hand.dialog(DistanceDialog)
    dialog.distance.setValue(12.5)
    hand.until(lambda: bool(hand.tool.found) and not hand.mode.latest.busy)
    dialog.accept()
    hand.settled()
    assert hand.parcels().geometry["H"].area == pytest.approx(212.5 * 500)


def test_a_whole_boundary_is_moved_inwards_into_a_polygon_of_its_own(hand: Hand) -> None:
    hand.take("offset")
    hand.click(1000, 350)
    dialog = hand.dialog(DistanceDialog)
    dialog.distance.setValue(-10)
    dialog.option.setChecked(True)
    dialog.accept()
    hand.settled()
    parcels = hand.parcels()
    assert parcels.geometry["H"].area == pytest.approx(100_000)
    assert parcels.geometry["H-1"].area == pytest.approx(180 * 480)


def test_a_distance_that_leaves_nothing_cannot_be_stored(hand: Hand) -> None:
    hand.take("offset")
    hand.click(1000, 350)
    dialog = hand.dialog(DistanceDialog)
    dialog.distance.setValue(-150)
    hand.until(lambda: bool(dialog.note.text()))
    assert not dialog.buttons.button(dialog.buttons.StandardButton.Ok).isEnabled()


def test_a_boundary_is_aligned_to_its_neighbour(hand: Hand) -> None:
    """C's east side stands at 700 m; H, moved to 700.6 m, is laid on it."""
    hand.take("move")
    hand.mode.snapping.set_on(False)
    hand.hold(1000, 400)
    hand.drop(1000 - 199.4, 400)
    hand.mode.snapping.set_on(True)
    gap = hand.parcels().geometry["H"].bounds[0] - at(700, 0)[0]
    assert gap != 0
    hand.take("align")
    hand.click(850, 400)
    hand.click(600, 400)
    dialog = hand.dialog(DistanceDialog)
    dialog.distance.setValue(abs(gap) + 1)
    dialog.accept()
    hand.settled()
    parcels = hand.parcels()
    assert len(corners(parcels.geometry["C"]) & corners(parcels.geometry["H"])) >= 2


def test_snapping_is_set_by_kind_and_distance_and_kept(hand: Hand) -> None:
    bar, snapping = hand.window.edit_bar, hand.mode.snapping
    hand.take("draw")
    hand.hover(302, 602)
    assert hand.tool.marker is not None
    hand.key(Qt.Key.Key_S)
    assert not snapping.on
    assert not bar.snap_switch.isChecked()
    hand.hover(302, 602)
    assert hand.tool.marker is None
    bar.snap_switch.trigger()
    bar.kinds["vertex"].trigger()
    hand.hover(302, 602)
    assert hand.tool.marker is not None
    assert hand.tool.marker.kind != "vertex"
    bar.distances[20].trigger()
    settings = hand.shell.settings
    assert settings.snapping_tolerance == 20
    assert "vertex" not in settings.snapping_kinds(("vertex", "edge"))
    bar.kinds["vertex"].trigger()
    bar.distances[10].trigger()
    assert settings.snapping_kinds(("vertex", "edge")) == ["vertex", "edge"]
