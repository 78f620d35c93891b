"""Small parts of the style editor: colours, scales, pens and hatches to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QLinearGradient, QPainter, QPixmap
from PySide6.QtWidgets import QColorDialog, QComboBox, QMenu, QSpinBox, QToolButton, QWidget

from app.panels.swatches import Swatch, swatch_icon
from gis.draw.patterns import HATCHES, PENS
from gis.text import mark, tr
from layers.spec import GeometryKind
from layers.styling.style import NONE

__all__ = ["ColourButton", "ScaleBox", "colours_icon", "hatch_chooser", "pen_chooser"]

_PENS = {
    "solid": mark("实线"),
    "dash": mark("虚线"),
    "dot": mark("点线"),
    "dash_dot": mark("点划线"),
    "double": mark("双线"),
    "ticks": mark("带短齿的线"),
}
_HATCHES = {
    "diagonal_right": mark("右斜线"),
    "diagonal_left": mark("左斜线"),
    "diagonal_cross": mark("交叉斜线"),
    "horizontal": mark("水平线"),
    "vertical": mark("竖线"),
    "grid": mark("网格"),
    "dots": mark("点"),
}
_INK = "#5F6670"
_ICON = QSize(32, 16)


class ColourButton(QToolButton):
    """A colour, ``none`` or "" for that of the standard symbol; a click chooses, the arrow offers the other two."""

    changed = Signal(str)

    def __init__(self, *, may_be_none: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value, self._standard = "", ""
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.setMinimumWidth(116)
        menu = QMenu(self)
        menu.addAction(tr("选择颜色…"), self._choose)
        menu.addAction(tr("按标准符号"), lambda: self.choose(""))
        if may_be_none:
            menu.addAction(tr("无"), lambda: self.choose(NONE))
        self.setMenu(menu)
        self.clicked.connect(self._choose)

    def show_value(self, value: str, standard: str) -> None:
        """Show a colour; ``standard`` is what "" stands for."""
        self.value, self._standard = value, standard
        shown = value or standard
        nothing = not shown or shown == NONE
        self.setText(tr("无") if nothing else value or tr("默认"))
        self.setIcon(QIcon() if nothing else _patch(shown))

    def choose(self, value: str) -> None:
        """Take a colour as a person would."""
        self.show_value(value, self._standard)
        self.changed.emit(value)

    def _choose(self) -> None:
        now = self.value if self.value not in ("", NONE) else self._standard
        chosen = QColorDialog.getColor(QColor(now or "#888888"), self, tr("颜色"))
        if chosen.isValid():
            self.choose(chosen.name().upper())


class ScaleBox(QSpinBox):
    """A scale denominator; 0 is no limit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0, 50_000_000)
        self.setSingleStep(500)
        self.setGroupSeparatorShown(True)
        self.setSpecialValueText(tr("不限"))
        self.setPrefix("1:")
        self.setKeyboardTracking(False)


def pen_chooser() -> QComboBox:
    """Outline styles with their pictures; data are their names, "" for the standard one."""
    box = QComboBox()
    box.setIconSize(_ICON)
    box.addItem(tr("默认"), "")
    for name in PENS:
        sign = Swatch("", _INK, GeometryKind.POLYGON, line_style=name, width=1.6)
        box.addItem(swatch_icon(sign, 24), tr(_PENS[name]), name)
    return box


def hatch_chooser() -> QComboBox:
    """Hatches with their pictures; data are their names, "" for the standard one."""
    box = QComboBox()
    box.setIconSize(_ICON)
    box.addItem(tr("默认"), "")
    box.addItem(tr("无"), NONE)
    for name in HATCHES:
        if name:
            sign = Swatch("", _INK, GeometryKind.POLYGON, hatch=_INK, hatch_style=name, width=1.0)
            box.addItem(swatch_icon(sign, 24), tr(_HATCHES[name]), name)
    return box


def colours_icon(colours: Sequence[str], *, ramp: bool) -> QIcon:
    """The colours of a ramp or a palette in a row."""
    picture = QPixmap(2 * 96, 2 * 14)
    picture.setDevicePixelRatio(2.0)
    painter = QPainter(picture)
    if ramp:
        gradient = QLinearGradient(0, 0, 96, 0)
        for number, colour in enumerate(colours):
            gradient.setColorAt(number / max(1, len(colours) - 1), QColor(colour))
        painter.fillRect(0, 0, 96, 14, gradient)
    else:
        for number, colour in enumerate(colours):
            left = round(96 * number / len(colours))
            painter.fillRect(left, 0, 96 - left, 14, QColor(colour))
    painter.end()
    return QIcon(picture)


def _patch(colour: str) -> QIcon:
    picture = QPixmap(32, 32)
    picture.setDevicePixelRatio(2.0)
    picture.fill(QColor(colour))
    return QIcon(picture)
