"""Selecting rows from the map: what a click, a box or a polygon means, in workers, shared through the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.panels.layer_tree import LayerTree
from app.panels.map_view import MapView
from app.session import Session
from gis.text import tr
from layers.registry import layer
from layers.selecting.combine import Combine, combined

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.project import Project

__all__ = ["Selector"]


class Selector(QObject):
    """Selects in the layer marked in the tree; with none marked, in the topmost layer that has something there."""

    said = Signal(str)  # for the status bar

    def __init__(self, session: Session, layers: LayerTree, view: MapView, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._layers, self._view = session, layers, view
        view.canvas.area_chosen.connect(self.select_area)
        view.canvas.place_chosen.connect(self.select_place)

    def select_area(self, area: Any, how: Combine) -> None:
        """Select what shares a point with a polygon of the project's plane."""
        names, snapshot, day = self._meant(how), self._view.snapshot, self._session.map_day

        def work(project: Project, progress: Progress) -> tuple[str, list[str]]:
            from layers.selecting.by_area import rows_in_area

            return rows_in_area(project, names, snapshot, area, progress, day=day)

        self._session.read(
            work, lambda found: self.take(found[0], found[1], how), title=tr("选择要素"), owner=self
        )

    def select_place(self, x: float, y: float, tolerance: float, how: Combine) -> None:
        """Select the one row that a click means."""
        names, snapshot, day = self._meant(how), self._view.snapshot, self._session.map_day

        def work(project: Project, _progress: Progress) -> tuple[str, list[str]]:
            from layers.identify import identify

            hits = identify(project, names, snapshot, x, y, tolerance, day=day)
            return (hits[0].table, [hits[0].uuid]) if hits else ("", [])

        self._session.read(work, lambda found: self.take(found[0], found[1], how), quiet=True, owner=self)

    def take(self, table: str, found: Sequence[str], how: Combine) -> None:
        """Make rows found, together with those selected before, the selection."""
        before, earlier = self._session.selected
        rows: list[str]
        if how is Combine.WITHIN and not found:
            rows = []
        elif not found or how is Combine.NEW:
            table, rows = (table, list(dict.fromkeys(found))) if how is Combine.NEW else (before, earlier)
        elif table == before or not earlier:
            rows = combined(earlier if table == before else [], found, how)
        elif how in {Combine.ADD, Combine.TOGGLE}:  # a selection is of one layer
            rows = list(dict.fromkeys(found))
        else:
            self.said.emit(tr("已选的是“{layer}”中的行，换一个图层只能新建选择。", layer=layer(before).title))
            return
        self._session.select(table if rows else "", rows)
        if rows:
            self.said.emit(tr("{layer}：选中 {count} 行。", layer=layer(table).title, count=f"{len(rows):,}"))
        else:
            self.said.emit(tr("没有选中要素（只找图层列表中选定的图层）。"))

    def invert(self) -> None:
        """Select all other rows that the map shows of the layer; all of them if nothing is selected."""
        table, rows = self._session.selected
        name = table or self._layers.current
        if not name:
            self.said.emit(tr("先在图层列表中选择一个图层。"))
            return
        snapshot, day = self._view.snapshot, self._session.map_day

        def work(project: Project, _progress: Progress) -> list[str]:
            from layers.shown_rows import shown_uuids

            chosen = set(rows)
            return [uuid for uuid in shown_uuids(project, name, snapshot, day) if uuid not in chosen]

        self._session.read(
            work, lambda found: self.take(name, found, Combine.NEW), title=tr("反选"), owner=self
        )

    def by_attributes(self) -> None:
        """Ask what the rows hold that are to be selected."""
        from app.dialogs.select_attributes import SelectAttributesDialog

        self._ask(SelectAttributesDialog)

    def by_location(self) -> None:
        """Ask where the rows lie that are to be selected."""
        from app.dialogs.select_location import SelectLocationDialog

        self._ask(SelectLocationDialog)

    def _ask(self, kind: Callable[..., Any]) -> None:
        table = self._session.selected[0] or self._layers.current or "parcel"
        dialog = kind(self._session, self._layers.current or table, self._view.snapshot, self._view.window())
        dialog.found.connect(self.take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def zoom(self, one: Callable[[str, str], None]) -> None:
        """Show all selected rows; ``one`` shows a single one, in its own way."""
        table, rows = self._session.selected
        if len(rows) == 1:
            one(table, rows[0])
            return
        if not rows:
            self.said.emit(tr("没有选中的要素。"))
            return

        def work(project: Project, progress: Progress) -> Any:
            from layers.selecting.by_area import extent_of

            return extent_of(project, table, rows, progress)

        def done(box: Any) -> None:
            if box is None:
                self.said.emit(tr("选中的记录没有图形，无法定位。"))
            else:
                self._view.canvas.zoom_to(box)

        self._session.read(work, done, title=tr("缩放到所选"), owner=self)

    def _meant(self, how: Combine) -> list[str]:
        """The layers that may be meant, the likeliest first."""
        from layers.identify import meant_first

        table, rows = self._session.selected
        visible = self._view.shown_layers
        if how is not Combine.NEW and rows and table in visible:
            return [table]
        if self._layers.current in visible:
            return [str(self._layers.current)]
        return meant_first(list(reversed(visible)))
