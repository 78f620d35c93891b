"""What can be done with the rows of the attribute table: batch edit, copy, statistics, columns, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from app import theme
from app.panels.offers import offered
from app.panels.table_columns import ColumnChoice, ColumnsDialog, apply_columns, chosen_columns, shown_fields
from app.panels.table_copy import clipboard_data
from app.session import Session
from gis.text import tr
from layers.spec import Editing, Field

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.panels.attribute_table import AttributeTable
    from gis.progress import Progress
    from gis.store.column_statistics import ColumnStatistics
    from layers.editing.edit import Edit
    from layers.project import Project

__all__ = ["TableTools"]

_MOST_COPIED = 200_000  # rows; a spreadsheet takes a million, the clipboard has to hold them all at once


class TableTools(QObject):
    """Buttons and context menus of one attribute table."""

    edit_wanted = Signal(str, str)  # layer, uuid
    new_wanted = Signal(str)  # layer
    removal_wanted = Signal(str, list)  # layer, uuids
    history_wanted = Signal(str, str)  # layer, uuid

    def __init__(self, table: AttributeTable, session: Session) -> None:
        super().__init__(table)
        self._table, self._session = table, session
        self._arranging = False
        self.batch = self._action(tr("批量修改…"), "edit-row", self.edit_many)
        self.statistics = self._action(tr("列统计…"), "statistics", self.show_statistics)
        self.columns = self._action(tr("显示列…"), "columns", self.choose_columns)
        self.copy = self._action(tr("复制"), "", lambda: self.copy_rows(headers=False))
        self.copy.setShortcut(QKeySequence.StandardKey.Copy)
        self.copy_headers = self._action(tr("复制（含表头）"), "", lambda: self.copy_rows(headers=True))
        self.copy_headers.setShortcut("Ctrl+Shift+C")
        for action in (self.copy, self.copy_headers):
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            table.addAction(action)
        self.form = self._action(tr("编辑该行…"), "", self._edit_row)
        self.new = self._action(tr("新增行…"), "row-add", lambda: self.new_wanted.emit(table.spec.name))
        self.remove = self._action(tr("删除选中的行…"), "row-delete", self._remove)
        self.history = self._action(tr("该行的历史"), "history", self._history)
        session.editor.state_changed.connect(self.enable)

    def _action(self, text: str, icon: str, slot: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        if icon:
            action.setIcon(theme.icon(icon))
        action.triggered.connect(lambda _checked=False: slot())
        return action

    def buttons(self) -> list[QToolButton]:
        """The frequent ones, for the bar above the table."""
        made = []
        for action in (self.new, self.batch, self.statistics, self.columns):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAutoRaise(True)
            button.setToolTip(action.text().rstrip("…"))
            made.append(button)
        return made

    def enable(self) -> None:
        """Grey what the layer or the project does not allow."""
        editable = self._session.editor.writable and self._table.spec.editing is not Editing.NONE
        for action in (self.batch, self.form, self.remove):
            action.setEnabled(editable)
        self.new.setEnabled(editable and not self._table.spec.geometry_required)

    # --- menus ------------------------------------------------------------------------------------------

    def show_menu(self, place: QPoint) -> None:
        """The menu of a row."""
        self.enable()
        menu = QMenu(self._table)
        fly = menu.addAction(theme.icon("zoom-selection"), tr("缩放到该行"))
        fly.triggered.connect(lambda: self._table.fly_to(self._table.view.currentIndex().row()))
        for action in (
            self.form,
            self.batch,
            None,
            self.copy,
            self.copy_headers,
            None,
            self.history,
            None,
            self.remove,
        ):
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._table.view.viewport().mapToGlobal(place))

    def show_header_menu(self, place: QPoint) -> None:
        """The menu of a column."""
        header = self._table.view.horizontalHeader()
        column = header.logicalIndexAt(place)
        model = self._table.model
        if model is None or column < 0:
            return
        field = model.fields[column]
        menu = QMenu(self._table)
        count = menu.addAction(
            theme.icon("statistics"), tr("统计“{field}”…", field=field.title).replace("&", "&&")
        )
        count.triggered.connect(lambda: self.show_statistics(field.name))
        hide = menu.addAction(tr("隐藏该列"))
        hide.setEnabled(len(shown_fields(self._table.view, model.fields)) > 1)
        hide.triggered.connect(lambda: self._hide(field))
        menu.addAction(self.columns)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(header.mapToGlobal(place))

    # --- columns ----------------------------------------------------------------------------------------

    def arrange_columns(self) -> None:
        """Show the columns as they were chosen for the layer."""
        model = self._table.model
        if model is not None:
            self._arranging = True
            apply_columns(self._table.view, model.fields, chosen_columns(self._session.settings, model.spec))
            self._arranging = False

    def choose_columns(self) -> None:
        """Ask which columns to show."""
        spec = self._table.spec
        dialog = ColumnsDialog(spec, chosen_columns(self._session.settings, spec), self._table)
        dialog.accepted.connect(lambda: self._keep(dialog.choice))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _hide(self, field: Field) -> None:
        choice = chosen_columns(self._session.settings, self._table.spec)
        self._keep(ColumnChoice(choice.order, choice.hidden | {field.name}))

    def keep_order(self, *_: int) -> None:
        """A column was dragged to another place."""
        model = self._table.model
        if model is None or self._arranging:
            return
        header = self._table.view.horizontalHeader()
        order = [model.fields[header.logicalIndex(place)].name for place in range(header.count())]
        hidden = chosen_columns(self._session.settings, model.spec).hidden
        self._session.settings.set_columns(model.spec.name, order, hidden)

    def _keep(self, choice: ColumnChoice) -> None:
        self._session.settings.set_columns(self._table.spec.name, choice.order, choice.hidden)
        self.arrange_columns()

    # --- reading ----------------------------------------------------------------------------------------

    def copy_rows(self, *, headers: bool) -> None:
        """Put the selected rows on the clipboard, the columns that are shown."""
        table, source = self._table, self._table.source
        if table.model is None or source is None:
            return
        count, identities = table.selected()
        fields = shown_fields(table.view, table.model.fields)
        if not count:
            table.say(tr("没有选中的行。"))
            return
        if count > _MOST_COPIED:
            table.say(tr("一次最多复制 {most} 行；更多的行请用“导出图层”。", most=f"{_MOST_COPIED:,}"))
            return

        def arrived(rows: list[tuple[Any, ...]]) -> None:
            QApplication.clipboard().setMimeData(clipboard_data(fields, rows, headers=headers))
            table.say(tr("已复制的行：{count}", count=f"{len(rows):,}"))

        names = [field.name for field in fields]
        self._session.read(
            lambda _project, _progress: source.values(names, identities()),
            arrived,
            title=tr("复制"),
            owner=table,
        )

    def show_statistics(self, name: str = "") -> None:
        """Figures of a column, at first of the current one."""
        from app.dialogs.column_statistics import StatisticsDialog

        table = self._table
        if table.model is None or table.source is None:
            return
        field = name or table.current_field()
        dialog = StatisticsDialog(
            shown_fields(table.view, table.model.fields), field, table.selected()[0], table.model.rowCount(),
            self._reckon, table,
        )  # fmt: skip
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _reckon(self, field: Field, marked: bool, done: Callable[[ColumnStatistics], None]) -> None:
        source = self._table.source
        if source is None:
            return
        _count, identities = self._table.selected()
        self._session.read(
            lambda _project, progress: source.statistics(field, identities() if marked else None, progress),
            done,
            title=tr("列统计"),
            owner=self._table,
        )

    # --- writing ----------------------------------------------------------------------------------------

    def edit_many(self) -> None:
        """One value for the selected rows, or for all that the filter lets through."""
        from app.dialogs.batch_edit import BatchEditDialog

        table, model, source = self._table, self._table.model, self._table.source
        if model is None or source is None:
            return
        fields = [field for field in model.fields if model.editable(field)]
        if not fields:
            table.say(tr("该图层或该项目不能编辑。"))
            return
        row = max(table.view.currentIndex().row(), 0)

        def offer(field: Field) -> list[tuple[Any, str]]:
            return offered(self._session, model.spec, field, lambda name: model.value(row, name))

        count, identities = table.selected()
        dialog = BatchEditDialog(fields, count, model.rowCount(), offer, table, field=table.current_field())
        spec = model.spec

        def accepted() -> None:
            field, value, everything = dialog.chosen
            chosen = source.uuids if everything else identities

            def build(project: Project, _progress: Progress) -> Edit:
                from layers.editing.prepare import attribute_edit

                return attribute_edit(project, spec.name, chosen(), {field.name: value})

            title = tr("批量修改“{field}”（{count}）", count=f"{dialog.count:,}", field=field.title)
            self._session.editor.submit(build, title)

        dialog.accepted.connect(accepted)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _edit_row(self) -> None:
        if (uuid := self._current()) is not None:
            self.edit_wanted.emit(self._table.spec.name, uuid)

    def _history(self) -> None:
        if (uuid := self._current()) is not None:
            self.history_wanted.emit(self._table.spec.name, uuid)

    def _remove(self) -> None:
        spec = self._table.spec
        count, identities = self._table.selected()
        if count:
            self._session.read(
                lambda _project, _progress: identities(),
                lambda uuids: self.removal_wanted.emit(spec.name, uuids),
                quiet=True,
                owner=self._table,
            )

    def _current(self) -> str | None:
        model = self._table.model
        index = self._table.view.currentIndex()
        return model.uuid(index.row()) if model is not None and index.isValid() else None
