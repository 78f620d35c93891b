"""Editing in the real window: the warning before the save, the reason, undo (issue 3)."""

from __future__ import annotations

import pandas as pd
import pytest
from PySide6.QtCore import QDate, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.dialogs.batch_edit import BatchEditDialog
from app.dialogs.column_statistics import StatisticsDialog
from app.dialogs.edit_warnings import EditWarningsDialog
from app.dialogs.row_form import RowForm
from app.panels.field_editors import CodeEditor, DayEditor, LineEditor
from app.panels.frame_model import ListModel
from app.panels.table_model import StoreTableModel
from app.shell import Shell
from layers.editing.prepare import attribute_edit
from layers.project import Project
from tests.acceptance.window import dialog, settled
from tests.layers.editing.city import read, uuid_of
from tests.layers.editing.test_warnings import split_at


def project_of(shell: Shell) -> Project:
    assert shell.session.project is not None
    return shell.session.project


def rezone(shell: Shell, *numbers: str) -> list[str]:
    """Ask for flats on parcels; the list fills with how it ended."""
    ends: list[str] = []
    shell.session.editor.submit(
        lambda project, _progress: attribute_edit(
            project, "parcel", [uuid_of(project, "parcel", n) for n in numbers], {"land_use_code": "0701"}
        ),
        "修改用途",
        done=lambda: ends.append("saved"),
        refused=lambda: ends.append("refused"),
    )
    return ends


def cells(box: EditWarningsDialog, row: int) -> list[str]:
    return [box.pieces.index(row, column).data() for column in range(box.pieces.columnCount())]


def test_the_warning_tells_everything_before_the_save_and_keeps_the_reason(qtbot: QtBot, city: Shell) -> None:
    """A: 10 % of the block and 99 976.91 m² (pyproj.Geod in the tests of the warnings), 90 % to 75 % with H's half."""
    ends = rezone(city, "A", "H")
    box = dialog(qtbot, EditWarningsDialog)
    assert box.pieces.rowCount() == 2
    told = cells(box, 0)
    assert told[0] == "违规"
    assert told[2:8] == [
        "A", "100101 一类工业用地", "0701 城镇住宅用地", "99,976.91", "149.965", "10.00 %",
    ]  # fmt: skip
    assert told[8:] == ["示例区块", "90.00 % → 75.00 %", "汉滨区"]
    assert "限制调整为住宅、商业" in box.clause.text()
    assert "第七条" in box.clause.text()
    figures = [[box.figures.index(row, column).data() for column in range(5)] for row in range(3)]
    assert ["汉滨区", "年度工业用地出让比例", "40.00 %（达标）", "40.00 %（达标）", "不变"] in figures
    assert not box.save.isEnabled()
    qtbot.keyClicks(box.text, "   ")
    assert not box.save.isEnabled()
    qtbot.keyClicks(box.text, "2024-03")
    with qtbot.waitSignal(city.session.editor.saved):
        qtbot.mouseClick(box.save, Qt.MouseButton.LeftButton)
    settled(qtbot, city, lambda: ends == ["saved"])
    project = project_of(city)
    assert "2024-03" in project.store.journal(limit=1)[0].why
    assert list(project.read("warning")["reason"]) == ["2024-03", "2024-03"]
    assert city.window.statusBar().currentMessage() == "已保存：修改地块的用途代码"
    city.window.actions_["undo"].trigger()
    settled(qtbot, city, lambda: city.session.undoable is None or "2024-03" not in city.session.undoable)
    assert read(project, "parcel").loc["A", "land_use_code"] == "100101"
    assert project.store.count("warning") == 0


def test_a_click_shows_the_piece_and_going_back_stores_nothing(qtbot: QtBot, city: Shell) -> None:
    ends = rezone(city, "A", "B")
    box = dialog(qtbot, EditWarningsDialog)
    second = box.pieces.item(1)
    city.window.map.canvas.zoom_to((0.0, 0.0, 100.0, 100.0))  # far away
    with qtbot.waitSignal(box.piece_wanted):
        qtbot.mouseClick(
            box.pieces_view.viewport(),
            Qt.MouseButton.LeftButton,
            pos=box.pieces_view.visualRect(box.pieces.index(1, 2)).center(),
        )
    west, south, east, north = city.window.map.extent()
    centre = second.geometry.centroid
    assert west < centre.x < east
    assert south < centre.y < north
    assert f"地块 {second.subject} " in box.sentence.text()
    qtbot.mouseClick(box.back, Qt.MouseButton.LeftButton)
    settled(qtbot, city, lambda: ends == ["refused"])
    assert read(project_of(city), "parcel").loc["A", "land_use_code"] == "100101"


def test_an_edit_with_its_reason_is_undone_after_reopening(qtbot: QtBot, city: Shell) -> None:
    ends = rezone(city, "A")
    box = dialog(qtbot, EditWarningsDialog)
    qtbot.keyClicks(box.text, "2024-05")
    qtbot.mouseClick(box.save, Qt.MouseButton.LeftButton)
    settled(qtbot, city, lambda: ends == ["saved"])
    path = project_of(city).path
    city.session.close()
    settled(qtbot, city, lambda: True)
    city.session.open(path)
    settled(qtbot, city, lambda: bool(city.session.results) and city.session.undoable is not None)
    assert read(project_of(city), "parcel").loc["A", "land_use_code"] == "0701"
    city.window.actions_["undo"].trigger()
    settled(qtbot, city, lambda: "2024-05" not in (city.session.undoable or ""))
    assert read(project_of(city), "parcel").loc["A", "land_use_code"] == "100101"


# --- the attribute table ----------------------------------------------------------------------------


def open_table(qtbot: QtBot, shell: Shell, layer: str) -> StoreTableModel:
    """Show a layer's table and wait for its rows."""
    table = shell.window.table
    shell.window.commands.show_table(layer)

    def there() -> bool:
        return table._model is not None and table._model.rowCount() > 0 and table._model.fetched(0)

    settled(qtbot, shell, there)
    assert table._model is not None
    return table._model


def place(model: StoreTableModel, field: str, row: int = 0) -> QModelIndex:
    return model.index(row, [item.name for item in model.fields].index(field))


def open_cell(qtbot: QtBot, shell: Shell, field: str, row: int = 0) -> QWidget:
    """Double-click a cell and give the editor that opens."""
    view = shell.window.table.view
    index = place(shell.window.table._model, field, row)
    view.scrollTo(index)
    where = view.visualRect(index).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    editors = [
        item for item in view.viewport().findChildren(QWidget) if item.property("cell") and item.isVisible()
    ]
    assert len(editors) == 1
    return editors[0]


def saved(qtbot: QtBot, shell: Shell) -> None:
    settled(qtbot, shell, lambda: not shell.session.editor.busy)


def test_a_cell_takes_a_typed_figure_with_its_unit_and_undo_takes_it_back(qtbot: QtBot, city: Shell) -> None:
    """12.5 hectares are 125 000 m². The row stays where it stands, the order of the table too."""
    model = open_table(qtbot, city, "parcel")
    before = [model.index(row, 0).data() for row in range(4)]
    line = open_cell(qtbot, city, "area_certified", 1)
    assert isinstance(line, LineEditor)
    assert line.text() == "100000"
    qtbot.keyClicks(line, "12.5ha")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    saved(qtbot, city)
    settled(qtbot, city, lambda: place(model, "area_certified", 1).data() == "125,000.00")
    assert [model.index(row, 0).data() for row in range(4)] == before
    assert city.window.table._model is model
    city.window.actions_["undo"].trigger()
    settled(qtbot, city, lambda: place(model, "area_certified", 1).data() == "100,000.00")


def test_a_code_is_picked_by_a_part_of_its_title_and_the_warning_asks_for_the_reason(
    qtbot: QtBot, city: Shell
) -> None:
    model = open_table(qtbot, city, "parcel")
    box = open_cell(qtbot, city, "land_use_code", 0)
    assert isinstance(box, CodeEditor)
    assert box.value() == "100101"
    qtbot.keyClicks(box, "070")
    completer = box.completer()
    assert completer is not None
    assert "0701 城镇住宅用地" in [
        completer.completionModel().index(row, 0).data() for row in range(completer.completionCount())
    ]
    box.setCurrentIndex(box.findText("0701 城镇住宅用地"))
    qtbot.keyClick(box, Qt.Key.Key_Return)
    ask = dialog(qtbot, EditWarningsDialog)
    qtbot.keyClicks(ask.text, "2024-07")
    qtbot.mouseClick(ask.save, Qt.MouseButton.LeftButton)
    saved(qtbot, city)
    settled(qtbot, city, lambda: place(model, "land_use_code", 0).data() == "0701")
    assert place(model, "land_use_name", 0).data() == "城镇住宅用地"  # the name follows the code


def test_a_wrong_value_is_told_and_the_cell_keeps_the_old_one(qtbot: QtBot, city: Shell) -> None:
    model = open_table(qtbot, city, "parcel")
    line = open_cell(qtbot, city, "contract_on", 0)
    assert isinstance(line, DayEditor)
    assert line.text() == "2023-05-01"
    line.selectAll()
    qtbot.keyClicks(line, "someday")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    box = dialog(qtbot, QMessageBox)
    assert "someday" in box.text()
    box.close()
    saved(qtbot, city)
    assert place(model, "contract_on", 0).data() == "2023-05-01"


def test_a_day_is_picked_from_the_calendar(qtbot: QtBot, city: Shell) -> None:
    model = open_table(qtbot, city, "parcel")
    line = open_cell(qtbot, city, "contract_on", 0)
    assert isinstance(line, DayEditor)
    line.open_calendar()
    assert line.calendar.selectedDate() == QDate(2023, 5, 1)
    line.calendar.clicked.emit(QDate(2023, 6, 15))
    qtbot.keyClick(line, Qt.Key.Key_Return)
    saved(qtbot, city)
    settled(qtbot, city, lambda: place(model, "contract_on", 0).data() == "2023-06-15")


def test_computed_cells_and_the_plan_cannot_be_edited(qtbot: QtBot, city: Shell) -> None:
    model = open_table(qtbot, city, "parcel")
    assert not place(model, "area_ellipsoid").flags() & Qt.ItemFlag.ItemIsEditable
    assert place(model, "holder").flags() & Qt.ItemFlag.ItemIsEditable
    model = open_table(qtbot, city, "land_use")
    assert not any(model.index(0, column).flags() & Qt.ItemFlag.ItemIsEditable for column in range(3))


def test_an_editor_that_was_only_opened_or_left_by_escape_changes_nothing(qtbot: QtBot, city: Shell) -> None:
    open_table(qtbot, city, "parcel")
    before = project_of(city).store.journal(limit=None)
    line = open_cell(qtbot, city, "holder", 0)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    QApplication.processEvents()  # Qt takes the answer in its next round
    line = open_cell(qtbot, city, "holder", 0)
    qtbot.keyClicks(line, "x")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    saved(qtbot, city)
    assert project_of(city).store.journal(limit=None) == before


def test_rows_selected_on_the_map_are_marked_in_the_table_all_of_them(qtbot: QtBot, city: Shell) -> None:
    model = open_table(qtbot, city, "parcel")
    project = project_of(city)
    city.session.select("parcel", [uuid_of(project, "parcel", "C"), uuid_of(project, "parcel", "A")])
    table = city.window.table

    def marked() -> list[int]:
        return sorted(index.row() for index in table.view.selectionModel().selectedRows())

    settled(qtbot, city, lambda: marked() == [0, 2])
    assert city.session.selected[1][0] == uuid_of(project, "parcel", "C")  # marking is not selecting
    assert model.rowCount() == 4


def test_a_batch_is_one_step_of_undo(qtbot: QtBot, city: Shell) -> None:
    model = open_table(qtbot, city, "parcel")
    table = city.window.table
    table.view.selectRow(0)
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    table.view.selectionModel().select(model.index(2, 0), flags)
    assert table.selected_ranges() == [(0, 0), (2, 2)]
    table.tools.batch.trigger()
    box = dialog(qtbot, BatchEditDialog)
    box.field.setCurrentIndex(box.field.findData("note"))
    assert "2" in box.go.text()
    assert isinstance(box.editor, LineEditor)
    qtbot.keyClicks(box.editor, "batch")
    box.go.click()
    saved(qtbot, city)
    settled(qtbot, city, lambda: place(model, "note", 0).data() == "batch")
    assert [place(model, "note", row).data() for row in range(4)] == ["batch", "乙", "batch", ""]
    city.window.actions_["undo"].trigger()
    settled(qtbot, city, lambda: place(model, "note", 0).data() == "甲")
    assert [place(model, "note", row).data() for row in range(4)] == ["甲", "乙", "", ""]


def test_a_batch_over_the_filter_asks_for_the_lost_land_of_all_rows(qtbot: QtBot, city: Shell) -> None:
    """A, B and H are industrial inside the line; C is lost already."""
    open_table(qtbot, city, "parcel")
    table = city.window.table
    table.tools.batch.trigger()
    box = dialog(qtbot, BatchEditDialog)
    assert not box.marked.isEnabled()
    box.field.setCurrentIndex(box.field.findData("land_use_code"))
    assert isinstance(box.editor, CodeEditor)
    box.editor.setCurrentIndex(box.editor.findText("0701 城镇住宅用地"))
    box.go.click()
    ask = dialog(qtbot, EditWarningsDialog)
    assert {ask.pieces.item(row).subject for row in range(ask.pieces.rowCount())} == {"A", "B", "H"}
    ask.back.click()
    saved(qtbot, city)
    assert read(project_of(city), "parcel").loc["A", "land_use_code"] == "100101"


def test_selected_rows_are_copied_and_a_column_is_reckoned(qtbot: QtBot, city: Shell) -> None:
    """A and B have 100 050 and 100 000 m², C nothing, H 99 990: 300 040 in all, 100 013.3333 on average."""
    open_table(qtbot, city, "parcel")
    table = city.window.table
    table.view.selectAll()
    table.tools.copy_headers.trigger()
    clipboard = QApplication.clipboard()
    settled(qtbot, city, lambda: "示例企业 2" in clipboard.text())
    lines = clipboard.text().split("\r\n")
    assert len(lines) == 6
    assert [line.split("\t")[0] for line in lines[:5]] == ["地块编号", "A", "B", "C", "H"]
    table.tools.show_statistics("area_certified")
    box = dialog(qtbot, StatisticsDialog)
    settled(qtbot, city, lambda: box.statistics is not None)
    assert box.statistics is not None
    assert (box.statistics.rows, box.statistics.filled, box.statistics.total) == (4, 3, 300_040.0)
    told = {box.model.index(row, 0).data(): box.model.index(row, 1).data() for row in range(8)}
    assert (told["合计"], told["平均"], told["最小"]) == ("300,040", "100,013.3333", "99,990.00")
    box.reject()


# --- forms, new rows, removed rows ------------------------------------------------------------------


def test_the_card_opens_a_form_that_saves_all_changes_as_one_step(qtbot: QtBot, city: Shell) -> None:
    project, window = project_of(city), city.window
    window.panel("card")
    city.session.select("parcel", [uuid_of(project, "parcel", "A")])
    settled(qtbot, city, lambda: window.card.facts is not None)
    qtbot.mouseClick(window.card.edit_button, Qt.MouseButton.LeftButton)
    form = dialog(qtbot, RowForm)
    assert "area_ellipsoid" not in form.editors  # computed
    holder, stage, day = form.editors["holder"], form.editors["stage"], form.editors["agreed_start"]
    assert isinstance(holder, LineEditor)
    assert isinstance(stage, CodeEditor)
    assert isinstance(day, DayEditor)
    assert holder.text() == "示例企业 1"
    assert not form.changes
    holder.clear()
    qtbot.keyClicks(holder, "Example Co")
    stage.setCurrentIndex(2)
    day.clear()
    picked = stage.itemData(2)
    assert form.changes == {"holder": "Example Co", "stage": picked, "agreed_start": None}
    form.search.setText("合同")
    assert not holder.isVisible()
    form.save.click()
    settled(qtbot, city, lambda: not isValid(form) and not city.session.editor.busy)
    row = read(project, "parcel").loc["A"]
    assert (row["holder"], row["stage"]) == ("Example Co", picked)
    assert pd.isna(row["agreed_start"])
    settled(
        qtbot, city, lambda: window.card.facts is not None and "Example Co" in str(window.card.facts.groups)
    )
    window.actions_["undo"].trigger()
    settled(qtbot, city, lambda: read(project, "parcel").loc["A", "holder"] == "示例企业 1")
    assert read(project, "parcel").loc["A", "agreed_start"] == pd.Timestamp("2023-12-01")


def test_a_new_contract_with_a_number_that_is_taken_stays_open_until_it_has_another(
    qtbot: QtBot, city: Shell
) -> None:
    project = project_of(city)
    open_table(qtbot, city, "transfer")
    city.window.actions_["new_row"].trigger()
    form = dialog(qtbot, RowForm)
    number = form.editors["supervision_no"]
    assert isinstance(number, LineEditor)
    qtbot.keyClicks(number, "6109022024B00001")
    area, use, mode = form.editors["area"], form.editors["use_name"], form.editors["mode"]
    assert isinstance(area, LineEditor)
    assert isinstance(use, CodeEditor)
    assert isinstance(mode, CodeEditor)
    area.setText("2公顷")
    use.setEditText("工业用地")
    mode.setCurrentIndex(1)
    form.save.click()
    box = dialog(qtbot, QMessageBox)
    assert "重复" in box.text()
    box.close()
    settled(qtbot, city, lambda: not city.session.editor.busy)
    assert form.isVisible()
    assert form.save.isEnabled()
    number.clear()
    qtbot.keyClicks(number, "6109022024B00009")
    form.save.click()
    settled(qtbot, city, lambda: not isValid(form) and not city.session.editor.busy)
    assert read(project, "transfer").loc["6109022024B00009", "area"] == 20_000
    settled(
        qtbot, city, lambda: city.window.table.model is not None and city.window.table.model.rowCount() == 3
    )
    city.window.actions_["undo"].trigger()
    settled(
        qtbot, city, lambda: city.window.table.model is not None and city.window.table.model.rowCount() == 2
    )


def test_rows_are_removed_once_it_was_said_again_and_undo_brings_them_back(qtbot: QtBot, city: Shell) -> None:
    """C is no industry any more: nothing is lost by removing it."""
    project = project_of(city)
    city.session.select("parcel", [uuid_of(project, "parcel", "C")])
    settled(qtbot, city, lambda: True)
    city.window.actions_["remove_rows"].trigger()
    box = dialog(qtbot, QMessageBox)
    assert "（1）" in box.text()
    next(button for button in box.buttons() if button.text() == "删除").click()
    settled(qtbot, city, lambda: "C" not in read(project, "parcel").index and not city.session.editor.busy)
    assert city.session.selected[1] == []
    city.window.actions_["undo"].trigger()
    settled(qtbot, city, lambda: "C" in read(project, "parcel").index)


def test_a_layer_drawn_on_the_map_has_no_form_for_a_new_row(qtbot: QtBot, city: Shell) -> None:
    open_table(qtbot, city, "parcel")
    assert not city.window.table.tools.new.isEnabled()
    city.window.actions_["new_row"].trigger()
    assert "画" in city.window.statusBar().currentMessage()


# --- the history of a row ---------------------------------------------------------------------------


def table_of(model: ListModel) -> list[list[str]]:
    return [
        [model.text(row, column)[0] for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_the_history_of_a_row_tells_before_and_after_and_whom_it_came_from(qtbot: QtBot, city: Shell) -> None:
    """A's holder is changed; B is cut along 400 m east, half of its 200 m × 500 m on either side."""
    project, window, session = project_of(city), city.window, city.session
    view = window.history.row
    a, b = (uuid_of(project, "parcel", number) for number in "AB")
    session.editor.submit(
        lambda of, _progress: attribute_edit(of, "parcel", [a], {"holder": "新企业"}, why="更名"), "改"
    )
    session.editor.submit(lambda of, _progress: split_at(of, "B", 400).with_proposals(), "分割")
    saved(qtbot, city)
    session.select("parcel", [a])
    window.table.tools.history_wanted.emit("parcel", a)
    settled(qtbot, city, lambda: view.history is not None and view.history.uuid == a)
    steps = table_of(view.steps)
    assert [(row[2], row[3], row[4]) for row in steps] == [
        ("编辑", "更名", "土地权利人"),
        ("导入", "示例数据", "新增"),
    ]
    assert steps[0][1] == project.store.user
    assert table_of(view.changes) == [["土地权利人", "示例企业 1", "新企业"]]
    child = uuid_of(project, "parcel", "B-1")
    session.select("parcel", [child])
    settled(qtbot, city, lambda: view.history is not None and view.history.uuid == child)
    assert ["图形", "–", "5 个点，平面面积 50,000.00 ㎡"] in table_of(view.changes)
    view.steps_view.clicked.emit(view.steps.index(0, 0))
    before, after = window.map.canvas.overlay.compared
    assert before is None
    assert after.area == pytest.approx(50_000)
    button = view.relatives.itemAt(0).widget()
    assert isinstance(button, QToolButton)
    assert button.text() == "来自 B"
    button.click()
    settled(qtbot, city, lambda: view.history is not None and view.history.uuid == b)
    assert table_of(view.steps)[0][4] == "删除"
    names = [view.relatives.itemAt(place).widget().text() for place in range(view.relatives.count())]
    assert names == ["分出 B-1", "分出 B-2"]
    view.steps_view.clicked.emit(view.steps.index(0, 0))
    before, after = window.map.canvas.overlay.compared
    assert before.area == pytest.approx(100_000)
    assert after is None
    window.panel("warnings")  # out of sight, off the map
    settled(qtbot, city, lambda: window.map.canvas.overlay.compared == (None, None))


def test_after_a_change_of_language_the_new_window_asks_and_tells(qtbot: QtBot, city: Shell) -> None:
    old = city.window
    old.commands.set_language("en")
    qtbot.waitUntil(lambda: city.window is not old)
    settled(qtbot, city, lambda: not isValid(old))
    ends = rezone(city, "A")
    box = dialog(qtbot, EditWarningsDialog)
    assert box.parent() is city.window
    assert box.save.text() == "Give reason and save"
    qtbot.keyClicks(box.text, "2024-09")
    qtbot.mouseClick(box.save, Qt.MouseButton.LeftButton)
    settled(qtbot, city, lambda: ends == ["saved"])
    assert city.window.statusBar().currentMessage().startswith("Saved: ")


def test_what_a_split_leaves_behind_is_said_above_the_map_and_a_long_message_is_not_cut(
    qtbot: QtBot, city: Shell
) -> None:
    """The factory F2 names B, which is no parcel any more."""
    session, window, bar = city.session, city.window, city.window.statusBar()
    session.editor.submit(lambda of, _progress: split_at(of, "B", 400).with_proposals(), "分割")
    saved(qtbot, city)
    settled(qtbot, city, window.notices.isVisible)
    assert "1 行" in window.notices.text.text()
    assert "仍写着 B" in window.notices.text.text()
    assert bar.currentMessage().startswith("已保存：")
    assert "仍写着" not in bar.currentMessage()
    assert bar.toolTip() == bar.currentMessage()
    window.actions_["undo"].trigger()  # nothing is left behind any more
    settled(qtbot, city, lambda: not window.notices.isVisible())
    text = "很长的一句话" * 60
    bar.showMessage(text)
    parts = [part for part in bar.findChildren(QWidget) if part.parent() is bar and part.isVisible()]
    assert bar.currentMessage().endswith("…")
    assert bar.fontMetrics().horizontalAdvance(bar.currentMessage()) < min(part.x() for part in parts)
    assert bar.toolTip() == text
    bar.clearMessage()
    assert bar.toolTip() == ""
