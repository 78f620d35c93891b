"""New project: file, name, plane, policy, and a code table of its own for a city that has one."""

from __future__ import annotations

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
from gis.errors import ParkLineError
from gis.text import tr

__all__ = ["NewProjectDialog"]

_ANKANG = 4545
_FIRST_PLANE, _FIRST_MERIDIAN = (
    4534,
    75,
)  # EPSG:4534 is CGCS2000 / 3-degree Gauss-Kruger CM 75E, then every 3°


class NewProjectDialog(QDialog):
    """Asks for what a project needs; the caller creates it."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle(tr("新建项目"))
        self.setMinimumWidth(520)
        self.file, self.name = QLineEdit(), QLineEdit()
        self.policy, self.codes = QLineEdit(), QLineEdit()
        self.policy.setPlaceholderText(tr("留空：安康市政策（2024）"))
        self.codes.setPlaceholderText(tr("留空：国家用地分类"))
        self.plane = QComboBox()
        self.plane.setEditable(True)
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
        self.plane.setCurrentIndex(self.plane.findData(_ANKANG))
        form = QFormLayout()
        form.addRow(tr("项目文件"), self._with_button(self.file, self._choose_file))
        form.addRow(tr("项目名称"), self.name)
        form.addRow(tr("坐标系"), self.plane)
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
        """The plane: one of the list, or any EPSG code typed."""
        index = self.plane.findText(self.plane.currentText())
        if index >= 0:
            return int(self.plane.itemData(index))
        digits = self.plane.currentText().upper().removeprefix("EPSG:").strip()
        return int(digits) if digits.isdigit() else None

    def _judge(self) -> None:
        problem = ""
        if not self.file.text().strip():
            problem = tr("请指定项目文件。")
        elif Path(self.file.text()).exists():
            problem = tr("文件已存在；项目不会覆盖已有文件，请换一个名称。")
        elif not self.name.text().strip():
            problem = tr("请填写项目名称。")
        elif self.epsg is None:
            problem = tr("坐标系须为列表中的一项或 EPSG 代码。")
        self.hint.setText(problem)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problem)

    def values(self) -> tuple[Path, str, int, str | None, str | None]:
        """File, name, EPSG, text of the policy and of the code table; ``ParkLineError`` if one can't be read."""
        texts: list[str | None] = []
        for edit in (self.policy, self.codes):
            name = edit.text().strip()
            try:
                texts.append(Path(name).read_text(encoding="utf-8-sig") if name else None)
            except (OSError, UnicodeDecodeError) as problem:
                raise ParkLineError(
                    tr("文件无法读取。"), hint=tr("应为 UTF-8 编码的文本文件。"), file=name
                ) from problem
        return (
            Path(self.file.text().strip()),
            self.name.text().strip(),
            self.epsg or _ANKANG,
            texts[0],
            texts[1],
        )
