"""A day for map and table in the real window."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
from PySide6.QtCore import QDate, Qt
from pytestqt.qtbot import QtBot
from shapely.geometry import Point

from app.dialogs.late_rows import LateRows
from app.shell import Shell
from layers.project import Project
from tests.acceptance.window import click, colour_at, drawn, settled, show
from tests.layers.test_late_entries import DAY, two_years


def test_one_day_drives_map_table_and_clicks(qtbot: QtBot, looking: Shell) -> None:
    """A transfer is there from the day of its contract on, and the plan is that of the day; counted by pandas."""
    window, session = looking.window, looking.session
    assert session.project is not None
    frame = session.project.read("transfer")
    dated = frame[frame["contract_on"].notna() & ~frame.geometry.is_empty & frame.geometry.notna()]
    row = dated.sort_values("contract_on").iloc[len(dated) // 2]
    contract = row["contract_on"].date()
    for name in window.layers.order:
        window.layers.set_visible(name, name == "transfer")
    show(qtbot, looking, row["geometry"], room=3.0)
    inside = row["geometry"].representative_point()
    beside = Point(inside.x + 2, inside.y + 2)

    def count(day: dt.date) -> int:
        moment = pd.Timestamp(day)
        begun = frame["contract_on"].isna() | (frame["contract_on"] <= moment)
        return int((begun & (frame["cancelled_on"].isna() | (moment < frame["cancelled_on"]))).sum())

    window.panel("table")
    window.table.show_layer("transfer")
    window.actions_["time"].trigger()
    bar = window.on_map.time
    settled(qtbot, looking, lambda: session.map_day is not None)
    assert bar.isVisible()
    assert contract.toordinal() in bar.slider.transfers

    def at_day(day: dt.date) -> str:
        bar.date.setDate(QDate(day.year, day.month, day.day))
        settled(qtbot, looking, lambda: session.map_day == day)
        drawn(qtbot, looking)
        settled(qtbot, looking, lambda: window.table.count.text() == f"{count(day):,} 行")
        return str(colour_at(looking, beside).name())

    before, after = at_day(contract - dt.timedelta(days=1)), at_day(contract)
    assert before != after
    assert window.day.date.date() == QDate(contract.year, contract.month, contract.day)
    click(qtbot, looking, inside)
    settled(qtbot, looking, lambda: session.selected == ("transfer", [row["uuid"]]))
    qtbot.keyClick(bar.slider, Qt.Key.Key_Left)  # a day back
    settled(qtbot, looking, lambda: session.map_day == contract - dt.timedelta(days=1))
    drawn(qtbot, looking)
    click(qtbot, looking, inside)
    settled(qtbot, looking, lambda: row["uuid"] not in session.selected[1])

    plans = session.project.snapshots()
    at_day(plans[-1].date)
    assert window.map.snapshot == plans[-1].name
    at_day(plans[-1].date - dt.timedelta(days=1))
    assert window.map.snapshot == plans[-2].name
    assert plans[-2].name in bar.plan.text()

    window.actions_["time"].trigger()
    assert session.map_day is None
    assert not window.actions_["time"].isChecked()
    settled(qtbot, looking, lambda: window.table.count.text() == f"{len(frame):,} 行")
    window.layers.choose_snapshot(plans[-1].name)


def test_the_date_in_the_corner_governs_map_table_checks_and_print(qtbot: QtBot, looking: Shell) -> None:
    """Of the day of an earlier plan: that plan on the map, that day's rows in the table, that day's verdicts."""
    window, session = looking.window, looking.session
    project = session.project
    assert project is not None
    assert session.as_of == project.as_of
    assert window.day.now.isChecked()
    plans = project.snapshots()
    day = plans[-1].date - dt.timedelta(days=1)
    window.panel("table")
    window.table.show_layer("transfer")
    window.day.date.setDate(QDate(day.year, day.month, day.day))
    settled(qtbot, looking, lambda: session.map_day == day)
    settled(qtbot, looking, lambda: bool(session.results) and session.results[0].as_of == day)
    assert window.map.snapshot == plans[-2].name
    assert not window.day.now.isChecked()
    assert window.dashboard.year.value() == day.year
    assert day.isoformat() in window.dashboard.as_of.text()
    expected = project.check(["factory_reserve"], day)[0]
    shown = next(result for result in session.results if result.id == "factory_reserve")
    assert [item.figures for item in shown.units] == [item.figures for item in expected.units]
    frame = project.read("transfer")
    begun = frame["contract_on"].isna() | (frame["contract_on"] <= pd.Timestamp(day))
    standing = begun & (frame["cancelled_on"].isna() | (pd.Timestamp(day) < frame["cancelled_on"]))
    settled(qtbot, looking, lambda: window.table.count.text() == f"{int(standing.sum()):,} 行")
    # The demo is entered today: no row was known on a day before it, so that none is late either.
    assert window.day.late == []

    qtbot.mouseClick(window.day.now, Qt.MouseButton.LeftButton)
    settled(qtbot, looking, lambda: session.map_day is None and session.as_of == project.as_of)
    assert window.map.snapshot == plans[-1].name
    settled(qtbot, looking, lambda: window.table.count.text() == f"{len(frame):,} 行")
    settled(qtbot, looking, lambda: session.results[0].as_of == project.as_of)


def test_late_entries_are_listed_and_the_project_as_saved_that_day_opens(
    qtbot: QtBot, looking: Shell, tmp_path: Path
) -> None:
    """The made-up project of `tests.layers.test_late_entries`: 27,000 m² stood free, 35,000 m² were known to."""
    window, session = looking.window, looking.session
    path = two_years(tmp_path / "年末.gpkg")
    session.open(path)
    settled(qtbot, looking, lambda: session.project is not None and session.project.path == path)
    window.day.date.setDate(QDate(2024, 12, 31))
    settled(qtbot, looking, lambda: len(window.day.late) == 1)
    assert window.day.entered.text() == "补录 1"

    def vacant() -> float | None:
        found = [result for result in session.results if result.id == "factory_reserve"]
        return found[0].units[0].figures["vacant"] if found and found[0].as_of == DAY else None

    settled(qtbot, looking, lambda: vacant() == 27_000.0)
    window.day.list_late()
    dialog = window.findChild(LateRows)
    assert dialog is not None
    assert [dialog.model.text(0, column)[0] for column in (2, 3)] == ["2024-11-01", "2025-02-03"]
    qtbot.mouseClick(dialog.saved, Qt.MouseButton.LeftButton)
    settled(qtbot, looking, lambda: session.project is not None and session.project.path != path)
    assert session.project is not None
    assert (session.project.name, session.as_of) == ("年末（2024-12-31 存档）", DAY)
    settled(qtbot, looking, lambda: vacant() == 35_000.0)
    with Project.open(path) as before:
        assert before.store.count("lease") == 3
