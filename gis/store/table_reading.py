"""Which way rows become a frame: few through Python's own sqlite3, many by compiled loops."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import geopandas as gpd

from gis.store.connection import Connections
from gis.store.frames import read_frame
from gis.store.query import Selection

__all__ = ["Reading"]

_FEW = 10_000  # rows that are read sooner than the compiled loops are loaded


@dataclass(frozen=True)
class Reading:
    """Rows to be read: which, which of their columns, the EPSG code of their CRS, with geometry or without.

    ``expected`` is the number of row versions in the table, 0 where not all rows of the selection are wanted.
    """

    selection: Selection
    columns: Sequence[str]
    epsg: int
    geometry: bool
    expected: int

    def read(self, connections: Connections, statement: str, values: Sequence[object]) -> gpd.GeoDataFrame:
        """The rows, which ``statement`` gives, too."""
        schema = self.selection.schema
        short = self.expected < _FEW
        if short or self.selection.where or self.selection.box is not None:
            with (
                connections.reading() as connection,
                closing(connection.execute(statement, values)) as cursor,
            ):
                first = cursor.fetchmany(_FEW)
                if short or len(first) < _FEW:
                    return read_frame(cursor, schema, self.columns, self.epsg, self.geometry, first)
        frame = self._read_many(connections)
        if frame is None:
            with connections.reading() as connection:
                cursor = connection.execute(statement, values)
                frame = read_frame(cursor, schema, self.columns, self.epsg, self.geometry)
        return frame

    def _read_many(self, connections: Connections) -> gpd.GeoDataFrame | None:
        """None where the loops cannot be used."""
        if (
            self.selection.box is not None and not self.selection.indexed
        ):  # SQL functions of our own compare it
            return None
        with connections.reading_at_once() as (connection, natives):
            if not natives:
                return None
            from gis.store.native_frames import native_frame

            return native_frame(
                connection, natives, self.selection, self.columns, self.epsg, self.geometry, self.expected
            )
