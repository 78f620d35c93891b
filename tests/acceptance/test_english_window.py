"""The window in English: whatever is ours reads English; only the project's data may be Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app import theme
from app.dialogs.about import AboutDialog
from app.dialogs.compare import CompareDialog
from app.dialogs.import_data import ImportDialog
from app.dialogs.messages import error_box
from app.dialogs.new_project import NewProjectDialog
from app.dialogs.preferences import PreferencesDialog
from app.settings import Settings
from app.shell import Shell
from gis.errors import ParkLineError
from gis.text import set_language
from layers.demo import generate
from layers.project import Project

CHINESE = re.compile(r"[\u4e00-\u9fff\u3000-\u3015\uff01-\uff5e]+")
LANGUAGE_NAME = "中文"  # shown as it is, for those who read nothing else
MOST_ROWS = 40


@pytest.fixture
def shell(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    """The program in English, without a project."""
    monkeypatch.setenv("PARKLINE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PARKLINE_LANG", raising=False)
    settings = Settings(tmp_path / "settings.ini")
    settings.theme, settings.language = "light", "en"
    made = Shell(settings)
    made.session.pause = 0.05
    made.window.show()
    yield made
    made.window.close()
    made.shut_down()
    made.window.deleteLater()
    made.deleteLater()
    set_language("zh_CN")
    theme.apply_theme(qapp, "light")


def texts(root: QWidget) -> Iterator[str]:
    """Every text a person can see in a widget and what it holds: words, tooltips, headers, cells, actions."""
    for widget in (root, *root.findChildren(QWidget)):
        yield from (widget.windowTitle(), widget.toolTip(), widget.statusTip())
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        elif isinstance(widget, QLineEdit):
            yield widget.placeholderText()
        elif isinstance(widget, QMenu):
            yield widget.title()
        elif isinstance(widget, QComboBox):
            yield from (widget.itemText(number) for number in range(widget.count()))
        elif isinstance(widget, QTabBar):
            yield from (widget.tabText(number) for number in range(widget.count()))
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from cells(widget.model())
    for action in root.findChildren(QAction):
        yield from (action.text(), action.toolTip())


def cells(model: QAbstractItemModel) -> Iterator[str]:
    columns = range(1 if isinstance(model, QAbstractListModel) else model.columnCount())
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
    for column in columns:
        yield str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        for row in range(min(model.rowCount(), MOST_ROWS)):
            yield from (str(model.data(model.index(row, column), role) or "") for role in roles)


def settled(qtbot: QtBot, shell: Shell, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(lambda: condition() and not shell.tasks.running, timeout=20_000)


def stored_texts(project: Project) -> str:
    """All texts of the project's rows, its name, and what its policy quotes from a Chinese document."""
    policy = project.policy
    parts = [project.name, policy.title]
    parts += [text for target in policy.targets for text in (target.clause, target.quotation)]
    for schema in project.store.tables():
        frame = pd.DataFrame(project.store.read(schema.name, geometry=False))
        for name in frame.columns:
            if pd.api.types.is_string_dtype(frame[name]):
                parts += frame[name].dropna().astype(str).unique().tolist()
    return "\n".join(parts)


def test_without_a_project_no_word_and_no_punctuation_is_chinese(qtbot: QtBot, shell: Shell) -> None:
    window = shell.window
    dialogs = [
        AboutDialog(window),
        CompareDialog([], window),
        ImportDialog(shell.session, window),
        NewProjectDialog(shell.settings, window),
        PreferencesDialog(shell.settings, window),
    ]
    seen = [text for widget in (window, *dialogs) for text in texts(widget) if text]
    assert len(seen) > 300
    assert "Layers" in seen
    assert "&File" in seen
    assert sorted({text for text in seen if CHINESE.search(text)} - {LANGUAGE_NAME}) == []


def test_with_a_project_only_its_data_are_chinese(qtbot: QtBot, shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "demo.gpkg"
    generate(path, parcels=240, seed=1).close()
    shell.start(path)
    settled(qtbot, shell, lambda: bool(shell.session.results))
    window, session = shell.window, shell.session
    project = session.project
    assert project is not None
    session.compare(*(item.name for item in project.snapshots()[-2:]))
    settled(qtbot, shell, lambda: session.comparison is not None)
    window.commands.show_table("factory")
    settled(qtbot, shell, lambda: window.table._model is not None and window.table._model.rowCount() > 0)
    window.panel("history")
    window.panel("warnings")
    settled(qtbot, shell, lambda: window.warnings.model.rowCount() > 0)

    stored = stored_texts(project) + LANGUAGE_NAME
    words = re.compile(r"[\u4e00-\u9fff]+")
    seen = [text for text in texts(window) if text]
    assert any("Standardized factory reserve" in text for text in seen)
    foreign = {text for text in seen if any(word not in stored for word in words.findall(text))}
    assert sorted(foreign) == []


def test_the_buttons_that_qt_names_follow_the_language(qtbot: QtBot, shell: Shell) -> None:
    def button() -> str:
        box = error_box(shell.window, ParkLineError("x"))
        return box.button(QMessageBox.StandardButton.Ok).text()

    assert button() == "OK"
    old = shell.window
    old.commands.set_language("zh_CN")
    qtbot.waitUntil(lambda: shell.window is not old)
    assert button() == "确定"
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(buttons)
    assert buttons.button(QDialogButtonBox.StandardButton.Cancel).text() == "取消"
