"""The map in the window: hands the session's project and the layer tree's wishes to the canvas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import theme
from app.canvas.first_note import FirstNote
from app.canvas.map_canvas import MapCanvas
from app.canvas.source import LayerSource, LayerState, ProjectSource, SnapshotSource
from app.canvas.tools.base import Tool
from app.canvas.tools.measure import MeasureArea, MeasureLength
from app.canvas.tools.navigate import Identify, Navigate
from app.canvas.tools.select import SelectBox, SelectClick, SelectPolygon
from app.map_state import MapState
from app.panels.layer_tree import LayerTree
from app.panels.legend import Legend
from app.panels.map_selection import MapSelection
from app.panels.map_signs import ClassSign, by_use, class_signs, field_title, legend_signs, tree_sign
from app.panels.widgets import label
from app.session import Session
from gis.progress import Progress, silent
from gis.text import tr
from layers.registry import LAYERS, layer
from layers.styling.style import STANDARD, LayerStyle

if TYPE_CHECKING:
    from layers.identify import Hit
    from layers.project import Project

__all__ = ["TOOLS", "MapView"]

_HIDDEN_AT_FIRST = ("transfer", "investment", "observation")  # they lie on the parcels and hide them
# Name of the action → the tool on a canvas whose plane has that EPSG code.
TOOLS: dict[str, Callable[[MapCanvas, int], Tool]] = {
    "pan": lambda canvas, _epsg: Navigate(canvas),
    "identify": lambda canvas, _epsg: Identify(canvas),
    "select_click": lambda canvas, _epsg: SelectClick(canvas),
    "select_box": lambda canvas, _epsg: SelectBox(canvas),
    "select_polygon": lambda canvas, _epsg: SelectPolygon(canvas),
    "measure_length": MeasureLength,
    "measure_area": MeasureArea,
}
_ZOOM_STEP = 1.6
_NOWHERE = (
    500_000.0,
    3_600_000.0,
    500.0,
)  # where an empty map looks: the middle of China in any 3-degree plane
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a project has to show, read in a worker. ``uses`` is (title, colour) of each land-use class.

    ``counts`` may hold past rows as well, where counting would keep the map waiting; the tree is told later.
    ``styles`` are those of the project file, None where the settings hold them.
    """

    source: ProjectSource
    counts: dict[str, int]
    snapshots: list[str]
    uses: dict[str, tuple[str, str]]
    extent: Box | None
    styles: dict[str, LayerStyle] | None


class MapView(QWidget):
    """A canvas and what connects it to the session, the layer tree and the legend."""

    position_changed = Signal(float, float)
    scale_changed = Signal(float)
    classes_counted = Signal()  # a picture told which classes occur, and how often
    project_shown = Signal()  # a project is there, and what was decided about its map
    identified = Signal(list)  # Hits, the one that is meant first; empty where there is nothing

    def __init__(
        self, session: Session, layers: LayerTree, legend: Legend, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._layers, self._legend = session, layers, legend
        self._source: ProjectSource | None = None
        self._remark = ""
        self._uses: dict[str, tuple[str, str]] = {}
        self._counts: dict[str, int] = {}
        self._snapshots: list[str] = []
        self._classes: dict[str, tuple[dict[str, int], bool]] = {}
        self.canvas = MapCanvas()
        self.canvas.set_tool(Navigate(self.canvas))
        self.canvas.set_dark(theme.current() is theme.DARK)
        self.first_note = FirstNote(self.canvas)
        self.hint = label(
            tr("项目里还没有数据。\n用“导入数据”（Ctrl+I）选择文件，或把文件拖到这里。"), "muted"
        )
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hint.hide()
        over = QVBoxLayout(self.canvas)
        over.addWidget(self.hint)
        self._empty = True
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self.canvas.coordinate_moved.connect(self.position_changed)
        self.canvas.extent_changed.connect(self._looked_elsewhere)
        self.canvas.identified.connect(self._identify)
        self.canvas.picture_ready.connect(self._picture_there)
        self.canvas.failed.connect(session.tasks.release)
        session.map_first = True
        layers.visibility_changed.connect(self._layers_changed)
        layers.order_changed.connect(self._layers_changed)
        layers.opened.connect(self._lines_opened)
        layers.snapshot_changed.connect(self._snapshot_changed)
        layers.zoom_wanted.connect(self.zoom_to_layer)
        session.project_opened.connect(self._open)
        session.project_changed.connect(self._rows_changed)
        session.rewritten.connect(self._rewritten)
        session.project_closed.connect(self._close)
        session.map_day_changed.connect(self._day_changed)
        self._selection = MapSelection(session, self.canvas, self)
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

        self._session.read(work, done, title=tr("读取图层"), owner=self, first=fresh, quiet=not fresh)
        if fresh:
            self._session.read(_counts, self._counted, quiet=True, owner=self)

    def _counted(self, counts: dict[str, int]) -> None:
        if counts != self._counts and self._session.map_state is not None:
            self._counts = counts
            self._show_tree(self._session.map_state)
            self._show_legend(self._session.map_state)

    def _show(self, contents: _Contents, *, fresh: bool) -> None:
        same = (contents.counts, contents.snapshots) == (self._counts, self._snapshots)
        if same and not fresh and self._empty == (contents.extent is None):
            self._selection.reload()  # an edit: tree and legend say what they said
            return
        self._snapshots = contents.snapshots
        self._source, self._uses, self._counts = contents.source, contents.uses, contents.counts
        state = self._session.map_state
        if fresh and contents.styles is not None:
            state = state if state is not None else self._first_state()
            state.styles = contents.styles
        if state is None:
            state = self._first_state()
        self._session.map_state = state
        self._show_tree(state)
        names = contents.snapshots
        if state.snapshot not in names:
            state.snapshot = names[-1] if names else ""
        contents.source.snapshot = state.snapshot
        self._layers.show_snapshots(names, state.snapshot)
        self._layers.open_layers(state.expanded)
        if fresh:
            fills = {name: colour for name, (_, colour) in contents.uses.items()}
            self.canvas.set_source(contents.source, fills)  # takes an old banner away
            project = self._session.project
            self.canvas.backgrounds.set_plane(None if project is None else project.epsg)
            self.canvas.set_banner(self._remark)
            if state.view is not None and contents.extent is not None:
                self.canvas.look_at(*state.view)
            elif contents.extent is not None:
                self.canvas.zoom_to(contents.extent, 0.04)
            else:
                self.canvas.look_at(*_NOWHERE)
        elif self._empty and contents.extent is not None:  # the first data that came in
            self.canvas.zoom_to(contents.extent, 0.04)
        self._empty = contents.extent is None
        self.hint.setVisible(self._empty)
        self._layers_changed()
        self._selection.reload()
        if fresh:
            self.project_shown.emit()
        if self._empty:
            self._session.tasks.release()

    def _show_tree(self, state: MapState) -> None:
        known = {spec.name: spec for spec in LAYERS}
        order = [name for name in state.order if name in known]
        order += [name for name in known if name not in order]  # a layer that came with a newer version
        self._layers.show_layers(
            [known[name] for name in order], state.visible, self._tree_signs(state), self._counts
        )

    def _first_state(self) -> MapState:
        names = [spec.name for spec in LAYERS]
        return MapState(order=names, visible=[name for name in names if name not in _HIDDEN_AT_FIRST])

    def _rows_changed(self) -> None:
        if self._source is not None:
            self._source.forget()
            self.canvas.refresh_at_once()  # what the tree and the legend have to say comes after
            self._load(fresh=False)

    def _rewritten(self) -> None:
        if self._source is not None:
            self._source.forget(everything=True)

    def _close(self) -> None:
        self._source = None
        self._classes = {}
        self.canvas.set_source(None)
        self.canvas.backgrounds.set_plane(None)
        self.canvas.set_banner("")
        self._layers.clear()

    def shut_down(self) -> None:
        """End the canvas's worker; called once before the window goes."""
        self.canvas.shut_down()

    # --- layers --------------------------------------------------------------------------------------

    def _tree_signs(self, state: MapState) -> dict[str, Any]:
        fills = {name: colour for name, (_, colour) in self._uses.items()}
        used = theme.current().name
        return {spec.name: tree_sign(spec, state.look(spec.name), used, fills) for spec in LAYERS}

    def _layers_changed(self, *_: object) -> None:
        state = self._session.map_state
        if state is None:
            return
        state.order, state.visible = self._layers.order, self._layers.visible_layers
        self.canvas.set_layers(
            [LayerState(name, name in state.visible, state.look(name)) for name in state.order]
        )
        self._show_legend(state)

    def _show_legend(self, state: MapState) -> None:
        used = theme.current().name
        filled = [name for name in state.visible if self._counts.get(name)]
        coloured = {name for name in filled if by_use(name, state.look(name), used)}
        present: dict[str, int] = {}
        for name in coloured:
            present |= self._present(name)
        signs = {
            name: legend_signs(layer(name), state.look(name), used, self._present(name)) for name in filled
        }
        heads = {
            name: tr(
                "{layer} · {value}",
                layer=layer(name).title,
                value=field_title(layer(name), state.look(name)),
            )
            for name in filled
            if state.look(name).by_field
        }
        shown = class_signs(layer("land_use"), STANDARD, used, present, self._uses)
        self._legend.show_signs(filled, signs, [(sign.title, sign.swatch) for sign in shown], coloured, heads)
        self._layers.show_classes({name: self.class_lines(name) for name in state.order})

    def _present(self, name: str) -> dict[str, int]:
        return self._classes.get(name, ({}, False))[0]

    def class_lines(self, name: str) -> list[ClassSign]:
        """The classes of a layer as the layer tree lists them."""
        state = self._session.map_state
        if state is None:
            return []
        present, complete = self._classes.get(name, ({}, False))
        spec, style = layer(name), state.look(name)
        return class_signs(spec, style, theme.current().name, present, self._uses, counted=complete)

    def _picture_there(self) -> None:
        """Everything else may read now, and it is known which classes occur."""
        picture = self.canvas.picture()
        if picture is not None and picture.complete:
            self._session.tasks.release()
        classes = self._source.classes() if self._source is not None else {}
        if classes != self._classes and self._session.map_state is not None:
            self._classes = classes
            self._show_legend(self._session.map_state)
            self.classes_counted.emit()

    def lend_look(self, name: str, look: LayerStyle | None, values: Mapping[int, str]) -> None:
        """Draw a layer by values (by row id) that are worked out, on top of its style; None for its own style again."""
        state = self._session.map_state
        if state is None or self._source is None or (look is None and name not in state.lent):
            return
        state.lent.pop(name, None)
        if look is not None:
            state.lent[name] = look
            self._source.lend(name, look.field, values)
        self._classes.pop(name, None)  # counted anew with the next picture
        self._layers.show_swatches(self._tree_signs(state))
        self._layers_changed()
        self.canvas.refresh()

    def style_layer(self, name: str, style: LayerStyle) -> None:
        """Let a layer depart from its symbol, or follow it again."""
        state = self._session.map_state
        if state is None:
            return
        if state.style(name) == style:
            return
        if style.by_field != state.style(name).by_field:
            self._classes.pop(name, None)  # counted anew with the next picture
        state.styles[name] = style
        if style == STANDARD:
            del state.styles[name]
        self._layers.show_swatches(self._tree_signs(state))
        self._layers_changed()

    def _lines_opened(self, names: list[str]) -> None:
        if self._session.map_state is not None:
            self._session.map_state.expanded = names

    def _snapshot_changed(self, name: str) -> None:
        if self._source is not None and self._session.map_state is not None:
            self._source.snapshot = self._session.map_state.snapshot = name
            self.canvas.refresh()

    def _day_changed(self) -> None:
        """Show what stands on another day."""
        if self._source is None:
            return
        self._source.day, self._source.planned = self._session.map_day, self._session.map_planned
        self.canvas.refresh()

    # --- selecting -----------------------------------------------------------------------------------

    def _identify(self, x: float, y: float, tolerance: float) -> None:
        names, snapshot, day = list(reversed(self.shown_layers)), self.snapshot, self._session.map_day
        self.canvas.overlay.flash(None)  # what was flown to has been seen

        def work(project: Project, _progress: Progress) -> list[Hit]:
            from layers.identify import identify

            return identify(project, names, snapshot, x, y, tolerance, day=day)

        self._session.read(work, self.identified.emit, quiet=True, owner=self)

    def shown(self) -> tuple[list[str], str]:
        """The layers that are seen, and the snapshot of the plan."""
        return self._layers.visible_layers, self.snapshot

    # --- moving --------------------------------------------------------------------------------------

    def extent(self) -> Box:
        """The box that is seen, in metres of the project's plane."""
        return self.canvas.extent()

    def whole(self) -> Box | None:
        """The extent of everything there is."""
        return self.canvas.whole()

    def place(self) -> tuple[float, float]:
        """The place under the cursor, or the middle where the cursor is elsewhere."""
        view = self.canvas.view()
        if self.canvas.underMouse():
            pixel = self.canvas.mapFromGlobal(QCursor.pos())
            return view.to_plane(pixel.x(), pixel.y())
        return view.x, view.y

    def set_tool(self, name: str) -> None:
        """Take the tool of an action in hand."""
        project = self._session.project
        if project is not None:
            self.canvas.set_tool(TOOLS[name](self.canvas, project.epsg))

    @property
    def shown_layers(self) -> list[str]:
        """The layers that are switched on and have something to show, from bottom to top."""
        planned = self._session.map_planned
        return [name for name in self._layers.visible_layers if planned or name != "land_use"]

    @property
    def snapshot(self) -> str:
        """The snapshot of the plan that is shown; "" before there is one."""
        return self._source.snapshot if self._source is not None else ""

    def snapshot_source(self, name: str) -> LayerSource | None:
        """The map's layers with another snapshot of the plan, for another renderer."""
        return None if self._source is None else SnapshotSource(self._source, name)

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

    def _looked_elsewhere(self) -> None:
        state = self._session.map_state
        if state is not None and self._source is not None:
            state.view = self.canvas.place()
            self.position_changed.emit(*self.place())
        self.say_scale()

    def say_scale(self) -> None:
        """Tell the scale, which depends on the system in which it is said."""
        self.scale_changed.emit(self.canvas.scale_denominator())
        self.canvas.update()


def _contents(project: Project, source: ProjectSource | None) -> _Contents:
    """Counts, snapshots, colours and extent; in a worker."""
    from app.folders import map_cache
    from layers.land_use_codes import land_use_classes
    from layers.styling.stored import read_styles

    fresh = source is None
    source = source if source is not None else ProjectSource(project, map_cache(project.path))
    return _Contents(
        source=source,
        counts={spec.name: project.store.versions(spec.name) for spec in LAYERS}
        if fresh
        else _counts(project),
        snapshots=project.snapshot_names(),
        uses={name: (item.title, item.colour) for name, item in land_use_classes().items()},
        extent=source.extent(),
        styles=None if project.store.read_only else read_styles(project),
    )


def _counts(project: Project, _progress: Progress = silent) -> dict[str, int]:
    return {spec.name: project.store.count(spec.name) for spec in LAYERS}
