"""Fields that several layers share, declared once."""

from __future__ import annotations

from dataclasses import replace

from layers.spec import Field, FieldType, OnMerge, OnSplit

__all__ = [
    "LAND_USE_CODE",
    "LAND_USE_SCHEME",
    "MEASURED_AREAS",
    "NOTE",
    "PARCEL_NO",
    "PARK",
    "UNIT",
    "date",
    "money",
    "text",
]


def text(
    name: str,
    zh: str,
    en: str,
    *synonyms: str,
    required: bool = False,
    on_split: OnSplit = OnSplit.COPY,
    on_merge: OnMerge = OnMerge.SAME,
) -> Field:
    """A text field."""
    return Field(
        name=name,
        type=FieldType.TEXT,
        zh=zh,
        en=en,
        synonyms=synonyms,
        required=required,
        on_split=on_split,
        on_merge=on_merge,
    )


def date(
    name: str,
    zh: str,
    en: str,
    *synonyms: str,
    required: bool = False,
    on_split: OnSplit = OnSplit.COPY,
    on_merge: OnMerge = OnMerge.LATEST,
) -> Field:
    """A calendar day, stored as ISO 8601. Of merged rows the last day counts, once all of them have one."""
    return Field(
        name=name,
        type=FieldType.DATE,
        zh=zh,
        en=en,
        synonyms=synonyms,
        required=required,
        on_split=on_split,
        on_merge=on_merge,
    )


def money(name: str, zh: str, en: str, *synonyms: str, required: bool = False) -> Field:
    """An amount in 万元, from zero up."""
    return Field(
        name=name,
        type=FieldType.REAL,
        zh=zh,
        en=en,
        unit="wan_yuan",
        minimum=0.0,
        synonyms=synonyms,
        required=required,
    )


UNIT = text(
    "unit", "管理单元", "Unit", "所在单位", "县区", "县（市、区）", "区县", "行政区", "行政区划", "所在地",
    "所属县区", "district", "county", "XZQMC", "XZQDM",
)  # fmt: skip
PARK = text("park", "园区", "Park", "所在园区", "所属园区", "园区名称", "工业园区")
PARCEL_NO = replace(
    text(
        "parcel_no", "地块编号", "Parcel no.", "地块号", "宗地编号", "宗地号", "地块编码", "DKBH", "ZDH", "ZDBH",
        "parcel_id", "apn", "PIN", "parcel",
    ),
    refers="parcel.parcel_no",
)  # fmt: skip
NOTE = text("note", "备注", "Note", "说明", "BZ", "remarks", on_merge=OnMerge.JOIN)

LAND_USE_SCHEME = Field(
    name="scheme", type=FieldType.CODE, codes="land_use_scheme", zh="分类标准", en="Code scheme",
    synonyms=("用地分类标准", "编码标准"),
)  # fmt: skip
LAND_USE_CODE = text(
    "code", "用地代码", "Land-use code", "用地用海代码", "规划用地代码", "用地分类代码", "地类编码", "地类代码",
    "用地性质代码", "DLBM", "YDYHFLDM", "GHYDDM", "YDDM", "zoning", "zone", "zone_code", "BASE_DISTR", "landuse",
)  # fmt: skip

# domain reference §9.4: plane and ellipsoidal area are kept apart, both computed from the geometry.
MEASURED_AREAS = (
    Field(name="area_plane", type=FieldType.REAL, zh="平面面积", en="Plane area", unit="m2", computed=True),
    Field(
        name="area_ellipsoid",
        type=FieldType.REAL,
        zh="椭球面积",
        en="Ellipsoidal area",
        unit="m2",
        computed=True,
    ),
)
