"""Going to places in the real window: typed coordinates, bookmarks, earlier views."""

from __future__ import annotations

from pathlib import Path

import pyproj
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot

from app.dialogs.bookmarks import BookmarksDialog
from app.dialogs.export_picture import ExportPictureDialog
from app.dialogs.go_to import GoToDialog
from app.map_state import MapState
from app.shell import Shell
from tests.acceptance.window import at, dialog, drawn, settled


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


def test_views_can_be_gone_back_to_and_forward_again(qtbot: QtBot, looking: Shell) -> None:
    window = looking.window
    canvas, history = window.map.canvas, window.on_map.history
    history.clear()
    views = []
    for step in range(3):
        canvas.look_at(600_000.0 + 500 * step, 3_610_000.0, 10.0 * (step + 1))
        history.note()  # what a rest of 0.7 s does
        views.append((canvas.view().x, canvas.view().y, canvas.view().resolution))

    def now() -> tuple[float, float, float]:
        return canvas.view().x, canvas.view().y, canvas.view().resolution

    assert not window.actions_["view_forward"].isEnabled()
    qtbot.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert now() == views[1]
    qtbot.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert now() == views[0]
    assert not window.actions_["view_back"].isEnabled()
    qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert now() == views[1]
    canvas.look_at(610_000.0, 3_620_000.0, 5.0)  # still moving: it is kept when one goes back
    qtbot.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert now() == views[1]
    qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert now() == (610_000.0, 3_620_000.0, 5.0)
    assert not window.actions_["view_forward"].isEnabled()  # the third view is given up


def test_a_bookmark_is_named_listed_gone_to_renamed_kept_and_deleted(qtbot: QtBot, looking: Shell) -> None:
    window, session = looking.window, looking.session
    canvas, menu = window.map.canvas, window.actions_.submenus["bookmarks"]
    canvas.look_at(601_000.0, 3_611_000.0, 7.0)
    window.actions_["bookmark_add"].trigger()
    asking = dialog(qtbot, QInputDialog)
    assert asking.textValue() == "书签 1"
    asking.setTextValue("五里 & 园区")
    asking.accept()
    canvas.look_at(605_000.0, 3_615_000.0, 2.0)
    window.on_map.bookmarks.add("恒口")
    window.map.zoom_all()
    menu.aboutToShow.emit()
    listed = [action for action in menu.actions() if action.text() in {"五里 && 园区", "恒口"}]
    assert len(listed) == 2
    listed[0].trigger()
    assert (canvas.view().x, canvas.view().y, canvas.view().resolution) == (601_000.0, 3_611_000.0, 7.0)

    window.actions_["bookmark_manage"].trigger()
    managing = dialog(qtbot, BookmarksDialog)
    managing.list.item(0).setText("五里工业园")
    managing.list.item(1).setText("五里工业园")  # taken: the old name comes back
    assert [place.name for place in window.on_map.bookmarks.places] == ["五里工业园", "恒口"]
    assert managing.list.item(1).text() == "恒口"
    managing.list.setCurrentRow(1)
    qtbot.mouseClick(managing.go, Qt.MouseButton.LeftButton)
    assert canvas.view().resolution == 2.0
    qtbot.mouseClick(managing.delete, Qt.MouseButton.LeftButton)
    assert session.project is not None
    kept = MapState.from_text(session.settings.map_state(session.project.path))
    assert kept is not None
    assert [place.name for place in kept.bookmarks] == ["五里工业园"]
    managing.reject()


def test_state_of_an_older_version_has_no_bookmarks_and_bad_ones_are_left_out() -> None:
    old = '{"order": [], "visible": [], "styles": {}, "snapshot": "", "view": null'
    assert MapState.from_text(old + "}") == MapState()
    nowhere = old + ', "bookmarks": [{"name": "a", "x": 1e99, "y": 0, "resolution": 1}]}'
    assert MapState.from_text(nowhere) == MapState()


def test_the_overview_is_drawn_once_and_its_rectangle_moves_the_map(qtbot: QtBot, looking: Shell) -> None:
    window = looking.window
    canvas, small = window.map.canvas, window.on_map.overview
    window.actions_["overview"].trigger()
    assert small.isVisible()
    settled(qtbot, looking, lambda: small.rectangle() is not None)
    canvas.set_scale(50_000)
    drawn(qtbot, looking)
    qtbot.wait(500)  # longer than the overview waits for a change of the layers
    drawings = small.drawings
    box = small.rectangle()
    assert box is not None
    assert box.width() < 60
    resolution = canvas.view().resolution
    start, end = box.center().toPoint(), QPoint(60, 40)
    qtbot.mousePress(small, Qt.MouseButton.LeftButton, pos=start)
    QApplication.sendEvent(
        small,
        QMouseEvent(
            QMouseEvent.Type.MouseMove, QPointF(end), QPointF(small.mapToGlobal(end)), Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        ),
    )  # fmt: skip
    qtbot.mouseRelease(small, Qt.MouseButton.LeftButton, pos=end)
    moved = small.rectangle()
    assert moved is not None
    assert (moved.center().x(), moved.center().y()) == pytest.approx((60, 40), abs=1.0)
    assert canvas.view().resolution == resolution
    drawn(qtbot, looking)
    qtbot.wait(400)
    assert small.drawings == drawings
    window.actions_["overview"].trigger()
    assert not small.isVisible()


def test_the_map_is_copied_and_exported_as_it_is_shown(qtbot: QtBot, looking: Shell, tmp_path: Path) -> None:
    """Twice as many pixels, of the same ground; the demo's red sign and the scale bar are on both."""
    window = looking.window
    canvas = window.map.canvas
    drawn(qtbot, looking)
    window.actions_["copy_picture"].trigger()
    copied = QGuiApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (canvas.width(), canvas.height())
    assert copied.pixelColor(16, 25).name() == "#c62828"

    window.actions_["export_picture"].trigger()
    asking = dialog(qtbot, ExportPictureDialog)
    asking.ratio_box.setCurrentIndex(asking.ratio_box.findData(2.0))
    assert asking.pixels == (2 * canvas.width(), 2 * canvas.height())
    width, height = asking.pixels
    asking.reject()
    target = tmp_path / "地图 图片.png"
    window.on_map.draw_to(target, width, height, 2.0)
    settled(qtbot, looking, target.exists)
    written = QImage(str(target))
    assert (written.width(), written.height()) == (width, height)
    assert written.pixelColor(32, 50).name() == "#c62828"
    shown = canvas.grab().toImage()
    parks = looking.session.project.read("park", columns=[]) if looking.session.project is not None else []
    for shape in parks.geometry:
        pixel = at(looking, shape.representative_point())
        one, other = shown.pixelColor(pixel), written.pixelColor(pixel * 2)
        assert abs(one.lightness() - other.lightness()) < 60
    refused = tmp_path / "地图.jpg"
    with qtbot.waitSignal(looking.session.tasks.failed):
        window.on_map.draw_to(refused, 400, 300, 1.0)
    assert not refused.exists()
    QApplication.activeModalWidget().close()
