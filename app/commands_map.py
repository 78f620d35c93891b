"""What the commands on the map do: tools in hand, selecting, places to go to, pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMainWindow

from app.bookmarks import Bookmarks
from app.canvas.map_image import MapImage, picture_of
from app.canvas.overview import Overview
from app.canvas.tool_note import ToolNote
from app.canvas.tools.navigate import Navigate
from app.canvas.view_history import ViewHistory
from app.map_plane import MapPlane
from app.panels.layer_tree import LayerTree
from app.panels.map_view import TOOLS, MapView
from app.selector import Selector
from app.session import Session
from app.swipe_bar import SwipeBar
from app.time_bar import TimeBar
from gis.errors import ParkLineError
from gis.progress import Progress
from gis.text import tr

__all__ = ["MapCommands"]

_MESSAGE_MS = 8000


class MapCommands(QObject):
    """The handlers behind the map's actions of one window."""

    changed = Signal()  # what can be done now: going back and forward

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        view: MapView,
        layers: LayerTree,
        go_to_row: Callable[[str, str], None],
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._map, self._layers = window, session, view, layers
        self._go_to_row = go_to_row
        self.note = ToolNote(view.canvas)
        self.overview = Overview(view.canvas)
        self.overview.setVisible(session.settings.overview)
        self.bookmarks = Bookmarks(session, view, window)
        self.swipe = SwipeBar(view, layers)
        self.time = TimeBar(session, view, layers)
        self.plane = MapPlane(session, view, window)
        self.history = ViewHistory(view.canvas)
        self.history.changed.connect(self.changed)
        self._images: list[MapImage] = []
        self.selector = Selector(session, layers, view, self)
        self.selector.said.connect(self.say)

    def handlers(self) -> dict[str, Callable[[], None]]:
        """Action name → what it does."""

        def taking(name: str) -> Callable[[], None]:
            return lambda: self._map.set_tool(name)

        return {
            **{name: taking(name) for name in TOOLS},
            "view_back": self.history.back,
            "view_forward": self.history.forward,
            "bookmark_add": self.bookmarks.ask,
            "bookmark_manage": self.bookmarks.manage,
            "time": lambda: self.time.begin() if self.time.isHidden() else self.time.end(),
            "swipe": self.toggle_swipe,
            "overview": self.toggle_overview,
            "copy_picture": self.copy_picture,
            "export_picture": self.export_picture,
            "go_to": self.go_to,
            "select_attributes": self.selector.by_attributes,
            "select_location": self.selector.by_location,
            "invert": self.selector.invert,
            "zoom_selection": lambda: self.selector.zoom(self._go_to_row),
        }

    def go_to(self) -> None:
        """Ask for coordinates and show the place."""
        from app.dialogs.go_to import GoToDialog

        dialog = GoToDialog(self._session, self._map.whole(), self._window)
        dialog.place_found.connect(self._show_place)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def _show_place(self, x: float, y: float) -> None:
        from shapely.geometry import Point

        self._map.fly_to(Point(x, y))

    # --- pictures ------------------------------------------------------------------------------------

    def toggle_overview(self) -> None:
        """Show the small map of everything, or hide it; also at the next start."""
        wanted = self.overview.isHidden()
        self.overview.setVisible(wanted)
        self._session.settings.overview = wanted

    def toggle_swipe(self) -> None:
        """Compare two snapshots by a handle on the map, or end it."""
        if not self.swipe.isHidden():
            self.swipe.end()
        elif len(self._layers.snapshots) < 2:
            self.say(tr("至少需要两个规划快照；导入规划用地时为每一版命名。"))
            self.swipe.ended.emit()
        else:
            self._layers.set_visible("land_use", True)
            self.swipe.begin(self._layers.snapshots)

    def copy_picture(self) -> None:
        """Put what the map shows on the clipboard."""
        QGuiApplication.clipboard().setImage(picture_of(self._map.canvas))
        self.say(tr("地图图片已复制。"))

    def export_picture(self) -> None:
        """Ask for a size and a file, draw the map and write it."""
        from app.dialogs.export_picture import ExportPictureDialog

        dialog = ExportPictureDialog(self._map.canvas, self._window)
        dialog.accepted.connect(lambda: self._export(*dialog.pixels, dialog.ratio))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _export(self, width: int, height: int, ratio: float) -> None:
        project, settings = self._session.project, self._session.settings
        if project is None:
            return
        proposed = Path(settings.folder) / f"{project.path.stem}.png"
        name, _ = QFileDialog.getSaveFileName(
            self._window, tr("导出地图图片"), str(proposed), tr("PNG 图片 (*.png)")
        )
        if name:
            path = Path(name) if Path(name).suffix else Path(name).with_suffix(".png")
            settings.folder = str(path.parent)
            self.draw_to(path, width, height, ratio)

    def draw_to(self, path: Path, width: int, height: int, ratio: float) -> None:
        """Draw the map in so many pixels and write it as PNG."""
        from layers.output_files import ready_target, write_whole

        try:
            ready_target(path, [".png"])
        except ParkLineError as error:
            self._session.tasks.failed.emit(error)
            return
        image = MapImage(self._map.canvas, width, height, ratio)
        self._images.append(image)

        def made(picture: Any) -> None:
            self._images.remove(image)
            image.deleteLater()

            def work(_progress: Progress) -> None:
                write_whole(path, lambda part: _save(picture, part))

            done = tr(
                "已导出 {name}（{width} × {height} 像素）。", name=path.name, width=width, height=height
            )
            self._session.tasks.run(work, lambda _: self.say(done), title=tr("导出地图图片"), writes=True)

        image.made.connect(made)
        self.say(tr("正在绘制地图图片…"))

    def shut_down(self) -> None:
        """End the workers behind the pictures; called once before the window goes."""
        self.swipe.end()
        self.time.end()
        self.overview.shut_down()
        for image in self._images:
            image.shut_down()
        self._images = []

    # --- the project ---------------------------------------------------------------------------------

    def put_down(self) -> None:
        """Another project is there, in another plane: take the hand that moves the map."""
        self.history.clear()
        self._map.canvas.set_tool(Navigate(self._map.canvas))

    def say(self, text: str) -> None:
        """Show a message in the status bar for a while."""
        self._window.statusBar().showMessage(text, _MESSAGE_MS)


def _save(picture: Any, part: Path) -> None:
    if not picture.save(str(part), "PNG"):
        raise OSError(tr("图片无法写入"))
