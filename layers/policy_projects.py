"""Parameters of the targets of projects, enterprises and approvals.

These targets stood in older policies without parameters: what such a policy does not say is as in the shipped file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from gis.text import tr
from layers.policy_rules import UNITS, Rule, choice, codes_of, each

__all__ = ["FIGURES", "PARAMETERS"]

# Dates of the project layer that may end an approval, and those that are 主要手续.
_MAIN = ("planning_on", "land_on", "environment_on", "energy_on")
_STEPS = ("approved_on", *_MAIN)


def _some(names: tuple[str, ...]) -> Rule:
    known = each(lambda: names)

    def problem(value: object) -> str:
        return known(value) or ("" if value else tr("至少要有一项"))

    return Rule((list,), problem, required=False)


def _month_and_day(value: object) -> str:
    try:
        dt.date.fromisoformat(f"2000-{value}")
    except ValueError:
        return tr("应写作 月-日，如 06-30")
    return ""


_UNITS = Rule(UNITS.types, UNITS.problem, required=False)
_KINDS = Rule((list,), each(codes_of("project_kind", "")), required=False)
_LIST = Rule((str,), lambda value: each(codes_of("project_list_kind"))([value]), required=False)

FIGURES: Mapping[str, tuple[str, ...]] = {
    "project_reserve": ("projects",),
    "project_investment": ("investment",),
    "renewal_projects": ("projects",),
    "industrialisation_projects": ("projects",),
    "manufacturing_share": ("share",),
    "manufacturing_growth": ("growth",),
    "enterprises_above_scale": ("net",),
    "approval_days": ("longest",),
    "approval_rate": ("rate",),
}

PARAMETERS: Mapping[str, Mapping[str, Rule]] = {
    "project_reserve": {"units": _UNITS, "list": _LIST},
    "project_investment": {"units": _UNITS, "list": _LIST},
    "renewal_projects": {
        "units": _UNITS,
        "kinds": _KINDS,
        "counts": Rule((str,), choice("under_way", "started"), required=False),
    },
    "industrialisation_projects": {"units": _UNITS, "list": _LIST},
    "manufacturing_share": {"units": _UNITS, "kinds": _KINDS},
    "manufacturing_growth": {"units": _UNITS, "kinds": _KINDS},
    "enterprises_above_scale": {"units": _UNITS},
    "approval_days": {
        "units": _UNITS,
        "steps": _some(_STEPS),
        "first_day": Rule((str,), choice("next", "same"), required=False),
    },
    "approval_rate": {
        "units": _UNITS,
        "list": _LIST,
        "steps": _some(_MAIN),
        "deadline": Rule((str,), _month_and_day, required=False),
    },
}
