"""Telling people what went wrong: their errors with a hint, ours with the log; always as plain text."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from gis.errors import ParkLineError
from gis.text import tr

__all__ = ["error_box", "show_error", "show_notes"]

_log = logging.getLogger(__name__)


def error_box(parent: QWidget | None, error: BaseException) -> QMessageBox:
    """The message box for an error; a bug is written to the log first."""
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)  # file names and cell values are not markup
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(tr("未能完成"))
    if isinstance(error, ParkLineError):
        where = "" if error.file is None else error.file.name
        if error.row is not None:
            where = tr("{file} 第 {row} 行", file=where, row=error.row)
        box.setText(f"{where}\n{error.message}".strip())
        box.setInformativeText(error.hint)
    elif isinstance(error, OSError):
        box.setText(tr("文件操作失败：{error}", error=error))
        box.setInformativeText(tr("检查磁盘空间、文件权限和文件是否被其他程序占用。"))
        _log.warning("file error", exc_info=error)
    else:
        from app.folders import log_file

        _log.error("unexpected error", exc_info=error)
        box.setIcon(QMessageBox.Icon.Critical)
        box.setText(tr("程序出错：{kind}", kind=type(error).__name__))
        box.setInformativeText(tr("项目未被改动。详情已写入日志 {file}", file=log_file()))
        box.setDetailedText(str(error))
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    return box


def show_error(parent: QWidget | None, error: BaseException) -> None:
    """Show it without stopping the event loop of what runs meanwhile."""
    box = error_box(parent, error)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()


def show_notes(parent: QWidget | None, title: str, text: str, notes: Sequence[str]) -> None:
    """Say what was done and what the reader should know about it."""
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.Information)
    box.setWindowTitle(title)
    box.setText(text)
    box.setInformativeText("\n".join(notes))
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
