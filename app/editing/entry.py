"""Entering a polygon by its boundary points: from the dialog to the stored row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.editing.painting import area_text
from gis.text import tr
from layers.registry import layer

if TYPE_CHECKING:
    from app.dialogs.boundary_points import BoundaryPointsDialog
    from app.editing.mode import EditMode

__all__ = ["BoundaryEntryCommand"]


class BoundaryEntryCommand(QObject):
    """One dialog at a time; what was entered stays in it until it is stored."""

    def __init__(self, mode: EditMode, window: QWidget) -> None:
        super().__init__(window)
        self._mode, self._window = mode, window
        self._dialog: BoundaryPointsDialog | None = None
        self._layer = ""
        mode.state_changed.connect(self._mode_changed)

    def open(self) -> None:
        """Ask for the points."""
        from app.dialogs.boundary_points import BoundaryPointsDialog

        if self._dialog is not None:
            self._dialog.raise_()
            return
        self._layer = self._mode.layer
        title = tr("录入界址点：新增{layer}", layer=layer(self._layer).title)
        dialog = BoundaryPointsDialog(self._mode.epsg, self._mode.latest, title, self._window)
        dialog.place_wanted.connect(self._mode.canvas.fly_to)
        dialog.understood.connect(self._look)
        dialog.buttons.accepted.disconnect()
        dialog.buttons.accepted.connect(self._ask_values)
        dialog.finished.connect(self._closed)
        self._dialog = dialog
        dialog.show()

    def _mode_changed(self) -> None:
        if self._dialog is not None and (not self._mode.on or self._mode.layer != self._layer):
            self._dialog.reject()

    def _closed(self) -> None:
        dialog, self._dialog = self._dialog, None
        self._mode.canvas.overlay.flash(None)
        if dialog is not None:
            dialog.deleteLater()

    def _look(self) -> None:
        """Find out what the polygon lies on."""
        dialog = self._dialog
        if dialog is None or dialog.entry is None:
            return
        from layers.editing.operations import box_around

        shape, name = dialog.entry.geometry, self._layer

        def work(around: Any) -> float:
            from gis.editing.conflicts import conflicts

            found = conflicts(shape, around.geometries[around.positions(name)], sliver_width=0.0)
            return sum(one.area for one in found if one.kind.value == "overlap")

        def done(overlap: float) -> None:
            if self._dialog is dialog and overlap:
                dialog.show_conflicts(tr("与已有图形重叠 {area}", area=area_text(overlap)))

        self._mode.ask_around(box_around(shape), work, done)

    def _ask_values(self) -> None:
        dialog = self._dialog
        if dialog is None or dialog.entry is None:
            return
        from app.dialogs.new_row import NewRowDialog

        overlap = dialog.conflicts.text()
        about = "\n".join(text for text in (dialog.figures.text(), overlap) if text)
        values = NewRowDialog(self._layer, about, overlaps=bool(overlap), parent=dialog)
        values.accepted.connect(lambda: self._store(values))
        values.finished.connect(values.deleteLater)
        values.open()

    def _store(self, values: Any) -> None:
        dialog = self._dialog
        if dialog is None or dialog.entry is None:
            return
        from layers.editing.operations import drawn

        shape = dialog.entry.geometry
        operation = drawn(self._layer, shape, values.values(), gives_way=values.gives_way())

        def done() -> None:
            if self._dialog is dialog:
                dialog.accept()
            self._mode.canvas.fly_to(shape)

        self._mode.submit(operation, done, lambda: None)
