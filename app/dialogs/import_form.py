"""Parts of the import dialog's form: rows of widgets, refilled choices, reference systems as text."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from gis.errors import ParkLineError
from gis.text import tr

__all__ = ["beside", "refill", "system_title", "typed_system"]


def beside(*widgets: QWidget) -> QWidget:
    """Widgets in a row; the first takes the room."""
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    for number, widget in enumerate(widgets):
        layout.addWidget(widget, 1 if number == 0 else 0)
    return holder


def refill(box: QComboBox, entries: list[tuple[str, str]], current: str | None) -> None:
    """Other choices in a box, without telling anybody."""
    box.blockSignals(True)
    box.clear()
    for text, value in entries:
        box.addItem(text, value)
    box.setCurrentIndex(box.findData(current) if current else -1)
    box.blockSignals(False)


def system_title(epsg: int, *, swapped: bool) -> str:
    """A reference system as a choice; ``swapped``: the columns stand north first."""
    from gis.crs import describe

    try:
        name = describe(epsg)
    except ParkLineError:
        name = f"EPSG:{epsg}"
    return tr("{system}，坐标互换", system=name) if swapped else name


def typed_system(text: str) -> int | None:
    """The EPSG code in what was typed: ``4545``, ``EPSG:4545`` or a whole title."""
    found = re.search(r"EPSG:\s*(\d+)", text, re.IGNORECASE) or re.fullmatch(r"\s*(\d+)\s*", text)
    return int(found.group(1)) if found else None
