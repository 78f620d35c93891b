"""企业台账: enterprises, when they are in the register of those above scale, where they work."""

from __future__ import annotations

from gis.text import mark
from layers.common_fields import NOTE, PARCEL_NO, PARK, UNIT, date, money, text
from layers.spec import Field, FieldType, LayerSpec

__all__ = ["ENTERPRISE_TABLE"]


ENTERPRISE_TABLE = LayerSpec(
    name="enterprise",
    zh="企业台账",
    en="Enterprises",
    about=mark("企业名录：统一社会信用代码、所在园区、行业，规上入库与退库日期（入库含当日，退库当日起不在库）。"),
    geometry=(),
    geometry_required=False,
    key=("credit_code",),
    label="name",
    fields=(
        text("credit_code", "统一社会信用代码", "Credit code", "社会信用代码", "信用代码", "组织机构代码", required=True),
        text("name", "企业名称", "Name", "单位名称", "单位详细名称", "企业", required=True),
        UNIT,
        PARK,
        PARCEL_NO,
        text("industry", "行业", "Industry", "所属行业", "行业分类", "行业名称"),
        date("founded_on", "成立日期", "Founded on", "注册日期", "成立时间"),
        date("above_scale_from", "规上入库日期", "Above scale from", "入库日期", "入库时间", "升规日期", "纳统日期"),
        date("above_scale_to", "规上退库日期", "Above scale until", "退库日期", "退库时间"),
        money("revenue", "上年营业收入", "Revenue of last year", "营业收入", "主营业务收入"),
        money("tax", "上年税收", "Tax of last year", "税收", "实缴税金", "纳税额"),
        Field(
            name="staff", type=FieldType.INTEGER, zh="从业人数", en="Staff", minimum=0, synonyms=("从业人员", "职工人数")
        ),
        NOTE,
    ),
)  # fmt: skip
