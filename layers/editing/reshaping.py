"""From boundaries that `gis.editing` has drawn anew to an edit of rows: who changes, who is born of whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.area import ellipsoidal_area
from gis.editing.result import EditResult
from gis.errors import ParkLineError
from gis.store.base import Condition
from gis.store.frames import geo_frame
from gis.store.row_ids import new_uuids
from gis.text import tr
from layers.editing.edit import Choice, Descent, Edit, LayerEdit, Question
from layers.editing.inheritance import merged_values, number_field, split_values
from layers.editing.neighbourhood import Neighbourhood
from layers.editing.prepare import edit_of
from layers.editing.rows import cell, frame_of, read_rows, row_label, with_measures
from layers.editing.superseding import only_points_added, superseded
from layers.editing.use_fields import completed
from layers.importing.geometry import measured
from layers.registry import layer as layer_spec
from layers.spec import Editing, LayerSpec, OnSplit

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["geometry_edit"]

Row = dict[str, Any]


@dataclass
class _Fresh:
    """Rows of one layer that are to be born, and values that a row that stays gets besides its geometry."""

    uuids: list[str] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[shapely.Geometry] = field(default_factory=list)
    descents: list[Descent] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    left: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, record: dict[str, Any], shape: shapely.Geometry) -> str:
        """Give a new row its uuid."""
        uuid = new_uuids(1)[0]
        self.uuids.append(uuid)
        self.records.append(record)
        self.shapes.append(shape)
        return uuid


def geometry_edit(
    project: Project,
    around: Neighbourhood,
    result: EditResult,
    *,
    layer: str = "",
    values: Mapping[str, object] | None = None,
    day: dt.date | None = None,
    whole: bool = False,
    why: str = "",
) -> Edit:
    """The edit of all rows whose boundary changed, with inherited attributes and measured areas.

    ``layer`` and ``values`` are those of polygons drawn anew (pieces without origins). Pieces and merged
    rows inherit by the declaration of the layer; where merged rows differ, the edit has questions.
    Block lines get a new version in force from ``day`` (None: that of the neighbourhood). Of layers in which
    nothing but boundaries change the edit holds the boundaries only, unless ``whole``: it is ready the sooner.

    Raises ``ParkLineError`` when rows were changed since the neighbourhood was read, and where rows of
    different layers are merged; `layers.editing.values.FieldError` for ``values``.
    """
    changed = _without_lines_at_rest(around, result)
    drawn = [piece for piece in result.born if not piece.origins]
    origins = [origin for piece in result.born for origin in piece.origins]
    remade = {*around.layers[[*result.retired, *origins]], *([layer] if drawn else [])}
    touched = dict.fromkeys([*changed, *result.retired, *origins])
    rows = {
        name: _rows(project, around, name, touched)
        for name in dict.fromkeys(around.layers[list(touched)])
        if whole or name in remade or layer_spec(name).editing is Editing.VERSIONS
    }
    fresh = {name: _Fresh() for name in rows}
    _inherit(project, around, result, rows, fresh)
    if drawn:
        record = completed(layer_spec(layer), project.codes, values or {}) | {
            "source_crs": f"EPSG:{project.epsg}"
        }
        for piece in drawn:
            fresh.setdefault(layer, _Fresh()).add(dict(record), piece.geometry)
    edits: list[LayerEdit] = []
    descents: list[Descent] = []
    questions: list[Question] = []
    for name in dict.fromkeys([*fresh, *around.layers[list(changed)]]):
        if name not in fresh:
            edits.append(_boundaries(project, around, changed, layer_spec(name)))
            continue
        born = fresh[name]
        item = _layer_edit(project, around, changed, result.retired, layer_spec(name), rows.get(name), born)
        made = born.descents
        if item.spec.editing is Editing.VERSIONS:
            kept, made = superseded(item, born.descents, day or around.day, project.epsg)
            if kept is None:
                continue
            item = replace(kept, after=with_measures(kept.spec, kept.after, kept.born, project.epsg))
        edits.append(item)
        descents += made
        questions += born.questions
    return edit_of(project, edits, why=why, descents=descents, questions=questions)


def _without_lines_at_rest(around: Neighbourhood, result: EditResult) -> dict[int, shapely.Geometry]:
    """What changes, without block lines that only receive a point of a neighbour on their boundary."""
    return {
        at: shape
        for at, shape in result.changed.items()
        if layer_spec(around.layers[at]).editing is not Editing.VERSIONS
        or not only_points_added(around.geometries[at], shape)
    }


def _boundaries(
    project: Project, around: Neighbourhood, changed: Mapping[int, shapely.Geometry], spec: LayerSpec
) -> LayerEdit:
    """Rows of which nothing but the boundary changes, without reading them."""
    mine = [at for at in changed if around.layers[at] == spec.name]
    index = pd.Index(around.uuids[mine], dtype=object)
    shapes = _objects([changed[at] for at in mine])
    before = {"uuid": index, "born": around.born[mine]}
    areas = measured(spec, shapes, project.epsg)
    after = {"uuid": index, **{name: areas[name].to_numpy() for name in areas.columns}}
    return LayerEdit(
        spec,
        geo_frame(pd.DataFrame(before, index=index), around.geometries[mine], project.epsg),
        geo_frame(pd.DataFrame(after, index=index), shapes, project.epsg),
    )


def _rows(project: Project, around: Neighbourhood, name: str, positions: Iterable[int]) -> gpd.GeoDataFrame:
    """Stored rows of a layer at these positions, unless somebody has changed them meanwhile."""
    mine = [position for position in positions if around.layers[position] == name]
    frame = read_rows(project, name, around.uuids[mine])
    if (frame["born"].to_numpy(dtype=np.int64) != around.born[mine]).any():
        raise ParkLineError(tr("要编辑的图形刚被改动。"), hint=tr("请刷新后再试。"))
    return frame


def _inherit(
    project: Project,
    around: Neighbourhood,
    result: EditResult,
    rows: Mapping[str, gpd.GeoDataFrame],
    fresh: Mapping[str, _Fresh],
) -> None:
    """Records of everything that is born of something."""
    pieces: dict[int, list[shapely.Geometry]] = {}
    for piece in result.born:
        names = {str(around.layers[origin]) for origin in piece.origins}
        if len(names) > 1:
            raise ParkLineError(tr("不同图层的图形不能合并。"), hint=tr("请只选同一图层的图形。"))
        if len(piece.origins) == 1:
            pieces.setdefault(piece.origins[0], []).append(piece.geometry)
        elif piece.origins:
            name = names.pop()
            parents = [dict(rows[name].loc[around.uuids[origin]]) for origin in piece.origins]
            areas = ellipsoidal_area(around.geometries[list(piece.origins)], project.epsg)
            _merge(layer_spec(name), parents, areas, piece.geometry, fresh[name])
    for name in fresh:
        spec = layer_spec(name)
        split = [origin for origin in pieces if around.layers[origin] == name]
        parents = [dict(rows[name].loc[around.uuids[origin]]) for origin in split]
        taken = _numbers(project, spec, parents)
        for origin, parent in zip(split, parents, strict=True):
            if origin in result.retired:
                _split(spec, parent, pieces[origin], taken, fresh[name], project.epsg)
            else:
                left = result.changed.get(origin, around.geometries[origin])
                old = around.geometries[origin]
                _cut_out(spec, parent, old, left, pieces[origin], taken, fresh[name], project.epsg)


def _split(
    spec: LayerSpec, parent: Row, shapes: list[shapely.Geometry], taken: set[str], fresh: _Fresh, epsg: int
) -> None:
    """Pieces of a row that is gone."""
    areas = ellipsoidal_area(_objects(shapes), epsg)
    for record, shape in zip(split_values(spec, parent, areas, taken), shapes, strict=True):
        child = fresh.add(record, shape)
        fresh.descents.append(Descent(spec.name, child, (str(parent["uuid"]),), "split"))


def _cut_out(
    spec: LayerSpec,
    parent: Row,
    old: shapely.Geometry,
    left: shapely.Geometry,
    shapes: list[shapely.Geometry],
    taken: set[str],
    fresh: _Fresh,
    epsg: int,
) -> None:
    """What was cut out of a row that stays, or what fills a hole in it and was never part of it."""
    areas = ellipsoidal_area(_objects([old, left, *shapes]), epsg)
    first, *records = split_values(spec, parent, areas[1:], taken, keeps_first=True)
    by_area = [item.name for item in spec.fields if item.on_split is OnSplit.SHARE]
    was_part = bool(areas[0] - areas[1] > areas[2:].sum() / 2)
    if was_part:
        fresh.left[str(parent["uuid"])] = {name: first[name] for name in by_area}
    for record, shape in zip(records, shapes, strict=True):
        if was_part:
            child = fresh.add(record, shape)
            fresh.descents.append(Descent(spec.name, child, (str(parent["uuid"]),), "split"))
        else:
            fresh.add(record | dict.fromkeys(by_area), shape)


def _merge(
    spec: LayerSpec, parents: list[Row], areas: NDArray[np.float64], shape: shapely.Geometry, fresh: _Fresh
) -> None:
    values, asked = merged_values(spec, parents, areas)
    child = fresh.add(values, shape)
    fresh.descents.append(Descent(spec.name, child, tuple(str(row["uuid"]) for row in parents), "merge"))
    for name, order in asked.items():
        choices = tuple(Choice(row_label(spec, parents[i]), cell(parents[i][name])) for i in order)
        fresh.questions.append(Question(spec.name, child, name, choices))


def _numbers(project: Project, spec: LayerSpec, parents: list[Row]) -> set[str]:
    """Numbers in use that begin like those of the rows to be split."""
    item = number_field(spec)
    if item is None:
        return set()
    found: set[str] = set()
    for number in dict.fromkeys(cell(row[item.name]) for row in parents):
        if number is not None:
            like = Condition(item.name, "like", f"{number}-%")
            table = project.read(spec.name, columns=[item.name], where=[like], geometry=False)
            found |= set(table[item.name].dropna())
    return found


def _layer_edit(
    project: Project,
    around: Neighbourhood,
    reshaped: Mapping[int, shapely.Geometry],
    gone: Iterable[int],
    spec: LayerSpec,
    rows: gpd.GeoDataFrame | None,
    born: _Fresh,
) -> LayerEdit:
    after = frame_of(spec, born.uuids, born.records, _objects(born.shapes), project.epsg)
    if rows is None:
        rows = after.iloc[:0].assign(born=pd.Series([], dtype="Int64"))
    mine = around.layers == spec.name
    changed = {str(around.uuids[at]): shape for at, shape in reshaped.items() if mine[at]}
    retired = [str(around.uuids[at]) for at in gone if mine[at]]
    before = rows.loc[[*changed, *retired]]
    stays = before.loc[list(changed)].drop(columns="born").copy()
    stays["geometry"] = gpd.GeoSeries(_objects(changed.values()), index=stays.index, crs=project.epsg)
    for uuid, values in born.left.items():
        for name, value in values.items():
            stays.loc[uuid, name] = value
    if len(stays) and len(after):
        after = gpd.GeoDataFrame(pd.concat([stays, after]), geometry="geometry", crs=project.epsg)
    elif len(stays):
        after = stays
    return LayerEdit(spec, before, with_measures(spec, after, list(after.index), project.epsg))


def _objects(shapes: Collection[shapely.Geometry]) -> NDArray[np.object_]:
    array = np.empty(len(shapes), dtype=object)
    array[:] = list(shapes)
    return array
