"""Verdicts in one word, as screen and paper say them; loads nothing, because a start needs them."""

from __future__ import annotations

from gis.text import mark, tr

__all__ = ["verdict_word"]

_WORDS = {
    "met": mark("达标"),
    "short": mark("未达标"),
    "empty": mark("无可判定对象"),
    "not_judged": mark("无法判定"),
}


def verdict_word(verdict: str) -> str:
    """A verdict in the language in use."""
    return tr(_WORDS.get(verdict, _WORDS["not_judged"]))
