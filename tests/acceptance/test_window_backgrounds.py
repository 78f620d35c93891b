"""Pictures under the map through the window: added, seen in their place, remembered, missing, found again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyproj
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.dialogs.add_background import AddBackgroundDialog
from app.dialogs.background_opacity import BackgroundOpacityDialog
from app.shell import Shell
from tests.acceptance.window import dialog, drawn, settled
from tests.gis.raster.samples import marked, red_middle, server, tile_picture, write_mbtiles, write_picture

SPAN = 0.5


def middle(shell: Shell) -> tuple[float, float]:
    """A whole-metre place in the middle of the project."""
    extent = shell.window.map.canvas.extent()
    return round((extent[0] + extent[2]) / 2), round((extent[1] + extent[3]) / 2)


def ortho(shell: Shell, folder: Path, name: str = "正射 2025.tif", system: int | None = 4545) -> Path:
    """A picture of 600 by 400 m whose red square of 8 m stands in the middle of the project."""
    x, y = middle(shell)
    pixels = marked(1200, 800, [(600, 400)], 16)
    return write_picture(folder / name, pixels, system, x - 300, y + 200, SPAN, tiled=True)


def seen(qtbot: QtBot, shell: Shell, at: tuple[float, float], resolution: float = SPAN) -> NDArray[np.uint8]:
    """What the map shows round a place, without the layers, as RGBA."""
    window = shell.window
    for name in window.layers.order:
        window.layers.set_visible(name, False)
    window.map.canvas.look_at(*at, resolution)
    still(qtbot, shell)
    picture = window.map.canvas.picture()
    assert picture is not None
    image = picture.image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.array(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)


def still(qtbot: QtBot, shell: Shell) -> None:
    """Wait until everything that is to be seen has come and is drawn.

    Longer than elsewhere: a machine that has never drawn compiles the loops of maps and pictures meanwhile.
    """
    canvas = shell.window.map.canvas

    def at_rest() -> bool:
        picture = canvas.picture()
        busy = canvas.backgrounds.busy or canvas.drawing or shell.session.tasks.running
        return picture is not None and picture.complete and not busy

    for _ in range(2):  # what the threads told last may have asked for one more picture
        qtbot.waitUntil(at_rest, timeout=120_000)
        qtbot.wait(30)
    drawn(qtbot, shell)


def assert_marked(qtbot: QtBot, shell: Shell, at: tuple[float, float]) -> None:
    """The red square stands at the place, to half a pixel."""
    pixels = seen(qtbot, shell, (at[0] + 40, at[1] - 30))
    picture = shell.window.map.canvas.picture()
    assert picture is not None
    expected = picture.view.to_screen(np.array([at]))[0]
    assert np.abs(np.array(red_middle(pixels)) - expected).max() < 0.5


def begin(qtbot: QtBot, shell: Shell) -> AddBackgroundDialog:
    shell.window.actions_["add_background"].trigger()
    return dialog(qtbot, AddBackgroundDialog)


def accept(qtbot: QtBot, asked: AddBackgroundDialog) -> None:
    qtbot.waitUntil(asked.add.isEnabled, timeout=20_000)
    qtbot.mouseClick(asked.add, Qt.MouseButton.LeftButton)


@pytest.fixture
def looking_under(looking: Shell) -> Iterator[Shell]:
    """The module's window without backgrounds, and again so afterwards."""
    yield looking
    looking.window.backgrounds._set([])


def lines(shell: Shell) -> list[str]:
    """The lines of the list: a name, and after a dot how it is doing unless all is well."""
    rows = shell.window.layers.backgrounds.list
    return [rows.item(row).text() for row in range(rows.count())]


def names(shell: Shell) -> list[str]:
    return [line.split(" · ")[0] for line in lines(shell)]


def entry(shell: Shell, key: str, text: str) -> QAction:
    menu = shell.window.layers.backgrounds.menu_of(key)
    return next(action for action in menu.actions() if action.text().startswith(text))


def test_a_dropped_picture_without_a_system_is_asked_about(
    qtbot: QtBot, looking_under: Shell, tmp_path: Path
) -> None:
    shell = looking_under
    place = middle(shell)
    path = ortho(shell, tmp_path, "无坐标系.tif", None)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    hold = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(shell.window, QDragEnterEvent(QPoint(300, 300), *hold))
    QApplication.sendEvent(shell.window, QDropEvent(QPointF(300, 300), *hold))
    asked = dialog(qtbot, AddBackgroundDialog)
    qtbot.waitUntil(lambda: asked.system.isEnabled(), timeout=20_000)
    assert "4545" in asked.system.currentText()  # the project's own plane is the likeliest
    asked.system.setEditText("")
    assert not asked.add.isEnabled()
    assert "坐标系" in asked.remark.text()
    asked.system.setEditText("4545")
    accept(qtbot, asked)
    assert_marked(qtbot, shell, place)


def test_a_file_that_has_moved_is_shown_as_missing_and_found_again(
    qtbot: QtBot, looking_under: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = looking_under
    place = middle(shell)
    path = ortho(shell, tmp_path)
    asked = begin(qtbot, shell)
    asked.take_files([path])
    accept(qtbot, asked)
    elsewhere = tmp_path / "新盘" / "改名.tif"
    elsewhere.parent.mkdir()
    still(qtbot, shell)
    (background,) = shell.window.backgrounds._list
    path.rename(elsewhere)
    entry(shell, background.key, "重新读取").trigger()
    qtbot.waitUntil(lambda: "文件缺失" in lines(shell)[0])
    assert not (seen(qtbot, shell, place)[..., 0].astype(int) - seen(qtbot, shell, place)[..., 1] > 90).any()
    from PySide6.QtWidgets import QFileDialog

    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(elsewhere), ""))
    entry(shell, background.key, "重新定位文件").trigger()
    settled(qtbot, shell, lambda: "缺失" not in lines(shell)[0])
    assert_marked(qtbot, shell, place)


def test_boxes_order_and_opacity_of_the_list_rule_the_map(
    qtbot: QtBot, looking_under: Shell, tmp_path: Path
) -> None:
    shell = looking_under
    x, y = middle(shell)
    for name, colour in (("红.tif", (200, 0, 0)), ("蓝.tif", (0, 0, 200))):
        pixels = np.repeat(np.array(colour, dtype=np.uint8), 64 * 64).reshape(3, 64, 64)
        write_picture(tmp_path / name, pixels, 4545, x - 320, y + 320, 10.0)
    asked = begin(qtbot, shell)
    asked.take_files([tmp_path / "红.tif", tmp_path / "蓝.tif"])
    accept(qtbot, asked)
    rows = shell.window.layers.backgrounds.list
    assert names(shell) == ["蓝.tif", "红.tif"]  # the last one lies on top

    def centre() -> list[int]:
        pixels = seen(qtbot, shell, (x, y), 2.0)
        return pixels[pixels.shape[0] // 2, pixels.shape[1] // 2, :3].tolist()  # type: ignore[no-any-return]

    assert centre() == [0, 0, 200]
    rows.setCurrentRow(0)
    qtbot.keyClick(rows, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert names(shell) == ["红.tif", "蓝.tif"]
    assert centre() == [200, 0, 0]
    rows.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert centre() == [0, 0, 200]
    rows.item(0).setCheckState(Qt.CheckState.Checked)
    key = rows.item(0).data(Qt.ItemDataRole.UserRole)
    entry(shell, key, "不透明度").trigger()
    slider = dialog(qtbot, BackgroundOpacityDialog)
    slider.strength.setValue(50)
    assert np.abs(np.array(centre()) - [100, 0, 100]).max() <= 1
    slider.reject()
    assert centre() == [200, 0, 0]


def test_the_sheet_of_the_units_does_not_cover_an_orthophoto(
    qtbot: QtBot, looking_under: Shell, tmp_path: Path
) -> None:
    shell = looking_under
    place = middle(shell)
    asked = begin(qtbot, shell)
    asked.take_files([ortho(shell, tmp_path)])
    accept(qtbot, asked)
    seen(qtbot, shell, place)  # the layers are off now
    shell.window.layers.set_visible("unit", True)
    still(qtbot, shell)
    picture = shell.window.map.canvas.picture()
    assert picture is not None
    image = picture.image.convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.array(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)
    assert (pixels[..., :3] == (255, 0, 0)).all(axis=2).any()  # a label lies on part of the square


def test_overviews_are_built_in_the_background_and_used(
    qtbot: QtBot, looking_under: Shell, tmp_path: Path
) -> None:
    shell = looking_under
    x, y = middle(shell)
    path = tmp_path / "大.tif"
    pixels = np.full((1, 6000, 6000), 90, dtype=np.uint8)
    write_picture(path, pixels, 4545, x - 1500, y + 1500, SPAN, tiled=True, compress="DEFLATE")
    asked = begin(qtbot, shell)
    asked.take_files([path])
    accept(qtbot, asked)
    question = [item for item in shell.window.findChildren(QMessageBox) if item.isVisible()]
    assert "金字塔" in question[0].text()
    question[0].buttons()[1].click()  # later
    still(qtbot, shell)
    blank = seen(qtbot, shell, (x, y), 60.0)
    assert not (blank[..., :3] == 90).all(axis=2).any()
    qtbot.waitUntil(lambda: "放大后显示" in lines(shell)[0])
    (background,) = shell.window.backgrounds._list
    entry(shell, background.key, "建立金字塔").trigger()
    settled(qtbot, shell, lambda: (tmp_path / "大.tif.ovr").exists())
    still(qtbot, shell)
    assert (seen(qtbot, shell, (x, y), 60.0)[..., :3] == 90).all(axis=2).any()
    assert lines(shell) == ["大.tif"]


def test_a_server_s_tiles_and_their_absence(qtbot: QtBot, looking_under: Shell, tmp_path: Path) -> None:
    shell = looking_under
    x, y = middle(shell)
    lonlat = pyproj.Transformer.from_crs(4545, 4490, always_xy=True).transform(x, y)

    def answer(path: str) -> tuple[int, bytes]:
        zoom, column, row = (int(part) for part in path.strip("/").split("/"))
        return 200, tile_picture(column, row, zoom, lonlat)

    with server(answer) as (address, asked_for):
        asked = begin(qtbot, shell)
        asked.tabs.setCurrentIndex(2)
        qtbot.keyClicks(asked.address, f"{address}/{{z}}/{{x}}")
        assert not asked.add.isEnabled()
        qtbot.keyClicks(asked.address, "/{y}")
        asked.title.setText("影像服务")
        assert asked_for == []
        accept(qtbot, asked)
        assert names(shell) == ["影像服务"]
        pixels = seen(qtbot, shell, (x, y), 1.0)
        assert asked_for
        column, row = red_middle(pixels)
        assert abs(column - pixels.shape[1] / 2) < 1.0  # the tile's own mark is rounded to its pixels
        assert abs(row - pixels.shape[0] / 2) < 1.0
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    asked = begin(qtbot, shell)
    asked.tabs.setCurrentIndex(2)
    asked.address.setText(f"http://127.0.0.1:{port}/wmts")
    qtbot.mouseClick(asked.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "无法连接" in asked.remark.text(), timeout=20_000)
    assert not asked.add.isEnabled()
    asked.address.setText(f"http://127.0.0.1:{port}/{{z}}/{{x}}/{{y}}")
    accept(qtbot, asked)
    still(qtbot, shell)  # the map is drawn all the same, and nobody is asked anything
    qtbot.waitUntil(lambda: any("连接不上" in line for line in lines(shell)))
    assert [item for item in shell.window.findChildren(QMessageBox) if item.isVisible()] == []


def test_mbtiles_and_a_folder_without_tiles(qtbot: QtBot, looking_under: Shell, tmp_path: Path) -> None:
    shell = looking_under
    x, y = middle(shell)
    lonlat = pyproj.Transformer.from_crs(4545, 4490, always_xy=True).transform(x, y)
    path = write_mbtiles(tmp_path / "电子地图.mbtiles", [15, 17], lonlat)
    asked = begin(qtbot, shell)
    (tmp_path / "空").mkdir()
    asked.take_folder(tmp_path / "空")
    qtbot.waitUntil(lambda: "没有瓦片" in asked.remark.text(), timeout=20_000)
    assert not asked.add.isEnabled()
    asked.take_files([path])
    accept(qtbot, asked)
    pixels = seen(qtbot, shell, (x, y), 1.0)
    column, row = red_middle(pixels)
    assert abs(column - pixels.shape[1] / 2) < 1.0
    assert abs(row - pixels.shape[0] / 2) < 1.0


def test_an_orthophoto_is_added_seen_in_its_place_and_remembered(
    qtbot: QtBot, looking_under: Shell, tmp_path: Path
) -> None:
    shell = looking_under
    place = middle(shell)
    path = ortho(shell, tmp_path)
    asked = begin(qtbot, shell)
    assert not asked.add.isEnabled()
    asked.take_files([path, tmp_path / "settings.ini"])
    qtbot.waitUntil(lambda: asked.files.count() == 2)
    assert "EPSG:4545" in asked.files.item(0).text()
    accept(qtbot, asked)
    assert names(shell) == ["正射 2025.tif"]
    assert_marked(qtbot, shell, place)
    project = shell.session.project
    assert project is not None
    file = project.path
    shell.session.close()
    assert names(shell) == []
    shell.session.open(file)
    settled(qtbot, shell, lambda: names(shell) != [])
    assert names(shell) == ["正射 2025.tif"]
    assert_marked(qtbot, shell, place)
    shell.window.layers.backgrounds.list.setCurrentRow(0)
    qtbot.keyClick(shell.window.layers.backgrounds.list, Qt.Key.Key_Delete)
    assert names(shell) == []
    assert path.exists()
    assert not (seen(qtbot, shell, place)[..., 0].astype(int) - seen(qtbot, shell, place)[..., 1] > 90).any()
