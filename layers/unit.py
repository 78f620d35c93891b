"""管理单元: counties, districts and the committees that manage a zone inside one."""

from __future__ import annotations

from gis.text import mark
from layers.common_fields import MEASURED_AREAS, NOTE, date, text
from layers.spec import Field, FieldType, GeometryKind, LayerSpec, OnSplit

__all__ = ["UNIT_LAYER"]

UNIT_LAYER = LayerSpec(
    name="unit",
    zh="管理单元",
    en="Management units",
    about=mark("县（市、区）与管委会。单元可位于另一单元之内；土地归最内层单元，只计一次。"),
    geometry=(GeometryKind.POLYGON,),
    key=("code",),
    label="name",
    fields=(
        text(
            "code",
            "单元代码",
            "Unit code",
            "行政区代码",
            "区划代码",
            "XZQDM",
            "adcode",
            "id",
            required=True,
            on_split=OnSplit.NUMBER,
        ),
        text("name", "名称", "Name", "单元名称", "行政区名称", "县区", "XZQMC", "XZQM", required=True),
        Field(
            name="kind",
            type=FieldType.CODE,
            codes="unit_kind",
            zh="类别",
            en="Kind",
            synonyms=("单元类别", "行政级别"),
        ),
        text("parent", "上级单元", "Parent unit", "所属单元"),
        date("valid_from", "启用日期", "Valid from", "生效日期"),
        date("valid_to", "停用日期", "Valid to", "失效日期"),
        NOTE,
        *MEASURED_AREAS,
    ),
)
