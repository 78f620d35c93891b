"""Going to places in the real window: typed coordinates, bookmarks, earlier views."""

from __future__ import annotations

from pathlib import Path

import pyproj
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot
from shapely import Polygon

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


def test_coordinates_scale_and_measures_are_said_in_the_system_chosen(qtbot: QtBot, looking: Shell) -> None:
    """Against PROJ: the place under the cursor in zone 111, and the area of a square there."""
    window, session = looking.window, looking.session
    canvas, menu = window.map.canvas, window.actions_.submenus["plane"]
    canvas.look_at(596_600.0, 3_618_800.0, 1.0)
    plain = canvas.scale_denominator()

    def choose(title: str) -> None:
        menu.aboutToShow.emit()
        inner = [item for action in menu.actions() if action.menu() for item in action.menu().actions()]
        next(action for action in [*menu.actions(), *inner] if action.text() == title).trigger()

    choose("3度带 111°E")
    settled(qtbot, looking, lambda: "3度带 111°E" in window.coordinates.text())
    pixel = QPoint(120, 90)
    qtbot.mouseMove(canvas, pixel)
    to_zone = pyproj.Transformer.from_crs(4545, 4546, always_xy=True)
    east, north = to_zone.transform(*canvas.view().to_plane(pixel.x(), pixel.y()))
    assert f"3度带 111°E  E {east:,.2f}  N {north:,.2f}" in window.coordinates.text()

    assert canvas.scale_denominator() == pytest.approx(plain)
    window.scale.setEditText("1:5000")
    window.scale.activated.emit(0)
    assert canvas.scale_denominator() == pytest.approx(5000)

    window.actions_["measure_area"].trigger()
    corners = [QPoint(100, 100), QPoint(300, 100), QPoint(300, 250), QPoint(100, 250)]
    for corner in corners:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=corner)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    there = [to_zone.transform(*canvas.view().to_plane(corner.x(), corner.y())) for corner in corners]
    assert f"3度带 111°E 平面面积 {Polygon(there).area:,.2f} ㎡" in window.on_map.note.result.text()

    choose("视图中心所在的3度带")  # the project's own here
    settled(qtbot, looking, lambda: "3度带 108°E" in window.coordinates.text())
    choose("经纬度（CGCS2000）")
    settled(qtbot, looking, lambda: " E " not in window.coordinates.text())
    assert "CGCS2000" in window.coordinates.text()
    assert session.map_state is not None
    assert session.map_state.plane == 4490
    choose("项目坐标系")
    settled(qtbot, looking, lambda: "3度带 108°E" in window.coordinates.text())
    assert canvas.view().plane is None


def test_two_snapshots_are_compared_by_a_handle(qtbot: QtBot, looking: Shell) -> None:
    """Left the earlier use, right the later one; the handle is dragged and the keys move it; Esc of the bar ends."""
    window = looking.window
    canvas = window.map.canvas
    first, second = window.layers.snapshots[-2:]
    piece = max(
        (row for row in window.warnings.rows if row.severity == "violation" and row.geometry is not None),
        key=lambda row: row.geometry.area,
    ).geometry
    for name in window.layers.order:
        window.layers.set_visible(name, name == "land_use")
    west, south, east, north = piece.bounds
    canvas.zoom_to((west - 50, south - 50, east + 50, north + 50))
    drawn(qtbot, looking)
    inside = piece.representative_point()

    def colour() -> str:
        pixel = at(looking, inside)
        return str(canvas.grab().toImage().pixelColor(pixel + QPoint(3, 9)).name())

    later = colour()
    window.layers.choose_snapshot(first)
    drawn(qtbot, looking)
    earlier = colour()
    assert earlier != later
    window.layers.choose_snapshot(second)
    window.actions_["swipe"].trigger()
    bar = window.on_map.swipe
    assert (bar.left.currentData(), bar.right.currentData()) == (first, second)
    settled(qtbot, looking, lambda: bar.swipe is not None and bar.swipe.complete)
    drawn(qtbot, looking)
    assert bar.swipe is not None
    handle = bar.swipe.handle

    def drag(x: int) -> None:
        start = handle.rect().center() + QPoint(0, 60)
        qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=start)
        end = QPointF(handle.mapFromParent(QPoint(x, start.y())))
        QApplication.sendEvent(
            handle,
            QMouseEvent(
                QMouseEvent.Type.MouseMove, end, QPointF(canvas.mapToGlobal(QPoint(x, start.y()))),
                Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
            ),
        )  # fmt: skip
        qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=end.toPoint())

    drag(canvas.width() - 30)
    assert bar.swipe.share == pytest.approx(1 - 30 / canvas.width(), abs=0.01)
    assert colour() == earlier
    drag(30)
    assert colour() == later
    share = bar.swipe.share
    qtbot.keyClick(handle, Qt.Key.Key_Right)
    assert bar.swipe.share == pytest.approx(share + 0.02, abs=0.005)
    window.layers.choose_snapshot(first)
    assert bar.right.currentData() == first
    window.actions_["swipe"].trigger()
    assert bar.swipe is None
    assert not window.actions_["swipe"].isChecked()
    window.layers.choose_snapshot(second)
