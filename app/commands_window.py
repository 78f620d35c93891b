"""What the commands of the window do: ask, then hand over to the session or a dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from app.dialogs.messages import show_error
from app.session import Session
from gis.errors import ParkLineError
from gis.text import tr

if TYPE_CHECKING:
    from app.window import MainWindow
    from gis.progress import Progress
    from layers.project import Project

__all__ = ["WindowCommands"]


class WindowCommands:
    """The handlers behind the actions of one window."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    @property
    def _session(self) -> Session:
        return self._window.session

    def handlers(self) -> dict[str, Callable[[], None]]:
        """Action name → what it does."""
        view = self._window.map
        return {
            "new": self.new, "open": self.open, "demo": self.demo, "save_copy": self.save_copy,
            "close": self._session.close, "import": self.import_data, "report": self.report,
            "print": self.print_selected, "quit": self.quit, "undo": self._session.undo,
            "redo": self._session.redo, "settings": self.settings, "pan": lambda: view.set_tool("pan"),
            "identify": lambda: view.set_tool("identify"),
            "zoom_in": view.zoom_in, "zoom_out": view.zoom_out, "zoom_all": view.zoom_all,
            "zoom_layer": self.zoom_layer, "zoom_selection": self.zoom_selection, "check": self.check,
            "compare": self.compare, "reset_layout": self._window.reset_layout, "about": self.about,
        }  # fmt: skip

    # --- project -------------------------------------------------------------------------------------

    def new(self) -> None:
        """Make an empty project."""
        from app.dialogs.new_project import NewProjectDialog

        dialog = NewProjectDialog(self._session.settings, self._window)
        if dialog.exec():
            try:
                self._session.create(*dialog.values())
            except ParkLineError as error:
                show_error(self._window, error)
        dialog.deleteLater()

    def open(self) -> None:
        """Choose a project and open it."""
        path, _ = QFileDialog.getOpenFileName(
            self._window, tr("打开项目"), self._session.settings.folder, tr("ParkLine 项目 (*.gpkg)")
        )
        if path:
            self._session.settings.folder = str(Path(path).parent)
            self.open_path(path)

    def open_path(self, path: str) -> None:
        """Open a recent project; one that is gone leaves the list."""
        if Path(path).exists():
            self._session.open(path)
            return
        self._session.settings.forget_project(path)
        show_error(
            self._window,
            ParkLineError(tr("项目文件已不在原处。"), hint=tr("用“打开项目”重新选择。"), file=path),
        )

    def demo(self) -> None:
        """Open the demo project."""
        from app.folders import demo_project

        self._session.open_demo(demo_project())

    def save_copy(self) -> None:
        """Write a copy of the project file."""
        path, _ = QFileDialog.getSaveFileName(
            self._window, tr("另存副本"), self._session.settings.folder, tr("ParkLine 项目 (*.gpkg)")
        )
        if path:
            target = Path(path) if Path(path).suffix else Path(path).with_suffix(".gpkg")
            self.save_copy_to(target)

    def save_copy_to(self, target: Path) -> None:
        """Copy in the background."""

        def work(project: Project, progress: Progress) -> Any:
            progress(0.1, tr("另存副本 {name}", name=target.name))
            store: Any = project.store
            return store.save_copy(target)

        self._session.read(
            work, lambda _: self._say(tr("已保存 {file}", file=target.name)), title=tr("另存副本")
        )

    def report(self) -> None:
        """Write the check report."""
        path, _ = QFileDialog.getSaveFileName(
            self._window, tr("导出检查报告"), self._session.settings.folder, tr("Excel 工作簿 (*.xlsx)")
        )
        if path:
            self.report_to(Path(path) if Path(path).suffix else Path(path).with_suffix(".xlsx"))

    def report_to(self, target: Path) -> None:
        """Write the results that are on the dashboard as a workbook."""
        results = list(self._session.results)

        def work(project: Project, progress: Progress) -> Any:
            progress(0.1, tr("写检查报告"))
            from layers.report import write_report

            return write_report(results, target, project)

        self._session.read(
            work, lambda _: self._say(tr("已保存 {file}", file=target.name)), title=tr("导出检查报告")
        )

    def import_data(self) -> None:
        """Open the import dialog."""
        from app.dialogs.import_data import ImportDialog

        dialog = ImportDialog(self._session, self._window)
        dialog.exec()
        dialog.deleteLater()

    def quit(self) -> None:
        """Close the window, and with it the program."""
        self._window.close()

    # --- rows and places -----------------------------------------------------------------------------

    def show_table(self, name: str) -> None:
        """Show the attribute table of a layer."""
        self._window.panel("table")
        self._window.table.show_layer(name)

    def go_to_row(self, table: str, uuid: str) -> None:
        """Select a row and fly to it, where it has a place."""
        self._session.select(table, [uuid])

        def work(project: Project, _progress: Progress) -> Any:
            from gis.store.base import Condition

            frame = project.read(table, where=[Condition("uuid", "=", uuid)], columns=[])
            return None if frame.empty else frame.geometry.iloc[0]

        def done(geometry: Any) -> None:
            if geometry is not None and not geometry.is_empty:
                self._window.map.fly_to(geometry)
            else:
                self._window.panel("card")
                self._say(tr("该记录没有图形，无法定位。"))

        self._session.read(work, done, quiet=True, owner=self._window)

    def zoom_layer(self) -> None:
        """Show the whole layer marked in the tree."""
        name = self._window.layers.current
        if name is None:
            self._say(tr("先在图层列表中选择一个图层。"))
        else:
            self._window.map.zoom_to_layer(name)

    def zoom_selection(self) -> None:
        """Fly to the selected row."""
        table, uuids = self._session.selected
        if uuids:
            self.go_to_row(table, uuids[0])
        else:
            self._say(tr("没有选中的要素。"))

    # --- judging and printing ------------------------------------------------------------------------

    def check(self) -> None:
        """Run the checks and show the dashboard."""
        self._window.panel("dashboard")
        self._session.check()

    def compare(self) -> None:
        """Choose two snapshots and compare them."""

        def done(snapshots: Any) -> None:
            from app.dialogs.compare import CompareDialog

            dialog = CompareDialog(snapshots, self._window)
            dialog.accepted.connect(lambda: self._session.compare(*dialog.chosen))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

        self._session.read(
            lambda project, _progress: project.snapshots(), done, quiet=True, owner=self._window
        )

    def print_selected(self) -> None:
        """Print the selected parcel."""
        table, uuids = self._session.selected
        if table == "parcel" and uuids:
            self.print_parcel(uuids[0])
        else:
            self._say(tr("先选中一个地块，再打印宗地图。"))

    def print_parcel(self, uuid: str) -> None:
        """Open the print dialog for a parcel."""
        from app.dialogs.print_map import PrintMapDialog

        dialog = PrintMapDialog(self._session, uuid, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # --- the program ---------------------------------------------------------------------------------

    def settings(self) -> None:
        """Language and theme."""
        from app.dialogs.preferences import PreferencesDialog

        dialog = PreferencesDialog(self._session.settings, self._window)
        dialog.applied.connect(self._window.rebuild_wanted)
        dialog.exec()
        dialog.deleteLater()

    def set_language(self, name: str) -> None:
        """Switch the language now and for the next start."""
        self._session.settings.language = name
        self._window.rebuild_wanted.emit()

    def set_theme(self, name: str) -> None:
        """Switch the theme now and for the next start."""
        self._session.settings.theme = name
        self._window.rebuild_wanted.emit()

    def about(self) -> None:
        """What the program is."""
        from app.dialogs.about import AboutDialog

        dialog = AboutDialog(self._window)
        dialog.exec()
        dialog.deleteLater()

    def _say(self, text: str) -> None:
        self._window.statusBar().showMessage(text, 6000)
