"""One file per exchange format; all give the same SourceTable.

``inspect`` looks without taking anything, ``read`` reads all rows. GDAL and the spreadsheet readers
are imported when a file of their kind is met.
"""

from __future__ import annotations

import json
from pathlib import Path

from gis.errors import ParkLineError
from gis.formats.source import RowProblem, SourceInfo, SourceTable
from gis.progress import Progress, silent
from gis.text import mark, tr

__all__ = ["SUPPORTED", "RowProblem", "SourceInfo", "SourceTable", "inspect", "read"]

# Suffix → title for file dialogs, in the order in which they are offered.
SUPPORTED: dict[str, str] = {
    ".shp": "Shapefile",
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".json": mark("GeoJSON 或 JSON 记录"),
    ".kml": "KML",
    ".kmz": "KMZ",
    ".gdb": "File Geodatabase",
    ".zip": mark("压缩的 Shapefile 或 File Geodatabase"),
    ".xlsx": mark("Excel 台账"),
    ".xlsm": mark("Excel 台账"),
    ".xls": mark("Excel 97-2003 台账"),
    ".csv": mark("CSV 台账"),
    ".txt": mark("CSV 台账"),
    ".mif": "MapInfo",
    ".tab": "MapInfo",
    ".fgb": "FlatGeobuf",
    ".gml": "GML",
}


def inspect(path: str | Path, *, layer: str | None = None, encoding: str | None = None) -> SourceInfo:
    """What a file holds: layers, columns, encoding with its evidence, CRS, the first rows.

    Raises ``ParkLineError`` for a missing, damaged or unknown file, in words that say what to do.
    """
    path = Path(path)
    kind = _kind(path)
    if kind == "shapefile":
        from gis.formats import shapefile

        return shapefile.inspect(path, layer=layer, encoding=encoding)
    if kind == "kml":
        from gis.formats import kml

        return kml.inspect(path, layer=layer)
    if kind == "geojson":
        from gis.formats import geojson

        return geojson.inspect(path, layer=layer, encoding=encoding)
    if kind == "archive":
        from gis.formats import archive

        return archive.inspect(path, layer=layer, encoding=encoding)
    if kind in {"vector", "geodatabase"}:
        from gis.formats import vector

        if kind == "geodatabase":
            return vector.inspect_geodatabase(path, layer=layer)
        return vector.inspect(path, layer=layer, encoding=encoding)
    # A ledger is small enough that looking is reading.
    return _read_ledger(path, kind, layer, encoding, silent).info


def read(
    path: str | Path, *, layer: str | None = None, encoding: str | None = None, progress: Progress = silent
) -> SourceTable:
    """All rows of one layer of a file; rows that cannot be read are listed, not lost."""
    path = Path(path)
    kind = _kind(path)
    if kind in {"excel", "csv", "records"}:
        return _read_ledger(path, kind, layer, encoding, progress)
    if kind == "archive":
        from gis.formats import archive

        return archive.read(path, layer=layer, encoding=encoding, progress=progress)
    info = inspect(path, layer=layer, encoding=encoding)
    if kind == "shapefile":
        from gis.formats import shapefile

        return shapefile.read(info, progress=progress)
    if kind == "kml":
        from gis.formats import kml

        return kml.read(info, progress=progress)
    if kind == "geojson":
        from gis.formats import geojson

        return geojson.read(info, progress=progress)
    from gis.formats import vector

    if kind == "geodatabase":
        return vector.read_geodatabase(info, progress=progress)
    return vector.read(info, progress=progress)


def _read_ledger(
    path: Path, kind: str, layer: str | None, encoding: str | None, progress: Progress
) -> SourceTable:
    from gis.formats import tables

    if kind == "excel":
        return tables.read_excel(path, layer=layer, progress=progress)
    if kind == "csv":
        return tables.read_csv(path, layer=layer, encoding=encoding, progress=progress)
    return tables.read_json(path, encoding=encoding, progress=progress)


def _kind(path: Path) -> str:
    if not path.exists():
        raise ParkLineError(tr("找不到文件。"), hint=tr("请检查路径。"), file=path)
    suffix = path.suffix.lower()
    kinds = {
        ".shp": "shapefile", ".dbf": "shapefile", ".kml": "kml", ".kmz": "kml", ".gdb": "geodatabase",
        ".zip": "archive", ".geojson": "geojson", ".gpkg": "vector", ".mif": "vector", ".tab": "vector",
        ".fgb": "vector", ".gml": "vector", ".xlsx": "excel", ".xlsm": "excel", ".xls": "excel", ".csv": "csv",
        ".txt": "csv",
    }  # fmt: skip
    if suffix == ".json":
        return "geojson" if _is_geojson(path) else "records"
    if suffix in {".dwg", ".mdb"}:
        raise ParkLineError(
            tr("不能直接读取 {suffix} 文件。", suffix=suffix),
            hint=tr("DWG 请另存为 DXF 或 SHP；MDB 请先转换为 .gdb。"),
            file=path,
        )
    if suffix not in kinds:
        raise ParkLineError(
            tr("不支持的文件类型 {suffix}。", suffix=suffix or tr("（无扩展名）")),
            hint=tr("支持：{kinds}", kinds=tr("、").join(SUPPORTED)),
            file=path,
        )
    return kinds[suffix]


def _is_geojson(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(65536)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"["):
        return False
    return (
        b'"FeatureCollection"' in start or b'"Feature"' in start or b'"coordinates"' in start or _typed(path)
    )


def _typed(path: Path) -> bool:
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        return False
    return isinstance(document, dict) and "features" in document
