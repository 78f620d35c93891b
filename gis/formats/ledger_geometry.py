"""Geometry that a ledger carries in its cells: WKT, or a pair of coordinates."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.formats.arrow_frames import why_no_geometry
from gis.formats.ledger import WORDS, cell_text, number_of
from gis.text import tr

__all__ = ["LedgerGeometry", "geometry_of"]

_EAST_NAMES, _NORTH_NAMES, _WKT_NAMES = (frozenset(WORDS[kind]) for kind in ("east", "north", "wkt"))
_WKT_START = re.compile(
    r"^\s*(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\s*(Z|M|ZM)?\s*\(", re.IGNORECASE
)
_SRID = re.compile(r"^\s*SRID=(\d+);", re.IGNORECASE)
_DEGREES = re.compile(r"(\d{1,3})[°度](?:(\d{1,2})['′分](?:(\d{1,2}(?:\.\d+)?)[\"″'′秒]*)?)?")  # data


@dataclass(frozen=True, slots=True)
class LedgerGeometry:
    """Geometry of each row (None where its cells are empty), the row positions whose cells are no geometry, with reasons,
    and the system the WKT itself names (``SRID=4545;…``).
    """

    geometry: NDArray[np.object_]
    wrong: dict[int, str]
    crs: str | None = None


def geometry_of(frame: pd.DataFrame) -> LedgerGeometry | None:
    """Geometry from a WKT column or a pair of coordinate columns, None if the ledger has neither.

    Coordinates are taken as they stand (east from the column called so); whether X means north is for
    ``gis.crs.candidates`` to find out.
    """
    keys = {
        re.sub(r"[(\[].*", "", unicodedata.normalize("NFKC", str(name))).strip().lower(): name
        for name in frame.columns
    }
    wkt = next((keys[name] for name in keys if name in _WKT_NAMES and _holds_wkt(frame[keys[name]])), None)
    if wkt is None:
        wkt = next((name for name in frame.columns if _holds_wkt(frame[name])), None)
    if wkt is not None:
        return _from_wkt(frame[wkt])
    east = next((keys[name] for name in keys if name in _EAST_NAMES), None)
    north = next((keys[name] for name in keys if name in _NORTH_NAMES), None)
    if east is None or north is None:
        return None
    return _from_pairs(frame[east], frame[north])


def _holds_wkt(column: pd.Series) -> bool:
    filled = next((cell for cell in column if cell_text(cell)), None)
    return isinstance(filled, str) and bool(_WKT_START.match(filled))


def _from_wkt(column: pd.Series) -> LedgerGeometry:
    texts = [cell_text(cell) for cell in column]
    systems = {match[1] for text in texts if (match := _SRID.match(text))}
    bare = np.empty(len(texts), dtype=object)
    bare[:] = [_SRID.sub("", text) or None for text in texts]
    shapes = np.asarray(shapely.from_wkt(bare, on_invalid="ignore"), dtype=object)
    wrong = {}
    for place in np.flatnonzero(shapely.is_missing(shapes)).tolist():
        if bare[place] is not None:
            wrong[place] = _why(bare[place])
    return LedgerGeometry(shapes, wrong, f"EPSG:{systems.pop()}" if len(systems) == 1 else None)


def _why(text: str) -> str:
    if not _WKT_START.match(text):
        return tr("“{text}”不是 WKT 图形", text=text[:40])
    try:
        shapely.from_wkt(text)
    except shapely.errors.ShapelyError as error:
        return tr("WKT 图形无法读取：{reason}", reason=why_no_geometry(error))
    return tr("“{text}”不是 WKT 图形", text=text[:40])


def _from_pairs(east: pd.Series, north: pd.Series) -> LedgerGeometry | None:
    x, y = (np.array([_coordinate(cell) for cell in column], dtype=np.float64) for column in (east, north))
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return None
    shapes = np.full(len(x), None, dtype=object)
    shapes[known] = shapely.points(x[known], y[known])
    wrong = {}
    for place in np.flatnonzero(~known).tolist():
        shown = (cell_text(east.iloc[place]), cell_text(north.iloc[place]))
        if any(shown):
            wrong[place] = tr("坐标“{x}，{y}”不是一对数字", x=shown[0], y=shown[1])
    return LedgerGeometry(shapes, wrong)


def _coordinate(cell: Any) -> float:
    """A number, or degrees, minutes and seconds as in 109°01′48.5″; NaN for anything else."""
    value = number_of(cell)
    if value is not None:
        return value
    text = re.sub(r"\s|[东经北纬EN]", "", unicodedata.normalize("NFC", cell_text(cell)))  # data
    match = _DEGREES.fullmatch(text)
    if match is None:
        return np.nan
    degrees, minutes, seconds = (float(part or 0) for part in match.groups())
    return degrees + minutes / 60 + seconds / 3600 if minutes < 60 and seconds < 60 else np.nan
