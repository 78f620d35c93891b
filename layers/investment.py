"""项目: investment projects and their approval steps."""

from __future__ import annotations

from gis.text import mark
from layers.common_fields import NOTE, PARCEL_NO, PARK, UNIT, date, money, text
from layers.spec import Field, FieldType, GeometryKind, LayerSpec

__all__ = ["INVESTMENT_LAYER"]


INVESTMENT_LAYER = LayerSpec(
    name="investment",
    zh="项目",
    en="Projects",
    about=mark("投资项目与审批环节：受理、核准（备案）、规划、土地、环评、能评。"),
    geometry=(GeometryKind.POINT,),
    geometry_required=False,
    key=("project_id",),
    label="name",
    fields=(
        text("project_id", "项目代码", "Project no.", "项目编号", "统一代码", required=True),
        text("name", "项目名称", "Name", required=True),
        UNIT,
        PARK,
        PARCEL_NO,
        Field(
            name="kind",
            type=FieldType.CODE,
            codes="project_kind",
            zh="项目类别",
            en="Kind",
            synonyms=("类别",),
        ),
        text("industry", "行业", "Industry", "所属行业", "行业分类"),
        Field(
            name="is_manufacturing",
            type=FieldType.BOOLEAN,
            zh="是否制造业",
            en="Manufacturing",
            synonyms=("制造业",),
        ),
        text("investor", "投资主体", "Investor", "建设单位", "企业名称"),
        money("total_investment", "总投资", "Total investment", "计划总投资", "投资额"),
        money("fixed_investment", "固定资产投资", "Fixed investment"),
        money("funds_in_place", "到位资金", "Funds in place"),
        date("signed_on", "签约日期", "Signed on"),
        date("accepted_on", "受理日期", "Accepted on"),
        date("approved_on", "核准（备案）日期", "Approved on", "备案日期", "核准日期"),
        date("planning_on", "规划手续办结日期", "Planning done on"),
        date("land_on", "土地手续办结日期", "Land done on"),
        date("environment_on", "环评办结日期", "Environmental review done on"),
        date("energy_on", "能评办结日期", "Energy review done on"),
        date("started_on", "开工日期", "Started on"),
        date("production_on", "投产日期", "In production on"),
        NOTE,
    ),
)
