"""地块/标准地: parcels, with the obligations of standard land and the dates of its stages."""

from __future__ import annotations

from gis.text import mark
from layers.common_fields import MEASURED_AREAS, NOTE, PARCEL_NO, PARK, UNIT, date, text
from layers.indicators import indicator_fields
from layers.spec import Field, FieldType, GeometryKind, LayerSpec, OnMerge, OnSplit

__all__ = ["PARCEL_LAYER"]


PARCEL_LAYER = LayerSpec(
    name="parcel",
    zh="地块",
    en="Parcels",
    about=mark("地块与标准地：编号、用途、三种面积、控制指标（要求/承诺/实际）与定标、对标、施建、验收各阶段日期。"),
    geometry=(GeometryKind.POLYGON,),
    key=("parcel_no",),
    label="parcel_no",
    fields=(
        Field(
            name="parcel_no", type=FieldType.TEXT, zh=PARCEL_NO.zh, en=PARCEL_NO.en, synonyms=PARCEL_NO.synonyms,
            required=True, on_split=OnSplit.NUMBER,
        ),
        # Papers made out for the old outline say nothing of the new parcels: the registry writes new ones.
        text(
            "parcel_code", "宗地代码", "Cadastral code", "不动产单元号", "ZDDM", "BDCDYH", on_split=OnSplit.CLEAR,
            on_merge=OnMerge.CLEAR,
        ),
        text("name", "地块名称", "Name", "DKMC", "项目名称", "名称"),
        UNIT,
        PARK,
        text("holder", "土地权利人", "Holder", "权利人", "土地使用权人", "使用权人", "QLR", "企业名称"),
        text("location", "坐落", "Location", "土地坐落", "位置", "项目位置", "ZL", "address"),
        text("land_use_code", "用途代码", "Land-use code", "用地代码", "地类编码", "YTDM", "Zoning", "DLBM"),
        Field(
            name="land_use_scheme", type=FieldType.CODE, codes="land_use_scheme", zh="分类标准", en="Code scheme"
        ),
        text("land_use_name", "用途", "Land use", "用地性质", "土地用途", "规划用途", "YDXZ", "DKYT", "TDYT"),
        Field(
            name="stage", type=FieldType.CODE, codes="parcel_stage", zh="标准地阶段", en="Stage", synonyms=("阶段", "状态")
        ),
        Field(
            name="area_certified", type=FieldType.REAL, zh="证载面积", en="Certified area", unit="m2", minimum=0.0,
            synonyms=("面积", "宗地面积", "土地面积", "出让面积", "用地面积", "合同面积", "MJ", "ZDMJ", "area"),
            source_units={"ZDMJ": "m2"}, on_split=OnSplit.SHARE, on_merge=OnMerge.SUM,
        ),
        text("contract_no", "合同编号", "Contract no.", "出让合同编号", "电子监管号", on_merge=OnMerge.JOIN),
        text(
            "certificate_no", "不动产权证号", "Certificate no.", "不动产权证书号", on_split=OnSplit.CLEAR,
            on_merge=OnMerge.CLEAR,
        ),
        date("evaluated_on", "区域评估完成日期", "Evaluated on"),
        date("cleared_on", "净地日期", "Cleared on"),
        date("standard_set_on", "定标日期", "Standard set on"),
        date("announced_on", "出让公告日期", "Announced on", "公告日期"),
        date("sold_on", "成交日期", "Sold on"),
        date("contract_on", "合同签订日期", "Contract on", "签订日期"),
        date("agreement_on", "履约监管协议日期", "Agreement on"),
        date("paid_on", "价款缴清日期", "Paid on"),
        date("handover_on", "交地日期", "Handed over on", "实际交地时间"),
        date(
            "certificate_on", "发证日期", "Certificate on", "登记日期", on_split=OnSplit.CLEAR, on_merge=OnMerge.CLEAR
        ),
        date("permit_on", "施工许可日期", "Permit on"),
        date("agreed_start", "约定开工日期", "Agreed start", "约定开工时间", on_merge=OnMerge.EARLIEST),
        date("actual_start", "实际开工日期", "Actual start", "实际开工时间", on_merge=OnMerge.EARLIEST),
        date("agreed_finish", "约定竣工日期", "Agreed completion", "约定竣工时间", on_merge=OnMerge.EARLIEST),
        date("actual_finish", "实际竣工日期", "Actual completion", "实际竣工时间"),
        date("completion_review_on", "竣工复核日期", "Completion review on"),
        date("production_review_on", "达产复核日期", "Production review on"),
        *indicator_fields(),
        NOTE,
        *MEASURED_AREAS,
    ),
    joined=True,
)  # fmt: skip
