"""Rows of a stored table by pages, under the filter of the attribute table; called in workers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gis.text import tr
from layers.spec import Field, FieldType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gis.progress import Progress
    from gis.store.base import Condition, Store
    from gis.store.column_statistics import ColumnStatistics
    from gis.store.row_lists import RowLists

__all__ = ["StoreSource", "conditions_for"]

_COMPARISON = re.compile(r"^\s*(>=|<=|!=|=|>|<)\s*(.+)$")


def conditions_for(field: Field, text: str) -> list[Condition]:
    """What the filter box asks of a field: part of a text, a code's name, or a comparison such as ``>= 5``.

    A number or day that cannot be read as one gives no row rather than all.
    """
    from gis.store.base import Condition

    text = text.strip()
    if not text:
        return []
    found = _COMPARISON.match(text)
    operator, value = (found.group(1), found.group(2).strip()) if found else ("", text)
    if field.type in (FieldType.REAL, FieldType.INTEGER):
        try:
            return [Condition(field.name, operator or "=", float(value.replace(",", "")))]
        except ValueError:
            return [Condition("fid", "=", -1)]
    if field.type is FieldType.CODE and field.codes:
        from layers.codes import code_table

        codes = code_table(field.codes)
        hits = [item.value for item in codes.values if value.casefold() in item.title.casefold()]
        exact = codes.canonical(value)
        return [Condition(field.name, "in", list(dict.fromkeys([*hits, *([exact] if exact else [])])))]
    if field.type is FieldType.BOOLEAN:
        return [Condition(field.name, "=", 1 if value in {"1", "true", "yes", tr("是")} else 0)]
    if operator:
        return [Condition(field.name, operator, value)]
    return [Condition(field.name, "contains", value)]


class StoreSource:
    """Pages of one stored table under a filter. ``lists`` belongs to the project, not to one source."""

    def __init__(
        self,
        store: Store,
        lists: RowLists,
        table_name: str,
        fields: Sequence[Field],
        where: Sequence[Condition] = (),
        day: dt.date | None = None,
    ) -> None:
        self._day = day  # only rows that stand on that day
        self._store, self._lists, self._table, self._where = store, lists, table_name, tuple(where)
        self._columns = [field.name for field in fields]
        self._rows: NDArray[np.int64] | None = None  # row ids in the order arranged last

    def arrange(self, order: str | None, descending: bool, progress: Progress) -> int:
        """Find the rows under the filter, in order."""
        self._rows = self._lists.rows(
            self._table, self._where, order, descending=descending, progress=progress
        )
        if self._day is not None:
            from layers.validity import Validity

            validity = Validity.read(self._store, self._table)
            if validity is not None:
                self._rows = self._rows[validity.stands(self._rows, self._day)]
        return len(self._rows)

    def page(self, offset: int, limit: int) -> list[tuple[Any, ...]]:
        """Rows as (uuid, values …)."""
        wanted = [] if self._rows is None else self._rows[offset : offset + limit].tolist()
        return self._rows_of(["uuid", *self._columns], wanted)

    def ids(self, ranges: Sequence[tuple[int, int]] | None) -> NDArray[np.int64]:
        """Row ids at places (first, last) in order; all if None."""
        import numpy as np

        rows = np.empty(0, dtype=np.int64) if self._rows is None else self._rows
        if ranges is None:
            return rows
        return np.concatenate([rows[:0], *(rows[first : last + 1] for first, last in ranges)])

    def uuids(self, ranges: Sequence[tuple[int, int]] | None = None) -> list[str]:
        """Identities of the rows at places, in order; all if None."""
        return [str(row[0]) for row in self._rows_of(["uuid"], self.ids(ranges).tolist())]

    def values(self, columns: Sequence[str], uuids: Sequence[str]) -> list[tuple[Any, ...]]:
        """Columns of the rows of these identities, in the order of the table; of rows under the filter only."""
        return self._rows_of(columns, self.ids([(place, place) for place in self.find(uuids)]).tolist())

    def statistics(self, field: Field, uuids: Sequence[str] | None, progress: Progress) -> ColumnStatistics:
        """Figures of a column over rows of these identities under the filter; over all under it if None."""
        import numpy as np

        from gis.store.column_statistics import column_statistics

        only = None if uuids is None else self._ids_of(uuids)
        if self._day is not None and self._rows is not None:
            only = self._rows if only is None else np.intersect1d(only, self._rows)
        column = self._lists.values(self._table, field.name, self._where, only=only, progress=progress)
        return column_statistics(column, summed=field.type in (FieldType.REAL, FieldType.INTEGER))

    def _ids_of(self, uuids: Sequence[str]) -> NDArray[np.int64]:
        from gis.store.base import Condition

        where = [Condition("uuid", "in", list(uuids))]
        ids: NDArray[np.int64] = self._store.read(
            self._table, columns=[], where=where, geometry=False
        ).index.to_numpy(dtype="int64")
        return ids

    def _rows_of(self, columns: Sequence[str], wanted: list[int]) -> list[tuple[Any, ...]]:
        from gis.store.base import Condition

        frame = self._store.read(
            self._table,
            columns=list(columns),
            where=[Condition("fid", "in", wanted)],
            geometry=False,
        )
        frame = frame.loc[[fid for fid in wanted if fid in frame.index]]
        return list(zip(*[frame[name].tolist() for name in columns], strict=True))

    def find(self, uuids: Sequence[str]) -> list[int]:
        """The places of rows, ascending; those that are not among them are left out."""
        import numpy as np

        if self._rows is None:
            return []
        places: list[int] = np.flatnonzero(np.isin(self._rows, self._ids_of(uuids))).tolist()
        return places
