"""情景推演 in the real window: a planned transfer entered, moved, compared, kept, exported and applied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.dialogs.what_if import WhatIfWindow
from app.dialogs.what_if_change import ChangeDialog
from app.shell import Shell
from tests.acceptance.window import dialog, settled


def press(qtbot: QtBot, parent: QWidget, text: str) -> None:
    (button,) = [item for item in parent.findChildren(QPushButton) if item.text() == text]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def agree(text: str) -> None:
    """Press a button of the question that comes next."""

    def answer() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(50, answer)
            return
        next(item for item in box.buttons() if item.text() == text).click()

    QTimer.singleShot(50, answer)


def cell(window: WhatIfWindow, unit: str, figure: str, column: int) -> str:
    """What stands in a line; column 0 is today's."""
    known = ""
    for row in range(window.results.table.items.rowCount()):
        known = window.results.table.items.item(row, 1).text() or known
        if (known, window.results.table.items.item(row, 2).text()) == (unit, figure):
            item = window.results.table.items.item(row, 3 + column)
            return "" if item is None else item.text()
    return ""


def enter(qtbot: QtBot, window: WhatIfWindow, kind: str, fill: Callable[[ChangeDialog], None]) -> None:
    """Choose a kind from the menu, fill the form, and press OK."""
    next(item for item in window.adding.menu().actions() if item.text() == kind).trigger()
    form = dialog(qtbot, ChangeDialog)
    fill(form)
    qtbot.mouseClick(form.buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not form.isVisible())


def fifty_hectares(form: ChangeDialog) -> None:
    area, unit = form.editors["area"], form.editors["unit"]
    assert isinstance(area, QDoubleSpinBox)
    assert isinstance(unit, QComboBox)
    area.setValue(50.0)
    unit.setCurrentIndex(unit.findData("610902"))


def test_a_planned_transfer_is_tried_kept_exported_and_applied(
    qtbot: QtBot,
    start: Callable[[Path, str], Shell],
    city_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """40 of 100 ha are industry: 40 %. 50 ha more make 90 of 150, 60 %; with twice as much 140 of 200, 70 %."""
    shell = start(city_template, "城市.gpkg")
    project = shell.session.project
    assert project is not None
    shell.window.actions_["what_if"].trigger()
    window = shell.window.findChild(WhatIfWindow)
    assert window is not None
    settled(qtbot, shell, lambda: window.runner.trial is not None)
    entries, rows = len(project.store.journal()), project.store.count("transfer")

    press(qtbot, window, "新建")
    enter(qtbot, window, "供应土地…", fifty_hectares)
    share = "工业用地占出让比例"
    settled(qtbot, shell, lambda: "60.00 %" in cell(window, "全市", share, 1))
    assert cell(window, "全市", share, 0) == "√ 达标  40.00 %"
    assert cell(window, "全市", share, 1) == "√ 达标  60.00 %  ▲ 20.00 个百分点"
    assert cell(window, "汉滨区", share, 1).endswith("▲ 20.00 个百分点")

    qtbot.keyClick(window.control.slider, Qt.Key.Key_End)
    settled(qtbot, shell, lambda: "70.00 %" in cell(window, "全市", share, 1))
    assert window.control.number.value() == 100.0
    assert "100.0000 公顷" in window.changes.item(0).text()
    assert (len(project.store.journal()), project.store.count("transfer")) == (entries, rows)

    # Another scenario beside it: a copy with a hall of 4 000 m².
    press(qtbot, window, "复制")
    enter(qtbot, window, "新建厂房…", lambda form: form.editors["area"].setValue(4000.0))  # type: ignore[attr-defined]
    settled(qtbot, shell, lambda: window.runner.complete and "▲" in cell(window, "汉滨区", "可用储备", 2))
    assert "▲" not in cell(window, "汉滨区", "可用储备", 1)
    assert "4,000.00 ㎡" in cell(window, "汉滨区", "可用储备", 2)

    target = tmp_path / "比较.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_more: (str(target), ""))
    press(qtbot, window, "导出 Excel…")
    settled(qtbot, shell, target.exists)

    window.names.setCurrentRow(0)
    press(qtbot, window, "保存情景")
    settled(qtbot, shell, lambda: len(project.store.journal()) > entries)
    agree("关闭")  # the other one is not kept
    window.close()
    qtbot.waitUntil(lambda: shell.window.findChild(WhatIfWindow) is None)
    shell.window.actions_["what_if"].trigger()
    again = shell.window.findChild(WhatIfWindow)
    assert again is not None
    settled(qtbot, shell, lambda: "70.00 %" in cell(again, "全市", share, 1))
    assert [item.name for item in again.scenarios] == ["情景 A"]
    assert project.store.count("transfer") == rows

    agree("应用")
    press(qtbot, again, "应用情景…")
    settled(qtbot, shell, lambda: project.store.count("transfer") == rows + 1)
    # Applied, the project is as the scenario said, which adds nothing any more.
    settled(qtbot, shell, lambda: "70.00 %" in cell(again, "全市", share, 0))
    assert cell(again, "全市", share, 1) == cell(again, "全市", share, 0)
    shell.window.actions_["undo"].trigger()
    settled(qtbot, shell, lambda: project.store.count("transfer") == rows)
    settled(qtbot, shell, lambda: "40.00 %" in cell(again, "全市", share, 0))
    again.close()


def test_rezoning_asks_for_a_parcel_and_applying_it_for_a_reason(
    qtbot: QtBot, start: Callable[[Path, str], Shell], city_template: Path
) -> None:
    from app.dialogs.edit_warnings import EditWarningsDialog
    from tests.layers.editing.city import uuid_of

    shell = start(city_template, "城市.gpkg")
    project = shell.session.project
    assert project is not None
    shell.window.actions_["what_if"].trigger()
    window = shell.window.findChild(WhatIfWindow)
    assert window is not None
    settled(qtbot, shell, lambda: window.runner.trial is not None)
    press(qtbot, window, "新建")
    next(item for item in window.adding.menu().actions() if item.text() == "改变用途…").trigger()
    form = dialog(qtbot, ChangeDialog)
    assert not form.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    form.reject()
    shell.session.select("parcel", [uuid_of(project, "parcel", "A")])
    enter(qtbot, window, "改变用途…", lambda form: form.editors["code"].setEditText("0901"))  # type: ignore[attr-defined]
    settled(qtbot, shell, lambda: window.changes.count() == 1 and window.runner.complete)
    assert window.changes.item(0).text() == "地块 A 改为 0901"
    agree("应用")
    press(qtbot, window, "应用情景…")
    warned = dialog(qtbot, EditWarningsDialog)
    warned.reject()
    settled(qtbot, shell, lambda: True)
    assert project.read("parcel").set_index("parcel_no").loc["A", "land_use_code"] == "100101"
    agree("关闭")
    window.close()


def test_a_plot_of_the_plan_and_a_number_are_taken_from_the_selection(
    qtbot: QtBot, start: Callable[[Path, str], Shell], city_template: Path
) -> None:
    """The forms stand open while something is selected on the map; the number is typed with its unit and refused without sense."""
    from app.dialogs.what_if_value import ValueDialog
    from tests.layers.editing.city import uuid_of

    shell = start(city_template, "城市.gpkg")
    project = shell.session.project
    assert project is not None
    shell.window.actions_["what_if"].trigger()
    window = shell.window.findChild(WhatIfWindow)
    assert window is not None
    settled(qtbot, shell, lambda: window.runner.trial is not None)
    press(qtbot, window, "新建")
    plots = project.read("land_use")
    plot = str(plots.loc[plots["snapshot"] == project.snapshots()[-1].name, "uuid"].iloc[0])

    def ok(form: ChangeDialog | ValueDialog) -> QPushButton:
        return form.buttons.button(QDialogButtonBox.StandardButton.Ok)

    for kind in ("改变用途…", "图斑改界…"):
        next(item for item in window.adding.menu().actions() if item.text() == kind).trigger()
        form = dialog(qtbot, ChangeDialog)
        assert not ok(form).isEnabled()
        shell.session.select("land_use", [plot])
        qtbot.waitUntil(lambda form=form: ok(form).isEnabled())  # type: ignore[misc]
        if "code" in form.editors:
            form.editors["code"].setEditText("0901")  # type: ignore[attr-defined]
        qtbot.mouseClick(ok(form), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda form=form: not form.isVisible())  # type: ignore[misc]
        shell.session.select("", [])
    assert window.changes.item(0).text().endswith("改为 0901")
    assert window.changes.item(1).text().endswith("的界线外扩 10 米")
    window.changes.setCurrentRow(1)
    qtbot.keyClick(window.control.slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: window.changes.item(1).text().endswith("的界线内缩 100 米"))

    next(item for item in window.adding.menu().actions() if item.text() == "修改数值…").trigger()
    value = dialog(qtbot, ValueDialog)
    shell.session.select("parcel", [uuid_of(project, "parcel", "A")])
    qtbot.waitUntil(lambda: ok(value).isEnabled())
    assert value.subject.text() == "地块 A"
    value.field.set_value("area_certified")
    assert value.editor is not None
    value.editor.set_value("很多")
    qtbot.mouseClick(ok(value), Qt.MouseButton.LeftButton)
    assert value.isVisible()
    assert value.problem.text()
    value.editor.set_value("3 公顷")
    qtbot.mouseClick(ok(value), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not value.isVisible())
    assert window.changes.item(2).text() == "地块 A 的“证载面积（㎡）”改为 30,000"
    settled(qtbot, shell, lambda: window.runner.complete)
    agree("关闭")
    window.close()
