"""Parameters of the targets on stock and its change: floors that earn a reward, industrial land kept, blocks, balance."""

from __future__ import annotations

from collections.abc import Mapping

from layers.policy_rules import UNITS, Rule, choice, codes_of, each, land_use_class_names, not_negative

__all__ = ["FIGURES", "PARAMETERS"]

_NUMBER = Rule((int, float), not_negative)
_CLASSES = Rule((list,), each(land_use_class_names))
_EARLIER = Rule((str,), choice("last_year", "previous", "first"))

FIGURES: Mapping[str, tuple[str, ...]] = {
    "factory_reward": ("qualifying", "qualifying_year"),
    "industrial_total": ("change",),
    "block_share": ("lowest_share",),
    "block_balance": ("balance",),
}

PARAMETERS: Mapping[str, Mapping[str, Rule]] = {
    "factory_reward": {
        "units": UNITS,
        "owner_kinds": Rule((list,), each(codes_of("owner_kind", ""))),
        "minimum_floor_area": _NUMBER,
        "minimum_floors": Rule((int,), not_negative),
        "minimum_floor_area_ratio": _NUMBER,
        "double_storey_height": _NUMBER,
    },
    "industrial_total": {
        "units": UNITS,
        "industrial_classes": _CLASSES,
        "compared_with": _EARLIER,
        "tolerance": _NUMBER,
        "sliver_width": _NUMBER,
    },
    "block_share": {
        "units": UNITS,
        "industrial_classes": _CLASSES,
        "levels": Rule((list,), each(codes_of("block_level"))),
    },
    "block_balance": {
        "units": UNITS,
        "industrial_classes": _CLASSES,
        "compared_with": _EARLIER,
        "minimum_piece": _NUMBER,
        "tolerance": _NUMBER,
        "sliver_width": _NUMBER,
    },
}
