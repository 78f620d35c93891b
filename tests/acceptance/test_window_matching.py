"""A floor looked for in the real window: filled in by keyboard, found, flown to, exported; and from the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.dialogs.matching import MatchingDialog
from app.shell import Shell
from layers.matching import FloorWish, floors_for
from tests.acceptance.command import run
from tests.acceptance.window import dialog, settled


def test_a_floor_is_found_flown_to_and_exported(
    qtbot: QtBot, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.window.actions_["match"].trigger()
    asked = dialog(qtbot, MatchingDialog)
    settled(qtbot, shell, lambda: asked.unit.count() == 13 and asked.use.count() > 5)
    asked.floor_area.setFocus()
    asked.floor_area.selectAll()
    qtbot.keyClicks(asked.floor_area, "2000")
    asked.clear_height.selectAll()
    qtbot.keyClicks(asked.clear_height, "6")
    asked.unit.setCurrentIndex(asked.unit.findText("安康高新区"))
    asked.day.setDate(QDate(2024, 10, 1))
    qtbot.mouseClick(asked.search, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, lambda: bool(asked.found))
    project = shell.session.project
    assert project is not None
    day = asked.day.date().toPython()
    expected = floors_for(project, FloorWish(day, 2000.0, 6.0, 0.0, "610902-GX"))
    assert [item.uuid for item in asked.found] == [item.uuid for item in expected]
    assert asked.model.rowCount() == len(expected)
    first = asked.view.visualRect(asked.model.index(0, 1)).center()
    qtbot.mouseClick(asked.view.viewport(), Qt.MouseButton.LeftButton, pos=first)
    qtbot.mouseDClick(asked.view.viewport(), Qt.MouseButton.LeftButton, pos=first)
    settled(qtbot, shell, lambda: shell.session.selected == ("factory", [expected[0].uuid]))
    settled(qtbot, shell, lambda: shell.window.map.canvas.overlay.flashing)
    target = tmp_path / "匹配 结果.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    qtbot.mouseClick(asked.export, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, target.exists)
    book = openpyxl.load_workbook(target)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0][:3] == ("名次", "名称", "单元")
    assert [row[1] for row in rows[1:]] == [item.label for item in expected]
    asked.kind.setCurrentIndex(1)
    assert not asked.found
    asked.utilities["gas"].setChecked(True)
    qtbot.mouseClick(asked.search, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, lambda: bool(asked.found))
    assert {item.table for item in asked.found} == {"parcel"}
    asked.close()


def test_the_command_line_ranks_and_prints_the_documented_form(template: Path, tmp_path: Path) -> None:
    shutil.copy(template, tmp_path / "p.gpkg")
    options = ("p.gpkg", "site", "--area", "20000", "--use", "industrial", "--road", "500", "--unit", "汉滨")
    answer = run("match", *options, "--json", cwd=tmp_path)
    assert answer.code == 0
    found = answer.json("match")
    assert found["wish"]["unit"] == "610902"
    assert [item["rank"] for item in found["matches"]] == list(range(1, len(found["matches"]) + 1))
    missed = [sum(reason["state"] == "missed" for reason in item["reasons"]) for item in found["matches"]]
    assert missed == sorted(missed)
    run("match", "p.gpkg", "floor", "--unit", "火星", cwd=tmp_path, code=3)
    run("match", "p.gpkg", "floor", "--area", "-1", cwd=tmp_path, code=3)
