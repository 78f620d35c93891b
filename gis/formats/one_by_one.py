"""The slow way through a damaged file, so that one bad record does not cost the others.

Portions that cannot be read in bulk are halved until the bad records stand alone; fiona then shows what is left
of each of them.
"""

from __future__ import annotations

from typing import Any

import fiona
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from fiona.errors import FionaError
from numpy.typing import NDArray
from shapely.geometry import shape

from gis.formats.arrow_frames import frame_of, geometries_of
from gis.formats.source import RowProblem, SourceInfo, SourceTable, take_out
from gis.progress import Progress
from gis.text import tr

__all__ = ["READ_FAILURES", "BadGeometryError", "read_one_by_one", "strict_shape"]

READ_FAILURES = (
    FionaError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError, pa.ArrowException, OSError, ValueError, RuntimeError,
)  # fmt: skip
_PORTION = 4_096
_RING = 4  # points of the shortest ring, the first one repeated


class BadGeometryError(ValueError):
    """A geometry that is none, in a sentence for people."""


def read_one_by_one(info: SourceInfo, source: str, encoding: str | None, progress: Progress) -> SourceTable:
    """All rows that can be read, numbered from 1, and a problem for each that cannot.

    Raises one of ``READ_FAILURES`` where the file cannot be opened or the number of its rows is not known.
    """
    count = info.row_count
    if count is None:
        raise OSError(tr("记录数未知"))
    frames: list[pd.DataFrame] = []
    shapes: list[NDArray[np.object_]] = []
    rows: list[int] = []
    unread: dict[int, str] = {}
    problems: list[RowProblem] = []
    waiting = [(start, min(_PORTION, count - start)) for start in range(0, count, _PORTION)][::-1]
    while waiting:
        start, size = waiting.pop()
        progress(start / count, tr("逐行读取 {done} / {count}", done=start, count=count))
        try:
            frame, geometry, wrong = _portion(info, source, encoding, start, size)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
            raise  # the file itself cannot be opened
        except READ_FAILURES as error:
            if size == 1:
                problems.append(_damaged(info, source, encoding, start, error))
            else:
                half = size // 2
                waiting += [(start + half, size - half), (start, half)]
            continue
        unread.update({len(rows) + position: reason for position, reason in wrong.items()})
        rows += range(start + 1, start + 1 + len(frame))
        frames.append(frame)
        shapes.append(geometry)
    table = SourceTable(
        info,
        pd.concat(frames, ignore_index=True) if frames else frame_of({}, 0),
        np.concatenate(shapes) if shapes else np.empty(0, dtype=object),
        np.array(rows, dtype=np.int64),
        problems,
    )
    take_out(table, unread)
    return table


def _portion(
    info: SourceInfo, source: str, encoding: str | None, start: int, size: int
) -> tuple[pd.DataFrame, NDArray[np.object_], dict[int, str]]:
    meta, table = pyogrio.read_arrow(
        source,
        layer=info.layer,
        encoding=encoding,
        skip_features=start,
        max_features=size,
        datetime_as_string=True,
    )
    name = meta["geometry_name"] or "wkb_geometry"
    if name not in table.column_names:
        return frame_of(table), np.full(table.num_rows, None, dtype=object), {}
    geometry, wrong = geometries_of(table.column(name).to_numpy(zero_copy_only=False))
    return frame_of(table.drop_columns([name]), len(geometry)), geometry, wrong


def _damaged(
    info: SourceInfo, source: str, encoding: str | None, position: int, error: Exception
) -> RowProblem:
    """What fiona still sees of a record that bulk reading gave up on."""
    values: dict[str, object] = {}
    try:
        with fiona.open(
            source, layer=info.layer, encoding=encoding, allow_unsupported_drivers=True
        ) as collection:
            for feature in collection.filter(position, position + 1):
                values = {str(name): value for name, value in feature.properties.items()}
    except (*READ_FAILURES, AttributeError, TypeError, IndexError) as again:
        error = again
    if isinstance(error, UnicodeDecodeError) or "Wrapping" in str(error):
        return RowProblem(position + 1, tr("文字的编码已损坏"), values)
    said = (str(error) or type(error).__name__).splitlines()[0]
    return RowProblem(position + 1, tr("记录已损坏：{reason}", reason=said), values)


def strict_shape(geometry: Any) -> shapely.Geometry:
    """A geometry of a GeoJSON mapping.

    Raises ``BadGeometryError`` for what is none, and for open and short rings: shapely would close them in silence.
    """
    try:
        kind, coordinates = str(geometry["type"]), geometry.get("coordinates")
        if kind == "GeometryCollection":
            return shapely.GeometryCollection([strict_shape(part) for part in geometry["geometries"]])
        polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind, [])
        for ring in (ring for polygon in polygons for ring in polygon):
            if len(ring) < _RING:
                raise BadGeometryError(tr("环的顶点太少"))
            if tuple(ring[0]) != tuple(ring[-1]):
                raise BadGeometryError(tr("边界环不闭合"))
        return shape(geometry)
    except BadGeometryError:
        raise
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        shapely.errors.ShapelyError,
    ) as error:
        raise BadGeometryError(tr("图形的坐标不完整或不是数字")) from error
