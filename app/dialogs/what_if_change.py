"""One planned change of a scenario in a form: entered anew, or changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import (
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

from app.panels.widgets import label
from gis.text import tr
from layers.codes import code_table

if TYPE_CHECKING:
    from layers.codes import LandUseCodes
    from layers.project import Project
    from layers.scenarios.changes import Change

__all__ = ["ChangeDialog", "ChangeForms", "ParcelFacts", "days_editor", "parcel_facts"]

_HECTARE = 10_000.0
_LARGEST = 10_000_000.0
_DEFAULT_SCHEME = "guide2023"


@dataclass(frozen=True)
class ParcelFacts:
    """What a form takes over from a parcel."""

    uuid: str
    number: str
    unit: str
    area: float
    scheme: str
    code: str


@dataclass(frozen=True)
class ChangeForms:
    """What the forms offer: units and parks of the project, its buildings and leases, and what is selected."""

    units: tuple[tuple[str, str], ...]
    buildings: tuple[str, ...]
    leases: tuple[tuple[str, str], ...]  # uuid and what it is called
    codes: LandUseCodes
    day: dt.date
    parcel: ParcelFacts | None = None

    @classmethod
    def of(cls, project: Project, day: dt.date, selected: tuple[str, list[str]]) -> ChangeForms:
        """Read in a worker; ``selected`` is the selection of the window."""
        tree = project.units()
        factories = project.read("factory", columns=["building_id"], geometry=False)
        leases = project.read("lease", geometry=False)
        kinds = code_table("lease_kind")
        named = [
            (
                str(row["uuid"]),
                tr(
                    "{building} {kind} {area} ㎡ {tenant} 至 {end}",
                    building=row["building_id"],
                    kind=kinds.title(row["kind"]),
                    area=f"{row['area']:,.0f}",
                    tenant=_text(row["tenant"]),
                    end=tr("未定") if row["to_date"] != row["to_date"] else row["to_date"].date(),
                ),
            )
            for row in leases.to_dict("records")
        ]
        table, uuids = selected
        parcel = parcel_facts(project, uuid=uuids[0]) if table == "parcel" and len(uuids) == 1 else None
        return cls(
            units=tuple(zip(tree.codes, tree.names, strict=True)),
            buildings=tuple(sorted({_text(value) for value in factories["building_id"]})),
            leases=tuple(sorted(named, key=lambda item: item[1])),
            codes=project.codes,
            day=day,
            parcel=parcel,
        )


def parcel_facts(project: Project, *, uuid: str = "", number: str = "") -> ParcelFacts | None:
    """A parcel by uuid or number; None if there is none."""
    from gis.store.base import Condition

    where = [Condition("uuid", "=", uuid)] if uuid else [Condition("parcel_no", "=", number)]
    columns = ["parcel_no", "unit", "area_certified", "area_ellipsoid", "land_use_scheme", "land_use_code"]
    frame = project.read("parcel", columns=columns, where=where, limit=1)
    if frame.empty:
        return None
    row = frame.iloc[0]
    unit = project.units().assign(frame, project.epsg)[0][0]
    certified, measured = row["area_certified"], row["area_ellipsoid"]
    area = certified if certified == certified else measured if measured == measured else 0.0
    return ParcelFacts(
        str(row["uuid"]),
        _text(row["parcel_no"]),
        unit or "",
        float(area),
        _text(row["land_use_scheme"]),
        _text(row["land_use_code"]),
    )


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)


class ChangeDialog(QDialog):
    """The form of one kind of change. ``change`` is what was entered, once accepted."""

    def __init__(
        self, kind: str, forms: ChangeForms, change: Change | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        from layers.scenarios.changes import KINDS

        self._kind, self._forms, self._old = KINDS[kind], forms, change
        self.change: Change | None = None
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
        parcel = self._forms.parcel
        self._line("label", tr("地块编号"), "" if parcel is None else parcel.number)
        self.editors["label"].setEnabled(False)
        if parcel is None and self._old is None:
            self.problem.setText(tr("先在地图或属性表中选中一个地块。"))
            self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(False)
        self._use("0701", _DEFAULT_SCHEME if parcel is None or not parcel.scheme else parcel.scheme)

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
            if self._kind.kind == "rezone":
                assert self._forms.parcel is not None  # noqa: S101 - the form is closed without one
                values |= {"table": "parcel", "uuid": self._forms.parcel.uuid}
            self.change = self._kind(**values)
        self.accept()

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
