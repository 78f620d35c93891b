"""The hand on the map: real mouse events on a canvas without data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import Tool
from app.canvas.tools.navigate import Identify, Navigate
from gis.draw.view import View


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[MapCanvas]:
    made = MapCanvas()
    made.resize(800, 600)
    made.set_tool(Navigate(made))
    made.show()
    made.zoom_to((0.0, 0.0, 800.0, 600.0), 0.0)  # one metre a pixel
    yield made
    made.shut_down()
    made.close()


def _drag(
    qtbot: QtBot, canvas: MapCanvas, button: Qt.MouseButton, *places: tuple[int, int], shift: bool = False
) -> None:
    keys = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    qtbot.mousePress(canvas, button, keys, QPoint(*places[0]))
    for place in places[1:]:
        # qtbot's move carries no button: send what a real mouse would.
        where = QPointF(*place)
        QApplication.sendEvent(
            canvas,
            QMouseEvent(
                QMouseEvent.Type.MouseMove,
                where,
                QPointF(canvas.mapToGlobal(QPoint(*place))),
                Qt.MouseButton.NoButton,
                button,
                keys,
            ),
        )
    qtbot.mouseRelease(canvas, button, keys, QPoint(*places[-1]))


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton])
def test_a_drag_moves_the_map_by_just_as_much(
    qtbot: QtBot, canvas: MapCanvas, button: Qt.MouseButton
) -> None:
    before = canvas.view()
    _drag(qtbot, canvas, button, (400, 300), (430, 310), (500, 250))
    assert canvas.view().x == pytest.approx(before.x - 100)
    assert canvas.view().y == pytest.approx(before.y - 50)
    assert canvas.view().resolution == before.resolution


def test_shift_drag_zooms_into_the_box(qtbot: QtBot, canvas: MapCanvas) -> None:
    _drag(qtbot, canvas, Qt.MouseButton.LeftButton, (200, 150), (300, 200), (600, 450), shift=True)
    assert canvas.extent() == pytest.approx((200, 150, 600, 450))


def test_a_click_identifies_the_place_and_a_drag_does_not(qtbot: QtBot, canvas: MapCanvas) -> None:
    found: list[tuple[float, float, float]] = []
    canvas.identified.connect(lambda x, y, tolerance: found.append((x, y, tolerance)))
    _drag(qtbot, canvas, Qt.MouseButton.LeftButton, (400, 300), (480, 300))
    assert found == []
    canvas.zoom_to((0.0, 0.0, 800.0, 600.0), 0.0)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(100, 50))
    assert found == [pytest.approx((100, 550, 5))]


def test_the_wheel_keeps_the_place_under_the_cursor(canvas: MapCanvas) -> None:
    cursor = QPointF(150, 420)
    before = canvas.view().to_plane(150, 420)
    QApplication.sendEvent(
        canvas,
        QWheelEvent(
            cursor, QPointF(canvas.mapToGlobal(cursor.toPoint())), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        ),
    )  # fmt: skip
    assert canvas.view().resolution == pytest.approx(1 / 1.25**2)
    assert canvas.view().to_plane(150, 420) == pytest.approx(before)


def test_taking_another_tool_lets_the_first_give_up(canvas: MapCanvas) -> None:
    class Half(Tool):
        gone = False

        def deactivate(self) -> None:
            self.gone = True

    half = Half(canvas)
    canvas.set_tool(half)
    canvas.set_tool(Identify(canvas))
    assert half.gone
    assert canvas.cursor().shape() == Qt.CursorShape.WhatsThisCursor
    assert isinstance(canvas.tool(), Identify)


def test_keys_pan_and_zoom(qtbot: QtBot, canvas: MapCanvas) -> None:
    start: View = canvas.view()
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.view().x == pytest.approx(start.x + 160)  # a fifth of the width
    qtbot.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.view().resolution == pytest.approx(1.25)
