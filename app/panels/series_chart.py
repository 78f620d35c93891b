"""A figure over time: past as a line, forecast broken, the threshold across."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from gis.text import tr

if TYPE_CHECKING:
    from layers.checks.result import Series

__all__ = ["SeriesChart"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 36, 26, 22
_TICKS = 4
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


class SeriesChart(QWidget):
    """Shows one series; ``unit_text`` gives a value its words, ``threshold`` is in the unit of the values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series: Series | None = None
        self._threshold: float | None = None
        self._measure = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide and low."""
        return QSize(420, 190)

    def show_series(self, series: Series | None, threshold: float | None, measure: str) -> None:
        """Another series, or none."""
        self._series, self._threshold, self._measure = series, threshold, measure
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Axes, threshold, line."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours.base))
        series = self._series
        known = (
            []
            if series is None
            else [
                (day, value)
                for day, value in zip(series.days, series.values, strict=True)
                if value is not None
            ]
        )
        if series is None or len(known) < 2:
            painter.setPen(QColor(colours.muted))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), tr("这项指标没有时间序列"))
            painter.end()
            return
        values = [value for _day, value in known] + ([] if self._threshold is None else [self._threshold])
        step = _round_step(max(values) - min(0.0, *values))
        low, high = math.floor(min(0.0, *values) / step) * step, math.ceil(max(values) / step) * step
        high = max(high, low + step)
        first, last = known[0][0], known[-1][0]
        box = QRectF(_LEFT, _TOP, self.width() - _LEFT - _RIGHT, self.height() - _TOP - _BOTTOM)

        def at(day: dt.date, value: float) -> QPointF:
            x = box.left() + (day - first).days / max((last - first).days, 1) * box.width()
            return QPointF(x, box.bottom() - (value - low) / (high - low) * box.height())

        painter.setPen(QColor(colours.text))
        title = (
            tr("{title}（{measure}）", title=series.title, measure=self._measure)
            if self._measure
            else series.title
        )
        painter.drawText(QRectF(_LEFT, 2, box.width(), _TOP - 4), int(Qt.AlignmentFlag.AlignVCenter), title)
        for tick in range(round((high - low) / step) + 1):
            value = low + tick * step
            y = at(first, value).y()
            painter.setPen(QPen(QColor(colours.track), 1.0))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(QColor(colours.muted))
            place = QRectF(0, y - 9, _LEFT - 6, 18)
            painter.drawText(
                place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), _short(value)
            )
        for day in _marked_days(first, last):
            x = at(day, low).x()
            place = QRectF(x - 40, box.bottom() + 3, 80, _BOTTOM - 4)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), f"{day:%Y-%m}")
        if self._threshold is not None:
            painter.setPen(QPen(QColor(colours.bad), 1.4, Qt.PenStyle.DashDotLine))
            y = at(first, self._threshold).y()
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        turn = series.forecast_from
        past = [at(day, value) for day, value in known if turn is None or day < turn]
        ahead = [at(day, value) for day, value in known if turn is not None and day >= turn]
        painter.setPen(QPen(QColor(colours.accent), 2.0))
        painter.drawPolyline(QPolygonF(past))
        if ahead:
            painter.setPen(QPen(QColor(colours.accent), 2.0, Qt.PenStyle.DashLine))
            painter.drawPolyline(QPolygonF([*past[-1:], *ahead]))
            painter.setPen(QColor(colours.muted))
            place = QRectF(ahead[0].x(), box.top(), 80, 16)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft), tr("预测"))
        painter.end()


def _round_step(span: float) -> float:
    """A round distance of the lines across, some four to the height."""
    if span <= 0.0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(span / _TICKS))
    return next(size * factor for factor in _ROUND if size * factor * _TICKS >= span * 0.999)


def _marked_days(first: dt.date, last: dt.date) -> list[dt.date]:
    count = 5
    span = (last - first).days
    return [first + dt.timedelta(days=round(span * number / count)) for number in range(count + 1)]


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}".rstrip("0").rstrip(".")
