"""Visible text: Chinese in the source, other languages from gettext catalogues.

The Chinese sentence is the message id, so Chinese needs no catalogue and is complete by
construction. ``python3 start.py translate`` extracts the messages and compiles the catalogues.
"""

from __future__ import annotations

import gettext
import os
from pathlib import Path

__all__ = ["LANGUAGES", "language", "mark", "set_language", "source_of", "tr"]

LANGUAGES = ("zh_CN", "en")
_CATALOGUES = Path(__file__).resolve().parent.parent / "resources" / "translations"

_language = "zh_CN"
_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def set_language(name: str) -> None:
    """Switch all text produced from now on to ``zh_CN`` or ``en``.

    Raises ``ValueError`` for a language that has no catalogue.
    """
    global _language, _catalogue
    if name not in LANGUAGES:
        raise ValueError(f"no catalogue for language {name!r}; known: {', '.join(LANGUAGES)}")
    _language = name
    _catalogue = (
        gettext.NullTranslations()
        if name == "zh_CN"
        else gettext.translation("parkline", _CATALOGUES, languages=[name], fallback=True)
    )


def language() -> str:
    """The language in use: ``zh_CN`` or ``en``."""
    return _language


_SOURCES: dict[str, str] = {}
_MOST_SOURCES = 200_000


def tr(message: str, **values: object) -> str:
    """The message in the language in use, with ``{name}`` places filled from ``values``."""
    text = _catalogue.gettext(message) if message else ""
    if values:
        text = text.format(**values)
    if text != message:
        if len(_SOURCES) >= _MOST_SOURCES:
            _SOURCES.clear()
        _SOURCES[text] = message
    return text


def source_of(text: str) -> str:
    """The message that a text of `tr` was lately made from: the same in every language and whatever its figures."""
    return _SOURCES.get(text, text)


def mark(message: str) -> str:
    """Mark a constant for the catalogue where it is defined; ``tr`` translates it where it is shown."""
    return message


_wanted = os.environ.get("PARKLINE_LANG", "zh_CN")
set_language(_wanted if _wanted in LANGUAGES else "zh_CN")
