"""Which parameters each computed target of a policy takes, and what values they may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gis.text import tr
from layers.codes import code_table, land_use_classes

__all__ = ["ALL_UNITS", "FIGURES", "OUTERMOST_UNITS", "PARAMETERS", "SEVERITIES", "Rule"]

# From worst to none; a policy may name any of them in its matrix.
SEVERITIES = ("violation", "review", "warn", "note", "none")


@dataclass(frozen=True, slots=True)
class Rule:
    """Types of one parameter and what else must hold; ``problem`` is a sentence or empty."""

    types: tuple[type, ...]
    problem: Callable[[object], str]
    required: bool = True


def _choice(*allowed: object) -> Callable[[object], str]:
    def problem(value: object) -> str:
        if value in allowed:
            return ""
        return tr("{value} 不在可选值中（{allowed}）", value=value, allowed=tr("、").join(map(str, allowed)))

    return problem


def _each(allowed: Callable[[], tuple[str, ...]]) -> Callable[[object], str]:
    def problem(value: object) -> str:
        check = _choice(*allowed())
        items = value if isinstance(value, list) else [value]
        return next((text for item in items if (text := check(item))), "")

    return problem


def _not_negative(value: object) -> str:
    return tr("不能小于零") if isinstance(value, (int, float)) and value < 0 else ""


def _anything(value: object) -> str:  # noqa: ARG001 - one signature for all rules
    return ""


def _codes(name: str, *more: str) -> Callable[[], tuple[str, ...]]:
    return lambda: (*(item.value for item in code_table(name).values), *more)


def _classes() -> tuple[str, ...]:
    return tuple(land_use_classes())


def _matrix(value: object) -> str:
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
_UNITS = Rule((str, int), _choice(*ALL_UNITS, *OUTERMOST_UNITS))

# The figures of a check that its target may name for comparison; targets that are not here are compared by their only one.
FIGURES: Mapping[str, tuple[str, ...]] = {
    "factory_reserve": ("vacant", "built"),
    "industrial_quota": ("share",),
    "rezoning": ("violation",),
}

PARAMETERS: Mapping[str, Mapping[str, Rule]] = {
    "factory_reserve": {
        "units": _UNITS,
        "basis": Rule((str,), _choice("vacant", "built"), required=False),  # of older policies: now "figure"
        "taking_kinds": Rule((list,), _each(_codes("lease_kind"))),
        "pipeline_months": Rule((int,), _not_negative),
        "owner_kinds": Rule((list,), _each(_codes("owner_kind", ""))),
    },
    "industrial_quota": {
        "units": _UNITS,
        "modes": Rule((list,), _each(_codes("supply_mode"))),
        "allocation_modes": Rule((list,), _each(_codes("supply_mode"))),
        "lease_modes": Rule((list,), _each(_codes("supply_mode"))),
        "industrial_classes": Rule((list,), _each(_classes)),
        "broad_classes": Rule((list,), _each(_classes)),
        "year_by": Rule((str,), _choice("contract", "supervision_no")),
        "include_supplements": Rule((bool,), _anything),
    },
    "rezoning": {
        "units": _UNITS,
        "sliver_width": Rule((int, float), _not_negative),
        "verdict_severities": Rule((list,), _each(lambda: SEVERITIES)),
        "line_moved": Rule((str,), _choice(*SEVERITIES)),
        "line_moved_approved": Rule((str,), _choice(*SEVERITIES)),
        "second_level_lowers": Rule((int,), _not_negative),
        "matrix": Rule((dict,), _matrix),
    },
}
