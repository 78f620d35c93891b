"""Select rows by what stands in their fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.dialogs.question_row import QuestionRow
from app.panels.widgets import label
from app.session import Session
from gis.errors import ParkLineError
from gis.text import tr
from layers.registry import TABLES, layer
from layers.selecting.combine import Combine
from layers.spec import Field

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.project import Project

__all__ = ["SelectAttributesDialog", "combine_box"]


def combine_box() -> QComboBox:
    """What to do with the rows found."""
    box = QComboBox()
    for how, title in (
        (Combine.NEW, tr("新建选择")),
        (Combine.ADD, tr("加入当前选择")),
        (Combine.REMOVE, tr("从当前选择中去掉")),
        (Combine.WITHIN, tr("在当前选择中筛选")),
    ):
        box.addItem(title, how.value)
    return box


class SelectAttributesDialog(QDialog):
    """Stays open; the rows found are selected everywhere."""

    found = Signal(str, list, object)  # table, uuids, Combine

    def __init__(self, session: Session, table: str, snapshot: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._snapshot = session, snapshot
        self.setWindowTitle(tr("按属性选择"))
        self.setMinimumSize(640, 330)
        self.layers = QComboBox()
        for spec in TABLES:
            self.layers.addItem(spec.title, spec.name)
        self.layers.setCurrentIndex(max(self.layers.findData(table), 0))
        self.every = QComboBox()
        self.every.addItem(tr("满足全部条件"), True)
        self.every.addItem(tr("满足任一条件"), False)
        self.how = combine_box()
        head = QHBoxLayout()
        head.addWidget(label(tr("图层")))
        head.addWidget(self.layers, 1)
        head.addWidget(self.every)
        self.rows: list[QuestionRow] = []
        body = QWidget()
        self._lines = QVBoxLayout(body)
        self._lines.setAlignment(Qt.AlignmentFlag.AlignTop)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        self.more = QPushButton(theme.icon("new"), tr("添加条件"))
        self.more.setAutoDefault(False)
        self.more.clicked.connect(self.add)
        foot = QHBoxLayout()
        foot.addWidget(self.more)
        foot.addStretch(1)
        foot.addWidget(self.how)
        self.answer = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox()
        self.choose = self.buttons.addButton(tr("选择"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.choose.setDefault(True)
        self.choose.clicked.connect(self.search)
        closing = self.buttons.addButton(tr("关闭"), QDialogButtonBox.ButtonRole.RejectRole)
        closing.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(scroll, 1)
        layout.addLayout(foot)
        layout.addWidget(self.answer)
        layout.addWidget(self.buttons)
        self.layers.currentIndexChanged.connect(self._begin_anew)
        session.project_closed.connect(self.reject)
        self._begin_anew()

    def add(self) -> QuestionRow:
        """One more condition."""
        row = QuestionRow(layer(self.layers.currentData()), self._values_of)
        row.removed.connect(self._remove)
        self.rows.append(row)
        self._lines.addWidget(row)
        return row

    def _remove(self, row: QuestionRow) -> None:
        if len(self.rows) > 1:
            self.rows.remove(row)
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()

    def _begin_anew(self) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        self.add()
        only = self.layers.currentData() == "land_use" and self._snapshot
        self._say(tr("规划用地只在快照“{name}”中选。", name=self._snapshot) if only else "")

    def _values_of(self, field: Field, arrived: Callable[[Sequence[tuple[str, str]]], None]) -> None:
        table, lists = str(self.layers.currentData()), self._session.row_lists()

        def work(project: Project, progress: Progress) -> list[tuple[str, str]]:
            from layers.selecting.values import occurring_values

            return occurring_values(project, lists, table, field, progress)

        self._session.read(work, arrived, title=tr("读取取值"), owner=self)

    def search(self) -> None:
        """Find the rows in a worker."""
        table, lists = str(self.layers.currentData()), self._session.row_lists()
        questions = [row.question() for row in self.rows]
        every, how = bool(self.every.currentData()), Combine(self.how.currentData())
        named = any(question.field.name == "snapshot" for question in questions)
        snapshot = self._snapshot if table == "land_use" and not named else ""

        def work(_project: Project, progress: Progress) -> list[str]:
            from gis.store.base import Condition
            from layers.selecting.by_attribute import matching

            where = [Condition("snapshot", "=", snapshot)] if snapshot else []
            found = matching(lists, table, questions, every=every, where=where, progress=progress)
            found_uuids = lists.values(table, "uuid", only=found, progress=progress)
            uuids: list[str] = found_uuids.dictionary_decode().to_pylist()
            return uuids

        def done(uuids: list[str]) -> None:
            self.found.emit(table, uuids, how)
            self._say(tr("符合条件：{count} 行。", count=f"{len(uuids):,}"))

        self._session.read(work, done, title=tr("按属性选择"), failed=self._failed, owner=self)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ParkLineError):
            self._say(f"{error.message}{error.hint}", good=False)
        elif isinstance(error, Exception) and type(error).__name__ != "Cancelled":
            self._session.tasks.failed.emit(error)

    def _say(self, text: str, *, good: bool = True) -> None:
        self.answer.setStyleSheet("" if good else f"color: {theme.current().bad}")
        self.answer.setText(text)
