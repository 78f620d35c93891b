"""The kinds of planned changes, and what each makes of which rows.

A change knows nothing of a project: it names rows by uuid and gives values by field. Rows it adds carry its own
``id`` as their uuid, so that a change that has been applied meanwhile is not counted twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, ClassVar

import shapely

from gis.store.row_ids import new_uuids
from gis.text import mark, tr
from layers.codes import LandUseCodes, code_table
from layers.editing.use_fields import name_of_use
from layers.importing.land_use_fields import LAND_USE_FIELDS
from layers.registry import layer as layer_spec
from layers.spec import FieldType

__all__ = [
    "KINDS",
    "Build",
    "Change",
    "EndLease",
    "Redraw",
    "Rezone",
    "RowChange",
    "SetValue",
    "StartLease",
    "Transfer",
]

_HECTARE = 10_000.0


@dataclass(frozen=True, slots=True)
class RowChange:
    """New values (field → value, days as ``datetime.date``) of one row; ``born`` if the row is new."""

    table: str
    uuid: str
    values: Mapping[str, Any]
    born: bool = False


def _own_id() -> str:
    return new_uuids(1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One planned change. ``control`` names the field that a planner moves to see what comes of it."""

    id: str = field(default_factory=_own_id)

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""  # marked for translation
    control: ClassVar[str] = ""

    def rows(self, codes: LandUseCodes) -> tuple[RowChange, ...]:
        """What becomes of which rows."""
        raise NotImplementedError

    @property
    def day(self) -> dt.date | None:
        """The day from which it counts; None if it counts at once."""
        return None

    @property
    def text(self) -> str:
        """What is planned, in one line."""
        raise NotImplementedError

    def as_record(self) -> dict[str, object]:
        """Plain values for JSON."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            "kind": self.kind,
            **{
                name: value.isoformat() if isinstance(value, dt.date) else value
                for name, value in values.items()
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Change):
    """供地: land is given away on a day. ``area`` is the contract area in m².

    ``parcel_no`` names the land where it is known; the unit counts where it is not. ``unit`` is a code.
    """

    kind: ClassVar[str] = "transfer"
    title: ClassVar[str] = mark("供应土地")
    control: ClassVar[str] = "area"

    project: str
    unit: str
    area: float
    scheme: str
    code: str
    mode: str
    contract_on: dt.date
    parcel_no: str = ""

    def rows(self, codes: LandUseCodes) -> tuple[RowChange, ...]:
        """One new row of supply, marked as planned: it counts as a contract once its day has come."""
        values = {
            "project": self.project,
            "unit": self.unit,
            "parcel_no": self.parcel_no or None,
            "area": self.area,
            "use_name": name_of_use(codes, self.scheme, self.code) or self.code,
            "use_code": self.code,
            "use_scheme": self.scheme,
            "mode": self.mode,
            "contract_on": self.contract_on,
            "planned": True,
        }
        return (RowChange("transfer", self.id, values, born=True),)

    @property
    def day(self) -> dt.date | None:
        """Day of the contract."""
        return self.contract_on

    @property
    def text(self) -> str:
        """Which land, how much, for what, how and when."""
        return tr(
            "供地 {label}：{area} 公顷，用途 {code}，{mode}，{day} 签约",
            label=self.parcel_no or self.project,
            area=f"{self.area / _HECTARE:,.4f}",
            code=self.code,
            mode=code_table("supply_mode").title(self.mode),
            day=self.contract_on,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rezone(Change):
    """改变用途: another land-use code for a parcel or for a plot of the plan (``table`` parcel or land_use)."""

    kind: ClassVar[str] = "rezone"
    title: ClassVar[str] = mark("改变用途")

    table: str
    uuid: str
    label: str
    scheme: str
    code: str

    def rows(self, codes: LandUseCodes) -> tuple[RowChange, ...]:
        """Code, scheme and the name that goes with them; of a plot also its industrial share, which was the old code's."""
        code, scheme, name, _by_name = LAND_USE_FIELDS[self.table]
        values = {code: self.code, scheme: self.scheme, name: name_of_use(codes, self.scheme, self.code)}
        if self.table == "land_use":
            values["industrial_share"] = None
        return (RowChange(self.table, self.uuid, values),)

    @property
    def text(self) -> str:
        """Which land, and its new use."""
        return tr(
            "{layer} {label} 改为 {code}",
            layer=layer_spec(self.table).title,
            label=self.label,
            code=self.code,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Redraw(Change):
    """图斑改界: another outline for a plot of the plan, and the plots around it give way.

    ``outline`` is WKT in the plane of the project; the border stands ``distance`` m outside of it (negative: inside).
    ``around`` are the plots (uuid and outline) that a border may reach: they lose what the plot then covers. What a plot
    gives up belongs to none.
    """

    kind: ClassVar[str] = "redraw"
    title: ClassVar[str] = mark("图斑改界")
    control: ClassVar[str] = "distance"

    uuid: str
    label: str
    outline: str
    distance: float = 0.0
    around: tuple[tuple[str, str], ...] = ()

    def rows(self, codes: LandUseCodes) -> tuple[RowChange, ...]:  # noqa: ARG002 - one signature for all kinds
        """The outline of the plot, and of those that lose land to it."""
        whole, others = _redrawn(self.outline, self.distance, self.around)
        return tuple(
            RowChange("land_use", uuid, {"geometry": shape}) for uuid, shape in ((self.uuid, whole), *others)
        )

    @property
    def text(self) -> str:
        """Which plot, and how far its border moves."""
        layer = layer_spec("land_use").title
        metres = f"{abs(self.distance):,g}"
        if self.distance < 0:
            return tr("{layer} {label} 的界线内缩 {metres} 米", layer=layer, label=self.label, metres=metres)
        return tr("{layer} {label} 的界线外扩 {metres} 米", layer=layer, label=self.label, metres=metres)


@lru_cache(maxsize=64)
def _redrawn(
    outline: str, distance: float, around: tuple[tuple[str, str], ...]
) -> tuple[shapely.Geometry | None, tuple[tuple[str, shapely.Geometry | None], ...]]:
    """The outline moved outward, and what it leaves to the plots that it reaches."""
    whole = shapely.buffer(shapely.from_wkt(outline), distance, join_style="mitre")
    others = []
    for uuid, text in around:
        other = shapely.from_wkt(text)
        if shapely.relate_pattern(whole, other, "T********"):
            others.append((uuid, _land(shapely.difference(other, whole))))
    return _land(whole), tuple(others)


def _land(shape: Any) -> Any:
    return None if shape.is_empty else shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Build(Change):
    """新建厂房: a hall of ``area`` m² gross floor area, accepted on a day."""

    kind: ClassVar[str] = "build"
    title: ClassVar[str] = mark("新建厂房")
    control: ClassVar[str] = "area"

    building_id: str
    unit: str
    area: float
    accepted_on: dt.date
    park: str = ""

    def rows(self, codes: LandUseCodes) -> tuple[RowChange, ...]:  # noqa: ARG002 - one signature for all kinds
        """One new building."""
        values = {
            "building_id": self.building_id,
            "name": self.building_id,
            "unit": self.unit,
            "park": self.park or None,
            "gross_floor_area": self.area,
            "planned_completion": self.accepted_on,
            "completed_on": self.accepted_on,
            "accepted_on": self.accepted_on,
        }
        return (RowChange("factory", self.id, values, born=True),)

    @property
    def day(self) -> dt.date | None:
        """Day of acceptance."""
        return self.accepted_on

    @property
    def text(self) -> str:
        """Which hall, how large and when."""
        return tr(
            "新建厂房 {label}：{area} ㎡，{day} 验收",
            label=self.building_id,
            area=f"{self.area:,.2f}",
            day=self.accepted_on,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLease(Change):
    """终止租约: a lease ends on ``last_day``, which is still let; the floor is free from the next day on."""

    kind: ClassVar[str] = "end_lease"
    title: ClassVar[str] = mark("终止租约")

    uuid: str
    label: str
    last_day: dt.date

    def rows(self, codes: LandUseCodes) -> tuple[RowChange, ...]:  # noqa: ARG002 - one signature for all kinds
        """The last day of the lease."""
        return (RowChange("lease", self.uuid, {"to_date": self.last_day}),)

    @property
    def day(self) -> dt.date | None:
        """The first day on which the floor is free."""
        return self.last_day + dt.timedelta(days=1)

    @property
    def text(self) -> str:
        """Which lease, and its last day."""
        return tr("租约 {label} 于 {day} 终止（含当日）", label=self.label, day=self.last_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartLease(Change):
    """新增租售: floor of a building is let, sold or used from a day on. ``area`` in m²."""

    kind: ClassVar[str] = "start_lease"
    title: ClassVar[str] = mark("新增租售")
    control: ClassVar[str] = "area"

    building_id: str
    lease_kind: str
    area: float
    from_date: dt.date
    to_date: dt.date | None = None

    def rows(self, codes: LandUseCodes) -> tuple[RowChange, ...]:  # noqa: ARG002 - one signature for all kinds
        """One new row of the ledger."""
        values = {
            "building_id": self.building_id,
            "kind": self.lease_kind,
            "area": self.area,
            "from_date": self.from_date,
            "to_date": self.to_date,
        }
        return (RowChange("lease", self.id, values, born=True),)

    @property
    def day(self) -> dt.date | None:
        """The first day."""
        return self.from_date

    @property
    def text(self) -> str:
        """Which building, how much and from when."""
        return tr(
            "{kind} 厂房 {label}：{area} ㎡，自 {day} 起",
            kind=code_table("lease_kind").title(self.lease_kind),
            label=self.building_id,
            area=f"{self.area:,.2f}",
            day=self.from_date,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValue(Change):
    """修改数值: one field of one row gets another value. A day is written in ISO 8601."""

    kind: ClassVar[str] = "set_value"
    title: ClassVar[str] = mark("修改数值")
    control: ClassVar[str] = "value"

    table: str
    uuid: str
    label: str
    name: str
    value: float | str | bool | None

    def rows(self, codes: LandUseCodes) -> tuple[RowChange, ...]:  # noqa: ARG002 - one signature for all kinds
        """The value, a day as a day."""
        value: Any = self.value
        if value is not None and layer_spec(self.table).field(self.name).type is FieldType.DATE:
            value = dt.date.fromisoformat(str(value))
        return (RowChange(self.table, self.uuid, {self.name: value}),)

    @property
    def text(self) -> str:
        """Which row, which field and its new value."""
        spec = layer_spec(self.table)
        return tr(
            "{layer} {label} 的“{field}”改为 {value}",
            layer=spec.title,
            label=self.label,
            field=spec.field(self.name).header,
            value=self._shown,
        )

    @property
    def _shown(self) -> str:
        """The value as people read it."""
        if self.value is None:
            return tr("（空）")
        if isinstance(self.value, bool):
            return tr("是") if self.value else tr("否")
        if isinstance(self.value, float):
            return f"{self.value:,.10g}"
        codes = layer_spec(self.table).field(self.name).codes
        return code_table(codes).title(self.value) if codes else self.value


KINDS: Mapping[str, type[Change]] = {
    item.kind: item for item in (Transfer, Rezone, Redraw, Build, EndLease, StartLease, SetValue)
}
