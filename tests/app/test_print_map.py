"""The print dialog driven as the meeting clerk would, on a small demo project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from pypdf import PdfReader
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot
from shapely import Polygon

from app.dialogs.print_map import PrintMapDialog
from app.session import Session
from layers.demo import generate

POINT = 25.4 / 72.0
MANY = "很多点 1"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo project with one parcel of 60 boundary points besides, some 300 m across."""
    path = tmp_path_factory.mktemp("demo") / "demo.gpkg"
    with generate(path, parcels=120, seed=1) as project:
        angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        ring = Polygon(np.column_stack([600_000 + 150 * np.cos(angles), 3_620_000 + 100 * np.sin(angles)]))
        rows = gpd.GeoDataFrame({"parcel_no": [MANY]}, geometry=[ring], crs=project.epsg)
        with project.transaction("测试", kind="import") as transaction:
            transaction.insert("parcel", rows)
    return path


def settled(qtbot: QtBot, session: Session, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(lambda: condition() and not session.tasks.running, timeout=30_000)


def uuid_of(session: Session, parcel: str | None = None) -> str:
    assert session.project is not None
    rows = session.project.read("parcel", columns=["parcel_no"], geometry=False)
    return str(rows["uuid"].iloc[0] if parcel is None else rows["uuid"][rows["parcel_no"] == parcel].iloc[0])


@pytest.fixture
def dialog(qtbot: QtBot, session: Session) -> PrintMapDialog:
    made = PrintMapDialog(session, uuid_of(session, MANY))
    qtbot.addWidget(made)
    made.show()
    assert made.map is None, "composing must not hold up the window"
    assert not made.save.isEnabled()
    settled(qtbot, session, lambda: made.map is not None)
    return made


def test_the_pages_that_are_previewed_are_written(
    qtbot: QtBot, session: Session, dialog: PrintMapDialog, tmp_path: Path
) -> None:
    composed = dialog.map
    assert composed is not None
    assert len(composed.pages) > 1
    dialog.write(tmp_path / "图 一.pdf")
    settled(qtbot, session, lambda: (tmp_path / "图 一.pdf").exists())
    assert dialog.map is composed
    reader = PdfReader(tmp_path / "图 一.pdf")
    assert len(reader.pages) == len(composed.pages)
    assert all(MANY in page.extract_text() for page in reader.pages)
    assert "图 一.pdf" in dialog.notes.text()


def test_every_choice_lays_the_page_out_anew(qtbot: QtBot, session: Session, dialog: PrintMapDialog) -> None:
    dialog.scale.setCurrentIndex(dialog.scale.findData(5000))
    settled(qtbot, session, lambda: dialog.map is not None and dialog.map.scale == 5000)
    dialog.paper.setCurrentText("A3")
    settled(qtbot, session, lambda: dialog.map is not None and dialog.map.paper == "A3")
    dialog.orientation.setCurrentIndex(dialog.orientation.findData(True))
    settled(qtbot, session, lambda: dialog.map is not None and dialog.map.landscape)
    assert dialog.map is not None
    page = dialog.map.pages[0]
    assert (page.width, page.height) == (420.0, 297.0)
    assert "1:5000" in dialog.message.text()
    assert dialog.save.isEnabled()


def test_of_quick_choices_the_last_one_counts(qtbot: QtBot, session: Session, dialog: PrintMapDialog) -> None:
    for scale in (5000, 10000, 7500):
        dialog.scale.setCurrentIndex(dialog.scale.findData(scale))
    settled(qtbot, session, lambda: dialog.save.isEnabled())
    assert dialog.map is not None
    assert dialog.map.scale == 7500


def test_a_scale_that_does_not_fit_is_said_and_nothing_can_be_saved(
    qtbot: QtBot, session: Session, dialog: PrintMapDialog
) -> None:
    dialog.scale.setCurrentIndex(dialog.scale.findData(200))
    settled(qtbot, session, lambda: dialog.map is None and not dialog.busy.isVisible())
    assert not dialog.save.isEnabled()
    assert dialog.problem_icon.isVisible()
    assert "1:200 " in dialog.message.text()
    dialog.scale.setCurrentIndex(0)
    settled(qtbot, session, lambda: dialog.map is not None)
    assert dialog.save.isEnabled()
    assert not dialog.problem_icon.isVisible()


def picture(dialog: PrintMapDialog) -> tuple[int, int]:
    shown = dialog.preview.widget().grab()
    return shown.width(), shown.height()


def test_the_preview_turns_pages_and_zooms(qtbot: QtBot, session: Session, dialog: PrintMapDialog) -> None:
    fitted = picture(dialog)
    assert fitted[1] / fitted[0] == pytest.approx(297 / 210, abs=0.01)
    first = dialog.preview.widget().grab().toImage()
    dialog.page.setValue(2)
    settled(qtbot, session, lambda: dialog.preview.widget().grab().toImage() != first)
    dialog.zoom.setCurrentIndex(dialog.zoom.findData(2.0))
    settled(qtbot, session, lambda: picture(dialog)[0] == pytest.approx(2 * 210 / 25.4 * 96, abs=2))
    qtbot.wait(200)
    settled(qtbot, session, lambda: dialog.preview.dpi == pytest.approx(192.0))
    centre = dialog.preview.viewport().rect().center()
    place = QPointF(centre)
    wheel = QWheelEvent(
        place, QPointF(dialog.preview.mapToGlobal(centre)), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(dialog.preview.viewport(), wheel)
    assert picture(dialog)[0] == pytest.approx(1.6 * 210 / 25.4 * 96, abs=2)
    assert dialog.zoom.placeholderText() == "160 %"
    qtbot.wait(200)
    settled(qtbot, session, lambda: True)


def test_the_preview_is_drawn_as_sharp_as_it_is_shown(
    qtbot: QtBot, session: Session, dialog: PrintMapDialog
) -> None:
    """Fitted or enlarged, the picture has the pixels of the screen: it equals the page drawn at that resolution."""
    composed = dialog.map
    assert composed is not None
    for zoom in (None, 1.5):
        dialog.zoom.setCurrentIndex(dialog.zoom.findData(zoom) if zoom else 0)
        qtbot.wait(250)
        settled(qtbot, session, lambda: True)
        shown = dialog.preview.widget().grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888)
        pixels = np.frombuffer(shown.constBits(), np.uint8).reshape(shown.height(), shown.width(), 4)
        assert np.array_equal(pixels[..., :3], composed.image(dialog.preview.dpi)[..., :3])


def test_a_file_that_cannot_be_written_is_said(
    qtbot: QtBot, session: Session, dialog: PrintMapDialog, tmp_path: Path
) -> None:
    dialog.write(tmp_path / "没有这个文件夹" / "图.pdf")
    settled(qtbot, session, lambda: bool(dialog.findChildren(QMessageBox)))
    assert "没有这个文件夹" in dialog.findChildren(QMessageBox)[0].text()
    assert dialog.save.isEnabled()


def test_the_dialog_may_be_closed_while_a_page_is_under_way(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    made = PrintMapDialog(session, uuid_of(session))
    made.show()
    made.reject()
    made.deleteLater()
    qtbot.wait(10)
    settled(qtbot, session, lambda: True)


def test_the_sheet_has_the_size_of_the_paper(
    qtbot: QtBot, session: Session, dialog: PrintMapDialog, tmp_path: Path
) -> None:
    dialog.orientation.setCurrentIndex(dialog.orientation.findData(True))
    settled(qtbot, session, lambda: dialog.map is not None and dialog.map.landscape)
    dialog.write(tmp_path / "图.pdf")
    settled(qtbot, session, lambda: (tmp_path / "图.pdf").exists())
    box = PdfReader(tmp_path / "图.pdf").pages[0].mediabox
    assert (float(box.width) * POINT, float(box.height) * POINT) == pytest.approx((297.0, 210.0), abs=0.01)
