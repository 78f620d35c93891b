"""The classes of a layer: by which field, how divided, in which colours, and each with its own symbol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QInputDialog,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.style_parts import ScaleBox, colours_icon
from app.dialogs.style_sign import SignEditor
from app.panels.map_signs import ClassSign
from app.panels.swatches import swatch_icon
from app.panels.widgets import label
from gis.draw.ramps import palettes, ramps
from gis.draw.symbols import Symbol
from gis.text import mark, tr
from layers.codes import land_use_classes
from layers.spec import Field, LayerSpec
from layers.styling.data import LAND_USE_COLOURS, category_fields, number_fields
from layers.styling.making import (
    FieldSummary,
    categories,
    graduated,
    land_use_fields,
    merged,
    other_class,
    range_title,
    recoloured,
)
from layers.styling.style import LayerStyle, Renderer, StyleClass
from layers.styling.symbols import styled_symbol

__all__ = ["ClassesEditor"]

_METHODS = {
    "natural": mark("自然间断（Jenks）"),
    "quantile": mark("等数量（分位数）"),
    "equal": mark("等间距"),
    "pretty": mark("取整间距"),
    "own": mark("自定界限"),
}
_TITLE, _VALUES, _HIGH, _COUNT = range(4)
Ask = Callable[[Field, Callable[[FieldSummary], None]], None]


class ClassesEditor(QWidget):
    """``changed`` carries each new style. ``ask`` reads a field in the background."""

    changed = Signal(object)

    def __init__(self, spec: LayerSpec, symbol: Symbol, ask: Ask, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec, self._symbol, self._ask = spec, symbol, ask
        self._style, self._scheme = LayerStyle(), ""
        self._summary: FieldSummary | None = None
        self._signs: list[ClassSign] = []
        self.field, self.colours, self.method = QComboBox(), QComboBox(), QComboBox()
        self.colours.setIconSize(QSize(96, 14))
        for name, title in _METHODS.items():
            self.method.addItem(tr(title), name)
        self.count = QSpinBox()
        self.count.setRange(2, 12)
        self.count.setValue(5)
        self.form = QFormLayout()
        self.form.addRow(tr("字段"), self.field)
        self.form.addRow(tr("分级方法"), self.method)
        self.form.addRow(tr("级数"), self.count)
        self.form.addRow(tr("配色"), self.colours)
        self.table = QTableWidget(0, 4)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.setIconSize(QSize(22, 18))
        self.table.setMinimumHeight(150)
        self.table.setAccessibleName(tr("类别"))
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(_TITLE, QHeaderView.ResizeMode.Stretch)
        for column in (_VALUES, _HIGH, _COUNT):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        self.add, self.remove = QPushButton(tr("添加")), QPushButton(tr("删除"))
        self.merge, self.renew = QPushButton(tr("合并")), QPushButton(tr("重新分类"))
        buttons = QHBoxLayout()
        for button in (self.add, self.remove, self.merge, self.renew):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.sign = SignEditor(spec)
        self.nearest, self.farthest = ScaleBox(), ScaleBox()
        scales = QHBoxLayout()
        scales.addWidget(label(tr("该类别显示于"), "muted"))
        scales.addWidget(self.nearest)
        scales.addWidget(label(tr("到"), "muted"))
        scales.addWidget(self.farthest)
        scales.addStretch(1)
        self._of_class = QWidget()
        box = QVBoxLayout(self._of_class)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.sign)
        box.addLayout(scales)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self.form)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        layout.addWidget(self._of_class)
        self.field.activated.connect(lambda _: self._field_chosen())
        self.method.activated.connect(lambda _: self.make())
        self.count.valueChanged.connect(lambda _: self.make())
        self.colours.activated.connect(lambda _: self._recolour())
        self.table.itemChanged.connect(self._edited)
        self.table.itemSelectionChanged.connect(self._chosen)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.merge.clicked.connect(self._merge)
        self.renew.clicked.connect(self.make)
        self.sign.changed.connect(lambda sign: self._change_class(sign=sign))
        self.nearest.valueChanged.connect(lambda value: self._change_class(nearest=float(value)))
        self.farthest.valueChanged.connect(lambda value: self._change_class(farthest=float(value)))

    # --- showing -------------------------------------------------------------------------------------

    def show_style(self, style: LayerStyle) -> None:
        """Show the classes of a style by field."""
        kind_changed = style.renderer is not self._style.renderer
        self._style = style
        if kind_changed or not self.field.count():
            self._offer(style.renderer)
        self.field.setCurrentIndex(max(0, self.field.findData(style.field)))
        if style.ramp:
            self.colours.setCurrentIndex(max(0, self.colours.findData(style.ramp)))
        if style.method:
            self.method.setCurrentIndex(max(0, self.method.findData(style.method)))
        graded = style.renderer is Renderer.GRADUATED
        self.form.setRowVisible(self.method, graded)
        self.form.setRowVisible(self.count, graded)
        self._fill_table()

    def show_signs(self, signs: list[ClassSign]) -> None:
        """The pictures and numbers of the classes, as the layer tree has them."""
        self._signs = signs
        self._fill_table()

    def _offer(self, renderer: Renderer) -> None:
        graded = renderer is Renderer.GRADUATED
        self.field.clear()
        for name in number_fields(self._spec) if graded else category_fields(self._spec):
            self.field.addItem(self._spec.field(name).header, name)
        self.colours.clear()
        if not graded and land_use_fields(self._spec):
            inks = [item.colour for item in land_use_classes().values()][:9]
            self.colours.addItem(colours_icon(inks, ramp=False), tr("用地用海标准颜色"), LAND_USE_COLOURS)
        for name, entry in (ramps() if graded else palettes()).items():
            self.colours.addItem(colours_icon(entry.colours, ramp=graded), entry.title, name)
        if graded:
            return
        for name, entry in ramps().items():
            self.colours.addItem(colours_icon(entry.colours, ramp=True), entry.title, name)

    def _fill_table(self) -> None:
        graded = self._style.renderer is Renderer.GRADUATED
        chosen = self.chosen
        self.table.blockSignals(True)
        first = tr("下限") if graded else tr("值")
        self.table.setHorizontalHeaderLabels([tr("类别"), first, tr("上限"), tr("行数")])
        self.table.setColumnHidden(_HIGH, not graded)
        self.table.setRowCount(len(self._style.classes))
        shown = iter(self._signs)
        for row, item in enumerate(self._style.classes):
            sign = next(shown, None) if item.visible else None
            title = QTableWidgetItem(item.title)
            title.setFlags(title.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            title.setCheckState(Qt.CheckState.Checked if item.visible else Qt.CheckState.Unchecked)
            if sign is not None:
                title.setIcon(swatch_icon(sign.swatch, 22))
            self.table.setItem(row, _TITLE, title)
            texts = (_number(item.low), _number(item.high)) if graded else (_values(item), "")
            for column, text in zip((_VALUES, _HIGH), texts, strict=True):
                cell = QTableWidgetItem(text)
                if not graded or item.other:
                    cell.setFlags(cell.flags() & ~Qt.ItemFlag.ItemIsEditable)
                self.table.setItem(row, column, cell)
            count = "" if sign is None or sign.count is None else f"{sign.count:,}"
            cell = QTableWidgetItem(count)
            cell.setFlags(cell.flags() & ~Qt.ItemFlag.ItemIsEditable)
            cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, _COUNT, cell)
        self.table.blockSignals(False)
        for row in chosen or ([0] if self._style.classes else []):
            if row < self.table.rowCount() and row not in self.chosen:
                self.table.selectRow(row)
        self._chosen()

    @property
    def chosen(self) -> list[int]:
        """Places of the classes that are marked."""
        return sorted({index.row() for index in self.table.selectedIndexes()})

    def _chosen(self) -> None:
        rows = [row for row in self.chosen if row < len(self._style.classes)]
        self.remove.setEnabled(bool(rows) and len(rows) < len(self._style.classes))
        self.merge.setEnabled(len(rows) > 1)
        self._of_class.setEnabled(bool(rows))
        if rows:
            item = self._style.classes[rows[0]]
            self.sign.show_sign(item.sign, styled_symbol(self._style, self._symbol))
            for box, value in ((self.nearest, item.nearest), (self.farthest, item.farthest)):
                box.blockSignals(True)
                box.setValue(round(value))
                box.blockSignals(False)

    # --- making --------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Classes for a layer that had none of this kind."""
        preferred = self._spec.field(self._spec.label).name if self._spec.label else ""
        coded = [name for name in category_fields(self._spec) if self._spec.field(name).codes]
        measured = [name for name in number_fields(self._spec) if name.startswith("area")]
        graded = self._style.renderer is Renderer.GRADUATED
        first = next(iter(measured if graded else land_use_fields(self._spec) or coded), preferred)
        self.field.setCurrentIndex(max(0, self.field.findData(first)))
        self._field_chosen()

    def _field_chosen(self) -> None:
        self._summary = None
        self.make()

    def make(self) -> None:
        """Classes anew, from the field's values."""
        field = self._spec.field(self.field.currentData())
        if self._summary is not None and self._summary.field.name == field.name:
            self._made(self._summary)
            return
        schemes = [
            name
            for name in ("scheme", "land_use_scheme")
            if name in {item.name for item in self._spec.fields}
        ]
        if field.name in land_use_fields(self._spec) and schemes and not self._scheme:

            def scheme_known(found: FieldSummary) -> None:
                self._scheme = next((value for value, _ in found.values if value), "guide2023")
                self._ask(field, self._made)

            self._ask(self._spec.field(schemes[0]), scheme_known)
            return
        self._ask(field, self._made)

    def _made(self, found: FieldSummary) -> None:
        if found.field.name != self.field.currentData():
            return
        self._summary = found
        colours, method = self.colours.currentData(), self.method.currentData()
        if self._style.renderer is Renderer.GRADUATED:
            own = [
                bound for item in self._style.classes for bound in (item.low, item.high) if bound is not None
            ]
            if method == "own" and (not own or self._style.field != found.field.name):
                method = "equal"
                self.method.setCurrentIndex(self.method.findData(method))
            classes = graduated(found, self._symbol, method, self.count.value(), colours, own)
        else:
            if colours == LAND_USE_COLOURS and found.field.name not in land_use_fields(self._spec):
                colours = next(iter(palettes()))
                self.colours.setCurrentIndex(self.colours.findData(colours))
            method = ""
            classes = categories(found, self._symbol, colours, self._scheme)
        self._tell(replace(self._style, field=found.field.name, classes=classes, ramp=colours, method=method))

    def _recolour(self) -> None:
        colours = self.colours.currentData()
        classes = recoloured(self._style.classes, self._symbol, colours, self._scheme)
        self._tell(replace(self._style, classes=classes, ramp=colours))

    # --- editing -------------------------------------------------------------------------------------

    def _edited(self, item: QTableWidgetItem) -> None:
        row, column = item.row(), item.column()
        now = self._style.classes[row]
        if column == _TITLE:
            on = item.checkState() == Qt.CheckState.Checked
            self._tell(self._style.with_class(row, replace(now, title=item.text().strip()[:200], visible=on)))
            return
        try:
            bound = float(item.text().replace(",", "")) if item.text().strip() else None
        except ValueError:
            self._fill_table()  # what stood there before
            return
        low, high = (bound, now.high) if column == _VALUES else (now.low, bound)
        if low is not None and high is not None and low > high:
            self._fill_table()
            return
        title = range_title(low, high) if now.title == range_title(now.low, now.high) else now.title
        changed = replace(now, low=low, high=high, title=title)
        self._tell(replace(self._style.with_class(row, changed), method="own"))

    def _change_class(self, **values: object) -> None:
        style = self._style
        for row in self.chosen:
            style = style.with_class(row, replace(style.classes[row], **values))  # type: ignore[arg-type]
        self._tell(style)

    def _add(self) -> None:
        rows = self.chosen
        if self._style.renderer is Renderer.GRADUATED:
            self._split(rows[0] if rows else 0)
            return
        text, accepted = QInputDialog.getText(self, tr("添加类别"), tr("字段的值（空值留空）"))
        if accepted:
            self.add_value(text.strip())

    def add_value(self, value: str) -> None:
        """A class for one more value, before "all other values"."""
        taken = {one for item in self._style.classes for one in item.values}
        if value in taken or len(self._style.classes) >= 200:
            return
        classes = list(self._style.classes)
        at = next((number for number, item in enumerate(classes) if item.other), len(classes))
        classes.insert(at, StyleClass(title=value or tr("未填写"), values=(value,)))
        if not any(item.other for item in classes):
            classes.append(other_class())
        self._tell(replace(self._style, classes=tuple(classes)))
        self.table.selectRow(at)

    def _split(self, row: int) -> None:
        item = self._style.classes[row]
        if item.low is None or item.high is None or item.low == item.high:
            return
        middle = (item.low + item.high) / 2
        parts = [
            replace(item, low=low, high=high, title=range_title(low, high))
            for low, high in ((item.low, middle), (middle, item.high))
        ]
        classes = [*self._style.classes[:row], *parts, *self._style.classes[row + 1 :]]
        self._tell(replace(self._style, classes=tuple(classes), method="own"))

    def _remove(self) -> None:
        gone = set(self.chosen)
        kept = tuple(item for number, item in enumerate(self._style.classes) if number not in gone)
        if kept:
            self.table.clearSelection()
            self._tell(replace(self._style, classes=kept))

    def _merge(self) -> None:
        rows = self.chosen
        style = merged(self._style, rows)
        self.table.clearSelection()
        self._tell(replace(style, method="own") if style.renderer is Renderer.GRADUATED else style)
        self.table.selectRow(rows[0])

    def _tell(self, style: LayerStyle) -> None:
        self._style = style
        self.changed.emit(style)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.10g}"


def _values(item: StyleClass) -> str:
    if item.other:
        return ""
    return tr("、").join(value or tr("未填写") for value in item.values)
