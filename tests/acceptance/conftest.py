"""The program in a window on a copy of one demo project."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app import theme
from app.settings import Settings
from app.shell import Shell
from gis.text import set_language
from layers.demo import generate
from tests.acceptance.window import settled
from tests.layers.editing.city import build


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo project; tests work on copies."""
    path = tmp_path_factory.mktemp("demo") / "demo.gpkg"
    generate(path, parcels=600, seed=1).close()
    return path


@pytest.fixture(scope="session")
def city_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small made-up city of the editing tests; tests work on copies."""
    path = tmp_path_factory.mktemp("city") / "city.gpkg"
    build(path).close()
    return path


@pytest.fixture(autouse=True)
def no_key_is_held() -> None:
    """Qt takes the modifiers of the last click, also of another test, for keys that are still held."""
    if QApplication.instance() is not None:
        QTest.mouseClick(QPushButton(), Qt.MouseButton.LeftButton)


@pytest.fixture
def start(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Path, str], Shell]]:
    """Starts the program with a copy of a project open, drawn and judged."""
    monkeypatch.setenv("PARKLINE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PARKLINE_LANG", raising=False)
    set_language("zh_CN")
    settings = Settings(tmp_path / "settings.ini")
    settings.theme = "light"
    settings.folder = str(tmp_path)
    started: list[Shell] = []

    def begin(template: Path, name: str) -> Shell:
        project = tmp_path / name
        shutil.copy(template, project)
        made = Shell(settings)
        made.session.pause = 0.05
        started.append(made)
        made.window.resize(1366, 768)
        made.window.show()
        made.start(project)
        settled(qtbot, made, lambda: bool(made.session.results))
        return made

    yield begin
    for made in started:
        made.window.close()
        made.shut_down()
        made.window.deleteLater()
        made.deleteLater()
    set_language("zh_CN")
    theme.apply_theme(qapp, "light")


@pytest.fixture(scope="module")
def module_shell(
    qapp: QApplication, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shell]:
    """One window for the tests of a module that only look."""
    folder = tmp_path_factory.mktemp("window")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARKLINE_HOME", str(folder / "home"))
        patch.delenv("PARKLINE_LANG", raising=False)
        set_language("zh_CN")
        settings = Settings(folder / "settings.ini")
        settings.theme = "light"
        settings.folder = str(folder)
        project = folder / "安康 演示.gpkg"
        shutil.copy(template, project)
        made = Shell(settings)
        made.session.pause = 0.05
        made.window.resize(1366, 768)
        made.window.show()
        made.start(project)
        canvas = made.window.map.canvas
        # Without a limit: the first picture of a fresh checkout waits for its loops to be compiled.
        while not (made.session.results and canvas.picture() and canvas.picture().complete):
            QTest.qWait(20)
        yield made
        made.window.close()
        made.shut_down()
        made.window.deleteLater()
        made.deleteLater()
        set_language("zh_CN")
        theme.apply_theme(qapp, "light")


@pytest.fixture
def looking(qtbot: QtBot, module_shell: Shell) -> Shell:
    """The module's window as it was when it opened: nothing selected, the whole map, the hand as the tool."""
    window = module_shell.window
    module_shell.session.select("", [])
    window.map.canvas.overlay.flash(None)
    window.actions_["pan"].trigger()
    window.layers.list.setCurrentRow(-1)
    for name in window.layers.order:
        window.layers.set_visible(name, name not in {"transfer", "investment", "observation"})
    window.map.zoom_all()
    window.activateWindow()  # a dialog of the test before may have left it behind
    window.map.canvas.setFocus()
    settled(qtbot, module_shell, window.isActiveWindow)
    return module_shell


@pytest.fixture
def shell(start: Callable[[Path, str], Shell], template: Path) -> Shell:
    """The program with the demo project open, drawn and judged."""
    return start(template, "安康 演示.gpkg")


@pytest.fixture
def city(start: Callable[[Path, str], Shell], city_template: Path) -> Shell:
    """The program with the small city open."""
    return start(city_template, "示例 城市.gpkg")
