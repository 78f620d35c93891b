"""The verdicts on industrial land lost inside lines: figures, explanation and evidence of each unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import mark, tr
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.checks.rezoning_records import RECORDED
from layers.checks.rezoning_table import MU
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "TARGET", "TITLE", "Rezoning", "verdicts"]

TARGET = "rezoning"
TITLE = mark("工业区块线内工业用地调整")

FIGURES: Mapping[str, tuple[str, str]] = {
    "violation": (mark("改为住宅、商业等经营性用地或移出线外"), "m2"),
    "violation_mu": (mark("同上（亩）"), "mu"),
    "review": (mark("改为公益等用途，须有批准"), "m2"),
    "warn": (mark("改为混合用途"), "m2"),
    "note": (mark("其他提示"), "m2"),
    "line_moved": (mark("其中因区块线调整移出"), "m2"),
    "recoded": (mark("其中地块改用途"), "m2"),
    "transferred": (mark("其中供地合同改用途"), "m2"),
    "industrial_lost": (mark("减少的工业用地"), "m2"),
    "slivers": (mark("碎屑（不计）"), "m2"),
    "pieces": (mark("变更块数"), ""),
}


@dataclass(frozen=True)
class Rezoning:
    """All pieces between two snapshots, and what has to be known about them.

    ``pieces`` columns: way (code, line), severity, sliver, unit, unit_name, line, line_name, level,
    before_uuid, before_scheme, before_code, before_title, before_class and the same with ``after_``, area (m²,
    ellipsoidal), mu, share (of the block's area), width (m), industrial_lost (m²), business_share.
    ``lined`` tells whether there were block lines; without them the whole plan was compared.
    """

    pieces: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    lined: bool


def verdicts(
    target: Target,
    policy: Policy,
    tree: UnitTree,
    as_of: dt.date,
    period: str,
    found: Rezoning | None,
    reason: str,
) -> CheckResult:
    """Judge what was found (None: nothing could be compared); ``reason`` says why nothing found is no pass."""
    places = assembling.places_of(tree)
    if found is None:
        judged = assembling.unjudged(places, FIGURES, reason)
        shapes: NDArray[np.object_] = np.empty(0, dtype=object)
        pieces = pd.DataFrame({name: [] for name in read.EVIDENCE_COLUMNS})
    else:
        shapes = np.asarray(found.pieces.geometry.to_numpy(), dtype=object)
        table = pd.DataFrame(found.pieces.drop(columns="geometry"))
        every = _Pieces.of(table)
        judged = [
            _unit_result(code, name, every, target, reason=reason, lined=found.lined) for code, name in places
        ]
        pieces = table.assign(
            table=[RECORDED.get(way, "land_use") for way in table["way"]],
            uuid=table["after_uuid"].where(table["way"].isin(list(RECORDED)), table["before_uuid"]),
            label=[f"{subject or line} {old}→{new}".strip() for subject, line, old, new in zip(
                table["subject"], table["line"], table["before_code"], table["after_code"], strict=True)],
            amount=table["counted"],
            why=[
                tr("区块线调整后位于线外") if way == "line" else f"{old} → {new}"
                for way, old, new in zip(table["way"], table["before_title"], table["after_title"], strict=True)
            ],
        )  # fmt: skip
    return CheckResult(
        id=TARGET,
        title=tr(TITLE),
        clause=read.clause(policy, TARGET),
        as_of=as_of,
        period=period,
        units=tuple(judged[:-1]),
        city=judged[-1],
        evidence=read.evidence({name: pieces[name].tolist() for name in pieces.columns}, shapes, tree.epsg),
        figure_units={key: (tr(title), unit) for key, (title, unit) in FIGURES.items()},
        findings=() if found is None else found.findings,
        parameters={key: value for key, value in target.parameters.items() if key != "matrix"},
    )


@dataclass(frozen=True)
class _Pieces:
    """What is summed up, as arrays: a dozen units are judged one after the other."""

    unit: NDArray[np.object_]
    way: NDArray[np.object_]
    severity: NDArray[np.object_]
    sliver: NDArray[np.bool_]
    area: NDArray[np.float64]
    counted: NDArray[np.float64]
    lost: NDArray[np.float64]

    @classmethod
    def of(cls, table: pd.DataFrame) -> _Pieces:
        """Of the table of all pieces; ``lost`` is the industrial land in the counted area."""
        area, counted = (table[name].to_numpy(dtype=np.float64) for name in ("area", "counted"))
        unit, way, severity = (table[name].to_numpy(dtype=object) for name in ("unit", "way", "severity"))
        lost = table["industrial_lost"].to_numpy(dtype=np.float64) * counted / area
        return cls(unit, way, severity, table["sliver"].to_numpy(dtype=bool), area, counted, lost)


def _unit_result(
    code: str, name: str, pieces: _Pieces, target: Target, *, reason: str, lined: bool
) -> UnitResult:
    """``reason`` says why the unit cannot pass; land surely lost is a verdict all the same."""
    mine = pieces.unit == code if code else np.ones(len(pieces.unit), dtype=bool)
    real = mine & ~pieces.sliver
    count = int(real.sum())

    def area(ways: Collection[str]) -> float:
        return float(pieces.area[real & np.isin(pieces.way, list(ways))].sum())

    sums = {
        level: float(pieces.counted[real & (pieces.severity == level)].sum())
        for level in ("violation", "review", "warn", "note")
    }
    figures: dict[str, float | None] = {
        **sums,
        "violation_mu": sums["violation"] * MU,
        "line_moved": area(["line"]),
        "recoded": area(["parcel", "split"]),
        "transferred": area(["transfer"]),
        "industrial_lost": float(pieces.lost[real].sum()),
        "slivers": float(pieces.area[mine & pieces.sliver].sum()),
        "pieces": float(count),
    }
    ordered = {key: figures[key] for key in FIGURES}
    judged = sum(sums.get(level, 0.0) for level in target.parameters["verdict_severities"])
    if reason and (not lined or target.holds(judged)):
        return UnitResult(code, name, Verdict.NOT_JUDGED, ordered, reason)
    verdict = Verdict.MET if target.holds(judged) else Verdict.SHORT
    if not count:
        return UnitResult(code, name, verdict, ordered, tr("线内工业用地没有变更"))
    text = tr(
        "变更 {count} 块：改为住宅、商业等经营性用地或移出线外 {violation} ㎡（{mu} 亩），须有批准 {review} ㎡",
        count=count,
        violation=f"{sums['violation']:,.2f}",
        mu=f"{sums['violation'] * MU:,.2f}",
        review=f"{sums['review']:,.2f}",
    )
    return UnitResult(code, name, verdict, ordered, text)
