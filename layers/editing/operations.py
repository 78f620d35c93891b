"""One change of boundaries as a hand draws it on the map: previewed while it is drawn, and an edit at the end.

The geometry is made by `gis.editing`, the rows by `layers.editing.reshaping`; here it is said which rows a change
can reach and which of them it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.editing.align import align
from gis.editing.draw_polygon import draw_polygon
from gis.editing.holes import cut_hole, fill_hole
from gis.editing.merge import merge
from gis.editing.offset import CORNER_LIMIT, offset, offset_edge
from gis.editing.reshape import reshape
from gis.editing.result import EditError, EditResult
from gis.editing.shared_vertices import add_vertex, move_geometries, move_vertex, remove_vertex
from gis.editing.split import split
from gis.store.base import Box
from gis.text import tr
from layers.editing.edit import Edit
from layers.editing.neighbourhood import JOINED, Neighbourhood, neighbourhood
from layers.editing.reshaping import geometry_edit
from layers.registry import layer as layer_spec

if TYPE_CHECKING:
    from layers.project import Project

__all__ = [
    "Operation",
    "add_point",
    "align_to",
    "box_around",
    "cut_out",
    "drawn",
    "edited_together",
    "fill_in",
    "merged",
    "move_point",
    "moved",
    "offset_boundary",
    "offset_side",
    "remove_point",
    "reshaped",
    "split_by",
]

Floats = NDArray[np.float64]
Place = tuple[float, float]

# Metres beyond what is drawn within which neighbours are looked at.
_MARGIN = 1.0


@dataclass(frozen=True)
class Operation:
    """A change of boundaries in ``layer`` and whatever is edited together with it.

    ``box`` holds everything that it can reach; ``values`` are those of a polygon drawn anew, ``answers`` the values
    of a merged row in the fields in which the rows differ.
    """

    layer: str
    box: Box
    change: Callable[[Neighbourhood], EditResult]
    why: str
    values: Mapping[str, object] = field(default_factory=dict)
    answers: Mapping[str, object] = field(default_factory=dict)

    def edit(self, project: Project) -> Edit:
        """The edit of the rows as they are stored now.

        Raises ``ParkLineError`` where the change cannot be made, `layers.editing.values.FieldError` for values.
        """
        around = neighbourhood(project, edited_together(self.layer), self.box)
        edit = geometry_edit(
            project, around, self.change(around), layer=self.layer, values=self.values, why=self.why
        )
        if self.answers:
            edit = edit.with_values(self.layer, edit.layers[self.layer].born, self.answers)
        return edit


def edited_together(layer: str) -> tuple[str, ...]:
    """The layers whose boundaries follow when one is edited in ``layer``."""
    return JOINED if layer in JOINED else (layer,)


def box_around(*shapes: shapely.Geometry | Floats | Sequence[Place], margin: float = _MARGIN) -> Box:
    """The box around geometries and places (n, 2), with a margin in metres."""
    points = np.vstack(
        [
            shapely.get_coordinates(shape)
            if isinstance(shape, shapely.Geometry)
            else np.asarray(shape, dtype=np.float64).reshape(-1, 2)
            for shape in shapes
        ]
    )
    west, south = (float(value) for value in points.min(axis=0) - margin)
    east, north = (float(value) for value in points.max(axis=0) + margin)
    return west, south, east, north


def drawn(
    layer: str,
    ring: Sequence[Place] | shapely.Geometry,
    values: Mapping[str, object],
    *,
    gives_way: bool = True,
) -> Operation:
    """A new polygon; with ``gives_way`` the land that rows of its layer have is left to them."""
    line = ring if isinstance(ring, shapely.Geometry) else np.array(ring)

    def change(around: Neighbourhood) -> EditResult:
        return draw_polygon(around.geometries, line, give_way=around.positions(layer) if gives_way else ())

    why = tr("新增{layer}", layer=layer_spec(layer).title)
    return Operation(layer, box_around(line), change, why, values=values)


def split_by(layer: str, line: Sequence[Place], uuids: Iterable[str] = ()) -> Operation:
    """Rows cut by a drawn line: these, or every row of the layer that it crosses."""
    chosen = list(uuids)

    def change(around: Neighbourhood) -> EditResult:
        return split(around.geometries, np.array(line), _targets(around, layer, chosen))

    return Operation(layer, box_around(line), change, tr("分割{layer}", layer=layer_spec(layer).title))


def reshaped(layer: str, uuid: str, shape: shapely.Geometry, line: Sequence[Place]) -> Operation:
    """A new boundary of a row (now ``shape``) along a drawn line; neighbours of its layer give way or follow."""

    def change(around: Neighbourhood) -> EditResult:
        target = _row(around, layer, uuid)
        coverage = [position for position in around.positions(layer) if position != target]
        return reshape(around.geometries, target, np.array(line), coverage=coverage)

    why = tr("修改{layer}的边界", layer=layer_spec(layer).title)
    return Operation(layer, box_around(shape, line), change, why)


def move_point(layer: str, at: Place, to: Place, reach: Floats) -> Operation:
    """A boundary point moved in every row that has it; ``reach`` (n, 4) are the edges that meet there."""

    def change(around: Neighbourhood) -> EditResult:
        return move_vertex(around.geometries, at, to)

    why = tr("移动{layer}的界址点", layer=layer_spec(layer).title)
    return Operation(layer, box_around([at, to], reach.reshape(-1, 2)), change, why)


def add_point(layer: str, at: Place, reach: Floats) -> Operation:
    """A boundary point put on the edge at a place, in every row that has the edge."""

    def change(around: Neighbourhood) -> EditResult:
        return add_vertex(around.geometries, at)

    why = tr("增加{layer}的界址点", layer=layer_spec(layer).title)
    return Operation(layer, box_around([at], reach.reshape(-1, 2)), change, why)


def remove_point(layer: str, at: Place, reach: Floats) -> Operation:
    """A boundary point taken out of every row that has it."""

    def change(around: Neighbourhood) -> EditResult:
        return remove_vertex(around.geometries, at)

    why = tr("删除{layer}的界址点", layer=layer_spec(layer).title)
    return Operation(layer, box_around([at], reach.reshape(-1, 2)), change, why)


def moved(layer: str, shapes: Mapping[str, shapely.Geometry], east: float, north: float) -> Operation:
    """Whole rows (uuid → present geometry) moved by metres."""

    def change(around: Neighbourhood) -> EditResult:
        return move_geometries(around.geometries, _targets(around, layer, list(shapes)), east, north)

    places = np.vstack([shapely.get_coordinates(shape) for shape in shapes.values()])
    why = tr("移动{layer}", layer=layer_spec(layer).title)
    return Operation(layer, box_around(places, places + np.array([east, north])), change, why)


def cut_out(
    layer: str, uuid: str, shape: shapely.Geometry, ring: Sequence[Place], *, fill: bool = False
) -> Operation:
    """A drawn ring taken out of a row (now ``shape``); with ``fill`` it becomes a row of its own."""

    def change(around: Neighbourhood) -> EditResult:
        return cut_hole(around.geometries, _row(around, layer, uuid), np.array(ring), fill=fill)

    why = tr("在{layer}中挖孔", layer=layer_spec(layer).title)
    return Operation(layer, box_around(shape, ring), change, why)


def fill_in(layer: str, uuid: str, shape: shapely.Geometry, at: Place, *, as_new: bool = False) -> Operation:
    """The hole of a row (now ``shape``) at a place filled, by the row itself or by a new one."""

    def change(around: Neighbourhood) -> EditResult:
        target = _row(around, layer, uuid)
        others = [position for position in around.positions(layer) if position != target]
        return fill_hole(around.geometries, target, at, as_new=as_new, others=others)

    why = tr("填补{layer}的孔洞", layer=layer_spec(layer).title)
    return Operation(layer, box_around(shape), change, why)


def merged(
    layer: str, shapes: Mapping[str, shapely.Geometry], answers: Mapping[str, object] | None = None
) -> Operation:
    """Rows (uuid → present geometry) made one."""

    def change(around: Neighbourhood) -> EditResult:
        return merge(around.geometries, _targets(around, layer, list(shapes)), drop_straight=True)

    why = tr("合并{layer}", layer=layer_spec(layer).title)
    return Operation(layer, box_around(*shapes.values()), change, why, answers=answers or {})


def offset_boundary(
    layer: str, uuid: str, shape: shapely.Geometry, distance: float, *, as_new: bool = False
) -> Operation:
    """The whole boundary of a row (now ``shape``) moved outwards by metres, inwards if negative."""

    def change(around: Neighbourhood) -> EditResult:
        return offset(around.geometries, _row(around, layer, uuid), distance, as_new=as_new)

    why = tr("平移{layer}的边界", layer=layer_spec(layer).title)
    return Operation(layer, box_around(shape, margin=abs(distance) * CORNER_LIMIT + _MARGIN), change, why)


def offset_side(
    layer: str, uuid: str, shape: shapely.Geometry, side: tuple[Place, Place], distance: float
) -> Operation:
    """One side of a row (now ``shape``) moved outwards by metres, parallel to itself."""

    def change(around: Neighbourhood) -> EditResult:
        return offset_edge(around.geometries, _row(around, layer, uuid), side, distance)

    why = tr("平移{layer}的边", layer=layer_spec(layer).title)
    return Operation(layer, box_around(shape, margin=abs(distance) * CORNER_LIMIT + _MARGIN), change, why)


def align_to(
    layer: str, uuid: str, shape: shapely.Geometry, reference: tuple[str, str], reach: float
) -> Operation:
    """The boundary of a row (now ``shape``) laid on that of another (layer, uuid) where it is within ``reach`` metres."""

    def change(around: Neighbourhood) -> EditResult:
        return align(around.geometries, _row(around, layer, uuid), _row(around, *reference), reach)

    why = tr("对齐{layer}的边界", layer=layer_spec(layer).title)
    return Operation(layer, box_around(shape, margin=reach + _MARGIN), change, why)


def _row(around: Neighbourhood, layer: str, uuid: str) -> int:
    """Position of a row; an error for people where it has gone or lies out of reach."""
    try:
        return around.position(layer, uuid)
    except KeyError as problem:
        raise EditError(
            tr("选定的图形不在这里：离得太远，或已被改动。"), hint=tr("请另选一个图形，或刷新后再试。")
        ) from problem


def _targets(around: Neighbourhood, layer: str, uuids: Sequence[str]) -> list[int]:
    """Positions of these rows, or of all rows of the layer."""
    if not uuids:
        return around.positions(layer)
    return [_row(around, layer, uuid) for uuid in uuids]
