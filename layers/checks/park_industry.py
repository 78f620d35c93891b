"""一园一业: each park names one leading industry; its share of what stands in the park is shown.

The share is taken of the projects' investment where the park has any, else of the number of enterprises, and says
which. Ledgers write divisions of GB/T 4754 (食品制造业), parks their own words (富硒食品): the policy file says which
divisions belong to which word.
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
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.park_records import Parks, industries, joined, listed, park_of, read_parks
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "TARGET", "TITLE", "belongs", "run"]

TARGET = "park_industry"
TITLE = mark("一园一业")

FIGURES: Mapping[str, tuple[str, str]] = {
    "parks": (mark("园区数"), ""),
    "one": (mark("主导产业唯一的园区"), ""),
    "industries": (mark("一个园区的主导产业数（最多）"), ""),
    "without": (mark("未填主导产业的园区"), ""),
    "share": (mark("主导产业占比"), "percent"),
    "lowest_share": (mark("主导产业占比最低的园区"), "percent"),
    "least_share": (mark("主导产业占比下限"), "percent"),
    "with_share": (mark("能算占比的园区"), ""),
    "projects": (mark("园区内项目数"), ""),
    "enterprises": (mark("园区内企业数"), ""),
}
_BASES = {
    "investment": mark("项目总投资"),
    "enterprises": mark("企业数"),
    "": mark("无项目、无企业"),
}


@dataclass(frozen=True)
class _Content:
    """What stands in the parks: park, industry and weight of each record."""

    park: NDArray[np.int64]
    industry: list[str]
    weight: list[Decimal]


@dataclass(frozen=True)
class _Share:
    """Of one park: by what, the leading industry's part and the whole."""

    basis: str
    leading: Decimal
    whole: Decimal

    @property
    def percent(self) -> float | None:
        return float(self.leading * PERCENT / self.whole) if self.whole else None


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - a day is judged, not a year
) -> CheckResult:
    """Judge every unit by the leading industries that its parks name: none is as wrong as two."""
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    findings: list[Finding] = []
    parks = read_parks(tables["park"], tree, as_of, findings)
    named = [industries(text) for text in read.texts(parks.frame, "leading_industry")]
    contents = {
        "investment": _projects(tables["investment"], parks, as_of),
        "enterprises": _enterprises(tables["enterprise"], parks, as_of),
    }
    least = Decimal(repr(float(target.parameters["least_share"])))
    shares = [_share(row, named[row], contents, target) for row in range(len(parks))]
    inside = {
        basis: np.bincount(content.park[content.park >= 0], minlength=len(parks))
        for basis, content in contents.items()
    }
    fits = [
        _fits(names, share, target, least)
        for names, share in zip(named, shares, strict=True)
    ]  # fmt: skip
    rows = [_row(parks, row, named[row], shares[row]) for row in range(len(parks))]
    results = []
    for code, name in zip(tree.codes, tree.names, strict=True):
        mine = np.flatnonzero(assembling.by_unit(parks.unit, code)).tolist()
        known = [value for row in mine if (value := shares[row].percent) is not None]
        found: dict[str, float | None] = {
            "parks": float(len(mine)),
            "one": float(sum(len(named[row]) == 1 for row in mine)),
            "industries": float(max((len(named[row]) for row in mine), default=0)),
            "without": float(sum(not named[row] for row in mine)),
            "share": _joint([shares[row] for row in mine]),
            "lowest_share": min(known, default=None),
            "least_share": float(least * PERCENT),
            "with_share": float(len(known)),
            "projects": float(inside["investment"][mine].sum()),
            "enterprises": float(inside["enterprises"][mine].sum()),
        }
        wrong = [rows[row] for row in mine if not fits[row]]
        results.append(_judge(code, name, found, wrong, anything=bool(len(tables["park"]))))
    return assembling.assembled(
        target, TITLE, FIGURES, policy, as_of=as_of, period=as_of.isoformat(), units=results, city=None,
        evidence=assembling.evidence_of(rows, ("leading", "percent", "basis"), tree), findings=findings,
    )  # fmt: skip


def belongs(industry: str, leading: str, groups: Mapping[str, object]) -> bool:
    """Whether a record's industry is the park's: the same words, or a division the policy counts to one of them."""
    if not industry or not leading:
        return False
    if industry == leading or leading in industry:
        return True
    for word, divisions in groups.items():
        if word in leading and isinstance(divisions, list) and any(item in industry for item in divisions):
            return True
    return False


def _projects(frame: gpd.GeoDataFrame, parks: Parks, as_of: dt.date) -> _Content:
    """Projects signed by the day, by total investment."""
    kept = frame[~(read.dates(frame, "signed_on") > read.day_number(as_of))]
    weight = read.exact(read.figures(kept, "total_investment").tolist())
    return _Content(park_of(kept, parks), read.texts(kept, "industry"), weight)


def _enterprises(frame: gpd.GeoDataFrame, parks: Parks, as_of: dt.date) -> _Content:
    """Enterprises founded by the day, each once."""
    kept = frame[~(read.dates(frame, "founded_on") > read.day_number(as_of))]
    return _Content(park_of(kept, parks), read.texts(kept, "industry"), [Decimal(1)] * len(kept))


def _share(park: int, leading: tuple[str, ...], contents: Mapping[str, _Content], target: Target) -> _Share:
    """By the first measure of the policy of which the park has any."""
    groups = target.parameters["industries"]
    for basis in target.parameters["measures"]:
        content = contents[basis]
        mine = np.flatnonzero(content.park == park).tolist()
        whole = read.total([content.weight[row] for row in mine])
        if whole:
            ours = [
                row for row in mine if any(belongs(content.industry[row], name, groups) for name in leading)
            ]
            return _Share(basis, read.total([content.weight[row] for row in ours]), whole)
    return _Share("", Decimal(0), Decimal(0))


def _joint(shares: list[_Share]) -> float | None:
    """Share over several parks, if all that have one have it by the same measure."""
    some = [share for share in shares if share.whole]
    if len({share.basis for share in some}) != 1:
        return None
    whole = sum((share.whole for share in some), Decimal(0))
    return float(sum((share.leading for share in some), Decimal(0)) * PERCENT / whole)


def _fits(names: tuple[str, ...], share: _Share, target: Target, least: Decimal) -> bool:
    enough = not share.whole or share.leading >= least * share.whole
    return bool(names) and target.holds(len(names)) and enough


def _row(parks: Parks, row: int, names: tuple[str, ...], share: _Share) -> dict[str, object]:
    leading, percent = joined(names), share.percent
    if not names:
        why = tr("未填主导产业")
    elif percent is None:
        why = tr("主导产业 {leading}；园区内无项目、无企业，不能算占比", leading=leading)
    else:
        why = tr(
            "主导产业 {leading}，占{basis} {share}%",
            leading=leading,
            basis=tr(_BASES[share.basis]),
            share=f"{percent:.1f}",
        )
    if len(names) > 1:
        why += tr("；主导产业 {count} 个", count=len(names))
    return {
        "unit": parks.unit[row], "table": "park", "uuid": parks.uuids[row], "label": parks.names[row],
        "amount": float(len(names)), "why": why, "leading": leading, "percent": percent,
        "basis": tr(_BASES[share.basis]), "geometry": parks.shapes[row],
    }  # fmt: skip


def _judge(
    code: str, name: str, found: dict[str, float | None], wrong: list[dict[str, object]], *, anything: bool
) -> UnitResult:
    if not anything:
        text = tr("项目中没有园区数据，请先导入园区图层（含主导产业）")
        return UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), text)
    if not found["parks"]:
        return UnitResult(code, name, Verdict.EMPTY, found, tr("没有园区，不作判定"))
    text = tr(
        "园区 {parks} 个，主导产业唯一的 {one} 个", parks=f"{found['parks']:g}", one=f"{found['one']:g}"
    )
    if found["share"] is not None:
        text += tr("；主导产业合计占 {share}%", share=f"{found['share']:.1f}")
    text += listed([tr("{label}：{text}", label=row["label"], text=row["why"]) for row in wrong])
    return UnitResult(code, name, Verdict.SHORT if wrong else Verdict.MET, found, text)
