"""The map in the window: hands the session's project and the layer tree's wishes to the canvas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import theme
from app.canvas.map_canvas import MapCanvas
from app.canvas.source import LayerState, ProjectSource
from app.canvas.tools.base import Tool
from app.canvas.tools.navigate import Identify, Navigate
from app.panels.layer_tree import LayerTree, Swatch
from app.panels.legend import Legend
from app.session import Session
from gis.draw.symbols import symbol_set
from gis.progress import Progress
from gis.text import tr
from layers.registry import LAYERS
from layers.spec import GeometryKind, LayerSpec

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["MapView"]

_HIDDEN_AT_FIRST = ("transfer", "investment", "observation")  # they lie on the parcels and hide them
# A click means the parcel or the building first, and what it lies in only where there is neither.
_CONTAINERS = ("land_use", "block_line", "park", "unit")
_SELECTION_LIMIT = 1000
_TOOLS: dict[str, type[Tool]] = {"pan": Navigate, "identify": Identify}
_ZOOM_STEP = 1.6
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a project has to show, read in a worker."""

    source: ProjectSource
    counts: dict[str, int]
    snapshots: list[str]
    fills: dict[str, str]
    classes: list[tuple[str, str]]
    extent: Box | None


class MapView(QWidget):
    """A canvas and what connects it to the session, the layer tree and the legend."""

    position_changed = Signal(float, float)
    scale_changed = Signal(float)
    picked = Signal(str, str)  # table, uuid

    def __init__(
        self, session: Session, layers: LayerTree, legend: Legend, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._layers, self._legend = session, layers, legend
        self._source: ProjectSource | None = None
        self._remark = ""
        self._colours: dict[str, str] = {}
        self._classes: list[tuple[str, str]] = []
        self.canvas = MapCanvas()
        self.canvas.set_tool(Navigate(self.canvas))
        self.canvas.set_dark(theme.current() is theme.DARK)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self.canvas.coordinate_moved.connect(self.position_changed)
        self.canvas.extent_changed.connect(self._tell_scale)
        self.canvas.identified.connect(self._identify)
        layers.visibility_changed.connect(self._layers_changed)
        layers.order_changed.connect(self._layers_changed)
        layers.colour_changed.connect(self._colour_changed)
        layers.snapshot_changed.connect(self._snapshot_changed)
        layers.zoom_wanted.connect(self.zoom_to_layer)
        session.project_opened.connect(self._open)
        session.project_changed.connect(self._rows_changed)
        session.project_closed.connect(self._close)
        session.selection_changed.connect(self._show_selection)
        if session.project is not None:
            self._open(session.project)

    # --- the project ---------------------------------------------------------------------------------

    def _open(self, project: Any) -> None:
        self._remark = tr("示例数据 · 示意界线") if project.is_demo else ""
        self._load(fresh=True)

    def _load(self, *, fresh: bool) -> None:
        source = self._source

        def work(project: Project, progress: Progress) -> _Contents:
            progress(0.0, tr("读取图层"))
            return _contents(project, None if fresh else source)

        def done(contents: _Contents) -> None:
            self._show(contents, fresh=fresh)

        self._session.read(work, done, title=tr("读取图层"), owner=self)

    def _show(self, contents: _Contents, *, fresh: bool) -> None:
        self._source, self._classes = contents.source, contents.classes
        visible = self._layers.visible_layers
        if fresh:
            self._colours = {}
            visible = [spec.name for spec in LAYERS if spec.name not in _HIDDEN_AT_FIRST]
        order = self._layers.order
        specs = (
            sorted(LAYERS, key=lambda spec: order.index(spec.name)) if order and not fresh else list(LAYERS)
        )
        self._layers.show_layers(specs, visible, self._swatches(), contents.counts)
        snapshot = contents.source.snapshot or (contents.snapshots[-1] if contents.snapshots else "")
        contents.source.snapshot = snapshot
        self._layers.show_snapshots(contents.snapshots, snapshot)
        if fresh:
            self.canvas.set_source(contents.source, contents.fills)  # takes an old banner away
            self.canvas.set_banner(self._remark)
            if contents.extent is not None:
                self.canvas.zoom_to(contents.extent, 0.04)
        self._layers_changed()
        self._show_selection(*self._session.selected)

    def _rows_changed(self) -> None:
        if self._source is not None:
            self._source.forget()
            self._load(fresh=False)

    def _close(self) -> None:
        self._source = None
        self.canvas.set_source(None)
        self.canvas.set_banner("")
        self._layers.clear()

    def shut_down(self) -> None:
        """End the canvas's worker; called once before the window goes."""
        self.canvas.shut_down()

    # --- layers --------------------------------------------------------------------------------------

    def _swatches(self) -> dict[str, Swatch]:
        symbols = symbol_set(theme.current().name)
        found = {}
        for spec in LAYERS:
            symbol = symbols.symbol(spec.name)
            kind = spec.geometry[0] if spec.geometry else GeometryKind.POINT
            colour = self._colours.get(spec.name, "")
            fill = colour or symbol.fill if symbol.fill else ""
            found[spec.name] = Swatch(fill, symbol.line or colour or symbols.text, kind)
        return found

    def _layers_changed(self, *_: object) -> None:
        visible = set(self._layers.visible_layers)
        order = self._layers.order
        self.canvas.set_layers(
            [LayerState(name, name in visible, colour=self._colours.get(name, "")) for name in order]
        )
        self._legend.show_signs([name for name in order if name in visible], self._swatches(), self._classes)

    def _colour_changed(self, name: str, colour: str) -> None:
        self._colours[name] = colour
        self._layers_changed()

    def _snapshot_changed(self, name: str) -> None:
        if self._source is not None:
            self._source.snapshot = name
            self.canvas.refresh()

    # --- selecting -----------------------------------------------------------------------------------

    def _identify(self, x: float, y: float, tolerance: float) -> None:
        visible = list(reversed(self._layers.visible_layers))
        names = [name for name in visible if name not in _CONTAINERS]
        names += [name for name in _CONTAINERS if name in visible]
        snapshot = self._source.snapshot if self._source is not None else ""

        def work(project: Project, _progress: Progress) -> tuple[str, str] | None:
            return _hit(project, names, snapshot, x, y, tolerance)

        def done(found: tuple[str, str] | None) -> None:
            if found is None:
                self._session.select("", [])
            else:
                self.picked.emit(*found)

        self._session.read(work, done, quiet=True, owner=self)

    def _show_selection(self, table: str, uuids: Sequence[str]) -> None:
        chosen = list(uuids)[:_SELECTION_LIMIT]
        if not chosen or table not in {spec.name for spec in LAYERS}:
            self.canvas.select([])
            return

        def work(project: Project, _progress: Progress) -> list[Any]:
            from gis.store.base import Condition

            frame = project.read(table, where=[Condition("uuid", "in", chosen)], columns=[])
            return [shape for shape in frame.geometry if shape is not None and not shape.is_empty]

        self._session.read(work, self.canvas.select, quiet=True, owner=self)

    # --- moving --------------------------------------------------------------------------------------

    def extent(self) -> Box:
        """The box that is seen, in metres of the project's plane."""
        return self.canvas.extent()

    def set_tool(self, name: str) -> None:
        """``pan`` or ``identify``."""
        self.canvas.set_tool(_TOOLS[name](self.canvas))

    def zoom_in(self) -> None:
        """Closer."""
        self.canvas.zoom_by(_ZOOM_STEP)

    def zoom_out(self) -> None:
        """Farther."""
        self.canvas.zoom_by(1 / _ZOOM_STEP)

    def zoom_all(self) -> None:
        """Everything there is."""
        self.canvas.zoom_full()

    def set_scale(self, denominator: float) -> None:
        """1:n about the same centre."""
        self.canvas.set_scale(denominator)

    def zoom_to_layer(self, name: str) -> None:
        """The extent of one layer."""

        def done(box: Box | None) -> None:
            if box is not None:
                self.canvas.zoom_to(box)

        self._session.read(
            lambda project, _progress: project.store.bounds(name), done, quiet=True, owner=self
        )

    def fly_to(self, geometry: Any) -> None:
        """Show a geometry and let it flash."""
        self.canvas.fly_to(geometry)

    def _tell_scale(self) -> None:
        self.scale_changed.emit(self.canvas.scale_denominator())


def _contents(project: Project, source: ProjectSource | None) -> _Contents:
    """Counts, snapshots, colours and extent; in a worker."""
    from app.folders import map_cache
    from layers.land_use_codes import land_use_classes

    source = source if source is not None else ProjectSource(project, map_cache(project.path))
    classes = land_use_classes()
    return _Contents(
        source=source,
        counts={spec.name: project.store.count(spec.name) for spec in LAYERS},
        snapshots=[item.name for item in project.snapshots()],
        fills={key: item.colour for key, item in classes.items()},
        classes=[(item.title, item.colour) for item in classes.values()],
        extent=source.extent(),
    )


def _hit(
    project: Project, names: Sequence[str], snapshot: str, x: float, y: float, tolerance: float
) -> tuple[str, str] | None:
    """The topmost row within the tolerance: of one layer the nearest, of equally near ones the smallest."""
    import numpy as np
    import shapely

    from gis.store.base import Condition
    from layers.registry import layer

    point = shapely.Point(x, y)
    box = (x - tolerance, y - tolerance, x + tolerance, y + tolerance)
    for name in names:
        spec: LayerSpec = layer(name)
        where = [Condition("snapshot", "=", snapshot)] if name == "land_use" and snapshot else []
        frame = project.read(name, bbox=box, where=where, columns=[])
        if frame.empty or not spec.geometry:
            continue
        shapes = frame.geometry.to_numpy()
        distance = shapely.distance(shapes, point)
        if not bool((distance <= tolerance).any()):
            continue
        best = np.lexsort((shapely.area(shapes), np.where(distance <= tolerance, distance, np.inf)))[0]
        return name, str(frame["uuid"].iloc[int(best)])
    return None
