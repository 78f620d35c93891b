"""The question before a project is closed while something is still being written."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from app.tasks import Tasks
from gis.text import tr

__all__ = ["leaving_box", "may_leave"]


def leaving_box(tasks: Tasks, parent: QWidget | None) -> QMessageBox:
    """Wait or leave; answers by itself once nothing is being written any more."""
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(tr("任务尚未完成"))
    box.setText(tr("“{job}”尚未完成。", job=tasks.writing[0].title))
    box.setInformativeText(tr("现在离开会取消它，项目保持原样。"))
    leave = box.addButton(tr("取消任务并离开"), QMessageBox.ButtonRole.AcceptRole)
    wait = box.addButton(tr("继续等待"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(wait)
    box.setEscapeButton(wait)

    def look() -> None:
        if not tasks.writing:
            leave.click()

    tasks.changed.connect(look)
    box.finished.connect(lambda _: tasks.changed.disconnect(look))
    return box


def may_leave(tasks: Tasks, parent: QWidget | None) -> bool:
    """Whether the project may be closed: at once where nothing is being written, else as the person says."""
    if not tasks.writing:
        return True
    box = leaving_box(tasks, parent)
    box.exec()
    left = box.buttonRole(box.clickedButton()) == QMessageBox.ButtonRole.AcceptRole
    box.deleteLater()
    return left
