"""规划用地: the land-use plan in dated, named, read-only snapshots."""

from __future__ import annotations

from gis.text import mark
from layers.common_fields import LAND_USE_CODE, LAND_USE_SCHEME, MEASURED_AREAS, NOTE, text
from layers.spec import Editing, Field, FieldType, GeometryKind, LayerSpec

__all__ = ["LAND_USE_LAYER"]

LAND_USE_LAYER = LayerSpec(
    name="land_use",
    zh="规划用地",
    en="Planned land use",
    about=mark("规划用地图斑。代码必须与分类标准一起读（0601、1001 在不同标准中含义不同）；快照是有日期、有名称、只读的规划状态。"),
    geometry=(GeometryKind.POLYGON,),
    indexed=("snapshot",),
    label="code",
    fields=(
        text("plot_no", "图斑编号", "Plot no.", "图斑号", "TBBH", "BSM", "OBJECTID", "FID"),
        LAND_USE_CODE,
        LAND_USE_SCHEME,
        text("name", "用地名称", "Land-use name", "用地性质", "地类名称", "DLMC", "YDXZ", "GHYDMC", "用地用海名称"),
        Field(
            name="industrial_share", type=FieldType.REAL, zh="工业占比", en="Industrial share", unit="one",
            minimum=0.0, maximum=1.0, synonyms=("工业用地比例",),
        ),
        text("snapshot", "规划快照", "Snapshot"),
        NOTE,
        *MEASURED_AREAS,
    ),
    editing=Editing.NONE,
)  # fmt: skip
