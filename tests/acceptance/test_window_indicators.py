"""指标总表 and the policy of the project in the real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.dialogs.indicator_overview import IndicatorOverview
from app.dialogs.policy import PolicyDialog
from app.shell import Shell
from layers.indicator_matrix import MARKS
from tests.acceptance.window import settled


def button(dialog: IndicatorOverview | PolicyDialog, text: str) -> QPushButton:
    found = [item for item in dialog.buttons.buttons() if text in item.text()]
    assert len(found) == 1
    assert isinstance(found[0], QPushButton)
    return found[0]


def test_every_unit_stands_against_every_target_and_a_click_shows_what_is_behind(
    qtbot: QtBot, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, session = shell.window, shell.session
    settled(qtbot, shell, lambda: bool(session.results))
    window.actions_["indicators"].trigger()
    dialog = window.findChild(IndicatorOverview)
    assert dialog is not None
    assert dialog.matrix is not None
    assert dialog.model.columnCount() == len(session.results)
    assert dialog.model.rowCount() == 13  # the city and twelve units
    result = next(item for item in session.results if item.id == "factory_reserve")
    column = session.results.index(result)
    unit = next(item for item in result.units if item.verdict == "short")
    row = [code for code, _name in dialog.matrix.rows].index(unit.code)
    cell = dialog.model.item(row, column)
    assert cell.text().startswith(MARKS[unit.verdict])
    place = dialog.view.visualRect(cell.index()).center()
    qtbot.mouseClick(dialog.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert dialog.explanation.text() == unit.explanation
    assert result.clause.quotation in dialog.clause.text()
    counted = sum(dialog.evidence.item(number)["amount"] for number in range(dialog.evidence.rowCount()))
    assert counted == pytest.approx(unit.figures["vacant"])
    dialog.evidence_view.doubleClicked.emit(dialog.evidence.index(0, 0))
    settled(qtbot, shell, lambda: session.selected == ("factory", [dialog.evidence.item(0)["uuid"]]))

    for text, name in (("PDF", "总表.pdf"), ("图片", "总表.png"), ("Excel", "总表.xlsx")):
        target = tmp_path / name
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", lambda *_args, path=target, **_more: (str(path), "")
        )
        qtbot.mouseClick(button(dialog, text), Qt.MouseButton.LeftButton)
        settled(qtbot, shell, target.exists)
    assert not QImage(str(tmp_path / "总表.png")).isNull()
    dialog.close()


def test_a_changed_threshold_changes_the_verdicts_and_undo_brings_the_policy_back(
    qtbot: QtBot, shell: Shell, tmp_path: Path
) -> None:
    """Every county keeps 1 m² in reserve: nobody with a hall falls short any more."""
    window, session = shell.window, shell.session
    project = session.project
    assert project is not None
    before = project.policy
    settled(qtbot, shell, lambda: bool(session.results))
    window.actions_["policy"].trigger()
    dialog = window.findChild(PolicyDialog)
    assert dialog is not None
    assert dialog.model.rowCount() == len(before.targets)
    target = tmp_path / "政策.toml"
    dialog.write_to(target)
    settled(qtbot, shell, target.exists)
    text = target.read_text(encoding="utf-8")
    assert text == before.text
    faulty = tmp_path / "错.toml"
    faulty.write_text(text.replace("value = 30000", 'value = "many"'), encoding="utf-8")
    dialog.load(faulty)
    settled(qtbot, shell, lambda: bool(dialog.problem.text()))
    assert "value" in dialog.problem.text()
    assert project.policy.sha256 == before.sha256

    target.write_text(text.replace("value = 30000", "value = 1"), encoding="utf-8")
    dialog.load(target)
    settled(qtbot, shell, lambda: project.policy.target("factory_reserve").value == 1.0)

    def short() -> int | None:
        found = [item for item in session.fresh_results if item.id == "factory_reserve"]
        return sum(unit.verdict == "short" for unit in found[0].units) if found else None

    settled(qtbot, shell, lambda: short() == 0)
    dialog.buttons.button(QDialogButtonBox.StandardButton.Close).click()
    session.undo()
    settled(qtbot, shell, lambda: project.policy.sha256 == before.sha256)
    settled(qtbot, shell, lambda: (short() or 0) > 0)
