"""The polygons around a place, of every layer whose boundaries are edited together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.store.base import Box, Condition
from layers.checks.block_lines import in_force
from layers.checks.tables import day_number
from layers.editing.rows import refuse_read_only
from layers.registry import LAYERS, layer
from layers.spec import Editing

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["JOINED", "Neighbourhood", "neighbourhood"]

# Layers whose neighbours keep common boundary points with each other.
JOINED: tuple[str, ...] = tuple(spec.name for spec in LAYERS if spec.joined)

_AREAL = 2  # dimension of polygons


@dataclass(frozen=True)
class Neighbourhood:
    """Polygons of several layers as one array for `gis.editing`; positions lead back to layer and uuid.

    ``born`` is the transaction that wrote the version that was read; ``day`` that on which lines are in force.
    """

    layers: NDArray[np.object_]
    uuids: NDArray[np.object_]
    born: NDArray[np.int64]
    geometries: NDArray[np.object_]
    day: dt.date

    def __len__(self) -> int:
        return len(self.uuids)

    def row(self, position: int) -> tuple[str, str]:
        """Layer and uuid of a geometry."""
        return str(self.layers[position]), str(self.uuids[position])

    def position(self, layer: str, uuid: str) -> int:
        """Position of a row's geometry; ``KeyError`` if it is not here."""
        found = np.flatnonzero((self.uuids == uuid) & (self.layers == layer))
        if not len(found):
            raise KeyError(f"{layer} {uuid} is not in this neighbourhood")
        return int(found[0])

    def positions(self, layer: str) -> list[int]:
        """Positions of all geometries of a layer (what `gis.editing` takes as coverage or to give way)."""
        return [int(position) for position in np.flatnonzero(self.layers == layer)]


def neighbourhood(
    project: Project, layers: Sequence[str], box: Box, *, day: dt.date | None = None
) -> Neighbourhood:
    """The current polygons of ``layers`` (usually `JOINED`) whose box touches ``box``, in the plane.

    Take a box that holds everything the edit can reach: the drawn line or ring, or the moved vertex and the
    place it goes to. Points and lines are left out, and of block lines what is not in force on ``day`` (None:
    the project's). ``ParkLineError`` for a layer that cannot be edited, as the plan's snapshots.
    """
    today = day or project.as_of
    found: list[tuple[str, str, int, shapely.Geometry]] = []
    for name in dict.fromkeys(layers):
        spec = layer(name)
        refuse_read_only(spec)
        # Straight from the blobs: a frame for each layer would take most of the time between press and release.
        versioned = spec.editing is Editing.VERSIONS
        columns = ("uuid", "born", "code") if versioned else ("uuid", "born")
        _fids, blobs, values = project.store.read_wkb(name, box, columns)
        shapes = shapely.from_wkb(np.array(blobs, dtype=object))
        rows = [(str(uuid), int(str(born)), shape) for (uuid, born, *_), shape in zip(values, shapes, strict=True)
                if shapely.get_dimensions(shape) == _AREAL]  # fmt: skip
        if versioned and rows:
            running = _running(project, name, today, {str(value[0]): value[2] for value in values})
            rows = [row for row in rows if row[0] in running]
        found += [(name, *row) for row in rows]
    geometries = np.empty(len(found), dtype=object)
    geometries[:] = [item[3] for item in found]
    return Neighbourhood(
        layers=np.array([item[0] for item in found], dtype=object),
        uuids=np.array([item[1] for item in found], dtype=object),
        born=np.array([item[2] for item in found], dtype=np.int64),
        geometries=geometries,
        day=today,
    )


def _running(project: Project, name: str, day: dt.date, codes: Mapping[str, object]) -> set[str]:
    """Which versions (uuid → code) are in force; judged beside all others of their blocks, which may lie elsewhere."""
    known = sorted({str(code) for code in codes.values() if code is not None})
    nameless = [uuid for uuid, code in codes.items() if code is None]
    parts = [
        project.read(
            name,
            columns=["code", "valid_from", "valid_to"],
            where=[Condition(column, "in", values)],
            geometry=False,
        )
        for column, values in (("code", known), ("uuid", nameless))
        if values
    ]
    versions = pd.concat(parts) if len(parts) > 1 else parts[0]
    return set(in_force(versions, day_number(day))["uuid"])
