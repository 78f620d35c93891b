"""情景推演: planned changes, moved by hand, and every target today and under each scenario side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QMessageBox,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.what_if_change import ChangeDialog
from app.dialogs.what_if_control import MovingControl
from app.dialogs.what_if_facts import ChangeForms
from app.dialogs.what_if_results import ResultsPart, push_button
from app.dialogs.what_if_runner import ScenarioRunner
from app.dialogs.what_if_value import ValueDialog
from app.panels.widgets import EmptyHint, label
from app.session import Session
from gis.text import tr

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.project import Project
    from layers.scenarios.changes import Change
    from layers.scenarios.scenario import Scenario

__all__ = ["WhatIfWindow"]

_ADDABLE = ("transfer", "rezone", "redraw", "build", "end_lease", "start_lease", "set_value")


class WhatIfWindow(QDialog):
    """Does not block the main window: parcels are picked on its map. Nothing is stored before 保存 or 应用."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._session = session
        self.scenarios: list[Scenario] = []
        self._unsaved: set[int] = set()
        self._own_write = False
        self.runner = ScenarioRunner(session, self)
        self.results = ResultsPart(session, self.runner, self.compared_scenarios)
        self.results.day_changed.connect(self._prepare)
        self.setWindowTitle(tr("情景推演"))
        self.resize(1340, 760)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.addWidget(self._left())
        halves.addWidget(self.results)
        halves.setSizes([350, 990])
        halves.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.addWidget(halves, 1)
        self.runner.failed.connect(lambda: self.results.say(tr("推演没有完成。")))
        session.project_changed.connect(self._project_changed)
        session.project_closed.connect(self.close_anyway)
        self._read()
        self._prepare()

    # --- parts ----------------------------------------------------------------------------------------

    def _left(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(label(tr("情景（勾选的参加比较）"), "heading"))
        self.names = QListWidget()
        self.names.setAccessibleName(tr("情景"))
        EmptyHint(self.names, tr("还没有情景。点“新建”，再添加计划中的变更。"))
        self.names.currentRowChanged.connect(self._scenario_chosen)
        self.names.itemChanged.connect(lambda _: self._run())
        column.addWidget(self.names, 2)
        row = QHBoxLayout()
        for text, act in (
            (tr("新建"), self.add_scenario),
            (tr("改名…"), self._rename),
            (tr("复制"), self.copy_scenario),
            (tr("删除"), self._delete),
        ):
            row.addWidget(push_button(text, act))
        column.addLayout(row)
        column.addWidget(label(tr("计划中的变更"), "heading"))
        self.changes = QListWidget()
        self.changes.setAccessibleName(tr("计划中的变更"))
        self.changes.setWordWrap(True)
        EmptyHint(self.changes, tr("点“添加变更”：供地、改变用途、图斑改界、新建厂房、租约、修改数值。"))
        self.changes.currentRowChanged.connect(lambda _: self._change_chosen())
        self.changes.doubleClicked.connect(lambda _: self.edit_change())
        column.addWidget(self.changes, 3)
        row = QHBoxLayout()
        self.adding = QPushButton(tr("添加变更"))
        self.adding.setAutoDefault(False)
        menu = QMenu(self.adding)
        from layers.scenarios.changes import KINDS

        for kind in _ADDABLE:
            menu.addAction(tr("{kind}…", kind=tr(KINDS[kind].title))).triggered.connect(
                lambda _checked=False, kind=kind: self.add_change(kind)
            )
        self.adding.setMenu(menu)
        row.addWidget(self.adding)
        row.addWidget(push_button(tr("编辑…"), self.edit_change))
        row.addWidget(push_button(tr("移除"), self.remove_change))
        column.addLayout(row)
        self.control = MovingControl()
        self.control.moved.connect(self._moved)
        column.addWidget(self.control)
        row = QHBoxLayout()
        self.saving = push_button(tr("保存情景"), self.save)
        self.applying = push_button(tr("应用情景…"), self.apply)
        row.addWidget(self.saving)
        row.addWidget(self.applying)
        column.addLayout(row)
        return part

    # --- reading --------------------------------------------------------------------------------------

    def _read(self) -> None:
        """The stored scenarios, unless something is not stored yet that reading would lose."""

        def work(project: Project, _progress: Progress) -> list[Scenario]:
            from layers.scenarios.stored import read_scenarios

            return read_scenarios(project)

        def done(scenarios: list[Scenario]) -> None:
            if scenarios != self.scenarios and not self._unsaved:
                row = self.names.currentRow()
                self.scenarios = scenarios
                self._fill_names(max(min(row, len(scenarios) - 1), 0))

        self._session.read(work, done, quiet=True, owner=self)

    def _prepare(self) -> None:
        self.results.say(tr("正在准备：读取项目并运行检查。"))
        self.runner.prepare(self.results.chosen_day)

    def _project_changed(self) -> None:
        """Rows were written: by a scenario that was stored, which changes no result, or by something else."""
        if self._own_write:
            self._own_write = False
            return
        self._prepare()
        self._read()

    # --- scenarios ------------------------------------------------------------------------------------

    @property
    def current(self) -> int:
        """The scenario that is worked on, -1 if there is none."""
        row = self.names.currentRow()
        return row if 0 <= row < len(self.scenarios) else -1

    def _fill_names(self, current: int) -> None:
        off = {
            self.names.item(row).data(Qt.ItemDataRole.UserRole)
            for row in range(self.names.count())
            if self.names.item(row).checkState() is Qt.CheckState.Unchecked
        }
        self.names.blockSignals(True)
        self.names.clear()
        for row, scenario in enumerate(self.scenarios):
            item = QListWidgetItem(f"{scenario.name} *" if row in self._unsaved else scenario.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setData(Qt.ItemDataRole.UserRole, scenario.name)
            item.setCheckState(Qt.CheckState.Unchecked if scenario.name in off else Qt.CheckState.Checked)
            self.names.addItem(item)
        self.names.setCurrentRow(current if self.scenarios else -1)
        self.names.blockSignals(False)
        self._scenario_chosen()
        self._run()

    def _scenario_chosen(self, _row: int = -1) -> None:
        self._fill_changes(0)
        there = self.current >= 0
        self.adding.setEnabled(there)
        self.saving.setEnabled(self.current in self._unsaved)
        self.applying.setEnabled(there and bool(self.scenarios[self.current].changes))

    def add_scenario(self, name: str = "") -> None:
        """A new, empty scenario."""
        from layers.scenarios.scenario import Scenario

        taken = {item.name for item in self.scenarios}
        plain = name or next(
            text
            for number in range(1, 1000)
            if (text := tr("情景 {name}", name=_letters(number))) not in taken
        )
        self._append(Scenario(plain))

    def copy_scenario(self) -> None:
        """The same changes under another name."""
        if self.current < 0:
            return
        from layers.scenarios.stored import copy_name

        old = self.scenarios[self.current]
        self._append(replace(old, uuid="", name=copy_name(old.name, {item.name for item in self.scenarios})))

    def _append(self, scenario: Scenario) -> None:
        self.scenarios.append(scenario)
        self._unsaved.add(len(self.scenarios) - 1)
        self._fill_names(len(self.scenarios) - 1)

    def _rename(self) -> None:
        if self.current < 0:
            return
        old = self.scenarios[self.current]
        name, given = QInputDialog.getText(self, tr("改名"), tr("情景名称"), text=old.name)
        if given and name.strip() and name.strip() != old.name:
            self.put(replace(old, name=name.strip()))

    def _delete(self) -> None:
        at = self.current
        if at < 0:
            return
        scenario = self.scenarios[at]
        question = tr("删除情景“{name}”？可以撤销。", name=scenario.name)
        if not self._agreed(tr("删除情景"), question, tr("删除")):
            return

        def gone(_: Any = None) -> None:
            del self.scenarios[at]
            self._unsaved = {row - (row > at) for row in self._unsaved if row != at}
            self._fill_names(max(at - 1, 0))

        if not scenario.uuid:
            gone()
            return

        def work(project: Project, _progress: Progress) -> bool:
            from layers.scenarios.stored import delete_scenario

            delete_scenario(project, scenario)
            return True

        self._write(work, gone, tr("删除情景"))

    def put(self, scenario: Scenario, *, moving: bool = False, change: int = -1) -> None:
        """Another state of the scenario that is worked on; not stored yet."""
        at = self.current
        self.scenarios[at] = scenario
        self._unsaved.add(at)
        if moving:
            item = self.names.item(at)
            self.names.blockSignals(True)
            item.setText(f"{scenario.name} *")
            self.names.blockSignals(False)
            self.saving.setEnabled(True)
            self._run(moving=True)
        else:
            self._fill_names(at)
            self._fill_changes(change if change >= 0 else 0)

    def save(self) -> None:
        """Store the scenario that is worked on."""
        at = self.current
        if at < 0:
            return
        scenario = self.scenarios[at]

        def work(project: Project, _progress: Progress) -> Scenario:
            from layers.scenarios.stored import save_scenario

            return save_scenario(project, scenario)

        def done(stored: Scenario) -> None:
            self.scenarios[at] = stored
            self._unsaved.discard(at)
            row = self.changes.currentRow()
            self._fill_names(at)
            self._fill_changes(max(row, 0))

        self._write(work, done, tr("保存情景"))

    def _write(self, work: Any, done: Any, title: str) -> None:
        self._own_write = True

        def failed(error: Exception) -> None:
            self._own_write = False
            self._session.tasks.failed.emit(error)

        self._session.write(work, done, title=title, owner=self, failed=failed)

    # --- changes --------------------------------------------------------------------------------------

    def _fill_changes(self, row: int) -> None:
        self.changes.blockSignals(True)
        self.changes.clear()
        for change in self._changes():
            self.changes.addItem(change.text)
        self.changes.setCurrentRow(row)
        self.changes.blockSignals(False)
        self._change_chosen()

    def _changes(self) -> tuple[Change, ...]:
        return self.scenarios[self.current].changes if self.current >= 0 else ()

    def _change_chosen(self) -> None:
        changes, row = self._changes(), self.changes.currentRow()
        self.control.show_change(changes[row] if 0 <= row < len(changes) else None)

    def add_change(self, kind: str) -> None:
        """Ask for a planned change of a kind."""
        self._ask(kind, None)

    def edit_change(self) -> None:
        """Ask for other values of the marked change."""
        changes, row = self._changes(), self.changes.currentRow()
        if 0 <= row < len(changes) and changes[row].kind in _ADDABLE:
            self._ask(changes[row].kind, changes[row])

    def _ask(self, kind: str, change: Change | None) -> None:
        """Show the form of a kind. It does not block the map: what is selected there is what a new change is about."""
        day = self.results.chosen_day
        table, uuid = (getattr(change, name, "") for name in ("table", "uuid"))
        named = ((table, uuid),) if table and uuid else ()

        def read(done: Callable[[ChangeForms], None]) -> None:
            selected = self._session.selected
            self._session.read(
                lambda project, _progress: ChangeForms.of(project, day, selected, named),
                done,
                quiet=True,
                owner=self,
            )

        def show(forms: ChangeForms) -> None:
            dialog: ChangeDialog | ValueDialog = (
                ValueDialog(forms, change, self)
                if kind == "set_value"
                else ChangeDialog(kind, forms, change, self)
            )

            def accepted() -> None:
                if dialog.change is not None and self.current >= 0:
                    scenario = self.scenarios[self.current].with_change(dialog.change)
                    ids = [item.id for item in scenario.changes]
                    self.put(scenario, change=ids.index(dialog.change.id))

            def selected(_table: str, _uuids: object) -> None:
                read(lambda forms: dialog.take(forms) if dialog.isVisible() else None)

            def finished(_result: int) -> None:
                self._session.selection_changed.disconnect(selected)
                dialog.deleteLater()

            self._session.selection_changed.connect(selected)
            dialog.accepted.connect(accepted)
            dialog.finished.connect(finished)
            dialog.show()
            dialog.raise_()

        read(show)

    def remove_change(self) -> None:
        """Take the marked change out of the scenario."""
        changes, row = self._changes(), self.changes.currentRow()
        if 0 <= row < len(changes):
            self.put(self.scenarios[self.current].without([changes[row].id]), change=max(row - 1, 0))

    def _moved(self, change: Change) -> None:
        if self.current < 0:
            return
        self.put(self.scenarios[self.current].with_change(change), moving=True)
        item = self.changes.currentItem()
        if item is not None:
            item.setText(change.text)

    # --- results --------------------------------------------------------------------------------------

    def compared_scenarios(self) -> list[Scenario]:
        """Those that are ticked, in the order of the list."""
        return [
            scenario
            for row, scenario in enumerate(self.scenarios)
            if row < self.names.count() and self.names.item(row).checkState() is Qt.CheckState.Checked
        ]

    def _run(self, *, moving: bool = False) -> None:
        self.results.tell_pending()
        self.runner.show(self.compared_scenarios(), moving=moving)

    # --- what becomes of it ---------------------------------------------------------------------------

    def apply(self) -> None:
        """Turn the changes into one edit of the project, with its warnings."""
        at = self.current
        project = self._session.project
        if at < 0 or project is None:
            return
        from layers.scenarios.apply import scenario_edit, splits

        scenario = self.scenarios[at]
        fit, others = splits(scenario, project)
        text = tr(
            "把情景“{name}”的 {count} 项变更写入项目？这是一次编辑，会先给出预警，可以撤销。",
            name=scenario.name,
            count=len(fit),
        )
        if others:
            text += "\n\n" + tr(
                "其中 {count} 项不能写入（规划用地只能随新一期快照导入）：{texts}",
                count=len(others),
                texts=tr("；").join(item.text for item in others),
            )
        if not self._agreed(tr("应用情景"), text, tr("应用")):
            return
        self._session.editor.submit(
            lambda project, _progress: scenario_edit(project, scenario),
            tr("应用情景“{name}”", name=scenario.name),
            done=lambda: self.results.say(tr("情景“{name}”已写入项目。", name=scenario.name)),
        )

    # --- leaving --------------------------------------------------------------------------------------

    def close_anyway(self) -> None:
        """Close without a question: there is no project any more."""
        self._unsaved.clear()
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask about scenarios that are not stored."""
        if self._unsaved and not self._leave():
            event.ignore()
            return
        super().closeEvent(event)
        self.deleteLater()

    def reject(self) -> None:
        """Esc closes the window like its button."""
        self.close()

    def _leave(self) -> bool:
        names = tr("、").join(self.scenarios[row].name for row in sorted(self._unsaved))
        question = tr("情景 {names} 尚未保存，关闭后会丢失。仍要关闭吗？", names=names)
        return self._agreed(tr("情景推演"), question, tr("关闭"))

    def _agreed(self, title: str, question: str, word: str) -> bool:
        """Ask; ``word`` stands on the button that says yes."""
        box = QMessageBox(self)
        box.setTextFormat(Qt.TextFormat.PlainText)  # names are not markup
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(title)
        box.setText(question)
        go = box.addButton(word, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(tr("取消"), QMessageBox.ButtonRole.RejectRole)
        box.exec()
        agreed = box.clickedButton() is go
        box.deleteLater()
        return agreed


def _letters(number: int) -> str:
    """A, B … Z, then numbers."""
    return chr(ord("A") + number - 1) if number <= 26 else str(number)
