"""A second writer, changes from outside, a file that is gone, backups: through the window (issue 2, "Safe")."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from app.dialogs.restore_backup import RestoreDialog
from app.shell import Shell
from gis.store.backups import backups_of
from gis.store.ownership import lock_file
from gis.store.spatial_index import register_functions
from layers.editing.prepare import attribute_edit
from layers.project import Project
from layers.styling.style import LayerStyle
from tests.acceptance.window import dialog, settled
from tests.gis.store.test_ownership import lock_of, other_program


def press(qtbot: QtBot, shell: Shell, name: str) -> None:
    """Press a button of the line above the map."""
    qtbot.mouseClick(shell.window.notices.buttons[name], Qt.MouseButton.LeftButton)


def hold(shell: Shell, qtbot: QtBot, number: str, holder: str) -> list[str]:
    """Edit the holder of a parcel as the window does it; gives what was stored or told."""
    told: list[str] = []
    shell.tasks.failed.connect(lambda error: told.append(str(error)))

    def build(project: Project, _progress: object) -> object:
        row = project.read("parcel", columns=["parcel_no"], geometry=False)
        uuid = row.loc[row["parcel_no"] == number, "uuid"].iloc[0]
        return attribute_edit(project, "parcel", [uuid], {"holder": holder})

    shell.session.editor.submit(build, "改", done=lambda: told.append("stored"))  # type: ignore[arg-type]
    settled(qtbot, shell, lambda: bool(told))
    return told


def first_number(shell: Shell) -> str:
    assert shell.session.project is not None
    return str(shell.session.project.read("parcel", columns=["parcel_no"], limit=1)["parcel_no"].iloc[0])


def close_boxes(shell: Shell) -> list[QMessageBox]:
    boxes = [box for box in shell.window.findChildren(QMessageBox) if box.isVisible()]
    for box in boxes:
        box.close()
    return boxes


def test_a_project_that_another_program_has_is_looked_at_and_written_once_it_is_free(
    qtbot: QtBot, shell: Shell
) -> None:
    session, window = shell.session, shell.window
    assert session.project is not None
    path = session.project.path
    assert lock_file(path).exists()
    assert not window.notices.isVisible()
    session.close()
    settled(qtbot, shell, lambda: not lock_file(path).exists())
    with other_program(path) as first:
        session.open(path)
        settled(qtbot, shell, lambda: session.project is not None and bool(session.results))
        assert window.notices.isVisible()
        assert "只能查看" in window.notices.text.text()
        assert "【只读】" in window.windowTitle()
        assert session.project.store.count("parcel") > 0
        [refusal] = hold(shell, qtbot, first_number(shell), "示例企业 X")
        assert "上编辑这个项目" in refusal
        close_boxes(shell)
        press(qtbot, shell, "retry")
        settled(qtbot, shell, lambda: "仍未关闭" in window.notices.text.text())
        first.communicate("\n")
    press(qtbot, shell, "retry")
    settled(qtbot, shell, lambda: not window.notices.isVisible())
    assert "【只读】" not in window.windowTitle()
    assert hold(shell, qtbot, first_number(shell), "示例企业 X") == ["stored"]
    lock_of(path)  # this machine slept, and another one took the project over meanwhile
    told = hold(shell, qtbot, first_number(shell), "示例企业 Y")
    assert any("李工" in text for text in told)
    close_boxes(shell)
    settled(qtbot, shell, lambda: window.notices.isVisible())
    assert "李工" in window.notices.text.text()
    assert "【只读】" in window.windowTitle()


def from_outside(path: Path, statement: str) -> None:
    """As QGIS writes: in place, without our journal."""
    with closing(sqlite3.connect(path)) as other, other:
        register_functions(other)
        other.execute(statement)


def test_what_another_program_writes_or_takes_away_is_told_and_read_anew(qtbot: QtBot, shell: Shell) -> None:
    session, window = shell.session, shell.window
    project = session.project
    assert project is not None
    settled(qtbot, shell, lambda: window.map._source is not None and not window.map._source.reading)
    assert window.map._source is not None
    window.table.show_layer("parcel")
    view = window.map.extent()
    number = first_number(shell)
    drawn = window.map._source.load("parcel", view, LayerStyle())
    results = session.results
    from_outside(project.path, f"UPDATE parcel SET holder = '外面来的' WHERE parcel_no = '{number}'")
    from_outside(project.path, f"UPDATE parcel SET geom = NULL WHERE parcel_no != '{number}'")
    window.activateWindow()
    session.guard.look()
    settled(qtbot, shell, lambda: window.notices.isVisible() and session.results is not results)
    assert "其他程序改动" in window.notices.text.text()
    rows = session.row_lists().rows("parcel")
    assert len(rows) == project.store.count("parcel")

    def shown() -> bool:
        table = window.table.view.model()
        return any(table.index(0, column).data() == "外面来的" for column in range(table.columnCount()))

    settled(qtbot, shell, shown)

    def redrawn() -> bool:
        assert window.map._source is not None
        now = window.map._source.load("parcel", view, LayerStyle())
        return now is not None and now is not drawn and len(now) == 1

    settled(qtbot, shell, redrawn)
    qtbot.mouseClick(window.notices.dismiss, Qt.MouseButton.LeftButton)
    assert not window.notices.isVisible()
    session.guard.look()
    settled(qtbot, shell, lambda: True)
    assert not window.notices.isVisible()
    assert hold(shell, qtbot, number, "示例企业 Y") == ["stored"]
    session.guard.look()
    settled(qtbot, shell, lambda: True)
    assert not window.notices.isVisible()  # our own edit is no news
    from_outside(project.path, "DROP TABLE rtree_parcel_geom")
    session.guard.look()
    settled(qtbot, shell, lambda: "repair_index" in window.notices.buttons)
    assert project.store.bounds("parcel") is not None
    press(qtbot, shell, "repair_index")
    settled(qtbot, shell, lambda: "repair_index" not in window.notices.buttons)
    assert project.store.unindexed == frozenset()


def test_a_file_that_is_gone_is_told_and_what_is_open_can_be_saved_elsewhere(
    qtbot: QtBot, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, window = shell.session, shell.window
    project = session.project
    assert project is not None
    number = first_number(shell)
    assert hold(shell, qtbot, number, "示例企业 Y") == ["stored"]
    parcels = project.store.count("parcel")
    project.path.rename(tmp_path / "拔走.gpkg")
    [told] = hold(shell, qtbot, number, "示例企业 Z")
    assert "不在原处" in told
    settled(qtbot, shell, lambda: window.notices.isVisible())
    assert "不在原处" in window.notices.text.text()
    [box] = close_boxes(shell)
    assert "另存副本…" in [button.text() for button in box.buttons()]
    target = tmp_path / "别处.gpkg"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_more: (str(target), ""))
    press(qtbot, shell, "save_copy")
    settled(qtbot, shell, target.exists)
    with Project.open(target) as copy:
        assert copy.store.count("parcel") == parcels
        frame = copy.read("parcel", geometry=False)
        assert frame.loc[frame["parcel_no"] == number, "holder"].tolist() == ["示例企业 Y"]
    (tmp_path / "拔走.gpkg").rename(project.path)  # plugged in again
    session.guard.look()
    settled(qtbot, shell, lambda: not window.notices.isVisible())
    assert hold(shell, qtbot, number, "示例企业 Z")[-1] == "stored"


def test_a_kept_state_is_brought_back_and_the_present_one_is_kept(qtbot: QtBot, shell: Shell) -> None:
    session, window = shell.session, shell.window
    project = session.project
    assert project is not None
    path = project.path
    number = first_number(shell)

    def holders(of: Project) -> list[object]:
        frame = of.read("parcel", geometry=False)
        return frame.loc[frame["parcel_no"] == number, "holder"].tolist()

    before = holders(project)
    assert backups_of(path) == []
    assert hold(shell, qtbot, number, "示例企业 Y") == ["stored"]
    assert len(backups_of(path)) == 1
    window.actions_["restore"].trigger()
    box = dialog(qtbot, RestoreDialog)
    assert box.model.rowCount() == 1
    assert "1 项" in box.model.index(0, 2).data()
    assert "holder" not in box.since.item(0).text()
    assert "地块" in box.since.item(0).text()
    qtbot.mouseClick(box.ok, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, lambda: session.project not in (None, project) and bool(session.results))
    assert session.project is not None
    assert holders(session.project) == before
    assert len(backups_of(path)) == 2
    with Project.open(backups_of(path)[0].path) as present:
        assert holders(present) == ["示例企业 Y"]
    assert not window.notices.isVisible()
