"""A map drawn in another system than the project's plane: against PROJ, and against rows that PROJ has moved there."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.draw.bend import bend_of
from gis.draw.flat import FlatBuilder, FlatLayer
from gis.draw.label_places import steady_places
from gis.draw.raster import Look, draw
from gis.draw.view import View
from gis.shown_plane import shown_plane
from gis.store.blob import encode
from tests.strategies import CENTRE

_DEGREE = 6_378_137.0 * math.pi / 180
_RED, _BLACK = np.array([0x80FF0000], dtype=np.uint32), np.array([0xFF000000], dtype=np.uint32)
_NOTHING = np.array([0], dtype=np.uint32)
_OUTLINED, _FILLED = (Look(_RED, line, np.array([False]), 1.5) for line in (_BLACK, _NOTHING))


def _there(epsg: int, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres in a plane; of degrees, so many that all are as long as those of longitude on the equator."""
    moved = pyproj.Transformer.from_crs(4545, epsg, always_xy=True).transform(points[:, 0], points[:, 1])
    return np.column_stack(moved) * (_DEGREE if epsg == 4490 else 1.0)


def _view(epsg: int, resolution: float, width: int = 300, height: int = 200) -> View:
    return View(*CENTRE, resolution, width, height, shown_plane(4545, epsg))


def _layer(shapes: list[shapely.Geometry], origin: tuple[float, float]) -> FlatLayer:
    builder = FlatBuilder((round(origin[0]), round(origin[1])))
    builder.add(
        encode(np.array([*shapes, None], dtype=object)[:-1], 4545), range(len(shapes)), [0] * len(shapes)
    )
    return builder.finish()


def _picture(layer: FlatLayer, view: View, look: Look = _OUTLINED) -> NDArray[np.uint8]:
    image = np.full((int(view.height), int(view.width)), 0xFFFFFFFF, dtype=np.uint32)
    draw(image, layer, view, look)
    return image.view(np.uint8)


def _moved_picture(shapes: list[shapely.Geometry], view: View, look: Look = _OUTLINED) -> NDArray[np.uint8]:
    """The same drawn in the plain way, every vertex moved by PROJ."""
    assert view.plane is not None
    epsg = view.plane.epsg
    moved = [shapely.transform(shape, lambda points: _there(epsg, points)) for shape in shapes]
    ((x, y),) = _there(epsg, np.array([[view.x, view.y]]))
    plain = View(x, y, view.resolution, view.width, view.height)
    return _picture(_layer(moved, (x, y)), plain, look)


@pytest.mark.parametrize("epsg", [4546, 4543, 4548, 4490])
@pytest.mark.parametrize("resolution", [0.02, 1.0, 60.0, 500.0])
def test_the_polynomial_puts_every_place_in_sight_where_proj_does(epsg: int, resolution: float) -> None:
    view = _view(epsg, resolution, 1800, 1100)
    west, south, east, north = view.extent
    across, up = np.meshgrid(np.linspace(west, east, 23), np.linspace(south, north, 19))
    places = np.column_stack([across.ravel(), up.ravel()])
    middle = _there(epsg, np.array([[view.x, view.y]]))
    expected = (_there(epsg, places) - middle) / resolution * (1, -1) + (900, 550)
    assert np.abs(bend_of(view).pixels(places) - expected).max() < 0.03
    assert np.abs(view.to_screen(places) - expected).max() < 1e-4


def _land(step: float) -> list[shapely.Geometry]:
    """Small land, land with a hole, land that reaches far out of sight or all round it."""
    x, y = CENTRE
    return [
        *(shapely.box(x + 9 * i * step, y + 5 * i * step, x + (9 * i + 7) * step, y + (5 * i + 8) * step) for i in range(6)),
        shapely.Polygon(
            shapely.box(x - 120 * step, y - 60 * step, x - 30 * step, y + 50 * step).exterior,
            [shapely.box(x - 90 * step, y - 30 * step, x - 50 * step, y + 20 * step).exterior],
        ),
        shapely.box(x - 900 * step, y - 700 * step, x + 50 * step, y - 50 * step),
        shapely.Polygon([(x - 950 * step, y), (x - 60 * step, y + 900 * step), (x + 20 * step, y + 40 * step)]),
        shapely.box(x - 800 * step, y - 900 * step, x + 800 * step, y + 900 * step),
    ]  # fmt: skip


@pytest.mark.parametrize("epsg", [4546, 4548, 4490])
@pytest.mark.parametrize("resolution", [0.5, 40.0, 700.0])
def test_a_picture_is_that_of_the_rows_moved_by_proj(epsg: int, resolution: float) -> None:
    view = _view(epsg, resolution)
    for shape in shapely.segmentize(np.array(_land(resolution), dtype=object), 12 * resolution):
        found = _picture(_layer([shape], CENTRE), view).astype(int)
        difference = np.abs(found - _moved_picture([shape], view))
        # How strong the outline of a small shape is goes by its size, which is known roughly in a bent map.
        assert difference.max() <= 20
        assert difference.mean() < 0.02


@pytest.mark.parametrize("epsg", [4546, 4548, 4490])
@pytest.mark.parametrize("resolution", [0.5, 40.0, 700.0])
def test_long_edges_run_where_proj_has_every_place_of_them(epsg: int, resolution: float) -> None:
    """The rows moved by PROJ have a vertex in every pixel or two; those of the project have corners only."""
    view, shapes = _view(epsg, resolution), _land(resolution)
    fine = list(shapely.segmentize(np.array(shapes, dtype=object), 1.5 * resolution))
    found = _picture(_layer(shapes, CENTRE), view, _FILLED).astype(int)
    difference = np.abs(found - _moved_picture(fine, view, _FILLED))
    assert len(np.unique(found)) > 20
    assert difference.max() <= 45  # an edge may lie a tenth of a pixel off
    assert difference.mean() < 0.2


def test_what_surrounds_the_view_from_afar_covers_it() -> None:
    """The corners lie a thousand times as far away as anything in sight."""
    view = _view(4490, 0.1)
    x, y = CENTRE
    diamond = shapely.Polygon([(x - 4e4, y), (x, y + 3e4), (x + 4e4, y), (x, y - 3e4)])
    image = _picture(_layer([diamond], CENTRE), view)
    assert (image == image[0]).all()
    assert image[0, 0] != 255


@given(
    st.sampled_from([4544, 4546, 4548, 4490]),
    st.floats(math.log10(0.01), 3), st.floats(-50, 350), st.floats(-50, 250),
    st.floats(-1.5e5, 1.5e5), st.floats(-4e5, 4e5),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_a_pixel_and_the_place_under_it_belong_together(
    epsg: int, zoom: float, px: float, py: float, dx: float, dy: float
) -> None:
    view = replace(_view(epsg, 10**zoom), x=CENTRE[0] + dx, y=CENTRE[1] + dy)
    x, y = view.to_plane(px, py)
    back = view.to_screen(np.array([[x, y]]))[0] - (px, py)
    assert np.abs(back).max() * view.resolution < 1e-4
    # The place is where PROJ has it.
    drawn = _there(epsg, np.array([[view.x, view.y], [x, y]]))
    expected = np.array([px - 150, 100 - py]) * view.resolution
    assert np.abs(drawn[1] - drawn[0] - expected).max() < 1e-3


@given(st.sampled_from([4546, 4490]), st.floats(0.2, 5), st.floats(0, 300), st.floats(0, 200))
@settings(max_examples=60, deadline=None)
def test_the_place_under_the_pixel_stays_there_while_one_zooms(
    epsg: int, factor: float, px: float, py: float
) -> None:
    view = _view(epsg, 30.0)
    place = np.array(view.to_plane(px, py))
    closer = view.zoomed(factor, px, py)
    assert closer.resolution == pytest.approx(30.0 / factor)
    assert np.abs(closer.to_screen(place[None])[0] - (px, py)).max() < 1e-6
    assert view.panned(7, -5).to_screen(place[None])[0] == pytest.approx((px + 7, py - 5), abs=1e-6)


@pytest.mark.parametrize("epsg", [4544, 4490])
def test_the_extent_holds_every_place_in_sight_and_little_more(epsg: int) -> None:
    view = _view(epsg, 80.0)
    rim = np.array(
        [view.to_plane(px, py) for px in np.linspace(0, 300, 31) for py in (0, 200)]
        + [view.to_plane(px, py) for px in (0, 300) for py in np.linspace(0, 200, 21)]
    )
    west, south, east, north = view.extent
    (left, bottom), (right, top) = rim.min(axis=0), rim.max(axis=0)
    room = 4 * 80.0
    assert left - room < west <= left
    assert bottom - room < south <= bottom
    assert right <= east < right + room
    assert top <= north < top + room


def test_a_scale_is_that_of_the_drawn_plane_and_of_degrees_along_the_parallel() -> None:
    """Metres to a second of longitude at 32.7°N: N(φ)·cos φ, N from the ellipsoid's axes (GB 22021)."""
    a, e2 = 6_378_137.0, 2 / 298.257222101 - 1 / 298.257222101**2
    latitude = math.radians(32.7)
    metres = a / math.sqrt(1 - e2 * math.sin(latitude) ** 2) * math.cos(latitude) * math.radians(1 / 3600)
    x, y = pyproj.Transformer.from_crs(4490, 4545, always_xy=True).transform(109.03, 32.7)
    degrees = View(x, y, _DEGREE / 3600, 300, 200, shown_plane(4545, 4490))  # a second a pixel
    assert degrees.true_resolution == pytest.approx(metres, rel=1e-6)
    assert degrees.scale(96) == pytest.approx(metres * 96 / 0.0254, rel=1e-6)
    assert degrees.at_scale(5000, 96).scale(96) == pytest.approx(5000)
    zone = degrees.drawn_in(shown_plane(4545, 4546))
    assert zone.scale(96) == pytest.approx(degrees.scale(96))
    assert zone.resolution == pytest.approx(metres, rel=1e-6)


def test_a_view_far_outside_of_all_land_is_still_a_view() -> None:
    for epsg in (4546, 4490):
        view = (
            View(0.0, 0.0, 100.0, 800, 600, shown_plane(4545, epsg)).zoomed(1e-6, 1.0, 1.0).panned(9e5, -9e5)
        )
        assert np.isfinite(view.extent).all()
        assert np.isfinite(bend_of(view).coefficients).all()
        _picture(_layer([shapely.box(*CENTRE, CENTRE[0] + 9, CENTRE[1] + 9)], CENTRE), view)


@pytest.mark.parametrize("epsg", [4548, 4490])
def test_an_outline_above_the_picture_is_bent_as_the_picture_is(epsg: int) -> None:
    """An edge of 250 km: each place of it, moved by PROJ, lies within a third of a pixel of the line that is drawn."""
    view = _view(epsg, 300.0, 900, 600)
    x, y = CENTRE
    line = np.array(
        [[x - 120_000.0, y - 20_000.0], [x + 110_000.0, y + 70_000.0], [x + 110_000.0, y + 70_010.0]]
    )
    drawn = shapely.LineString(view.traced(line))
    fine = shapely.get_coordinates(shapely.segmentize(shapely.LineString(line), 500.0))
    places = view.to_screen(fine)
    assert shapely.distance(drawn, shapely.points(places)).max() < 0.34
    straight = shapely.distance(shapely.LineString(view.to_screen(line)), shapely.points(places)).max()
    assert straight > (1.5 if epsg == 4490 else 0.1)
    assert (view.traced(line)[[0, -1]] == view.to_screen(line)[[0, -1]]).all()
    plain = replace(view, plane=None)
    assert (plain.traced(line) == plain.to_screen(line)).all()


@pytest.mark.parametrize("epsg", [4548, 4490])
def test_a_label_stands_in_its_polygon_and_stays_there_while_one_pans(epsg: int) -> None:
    x, y = CENTRE
    shapes = [shapely.Point(x + 900 * i, y + 500 * i).buffer(250 + 40 * i, 5) for i in range(-3, 4)]
    layer, view = _layer(shapes, CENTRE), _view(epsg, 12.0, 900, 600)
    index = np.arange(len(layer))
    places = steady_places(layer, index, view)
    for row, place in zip(layer.ids.tolist(), places, strict=True):
        assert shapes[row].buffer(-100).contains(shapely.Point(view.to_plane(place[0], place[1])))
    panned = steady_places(layer, index, view.panned(60, -35))
    assert panned[:, :2] == pytest.approx(places[:, :2] + (60, -35), abs=0.1)
