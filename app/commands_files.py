"""Commands on files: project files, import, export, report, printing, and what is dropped on the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMessageBox

from app.dialogs.leaving import may_leave
from app.dialogs.messages import error_box, show_error
from app.session import Session
from gis.errors import ParkLineError
from gis.text import tr

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.project import Project

__all__ = ["FileCommands"]

_MESSAGE_MS = 8000
# Parts of a shapefile that come along when a county's files are dropped together.
_COMPANIONS = (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".xml")


class FileCommands:
    """The handlers behind the file actions of one window; ``layer`` tells which layer is marked."""

    def __init__(self, window: QMainWindow, session: Session, layer: Callable[[], str | None]) -> None:
        self._window, self._session, self._layer = window, session, layer

    def handlers(self) -> dict[str, Callable[[], None]]:
        """Action name → what it does."""
        return {
            "new": self.new, "open": self.open, "demo": self.demo, "save_copy": self.save_copy,
            "close": self.close, "import": self.import_data, "export": self.export_layer,
            "report": self.report, "print": self.print_selected, "restore": self.restore,
        }  # fmt: skip

    # --- project -------------------------------------------------------------------------------------

    def may_leave(self) -> bool:
        """Whether the present project may be closed: asks while something is still being written."""
        return may_leave(self._session.tasks, self._window)

    def new(self) -> None:
        """Make an empty project."""
        from app.dialogs.new_project import NewProjectDialog

        if not self.may_leave():
            return
        dialog = NewProjectDialog(self._session.settings, self._window)
        if dialog.exec():
            self._session.create(dialog.choice())
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
        """Open a project file; a recent one that is gone leaves the list."""
        if Path(path).exists():
            if self.may_leave():
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

        if self.may_leave():
            self._session.open_demo(demo_project())

    def close(self) -> None:
        """Close the project, not the program."""
        if self.may_leave():
            self._session.close()

    def save_copy(self) -> None:
        """Write a copy of the project file."""
        project = self._session.project
        name = "" if project is None else tr("{name} 副本", name=project.path.stem)
        # A copy never takes the place of a file, so Qt need not ask whether it may.
        self._ask_target(
            tr("另存副本"), f"{name}.gpkg", tr("ParkLine 项目 (*.gpkg)"), self.save_copy_to, replaces=False
        )

    def save_copy_to(self, target: Path) -> None:
        """Copy in the background."""

        def work(project: Project, progress: Progress) -> Any:
            progress(0.0, tr("另存副本 {name}", name=target.name))
            store: Any = project.store
            return store.save_copy(target, progress=progress)

        self._write_file(work, target, tr("另存副本"))

    def restore(self) -> None:
        """Choose a kept state and bring it back."""

        def found(states: list[Any]) -> None:
            from app.dialogs.restore_backup import RestoreDialog

            project, holder = self._session.project, self._session.guard.holder
            if project is None:
                return
            hindrance = "" if holder is None else holder.sentence() + tr("现在只能查看，不能修改。")
            if not hindrance and not project.is_writable:
                hindrance = tr("文件是只读的，不能写入。")
            dialog = RestoreDialog(states, hindrance, self._window)
            dialog.accepted.connect(lambda: self.restore_from(dialog.chosen))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

        def look(project: Project, progress: Progress) -> list[Any]:
            from app.dialogs.restore_backup import kept_states

            return list(kept_states(project, progress))

        self._session.read(look, found, title=tr("查看备份"), owner=self._window)

    def restore_from(self, backup: Any) -> None:
        """Bring a kept state back, once nothing is being written any more."""
        if backup is not None and self.may_leave():
            self._session.restore(backup)

    def show_error(self, error: BaseException) -> None:
        """Tell it; where the disk, stick or network is to blame, offer to save a copy elsewhere."""
        from gis.store.failures import StorageError

        box = error_box(self._window, error)
        if isinstance(error, StorageError) and self._session.project is not None:
            copy = box.addButton(tr("另存副本…"), QMessageBox.ButtonRole.ActionRole)
            copy.clicked.connect(self.save_copy)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    # --- data in and out -----------------------------------------------------------------------------

    def import_data(self, path: Path | None = None) -> None:
        """Open the import dialog, with a file if one is given."""
        from app.dialogs.import_data import ImportDialog

        if self._session.project is None:
            self._say(tr("先打开或新建一个项目，再导入数据。"))
            return
        dialog = ImportDialog(self._session, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        if path is not None:
            dialog.set_file(path)

    def take(self, paths: Sequence[Path]) -> None:
        """Open a project that was dropped on the window, import anything else."""
        path = next((item for item in paths if item.suffix.lower() not in _COMPANIONS), None)
        if path is None:
            self._say(tr("请拖入 .shp 文件本身；其余部分会一并读取。"))
        elif path.suffix.lower() == ".gpkg":

            def arrived(is_project: bool) -> None:
                if is_project:
                    self.open_path(str(path))
                else:
                    self.import_data(path)

            self._session.tasks.run(lambda _: _is_project(path), arrived, quiet=True)
        else:
            self.import_data(path)

    def export_layer(self, name: str | None = None) -> None:
        """Choose a format and a place, then write a layer."""

        def snapshots_read(snapshots: list[str]) -> None:
            from app.dialogs.export_layer import ExportDialog

            project = self._session.project
            if project is None:
                return
            dialog = ExportDialog(
                self._session.settings, project, name or self._layer(), snapshots, self._window
            )
            dialog.accepted.connect(lambda: self.export_to(*dialog.values()))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

        self._session.read(
            lambda project, _progress: [item.name for item in project.snapshots()],
            snapshots_read,
            quiet=True,
            owner=self._window,
        )

    def export_to(self, layer: str, target: Path, epsg: int | None, snapshot: str | None) -> None:
        """Write a layer in the background and say what was written."""

        def work(project: Project, progress: Progress) -> Any:
            from layers.exporting import export_layer

            return export_layer(project, layer, target, epsg=epsg, snapshot=snapshot, progress=progress)

        def done(made: Any) -> None:
            from app.dialogs.messages import show_notes

            text = tr("{count} 行已写到 {file}", count=f"{made.rows:,}", file=made.path.name)
            self._say(text)
            if made.notes:
                show_notes(self._window, tr("导出图层"), text, made.notes)

        self._session.read(work, done, title=tr("导出图层"), owner=self._window, writes=True)

    def report(self) -> None:
        """Write the check report."""
        if not self._session.results:
            self._say(tr("检查尚未完成，请稍候再导出。"))
            return
        project = self._session.project
        name = "" if project is None else tr("{name} 检查报告", name=project.name)
        self._ask_target(tr("导出检查报告"), f"{name}.xlsx", tr("Excel 工作簿 (*.xlsx)"), self.report_to)

    def report_to(self, target: Path) -> None:
        """Write the results that are on the dashboard as a workbook."""
        results = list(self._session.results)

        def work(project: Project, progress: Progress) -> Any:
            progress(0.1, tr("写检查报告"))
            from layers.report import write_report

            return write_report(results, target, project)

        self._write_file(work, target, tr("导出检查报告"))

    def export_warnings(self, frame: Any) -> None:
        """Write the warnings that are listed as a workbook."""

        def write(target: Path) -> None:
            def work(_project: Project, progress: Progress) -> Any:
                from layers.export_ledger import write_xlsx
                from layers.output_files import write_whole

                write_whole(target, lambda part: write_xlsx(frame, part, title=tr("预警"), progress=progress))

            self._write_file(work, target, tr("导出预警"))

        project = self._session.project
        name = "" if project is None else tr("{name} 预警", name=project.name)
        self._ask_target(tr("导出预警"), f"{name}.xlsx", tr("Excel 工作簿 (*.xlsx)"), write)

    def print_selected(self) -> None:
        """Print the selected parcel."""
        table, uuids = self._session.selected
        if table == "parcel" and uuids:
            self.print_parcel(uuids[0])
        else:
            self._say(tr("先在地图或属性表中选中一个地块，再打印宗地图。"))

    def print_parcel(self, uuid: str) -> None:
        """Open the print dialog for a parcel."""
        from app.dialogs.print_map import PrintMapDialog

        dialog = PrintMapDialog(self._session, uuid, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # --- shared --------------------------------------------------------------------------------------

    def _ask_target(
        self, title: str, name: str, pattern: str, write: Callable[[Path], None], *, replaces: bool = True
    ) -> None:
        from app.dialogs.save_target import ask_save_target

        target = ask_save_target(
            self._window, self._session.settings, title, name, pattern, replaces=replaces
        )
        if target is not None:
            write(target)

    def _write_file(self, work: Callable[[Project, Progress], Any], target: Path, title: str) -> None:
        self._session.read(
            work,
            lambda _: self._say(tr("已保存 {file}", file=target.name)),
            title=title,
            owner=self._window,
            writes=True,
        )

    def _say(self, text: str) -> None:
        self._window.statusBar().showMessage(text, _MESSAGE_MS)


def _is_project(path: Path) -> bool:
    """Whether a file can be opened as a project; in a worker."""
    from layers.project import Project

    try:
        Project.open(path).close()
    except ParkLineError:
        return False
    return True
