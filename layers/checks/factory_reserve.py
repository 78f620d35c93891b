"""标准化厂房动态储备: does every unit keep enough built and vacant floor area, on a given day?

Definitions of the domain reference §7, every choice a parameter of the policy:
``available(b, t)`` is 0 unless the building is accepted by t and not demolished by t, else its rentable
area less what is leased, sold or used on t (both dates of a lease are inclusive), not below 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import mark, tr
from layers.checks import tables as read
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "TARGET", "TITLE", "check"]

TARGET = "factory_reserve"
TITLE = mark("标准化厂房动态储备")

# Figure → (title, unit). "vacant" or "built", as the policy's basis says, is the one that is judged.
FIGURES: Mapping[str, tuple[str, str]] = {
    "vacant": (mark("可用储备"), "m2"),
    "required": (mark("应储备"), "m2"),
    "surplus": (mark("余缺（正为余）"), "m2"),
    "built": (mark("已建成"), "m2"),
    "let": (mark("已租售自用"), "m2"),
    "intent": (mark("意向（不扣减）"), "m2"),
    "pipeline": (mark("在建（期内竣工）"), "m2"),
    "forecast": (mark("可用加在建"), "m2"),
    "not_judged": (mark("建成日期不明"), "m2"),
    "gross_vacant": (mark("区域合计可用储备"), "m2"),
    "year_minimum": (mark("本年最低可用储备"), "m2"),
    "buildings": (mark("厂房数"), ""),
}


@dataclass(frozen=True)
class _Stock:
    """Buildings and leases as parallel arrays; ``owner`` is the building of each lease or -1."""

    area: list[Decimal]
    accepted: NDArray[np.datetime64]
    demolished: NDArray[np.datetime64]
    gone: NDArray[np.bool_]
    owner: NDArray[np.int64]
    lease_area: list[Decimal]
    lease_from: NDArray[np.datetime64]
    lease_to: NDArray[np.datetime64]
    takes: NDArray[np.bool_]

    def built(self, day: np.datetime64) -> NDArray[np.bool_]:
        """Accepted by the day and not demolished by it."""
        return (self.accepted <= day) & ~(self.demolished <= day) & ~self.gone

    def running(self, day: np.datetime64) -> NDArray[np.bool_]:
        """Leases in force on the day; a missing start is taken as long ago, a missing end as open."""
        started = np.isnat(self.lease_from) | (self.lease_from <= day)
        return started & ~(self.lease_to < day) & (self.owner >= 0)

    def taken(self, rows: NDArray[np.bool_]) -> list[Decimal]:
        """Sum of lease areas per building over the given leases."""
        sums = [Decimal(0)] * len(self.area)
        for lease in np.flatnonzero(rows):  # exact decimals cannot be summed by numpy
            sums[self.owner[lease]] += self.lease_area[lease]
        return sums

    def vacant(self, day: np.datetime64) -> list[Decimal]:
        """Available area per building on the day."""
        taken = self.taken(self.running(day) & self.takes)
        return [
            max(Decimal(0), area - gone) if built else Decimal(0)
            for area, gone, built in zip(self.area, taken, self.built(day), strict=True)
        ]


def check(
    factories: gpd.GeoDataFrame,
    leases: pd.DataFrame,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - a day is judged, not a year
) -> CheckResult:
    """Judge every unit on the day ``as_of``. Areas in m²; sums are exact decimals of the stored figures."""
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    findings: list[Finding] = []
    frame = _countable(factories, target, findings)
    day = read.day_number(as_of)
    stock = _stock(frame, leases, target, findings)
    unit, notes = tree.assign(frame, tree.epsg)
    findings += [
        Finding(
            "error" if note.kind != "conflict" else "note",
            tr("厂房 {label}：{text}", label=_labels(frame)[note.row], text=note.text),
            "factory",
            note.uuid,
        )
        for note in notes
    ]
    built, vacant = stock.built(day), stock.vacant(day)
    taken = stock.taken(stock.running(day) & stock.takes)
    intent = stock.taken(stock.running(day) & ~stock.takes)
    uuids, labels = read.texts(frame, "uuid"), _labels(frame)
    for row in np.flatnonzero(built):
        if taken[row] > stock.area[row]:
            text = tr(
                "厂房 {label} 当日租售合计 {taken} ㎡，超过可租售面积 {area} ㎡，按零计",
                label=labels[row],
                taken=_plain(taken[row]),
                area=_plain(stock.area[row]),
            )
            findings.append(Finding("error", text, "factory", uuids[row]))
    undecided = _undecided(frame, stock, day, labels, uuids, findings)
    pipeline = _pipeline(frame, stock, day, target)
    compared = target.figure
    judged = [
        Decimal(0) if not is_built else (area if compared == "built" else free)
        for is_built, area, free in zip(built, stock.area, vacant, strict=True)
    ]
    minima = _year_minima(stock, unit, tree, as_of) if len(frame) else {}
    results = []
    for code, name in zip(tree.codes, tree.names, strict=True):
        mine = np.array([item == code for item in unit], dtype=np.bool_)
        inside = np.array([item == code or _within(tree, item, code) for item in unit], dtype=np.bool_)
        results.append(
            _unit_result(
                code,
                name,
                target,
                has_stock=bool(len(factories)),
                judged=read.total(judged, mine),
                sums={
                    "vacant": read.total(vacant, mine),
                    "built": read.total(stock.area, mine & built),
                    "let": read.total(
                        [min(a, b) for a, b in zip(taken, stock.area, strict=True)], mine & built
                    ),
                    "intent": read.total(intent, mine & built),
                    "pipeline": read.total(stock.area, mine & pipeline),
                    "not_judged": read.total(stock.area, mine & undecided),
                },
                gross=read.total(vacant, inside) if tree.children(code) else None,
                minimum=minima.get(code),
                buildings=int(np.count_nonzero(mine & built)),
            )
        )
    rows = np.flatnonzero(built | pipeline | undecided).tolist()
    proof = read.evidence(
        {
            "unit": [unit[row] for row in rows],
            "table": ["factory"] * len(rows),
            "uuid": [uuids[row] for row in rows],
            "label": [labels[row] for row in rows],
            "amount": [float(judged[row]) for row in rows],
            "why": [_why(row, stock, built, taken, pipeline) for row in rows],
            "area": [float(stock.area[row]) for row in rows],
            "let": [float(taken[row]) if built[row] else 0.0 for row in rows],
            "intent": [float(intent[row]) if built[row] else 0.0 for row in rows],
            "pipeline": [float(stock.area[row]) if pipeline[row] else 0.0 for row in rows],
        },
        read.geometries(frame)[rows],
        tree.epsg,
    )
    return CheckResult(
        id=TARGET,
        title=tr(TITLE),
        clause=read.clause(policy, TARGET),
        as_of=as_of,
        period=as_of.isoformat(),
        units=tuple(results),
        city=None,
        evidence=proof,
        figure_units={key: (tr(title), measure) for key, (title, measure) in FIGURES.items()},
        findings=tuple(findings),
        parameters=dict(target.parameters),
    )


def _labels(frame: pd.DataFrame) -> list[str]:
    return [
        f"{number} {name}".strip()
        for number, name in zip(read.texts(frame, "building_id"), read.texts(frame, "name"), strict=True)
    ]


def _plain(value: Decimal) -> str:
    return f"{value:,.2f}"


def _within(tree: UnitTree, code: str | None, outer: str) -> bool:
    return code is not None and outer in tree.ancestors(code)


def _countable(factories: gpd.GeoDataFrame, target: Target, findings: list[Finding]) -> gpd.GeoDataFrame:
    """Factories of the owner kinds that the policy counts."""
    allowed = set(target.parameters["owner_kinds"])
    kinds = read.texts(factories, "owner_kind")
    keep = np.array([kind in allowed for kind in kinds], dtype=np.bool_)
    if not keep.all():
        findings.append(
            Finding(
                "note",
                tr("{count} 栋厂房的产权性质不在政策口径内，未计", count=int((~keep).sum())),
                "factory",
            )
        )
    return factories[keep]


def _stock(frame: gpd.GeoDataFrame, leases: pd.DataFrame, target: Target, findings: list[Finding]) -> _Stock:
    """Arrays of buildings and leases, with findings on what does not fit together."""
    uuids, labels = read.texts(frame, "uuid"), _labels(frame)
    gross, rentable = read.figures(frame, "gross_floor_area"), read.figures(frame, "rentable_area")
    area = np.where(np.isnan(rentable), gross, np.fmin(rentable, gross))
    for row in np.flatnonzero(rentable > gross):
        text = tr("厂房 {label} 可租售面积大于建筑面积，按建筑面积计", label=labels[row])
        findings.append(Finding("warning", text, "factory", uuids[row]))
    for row in np.flatnonzero(np.isnan(area)):
        text = tr("厂房 {label} 没有面积，未判定", label=labels[row])
        findings.append(Finding("error", text, "factory", uuids[row]))
    demolished = read.dates(frame, "demolished_on")
    gone = np.array([state == "demolished" for state in read.texts(frame, "state")], dtype=np.bool_)
    gone &= np.isnat(demolished)
    for row in np.flatnonzero(gone):
        text = tr("厂房 {label} 已拆除但无拆除日期，各日期均不计", label=labels[row])
        findings.append(Finding("warning", text, "factory", uuids[row]))
    numbers = read.texts(frame, "building_id")
    first: dict[str, int] = {}
    for position, number in enumerate(numbers):
        if number and first.setdefault(number, position) != position:
            text = tr("厂房编号 {number} 重复，租售只扣减第一栋", number=number)
            findings.append(Finding("error", text, "factory", uuids[position]))
    lease_uuids, of_building = read.texts(leases, "uuid"), read.texts(leases, "building_id")
    owner = np.array([first.get(number, -1) for number in of_building], dtype=np.int64)
    for row in np.flatnonzero(owner < 0):
        text = tr("租售记录的厂房编号 {number} 不在厂房台账中", number=of_building[row] or tr("（空）"))
        findings.append(Finding("warning", text, "lease", lease_uuids[row]))
    start = read.dates(leases, "from_date")
    for row in np.flatnonzero(np.isnat(start) & (owner >= 0)):
        text = tr("厂房 {number} 的租售记录没有起始日期，按已起租计", number=of_building[row])
        findings.append(Finding("warning", text, "lease", lease_uuids[row]))
    # Without an area nobody can say how much of the building is free.
    lease_area = read.figures(leases, "area").copy()
    for row in np.flatnonzero(np.isnan(lease_area) & (owner >= 0)):
        lease_area[row] = area[owner[row]]
        text = tr("厂房 {number} 的租售记录没有面积，按整栋已租售计", number=of_building[row])
        findings.append(Finding("error", text, "lease", lease_uuids[row]))
    kinds = read.texts(leases, "kind")
    taking = set(target.parameters["taking_kinds"])
    return _Stock(
        area=read.exact(area),
        accepted=read.dates(frame, "accepted_on"),
        demolished=demolished,
        gone=gone,
        owner=owner,
        lease_area=read.exact(lease_area),
        lease_from=start,
        lease_to=read.dates(leases, "to_date"),
        # Without a kind nobody can say that the floor is free.
        takes=np.array([not kind or kind in taking for kind in kinds], dtype=np.bool_),
    )


def _undecided(
    frame: gpd.GeoDataFrame,
    stock: _Stock,
    day: np.datetime64,
    labels: list[str],
    uuids: list[str],
    findings: list[Finding],
) -> NDArray[np.bool_]:
    """Buildings said to be complete, without the acceptance date that decides it."""
    complete = np.array([state == "completed" for state in read.texts(frame, "state")], dtype=np.bool_)
    complete |= read.dates(frame, "completed_on") <= day
    rows = complete & np.isnat(stock.accepted) & ~stock.gone & ~(stock.demolished <= day)
    for row in np.flatnonzero(rows):
        text = tr("厂房 {label} 已建成但无竣工验收备案日期，未判定，不计入储备", label=labels[row])
        findings.append(Finding("error", text, "factory", uuids[row]))
    return rows


def _pipeline(
    frame: gpd.GeoDataFrame, stock: _Stock, day: np.datetime64, target: Target
) -> NDArray[np.bool_]:
    """Not accepted yet, being built, and due within the policy's months; overdue ones are still due."""
    months = int(target.parameters["pipeline_months"])
    limit = np.datetime64((pd.Timestamp(day) + pd.DateOffset(months=months)).date(), "D")
    building = np.array(
        [state == "under_construction" for state in read.texts(frame, "state")], dtype=np.bool_
    )
    later = stock.accepted > day
    due = np.where(later, stock.accepted, read.dates(frame, "planned_completion"))
    return (building | later) & ~(stock.accepted <= day) & (due <= limit) & ~stock.gone


def _year_minima(
    stock: _Stock, unit: NDArray[np.object_], tree: UnitTree, as_of: dt.date
) -> dict[str, Decimal]:
    """Lowest vacant area of each unit from 1 January to the day: 动态 means at any date."""
    first, last = np.datetime64(f"{as_of.year:04d}-01-01", "D"), read.day_number(as_of)
    events = np.concatenate(
        [stock.accepted, stock.demolished, stock.lease_from, stock.lease_to + np.timedelta64(1, "D")]
    )
    days = np.unique(np.concatenate([events[(events >= first) & (events <= last)], [first, last]]))
    lowest: dict[str, Decimal] = {}
    for day in days:  # at most one step for each day of a year
        sums = dict.fromkeys(tree.codes, Decimal(0))
        for code, free in zip(unit, stock.vacant(day), strict=True):
            if code is not None:
                sums[code] += free
        for code, value in sums.items():
            lowest[code] = min(value, lowest.get(code, value))
    return lowest


def _why(
    row: int,
    stock: _Stock,
    built: NDArray[np.bool_],
    taken: list[Decimal],
    pipeline: NDArray[np.bool_],
) -> str:
    if built[row]:
        if not taken[row]:
            return tr("{date} 验收，当日空置", date=stock.accepted[row])
        return tr(
            "{date} 验收，当日已租售自用 {taken} ㎡", date=stock.accepted[row], taken=_plain(taken[row])
        )
    return tr("在建，期内竣工，不计入储备") if pipeline[row] else tr("缺竣工验收备案日期，未判定")


def _unit_result(
    code: str,
    name: str,
    target: Target,
    *,
    has_stock: bool,
    judged: Decimal,
    sums: Mapping[str, Decimal],
    gross: Decimal | None,
    minimum: Decimal | None,
    buildings: int,
) -> UnitResult:
    if not has_stock:
        return UnitResult(
            code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), tr("项目中没有标准化厂房数据，请先导入")
        )
    required = Decimal(repr(target.value))
    met = target.holds(float(judged))
    surplus = judged - required
    outcome = tr("高出 {area} ㎡", area=_plain(surplus)) if met else tr("缺 {area} ㎡", area=_plain(-surplus))
    text = tr(
        "建成 {built} ㎡，已租售自用 {let} ㎡，可用储备 {judged} ㎡，标准 {required} ㎡，{outcome}",
        built=_plain(sums["built"]),
        let=_plain(sums["let"]),
        judged=_plain(judged),
        required=_plain(required),
        outcome=outcome,
    )
    if not met and sums["pipeline"]:
        text += tr("；在建 {area} ㎡ 期内竣工，不计入", area=_plain(sums["pipeline"]))
    if sums["not_judged"]:
        text += tr("；另有 {area} ㎡ 缺验收日期，未判定", area=_plain(sums["not_judged"]))
    found: dict[str, float | None] = {key: float(value) for key, value in sums.items()}
    found |= {
        "required": float(required),
        "surplus": float(surplus),
        "forecast": float(sums["vacant"] + sums["pipeline"]),
        "gross_vacant": None if gross is None else float(gross),
        "year_minimum": None if minimum is None else float(minimum),
        "buildings": float(buildings),
    }
    return UnitResult(
        code, name, Verdict.MET if met else Verdict.SHORT, {key: found[key] for key in FIGURES}, text
    )
