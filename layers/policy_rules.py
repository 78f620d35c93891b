"""What a parameter of a policy may be: its types, and what else must hold, said in a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from gis.text import tr
from layers.codes import code_table, land_use_classes

__all__ = [
    "ALL_UNITS",
    "OUTERMOST_UNITS",
    "SEVERITIES",
    "UNITS",
    "Rule",
    "anything",
    "choice",
    "codes_of",
    "day_or_empty",
    "each",
    "land_use_class_names",
    "matrix",
    "not_negative",
]

# From worst to none; a policy may name any of them in its matrix.
SEVERITIES = ("violation", "review", "warn", "note", "none")


@dataclass(frozen=True, slots=True)
class Rule:
    """Types of one parameter and what else must hold; ``problem`` is a sentence or empty."""

    types: tuple[type, ...]
    problem: Callable[[object], str]
    required: bool = True


def choice(*allowed: object) -> Callable[[object], str]:
    """One of the values."""

    def problem(value: object) -> str:
        if value in allowed:
            return ""
        return tr("{value} 不在可选值中（{allowed}）", value=value, allowed=tr("、").join(map(str, allowed)))

    return problem


def each(allowed: Callable[[], tuple[str, ...]]) -> Callable[[object], str]:
    """Every item of a list one of the values; these are asked for when a policy is read."""

    def problem(value: object) -> str:
        check = choice(*allowed())
        items = value if isinstance(value, list) else [value]
        return next((text for item in items if (text := check(item))), "")

    return problem


def not_negative(value: object) -> str:
    """A number from zero up."""
    return tr("不能小于零") if isinstance(value, (int, float)) and value < 0 else ""


def day_or_empty(value: object) -> str:
    """A calendar day as 2024-01-01, or nothing."""
    try:
        if value:
            dt.date.fromisoformat(str(value))
    except ValueError:
        return tr("{value} 不是日期（如 2024-01-01）", value=value)
    return ""


def anything(value: object) -> str:  # noqa: ARG001 - one signature for all rules
    """No demand beyond the type."""
    return ""


def codes_of(name: str, *more: str) -> Callable[[], tuple[str, ...]]:
    """The codes of a code table, for `each`."""
    return lambda: (*(item.value for item in code_table(name).values), *more)


def land_use_class_names() -> tuple[str, ...]:
    """The normalised classes of land use, for `each`."""
    return tuple(land_use_classes())


def matrix(value: object) -> str:
    """Rows and columns are land-use classes; every row names a severity for every class."""
    columns = {*land_use_classes(), "uncovered"}
    if not isinstance(value, dict):
        return ""
    for row, cells in value.items():
        if row not in land_use_classes() or not isinstance(cells, dict):
            return tr("{row} 不是用地类别", row=row)
        for column, severity in cells.items():
            if column not in columns:
                return tr("{row} → {column}：不是用地类别", row=row, column=column)
            if severity not in SEVERITIES:
                return tr("{row} → {column}：{value} 不是程度", row=row, column=column, value=severity)
        missing = sorted(columns - set(cells))
        if missing:
            return tr("{row} 一行缺少 {names}", row=row, names=tr("、").join(missing))
    return ""


# Which units are judged: all, or only those that lie in no other unit. Older policies say it by their number in Ankang.
ALL_UNITS, OUTERMOST_UNITS = ("all", 12), ("outermost", 10)
UNITS = Rule((str, int), choice(*ALL_UNITS, *OUTERMOST_UNITS))
