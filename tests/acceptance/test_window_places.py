"""Going to places in the real window: typed coordinates, bookmarks, earlier views."""

from __future__ import annotations

import pyproj
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.dialogs.go_to import GoToDialog
from app.shell import Shell
from tests.acceptance.window import dialog, settled


@pytest.fixture
def asking(qtbot: QtBot, looking: Shell) -> GoToDialog:
    """The dialog, opened by its keys."""
    qtbot.keyClick(looking.window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    return dialog(qtbot, GoToDialog)


# One place near the demo's land in every spelling; 108 and 111 are the middles of zones 36 and 37.
LONGITUDE, LATITUDE = 109.03, 32.69


def plane(epsg: int) -> tuple[float, float]:
    x, y = pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform(LONGITUDE, LATITUDE)
    return float(x), float(y)


@pytest.mark.parametrize(
    "text",
    [
        "109.03, 32.69",
        "32.69 109.03",
        "109°01′48″E 32°41′24″N",
        "北纬32度41分24秒 东经109度1分48秒",
        "{0[0]:.3f}, {0[1]:.3f}",
        "{0[1]:.3f} {0[0]:.3f}",
        "{1[0]:.3f}, {1[1]:.3f}",
        "X={1[1]:.3f} Y={1[0]:.3f}",
        "{2[0]:.3f}, {2[1]:.3f}",
    ],
)
def test_the_map_goes_to_what_is_typed_in_any_spelling(
    qtbot: QtBot, looking: Shell, asking: GoToDialog, text: str
) -> None:
    """4545 is zone 36 (108°E) without, 4524 the same with its number; 4525 is zone 37 with its number."""
    asking.text.setText(text.format(plane(4545), plane(4524), plane(4525)))  # keys know no Chinese
    qtbot.keyClick(asking.text, Qt.Key.Key_Return)
    settled(qtbot, looking, lambda: asking.answer.text() != "")
    canvas = looking.window.map.canvas
    assert (canvas.view().x, canvas.view().y) == pytest.approx(plane(4545), abs=0.5)
    assert canvas.scale_denominator() < 2000
    assert canvas.overlay.flashing
    asking.reject()


def test_what_is_no_place_is_said_and_the_map_stays(qtbot: QtBot, looking: Shell, asking: GoToDialog) -> None:
    before = looking.window.map.canvas.view()
    for text, why in (("安康市政府", "“安康市政府”不是一个坐标"), ("12, 3", "不在中国范围内")):
        asking.text.setText(text)
        qtbot.keyClick(asking.text, Qt.Key.Key_Return)
        settled(qtbot, looking, lambda why=why: why in asking.answer.text())  # type: ignore[misc]
    assert looking.window.map.canvas.view() == before
    asking.reject()


def test_typed_places_are_offered_again(qtbot: QtBot, looking: Shell, asking: GoToDialog) -> None:
    for text in ("109.1, 32.7", "109.2, 32.6"):
        asking.text.clear()
        qtbot.keyClicks(asking.text, text)
        qtbot.mouseClick(asking.go, Qt.MouseButton.LeftButton)
        settled(
            qtbot,
            looking,
            lambda text=text: asking.recent.count() > 0 and asking.recent.item(0).text() == text,
        )  # type: ignore[misc]
    there = looking.window.map.canvas.view().x
    asking.reject()
    looking.window.actions_["go_to"].trigger()
    again = dialog(qtbot, GoToDialog)
    assert [again.recent.item(row).text() for row in range(2)] == ["109.2, 32.6", "109.1, 32.7"]
    again.recent.setCurrentRow(1)
    qtbot.keyClick(again.recent, Qt.Key.Key_Return)
    settled(qtbot, looking, lambda: looking.window.map.canvas.view().x != there)
    assert again.text.text() == "109.1, 32.7"
    again.reject()
