"""Text on paper: the shipped CJK font, its widths, line breaks, and all the words of a page in one artist.

A PDF gets text, searchable and copyable; a raster gets the glyphs' outlines. Widths are the font's own advances, so where a word
stands is known before anything is drawn and is the same in both.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path as Outline
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray

__all__ = [
    "FONT_FILE",
    "MISSING_MARK",
    "Word",
    "Words",
    "fitted_lines",
    "font",
    "text_width",
    "unwritable",
    "wrapped",
    "writable",
]

FONT_FILE = Path(__file__).resolve().parents[2] / "resources" / "font" / "wqy-microhei.ttc"
MISSING_MARK = "〓"  # data: the printers' mark for a character that is not in the case

_POINTS_PER_MM = 72.0 / 25.4
# The middle of digits, capitals and Chinese characters above the baseline, as a share of the size.
_MIDDLE = 0.36
_GLYPHS_A_PATH = 800  # so that no single path is too much for the rasteriser
# Punctuation that does not begin a line, and opening brackets that do not end one.
_CLOSING, _OPENING = frozenset("，。、；：！？）》】”’％,.;:!?)]}%…"), frozenset("（《【“‘([{")  # data


@cache
def _properties() -> FontProperties:
    return FontProperties(fname=str(FONT_FILE))


def font(size_mm: float) -> FontProperties:
    """The shipped CJK font at a size (em) given in millimetres of paper."""
    properties = _properties().copy()
    properties.set_size(size_mm * _POINTS_PER_MM)
    return properties


class _Face:
    """Advances and outlines of the shipped font, in shares of its size."""

    def __init__(self) -> None:
        self._lock = Lock()  # a FreeType face belongs to one thread at a time; pages are composed in workers
        self._face = FT2Font(str(FONT_FILE))
        self._known = frozenset(self._face.get_charmap())
        self._glyphs: dict[str, tuple[float, NDArray[np.float64], NDArray[np.uint8]]] = {}

    def has(self, character: str) -> bool:
        return ord(character) in self._known

    def glyph(self, character: str) -> tuple[float, NDArray[np.float64], NDArray[np.uint8]]:
        """Advance, vertices (n, 2) and path codes (n,)."""
        found = self._glyphs.get(character)
        if found is None:
            with self._lock:
                em = float(self._face.units_per_EM)
                loaded = self._face.load_char(ord(character), LoadFlags.NO_SCALE)
                vertices, codes = self._face.get_path()
                # get_path takes the font's units for 26.6 fixed point.
                shape = np.asarray(vertices, dtype=np.float64).reshape(-1, 2) * 64.0 / em
                found = loaded.horiAdvance / em, shape, np.asarray(codes, dtype=np.uint8)
                self._glyphs[character] = found
        return found


@cache
def _face() -> _Face:
    return _Face()


def unwritable(text: str) -> str:
    """The characters of a text that the shipped font does not have, each once."""
    face = _face()
    return "".join(dict.fromkeys(c for c in _plain(text) if not face.has(c)))


@lru_cache(maxsize=4096)
def writable(text: str) -> str:
    """Text as it can stand on one line: no control characters, a mark for what the font does not have."""
    face = _face()
    return "".join(c if face.has(c) else MISSING_MARK for c in _plain(text))


def _plain(text: str) -> str:
    # Line breaks and tabs in a name are blanks; marks of direction and joiners have no shape at all.
    composed = unicodedata.normalize("NFC", text)
    kept = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in composed)
    return "".join(c for c in kept if unicodedata.category(c) not in ("Cf", "Mn", "Cs", "Co"))


def text_width(text: str, size: float) -> float:
    """Width in mm of one line of text of ``size`` mm in the shipped font."""
    face = _face()
    return size * sum(face.glyph(c)[0] for c in writable(text))


def wrapped(text: str, room: float, size: float) -> list[str]:
    """The text in lines no wider than ``room`` mm; one line if the text is empty.

    Lines break between Chinese characters and between words; a word wider than the room is cut.
    """
    lines, line = [], ""
    for piece in _pieces(_plain(text)):
        if line and text_width((line + piece).rstrip(), size) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while len(line) > 1 and text_width(line.rstrip(), size) > room:
            keep = next(
                n for n in range(len(line) - 1, 0, -1) if n == 1 or text_width(line[:n], size) <= room
            )
            lines.append(line[:keep])
            line = line[keep:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> list[str]:
    """What may not be torn apart: Latin words with the blank after them, characters with their punctuation."""
    pieces: list[str] = []
    for c in text:
        glued = pieces and (
            c == " "
            or c in _CLOSING
            or pieces[-1][-1] in _OPENING
            or (_in_a_word(c) and _in_a_word(pieces[-1][-1]))
        )
        if glued:
            pieces[-1] += c
        else:
            pieces.append(c)
    return pieces


def _in_a_word(c: str) -> bool:
    return c.isascii() and c != " "


def fitted_lines(
    text: str, room: float, size: float, *, lines: int = 1, smallest: float = 1.6
) -> tuple[list[str], float]:
    """Lines of at most ``room`` mm and their size: wrapped first, then smaller, at last cut with an ellipsis."""
    while True:
        found = wrapped(text, room, size)
        if len(found) <= lines:
            return found, size
        if size <= smallest:
            break
        size = max(smallest, size - 0.1)
    last = found[lines - 1]
    while last and text_width(last + "…", size) > room:
        last = last[:-1]
    return [*found[: lines - 1], last + "…"], size


@dataclass(frozen=True, slots=True)
class Word:
    """One line of text: left end of its baseline in mm of paper, size (em) in mm, angle in degrees."""

    text: str
    x: float
    y: float
    size: float
    angle: float
    colour: str

    @classmethod
    def about(
        cls, x: float, y: float, text: str, size: float, align: float, angle: float, colour: str
    ) -> Word:
        """The word whose middle line passes through (x, y), ``align`` 0 beginning, 0.5 centred, 1 ending there."""
        text = writable(text)
        along, down = align * text_width(text, size), _MIDDLE * size
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        return cls(text, x - along * cos + down * sin, y - along * sin - down * cos, size, angle, colour)


class Words(Artist):
    """All words of one plane of a page."""

    def __init__(self, zorder: float) -> None:
        super().__init__()
        self.set_zorder(zorder)
        self.words: list[Word] = []

    def draw(self, renderer: Any) -> None:
        """Write the words as text, or on a raster as outlines."""
        if not self.get_visible():
            return
        graphics: Any = renderer.new_gc()
        graphics.set_linewidth(0.0)
        pixels = float(renderer.points_to_pixels(_POINTS_PER_MM))
        raster: Any = renderer if isinstance(renderer, RendererAgg) else None
        if raster is not None:
            graphics.set_snap(False)
            for colour in dict.fromkeys(word.colour for word in self.words):
                graphics.set_foreground(colour)
                for outline in _outlines([w for w in self.words if w.colour == colour]):
                    path = Outline(outline[0] * pixels, outline[1])
                    raster.draw_path(graphics, path, IdentityTransform(), graphics.get_rgb())
        else:
            for word in self.words:
                if word.text.strip():
                    graphics.set_foreground(word.colour)
                    place = word.x * pixels, word.y * pixels
                    renderer.draw_text(graphics, *place, word.text, font(word.size), word.angle)
        graphics.restore()
        self.stale = False


def _outlines(words: Iterable[Word]) -> Iterable[tuple[NDArray[np.float64], NDArray[np.uint8]]]:
    """Vertices in mm of paper and path codes of the words' glyphs, some hundred glyphs a portion."""
    face = _face()
    vertices: list[NDArray[np.float64]] = []
    codes: list[NDArray[np.uint8]] = []
    for word in words:
        cos, sin = math.cos(math.radians(word.angle)), math.sin(math.radians(word.angle))
        turn = np.array([[cos, sin], [-sin, cos]]) * word.size
        along = 0.0
        for character in word.text:
            advance, shape, code = face.glyph(character)
            if len(code):
                vertices.append((shape + np.array([along, 0.0])) @ turn + np.array([word.x, word.y]))
                codes.append(code)
            along += advance
        if len(codes) >= _GLYPHS_A_PATH:
            yield np.concatenate(vertices), np.concatenate(codes)
            vertices, codes = [], []
    if codes:
        yield np.concatenate(vertices), np.concatenate(codes)
