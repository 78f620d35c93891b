"""The editing mode of the window: which layer is edited with which tool, what lies near, and how edits are stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.editing.latest import Latest
from app.editing.snapping import Marker, Snapping
from gis.text import tr
from layers.registry import LAYERS, layer
from layers.spec import Editing, GeometryKind

if TYPE_CHECKING:
    from app.canvas.map_canvas import MapCanvas
    from app.canvas.tools.base import Tool
    from app.editing.tools.base import EditTool
    from app.editor import Editor
    from app.session import Session
    from gis.progress import Progress
    from layers.editing.ahead import Ahead
    from layers.editing.edit import Edit
    from layers.editing.nearby import Nearby
    from layers.editing.operations import Operation
    from layers.editing.preview import Outcome
    from layers.project import Project

__all__ = ["EDITABLE", "EditMode"]

Place = tuple[float, float]
Box = tuple[float, float, float, float]

# Layers whose boundaries can be drawn.
EDITABLE = tuple(
    spec.name for spec in LAYERS if GeometryKind.POLYGON in spec.geometry and spec.editing is not Editing.NONE
)
_FIRST = "parcel"
# How far round the cursor rows are kept, in pixels, and its limits in metres.
_REACH, _LEAST_REACH, _MOST_REACH = 300.0, 15.0, 500.0
_NEAR = 80.0  # pixels round the cursor that have to be there


class EditMode(QObject):
    """On while a layer is being edited. Tools ask it for what is near, for previews, and to store what was drawn."""

    state_changed = Signal()  # on or off, another layer or tool, a drawing begun or ended
    rows_near = Signal()  # another neighbourhood has been read

    def __init__(
        self,
        session: Session,
        editor: Editor,
        canvas: MapCanvas,
        shown: Callable[[], tuple[Sequence[str], str]],
        parent: QObject | None = None,
    ) -> None:
        """``shown`` gives the layers on the map and the snapshot of the plan."""
        super().__init__(parent)
        self.session, self.canvas, self._editor, self._shown = session, canvas, editor, shown
        self.snapping = Snapping(session.settings, self)
        self.latest = Latest(self)
        self.on = False
        self.layer = _FIRST
        self.near: Nearby | None = None
        self._near_wanted: Box | None = None
        self._pointer: tuple[float, float, float] | None = None
        self._generation = 0
        self._ready: tuple[Operation, int, Ahead] | None = None  # an edit made ahead, and of which rows
        self._kept: tuple[tuple[int, str], Box, Any] | None = None  # the thread's: rows read for previews
        self._drawing = False
        canvas.tool_changed.connect(self._tool_changed)
        session.project_changed.connect(self._rows_changed)
        session.project_closed.connect(self.stop)

    # --- on and off ----------------------------------------------------------------------------------

    def hindrance(self) -> str:
        """Why nothing can be edited now; empty if it can."""
        if self.session.project is None:
            return tr("先打开或新建一个项目")
        if not self._editor.writable:
            return tr("项目是只读的，不能编辑；用“另存副本”写到可以写入的地方")
        return ""

    def start(self) -> None:
        """Begin to edit."""
        if self.on or self.hindrance():
            return
        self.on = True
        project = self.session.project
        assert project is not None  # noqa: S101 - hindrance has looked
        epsg = project.epsg
        self.latest.ask("warm up", lambda: _warm_up(epsg), lambda _: None)
        self.session.expect_write()
        self.state_changed.emit()

    def stop(self) -> None:
        """Put the tools away; what is half drawn is given up."""
        if not self.on:
            return
        from app.canvas.tools.navigate import Navigate

        self.on = False
        if self.tool is not None:
            self.canvas.set_tool(Navigate(self.canvas))
        self._forget()
        self.state_changed.emit()

    def set_layer(self, name: str) -> None:
        """Edit another layer; what is half drawn is given up."""
        if name == self.layer:
            return
        self.layer = name
        self._forget()
        if self.tool is not None:
            self.take(type(self.tool))
        self.state_changed.emit()

    def shut_down(self) -> None:
        """End the thread; called once before the window goes."""
        self.latest.shut_down()

    # --- tools ---------------------------------------------------------------------------------------

    @property
    def tool(self) -> EditTool | None:
        """The editing tool in hand, if it is one."""
        from app.editing.tools.base import EditTool

        tool = self.canvas.tool()
        return tool if isinstance(tool, EditTool) else None

    def take(self, kind: type[EditTool]) -> None:
        """Take an editing tool in hand."""
        self.start()
        if self.on:
            self.canvas.set_tool(kind(self.canvas, self))
            self.canvas.setFocus()

    @property
    def drawing(self) -> bool:
        """Whether something is half drawn: undo then takes back its last point."""
        return self._drawing

    def _tool_changed(self, tool: Tool) -> None:
        del tool
        self.tell()
        self.state_changed.emit()

    def tell(self) -> None:
        """The tool in hand may have begun or ended a drawing."""
        tool = self.tool
        drawing = tool is not None and tool.drawing
        if drawing != self._drawing:
            self._drawing = drawing
            self.state_changed.emit()

    # --- what is near --------------------------------------------------------------------------------

    @property
    def epsg(self) -> int:
        """The project's plane."""
        return self.session.project.epsg if self.session.project is not None else 0

    def move_to(self, x: float, y: float, resolution: float) -> None:
        """The cursor is at a place: see that the rows round it are there, or will be."""
        self._pointer = (x, y, resolution)
        half = min(max(_REACH * resolution, _LEAST_REACH), _MOST_REACH)
        least = min(_NEAR * resolution, half)
        needed = (x - least, y - least, x + least, y + least)
        for box in (self.near.box if self.near is not None else None, self._near_wanted):
            if box is not None and _covers(box, needed) and box[2] - box[0] <= 8 * half:
                return
        self._read_near((x - half, y - half, x + half, y + half))

    def _read_near(self, box: Box) -> None:
        project = self.session.project
        if project is None:
            return
        name = self.layer
        names, snapshot = self._shown()
        also = [item for item in names if GeometryKind.POLYGON in layer(item).geometry]
        self._near_wanted = box

        def work() -> Nearby:
            from layers.editing.nearby import read_nearby

            return read_nearby(project, name, box, also, snapshot)

        def done(near: Nearby) -> None:
            self._near_wanted = None
            if near.layer == self.layer and self.session.project is project:
                self.near = near
                self.rows_near.emit()

        self.latest.ask("near", work, done, lambda _error: self._forget_wanted())

    def _forget_wanted(self) -> None:
        self._near_wanted = None

    def _forget(self) -> None:
        self.near, self._near_wanted = None, None
        self._generation += 1
        self._ready = None
        for kind in ("near", "preview", "prepare"):
            self.latest.forget(kind)

    def _rows_changed(self) -> None:
        self._generation += 1
        self._near_wanted = self._ready = None
        if self.on and self._pointer is not None and self.tool is not None:
            x, y, resolution = self._pointer
            half = min(max(_REACH * resolution, _LEAST_REACH), _MOST_REACH)
            self._read_near((x - half, y - half, x + half, y + half))
        else:
            self.near = None

    def snap(
        self, place: Place, previous: tuple[Place, Place] | None = None, avoid: Place | None = None
    ) -> Marker | None:
        """What the pointer is drawn to."""
        if self.near is None:
            return None
        return self.snapping.find(place, self.near.segments, self.canvas.view().resolution, previous, avoid)

    # --- previews and edits --------------------------------------------------------------------------

    def preview(
        self,
        operation: Operation,
        done: Callable[[list[Outcome]], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """What an operation would come to; an earlier question that has no answer yet is dropped."""
        project, key = self.session.project, (self._generation, operation.layer)
        if project is None:
            return

        def work() -> list[Outcome]:
            from layers.editing.preview import outcomes

            around = self._around(project, key, operation.box)
            return outcomes(around, operation.change(around), operation.layer, project.epsg)

        self.latest.ask("preview", work, done, failed)

    def _around(self, project: Project, key: tuple[int, str], box: Box) -> Any:
        """Rows that touch a box, kept while the drawing stays near; on the thread of ``latest``."""
        from layers.editing.neighbourhood import neighbourhood
        from layers.editing.operations import edited_together

        if self._kept is not None and self._kept[0] == key and _covers(self._kept[1], box):
            return self._kept[2]
        grown = (box[0] - 25.0, box[1] - 25.0, box[2] + 25.0, box[3] + 25.0)
        around = neighbourhood(project, edited_together(key[1]), grown)
        self._kept = (key, grown, around)
        return around

    def ask_around(self, box: Box, work: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        """Run ``work(neighbourhood)`` on the rows that touch a box, as a preview."""
        project, key = self.session.project, (self._generation, self.layer)
        if project is not None:
            self.latest.ask("preview", lambda: work(self._around(project, key, box)), done)

    def prepare(self, operation: Operation) -> None:
        """Make and weigh the edit of a drawing ahead, so that it has only to be stored when it is let go.

        Storing compares with the rows as they are then: what is written meanwhile is not lost.
        """
        project, generation = self.session.project, self._generation
        if project is None:
            return

        def work() -> Ahead:
            from layers.editing.ahead import weighed

            return weighed(project, operation.edit(project))

        self.latest.ask("prepare", work, lambda ahead: self._keep_ready(operation, generation, ahead))

    def _keep_ready(self, operation: Operation, generation: int, ahead: Ahead) -> None:
        self._ready = (operation, generation, ahead)

    def forget_preview(self) -> None:
        """The drawing has ended or changed so that no answer fits any more."""
        self.latest.forget("preview")

    def submit(self, operation: Operation, done: Callable[[], None], refused: Callable[[], None]) -> None:
        """Store an operation as one step; what came of it is selected then."""
        made: list[Edit] = []
        self.latest.forget("prepare")
        ready, self._ready = self._ready, None
        known = ready is not None and ready[0] is operation and ready[1] == self._generation
        ahead = ready[2] if ready is not None and known else None

        def build(project: Project, progress: Progress) -> Edit:
            progress(0.1, operation.why)
            edit = operation.edit(project) if ahead is None else ahead.edit
            made[:] = [edit]
            return edit

        def stored() -> None:
            if made:
                self._select_made(operation.layer, made[0])
            done()

        self._editor.submit(build, operation.why, done=stored, refused=refused, ahead=ahead)

    def _select_made(self, name: str, edit: Edit) -> None:
        item = edit.layers.get(name)
        if item is not None and item.born:
            self.session.select(name, item.born)

    def selected(self) -> list[str]:
        """The selected rows of the edited layer."""
        table, uuids = self.session.selected
        return list(uuids) if table == self.layer else []


def _covers(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _warm_up(epsg: int) -> None:
    """Load what the first drawing would have to wait for."""
    import numpy as np
    import shapely

    import layers.editing.nearby
    import layers.editing.operations
    import layers.editing.preview  # noqa: F401
    from gis.area import ellipsoidal_area
    from gis.length import ellipsoidal_length

    square = np.array([shapely.box(499_990.0, 3_600_000.0, 500_000.0, 3_600_010.0)], dtype=object)
    ellipsoidal_area(square, epsg)
    ellipsoidal_length(square, epsg)
