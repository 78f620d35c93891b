"""Protected land inside a line that an edit takes away, piece by piece, as the rezoning check would tell it.

Of the five ways those a planner can go: (2) a parcel's code, (3) a part of a split parcel, (4) a line moved,
(5) a contract for another use. What was lost before the edit already is no news.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.area import ellipsoidal_area
from gis.overlay import overlay
from gis.width import width
from layers.checks import tables as read
from layers.checks.block_lines import Lines, approved_codes, lost_land
from layers.checks.land_use_change import Plan, change_severity
from layers.checks.recorded_uses import parcel_uses, plan_of_uses
from layers.checks.rezoning_pieces import Pieces, graded_by_level, inside_lines, land_parts
from layers.checks.rezoning_records import recorded_pieces
from layers.checks.rezoning_table import MU, table_by_unit
from layers.editing.edit import LayerEdit
from layers.editing.surroundings import Surroundings, extent
from layers.editing.surroundings import around as joined
from layers.policy_rules import SEVERITIES

__all__ = ["lost_pieces"]

Objects = NDArray[np.object_]
Integers = NDArray[np.int64]


def lost_pieces(around: Surroundings) -> gpd.GeoDataFrame:
    """Pieces with the columns of the rezoning check and ``subject``; empty if the edit takes nothing."""
    if not around.lined:
        return _no_pieces(around)
    tables = [
        *_by_parcels(around),
        *_by_contracts(around),
        *_by_lines(around),
    ]
    kept = [item for item in tables if len(item)]
    if not kept:
        return _no_pieces(around)
    return gpd.GeoDataFrame(pd.concat(kept, ignore_index=True), geometry="geometry", crs=around.project.epsg)


# --- parcels ----------------------------------------------------------------------------------------


def _by_parcels(around: Surroundings) -> list[gpd.GeoDataFrame]:
    """Ways (2) and (3): first against the codes that the parcels had, then against the plan."""
    edit = around.edit.layers.get("parcel")
    if edit is None:
        return []
    after = around.parcels_touched(after=True)
    new, labels = _uses_after(around, after)
    box = extent(after)
    # Plain industry takes nothing from industry, wherever its boundary goes.
    if box is None or set(new.classes) == {"industrial"}:
        return []
    lines = around.lines()
    if not len(lines.codes):
        return []
    before = around.parcels_touched()
    own = _against_own_codes(around, edit, before, new, labels, lines)
    if not around.snapshots:
        return [own]
    land_use = around.plots(box, [around.snapshots[-1][1]])
    nothing = _nothing(around)

    def recorded(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return recorded_pieces(
            parcels, nothing, around.lineage, land_use, around.snapshots[-1:], around.line_versions, around.today,
            around.tree, around.target, around.codes, [],
        )  # fmt: skip

    planned = recorded(after)
    return [own, _news(planned, recorded(before), own, around)] if len(planned) else [own]


def _against_own_codes(
    around: Surroundings,
    edit: LayerEdit,
    before: gpd.GeoDataFrame,
    new: Plan,
    labels: list[str],
    lines: Lines,
) -> gpd.GeoDataFrame:
    """Land whose parcel had a protected code and whose parcel is to have another one."""
    matrix = around.target.parameters["matrix"]
    old, _numbers = parcel_uses(before, around.codes, [])
    protected = np.flatnonzero([use in matrix for use in old.classes])
    at_rest = dict(zip(edit.changed, ~edit.moved, strict=True))
    left, right, shapes = _shared_land(old, new, protected, at_rest)
    severity = np.empty(len(left), dtype=object)
    severity[:] = [_own_severity(around, old, new, b, a) for b, a in zip(left, right, strict=True)]
    lost = np.flatnonzero(severity != "none")
    found, severities = inside_lines(
        left[lost], right[lost], severity[lost], shapes[lost], lines, around.target
    )
    if not len(severities):
        return _no_pieces(around)
    split = {item.child: item.parents for item in around.edit.descents if item.operation == "split"}
    ways = np.empty(len(severities), dtype=object)
    ways[:] = [
        "split" if old.uuids[b] in split.get(new.uuids[a], ()) else "parcel"
        for b, a in zip(found.before, found.after, strict=True)
    ]
    table = table_by_unit(
        found,
        ways,
        severities,
        old,
        new,
        lines,
        around.tree,
        around.target,
        around.codes,
        around.project.epsg,
    )
    by_uuid = dict(zip(new.uuids, labels, strict=True))
    return table.assign(subject=[by_uuid[uuid] for uuid in table["after_uuid"]])


def _uses_after(around: Surroundings, parcels: gpd.GeoDataFrame) -> tuple[Plan, list[str]]:
    """All parcels with an outline after the edit; one that says no readable use has the parts ``unknown``."""
    known, _numbers = parcel_uses(parcels, around.codes, [])
    said = {uuid: row for row, uuid in enumerate(known.uuids)}
    shapes = read.geometries(parcels)
    rows = [row for row, shape in enumerate(shapes) if shape is not None and not shape.is_empty]
    uuids, numbers = read.texts(parcels, "uuid"), read.texts(parcels, "parcel_no")
    texts, schemes = read.texts(parcels, "land_use_code"), read.texts(parcels, "land_use_scheme")
    plan = plan_of_uses(
        shapes[rows],
        [known.schemes[said[uuids[row]]] if uuids[row] in said else schemes[row] for row in rows],
        [known.codes[said[uuids[row]]] if uuids[row] in said else texts[row] for row in rows],
        [known.parts[said[uuids[row]]] if uuids[row] in said else ("unknown",) for row in rows],
        [uuids[row] for row in rows],
    )
    return plan, [numbers[row] for row in rows]


def _shared_land(
    old: Plan, new: Plan, protected: Integers, at_rest: Mapping[str, bool]
) -> tuple[Integers, Integers, Objects]:
    """Pairs (row before, row after) of other uses and the land they share; a row at rest is paired with itself."""
    by_uuid = {uuid: row for row, uuid in enumerate(new.uuids)}
    still = [row for row in protected if at_rest.get(old.uuids[row], False) and old.uuids[row] in by_uuid]
    moving = np.setdiff1d(protected, still)
    fresh = np.array(
        [row for row, uuid in enumerate(new.uuids) if not at_rest.get(uuid, False)], dtype=np.int64
    )
    pairs = overlay(old.shapes[moving], new.shapes[fresh])
    own = np.array([by_uuid[old.uuids[row]] for row in still], dtype=np.int64)
    left = np.concatenate([np.array(still, dtype=np.int64), moving[pairs.left]])
    right = np.concatenate([own, fresh[pairs.right]])
    return left, right, np.concatenate([old.shapes[still], pairs.geometry])


def _own_severity(around: Surroundings, old: Plan, new: Plan, before: int, after: int) -> str:
    parts = new.parts[after]
    if set(parts) == set(old.parts[before]) or set(parts) == {"industrial"}:
        return "none"
    fewer = bool(new.share[after] < old.share[before])
    return change_severity(around.target, old.classes[before], old.parts[before], parts, fewer)


# --- contracts --------------------------------------------------------------------------------------


def _by_contracts(around: Surroundings) -> list[gpd.GeoDataFrame]:
    """Way (5): contracts of the edit, with their own outline or that of the parcel they name."""
    edit = around.edit.layers.get("transfer")
    if edit is None or not around.snapshots:
        return []
    box = around.reach
    if box is None or not len(edit.after):
        return []
    parcels = [around.parcels_named(after=after) for after in (False, True)]
    land_use = around.plots(box, [name for _day, name in around.snapshots])

    def recorded(transfers: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        unused = parcels.assign(land_use_code=None, land_use_name=None)  # only their outlines are wanted here
        return recorded_pieces(
            unused, transfers, around.lineage, land_use, around.snapshots, around.line_versions, around.today,
            around.tree, around.target, around.codes, [],
        )  # fmt: skip

    given = recorded(edit.after, parcels[1])
    return [_news(given, recorded(edit.before, parcels[0]), None, around)] if len(given) else []


# --- lines ------------------------------------------------------------------------------------------


def _by_lines(around: Surroundings) -> list[gpd.GeoDataFrame]:
    """Way (4): protected land that no line holds any more, on the day and on those on which versions change."""
    edit = around.edit.layers.get("block_line")
    if edit is None:
        return []
    frames = [frame for frame in (edit.before, edit.after) if len(frame)]
    named = np.concatenate(
        [read.dates(frame, name) for frame in frames for name in ("valid_from", "valid_to")]
    )
    days = np.unique(np.append(named[named > around.today], around.today))
    box = joined([found for frame in frames if (found := extent(frame)) is not None])
    plan = around.newest_plan(box)
    if plan is None:
        plan, _numbers = parcel_uses(around.parcels(box), around.codes, [])
    tables: list[gpd.GeoDataFrame] = []
    for day in days:
        table = _left_outside(around, plan, around.lines(day=day), around.lines(after=True, day=day))
        for earlier in tables:
            table = _without(
                table, np.asarray(earlier.geometry.to_numpy(), dtype=object), around.project.epsg
            )
        tables.append(table)
    subjects = {str(code): str(uuid) for frame in frames for uuid, code in frame["code"].dropna().items()}
    return [
        table.assign(
            subject=[name or code for code, name in zip(table["line"], table["line_name"], strict=True)],
            after_uuid=[subjects.get(code, "") for code in table["line"]],
        )
        for table in tables
    ]


def _left_outside(around: Surroundings, plan: Plan, old: Lines, new: Lines) -> gpd.GeoDataFrame:
    target = around.target
    matrix = target.parameters["matrix"]
    protected = np.flatnonzero([use in matrix for use in plan.classes])
    line, land = lost_land(old, new)
    outside = overlay(plan.shapes[protected], land)
    polygons, piece = land_parts(outside.geometry)
    plot, lines = protected[outside.left[piece]], line[outside.right[piece]]
    approved = approved_codes(new)
    said = np.empty(len(lines), dtype=object)
    said[:] = [
        target.parameters["line_moved_approved" if old.codes[at] in approved else "line_moved"]
        for at in lines
    ]
    severities = graded_by_level(said, lines, old, target)
    kept = np.flatnonzero(severities != "none")
    count = len(kept)
    found = Pieces(
        plot[kept],
        plot[kept],
        lines[kept],
        np.zeros(count, dtype=bool),
        np.ones(count, dtype=bool),
        width(polygons[kept]),
        polygons[kept],
    )
    ways = np.full(count, "line", dtype=object)
    return table_by_unit(
        found, ways, severities[kept], plan, plan, old, around.tree, target, around.codes, around.project.epsg
    )


# --- what is new ------------------------------------------------------------------------------------


def _news(
    after: gpd.GeoDataFrame, before: gpd.GeoDataFrame, own: gpd.GeoDataFrame | None, around: Surroundings
) -> gpd.GeoDataFrame:
    """Pieces after the edit less what was lost before it as gravely, and less what is told already."""
    told = [] if own is None else list(own.geometry)
    parts = []
    for severity in dict.fromkeys(after["severity"]):
        rank = SEVERITIES.index(severity)
        known = (
            before[[SEVERITIES.index(item) <= rank for item in before["severity"]]] if len(before) else before
        )
        shapes = np.array([*told, *known.geometry], dtype=object)
        parts.append(_without(after[after["severity"] == severity], shapes, around.project.epsg))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=around.project.epsg)


def _without(pieces: gpd.GeoDataFrame, shapes: Objects, epsg: int) -> gpd.GeoDataFrame:
    """Pieces less other land, what is left of each as polygons with their own areas."""
    if not len(pieces) or not len(shapes):
        return pieces
    old = np.asarray(pieces.geometry.to_numpy(), dtype=object)
    hit = np.unique(shapely.STRtree(shapes).query(old, predicate="intersects")[0])
    if not len(hit):
        return pieces
    rest = old.copy()
    rest[hit] = shapely.difference(old[hit], shapely.union_all(shapes))
    polygons, owner = land_parts(rest)
    table = pieces.iloc[owner].reset_index(drop=True)
    area = ellipsoidal_area(polygons, epsg)
    scale = area / table["area"].to_numpy()
    table["geometry"] = gpd.GeoSeries(polygons, crs=epsg)
    touched = np.isin(owner, hit)
    table["width"] = np.where(touched, np.minimum(table["width"], width(polygons)), table["width"])
    for name in ("share", "industrial_lost"):
        table[name] = table[name] * scale
    return table.assign(area=area, mu=area * MU)


def _no_pieces(around: Surroundings) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"way": []}, geometry=[], crs=around.project.epsg)


def _nothing(around: Surroundings) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[], crs=around.project.epsg)
