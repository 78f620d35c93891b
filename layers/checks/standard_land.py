"""标准地控制指标: each indicator as required, committed and actual; what falls short and by how much.

Definitions of the domain reference §4.1. Which indicators are judged, and when they are due, is said by the policy:
figures of building at completion, figures of production at the 达产复核. What is due and not recorded is not judged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import mark, tr
from layers.checks import tables as read
from layers.checks import wording
from layers.checks.by_unit import Placed, counted, fault_verdict, placed
from layers.checks.result import CheckResult, Finding, Verdict
from layers.codes import LandUseCodes
from layers.indicators import INDICATORS, Indicator
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = [
    "COLUMNS",
    "FIGURES",
    "TARGET",
    "TITLE",
    "completed_on",
    "missing_amount",
    "run",
]

TARGET = "standard_land_indicators"
TITLE = mark("标准地控制指标")

FIGURES: Mapping[str, tuple[str, str]] = {
    "violations": (mark("不达标项数"), ""),
    "required": (mark("允许项数"), ""),
    "parcels": (mark("标准地宗数"), ""),
    "judged": (mark("已判定宗数"), ""),
    "kept": (mark("全部达标宗数"), ""),
    "violating": (mark("有不达标项的宗数"), ""),
    "weak_promises": (mark("承诺低于要求项数"), ""),
    "short_of_required": (mark("实际达不到要求项数"), ""),
    "short_of_promise": (mark("实际达不到承诺项数"), ""),
    "not_checkable": (mark("到期而缺数据项数"), ""),
    "without_standard": (mark("已定标而无指标宗数"), ""),
}

COLUMNS: tuple[str, ...] = (
    "parcel_no", "unit", "park", "location", "stage", "standard_set_on", "sold_on", "contract_on", "agreement_on",
    "actual_finish", "completion_review_on", "production_review_on",
    *(f"{item.key}_{stand}" for item in INDICATORS for stand in ("required", "committed", "actual")),
)  # fmt: skip

_KINDS: Mapping[str, str] = {
    "weak_promise": mark("{name}：承诺 {committed}，低于要求 {required}，差 {missing}"),
    "over_promise": mark("{name}：承诺 {committed}，高于上限 {required}，超出 {missing}"),
    "short": mark("{name}：实际 {actual}，要求不低于 {required}，差 {missing}"),
    "over": mark("{name}：实际 {actual}，要求不高于 {required}，超出 {missing}"),
    "promise_short": mark("{name}：实际 {actual}，低于承诺 {committed}，差 {missing}"),
    "promise_over": mark("{name}：实际 {actual}，高于承诺 {committed}，超出 {missing}"),
    "kept": mark("{name}：实际 {actual}，符合 {wanted}"),
    "no_commitment": mark("{name}：已签约，没有承诺值"),
    "no_actual": mark("{name}：已到核验时点，没有实际值"),
}


def missing_amount(
    value: NDArray[np.float64], wanted: NDArray[np.float64], operator: str
) -> NDArray[np.float64]:
    """How much a value falls short of what is wanted (of a ceiling: exceeds it); 0 where it holds, NaN where unknown.

    Differences are those of the decimals as written: 1.0 − 0.9 is 0.1.
    """
    gap = wanted - value if operator == ">=" else value - wanted
    return np.asarray(np.where(gap > 0.0, np.round(gap, 9), np.where(np.isnan(gap), np.nan, 0.0)))


def completed_on(frame: pd.DataFrame) -> NDArray[np.datetime64]:
    """Day on which a parcel's buildings stood: the earlier of completion and review; NaT if neither is recorded."""
    return np.fmin(read.dates(frame, "actual_finish"), read.dates(frame, "completion_review_on"))


@dataclass(frozen=True)
class _Lines:
    """What was found of one indicator: rows, the amount that is missing; ``kinds`` of finding follow one another."""

    indicator: Indicator
    row: NDArray[np.int64]
    kinds: tuple[tuple[str, int], ...]  # with how many rows each
    missing: NDArray[np.float64]
    figures: Mapping[str, NDArray[np.float64]]

    def of(self, kinds: Collection[str]) -> NDArray[np.bool_]:
        """Which of the rows are of some kinds."""
        return np.repeat(
            [kind in kinds for kind, _count in self.kinds], [count for _kind, count in self.kinds]
        )


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - a day is judged, not a year
) -> CheckResult:
    """Judge every indicator that is due on the day; figures of parcels as they are recorded."""
    target, parcels = policy.target(TARGET), tables["parcel"]
    wanted = [item for item in INDICATORS if item.key in target.parameters["indicators"]]
    named = np.zeros(len(parcels), dtype=np.bool_)
    for item in wanted:
        for stand in ("required", "committed"):
            named |= ~np.isnan(read.figures(parcels, f"{item.key}_{stand}"))
    place = placed(
        "parcel", parcels, named | ~np.isnat(read.dates(parcels, "standard_set_on")), units, target, COLUMNS
    )
    day, frame = read.day_number(as_of), place.frame
    set_on = read.dates(frame, "standard_set_on")
    # A parcel whose standard is of a later day is not standard land yet; without a day it is taken as one.
    stands = ~(set_on > day)
    contract = np.fmin(
        np.fmin(read.dates(frame, "sold_on"), read.dates(frame, "contract_on")),
        read.dates(frame, "agreement_on"),
    )
    built, producing = completed_on(frame), read.dates(frame, "production_review_on")
    production = set(target.parameters["production_indicators"])
    lines = [
        _compare(
            item, frame, stands, contract <= day, (producing if item.key in production else built) <= day
        )
        for item in wanted
    ]
    undated = _undated(frame, wanted, stands, built, producing, production)
    no_standard = stands & ~named[place.rows]
    sums = _sums(place, lines, stands, no_standard, target)
    findings = []
    if undated:
        text = tr("{count} 宗地有实际指标值而没有竣工或复核日期，无从得知何时达到，未判定", count=undated)
        findings.append(Finding("warning", text, "parcel"))
    known = bool(len(place)) and bool(named.any())
    return counted(
        place, policy, target, TITLE, as_of, as_of.isoformat(), FIGURES, sums,
        lambda figures: _judge(figures, target, known), _evidence(place, lines), findings,
    )  # fmt: skip


def _compare(
    item: Indicator,
    frame: pd.DataFrame,
    stands: NDArray[np.bool_],
    contracted: NDArray[np.bool_],
    due: NDArray[np.bool_],
) -> _Lines:
    """The findings on one indicator; a parcel may have one on its promise and one on what came of it."""
    required, committed, actual = (
        read.figures(frame, f"{item.key}_{stand}") for stand in ("required", "committed", "actual")
    )
    rising = item.operator == ">="
    asked = stands & ~(np.isnan(required) & np.isnan(committed))
    signed, due = asked & contracted, asked & due
    weak = missing_amount(committed, required, item.operator)
    lacking = missing_amount(actual, required, item.operator)
    broken = missing_amount(actual, committed, item.operator)
    kinds: list[tuple[str, NDArray[np.bool_], NDArray[np.float64]]] = [
        ("weak_promise" if rising else "over_promise", signed & (weak > 0), weak),
        ("no_commitment", signed & np.isnan(committed), weak),
        ("short" if rising else "over", due & (lacking > 0), lacking),
        ("promise_short" if rising else "promise_over", due & ~(lacking > 0) & (broken > 0), broken),
        ("kept", due & ~np.isnan(actual) & ~(lacking > 0) & ~(broken > 0), np.zeros(len(frame))),
        ("no_actual", due & np.isnan(actual), lacking),
    ]
    rows = [np.flatnonzero(which) for _, which, _ in kinds]
    return _Lines(
        item,
        np.concatenate(rows),
        tuple((name, len(row)) for row, (name, _, _) in zip(rows, kinds, strict=True)),
        np.concatenate([gap[row] for row, (_, _, gap) in zip(rows, kinds, strict=True)]),
        {"required": required, "committed": committed, "actual": actual},
    )


def _undated(
    frame: pd.DataFrame,
    wanted: list[Indicator],
    stands: NDArray[np.bool_],
    built: NDArray[np.datetime64],
    producing: NDArray[np.datetime64],
    production: set[str],
) -> int:
    """Parcels with an actual figure of building and no day from which it stands."""
    without = np.zeros(len(frame), dtype=np.bool_)
    for item in wanted:
        if item.key not in production:
            without |= stands & ~np.isnan(read.figures(frame, f"{item.key}_actual")) & np.isnat(built)
    return int(np.count_nonzero(without & np.isnat(producing)))


_VIOLATIONS: Mapping[str, tuple[str, ...]] = {
    "weak_promises": ("weak_promise", "over_promise"),
    "short_of_required": ("short", "over"),
    "short_of_promise": ("promise_short", "promise_over"),
}
_OPEN = ("no_commitment", "no_actual")


def _sums(
    place: Placed,
    lines: list[_Lines],
    stands: NDArray[np.bool_],
    no_standard: NDArray[np.bool_],
    target: Target,
) -> dict[str, NDArray[np.float64]]:
    """Counts of each unit and the city."""
    counts = {name: np.zeros(len(place)) for name in (*_VIOLATIONS, "not_checkable", "judged")}
    for line in lines:
        for name, kinds in (*_VIOLATIONS.items(), ("not_checkable", _OPEN)):
            np.add.at(counts[name], line.row[line.of(kinds)], 1.0)
        np.add.at(counts["judged"], line.row[~line.of(_OPEN)], 1.0)
    violations = sum((counts[name] for name in target.parameters["counted"]), np.zeros(len(place)))
    judged = counts["judged"] > 0
    found = {name: place.sums(values) for name, values in counts.items() if name != "judged"}
    return found | {
        "violations": place.sums(violations),
        "required": np.full(len(place.tree) + 1, target.value),
        "parcels": place.sums(stands),
        "judged": place.sums(judged),
        "kept": place.sums(judged & (violations == 0) & (counts["not_checkable"] == 0)),
        "violating": place.sums(violations > 0),
        "without_standard": place.sums(no_standard),
    }


def _judge(figures: Mapping[str, float | None], target: Target, known: bool) -> tuple[Verdict, str]:
    if not known:
        return Verdict.NOT_JUDGED, tr("项目中没有标准地控制指标，请在地块中导入各项指标的要求、承诺与实际值")
    number = {key: int(value or 0) for key, value in figures.items()}
    if not number["parcels"]:
        return Verdict.EMPTY, tr("没有标准地")
    verdict = fault_verdict(
        target, number["violations"], number["judged"], number["not_checkable"] + number["without_standard"]
    )
    if verdict is Verdict.EMPTY:
        return verdict, tr("标准地 {count} 宗，尚无到期核验的指标", count=number["parcels"])
    text = tr(
        "标准地 {parcels} 宗，已判定 {judged} 宗；不达标 {violations} 项，涉及 {violating} 宗（承诺低于要求 {weak} 项，实际达不到要求 {short} 项，实际达不到承诺 {promise} 项）",
        parcels=number["parcels"],
        judged=number["judged"],
        violations=number["violations"],
        violating=number["violating"],
        weak=number["weak_promises"],
        short=number["short_of_required"],
        promise=number["short_of_promise"],
    )
    if number["not_checkable"]:
        text += tr("；{count} 项已到期而缺数据，未判定", count=number["not_checkable"])
    if number["without_standard"]:
        text += tr("；{count} 宗已定标而没有指标", count=number["without_standard"])
    return verdict, text


def _evidence(place: Placed, lines: list[_Lines]) -> gpd.GeoDataFrame:
    """One row for each parcel and indicator that is due; ``amount`` is what is missing, in the indicator's unit."""
    rows = np.concatenate([line.row for line in lines]) if lines else np.empty(0, dtype=np.int64)
    gaps = np.concatenate([line.missing for line in lines]) if lines else np.empty(0)
    shown = {
        stand: np.concatenate([np.empty(0), *(line.figures[stand][line.row] for line in lines)])
        for stand in ("required", "committed", "actual")
    }
    wanted = np.where(np.isnan(shown["required"]), shown["committed"], shown["required"])
    number = {
        name: wording.formatted(values, "{:g}".format)
        for name, values in {**shown, "missing": gaps, "wanted": wanted}.items()
    }
    why, start = [], 0
    for line in lines:
        for kind, count in line.kinds:
            part = {name: texts.slice(start, count) for name, texts in number.items()}
            why.append(wording.filled(tr(_KINDS[kind]), count, name=line.indicator.title, **part))
            start += count
    kinds = [item for line in lines for item in line.kinds]
    return place.evidence(
        rows,
        np.nan_to_num(gaps),
        wording.column(wording.stacked(why)),
        {
            "indicator": wording.column(
                wording.runs([line.indicator.key for line in lines], [len(line.row) for line in lines])
            ),
            **shown,
            "state": wording.column(
                wording.runs([kind for kind, _count in kinds], [count for _kind, count in kinds])
            ),
        },
    )
