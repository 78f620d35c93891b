"""What the forms of planned changes take over from the project and from the selection; read in a worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gis.text import tr
from layers.codes import code_table

if TYPE_CHECKING:
    from layers.codes import LandUseCodes
    from layers.project import Project

__all__ = ["REACH", "ChangeForms", "ParcelFacts", "PlotFacts", "RowFacts", "parcel_facts"]

# So far (m) a border may be moved in the form.
REACH = 100.0


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
class PlotFacts:
    """A plot of the plan: what it is called, its use, its outline and those of the plots that a border may reach."""

    uuid: str
    number: str
    scheme: str
    code: str
    outline: str
    around: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RowFacts:
    """A row whose values may be changed, as it is stored."""

    table: str
    uuid: str
    label: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class ChangeForms:
    """What the forms offer: units and parks of the project, its buildings and leases, and what is selected."""

    units: tuple[tuple[str, str], ...]
    buildings: tuple[str, ...]
    leases: tuple[tuple[str, str], ...]  # uuid and what it is called
    codes: LandUseCodes
    day: dt.date
    parcel: ParcelFacts | None = None
    plot: PlotFacts | None = None
    row: RowFacts | None = None
    rows: Mapping[tuple[str, str], RowFacts] = field(default_factory=dict)  # those that changes name already

    @classmethod
    def of(
        cls,
        project: Project,
        day: dt.date,
        selected: tuple[str, list[str]],
        named: tuple[tuple[str, str], ...] = (),
    ) -> ChangeForms:
        """Read in a worker; ``selected`` is the selection of the window, ``named`` are rows that a change is about."""
        tree = project.units()
        factories = project.read("factory", columns=["building_id"], geometry=False)
        leases = project.read("lease", geometry=False)
        kinds = code_table("lease_kind")
        leases_named = [
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
        one = uuids[0] if len(uuids) == 1 else ""
        rows = {key: found for key in named if (found := _row_facts(project, *key)) is not None}
        return cls(
            units=tuple(zip(tree.codes, tree.names, strict=True)),
            buildings=tuple(sorted({_text(value) for value in factories["building_id"]})),
            leases=tuple(sorted(leases_named, key=lambda item: item[1])),
            codes=project.codes,
            day=day,
            parcel=parcel_facts(project, uuid=one) if one and table == "parcel" else None,
            plot=_plot_facts(project, one) if one and table == "land_use" else None,
            row=_row_facts(project, table, one) if one else None,
            rows=rows,
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


def _plot_facts(project: Project, uuid: str) -> PlotFacts | None:
    """A plot of the plan with the plots of its snapshot around it; None if there is none, or it has no outline."""
    from gis.store.base import Condition

    columns = ["plot_no", "snapshot", "scheme", "code"]
    frame = project.read("land_use", columns=columns, where=[Condition("uuid", "=", uuid)], limit=1)
    if frame.empty or frame.geometry.iloc[0] is None or frame.geometry.iloc[0].is_empty:
        return None
    row, shape = frame.iloc[0], frame.geometry.iloc[0]
    west, south, east, north = shape.bounds
    box = (west - REACH, south - REACH, east + REACH, north + REACH)
    near = project.read("land_use", columns=[], bbox=box, where=[Condition("snapshot", "=", row["snapshot"])])
    around = tuple(
        (str(other), land.wkt)
        for other, land in zip(near["uuid"], near.geometry, strict=True)
        if other != uuid and land is not None and land.distance(shape) <= REACH
    )
    label = tr(
        "{number}（{snapshot}）", number=_text(row["plot_no"]) or _text(row["code"]), snapshot=row["snapshot"]
    )
    return PlotFacts(uuid, label, _text(row["scheme"]), _text(row["code"]), shape.wkt, around)


def _row_facts(project: Project, table: str, uuid: str) -> RowFacts | None:
    """A row of a layer whose rows may be edited; None of another one."""
    from gis.store.base import Condition
    from layers.registry import TABLES
    from layers.spec import Editing

    spec = next((item for item in TABLES if item.name == table), None)
    if spec is None or spec.editing is not Editing.ROWS:
        return None
    frame = project.read(table, where=[Condition("uuid", "=", uuid)], limit=1, geometry=False)
    if frame.empty:
        return None
    row = frame.iloc[0]
    name = spec.label or (spec.key[0] if spec.key else spec.fields[0].name)
    values = {item.name: row[item.name] for item in spec.fields if item.name in frame.columns}
    return RowFacts(table, uuid, _text(row.get(name)), values)


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)
