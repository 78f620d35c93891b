"""A layer as a file for other programs: GeoPackage, GeoJSON, shapefile, FlatGeobuf, CSV, Excel.

Machine formats carry the field names of the declarations and stored values; ledgers (CSV, Excel) carry
titles with units and the titles of codes, as people read them. Both come back through the import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.crs import GEOGRAPHIC, describe, to_plane
from gis.errors import ParkLineError
from gis.progress import Progress, scaled, silent
from gis.store.base import Condition
from gis.text import tr
from layers.codes import code_table
from layers.export_ledger import write_csv, write_xlsx
from layers.export_vector import shapefile_columns, write_vector
from layers.output_files import ready_target, write_whole
from layers.registry import layer as layer_spec
from layers.spec import FieldType, LayerSpec

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["FORMATS", "Exported", "export_layer"]

# Suffix → format, in the order in which they are offered.
FORMATS: dict[str, str] = {
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".shp": "Shapefile",
    ".fgb": "FlatGeobuf",
    ".csv": "CSV",
    ".xlsx": "Excel",
}
_LEDGERS = (".csv", ".xlsx")
_MOST_SHEET_ROWS = 1_048_575  # Excel's last row, less the header


@dataclass(slots=True)
class Exported:
    """What was written. ``columns`` is name in the file → field; ``epsg`` is None without geometry."""

    path: Path
    format: str
    rows: int
    epsg: int | None
    columns: Mapping[str, str]
    notes: list[str] = field(default_factory=list)


def export_layer(
    project: Project,
    layer: str,
    path: Path,
    *,
    epsg: int | None = None,
    snapshot: str | None = None,
    progress: Progress = silent,
) -> Exported:
    """Write the current rows of a layer, those of one plan snapshot if named.

    The format follows from the suffix. Coordinates are in the project's plane (GeoJSON: degrees, as RFC 7946
    wants) unless ``epsg`` says otherwise. The file appears whole or not at all; an ordinary file of that
    name is replaced, a project never. Raises ``ParkLineError`` for what the format cannot hold.
    """
    spec = layer_spec(layer)
    target = ready_target(path, tuple(FORMATS))
    suffix = target.suffix.lower()
    where = _wanted(project, layer, snapshot)
    if suffix in (".shp", ".fgb") and not spec.geometry:
        raise ParkLineError(
            tr("“{layer}”没有图形，不能写成 {format}。", layer=spec.title, format=FORMATS[suffix]),
            hint=tr("请改用 .xlsx、.csv 或 .gpkg。"),
            file=target,
        )
    progress(0.0, tr("读取 {table}", table=spec.title))
    columns = [item.name for item in spec.fields] + _system(spec)
    has_shapes = bool(spec.geometry) and suffix != ".xlsx"
    frame = project.read(layer, columns=columns, where=where, geometry=has_shapes)
    rows = pd.DataFrame(frame[columns])
    system, shapes = None, None
    if has_shapes:
        system = epsg or (GEOGRAPHIC if suffix == ".geojson" else project.epsg)
        shapes = _moved(np.asarray(frame["geometry"].to_numpy(), dtype=object), project.epsg, system, target)
    exported = Exported(target, FORMATS[suffix], len(rows), system, {})
    progress(0.4, tr("写入 {name}", name=target.name))
    writing = scaled(progress, 0.4, 1.0)
    if suffix in _LEDGERS:
        _write_ledger(exported, spec, rows, shapes, writing)
    else:
        _write_vector(exported, spec, rows, shapes)
    progress(1.0, tr("导出完成"))
    return exported


def _wanted(project: Project, layer: str, snapshot: str | None) -> list[Condition]:
    if snapshot is None:
        return []
    if layer != "land_use":
        raise ParkLineError(tr("只有规划用地（land_use）有快照，请去掉 --snapshot。"))
    return [Condition("snapshot", "=", project.snapshot(snapshot).name)]


def _system(spec: LayerSpec) -> list[str]:
    return ["uuid", "source", *(["source_crs"] if spec.geometry else [])]


def _moved(shapes: NDArray[np.object_], source: int, target: int, file: Path) -> NDArray[np.object_]:
    try:
        describe(target)
        return to_plane(shapes, source, target)
    except ParkLineError as error:
        raise ParkLineError(error.message, hint=error.hint, file=file) from error


def _write_vector(
    exported: Exported, spec: LayerSpec, rows: pd.DataFrame, shapes: NDArray[np.object_] | None
) -> None:
    names = {str(name): str(name) for name in rows.columns}
    if exported.path.suffix.lower() == ".shp":
        names, rows, notes = shapefile_columns(spec, rows)
        exported.notes += notes
    exported.columns = {written: name for name, written in names.items()}
    written = rows.rename(columns=names)
    geometry_type = {"POINT": "Point", "MULTILINESTRING": "MultiLineString", "MULTIPOLYGON": "MultiPolygon"}
    kind = geometry_type.get(spec.stored_geometry or "", "Unknown")
    system = exported.epsg
    write_whole(
        exported.path,
        lambda part: write_vector(
            written, shapes, part, layer=spec.name, title=spec.title, epsg=system, kind=kind
        ),
    )


def _write_ledger(
    exported: Exported,
    spec: LayerSpec,
    rows: pd.DataFrame,
    shapes: NDArray[np.object_] | None,
    progress: Progress,
) -> None:
    if exported.path.suffix.lower() == ".xlsx" and len(rows) > _MOST_SHEET_ROWS:
        raise ParkLineError(
            tr("{count} 行超出 Excel 工作表的行数上限。", count=f"{len(rows):,}"),
            hint=tr("请改用 .csv 或 .gpkg。"),
            file=exported.path,
        )
    titles = _titles(spec)
    exported.columns = {title: name for name, title in titles.items()}
    shown = rows.copy()
    for item in spec.fields:
        if item.type is FieldType.CODE:
            table = code_table(item.codes or "")
            shown[item.name] = shown[item.name].map(table.title, na_action="ignore")
        elif item.type is FieldType.BOOLEAN:
            words = {True: tr("是"), False: tr("否")}
            shown[item.name] = shown[item.name].astype(object).map(words, na_action="ignore")
    shown = shown.rename(columns=titles)
    if exported.path.suffix.lower() == ".xlsx":
        write_whole(exported.path, lambda part: write_xlsx(shown, part, title=spec.title, progress=progress))
        return
    if shapes is not None:
        shown["WKT"] = shapely.to_wkt(shapes, rounding_precision=_decimals(exported.epsg))
        exported.columns = {**exported.columns, "WKT": "geometry"}
        crs = describe(exported.epsg or 0)
        exported.notes.append(tr("WKT 列的坐标系为 {crs}；再次导入时用 --crs 指定。", crs=crs))
    write_whole(exported.path, lambda part: write_csv(shown, part))


def _decimals(epsg: int | None) -> int:
    """Decimals of a coordinate that keep the millimetre."""
    return 9 if epsg == GEOGRAPHIC else 4


def _titles(spec: LayerSpec) -> dict[str, str]:
    """Field → column title, each of them once."""
    titles = {item.name: item.header for item in spec.fields}
    titles |= {"uuid": tr("行标识"), "source": tr("数据来源"), "source_crs": tr("来源坐标系")}
    seen: set[str] = set()
    for name, title in titles.items():
        if title in seen:
            titles[name] = f"{title} {name}"
        seen.add(titles[name])
    return titles
