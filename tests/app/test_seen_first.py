"""The part of a picture that somebody looks at comes first, and is what the whole picture shows there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QFont
from pytestqt.qtbot import QtBot

from app.canvas.renderer import Picture, Renderer
from app.canvas.source import LayerState, ProjectSource
from gis.draw.symbols import symbol_set
from gis.draw.view import View
from layers.demo import generate
from layers.land_use_codes import land_use_classes
from layers.registry import LAYERS

_AROUND = 40


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectSource]:
    path: Path = tmp_path_factory.mktemp("seen") / "演示.gpkg"
    project = generate(path, parcels=60, seed=1)
    made = ProjectSource(project)
    made.snapshot = project.snapshots()[-1].name
    yield made
    made.close()
    project.close()


def _pixels(picture: Picture) -> NDArray[np.uint8]:
    image = picture.image
    return np.array(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)[..., :3]


def _pictures(qtbot: QtBot, source: ProjectSource, view: View, ratio: float) -> list[Picture]:
    renderer = Renderer()
    came: list[Picture] = []
    renderer.finished.connect(came.append)
    try:
        renderer.set_source(source)
        qtbot.waitUntil(
            lambda: all(
                source.load(spec.name, view.extent, LayerState(spec.name).style)
                for spec in LAYERS
                if spec.geometry
            ),
            timeout=60_000,
        )
        whole = view.resized(view.width + 2 * _AROUND, view.height + 2 * _AROUND)
        layers = [LayerState(spec.name) for spec in LAYERS if spec.geometry]
        fills = {key: item.colour for key, item in land_use_classes().items()}
        renderer.request(whole, layers, "light", fills, ratio, 96.0, QFont(), None, view)
        qtbot.waitUntil(lambda: not renderer.busy and len(came) == 2, timeout=60_000)
    finally:
        renderer.shut_down()
    return came


@pytest.mark.parametrize(("share", "ratio"), [(1.0, 1.0), (0.05, 1.0), (0.004, 1.5), (0.004, 2.0)])
def test_what_is_seen_is_the_middle_of_the_whole(
    qtbot: QtBot, source: ProjectSource, share: float, ratio: float
) -> None:
    box = source.extent()
    assert box is not None
    parcels = source._project.store.read("parcel").geometry
    middle = parcels.iloc[0].representative_point() if share < 1.0 else parcels.union_all().centroid
    half = (box[2] - box[0]) / 2 * share
    view = View.showing((middle.x - half, middle.y - half, middle.x + half, middle.y + half), 500, 400)
    first, whole = _pictures(qtbot, source, view, ratio)
    assert first.complete
    assert whole.complete
    assert (first.view, first.view.width) == (view, 500)
    room = round(_AROUND * ratio)
    wanted = _pixels(whole)[room:-room, room:-room]
    seen = _pixels(first)
    assert seen.shape == wanted.shape == (round(400 * ratio), round(500 * ratio), 3)
    assert len(np.unique(seen.reshape(-1, 3), axis=0)) > 5  # something is there
    # The same loops at the same places, but for the last bit of a coordinate.
    differing = np.abs(seen.astype(int) - wanted).max(axis=2) > 2
    assert differing.mean() < 1e-4


def test_a_picture_without_anything_to_draw_is_a_blank_sheet(qtbot: QtBot, source: ProjectSource) -> None:
    box = source.extent()
    assert box is not None
    far = View(box[2] + 90_000.0, box[3] + 90_000.0, 1.0, 300, 200)
    for picture in _pictures(qtbot, source, far, 1.0):
        assert {tuple(pixel[::-1]) for pixel in np.unique(_pixels(picture).reshape(-1, 3), axis=0)} == {
            QColor(symbol_set("light").background).toTuple()[:3]
        }
