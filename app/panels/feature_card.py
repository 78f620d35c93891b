"""The card of a selected row: everything the layer declares, areas with differences, indicators, place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.panels.feature_facts import NO_VALUE, AreaFact, FeatureFacts, IndicatorFact, feature_facts
from app.panels.widgets import ElidedLabel, label
from app.session import Session
from gis.text import tr
from layers.registry import layer
from layers.spec import Editing

if TYPE_CHECKING:
    from layers.identify import Hit

__all__ = ["FeatureCard"]

_MU = 3.0 / 2000.0


class FeatureCard(QWidget):
    """Follows the selection; 打印 and 定位 act on the row shown."""

    print_wanted = Signal(str)  # parcel uuid
    locate_wanted = Signal(str, str)  # table, uuid
    edit_wanted = Signal(str, str)  # table, uuid

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.facts: FeatureFacts | None = None
        self._stale = False
        self.heading = ElidedLabel()
        self.heading.setProperty("role", "heading")
        self.kind = label("", "muted", wrap=True)
        self.others = QComboBox()
        self.others.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.others.setToolTip(tr("同一位置上的其他要素"))
        self.others.activated.connect(self._other_chosen)
        self._others_row = QWidget()
        beside = QHBoxLayout(self._others_row)
        beside.setContentsMargins(10, 0, 10, 6)
        beside.addWidget(label(tr("同一位置"), "muted"))
        beside.addWidget(self.others, 1)
        self._others_row.hide()
        self._hits: list[Hit] = []
        self.show_empty = False
        self.print_button = QPushButton(theme.icon("print"), tr("打印"))
        self.locate_button = QPushButton(theme.icon("locate"), tr("定位"))
        self.edit_button = QPushButton(theme.icon("edit-row"), tr("编辑"))
        self.edit_button.clicked.connect(self._edit)
        session.editor.state_changed.connect(self._allow)
        self.print_button.clicked.connect(self._print)
        self.locate_button.clicked.connect(self._locate)
        head = QHBoxLayout()
        head.setContentsMargins(10, 8, 10, 6)
        head.setSpacing(6)
        titles = QVBoxLayout()
        titles.setSpacing(1)
        titles.addWidget(self.heading)
        titles.addWidget(self.kind)
        head.addLayout(titles, 1)
        head.addWidget(self.edit_button)
        head.addWidget(self.print_button)
        head.addWidget(self.locate_button)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._others_row)
        layout.addWidget(self._scroll, 1)
        session.selection_changed.connect(self._reload)
        session.project_changed.connect(self._reload)
        session.project_closed.connect(self._empty)
        self.show_facts(None)
        if session.selected[1]:
            self._reload()

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """Offer the rows that lie at one place; the selection moves among them."""
        self._hits = list(hits)
        self.others.clear()
        for hit in self._hits:
            title = layer(hit.table).title
            self.others.addItem(tr("{layer}  {label}", layer=title, label=hit.label) if hit.label else title)
        self._follow_hits()

    def _follow_hits(self) -> None:
        """Mark the selected one; a selection made elsewhere ends the offer."""
        table, uuids = self._session.selected
        at = next((n for n, hit in enumerate(self._hits) if hit.table == table and hit.uuid in uuids), None)
        self.others.setCurrentIndex(at if at is not None else 0)
        self._others_row.setVisible(len(self._hits) > 1 and at is not None)

    def _other_chosen(self, index: int) -> None:
        hit = self._hits[index]
        self._session.select(hit.table, [hit.uuid])

    def _reload(self, *_: object) -> None:
        self._follow_hits()
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        table, uuids = self._session.selected
        if not uuids:
            self.show_facts(None)
            return
        self._session.read(
            lambda project, _progress: feature_facts(project, table, uuids[0]),
            self._arrived,
            quiet=True,
            owner=self,
        )

    def _empty(self) -> None:
        self._hits = []
        self._follow_hits()
        self.show_facts(None)

    def _arrived(self, facts: FeatureFacts | None) -> None:
        table, uuids = self._session.selected
        if facts is None or (facts.table == table and facts.uuid in uuids):
            self.show_facts(facts)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Catch up with the selection."""
        super().showEvent(event)
        if self._stale:
            self._reload()

    def show_facts(self, facts: FeatureFacts | None) -> None:
        """Show a row, or a hint where none is selected."""
        self.facts = facts
        self.print_button.setVisible(facts is not None and facts.table == "parcel")
        self.locate_button.setVisible(facts is not None)
        self._allow()
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(10, 2, 10, 10)
        layout.setSpacing(4)
        if facts is None:
            self.heading.setText(tr("未选择要素"))
            self.kind.setText(tr("在地图或属性表中点选一个要素，这里显示它的全部内容。"))
        else:
            self.heading.setText(facts.heading)
            title, chosen = layer(facts.table).title, len(self._session.selected[1])
            several = tr("{layer}（共选中 {count} 个，显示第一个）", layer=title, count=chosen)
            self.kind.setText(several if chosen > 1 else title)
            if facts.place:
                _add_section(layout, tr("位置"), _pairs(facts.place))
            if facts.areas:
                _add_section(layout, tr("面积"), _areas(facts.areas))
            if facts.indicators:
                _add_section(layout, tr("标准地指标"), _indicators(facts.indicators))
            hidden = self._add_groups(layout, facts)
            if hidden or self.show_empty:
                layout.addWidget(self._empty_button(hidden), 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(1)
        self._scroll.setWidget(body)

    def _add_groups(self, layout: QVBoxLayout, facts: FeatureFacts) -> int:
        """The declared fields by group; returns how many were left out because they are empty."""
        hidden = 0
        for title, rows in facts.groups:
            filled = [row for row in rows if self.show_empty or row[1] != NO_VALUE]
            hidden += len(rows) - len(filled)
            if filled:
                _add_section(layout, title, _pairs(filled))
        return hidden

    def _empty_button(self, hidden: int) -> QToolButton:
        button = QToolButton()
        button.setAutoRaise(True)
        button.setText(tr("隐藏空字段") if self.show_empty else tr("显示 {count} 个空字段", count=hidden))
        button.clicked.connect(self._toggle_empty)
        return button

    def _toggle_empty(self) -> None:
        self.show_empty = not self.show_empty
        # Not under the button's own feet: it is thrown away with the old content.
        QTimer.singleShot(0, self, lambda: self.show_facts(self.facts))

    def _print(self) -> None:
        if self.facts is not None:
            self.print_wanted.emit(self.facts.uuid)

    def _allow(self) -> None:
        facts = self.facts
        editable = facts is not None and layer(facts.table).editing is not Editing.NONE
        self.edit_button.setVisible(editable and self._session.editor.writable)

    def _edit(self) -> None:
        if self.facts is not None:
            self.edit_wanted.emit(self.facts.table, self.facts.uuid)

    def _locate(self) -> None:
        if self.facts is not None:
            self.locate_wanted.emit(self.facts.table, self.facts.uuid)


def _add_section(layout: QVBoxLayout, title: str, content: QWidget) -> None:
    head = label(title, "heading")
    head.setStyleSheet(f"color: {theme.current().accent}; font-weight: 700; padding-top: 6px;")
    layout.addWidget(head)
    layout.addWidget(content)


def _grid() -> tuple[QWidget, QGridLayout]:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(3)
    return holder, grid


def _right(text: str) -> QLabel:
    result = label(text)
    result.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return result


def _pairs(rows: Sequence[tuple[str, str]]) -> QWidget:
    holder, grid = _grid()
    for number, (title, text) in enumerate(rows):
        name = ElidedLabel(title)
        name.setProperty("role", "muted")
        value = label(text, wrap=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(name, number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, number, 1)
    grid.setColumnStretch(0, 2)
    grid.setColumnStretch(1, 3)
    return holder


def _areas(facts: Sequence[AreaFact]) -> QWidget:
    holder, grid = _grid()
    for column, title in enumerate((tr("㎡"), tr("亩"), tr("与椭球面积之差（㎡）")), start=1):
        head = _right(title)
        head.setProperty("role", "muted")
        grid.addWidget(head, 0, column)
    for number, fact in enumerate(facts, start=1):
        grid.addWidget(label(fact.title, "muted"), number, 0)
        grid.addWidget(_right("–" if fact.value is None else f"{fact.value:,.2f}"), number, 1)
        grid.addWidget(_right("–" if fact.value is None else f"{fact.value * _MU:,.3f}"), number, 2)
        grid.addWidget(_right("" if fact.difference is None else f"{fact.difference:+,.2f}"), number, 3)
    for column, share in enumerate((3, 3, 2, 5)):
        grid.setColumnStretch(column, share)
    return holder


def _indicators(facts: Sequence[IndicatorFact]) -> QWidget:
    holder, grid = _grid()
    for column, title in enumerate((tr("要求"), tr("承诺"), tr("实际")), start=1):
        head = _right(title)
        head.setProperty("role", "muted")
        grid.addWidget(head, 0, column)
    colours = theme.current()
    for number, fact in enumerate(facts, start=1):
        name = ElidedLabel(fact.title)
        name.setProperty("role", "muted")
        grid.addWidget(name, number, 0)
        sign = "≥ " if fact.operator == ">=" else "≤ "
        grid.addWidget(_right("–" if fact.required is None else f"{sign}{fact.required:g}"), number, 1)
        grid.addWidget(_right("–" if fact.committed is None else f"{fact.committed:g}"), number, 2)
        grid.addWidget(_right("–" if fact.actual is None else f"{fact.actual:g}"), number, 3)
        verdict, colour = {
            True: ("met", colours.good), False: ("short", colours.bad), None: ("not_judged", colours.muted)
        }[fact.met]  # fmt: skip
        words = {True: tr("达标"), False: tr("未达标"), None: tr("无法判定")}
        picture = QLabel()
        picture.setPixmap(theme.pixmap(verdict, colour, 14))
        picture.setToolTip(words[fact.met])
        picture.setAccessibleName(words[fact.met])
        grid.addWidget(picture, number, 4)
    grid.setColumnStretch(0, 1)
    return holder
