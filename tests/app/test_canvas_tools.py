"""The hand on the map: real mouse events on a canvas without data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.canvas.first_note import FirstNote
from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import MapPoint, Tool
from app.canvas.tools.measure import MeasureArea, MeasureLength
from app.canvas.tools.navigate import Identify, Navigate
from app.canvas.tools.select import SelectBox, SelectClick, SelectPolygon
from gis.draw.compiling import announced, compiling
from gis.draw.view import View
from layers.selecting.combine import Combine


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


def _hover(canvas: MapCanvas, place: tuple[int, int]) -> None:
    where = QPointF(*place)
    none = Qt.MouseButton.NoButton
    QApplication.sendEvent(
        canvas,
        QMouseEvent(QMouseEvent.Type.MouseMove, where, where, none, none, Qt.KeyboardModifier.NoModifier),
    )


@pytest.fixture
def on_meridian(canvas: MapCanvas) -> MapCanvas:
    """One metre a pixel on the central meridian of EPSG:4545, where plane and ellipsoid agree."""
    canvas.zoom_to((499_600.0, 3_600_000.0, 500_400.0, 3_600_600.0), 0.0)
    return canvas


def test_a_line_is_measured_while_it_is_drawn_and_after(qtbot: QtBot, on_meridian: MapCanvas) -> None:
    """300 m east, 400 m south, as the crow flies 500 m of path 700 m; scale is 1 to 2e-9 there."""
    tool = MeasureLength(on_meridian, 4545)
    on_meridian.set_tool(tool)
    qtbot.mouseClick(on_meridian, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert tool.text() == ""
    _hover(on_meridian, (500, 100))
    assert tool.text() == "300.00 米"
    qtbot.mouseClick(on_meridian, Qt.MouseButton.LeftButton, pos=QPoint(500, 100))
    _hover(on_meridian, (500, 500))
    assert tool.text() == "700.00 米（末段 400.00 米）"
    qtbot.keyClick(on_meridian, Qt.Key.Key_Backspace)
    assert tool.text() == "500.00 米"
    qtbot.mouseClick(on_meridian, Qt.MouseButton.RightButton, pos=QPoint(500, 500))
    _hover(on_meridian, (10, 10))
    assert tool.text() == ""  # one point was left when it ended
    on_meridian.grab()
    qtbot.keyClick(on_meridian, Qt.Key.Key_Escape)
    assert tool.points == []


def test_an_area_is_said_in_square_metres_hectares_and_mu(qtbot: QtBot, on_meridian: MapCanvas) -> None:
    """200 m by 150 m: 30,000 m² = 3 ha = 45 mu, 700 m round."""
    tool = MeasureArea(on_meridian, 4545)
    on_meridian.set_tool(tool)
    for place in ((300, 200), (500, 200), (500, 350), (300, 350)):
        qtbot.mouseClick(on_meridian, Qt.MouseButton.LeftButton, pos=QPoint(*place))
    qtbot.keyClick(on_meridian, Qt.Key.Key_Return)
    assert tool.text() == "30,000.00 ㎡ = 3.0000 公顷 = 45.00 亩\n周长 700.00 米"
    on_meridian.grab()
    qtbot.mouseClick(on_meridian, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert len(tool.points) == 1  # the next click begins anew


def test_a_boundary_that_crosses_itself_has_no_area(qtbot: QtBot, on_meridian: MapCanvas) -> None:
    tool = MeasureArea(on_meridian, 4545)
    on_meridian.set_tool(tool)
    for place in ((300, 200), (500, 350), (500, 200), (300, 350)):
        qtbot.mouseClick(on_meridian, Qt.MouseButton.LeftButton, pos=QPoint(*place))
    assert tool.text() == "边界自相交"


def test_a_box_and_a_click_choose_an_area_and_shift_adds(qtbot: QtBot, canvas: MapCanvas) -> None:
    areas: list[tuple[tuple[float, ...], Combine]] = []
    places: list[tuple[float, float, float, Combine]] = []
    canvas.area_chosen.connect(lambda shape, how: areas.append((shape.bounds, how)))
    canvas.place_chosen.connect(lambda *place: places.append(place))
    canvas.set_tool(SelectBox(canvas))
    _drag(qtbot, canvas, Qt.MouseButton.LeftButton, (100, 100), (200, 150), (300, 250))
    _drag(qtbot, canvas, Qt.MouseButton.LeftButton, (400, 300), (402, 300), shift=True)
    assert areas == [(pytest.approx((100, 350, 300, 500)), Combine.NEW)]
    assert places == [(402, 300, 5, Combine.ADD)]


def test_the_selecting_hand_clicks_rows_and_drags_the_map(qtbot: QtBot, canvas: MapCanvas) -> None:
    places: list[tuple[float, float, float, Combine]] = []
    canvas.place_chosen.connect(lambda *place: places.append(place))
    canvas.set_tool(SelectClick(canvas))
    before = canvas.view()
    _drag(qtbot, canvas, Qt.MouseButton.LeftButton, (400, 300), (500, 250), shift=True)
    assert canvas.view().x == pytest.approx(before.x - 100)
    assert places == []
    canvas.zoom_to((0.0, 0.0, 800.0, 600.0), 0.0)
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, control, QPoint(100, 50))
    assert places == [(100, 550, 5, Combine.TOGGLE)]


def test_a_polygon_of_clicks_chooses_an_area(qtbot: QtBot, canvas: MapCanvas) -> None:
    chosen: list[float] = []
    canvas.area_chosen.connect(lambda shape, _how: chosen.append(shape.area))
    canvas.set_tool(SelectPolygon(canvas))
    for place in ((100, 100), (300, 100), (300, 300)):
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(*place))
    _hover(canvas, (320, 320))
    canvas.grab()
    qtbot.mouseClick(canvas, Qt.MouseButton.RightButton, pos=QPoint(320, 320))
    assert chosen == [pytest.approx(20_000)]
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert len(chosen) == 1


def test_an_error_in_a_tool_does_not_end_the_program(qtbot: QtBot, canvas: MapCanvas) -> None:
    """PySide 6.9 dies of an exception in a handler that was called from an overridden ``event``."""
    found: list[float] = []

    class Faulty(Tool):
        def press(self, at: MapPoint) -> None:
            found.append(at.x)
            raise RuntimeError("a tool's own fault")

    canvas.identified.connect(lambda x, _y, _tolerance: found.append(x))
    canvas.set_tool(Faulty(canvas))
    with qtbot.captureExceptions():
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(100, 50))
    canvas.set_tool(Navigate(canvas))
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, 50))
    assert found == [100, 200]


def test_a_blank_map_says_why_while_its_loops_are_compiled_and_only_then(
    qtbot: QtBot, canvas: MapCanvas
) -> None:
    note = FirstNote(canvas)
    qtbot.wait(600)  # two looks at a map that is blank for another reason
    assert not note.isVisible()
    with announced():
        qtbot.waitUntil(note.isVisible)
        assert abs(note.geometry().center().x() - 400) <= 1
        canvas.resize(600, 500)
        qtbot.waitUntil(lambda: abs(note.geometry().center().x() - 300) <= 1)
    assert not compiling()
    assert note.isVisible()  # the next loops may follow; the map is still blank
    canvas.picture_ready.emit()
    assert not note.isVisible()
    with announced():
        qtbot.wait(600)
        assert not note.isVisible()
