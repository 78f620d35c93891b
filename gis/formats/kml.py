"""KML and KMZ: every folder a layer, geometry collections taken apart, image pyramids refused in words."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.formats.ogr import inspect_ogr, layer_names, read_ogr
from gis.formats.source import SourceInfo, SourceTable
from gis.formats.xml_guard import refuse_declarations
from gis.progress import Progress, silent
from gis.text import tr

__all__ = ["inspect", "read"]

_MOST_DOCUMENT = 512 * 1024**2


def inspect(path: Path, *, layer: str | None = None) -> SourceInfo:
    """Layers and first rows, always UTF-8. Raises ``ParkLineError`` for entities in the XML and for KMZ image pyramids."""
    _guard(path)
    if not layer_names(path):
        raise ParkLineError(
            tr("文件中没有可导入的要素（可能只含影像瓦片）。"), hint=tr("请导出矢量要素后再导入。"), file=path
        )
    info = inspect_ogr(path, "KML", layer=layer)
    notes = (tr("部分软件在 GCJ-02 底图上绘制 KML，位置可能偏移数百米，请核对。"),)
    return replace(info, format="KMZ" if path.suffix.lower() == ".kmz" else "KML", crs="EPSG:4326", encoding="utf-8",
                   encoding_evidence=tr("KML 规定为 UTF-8。"), notes=notes)  # fmt: skip


def read(info: SourceInfo, *, progress: Progress = silent) -> SourceTable:
    """All placemarks of a layer; a collection of polygons becomes one multipolygon."""
    table = read_ogr(replace(info, encoding=None), progress=progress)
    if table.geometry is not None:
        table.geometry = _without_collections(table.geometry)
    blank = [
        name
        for name in table.frame.columns
        if table.frame[name].isna().all() or (table.frame[name].astype(str) == "").all()
    ]
    table.frame = table.frame.drop(columns=blank)
    table.info = replace(info, columns=tuple(str(name) for name in table.frame.columns))
    return table


def _guard(path: Path) -> None:
    if path.suffix.lower() != ".kmz":
        with path.open("rb") as document:
            refuse_declarations(document, path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            documents = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".kml")]
            starts = []
            for entry in documents:
                with archive.open(entry) as packed:
                    starts.append(refuse_declarations(packed, path, most=_MOST_DOCUMENT))
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise ParkLineError(tr("KMZ 压缩包已损坏。"), hint=tr("请重新获取文件。"), file=path) from error
    if len(documents) > 1 and any(b"Region" in start and b"Lod" in start for start in starts):
        raise ParkLineError(
            tr("这个 KMZ 是影像瓦片集，没有地块矢量。"),
            hint=tr("请向提供方索取矢量数据（KML、SHP 或 GDB）。"),
            file=path,
        )


def _without_collections(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Collections reduced to the parts of their highest dimension, joined into one geometry."""
    result = geometries.copy()
    # A loop over collections only: each becomes one geometry of its own making.
    for position in np.flatnonzero(shapely.get_type_id(geometries) == 7):
        parts = shapely.get_parts(geometries[position])
        while len(parts) and (shapely.get_type_id(parts) >= 4).any():
            parts = shapely.get_parts(parts)
        if not len(parts):
            result[position] = None
            continue
        highest = shapely.get_dimensions(parts).max()
        kept = parts[shapely.get_dimensions(parts) == highest]
        collect: Any = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}[
            int(highest)
        ]
        result[position] = collect(kept)
    return result
