"""园区: parks of a development zone, their leading industry and infrastructure."""

from __future__ import annotations

from gis.text import mark
from layers.common_fields import MEASURED_AREAS, NOTE, UNIT, date, text
from layers.spec import Field, FieldType, GeometryKind, LayerSpec, OnMerge, OnSplit

__all__ = ["PARK_LAYER", "UTILITIES"]

# Fields of the infrastructure 水、电、路、讯、气.
_UTILITIES = (
    ("water", "供水", "Water"), ("power", "供电", "Power"), ("road", "道路", "Road"),
    ("telecom", "通讯", "Telecom"), ("gas", "燃气", "Gas"),
)  # fmt: skip

UTILITIES = tuple(name for name, _, _ in _UTILITIES)

PARK_LAYER = LayerSpec(
    name="park",
    zh="园区",
    en="Parks",
    about=mark("一县一区、一区多园、一园一业：所属开发区、主导产业与水、电、路、讯、气配套。"),
    geometry=(GeometryKind.POLYGON,),
    key=("park_id",),
    label="name",
    fields=(
        text("park_id", "园区编号", "Park no.", "编号", required=True, on_split=OnSplit.NUMBER),
        text("name", "园区名称", "Name", "名称", required=True),
        UNIT,
        text("zone", "所属开发区", "Development zone", "开发区"),
        Field(
            name="zone_level", type=FieldType.CODE, codes="zone_level", zh="开发区级别", en="Zone level", synonyms=("级别",)
        ),
        text("leading_industry", "主导产业", "Leading industry", "首位产业"),
        text("approved_by", "批准机关", "Approved by"),
        date("approved_on", "批准日期", "Approved on"),
        Field(
            name="approved_area", type=FieldType.REAL, zh="批准面积", en="Approved area", unit="m2", minimum=0.0,
            synonyms=("规划面积", "核准面积"), on_split=OnSplit.SHARE, on_merge=OnMerge.SUM,
        ),
        *(
            Field(
                name=name, type=FieldType.CODE, codes="utility_state", zh=zh, en=en,
                synonyms=(f"{zh}状态", f"通{zh[-1]}"),
            )
            for name, zh, en in _UTILITIES
        ),
        NOTE,
        *MEASURED_AREAS,
    ),
    joined=True,
)  # fmt: skip
