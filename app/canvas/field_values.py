"""Values of a field beside the rows of the map: what classes by field are made from, read once for each row."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from gis.progress import Cancelled
from layers.styling.style import COMPUTED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gis.draw.drawn_table import DrawnTable
    from gis.draw.flat import FlatLayer
    from gis.store.base import Store
    from layers.styling.numbers import Values

__all__ = ["FieldValues"]

_log = logging.getLogger("parkline")

_AT_ONCE = 20_000  # rows read where they are asked for; more are read in the background
Key = tuple[str, str, bool]


class FieldValues:
    """A row version never changes, so that its values are read once; ``on_ready`` says that more are there."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._kept: dict[Key, list[tuple[FlatLayer, Values]]] = {}
        self._reading: set[Key] = set()
        self._stopped = threading.Event()
        self.on_ready: Callable[[], None] = lambda: None
        self._lent: dict[tuple[str, str], Mapping[int, str]] = {}

    def lend(self, table: str, field: str, values: Mapping[int, str]) -> None:
        """Values by row id of a field that is worked out, not stored."""
        with self._guard:
            self._lent[(table, field)] = values
            for numeric in (False, True):
                self._kept.pop((table, field, numeric), None)

    def close(self) -> None:
        """Stop reading at the next portion."""
        self._stopped.set()

    @property
    def reading(self) -> bool:
        """Whether values are being read in the background."""
        return bool(self._reading)

    def get(self, drawn: DrawnTable, field: str, *, numeric: bool) -> list[Values] | None:
        """The values of each row of each of the table's layers; None while they are still to be read."""
        if field.startswith(COMPUTED):
            return self._computed(drawn, field, numeric=numeric)
        key = (drawn.table, field, numeric)
        with self._guard:
            known = {id(layer): values for layer, values in self._kept.get(key, ())}
            missing = [layer for layer in drawn.layers if id(layer) not in known]
            if any(len(layer) > _AT_ONCE for layer in missing):
                if key not in self._reading and not self._stopped.is_set():
                    self._reading.add(key)
                    threading.Thread(
                        target=self._read_all, args=(key, missing), name="map classes", daemon=True
                    ).start()
                return None
        for layer in missing:
            known[id(layer)] = self._few(key, layer.ids)
        found = [(layer, known[id(layer)]) for layer in drawn.layers]
        with self._guard:
            if missing or len(found) < len(self._kept.get(key, ())):
                self._kept[key] = found
        return [values for _, values in found]

    def _computed(self, drawn: DrawnTable, field: str, *, numeric: bool) -> list[Values]:
        from layers.styling.numbers import gathered

        key = (drawn.table, field, numeric)
        with self._guard:
            lent = self._lent.get((drawn.table, field), {})
            known = {id(layer): values for layer, values in self._kept.get(key, ())}
        found = [
            (
                layer,
                known.get(id(layer))
                or gathered([lent.get(row, "") for row in layer.ids.tolist()], numeric=numeric),
            )
            for layer in drawn.layers
        ]
        with self._guard:
            if self._lent.get((drawn.table, field), {}) is lent:
                self._kept[key] = found
        return [values for _, values in found]

    def _few(self, key: Key, ids: NDArray[np.int64]) -> Values:
        from layers.styling.numbers import gathered

        table, field, numeric = key
        found = self._store.values(table, field, ids.tolist())
        return gathered([found.get(row) for row in ids.tolist()], numeric=numeric)

    def _read_all(self, key: Key, layers: Sequence[FlatLayer]) -> None:
        """The whole column, put beside the rows of the layers."""
        import numpy as np

        from layers.styling.numbers import gathered

        try:
            fids, values = list[int](), list[object]()
            for some, portion in self._store.column(key[0], key[1]):
                if self._stopped.is_set():
                    return
                fids += some
                values += portion
            ids = np.array(fids, dtype=np.int64)
            found = gathered(values, numeric=key[2])
            beside = [(layer, found.taken(ids, layer.ids)) for layer in layers]
            with self._guard:
                mine = {id(layer) for layer in layers}
                others = [pair for pair in self._kept.get(key, ()) if id(pair[0]) not in mine]
                self._kept[key] = [*others, *beside]
        except Cancelled:
            return
        except Exception:
            if not self._stopped.is_set():
                _log.exception("reading %s of %s for the map failed", key[1], key[0])
        finally:
            self._reading.discard(key)
        self.on_ready()
