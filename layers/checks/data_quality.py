"""数据质量: what is wrong with the data that other checks rely on, by unit, with the pieces of land that show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.text import mark, tr
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.quality_shapes import (
    Problems,
    area_problems,
    coverage_problems,
    factory_problems,
    homes,
    unit_problems,
)
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.policy_quality import DATED, KINDS
from layers.registry import layer
from layers.units import UnitTree

__all__ = ["COLUMNS", "FIGURES", "TABLES", "TARGET", "TITLE", "run"]

TARGET = "data_quality"
TITLE = mark("数据质量")

FIGURES: Mapping[str, tuple[str, str]] = {
    "problems": (mark("数据问题"), ""),
    "overlap": (mark("地块重叠"), ""),
    "gap": (mark("地块缝隙"), ""),
    "outside": (mark("越出单元界线"), ""),
    "across": (mark("跨两个单元"), ""),
    "stated_unit": (mark("单元字段不符"), ""),
    "duplicate": (mark("编号重复"), ""),
    "area": (mark("面积不符"), ""),
    "code": (mark("代码不明"), ""),
    "dates": (mark("日期颠倒"), ""),
    "factory_outside": (mark("园区外厂房"), ""),
    "overlap_area": (mark("重叠面积"), "m2"),
    "gap_area": (mark("缝隙面积"), "m2"),
    "parcels": (mark("地块数"), ""),
}
# Tables whose numbers have to be unique, and those whose dates the policy may order.
_NUMBERED = ("parcel", "factory", "park", "investment", "transfer")
TABLES = ("parcel", "park", "factory", "lease", "investment", "transfer", "enterprise")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "parcel": (
        "parcel_no", "unit", "park", "location", "land_use_code", "land_use_scheme", "area_certified", *DATED["parcel"],
    ),
    "transfer": ("supervision_no", "unit", "project", "location", *DATED["transfer"]),
}  # fmt: skip


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - data are good or not, whatever the year
) -> CheckResult:
    """Judge every unit by the number of problems of the kinds that the policy counts."""
    target = policy.target(TARGET)
    parameters = target.parameters
    tree = read.tree_for(units, parameters["units"])
    found = Problems()
    parcels = tables["parcel"]
    shapes = read.geometries(parcels)
    numbers = _numbers(parcels, "parcel_no")
    home, pieces = homes(shapes, tree)
    coverage_problems(found, shapes, numbers, home, parameters, tree.epsg)
    unit_problems(found, parcels, shapes, home, pieces, tree, float(parameters["rim_width"]))
    area_problems(found, parcels, shapes, home, parameters, tree.epsg)
    _unknown_codes(found, parcels, shapes, home, codes)
    _duplicates(found, tables, home, tree)
    _dates(found, tables, home, tree, parameters)
    nowhere = factory_problems(found, tables["factory"], tables["park"], tree, read.day_number(as_of))
    findings = []
    if nowhere:
        text = tr("{count} 栋厂房没有图形也没有园区，不能判断是否在园区内", count=nowhere)
        findings.append(Finding("warning", text, "factory"))
    lost = sum(unit < 0 for unit in found.unit)
    if lost:
        text = tr("{count} 处问题无法归属单元，只列在依据中", count=lost)
        findings.append(Finding("warning", text))
    results = _results(found, home, target, tree, anything=any(len(frame) for frame in tables.values()))
    return assembling.assembled(
        target, TITLE, FIGURES, policy, as_of=as_of, period=as_of.isoformat(), units=results, city=None,
        evidence=_evidence(found, tables, tree), findings=findings,
    )  # fmt: skip


def _numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    """A text column without missing values."""
    if name not in frame.columns:
        return pd.Series("", index=frame.index, dtype=object)
    return frame[name].astype(object).where(frame[name].notna(), "")


def _unknown_codes(
    found: Problems,
    frame: gpd.GeoDataFrame,
    shapes: NDArray[np.object_],
    home: NDArray[np.int64],
    codes: LandUseCodes,
) -> None:
    """Parcels whose code is none of its scheme, or that have a code without a scheme."""
    code, scheme = _numbers(frame, "land_use_code"), _numbers(frame, "land_use_scheme")
    number, pairs = pd.factorize(pd.MultiIndex.from_arrays([scheme, code]))
    unknown = np.array(
        [bool(text) and (not name or not codes.known(name, text)) for name, text in pairs],
        dtype=np.bool_,
    )
    for row in np.flatnonzero(unknown[number]).tolist() if len(pairs) else ():
        if scheme.iloc[row]:
            why = tr("{scheme} 中没有代码 {code}", scheme=scheme.iloc[row], code=code.iloc[row])
        else:
            why = tr("代码 {code} 没有注明分类标准", code=code.iloc[row])
        found.add("code", "parcel", row, int(home[row]), why, 0.0, shapes[row])


def _duplicates(
    found: Problems, tables: Mapping[str, gpd.GeoDataFrame], home: NDArray[np.int64], tree: UnitTree
) -> None:
    """Rows whose number another row of the table has too."""
    for name in _NUMBERED:
        frame = tables[name]
        key = _numbers(frame, layer(name).key[0])
        rows = np.flatnonzero((key.duplicated(keep=False) & (key != "")).to_numpy())
        for row, unit in zip(rows.tolist(), _units(tables, name, rows, home, tree), strict=True):
            why = tr(
                "{field} {number} 重复",
                field=layer(name).field(layer(name).key[0]).title,
                number=key.iloc[row],
            )
            found.add("duplicate", name, row, unit, why, 0.0, read.geometries(frame)[row])


def _dates(
    found: Problems,
    tables: Mapping[str, gpd.GeoDataFrame],
    home: NDArray[np.int64],
    tree: UnitTree,
    parameters: Mapping[str, Any],
) -> None:
    """Rows in which what has to come first has the later date."""
    for name, first, second in parameters["date_orders"]:
        frame = tables[name]
        earlier, later = read.dates(frame, first), read.dates(frame, second)
        rows = np.flatnonzero(later < earlier)
        shapes = read.geometries(frame)
        for row, unit in zip(rows.tolist(), _units(tables, name, rows, home, tree), strict=True):
            why = tr(
                "{later} {second} 早于{earlier} {first}",
                later=layer(name).field(second).title,
                second=later[row],
                earlier=layer(name).field(first).title,
                first=earlier[row],
            )
            found.add("dates", name, row, unit, why, 0.0, shapes[row])


def _units(
    tables: Mapping[str, gpd.GeoDataFrame],
    name: str,
    rows: NDArray[np.int64],
    home: NDArray[np.int64],
    tree: UnitTree,
) -> list[int]:
    """Positions of the units of some rows; a lease is where its building is."""
    if name == "parcel":
        return [int(home[row]) for row in rows]
    if not len(rows):
        return []
    frame = tables[name].iloc[rows]
    if name == "lease":
        buildings = tables["factory"]
        place = {number: row for row, number in enumerate(read.texts(buildings, "building_id"))}
        owner = [place.get(number, -1) for number in read.texts(frame, "building_id")]
        unit = np.full(len(rows), None, dtype=object)
        known = [position for position, row in enumerate(owner) if row >= 0]
        if known:
            unit[known] = tree.assign(buildings.iloc[[owner[position] for position in known]], tree.epsg)[0]
    else:
        unit = tree.assign(frame, tree.epsg)[0]
    codes = list(tree.codes)
    return [codes.index(code) if code is not None else -1 for code in unit]


def _results(
    found: Problems, home: NDArray[np.int64], target: Target, tree: UnitTree, *, anything: bool
) -> list[UnitResult]:
    kind = np.array([KINDS.index(item) for item in found.kind], dtype=np.int64)
    unit, amount = np.array(found.unit, dtype=np.int64), np.array(found.amount)
    parcels = np.bincount(home[home >= 0], minlength=len(tree))
    results = []
    for position, (code, name) in enumerate(zip(tree.codes, tree.names, strict=True)):
        if not anything:
            text = tr("项目中没有数据，请先导入")
            results.append(UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), text))
            continue
        mine = unit == position
        counts = np.bincount(kind[mine], minlength=len(KINDS))
        numbers = dict(zip(KINDS, counts.tolist(), strict=True))
        counted = sum(numbers[item] for item in target.parameters["counted"])
        figures: dict[str, float | None] = {"problems": float(counted)}
        figures |= {item: float(count) for item, count in numbers.items()}
        figures |= {
            f"{item}_area": float(amount[mine & (kind == KINDS.index(item))].sum())
            for item in ("overlap", "gap")
        }
        figures["parcels"] = float(parcels[position])
        results.append(_judge(code, name, figures, target))
    return results


def _judge(code: str, name: str, figures: dict[str, float | None], target: Target) -> UnitResult:
    value = figures["problems"] or 0.0
    listed = [
        tr("{title} {count} 处", title=tr(FIGURES[kind][0]), count=f"{figures[kind]:,.0f}")
        for kind in KINDS
        if figures[kind]
    ]
    text = tr("数据问题 {count} 处", count=f"{value:,.0f}")
    if listed:
        text += tr("：{items}", items=tr("、").join(listed))
    aside = [
        tr(FIGURES[kind][0]) for kind in KINDS if figures[kind] and kind not in target.parameters["counted"]
    ]
    if aside:
        text += tr("；其中{items}不计入", items=tr("、").join(aside))
    if not value and not figures["parcels"]:
        return UnitResult(code, name, Verdict.EMPTY, figures, tr("没有地块，也没有发现问题"))
    return UnitResult(code, name, Verdict.MET if target.holds(value) else Verdict.SHORT, figures, text)


def _evidence(found: Problems, tables: Mapping[str, gpd.GeoDataFrame], tree: UnitTree) -> gpd.GeoDataFrame:
    """One row for each problem, with the piece of land where there is one, else what is wrong as a whole."""
    count = len(found.kind)
    table, row = np.array(found.table, dtype=object), np.array(found.row, dtype=np.int64)
    uuid, label = np.full(count, "", dtype=object), np.full(count, "", dtype=object)
    for name in set(found.table):
        mine = np.flatnonzero(table == name)
        chosen = tables[name].iloc[row[mine]]
        spec = layer(name)
        number = spec.key[0] if spec.key else spec.fields[0].name
        uuid[mine], label[mine] = read.texts(chosen, "uuid"), read.texts(chosen, number)
    shapes = np.array([None, *found.shape], dtype=object)[1:]
    shapes[shapely.is_missing(shapes)] = None
    return read.evidence(
        {
            "unit": [tree.codes[unit] if unit >= 0 else None for unit in found.unit],
            "table": found.table,
            "uuid": uuid.tolist(),
            "label": label.tolist(),
            "amount": found.amount,
            "why": found.why,
            "problem": found.kind,
        },
        shapes,
        tree.epsg,
    )
