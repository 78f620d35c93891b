"""The commands of the window: no key stands for two of them, or Qt would run neither."""

from __future__ import annotations

from collections import Counter

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from app.actions import _ENTRIES


def test_every_key_belongs_to_one_command(qapp: QApplication) -> None:
    keys = Counter(
        QKeySequence(entry.shortcut).toString()
        for entry in _ENTRIES
        if QKeySequence(entry.shortcut).toString()
    )
    assert [key for key, count in keys.items() if count > 1] == []
