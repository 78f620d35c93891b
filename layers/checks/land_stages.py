"""标准地全过程: 定标出让、对标拿地、按标施建、依标验收 as a state machine of dated documents.

A stage is complete when every document that the policy asks for it is there on the day; the stages follow one another
(domain reference §4.2). Found are stages entered while an earlier one lacks a document, stages that the register
claims without their dates, and dates that run backwards; for every parcel, what the next stage still needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import mark, tr
from layers.checks import tables as read
from layers.checks import wording
from layers.checks.by_unit import Placed, counted, fault_verdict, placed
from layers.checks.result import CheckResult, Verdict
from layers.codes import LandUseCodes, code_table
from layers.parcel import PARCEL_LAYER
from layers.policy import Policy, Target
from layers.spec import FieldType
from layers.units import UnitTree

__all__ = ["COLUMNS", "FIGURES", "STAGE_DATES", "TARGET", "TITLE", "Stages", "backwards", "run", "stages_on"]

TARGET = "standard_land_stages"
TITLE = mark("标准地全过程管理")

# Every date of a parcel; the policy says which belong to which stage.
STAGE_DATES: tuple[str, ...] = tuple(item.name for item in PARCEL_LAYER.fields if item.type is FieldType.DATE)
COLUMNS: tuple[str, ...] = ("parcel_no", "unit", "park", "location", "stage", *STAGE_DATES)

FIGURES: Mapping[str, tuple[str, str]] = {
    "faults": (mark("有问题的宗数"), ""),
    "required": (mark("允许宗数"), ""),
    "parcels": (mark("标准地宗数"), ""),
    "skipped": (mark("前一阶段材料不全即进入后一阶段"), ""),
    "claimed": (mark("登记阶段缺日期"), ""),
    "backwards": (mark("日期先后颠倒"), ""),
    "none": (mark("未完成任何阶段"), ""),
    "prepared": (mark("完成准备"), ""),
    "standard_set": (mark("完成定标"), ""),
    "matched": (mark("完成对标"), ""),
    "handed_over": (mark("完成交地"), ""),
    "building": (mark("完成开工手续"), ""),
    "accepted": (mark("完成验收"), ""),
    "reviewed": (mark("完成达产复核"), ""),
}


@dataclass(frozen=True)
class Stages:
    """The state of each parcel on a day. ``names`` are the stages in order; bits of masks count ``documents``.

    ``reached`` is the last stage whose documents and those of all before it are there (-1: none). ``wanted`` are the
    documents the next stage lacks, ``skipped`` those of stages before one that was entered, ``claimed`` those of the
    stage in the register that have no date at all.
    """

    names: tuple[str, ...]
    documents: tuple[tuple[str, str, int], ...]  # date field, document, number of the stage
    reached: NDArray[np.int64]
    wanted: NDArray[np.int64]
    skipped: NDArray[np.int64]
    claimed: NDArray[np.int64]

    def words(self, mask: int) -> str:
        """The documents of a mask, named."""
        return tr("、").join(
            _document_title(field, document)
            for bit, (field, document, _) in enumerate(self.documents)
            if mask >> bit & 1
        )


def stages_on(frame: pd.DataFrame, target: Target, day: np.datetime64) -> Stages:
    """Where each parcel stands on a day, by the documents that the target names for each stage."""
    asked = target.parameters["stages"]
    names = tuple(item.value for item in code_table("parcel_stage").values if item.value in asked)
    documents = tuple(
        (field, str(document), number)
        for number, name in enumerate(names)
        for field, document in asked[name].items()
    )
    known = np.zeros(len(frame), dtype=np.int64)
    dated = np.zeros(len(frame), dtype=np.int64)
    for bit, (field, _, _) in enumerate(documents):
        dates = read.dates(frame, field)
        known |= (dates <= day).astype(np.int64) << bit
        dated |= (~np.isnat(dates)).astype(np.int64) << bit
    needs = [
        sum(1 << bit for bit, item in enumerate(documents) if item[2] == number)
        for number in range(len(names))
    ]
    entered, reached = np.full(len(frame), -1), np.full(len(frame), -1)
    for number, need in enumerate(needs):
        entered[(known & need) != 0] = number
        reached[(reached == number - 1) & ((known & need) == need)] = number
    before = np.array([0, *np.cumsum(needs)])  # documents of the stages before each, and of all
    stages, stage = read.distinct(frame, "stage")
    registered = np.array([names.index(text) if text in names else -1 for (text,) in stages], dtype=np.int64)[
        stage
    ]
    following = np.minimum(reached + 1, len(names) - 1)
    return Stages(
        names=names,
        documents=documents,
        reached=reached,
        wanted=np.array(needs, dtype=np.int64)[following] & ~known,
        skipped=before[np.maximum(entered, 0)] & ~known,
        claimed=before[registered + 1] & ~dated,
    )


def backwards(
    frame: pd.DataFrame, chains: Sequence[Sequence[str]], day: np.datetime64
) -> tuple[NDArray[np.int64], tuple[tuple[str, str], ...]]:
    """For each row a mask of the pairs of fields (second value) whose dates run backwards, as known on a day.

    In each chain a date must not be before the latest of those named before it; equal days are in order. Agreed
    dates lie ahead and are known from the start.
    """
    pairs: list[tuple[str, str]] = []
    found = np.zeros(len(frame), dtype=np.int64)
    columns = {name: read.dates(frame, name) for chain in chains for name in chain}
    for name, dates in columns.items():
        if not name.startswith("agreed_"):
            dates[dates > day] = np.datetime64("NaT")
    for chain in chains:
        for number, later in enumerate(chain):
            for earlier in chain[:number]:
                wrong = columns[later] < columns[earlier]
                if not wrong.any():
                    continue
                if (earlier, later) not in pairs:
                    pairs.append((earlier, later))
                found |= wrong.astype(np.int64) << pairs.index((earlier, later))
    return found, tuple(pairs)


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - a day is judged, not a year
) -> CheckResult:
    """Judge the stages of every parcel of standard land on the day."""
    target, parcels = policy.target(TARGET), tables["parcel"]
    day = read.day_number(as_of)
    staged = ~read.rows_with(parcels, "stage", {""})
    for name in ("standard_set_on", "agreement_on"):
        staged |= ~np.isnat(read.dates(parcels, name))
    place = placed("parcel", parcels, staged, units, target, COLUMNS)
    stages = stages_on(place.frame, target, day)
    wrong, pairs = backwards(place.frame, target.parameters["order"], day)
    # Who claims a stage and skipped one is one parcel with a fault.
    faults = (stages.skipped != 0) | (stages.claimed != 0) | (wrong != 0)
    sums = {
        "faults": place.sums(faults),
        "required": np.full(len(place.tree) + 1, target.value),
        "parcels": place.sums(np.ones(len(place))),
        "skipped": place.sums(stages.skipped != 0),
        "claimed": place.sums(stages.claimed != 0),
        "backwards": place.sums(wrong != 0),
        "none": place.sums(stages.reached < 0),
    }
    for name in FIGURES:
        if name not in sums:  # a stage
            number = stages.names.index(name) if name in stages.names else -2
            sums[name] = place.sums(stages.reached == number)
    known = bool(len(place))
    return counted(
        place, policy, target, TITLE, as_of, as_of.isoformat(), FIGURES, sums,
        lambda figures: _judge(figures, target, known), _evidence(place, stages, wrong, pairs, faults),
    )  # fmt: skip


def _judge(figures: Mapping[str, float | None], target: Target, known: bool) -> tuple[Verdict, str]:
    if not known:
        return Verdict.NOT_JUDGED, tr("项目中没有标准地，请在地块中导入标准地阶段与各阶段日期")
    number = {key: int(value or 0) for key, value in figures.items()}
    if not number["parcels"]:
        return Verdict.EMPTY, tr("没有标准地")
    text = tr(
        "标准地 {parcels} 宗：完成定标 {standard_set} 宗、对标 {matched} 宗、交地 {handed_over} 宗、开工手续 {building} 宗、验收 {accepted} 宗、达产复核 {reviewed} 宗，其余 {rest} 宗在前期",
        rest=number["none"] + number["prepared"],
        **{key: number[key] for key in ("parcels", "standard_set", "matched", "handed_over", "building", "accepted", "reviewed")},
    )  # fmt: skip
    if number["faults"]:
        text += tr(
            "；{faults} 宗有问题：前一阶段材料不全 {skipped} 宗，登记阶段缺日期 {claimed} 宗，日期颠倒 {backwards} 宗",
            **{key: number[key] for key in ("faults", "skipped", "claimed", "backwards")},
        )
    return fault_verdict(target, number["faults"], number["parcels"], 0.0), text


def _document_title(field: str, document: str) -> str:
    date = PARCEL_LAYER.field(field).title
    return tr("{document}（{date}）", document=document, date=date) if document else date


def _evidence(
    place: Placed,
    stages: Stages,
    wrong: NDArray[np.int64],
    pairs: tuple[tuple[str, str], ...],
    faults: NDArray[np.bool_],
) -> gpd.GeoDataFrame:
    """One row for each parcel: the stage it completed, what the next one needs, what is wrong; amount 1 for a fault."""
    table = code_table("parcel_stage")
    titles = [table.title(name) for name in stages.names]
    last = len(titles) - 1
    # Few combinations occur among many parcels.
    states = np.column_stack([stages.reached, stages.skipped, stages.claimed, wrong, stages.wanted])
    different, number = _different(states)
    why = []
    for reached, skipped, claimed, turned, wanted in different.tolist():
        parts = []
        if skipped:
            parts.append(tr("已进入后一阶段，仍缺：{documents}", documents=stages.words(skipped)))
        if claimed:
            parts.append(tr("登记阶段缺：{documents}", documents=stages.words(claimed)))
        if turned:
            parts.append(tr("日期颠倒：{pairs}", pairs=_pair_words(turned, pairs)))
        if reached < last:
            need = stages.words(wanted)
            parts.append(tr("下一阶段“{stage}”尚需：{documents}", stage=titles[reached + 1], documents=need))
        else:
            parts.append(tr("各阶段均已完成"))
        why.append(tr("；").join(parts))
    said, stage = read.distinct(place.frame, "stage")
    masks, mask = np.unique(stages.wanted, return_inverse=True)
    return place.evidence(
        np.arange(len(place)),
        faults.astype(np.float64),
        wording.column(wording.each(why, number)),
        {
            "stage": wording.column(wording.each(["", *titles], stages.reached + 1)),
            "stage_registered": wording.column(wording.each([table.title(text) for (text,) in said], stage)),
            "wanted": wording.column(wording.each([stages.words(item) for item in masks.tolist()], mask)),
        },
    )


def _different(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows that differ from each other, and which of them each row is."""
    number = np.zeros(len(rows), dtype=np.int64)
    for column in rows.T:
        values, value = np.unique(column, return_inverse=True)
        number = np.unique(number * max(len(values), 1) + value, return_inverse=True)[1]
    first = np.unique(number, return_index=True)[1]
    return rows[first], number


def _pair_words(mask: int, pairs: tuple[tuple[str, str], ...]) -> str:
    title = {name: PARCEL_LAYER.field(name).title for pair in pairs for name in pair}
    return tr("；").join(
        tr("{later}早于{earlier}", later=title[later], earlier=title[earlier])
        for bit, (earlier, later) in enumerate(pairs)
        if mask >> bit & 1
    )
