"""The map of the real window drawn in another 3-degree zone and in degrees: what is seen, clicked and measured."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyproj
import pytest
import shapely
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from pytestqt.qtbot import QtBot

from app.map_state import OF_THE_CENTRE, OWN_PLANE, MapState
from app.shell import Shell
from tests.acceptance.window import at, click, colour_at, drawn, place_of, settled, show, wheel

_SHIFT = Qt.KeyboardModifier.ShiftModifier


def choose(qtbot: QtBot, shell: Shell, title: str) -> None:
    """Choose a system from the menu, and wait until the map is drawn in it."""
    menu = shell.window.actions_.submenus["plane"]
    menu.aboutToShow.emit()
    inner = [item for action in menu.actions() if action.menu() for item in action.menu().actions()]
    next(action for action in [*menu.actions(), *inner] if action.text() == title).trigger()
    settled(qtbot, shell, lambda: True)
    drawn(qtbot, shell)


def ticked(shell: Shell) -> list[str]:
    menu = shell.window.actions_.submenus["plane"]
    menu.aboutToShow.emit()
    inner = [item for action in menu.actions() if action.menu() for item in action.menu().actions()]
    return [action.text() for action in [*menu.actions(), *inner] if action.isChecked()]


@pytest.fixture
def plain(qtbot: QtBot, looking: Shell) -> Iterator[Shell]:
    """The window, at the end drawn in the project's plane again."""
    drawn(qtbot, looking)
    yield looking
    looking.window.on_map.plane.choose(OWN_PLANE)
    settled(qtbot, looking, lambda: looking.window.map.canvas.view().plane is None)


def parcels_of(shell: Shell) -> dict[str, shapely.Geometry]:
    assert shell.session.project is not None
    frame = shell.session.project.read("parcel", columns=[])
    return dict(zip(frame["uuid"], frame.geometry, strict=True))


def pixel(shell: Shell, epsg: int, x: float, y: float) -> QPointF:
    """Where a place of another system is drawn."""
    place = pyproj.Transformer.from_crs(epsg, 4545, always_xy=True).transform(x, y)
    return QPointF(*shell.window.map.canvas.view().to_screen(np.array([place]))[0].tolist())


def test_a_kilometre_of_the_zone_is_as_long_on_the_screen_as_the_scale_says(
    qtbot: QtBot, plain: Shell
) -> None:
    """Across and up; two places a kilometre apart in zone 117 lie on one line of pixels."""
    canvas = plain.window.map.canvas
    canvas.look_at(596_600.0, 3_618_800.0, 2.0)
    choose(qtbot, plain, "3度带 117°E")
    assert "3度带 117°E" in plain.window.coordinates.text()
    plain.window.scale.setEditText("1:10000")
    plain.window.scale.activated.emit(0)
    drawn(qtbot, plain)
    expected = 1000 / 10_000 / 0.0254 * canvas.logicalDpiX()
    x, y = pyproj.Transformer.from_crs(4545, 4548, always_xy=True).transform(596_600.0, 3_618_800.0)
    middle = pixel(plain, 4548, x, y)
    for east, north in ((1000.0, 0.0), (0.0, 1000.0)):
        step = pixel(plain, 4548, x + east, y + north) - middle
        assert (step.x(), -step.y()) == pytest.approx(
            (expected * east / 1000, expected * north / 1000), abs=1e-3
        )
    assert canvas.scale_denominator() == pytest.approx(10_000)


def test_degrees_have_their_scale_from_east_to_west_at_the_centre(qtbot: QtBot, plain: Shell) -> None:
    """A kilometre of the parallel from PROJ's geodesics; a degree up is as long as one across."""
    canvas = plain.window.map.canvas
    canvas.look_at(596_600.0, 3_618_800.0, 2.0)
    before = canvas.scale_denominator()
    choose(qtbot, plain, "经纬度（CGCS2000）")
    assert canvas.scale_denominator() == pytest.approx(before)
    longitude, latitude = pyproj.Transformer.from_crs(4545, 4490, always_xy=True).transform(
        596_600.0, 3_618_800.0
    )
    east, _, _ = pyproj.Geod(ellps="GRS80").fwd(longitude, latitude, 90.0, 1000.0)
    middle = pixel(plain, 4490, longitude, latitude)
    across = pixel(plain, 4490, east, latitude) - middle
    up = pixel(plain, 4490, longitude, latitude + (east - longitude)) - middle
    assert across.x() == pytest.approx(1000 / canvas.view().true_resolution, rel=1e-5)
    assert (up.x(), -up.y()) == pytest.approx((0.0, across.x()), abs=1e-3)
    assert "东西向" in plain.window.scale.toolTip()
    choose(qtbot, plain, "项目坐标系")
    assert canvas.scale_denominator() == pytest.approx(before)
    assert "东西向" not in plain.window.scale.toolTip()


@pytest.mark.parametrize("title", ["3度带 117°E", "经纬度（CGCS2000）"])
def test_a_parcel_is_clicked_where_it_is_seen(qtbot: QtBot, plain: Shell, title: str) -> None:
    """By its middle; a box selects what it covers on the screen, whatever that is in the project's plane."""
    window, parcels = plain.window, parcels_of(plain)
    for name in window.layers.order:
        window.layers.set_visible(name, name == "parcel")
    window.layers.list.setCurrentRow(window.layers.order[::-1].index("parcel"))
    choose(qtbot, plain, title)
    uuid, shape = max(parcels.items(), key=lambda item: item[1].area)
    show(qtbot, plain, shape, room=1.5)
    sheet = window.map.canvas.overlay.background()
    assert colour_at(plain, shape.representative_point()) != sheet
    window.actions_["select_click"].trigger()
    click(qtbot, plain, shape.representative_point())
    settled(qtbot, plain, lambda: plain.session.selected == ("parcel", [uuid]))

    qtbot.keyClick(window.map.canvas, Qt.Key.Key_S, _SHIFT)
    rim = np.array(
        [(p.x(), p.y()) for p in (at(plain, shapely.Point(c)) for c in shapely.get_coordinates(shape))]
    )
    (left, top), (right, bottom) = rim.min(axis=0).tolist(), rim.max(axis=0).tolist()
    start, end = QPoint(left, top), QPoint(right, bottom)
    qtbot.mousePress(window.map.canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(window.map.canvas, (start + end) / 2)
    qtbot.mouseRelease(window.map.canvas, Qt.MouseButton.LeftButton, pos=end)
    settled(qtbot, plain, lambda: plain.session.selected[0] == "parcel")
    epsg = window.map.canvas.view().plane.epsg
    to_there = pyproj.Transformer.from_crs(4545, epsg, always_xy=True).transform
    view = window.map.canvas.view()
    west, north = to_there(*view.to_plane(left, top))
    east, south = to_there(*view.to_plane(right, bottom))
    area = shapely.box(west, south, east, north)
    there = {
        name: shapely.transform(other, lambda points: np.column_stack(to_there(*points.T)))
        for name, other in parcels.items()
    }
    assert set(plain.session.selected[1]) == {name for name, other in there.items() if other.intersects(area)}


def test_the_picture_is_coloured_where_parcels_lie_and_nowhere_else(qtbot: QtBot, plain: Shell) -> None:
    """Every ninth pixel, by the place under it; those within a pixel and a half of a boundary are left out."""
    window, parcels = plain.window, list(parcels_of(plain).values())
    canvas = window.map.canvas
    for name in window.layers.order:
        window.layers.set_visible(name, name == "parcel")
    choose(qtbot, plain, "3度带 117°E")
    show(qtbot, plain, max(parcels, key=lambda other: other.area), room=2.0)
    image, sheet = canvas.grab().toImage(), canvas.overlay.background().rgb()
    columns, rows = np.meshgrid(
        np.arange(100, canvas.width() - 100, 9), np.arange(90, canvas.height() - 90, 9)
    )
    pixels = list(zip(columns.ravel().tolist(), rows.ravel().tolist(), strict=True))
    places = [canvas.view().to_plane(column + 0.5, row + 0.5) for column, row in pixels]
    land = shapely.union_all(parcels)
    points, edge = shapely.points(places), 1.5 * canvas.view().resolution
    inside, near = shapely.contains(land, points), shapely.distance(land.boundary, points) < edge
    ratio = image.devicePixelRatio()
    coloured = np.array([image.pixel(int(c * ratio), int(r * ratio)) != sheet for c, r in pixels])
    assert (inside & ~near).sum() > 200
    assert (~inside & ~near).sum() > 200
    assert (coloured == inside)[~near].mean() > 0.995  # a letter may reach over the edge of its parcel


def test_the_zone_follows_the_middle_of_the_map_and_is_remembered(qtbot: QtBot, plain: Shell) -> None:
    window, state = plain.window, plain.session.map_state
    assert state is not None
    canvas = window.map.canvas
    choose(qtbot, plain, "视图中心所在的3度带")
    assert state.plane == OF_THE_CENTRE
    assert ticked(plain) == ["视图中心所在的3度带"]
    to_own = pyproj.Transformer.from_crs(4490, 4545, always_xy=True).transform
    for longitude, epsg in ((109.0, None), (109.6, 4546), (112.7, 4547), (109.4, None)):
        canvas.look_at(*to_own(longitude, 32.7), 20.0)
        settled(
            qtbot,
            plain,
            lambda wanted=epsg: (canvas.view().plane.epsg if canvas.view().plane else None) == wanted,
        )
        place = pyproj.Transformer.from_crs(4545, 4490, always_xy=True).transform(
            canvas.view().x, canvas.view().y
        )
        assert place == pytest.approx((longitude, 32.7), abs=1e-7)
    assert MapState.from_text(state.as_text()) == state


def test_views_and_bookmarks_are_the_same_places_in_every_system(qtbot: QtBot, plain: Shell) -> None:
    """Centre and scale; the overview shows the frame where the view is, the exported picture what is seen."""
    window = plain.window
    canvas, history = window.map.canvas, window.on_map.history
    choose(qtbot, plain, "经纬度（CGCS2000）")
    canvas.look_at(590_000.0, 3_610_000.0, 5.0)
    history.note()
    window.on_map.bookmarks.add("度")
    choose(qtbot, plain, "3度带 111°E")
    canvas.look_at(600_000.0, 3_620_000.0, 50.0)
    history.note()
    window.on_map.bookmarks.go(window.on_map.bookmarks.places[-1])
    assert canvas.place() == pytest.approx((590_000.0, 3_610_000.0, 5.0))
    window.on_map.bookmarks.replace([])
    history.note()
    window.actions_["view_back"].trigger()
    assert canvas.place() == pytest.approx((600_000.0, 3_620_000.0, 50.0))
    overview = window.on_map.overview
    overview.setVisible(True)
    settled(qtbot, plain, lambda: overview.rectangle() is not None and not overview._renderer.busy)
    frame = overview.rectangle()
    assert frame is not None
    middle = overview._picture.view.to_plane(frame.center().x(), frame.center().y())
    assert middle == pytest.approx((600_000.0, 3_620_000.0), abs=1.0)
    assert QRect(0, 0, 200, 150).contains(frame.toRect())
    overview.setVisible(False)


def test_the_wheel_holds_the_place_under_the_cursor_and_a_dragged_box_fills_the_window(
    qtbot: QtBot, plain: Shell
) -> None:
    canvas = plain.window.map.canvas
    choose(qtbot, plain, "经纬度（CGCS2000）")
    canvas.look_at(596_600.0, 3_618_800.0, 20.0)
    cursor = QPoint(200, 120)
    before = place_of(plain, cursor)
    wheel(plain, cursor, 3)
    assert place_of(plain, cursor) == pytest.approx(before, abs=1e-3)
    start, end = QPoint(100, 100), QPoint(100 + canvas.width() // 2, 100 + canvas.height() // 2)
    corner = place_of(plain, start)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, _SHIFT, start)
    qtbot.mouseMove(canvas, (start + end) / 2)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, _SHIFT, end)
    ((x, y),) = canvas.view().to_screen(np.array([corner])).tolist()
    assert (x, y) == pytest.approx((0, 0), abs=2.5)
