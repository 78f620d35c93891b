"""What pieces inherit from the row that is split, and one row from those that are merged: by the declaration.

See `layers.spec.OnSplit` and `layers.spec.OnMerge`. Measured areas are not inherited but computed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.text import tr
from layers.editing.rows import SYSTEM, cell
from layers.spec import Field, LayerSpec, OnMerge, OnSplit

__all__ = ["merged_values", "number_field", "shared", "split_values", "suffixed"]

Row = Mapping[str, Any]


def split_values(
    spec: LayerSpec,
    parent: Row,
    areas: NDArray[np.float64],
    taken: Iterable[str],
    *,
    keeps_first: bool = False,
) -> list[dict[str, Any]]:
    """Values of the pieces of a row. ``areas`` are their ellipsoidal areas, m².

    ``taken`` are numbers that may not be given again. With ``keeps_first`` the first piece is what is left
    of the row itself (something was cut out of it): its number and papers stay.
    """
    pieces: list[dict[str, Any]] = [{} for _ in areas]
    used = set(taken)
    for field in spec.fields:
        if field.computed:
            continue
        value = cell(parent.get(field.name))
        fresh = len(areas) - keeps_first
        if field.on_split is OnSplit.SHARE:
            values: list[Any] = shared(value, areas)
        elif field.on_split is OnSplit.CLEAR:
            values = [value] * keeps_first + [None] * fresh
        elif field.on_split is OnSplit.NUMBER and value is not None:
            values = [value] * keeps_first + suffixed(str(value), fresh, used)
        else:
            values = [value] * len(areas)
        for piece, item in zip(pieces, values, strict=True):
            piece[field.name] = item
    for piece in pieces:
        piece.update({name: cell(parent.get(name)) for name in SYSTEM})
    return pieces


def shared(value: float | None, areas: NDArray[np.float64]) -> list[float | None]:
    """A figure in proportion to areas; the parts add up to it."""
    if value is None:
        return [None] * len(areas)
    parts = value * areas / areas.sum()
    # What is lost to rounding, some 1e-12, goes to the largest part.
    largest = int(np.argmax(areas))
    parts[largest] = value - (parts.sum() - parts[largest])
    return [float(part) for part in parts]


def suffixed(number: str, count: int, used: set[str]) -> list[str]:
    """``number-1``, ``number-2`` …, those left out that are used; the new ones are added to ``used``."""
    found: list[str] = []
    suffix = 0
    while len(found) < count:
        suffix += 1
        candidate = f"{number}-{suffix}"
        if candidate not in used:
            found.append(candidate)
    used.update(found)
    return found


def merged_values(
    spec: LayerSpec, parents: Sequence[Row], areas: NDArray[np.float64]
) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Values of the row made from several, and the fields in which they differ and the user has to say.

    Such a field has the value of the largest row as a proposal; with it come the positions of the rows,
    the largest first.
    """
    order = [int(position) for position in np.argsort(-areas, kind="stable")]
    values: dict[str, Any] = {}
    asked: dict[str, list[int]] = {}
    for field in spec.fields:
        if field.computed:
            continue
        found = [cell(parents[position].get(field.name)) for position in order]
        rule = _MERGE.get(field.on_merge)
        if rule is not None:
            values[field.name] = rule(found)
            continue
        values[field.name] = found[0]
        if any(item != found[0] for item in found[1:]):
            asked[field.name] = order
    for name in SYSTEM:
        origins = list(dict.fromkeys(cell(parents[position].get(name)) for position in order))
        values[name] = origins[0] if len(origins) == 1 else None
    return values, asked


def _sum(found: list[Any]) -> Any:
    """Sum of what is known; nothing if a part is not known, since a partial sum passes for the whole."""
    return None if any(item is None for item in found) else float(sum(found))


def _join(found: list[Any]) -> Any:
    texts = list(dict.fromkeys(str(item) for item in found if item is not None))
    return tr("；").join(texts) or None


def _earliest(found: list[Any]) -> Any:
    days = [item for item in found if item is not None]
    return min(days) if days else None


def _latest(found: list[Any]) -> Any:
    return None if any(item is None for item in found) else max(found)


def _nothing(found: list[Any]) -> Any:  # noqa: ARG001 - one signature for all rules
    return None


_MERGE: Mapping[OnMerge, Callable[[list[Any]], Any]] = {
    OnMerge.SUM: _sum,
    OnMerge.JOIN: _join,
    OnMerge.EARLIEST: _earliest,
    OnMerge.LATEST: _latest,
    OnMerge.CLEAR: _nothing,
}


def number_field(spec: LayerSpec) -> Field | None:
    """The field whose number gets a suffix on split."""
    return next((item for item in spec.fields if item.on_split is OnSplit.NUMBER), None)
