"""Parameters of the target of data quality: tolerances, orders of dates, what counts."""

from __future__ import annotations

from collections.abc import Mapping

from gis.text import tr
from layers.policy_rules import UNITS, Rule, each, not_negative

__all__ = ["DATED", "FIGURES", "KINDS", "PARAMETERS"]

# Kinds of what is wrong with the data, in the order in which they are shown.
KINDS = (
    "overlap", "gap", "outside", "across", "stated_unit", "duplicate", "area", "code", "dates", "factory_outside",
)  # fmt: skip

# The dates that may be ordered: table → fields.
DATED: Mapping[str, tuple[str, ...]] = {
    "parcel": (
        "contract_on", "handover_on", "certificate_on", "agreed_start", "actual_start", "agreed_finish", "actual_finish",
    ),
    "factory": ("started_on", "completed_on", "accepted_on", "demolished_on"),
    "lease": ("from_date", "to_date"),
    "investment": (
        "accepted_on", "approved_on", "planning_on", "land_on", "environment_on", "energy_on", "started_on",
        "production_on",
    ),
    "transfer": ("contract_on", "agreed_handover", "agreed_start", "agreed_finish", "actual_start", "actual_finish", "cancelled_on"),
    "enterprise": ("founded_on", "above_scale_from", "above_scale_to"),
}  # fmt: skip


def _orders(value: object) -> str:
    """Triples of a table, an earlier and a later date of it."""
    for item in value if isinstance(value, list) else []:
        if not isinstance(item, list) or len(item) != 3:
            return tr("每一项应为 [表, 较早日期, 较晚日期]")
        table, *fields = item
        if table not in DATED:
            return tr("{value} 不在可选值中（{allowed}）", value=table, allowed=tr("、").join(DATED))
        for name in fields:
            if name not in DATED[table]:
                return tr(
                    "{value} 不在可选值中（{allowed}）", value=name, allowed=tr("、").join(DATED[table])
                )
    return ""


_WIDTH = Rule((int, float), not_negative)

FIGURES: Mapping[str, tuple[str, ...]] = {"data_quality": ("problems",)}

PARAMETERS: Mapping[str, Mapping[str, Rule]] = {
    "data_quality": {
        "units": UNITS,
        "counted": Rule((list,), each(lambda: KINDS)),
        "overlap_width": _WIDTH,
        "gap_width": _WIDTH,
        "rim_width": _WIDTH,
        "area_metres": _WIDTH,
        "area_share": _WIDTH,
        "date_orders": Rule((list,), _orders),
    }
}
