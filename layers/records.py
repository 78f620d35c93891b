"""What the program itself keeps beside the layers: warnings and what became of them, what a row was made from, scenarios."""

from __future__ import annotations

from gis.text import mark
from layers.common_fields import NOTE, UNIT, date, text
from layers.spec import Editing, Field, FieldType, GeometryKind, LayerSpec

__all__ = ["FINDING_TABLE", "LINEAGE_TABLE", "SCENARIO_TABLE", "WARNING_TABLE"]


def _code(name: str, table: str, zh: str, en: str) -> Field:
    return Field(name=name, type=FieldType.CODE, codes=table, zh=zh, en=en, required=True)


def _figure(name: str, zh: str, en: str, unit: str) -> Field:
    return Field(name=name, type=FieldType.REAL, zh=zh, en=en, unit=unit, minimum=0.0)


WARNING_TABLE = LayerSpec(
    name="warning",
    zh="预警处置",
    en="Warnings acknowledged",
    about=mark("编辑时提示过、用户说明理由后仍然保存的预警：涉及的图形、面积、条款、理由、何人何日。"),
    geometry=(GeometryKind.POLYGON,),
    indexed=("subject_uuid",),
    label="block",
    fields=(
        _code("way", "rezoning_way", "方式", "Way"),
        _code("severity", "rezoning_severity", "级别", "Severity"),
        _code("state", "warning_state", "状态", "State"),
        text("subject_layer", "对象图层", "Subject layer"),
        text("subject_uuid", "对象标识", "Subject UUID"),
        text("subject", "对象", "Subject"),
        UNIT,
        text("block", "区块编号", "Block no."),
        text("block_name", "区块名称", "Block name"),
        text("from_scheme", "原分类标准", "Scheme before"),
        text("from_code", "原用途代码", "Code before"),
        text("from_use", "原用途", "Use before"),
        text("to_scheme", "新分类标准", "Scheme after"),
        text("to_code", "新用途代码", "Code after"),
        text("to_use", "新用途", "Use after"),
        _figure("area", "涉及面积", "Area", "m2"),
        _figure("width", "有效宽度", "Effective width", "m"),
        _figure("block_share", "占区块比例", "Share of the block", "one"),
        _figure("share_before", "区块工业占比（编辑前）", "Industrial share of the block before", "one"),
        _figure("share_after", "区块工业占比（编辑后）", "Industrial share of the block after", "one"),
        text("clause", "条款", "Clause"),
        text("quotation", "条款原文", "Quotation"),
        text("reason", "理由", "Reason", required=True),
        text("acknowledged_by", "确认人", "Acknowledged by"),
        date("acknowledged_on", "确认日期", "Acknowledged on"),
        NOTE,
    ),
)

FINDING_TABLE = LayerSpec(
    name="finding",
    zh="预警台账",
    en="Register of warnings",
    about=mark(
        "检查发现的预警及其处置：首次与最近发现、状态、确认人与理由、解决日期。同一问题再次检查仍是同一条。"
    ),
    geometry=(),
    geometry_required=False,
    indexed=("key",),
    editing=Editing.NONE,
    fields=(
        text("key", "预警标识", "Key", required=True),
        text("check_id", "检查", "Check", required=True),
        text("severity", "级别", "Severity"),
        _code("state", "finding_state", "状态", "State"),
        UNIT,
        text("subject_layer", "对象图层", "Subject layer"),
        text("subject_uuid", "对象标识", "Subject UUID"),
        text("text", "说明", "Text"),
        _figure("area", "涉及面积", "Area", "m2"),
        date("first_on", "首次发现日期", "First found on"),
        date("last_on", "最近发现日期", "Last found on"),
        date("resolved_on", "解决日期", "Resolved on"),
        text("reason", "理由", "Reason"),
        text("acknowledged_by", "确认人", "Acknowledged by"),
        date("acknowledged_on", "确认日期", "Acknowledged on"),
    ),
)

LINEAGE_TABLE = LayerSpec(
    name="lineage",
    zh="图形沿革",
    en="Lineage",
    about=mark("分割、合并与区块线换版的来龙去脉：每一行由哪些行而来。原行停用后仍可按标识查到。"),
    geometry=(),
    geometry_required=False,
    indexed=("child", "parent"),
    editing=Editing.NONE,
    fields=(
        text("layer", "图层", "Layer", required=True),
        text("child", "后继标识", "Child UUID", required=True),
        text("parent", "前身标识", "Parent UUID", required=True),
        text("child_no", "后继编号", "Child no."),
        text("parent_no", "前身编号", "Parent no."),
        _code("operation", "descent", "方式", "Operation"),
    ),
)

SCENARIO_TABLE = LayerSpec(
    name="scenario",
    zh="情景",
    en="Scenarios",
    about=mark(
        "情景推演：有名称的一组计划变更（供地、改变用途、新建厂房、租约），不改动各图层；变更以 JSON 存放。"
    ),
    geometry=(),
    geometry_required=False,
    label="name",
    editing=Editing.NONE,
    fields=(
        text("name", "名称", "Name", required=True),
        text("changes", "变更", "Changes", required=True),
        NOTE,
    ),
)
