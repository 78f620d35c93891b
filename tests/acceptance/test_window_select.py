"""Selecting and measuring on the map of the real window, with mouse and keyboard."""

from __future__ import annotations

import re

import pyproj
import pytest
import shapely
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from app.dialogs.select_attributes import SelectAttributesDialog
from app.dialogs.select_location import SelectLocationDialog
from app.shell import Shell
from layers.selecting.by_attribute import Operator
from tests.acceptance.window import at, click, colour_at, dialog, drawn, settled, show

_NONE = Qt.KeyboardModifier.NoModifier
_SHIFT, _CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def mark(shell: Shell, layer: str) -> None:
    """Mark a layer in the tree, and show it."""
    tree = shell.window.layers
    tree.set_visible(layer, True)
    tree.list.setCurrentRow(tree.order[::-1].index(layer))


def parcels_of(shell: Shell) -> dict[str, shapely.Geometry]:
    assert shell.session.project is not None
    frame = shell.session.project.read("parcel", columns=[])
    return dict(zip(frame["uuid"], frame.geometry, strict=True))


def drag(qtbot: QtBot, shell: Shell, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier = _NONE) -> None:
    canvas = shell.window.map.canvas
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, keys, start)
    qtbot.mouseMove(canvas, (start + end) / 2)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, keys, end)


def around(shell: Shell, shape: shapely.Geometry, pixels: int = 0) -> tuple[QPoint, QPoint]:
    west, south, east, north = shape.bounds
    step = QPoint(pixels, pixels)
    return at(shell, shapely.Point(west, north)) - step, at(shell, shapely.Point(east, south)) + step


def box_between(shell: Shell, start: QPoint, end: QPoint) -> shapely.Geometry:
    view = shell.window.map.canvas.view()
    return shapely.box(*view.to_plane(start.x(), end.y()), *view.to_plane(end.x(), start.y()))


def test_a_box_selects_by_exact_geometry_shift_adds_control_switches_and_the_rest_is_inverted(
    qtbot: QtBot, looking: Shell
) -> None:
    shell = looking
    window, parcels = shell.window, parcels_of(shell)
    mark(shell, "parcel")
    uuid, shape = max(parcels.items(), key=lambda item: item[1].area)
    show(qtbot, shell, shape, room=2.0)
    qtbot.keyClick(window.map.canvas, Qt.Key.Key_S, _SHIFT)
    assert window.on_map.note.hint.text().startswith("拖一个框")
    start, end = around(shell, shape)
    drag(qtbot, shell, start, end)
    settled(qtbot, shell, lambda: shell.session.selected[0] == "parcel")
    area = box_between(shell, start, end)
    expected = {name for name, other in parcels.items() if other.intersects(area)}
    assert set(shell.session.selected[1]) == expected
    assert uuid in expected
    assert window.selection.isVisible()
    assert window.selection.text() == f"地块：已选 {len(expected)}"

    far = max(parcels, key=lambda name: shape.distance(parcels[name]))
    show(qtbot, shell, parcels[far])
    click_with(qtbot, shell, parcels[far].representative_point(), _SHIFT)
    settled(qtbot, shell, lambda: far in shell.session.selected[1])
    assert set(shell.session.selected[1]) == {*expected, far}
    click_with(qtbot, shell, parcels[far].representative_point(), _CONTROL)
    settled(qtbot, shell, lambda: far not in shell.session.selected[1])
    assert set(shell.session.selected[1]) == expected

    window.actions_["invert"].trigger()
    settled(qtbot, shell, lambda: far in shell.session.selected[1])
    assert set(shell.session.selected[1]) == set(parcels) - expected
    window.actions_["zoom_selection"].trigger()
    whole = shapely.box(*shapely.total_bounds(list(parcels.values())))
    settled(qtbot, shell, lambda: shapely.box(*window.map.extent()).contains(whole))
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert shell.session.selected == ("", [])
    assert not window.selection.isVisible()


def click_with(qtbot: QtBot, shell: Shell, point: shapely.Point, keys: Qt.KeyboardModifier) -> None:
    qtbot.mouseClick(shell.window.map.canvas, Qt.MouseButton.LeftButton, keys, at(shell, point))


def test_a_polygon_selects_what_it_touches_and_the_table_shows_it(qtbot: QtBot, looking: Shell) -> None:
    shell = looking
    """A triangle inside one parcel meets that parcel only; without a marked layer the topmost one is meant."""
    window, parcels = shell.window, parcels_of(shell)
    uuid, shape = max(parcels.items(), key=lambda item: item[1].area)
    for name in window.layers.order:
        window.layers.set_visible(name, name in {"unit", "park", "parcel"})
    show(qtbot, shell, shape)
    window.panel("table")
    settled(
        qtbot,
        shell,
        lambda: window.table.view.model() is not None and window.table.view.model().rowCount() > 0,
    )
    window.actions_["select_polygon"].trigger()
    place = at(shell, shape.representative_point())
    for step in (QPoint(0, 0), QPoint(9, 0), QPoint(0, 9)):
        qtbot.mouseClick(window.map.canvas, Qt.MouseButton.LeftButton, _NONE, place + step)
    qtbot.keyClick(window.map.canvas, Qt.Key.Key_Return)
    settled(qtbot, shell, lambda: shell.session.selected == ("parcel", [uuid]))

    def row_marked() -> bool:
        rows = window.table.view.selectionModel().selectedRows()
        return (
            len(rows) == 1
            and window.table._model is not None
            and window.table._model.uuid(rows[0].row()) == uuid
        )

    settled(qtbot, shell, row_marked)


def test_escape_is_the_tools_before_it_clears_the_selection(qtbot: QtBot, looking: Shell) -> None:
    shell = looking
    uuid = next(iter(parcels_of(shell)))
    window = shell.window
    shell.session.select("parcel", [uuid])
    window.map.canvas.setFocus()
    window.actions_["measure_length"].trigger()
    for place in (QPoint(100, 100), QPoint(180, 100)):
        qtbot.mouseClick(window.map.canvas, Qt.MouseButton.LeftButton, _NONE, place)
    assert window.on_map.note.result.text()
    qtbot.keyClick(window.map.canvas, Qt.Key.Key_Escape)
    assert window.on_map.note.result.text() == ""
    assert shell.session.selected == ("parcel", [uuid])
    qtbot.keyClick(window.map.canvas, Qt.Key.Key_Escape)
    assert shell.session.selected == ("", [])


def test_a_distance_is_that_of_the_ellipsoid_and_can_be_copied(qtbot: QtBot, looking: Shell) -> None:
    shell = looking
    """PROJ's geodesic between the two places clicked, to the centimetre shown."""
    window = shell.window
    drawn(qtbot, shell)
    window.map.canvas.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_M)
    first, second = QPoint(200, 150), QPoint(430, 290)
    for place in (first, second):
        qtbot.mouseClick(window.map.canvas, Qt.MouseButton.LeftButton, _NONE, place)
    qtbot.keyClick(window.map.canvas, Qt.Key.Key_Return)
    to_degrees = pyproj.Transformer.from_crs(4545, 4490, always_xy=True)
    ends = [to_degrees.transform(*window.map.canvas.view().to_plane(p.x(), p.y())) for p in (first, second)]
    geod = pyproj.Geod(a=6378137.0, rf=298.257222101)
    expected = geod.inv(*ends[0], *ends[1])[2]
    shown = window.on_map.note.result.text()
    metres = float(re.sub(r"[^\d.]", "", shown))
    kilometres = "千米" in shown or "公里" in shown  # with three digits behind the point
    assert metres * (1000 if kilometres else 1) == pytest.approx(
        expected, rel=2e-6, abs=0.5 if kilometres else 0.005
    )
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(window.map.canvas, Qt.Key.Key_C, _CONTROL)
    assert QGuiApplication.clipboard().text() == shown


def test_the_button_of_the_toolbar_keeps_the_variant_used_last(qtbot: QtBot, looking: Shell) -> None:
    shell = looking
    window = shell.window
    buttons = [
        button
        for button in window.toolbar.findChildren(QToolButton)
        if button.menu() is not None and window.actions_["measure_area"] in button.menu().actions()
    ]
    assert buttons[0].defaultAction() is window.actions_["measure_length"]
    window.actions_["measure_area"].trigger()
    assert buttons[0].defaultAction() is window.actions_["measure_area"]
    assert window.actions_["measure_area"].isChecked()
    assert not window.actions_["pan"].isChecked()
    click(qtbot, shell, shapely.Point(*window.map.place()))
    assert shell.session.selected == ("", [])  # a click measures, it does not identify


def test_rows_are_selected_by_what_stands_in_them(qtbot: QtBot, looking: Shell) -> None:
    """Against pandas on the same rows; a wrong value is named in the dialog and the selection stays."""
    shell = looking
    assert shell.session.project is not None
    frame = shell.session.project.read("parcel", geometry=False)
    mark(shell, "parcel")
    qtbot.keyClick(shell.window, Qt.Key.Key_F, _CONTROL | _SHIFT)
    asking = dialog(qtbot, SelectAttributesDialog)
    assert asking.layers.currentData() == "parcel"
    first = asking.rows[0]
    first.choose("area_certified", Operator.AT_LEAST)
    qtbot.keyClicks(first.value, "2ha")
    qtbot.mouseClick(asking.more, Qt.MouseButton.LeftButton)
    second = asking.rows[1]
    second.choose("land_use_code", Operator.ONE_OF)
    settled(qtbot, shell, lambda: second.picker.list.count() > 0)
    second.picker.tick("100101")
    assert "一类工业用地" in second.picker.text()
    qtbot.mouseClick(asking.choose, Qt.MouseButton.LeftButton)
    large, use = frame["area_certified"] >= 20_000, frame["land_use_code"] == "100101"
    settled(qtbot, shell, lambda: asking.answer.text().startswith("符合条件"))
    assert shell.session.selected[0] == "parcel"
    assert set(shell.session.selected[1]) == set(frame.loc[large & use, "uuid"])
    assert 0 < (large & use).sum() < len(frame)

    asking.every.setCurrentIndex(1)
    asking.how.setCurrentIndex(asking.how.findData("new"))
    qtbot.mouseClick(asking.choose, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, lambda: len(shell.session.selected[1]) == (large | use).sum())
    asking.rows[1].removed.emit(asking.rows[1])
    asking.how.setCurrentIndex(asking.how.findData("remove"))
    qtbot.mouseClick(asking.choose, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, lambda: len(shell.session.selected[1]) == (use & ~large).sum())

    before = shell.session.selected
    first.value.setText("很大")
    qtbot.mouseClick(asking.choose, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, lambda: "不是数字" in asking.answer.text())
    assert shell.session.selected == before
    asking.reject()


def test_rows_are_selected_by_where_they_lie_to_selected_ones(qtbot: QtBot, looking: Shell) -> None:
    shell = looking
    assert shell.session.project is not None
    parks = shell.session.project.read("park", columns=[])
    park = parks.iloc[0]
    parcels = parcels_of(shell)
    shell.session.select("park", [park["uuid"]])
    shell.window.actions_["select_location"].trigger()
    asking = dialog(qtbot, SelectLocationDialog)
    assert asking.others.currentData() == "park"
    assert asking.chosen.isChecked()
    asking.layers.setCurrentIndex(asking.layers.findData("parcel"))
    assert not asking.distance.isEnabled()
    qtbot.mouseClick(asking.choose, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, lambda: shell.session.selected[0] == "parcel")
    inside = {uuid for uuid, shape in parcels.items() if shape.within(park["geometry"].buffer(0.0005))}
    assert set(shell.session.selected[1]) == inside
    assert inside
    asking.relation.setCurrentIndex(asking.relation.findData("within_distance"))
    assert asking.distance.isEnabled()
    asking.distance.setValue(2000)
    assert not asking.chosen.isEnabled()  # the selection is in another layer by now
    qtbot.mouseClick(asking.choose, Qt.MouseButton.LeftButton)
    near = {
        uuid
        for uuid, shape in parcels.items()
        if any(shape.distance(other) <= 2000 for other in parks.geometry)
    }
    settled(qtbot, shell, lambda: set(shell.session.selected[1]) == near)
    asking.reject()


def test_all_rows_marked_in_the_table_are_selected_and_lit_up_on_the_map(
    qtbot: QtBot, looking: Shell
) -> None:
    """More rows than the pages of the table hold and than are outlined one by one; their layer may be off."""
    shell, window = looking, looking.window
    assert shell.session.project is not None
    frame = shell.session.project.read("land_use", columns=["snapshot"])
    frame = frame[frame["snapshot"] == window.map.snapshot].reset_index(drop=True)
    shape = frame.geometry[frame.geometry.area.idxmax()]
    everything = set(shell.session.project.read("land_use", columns=[])["uuid"])
    assert len(everything) > 1000
    for name in window.layers.order:
        window.layers.set_visible(name, False)
    show(qtbot, shell, shape)
    place = shape.representative_point()
    plain = colour_at(shell, place)
    window.commands.show_table("land_use")
    table = window.table
    settled(qtbot, shell, lambda: table.model is not None and table.model.fetched(0))
    table.view.setFocus()
    qtbot.keyClick(table.view, Qt.Key.Key_A, _CONTROL)
    assert table.selected()[0] == len(everything)
    # Qt's header would ask every marked row of every column at each painting, 64 s of 200,000 rows.
    assert not table.view.horizontalHeader().selectionModel().hasSelection()
    settled(qtbot, shell, lambda: set(shell.session.selected[1]) == everything)
    assert set(table.selected()[1]()) == everything
    assert f"{len(everything):,}" in window.selection.text()
    drawn(qtbot, shell)
    assert colour_at(shell, place) != plain
    table.view.clearSelection()
    table.view.selectRow(0)
    settled(qtbot, shell, lambda: len(shell.session.selected[1]) == 1)
    drawn(qtbot, shell)
    assert colour_at(shell, place) == plain
    table.show_layer("parcel")


def test_what_was_selected_before_is_not_taken_for_rows_that_are_still_being_read(
    qtbot: QtBot, looking: Shell
) -> None:
    shell, table = looking, looking.window.table
    looking.window.commands.show_table("land_use")
    settled(qtbot, shell, lambda: table.model is not None and table.model.fetched(0))
    shell.session.select("parcel", [next(iter(parcels_of(shell)))])
    table.view.selectAll()
    assert shell.session.selected[1] == []
    settled(qtbot, shell, lambda: len(shell.session.selected[1]) > 1000)
    shell.session.select("", [])
    table.show_layer("parcel")
