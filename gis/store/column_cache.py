"""Ranked columns of large tables in files beside the project: what sorting a million rows needs, mapped when asked for.

Everything in the folder may be deleted at any time. A row version never changes, so that columns stay right while
transactions bear and retire rows: the readers compare row ids. What another program writes is not told by any
transaction; therefore files are used only if the project file is as this program left it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gis import array_file
from gis.errors import ParkLineError
from gis.store.file_state import file_identity, file_state
from gis.store.query import column_types

if TYPE_CHECKING:
    from gis.store.base import Store
    from gis.store.ranked_column import RankedColumn

__all__ = ["ColumnCache"]

_log = logging.getLogger("parkline")
_MAGIC = b"ParkLine columns 1\n"


class ColumnCache:
    """The column files of one opened project; made before anything is written to it, used in workers.

    Somebody has to have asked the store before whether it was changed outside: it tells of later changes only.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self._folder = store, folder
        self._tables: set[str] = set()  # whose files hold what the store holds
        self._refused = False
        try:
            self._state = file_state(store.path)
        except OSError:
            self._state = []

    def load(self, table: str) -> dict[str, RankedColumn]:
        """The columns of a table as they were kept; none if they cannot be relied on."""
        from gis.store.ranked_column import RankedColumn

        stamp = {"identity": file_identity(self._store), "state": self._state}
        if self._refused or not self._state or self._stamp(table) != stamp:
            return {}
        found = array_file.load(self._file(table), _MAGIC)
        if found is None:
            return {}
        head, arrays = found
        try:
            columns = {
                name: RankedColumn(arrays["fids"], _values(arrays, name, kind), arrays[f"{name}.ranks"])
                for name, kind in head["columns"]
            }
            wrong = head["columns"] != self._kinds(table, list(columns))
            if wrong or not all(_sound(column) for column in columns.values()):
                return {}
        except (KeyError, ValueError, TypeError):
            return {}
        self._tables.add(table)
        return columns

    def save(self, table: str, columns: Mapping[str, RankedColumn]) -> bool:
        """Keep columns, all of the same row ids. False if that cannot be done."""
        try:
            state = file_state(self._store.path)
            arrays = {"fids": next(iter(columns.values())).fids}
            for name, column in columns.items():
                arrays[f"{name}.ranks"] = column.ranks
                arrays |= {f"{name}.{part}": array for part, array in _parts(column.values).items()}
            array_file.save(self._file(table), _MAGIC, {"columns": self._kinds(table, list(columns))}, arrays)
            self._state = state
            self._tables.add(table)
            self._write_stamp(table, file_identity(self._store))
        except OSError as error:
            _log.info("no column cache: %s", error)
            return False
        if self._refused:  # meanwhile
            self.refuse()
        return not self._refused

    def close(self) -> None:
        """Close the store and note the state that it leaves: the files are right for that, too."""
        identity: list[object] | None = None
        try:
            with suppress(ParkLineError, OSError, ValueError):
                identity = None if self._store.changed_outside() else file_identity(self._store)
        finally:
            self._store.close()
        if identity is None:
            self.refuse()
            return
        with suppress(OSError):
            self._state = file_state(self._store.path)
            for table in self._tables:
                self._write_stamp(table, identity)

    def refuse(self) -> None:
        """Another program has written: nothing that was kept can be relied on."""
        self._refused = True
        for table in self._tables:
            with suppress(OSError):
                self._stamp_file(table).unlink(missing_ok=True)
        self._tables.clear()

    def _kinds(self, table: str, names: Sequence[str]) -> list[list[str]]:
        schema = next(item for item in self._store.tables() if item.name == table)
        types = column_types(schema)
        return [[name, types[name].value] for name in names]

    def _file(self, table: str) -> Path:
        return self._folder / f"{table}.columns"

    def _stamp_file(self, table: str) -> Path:
        return self._folder / f"{table}.columns.json"

    def _stamp(self, table: str) -> Any:
        try:
            return json.loads(self._stamp_file(table).read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def _write_stamp(self, table: str, identity: list[object]) -> None:
        text = json.dumps({"identity": identity, "state": self._state}, ensure_ascii=False)
        self._stamp_file(table).write_text(text, "utf-8")


def _parts(values: Any) -> dict[str, Any]:
    """An Arrow array of values, none missing, as arrays of numpy."""
    import numpy as np
    import pyarrow as pa

    if not pa.types.is_large_string(values.type):
        return {"values": np.asarray(values)}
    ends = np.frombuffer(values.buffers()[1], dtype=np.int64)[values.offset : values.offset + len(values) + 1]
    texts = values.buffers()[2]
    whole = np.frombuffer(texts, dtype=np.uint8) if texts is not None else np.empty(0, np.uint8)
    return {"ends": ends - ends[0], "texts": whole[ends[0] : ends[-1]]}


def _values(arrays: Mapping[str, Any], name: str, kind: str) -> Any:
    import pyarrow as pa

    from gis.store.arrow_columns import arrow_type
    from gis.store.schema import ColumnType

    arrow = arrow_type(ColumnType(kind))
    if not pa.types.is_large_string(arrow):
        values = arrays[f"{name}.values"]
        if values.dtype.itemsize != 8:
            raise ValueError("no numbers")
        return pa.Array.from_buffers(arrow, len(values), [None, pa.py_buffer(values)])
    ends, texts = arrays[f"{name}.ends"], arrays[f"{name}.texts"]
    if ends.dtype != "int64" or texts.dtype != "uint8":
        raise ValueError("no texts")
    return pa.Array.from_buffers(arrow, len(ends) - 1, [None, pa.py_buffer(ends), pa.py_buffer(texts)])


def _sound(column: RankedColumn) -> bool:
    """Whether a file that somebody has damaged would not lead outside its arrays."""
    import pyarrow as pa

    try:
        column.values.validate(full=True)
    except pa.ArrowInvalid:
        return False
    ranks = column.ranks
    fits = ranks.dtype.kind in "iu" and column.fids.dtype == "int64" and len(ranks) == len(column.fids)
    return fits and (not len(ranks) or (ranks.min() >= 0 and int(ranks.max()) <= len(column.values)))
