"""One planned change of a scenario in a form: entered anew, or changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.what_if_facts import REACH, ParcelFacts, PlotFacts
from app.panels.widgets import label
from gis.text import tr
from layers.codes import code_table

if TYPE_CHECKING:
    from app.dialogs.what_if_facts import ChangeForms
    from layers.scenarios.changes import Change

__all__ = ["ChangeDialog", "days_editor"]

_HECTARE = 10_000.0
_LARGEST = 10_000_000.0
_DEFAULT_SCHEME = "guide2023"


class ChangeDialog(QDialog):
    """The form of one kind of change. ``change`` is what was entered, once accepted."""

    def __init__(
        self, kind: str, forms: ChangeForms, change: Change | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        from layers.scenarios.changes import KINDS

        self._kind, self._forms, self._old = KINDS[kind], forms, change
        self.change: Change | None = None
        self.giving_way = QCheckBox()
        self.setWindowTitle(tr(self._kind.title))
        self.setMinimumWidth(460)
        self.editors: dict[str, QWidget] = {}
        self._form = QFormLayout()
        self.problem = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("确定"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self._enter)
        self.buttons.rejected.connect(self.reject)
        getattr(self, f"_ask_{kind}")()
        if change is not None:
            self._show(change)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)

    # --- the forms of the kinds ----------------------------------------------------------------------

    def _ask_transfer(self) -> None:
        parcel = self._forms.parcel
        self._line("parcel_no", tr("地块编号（可空）"), "" if parcel is None else parcel.number)
        self._line("project", tr("项目名称"), tr("计划供地") if parcel is None else parcel.number)
        self._unit("" if parcel is None else parcel.unit)
        self._figure("area", tr("面积（公顷）"), 1.0 if parcel is None else parcel.area / _HECTARE, 4)
        self._use(
            "1001" if parcel is None else parcel.code, _DEFAULT_SCHEME if parcel is None else parcel.scheme
        )
        self._codes("mode", tr("供地方式"), "supply_mode", "23")
        self._day("contract_on", tr("合同签订日期"))

    def _ask_rezone(self) -> None:
        self._subject(tr("地块或图斑"))
        self._use("0701", _DEFAULT_SCHEME)
        self._show_subject()

    def _ask_redraw(self) -> None:
        self._subject(tr("规划图斑"))
        self._figure("distance", tr("界线外扩（米，负为内缩）"), 10.0, 1)
        distance = self.editors["distance"]
        assert isinstance(distance, QDoubleSpinBox)  # noqa: S101 - just made
        distance.setRange(-REACH, REACH)
        self.giving_way = QCheckBox(tr("相邻图斑让出被扩入的部分"))
        self.giving_way.setChecked(True)
        self._form.addRow("", self.giving_way)
        self._show_subject()

    def _subject(self, title: str) -> None:
        self._line("label", title, "")
        self.editors["label"].setEnabled(False)

    def take(self, forms: ChangeForms) -> None:
        """Be about what is selected now; a change that was there before stays what it is about."""
        self._forms = forms
        if self._old is None and self._kind.kind in ("rezone", "redraw"):
            self._show_subject()

    @property
    def _selected(self) -> ParcelFacts | PlotFacts | None:
        """What is selected, as far as the form can be about it."""
        if self._kind.kind == "rezone" and self._forms.parcel is not None:
            return self._forms.parcel
        return self._forms.plot

    def _show_subject(self) -> None:
        """Name what the change is about; of another use the scheme is that of the land."""
        if self._old is not None:
            return
        chosen = self._selected
        editor = self.editors["label"]
        assert isinstance(editor, QLineEdit)  # noqa: S101 - made for it
        editor.setText("" if chosen is None else chosen.number)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(chosen is not None)
        if chosen is None:
            self.problem.setText(
                tr("先在地图或属性表中选中一个地块或规划图斑。")
                if self._kind.kind == "rezone"
                else tr("先在地图或属性表中选中一个规划图斑。")
            )
            return
        self.problem.setText(
            tr("现用途：{use}", use=f"{chosen.code} {self._forms.codes.title(chosen.scheme, chosen.code)}")
            if chosen.code
            else ""
        )
        schemes = self.editors.get("scheme")
        if isinstance(schemes, QComboBox) and chosen.scheme:
            _choose(schemes, chosen.scheme)

    def _ask_build(self) -> None:
        taken = set(self._forms.buildings)
        number = next(
            text for count in range(1, 10_000) if (text := tr("新建{number}", number=count)) not in taken
        )
        self._line("building_id", tr("厂房编号"), number)
        self._unit("")
        self._figure("area", tr("建筑面积（㎡）"), 5_000.0, 2)
        self._day("accepted_on", tr("竣工验收备案日期"))

    def _ask_end_lease(self) -> None:
        box = self._box("uuid", tr("租约"), self._forms.leases)
        if not self._forms.leases:
            self.problem.setText(tr("项目中没有租约。"))
            self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(False)
        box.setMaxVisibleItems(20)
        self._day("last_day", tr("最后一日（含）"))

    def _ask_start_lease(self) -> None:
        box = self._box("building_id", tr("厂房编号"), [(item, item) for item in self._forms.buildings])
        box.setEditable(True)
        self._codes("lease_kind", tr("方式"), "lease_kind", "lease")
        self._figure("area", tr("面积（㎡）"), 1_000.0, 2)
        self._day("from_date", tr("起始日期"))

    # --- editors --------------------------------------------------------------------------------------

    def _line(self, name: str, title: str, text: str) -> None:
        editor = QLineEdit(text)
        self.editors[name] = editor
        self._form.addRow(title, editor)

    def _figure(self, name: str, title: str, value: float, decimals: int) -> None:
        editor = QDoubleSpinBox()
        editor.setRange(0.0, _LARGEST)
        editor.setDecimals(decimals)
        editor.setGroupSeparatorShown(True)
        editor.setValue(value)
        self.editors[name] = editor
        self._form.addRow(title, editor)

    def _day(self, name: str, title: str) -> None:
        editor = days_editor(self._forms.day)
        self.editors[name] = editor
        self._form.addRow(title, editor)

    def _box(self, name: str, title: str, items: Any) -> QComboBox:
        editor = QComboBox()
        for value, text in items:
            editor.addItem(text, value)
        self.editors[name] = editor
        self._form.addRow(title, editor)
        return editor

    def _unit(self, code: str) -> None:
        box = self._box("unit", tr("管理单元"), self._forms.units)
        box.setCurrentIndex(max(box.findData(code), 0))

    def _codes(self, name: str, title: str, table: str, value: str) -> None:
        box = self._box(name, title, [(item.value, item.title) for item in code_table(table).values])
        box.setCurrentIndex(box.findData(value))

    def _use(self, code: str, scheme: str) -> None:
        self._codes("scheme", tr("分类标准"), "land_use_scheme", scheme or _DEFAULT_SCHEME)
        box = self._box("code", tr("用途"), [])
        box.setEditable(True)
        schemes = self.editors["scheme"]
        assert isinstance(schemes, QComboBox)  # noqa: S101 - just made

        def offer() -> None:
            now = _value(box)
            box.clear()
            for item in self._forms.codes.entries(str(schemes.currentData())):
                box.addItem(f"{item.code} {self._forms.codes.title(item.scheme, item.code)}", item.code)
            _choose(box, now)

        box.setEditText(code)
        offer()
        schemes.currentIndexChanged.connect(offer)

    # --- in and out -----------------------------------------------------------------------------------

    def _show(self, change: Change) -> None:
        for name, editor in self.editors.items():
            value = getattr(change, name)
            if isinstance(editor, QDoubleSpinBox):
                editor.setValue(value / self._scale)
            elif isinstance(editor, QDateEdit):
                editor.setDate(QDate(value.year, value.month, value.day))
            elif isinstance(editor, QComboBox):
                _choose(editor, value)
            elif isinstance(editor, QLineEdit):
                editor.setText(value)

    @property
    def _scale(self) -> float:
        """Square metres of one step of the figure in the form."""
        return _HECTARE if self._kind.kind == "transfer" else 1.0

    def values(self) -> dict[str, Any]:
        """What stands in the form, as the change takes it."""
        found: dict[str, Any] = {}
        for name, editor in self.editors.items():
            if isinstance(editor, QDoubleSpinBox):
                found[name] = editor.value() * self._scale
            elif isinstance(editor, QDateEdit):
                found[name] = editor.date().toPython()
            elif isinstance(editor, QComboBox):
                found[name] = _value(editor)
            elif isinstance(editor, QLineEdit):
                found[name] = editor.text().strip()
        return found

    def _enter(self) -> None:
        values = self.values()
        problem = self._problem_of(values)
        if problem:
            self.problem.setText(problem)
            return
        if self._kind.kind == "end_lease":
            values["label"] = dict(self._forms.leases)[values["uuid"]]
        if self._old is not None:
            self.change = replace(self._old, **values)
        else:
            self.change = self._kind(**values, **self._about())
        self.accept()

    def _about(self) -> dict[str, Any]:
        """Which row a new change is about, where the form does not say it itself."""
        chosen = self._selected
        if self._kind.kind == "rezone" and chosen is not None:
            return {"table": "land_use" if isinstance(chosen, PlotFacts) else "parcel", "uuid": chosen.uuid}
        if self._kind.kind == "redraw" and isinstance(chosen, PlotFacts):
            around = chosen.around if self.giving_way.isChecked() else ()
            return {"uuid": chosen.uuid, "outline": chosen.outline, "around": around}
        return {}

    def _problem_of(self, values: dict[str, Any]) -> str:
        if "area" in values and not values["area"]:
            return tr("面积须大于零。")
        if "code" in values and not self._forms.codes.known(values["scheme"], values["code"]):
            return tr("分类标准中没有代码 {code}。", code=values["code"])
        if "building_id" in values and not values["building_id"]:
            return tr("请填写厂房编号。")
        if self._kind.kind == "build" and values["building_id"] in self._forms.buildings:
            return tr("厂房编号 {number} 已有。", number=values["building_id"])
        if self._kind.kind == "start_lease" and not values["building_id"]:
            return tr("请填写厂房编号。")
        return ""


def days_editor(day: dt.date) -> QDateEdit:
    """An editor for a day, written as everywhere."""
    editor = QDateEdit(QDate(day.year, day.month, day.day))
    editor.setDisplayFormat("yyyy-MM-dd")
    editor.setCalendarPopup(True)
    return editor


def _value(box: QComboBox) -> str:
    """The value of the item, or the first word of what was typed."""
    text = box.currentText().strip()
    place = box.findText(text, Qt.MatchFlag.MatchExactly)
    if place >= 0:
        return str(box.itemData(place))
    return text.split(" ")[0] if box.isEditable() else str(box.currentData() or "")


def _choose(box: QComboBox, value: str) -> None:
    place = box.findData(value)
    if place >= 0:
        box.setCurrentIndex(place)
    elif box.isEditable():
        box.setEditText(value)
