"""Ledgers that belong to projects: the yearly lists they stand on, money received, approvals that rested.

Each names its project by number. They are tables of their own, because a project stands on many lists and receives
money in many months.
"""

from __future__ import annotations

from dataclasses import replace

from gis.text import mark
from layers.common_fields import NOTE, UNIT, date, money, text
from layers.spec import Field, FieldType, LayerSpec

__all__ = ["FUNDING_TABLE", "PROJECT_LIST_TABLE", "SUSPENSION_TABLE"]

_PROJECT_ID = replace(
    text("project_id", "项目代码", "Project no.", "项目编号", "统一代码", required=True),
    refers="investment.project_id",
)


PROJECT_LIST_TABLE = LayerSpec(
    name="project_list",
    zh="项目名单",
    en="Project lists",
    about=mark("年度名单：重点项目储备、市级重点工业项目、产业化应用项目遴选。名单所载总投资优先于项目图层所载。"),
    geometry=(),
    geometry_required=False,
    parent="investment",
    fields=(
        _PROJECT_ID,
        text("name", "项目名称", "Name"),
        UNIT,
        Field(
            name="list", type=FieldType.CODE, codes="project_list_kind", zh="名单", en="List", required=True,
            synonyms=("名单类别", "清单", "库别"),
        ),
        Field(
            name="year", type=FieldType.INTEGER, zh="年度", en="Year", required=True, minimum=2000, maximum=2100,
            synonyms=("名单年度", "年份"),
        ),
        money("total_investment", "总投资", "Total investment", "计划总投资", "投资额"),
        date("listed_on", "列入日期", "Listed on", "入库日期", "遴选日期", "列入时间"),
        date("removed_on", "移出日期", "Removed on", "出库日期", "移出时间"),
        text("exempt", "不需办理的手续", "Procedures not needed", "免办手续", "无需办理"),
        NOTE,
    ),
)  # fmt: skip

FUNDING_TABLE = LayerSpec(
    name="funding",
    zh="到位资金台账",
    en="Funds received",
    about=mark("项目逐笔（逐月）到位资金。同比需要两个年度的记录。"),
    geometry=(),
    geometry_required=False,
    parent="investment",
    fields=(
        _PROJECT_ID,
        date("received_on", "到位日期", "Received on", "到账日期", "到位时间", "统计日期", required=True),
        money("amount", "到位金额", "Amount", "到位资金", "本期到位资金", "金额", required=True),
        NOTE,
    ),
)

SUSPENSION_TABLE = LayerSpec(
    name="suspension",
    zh="审批中止台账",
    en="Approvals suspended",
    about=mark(
        "审批计时中止的区间（补正、公示、专家评审等），起止日期均含当日；其中的工作日不计入审批时限。"
    ),
    geometry=(),
    geometry_required=False,
    parent="investment",
    fields=(
        _PROJECT_ID,
        date("from_date", "中止日期", "Suspended from", "起始日期", "开始日期", required=True),
        date("to_date", "恢复前一日", "Suspended until", "终止日期", "结束日期"),
        text("reason", "事由", "Reason", "中止原因", "原因"),
        NOTE,
    ),
)
