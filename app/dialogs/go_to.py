"""Go to a place that is typed: degrees in any spelling, or metres of a plane with or without zone number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.panels.widgets import EmptyHint, label
from app.session import Session
from gis.errors import ParkLineError
from gis.text import tr

if TYPE_CHECKING:
    from gis.coordinate_text import TypedPlace
    from gis.progress import Progress
    from layers.project import Project

__all__ = ["GoToDialog"]

Box = tuple[float, float, float, float]


class GoToDialog(QDialog):
    """Stays open, so that one place after the other can be looked at."""

    place_found = Signal(float, float)  # metres in the project's plane

    def __init__(self, session: Session, extent: Box | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._extent = session, extent
        self.setWindowTitle(tr("转到坐标"))
        self.setMinimumWidth(460)
        self.text = QLineEdit()
        self.text.setClearButtonEnabled(True)
        self.text.setAccessibleName(tr("坐标"))
        self.text.setPlaceholderText("109.03, 32.69")
        about = tr(
            "可以输入：\n"
            "· 经纬度：109.03, 32.69　或　109°01′48″E 32°41′24″N\n"
            "· 3度带平面坐标：596594.20, 3618837.47\n"
            "· 带带号的平面坐标：36596594.20, 3618837.47\n"
            "X、Y 的先后自动识别。"
        )
        self.answer = label("", wrap=True)
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.recent = QListWidget()
        self.recent.setAccessibleName(tr("最近输入"))
        self.recent.setMaximumHeight(150)
        EmptyHint(self.recent, tr("还没有输入过坐标。"))
        self.recent.itemActivated.connect(lambda item: self._take(item.text()))
        self.recent.itemDoubleClicked.connect(lambda item: self._take(item.text()))
        self.buttons = QDialogButtonBox()
        self.go = self.buttons.addButton(tr("转到"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setDefault(True)
        self.go.clicked.connect(self.search)
        closing = self.buttons.addButton(tr("关闭"), QDialogButtonBox.ButtonRole.RejectRole)
        closing.clicked.connect(self.reject)
        enter = QShortcut(QKeySequence(Qt.Key.Key_Return), self.recent)
        enter.setContext(Qt.ShortcutContext.WidgetShortcut)
        enter.activated.connect(self._take_current)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addWidget(label(about, "muted", wrap=True))
        layout.addWidget(self.answer)
        layout.addWidget(label(tr("最近输入"), "heading"))
        layout.addWidget(self.recent)
        layout.addWidget(self.buttons)
        session.project_closed.connect(self.reject)
        self._list_recent()

    def search(self) -> None:
        """Understand what is typed, in a worker because the tables of planes take a moment to load."""
        text, extent = self.text.text().strip(), self._extent
        if not text:
            self._say(tr("请输入坐标。"), good=False)
            return

        def work(project: Project, _progress: Progress) -> TypedPlace:
            from gis.coordinate_text import place_of_text

            return place_of_text(text, project.epsg, extent)

        def found(place: TypedPlace) -> None:
            self._session.settings.remember_place(text)
            self._list_recent()
            where = tr("E {x}　N {y}", x=f"{place.x:,.3f}", y=f"{place.y:,.3f}")
            self._say(
                tr("按{system}读取；在项目平面中为 {where}。", system=place.how, where=where), good=True
            )
            self.place_found.emit(place.x, place.y)

        def failed(error: Exception) -> None:
            if isinstance(error, ParkLineError):
                self._say(f"{error.message}\n{error.hint}".strip(), good=False)
            else:
                self._session.tasks.failed.emit(error)

        self._session.read(work, found, quiet=True, failed=failed, owner=self)

    def _take(self, text: str) -> None:
        self.text.setText(text)
        self.search()

    def _take_current(self) -> None:
        if (item := self.recent.currentItem()) is not None:
            self._take(item.text())

    def _list_recent(self) -> None:
        self.recent.clear()
        self.recent.addItems(self._session.settings.recent_places)

    def _say(self, text: str, *, good: bool) -> None:
        colours = theme.current()
        self.answer.setStyleSheet("" if good else f"color: {colours.bad}")
        self.answer.setText(text)
        self.text.setFocus()
        self.text.selectAll()
