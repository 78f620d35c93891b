"""What the warnings have to know around an edit: plan, lines, parcels and contracts near it, before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.store.base import Box, Condition
from layers.checks import block_lines
from layers.checks import tables as read
from layers.checks.land_use_change import PLAN_COLUMNS, Plan, read_plan
from layers.checks.recorded_uses import CONTRACT_COLUMNS, PARCEL_COLUMNS
from layers.checks.rezoning import TARGET
from layers.codes import LandUseCodes
from layers.editing.edit import Edit
from layers.policy import Target
from layers.snapshots import SNAPSHOT_TABLE
from layers.units import UnitTree

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["Surroundings", "around", "extent"]

T = TypeVar("T")


@dataclass(frozen=True)
class Surroundings:
    """Tables of a project near an edit, each as stored and with the edit laid over it.

    ``day`` is that on which lines, plan and contracts are looked at. Nothing is read until it is asked for.
    """

    project: Project
    edit: Edit
    day: dt.date
    _read: dict[tuple[object, ...], Any] = field(default_factory=dict, repr=False)

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
        where = [Condition("snapshot", "in", list(names))]
        return self._once(
            ("plots", box, *names),
            lambda: self.project.read("land_use", bbox=box, columns=PLAN_COLUMNS, where=where),
        )

    def newest_plan(self, box: Box) -> Plan | None:
        """The newest plan in a box, None without a snapshot."""
        if not self.snapshots:
            return None
        return read_plan(self.plots(box, [self.snapshots[-1][1]]), self.codes)

    # --- block lines --------------------------------------------------------------------------------

    @cached_property
    def reach(self) -> Box | None:
        """Everything that the edit touches: its geometries, and the parcels that its contracts name."""
        boxes = [self.edit.box]
        if "transfer" in self.edit.layers:
            boxes += [extent(self.parcels_named(after=after)) for after in (False, True)]
        known = [box for box in boxes if box is not None]
        return around(known) if known else None

    @cached_property
    def lined(self) -> bool:
        """Whether any block line, of whatever time, comes near the edit; asked without making a frame."""
        if "block_line" in self.edit.layers:
            return True
        return self.reach is not None and bool(self.project.store.read_wkb("block_line", self.reach)[0])

    @cached_property
    def line_versions(self) -> gpd.GeoDataFrame:
        """Stored versions of the blocks that the edit may touch, all versions of each."""
        near = self.project.read("block_line", bbox=self.reach, columns=["code"]) if self.reach else None
        codes = set() if near is None else set(near["code"].dropna())
        changed = self.edit.layers.get("block_line")
        if changed is not None:
            codes |= {code for frame in (changed.before, changed.after) for code in frame["code"].dropna()}
        return self.project.read("block_line", where=[Condition("code", "in", sorted(codes))])

    @cached_property
    def line_versions_after(self) -> gpd.GeoDataFrame:
        """The same with the edit laid over."""
        return self._laid_over("block_line", self.line_versions)

    def lines(self, *, after: bool = False, day: np.datetime64 | None = None) -> block_lines.Lines:
        """Lines in force on a day (None: the day), as stored or with the edit."""
        versions = self.line_versions_after if after else self.line_versions
        when = self.today if day is None else day
        return self._once(
            ("lines", after, when), lambda: block_lines.read_lines(block_lines.in_force(versions, when))
        )

    # --- parcels and contracts ----------------------------------------------------------------------

    def parcels(self, box: Box, *, after: bool = False) -> gpd.GeoDataFrame:
        """Parcels in a box with what they say of their use."""
        table = self._once(
            ("parcels", box), lambda: self.project.read("parcel", bbox=box, columns=PARCEL_COLUMNS)
        )
        return self._laid_over("parcel", table) if after else table

    def parcels_touched(self, *, after: bool = False) -> gpd.GeoDataFrame:
        """The parcels of the edit, with their codes even where it holds their boundaries only."""
        changed = self.edit.layers.get("parcel")
        if changed is None:
            return self.project.read("parcel", columns=PARCEL_COLUMNS, limit=0)
        frame = changed.after if after else changed.before
        if changed.whole:
            return frame
        stored = self._once(("touched",), lambda: self._parcels_where("uuid", changed.before.index))
        known = pd.DataFrame(stored.drop(columns="geometry")).set_index("uuid")
        return frame.join(known.reindex(frame.index))

    def parcels_named(self, *, after: bool = False) -> gpd.GeoDataFrame:
        """Parcels that the contracts of the edit name, and those that came of them."""
        table = self._once(("named",), self._read_named)
        return self._laid_over("parcel", table) if after else table

    def _read_named(self) -> gpd.GeoDataFrame:
        changed = self.edit.layers.get("transfer")
        frames = () if changed is None else (changed.before, changed.after)
        wanted = {number for frame in frames for number in read.texts(frame, "parcel_no")} - {""}
        table = self._parcels_where("parcel_no", wanted)
        lost = wanted - set(table["parcel_no"].dropna())
        if not lost:
            return table
        reached = set(self.lineage.loc[self.lineage["parent_no"].isin(lost), "child"])
        while more := set(self.lineage.loc[self.lineage["parent"].isin(reached), "child"]) - reached:
            reached |= more
        both = [item for item in (table, self._parcels_where("uuid", reached)) if len(item)] or [table]
        return gpd.GeoDataFrame(pd.concat(both), geometry="geometry", crs=self.project.epsg)

    def _parcels_where(self, column: str, values: Iterable[str]) -> gpd.GeoDataFrame:
        where = [Condition(column, "in", sorted(values))]
        return self.project.read("parcel", columns=PARCEL_COLUMNS, where=where)

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
        wanted = sorted(set(numbers) - {""})

        def stored() -> gpd.GeoDataFrame:
            placed = self.project.read("transfer", bbox=box, columns=CONTRACT_COLUMNS)
            where = [Condition("parcel_no", "in", wanted)]
            named = (
                self.project.read("transfer", columns=CONTRACT_COLUMNS, where=where) if wanted else placed[:0]
            )
            named = named[~named["uuid"].isin(placed["uuid"])]
            both = [item for item in (placed, named) if len(item)] or [placed]
            return gpd.GeoDataFrame(pd.concat(both), geometry="geometry", crs=self.project.epsg)

        table = self._once(("contracts", box, *wanted), stored)
        return self._laid_over("transfer", table) if after else table

    def _laid_over(self, layer: str, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        changed = self.edit.layers.get(layer)
        return table if changed is None else changed.laid_over(table)

    def _once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        if key not in self._read:
            self._read[key] = make()
        found: T = self._read[key]
        return found


def extent(frame: gpd.GeoDataFrame) -> Box | None:
    """Box around the geometries of a table, None without any."""
    shapes = read.geometries(frame)
    there = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(there):
        return None
    west, south, east, north = (float(value) for value in shapely.total_bounds(there))
    return west, south, east, north


def around(boxes: Sequence[Box]) -> Box:
    """One box that holds all of them."""
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
