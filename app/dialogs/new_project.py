"""New project: file, name, plane, policy, and a code table of its own for a city that has one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.widgets import label
from app.settings import Settings
from gis.text import tr

__all__ = ["NewProjectDialog"]

_FIRST_PLANE, _FIRST_MERIDIAN = (
    4534,
    75,
)  # EPSG:4534 is CGCS2000 / 3-degree Gauss-Kruger CM 75E, then every 3°


@dataclass(frozen=True, slots=True)
class NewProjectChoice:
    """A project to be made; ``epsg`` None: the plane is found from the units or the city."""

    file: Path
    name: str
    epsg: int | None
    units: Path | None
    policy: Path | None
    codes: Path | None


class NewProjectDialog(QDialog):
    """Asks for what a project needs; the caller creates it."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle(tr("新建项目"))
        self.setMinimumWidth(520)
        self.file, self.name = QLineEdit(), QLineEdit()
        self.units, self.policy, self.codes = QLineEdit(), QLineEdit(), QLineEdit()
        self.units.setPlaceholderText(tr("留空：安康市十二个管理单元，界线以后导入"))
        self.policy.setPlaceholderText(tr("留空：安康市政策（2024）"))
        self.codes.setPlaceholderText(tr("留空：国家用地分类"))
        self.plane = QComboBox()
        self.plane.setEditable(True)
        self.plane.addItem(tr("自动：由单元界线或城市确定"), None)
        for number in range(21):
            meridian = _FIRST_MERIDIAN + 3 * number
            self.plane.addItem(
                tr(
                    "CGCS2000 3 度带，中央经线 {meridian}°E（EPSG:{code}）",
                    meridian=meridian,
                    code=_FIRST_PLANE + number,
                ),
                _FIRST_PLANE + number,
            )
        form = QFormLayout()
        form.addRow(tr("项目文件"), self._with_button(self.file, self._choose_file))
        form.addRow(tr("项目名称"), self.name)
        form.addRow(tr("坐标系"), self.plane)
        form.addRow(tr("管理单元"), self._with_button(self.units, self._choose_units))
        form.addRow(tr("政策文件"), self._with_button(self.policy, self._choose_policy))
        form.addRow(tr("用地代码表"), self._with_button(self.codes, self._choose_codes))
        self.hint = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("新建"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.hint)
        layout.addWidget(self.buttons)
        for edit in (self.file, self.name):
            edit.textChanged.connect(self._judge)
        self.plane.editTextChanged.connect(self._judge)
        self._judge()

    def _with_button(self, edit: QLineEdit, choose: object) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        button = QPushButton(tr("浏览…"))
        button.clicked.connect(choose)
        row.addWidget(edit, 1)
        row.addWidget(button)
        return holder

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, tr("项目文件"), self._settings.folder, tr("ParkLine 项目 (*.gpkg)")
        )
        if path:
            chosen = Path(path)
            self.file.setText(str(chosen if chosen.suffix else chosen.with_suffix(".gpkg")))
            self._settings.folder = str(chosen.parent)
            if not self.name.text():
                self.name.setText(chosen.stem)

    def _choose_units(self) -> None:
        from gis.formats import SUPPORTED

        patterns = " ".join(f"*{suffix}" for suffix in SUPPORTED)
        path, _ = QFileDialog.getOpenFileName(
            self, tr("管理单元"), self._settings.folder, tr("图形文件 ({patterns})", patterns=patterns)
        )
        if path:
            self.units.setText(path)

    def _choose_policy(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("政策文件"), self._settings.folder, tr("政策文件 (*.toml)")
        )
        if path:
            self.policy.setText(path)

    def _choose_codes(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("用地代码表"), self._settings.folder, tr("CSV 表 (*.csv)")
        )
        if path:
            self.codes.setText(path)

    @property
    def epsg(self) -> int | None:
        """The plane: one of the list, or any EPSG code typed; None leaves it to the program."""
        index = self.plane.findText(self.plane.currentText())
        if index >= 0:
            data = self.plane.itemData(index)
            return None if data is None else int(data)
        digits = self.plane.currentText().upper().removeprefix("EPSG:").strip()
        return int(digits) if digits.isdigit() else None

    def _plane_is_known(self) -> bool:
        return self.epsg is not None or self.plane.findText(self.plane.currentText()) >= 0

    def _judge(self) -> None:
        problem = ""
        if not self.file.text().strip():
            problem = tr("请指定项目文件。")
        elif Path(self.file.text()).exists():
            problem = tr("文件已存在；项目不会覆盖已有文件，请换一个名称。")
        elif not self.name.text().strip():
            problem = tr("请填写项目名称。")
        elif not self._plane_is_known():
            problem = tr("坐标系须为列表中的一项或 EPSG 代码。")
        self.hint.setText(problem)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problem)

    def choice(self) -> NewProjectChoice:
        """What was entered."""

        def file(edit: QLineEdit) -> Path | None:
            return Path(edit.text().strip()) if edit.text().strip() else None

        return NewProjectChoice(
            Path(self.file.text().strip()),
            self.name.text().strip(),
            self.epsg,
            file(self.units),
            file(self.policy),
            file(self.codes),
        )
