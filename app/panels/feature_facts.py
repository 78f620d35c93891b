"""What the card of one row says, worked out in a worker: fields by group, areas, indicators, line and unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.panels.table_model import display_value
from gis.text import language, mark, tr
from layers.indicators import INDICATORS
from layers.registry import layer
from layers.spec import FieldType, LayerSpec

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["NO_VALUE", "AreaFact", "FeatureFacts", "IndicatorFact", "feature_facts"]

NO_VALUE = "–"
_AREAS = ("area_certified", "area_plane", "area_ellipsoid")


@dataclass(frozen=True, slots=True)
class AreaFact:
    """One of the three areas in m²; ``difference`` is against the ellipsoidal one (None for itself)."""

    title: str
    value: float | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class IndicatorFact:
    """One standard-land indicator; ``met`` is None where it cannot be judged."""

    title: str
    operator: str
    required: float | None
    committed: float | None
    actual: float | None
    met: bool | None


@dataclass(slots=True)
class FeatureFacts:
    """The card of one row."""

    table: str
    uuid: str
    heading: str
    place: list[tuple[str, str]] = field(default_factory=list)
    groups: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    areas: list[AreaFact] = field(default_factory=list)
    indicators: list[IndicatorFact] = field(default_factory=list)


def feature_facts(project: Project, table: str, uuid: str) -> FeatureFacts | None:
    """Read one row and say what its card shows; None if the row is gone."""
    from gis.store.base import Condition

    spec = layer(table)
    frame = project.read(table, where=[Condition("uuid", "=", uuid)])
    if frame.empty:
        return None
    row = frame.to_dict("records")[0]
    name = display_value(spec.field(spec.label), row[spec.label]) if spec.label else ""
    facts = FeatureFacts(table, uuid, name or tr("（无编号）"))
    geometry = row.get("geometry")
    has_shape = geometry is not None and not geometry.is_empty
    if has_shape and table not in {"unit"}:
        facts.place = _place(project, geometry)
    facts.areas = _areas(spec, row)
    if table == "parcel":
        facts.indicators = _indicators(row)
    facts.groups = _groups(spec, row)
    return facts


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return None if number != number else number


def _areas(spec: LayerSpec, row: Mapping[str, Any]) -> list[AreaFact]:
    names = {item.name: item for item in spec.fields}
    if "area_ellipsoid" not in names:
        return []
    ellipsoidal = _number(row["area_ellipsoid"])
    facts = []
    for name in _AREAS:
        if name in names:
            value = _number(row[name])
            known = name != "area_ellipsoid" and value is not None and ellipsoidal is not None
            difference = (
                value - ellipsoidal if known and value is not None and ellipsoidal is not None else None
            )
            facts.append(AreaFact(names[name].title, value, difference))
    return facts


def _indicators(row: Mapping[str, Any]) -> list[IndicatorFact]:
    facts = []
    for item in INDICATORS:
        required, committed, actual = (
            _number(row.get(f"{item.key}_{stand}")) for stand in ("required", "committed", "actual")
        )
        if required is None and committed is None and actual is None:
            continue
        limit = required if required is not None else committed
        met = None
        if limit is not None and actual is not None:
            met = actual >= limit if item.operator == ">=" else actual <= limit
        title = item.zh if language() == "zh_CN" else item.en
        facts.append(IndicatorFact(title, item.operator, required, committed, actual, met))
    return facts


def _groups(spec: LayerSpec, row: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every field once: what it is, its dates, its figures; areas and indicators have their own place."""
    special = {f"{item.key}_{stand}" for item in INDICATORS for stand in ("required", "committed", "actual")}
    special |= set(_AREAS) if any(item.name == "area_ellipsoid" for item in spec.fields) else set()
    general, days, figures = [], [], []
    for item in spec.fields:
        if item.name in special:
            continue
        text = display_value(item, row.get(item.name)) or NO_VALUE
        if item.type is FieldType.DATE:
            days.append((item.title, text))
        elif item.type in (FieldType.REAL, FieldType.INTEGER):
            figures.append((item.header, text))
        else:
            general.append((item.title, text))
    origin = [
        (tr("来源文件"), str(row.get("source") or NO_VALUE)),
        (tr("来源坐标系"), str(row.get("source_crs") or NO_VALUE)),
    ]
    origin = [(title, NO_VALUE if text == "nan" else text) for title, text in origin]
    titled = (
        (mark("基本信息"), general),
        (mark("数量"), figures),
        (mark("日期"), days),
        (mark("来源"), origin),
    )
    return [(tr(title), rows) for title, rows in titled if rows]


def _place(project: Project, geometry: Any) -> list[tuple[str, str]]:
    """The unit (net geometry) and the block line in which the row lies, with the share inside."""
    import numpy as np
    import shapely

    shapes = np.array([geometry], dtype=object)
    units = project.units()
    code = units.by_geometry(shapes)[0] if len(units) else None
    place = [(tr("管理单元"), f"{units.name(code)} {code}" if code else tr("不在任何管理单元内"))]
    lines = project.lines(project.as_of)
    near = lines[shapely.intersects(lines.geometry.to_numpy(), geometry)] if len(lines) else lines
    texts = []
    for line in near.to_dict("records"):  # the few lines at one place
        share = 1.0
        if geometry.area > 0:
            share = shapely.intersection(line["geometry"], geometry).area / geometry.area
            if share < 1e-6:
                continue
        name = str(line["name"])
        texts.append(tr("{name}（{share}）", name=name, share=f"{share:.1%}") if share < 0.9999 else name)
    place.append((tr("工业区块线"), tr("、").join(texts) or tr("不在区块线内")))
    return place
