"""The shared selection on the map: a few rows as outlines over the picture, many as a part of the picture itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.canvas.map_canvas import MapCanvas
from app.canvas.renderer import SelectedRows
from app.session import Session
from gis.progress import Progress
from layers.registry import LAYERS

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["MapSelection"]

_MOST_OUTLINES = (
    1000  # more cannot be painted on every event; they are drawn by the renderer, from the map's tables
)


class MapSelection(QObject):
    """Follows the session; rows are read in a worker, and only the answer to the newest question counts."""

    def __init__(self, session: Session, canvas: MapCanvas, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._canvas = session, canvas
        self._asked = 0
        session.selection_changed.connect(self.show_rows)

    def reload(self) -> None:
        """Rows were written: what is selected may lie elsewhere now."""
        self.show_rows(*self._session.selected)

    def show_rows(self, table: str, uuids: Sequence[str]) -> None:
        """Show another selection."""
        self._asked += 1
        asked, chosen = self._asked, list(uuids)
        if not chosen or table not in {spec.name for spec in LAYERS}:
            self._show([], None)
            return
        many = len(chosen) > _MOST_OUTLINES

        def work(project: Project, _progress: Progress) -> tuple[list[Any], SelectedRows | None]:
            from gis.store.base import Condition

            where = [Condition("uuid", "in", chosen)]
            if many:
                rows = project.store.read(table, where=where, columns=[], geometry=False)
                return [], SelectedRows(table, rows.index.to_numpy(dtype="int64"))
            frame = project.read(table, where=where, columns=[])
            return [shape for shape in frame.geometry if shape is not None and not shape.is_empty], None

        def done(found: tuple[list[Any], SelectedRows | None]) -> None:
            if asked == self._asked:
                self._show(*found)

        self._session.read(work, done, quiet=True, owner=self)

    def _show(self, outlines: list[Any], rows: SelectedRows | None) -> None:
        self._canvas.select(outlines)
        self._canvas.select_rows(rows)
