"""园区 as the checks read them, and which records lie in which park."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.text import tr
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.result import Finding
from layers.units import UnitTree

__all__ = ["Parks", "industries", "joined", "listed", "park_of", "read_parks"]

# How several industries are written in one cell.
_SEPARATORS = re.compile(r"[、,，;；/+\n]+|\s+和\s*")  # data

# Parks that a sentence names one by one.
_SHOWN = 6


@dataclass(frozen=True)
class Parks:
    """Parks approved by the day, as parallel sequences; ``unit`` is None where none could be told."""

    frame: gpd.GeoDataFrame
    uuids: list[str]
    ids: list[str]
    names: list[str]
    unit: NDArray[np.object_]
    shapes: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.frame)


def read_parks(frame: gpd.GeoDataFrame, tree: UnitTree, as_of: dt.date, findings: list[Finding]) -> Parks:
    """Parks of the day: one approved later is not there yet, one without a date is."""
    later = read.dates(frame, "approved_on") > read.day_number(as_of)
    if later.any():
        text = tr("{count} 个园区在时点之后批准，未计", count=int(later.sum()))
        findings.append(Finding("note", text, "park"))
    kept = frame[~later]
    return Parks(
        kept,
        read.texts(kept, "uuid"),
        read.texts(kept, "park_id"),
        read.texts(kept, "name"),
        assembling.placed(kept, tree, "park", findings),
        read.geometries(kept),
    )


def industries(text: str) -> tuple[str, ...]:
    """The industries named in a cell."""
    return tuple(dict.fromkeys(part.strip() for part in _SEPARATORS.split(text) if part.strip()))


def park_of(frame: gpd.GeoDataFrame, parks: Parks) -> NDArray[np.int64]:
    """Position of the park of each record, -1 for none: by place, else by the number or name it states."""
    found = np.full(len(frame), -1, dtype=np.int64)
    by_text: Mapping[str, int] = {
        text: row for texts in (parks.names, parks.ids) for row, text in enumerate(texts) if text
    }
    for row, text in enumerate(read.texts(frame, "park")):  # some hundreds of projects
        found[row] = by_text.get(text, -1)
    shapes = read.geometries(frame)
    present = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if len(present) and len(parks):
        points = shapely.point_on_surface(shapes[present])
        point, park = shapely.STRtree(parks.shapes).query(points, predicate="intersects")
        # A place in two parks is in the one it states, else in the first.
        stated = found[present[point]] == park
        order = np.lexsort((park, ~stated, point))
        first = order[np.unique(point[order], return_index=True)[1]]
        found[present[point[first]]] = park[first]
    return found


def listed(items: Sequence[str]) -> str:
    """Clauses after a sentence, the first few of many."""
    text = "".join(tr("；{text}", text=item) for item in items[:_SHOWN])
    return text + (tr("；另有 {count} 个", count=len(items) - _SHOWN) if len(items) > _SHOWN else "")


def joined(words: Sequence[str]) -> str:
    """Words one after the other as the language in use writes them."""
    return tr("、").join(words)
