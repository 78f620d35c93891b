"""The current rows of a stored table as flat layers, kept up to date by what each transaction changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.draw import flat_file
from gis.draw.flat import FlatBuilder, FlatLayer
from gis.progress import Progress, silent
from gis.store.base import Box, Store
from gis.text import tr

__all__ = ["DrawnTable", "build", "newest_transaction", "read_view", "refreshed", "restore", "store_away"]

Key = tuple[object, ...]

# Changes of more rows than that are no longer drawn beside the bulk: it is read anew.
_MANY = 50_000
_FEW = (
    40  # rows that are looked for one by one: the large tables that numpy else makes cost ten times as much
)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnTable:
    """``layers`` are the bulk and, after edits, the rows born since; ``hidden`` marks what was retired of each.

    ``keys`` gives the values of ``columns`` for each class number of the layers. The state is that after
    ``transaction``.
    """

    table: str
    columns: tuple[str, ...]
    layers: tuple[FlatLayer, ...]
    hidden: tuple[NDArray[np.bool_], ...]
    keys: tuple[Key, ...]
    transaction: int

    @property
    def nbytes(self) -> int:
        """Memory, or mapped file, behind the layers."""
        return sum(layer.nbytes for layer in self.layers)

    def __len__(self) -> int:
        return sum(len(layer) - int(mask.sum()) for layer, mask in zip(self.layers, self.hidden, strict=True))


class _Classes:
    """Numbers for the combinations of values that occur."""

    def __init__(self, known: Sequence[Key] = ()) -> None:
        self._numbers = {key: number for number, key in enumerate(known)}

    def numbers(self, rows: Sequence[Key]) -> list[int]:
        known = self._numbers
        for row in dict.fromkeys(rows):
            known.setdefault(row, len(known))
        return list(map(known.__getitem__, rows))

    def keys(self) -> tuple[Key, ...]:
        return tuple(self._numbers)


def newest_transaction(store: Store) -> int:
    """The number of the last transaction of a project."""
    return store.touched_since(sys.maxsize)[0]


def build(store: Store, table: str, columns: Sequence[str], progress: Progress = silent) -> DrawnTable:
    """Read all rows. ``Cancelled`` from ``progress`` stops between two portions.

    What is committed while it reads may or may not be among the rows; :func:`refreshed` sets that right.
    """
    transaction = newest_transaction(store)
    keys: tuple[Key, ...] = ()
    builder = FlatBuilder(_origin(store.bounds(table)))
    total, done = max(1, store.versions(table)), 0
    for some in store.joined(table, columns):
        builder.add_joined(some.blobs, some.sizes, some.fids, some.classes)
        keys = some.keys
        done += len(some.fids)
        progress(min(1.0, done / total), tr("准备地图 {done}/{total}", done=done, total=total))
    layer = builder.finish()
    return DrawnTable(table, tuple(columns), (layer,), (_none(layer),), keys, transaction)


def read_view(store: Store, table: str, columns: Sequence[str], box: Box, most: int) -> DrawnTable | None:
    """The rows whose box touches ``box``, through the spatial index; None if there are more than ``most``."""
    transaction = newest_transaction(store)
    classes = _Classes()
    builder = FlatBuilder(_origin(box))
    count = 0
    for fids, blobs, rows in store.portions(table, columns, bbox=box):
        count += len(fids)
        if count > most:
            return None
        builder.add(blobs, fids, classes.numbers(rows))
    layer = builder.finish()
    return DrawnTable(table, tuple(columns), (layer,), (_none(layer),), classes.keys(), transaction)


def refreshed(drawn: DrawnTable, store: Store) -> DrawnTable | None:
    """The table after everything that has been committed since; None if that is too much to draw beside it."""
    newest, touched = store.touched_since(drawn.transaction)
    if newest == drawn.transaction:
        return drawn
    if drawn.table not in touched:
        return replace(drawn, transaction=newest)
    retired = np.array(store.retired_since(drawn.table, drawn.transaction), dtype=np.int64)
    classes = _Classes(drawn.keys)
    builder = FlatBuilder(drawn.layers[0].origin)
    count = 0
    for fids, blobs, rows in store.portions(drawn.table, drawn.columns, since=drawn.transaction):
        count += len(fids)
        if count + len(retired) > _MANY:
            return None
        builder.add(blobs, fids, classes.numbers(rows))
    born = builder.finish()
    if not len(retired) and not len(born):
        return replace(drawn, transaction=newest)
    # A row read while its transaction was being written stands in the bulk already, and is drawn once.
    gone = np.concatenate([retired, born.ids])
    hidden = [
        mask | np.isin(layer.ids, gone, kind="sort" if len(gone) <= _FEW else None)
        for layer, mask in zip(drawn.layers, drawn.hidden, strict=True)
    ]
    layers = list(drawn.layers)
    if len(born):
        if len(layers) > 1:  # the earlier additions and the new ones become one
            layers, hidden = _merged(layers, hidden, born)
        else:
            layers, hidden = [*layers, born], [*hidden, _none(born)]
    return DrawnTable(drawn.table, drawn.columns, tuple(layers), tuple(hidden), classes.keys(), newest)


def store_away(drawn: DrawnTable, path: Path, identity: Sequence[object], state: Sequence[object]) -> None:
    """Keep the bulk in a file.

    ``identity`` tells one project file from another, ``state`` one state of its bytes. Raises ``OSError``.
    """
    key = {
        "table": drawn.table,
        "columns": list(drawn.columns),
        "keys": [list(item) for item in drawn.keys],
        "transaction": drawn.transaction,
        "identity": list(identity),
        "state": list(state),
    }
    flat_file.save(drawn.layers[0], path, key)


def restore(
    path: Path, table: str, columns: Sequence[str], identity: Sequence[object]
) -> tuple[DrawnTable, list[object]] | None:
    """The bulk from its file and the state of the project file then; None if it belongs to something else."""
    found = flat_file.load(path)
    if found is None:
        return None
    layer, key = found
    mine = (table, list(columns), list(identity))
    if (key.get("table"), key.get("columns"), key.get("identity")) != mine:
        return None
    keys = tuple(tuple(item) for item in key["keys"])
    drawn = DrawnTable(table, tuple(columns), (layer,), (_none(layer),), keys, int(key["transaction"]))
    return drawn, list(key["state"])


def _merged(
    layers: list[FlatLayer], hidden: list[NDArray[np.bool_]], born: FlatLayer
) -> tuple[list[FlatLayer], list[NDArray[np.bool_]]]:
    bulk, *additions = layers
    joined = FlatLayer.joined([*additions, born], [*hidden[1:], _none(born)])
    return [bulk, joined], [hidden[0], _none(joined)]


def _origin(box: Box | None) -> tuple[float, float]:
    """Whole metres in the middle of the layer, from which 32-bit millimetres reach 2,000 km."""
    if box is None:
        return 0.0, 0.0
    return float(round((box[0] + box[2]) / 2)), float(round((box[1] + box[3]) / 2))


def _none(layer: FlatLayer) -> NDArray[np.bool_]:
    return np.zeros(len(layer), dtype=np.bool_)
