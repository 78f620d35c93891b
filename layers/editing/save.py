"""An edit stored: one transaction for all layers, with the reason for what was warned about and who came of whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.store.base import Condition, Transaction
from gis.store.blob import decode
from gis.store.row_ids import new_uuids
from gis.text import tr
from layers.editing.edit import Edit, LayerEdit
from layers.editing.rows import SYSTEM, differs, frame_of, geometries, row_label
from layers.editing.validation import check_edit, refuse_repeated_numbers
from layers.editing.warnings import EditWarning, warnings_of
from layers.records import LINEAGE_TABLE, WARNING_TABLE
from layers.spec import LayerSpec

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["ReasonNeededError", "save"]


class ReasonNeededError(ParkLineError):
    """The edit takes industrial land from a line and nobody has said why. ``warnings`` are the pieces."""

    def __init__(self, warnings: Sequence[EditWarning]) -> None:
        super().__init__(
            tr(
                "这次编辑有 {count} 条预警，保存前须说明理由：{text}",
                count=len(warnings),
                text=warnings[0].text,
            ),
            hint=tr("请返回修改，或填写理由后继续。"),
        )
        self.warnings = tuple(warnings)


def save(
    project: Project,
    edit: Edit,
    *,
    reason: str = "",
    warnings: Sequence[EditWarning] | None = None,
    checked: bool = False,
) -> int | None:
    """Store an edit and return its journal id, None if it changes nothing.

    ``warnings`` are those of `warnings_of` for this very edit (None: they are looked for here); ``checked``
    says that it has passed `check_edit`. Raises
    `ReasonNeededError` if one needs a reason and ``reason`` is empty, `layers.editing.values.FieldError` and
    ``ParkLineError`` for what cannot be stored or was changed by somebody else. Nothing is stored then.
    """
    if not _writes(edit):
        return None
    if not checked:
        check_edit(project, edit)
    found = warnings_of(project, edit) if warnings is None else warnings
    answered = [item for item in found if item.needs_reason]
    said = reason.strip()
    if answered and not said:
        raise ReasonNeededError(answered)
    why = tr("{why}（理由：{reason}）", why=edit.why, reason=said) if said else edit.why
    with project.transaction(why) as transaction:
        for item in edit.layers.values():
            _refuse_stale(project, item)
        refuse_repeated_numbers(project, edit)
        for item in edit.layers.values():
            _store(transaction, item)
        _insert(transaction, LINEAGE_TABLE.name, _lineage(project, edit))
        _insert(transaction, WARNING_TABLE.name, _acknowledged(project, answered, said))
        return transaction.id


def _writes(edit: Edit) -> bool:
    """Whether anything differs; an edit that comes to nothing leaves no journal entry."""
    return any(
        item.born or item.retired or item.moved.any() or item.changed_fields for item in edit.layers.values()
    )


def _refuse_stale(project: Project, item: LayerEdit) -> None:
    """Somebody else may have written a row since it was read."""
    stale = _changed_since(project, item)
    if stale:
        label = row_label(item.spec, item.before.loc[stale[0]])
        raise ParkLineError(
            tr("{layer} {label} 已被别人改动，这次编辑没有保存。", layer=item.spec.title, label=label),
            hint=tr("表格和地图会显示现在的内容；请对照后重新编辑这一行。"),
        )


def _changed_since(project: Project, item: LayerEdit) -> list[str]:
    """Rows that are gone or have a newer version, else those that another program (QGIS) has changed in place.

    No transaction of ours tells of the latter. Of boundaries that move, nothing but boundaries is read.
    """
    if not len(item.before):
        return []
    names = [name for name in item.before.columns if name not in {"uuid", "born", "geometry"}]
    uuids = [str(uuid) for uuid in item.before.index]
    where = [Condition("uuid", "in", uuids)]
    # The frame of a few rows takes longer to make than to read: none is made of boundaries alone.
    now = project.read(item.spec.name, where=where) if names or not item.spec.geometry else None
    if now is None:
        born, place, shapes = _boundaries(project, item.spec.name, where)
    else:
        born, shapes = now["born"].tolist(), geometries(now)
        place = {str(uuid): row for row, uuid in enumerate(now["uuid"])}
    stale = [
        uuid
        for uuid, known in zip(uuids, item.before["born"].tolist(), strict=True)
        if uuid not in place or born[place[uuid]] != known
    ]
    if stale:
        return stale
    order = np.array([place[uuid] for uuid in uuids])
    other = np.zeros(len(order), dtype=bool)
    if now is not None:
        for name in now.columns.intersection(names):
            other |= differs(pd.Series(item.before[name]), pd.Series(now[name]).iloc[order])
    if item.spec.geometry:
        before, after = geometries(item.before), shapes[order]
        there = ~shapely.is_missing(before)
        other |= there == shapely.is_missing(after)
        other |= there & ~shapely.equals_exact(before, after, 0.0)
    return [uuid for uuid, is_other in zip(uuids, other, strict=True) if is_other]


def _boundaries(
    project: Project, table: str, where: Sequence[Condition]
) -> tuple[list[int], dict[str, int], NDArray[np.object_]]:
    """Of current rows: the transactions that bore them, their places by uuid, and their geometries."""
    born: list[int] = []
    place: dict[str, int] = {}
    blobs: list[bytes | None] = []
    for _, some, rows in project.store.portions(table, ("uuid", "born"), where=where):
        blobs += some
        for uuid, transaction in rows:
            place[str(uuid)] = len(born)
            born.append(int(str(transaction)))
    return born, place, decode(blobs)


def _store(transaction: Transaction, item: LayerEdit) -> None:
    name = item.spec.name
    transaction.retire(name, item.retired)
    touched = item.moved.copy()
    for rows in item.changed_fields.values():
        touched |= rows
    if touched.any():
        frame = item.written(touched)
        if not item.moved.any():
            transaction.update(name, pd.DataFrame(frame.drop(columns="geometry")))
        else:
            transaction.update(name, frame)
    if item.born:
        columns = ["uuid", *(field.name for field in item.spec.fields), *SYSTEM, "geometry"]
        transaction.insert(name, item.after.loc[item.born, columns])


def _insert(transaction: Transaction, table: str, frame: gpd.GeoDataFrame | None) -> None:
    if frame is not None:
        transaction.insert(table, frame)


def _lineage(project: Project, edit: Edit) -> gpd.GeoDataFrame | None:
    records = [
        {
            "layer": descent.layer,
            "child": descent.child,
            "parent": parent,
            "child_no": _number(edit.layers[descent.layer], descent.child),
            "parent_no": _number(edit.layers[descent.layer], parent),
            "operation": descent.operation,
        }
        for descent in edit.descents
        for parent in descent.parents
    ]
    return _frame(project, LINEAGE_TABLE, records, [None] * len(records))


def _number(item: LayerEdit, uuid: str) -> str:
    frame = item.after if uuid in item.after.index and uuid not in item.before.index else item.before
    return row_label(item.spec, frame.loc[uuid])


def _acknowledged(project: Project, warnings: Iterable[EditWarning], reason: str) -> gpd.GeoDataFrame | None:
    today = pd.Timestamp(dt.datetime.now().astimezone().date())
    kept = list(warnings)
    records: list[dict[str, Any]] = [
        {
            "way": item.way,
            "severity": item.severity,
            "state": "acknowledged",
            "subject_layer": item.layer,
            "subject_uuid": item.uuid,
            "subject": item.subject,
            "unit": item.unit,
            "block": item.block,
            "block_name": item.block_name,
            "from_scheme": item.from_scheme,
            "from_code": item.from_code,
            "from_use": item.from_use,
            "to_scheme": item.to_scheme,
            "to_code": item.to_code,
            "to_use": item.to_use,
            "area": item.area,
            "width": item.width,
            "block_share": item.block_share,
            "share_before": item.block_state.share_before,
            "share_after": item.block_state.share_after,
            "clause": item.clause.number,
            "quotation": item.clause.quotation,
            "reason": reason,
            "acknowledged_by": project.store.user,
            "acknowledged_on": today,
        }
        for item in kept
    ]
    return _frame(project, WARNING_TABLE, records, [item.geometry for item in kept])


def _frame(
    project: Project, spec: LayerSpec, records: list[dict[str, Any]], shapes: list[Any]
) -> gpd.GeoDataFrame | None:
    if not records:
        return None
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return frame_of(spec, new_uuids(len(records)), records, geometry, project.epsg)
