"""How bad is a change of planned use: keys by which rows are compared, severities by the policy's matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import tr
from layers.checks import tables as read
from layers.checks.result import Finding
from layers.codes import LandUseCodes
from layers.policy import Target
from layers.policy_rules import SEVERITIES

__all__ = [
    "INDUSTRIAL", "PLAN_COLUMNS", "Plan", "change_severity", "counted_share", "findings_of_uses", "graver", "lowered",
    "plan_findings", "read_plan", "uses_of",
]  # fmt: skip

# What is read of a snapshot's rows, besides uuid and geometry.
PLAN_COLUMNS = ("snapshot", "scheme", "code", "industrial_share")
INDUSTRIAL = ("industrial", "industrial_mixed")
_BUSINESS = ("residential", "commercial")


@dataclass(frozen=True)
class Plan:
    """Rows of one snapshot as parallel arrays; equal ``key`` means the same planned use."""

    shapes: NDArray[np.object_]
    schemes: list[str]
    codes: list[str]
    classes: NDArray[np.object_]
    parts: list[tuple[str, ...]]
    share: NDArray[np.float64]
    key: NDArray[np.object_]
    uuids: list[str]
    stated: NDArray[np.float64] | None = None  # shares of industry that the rows themselves state
    number: NDArray[np.int64] | None = (
        None  # which of the different codes each row has, where they were told apart
    )

    @cached_property
    def kinds(self) -> tuple[list[tuple[str, tuple[str, ...]]], NDArray[np.int64]]:
        """Different classes with their parts, and which of them each row has: a dozen in a million rows."""
        number = self.number
        if number is None:
            parts = np.empty(len(self.parts), dtype=object)
            parts[:] = self.parts
            number = pd.factorize(parts)[0] * np.int64(len(parts) + 1) + pd.factorize(self.classes)[0]
        _codes, first, row = np.unique(number, return_index=True, return_inverse=True)
        return [(self.classes[at], self.parts[at]) for at in first.tolist()], row

    def rows_of(self, classes: Collection[str]) -> NDArray[np.int64]:
        """Rows of some classes."""
        kinds, row = self.kinds
        wanted = np.array([use in classes for use, _parts in kinds], dtype=np.bool_)
        return np.flatnonzero(wanted[row]) if len(kinds) else np.empty(0, dtype=np.int64)

    def business_share(self, row: int) -> float:
        """Share of a row's parts that is residential or commercial."""
        parts = self.parts[row]
        return sum(use in _BUSINESS for use in parts) / len(parts)


def read_plan(frame: gpd.GeoDataFrame, codes: LandUseCodes) -> Plan:
    """Normalise the rows of a snapshot; the scheme itself is no part of the key (§3.3).

    Worked out once for each code that occurs, not for each of a million rows.
    """
    schemes, texts, row = _each_code(frame)
    stated = read.figures(frame, "industrial_share")
    parts = np.empty(len(texts), dtype=object)
    for number, pair in enumerate(zip(schemes, texts, strict=True)):
        parts[number] = codes.parts(*pair)
    equal = codes.industrial_share(schemes, texts, counted=INDUSTRIAL)[row]
    share = np.where(np.isnan(stated) | (equal == 0.0), equal, np.clip(stated, 0.0, 1.0))
    key = np.array(["+".join(sorted(item)) for item in parts], dtype=object)[row]
    several = np.array([len(item) > 1 for item in parts], dtype=np.bool_)[row]
    for at in np.flatnonzero(several).tolist():  # mixed uses only
        key[at] = f"{key[at]}@{share[at]:.6f}"
    return Plan(
        shapes=read.geometries(frame),
        schemes=np.array(schemes, dtype=object)[row].tolist(),
        codes=np.array(texts, dtype=object)[row].tolist(),
        classes=codes.classes(schemes, texts)[row],
        parts=parts[row].tolist(),
        share=share,
        key=key,
        uuids=read.texts(frame, "uuid"),
        stated=stated,
        number=row,
    )


def _each_code(frame: gpd.GeoDataFrame) -> tuple[list[str], list[str], NDArray[np.int64]]:
    """Scheme and code of each pair that occurs, and which pair each row has."""
    pairs, row = read.distinct(frame, "scheme", "code")
    return [scheme for scheme, _code in pairs], [code for _scheme, code in pairs], row


def counted_share(plan: Plan, counted: Collection[str]) -> NDArray[np.float64]:
    """Share of each row (0 to 1) that is of the classes ``counted``: stated, else equal shares of the parts."""
    classes, names = pd.factorize(plan.classes)
    plain = np.array([float(name in counted) for name in names], dtype=np.float64)
    share = plain[classes] if len(names) else np.zeros(len(plan.classes))
    mixed = np.array([name in ("industrial_mixed", "mixed") for name in names], dtype=np.bool_)
    for row in np.flatnonzero(mixed[classes] if len(names) else []).tolist():  # mixed uses only
        parts = plan.parts[row]
        share[row] = sum(part in counted for part in parts) / len(parts)
    if plan.stated is None:
        return share
    return np.where(np.isnan(plan.stated) | (share == 0.0), share, np.clip(plan.stated, 0.0, 1.0))


def plan_findings(before: Plan, after: Plan) -> list[Finding]:
    """What a person must know of two states that are compared: different schemes, codes that nobody knows."""
    return findings_of_uses(uses_of(before), uses_of(after))


def uses_of(plan: Plan) -> Counter[tuple[str, str, bool]]:
    """How many rows have a scheme and code, which with the third are known or (True) not."""
    if plan.number is None:
        return Counter(
            zip(plan.schemes, plan.codes, ("unknown" in parts for parts in plan.parts), strict=True)
        )
    _numbers, first, counts = np.unique(plan.number, return_index=True, return_counts=True)
    order = np.argsort(first)  # as they come in the plan
    return Counter(
        {
            (plan.schemes[row], plan.codes[row], "unknown" in plan.parts[row]): count
            for row, count in zip(first[order].tolist(), counts[order].tolist(), strict=True)
        }
    )


def findings_of_uses(
    before: Counter[tuple[str, str, bool]], after: Counter[tuple[str, str, bool]]
) -> list[Finding]:
    """`plan_findings` of counted uses."""
    findings = []
    schemes = sorted({scheme for uses in (before, after) for scheme, _code, _strange in +uses} - {""})
    if len(schemes) > 1:
        text = tr("两期规划使用不同分类标准（{names}），按归一类别比较", names=tr("、").join(schemes))
        findings.append(Finding("note", text, "land_use"))
    for uses, when in ((before, tr("前期")), (after, tr("后期"))):
        for (scheme, code, strange), count in uses.most_common():
            if strange and count > 0:
                text = tr(
                    "{when}代码 {code} 未知，{count} 个图斑未判定",
                    when=when,
                    code=f"{scheme} {code}".strip(),
                    count=count,
                )
                findings.append(Finding("warning", text, "land_use"))
    return findings


def change_severity(
    target: Target,
    before_class: str,
    before_parts: tuple[str, ...],
    after_parts: tuple[str, ...] | None,
    less_industry: bool,
) -> str:
    """Severity by the policy's matrix; ``after_parts`` None is land that the later plan does not show.

    The worst of what the land became: all parts, but where a mixed use keeps an industrial part, only the
    parts that are new. A smaller share of industry in a mixed use is a change like that of industrial to
    mixed use.
    """
    matrix = target.parameters["matrix"]
    row = matrix[before_class]
    if after_parts is None:
        return str(row["uncovered"])
    found = ["none"]
    stays = len(after_parts) > 1 and any(part in INDUSTRIAL for part in after_parts)
    counted = after_parts
    if stays and len(before_parts) > 1:
        counted = tuple(part for part in after_parts if part not in before_parts)
    found += [str(row[part]) for part in counted]
    if stays:
        found.append(str(row["industrial_mixed"]))
    if stays and less_industry:
        found.append(str(matrix.get("industrial", row)["industrial_mixed"]))
    return graver(*found)


def graver(*severities: str) -> str:
    """The gravest of severities."""
    return min(severities, key=SEVERITIES.index)


def lowered(severity: str, steps: int) -> str:
    """A severity some steps less grave."""
    return SEVERITIES[min(SEVERITIES.index(severity) + steps, len(SEVERITIES) - 1)]
