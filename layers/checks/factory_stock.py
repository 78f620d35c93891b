"""标准化厂房 as arrays: which buildings stand on a day, what leases take of them, which are still to come.

What counts is said by the target of the policy; the definitions are those of the domain reference §7.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import tr
from layers.checks import tables as read
from layers.checks.result import Finding
from layers.policy import Target

__all__ = ["Stock", "countable", "due_dates", "labels_of", "pipeline", "read_stock", "undecided"]


@dataclass(frozen=True)
class Stock:
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


def labels_of(frame: pd.DataFrame) -> list[str]:
    """Number and name of each building, as findings name it."""
    return [
        f"{number} {name}".strip()
        for number, name in zip(read.texts(frame, "building_id"), read.texts(frame, "name"), strict=True)
    ]


def countable(factories: gpd.GeoDataFrame, target: Target, findings: list[Finding]) -> gpd.GeoDataFrame:
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


def read_stock(
    frame: gpd.GeoDataFrame, leases: pd.DataFrame, target: Target, findings: list[Finding]
) -> Stock:
    """Arrays of buildings and leases, with findings on what does not fit together."""
    uuids, labels = read.texts(frame, "uuid"), labels_of(frame)
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
    return Stock(
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


def undecided(
    frame: gpd.GeoDataFrame,
    stock: Stock,
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


def due_dates(frame: gpd.GeoDataFrame, stock: Stock, day: np.datetime64) -> NDArray[np.datetime64]:
    """When what is not accepted on the day but being built is to be complete; NaT for all others.

    An acceptance after the day is not known on it: it stands in only where no plan is stated.
    """
    building = np.array(
        [state == "under_construction" for state in read.texts(frame, "state")], dtype=np.bool_
    )
    later = stock.accepted > day
    planned = read.dates(frame, "planned_completion")
    due = np.where(np.isnat(planned) & later, stock.accepted, planned)
    coming = (building | later) & ~(stock.accepted <= day) & ~stock.gone
    return np.where(coming, due, np.datetime64("NaT", "D"))


def pipeline(due: NDArray[np.datetime64], day: np.datetime64, target: Target) -> NDArray[np.bool_]:
    """Due within the policy's months; overdue ones are still due."""
    months = int(target.parameters["pipeline_months"])
    limit = np.datetime64((pd.Timestamp(day) + pd.DateOffset(months=months)).date(), "D")
    return np.asarray(due <= limit)
