"""Parameters of the targets of parks: zones, leading industries, utilities."""

from __future__ import annotations

from collections.abc import Mapping

from gis.text import tr
from layers.policy_rules import UNITS, Rule, codes_of, each, not_negative

__all__ = ["FIGURES", "PARAMETERS", "UTILITIES"]

# The utilities a park records (domain reference §8: 水、电、路、讯、气).
UTILITIES = ("water", "power", "road", "telecom", "gas")
_MEASURES = ("investment", "enterprises")


def _share(value: object) -> str:
    return tr("应在 0 与 1 之间") if isinstance(value, (int, float)) and not 0 <= value <= 1 else ""


def _divisions(value: object) -> str:
    """Words of leading industries, each with a list of divisions."""
    if isinstance(value, dict):
        for word, divisions in value.items():
            if not isinstance(divisions, list) or not all(
                isinstance(item, str) and item for item in divisions
            ):
                return tr("{word} 应为行业名称的列表", word=word)
    return ""


FIGURES: Mapping[str, tuple[str, ...]] = {
    "park_structure": ("fewest", "parks"),
    "park_industry": ("industries",),
    "park_infrastructure": ("missing",),
}

PARAMETERS: Mapping[str, Mapping[str, Rule]] = {
    "park_structure": {
        "units": UNITS,
        "zones": Rule((int,), not_negative),
        "rim_width": Rule((int, float), not_negative),
    },
    "park_industry": {
        "units": UNITS,
        "measures": Rule((list,), each(lambda: _MEASURES)),
        "least_share": Rule((int, float), _share),
        "industries": Rule((dict,), _divisions),
    },
    "park_infrastructure": {
        "units": UNITS,
        "utilities": Rule((list,), each(lambda: UTILITIES)),
        "connected_states": Rule((list,), each(codes_of("utility_state"))),
    },
}
