"""Panels and models on small frames and on a small demo project."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from shapely.geometry import box

from app.panels.attribute_table import AttributeTable
from app.panels.coordinates import CoordinateLabel, degrees_minutes_seconds, plane_tools
from app.panels.evidence import evidence_rows, unit_lines
from app.panels.feature_card import FeatureCard
from app.panels.feature_facts import feature_facts
from app.panels.frame_model import Cell, ListModel
from app.panels.history import History
from app.panels.layer_tree import LayerTree, Swatch
from app.panels.status import ScaleBox
from app.panels.store_source import StoreSource, conditions_for
from app.panels.table_model import PAGE, StoreTableModel, display_value
from app.panels.unit_bars import UnitBars
from app.session import Session
from app.settings import Settings
from app.tasks import Tasks
from gis.progress import Progress, silent
from gis.store.row_lists import RowLists
from layers.checks.result import CheckResult, Clause, Finding, UnitResult, Verdict
from layers.demo import generate
from layers.project import Project
from layers.registry import LAYERS, layer
from layers.spec import GeometryKind
from layers.warning_rows import finding_rows, piece_rows


class Million:
    """A source of a million made-up rows that remembers what was asked of it."""

    def __init__(self, rows: int = 1_000_000) -> None:
        self.rows = rows
        self.descending = False
        self.arranged: list[tuple[str | None, bool]] = []
        self.asked: list[tuple[int, int]] = []

    def arrange(self, order: str | None, descending: bool, progress: Progress) -> int:
        progress(1.0, "")
        self.arranged.append((order, descending))
        self.descending = descending
        return self.rows

    def page(self, offset: int, limit: int) -> list[tuple[Any, ...]]:
        self.asked.append((offset, limit))
        numbers = range(offset, min(offset + limit, self.rows))
        if self.descending:
            numbers = range(self.rows - 1 - offset, max(self.rows - 1 - offset - limit, -1), -1)
        return [(f"u{n}", f"P-{n}", float(n)) for n in numbers]

    def find(self, uuids: Sequence[str]) -> list[int]:
        return [int(uuid[1:]) for uuid in uuids]


def _model(source: Million) -> StoreTableModel:
    spec = layer("parcel")
    fields = (spec.field("parcel_no"), spec.field("area_certified"))
    model = StoreTableModel(spec, source, fields=fields)
    model.load()
    return model


def test_the_table_model_obeys_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(_model(Million(700)))


def test_a_million_rows_open_without_being_read(qtbot: QtBot) -> None:
    source = Million()
    model = _model(source)
    assert model.rowCount() == 1_000_000
    assert source.asked == []
    assert model.index(999_999, 0).data() == "P-999999"
    assert source.asked == [(999_999 // PAGE * PAGE, PAGE)]
    assert model.index(999_998, 1).data() == "999,998.00"
    assert len(source.asked) == 1


def test_sorting_is_left_to_the_store() -> None:
    source = Million()
    model = _model(source)
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert model.index(0, 0).data() == "P-999999"
    assert source.arranged == [(None, False), ("area_certified", True)]
    assert source.asked[-1] == (0, PAGE)


def test_values_read_as_a_planner_writes_them() -> None:
    spec = layer("parcel")
    assert display_value(spec.field("area_certified"), 12345.678) == "12,345.68"
    assert display_value(spec.field("area_certified"), float("nan")) == ""
    assert display_value(spec.field("contract_on"), dt.datetime(2024, 3, 1)) == "2024-03-01"  # noqa: DTZ001 - a day
    assert display_value(layer("factory").field("state"), "completed") not in {"", "completed"}


def test_the_list_model_obeys_the_rules_of_qt_and_sorts_by_value(qtmodeltester: ModelTester) -> None:
    model = ListModel(["a", "b"])
    model.fill([([Cell("10", 10.0), Cell("x")], "ten"), ([Cell("9", 9.0), Cell("y")], "nine")])
    qtmodeltester.check(model)
    model.sort(0)
    assert [model.item(row) for row in range(2)] == ["nine", "ten"]


def test_angles_carry_over_into_minutes_and_degrees() -> None:
    """109.03° = 109° + 0.03·60′ = 1.8′ = 1′48″; 0.99999999° rounds to a full degree."""
    assert degrees_minutes_seconds(109.03, "E", "W") == "109°01′48.00″E"
    assert degrees_minutes_seconds(-0.99999999, "N", "S") == "1°00′00.00″S"


def test_the_status_bar_shows_both_systems(qtbot: QtBot) -> None:
    """(109.03, 32.69) in EPSG:4524 is (36596594.20, 3618837.47) by domain reference §9; 4545 has no 36 prefix."""
    label = CoordinateLabel()
    qtbot.addWidget(label)
    label.set_plane(4545, *plane_tools(4545))
    label.show_position(596_594.20, 3_618_837.47)
    assert "109°01′48.00″E 32°41′24.00″N" in label.text()
    assert "(109.030000, 32.690000)" in label.text()
    assert "E 596,594.20  N 3,618,837.47" in label.text()


def test_a_scale_can_be_typed_in_any_usual_way(qtbot: QtBot) -> None:
    scale = ScaleBox()
    qtbot.addWidget(scale)
    wanted: list[float] = []
    scale.scale_wanted.connect(wanted.append)
    for text in ("1:2,000", "5000", "1：1000", "nonsense"):
        scale.setEditText(text)
        scale._ask()
    assert wanted == [2000.0, 5000.0, 1000.0]


def _result() -> CheckResult:
    units = (
        UnitResult("610902", "汉滨区", Verdict.MET, {"vacant": 30_000.0}, "正好"),
        UnitResult("610921", "汉阴县", Verdict.SHORT, {"vacant": 29_999.99}, "缺 0.01 ㎡"),
    )
    evidence = gpd.GeoDataFrame(
        {
            "unit": ["610902", "610921", "610902"], "table": "factory", "uuid": ["a", "b", "c"],
            "label": ["一号", "二号", "三号"], "amount": [10_000.0, 29_999.99, 20_000.0],
            "area": [10_000.0, 29_999.99, 20_000.0], "why": "计入",
        },
        geometry=[box(0, 0, 1, 1)] * 3,
    )  # fmt: skip
    clause = Clause("政策", "第八条", "3万平方米以上", ">=", 30_000.0, "m2", "vacant")
    return CheckResult(
        "factory_reserve", "厂房储备", clause, dt.date(2024, 6, 30), "2024-06-30", units, None, evidence,
        {"vacant": ("可用储备", "m2")}, (Finding("warning", "厂房没有面积", "factory", "a"),), {"basis": "vacant"},
    )  # fmt: skip


def test_bars_tell_the_verdict_in_a_word_too(qtbot: QtBot) -> None:
    bars = UnitBars()
    qtbot.addWidget(bars)
    bars.resize(360, 200)
    bars.show_lines(unit_lines([_result()]), ["厂房储备"])
    assert [(line.name, line.bars[0].word) for line in bars.lines if line.bars[0]] == [
        ("汉滨区", "达标"), ("汉阴县", "未达标")
    ]  # fmt: skip
    with qtbot.waitSignal(bars.picked) as picked:
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.cell_rect(1, 0).center())
    assert picked.args == ["610921", 0]
    assert not bars.grab().isNull()


def test_evidence_lists_the_largest_record_of_the_unit_first() -> None:
    rows = evidence_rows(_result(), "610902")
    assert [cells[0].text for cells, _ in rows] == ["三号", "一号"]


def test_findings_and_pieces_become_warnings() -> None:
    rows = finding_rows([_result()])
    assert (rows[0].severity, rows[0].table, rows[0].uuid) == ("warning", "factory", "a")
    pieces = gpd.GeoDataFrame(
        {"severity": ["violation"], "unit": ["610902"], "area": [666.6666666666667]},
        geometry=[box(0, 0, 1, 1)],
    )
    row = piece_rows(pieces, {"610902": "汉滨区"})[0]
    assert (row.severity, row.unit_name, row.area) == ("violation", "汉滨区", 666.6666666666667)


def test_the_layer_tree_tells_order_and_visibility(qtbot: QtBot) -> None:
    tree = LayerTree()
    qtbot.addWidget(tree)
    swatches = {spec.name: Swatch("#cccccc", "#333333", GeometryKind.POLYGON) for spec in LAYERS}
    names = [spec.name for spec in LAYERS]
    tree.show_layers(LAYERS, ["parcel", "unit"], swatches, {"parcel": 5})
    assert tree.order == names
    assert tree.visible_layers == ["unit", "parcel"]
    with qtbot.waitSignal(tree.visibility_changed) as switched:
        tree.set_visible("parcel", False)
    assert switched.args == ["parcel", False]
    with qtbot.waitSignal(tree.order_changed) as moved:
        tree._move("unit", -1)
    assert moved.args[0][:2] == [names[1], "unit"]
    tree.show_layers(list(reversed(LAYERS)), [], swatches, {})
    assert tree.order == names[::-1]


# --- on a project ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = generate(tmp_path_factory.mktemp("demo") / "演示.gpkg", parcels=400, seed=1)
    yield project
    project.close()


@pytest.fixture
def session(qtbot: QtBot, demo: Project, tmp_path: Path) -> Iterator[Session]:
    tasks = Tasks()
    made = Session(tasks, Settings(tmp_path / "s.ini"))
    made.pause = 0.05
    made.project, made.as_of, made.year = demo, demo.as_of, demo.as_of.year
    yield made
    tasks.shutdown()


def _settled(qtbot: QtBot, session: Session, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(lambda: condition() and not session.tasks.running, timeout=15_000)


def test_the_filter_box_understands_text_numbers_and_codes(demo: Project) -> None:
    spec = layer("parcel")
    every = demo.store.count("parcel")
    large = conditions_for(spec.field("area_certified"), ">= 10000")
    small = conditions_for(spec.field("area_certified"), "< 10,000")
    missing = int(
        demo.read("parcel", columns=["area_certified"], geometry=False)["area_certified"].isna().sum()
    )
    assert demo.store.count("parcel", large) + demo.store.count("parcel", small) + missing == every
    assert demo.store.count("parcel", conditions_for(spec.field("area_certified"), "abc")) == 0
    state = layer("factory").field("state")
    title = display_value(state, "completed")
    assert demo.store.count("factory", conditions_for(state, title)) == int(
        (demo.read("factory", columns=["state"], geometry=False)["state"] == "completed").sum()
    )


def test_hostile_filter_text_finds_nothing_and_harms_nothing(demo: Project) -> None:
    spec = layer("parcel")
    where = conditions_for(spec.field("parcel_no"), "'; DROP TABLE parcel; --")
    source = StoreSource(demo.store, RowLists(demo.store), "parcel", spec.fields, where)
    assert source.arrange(None, descending=False, progress=silent) == 0
    assert demo.store.count("parcel") > 0


def test_the_table_shows_sorts_and_selects(qtbot: QtBot, session: Session, demo: Project) -> None:
    table = AttributeTable(session)
    qtbot.addWidget(table)
    table.resize(700, 300)
    table.show()
    _settled(qtbot, session, lambda: table.count.text() != "")
    model = table._model
    assert model is not None
    assert model.rowCount() == demo.store.count("parcel")
    table.view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    expected = max(demo.read("parcel", columns=["parcel_no"], geometry=False)["parcel_no"])
    _settled(qtbot, session, lambda: model.index(0, 0).data() == expected)
    with qtbot.waitSignal(session.selection_changed) as selected:
        table.view.selectRow(0)
    assert selected.args == ["parcel", [model.uuid(0)]]
    first = demo.read("parcel", columns=["parcel_no"], geometry=False).sort_values("parcel_no").iloc[0]
    session.select("parcel", [first["uuid"]])
    _settled(qtbot, session, lambda: table.view.currentIndex().row() == model.rowCount() - 1)
    table.filter.setText(str(expected))
    _settled(qtbot, session, lambda: table._model is not model and table._model.rowCount() == 1)


def test_the_card_shows_every_field_once_and_the_three_areas(
    qtbot: QtBot, session: Session, demo: Project
) -> None:
    row = demo.read("parcel", limit=1).to_dict("records")[0]
    facts = feature_facts(demo, "parcel", row["uuid"])
    assert facts is not None
    assert facts.heading == row["parcel_no"]
    assert len(facts.areas) == 3
    certified, plane, ellipsoidal = facts.areas
    assert plane.difference == pytest.approx(plane.value - ellipsoidal.value)
    assert ellipsoidal.difference is None
    assert certified.value == pytest.approx(row["area_certified"], nan_ok=True)
    titles = [title for _, rows in facts.groups for title, _ in rows]
    spec = layer("parcel")
    ordinary = [
        item for item in spec.fields if not item.name.startswith("area_") and "_required" not in item.name
    ]
    ordinary = [item for item in ordinary if not item.name.endswith(("_committed", "_actual"))]
    assert len(titles) == len(ordinary) + 2  # and where it came from: file, reference system
    card = FeatureCard(session)
    qtbot.addWidget(card)
    card.show()
    session.select("parcel", [row["uuid"]])
    _settled(qtbot, session, lambda: card.facts is not None)
    with qtbot.waitSignal(card.print_wanted) as wanted:
        card.print_button.click()
    assert wanted.args == [row["uuid"]]


def test_the_history_tells_who_when_and_why(qtbot: QtBot, session: Session, demo: Project) -> None:
    history = History(session)
    qtbot.addWidget(history)
    history.show()
    _settled(qtbot, session, lambda: history.model.rowCount() > 0)
    newest = demo.store.journal(limit=1)[0]
    assert history.model.index(0, 1).data() == newest.who
    assert history.model.index(0, 3).data() == newest.why
    assert history.model.index(0, 0, QModelIndex()).data()
