"""The main job through the real window, on the demo project (issue 1, "The window")."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog
from pytestqt.qtbot import QtBot

from app import theme
from app.dialogs.acknowledge import AcknowledgeDialog
from app.settings import Settings
from app.shell import Shell
from tests.acceptance.window import settled

_ROOT = Path(__file__).resolve().parents[2]


def test_the_window_imports_nothing_heavy() -> None:
    """It shows before geopandas (1.4 s) and matplotlib (1.1 s) are loaded."""
    code = (
        "import sys, app.window, app.shell; "
        "print([name for name in ('numpy', 'geopandas', 'pandas', 'matplotlib', 'pyogrio', 'pyarrow', 'rasterio') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_the_demo_is_marked_as_such_in_the_title_and_listed_as_recent(shell: Shell) -> None:
    assert "示例数据" in shell.window.windowTitle()
    assert [Path(item).name for item in shell.settings.recent] == ["安康 演示.gpkg"]
    assert shell.window.actions_["import"].isEnabled()
    shell.session.close()
    assert not shell.window.actions_["import"].isEnabled()
    assert "示例数据" not in shell.window.windowTitle()


def test_the_dashboard_has_a_line_for_each_unit_and_shows_its_evidence(qtbot: QtBot, shell: Shell) -> None:
    board = shell.window.dashboard
    codes = [line.code for line in board.bars.lines if line.code]
    assert len(codes) == 12
    row = next(number for number, line in enumerate(board.bars.lines) if line.code == "610921")
    qtbot.mouseClick(board.bars, Qt.MouseButton.LeftButton, pos=board.bars.cell_rect(row, 0).center())
    assert board.evidence.rowCount() > 0
    result = next(item for item in shell.session.results if item.id == "factory_reserve")
    unit = next(item for item in result.units if item.code == "610921")
    shown = sum(board.evidence.item(number)["amount"] for number in range(board.evidence.rowCount()))
    assert shown == pytest.approx(unit.figures["vacant"])


def test_another_day_is_judged_anew(qtbot: QtBot, shell: Shell) -> None:
    before = shell.session.results
    shell.window.dashboard.year.setValue(2023)
    settled(qtbot, shell, lambda: shell.session.results is not before)
    quota = next(item for item in shell.session.results if item.id == "industrial_quota")
    assert "2023" in quota.period


def test_a_double_click_on_the_number_of_a_row_flies_there_and_fills_the_card(
    qtbot: QtBot, shell: Shell
) -> None:
    window = shell.window
    window.commands.show_table("parcel")
    settled(qtbot, shell, lambda: window.table._model is not None and window.table._model.rowCount() > 0)
    model = window.table._model
    assert model is not None
    settled(qtbot, shell, lambda: model.index(5, 0).data() != "…")
    before = window.map.extent()
    window.table.view.verticalHeader().sectionDoubleClicked.emit(5)
    window.panel("card")
    settled(qtbot, shell, lambda: window.card.facts is not None)
    assert window.card.facts is not None
    assert window.card.facts.heading == model.index(5, 0).data()
    assert window.map.extent() != before


def test_comparing_two_snapshots_fills_the_warnings_and_a_double_click_flies_to_the_piece(
    qtbot: QtBot, shell: Shell
) -> None:
    window, session = shell.window, shell.session
    assert session.project is not None
    first, second = (item.name for item in session.project.snapshots()[-2:])
    with qtbot.waitSignal(session.comparison_changed, timeout=20_000):
        session.compare(first, second)
    settled(qtbot, shell, lambda: True)
    pieces = [row for row in window.warnings.rows if row.geometry is not None]
    assert pieces
    assert session.comparison is not None
    assert len(pieces) == len(session.comparison.pieces)
    row = next(
        n
        for n in range(window.warnings.model.rowCount())
        if window.warnings.model.item(n).row.geometry is not None
    )
    window.warnings.view.doubleClicked.emit(window.warnings.model.index(row, 0))
    west, south, east, north = window.map.extent()
    centre = window.warnings.model.item(row).row.geometry.representative_point()
    assert west <= centre.x <= east
    assert south <= centre.y <= north


def test_filters_of_the_warnings_hide_and_show(shell: Shell) -> None:
    panel = shell.window.warnings
    every = panel.model.rowCount()
    assert every == len(panel.rows)
    for index in range(1, panel.severity.count()):
        panel.severity.setCurrentIndex(index)
        wanted = panel.severity.itemData(index)
        assert panel.model.rowCount() == sum(row.severity == wanted for row in panel.rows)
    panel.severity.setCurrentIndex(0)
    assert panel.model.rowCount() == every


def test_warnings_are_entered_acknowledged_and_exported(
    qtbot: QtBot, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entering and acknowledging are one undo step each; the workbook has one row for each line shown."""
    panel, session = shell.window.warnings, shell.session
    assert session.project is not None
    session.set_year(session.project.as_of.year)
    settled(qtbot, shell, lambda: bool(session.fresh_results) and panel._register is not None)
    count = len(panel.kept)
    assert {item.state for item in panel.kept} == {"new"}
    qtbot.mouseClick(panel.enter, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, lambda: bool(panel.kept) and all(item.known for item in panel.kept))
    assert len(panel.kept) == count
    panel.view.selectRow(0)
    [chosen] = panel.selected()
    qtbot.mouseClick(panel.acknowledge, Qt.MouseButton.LeftButton)
    dialog = shell.window.findChild(AcknowledgeDialog)
    assert dialog is not None
    confirm = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not confirm.isEnabled()
    qtbot.keyClicks(dialog.reason, "2024-03")
    qtbot.mouseClick(confirm, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, lambda: any(item.state == "acknowledged" for item in panel.kept))
    [kept] = [item for item in panel.kept if item.state == "acknowledged"]
    assert (kept.row.key, kept.reason) == (chosen.row.key, "2024-03")
    panel.state.setCurrentIndex(panel.state.findData("acknowledged"))
    assert panel.model.rowCount() == 1
    panel.state.setCurrentIndex(0)
    target = tmp_path / "w.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_more: (str(target), ""))
    qtbot.mouseClick(panel.export, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, target.exists)
    assert len(pd.read_excel(target)) == count
    session.undo()
    settled(qtbot, shell, lambda: all(item.state == "new" for item in panel.kept))
    session.undo()
    settled(qtbot, shell, lambda: not any(item.known for item in panel.kept))


def test_the_language_changes_in_the_running_window_and_is_kept(qtbot: QtBot, shell: Shell) -> None:
    old = shell.window
    old.commands.set_language("en")
    qtbot.waitUntil(lambda: shell.window is not old)
    assert Settings(shell.settings.path).language == "en"
    texts = [shell.window.table.layers.itemText(row) for row in range(shell.window.table.layers.count())]
    assert "Parcels" in texts
    settled(qtbot, shell, lambda: bool(shell.session.results))
    assert shell.window.dashboard.bars.lines


def test_a_comparison_that_is_shown_follows_the_language(qtbot: QtBot, shell: Shell) -> None:
    session, old = shell.session, shell.window
    assert session.project is not None
    before, after = (item.name for item in session.project.snapshots()[-2:])
    session.compare(before, after)
    settled(qtbot, shell, lambda: session.comparison is not None)

    def uses() -> set[str]:
        assert session.comparison is not None
        return {str(text) for text in session.comparison.pieces["after_title"]}

    assert "城镇住宅用地" in " ".join(uses())
    first = session.comparison
    old.commands.set_language("en")
    settled(qtbot, shell, lambda: shell.window is not old and session.comparison is not first)
    assert session.compared == (before, after)
    assert not re.search(r"[\u4e00-\u9fff]", " ".join(uses()))


def test_the_theme_changes_in_the_running_window(qtbot: QtBot, shell: Shell) -> None:
    old = shell.window
    old.commands.set_theme("dark")
    qtbot.waitUntil(lambda: shell.window is not old)
    assert theme.current() is theme.DARK
    settled(qtbot, shell, lambda: True)


def test_a_layer_is_hidden_by_its_box_and_zoomed_to_by_the_command(qtbot: QtBot, shell: Shell) -> None:
    window = shell.window
    assert "parcel" in window.layers.visible_layers
    window.layers.set_visible("parcel", False)
    assert "parcel" not in window.layers.visible_layers
    before = window.map.extent()
    window.map.zoom_to_layer("park")
    settled(qtbot, shell, lambda: window.map.extent() != before)


def test_a_copy_and_a_report_are_written(qtbot: QtBot, shell: Shell, tmp_path: Path) -> None:
    shell.window.files.save_copy_to(tmp_path / "副本.gpkg")
    shell.window.files.report_to(tmp_path / "报告.xlsx")
    settled(qtbot, shell, lambda: (tmp_path / "副本.gpkg").exists() and (tmp_path / "报告.xlsx").exists())


def test_a_file_that_is_no_project_is_refused_with_a_hint(qtbot: QtBot, shell: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "坏.gpkg"
    bad.write_bytes(b"not a database")
    with qtbot.waitSignal(shell.tasks.failed) as caught:
        shell.session.open(bad)
    assert caught.args[0].hint
    box = QApplication.activeModalWidget()
    assert box is not None
    box.close()
    assert shell.session.project is not None  # the one that was open stays open
