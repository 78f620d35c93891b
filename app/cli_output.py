"""What a command says: results on stdout, progress and errors on stderr."""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from collections.abc import Sequence
from typing import Any, TextIO

from gis.text import tr
from gis.units import round_figure, unit_title

__all__ = ["Output", "Right", "figure", "header", "table"]

_SPARSE_SECONDS = 10.0
_QUICK_SECONDS = 0.1
# Decimals as papers show them: ㎡ with 2, 公顷 with 4, 亩 with 2, % with 2.
_DIGITS = {"ha": 4, "one": 4, "": 0}


class Output:
    """Results for people or, with ``as_json``, for programs; progress where it disturbs nobody."""

    def __init__(
        self, *, as_json: bool = False, out: TextIO | None = None, err: TextIO | None = None
    ) -> None:
        self.as_json = as_json
        self._given = False
        self._out = out if out is not None else sys.stdout
        self._err = err if err is not None else sys.stderr
        self._last = time.monotonic()
        self._line = 0

    def say(self, text: str = "") -> None:
        """A line of the result; silent when the result is JSON."""
        if not self.as_json:
            self._clear()
            self._out.write(_harmless(text) + "\n")

    def result(self, value: dict[str, Any]) -> None:
        """The result for programs, one object a command; silent when it is for people."""
        if self.as_json and not self._given:
            self._given = True
            self._clear()
            json.dump(value, self._out, ensure_ascii=False, indent=1, allow_nan=False)
            self._out.write("\n")

    def note(self, text: str) -> None:
        """Something worth knowing that is no part of the result."""
        self._clear()
        self._err.write(_harmless(text) + "\n")
        self._err.flush()

    def progress(self, fraction: float, message: str) -> None:
        """One line that is written over on a terminal; elsewhere a line every ten seconds."""
        now = time.monotonic()
        if self._err.isatty():
            if now - self._last < _QUICK_SECONDS and fraction < 1.0:
                return
            text = _harmless(f"{fraction:4.0%} {message}").replace("\n", " ")[:70]
            width = _columns(text)
            self._err.write("\r" + text + " " * max(0, self._line - width))
            self._err.flush()
            self._line = width
        elif now - self._last >= _SPARSE_SECONDS:
            self._err.write(_harmless(f"{fraction:4.0%} {message}") + "\n")
            self._err.flush()
        else:
            return
        self._last = now

    def _clear(self) -> None:
        if self._line:
            self._err.write("\r" + " " * self._line + "\r")
            self._err.flush()
            self._line = 0


def _columns(text: str) -> int:
    """Columns of a terminal that a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


class Right(str):
    """A text that stands at the right edge of its column, as numbers do."""

    __slots__ = ()


def figure(value: float | None, unit: str) -> Right:
    """A number in that unit (a key of ``gis.units``) with the usual decimals; a missing one is a dash."""
    return Right("–" if value is None else f"{round_figure(value, _DIGITS.get(unit, 2)):,}")


def header(title: str, unit: str) -> str:
    """A column title with its unit."""
    shown = unit_title(unit)
    return tr("{title}（{unit}）", title=title, unit=shown) if shown else title


def table(rows: Sequence[Sequence[object]], titles: Sequence[str] = ()) -> list[str]:
    """Lines of a plain table; numbers, ``Right`` texts and their titles are right-aligned."""
    if not rows and not titles:
        return []
    count = len(titles) or len(rows[0])
    right = [
        bool(rows) and all(isinstance(row[i], int | float | Right | None) for row in rows)
        for i in range(count)
    ]
    texts = [[_text(value) for value in row] for row in rows]
    lines = [list(titles), *texts] if titles else texts
    widths = [max(_columns(line[i]) for line in lines) for i in range(count)]
    return [
        "  ".join(
            blank + value if is_number else value + blank
            for value, is_number, width in zip(line, right, widths, strict=True)
            for blank in [" " * (width - _columns(value))]
        ).rstrip()
        for line in lines
    ]


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else _harmless(str(value)).replace("\n", " ")


def _harmless(text: str) -> str:
    """Text without what a terminal would obey: an escape sequence may stand in a county's cell or file name."""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)
