"""数据质量: what is wrong with the data that other checks rely on, by unit, with the pieces of land that show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.text import mark, tr
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.by_unit import homes
from layers.checks.quality_shapes import (
    Problems,
    area_problems,
    coverage_problems,
    factory_problems,
    unit_problems,
)
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.policy_quality import DATED, KINDS
from layers.registry import layer
from layers.units import UnitTree

__all__ = [
    "COLUMNS", "FIGURES", "TABLES", "TARGET", "TITLE", "Ground", "Question", "ground", "judged", "questions", "run",
]  # fmt: skip

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
    here = ground(tables, units, policy, codes, as_of)
    found = []
    for question in questions(here.parameters):
        found.append(Problems())
        question.ask(found[-1], here)
    return judged(found, here, policy, as_of)


@dataclass(frozen=True)
class Ground:
    """What questions are asked of: the tables; of each parcel its outline, its unit's position and its pieces by unit."""

    tables: Mapping[str, gpd.GeoDataFrame]
    tree: UnitTree
    parameters: Mapping[str, Any]
    codes: LandUseCodes
    day: np.datetime64
    shapes: NDArray[np.object_]
    home: NDArray[np.int64]
    pieces: Any


@dataclass(frozen=True)
class Question:
    """One thing that may be wrong, and what it depends on: table → columns (None: all of them).

    ``alone`` tells that what is said of a row of the first table depends on that row and no other row of it; ``number``
    is the column whose equal values make rows depend on each other, if nothing else does.
    """

    reads: Mapping[str, tuple[str, ...] | None]
    ask: Callable[[Problems, Ground], None]
    alone: bool = False
    number: str = ""


def ground(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    as_of: dt.date,
) -> Ground:
    """The ground of the tables: where the parcels lie is worked out here."""
    parameters = policy.target(TARGET).parameters
    tree = read.tree_for(units, parameters["units"])
    shapes = read.geometries(tables["parcel"])
    return Ground(
        tables, tree, parameters, codes, read.day_number(as_of), shapes, *homes(tables["parcel"], tree)
    )


# What the unit of a row is taken from, beside its outline.
_PLACE = ("unit", "park", "location", "project", "address")


def questions(parameters: Mapping[str, Any]) -> list[Question]:
    """Everything that is asked, in order."""
    ordered: dict[str, list[tuple[str, str]]] = {}
    for name, first, second in parameters["date_orders"]:
        ordered.setdefault(name, []).append((first, second))
    around: Mapping[str, Mapping[str, None]] = {"lease": {"factory": None}}
    return [
        Question({"parcel": ("geometry", "parcel_no")}, _coverage),
        Question({"parcel": ("geometry", "unit")}, _places, alone=True),
        Question({"parcel": ("geometry", "area_certified")}, _areas, alone=True),
        Question({"parcel": ("land_use_code", "land_use_scheme")}, _unknown_codes, alone=True),
        *(
            Question({name: (number, *_PLACE)}, partial(_duplicates, name=name), number=number)
            for name in _NUMBERED
            for number in layer(name).key[:1]
        ),
        *(
            Question(
                {
                    name: ("building_id", *_PLACE, *(field for pair in pairs for field in pair)),
                    **around.get(name, {}),
                },
                partial(_dates, name=name, orders=pairs),
                alone=True,
            )
            for name, pairs in ordered.items()
        ),
        Question({"factory": None, "park": None}, _factories),
    ]


def judged(found: Sequence[Problems], here: Ground, policy: Policy, as_of: dt.date) -> CheckResult:
    """The verdicts on everything that was found."""
    target, every = policy.target(TARGET), Problems.joined(found)
    findings = []
    if every.unplaced:
        text = tr("{count} 栋厂房没有图形也没有园区，不能判断是否在园区内", count=every.unplaced)
        findings.append(Finding("warning", text, "factory"))
    lost = sum(unit < 0 for unit in every.unit)
    if lost:
        text = tr("{count} 处问题无法归属单元，只列在依据中", count=lost)
        findings.append(Finding("warning", text))
    anything = any(len(frame) for frame in here.tables.values())
    results = _results(every, here.home, target, here.tree, anything=anything)
    return assembling.assembled(
        target, TITLE, FIGURES, policy, as_of=as_of, period=as_of.isoformat(), units=results, city=None,
        evidence=_evidence(every, here.tables, here.tree), findings=findings,
    )  # fmt: skip


def _coverage(found: Problems, here: Ground) -> None:
    coverage_problems(found, here.tables["parcel"], here.shapes, here.home, here.parameters, here.tree.epsg)


def _places(found: Problems, here: Ground) -> None:
    rim = float(here.parameters["rim_width"])
    unit_problems(found, here.tables["parcel"], here.shapes, here.home, here.pieces, here.tree, rim)


def _areas(found: Problems, here: Ground) -> None:
    area_problems(found, here.tables["parcel"], here.shapes, here.home, here.parameters, here.tree.epsg)


def _factories(found: Problems, here: Ground) -> None:
    tables = here.tables
    found.unplaced = factory_problems(found, tables["factory"], tables["park"], here.tree, here.day)


def _unknown_codes(found: Problems, here: Ground) -> None:
    """Parcels whose code is none of its scheme, or that have a code without a scheme."""
    frame = here.tables["parcel"]
    pairs, number = read.distinct(frame, "land_use_scheme", "land_use_code")
    unknown = np.array(
        [bool(text) and (not name or not here.codes.known(name, text)) for name, text in pairs],
        dtype=np.bool_,
    )
    for row in np.flatnonzero(unknown[number]).tolist() if len(pairs) else ():
        scheme, code = pairs[number[row]]
        if scheme:
            why = tr("{scheme} 中没有代码 {code}", scheme=scheme, code=code)
        else:
            why = tr("代码 {code} 没有注明分类标准", code=code)
        found.add("code", "parcel", row, int(here.home[row]), why, 0.0, here.shapes[row])


def _duplicates(found: Problems, here: Ground, *, name: str) -> None:
    """Rows whose number another row of the table has too."""
    frame, key = here.tables[name], layer(name).key[0]
    rows = _repeated(frame, key)
    shapes, field = read.geometries(frame), layer(name).field(key).title
    numbers = read.texts(frame.iloc[rows], key)
    for row, unit, number in zip(rows.tolist(), _units(here, name, rows), numbers, strict=True):
        why = tr("{field} {number} 重复", field=field, number=number)
        found.add("duplicate", name, row, unit, why, 0.0, shapes[row])


def _repeated(frame: pd.DataFrame, name: str) -> NDArray[np.int64]:
    """Rows with a text that another row has too; having none is no text."""
    if name not in frame.columns:
        return np.empty(0, dtype=np.int64)
    number, values = pd.factorize(frame[name])
    # The last is what is missing.
    count = np.bincount(np.where(number < 0, len(values), number), minlength=len(values) + 1)
    count[-1] = 0
    count[:-1][np.asarray(values == "", dtype=np.bool_)] = 0
    return np.flatnonzero(count[number] > 1)


def _dates(found: Problems, here: Ground, *, name: str, orders: Sequence[tuple[str, str]]) -> None:
    """Rows in which what has to come first has the later date."""
    frame = here.tables[name]
    shapes = read.geometries(frame)
    for first, second in orders:
        earlier, later = read.dates(frame, first), read.dates(frame, second)
        rows = np.flatnonzero(later < earlier)
        for row, unit in zip(rows.tolist(), _units(here, name, rows), strict=True):
            why = tr(
                "{later} {second} 早于{earlier} {first}",
                later=layer(name).field(second).title,
                second=later[row],
                earlier=layer(name).field(first).title,
                first=earlier[row],
            )
            found.add("dates", name, row, unit, why, 0.0, shapes[row])


def _units(here: Ground, name: str, rows: NDArray[np.int64]) -> list[int]:
    """Positions of the units of some rows; a lease is where its building is."""
    tables, tree = here.tables, here.tree
    if name == "parcel":
        return [int(here.home[row]) for row in rows]
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
        spec = layer(name)
        number = spec.key[0] if spec.key else spec.fields[0].name
        named = [field for field in ("uuid", number) if field in tables[name]]
        chosen = pd.DataFrame(tables[name])[named].iloc[row[mine]]
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
