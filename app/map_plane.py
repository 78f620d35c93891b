"""The system in which the map says coordinates, scale and measures; it is drawn in the project's plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from app.panels.map_view import MapView
from app.session import Session
from gis.text import tr

if TYPE_CHECKING:
    from gis.progress import Progress
    from gis.shown_plane import ShownPlane
    from layers.project import Project

__all__ = ["MapPlane"]

_GEOGRAPHIC = 4490
_OWN = 0  # the project's plane


class MapPlane(QObject):
    """Remembers the choice with the project's map. ``changed`` carries the ``ShownPlane``, None for the project's own."""

    changed = Signal(object)

    def __init__(self, session: Session, view: MapView, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._view = session, view
        self.shown: ShownPlane | None = None
        view.canvas.extent_changed.connect(self._stretch)
        session.project_opened.connect(self._opened)
        session.project_closed.connect(self._closed)  # goes with this object, as a lambda would not
        if session.project is not None:
            self._opened()

    def _opened(self, *_: object) -> None:
        state = self._session.map_state
        self.choose(_OWN if state is None else state.plane)

    def _closed(self) -> None:
        self._take(None)

    def fill(self, menu: QMenu) -> None:
        """The systems to choose from, the present one ticked."""
        menu.clear()
        menu.setToolTipsVisible(True)
        now = _OWN if self.shown is None else self.shown.epsg
        group = QActionGroup(menu)

        def offer(where: QMenu, title: str, epsg: int) -> None:
            action = where.addAction(title)
            action.setCheckable(True)
            action.setChecked(epsg == now)
            group.addAction(action)
            action.triggered.connect(lambda _on=False, chosen=epsg: self.choose(chosen))

        offer(menu, tr("项目坐标系"), _OWN)
        offer(menu, tr("经纬度（CGCS2000）"), _GEOGRAPHIC)
        centre = menu.addAction(tr("视图中心所在的3度带"))
        centre.triggered.connect(self.choose_zone_of_centre)
        others = menu.addMenu(tr("其他3度带"))
        from gis.shown_plane import zones

        for meridian, epsg in zones():
            offer(others, tr("3度带 {meridian}°E", meridian=meridian), epsg)
        menu.addSeparator()
        remark = menu.addAction(tr("坐标、比例尺和量测按此坐标系；地图仍按项目坐标系绘制"))
        remark.setEnabled(False)

    def choose(self, epsg: int) -> None:
        """Say places in that system; 0 for the project's own."""
        project = self._session.project
        if project is None:
            return
        state = self._session.map_state
        if epsg in {_OWN, project.epsg}:
            if state is not None:
                state.plane = _OWN
            self._take(None)
            return

        def work(here: Project, _progress: Progress) -> Any:
            from gis.shown_plane import shown_plane

            return shown_plane(here.epsg, epsg)

        def done(plane: ShownPlane) -> None:
            if state is not None:
                state.plane = epsg
            self._take(plane)

        self._session.read(work, done, quiet=True, owner=self)

    def choose_zone_of_centre(self) -> None:
        """The 3-degree plane in whose zone the middle of the map lies."""
        view = self._view.canvas.view()

        def work(project: Project, _progress: Progress) -> int:
            from gis.shown_plane import zone_at

            return zone_at(project.epsg, view.x, view.y)

        self._session.read(work, self.choose, quiet=True, owner=self)

    def _take(self, plane: ShownPlane | None) -> None:
        self.shown = plane
        self._view.canvas.shown_plane = None if plane is None else plane.epsg
        self._stretch()
        self.changed.emit(plane)
        self._view.say_scale()

    def _stretch(self) -> None:
        view = self._view.canvas.view()
        self._view.canvas.stretch = 1.0 if self.shown is None else self.shown.stretch(view.x, view.y)
