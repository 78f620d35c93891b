"""The polygons around a place, of every layer whose boundaries are edited together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.store.base import Box
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
    names: list[str] = []
    uuids: list[NDArray[np.object_]] = []
    born: list[NDArray[np.int64]] = []
    shapes: list[NDArray[np.object_]] = []
    for name in dict.fromkeys(layers):
        spec = layer(name)
        refuse_read_only(spec)
        frame = project.read(name, bbox=box, columns=["born"])
        polygons = shapely.get_dimensions(frame.geometry.to_numpy()) == 2
        if spec.editing is Editing.VERSIONS and polygons.any():
            polygons &= frame["uuid"].isin(_running(project, name, today)).to_numpy()
        frame = frame[polygons]
        names += [name] * len(frame)
        uuids.append(frame["uuid"].to_numpy(dtype=object))
        born.append(frame["born"].to_numpy(dtype=np.int64))
        shapes.append(np.asarray(frame.geometry.to_numpy(), dtype=object))
    return Neighbourhood(
        layers=np.array(names, dtype=object),
        uuids=np.concatenate(uuids) if uuids else np.empty(0, dtype=object),
        born=np.concatenate(born) if born else np.empty(0, dtype=np.int64),
        geometries=np.concatenate(shapes) if shapes else np.empty(0, dtype=object),
        day=today,
    )


def _running(project: Project, name: str, day: dt.date) -> list[str]:
    """Uuids of the versions in force; judged over the whole table, as a newer version may lie elsewhere."""
    table = project.read(name, columns=["code", "valid_from", "valid_to"], geometry=False)
    return list(in_force(table, day_number(day))["uuid"])
