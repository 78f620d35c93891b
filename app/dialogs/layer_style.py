"""The style editor of a layer: symbol, classes, labels and scales, seen on the map at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSlider,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.messages import show_error
from app.dialogs.style_classes import Ask, ClassesEditor
from app.dialogs.style_labels import LabelEditor
from app.dialogs.style_parts import ScaleBox
from app.dialogs.style_sign import SignEditor
from app.panels.map_signs import ClassSign
from app.panels.widgets import label
from gis.draw.symbols import SymbolSet
from gis.errors import ParkLineError
from gis.text import mark, tr
from layers.spec import LayerSpec
from layers.styling.data import category_fields, number_fields
from layers.styling.style import STANDARD, LayerStyle, Renderer
from layers.styling.style_file import read_style, write_style
from layers.styling.symbols import plain_symbol

__all__ = ["LayerStyleDialog"]

_LEAST = 10  # per cent: a layer that is quite transparent is switched off in the tree instead
_RENDERERS = {
    Renderer.STANDARD: mark("标准符号"),
    Renderer.SINGLE: mark("单一符号"),
    Renderer.CATEGORIES: mark("按字段值分类"),
    Renderer.GRADUATED: mark("按数值分级"),
}


class LayerStyleDialog(QDialog):
    """``changed`` carries each new style for the map, ``applied`` one that is to be kept, ``copied`` one for another layer.

    Closing without applying gives back the style applied last.
    """

    changed = Signal(object)
    applied = Signal(object)
    copied = Signal(str, object)

    def __init__(
        self,
        spec: LayerSpec,
        style: LayerStyle,
        symbols: SymbolSet,
        ask: Ask,
        others: Sequence[tuple[str, str]] = (),
        folder: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.spec, self.style_, self._kept = spec, style, style
        self._folder = folder or Path.home()
        self._symbol = symbols.symbol(spec.name)
        self.setWindowTitle(tr("图层样式：{layer}", layer=spec.title))
        self.resize(560, 640)
        self.renderer = QComboBox()
        for kind, title in _RENDERERS.items():
            usable = {Renderer.CATEGORIES: category_fields(spec), Renderer.GRADUATED: number_fields(spec)}
            if usable.get(kind, [""]):
                self.renderer.addItem(tr(title), kind)
        self.sign = SignEditor(spec)
        self.classes = ClassesEditor(spec, self._symbol, ask)
        self.labels = LabelEditor(spec, self._symbol, symbols.halo)
        self._note = label("", "muted", wrap=True)
        single = QWidget()
        box = QVBoxLayout(single)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._note)
        box.addWidget(self.sign)
        box.addStretch(1)
        self._pages = QStackedWidget()
        self._pages.addWidget(single)
        self._pages.addWidget(self.classes)
        self.tabs = QTabWidget()
        self.tabs.addTab(self._symbol_page(), tr("符号"))
        self.tabs.addTab(self.labels, tr("标注"))
        self.tabs.addTab(self._view_page(), tr("显示"))
        layout = QVBoxLayout(self)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(self._file_buttons(others))
        layout.addWidget(self._buttons())
        self.renderer.activated.connect(lambda _: self._renderer_chosen())
        self.sign.changed.connect(lambda sign: self._tell(replace(self.style_, sign=sign)))
        self.classes.changed.connect(self._tell)
        self.labels.changed.connect(lambda text: self._tell(replace(self.style_, label=text)))
        self.strength.valueChanged.connect(
            lambda value: self._tell(replace(self.style_, opacity=value / 100))
        )
        self.nearest.valueChanged.connect(
            lambda value: self._tell(replace(self.style_, nearest=float(value)))
        )
        self.farthest.valueChanged.connect(
            lambda value: self._tell(replace(self.style_, farthest=float(value)))
        )
        self._show()

    def _symbol_page(self) -> QWidget:
        page = QWidget()
        form = QFormLayout()
        form.addRow(tr("显示方式"), self.renderer)
        box = QVBoxLayout(page)
        box.addLayout(form)
        box.addWidget(self._pages, 1)
        return page

    def _view_page(self) -> QWidget:
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(_LEAST, 100)
        self._percent = label("")
        self._percent.setFixedWidth(self.fontMetrics().horizontalAdvance("100 % "))
        self.nearest, self.farthest = ScaleBox(), ScaleBox()
        row = QHBoxLayout()
        row.addWidget(self.strength, 1)
        row.addWidget(self._percent)
        page = QWidget()
        form = QFormLayout(page)
        form.addRow(tr("不透明度"), row)
        form.addRow(tr("最大比例尺（放大到此为止）"), self.nearest)
        form.addRow(tr("最小比例尺（缩小到此为止）"), self.farthest)
        form.addRow("", label(tr("比例尺在此范围之外时，地图不画该图层。"), "muted", wrap=True))
        return page

    def _file_buttons(self, others: Sequence[tuple[str, str]]) -> QHBoxLayout:
        self.load, self.save = QPushButton(tr("读取样式…")), QPushButton(tr("保存样式…"))
        self.copy = QPushButton(tr("复制到图层"))
        menu = QMenu(self.copy)
        for name, title in others:
            menu.addAction(title, lambda name=name: self.copied.emit(name, self.style_))
        self.copy.setMenu(menu)
        self.load.clicked.connect(self._load)
        self.save.clicked.connect(self._save)
        row = QHBoxLayout()
        for button in (self.load, self.save, self.copy):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        self.reset = buttons.addButton(tr("恢复默认"), QDialogButtonBox.ButtonRole.ResetRole)
        self.revert = buttons.addButton(tr("还原"), QDialogButtonBox.ButtonRole.ResetRole)
        self.keep = buttons.addButton(tr("应用"), QDialogButtonBox.ButtonRole.ApplyRole)
        self.ok = buttons.addButton(tr("确定"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(tr("取消"), QDialogButtonBox.ButtonRole.RejectRole)
        self.reset.setToolTip(tr("本图层的标准样式"))
        self.revert.setToolTip(tr("上次应用时的样式"))
        self.reset.clicked.connect(lambda: self.take(STANDARD))
        self.revert.clicked.connect(lambda: self.take(self._kept))
        self.keep.clicked.connect(self._apply)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons

    # --- styles --------------------------------------------------------------------------------------

    @property
    def kept(self) -> LayerStyle:
        """The style applied last."""
        return self._kept

    def take(self, style: LayerStyle) -> None:
        """Another style in place of all that was chosen."""
        self.labels.begin_again(style.label)
        self._tell(style)

    def show_signs(self, signs: list[ClassSign]) -> None:
        """The signs and numbers of the classes as the map has them now."""
        if self.style_.by_field:
            self.classes.show_signs(signs)

    def _renderer_chosen(self) -> None:
        kind = Renderer(self.renderer.currentData())
        if kind is self.style_.renderer:
            return
        style = replace(self.style_, renderer=kind, field="", classes=(), ramp="", method="")
        if not style.by_field:
            self._tell(style)
            return
        # The map keeps what it shows until the classes are there.
        self.style_ = style
        self._show()
        self.classes.begin()

    def _tell(self, style: LayerStyle) -> None:
        self.style_ = style
        self._show()
        if not style.by_field or style.classes:
            self.changed.emit(style)

    def _show(self) -> None:
        style = self.style_
        self.renderer.setCurrentIndex(max(0, self.renderer.findData(style.renderer)))
        self._pages.setCurrentIndex(int(style.by_field))
        standard = style.renderer is Renderer.STANDARD
        classed = self._symbol.by_land_use or self._symbol.class_fills or self._symbol.class_lines
        self._note.setText(
            tr("按用途使用国家标准颜色；这里只改边线。") if self._symbol.by_land_use
            else tr("各类别使用标准符号；这里只改边线。") if classed
            else tr("使用标准符号；这里只改边线。")
        )  # fmt: skip
        self._note.setVisible(standard)
        self.sign.show_sign(
            style.sign, self._symbol if standard else plain_symbol(self._symbol), outline_only=standard
        )
        if style.by_field:
            self.classes.show_style(style)
        self.labels.show_label(style.label)
        self._percent.setText(f"{round(style.opacity * 100)} %")
        for box, value in (
            (self.strength, style.opacity * 100), (self.nearest, style.nearest), (self.farthest, style.farthest)
        ):  # fmt: skip
            box.blockSignals(True)
            box.setValue(round(value))
            box.blockSignals(False)
        unfinished = style.by_field and not style.classes
        self.keep.setEnabled(style != self._kept and not unfinished)
        self.ok.setEnabled(not unfinished)
        self.revert.setEnabled(style != self._kept)
        self.reset.setEnabled(style != STANDARD)
        self.save.setEnabled(not unfinished)
        self.copy.setEnabled(not unfinished)

    def _apply(self) -> None:
        self._kept = self.style_
        self.applied.emit(self.style_)
        self._show()

    # --- files ---------------------------------------------------------------------------------------

    def _load(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("读取样式"), str(self._folder), tr("样式文件 (*.toml)")
        )
        if path:
            self.load_from(Path(path))

    def load_from(self, path: Path) -> None:
        """Take the style of a file; what is wrong with it is said."""
        try:
            style = read_style(path, self.spec)
        except ParkLineError as error:
            show_error(self, error)
            return
        self._folder = path.parent
        self.take(style)

    def _save(self) -> None:
        start = self._folder / f"{self.spec.title}.toml"
        path, _ = QFileDialog.getSaveFileName(self, tr("保存样式"), str(start), tr("样式文件 (*.toml)"))
        if path:
            self.save_to(Path(path).with_suffix(".toml"))

    def save_to(self, path: Path) -> None:
        """Write the style to a file."""
        try:
            write_style(path, self.style_, self.spec)
        except ParkLineError as error:
            show_error(self, error)
            return
        self._folder = path.parent

    # --- closing -------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Keep the style and close."""
        if self.style_ != self._kept:
            self._apply()
        super().accept()

    def reject(self) -> None:
        """Back to the style applied last."""
        if self.style_ != self._kept:
            self.changed.emit(self._kept)
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """The window's own button is Cancel."""
        self.reject()
        event.accept()
