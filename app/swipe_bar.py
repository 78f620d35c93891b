"""Comparing two snapshots of the plan by a handle on the map: which two, and the end of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QToolButton

from app import theme
from app.canvas.map_canvas import MapCanvas
from app.canvas.swipe import Swipe
from app.panels.layer_tree import LayerTree
from app.panels.map_view import MapView
from app.panels.widgets import label
from gis.text import tr

__all__ = ["SwipeBar"]

_TOP = 10


class SwipeBar(QFrame):
    """Stands at the top of the map while two snapshots are compared. The right one is that of the layer tree."""

    ended = Signal()

    def __init__(self, view: MapView, layers: LayerTree) -> None:
        super().__init__(view.canvas)
        self._view, self._layers = view, layers
        self.swipe: Swipe | None = None
        colours = theme.current()
        self.setObjectName("swipe_bar")
        self.setStyleSheet(
            f"#swipe_bar {{ background: {colours.base}; border: 1px solid {colours.border}; border-radius: 5px; }}"
        )
        self.left, self.right = QComboBox(), QComboBox()
        away = QToolButton()
        away.setIcon(theme.icon("close", size=14))
        away.setToolTip(tr("结束卷帘对比"))
        away.setAutoRaise(True)
        away.clicked.connect(self.end)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 6, 4)
        layout.addWidget(label(tr("左"), "muted"))
        layout.addWidget(self.left)
        layout.addWidget(label(tr("右"), "muted"))
        layout.addWidget(self.right)
        layout.addWidget(away)
        self.left.currentIndexChanged.connect(self._chosen)
        self.right.currentIndexChanged.connect(self._right_chosen)
        layers.snapshot_changed.connect(self._follow)
        view.canvas.source_changed.connect(self.end)
        view.canvas.installEventFilter(self)
        self.hide()

    def begin(self, snapshots: Sequence[str]) -> None:
        """Compare the snapshot on the map with the one before it (the first with the second)."""
        now = self._view.snapshot
        at = max(list(snapshots).index(now) if now in snapshots else len(snapshots) - 1, 1)
        for box, chosen in ((self.left, at - 1), (self.right, at)):
            box.blockSignals(True)
            box.clear()
            for name in snapshots:
                box.addItem(name, name)
            box.setCurrentIndex(chosen)
            box.blockSignals(False)
        self._right_chosen()
        self.show()
        self._chosen()
        self.adjustSize()
        self._place()

    def end(self) -> None:
        """One map again."""
        if self.swipe is not None:
            self.swipe.stop()
            self.swipe = None
        if self.isVisible() or not self.isHidden():
            self.hide()
        self.ended.emit()

    def _right_chosen(self) -> None:
        self._layers.choose_snapshot(str(self.right.currentData()))
        self._chosen()

    def _follow(self, name: str) -> None:
        """The tree shows another snapshot: so does the right side."""
        if self.swipe is not None and self.right.currentData() != name:
            self.right.setCurrentIndex(self.right.findData(name))

    def _chosen(self) -> None:
        if self.isHidden():
            return
        source = self._view.snapshot_source(str(self.left.currentData()))
        if source is None:
            return
        titles = (str(self.left.currentData()), str(self.right.currentData()))
        if self.swipe is None:
            self.swipe = Swipe(self._canvas(), source, titles)
        else:
            self.swipe.show_left(source, titles)

    def _canvas(self) -> MapCanvas:
        return self._view.canvas

    def _place(self) -> None:
        self.move((self._canvas().width() - self.width()) // 2, _TOP)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay at the top of the map, whatever its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
