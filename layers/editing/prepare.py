"""Edits of rows made ready: attributes of one or many rows, a new row, rows that are retired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import ParkLineError
from gis.store.row_ids import new_uuids
from gis.text import mark, tr
from layers.editing.edit import Descent, Edit, LayerEdit, Question
from layers.editing.references import left_behind
from layers.editing.rows import frame_of, read_rows, refuse_read_only, row_label, with_measures
from layers.editing.superseding import superseded
from layers.editing.use_fields import completed, with_followers
from layers.editing.values import checked_frame, checked_values
from layers.registry import layer as layer_spec
from layers.spec import Editing, LayerSpec

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["attribute_edit", "cell_edit", "edit_of", "new_row", "retirement", "shape_edit", "summary"]

_COUNTS = {
    "changed": mark("{layer} 改 {count} 行"),
    "born": mark("{layer} 增 {count} 行"),
    "retired": mark("{layer} 删 {count} 行"),
}


def attribute_edit(
    project: Project, layer: str, uuids: Iterable[str], values: Mapping[str, object], *, why: str = ""
) -> Edit:
    """The same values for one or many rows. Raises `layers.editing.values.FieldError` and for rows gone."""
    spec = layer_spec(layer)
    checked_values(spec, values)  # once, however many rows
    rows = list(dict.fromkeys(uuids))
    cells = pd.DataFrame(
        {name: [value] * len(rows) for name, value in values.items()}, index=rows, dtype=object
    )
    titles = tr("、").join(spec.field(name).title for name in values)
    return cell_edit(
        project, layer, cells, why=why or tr("修改{layer}的{fields}", layer=spec.title, fields=titles)
    )


def cell_edit(project: Project, layer: str, cells: pd.DataFrame, *, why: str = "") -> Edit:
    """A value for each row and field: columns are fields, the index holds uuids, no row twice."""
    spec = layer_spec(layer)
    checked = checked_frame(spec, cells)
    before = read_rows(project, layer, checked.index)
    checked = with_followers(spec, project.codes, before, checked)
    after = before.drop(columns="born")
    for name in checked.columns:
        after[name] = checked[name].astype(after[name].dtype)
    return edit_of(project, [LayerEdit(spec, before, after)], why=why)


def new_row(
    project: Project,
    layer: str,
    geometry: shapely.Geometry | None,
    values: Mapping[str, object],
    *,
    why: str = "",
) -> Edit:
    """One row that did not exist. A polygon drawn among neighbours comes from `gis.editing.draw_polygon`,
    through `layers.editing.reshaping.geometry_edit`.
    """
    spec = layer_spec(layer)
    record = completed(spec, project.codes, values)
    shapes = np.empty(1, dtype=object)
    shapes[0] = geometry
    uuid = new_uuids(1)[0]
    if geometry is not None:
        record["source_crs"] = f"EPSG:{project.epsg}"
    after = with_measures(spec, frame_of(spec, [uuid], [record], shapes, project.epsg), [uuid], project.epsg)
    label = row_label(spec, after.loc[uuid])
    why = why or tr("新增{layer} {label}", layer=spec.title, label=label)
    return edit_of(project, [LayerEdit(spec, _no_rows(spec, project.epsg), after)], why=why)


def shape_edit(
    project: Project,
    layer: str,
    shapes: Mapping[str, shapely.Geometry],
    *,
    day: dt.date | None = None,
    why: str = "",
) -> Edit:
    """Other geometries for rows (uuid → geometry), whatever lies beside: points and lines, typed boundary points.

    Polygons that have to stay joined with their neighbours go through `gis.editing` and
    `layers.editing.reshaping.geometry_edit`. A block line gets a new version from ``day`` on.
    """
    spec = layer_spec(layer)
    refuse_read_only(spec)
    before = read_rows(project, layer, shapes)
    after = before.drop(columns="born").copy()
    new = np.empty(len(shapes), dtype=object)
    new[:] = list(shapes.values())
    after["geometry"] = gpd.GeoSeries(new, index=after.index, crs=project.epsg)
    edit = LayerEdit(spec, before, with_measures(spec, after, list(after.index), project.epsg))
    descents: list[Descent] = []
    if spec.editing is Editing.VERSIONS:
        kept, descents = superseded(edit, [], day or project.as_of, project.epsg)
        if kept is None:
            return edit_of(project, [], why=why)
        edit = replace(kept, after=with_measures(spec, kept.after, kept.born, project.epsg))
    why = why or tr("修改{layer}的图形", layer=spec.title)
    return edit_of(project, [edit], why=why, descents=descents)


def retirement(
    project: Project, layer: str, uuids: Iterable[str], *, day: dt.date | None = None, why: str = ""
) -> Edit:
    """Rows that cease to be; a block line ends on ``day`` (None: the project's) instead of being taken out."""
    spec = layer_spec(layer)
    refuse_read_only(spec)
    before = read_rows(project, layer, uuids)
    edit = LayerEdit(spec, before, before.drop(columns="born").iloc[:0])
    labels = [row_label(spec, row) for _uuid, row in before.head(3).iterrows()]
    if len(before) > len(labels):
        labels.append(tr("等 {count} 行", count=len(before)))
    why = why or tr("删除{layer} {labels}", layer=spec.title, labels=tr("、").join(labels))
    if spec.editing is Editing.VERSIONS:
        ended, _descents = superseded(edit, [], day or project.as_of, project.epsg)
        if ended is None:
            raise ParkLineError(tr("没有选择要删除的行。"))
        edit = ended
    return edit_of(project, [edit], why=why)


def edit_of(
    project: Project,
    layers: Iterable[LayerEdit],
    *,
    why: str,
    descents: Iterable[Descent] = (),
    questions: Iterable[Question] = (),
) -> Edit:
    """An edit of these layers with the notes that it calls for."""
    by_name = {item.spec.name: item for item in layers}
    edit = Edit(why or summary(by_name.values()), by_name, project.codes, tuple(descents), tuple(questions))
    return replace(edit, notes=tuple(left_behind(project, edit)))


def summary(layers: Iterable[LayerEdit]) -> str:
    """How many rows of which layers: what the journal says where nobody said why."""
    parts = [
        tr(_COUNTS[what], layer=item.spec.title, count=len(rows))
        for item in layers
        for what, rows in (("changed", item.changed), ("born", item.born), ("retired", item.retired))
        if rows
    ]
    return tr("编辑：{parts}", parts=tr("，").join(parts))


def _no_rows(spec: LayerSpec, epsg: int) -> gpd.GeoDataFrame:
    empty = frame_of(spec, [], [], np.empty(0, dtype=object), epsg)
    return empty.assign(born=pd.Series([], dtype="Int64"))
