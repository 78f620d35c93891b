"""The pieces of the backgrounds on the map: exact to the pixel, kept for a pan, limited, replaced when reopened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.background import Background
from app.canvas import backgrounds as module
from app.canvas.background_feed import TILE
from app.canvas.backgrounds import Backgrounds
from gis.draw.view import View
from gis.raster.opening import BackgroundPlace
from gis.shown_plane import shown_plane
from tests.gis.raster.samples import PLANE, marked, place, red_middle, write_picture

WEST, NORTH = place(PLANE)


@pytest.fixture
def under(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backgrounds]:
    monkeypatch.setenv("PARKLINE_HOME", str(tmp_path / "home"))
    made = Backgrounds()
    made.set_plane(PLANE)
    yield made
    made.shut_down()


def picture(
    folder: Path, name: str = "a.tif", marks: tuple[tuple[int, int], ...] = ((900, 700),)
) -> Background:
    path = write_picture(
        folder / name, marked(1600, 1200, list(marks), 12), PLANE, WEST, NORTH, 0.5, tiled=True
    )
    return Background(name, BackgroundPlace("image", str(path)))


def painted(qtbot: QtBot, under: Backgrounds, view: View, ratio: float = 1.0) -> NDArray[np.uint8]:
    """The picture of a view once everything has come, as RGBA."""
    made = QImage(
        round(view.width * ratio), round(view.height * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    made.setDevicePixelRatio(ratio)
    made.fill(QColor("white"))
    under.paint(made, view, ratio, QColor("white"))
    qtbot.waitUntil(lambda: not under.busy, timeout=20_000)
    made.fill(QColor("white"))
    under.paint(made, view, ratio, QColor("white"))
    qtbot.waitUntil(lambda: not under.busy, timeout=20_000)
    plain = made.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.array(plain.constBits(), dtype=np.uint8).reshape(made.height(), made.width(), 4)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("resolution", [0.5, 0.37, 1.3])
def test_a_mark_stands_where_the_view_has_its_place(
    qtbot: QtBot, under: Backgrounds, tmp_path: Path, resolution: float, ratio: float
) -> None:
    under.show([picture(tmp_path)])
    x, y = WEST + 450.0, NORTH - 350.0  # the corner of pixels 900, 700 of half a metre
    view = View(x + 33.3 * resolution, y - 21.7 * resolution, resolution, 700, 500)
    column, row = red_middle(painted(qtbot, under, view, ratio))
    expected = view.to_screen(np.array([[x, y]]))[0] * ratio
    assert abs(column - expected[0]) < 0.5
    assert abs(row - expected[1]) < 0.5


@pytest.mark.parametrize("epsg", [4548, 4490])
def test_a_map_in_another_system_has_the_mark_at_its_place_too(
    qtbot: QtBot, under: Backgrounds, tmp_path: Path, epsg: int
) -> None:
    """Nothing of the picture that the project's plane had is used for it, and panning reads only what is new."""
    under.show([picture(tmp_path)])
    x, y = WEST + 450.0, NORTH - 350.0
    plain = View(x + 40.0, y - 30.0, 0.5, 700, 500)
    painted(qtbot, under, plain)
    view = plain.drawn_in(shown_plane(PLANE, epsg))
    column, row = red_middle(painted(qtbot, under, view))
    expected = view.to_screen(np.array([[x, y]]))[0]
    assert np.hypot(*(expected - plain.to_screen(np.array([[x, y]]))[0])) > 3
    assert (column, row) == pytest.approx(expected.tolist(), abs=0.6)
    kept = set(under._pieces)
    moved = painted(qtbot, under, view.panned(-40, 30))
    assert red_middle(moved) == pytest.approx((column - 40, row + 30), abs=0.3)
    assert kept <= set(under._pieces)


def test_a_pan_by_whole_pixels_reads_only_what_is_new(
    qtbot: QtBot, under: Backgrounds, tmp_path: Path
) -> None:
    under.show([picture(tmp_path)])
    view = View(WEST + 400, NORTH - 300, 0.5, 700, 500)
    first = painted(qtbot, under, view)
    kept = set(under._pieces)
    assert len(kept) == 2  # 700 x 500 pixels in pieces of 512
    moved = painted(qtbot, under, view.panned(-400, -10))
    assert kept < set(under._pieces)
    assert {place[0] for _, place in under._pieces} == {next(iter(kept))[1][0]}  # one frame
    assert (moved[:-10, :-400] == first[10:, 400:]).all()


def test_pieces_that_are_not_seen_are_forgotten_but_never_those_that_are(
    qtbot: QtBot, under: Backgrounds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_KEPT", 1)
    under.show([picture(tmp_path)])
    for step in range(12):
        painted(qtbot, under, View(WEST + 400, NORTH - 300, 0.5 + step / 100, 600, 450))
        assert under._bytes == sum(piece.size for piece in under._pieces.values())
        assert under._bytes <= 2 * 2 * TILE * TILE * 4
    shown = {place[0].resolution for _, place in under._pieces}
    assert 0.5 + 11 / 100 in shown
    assert 0.5 not in shown


def test_until_the_new_scale_is_there_the_old_one_is_shown(
    qtbot: QtBot, under: Backgrounds, tmp_path: Path
) -> None:
    under.show([picture(tmp_path)])
    x, y = WEST + 450.0, NORTH - 350.0
    painted(qtbot, under, View(x, y, 0.5, 700, 500))
    view = View(x, y, 0.25, 700, 500)
    made = QImage(700, 500, QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(QColor("white"))
    under.paint(made, view, 1.0, QColor("white"))  # nothing of that scale is there yet
    plain = made.convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.array(plain.constBits(), dtype=np.uint8).reshape(500, 700, 4)
    column, row = red_middle(pixels)
    assert abs(column - 350) < 1.5
    assert abs(row - 250) < 1.5


def test_opacity_order_and_what_is_switched_off(qtbot: QtBot, under: Backgrounds, tmp_path: Path) -> None:
    def plain(name: str, colour: tuple[int, int, int], **options: object) -> Background:
        pixels = np.repeat(np.array(colour, dtype=np.uint8), 64 * 64).reshape(3, 64, 64)
        path = write_picture(tmp_path / name, pixels, PLANE, WEST, NORTH, 10.0)
        return Background(name, BackgroundPlace("image", str(path)), **options)  # type: ignore[arg-type]

    view = View(WEST + 300, NORTH - 300, 1.0, 40, 40)
    red, blue = plain("red.tif", (200, 0, 0)), plain("blue.tif", (0, 0, 200))

    def middle(*shown: Background) -> list[int]:
        under.show(shown)
        return painted(qtbot, under, view)[20, 20].tolist()[:3]

    assert middle(red, blue) == [0, 0, 200]
    assert middle(blue, red) == [200, 0, 0]
    from dataclasses import replace

    assert middle(red, replace(blue, visible=False)) == [200, 0, 0]
    half = middle(red, replace(blue, opacity=0.5))
    assert np.abs(np.array(half) - [100, 0, 100]).max() <= 1
    assert middle() == [255, 255, 255]


def test_a_file_that_is_broken_or_gone_does_not_keep_the_map_busy(
    qtbot: QtBot, under: Backgrounds, tmp_path: Path
) -> None:
    (tmp_path / "bad.tif").write_bytes(b"II*\x00" + bytes(50))
    shown = [
        Background("bad", BackgroundPlace("image", str(tmp_path / "bad.tif")), key="bad"),
        Background("gone", BackgroundPlace("mbtiles", str(tmp_path / "gone.mbtiles")), key="gone"),
    ]
    under.show(shown)
    view = View(WEST, NORTH, 1.0, 300, 200)
    assert (painted(qtbot, under, view) == 255).all()
    assert under.status("bad").state == "broken"
    assert under.status("gone").state == "missing"
    qtbot.wait(300)  # what the threads told last has arrived
    told: list[int] = []
    under.more.connect(lambda: told.append(1))
    painted(qtbot, under, view)
    qtbot.wait(300)
    assert told == []  # nothing new: the map is not drawn again and again


def test_a_file_that_changed_is_shown_as_it_is_when_read_anew(
    qtbot: QtBot, under: Backgrounds, tmp_path: Path
) -> None:
    shown = picture(tmp_path)
    under.show([shown])
    view = View(WEST + 450, NORTH - 350, 0.5, 300, 200)
    assert abs(red_middle(painted(qtbot, under, view))[0] - 150) < 0.5
    picture(tmp_path, marks=((940, 700),))
    under.reload(shown.key)
    assert abs(red_middle(painted(qtbot, under, view))[0] - 190) < 0.5
