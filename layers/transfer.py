"""供地: land supply results as published (供地结果信息, domain reference §6.1)."""

from __future__ import annotations

from gis.text import mark
from layers.common_fields import NOTE, PARCEL_NO, UNIT, date, text
from layers.spec import Field, FieldType, GeometryKind, LayerSpec, OnMerge, OnSplit

__all__ = ["TRANSFER_LAYER"]

TRANSFER_LAYER = LayerSpec(
    name="transfer",
    zh="供地",
    en="Land supply",
    about=mark("供地结果：面积为合同面积，年度按合同签订日期；划拨、租赁不计入出让。"),
    geometry=(GeometryKind.POLYGON,),
    geometry_required=False,
    key=("supervision_no",),
    label="supervision_no",
    fields=(
        # A suffix -1 marks a supplementary contract (domain reference §6.1), so no number is proposed.
        text("supervision_no", "电子监管号", "Supervision no.", "监管号", "idnumber", on_split=OnSplit.CLEAR),
        UNIT,
        text("project", "项目名称", "Project", "name"),
        text("location", "项目位置", "Location", "土地坐落", "坐落", "location"),
        PARCEL_NO,
        Field(
            name="area", type=FieldType.REAL, zh="供地面积", en="Area", unit="m2", minimum=0.0, required=True,
            synonyms=("面积", "出让面积", "合同面积", "土地面积", "area"),
            # landchina.mnr.gov.cn exports: JSON member "area" is in hectares (header of the page: 面积(公顷)).
            source_units={"area": "ha"}, on_split=OnSplit.SHARE, on_merge=OnMerge.SUM,
        ),
        text("land_source", "土地来源", "Land source", "source"),
        text("use_name", "土地用途", "Use", "用途", "use", required=True),
        text("use_code", "用途代码", "Use code"),
        Field(name="use_scheme", type=FieldType.CODE, codes="land_use_scheme", zh="分类标准", en="Code scheme"),
        Field(
            name="mode", type=FieldType.CODE, codes="supply_mode", zh="供地方式", en="Mode", required=True,
            synonyms=("供应方式", "出让方式", "supply"),
        ),
        text("term", "土地使用年限", "Term", "出让年限", "使用年限", "duration"),
        text("industry", "行业分类", "Industry", "行业", "industry"),
        text("grade", "土地级别", "Land grade", "grade"),
        Field(
            name="price", type=FieldType.REAL, zh="成交价格", en="Price", unit="wan_yuan", minimum=0.0,
            synonyms=("成交价", "成交价款", "price"), source_units={"price": "wan_yuan"},
            on_split=OnSplit.SHARE, on_merge=OnMerge.SUM,
        ),
        text("instalments", "分期支付约定", "Instalments", "支付约定", "paid_plan"),
        text("holder", "土地使用权人", "Holder", "使用权人", "受让人", "holder"),
        Field(
            name="far_min", type=FieldType.REAL, zh="约定容积率下限", en="FAR, lower limit", minimum=0.0,
            synonyms=("容积率下限", "plot_ratio_minimum"),
        ),
        Field(
            name="far_max", type=FieldType.REAL, zh="约定容积率上限", en="FAR, upper limit", minimum=0.0,
            synonyms=("容积率上限", "plot_ratio_maximum"),
        ),
        date("agreed_handover", "约定交地日期", "Agreed hand-over", "约定交地时间", "time4handover_plan"),
        date("agreed_start", "约定开工日期", "Agreed start", "约定开工时间", "time4commencement_plan"),
        date("agreed_finish", "约定竣工日期", "Agreed completion", "约定竣工时间", "time4completion_plan"),
        date("actual_start", "实际开工日期", "Actual start", "实际开工时间", "time4commencement_reality"),
        date("actual_finish", "实际竣工日期", "Actual completion", "实际竣工时间", "time4completion_reality"),
        text("approver", "批准单位", "Approved by", "approvedby"),
        date("contract_on", "合同签订日期", "Contract on", "签订日期", "合同日期", "date4sign"),
        date("cancelled_on", "合同解除日期", "Cancelled on", "解除日期"),
        Field(
            name="planned", type=FieldType.BOOLEAN, zh="计划供地", en="Planned only", synonyms=("是否计划", "计划")
        ),
        NOTE,
    ),
)  # fmt: skip
