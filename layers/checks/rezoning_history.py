"""What earlier states of plan and lines lost and the last two snapshots do not show.

The last two snapshots, with the lines of the first one's day, are compared by `layers.checks.rezoning`. Land may also have been
lost before them, or inside a version of a line that was in force on none of these days. Each snapshot is therefore
compared once more, with every version of a line that was in force while it stood; what is found already is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.change import width
from gis.overlay import overlay
from layers.checks import block_lines
from layers.checks import tables as read
from layers.checks.plan_states import plan_of
from layers.checks.rezoning_compare import graded
from layers.checks.rezoning_pieces import Pieces, find_pieces, land_parts
from layers.checks.rezoning_table import table_by_unit
from layers.codes import LandUseCodes
from layers.policy import Target
from layers.policy_rules import SEVERITIES
from layers.units import UnitTree

__all__ = ["earlier_pieces", "since"]

Objects = NDArray[np.object_]
Snapshots = Sequence[tuple[np.datetime64, str]]

# How states are compared where an older policy does not say it: no loss is forgotten.
_MODE = "each"


def since(snapshots: Snapshots, target: Target) -> list[tuple[np.datetime64, str]]:
    """The states that count: from the day the policy names (the state of that day begins on it), else all."""
    stated = str(target.parameters.get("since", ""))
    if not stated:
        return list(snapshots)
    day = np.datetime64(stated, "D")
    before = [number for number, (date, _name) in enumerate(snapshots) if date <= day]
    kept = list(snapshots[before[-1] :]) if before else list(snapshots)
    return [(max(date, day), name) for date, name in kept]


def earlier_pieces(
    land_use: gpd.GeoDataFrame,
    snapshots: Snapshots,
    block_line: gpd.GeoDataFrame,
    planned: gpd.GeoDataFrame,
    today: np.datetime64,
    tree: UnitTree,
    target: Target,
    codes: LandUseCodes,
) -> gpd.GeoDataFrame:
    """Pieces with the columns of ``planned`` (those of the last two snapshots) and ``states``, newest first.

    ``snapshots`` are those that count, oldest first, at least one. By the policy each is held against the newest
    state (land given back since is no loss), against the next one (``chain``: every loss is told), or none is
    (``last``).
    """
    mode = str(target.parameters.get("snapshots", _MODE))
    nothing = planned.iloc[:0].assign(states=[])
    if mode == "last":
        return nothing
    last = len(snapshots) - 1
    compared = max(last - 1, 0)  # of the last two, the earlier one
    shapes = [np.asarray(planned.geometry.to_numpy(), dtype=object)]
    severities = [planned["severity"].to_numpy(dtype=object)]
    tables: list[gpd.GeoDataFrame] = []
    for number in range(last, -1, -1):  # a snapshot a year
        start, name = snapshots[number]
        end = snapshots[number + 1][0] if number < last else today + np.timedelta64(1, "D")
        versions = _during(block_line, start, end)
        for done, day in ((compared, start), (last, today)):
            if number == done:
                versions = versions.drop(index=block_lines.in_force(block_line, day).index, errors="ignore")
        if not len(versions):
            continue
        newest = mode == "each" or number >= compared
        day, later = snapshots[last] if newest else snapshots[number + 1]
        lines_on = today if newest else day
        before, after = plan_of(land_use, name, codes), plan_of(land_use, later, codes)
        old = block_lines.read_lines(versions)
        new = block_lines.read_lines(block_lines.in_force(block_line, lines_on))
        protected = before.rows_of(target.parameters["matrix"])
        raw = find_pieces(protected, before, after, old, new)
        ways, found = graded(raw, before, after, old, new, target)
        kept = np.flatnonzero(found != "none")
        rows, fresh = _fresh(raw.taken(kept, raw.shapes[kept]), found[kept], shapes, severities)
        if not len(rows):
            continue
        table = table_by_unit(
            fresh, ways[kept][rows], found[kept][rows], before, after, old, tree, target, codes, tree.epsg
        )
        tables.append(table.assign(states=f"{name} {start} → {later} {lines_on}"))
        shapes.append(np.asarray(table.geometry.to_numpy(), dtype=object))
        severities.append(table["severity"].to_numpy(dtype=object))
    if not tables:
        return nothing
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=tree.epsg)


def _during(frame: gpd.GeoDataFrame, start: np.datetime64, end: np.datetime64) -> gpd.GeoDataFrame:
    """Versions of lines that were in force on any day from ``start`` until before ``end``."""
    begins, ends = read.dates(frame, "valid_from"), read.dates(frame, "valid_to")
    return frame[~(begins >= end) & ~(ends <= start) & ~(ends <= begins)]


def _fresh(
    pieces: Pieces, severities: Objects, shapes: Sequence[Objects], graver: Sequence[Objects]
) -> tuple[NDArray[np.int64], Pieces]:
    """Parts of pieces that lie in no piece of ``shapes`` that is as grave: rows of the pieces, and the parts."""
    known, known_severity = np.concatenate(shapes), np.concatenate(graver)
    rank = np.array([SEVERITIES.index(item) for item in severities], dtype=np.int64)
    known_rank = np.array([SEVERITIES.index(item) for item in known_severity], dtype=np.int64)
    pairs = overlay(pieces.shapes, known, clip=False)
    covers = known_rank[pairs.right] <= rank[pairs.left] if len(known) else np.zeros(0, dtype=bool)
    left, right = pairs.left[covers], pairs.right[covers]
    rest = pieces.shapes.copy()
    for row in np.unique(left):  # pieces that were found before: few
        rest[row] = shapely.difference(rest[row], shapely.union_all(known[right[left == row]]))
    parts, rows = land_parts(rest)
    found = pieces.taken(rows, parts)
    # What is left over along a border is no land of its own.
    return rows, replace(found, width=np.minimum(found.width, width(parts)))
