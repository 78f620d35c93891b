"""年度工业用地出让比例: industrial area over all 出让 area of a calendar year, by contract date.

Rules of the domain reference §6.2. 划拨 and 租赁 are shown apart and never in the denominator.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.text import mark, tr
from gis.units import PERCENT
from layers.checks import tables as read
from layers.checks.quota_history import running_shares
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.checks.transfer_records import Records, read_records
from layers.codes import LandUseCodes, code_table
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "TARGET", "TITLE", "check", "gap", "room"]

TARGET = "industrial_quota"
TITLE = mark("年度工业用地出让比例")

FIGURES: Mapping[str, tuple[str, str]] = {
    "share": (mark("工业用地占出让比例"), "percent"),
    "required": (mark("应达比例"), "percent"),
    "industrial": (mark("工业用地出让"), "ha"),
    "transferred": (mark("出让总量"), "ha"),
    "gap": (mark("达标尚需工业用地"), "ha"),
    "planned": (mark("计划出让"), "ha"),
    "planned_industrial": (mark("计划出让中工业用地"), "ha"),
    "forecast_share": (mark("计入计划后比例"), "percent"),
    "forecast_gap": (mark("计入计划后尚需工业用地"), "ha"),
    "room": (mark("还可出让非工业用地"), "ha"),
    "forecast_room": (mark("计入计划后还可出让非工业用地"), "ha"),
    "broad": (mark("工矿仓储用地出让"), "ha"),
    "broad_share": (mark("工矿仓储占出让比例"), "percent"),
    "open_share": (mark("仅招拍挂的工业比例"), "percent"),
    "allocated": (mark("划拨"), "ha"),
    "leased": (mark("租赁"), "ha"),
    "other_supply": (mark("其他方式"), "ha"),
    "supply_share": (mark("工业用地占全部供地比例"), "percent"),
    "void": (mark("已解除合同"), "ha"),
    "mixed": (mark("混合用途出让"), "ha"),
    "contracts": (mark("出让宗数"), ""),
}

_HECTARE = Decimal(10_000)


def gap(industrial: Decimal, transferred: Decimal, share: Decimal) -> Decimal:
    """Industrial m² to add, when nothing else is added, until the share is reached (§6.2).

    (I + x) / (T + x) = p  ⇒  x = (p·T − I) / (1 − p).
    """
    if share >= 1:
        return Decimal(0)
    return max(Decimal(0), (share * transferred - industrial) / (1 - share))


def room(industrial: Decimal, transferred: Decimal, share: Decimal) -> Decimal | None:
    """Non-industrial m² that may be added, when nothing else is added, before the share falls below the demand.

    I / (T + y) = p  ⇒  y = I / p − T, not below 0. None: nothing is demanded, so there is no limit.
    """
    if share <= 0:
        return None
    return max(Decimal(0), industrial / share - transferred)


@dataclass(frozen=True)
class _Rows:
    """What each row adds, in exact m²."""

    records: Records
    industrial: list[Decimal]
    broad: list[Decimal]
    conveyed: NDArray[np.bool_]
    allocated: NDArray[np.bool_]
    leased: NDArray[np.bool_]
    open_modes: NDArray[np.bool_]
    void: NDArray[np.bool_]


def check(
    transfers: gpd.GeoDataFrame,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    """Judge the city (the policy's scope) and, as a decomposition, every unit.

    ``year`` is a calendar year, by default that of ``as_of``; contracts signed after ``as_of`` do not
    count. Sums and shares are exact decimals, so a unit exactly at the threshold meets it.
    """
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    chosen = as_of.year if year is None else year
    findings: list[Finding] = []
    records = read_records(transfers, codes, target, as_of, chosen, findings)
    unit, notes = tree.assign(transfers, tree.epsg)
    shown = records.counted | records.planned
    nowhere = 0
    for note in notes:
        if not shown[note.row]:
            continue
        nowhere += note.kind != "conflict"
        text = tr("供地 {label}：{text}", label=records.labels[note.row], text=note.text)
        findings.append(
            Finding("note" if note.kind == "conflict" else "warning", text, "transfer", note.uuid)
        )
    if nowhere:
        text = tr("{count} 条供地记录无法归属单元，只计入全市", count=nowhere)
        findings.insert(0, Finding("warning", text, "transfer"))
    parameters = target.parameters
    rows = _Rows(
        records=records,
        industrial=records.in_classes(parameters["industrial_classes"]),
        broad=records.in_classes(parameters["broad_classes"]),
        conveyed=records.with_mode(parameters["modes"]),
        allocated=records.with_mode(parameters["allocation_modes"]),
        leased=records.with_mode(parameters["lease_modes"]),
        open_modes=records.with_mode(list(code_table("supply_mode").having("open"))),
        void=np.array([state == "void" for state in records.state], dtype=np.bool_),
    )
    anything = bool(len(transfers))
    results = tuple(
        _judge(code, name, rows, np.array([item == code for item in unit], dtype=np.bool_), target, anything)
        for code, name in zip(tree.codes, tree.names, strict=True)
    )
    everywhere = np.ones(len(transfers), dtype=np.bool_)
    city = _judge("", tr("全市"), rows, everywhere, target, anything) if target.scope == "city" else None
    return CheckResult(
        id=TARGET,
        title=tr(TITLE),
        clause=read.clause(policy, TARGET),
        as_of=as_of,
        period=_period(chosen, as_of),
        units=results,
        city=city,
        evidence=_evidence(transfers, rows, unit, tree.epsg),
        figure_units={key: (tr(title), measure) for key, (title, measure) in FIGURES.items()},
        findings=tuple(findings),
        parameters=dict(parameters) | {"year": chosen},
        series=running_shares(records, rows.industrial, rows.conveyed, unit, tree.codes, as_of, chosen),
    )


def _period(year: int, as_of: dt.date) -> str:
    if year == as_of.year and as_of < dt.date(year, 12, 31):
        return tr("{year}年，截至{day}", year=year, day=as_of.isoformat())
    return tr("{year}年", year=year)


def _judge(
    code: str, name: str, rows: _Rows, mine: NDArray[np.bool_], target: Target, anything: bool
) -> UnitResult:
    if not anything:
        return UnitResult(
            code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), tr("项目中没有供地数据，请先导入")
        )
    records = rows.records
    required = Decimal(repr(target.value))
    supplied = mine & records.counted
    sold, plan = supplied & rows.conveyed, mine & records.planned & rows.conveyed
    area, industry = records.area, rows.industrial
    sold_area, sold_industry = read.total(area, sold), read.total(industry, sold)
    plan_area, plan_industry = read.total(area, plan), read.total(industry, plan)
    open_area = read.total(area, sold & rows.open_modes)
    supply = read.total(area, supplied)
    needed = gap(sold_industry, sold_area, required)
    free = room(sold_industry, sold_area, required)
    forecast_free = room(sold_industry + plan_industry, sold_area + plan_area, required)
    forecast_needed = gap(sold_industry + plan_industry, sold_area + plan_area, required)
    broad = read.total(rows.broad, sold)
    found: dict[str, float | None] = {
        "share": _percent(sold_industry, sold_area),
        "required": float(required * PERCENT),
        "industrial": _hectares(sold_industry),
        "transferred": _hectares(sold_area),
        "gap": _hectares(needed),
        "planned": _hectares(plan_area),
        "planned_industrial": _hectares(plan_industry),
        "forecast_share": _percent(sold_industry + plan_industry, sold_area + plan_area),
        "forecast_gap": _hectares(forecast_needed),
        "room": None if free is None else _hectares(free),
        "forecast_room": None if forecast_free is None else _hectares(forecast_free),
        "broad": _hectares(broad),
        "broad_share": _percent(broad, sold_area),
        "open_share": _percent(read.total(industry, sold & rows.open_modes), open_area),
        "allocated": _hectares(read.total(area, supplied & rows.allocated)),
        "leased": _hectares(read.total(area, supplied & rows.leased)),
        "other_supply": _hectares(
            read.total(area, supplied & ~rows.conveyed & ~rows.allocated & ~rows.leased)
        ),
        "supply_share": _percent(read.total(industry, supplied), supply),
        "void": _hectares(read.total(area, mine & rows.void)),
        "mixed": _hectares(read.total(area, sold & records.mixed)),
        "contracts": float(np.count_nonzero(sold)),
    }
    if not sold_area:
        text = tr("本年度没有出让土地，不作判定")
        if supply:
            text += tr("；划拨、租赁等供地 {area} 公顷不计", area=f"{_hectares(supply):,.4f}")
        return UnitResult(code, name, Verdict.EMPTY, found, text)
    # Cross-multiplied: no division, so exactly 30 % is exactly 30 %.
    wanted = required * sold_area
    met = sold_industry >= wanted if target.operator == ">=" else sold_industry <= wanted
    text = tr(
        "出让 {total} 公顷，其中工业用地 {industrial} 公顷，占 {share}%，标准 {required}%",
        total=f"{_hectares(sold_area):,.4f}",
        industrial=f"{_hectares(sold_industry):,.4f}",
        share=f"{found['share']:.2f}",
        required=f"{found['required']:g}",
    )
    if not met:
        text += tr("；达标还需出让工业用地 {area} 公顷", area=f"{_hectares(needed):,.4f}")
    elif free is not None:
        text += tr("；非工业用地最多还可出让 {area} 公顷", area=f"{_hectares(free):,.4f}")
    if plan_area:
        text += tr("；计入年内计划后占 {share}%", share=f"{found['forecast_share']:.2f}")
        if forecast_needed:
            text += tr("，还需 {area} 公顷", area=f"{_hectares(forecast_needed):,.4f}")
        elif forecast_free is not None:
            text += tr("，非工业用地还可出让 {area} 公顷", area=f"{_hectares(forecast_free):,.4f}")
    return UnitResult(code, name, Verdict.MET if met else Verdict.SHORT, found, text)


def _hectares(square_metres: Decimal) -> float:
    return float(square_metres / _HECTARE)


def _percent(part: Decimal, whole: Decimal) -> float | None:
    return float(part * PERCENT / whole) if whole else None


def _evidence(
    transfers: gpd.GeoDataFrame, rows: _Rows, unit: NDArray[np.object_], epsg: int
) -> gpd.GeoDataFrame:
    """Every contract of the year, every planned one and every cancelled or supplementary one."""
    records = rows.records
    kept = np.array([state != "other" for state in records.state], dtype=np.bool_)
    chosen = np.flatnonzero(kept).tolist()
    modes = code_table("supply_mode")
    return read.evidence(
        {
            "unit": [unit[row] for row in chosen],
            "table": ["transfer"] * len(chosen),
            "uuid": [records.uuids[row] for row in chosen],
            "label": [records.labels[row] for row in chosen],
            "amount": [
                float(rows.industrial[row]) if records.counted[row] and rows.conveyed[row] else 0.0
                for row in chosen
            ],
            "why": [_why(row, rows) for row in chosen],
            "area": [float(records.area[row]) for row in chosen],
            "transferred": [
                float(records.area[row]) if records.counted[row] and rows.conveyed[row] else 0.0
                for row in chosen
            ],
            "class": ["+".join(use for use, _ in records.parts[row]) for row in chosen],
            "mode": [modes.title(records.mode[row]) for row in chosen],
            "state": [records.state[row] for row in chosen],
        },
        read.geometries(transfers)[chosen],
        epsg,
    )


def _why(row: int, rows: _Rows) -> str:
    records = rows.records
    state = records.state[row]
    if state == "void":
        return tr("合同已解除，未计")
    if state == "supplement":
        return tr("补充合同，未计")
    if state == "planned":
        return tr("计划供地，只计入预测")
    if not rows.conveyed[row]:
        return tr("非出让方式，不计入比例")
    text = tr("计入工业用地") if rows.industrial[row] else tr("只计入出让总量")
    return text + tr("；混合用途按主用途") if records.mixed[row] else text
