"""Labels in the picture: none on another, the same ones after a pan, more of them from nearer, lines that fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from PySide6.QtGui import QFont, QImage
from pytestqt.qtbot import QtBot

from app.canvas.labels import Labels, Stamps
from app.canvas.source import LayerContent
from gis.draw.flat import FlatBuilder
from gis.draw.symbols import Symbol, symbol_set
from gis.draw.view import View
from gis.store.blob import encode

_SYMBOL = Symbol(label_colour="#000000", label_size=12)
_NAMES = ("汉滨区富硒食品产业园", "石泉", "旬阳新型材料工业园区第一期", "镇坪县")


def _town(count: int = 40, side: float = 37.0, *, points: bool = False) -> LayerContent:
    """Squares of many sizes beside each other, none of them as wide as its cell; or points, with endless room."""
    builder = FlatBuilder((0.0, 0.0))
    sizes = np.random.default_rng(5).uniform(0.4, 0.95, (count, count)) * side
    shapes = [
        shapely.box(
            column * side, row * side, column * side + sizes[row, column], row * side + sizes[row, column]
        )
        for row in range(count)
        for column in range(count)
    ]
    if points:
        shapes = [shapely.Point(shape.bounds[2], shape.bounds[3]) for shape in shapes]
    builder.add(encode(np.array(shapes, dtype=object), 4545), range(len(shapes)), [0] * len(shapes))
    layer = builder.finish()
    hidden = np.zeros(len(layer), dtype=np.bool_)
    return LayerContent((layer,), (hidden,), ("",), (True,), {"": len(layer)})


class _Noted(Stamps):
    """Notes which words are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def of(self, text: str, font: QFont, ink: str, halo: str, ratio: float) -> QImage:
        self.words.append(text)
        return super().of(text, font, ink, halo, ratio)


def _texts(ids: list[int]) -> list[str]:
    return [f"{_NAMES[number % len(_NAMES)]}{number}" for number in ids]


def _written(view: View, content: LayerContent, lines: str = "") -> tuple[list[str], np.ndarray]:
    image = QImage(view.width, view.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0xFFFFFFFF)
    stamps = _Noted()
    labels = Labels(image, view, symbol_set("light"), QFont(), stamps)
    labels.write(content, (True,), _SYMBOL, lambda ids: [text + lines for text in _texts(list(ids))])
    pixels = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(view.height, view.width)
    return stamps.words, pixels.copy()


@pytest.mark.parametrize("resolution", [0.12, 0.25, 0.5, 1.0, 2.0])
def test_a_pan_changes_nothing_but_the_place(qtbot: QtBot, resolution: float) -> None:
    """What both pictures show is the same to the pixel, at every scale; only near the edge words may be cut."""
    content = _town()
    view = View(700.0, 700.0, resolution, 400, 300)
    _, first = _written(view, content)
    moved = replace(view, x=view.x + 60 * resolution, y=view.y - 40 * resolution)
    _, second = _written(moved, content)
    np.testing.assert_array_equal(first[40:, 60:], second[:-40, :-60])


def test_from_nearer_there_are_more_labels_in_the_same_place(qtbot: QtBot) -> None:
    """All labels of a part of the land are still there from half the distance, or have made room for none."""
    content = _town()
    counts = []
    for resolution in (1.0, 0.5, 0.25, 0.125):
        width = round(200 / resolution)
        words, _ = _written(View(700.0, 700.0, resolution, width, width), content)
        counts.append(len(set(words)))
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_no_label_lies_on_another(qtbot: QtBot) -> None:
    """As much ink together as each word has alone."""
    content = _town(points=True)
    view = View(700.0, 700.0, 0.5, 600, 400)
    words, together = _written(view, content)
    assert len(words) > 10
    inked = int((together != 0xFFFFFFFF).sum())
    layer = content.layers[0]
    ids = {f"{_NAMES[number % len(_NAMES)]}{number}": number for number in layer.ids.tolist()}
    alone = 0
    for word in words:
        hidden = layer.ids != ids[word]
        _, picture = _written(view, replace(content, hidden=(hidden,)))
        alone += int((picture != 0xFFFFFFFF).sum())
    assert inked == alone


def test_lines_without_room_are_left_out_before_the_first(qtbot: QtBot) -> None:
    content = _town()
    far, _ = _written(View(700.0, 700.0, 0.3, 400, 300), content, "\n30.00 亩")
    near, _ = _written(View(700.0, 700.0, 0.05, 400, 300), content, "\n30.00 亩")
    assert all("\n" in word for word in near)
    assert near
    assert far
