"""Rows of a layer as edits hold them: frames indexed by uuid, typed as the store types them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.store.base import Condition
from gis.store.frames import geo_frame
from gis.text import tr
from layers.importing.geometry import measured
from layers.spec import Editing, FieldType, LayerSpec

if TYPE_CHECKING:
    from layers.project import Project

__all__ = [
    "SYSTEM",
    "cell",
    "column_of",
    "differs",
    "frame_of",
    "geometries",
    "missing",
    "read_rows",
    "refuse_read_only",
    "row_label",
    "with_measures",
]

# System columns that go with a row from its parents to the pieces: where it came from.
SYSTEM = ("source_crs", "source")


def missing(value: object) -> bool:
    """Whether a cell holds nothing: None, NaN, NaT or NA."""
    return value is None or value is pd.NA or value is pd.NaT or bool(value != value)


def cell(value: Any) -> Any:
    """A cell as plain Python: None where missing; days stay ``pd.Timestamp``."""
    if missing(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def column_of(kind: FieldType, values: Sequence[object]) -> Any:
    """Values of one field as the column that the store would give."""
    plain: list[Any] = [None if missing(value) else value for value in values]
    if kind in (FieldType.TEXT, FieldType.CODE):
        return pd.Series(plain, dtype=pd.StringDtype(na_value=np.nan)).array
    if kind is FieldType.REAL:
        return np.array([np.nan if value is None else value for value in plain], dtype=np.float64)
    if kind is FieldType.INTEGER:
        return pd.Series(plain, dtype="Int64").array
    if kind is FieldType.BOOLEAN:
        return pd.Series(plain, dtype="boolean").array
    return pd.to_datetime(pd.Series(plain, dtype=object)).to_numpy().astype("datetime64[s]")


def frame_of(
    spec: LayerSpec,
    uuids: Sequence[str],
    records: Sequence[Mapping[str, object]],
    geometry: NDArray[np.object_],
    epsg: int,
) -> gpd.GeoDataFrame:
    """Rows from records (field → value, absent means missing), indexed by uuid."""
    columns: dict[str, Any] = {"uuid": column_of(FieldType.TEXT, list(uuids))}
    for field in spec.fields:
        columns[field.name] = column_of(field.type, [record.get(field.name) for record in records])
    for name in SYSTEM:
        columns[name] = column_of(FieldType.TEXT, [record.get(name) for record in records])
    index = pd.Index(list(uuids), dtype=object)
    frame = pd.DataFrame({name: pd.Series(values, index=index) for name, values in columns.items()})
    return geo_frame(frame, geometry, epsg)


def geometries(frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """The geometry column as an array."""
    return np.asarray(frame["geometry"].array, dtype=object)


def read_rows(project: Project, layer: str, uuids: Iterable[str]) -> gpd.GeoDataFrame:
    """The current rows of these uuids in their order, with ``born``; ``ParkLineError`` if one is gone."""
    wanted = list(dict.fromkeys(uuids))
    frame = project.read(layer, where=[Condition("uuid", "in", wanted)])
    frame.index = pd.Index(frame["uuid"].to_numpy(dtype=object), dtype=object)
    gone = len(wanted) - len(frame)
    if gone:
        raise ParkLineError(
            tr("有 {count} 行已被删除或改动，不能编辑。", count=gone), hint=tr("请刷新后再试。")
        )
    return frame.loc[wanted].drop(columns="retired")


def differs(before: pd.Series[Any], after: pd.Series[Any]) -> NDArray[np.bool_]:
    """Cells that are not the same, missing ones being equal."""
    there, now = before.notna().to_numpy(), after.notna().to_numpy()
    both = there & now
    result = there != now
    result[both] = before.to_numpy(dtype=object)[both] != after.to_numpy(dtype=object)[both]
    return np.asarray(result, dtype=bool)


def row_label(spec: LayerSpec, row: Mapping[str, Any] | pd.Series[Any]) -> str:
    """What a person calls the row: its number, else its label, else the first letters of its uuid."""
    for name in (*spec.key[:1], *((spec.label,) if spec.label else ())):
        value = cell(row.get(name))
        if value is not None:
            return str(value)
    return str(row.get("uuid") or "")[:8]


def with_measures(
    spec: LayerSpec, frame: gpd.GeoDataFrame, uuids: Sequence[str], epsg: int
) -> gpd.GeoDataFrame:
    """The frame with the measured areas of these rows computed anew."""
    rows = list(uuids)
    areas = measured(spec, np.asarray(frame.loc[rows].geometry.to_numpy(), dtype=object), epsg)
    result = frame.copy()
    for name in areas.columns:
        result.loc[rows, name] = areas[name].to_numpy()
    return result


def refuse_read_only(spec: LayerSpec) -> None:
    """``ParkLineError`` for a layer whose rows come and go with an import."""
    if spec.editing is Editing.NONE:
        raise ParkLineError(
            tr("图层“{title}”只读，不能编辑。", title=spec.title), hint=tr("请重新导入，另立新的版本。")
        )
