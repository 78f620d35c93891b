"""亩均论英雄: parcels or enterprises in production, scored by weighted figures and graded A, B, C, D.

``score = Σ weight · min(x / base, cap)`` (domain reference §5), the base a figure of the policy or the mean of those
graded together; of figures where less is better the fraction is turned over. Grades go by rank or by score. What
every weight decides is told: how many change their grade when it moves by some points.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import mark, tr
from gis.units import convert
from layers.checks import tables as read
from layers.checks import wording
from layers.checks.by_unit import Placed, counted, fault_verdict, placed
from layers.checks.result import CheckResult, Finding, Verdict
from layers.checks.standard_land import completed_on
from layers.codes import LandUseCodes
from layers.indicators import INDICATORS, Indicator
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = [
    "COLUMNS",
    "FIGURES",
    "GRADES",
    "TARGET",
    "TITLE",
    "Move",
    "grades",
    "relative",
    "run",
    "sensitivity",
]

TARGET = "per_mu_evaluation"
TITLE = mark("亩均效益评价")
GRADES = ("A", "B", "C", "D")

FIGURES: Mapping[str, tuple[str, str]] = {
    "unevaluated": (mark("应评未评宗数"), ""),
    "required": (mark("允许宗数"), ""),
    "participants": (mark("应评宗数"), ""),
    "evaluated": (mark("已评宗数"), ""),
    "mean_score": (mark("平均得分"), ""),
    "grade_a": (mark("A 类宗数"), ""),
    "grade_b": (mark("B 类宗数"), ""),
    "grade_c": (mark("C 类宗数"), ""),
    "grade_d": (mark("D 类宗数"), ""),
    "area_a": (mark("A 类用地"), "mu"),
    "area_b": (mark("B 类用地"), "mu"),
    "area_c": (mark("C 类用地"), "mu"),
    "area_d": (mark("D 类用地"), "mu"),
    "sensitive": (mark("权重变动即变档宗数"), ""),
}

COLUMNS: tuple[str, ...] = (
    "parcel_no", "unit", "park", "location", "holder", "area_certified", "area_ellipsoid", "actual_finish",
    "completion_review_on", *(f"{item.key}_actual" for item in INDICATORS),
)  # fmt: skip

_KEYS = {item.key: item for item in INDICATORS}
_DIGITS = 9  # scores that differ by less are equal


@dataclass(frozen=True)
class Move:
    """What happens when the weight of an indicator moves by ``change`` points and the others make room."""

    indicator: Indicator
    change: float
    before: NDArray[np.int64]
    after: NDArray[np.int64]

    @property
    def better(self) -> int:
        """How many rise."""
        return int(np.count_nonzero(self.after < self.before))

    @property
    def worse(self) -> int:
        """How many fall."""
        return int(np.count_nonzero(self.after > self.before))


def relative(
    values: NDArray[np.float64],
    indicator: Indicator,
    base: float | str,
    cap: float,
    group: NDArray[np.int64],
    spread: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """``min(x / base, cap)`` of each subject, NaN where the figure is missing.

    ``base`` is a figure or ``mean``: that of the subjects of the same group for which ``spread`` holds. Where less is
    better the fraction is ``base / x``; a subject that uses nothing is as good as the cap allows.
    """
    if isinstance(base, str):
        counts = np.where(spread & ~np.isnan(values), 1.0, 0.0)
        size = int(group.max(initial=-1)) + 1
        number = np.bincount(group, weights=counts, minlength=size)
        total = np.bincount(group, weights=np.where(counts > 0, values, 0.0), minlength=size)
        bases = np.where(number > 0, total / np.maximum(number, 1.0), np.nan)[group]
    else:
        bases = np.full(len(values), float(base))
    above, below = (values, bases) if indicator.operator == ">=" else (bases, values)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(below > 0.0, above / below, np.where(above > 0.0, np.inf, 1.0))
    return np.where(np.isnan(values) | np.isnan(bases), np.nan, np.minimum(found, cap))


def grades(
    score: NDArray[np.float64], group: NDArray[np.int64], way: str, cuts: Sequence[float]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Grade (0 for A …) and rank (1 for the best, equal scores share it) of each subject in its group.

    By ``rank``: cuts are the shares of the group, from the best, up to which the grades reach; of n subjects the first
    ``ceil(cut · n)`` places. By ``score``: cuts are the least scores of the grades.
    """
    if not len(score):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    rounded = np.round(score, _DIGITS)
    order = np.lexsort((-rounded, group))
    begins = np.flatnonzero(np.diff(group[order], prepend=-1))
    behind = np.arange(len(order)) - np.repeat(begins, np.diff(begins, append=len(order)))
    # Who has the score of the one before shares its place.
    new = np.append(True, (np.diff(rounded[order]) != 0) | (np.diff(group[order]) != 0))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = behind[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))] + 1
    grade = np.zeros(len(score), dtype=np.int64)
    if way == "score":
        for cut in cuts:
            grade += rounded < cut
        return grade, rank
    sizes, size = np.unique(np.bincount(group)[group], return_inverse=True)
    for cut in cuts:
        places = np.array([math.ceil(Fraction(str(cut)) * size) for size in sizes.tolist()])
        grade += rank > places[size]
    return grade, rank


def sensitivity(
    parts: NDArray[np.float64],
    weights: NDArray[np.float64],
    indicators: Sequence[Indicator],
    group: NDArray[np.int64],
    way: str,
    cuts: Sequence[float],
    step: float,
) -> list[Move]:
    """Grades with each weight ``step`` points up and down, the others in their proportion so that the sum stays.

    ``parts`` are the relative figures (subjects × indicators). A weight does not go below zero nor above the sum.
    """
    whole = float(weights.sum())
    before, _ = grades(parts @ weights, group, way, cuts)
    moves = []
    for number, indicator in enumerate(indicators):
        rest = whole - float(weights[number])
        for change in (step, -step):
            moved = min(max(float(weights[number]) + change, 0.0), whole)
            if rest <= 0.0 or moved == float(weights[number]):
                continue
            other = weights * ((whole - moved) / rest)
            other[number] = moved
            after, _ = grades(parts @ other, group, way, cuts)
            moves.append(Move(indicator, moved - float(weights[number]), before, after))
    return moves


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - the figures recorded for a parcel are of one year
) -> CheckResult:
    """Score and grade what has been in production long enough on the day.

    Whoever should be graded and lacks a figure that the policy does not replace by the mean is not graded, and the
    unit falls short.
    """
    target, parcels = policy.target(TARGET), tables["parcel"]
    parameters = target.parameters
    months = int(parameters["start_after_months"])
    limit = np.datetime64((pd.Timestamp(as_of) - pd.DateOffset(months=months)).date(), "D")
    place = placed("parcel", parcels, completed_on(parcels) <= limit, units, target, COLUMNS)
    asked = {_KEYS[key]: rule for key, rule in parameters["indicators"].items()}
    figures = {item: read.figures(place.frame, f"{item.key}_actual") for item in asked}
    known = any(bool((~np.isnan(values)).any()) for values in figures.values())
    area = read.figures(place.frame, "area_certified")
    area = np.nan_to_num(np.where(np.isnan(area), read.figures(place.frame, "area_ellipsoid"), area))
    subject = _subjects(place, str(parameters["subject"]), str(parameters["by"]))
    values = {item: _joined(figure, area, subject.of) for item, figure in figures.items()}
    complete = np.ones(len(subject.group), dtype=np.bool_)
    for item, rule in asked.items():
        if rule["missing"] == "none":
            complete &= ~np.isnan(values[item])
    complete &= ~np.all([np.isnan(value) for value in values.values()], axis=0)
    parts = np.empty((len(subject.group), len(asked)))
    for column, (item, rule) in enumerate(asked.items()):
        found = relative(values[item], item, rule["base"], float(rule["cap"]), subject.group, complete)
        parts[:, column] = _filled(found, subject.group, complete)
    weights = np.array([float(rule["weight"]) for rule in asked.values()])
    way, cuts = str(parameters["grades"]), [float(cut) for cut in parameters["cuts"]]
    graded = np.flatnonzero(complete)
    grade, rank = np.full(len(complete), -1), np.zeros(len(complete), dtype=np.int64)
    score = parts @ weights
    grade[graded], rank[graded] = grades(score[graded], subject.group[graded], way, cuts)
    moves = sensitivity(
        parts[graded],
        weights,
        list(asked),
        subject.group[graded],
        way,
        cuts,
        float(parameters["weight_step"]),
    )
    moved = np.zeros(len(complete), dtype=np.bool_)
    for move in moves:
        moved[graded] |= move.after != move.before
    rows = _Rows(grade[subject.of], rank[subject.of], score[subject.of], moved[subject.of])
    return counted(
        place, policy, target, TITLE, as_of, as_of.isoformat(), FIGURES, _sums(place, rows, area, target),
        lambda found: _judge(found, target, known), _evidence(place, rows, parts[subject.of], asked, figures),
        _told(moves),
    )  # fmt: skip


@dataclass(frozen=True)
class _Subjects:
    """Who is graded: ``of`` is the subject of each row, ``group`` the group (from 0) of each subject."""

    of: NDArray[np.int64]
    group: NDArray[np.int64]


@dataclass(frozen=True)
class _Rows:
    """Outcome of each parcel; grade -1 is none."""

    grade: NDArray[np.int64]
    rank: NDArray[np.int64]
    score: NDArray[np.float64]
    moved: NDArray[np.bool_]


def _subjects(place: Placed, subject: str, by: str) -> _Subjects:
    """Parcels one by one, or together where one enterprise holds several in one group."""
    count = len(place)
    if by == "city":
        group = np.zeros(count, dtype=np.int64)
    else:
        parks = read.texts(place.frame, "park") if by == "park" else [""] * count
        park, different = pd.factorize(np.array(parks, dtype=object))
        group = pd.factorize(place.unit * (len(different) + 1) + park)[0].astype(np.int64)
    if subject == "parcel":
        return _Subjects(np.arange(count), group)
    holders = read.texts(place.frame, "holder")
    names = [
        (number, name or f"\0{row}")
        for row, (number, name) in enumerate(zip(group.tolist(), holders, strict=True))
    ]
    of, _ = pd.factorize(pd.Series(names, dtype=object))
    first = np.unique(of, return_index=True)[1]
    return _Subjects(of.astype(np.int64), group[first])


def _joined(
    figure: NDArray[np.float64], area: NDArray[np.float64], of: NDArray[np.int64]
) -> NDArray[np.float64]:
    """A figure per area of each subject: the mean of its parcels, weighted by their area."""
    size = int(of.max(initial=-1)) + 1
    if size == len(of):
        return figure[np.argsort(of, kind="stable")]
    there = ~np.isnan(figure)
    whole = np.bincount(of, weights=np.where(there, area, 0.0), minlength=size)
    total = np.bincount(of, weights=np.where(there, np.nan_to_num(figure) * area, 0.0), minlength=size)
    return np.where(whole > 0.0, total / np.where(whole > 0.0, whole, 1.0), np.nan)


def _filled(
    found: NDArray[np.float64], group: NDArray[np.int64], complete: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Missing relative figures replaced by the mean of the group's; 0 where nobody has one."""
    size = int(group.max(initial=-1)) + 1
    there = complete & ~np.isnan(found)
    number = np.bincount(group, weights=there.astype(float), minlength=size)
    total = np.bincount(group, weights=np.where(there, np.nan_to_num(found), 0.0), minlength=size)
    mean = np.where(number > 0, total / np.maximum(number, 1.0), 0.0)
    return np.where(np.isnan(found), mean[group], found)


def _sums(
    place: Placed, rows: _Rows, area: NDArray[np.float64], target: Target
) -> dict[str, NDArray[np.float64]]:
    evaluated = rows.grade >= 0
    number = place.sums(evaluated)
    total = place.sums(np.where(evaluated, rows.score, 0.0))
    mu = area * convert(1.0, "m2", "mu")
    sums = {
        "unevaluated": place.sums(~evaluated),
        "required": np.full(len(place.tree) + 1, target.value),
        "participants": place.sums(np.ones(len(place))),
        "evaluated": number,
        "mean_score": np.where(number > 0, total / np.maximum(number, 1.0), np.nan),
        "sensitive": place.sums(rows.moved),
    }
    for place_of, grade in enumerate(GRADES):
        sums[f"grade_{grade.lower()}"] = place.sums(rows.grade == place_of)
        sums[f"area_{grade.lower()}"] = place.sums(np.where(rows.grade == place_of, mu, 0.0))
    return sums


def _judge(figures: Mapping[str, float | None], target: Target, known: bool) -> tuple[Verdict, str]:
    if not known:
        return Verdict.NOT_JUDGED, tr("项目中没有投产地块的亩均税收等实际值，请在地块中导入")
    number = {key: value or 0.0 for key, value in figures.items()}
    if not number["participants"]:
        return Verdict.EMPTY, tr("没有投产的地块")
    text = tr(
        "应评 {count} 宗，已评 {done} 宗", count=int(number["participants"]), done=int(number["evaluated"])
    )
    if number["evaluated"]:
        text += tr(
            "，平均 {score} 分；A 类 {a} 宗、B 类 {b} 宗、C 类 {c} 宗、D 类 {d} 宗（D 类 {area} 亩）",
            score=f"{number['mean_score']:.1f}",
            area=f"{number['area_d']:,.2f}",
            **{grade.lower(): int(number[f"grade_{grade.lower()}"]) for grade in GRADES},
        )
    if number["unevaluated"]:
        text += tr("；{count} 宗缺数据，未评", count=int(number["unevaluated"]))
    if number["sensitive"]:
        text += tr("；{count} 宗随权重变动而变档", count=int(number["sensitive"]))
    return fault_verdict(target, number["unevaluated"], number["evaluated"], 0.0), text


def _told(moves: Sequence[Move]) -> list[Finding]:
    """The sensitivity in one sentence."""
    if not moves:
        return []
    parts = [
        tr(
            "{name} {change} 分：升档 {better} 宗、降档 {worse} 宗",
            name=move.indicator.name,
            change=f"{move.change:+g}",
            better=move.better,
            worse=move.worse,
        )
        for move in moves
    ]
    return [Finding("note", tr("权重敏感性：{moves}", moves=tr("；").join(parts)), "parcel")]


def _evidence(
    place: Placed,
    rows: _Rows,
    parts: NDArray[np.float64],
    asked: Mapping[Indicator, Mapping[str, object]],
    figures: Mapping[Indicator, NDArray[np.float64]],
) -> gpd.GeoDataFrame:
    """One row for each parcel that should be graded: grade, score, rank, and the points of each indicator."""
    weights = np.array([float(str(rule["weight"])) for rule in asked.values()])
    points = parts * weights
    comma = tr("、")
    texts, lacking = [], []
    for column, item in enumerate(asked):
        absent = np.isnan(figures[item])
        shown = wording.formatted(points[:, column], "{:.1f}".format)
        plain = wording.filled(tr("{name} {points}"), len(place), name=item.name, points=shown)
        mean = wording.filled(tr("{name} {points}（缺，按平均）"), len(place), name=item.name, points=shown)
        texts.append(wording.either(absent, mean, plain))
        lacking.append(absent)
    score = wording.formatted(rows.score, "{:.1f}".format)
    scored = wording.filled(
        tr("得分 {score}：{parts}"), len(place), score=score, parts=wording.joined(texts, comma)
    )
    # Few combinations of figures are missing.
    gaps, gap = np.unique(np.column_stack(lacking) @ (1 << np.arange(len(asked))), return_inverse=True)
    missing = [
        tr(
            "未评，缺：{names}",
            names=comma.join(item.name for bit, item in enumerate(asked) if mask >> bit & 1),
        )
        for mask in gaps.tolist()
    ]
    why = wording.either(rows.grade >= 0, scored, wording.each(missing, gap))
    graded = rows.grade >= 0
    return place.evidence(
        np.arange(len(place)),
        np.where(graded, rows.score, 0.0),
        wording.column(why),
        {
            "grade": wording.column(wording.each(["", *GRADES], rows.grade + 1)),
            "score": np.where(graded, rows.score, np.nan),
            "rank": [number or None for number in rows.rank.tolist()],
            "holder": read.texts(place.frame, "holder"),
            "sensitive": rows.moved,
        },
    )
