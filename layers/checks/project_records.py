"""项目 and the ledgers that belong to them, as the checks read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import tr
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.result import Finding
from layers.units import UnitTree

__all__ = ["Listed", "Projects", "in_yi", "manufacturing", "read_list", "read_projects", "year_of"]

_WAN_IN_YI = 10_000


@dataclass(frozen=True)
class Projects:
    """The project layer as parallel sequences; ``row`` finds a project by its number."""

    frame: gpd.GeoDataFrame
    uuids: list[str]
    ids: list[str]
    labels: list[str]
    unit: NDArray[np.object_]
    shapes: NDArray[np.object_]
    row: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True)
class Listed:
    """Rows of one list of one year that stand on the day, one for each project.

    ``project`` is the position in the project layer or -1; ``anything`` tells that the ledger has that list and year
    at all, whatever the day; ``removed`` counts the rows taken off by the day.
    """

    frame: pd.DataFrame
    ids: list[str]
    labels: list[str]
    project: NDArray[np.int64]
    unit: NDArray[np.object_]
    shapes: list[object]
    removed: int
    anything: bool


def read_projects(frame: gpd.GeoDataFrame, tree: UnitTree, findings: list[Finding]) -> Projects:
    """All projects, with their units; of a number that stands twice the first is found."""
    ids, names = read.texts(frame, "project_id"), read.texts(frame, "name")
    row: dict[str, int] = {}
    for position, number in enumerate(ids):
        if number and row.setdefault(number, position) != position:
            text = tr("项目代码 {number} 重复，台账按第一行对应", number=number)
            findings.append(Finding("warning", text, "investment", read.texts(frame, "uuid")[position]))
    labels = [f"{number} {name}".strip() for number, name in zip(ids, names, strict=True)]
    unit = assembling.placed(frame, tree, "investment", findings)
    return Projects(frame, read.texts(frame, "uuid"), ids, labels, unit, read.geometries(frame), row)


def in_yi(wan: Decimal) -> float:
    """亿元 of 万元."""
    return float(wan / _WAN_IN_YI)


def year_of(period: str, as_of: dt.date, year: int | None) -> int:
    """The year of a target: its own where it names one ("2024"), else the one asked for, else that of the day."""
    if period.isdecimal():
        return int(period)
    return as_of.year if year is None else year


def read_list(
    frame: pd.DataFrame,
    kind: str,
    year: int,
    projects: Projects,
    tree: UnitTree,
    as_of: dt.date,
    findings: list[Finding],
) -> Listed:
    """The list ``kind`` of a year as it stands on the day; a project that stands on it twice counts once."""
    day = read.day_number(as_of)
    right = np.array([item == kind for item in read.texts(frame, "list")], dtype=np.bool_)
    right &= read.figures(frame, "year") == year
    known = right & ~(read.dates(frame, "listed_on") > day)
    gone = known & (read.dates(frame, "removed_on") <= day)
    chosen = frame[known & ~gone]
    ids, uuids = read.texts(chosen, "project_id"), read.texts(chosen, "uuid")
    keep: list[int] = []
    seen: set[str] = set()
    for row, number in enumerate(ids):  # some hundreds of projects
        if number in seen:
            text = tr("{year}年名单中项目 {number} 重复，只计一次", year=year, number=number)
            findings.append(Finding("warning", text, "project_list", uuids[row]))
        else:
            seen.add(number)
            keep.append(row)
    chosen = chosen.iloc[keep]
    ids = [ids[row] for row in keep]
    project = np.array([projects.row.get(number, -1) for number in ids], dtype=np.int64)
    unit = np.full(len(ids), None, dtype=object)
    shapes: list[object] = [None] * len(ids)
    labels = []
    for row, (own, number, name, text) in enumerate(
        zip(project, ids, read.texts(chosen, "name"), read.texts(chosen, "unit"), strict=True)
    ):
        unit[row] = projects.unit[own] if own >= 0 and projects.unit[own] is not None else tree.resolve(text)
        shapes[row] = projects.shapes[own] if own >= 0 else None
        labels.append(f"{number} {name}".strip() if name or own < 0 else projects.labels[own])
    nowhere = sum(code is None for code in unit)
    if nowhere:
        text = tr("名单中 {count} 个项目无法归属单元，只计入全市", count=nowhere)
        findings.append(Finding("warning", text, "project_list"))
    return Listed(chosen, ids, labels, project, unit, shapes, int(gone.sum()), bool(right.any()))


def manufacturing(frame: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each project is of manufacturing, and whether that is stated at all."""
    if "is_manufacturing" not in frame.columns:
        nothing = np.zeros(len(frame), dtype=np.bool_)
        return nothing, nothing
    stated = frame["is_manufacturing"].notna().to_numpy(dtype=np.bool_)
    return read.booleans(frame, "is_manufacturing"), stated
