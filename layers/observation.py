"""外业核查: what a reviewer saw in the field."""

from __future__ import annotations

from gis.text import mark
from layers.common_fields import date, text
from layers.spec import Field, FieldType, GeometryKind, LayerSpec, OnSplit

__all__ = ["OBSERVATION_LAYER"]

OBSERVATION_LAYER = LayerSpec(
    name="observation",
    zh="外业核查",
    en="Field observations",
    about=mark("外业核查记录：所见、照片、时间、位置与精度。"),
    geometry=(GeometryKind.POINT, GeometryKind.LINE, GeometryKind.POLYGON),
    key=("observation_id",),
    label="subject_no",
    fields=(
        text("observation_id", "核查编号", "Observation no.", "编号", required=True, on_split=OnSplit.NUMBER),
        text("subject_layer", "核查图层", "Subject layer"),
        text("subject_no", "核查对象编号", "Subject no.", "地块编号", "核查对象"),
        text("content", "核查内容", "Content", "核查情况", "描述"),
        text("photos", "照片", "Photos"),
        date("observed_on", "核查日期", "Observed on", "日期"),
        text("observer", "核查人", "Observer"),
        Field(name="accuracy", type=FieldType.REAL, zh="定位精度", en="Accuracy", unit="m", minimum=0.0),
        Field(
            name="state", type=FieldType.CODE, codes="observation_state", zh="处理状态", en="State", synonyms=("状态",)
        ),
    ),
)  # fmt: skip
