"""Dialogs driven as a person would, on a small demo project and on files made here."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox
from pytestqt.qtbot import QtBot

from app.dialogs.about import AboutDialog
from app.dialogs.compare import CompareDialog
from app.dialogs.import_data import ImportDialog
from app.dialogs.messages import error_box
from app.dialogs.new_project import NewProjectChoice, NewProjectDialog
from app.dialogs.preferences import PreferencesDialog
from app.session import Session
from gis.errors import ParkLineError
from layers.demo import generate


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.gpkg"
    generate(path, parcels=200, seed=1).close()
    return path


def _settled(qtbot: QtBot, session: Session, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(lambda: condition() and not session.tasks.running, timeout=20_000)


def _square(west: float, south: float, side: float = 0.001) -> dict[str, object]:
    ring = [
        [west, south],
        [west + side, south],
        [west + side, south + side],
        [west, south + side],
        [west, south],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def _parcels(path: Path) -> Path:
    """Three parcels near the city: one good, one repeating its number, one without a number."""
    rows = [("新-1", 109.03), ("新-1", 109.04), (None, 109.05)]
    features = [
        {
            "type": "Feature",
            "properties": {"地块编号": number, "面积(亩)": 10.0},
            "geometry": _square(x, 32.69),
        }
        for number, x in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_an_import_is_looked_at_tried_and_run(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    """Of three rows the repeated number and the missing number are refused; one is taken, and undo takes it back."""
    project = session.project
    assert project is not None
    before = project.store.count("parcel")
    dialog = ImportDialog(session)
    qtbot.addWidget(dialog)
    dialog.set_file(_parcels(tmp_path / "县里报来的.geojson"))
    _settled(qtbot, session, lambda: dialog.plan is not None)
    assert dialog.plan is not None
    assert dialog.mapping.column_box("parcel_no").currentText() == "地块编号"
    assert dialog.plan.mapping["area_certified"].unit == "mu"
    assert dialog.sample.rowCount() == 3
    dialog.dry.click()
    _settled(qtbot, session, lambda: dialog.report.report is not None)
    report = dialog.report.report
    assert report is not None
    assert (report.taken, len(report.refused)) == (1, 2)
    assert project.store.count("parcel") == before
    with qtbot.waitSignal(session.project_changed):
        dialog.go.click()
    _settled(qtbot, session, lambda: True)
    assert project.store.count("parcel") == before + 1
    assert not dialog.go.isEnabled()
    dialog.export_to(tmp_path / "退回.xlsx")
    _settled(qtbot, session, lambda: (tmp_path / "退回.xlsx").exists())
    book = load_workbook(tmp_path / "退回.xlsx")
    assert book.active is not None
    assert book.active.max_row == 4  # title, header, two refused rows
    with qtbot.waitSignal(session.project_changed):
        session.undo()
    assert project.store.count("parcel") == before


def test_an_unmapped_required_field_is_a_question_and_stops_the_import(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    dialog = ImportDialog(session)
    qtbot.addWidget(dialog)
    dialog.set_file(_parcels(tmp_path / "a.geojson"))
    _settled(qtbot, session, lambda: dialog.plan is not None)
    assert dialog.go.isEnabled()
    dialog.mapping.column_box("parcel_no").setCurrentIndex(0)
    assert not dialog.go.isEnabled()
    assert dialog.questions.text()
    columns = dialog.mapping.column_box("parcel_no")
    columns.setCurrentIndex(columns.findText("地块编号"))
    assert dialog.go.isEnabled()


def test_the_plan_layer_asks_for_a_snapshot(qtbot: QtBot, session: Session) -> None:
    dialog = ImportDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.snapshot.isVisible()
    dialog.layer.setCurrentIndex(dialog.layer.findData("land_use"))
    assert dialog.snapshot.isVisible()


def test_comparing_needs_two_different_snapshots(qtbot: QtBot, session: Session) -> None:
    project = session.project
    assert project is not None
    dialog = CompareDialog(project.snapshots())
    qtbot.addWidget(dialog)
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert ok.isEnabled()
    assert dialog.chosen == tuple(item.name for item in project.snapshots()[-2:])
    dialog.before.setCurrentIndex(dialog.after.currentIndex())
    assert not ok.isEnabled()


def test_a_new_project_has_the_citys_units_or_those_of_a_file(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    """Without a unit file it is Ankang with its twelve units; with one, plane and units come from the file."""
    import geopandas
    import shapely

    squares = shapely.box([118.7, 118.8], [32.0, 32.0], [118.8, 118.9], [32.1, 32.1])
    outlines = geopandas.GeoDataFrame({"code": ["A", "B"], "name": ["甲", "乙"]}, geometry=squares, crs=4490)
    outlines.to_file(tmp_path / "单元.geojson")
    for units, codes, epsg in (("", 12, 4545), (str(tmp_path / "单元.geojson"), 2, 4549)):
        dialog = NewProjectDialog(session.settings)
        qtbot.addWidget(dialog)
        dialog.file.setText(str(tmp_path / f"新建 {codes}.gpkg"))
        dialog.name.setText("某市")
        dialog.units.setText(units)
        with qtbot.waitSignal(session.project_opened, timeout=20_000):
            session.create(dialog.choice())
        project = session.project
        assert project is not None
        assert (len(project.units()), project.epsg, project.name) == (codes, epsg, "某市")


def test_a_new_project_never_takes_the_place_of_a_file(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    dialog = NewProjectDialog(session.settings)
    qtbot.addWidget(dialog)
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not ok.isEnabled()
    dialog.name.setText("某市")
    dialog.file.setText(str(tmp_path / "演示.gpkg"))
    assert not ok.isEnabled()
    dialog.file.setText(str(tmp_path / "新 项目.gpkg"))
    assert ok.isEnabled()
    dialog.plane.setEditText("EPSG:32650")
    assert dialog.choice() == NewProjectChoice(tmp_path / "新 项目.gpkg", "某市", 32650, None, None, None)
    dialog.plane.setEditText("somewhere")
    assert not ok.isEnabled()


def test_settings_are_written_when_accepted(qtbot: QtBot, session: Session) -> None:
    dialog = PreferencesDialog(session.settings)
    qtbot.addWidget(dialog)
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    dialog.language.setCurrentIndex(dialog.language.findData("en"))
    with qtbot.waitSignal(dialog.applied):
        dialog.accept()
    assert (session.settings.theme, session.settings.language) == ("dark", "en")


def test_an_error_is_shown_as_plain_text_with_its_hint(qtbot: QtBot) -> None:
    box = error_box(None, ParkLineError("<b>坏</b>", hint="换一个文件", file="/x/甲.shp", row=7))
    qtbot.addWidget(box)
    assert box.textFormat() == Qt.TextFormat.PlainText
    assert "甲.shp" in box.text()
    assert "<b>坏</b>" in box.text()
    assert box.informativeText() == "换一个文件"


def test_a_bug_is_logged_and_says_where(
    qtbot: QtBot, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    box = error_box(None, ZeroDivisionError("division by zero"))
    qtbot.addWidget(box)
    assert box.icon() == QMessageBox.Icon.Critical
    assert "parkline.log" in box.informativeText()
    assert "division by zero" in caplog.text


def test_the_about_box_names_what_it_stands_on(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    assert dialog.windowTitle()


def test_a_system_that_is_typed_is_looked_at_for_swapped_axes(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    """Six digits, north first, without a system: typed as EPSG:4545 they lie in the city if read north first."""
    import geopandas
    import shapely

    place = shapely.box(3_618_000, 596_000, 3_618_100, 596_100)
    frame = geopandas.GeoDataFrame({"地块编号": ["新-1"]}, geometry=[place], crs=4545)
    frame.to_file(tmp_path / "a.shp", encoding="gbk")
    (tmp_path / "a.prj").unlink()
    dialog = ImportDialog(session)
    qtbot.addWidget(dialog)
    dialog.set_file(tmp_path / "a.shp")
    _settled(qtbot, session, lambda: dialog.plan is not None)
    assert dialog.plan is not None
    for text, system in (("EPSG:4546", (4546, False)), ("4545", (4545, True))):
        dialog.crs.setEditText(text)
        dialog.crs.lineEdit().editingFinished.emit()
        assert (dialog.plan.epsg, dialog.plan.swapped) == system
    assert "互换" in dialog.crs_reason.text()
    dialog.crs.setEditText("EPSG:99999")
    dialog.crs.lineEdit().editingFinished.emit()
    assert dialog.plan.epsg is None
    assert not dialog.go.isEnabled()


def test_a_layer_of_a_zipped_shapefile_is_chosen_and_taken(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    import geopandas
    import shapely

    for stem, count in (("地块", 1), ("另一层", 2)):
        places = [
            shapely.box(596_000 + 200 * i, 3_618_000, 596_100 + 200 * i, 3_618_100) for i in range(count)
        ]
        frame = geopandas.GeoDataFrame(
            {"地块编号": [f"{stem}-{i}" for i in range(count)]}, geometry=places, crs=4545
        )
        frame.to_file(tmp_path / f"{stem}.shp", encoding="gbk")
    with zipfile.ZipFile(tmp_path / "上报.zip", "w") as archive:
        for part in sorted([*tmp_path.glob("地块.*"), *tmp_path.glob("另一层.*")]):
            archive.write(part, f"汉滨区/{part.name}")
    dialog = ImportDialog(session)
    qtbot.addWidget(dialog)
    dialog.set_file(tmp_path / "上报.zip")
    _settled(qtbot, session, lambda: dialog.plan is not None)
    layers = [dialog.source_layer.itemText(row) for row in range(dialog.source_layer.count())]
    assert sorted(layers) == ["另一层", "地块"]
    dialog.source_layer.setCurrentIndex(layers.index("另一层"))
    _settled(qtbot, session, lambda: dialog.plan is not None and dialog.plan.info.layer == "另一层")
    assert dialog.sample.rowCount() == 2
    with qtbot.waitSignal(session.project_changed, timeout=20_000):
        dialog.go.click()
    assert session.project is not None
    found = session.project.read(
        "parcel", columns=["parcel_no", "source"], limit=2, order_by="fid", descending=True
    )
    assert set(found["parcel_no"]) == {"另一层-0", "另一层-1"}
    _settled(qtbot, session, lambda: True)
