"""A day for map and table: a slider over the years, with the plans and the land transfers as ticks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate, QEvent, QObject, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QDateEdit,
    QFrame,
    QHBoxLayout,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QVBoxLayout,
)

from app import theme
from app.panels.layer_tree import LayerTree
from app.panels.map_view import MapView
from app.panels.widgets import label
from app.session import Session
from gis.text import tr

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.project import Project
    from layers.snapshots import Snapshot

__all__ = ["TimeBar"]

_WIDTH, _ABOVE = 470, 14
_PAUSE = 80  # ms after the last movement of the slider
_LONG_AGO = dt.date(1990, 1, 1)  # ticks before are mistakes of typing: they do not stretch the slider


@dataclass(frozen=True, slots=True)
class _Times:
    """What there is on the slider: its ends, plans and days of transfers."""

    first: dt.date
    last: dt.date
    plans: list[Snapshot]
    transfers: list[dt.date]


class _Ticked(QSlider):
    """A slider with two kinds of ticks below."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.plans: Sequence[int] = ()
        self.transfers: Sequence[int] = ()
        self.setAccessibleName(tr("日期"))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the ticks."""
        return QSize(300, 34)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The slider, and the ticks under its groove."""
        colours = theme.current()
        painter = QPainter(self)
        for days, colour, top in ((self.transfers, colours.muted, 5), (self.plans, colours.accent, 0)):
            painter.setPen(QPen(QColor(colour), 1.0 if top else 2.0))
            for day in days:
                x = self._pixel(day)
                painter.drawLine(QPointF(x, self.height() / 2 + 4 + top), QPointF(x, self.height() - 1))
        painter.end()
        super().paintEvent(event)

    def _pixel(self, day: int) -> float:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        grip = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)
        span = max(self.maximum() - self.minimum(), 1)
        return grip / 2 + (day - self.minimum()) / span * (self.width() - grip)


class TimeBar(QFrame):
    """Stands at the foot of the map while a day is chosen; ended, map and table show everything again."""

    ended = Signal()

    def __init__(self, session: Session, view: MapView, layers: LayerTree) -> None:
        super().__init__(view.canvas)
        self._session, self._view, self._layers = session, view, layers
        self._times: _Times | None = None
        colours = theme.current()
        self.setObjectName("time_bar")
        self.setStyleSheet(
            f"#time_bar {{ background: {colours.base}; border: 1px solid {colours.border}; border-radius: 5px; }}"
        )
        self.setFixedWidth(_WIDTH)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.date = QDateEdit()
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("yyyy-MM-dd")
        self.date.setKeyboardTracking(False)
        self.slider = _Ticked()
        self.plan = label("", "muted")
        away = QToolButton()
        away.setIcon(theme.icon("close", size=14))
        away.setToolTip(tr("结束按日期显示，恢复显示全部"))
        away.setAutoRaise(True)
        away.clicked.connect(self.end)
        head = QHBoxLayout()
        head.addWidget(self.date)
        head.addWidget(self.plan, 1)
        head.addWidget(away)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 5, 6, 4)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.slider)
        session.map_day_changed.connect(self._day_chosen)
        self.slider.setToolTip(tr("长刻度为规划快照，短刻度为供地合同；方向键逐日移动"))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self._tell)
        self.slider.valueChanged.connect(self._slid)
        self.date.dateChanged.connect(self._dated)
        session.project_closed.connect(self.end)
        view.canvas.installEventFilter(self)
        self.hide()

    def begin(self) -> None:
        """Find out what there is to move along, then show the newest day."""
        lists = self._session.row_lists()

        def work(project: Project, progress: Progress) -> _Times:
            return _times(project, lists, progress)

        self._session.read(work, self._begun, title=tr("读取日期"), owner=self)

    def _begun(self, times: _Times) -> None:
        self._times = times
        first, last = _ordinal(times.first), _ordinal(times.last)
        self.slider.blockSignals(True)
        self.slider.setRange(first, last)
        self.slider.setPageStep(30)
        self.slider.plans = [_ordinal(item.date) for item in times.plans]
        self.slider.transfers = [_ordinal(day) for day in times.transfers]
        self.slider.setValue(_ordinal(self._session.as_of or times.last))
        self.slider.blockSignals(False)
        self.date.blockSignals(True)
        self.date.setDateRange(_qdate(times.first), _qdate(times.last))
        self.date.blockSignals(False)
        self.show()
        self._slid()
        self._tell()
        self.adjustSize()
        self._place()

    def end(self) -> None:
        """Everything is shown again."""
        self._pause.stop()
        if self.isHidden():
            return
        self.hide()
        self._session.set_day(None)
        self.ended.emit()

    @property
    def day(self) -> dt.date:
        """The day of the slider."""
        return dt.date.fromordinal(self.slider.value())

    def _day_chosen(self) -> None:
        """Another day was chosen elsewhere: stand there, or end with it."""
        day = self._session.map_day
        if day is None:
            self.end()
        elif not self.isHidden() and day != self.day:
            self.slider.setValue(_ordinal(day))

    def _slid(self) -> None:
        self.date.blockSignals(True)
        self.date.setDate(_qdate(self.day))
        self.date.blockSignals(False)
        self._pause.start()

    def _dated(self, date: QDate) -> None:
        self.slider.setValue(dt.date(date.year(), date.month(), date.day()).toordinal())

    def _tell(self) -> None:
        self._pause.stop()
        if self.isHidden() or self._times is None:
            return
        from layers.validity import plan_on

        plan = plan_on(self._times.plans, self.day)
        self.plan.setText(tr("规划：{name}", name=plan) if plan else tr("当日还没有规划快照"))
        if plan:
            self._layers.choose_snapshot(plan)
        self._session.set_day(self.day, planned=bool(plan))

    def _place(self) -> None:
        canvas = self._view.canvas
        self.move((canvas.width() - self.width()) // 2, canvas.height() - self.height() - _ABOVE)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay at the foot of the map, whatever its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)


def _times(project: Project, lists: Any, progress: Progress) -> _Times:
    """Plans, and the days of the layers that have them; in a worker."""
    from layers.validity import VALIDITY

    plans = project.snapshots()
    days = [item.date for item in plans]
    transfers: list[dt.date] = []
    for name, fields in VALIDITY.items():
        if name == "lease":  # a ledger of its own, with days far ahead
            continue
        for field in filter(None, fields):
            found = [_day(text) for text in lists.distinct(name, field, 20_000, progress=progress)]
            known = [day for day in found if day is not None and day >= _LONG_AGO]
            days += known
            if (name, field) == ("transfer", "contract_on"):
                transfers = known
    days.append(project.as_of)
    return _Times(min(days), max(days), plans, transfers)


def _day(text: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _ordinal(day: dt.date) -> int:
    return day.toordinal()


def _qdate(day: dt.date) -> QDate:
    return QDate(day.year, day.month, day.day)
