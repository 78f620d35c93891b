"""The system in which the map is drawn and says coordinates, scale and measures; rows stay in the project's plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from app.map_state import OF_THE_CENTRE, OWN_PLANE
from app.panels.map_view import MapView
from app.session import Session
from gis.text import tr

if TYPE_CHECKING:
    from gis.progress import Progress
    from gis.shown_plane import ShownPlane
    from layers.project import Project

__all__ = ["MapPlane"]

_GEOGRAPHIC = 4490
_REST = 250  # milliseconds without a movement before the map is drawn in the zone that its middle has come to


class MapPlane(QObject):
    """Remembers the choice with the project's map. ``changed`` carries the ``ShownPlane``, None for the project's own."""

    changed = Signal(object)

    def __init__(self, session: Session, view: MapView, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._view = session, view
        self.shown: ShownPlane | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._follow)
        view.canvas.extent_changed.connect(self._moved)
        session.project_opened.connect(self._opened)
        session.project_closed.connect(self._closed)  # goes with this object, as a lambda would not
        if session.project is not None:
            self._opened()

    @property
    def chosen(self) -> int:
        """What was chosen: an EPSG code, ``OWN_PLANE`` or ``OF_THE_CENTRE``."""
        state = self._session.map_state
        return OWN_PLANE if state is None else state.plane

    def _opened(self, *_: object) -> None:
        self.choose(self.chosen)

    def _closed(self) -> None:
        self._rest.stop()
        self._take(None)

    def fill(self, menu: QMenu) -> None:
        """The systems to choose from, the present one ticked."""
        menu.clear()
        menu.setToolTipsVisible(True)
        now = self.chosen
        group = QActionGroup(menu)

        def offer(where: QMenu, title: str, epsg: int) -> None:
            action = where.addAction(title)
            action.setCheckable(True)
            action.setChecked(epsg == now)
            group.addAction(action)
            action.triggered.connect(lambda _on=False, chosen=epsg: self.choose(chosen))

        offer(menu, tr("项目坐标系"), OWN_PLANE)
        offer(menu, tr("视图中心所在的3度带"), OF_THE_CENTRE)
        offer(menu, tr("经纬度（CGCS2000）"), _GEOGRAPHIC)
        from gis.shown_plane import zones

        fixed = next((meridian for meridian, epsg in zones() if epsg == now), None)
        title = tr("指定的3度带")
        if fixed is not None:
            title = tr("指定的3度带（现为 {meridian}°E）", meridian=fixed)
        others = menu.addMenu(title)
        for meridian, epsg in zones():
            offer(others, tr("3度带 {meridian}°E", meridian=meridian), epsg)
        menu.addSeparator()
        for text in (
            tr("地图、坐标、比例尺和量测都按此坐标系"),
            tr("数据和宗地图仍按项目坐标系"),
        ):
            remark = menu.addAction(text)
            remark.setEnabled(False)

    def choose(self, epsg: int) -> None:
        """Draw the map in that system, ``OWN_PLANE`` or ``OF_THE_CENTRE``."""
        project, state = self._session.project, self._session.map_state
        if project is None:
            return
        if epsg == project.epsg:
            epsg = OWN_PLANE
        if state is not None:
            state.plane = epsg
        if epsg == OF_THE_CENTRE:
            self._follow()
        elif epsg == OWN_PLANE:
            self._take(None)
        else:
            self._draw_in(epsg)

    def _draw_in(self, epsg: int) -> None:
        wanted = self.chosen

        def work(project: Project, _progress: Progress) -> ShownPlane | None:
            from gis.shown_plane import shown_plane

            return None if epsg == project.epsg else shown_plane(project.epsg, epsg)

        def done(plane: ShownPlane | None) -> None:
            if self.chosen == wanted:  # nothing else has been chosen meanwhile
                self._take(plane)

        self._session.read(work, done, quiet=True, owner=self)

    def _moved(self) -> None:
        if self.chosen == OF_THE_CENTRE:
            self._rest.start()

    def _follow(self) -> None:
        """Draw in the 3-degree plane in whose zone the middle of the map lies."""
        view = self._view.canvas.view()

        def work(project: Project, _progress: Progress) -> int:
            from gis.shown_plane import zone_at

            return zone_at(project.epsg, view.x, view.y)

        def done(epsg: int) -> None:
            project = self._session.project
            if project is None or self.chosen != OF_THE_CENTRE:
                return
            if epsg != (project.epsg if self.shown is None else self.shown.epsg):
                self._draw_in(epsg)

        self._session.read(work, done, quiet=True, owner=self)

    def _take(self, plane: ShownPlane | None) -> None:
        self.shown = plane
        self._view.canvas.draw_in(plane)
        self.changed.emit(plane)
        self._view.say_scale()
