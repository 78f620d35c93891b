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
        from gis.store.base import Condition

        wanted = [] if self._rows is None else self._rows[offset : offset + limit].tolist()
        frame = self._store.read(
            self._table,
            columns=self._columns,
            where=[Condition("fid", "in", wanted)],
            geometry=False,
        )
        frame = frame.loc[[fid for fid in wanted if fid in frame.index]]
        columns = [frame[name].tolist() for name in ["uuid", *self._columns]]
        return list(zip(*columns, strict=True))

    def find(self, uuids: Sequence[str]) -> list[int]:
        """The places of rows, ascending; those that are not among them are left out."""
        import numpy as np

        from gis.store.base import Condition

        frame = self._store.read(
            self._table, columns=[], where=[Condition("uuid", "in", list(uuids))], geometry=False
        )
        if self._rows is None or frame.empty:
            return []
        places: list[int] = np.flatnonzero(np.isin(self._rows, frame.index.to_numpy())).tolist()
        return places
