"""The commands of editing: the toolbar that is there while editing is on, and the same in the menu."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QComboBox, QMainWindow, QMenu, QToolBar, QToolButton, QWidget

from app import theme
from app.editing.entry import BoundaryEntryCommand
from app.editing.mode import EDITABLE, EditMode
from app.editing.snapping import KINDS, TOLERANCES
from app.editing.toolbox import TOOLS
from app.panels.widgets import label
from gis.text import tr
from layers.registry import layer

__all__ = ["EditBar"]


class EditBar(QToolBar):
    """Layer, tools, snapping, and the end of editing; hidden while editing is off."""

    def __init__(
        self, window: QMainWindow, mode: EditMode, switch: QAction, pan: QAction, tools: QActionGroup
    ) -> None:
        """``switch`` turns editing on and off; ``tools`` are all map tools, of which one is in hand."""
        super().__init__(tr("编辑工具栏"), window)
        self._mode, self._switch, self._pan = mode, switch, pan
        self.setObjectName("edit_toolbar")
        self.setMovable(False)
        self.toggleViewAction().setEnabled(False)
        self.setIconSize(QSize(18, 18))
        self.layers = QComboBox()
        for name in EDITABLE:
            self.layers.addItem(layer(name).title, name)
        self.layers.setCurrentIndex(self.layers.findData(mode.layer))
        self.layers.setToolTip(tr("正在编辑的图层"))
        self.layers.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.layers.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.layers.activated.connect(self._layer_chosen)
        self.actions_: dict[str, QAction] = {}
        for entry in TOOLS:
            action = QAction(theme.icon(entry.icon), tr(entry.text), window)
            action.setCheckable(True)
            action.setShortcut(QKeySequence(entry.shortcut))
            action.setStatusTip(tr(entry.tip))
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{tr(entry.text)} ({keys})\n{tr(entry.tip)}")
            action.triggered.connect(lambda _on=False, kind=entry.kind: mode.take(kind))
            tools.addAction(action)
            self.actions_[entry.name] = action
        self.entry = BoundaryEntryCommand(mode, window)
        self.points = QAction(theme.icon("edit-points"), tr("录入界址点"), window)
        self.points.setShortcut(QKeySequence("Shift+D"))
        self.points.setToolTip(tr("录入界址点 (Shift+D)\n输入或粘贴界址点坐标（TXT、Excel），生成一个新的面"))
        self.points.triggered.connect(lambda _on=False: self.entry.open())
        self.snap = self._snap_button(window)
        self.finish = QToolButton()
        self.finish.setText(tr("结束编辑"))
        self.finish.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.finish.setIcon(theme.icon("tick-plain"))
        self.finish.clicked.connect(lambda: mode.stop())
        window.addToolBarBreak()
        window.addToolBar(self)
        self.addWidget(label(tr("编辑"), "heading"))
        self.addWidget(self.layers)
        self.addSeparator()
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for action in self.menu_actions():
            self.addAction(action)
        self.addSeparator()
        self.addWidget(self.snap)
        room = QWidget()
        room.setSizePolicy(
            self.layers.sizePolicy().Policy.Expanding, self.layers.sizePolicy().Policy.Preferred
        )
        self.addWidget(room)
        self.addWidget(self.finish)
        switch.triggered.connect(self._switched)
        mode.state_changed.connect(self.refresh)
        mode.snapping.changed.connect(self._show_snapping)
        self.refresh()
        self._show_snapping()

    def _snap_button(self, window: QMainWindow) -> QToolButton:
        button = QToolButton()
        self.snap_switch = QAction(theme.icon("snap"), tr("捕捉"), window)
        self.snap_switch.setCheckable(True)
        self.snap_switch.setToolTip(
            tr("捕捉 (S)\n光标靠近界址点、边、交点、延长线或直角时取准确位置；按住 Alt 暂不捕捉")
        )
        self.snap_switch.toggled.connect(self._snapping_switched)
        menu = QMenu(button)
        self.kinds: dict[str, QAction] = {}
        for kind, title in KINDS.items():
            action = menu.addAction(tr(title))
            action.setCheckable(True)
            action.toggled.connect(lambda on, kind=kind: self._kind_switched(kind, on))
            self.kinds[kind] = action
        menu.addSeparator()
        distances = QActionGroup(menu)
        self.distances: dict[int, QAction] = {}
        for pixels in TOLERANCES:
            action = menu.addAction(tr("距离 {pixels} 像素", pixels=pixels))
            action.setCheckable(True)
            distances.addAction(action)
            action.triggered.connect(
                lambda _on=False, pixels=pixels: self._mode.snapping.set_tolerance(pixels)
            )
            self.distances[pixels] = action
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.setMenu(menu)
        button.setDefaultAction(self.snap_switch)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def menu_actions(self) -> list[QAction]:
        """The tools, for the menu."""
        first, *others = self.actions_.values()
        return [first, self.points, *others]

    def shortcuts(self) -> list[tuple[str, str]]:
        """Every tool with its key."""
        native = QKeySequence.SequenceFormat.NativeText
        found = [(action.text(), action.shortcut().toString(native)) for action in self.menu_actions()]
        return [*found, (tr("捕捉"), "S")]

    # --- following the mode --------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what the mode is in."""
        mode, hindrance = self._mode, self._mode.hindrance()
        self.setVisible(mode.on)
        self._switch.setEnabled(not hindrance)
        self._switch.setChecked(mode.on)
        self._switch.setToolTip(
            f"{self._switch.iconText()}\n{hindrance}" if hindrance else self._switch.toolTip()
        )
        self.layers.setCurrentIndex(self.layers.findData(mode.layer))
        self.points.setEnabled(mode.on)
        tool = mode.tool
        for entry in TOOLS:
            action = self.actions_[entry.name]
            action.setEnabled(mode.on)
            if tool is not None and type(tool) is entry.kind:
                action.setChecked(True)
        if tool is None and any(action.isChecked() for action in self.actions_.values()):
            self._pan.setChecked(True)

    def _switched(self, on: bool) -> None:
        if on:
            self._mode.start()
        else:
            self._mode.stop()
        self.refresh()

    def _layer_chosen(self, index: int) -> None:
        self._mode.set_layer(str(self.layers.itemData(index)))
        self._mode.canvas.setFocus()

    def _show_snapping(self) -> None:
        snapping = self._mode.snapping
        self.snap_switch.setChecked(snapping.on)
        for kind, action in self.kinds.items():
            action.setChecked(kind in snapping.kinds)
        for pixels, action in self.distances.items():
            action.setChecked(pixels == snapping.tolerance)

    def _snapping_switched(self, on: bool) -> None:
        if on != self._mode.snapping.on:
            self._mode.snapping.set_on(on)

    def _kind_switched(self, kind: str, on: bool) -> None:
        if on != (kind in self._mode.snapping.kinds):
            self._mode.snapping.set_kind(kind, on)
