"""Ask where a file shall be written: a name that every system takes, the folder used last, the suffix added."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.settings import Settings

__all__ = ["ask_save_target"]

_FORBIDDEN = '\\/:*?"<>|'


def ask_save_target(
    parent: QWidget, settings: Settings, title: str, name: str, pattern: str, *, replaces: bool = True
) -> Path | None:
    """Where the user wants the file, None if nowhere; its folder is remembered.

    Without ``replaces`` Qt does not ask about a file that is there: whoever writes refuses it or makes it anew.
    """
    plain = "".join("_" if char in _FORBIDDEN else char for char in name)
    start = str(Path(settings.folder) / plain)
    options = QFileDialog.Option(0) if replaces else QFileDialog.Option.DontConfirmOverwrite
    path, _ = QFileDialog.getSaveFileName(parent, title, start, pattern, "", options)
    if not path:
        return None
    target = Path(path)
    settings.folder = str(target.parent)
    return target if target.suffix else target.with_suffix(Path(name).suffix)
