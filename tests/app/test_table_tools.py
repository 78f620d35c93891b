"""The attribute table's tools: what goes on the clipboard, which columns are shown."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from app.panels.table_columns import ColumnChoice, ColumnsDialog, apply_columns, chosen_columns, shown_fields
from app.panels.table_copy import clipboard_data, copied_cell, tab_separated
from app.panels.table_model import StoreTableModel
from app.settings import Settings
from layers.registry import layer
from tests.app.test_panels import Million

SPEC = layer("parcel")
ROOT = Path(__file__).resolve().parents[2]


def copied(name: str, value: object) -> str:
    return copied_cell(SPEC.field(name), value)


def test_cells_go_to_the_clipboard_in_full_and_never_as_a_formula() -> None:
    assert copied("area_certified", 1234567.125) == "1234567.125"
    assert copied("area_certified", 100000.0) == "100000"
    assert copied("area_certified", float("nan")) == ""
    assert copied("contract_on", pd.Timestamp("2024-03-01")) == "2024-03-01"
    assert copied("contract_on", pd.NaT) == ""
    assert copied("land_use_scheme", "guide2023") != "guide2023"  # the title
    for hostile in ("=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1"):
        assert copied("holder", hostile) == "'" + hostile


@given(st.lists(st.lists(st.text("ab\t\n\r\"',;", max_size=5), min_size=2, max_size=2), max_size=5))
def test_tab_separated_lines_are_read_back_as_they_were(rows: list[list[str]]) -> None:
    """By Python's own reader in the dialect of Excel."""
    read = list(csv.reader(io.StringIO(tab_separated(rows), newline=""), dialect="excel-tab"))
    assert read == rows


def test_the_clipboard_holds_a_table_that_keeps_codes_as_text() -> None:
    fields = [SPEC.field("land_use_code"), SPEC.field("area_certified")]
    data = clipboard_data(fields, [("0701", 12.5), ("<b>", None)], headers=True)
    lines = data.text().split("\r\n")
    assert lines[0].split("\t") == [field.header for field in fields]
    assert lines[1] == "0701\t12.5"
    assert "<td style=\"mso-number-format:'\\@'\">0701</td><td>12.5</td>" in data.html()
    assert "&lt;b&gt;" in data.html()
    assert clipboard_data(fields, [("0701", 12.5)], headers=False).text() == "0701\t12.5\r\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "s.ini")


def test_columns_keep_their_order_and_new_fields_come_last(settings: Settings) -> None:
    names = [item.name for item in SPEC.fields]
    assert chosen_columns(settings, SPEC) == ColumnChoice(tuple(names), frozenset())
    settings.set_columns("parcel", [names[2], names[0], "gone"], [names[0], "gone"])
    settings.sync()
    choice = chosen_columns(Settings(settings.path), SPEC)
    assert choice.order == (names[2], names[0], names[1], *names[3:])
    assert choice.hidden == {names[0]}
    settings.set_columns("parcel", names, names)  # nothing at all is no table
    assert chosen_columns(settings, SPEC).hidden == frozenset()


def test_a_table_is_arranged_and_the_dialog_tells_what_was_ticked(qtbot: QtBot) -> None:
    fields = (SPEC.field("parcel_no"), SPEC.field("area_certified"))
    model = StoreTableModel(SPEC, Million(10), fields=fields)
    view = QTableView()
    qtbot.addWidget(view)
    view.setModel(model)
    apply_columns(view, fields, ColumnChoice(("area_certified", "parcel_no"), frozenset()))
    assert [field.name for field in shown_fields(view, fields)] == ["area_certified", "parcel_no"]
    apply_columns(view, fields, ColumnChoice(("area_certified", "parcel_no"), frozenset({"area_certified"})))
    assert [field.name for field in shown_fields(view, fields)] == ["parcel_no"]
    names = tuple(item.name for item in SPEC.fields)
    dialog = ColumnsDialog(SPEC, ColumnChoice(names, frozenset({names[1]})))
    qtbot.addWidget(dialog)
    dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.choice == ColumnChoice(names, frozenset(names[:2]))
    dialog.default.click()
    assert dialog.choice == ColumnChoice(names, frozenset())


def test_the_program_ends_in_peace_with_copied_rows_on_the_clipboard() -> None:
    """Qt destroys the clipboard's data after Python has gone: data made by Python crash it then."""
    code = (
        "from PySide6.QtWidgets import QApplication\n"
        "from app.panels.table_copy import clipboard_data, leave_clipboard\n"
        "from layers.registry import layer\n"
        "application = QApplication([])\n"
        "fields = [layer('parcel').field('land_use_code')]\n"
        "application.clipboard().setMimeData(clipboard_data(fields, [('0701',)], headers=False))\n"
        "leave_clipboard()\n"
        "print(application.clipboard().text().strip(), application.clipboard().mimeData().hasHtml())\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout.strip()) == (0, "0701 False")
