"""一县一区、一区多园: one development zone a unit, several parks a zone, each park within its unit, none on another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis import clipping
from gis.area import ellipsoidal_area
from gis.overlay import overlay
from gis.text import mark, tr
from gis.width import width
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.park_records import Parks, joined, read_parks
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes, code_table
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "TARGET", "TITLE", "run"]

TARGET = "park_structure"
TITLE = mark("一县一区、一区多园")

FIGURES: Mapping[str, tuple[str, str]] = {
    "zones": (mark("开发区数"), ""),
    "parks": (mark("园区数"), ""),
    "fewest": (mark("一个开发区的园区数（最少）"), ""),
    "without_zone": (mark("未填开发区的园区"), ""),
    "area": (mark("园区面积"), "ha"),
    "overlap": (mark("园区相互重叠"), "m2"),
    "outside": (mark("园区越出本单元"), "m2"),
}
_HECTARE = 10_000.0


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - a day is judged, not a year
) -> CheckResult:
    """Judge every unit by the zones that its parks name and by the fewest parks of one zone.

    Where a park names no zone and that can change the outcome, the unit is not judged. Overlaps and land outside the
    unit are shown with their pieces and do not change the verdict.
    """
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    findings: list[Finding] = []
    parks = read_parks(tables["park"], tree, as_of, findings)
    zones = read.texts(parks.frame, "zone")
    areas = ellipsoidal_area(parks.shapes, tree.epsg)
    rows = _park_rows(parks, zones, areas)
    pieces = _overlaps(parks, target, tree) + _outside(parks, target, tree)
    findings += [
        Finding(
            "warning",
            tr("{label}：{text}", label=piece["label"], text=piece["why"]),
            "park",
            str(piece["uuid"]),
        )
        for piece in pieces
    ]
    results = []
    for code, name in zip(tree.codes, tree.names, strict=True):
        mine = np.flatnonzero(assembling.by_unit(parks.unit, code)).tolist()
        counts: dict[str, int] = {}
        for row in mine:
            if zones[row]:
                counts[zones[row]] = counts.get(zones[row], 0) + 1
        found: dict[str, float | None] = {
            "zones": float(len(counts)),
            "parks": float(len(mine)),
            "fewest": float(min(counts.values())) if counts else 0.0,
            "without_zone": float(sum(not zones[row] for row in mine)),
            "area": float(areas[mine].sum()) / _HECTARE,
            "overlap": sum(_amount(item) for item in pieces if item["unit"] == code and item["kind"] == "overlap"),
            "outside": sum(_amount(item) for item in pieces if item["unit"] == code and item["kind"] == "outside"),
        }  # fmt: skip
        results.append(_judge(code, name, found, counts, target, anything=bool(len(tables["park"]))))
    return assembling.assembled(
        target, TITLE, FIGURES, policy, as_of=as_of, period=as_of.isoformat(), units=results, city=None,
        evidence=assembling.evidence_of([*rows, *pieces], ("zone", "zone_level"), tree), findings=findings,
    )  # fmt: skip


def _amount(row: Mapping[str, object]) -> float:
    return float(str(row["amount"]))


def _judge(
    code: str,
    name: str,
    found: dict[str, float | None],
    counts: Mapping[str, int],
    target: Target,
    *,
    anything: bool,
) -> UnitResult:
    if not anything:
        text = tr("项目中没有园区数据，请先导入园区图层（含所属开发区）")
        return UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), text)
    wanted = int(target.parameters["zones"])
    unknown = int(found["without_zone"] or 0)
    right = len(counts) == wanted and target.holds(found[target.figure] or 0.0)
    if not found["parks"]:
        text = tr("没有园区，应有开发区 {wanted} 个", wanted=wanted)
    else:
        each = [tr("{zone} {count} 个园区", zone=zone, count=count) for zone, count in sorted(counts.items())]
        text = tr(
            "开发区 {zones} 个（应为 {wanted} 个）：{each}；每区应有园区 {least} 个以上",
            zones=len(counts),
            wanted=wanted,
            each=joined(each) or tr("无"),
            least=f"{target.value:g}",
        )
    # A park without its zone may be one more of this zone or of another: that decides nothing only if
    # there are too many zones already.
    undecided = unknown > 0 and len(counts) <= wanted
    if unknown:
        text += tr("；{count} 个园区未填所属开发区", count=unknown)
    if undecided:
        text += tr("，未判定，请补填")
        verdict = Verdict.NOT_JUDGED
    else:
        verdict = Verdict.MET if right else Verdict.SHORT
    for key, words in (
        ("overlap", mark("；园区相互重叠 {area} ㎡")),
        ("outside", mark("；园区越出本单元 {area} ㎡")),
    ):
        if found[key]:
            text += tr(words, area=f"{found[key]:,.2f}")
    return UnitResult(code, name, verdict, found, text)


def _park_rows(parks: Parks, zones: list[str], areas: NDArray[np.float64]) -> list[dict[str, object]]:
    levels = code_table("zone_level")
    return [
        {
            "unit": parks.unit[row], "table": "park", "uuid": parks.uuids[row], "label": parks.names[row],
            "amount": float(areas[row]),
            "why": tr("属{zone}", zone=zone) if zone else tr("未填所属开发区"), "zone": zone,
            "zone_level": levels.title(level), "kind": "park", "geometry": parks.shapes[row],
        }
        for row, (zone, level) in enumerate(zip(zones, read.texts(parks.frame, "zone_level"), strict=True))
    ]  # fmt: skip


def _overlaps(parks: Parks, target: Target, tree: UnitTree) -> list[dict[str, object]]:
    """Land that two parks have, wider than the policy's rim."""
    pieces = overlay(parks.shapes, parks.shapes)
    kept = np.flatnonzero(pieces.left < pieces.right)
    rim = float(target.parameters["rim_width"])
    kept = kept[width(pieces.geometry[kept], limit=rim) >= rim]
    areas = ellipsoidal_area(pieces.geometry[kept], tree.epsg)
    rows = []
    for piece, area in zip(kept, areas, strict=True):
        left, right = int(pieces.left[piece]), int(pieces.right[piece])
        why = tr("与“{other}”重叠 {area} ㎡", other=parks.names[right], area=f"{area:,.2f}")
        rows.append(_piece(parks, left, "overlap", why, float(area), pieces.geometry[piece]))
    return rows


def _outside(parks: Parks, target: Target, tree: UnitTree) -> list[dict[str, object]]:
    """Land of a park beyond the unit that has the most of it, wider than the policy's rim."""
    codes = list(tree.codes)
    own = np.array([codes.index(code) if code in codes else -1 for code in parks.unit], dtype=np.int64)
    known = np.flatnonzero((own >= 0) & ~shapely.is_missing(parks.shapes))
    known = known[~shapely.is_empty(tree.net[own[known]])]  # units known by name only have no outline
    beyond = clipping.difference(clipping.valid(parks.shapes[known]), tree.net[own[known]])
    rim = float(target.parameters["rim_width"])
    wide = width(beyond, limit=rim) >= rim
    areas = ellipsoidal_area(beyond, tree.epsg)
    rows = []
    for place in np.flatnonzero(wide):
        why = tr("越出本单元 {area} ㎡", area=f"{areas[place]:,.2f}")
        rows.append(_piece(parks, int(known[place]), "outside", why, float(areas[place]), beyond[place]))
    return rows


def _piece(
    parks: Parks, row: int, kind: str, why: str, area: float, shape: shapely.Geometry
) -> dict[str, object]:
    return {
        "unit": parks.unit[row], "table": "park", "uuid": parks.uuids[row], "label": parks.names[row], "amount": area,
        "why": why, "zone": "", "zone_level": "", "kind": kind, "geometry": shape,
    }  # fmt: skip
