"""What stands where on a written page, in mm, read from the PDF's drawing operators and the font file alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from fontTools.ttLib import TTCollection
from pypdf import PageObject
from pypdf.generic import ContentStream

from gis.draw.words import FONT_FILE

POINT = 25.4 / 72.0


@dataclass(frozen=True)
class PdfWord:
    """A piece of text, its size in mm, its angle in degrees, and the box of its ink."""

    text: str
    size: float
    angle: float
    shape: Any


@cache
def _font() -> tuple[dict[int, str], Any, Any, int]:
    font = TTCollection(str(FONT_FILE)).fonts[0]
    return font.getBestCmap(), font["hmtx"].metrics, font["glyf"], font["head"].unitsPerEm


def words_on(page: PageObject) -> list[PdfWord]:
    """All words of a page; what one word was split into by the fonts of its characters is put together again."""
    pieces: dict[tuple[float, ...], list[PdfWord]] = {}

    def visit(text: str, cm: list[float], tm: list[float], _font_dict: object, size: float) -> None:
        text = text.strip()
        if text:  # each word has a place of its own, and its pieces lie along it
            pieces.setdefault(tuple(cm), []).append(_word(text, cm, tm, size))

    page.extract_text(visitor_text=visit)
    return [_joined(word) for word in pieces.values()]


def _joined(pieces: list[PdfWord]) -> PdfWord:
    text = "".join(piece.text for piece in pieces)
    shape = shapely.convex_hull(shapely.union_all([piece.shape for piece in pieces]))
    return PdfWord(text, pieces[0].size, pieces[0].angle, shape)


def _word(text: str, cm: list[float], tm: list[float], size: float) -> PdfWord:
    names, advances, glyphs, em = _font()
    along, bottom, top = 0.0, math.inf, -math.inf
    for c in text:
        name = names[ord(c)]
        glyph = glyphs[name]
        if glyph.numberOfContours:
            bottom, top = min(bottom, glyph.yMin / em), max(top, glyph.yMax / em)
        along += advances[name][0] / em
    corners = np.array([[0.0, bottom], [along, bottom], [along, top], [0.0, top]]) * size
    turn = np.array([[cm[0], cm[1]], [cm[2], cm[3]]])
    placed = (corners + np.array(tm[4:6])) @ turn + np.array(cm[4:6])
    angle = math.degrees(math.atan2(cm[1], cm[0]))
    return PdfWord(text, size * POINT, angle, shapely.Polygon(placed * POINT))


def stroked_lengths(page: PageObject, colour: tuple[float, float, float], width: float) -> list[float]:
    """Lengths in mm of the straight segments drawn in that RGB colour with a line of ``width`` mm."""
    lengths: list[float] = []
    stroke: tuple[float, ...] = ()
    line = 0.0
    here = np.zeros(2)
    content = ContentStream(page.get_contents(), page.pdf)
    for operands, operator in content.operations:
        values = [float(value) for value in operands] if operator in (b"RG", b"G", b"w", b"m", b"l") else []
        if operator in (b"RG", b"G"):
            stroke = tuple(values)
        elif operator == b"w":
            line = values[0] * POINT
        elif operator in (b"m", b"l"):
            there = np.array(values)
            same = len(stroke) == 3 and np.allclose(stroke, colour, atol=1e-3) and abs(line - width) < 1e-3
            if operator == b"l" and same:
                lengths.append(float(np.hypot(*(there - here))) * POINT)
            here = there
    return lengths
