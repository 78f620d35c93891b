"""How rows that were found and rows that were selected before become one selection."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

__all__ = ["Combine", "combined"]


class Combine(StrEnum):
    """What to do with the rows found; all but ``NEW`` look at what was selected before."""

    NEW = "new"
    ADD = "add"
    REMOVE = "remove"
    WITHIN = "within"  # of the selected ones only those that were found
    TOGGLE = "toggle"


def combined(before: Sequence[str], found: Sequence[str], how: Combine) -> list[str]:
    """The new selection, without doubles; rows selected before keep their order and come first.

    >>> combined(["a", "b"], ["b", "c"], Combine.TOGGLE)
    ['a', 'c']
    """
    earlier, hits = dict.fromkeys(before), dict.fromkeys(found)
    if how is Combine.NEW:
        return list(hits)
    if how is Combine.ADD:
        return list(earlier | hits)
    if how is Combine.WITHIN:
        return [uuid for uuid in earlier if uuid in hits]
    left = [uuid for uuid in earlier if uuid not in hits]
    if how is Combine.REMOVE:
        return left
    return left + [uuid for uuid in hits if uuid not in earlier]
