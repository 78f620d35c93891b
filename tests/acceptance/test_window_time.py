"""A day for map and table in the real window."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from PySide6.QtCore import QDate, Qt
from pytestqt.qtbot import QtBot
from shapely.geometry import Point

from app.shell import Shell
from tests.acceptance.window import click, colour_at, drawn, settled, show


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
