"""What parcels and contracts say of the use of land, in the form in which a plan says it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.text import tr
from layers.checks import tables as read
from layers.checks.by_unit import boxes
from layers.checks.land_use_change import INDUSTRIAL, Plan
from layers.checks.result import Finding
from layers.checks.transfer_records import main_use_class, use_parts
from layers.codes import LandUseCodes

__all__ = ["CONTRACT_COLUMNS", "PARCEL_COLUMNS", "Contracts", "parcel_uses", "plan_of_uses", "read_contracts"]

# What is read of the two layers here, besides uuid and geometry.
PARCEL_COLUMNS = ("parcel_no", "land_use_code", "land_use_scheme", "land_use_name")
CONTRACT_COLUMNS = (
    "supervision_no", "project", "parcel_no", "use_name", "use_code", "use_scheme", "term", "contract_on",
    "cancelled_on", "planned",
)  # fmt: skip


@dataclass(frozen=True)
class Contracts:
    """Contracts in force on a day, with their land; ``signed`` is NaT where not stated."""

    uses: Plan
    labels: list[str]
    signed: NDArray[np.datetime64]


def plan_of_uses(
    shapes: NDArray[np.object_],
    schemes: Sequence[str],
    codes: Sequence[str],
    parts: Sequence[tuple[str, ...]],
    uuids: Sequence[str],
) -> Plan:
    """Rows with the classes of their uses as a plan; equal shares of the parts."""
    number = {item: at for at, item in enumerate(dict.fromkeys(parts))}
    row = np.array([number[item] for item in parts], dtype=np.int64)
    industrial = [sum(use in INDUSTRIAL for use in item) / len(item) for item in number]
    return Plan(
        shapes=shapes,
        schemes=list(schemes),
        codes=list(codes),
        classes=np.array([_class_of(item) for item in number], dtype=object)[row],
        parts=list(parts),
        share=np.array(industrial, dtype=np.float64)[row],
        key=np.array(["+".join(sorted(item)) for item in number], dtype=object)[row],
        uuids=list(uuids),
    )


def _class_of(parts: tuple[str, ...]) -> str:
    if len(set(parts)) == 1:
        return parts[0]
    return "industrial_mixed" if set(parts) & set(INDUSTRIAL) else "mixed"


def parcel_uses(
    parcels: gpd.GeoDataFrame,
    codes: LandUseCodes,
    findings: list[Finding],
    near: NDArray[np.object_] | None = None,
) -> tuple[Plan, list[str]]:
    """Parcels that say a use, and their numbers. A code needs its scheme (domain reference §0.1), a name stands alone.

    Parcels whose code cannot be read that way are told in ``findings``. With ``near`` (shapes) only parcels whose
    boxes meet that of one of them are given: of a million parcels few lie at a block line.
    """
    shapes = read.geometries(parcels)
    keys, key = read.distinct(parcels, "land_use_scheme", "land_use_code", "land_use_name")
    known: list[tuple[str, ...]] = []
    for scheme, code, name in keys:
        if scheme and code:
            known.append(codes.parts(scheme, code))
        else:
            use = main_use_class(codes, name) if name else "unknown"
            known.append(() if use == "unknown" else (use,))
    said = np.array([bool(parts) for parts in known], dtype=np.bool_)[key]
    coded = np.array([bool(code) for _scheme, code, _name in keys], dtype=np.bool_)[key]
    unread = np.flatnonzero(coded & ~said)
    count = int(np.count_nonzero(_there(shapes[unread])))
    if count:
        text = tr("{count} 个地块的用途代码没有分类标准，未与规划核对", count=count)
        findings.append(Finding("warning", text, "parcel"))
    rows = np.flatnonzero(said)
    if near is None:
        rows = rows[_there(shapes[rows])]
    else:
        from gis.box_tree import BoxTree  # the compiled loops load slowly

        close = np.zeros(len(rows), dtype=np.bool_)
        close[BoxTree(shapely.bounds(near)).meeting(boxes(parcels)[rows])[0]] = True
        rows = rows[close]
    some = parcels[[name for name in ("uuid", "parcel_no") if name in parcels.columns]].iloc[rows]
    uses = [keys[at] for at in key[rows].tolist()]
    plan = plan_of_uses(
        shapes[rows],
        [scheme if scheme and code else "" for scheme, code, _name in uses],
        [code if scheme and code else name for scheme, code, name in uses],
        [known[at] for at in key[rows].tolist()],
        read.texts(some, "uuid"),
    )
    return plan, read.texts(some, "parcel_no")


def _there(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))


def read_contracts(
    transfers: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    lineage: pd.DataFrame,
    codes: LandUseCodes,
    day: np.datetime64,
    findings: list[Finding],
) -> Contracts:
    """Contracts signed by the day (or on no stated day) and not cancelled, with the land they give.

    Land is a contract's own outline, else the parcel it names, or what became of that parcel since. Those of
    a use that is not industrial but without land are counted in ``findings``.
    """
    signed, cancelled = read.dates(transfers, "contract_on"), read.dates(transfers, "cancelled_on")
    running = (
        ~(cancelled <= day) & ~(signed > day) & ~(read.booleans(transfers, "planned") & np.isnat(signed))
    )
    names, terms = read.texts(transfers, "use_name"), read.texts(transfers, "term")
    schemes, texts = read.texts(transfers, "use_scheme"), read.texts(transfers, "use_code")
    keys = list(zip(names, terms, schemes, texts, strict=True))
    known = {key: use_parts(codes, *key) for key in set(keys)}
    rows = [row for row in np.flatnonzero(running).tolist() if known[keys[row]]]
    shapes = read.geometries(transfers).copy()
    lacking = [row for row in rows if shapes[row] is None or shapes[row].is_empty]
    numbers = read.texts(transfers, "parcel_no")
    land = _land_by_number({numbers[row] for row in lacking} - {""}, parcels, lineage)
    for row in lacking:
        shapes[row] = land.get(numbers[row])
    nowhere = sum(
        1 for row in lacking if shapes[row] is None and not set(known[keys[row]]) <= set(INDUSTRIAL)
    )
    if nowhere:
        text = tr("{count} 份非工业用途的供地合同既无图形也无对应地块，不能与区块线核对", count=nowhere)
        findings.append(Finding("note", text, "transfer"))
    rows = [row for row in rows if shapes[row] is not None]
    uuids, supervision = read.texts(transfers, "uuid"), read.texts(transfers, "supervision_no")
    projects = read.texts(transfers, "project")
    coded = [bool(texts[row] and schemes[row]) for row in rows]
    uses = plan_of_uses(
        shapes[rows],
        [schemes[row] if code else "" for row, code in zip(rows, coded, strict=True)],
        [texts[row] if code else names[row] for row, code in zip(rows, coded, strict=True)],
        [known[keys[row]] for row in rows],
        [uuids[row] for row in rows],
    )
    return Contracts(uses, [supervision[row] or projects[row] for row in rows], signed[rows])


def _land_by_number(
    numbers: Collection[str], parcels: gpd.GeoDataFrame, lineage: pd.DataFrame
) -> Mapping[str, shapely.Geometry]:
    """Outlines of parcels by number; of one that was split or merged, those of the parcels made from it."""
    if not numbers:
        return {}
    mine = lineage[lineage["layer"] == "parcel"] if len(lineage) else lineage
    kin = [read.texts(mine, name) for name in ("parent", "child", "parent_no")]
    # Only these can be reached: of a million parcels few are named by a contract or were made from others.
    asked = read.rows_with(parcels, "parcel_no", numbers) | read.rows_with(
        parcels, "uuid", {*kin[0], *kin[1]}
    )
    some = parcels.iloc[np.flatnonzero(asked)]
    uuids = read.texts(some, "uuid")
    there = {
        uuid: shape for uuid, shape in zip(uuids, read.geometries(some), strict=True) if shape is not None
    }
    by_number: dict[str, list[str]] = {}
    for uuid, number in zip(uuids, read.texts(some, "parcel_no"), strict=True):
        by_number.setdefault(number, []).append(uuid)
    children: dict[str, list[str]] = {}
    former: dict[str, list[str]] = {}
    for parent, child, number in zip(*kin, strict=True):
        children.setdefault(parent, []).append(child)
        former.setdefault(number, []).append(parent)
    found = {}
    for number in numbers:
        reached: list[shapely.Geometry] = []
        wave, seen = list(by_number.get(number) or former.get(number, [])), set[str]()
        while wave:
            uuid = wave.pop()
            if uuid in seen:
                continue
            seen.add(uuid)
            if uuid in there:
                reached.append(there[uuid])
            else:
                wave += children.get(uuid, [])
        if reached:
            found[number] = reached[0] if len(reached) == 1 else shapely.union_all(reached)
    return found
