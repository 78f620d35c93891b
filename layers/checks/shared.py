"""What several checks of one run work out of the same table: worked out once, and kept as long as the table is.

The checks of a run are given the same tables, so that a table itself is what their work can be kept at. A changed
project is read into new tables; nothing outlives them.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

__all__ = ["found", "known", "once"]

_T = TypeVar("_T")


@dataclass
class _Work:
    """One thing worked out of a table and of ``others``, which are compared by what they are, not by what they hold."""

    what: str
    others: tuple[object, ...]
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: bool = False
    result: Any = None

    def is_of(self, what: str, others: tuple[object, ...]) -> bool:
        return (
            self.what == what
            and len(self.others) == len(others)
            and all(one is other for one, other in zip(self.others, others, strict=True))
        )


_guard = threading.Lock()
_kept: dict[int, tuple[weakref.ref[Any], list[_Work]]] = {}


def once(table: object, what: str, make: Callable[[], _T], *others: object) -> _T:
    """What ``make`` gives, made at the first call for this very table (or plan), name and ``others``.

    Two threads that ask at the same time wait for one result.
    """
    place = id(table)
    with _guard:
        work = _find(table, what, others)
        if work is None:
            work = _Work(what, others)
            entry = _kept.get(place)
            if entry is None or entry[0]() is not table:
                entry = (weakref.ref(table, partial(_forget, _kept, place)), [])
                _kept[place] = entry
            entry[1].append(work)
    with work.lock:
        if not work.done:
            work.result, work.done = make(), True
        result: _T = work.result
    return result


def known(table: object, what: str, *others: object) -> Any | None:
    """What `once` made before; None if nobody asked yet, or if it is still being made."""
    with _guard:
        work = _find(table, what, others)
    return work.result if work is not None and work.done else None


def found(table: object, what: str) -> list[tuple[tuple[Any, ...], Any]]:
    """Everything of that name that was made of a table: the others it was made with, and the result."""
    with _guard:
        entry = _kept.get(id(table))
        known = [] if entry is None or entry[0]() is not table else list(entry[1])
    return [(work.others, work.result) for work in known if work.what == what and work.done]


def _forget(
    kept: dict[int, tuple[weakref.ref[Any], list[_Work]]], place: int, _gone: weakref.ref[Any]
) -> None:
    # Given the mapping: at the end of the program the module's names are gone before the tables.
    kept.pop(place, None)


def _find(table: object, what: str, others: tuple[object, ...]) -> _Work | None:
    entry = _kept.get(id(table))
    if entry is None or entry[0]() is not table:
        return None
    return next((work for work in entry[1] if work.is_of(what, others)), None)
