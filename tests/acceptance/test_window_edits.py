"""Editing in the real window: the warning before the save, the reason, undo (issue 3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.dialogs.edit_warnings import EditWarningsDialog
from app.shell import Shell
from layers.editing.prepare import attribute_edit
from layers.project import Project
from tests.acceptance.window import dialog, settled
from tests.layers.editing.city import build, read, uuid_of


@pytest.fixture
def city(qtbot: QtBot, shell: Shell, tmp_path: Path) -> Shell:
    """The program with the small city of the editing tests open."""
    shell.session.adopt(build(tmp_path / "示例 城市.gpkg"))
    settled(qtbot, shell, lambda: bool(shell.session.results))
    return shell


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
