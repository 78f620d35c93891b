"""Files in the real window: import, export, recent projects, dropping, leaving, undo (issue 1, "The window")."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from openpyxl import load_workbook
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.dialogs.export_layer import ExportDialog
from app.dialogs.import_data import ImportDialog
from app.dialogs.leaving import leaving_box
from app.settings import Settings
from app.shell import Shell
from gis.progress import Progress
from layers.project import Project
from tests.acceptance.window import dialog, drawn, settled


def drop(shell: Shell, *paths: Path) -> None:
    """Drag files over the window and let them fall."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    hold = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(300, 300), *hold)
    QApplication.sendEvent(shell.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(shell.window, QDropEvent(QPointF(300, 300), *hold))


def count(shell: Shell, layer: str) -> int:
    assert shell.session.project is not None
    return shell.session.project.store.count(layer)


@pytest.fixture
def empty(qtbot: QtBot, shell: Shell, tmp_path: Path) -> Shell:
    """The program with an empty project open."""
    project = Project.create(tmp_path / "空项目.gpkg", epsg=4545, name="空项目")
    shell.session.adopt(project)
    settled(qtbot, shell, lambda: bool(shell.session.results))
    return shell


def test_a_countys_gbk_shapefile_without_prj_goes_in_at_the_right_place(
    qtbot: QtBot, empty: Shell, shared_data: Path
) -> None:
    """Ten counties in GB18030 without .cpg and .prj, eastings with the prefix 36: EPSG:4524 is proposed.

    SOURCES.md gives their extent, 36501563 to 36706583 east and 3510190 to 3746493 north: in the project's
    EPSG:4545 the same metres without the prefix.
    """
    shell, window = empty, empty.window
    assert window.map.hint.isVisible()
    window.actions_["import"].trigger()
    box = dialog(qtbot, ImportDialog)
    box.layer.setCurrentIndex(box.layer.findData("unit"))
    box.set_file(shared_data / "messy" / "gbk" / "ankang_counties_gbk_epsg4524.shp")
    settled(qtbot, shell, lambda: box.plan is not None)
    assert box.encoding.currentText().lower() == "gb18030"
    assert "EPSG:4524" in box.crs.currentText()
    cells = {box.sample.index(row, column).data() for row in range(5) for column in range(4)}
    assert {"汉滨区", "石泉县"} <= cells
    assert box.mapping.column_box("code").currentText() == "XZQDM"
    box.dry.click()
    settled(qtbot, shell, lambda: box.report.report is not None)
    assert box.report.report is not None
    assert box.report.report.taken == 10
    assert count(shell, "unit") == 0
    with qtbot.waitSignal(shell.session.project_changed, timeout=20_000):
        box.go.click()
    settled(qtbot, shell, lambda: bool(shell.session.results))
    box.reject()
    assert count(shell, "unit") == 10
    assert shell.session.project is not None
    west, south, east, north = shell.session.project.store.bounds("unit") or (0, 0, 0, 0)
    assert (west, south, east, north) == pytest.approx((501563, 3510190, 706583, 3746493), abs=2)
    drawn(qtbot, shell)
    assert not window.map.hint.isVisible()
    seen = window.map.extent()  # the first data that come in are looked at
    assert seen[0] <= west <= east <= seen[2]
    assert seen[1] <= south <= north <= seen[3]
    assert window.actions_["undo"].isEnabled()
    assert "ankang_counties" in window.actions_["undo"].text() or "管理单元" in window.actions_["undo"].text()
    assert [line.name for line in window.dashboard.bars.lines if line.code == "610922"] == ["石泉县"]
    with qtbot.waitSignal(shell.session.project_changed, timeout=20_000):
        window.actions_["undo"].trigger()
    settled(qtbot, shell, lambda: window.actions_["redo"].isEnabled())
    assert count(shell, "unit") == 0
    with qtbot.waitSignal(shell.session.project_changed, timeout=20_000):
        window.actions_["redo"].trigger()
    settled(qtbot, shell, lambda: window.actions_["undo"].isEnabled())
    assert count(shell, "unit") == 10


def test_undo_says_what_it_takes_back_and_is_grey_where_there_is_nothing(qtbot: QtBot, shell: Shell) -> None:
    window, project = shell.window, shell.session.project
    assert project is not None
    window.actions_["redo"].isEnabled()
    with project.transaction("改地块 <b>甲</b>") as transaction:
        row = project.read("parcel", limit=1)
        transaction.retire("parcel", [row["uuid"].iloc[0]])
    shell.session.changed()
    settled(qtbot, shell, lambda: "甲" in window.actions_["undo"].text())
    assert window.actions_["undo"].text() == "撤销：改地块 <b>甲</b>"
    assert not window.actions_["redo"].isEnabled()
    window.actions_["undo"].trigger()
    settled(qtbot, shell, lambda: window.actions_["redo"].isEnabled())
    assert window.actions_["redo"].text() == "重做：改地块 <b>甲</b>"


def test_a_long_job_shows_its_progress_and_cancel_ends_it(qtbot: QtBot, shell: Shell) -> None:
    """A job of the session, as import and export are: bar and words in the status bar, the button stops it."""
    window, goes_on = shell.window, threading.Event()
    ends: list[Exception] = []

    def work(_project: Project, progress: Progress) -> None:
        while not goes_on.wait(0.01):
            progress(0.4, "写入 4 000/10 000")

    shell.session.read(work, lambda _: None, title="导出图层", failed=ends.append, writes=True)
    qtbot.waitUntil(lambda: window.progress.isVisible())
    qtbot.waitUntil(lambda: window.progress.text.text() == "写入 4 000/10 000")
    assert window.progress.bar.value() == 400
    assert not window.actions_["import"].isEnabled()
    qtbot.mouseClick(window.progress.cancel, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, lambda: bool(ends))
    qtbot.waitUntil(lambda: not window.progress.isVisible())
    assert window.actions_["import"].isEnabled()
    goes_on.set()


def test_an_import_is_cancelled_in_the_middle_and_leaves_nothing(
    qtbot: QtBot, empty: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window's Cancel strikes when the first rows have been written inside the transaction."""
    shell = empty
    source = gpd.GeoDataFrame(
        {"地块编号": [f"长-{number:05d}" for number in range(4000)]},
        geometry=gpd.points_from_xy([109.0] * 4000, [32.7] * 4000).buffer(0.001),
        crs=4490,
    )
    source.to_file(tmp_path / "四千.gpkg", driver="GPKG")
    shell.window.files.import_data(tmp_path / "四千.gpkg")
    box = dialog(qtbot, ImportDialog)
    settled(qtbot, shell, lambda: box.plan is not None)
    assert box.go.isEnabled()
    box.go.click()
    qtbot.waitUntil(lambda: box._task is not None and box._task.fraction > 0)
    assert box.stop.isVisible()
    box.stop.click()
    settled(qtbot, shell, lambda: not box.stop.isVisible())
    assert count(shell, "parcel") in {0, 4000}  # cancelled in time, or all of it stood already
    if count(shell, "parcel") == 0:
        assert "已取消" in box.questions.text()
        assert box.report.report is None
    box.reject()


def test_a_project_on_the_recent_list_is_opened_and_one_that_is_gone_leaves_it(
    qtbot: QtBot, shell: Shell, template: Path, tmp_path: Path
) -> None:
    other = tmp_path / "另一个.gpkg"
    shutil.copy(template, other)
    shell.window.files.open_path(str(other))
    settled(qtbot, shell, lambda: shell.session.project is not None and shell.session.project.path == other)
    menu = shell.window.actions_.submenus["recent"]
    menu.aboutToShow.emit()
    assert [action.text().partition(" – ")[0] for action in menu.actions()] == [
        "另一个.gpkg",
        "安康 演示.gpkg",
    ]
    menu.actions()[1].trigger()
    settled(
        qtbot,
        shell,
        lambda: shell.session.project is not None and shell.session.project.path.name == "安康 演示.gpkg",
    )
    assert [Path(item).name for item in Settings(shell.settings.path).recent] == [
        "安康 演示.gpkg",
        "另一个.gpkg",
    ]
    other.unlink()
    menu.aboutToShow.emit()
    menu.actions()[1].trigger()
    dialog(qtbot, QMessageBox).close()
    assert [Path(item).name for item in shell.settings.recent] == ["安康 演示.gpkg"]


def test_without_a_project_the_window_says_how_to_begin(qtbot: QtBot, shell: Shell) -> None:
    window = shell.window
    window.actions_["close"].trigger()
    settled(qtbot, shell, lambda: window.centre.currentWidget() is window.start_page)
    assert window.start_page.recent.isVisible()
    assert window.start_page.recent.item(0).text().startswith("安康 演示.gpkg")
    assert not window.actions_["check"].isEnabled()
    assert window.actions_["open"].isEnabled()
    rect = window.start_page.recent.visualItemRect(window.start_page.recent.item(0))
    qtbot.mouseClick(window.start_page.recent.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    settled(qtbot, shell, lambda: bool(shell.session.results))
    assert window.centre.currentWidget() is window.map


def test_the_demo_can_be_opened_from_the_start_page(qtbot: QtBot, shell: Shell, tmp_path: Path) -> None:
    """It is made by its generator if there is none; here its place is the user's folder of the test."""
    shell.session.close()
    shell.session.open_demo(tmp_path / "demo.gpkg")
    settled(qtbot, shell, lambda: bool(shell.session.results))
    assert shell.session.project is not None
    assert shell.session.project.is_demo
    assert count(shell, "parcel") >= 3000


def test_a_dropped_project_is_opened_and_any_other_file_is_imported(
    qtbot: QtBot, shell: Shell, template: Path, tmp_path: Path
) -> None:
    other = tmp_path / "拖来的.gpkg"
    shutil.copy(template, other)
    drop(shell, other)
    settled(qtbot, shell, lambda: shell.session.project is not None and shell.session.project.path == other)
    frame = gpd.GeoDataFrame(
        {"编号": ["拖-1"]}, geometry=gpd.points_from_xy([109.0], [32.7]).buffer(0.001), crs=4490
    )
    frame.to_file(tmp_path / "县里的.gpkg", driver="GPKG")
    frame.to_file(tmp_path / "县里的.shp", driver="ESRI Shapefile", encoding="utf-8")
    for names in (["县里的.gpkg"], ["县里的.dbf", "县里的.prj", "县里的.shp", "县里的.shx"]):
        drop(shell, *(tmp_path / name for name in names))
        box = dialog(qtbot, ImportDialog)
        settled(qtbot, shell, lambda found=box: found.plan is not None)  # type: ignore[misc]
        assert Path(box.file.text()).suffix in {".gpkg", ".shp"}
        box.reject()
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)


def test_a_layer_is_exported_and_comes_back_with_the_same_rows(
    qtbot: QtBot, shell: Shell, tmp_path: Path
) -> None:
    """Read back with geopandas and openpyxl, which know nothing of this program."""
    window = shell.window
    window.layers.export_wanted.emit("parcel")
    box = dialog(qtbot, ExportDialog)
    assert box.layer.currentData() == "parcel"
    box.format.setCurrentIndex(box.format.findData(".geojson"))
    box.file.setText(str(tmp_path / "地块.geojson"))
    assert not box._form.isRowVisible(box.crs)
    box.accept()
    settled(qtbot, shell, lambda: (tmp_path / "地块.geojson").exists())
    for other in QApplication.topLevelWidgets():
        if isinstance(other, QMessageBox):
            other.close()
    back = gpd.read_file(tmp_path / "地块.geojson")
    assert len(back) == count(shell, "parcel")
    assert back.crs is not None
    assert back.total_bounds[0] > 107
    window.files.export_to("transfer", tmp_path / "供地.xlsx", None, None)
    settled(qtbot, shell, lambda: (tmp_path / "供地.xlsx").exists())
    sheet = load_workbook(tmp_path / "供地.xlsx").active
    assert sheet is not None
    numbers = set(pd.DataFrame(sheet.values).astype(str).to_numpy().ravel())
    assert shell.session.project is not None
    stored = shell.session.project.read("transfer", columns=["supervision_no"], geometry=False)
    assert set(stored["supervision_no"].dropna()) <= numbers


def test_the_export_dialog_offers_only_what_the_layer_can_be_written_as(
    qtbot: QtBot, shell: Shell, tmp_path: Path
) -> None:
    project = shell.session.project
    assert project is not None
    box = ExportDialog(shell.settings, project, "land_use", ["甲", "乙"], shell.window)
    qtbot.addWidget(box)
    box.show()
    assert box.snapshot.isVisible()
    box.snapshot.setCurrentIndex(2)
    assert box.values()[3] == "乙"
    box.layer.setCurrentIndex(box.layer.findData("lease"))
    assert box.format.findData(".shp") < 0
    assert not box.snapshot.isVisible()
    assert box.values()[2:] == (None, None)
    ok = box.buttons.buttons()[0]
    assert ok.isEnabled()
    box.file.setText(str(tmp_path / "没有这个文件夹" / "a.gpkg"))
    assert not ok.isEnabled()
    box.file.setText(str(tmp_path / "a.doc"))
    assert not ok.isEnabled()


def test_the_window_asks_before_it_closes_over_a_job_that_writes(qtbot: QtBot, shell: Shell) -> None:
    """Waiting keeps the window; leaving cancels the job; a job that only reads is no reason to ask."""
    goes_on, ends = threading.Event(), []

    def work(_project: Project, progress: Progress) -> None:
        while not goes_on.wait(0.01):
            progress(0.2, "写入")

    def answer(words: str) -> None:
        box = dialog(qtbot, QMessageBox)
        assert "导入" in box.text()
        next(button for button in box.buttons() if words in button.text()).click()

    shell.session.read(work, lambda _: None, title="导入", failed=ends.append, writes=True)
    qtbot.waitUntil(lambda: bool(shell.tasks.writing))
    QTimer.singleShot(0, lambda: answer("继续等待"))
    assert not shell.window.close()
    assert shell.window.isVisible()
    QTimer.singleShot(0, lambda: answer("离开"))
    shell.window.actions_["close"].trigger()
    settled(qtbot, shell, lambda: shell.session.project is None)
    goes_on.set()


def test_the_question_answers_itself_when_the_job_is_done(qtbot: QtBot, shell: Shell) -> None:
    goes_on = threading.Event()

    def work(_project: Project, _progress: Progress) -> int:
        goes_on.wait()
        return 1

    results: list[int] = []
    shell.session.read(work, results.append, title="导出", writes=True)
    box = leaving_box(shell.tasks, shell.window)
    box.open()
    goes_on.set()
    qtbot.waitUntil(lambda: not box.isVisible())
    assert box.buttonRole(box.clickedButton()) == QMessageBox.ButtonRole.AcceptRole
    assert results == [1]


def test_a_job_cancelled_too_late_tells_what_it_wrote(qtbot: QtBot, shell: Shell) -> None:
    begun, wrote = threading.Event(), threading.Event()

    def work(_project: Project, _progress: Progress) -> str:
        begun.set()
        wrote.wait()
        return "written"

    results: list[str] = []
    task = shell.session.write(work, results.append, title="导入")
    assert task is not None
    assert begun.wait(10)
    task.cancel()
    with qtbot.waitSignal(shell.session.project_changed):
        wrote.set()
    assert results == ["written"]


def test_opening_another_project_drops_what_the_old_one_had_to_tell(
    qtbot: QtBot, shell: Shell, template: Path, tmp_path: Path
) -> None:
    """A reading that is still under way when its project is closed neither answers nor complains."""
    waits, answers, errors = threading.Event(), [], []
    shell.tasks.failed.connect(errors.append)

    def work(project: Project, _progress: Progress) -> int:
        waits.wait()
        return project.store.count("parcel")

    shell.session.read(work, answers.append, quiet=True)
    other = tmp_path / "b.gpkg"
    shutil.copy(template, other)
    shell.session.open(other)
    qtbot.waitUntil(lambda: shell.session.project is not None and shell.session.project.path == other)
    waits.set()
    settled(qtbot, shell, lambda: bool(shell.session.results))
    assert answers == []
    assert errors == []
