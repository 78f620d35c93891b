"""Add pictures under the map: files, a folder of tiles, or an address; each is looked at before it is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app import theme
from app.background import Background
from app.dialogs.import_form import beside, system_title, typed_system
from app.panels.widgets import label, plain_tip
from app.session import Session
from gis.errors import ParkLineError
from gis.progress import Progress
from gis.raster.opening import IMAGE_SUFFIXES, TILE_FILE_SUFFIXES, BackgroundPlace
from gis.text import tr

if TYPE_CHECKING:
    from gis.raster.inspection import Inspection
    from gis.raster.wmts import WmtsLayer

__all__ = ["AddBackgroundDialog", "file_filter"]


def file_filter() -> str:
    """The files that can be backgrounds, for a file dialog."""
    patterns = " ".join(f"*{suffix}" for suffix in (*IMAGE_SUFFIXES, *TILE_FILE_SUFFIXES))
    return tr("影像与瓦片 ({patterns})", patterns=patterns)


class AddBackgroundDialog(QDialog):
    """``chosen`` is what the person wants to add; ``without_overviews`` the large pictures among it that lack them."""

    def __init__(self, session: Session, plane: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("添加底图"))
        self.setMinimumSize(600, 380)
        self._session, self._plane = session, plane
        self._found: dict[str, Inspection] = {}
        self._layers: list[WmtsLayer] = []
        self._folder_found: Inspection | None = None
        self._asked = 0  # number of the newest question to a worker
        self.remark = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.add = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.add.setText(tr("添加"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.tabs = QTabWidget()
        self.tabs.addTab(self._file_tab(), tr("文件"))
        self.tabs.addTab(self._folder_tab(), tr("瓦片文件夹"))
        self.tabs.addTab(self._address_tab(), tr("网络地址"))
        self.tabs.currentChanged.connect(self._judge)
        layout = QVBoxLayout(self)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.remark)
        layout.addWidget(self.buttons)
        self._judge()

    # --- the three ways --------------------------------------------------------------------------------

    def _file_tab(self) -> QWidget:
        self.files = QListWidget()
        self.files.setAccessibleName(tr("选中的文件"))
        self.files.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.browse = QPushButton(tr("选择文件…"))
        self.browse.clicked.connect(self._choose_files)
        self.system = QComboBox()
        self.system.setEditable(True)
        self.system.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.system.setEnabled(False)
        self.system.setAccessibleName(tr("坐标系"))
        self.system.editTextChanged.connect(self._judge)
        about = tr("GeoTIFF、JPEG 2000、带坐标文件（.jgw、.pgw、.tfw）的 JPG/PNG/TIFF，以及 MBTiles。")
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.addWidget(label(about, "muted", wrap=True))
        layout.addWidget(self.files, 1)
        form = QFormLayout()
        form.addRow("", beside(QWidget(), self.browse))
        form.addRow(tr("坐标系"), self.system)
        layout.addLayout(form)
        return page

    def _folder_tab(self) -> QWidget:
        self.folder = QLineEdit()
        self.folder.setReadOnly(True)
        self.folder.setAccessibleName(tr("瓦片文件夹"))
        browse = QPushButton(tr("选择文件夹…"))
        browse.clicked.connect(self._choose_folder)
        self.folder_grid = _grids()
        self.from_south = QCheckBox(tr("行号自南向北（TMS）"))
        self.folder_grid.currentIndexChanged.connect(self._look_at_folder)
        self.from_south.toggled.connect(self._look_at_folder)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.addWidget(
            label(tr("文件夹里是“级/列/行.png”或 .jpg，例如 16/52610/26507.png。"), "muted", wrap=True)
        )
        form = QFormLayout()
        form.addRow(tr("文件夹"), beside(self.folder, browse))
        form.addRow(tr("切片方案"), self.folder_grid)
        form.addRow("", self.from_south)
        layout.addLayout(form)
        layout.addStretch(1)
        return page

    def _address_tab(self) -> QWidget:
        self.address = QLineEdit()
        self.address.setPlaceholderText(tr("例如 https://服务器/{z}/{x}/{y}.png"))
        self.address.setAccessibleName(tr("网络地址"))
        self.address.textChanged.connect(self._address_changed)
        self.ask = QPushButton(tr("读取 WMTS 图层"))
        self.ask.clicked.connect(self._ask_layers)
        self.address_grid = _grids()
        self.wmts = QComboBox()
        self.wmts.setAccessibleName(tr("WMTS 图层"))
        self.wmts.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.wmts.setEnabled(False)
        self.wmts.currentIndexChanged.connect(self._judge)
        self.title = QLineEdit()
        page = QWidget()
        layout = QVBoxLayout(page)
        about = tr(
            "只有在这里填写了地址，程序才会访问网络。地址（包括其中的密钥）保存在本机设置里，不写入项目文件；"
            "没有网络时底图留空，其他功能不受影响。"
        )
        layout.addWidget(label(about, "muted", wrap=True))
        form = QFormLayout()
        form.addRow(tr("地址"), self.address)
        form.addRow(tr("切片方案"), self.address_grid)
        form.addRow(tr("WMTS 图层"), beside(self.wmts, self.ask))
        form.addRow(tr("名称"), self.title)
        layout.addLayout(form)
        layout.addStretch(1)
        return page

    # --- files -----------------------------------------------------------------------------------------

    def _choose_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self, tr("选择底图文件"), self._session.settings.folder, file_filter()
        )
        if names:
            self._session.settings.folder = str(Path(names[0]).parent)
            self.take_files([Path(name) for name in names])

    def take_files(self, paths: Sequence[Path]) -> None:
        """Look at files in a worker and list them with what was found."""
        plane = self._plane

        def work(_progress: Progress) -> list[Inspection]:
            from gis.raster.inspection import look_at_file

            return [look_at_file(path, plane) for path in paths]

        self.tabs.setCurrentIndex(0)
        self._in_worker(work, self._files_seen)

    def _files_seen(self, found: list[Inspection]) -> None:
        self._found.update({item.place.place: item for item in found})
        self.files.clear()
        colours = theme.current()
        for item in self._found.values():
            name = Path(item.place.place).name
            line = QListWidgetItem(f"{name} – {_said(item)}")
            line.setToolTip(plain_tip(f"{item.place.place}\n{item.problem or ''}".strip()))
            if item.problem is not None:
                line.setForeground(QColor(colours.bad))
            self.files.addItem(line)
        nameless = [item for item in self._found.values() if item.problem is None and item.system == ""]
        self.system.blockSignals(True)
        self.system.clear()
        for epsg in nameless[0].offered if nameless else ():
            self.system.addItem(system_title(epsg, swapped=False), epsg)
        self.system.setEnabled(bool(nameless))
        self.system.blockSignals(False)
        self._judge()

    # --- a folder --------------------------------------------------------------------------------------

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("选择瓦片文件夹"), self._session.settings.folder)
        if name:
            self._session.settings.folder = name
            self.take_folder(Path(name))

    def take_folder(self, folder: Path) -> None:
        """Look at a folder of tiles."""
        self.tabs.setCurrentIndex(1)
        self.folder.setText(str(folder))
        self._look_at_folder()

    def _folder_place(self) -> BackgroundPlace:
        return BackgroundPlace(
            "folder", self.folder.text(), 0, str(self.folder_grid.currentData()), self.from_south.isChecked()
        )

    def _look_at_folder(self, *_: object) -> None:
        place, plane = self._folder_place(), self._plane
        if not place.place:
            return

        def work(_progress: Progress) -> list[Inspection]:
            from gis.raster.inspection import inspect_place

            return [inspect_place(place, plane)]

        self._in_worker(work, self._folder_seen)

    def _folder_seen(self, found: list[Inspection]) -> None:
        self._folder_found = found[0]
        self._judge()

    # --- an address ------------------------------------------------------------------------------------

    def _address_changed(self) -> None:
        self._layers = []
        self.wmts.clear()
        self.wmts.setEnabled(False)
        self._judge()

    def _ask_layers(self) -> None:
        """The only place where the network is asked before anything was added: the person has pressed a button."""
        address = self.address.text().strip()

        def work(_progress: Progress) -> list[WmtsLayer]:
            from gis.raster.opening import wmts_layers

            return wmts_layers(address)

        self.remark.setText(tr("正在读取 {host} …", host=urlsplit(address).hostname or address))
        self._in_worker(work, self._layers_seen, self._layers_failed)

    def _layers_seen(self, layers: list[WmtsLayer]) -> None:
        self._layers = layers
        self.wmts.clear()
        for item in layers:
            self.wmts.addItem(f"{item.title} · {item.matrix_set}")
        self.wmts.setEnabled(bool(layers))
        self._judge()

    def _layers_failed(self, error: Exception) -> None:
        self._judge()
        hint = error.hint if isinstance(error, ParkLineError) else ""
        message = error.message if isinstance(error, ParkLineError) else str(error)
        self.remark.setText(f"{message} {hint}".strip())

    def _address_place(self) -> BackgroundPlace:
        """What the address means; ``ParkLineError`` if tiles cannot be asked for by it."""
        from gis.raster.tile_address import check_template, is_template

        address = self.address.text().strip()
        index = self.wmts.currentIndex()
        if self._layers and index >= 0:
            layer = self._layers[index]
            return BackgroundPlace("wmts", address, layer=layer.name, matrix_set=layer.matrix_set)
        if address and not is_template(address):
            raise ParkLineError(
                tr(
                    "地址里没有 {{z}}、{{x}}、{{y}}；如果是 WMTS 服务地址，请按“{button}”。",
                    button=self.ask.text(),
                )
            )
        check_template(address)
        return BackgroundPlace("address", address, grid=str(self.address_grid.currentData()))

    # --- judging ---------------------------------------------------------------------------------------

    def _in_worker(
        self,
        work: Callable[[Progress], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Only the answer to the newest question counts, and only while the dialog is there."""
        self._asked += 1
        number = self._asked

        def arrived(result: Any) -> None:
            if isValid(self) and number == self._asked:
                done(result)

        def gone_wrong(error: Exception) -> None:
            if isValid(self) and number == self._asked and failed is not None:
                failed(error)

        told = gone_wrong if failed is not None else None
        self._session.tasks.run(work, arrived, title=tr("查看底图"), failed=told, quiet=True)

    def _judge(self, *_: object) -> None:
        """Say what is still missing, and let the button be pressed only when nothing is."""
        try:
            ready, text = bool(self.chosen()), ""
        except ParkLineError as error:
            ready, text = False, f"{error.message} {error.hint}".strip()
        self.add.setEnabled(ready)
        self.remark.setText(text)

    def chosen(self) -> list[Background]:
        """What to add, the first at the bottom; ``ParkLineError`` says what is missing."""
        way = self.tabs.currentIndex()
        if way == 0:
            return self._chosen_files()
        if way == 1:
            found = self._folder_found
            if found is None or found.place != self._folder_place():
                return []
            if found.problem is not None:
                raise found.problem
            return [Background(Path(found.place.place).name, found.place)]
        if not self.address.text().strip():
            return []
        place = self._address_place()
        name = self.title.text().strip() or (
            self._layers[self.wmts.currentIndex()].title
            if place.kind == "wmts"
            else urlsplit(place.place).hostname
        )
        return [Background(name or place.place, place)]

    def _chosen_files(self) -> list[Background]:
        usable = [item for item in self._found.values() if item.problem is None]
        if self._found and not usable:
            problem = next(item.problem for item in self._found.values() if item.problem is not None)
            raise problem
        epsg = typed_system(self.system.currentText()) or 0
        if not epsg and any(item.system == "" for item in usable):
            raise ParkLineError(tr("请为没有声明坐标系的影像选择坐标系，或输入 EPSG 代码。"))
        return [Background(Path(item.place.place).name, item.with_system(epsg)) for item in usable]

    def without_overviews(self) -> list[str]:
        """Paths of the chosen pictures that are so large that they cannot be shown whole without coarser copies."""
        from gis.raster.map_reader import NEEDS_OVERVIEWS

        return [
            item.place.place
            for item in self._found.values()
            if item.problem is None
            and item.overviews is False
            and item.size[0] * item.size[1] > NEEDS_OVERVIEWS
        ]


def _grids() -> QComboBox:
    box = QComboBox()
    box.addItem(tr("Web 墨卡托（EPSG:3857），最常见"), "web")
    box.addItem(tr("经纬度（EPSG:4490），天地图 c"), "degrees")
    box.setAccessibleName(tr("切片方案"))
    return box


def _said(item: Inspection) -> str:
    """What was found out about a file, in a few words."""
    if item.problem is not None:
        return item.problem.message
    if item.system == "":
        return tr("没有声明坐标系")
    return f"EPSG:{item.system}" if isinstance(item.system, int) else tr("自定义坐标系")
