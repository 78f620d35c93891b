"""Indicators of 标准地 (domain reference §4.1): each as required, committed and actual figure."""

from __future__ import annotations

from dataclasses import dataclass

from gis.text import language
from layers.spec import Field, FieldType

__all__ = ["INDICATORS", "Indicator", "indicator_fields"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One controlled figure; ``operator`` is ``>=`` or ``<=`` (actual against required)."""

    key: str
    zh: str
    en: str
    unit: str
    operator: str

    @property
    def title(self) -> str:
        """Title in the language in use."""
        return self.zh if language() == "zh_CN" else self.en

    @property
    def name(self) -> str:
        """Title without its unit, for sentences with several of them."""
        return self.zh.split("（")[0] if language() == "zh_CN" else self.en.split(" (")[0]


INDICATORS = (
    Indicator(
        "invest_intensity", "固定资产投资强度（万元/亩）", "Investment intensity (10⁴ yuan/mu)", "", ">="
    ),
    Indicator("far", "容积率", "Floor-area ratio", "", ">="),
    Indicator("building_coeff", "建筑系数（%）", "Building coefficient (%)", "", ">="),
    Indicator(
        "admin_land_ratio",
        "行政办公及生活服务设施用地占比（%）",
        "Office and service land share (%)",
        "",
        "<=",
    ),
    Indicator(
        "admin_floor_ratio",
        "行政办公及生活服务设施建筑面积占比（%）",
        "Office and service floor share (%)",
        "",
        "<=",
    ),
    Indicator("green_ratio", "绿地率（%）", "Green ratio (%)", "", "<="),
    Indicator("land_output", "土地产出率（万元/亩·年）", "Output (10⁴ yuan/mu·a)", "", ">="),
    Indicator("tax_per_mu", "亩均税收（万元/亩·年）", "Tax per mu (10⁴ yuan/mu·a)", "", ">="),
    Indicator("energy", "单位工业增加值能耗（吨标煤/万元）", "Energy (tce/10⁴ yuan)", "", "<="),
    Indicator("emission", "单位排放（kg/万元）", "Emissions (kg/10⁴ yuan)", "", "<="),
    Indicator("rd_ratio", "R&D经费占营业收入比重（%）", "R&D share of revenue (%)", "", ">="),
)

_STANDS = (("required", "要求", "required"), ("committed", "承诺", "committed"), ("actual", "实际", "actual"))


def indicator_fields() -> tuple[Field, ...]:
    """Three fields per indicator, named ``far_required``, ``far_committed``, ``far_actual`` …"""
    return tuple(
        Field(
            name=f"{indicator.key}_{stand}", type=FieldType.REAL, minimum=0.0,
            zh=f"{indicator.zh}·{zh}", en=f"{indicator.en}, {en}",
            synonyms=(f"{zh}{indicator.zh.split('（')[0]}", *((indicator.zh.split("（")[0],) if stand == "required" else ())),
        )
        for indicator in INDICATORS
        for stand, zh, en in _STANDS
    )  # fmt: skip
