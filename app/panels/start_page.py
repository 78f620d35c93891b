"""What stands in the place of the map while no project is open: how to begin, and what was open lately."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.panels.widgets import label, plain_tip
from app.session import Session
from gis.text import tr

__all__ = ["StartPage", "recent_title"]

_PATH = Qt.ItemDataRole.UserRole
_WIDTH = 420


def recent_title(path: str) -> str:
    """A recent project by its file and the folder that tells it from others of that name."""
    place = Path(path)
    return tr("{name} – {folder}", name=place.name, folder=str(place.parent))


class StartPage(QWidget):
    """Buttons for ``actions``, and the recent projects. While one is being opened it says so instead."""

    open_wanted = Signal(str)

    def __init__(self, session: Session, actions: list[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAutoFillBackground(True)
        picture = QLabel()
        picture.setPixmap(theme.pixmap("parkline", theme.current().accent, 48))
        title = label(tr("工业用地与园区管理系统"), "title")
        self._choices = QWidget()
        choices = QVBoxLayout(self._choices)
        choices.setContentsMargins(0, 8, 0, 0)
        choices.setSpacing(4)
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(20, 20))
            button.setAutoRaise(True)
            button.setMinimumWidth(_WIDTH // 2)
            choices.addWidget(button)
        self._recent_title = label(tr("最近的项目"), "heading")
        self.recent = QListWidget()
        self.recent.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.recent.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.recent.setAccessibleName(tr("最近的项目"))
        self.recent.itemClicked.connect(self._chosen)
        self.recent.itemActivated.connect(self._chosen)
        choices.addSpacing(12)
        choices.addWidget(self._recent_title)
        choices.addWidget(self.recent)
        choices.addWidget(label(tr("也可以把项目文件拖到这里。"), "muted"))
        self._busy = QWidget()
        busy = QVBoxLayout(self._busy)
        busy.setContentsMargins(0, 8, 0, 0)
        self.message = label("", "muted", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        busy.addWidget(self.message)
        busy.addWidget(self._bar)
        column = QWidget()
        column.setFixedWidth(_WIDTH)
        inside = QVBoxLayout(column)
        inside.addWidget(picture)
        inside.addWidget(title)
        inside.addWidget(self._choices)
        inside.addWidget(self._busy)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(column, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        # Neither choices nor message before the first job: a project is opened as soon as the window stands.
        self._choices.hide()
        self._busy.hide()
        session.tasks.changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the choices, or what is being opened."""
        if self._session.project is not None:
            return
        running = [task for task in self._session.tasks.running if not task.quiet]
        self._busy.setVisible(bool(running))
        self._choices.setVisible(not running)
        if running:
            task = running[0]
            self.message.setText(task.message)
            self._bar.setRange(0, 1000 if task.fraction > 0 else 0)
            self._bar.setValue(round(task.fraction * 1000))
            return
        paths = self._session.settings.recent
        self.recent.clear()
        for path in paths:
            item = QListWidgetItem(theme.icon("open", theme.current().muted), recent_title(path))
            item.setData(_PATH, path)
            item.setToolTip(plain_tip(path))
            self.recent.addItem(item)
        self._recent_title.setVisible(bool(paths))
        self.recent.setVisible(bool(paths))
        self.recent.setFixedHeight(min(len(paths), 6) * (self.fontMetrics().height() + 10) + 6)

    def _chosen(self, item: QListWidgetItem) -> None:
        self.open_wanted.emit(str(item.data(_PATH)))
