"""Files as counties send them, made byte by byte where a library would be too tidy."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

__all__ = ["SQUARES", "feature_collection", "frame", "rewrite_text", "write_dbf", "write_shapefile"]

# Five squares of 1 km in the plane of EPSG:4545, side by side near Ankang.
SQUARES = [
    shapely.box(596_000.0 + 1_000 * i, 3_618_000.0, 597_000.0 + 1_000 * i, 3_619_000.0) for i in range(5)
]


def frame(names: Sequence[str] = ("甲", "乙", "丙", "丁", "戊")) -> gpd.GeoDataFrame:
    """Squares with a number and a text each."""
    return gpd.GeoDataFrame(
        {"编号": list(names), "序号": list(range(1, len(names) + 1))},
        geometry=SQUARES[: len(names)],
        crs=4545,
    )


def write_dbf(
    path: Path, rows: Sequence[Sequence[bytes]], names: Sequence[bytes] = (b"NAME",), *, width: int = 20, language: int = 0
) -> Path:  # fmt: skip
    """A DBF of text fields whose names and values are exactly these bytes."""
    header = struct.pack(
        "<B3xIHH17xB2x", 3, len(rows), 32 + 32 * len(names) + 1, 1 + width * len(names), language
    )
    fields = b"".join(struct.pack("<11sc4xBB14x", name, b"C", width, 0) for name in names)
    body = b"".join(b" " + b"".join(cell.ljust(width) for cell in row) for row in rows)
    path.write_bytes(header + fields + b"\r" + body + b"\x1a")
    return path


def write_shapefile(
    folder: Path, rows: Sequence[Sequence[bytes]], names: Sequence[bytes] = (b"NAME",), *, width: int = 20,
    language: int = 0, cpg: str | None = None, stem: str = "图斑",
) -> Path:  # fmt: skip
    """A shapefile of points whose attributes are exactly these bytes, without .prj."""
    path = folder / f"{stem}.shp"
    points = [shapely.Point(596_000 + i, 3_618_000) for i in range(len(rows))]
    gpd.GeoDataFrame({"n": range(len(rows))}, geometry=points, crs=4545).to_file(path)
    for suffix in (".cpg", ".prj"):
        path.with_suffix(suffix).unlink()
    write_dbf(path.with_suffix(".dbf"), rows, names, width=width, language=language)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    return path


def rewrite_text(path: Path, old: bytes, new: bytes) -> None:
    """Replace bytes of a file by as many others, once."""
    content = path.read_bytes()
    assert content.count(old) == 1
    assert len(old) == len(new)
    path.write_bytes(content.replace(old, new))


def feature_collection(path: Path, geometries: Sequence[Any], **members: Any) -> Path:
    """A GeoJSON of these geometries (mappings as they stand), numbered in the property 编号."""
    features = [
        {"type": "Feature", "properties": {"编号": f"示例-{i}"}, "geometry": geometry}
        for i, geometry in enumerate(geometries, start=1)
    ]
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features, **members}, ensure_ascii=False),
        "utf-8",
    )
    return path
