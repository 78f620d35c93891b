"""One user action, prepared but not yet saved: the rows before and after, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.store.base import Box
from layers.codes import LandUseCodes
from layers.editing.rows import SYSTEM, differs, geometries
from layers.editing.use_fields import with_followers
from layers.editing.values import checked_frame
from layers.spec import LayerSpec

__all__ = ["Choice", "Descent", "Edit", "LayerEdit", "Question"]

Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Choice:
    """What one of the rows to be merged says: its label and its value, None where it says nothing."""

    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class Question:
    """A field in which merged rows differ. The first choice, of the largest row, stands in as a proposal."""

    layer: str
    uuid: str
    field: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Descent:
    """A row made from others: ``operation`` is split, merge or version (of the code table ``descent``)."""

    layer: str
    child: str
    parents: tuple[str, ...]
    operation: str


@dataclass(frozen=True)
class LayerEdit:
    """Rows of one layer as they are and as they are to be; both frames are indexed by uuid.

    A row in both is changed, one only before is retired, one only after is born. ``before`` has the
    column ``born``, the transaction that wrote the version which was looked at. Where nothing but boundaries
    change, the frames may hold geometry and measured areas only: what is not there stays as it is.
    """

    spec: LayerSpec
    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame

    @cached_property
    def _was(self) -> NDArray[np.int64]:
        """Position in ``before`` of each row after, -1 if it is born."""
        return np.asarray(self.before.index.get_indexer(self.after.index), dtype=np.int64)

    @cached_property
    def changed(self) -> list[str]:
        """Uuids of rows that stay, in the order of ``after``."""
        return list(self.after.index[self._was >= 0])

    @cached_property
    def born(self) -> list[str]:
        """Uuids of new rows."""
        return list(self.after.index[self._was < 0])

    @cached_property
    def retired(self) -> list[str]:
        """Uuids of rows that cease to be."""
        return list(self.before.index[~self.before.index.isin(self.after.index)])

    @property
    def whole(self) -> bool:
        """Whether the frames hold every field."""
        return all(item.name in self.after.columns for item in self.spec.fields)

    @cached_property
    def changed_fields(self) -> dict[str, Booleans]:
        """Fields in which rows of ``changed`` differ, and in which of them; computed fields included.

        A field that is known after the edit only is taken to differ wherever the boundary does.
        """
        stays = np.flatnonzero(self._was >= 0)
        was = self._was[stays]
        found = {}
        for item in self.spec.fields:
            if item.name not in self.after.columns:
                continue
            if item.name in self.before.columns:
                before, after = self.before[item.name].iloc[was], self.after[item.name].iloc[stays]
                found[item.name] = differs(before, after)
            else:
                found[item.name] = self.moved
        return {name: rows for name, rows in found.items() if rows.any()}

    @cached_property
    def moved(self) -> Booleans:
        """Which rows of ``changed`` have another geometry than before, vertex by vertex."""
        stays = np.flatnonzero(self._was >= 0)
        before = geometries(self.before)[self._was[stays]]
        after = geometries(self.after)[stays]
        same = shapely.equals_identical(before, after) | (
            shapely.is_missing(before) & shapely.is_missing(after)
        )
        return np.asarray(~same, dtype=bool)

    def written(self, touched: Booleans) -> gpd.GeoDataFrame:
        """What is to be stored of the ``touched`` ones among ``changed``: uuid, changed fields and geometry."""
        names = ["uuid", *self.changed_fields, "geometry"]
        if touched.all() and not self.born and set(self.after.columns) == set(names):
            return (
                self.after
            )  # a moved boundary: to choose rows and columns would take longer than to store them
        rows = np.flatnonzero(self._was >= 0)[touched]
        return self.after[names].iloc[rows]

    def laid_over(self, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """A table of the store as it will be: without the rows before, with those after.

        Columns that the edit does not hold keep their values.
        """
        fresh = self.after[[name for name in table.columns if name in self.after.columns]]
        lacking = [name for name in table.columns if name not in fresh.columns and name not in SYSTEM]
        if lacking:
            known = pd.DataFrame(table.drop(columns="geometry")).set_index("uuid")
            fresh = fresh.join(known[lacking].reindex(fresh.index))
        kept = table[~table["uuid"].isin(self.before.index)]
        parts = [part for part in (kept, fresh) if len(part)]
        if not parts:
            return kept
        joined = pd.concat(parts, ignore_index=True)
        return gpd.GeoDataFrame(joined, geometry="geometry", crs=table.crs)


@dataclass(frozen=True)
class Edit:
    """What a user is about to do. Nothing is stored until `layers.editing.save.save`.

    ``why`` goes to the journal. ``codes`` are the project's land-use codes. ``questions`` have to be answered
    before. ``notes`` tell what else the user should know.
    """

    why: str
    layers: Mapping[str, LayerEdit]
    codes: LandUseCodes
    descents: tuple[Descent, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(len(item.before) or len(item.after) for item in self.layers.values())

    @property
    def box(self) -> Box | None:
        """Extent of every geometry before and after, in the plane; None without geometry."""
        frames = [frame for item in self.layers.values() for frame in (item.before, item.after)]
        shapes = [
            shape for frame in frames for shape in frame.geometry if shape is not None and not shape.is_empty
        ]
        if not shapes:
            return None
        west, south, east, north = (float(value) for value in shapely.total_bounds(shapes))
        return west, south, east, north

    def with_values(self, layer: str, uuids: Iterable[str], values: Mapping[str, object]) -> Edit:
        """The edit with other values in rows that it leaves; answers the questions about those fields.

        Raises `layers.editing.values.FieldError`, and ``KeyError`` for rows that are not in the edit or of which
        it holds the boundary only.
        """
        rows = list(uuids)
        frame = pd.DataFrame(
            {name: [value] * len(rows) for name, value in values.items()}, index=rows, dtype=object
        )
        return self.with_cells(layer, frame)

    def with_cells(self, layer: str, cells: pd.DataFrame) -> Edit:
        """Like `with_values` with a value for each row: columns are fields, the index names rows."""
        old = self.layers[layer]
        if not old.whole:
            raise KeyError(f"this edit holds the boundaries of {layer} only")
        unknown = cells.index.difference(old.after.index)
        if len(unknown):
            raise KeyError(f"no row {unknown[0]!r} in this edit")
        checked = with_followers(old.spec, self.codes, old.after, checked_frame(old.spec, cells))
        after = old.after.copy()
        for name in checked.columns:
            after[name] = _replaced(after[name], checked[name])
        answered = {(layer, uuid, name) for uuid in cells.index for name in cells.columns}
        return replace(
            self,
            layers={**self.layers, layer: replace(old, after=after)},
            questions=tuple(
                item for item in self.questions if (item.layer, item.uuid, item.field) not in answered
            ),
        )

    def with_proposals(self) -> Edit:
        """The edit with every open question answered by its proposal, the value of the largest row."""
        return replace(self, questions=())


def _replaced(column: pd.Series[Any], cells: pd.Series[Any]) -> pd.Series[Any]:
    result = column.copy()
    result.loc[cells.index] = cells.astype(column.dtype)
    return result
