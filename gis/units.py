"""Units of area, length and money as they stand in ledgers and on papers.

1 亩 = 2000/3 m² exactly, 1 公顷 = 10 000 m² = 15 亩 (domain reference §5). Values are stored in the
unit that a field declares and converted only at the edges; compared values are never rounded.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from gis.text import language

__all__ = [
    "PERCENT",
    "UNIT_FACTORS",
    "UNIT_TITLES",
    "convert",
    "round_figure",
    "unit_in_header",
    "unit_title",
    "without_unit",
]

# A share of one times this is the share in percent.
PERCENT = 100

# Unit → (dimension, factor to the base unit of the dimension: m², m, yuan, 1).
UNIT_FACTORS: dict[str, tuple[str, float]] = {
    "m2": ("area", 1.0),
    "ha": ("area", 10_000.0),
    "mu": ("area", 2000.0 / 3.0),
    "km2": ("area", 1_000_000.0),
    "wan_m2": ("area", 10_000.0),
    "m": ("length", 1.0),
    "km": ("length", 1000.0),
    "yuan": ("money", 1.0),
    "wan_yuan": ("money", 10_000.0),
    "yi_yuan": ("money", 100_000_000.0),
    "percent": ("ratio", 0.01),
    "one": ("ratio", 1.0),
}

# Unit → (Chinese, English) as shown in headers and on papers.
UNIT_TITLES: dict[str, tuple[str, str]] = {
    "m2": ("㎡", "m²"),
    "ha": ("公顷", "ha"),
    "mu": ("亩", "mu"),
    "km2": ("平方公里", "km²"),
    "wan_m2": ("万㎡", "10⁴ m²"),
    "m": ("米", "m"),
    "km": ("公里", "km"),
    "yuan": ("元", "yuan"),
    "wan_yuan": ("万元", "10⁴ yuan"),
    "yi_yuan": ("亿元", "10⁸ yuan"),
    "percent": ("%", "%"),
    "one": ("", ""),
}

# Words by which a policy counts, in English: what is counted is named before the number there.
_COUNTED: dict[str, tuple[str, str]] = {
    "个": ("个", ""), "户": ("户", ""), "项": ("项", ""), "处": ("处", ""), "工作日": ("个工作日", "working days"),
}  # fmt: skip

# Spellings seen in ledger headers, after NFKC and lower-casing; the longest match wins.
_SPELLINGS: dict[str, str] = {
    "万平方米": "wan_m2", "万平米": "wan_m2", "万平": "wan_m2", "万m2": "wan_m2",
    "平方公里": "km2", "平方千米": "km2", "km2": "km2",
    "平方米": "m2", "平米": "m2", "m2": "m2", "m^2": "m2", "sqm": "m2",
    "公顷": "ha", "hm2": "ha", "ha": "ha", "亩": "mu", "mu": "mu",
    "亿元": "yi_yuan", "万元": "wan_yuan", "元": "yuan",
    "公里": "km", "千米": "km", "米": "m", "m": "m",
    "%": "percent", "百分比": "percent",
}  # fmt: skip


def unit_title(unit: str) -> str:
    """A unit as it is shown in the language in use; a word that is no known unit as it stands."""
    chinese, english = UNIT_TITLES.get(unit) or _COUNTED.get(unit, (unit, unit))
    return chinese if language() == "zh_CN" else english


def convert(value: float, source: str, target: str) -> float:
    """Convert between two units of one dimension; ``ValueError`` if the dimensions differ.

    >>> convert(15.0, "mu", "ha")
    1.0
    """
    source_dimension, source_factor = UNIT_FACTORS[source]
    target_dimension, target_factor = UNIT_FACTORS[target]
    if source_dimension != target_dimension:
        raise ValueError(f"{source} measures {source_dimension}, {target} measures {target_dimension}")
    return value * (source_factor / target_factor)


def without_unit(header: str) -> str:
    """A header without the unit it names in brackets or at its end, after NFKC.

    >>> without_unit("建筑面积（万平方米）"), without_unit("面积/亩"), without_unit("面积公顷"), without_unit("名称(m)n")
    ('建筑面积', '面积', '面积', '名称n')
    """
    text = re.sub(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]", "", unicodedata.normalize("NFKC", header)).strip()
    head, mark, tail = (*re.split(r"([/_:\s])(?=[^/_:\s]*$)", text), "", "")[:3]
    if mark and head and tail.lower() in _SPELLINGS:
        return head
    for spelling in sorted(_SPELLINGS, key=len, reverse=True):
        if len(spelling) > 1 and text.lower().endswith(spelling) and len(text) > len(spelling):
            return text[: -len(spelling)]
    return text


def unit_in_header(header: str) -> str | None:
    """The unit a ledger header names in brackets or at its end, else ``None``.

    >>> unit_in_header("建筑面积（万平方米）"), unit_in_header("面积/亩"), unit_in_header("面积")
    ('wan_m2', 'mu', None)
    """
    text = unicodedata.normalize("NFKC", header).lower().strip()
    bracketed = re.findall(r"[(\[【]([^()\[\]【】]*)[)\]】]", text)
    tail = re.split(r"[/_:\s]", text)[-1]
    for part in [*reversed(bracketed), tail]:
        name = part.replace("单位:", "").replace("单位", "").strip()
        if name in _SPELLINGS and name != text:
            return _SPELLINGS[name]
    for spelling in sorted(_SPELLINGS, key=len, reverse=True):
        if len(spelling) > 1 and text.endswith(spelling) and text != spelling:
            return _SPELLINGS[spelling]
    return None


def round_figure(value: float, digits: int, *, half_even: bool = True) -> Decimal:
    """Round for display: 四舍六入五成双 (GB/T 8170) or, for ledgers, half-up.

    The shortest decimal form of the float is rounded, so that 2.675 counts as the tie it looks like.
    """
    mode = ROUND_HALF_EVEN if half_even else ROUND_HALF_UP
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), rounding=mode)
