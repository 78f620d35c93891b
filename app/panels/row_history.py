"""History of the selected row: each step with before and after of its fields, and the rows it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QToolButton, QVBoxLayout, QWidget

from app import theme
from app.panels.frame_model import Cell, ListModel
from app.panels.history_words import kind_word, local_time
from app.panels.table_model import display_value
from app.panels.widgets import ElidedLabel, EmptyHint, fit_columns, table
from app.session import Session
from gis.text import mark, tr
from layers.registry import LAYERS, TABLES, layer

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.editing.history import Relative, RowHistory, Step
    from layers.project import Project
    from layers.spec import LayerSpec

__all__ = ["RowHistoryView"]

_STEPS = (mark("时间"), mark("用户"), mark("操作"), mark("事由"), mark("改动"))
_CHANGES = (mark("字段"), mark("改动前"), mark("改动后"))
_ORIGIN = ("source_crs", "source")


class RowHistoryView(QWidget):
    """Follows the selection. A click on a step shows its outline before (dashed) and after on the map."""

    outlines_wanted = Signal(object, object)  # geometry before and after, either None
    row_activated = Signal(str, str)  # layer, uuid of a relative that still is

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._stale = True
        self._asked: tuple[str, str] = ("", "")
        self.history: RowHistory | None = None
        self.title = ElidedLabel()
        self.title.setProperty("role", "heading")
        self.relatives = QHBoxLayout()
        self.relatives.setSpacing(4)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.addWidget(self.title, 1)
        head.addLayout(self.relatives)
        self.steps = ListModel([tr(text) for text in _STEPS])
        self.steps_view = table(self.steps, sortable=False)
        self.steps_view.verticalHeader().hide()
        self.steps_view.setAccessibleName(tr("所选行的历史"))
        EmptyHint(self.steps_view, tr("选中一行，这里显示它的来历：何时、何人、为什么、改了什么。"))
        self.changes = ListModel([tr(text) for text in _CHANGES])
        self.changes_view = table(self.changes, sortable=False)
        self.changes_view.verticalHeader().hide()
        self.changes_view.setAccessibleName(tr("改动的字段"))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.steps_view)
        split.addWidget(self.changes_view)
        split.setSizes([600, 500])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(split, 1)
        self.steps_view.selectionModel().currentRowChanged.connect(self._picked)
        self.steps_view.clicked.connect(lambda index: self._outline(index))
        session.selection_changed.connect(self.reload)
        session.project_changed.connect(self.reload)
        session.project_closed.connect(self._empty)
        self._show(None)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Catch up with the selection."""
        super().showEvent(event)
        if self._stale:
            self.reload()

    def reload(self, *_: object) -> None:
        """Read the history of the selected row, when it is seen."""
        self._stale = True
        if not self.isVisible() or self._session.project is None:
            return
        self._stale = False
        name, uuids = self._session.selected
        if not uuids or name not in {spec.name for spec in TABLES}:
            self._show(None)
            return
        self.show_row(name, uuids[0])

    def show_row(self, name: str, uuid: str) -> None:
        """Show the history of a row, also of one that is no more."""
        self._asked = (name, uuid)

        def work(project: Project, _progress: Progress) -> RowHistory:
            from layers.editing.history import history_of

            return history_of(project, name, uuid)

        def arrived(history: RowHistory) -> None:
            if (history.layer, history.uuid) == self._asked:
                self._show(history)

        self._session.read(work, arrived, quiet=True, owner=self)

    def _empty(self) -> None:
        self._stale = True
        self._show(None)

    def _show(self, history: RowHistory | None) -> None:
        self.history = history
        self.outlines_wanted.emit(None, None)
        while self.relatives.count():
            item = self.relatives.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                old.deleteLater()
        if history is None:
            self._asked = ("", "")
            self.title.setText("")
            self.steps.fill([])
            self.changes.fill([])
            return
        spec = layer(history.layer)
        self.title.setText(_title(spec, history))
        self.steps.fill([(_step_cells(spec, step), step) for step in history.steps])
        fit_columns(self.steps_view, most=320)
        self.steps_view.horizontalHeader().setStretchLastSection(True)
        for relative, sign in (
            *((item, tr("来自")) for item in history.ancestors),
            *((item, tr("分出")) for item in history.descendants),
        ):
            self.relatives.addWidget(self._relative_button(relative, sign))
        if history.steps:
            self.steps_view.setCurrentIndex(self.steps.index(0, 0))
        else:
            self.changes.fill([])

    def _relative_button(self, relative: Relative, sign: str) -> QToolButton:
        from layers.codes import code_table

        button = QToolButton()
        button.setAutoRaise(True)
        number = relative.number or tr("（无编号）")
        button.setText(tr("{sign} {number}", sign=sign, number=number).replace("&", "&&"))
        operation = code_table("descent").title(relative.operation)
        state = tr("现有") if relative.current else tr("已不存在")
        button.setToolTip(
            tr(
                "{operation}，第 {generation} 代，{state}",
                operation=operation,
                generation=relative.generation,
                state=state,
            )
        )
        if relative.current:
            button.setIcon(theme.icon("locate", size=14))
            button.clicked.connect(lambda: self.row_activated.emit(relative.layer, relative.uuid))
        else:
            button.clicked.connect(lambda: self.show_row(relative.layer, relative.uuid))
        return button

    def _picked(self, current: QModelIndex) -> None:
        if not current.isValid() or self.history is None:
            return
        step: Step = self.steps.item(current.row())
        spec = layer(self.history.layer)
        self.changes.fill([(cells, None) for cells in _change_cells(spec, step)])
        fit_columns(self.changes_view, most=260)
        self.changes_view.horizontalHeader().setStretchLastSection(True)

    def _outline(self, index: QModelIndex) -> None:
        step: Step = self.steps.item(index.row())
        before, after = (None if side is None else side.get("geometry") for side in (step.before, step.after))
        self.outlines_wanted.emit(before, after)


def _title(spec: LayerSpec, history: RowHistory) -> str:
    last = next(
        (side for step in history.steps for side in (step.after, step.before) if side is not None), {}
    )
    label = display_value(spec.field(spec.label), last.get(spec.label)) if spec.label else ""
    steps = len(history.steps)
    return tr(
        "{layer} {label}，改动次数：{count}", layer=spec.title, label=label or tr("（无编号）"), count=steps
    )


def _step_cells(spec: LayerSpec, step: Step) -> list[Cell]:
    if step.before is None:
        what = tr("新增")
    elif step.after is None:
        what = tr("删除")
    else:
        what = tr("、").join(_field_title(spec, name) for name in step.changed) or tr("无改动")
    return [
        Cell(local_time(step.entry.at), step.entry.at),
        Cell(step.entry.who),
        Cell(kind_word(step.entry.kind)),
        Cell(step.entry.why),
        Cell(what),
    ]


def _field_title(spec: LayerSpec, name: str) -> str:
    if name == "geometry":
        return tr("图形")
    if name in _ORIGIN:
        return tr("来源坐标系") if name == "source_crs" else tr("来源文件")
    return spec.field(name).title


def _change_cells(spec: LayerSpec, step: Step) -> list[list[Cell]]:
    """Each field that differs; of a row that was born or ended, those that hold a value."""
    before, after = step.before or {}, step.after or {}
    named = [*(item.name for item in spec.fields), *_ORIGIN]
    if spec.name in {item.name for item in LAYERS}:
        named.append("geometry")
    known = step.changed if step.before is not None and step.after is not None else None
    rows = []
    for name in named:
        old, new = (_value_text(spec, name, side.get(name)) for side in (before, after))
        if name in known if known is not None else (old or new):
            rows.append([Cell(_field_title(spec, name)), Cell(old or "–"), Cell(new or "–")])
    return rows


def _value_text(spec: LayerSpec, name: str, value: Any) -> str:
    if name == "geometry":
        return "" if value is None else _shape_text(value)
    if name in _ORIGIN:
        return "" if value is None else str(value)
    return display_value(spec.field(name), value)


def _shape_text(shape: Any) -> str:
    """What can be told of an outline in words; its look is on the map."""
    import shapely

    count = int(shapely.get_num_coordinates(shape))
    if "Polygon" in shape.geom_type:
        return tr("{count} 个点，平面面积 {area} ㎡", count=count, area=f"{shape.area:,.2f}")
    return tr("{count} 个点", count=count)
