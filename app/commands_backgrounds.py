"""What the commands on backgrounds do: add, remove, order, opacity, locate again, build overviews."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QMainWindow, QMessageBox

from app.background import Background
from app.dialogs.messages import show_error
from app.panels.background_list import BackgroundList
from app.panels.map_view import MapView
from app.session import Session
from gis.progress import Progress
from gis.raster.opening import IMAGE_SUFFIXES, TILE_FILE_SUFFIXES
from gis.text import tr

__all__ = ["BackgroundCommands"]


class BackgroundCommands:
    """Keeps three things the same: what the session remembers, what the list shows and what the map draws."""

    def __init__(self, window: QMainWindow, session: Session, view: MapView, panel: BackgroundList) -> None:
        self._window, self._session, self._map, self._panel = window, session, view, panel
        self._backgrounds = view.canvas.backgrounds
        self._backgrounds.changed.connect(self._show_statuses)
        self._waiting = False  # a project has come whose layers are not drawn yet
        view.project_shown.connect(self._project_came)
        view.canvas.picture_ready.connect(self._layers_came)
        session.project_closed.connect(panel.clear)  # goes with the panel, as a lambda would not
        panel.add_wanted.connect(self.add)
        panel.visibility_changed.connect(lambda key, on: self._change(key, visible=on))
        panel.order_changed.connect(self._order)
        panel.zoom_wanted.connect(self.zoom)
        panel.opacity_wanted.connect(self.opacity)
        panel.overviews_wanted.connect(self.build_overviews)
        panel.locate_wanted.connect(self.locate)
        panel.retry_wanted.connect(self._backgrounds.reload)
        panel.remove_wanted.connect(self.remove)

    def handlers(self) -> dict[str, Callable[[], None]]:
        """Action name → what it does."""
        return {"add_background": self.add}

    # --- the list --------------------------------------------------------------------------------------

    @property
    def _list(self) -> list[Background]:
        state = self._session.map_state
        return [] if state is None else state.backgrounds

    def _get(self, key: str) -> Background | None:
        return next((item for item in self._list if item.key == key), None)

    def _set(self, backgrounds: Sequence[Background]) -> None:
        state = self._session.map_state
        if state is not None:
            state.backgrounds = list(backgrounds)
            self._show()

    def _project_came(self) -> None:
        """List them at once, but read nothing before the layers are seen."""
        self._waiting = True
        self._panel.show_backgrounds(self._list, self._statuses())

    def _layers_came(self) -> None:
        if self._waiting:
            self._show()

    def _show(self) -> None:
        self._waiting = False
        self._backgrounds.show(self._list)
        self._panel.show_backgrounds(self._list, self._statuses())

    def _statuses(self) -> dict[str, Any]:
        return {item.key: self._backgrounds.status(item.key) for item in self._list}

    def _show_statuses(self) -> None:
        if {item.key for item in self._list} == set(self._panel.order):
            self._panel.show_statuses(self._statuses())

    def _change(self, key: str, **changes: Any) -> None:
        self._set([replace(item, **changes) if item.key == key else item for item in self._list])

    def _order(self, keys: Sequence[str]) -> None:
        self._set(sorted(self._list, key=lambda item: keys.index(item.key)))

    # --- commands --------------------------------------------------------------------------------------

    def add(self) -> None:
        """Open the dialog."""
        self.add_files([])

    def among(self, paths: Sequence[Path]) -> list[Path]:
        """The pictures and tile files among dropped ones, while a project is open that they can lie under."""
        kinds = (*IMAGE_SUFFIXES, *TILE_FILE_SUFFIXES)
        there = self._session.project is not None
        return [path for path in paths if there and path.suffix.lower() in kinds]

    def add_files(self, paths: Sequence[Path]) -> None:
        """Open the dialog, with files if some were dropped on the window."""
        from app.dialogs.add_background import AddBackgroundDialog

        project = self._session.project
        if project is None:
            return
        dialog = AddBackgroundDialog(self._session, project.epsg, self._window)
        dialog.accepted.connect(lambda: self._added(dialog.chosen(), dialog.without_overviews()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        if paths:
            dialog.take_files(paths)

    def _added(self, backgrounds: Sequence[Background], without_overviews: Sequence[str]) -> None:
        self._set([*self._list, *backgrounds])
        large = [item for item in backgrounds if item.place.place in without_overviews]
        if large:
            self._offer_overviews(large)

    def _offer_overviews(self, large: Sequence[Background]) -> None:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(tr("建立金字塔"))
        box.setText(tr("{count} 幅影像很大，又没有金字塔，只有放大后才能显示。", count=len(large)))
        box.setInformativeText(tr("现在在后台建立金字塔吗？原影像不会改动，可随时取消。"))
        yes = box.addButton(tr("建立金字塔"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(tr("以后再说"), QMessageBox.ButtonRole.RejectRole)

        def build() -> None:
            for item in large:
                self.build_overviews(item.key)

        yes.clicked.connect(build)
        box.finished.connect(box.deleteLater)
        box.open()

    def remove(self, key: str) -> None:
        """Take a background off the map; its file stays."""
        self._set([item for item in self._list if item.key != key])

    def zoom(self, key: str) -> None:
        """Show all of a background."""
        extent = self._backgrounds.status(key).extent
        if extent is not None:
            self._map.canvas.zoom_to(extent, 0.04)

    def opacity(self, key: str) -> None:
        """Choose how strongly it is shown."""
        from app.dialogs.background_opacity import BackgroundOpacityDialog

        background = self._get(key)
        if background is None:
            return
        dialog = BackgroundOpacityDialog(background.name, background.opacity, self._window)
        dialog.changed.connect(lambda value: self._change(key, opacity=value))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def locate(self, key: str) -> None:
        """Say where the file or the folder is now."""
        from app.dialogs.add_background import file_filter

        background = self._get(key)
        if background is None:
            return
        title, begin = tr("重新定位：{name}", name=background.name), self._session.settings.folder
        if background.place.kind == "folder":
            name = QFileDialog.getExistingDirectory(self._window, title, begin)
        else:
            name, _ = QFileDialog.getOpenFileName(self._window, title, begin, file_filter())
        if name:
            self._session.settings.folder = str(Path(name).parent)
            self.relocate(key, Path(name))

    def relocate(self, key: str, path: Path) -> None:
        """Take the background from there, if it can be read."""
        background, project = self._get(key), self._session.project
        if background is None or project is None:
            return
        place, plane = replace(background.place, place=str(path)), project.epsg

        def work(_progress: Progress) -> Any:
            from gis.raster.inspection import inspect_place
            from gis.raster.opening import kind_of_file

            kind = kind_of_file(path) if place.kind != "folder" else "folder"
            return inspect_place(replace(place, kind=kind), plane)

        def done(found: Any) -> None:
            if found.problem is not None:
                show_error(self._window, found.problem)
            else:
                self._change(key, place=found.place)

        self._session.tasks.run(work, done, title=tr("查看底图"), quiet=True)

    def build_overviews(self, key: str) -> None:
        """Make coarser copies of a picture in the background, with progress and Cancel."""
        background = self._get(key)
        if background is None:
            return
        path = Path(background.place.place)

        def work(progress: Progress) -> Path:
            from app.folders import overview_file
            from gis.raster.overviews import build_overviews

            build_overviews(path, overview_file(path), progress)
            return path

        def done(_path: Path) -> None:
            self._backgrounds.reload(key)

        self._session.tasks.run(
            work, done, title=tr("建立金字塔：{name}", name=background.name), writes=True, group=self
        )
