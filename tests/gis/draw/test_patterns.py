"""Pixels of hatches and outline styles: where ink lies, counted on small pictures."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.draw.patterns import HATCHES, PENS
from gis.draw.raster import Look, draw
from tests.gis.draw.test_raster import _BLACK, _NOTHING, _SOLID, _ink, _layer, _picture, _view

_SPACING = 8


def _hatched(kind: str, width: float = 1.0, pan: tuple[int, int] = (0, 0)) -> np.ndarray:
    image = _picture(64, 48)
    look = Look(
        _NOTHING, _NOTHING, _SOLID, hatch=0xFF000000, hatch_kinds=HATCHES[kind], hatch_spacing=_SPACING, hatch_width=width
    )  # fmt: skip
    draw(image, _layer([shapely.box(-500, -500, 500, 500)]), _view(64, 48).panned(*pan), look)
    return _ink(image)


def _along(ink: np.ndarray, down: int, right: int) -> float:
    """How alike the pattern is to itself, moved: 1 if the same everywhere."""
    height, width = ink.shape
    moved = ink[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)]
    still = ink[max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)]
    return float(np.mean(np.abs(moved - still) < 0.02))


# Steps (down, right) along which each pattern stays the same, and one along which it does not.
_DIRECTIONS = {
    "diagonal_right": ((1, -1), (1, 1)),
    "diagonal_left": ((1, 1), (1, -1)),
    "horizontal": ((0, 1), (1, 0)),
    "vertical": ((1, 0), (0, 1)),
}


@pytest.mark.parametrize("kind", _DIRECTIONS)
def test_lines_of_a_hatch_run_its_way_and_cover_their_share(kind: str) -> None:
    ink = _hatched(kind)
    same, other = _DIRECTIONS[kind]
    assert _along(ink, *same) == 1.0
    assert _along(ink, *other) < 0.9
    assert ink.mean() == pytest.approx(1 / _SPACING, abs=0.01)  # one pixel of eight
    assert _hatched(kind, 1.5).mean() == pytest.approx(1.5 / _SPACING, abs=0.01)


@pytest.mark.parametrize(
    ("both", "parts"),
    [("diagonal_cross", ("diagonal_right", "diagonal_left")), ("grid", ("horizontal", "vertical"))],
)
def test_crossed_hatches_are_their_two_parts_together(both: str, parts: tuple[str, str]) -> None:
    first, second = (_hatched(kind) for kind in parts)
    np.testing.assert_allclose(_hatched(both), np.maximum(first, second), atol=0.02)


def test_dots_stand_apart_in_staggered_rows() -> None:
    ink = _hatched("dots", 1.5)
    rows = np.flatnonzero(ink.sum(axis=1) > 0)
    assert 0 < len(rows) < len(ink)  # rows without any ink between the rows of dots
    assert _along(ink, 2 * _SPACING, 0) == 1.0
    assert _along(ink, _SPACING, _SPACING // 2) == 1.0
    assert _along(ink, _SPACING, 0) < 1.0
    assert 0.03 < ink.mean() < 0.2


@pytest.mark.parametrize("kind", [name for name in HATCHES if name])
def test_every_pattern_moves_with_the_map(kind: str) -> None:
    first, second = _hatched(kind), _hatched(kind, pan=(7, 4))
    np.testing.assert_array_equal(second[4:, 7:], first[:-4, :-7])


def test_each_class_has_its_own_fill_hatch_outline_and_width() -> None:
    image = _picture(60, 20)
    look = Look(
        fills=np.array([0, 0xFF000000, 0], dtype=np.uint32),
        lines=np.array([0, 0, 0xFF000000], dtype=np.uint32),
        pens=np.zeros(3, dtype=np.uint8),
        width=np.array([1.0, 1.0, 4.0]),
        hatch=np.array([0xFF000000, 0, 0], dtype=np.uint32),
        hatch_kinds=np.array([HATCHES["horizontal"], 0, 0], dtype=np.uint8),
        hatch_spacing=_SPACING,
        hatch_width=1.0,
    )
    squares = [shapely.box(20 * n + 2, 2, 20 * n + 18, 18) for n in range(3)]
    draw(image, _layer(squares, [0, 1, 2]), _view(60, 20), look)
    ink = _ink(image)
    assert ink[:, :20].sum() == pytest.approx(32, abs=1)  # two lines of 16 pixels
    assert ink[:, 20:40].sum() == pytest.approx(256, abs=1)
    # Four sides of 16 by 4 pixels and round corners of radius 2 outside: the ring between 20² and 12², less the
    # corners of four squares of 2 beyond the quarter discs.
    assert ink[:, 40:].sum() == pytest.approx(400 - 144 - 4 * (4 - np.pi), abs=6)


def _stroked(pen: str, width: float = 2.0) -> np.ndarray:
    image = _picture(100, 40)
    layer = _layer([shapely.LineString([(-20, 20), (120, 20)])])
    draw(
        image,
        layer,
        _view(100, 40),
        Look(_NOTHING, _BLACK, np.array([PENS[pen]], dtype=np.uint8), width=width),
    )
    return _ink(image)


def test_outline_styles_put_their_ink_where_they_say() -> None:
    solid = _stroked("solid")
    assert np.flatnonzero(solid.sum(axis=1)).tolist() == [19, 20]
    for pen, share in (("dash", 5.0 / 8.0), ("dot", 1.6 / 4.4), ("dash_dot", (5.5 + 1.5) / 12.0)):
        ink = _stroked(pen)
        assert np.flatnonzero(ink.sum(axis=1)).tolist() == [19, 20], pen
        assert ink.sum() / solid.sum() == pytest.approx(share, abs=0.05), pen
    double = _stroked("double", 1.0).sum(axis=1)
    assert double[19:21].max() < double.max()  # paler between its two lines
    assert double.sum() == pytest.approx(2 * _stroked("solid", 1.0).sum(), rel=0.02)
    ticks = _stroked("ticks")
    assert (ticks[19:21] > 0.9).all()
    assert ticks[:18].sum() > 10
    assert ticks[16].sum() / 100 == pytest.approx(2.0 / 9.0, abs=0.03)  # 2 of every 9 pixels


def test_a_double_outline_keeps_its_distance_round_a_corner() -> None:
    image = _picture(60, 60)
    square = shapely.box(15, 15, 45, 45)
    look = Look(_NOTHING, _BLACK, np.array([PENS["double"]], dtype=np.uint8), width=1.0)
    draw(image, _layer([square]), _view(60, 60), look)
    ink = _ink(image)
    distance = 0.5 + 1.1  # half the width and 1.1 pixels
    for side in (-distance, distance):
        ring = shapely.box(15 - side, 15 - side, 45 + side, 45 + side).exterior
        for corner in shapely.get_coordinates(ring)[:4]:
            x, y = corner
            assert ink[59 - int(np.floor(y)), int(np.floor(x))] > 0.2
    assert ink[:, 28:32].sum() / 4 == pytest.approx(4.0, abs=0.3)  # upper and lower side, two lines each
