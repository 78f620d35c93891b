"""The compiled picture against exact areas (shapely) and against Qt's antialiased painter."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.draw.flat import FlatBuilder, FlatLayer
from gis.draw.raster import Look, Stop, draw
from gis.draw.view import View
from gis.store.blob import encode

_NOTHING = np.array([0], dtype=np.uint32)
_BLACK = np.array([0xFF000000], dtype=np.uint32)
_SOLID = np.array([False])
_WHITE = 0xFFFFFFFF


def _layer(shapes: list[shapely.Geometry], classes: list[int] | None = None) -> FlatLayer:
    builder = FlatBuilder((0.0, 0.0))
    blobs = encode(np.array([*shapes, None], dtype=object)[:-1], 4545)
    builder.add(blobs, range(len(shapes)), classes or [0] * len(shapes))
    return builder.finish()


def _picture(width: int, height: int) -> NDArray[np.uint32]:
    return np.full((height, width), _WHITE, dtype=np.uint32)


def _view(width: int, height: int, resolution: float = 1.0) -> View:
    """The lower left corner of the picture lies at (0, 0)."""
    return View(width * resolution / 2, height * resolution / 2, resolution, width, height)


def _ink(image: NDArray[np.uint32]) -> NDArray[np.float64]:
    """How black each pixel is, 0 to 1."""
    return 1.0 - (image & 0xFF) / 255.0


def _ring(points: list[tuple[float, float]]) -> shapely.Polygon:
    return shapely.Polygon(points)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-8, 48), st.floats(-8, 38)), min_size=3, max_size=3, unique=True),
    st.booleans(),
)
def test_the_cover_of_every_pixel_is_the_area_of_the_polygon_in_it(
    corners: list[tuple[float, float]], backwards: bool
) -> None:
    triangle = _ring(corners[::-1] if backwards else corners)
    if (
        triangle.area < 25
        or min(triangle.bounds[2] - triangle.bounds[0], triangle.bounds[3] - triangle.bounds[1]) < 4
    ):
        return
    image = _picture(40, 30)
    draw(image, _layer([triangle]), _view(40, 30), Look(_BLACK, _NOTHING, _SOLID))
    columns, rows = np.meshgrid(np.arange(40), np.arange(30))
    pixels = shapely.box(columns, 29 - rows, columns + 1, 30 - rows)
    exact = shapely.area(shapely.intersection(pixels, shapely.set_precision(triangle, 0.001)))
    np.testing.assert_allclose(_ink(image), exact, atol=0.02)


def test_holes_and_parts_are_drawn_whatever_way_their_rings_run_in_the_file() -> None:
    """A square of 20 with a hole of 10, whose rings both run the same way: 300 pixels of ink."""
    shell, hole = (
        [(5, 5), (25, 5), (25, 25), (5, 25), (5, 5)],
        [(10, 10), (20, 10), (20, 20), (10, 20), (10, 10)],
    )
    for inner in (hole, hole[::-1]):
        image = _picture(30, 30)
        draw(image, _layer([shapely.Polygon(shell, [inner])]), _view(30, 30), Look(_BLACK, _NOTHING, _SOLID))
        assert _ink(image).sum() == 300.0
        assert _ink(image)[15, 15] == 0.0


def test_a_polygon_that_reaches_far_beyond_the_picture_fills_just_the_picture() -> None:
    image = _picture(50, 40)
    draw(
        image,
        _layer([shapely.box(-900_000, -900_000, 900_000, 900_000)]),
        _view(50, 40),
        Look(_BLACK, _NOTHING, _SOLID),
    )
    assert _ink(image).min() == 1.0


def test_a_layer_of_features_smaller_than_a_pixel_keeps_its_ink() -> None:
    """10,000 squares of 0.5 pixel side every pixel cover a quarter of the picture."""
    columns, rows = np.meshgrid(np.arange(100), np.arange(100))
    squares = shapely.box(columns + 0.2, rows + 0.3, columns + 0.7, rows + 0.8).ravel()
    image = _picture(100, 100)
    assert draw(image, _layer(list(squares)), _view(100, 100), Look(_BLACK, _NOTHING, _SOLID)) >= 10_000
    assert abs(_ink(image).mean() - 0.25) < 0.01


def test_neighbours_together_leave_no_seam_lighter_than_one_blend_allows() -> None:
    """Two halves of a square meet inside a pixel column at 0.5: 1 - (1 - 0.5)² = 0.75 of the ink there."""
    image = _picture(20, 20)
    halves = [shapely.box(2, 2, 10.5, 18), shapely.box(10.5, 2, 18, 18)]
    draw(image, _layer(halves), _view(20, 20), Look(_BLACK, _NOTHING, _SOLID))
    ink = _ink(image)
    assert abs(ink[10, 10] - 0.75) < 0.01
    assert ink[10, 9] == ink[10, 11] == 1.0


def test_an_outline_has_its_width_and_a_dashed_one_its_gaps() -> None:
    """A horizontal line 40 long and 2 wide is 80 pixels of ink; dashes of 5 with gaps of 3 leave 5/8 of it."""
    line = [shapely.LineString([(5, 15), (45, 15)])]
    image = _picture(50, 30)
    draw(image, _layer(line), _view(50, 30), Look(_NOTHING, _BLACK, _SOLID, width=2.0))
    assert abs(_ink(image).sum() - 80) < 1
    image = _picture(50, 30)
    draw(image, _layer(line), _view(50, 30), Look(_NOTHING, _BLACK, np.array([True]), width=2.0))
    assert abs(_ink(image).sum() - 80 * 5 / 8) < 1


def test_a_wide_line_equals_qts_within_a_few_grey_levels() -> None:
    """Oracle: QPainter, antialiased, round caps, on the same image size."""
    from PySide6.QtCore import QLineF, Qt
    from PySide6.QtGui import QColor, QImage, QPainter, QPen

    ours = _picture(120, 90)
    draw(
        ours,
        _layer([shapely.LineString([(10, 12), (95, 71)])]),
        _view(120, 90),
        Look(_NOTHING, _BLACK, _SOLID, width=5.0),
    )
    image = QImage(120, 90, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("black"), 5.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(QLineF(10, 90 - 12, 95, 90 - 71))
    painter.end()
    theirs = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(90, image.bytesPerLine() // 4)[:, :120]
    difference = np.abs(_ink(ours) - _ink(theirs))
    assert difference.max() < 0.15
    assert abs(_ink(ours).sum() - _ink(theirs).sum()) < 0.02 * _ink(theirs).sum()


def test_colours_go_by_class_and_half_transparent_ones_mix_with_what_is_below() -> None:
    image = _picture(20, 10)
    fills = np.array([0xFFFF0000, 0x800000FF], dtype=np.uint32)
    look = Look(fills, np.zeros(2, dtype=np.uint32), np.zeros(2, dtype=np.bool_))
    draw(image, _layer([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], [0, 1]), _view(20, 10), look)
    assert image[5, 5] == 0xFFFF0000
    red, green, blue = (int(image[5, 15]) >> shift & 0xFF for shift in (16, 8, 0))
    assert blue in {254, 255}
    assert abs(red - 127) <= 2
    assert abs(green - 127) <= 2


def test_hatching_moves_with_the_map() -> None:
    """The pattern is tied to the land: after a pan by 7 and 4 pixels it has moved by just that."""
    layer = _layer([shapely.box(-500, -500, 500, 500)])
    look = Look(_NOTHING, _NOTHING, _SOLID, hatch=0xFF000000)
    first, second = _picture(64, 48), _picture(64, 48)
    view = _view(64, 48)
    draw(first, layer, view, look)
    draw(second, layer, view.panned(7, 4), look)
    np.testing.assert_array_equal(second[4:, 7:], first[:-4, :-7])
    assert 0.1 < _ink(first).mean() < 0.4


def test_points_are_discs_of_their_size() -> None:
    image = _picture(40, 40)
    look = Look(_BLACK, _NOTHING, _SOLID, width=0.0, point_size=12.0)
    draw(image, _layer([shapely.Point(20, 20)]), _view(40, 40), look)
    assert abs(_ink(image).sum() - np.pi * 36) < 3


def test_hidden_features_and_a_stopped_drawing_leave_the_picture_alone() -> None:
    layer, look = _layer([shapely.box(0, 0, 10, 10)]), Look(_BLACK, _NOTHING, _SOLID)
    image = _picture(10, 10)
    draw(image, layer, _view(10, 10), look, hidden=np.array([True]))
    stop = Stop()
    stop.set()
    assert draw(image, layer, _view(10, 10), look, stop=stop) == 0
    assert _ink(image).sum() == 0.0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(12, 68), st.floats(12, 48)), min_size=3, max_size=7, unique=True),
    st.integers(0, 30),
    st.integers(0, 24),
    st.sampled_from([0.4, 1.0, 2.0, 2.6]),
)
def test_a_shape_looks_the_same_where_the_edge_of_the_picture_cuts_it(
    corners: list[tuple[float, float]], left: int, top: int, width: float
) -> None:
    """The picture of 80 × 60 against the same one with columns and rows cut off: other bands, other ways to draw."""
    hull = shapely.convex_hull(shapely.MultiPoint(corners))
    if hull.geom_type != "Polygon" or hull.area < 25:
        return
    layer = _layer([hull])
    look = Look(np.array([0xC0304050], dtype=np.uint32), _BLACK, _SOLID, width=width)
    whole, cut = _picture(80, 60), _picture(80 - left, 60 - top)
    draw(whole, layer, View(40.0, 30.0, 1.0, 80, 60), look)
    draw(cut, layer, View(40.0 + left / 2, 30.0 - top / 2, 1.0, 80 - left, 60 - top), look)
    difference = whole[top:, left:].view(np.uint8).astype(int) - cut.view(np.uint8).astype(int)
    assert np.abs(difference).max(initial=0) <= 3


def test_pictures_drawn_at_once_are_what_each_is_alone() -> None:
    """Threads share the bands of all of them; whoever comes too late for a band draws none of it twice."""
    corners = np.random.default_rng(5).uniform(0, 190, (400, 2))
    layer = _layer([shapely.box(x, y, x + 9, y + 7) for x, y in corners])
    look = Look(np.array([0x60304050], dtype=np.uint32), np.array([0x80000000], dtype=np.uint32), _SOLID)
    alone = _picture(200, 200)
    draw(alone, layer, _view(200, 200), look)
    pictures = [_picture(200, 200) for _ in range(40)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda picture: draw(picture, layer, _view(200, 200), look), pictures))
    for picture in pictures:
        np.testing.assert_array_equal(picture, alone)


def test_the_paper_covers_what_was_there_whether_or_not_there_is_land_to_draw() -> None:
    layer, look = _layer([shapely.box(10, 5, 20, 15)]), Look(_BLACK, _NOTHING, _SOLID)
    for view, ink in ((_view(37, 30), 100.0), (_view(37, 30).panned(5_000, 0), 0.0)):
        image = np.full((30, 37), 0xFF123456, dtype=np.uint32)
        draw(image, layer, view, look, paper=_WHITE)
        assert _ink(image).sum() == ink
        assert set(np.unique(image)) <= {_WHITE, 0xFF000000}
