"""One window on a small made-up city, shared by the tests of all tools; each test takes back what it did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.settings import Settings
from app.shell import Shell
from gis.text import set_language
from tests.app.editing.hand import Hand
from tests.layers.editing.city import build


@pytest.fixture(scope="module")
def window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """The program on the city of ``tests.layers.editing.city``."""
    folder = tmp_path_factory.mktemp("editing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARKLINE_HOME", str(folder / "home"))
        patch.delenv("PARKLINE_LANG", raising=False)
        set_language("zh_CN")
        path = folder / "示例 编辑.gpkg"
        build(path).close()
        settings = Settings(folder / "settings.ini")
        settings.theme = "light"
        made = Shell(settings)
        made.window.resize(1366, 900)
        made.window.show()
        made.start(path)
        yield made
        made.window.close()
        made.shut_down()
        made.window.deleteLater()
        made.deleteLater()


@pytest.fixture
def hand(window: Shell) -> Iterator[Hand]:
    """Editing parcels, all of them in view, nothing selected; afterwards the project is as it was."""
    made = Hand(window)
    made.begin()
    yield made
    made.put_back()
