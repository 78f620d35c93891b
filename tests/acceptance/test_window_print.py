"""Printing the map of a parcel from the window: choose it on the map, look at the page, save it, read it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.dialogs.print_map import PrintMapDialog
from app.shell import Shell
from tests.acceptance.window import click, dialog, settled, show

POINT = 25.4 / 72.0


def test_a_parcel_chosen_on_the_map_is_previewed_and_saved(
    qtbot: QtBot, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = shell.session.project
    assert project is not None
    row = project.read("parcel").iloc[7]
    show(qtbot, shell, row["geometry"])
    click(qtbot, shell, row["geometry"].representative_point())
    settled(qtbot, shell, lambda: shell.session.selected == ("parcel", [row["uuid"]]))
    shell.window.actions_["print"].trigger()
    window = dialog(qtbot, PrintMapDialog)
    settled(qtbot, shell, lambda: window.map is not None)
    assert row["parcel_no"] in window.windowTitle()
    window.scale.setCurrentIndex(window.scale.findData(5000))
    window.paper.setCurrentText("A3")
    settled(
        qtbot, shell, lambda: window.map is not None and (window.map.scale, window.map.paper) == (5000, "A3")
    )

    target = tmp_path / "会议 材料" / f"{row['parcel_no']}.pdf"
    target.parent.mkdir()
    # Only the system's own file dialog is answered for the clerk; it forgets the suffix, as some do.
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target.with_suffix("")), ""))
    window.save.click()
    settled(qtbot, shell, target.exists)
    reader = PdfReader(target)
    text = reader.pages[0].extract_text()
    for expected in (row["parcel_no"], "1:5000", "示例数据", "示意界线", "界址点成果表", "宗地图"):
        assert expected in text
    box = reader.pages[0].mediabox
    assert (float(box.width) * POINT, float(box.height) * POINT) == pytest.approx((297.0, 420.0), abs=0.01)
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    window.close()


def test_composing_and_writing_run_beside_the_window_not_on_its_thread(
    qtbot: QtBot, shell: Shell, tmp_path: Path
) -> None:
    """The dialog is there before its page, and asking for the file returns before the file is there."""
    project = shell.session.project
    assert project is not None
    row = project.read("parcel").iloc[3]
    shell.session.select("parcel", [row["uuid"]])
    shell.window.actions_["print"].trigger()
    window = dialog(qtbot, PrintMapDialog)
    assert window.map is None
    assert window.busy.isVisible()
    settled(qtbot, shell, lambda: window.map is not None)
    window.write(tmp_path / "图.pdf")
    assert not (tmp_path / "图.pdf").exists()
    assert window.busy.isVisible()
    settled(qtbot, shell, (tmp_path / "图.pdf").exists)
    assert not window.busy.isVisible()
    window.close()
