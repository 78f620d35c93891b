"""标准化厂房 and their leases: the floor area a county keeps in reserve."""

from __future__ import annotations

from dataclasses import replace

from gis.text import mark
from layers.common_fields import NOTE, PARCEL_NO, PARK, UNIT, date, text
from layers.spec import Field, FieldType, GeometryKind, LayerSpec, OnMerge, OnSplit

__all__ = ["FACTORY_LAYER", "LEASE_TABLE"]

_BUILDING_ID = text(
    "building_id",
    "厂房编号",
    "Building no.",
    "楼栋编号",
    "编号",
    "厂房号",
    required=True,
    on_split=OnSplit.NUMBER,
)


def _figure(
    name: str,
    zh: str,
    en: str,
    unit: str | None,
    *synonyms: str,
    required: bool = False,
    on_split: OnSplit = OnSplit.COPY,
    on_merge: OnMerge = OnMerge.SAME,
) -> Field:
    return Field(
        name=name, type=FieldType.REAL, zh=zh, en=en, unit=unit, minimum=0.0, synonyms=synonyms, required=required,
        on_split=on_split, on_merge=on_merge,
    )  # fmt: skip


def _floor(name: str, zh: str, en: str, *synonyms: str, required: bool = False) -> Field:
    """A floor area: shared by the pieces of a building, summed when buildings become one."""
    return _figure(
        name, zh, en, "m2", *synonyms, required=required, on_split=OnSplit.SHARE, on_merge=OnMerge.SUM
    )


FACTORY_LAYER = LayerSpec(
    name="factory",
    zh="标准化厂房",
    en="Standardized factories",
    about=mark("标准化厂房存量。竣工验收备案日期决定是否建成；租赁、出售、自用记录在厂房租售台账中。"),
    geometry=(GeometryKind.POLYGON, GeometryKind.POINT),
    geometry_required=False,
    key=("building_id",),
    label="name",
    fields=(
        _BUILDING_ID,
        text("name", "厂房名称", "Building", "楼栋", "名称"),
        UNIT,
        PARK,
        PARCEL_NO,
        _floor("gross_floor_area", "建筑面积", "Gross floor area", "总建筑面积", "厂房面积", required=True),
        _floor("rentable_area", "可租售面积", "Rentable area", "可租面积", "可出租面积"),
        Field(name="floors", type=FieldType.INTEGER, zh="层数", en="Floors", minimum=1, synonyms=("楼层数",)),
        _figure("storey_height", "层高", "Storey height", "m"),
        _figure("clear_height", "净高", "Clear height", "m"),
        _figure("floor_load", "楼面荷载（kN/㎡）", "Floor load (kN/m²)", None, "荷载", "楼面荷载"),
        text("crane", "行车", "Crane", "吊车"),
        _figure(
            "power_kva", "供电容量（kVA）", "Power (kVA)", None, "供电容量", on_split=OnSplit.SHARE, on_merge=OnMerge.SUM
        ),
        text("structure", "结构形式", "Structure", "结构"),
        text("fire_class", "火灾危险性类别", "Fire class", "火灾类别"),
        Field(
            name="state", type=FieldType.CODE, codes="factory_state", zh="建设状态", en="State", synonyms=("状态", "建设情况")
        ),
        date("started_on", "开工日期", "Started on", "开工时间", on_merge=OnMerge.EARLIEST),
        date("planned_completion", "计划竣工日期", "Planned completion", "预计竣工日期", "计划竣工时间"),
        date("completed_on", "竣工日期", "Completed on", "竣工时间", "建成时间"),
        date("accepted_on", "竣工验收备案日期", "Accepted on", "验收日期", "验收时间"),
        date("demolished_on", "拆除日期", "Demolished on"),
        text("owner", "产权单位", "Owner", "业主", "权属单位"),
        Field(
            name="owner_kind", type=FieldType.CODE, codes="owner_kind", zh="产权性质", en="Owner kind", synonyms=("投资主体",)
        ),
        NOTE,
    ),
    joined=True,
)  # fmt: skip

LEASE_TABLE = LayerSpec(
    name="lease",
    zh="厂房租售台账",
    en="Leases and sales of floors",
    about=mark("厂房的租赁、出售、自用与意向；起止日期均为含当日。意向不减少储备。"),
    geometry=(),
    geometry_required=False,
    parent="factory",
    fields=(
        replace(_BUILDING_ID, refers="factory.building_id"),
        Field(
            name="kind", type=FieldType.CODE, codes="lease_kind", zh="方式", en="Kind", required=True,
            synonyms=("租售方式", "使用方式", "类型"),
        ),
        _figure("area", "租售面积", "Area", "m2", "租赁面积", "出租面积", "面积", "建筑面积", required=True),
        date("from_date", "起始日期", "From", "租赁起始日期", "开始日期", "起租日期", required=True),
        date("to_date", "终止日期", "To", "租赁终止日期", "结束日期", "到期日期"),
        text("tenant", "承租（购）方", "Tenant", "承租企业", "入驻企业", "企业名称"),
        NOTE,
    ),
)  # fmt: skip
