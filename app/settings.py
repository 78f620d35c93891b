"""What the program remembers between two starts: language, theme, recent projects, window layout."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from gis.text import LANGUAGES

__all__ = ["THEMES", "Settings"]

THEMES = ("system", "light", "dark")
_RECENT_LIMIT = 10
_TOLERANCE, _LARGEST_TOLERANCE = 10, 50  # pixels


class Settings:
    """Typed access to the stored settings; ``path`` (an .ini file) replaces the user's own place.

    A value that a person or an older version has spoilt counts as not set.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        given = path if path is not None else os.environ.get("PARKLINE_SETTINGS")
        self._store = (
            QSettings(str(given), QSettings.Format.IniFormat)
            if given
            else QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "ParkLine", "ParkLine")
        )

    @property
    def path(self) -> str:
        """The file in which the settings are kept."""
        return self._store.fileName()

    def _text(self, key: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self._store.value(key, default)
        return value if isinstance(value, str) and value in allowed else default

    @property
    def language(self) -> str | None:
        """``zh_CN`` or ``en``; None while the user has not chosen."""
        return self._text("language", "", LANGUAGES) or None

    @language.setter
    def language(self, value: str) -> None:
        self._store.setValue("language", value)

    @property
    def theme(self) -> str:
        """``system`` (the default), ``light`` or ``dark``."""
        return self._text("theme", "system", THEMES)

    @theme.setter
    def theme(self, value: str) -> None:
        self._store.setValue("theme", value)

    @property
    def recent(self) -> list[str]:
        """Projects opened lately, newest first."""
        return self._texts("recent")

    def _texts(self, key: str) -> list[str]:
        value = self._store.value(key, [])
        if isinstance(value, str):  # QSettings writes a list of one as a plain string
            return [value] if value else []
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def remember_project(self, path: str | Path) -> None:
        """Put a project at the head of the recent ones."""
        name = str(Path(path).resolve())
        others = [item for item in self.recent if item != name]
        self._store.setValue("recent", [name, *others][:_RECENT_LIMIT])

    def forget_project(self, path: str) -> None:
        """Take a project that is gone off the list."""
        self._store.setValue("recent", [item for item in self.recent if item != path])

    @property
    def recent_places(self) -> list[str]:
        """Coordinates typed lately, as they were typed, newest first."""
        return self._texts("places")

    def remember_place(self, text: str) -> None:
        """Put typed coordinates at the head of the recent ones."""
        others = [item for item in self.recent_places if item != text]
        self._store.setValue("places", [text, *others][:_RECENT_LIMIT])

    @property
    def overview(self) -> bool:
        """Whether the small map of everything is shown."""
        return self._text("overview", "off", ("on", "off")) == "on"

    @overview.setter
    def overview(self, value: bool) -> None:
        self._store.setValue("overview", "on" if value else "off")

    def map_state(self, path: str | Path) -> str:
        """What was decided about the map of a project, as text; "" if nothing."""
        value = self._store.value(f"maps/{_key(path)}", "")
        return value if isinstance(value, str) else ""

    def set_map_state(self, path: str | Path, text: str) -> None:
        """Keep what was decided about the map of a project; those of forgotten projects go."""
        self._store.setValue(f"maps/{_key(path)}", text)
        kept = {_key(item) for item in (path, *self.recent)}
        self._store.beginGroup("maps")
        for key in self._store.childKeys():
            if key not in kept:
                self._store.remove(key)
        self._store.endGroup()

    @property
    def folder(self) -> str:
        """The folder of the last file dialog, at first the user's own."""
        value = self._store.value("folder", "")
        return value if isinstance(value, str) and value else str(Path.home())

    @folder.setter
    def folder(self, value: str) -> None:
        self._store.setValue("folder", value)

    @property
    def snapping_on(self) -> bool:
        """Whether the pointer snaps while boundaries are edited."""
        return self._text("snapping/on", "yes", ("yes", "no")) == "yes"

    @snapping_on.setter
    def snapping_on(self, value: bool) -> None:
        self._store.setValue("snapping/on", "yes" if value else "no")

    @property
    def snapping_tolerance(self) -> int:
        """How near, in pixels, the pointer has to come to snap."""
        text = str(self._store.value("snapping/tolerance", _TOLERANCE))
        value = int(text) if text.isdecimal() else _TOLERANCE
        return value if 1 <= value <= _LARGEST_TOLERANCE else _TOLERANCE

    @snapping_tolerance.setter
    def snapping_tolerance(self, value: int) -> None:
        self._store.setValue("snapping/tolerance", value)

    def snapping_kinds(self, known: tuple[str, ...]) -> list[str]:
        """Which of the known kinds of things the pointer snaps to, at first all."""
        text = self._store.value("snapping/kinds", None)
        return (
            list(known) if not isinstance(text, str) else [name for name in text.split("|") if name in known]
        )

    def set_snapping_kinds(self, kinds: list[str]) -> None:
        """Keep what the pointer snaps to."""
        self._store.setValue("snapping/kinds", "|".join(kinds))

    def columns(self, layer: str) -> tuple[list[str], list[str]]:
        """Fields of a layer's table from left to right and those that are hidden; both empty if nothing was chosen."""
        value = self._store.value(f"columns/{layer}", "")
        try:
            data = json.loads(value) if isinstance(value, str) and value else {}
            return [str(item) for item in data["order"]], [str(item) for item in data["hidden"]]
        except (ValueError, KeyError, TypeError):
            return [], []

    def set_columns(self, layer: str, order: Sequence[str], hidden: Iterable[str]) -> None:
        """Keep the columns of a layer's table."""
        text = json.dumps({"order": list(order), "hidden": sorted(hidden)})
        self._store.setValue(f"columns/{layer}", text)

    def layout(self, key: str) -> QByteArray | None:
        """A saved window layout."""
        value = self._store.value(f"layout/{key}")
        return value if isinstance(value, QByteArray) else None

    def set_layout(self, key: str, value: QByteArray) -> None:
        """Save a window layout."""
        self._store.setValue(f"layout/{key}", value)

    def forget_layout(self) -> None:
        """Go back to the layout of the first start."""
        self._store.remove("layout")

    def sync(self) -> None:
        """Write what is pending."""
        self._store.sync()


def _key(path: str | Path) -> str:
    """A project's name in the settings: paths hold characters that are not taken there."""
    return hashlib.sha256(str(Path(path).resolve()).encode()).hexdigest()[:16]
