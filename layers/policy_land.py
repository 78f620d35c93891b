"""Parameters of the targets on standard land, its performance and its use: what they are and what they may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gis.text import tr
from gis.units import PERCENT
from layers.codes import code_table
from layers.indicators import INDICATORS
from layers.parcel import PARCEL_LAYER
from layers.policy_rules import UNITS, Rule, choice, each, not_negative
from layers.spec import FieldType

__all__ = ["LAND_FIGURES", "LAND_PARAMETERS"]

LAND_FIGURES: Mapping[str, tuple[str, ...]] = {
    "standard_land_indicators": ("violations",),
    "standard_land_stages": ("faults",),
    "start_and_completion": ("overdue",),
    "handover_certificate": ("longest",),
    "per_mu_evaluation": ("unevaluated",),
    "low_use_land": ("area", "parcels"),
    "idle_floors": ("beyond", "idle"),
}


def _indicator_keys() -> tuple[str, ...]:
    return tuple(item.key for item in INDICATORS)


def _date_fields() -> tuple[str, ...]:
    return tuple(item.name for item in PARCEL_LAYER.fields if item.type is FieldType.DATE)


def _stages(value: object) -> str:
    """Stages of parcels, and for each a document (or "") under the date that proves it."""
    if not isinstance(value, dict):
        return ""
    for stage, documents in value.items():
        if problem := choice(*(item.value for item in code_table("parcel_stage").values))(stage):
            return problem
        if not isinstance(documents, dict) or not documents:
            return tr("{key}：应为日期字段与材料名称的小节", key=stage)
        for field, document in documents.items():
            if problem := choice(*_date_fields())(field):
                return tr("{key}：{problem}", key=stage, problem=problem)
            if not isinstance(document, str):
                return tr("{key}：材料名称应为文字", key=field)
    return ""


def _chains(value: object) -> str:
    """Lists of date fields, each in the order of time."""
    if not isinstance(value, list):
        return ""
    for chain in value:
        if not isinstance(chain, list):
            return tr("{value} 应为日期字段的列表", value=chain)
        if problem := each(_date_fields)(chain):
            return problem
    return ""


_GRADE_CUTS = 3


def _cuts(value: object) -> str:
    """Three numbers, one for each step between A, B, C and D, all rising or all falling."""
    if not isinstance(value, list) or len(value) != _GRADE_CUTS or not all(map(_is_number, value)):
        return tr("应为三个数：A 与 B、B 与 C、C 与 D 的分界")
    if value not in (sorted(value), sorted(value, reverse=True)):
        return tr("三个分界应依次递增或递减")
    return ""


def _weighing(value: object) -> str:
    """Indicators with weight, base, cap and what stands for a missing figure; the weights make 100 together."""
    if not isinstance(value, dict):
        return ""
    total = 0.0
    for key, rule in value.items():
        if problem := choice(*_indicator_keys())(key):
            return problem
        if not isinstance(rule, dict) or set(rule) != {"weight", "base", "cap", "missing"}:
            return tr("{key}：应有 weight、base、cap、missing 四项", key=key)
        if (
            not _is_number(rule["weight"])
            or rule["weight"] < 0
            or not _is_number(rule["cap"])
            or rule["cap"] <= 0
        ):
            return tr("{key}：weight 不能小于零，cap 应大于零", key=key)
        if rule["base"] != "mean" and not (_is_number(rule["base"]) and rule["base"] > 0):
            return tr("{key}：base 应为大于零的数或 mean（平均值）", key=key)
        if problem := choice("mean", "none")(rule["missing"]):
            return tr("{key}：{problem}", key=key, problem=problem)
        total += rule["weight"]
    return "" if abs(total - PERCENT) < 1e-9 else tr("权重合计为 {total}，应为 100", total=f"{total:g}")


def _shares(value: object) -> str:
    """Indicators, each with the part of its requirement below which it is low."""
    if not isinstance(value, dict):
        return ""
    for key, share in value.items():
        if problem := choice(*_indicator_keys())(key):
            return problem
        if not _is_number(share) or not 0 < share <= 1:
            return tr("{key}：应大于 0、不超过 1", key=key)
    return ""


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_INDICATOR_LIST: Callable[[object], str] = each(_indicator_keys)

LAND_PARAMETERS: Mapping[str, Mapping[str, Rule]] = {
    "standard_land_indicators": {
        "units": UNITS,
        "indicators": Rule((list,), _INDICATOR_LIST),
        "production_indicators": Rule((list,), _INDICATOR_LIST),
        "counted": Rule((list,), each(lambda: ("weak_promises", "short_of_required", "short_of_promise"))),
    },
    "standard_land_stages": {
        "units": UNITS,
        "stages": Rule((dict,), _stages),
        "order": Rule((list,), _chains),
    },
    "start_and_completion": {"units": UNITS, "grace_days": Rule((int,), not_negative)},
    "handover_certificate": {"units": UNITS},
    "per_mu_evaluation": {
        "units": UNITS,
        "by": Rule((str,), choice("city", "unit", "park")),
        "subject": Rule((str,), choice("parcel", "holder")),
        "start_after_months": Rule((int,), not_negative),
        "grades": Rule((str,), choice("rank", "score")),
        "cuts": Rule((list,), _cuts),
        "weight_step": Rule((int, float), not_negative),
        "indicators": Rule((dict,), _weighing),
    },
    "low_use_land": {
        "units": UNITS,
        "idle_months": Rule((int,), not_negative),
        "unfinished_months": Rule((int,), not_negative),
        "production_indicators": Rule((list,), _INDICATOR_LIST),
        "below": Rule((dict,), _shares),
    },
    "idle_floors": {"units": UNITS, "idle_months": Rule((int,), not_negative)},
}
