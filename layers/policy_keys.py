"""Which parameters each computed target of a policy takes, and what values they may have.

A demand that is new takes a target of its own: projects carry the policy they were made with, and a parameter that
an older one lacks would keep it from opening.
"""

from __future__ import annotations

from collections.abc import Mapping

from layers import policy_parks, policy_projects, policy_quality, policy_stock
from layers.policy_land import LAND_FIGURES, LAND_PARAMETERS
from layers.policy_rules import (
    SEVERITIES,
    UNITS,
    Rule,
    anything,
    choice,
    codes_of,
    day_or_empty,
    each,
    land_use_class_names,
    matrix,
    not_negative,
)

__all__ = ["FIGURES", "PARAMETERS"]

# The figures of a check that its target may name for comparison; targets that are not here are compared by their only one.
FIGURES: Mapping[str, tuple[str, ...]] = {
    "factory_reserve": ("vacant", "built"),
    "industrial_quota": ("share",),
    "rezoning": ("violation",),
    **policy_stock.FIGURES,
    **policy_parks.FIGURES,
    **policy_projects.FIGURES,
    **policy_quality.FIGURES,
    **LAND_FIGURES,
}

PARAMETERS: Mapping[str, Mapping[str, Rule]] = {
    "factory_reserve": {
        "units": UNITS,
        "basis": Rule((str,), choice("vacant", "built"), required=False),  # of older policies: now "figure"
        "taking_kinds": Rule((list,), each(codes_of("lease_kind"))),
        "pipeline_months": Rule((int,), not_negative),
        "history_months": Rule((int,), not_negative, required=False),  # not in older policies
        "owner_kinds": Rule((list,), each(codes_of("owner_kind", ""))),
    },
    "industrial_quota": {
        "units": UNITS,
        "modes": Rule((list,), each(codes_of("supply_mode"))),
        "allocation_modes": Rule((list,), each(codes_of("supply_mode"))),
        "lease_modes": Rule((list,), each(codes_of("supply_mode"))),
        "industrial_classes": Rule((list,), each(land_use_class_names)),
        "broad_classes": Rule((list,), each(land_use_class_names)),
        "year_by": Rule((str,), choice("contract", "supervision_no")),
        "include_supplements": Rule((bool,), anything),
    },
    "rezoning": {
        "units": UNITS,
        "sliver_width": Rule((int, float), not_negative),
        "verdict_severities": Rule((list,), each(lambda: SEVERITIES)),
        "line_moved": Rule((str,), choice(*SEVERITIES)),
        "line_moved_approved": Rule((str,), choice(*SEVERITIES)),
        "second_level_lowers": Rule((int,), not_negative),
        "snapshots": Rule((str,), choice("each", "chain", "last"), required=False),  # not in older policies
        "since": Rule((str,), day_or_empty, required=False),
        "matrix": Rule((dict,), matrix),
    },
    **policy_stock.PARAMETERS,
    **policy_parks.PARAMETERS,
    **policy_projects.PARAMETERS,
    **policy_quality.PARAMETERS,
    **LAND_PARAMETERS,
}
