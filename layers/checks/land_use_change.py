"""How bad is a change of planned use: keys by which rows are compared, severities by the policy's matrix."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from layers.checks import tables as read
from layers.codes import LandUseCodes
from layers.policy import Target
from layers.policy_rules import SEVERITIES

__all__ = ["INDUSTRIAL", "PLAN_COLUMNS", "Plan", "change_severity", "graver", "lowered", "read_plan"]

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

    def business_share(self, row: int) -> float:
        """Share of a row's parts that is residential or commercial."""
        parts = self.parts[row]
        return sum(use in _BUSINESS for use in parts) / len(parts)


def read_plan(frame: gpd.GeoDataFrame, codes: LandUseCodes) -> Plan:
    """Normalise the rows of a snapshot; the scheme itself is no part of the key (§3.3)."""
    schemes, texts = read.texts(frame, "scheme"), read.texts(frame, "code")
    share = codes.industrial_share(
        schemes, texts, read.figures(frame, "industrial_share"), counted=INDUSTRIAL
    )
    pairs = list(zip(schemes, texts, strict=True))
    known = {pair: codes.parts(*pair) for pair in set(pairs)}
    parts = [known[pair] for pair in pairs]
    key = np.array(
        [
            "+".join(sorted(item)) + (f"@{part:.6f}" if len(item) > 1 else "")
            for item, part in zip(parts, share, strict=True)
        ],
        dtype=object,
    )
    return Plan(
        shapes=read.geometries(frame),
        schemes=schemes,
        codes=texts,
        classes=codes.classes(schemes, texts),
        parts=parts,
        share=share,
        key=key,
        uuids=read.texts(frame, "uuid"),
    )


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
