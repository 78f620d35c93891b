"""Whether an edit may be stored: required fields, unique numbers, kinds of geometry, open questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gis.errors import ParkLineError
from gis.store.base import Condition
from gis.text import tr
from layers.editing.edit import Edit, LayerEdit
from layers.editing.rows import cell, differs, geometries, row_label
from layers.editing.values import FieldError
from layers.spec import GeometryKind, LayerSpec

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["check_edit", "problems_of", "refuse_repeated_numbers"]

_DIMENSION = {GeometryKind.POINT: 0, GeometryKind.LINE: 1, GeometryKind.POLYGON: 2}


def check_edit(project: Project, edit: Edit) -> None:
    """Raise the first problem of an edit, if there is one."""
    for problem in problems_of(project, edit):
        raise problem


def problems_of(project: Project, edit: Edit) -> Iterator[ParkLineError]:
    """Everything that keeps an edit from being stored, `FieldError` where a field is to blame.

    What was missing before may go on missing: a stored row from an old ledger can still be moved.
    """
    nothing = tr("（空）")
    for question in edit.questions:
        spec = edit.layers[question.layer].spec
        title = spec.field(question.field).title
        yield FieldError(
            tr("各行的“{field}”不同，请选定合并后的值。", field=title),
            spec, spec.field(question.field), uuid=question.uuid,
            hint=tr("；").join(
                tr("{label}：{value}", label=item.label, value=nothing if item.value is None else item.value)
                for item in question.choices
            ),
        )  # fmt: skip
    for item in edit.layers.values():
        yield from _missing_values(item, edit)
        yield from _wrong_geometry(item)
        yield from _repeated_numbers(project, item)


def refuse_repeated_numbers(project: Project, edit: Edit) -> None:
    """Raise `FieldError` if a number is, by now, taken; to be asked again inside the transaction."""
    for item in edit.layers.values():
        for problem in _repeated_numbers(project, item):
            raise problem


def _missing_values(item: LayerEdit, edit: Edit) -> Iterator[FieldError]:
    parents = {descent.child: descent.parents for descent in edit.descents if descent.layer == item.spec.name}
    for field in item.spec.fields:
        if not field.required or field.name not in item.after.columns:
            continue
        empty = item.after[field.name].isna()
        for uuid in item.after.index[empty.to_numpy()]:
            before = [name for name in (uuid, *parents.get(uuid, ())) if name in item.before.index]
            if before and item.before.loc[before, field.name].isna().all():
                continue
            yield FieldError(tr("“{field}”不能为空。", field=field.title), item.spec, field, uuid=str(uuid))


def _wrong_geometry(item: LayerEdit) -> Iterator[ParkLineError]:
    spec = item.spec
    if not spec.geometry:
        return
    fresh = [*item.born, *np.array(item.changed, dtype=object)[item.moved]] if item.changed else item.born
    places = item.after.index.get_indexer(pd.Index(fresh, dtype=object))
    shapes = geometries(item.after)[places]
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    allowed = [_DIMENSION[kind] for kind in spec.geometry]
    wrong = ~empty & ~np.isin(shapely.get_dimensions(shapes), allowed)
    invalid = ~empty & ~shapely.is_valid(shapes)
    for row in np.flatnonzero(wrong | invalid | (empty & spec.geometry_required)):
        label = row_label(spec, item.after.iloc[int(places[row])])
        if empty[row]:
            yield ParkLineError(tr("{layer} {label} 没有图形。", layer=spec.title, label=label))
        elif wrong[row]:
            yield ParkLineError(
                tr("{layer} {label} 的图形类型不对。", layer=spec.title, label=label),
                hint=tr("本图层只收 {wanted}。", wanted=tr("、").join(kind.word for kind in spec.geometry)),
            )
        else:
            reason = shapely.is_valid_reason(shapes[row])
            yield ParkLineError(
                tr("{layer} {label} 的图形无效：{reason}。", layer=spec.title, label=label, reason=reason),
                hint=tr("请先修复图形。"),
            )


def _repeated_numbers(project: Project, item: LayerEdit) -> Iterator[FieldError]:
    """Keys that are new in the edit and stand twice in it or once more in the project."""
    spec = item.spec
    if not spec.key or any(name not in item.after.columns for name in spec.key):
        return
    keys = _keys(spec, item.after)
    fresh = pd.Series(True, index=item.after.index)
    old = _keys(spec, item.before.loc[item.changed])
    fresh.loc[item.changed] = differs(old, keys.loc[item.changed])
    fresh &= keys.notna()
    if not fresh.any():
        return
    field = spec.field(spec.key[0])
    numbers = [str(value) for value in item.after.loc[fresh, field.name]]
    columns = list(spec.key)
    stored = project.read(
        spec.name, columns=columns, geometry=False, where=[Condition(field.name, "in", numbers)]
    )
    stored = stored[~stored["uuid"].isin(item.before.index)]
    taken = set(_keys(spec, stored))
    twice = keys.duplicated(keep=False)
    for uuid in item.after.index[fresh.to_numpy()]:
        if twice[uuid] or keys[uuid] in taken:
            yield FieldError(
                tr("{field} {value} 重复：已有同号的行。", field=field.title, value=cell(item.after.loc[uuid, field.name])),
                spec, field, uuid=str(uuid), hint=tr("请换一个编号。"),
            )  # fmt: skip


def _keys(spec: LayerSpec, frame: pd.DataFrame) -> pd.Series[str]:
    """The key of each row as one text, missing where its first part is."""
    parts = [frame[name].astype("str") for name in spec.key]
    key = parts[0].where(frame[spec.key[0]].notna())
    for part in parts[1:]:
        key = key + "\x1f" + part.fillna("")
    return key
