"""What the warnings have to know around an edit: plan, lines, parcels and contracts near it, before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.store.base import Box, Condition
from layers.checks import block_lines
from layers.checks import tables as read
from layers.checks.land_use_change import Plan, read_plan
from layers.checks.rezoning import TARGET
from layers.codes import LandUseCodes
from layers.editing.edit import Edit
from layers.policy import Target
from layers.snapshots import SNAPSHOT_TABLE
from layers.units import UnitTree

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["Surroundings"]

_PARCEL = ["parcel_no", "land_use_code", "land_use_scheme", "land_use_name"]
_TRANSFER = [
    "supervision_no", "project", "parcel_no", "use_name", "use_code", "use_scheme", "term", "contract_on",
    "cancelled_on", "planned",
]  # fmt: skip


@dataclass(frozen=True)
class Surroundings:
    """Tables of a project near an edit, each as stored and with the edit laid over it.

    ``day`` is that on which lines, plan and contracts are looked at. Nothing is read until it is asked for.
    """

    project: Project
    edit: Edit
    day: dt.date

    @cached_property
    def target(self) -> Target:
        """The policy's demand about land inside lines."""
        return self.project.policy.target(TARGET)

    @cached_property
    def tree(self) -> UnitTree:
        """The units that the policy wants judged."""
        return read.tree_for(self.project.units(), self.target.parameters["units"])

    @property
    def codes(self) -> LandUseCodes:
        """The project's land-use codes."""
        return self.project.codes

    @property
    def today(self) -> np.datetime64:
        """``day`` as it compares with columns of dates."""
        return read.day_number(self.day)

    @cached_property
    def snapshots(self) -> list[tuple[np.datetime64, str]]:
        """Date and name of the plan's snapshots up to the day, oldest first."""
        frame = self.project.read(SNAPSHOT_TABLE.name, columns=["name", "date"], geometry=False)
        days = read.dates(frame, "date")
        names = read.texts(frame, "name")
        return sorted((days[row], names[row]) for row in np.flatnonzero(days <= self.today).tolist())

    def plots(self, box: Box, names: Sequence[str]) -> gpd.GeoDataFrame:
        """Plots of these snapshots in a box."""
        columns = ["code", "scheme", "industrial_share", "snapshot"]
        where = [Condition("snapshot", "in", list(names))]
        return self.project.read("land_use", bbox=box, columns=columns, where=where)

    def newest_plan(self, box: Box) -> Plan | None:
        """The newest plan in a box, None without a snapshot."""
        if not self.snapshots:
            return None
        return read_plan(self.plots(box, [self.snapshots[-1][1]]), self.codes)

    # --- block lines --------------------------------------------------------------------------------

    @cached_property
    def line_versions(self) -> gpd.GeoDataFrame:
        """Every stored version of the block lines, geometry included: there are some hundreds at most."""
        return self.project.read("block_line")

    @cached_property
    def line_versions_after(self) -> gpd.GeoDataFrame:
        """The same with the edit laid over."""
        changed = self.edit.layers.get("block_line")
        return self.line_versions if changed is None else changed.laid_over(self.line_versions)

    def lines(self, *, after: bool = False, day: np.datetime64 | None = None) -> block_lines.Lines:
        """Lines in force on a day (None: the day), as stored or with the edit."""
        versions = self.line_versions_after if after else self.line_versions
        return block_lines.read_lines(block_lines.in_force(versions, self.today if day is None else day))

    # --- parcels and contracts ----------------------------------------------------------------------

    def parcels(self, box: Box, *, after: bool = False) -> gpd.GeoDataFrame:
        """Parcels in a box with what they say of their use."""
        table = self.project.read("parcel", bbox=box, columns=_PARCEL)
        return self._laid_over("parcel", table) if after else table

    def parcels_numbered(self, numbers: Iterable[str], *, after: bool = False) -> gpd.GeoDataFrame:
        """Parcels of these numbers and those that came of them."""
        wanted = sorted(set(numbers) - {""})
        table = self.project.read("parcel", columns=_PARCEL, where=[Condition("parcel_no", "in", wanted)])
        lost = set(wanted) - set(table["parcel_no"].dropna())
        mine = self.lineage[self.lineage["parent_no"].isin(lost)]
        reached = set(mine["child"])
        while more := set(self.lineage.loc[self.lineage["parent"].isin(reached), "child"]) - reached:
            reached |= more
        if reached:
            where = [Condition("uuid", "in", sorted(reached))]
            more_rows = self.project.read("parcel", columns=_PARCEL, where=where)
            table = gpd.GeoDataFrame(
                pd.concat([table, more_rows]), geometry="geometry", crs=self.project.epsg
            )
        return self._laid_over("parcel", table) if after else table

    @cached_property
    def lineage(self) -> pd.DataFrame:
        """Which parcel came of which; the edit's own descents included."""
        columns = ["layer", "child", "parent", "parent_no", "operation"]
        where = [Condition("layer", "=", "parcel")]
        table = pd.DataFrame(self.project.read("lineage", columns=columns, where=where, geometry=False))[
            columns
        ]
        parcels = self.edit.layers.get("parcel")
        fresh = [
            {
                "layer": "parcel",
                "child": descent.child,
                "parent": parent,
                "parent_no": parcels.before["parcel_no"].get(parent),
                "operation": descent.operation,
            }
            for descent in self.edit.descents
            if descent.layer == "parcel" and parcels is not None
            for parent in descent.parents
        ]
        return pd.concat([table, pd.DataFrame(fresh, columns=columns)], ignore_index=True) if fresh else table

    def contracts(self, box: Box, numbers: Iterable[str], *, after: bool = False) -> gpd.GeoDataFrame:
        """Transfers with an outline in a box, and those without one that name one of these parcels."""
        placed = self.project.read("transfer", bbox=box, columns=_TRANSFER)
        wanted = sorted(set(numbers) - {""})
        named = self.project.read("transfer", columns=_TRANSFER, where=[Condition("parcel_no", "in", wanted)])
        named = named[~named["uuid"].isin(placed["uuid"])]
        both = [item for item in (placed, named) if len(item)] or [placed]
        table = gpd.GeoDataFrame(pd.concat(both), geometry="geometry", crs=self.project.epsg)
        return self._laid_over("transfer", table) if after else table

    def _laid_over(self, layer: str, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        changed = self.edit.layers.get(layer)
        return table if changed is None else changed.laid_over(table)
