"""工业区块线: lines round land that has to stay industrial; a line itself has versions."""

from __future__ import annotations

from gis.text import mark
from layers.common_fields import MEASURED_AREAS, NOTE, UNIT, date, text
from layers.spec import Editing, Field, FieldType, GeometryKind, LayerSpec, OnMerge, OnSplit

__all__ = ["BLOCK_LINE_LAYER"]

BLOCK_LINE_LAYER = LayerSpec(
    name="block_line",
    zh="工业区块线",
    en="Industrial block lines",
    about=mark("线内工业用地限制调整为住宅、商业等其他经营性用地。区块线不就地修改：新版本取代旧版本，有效期左闭右开。"),
    geometry=(GeometryKind.POLYGON,),
    key=("code", "valid_from"),
    label="name",
    fields=(
        text("code", "区块编号", "Block no.", "区块线编号", "编号", "QKBH", "block_id", "BASE_DISTR", required=True,
             on_split=OnSplit.NUMBER),
        text("name", "区块名称", "Block name", "名称", "QKMC"),
        Field(
            name="level", type=FieldType.CODE, codes="block_level", zh="级别", en="Level",
            synonyms=("区块线级别", "类型", "type"),
        ),
        UNIT,
        # What was approved is the old boundary: a new one needs a document of its own.
        text("doc_title", "批准文件", "Approval document", "文件名称", on_split=OnSplit.CLEAR, on_merge=OnMerge.CLEAR),
        text("doc_no", "批准文号", "Document no.", "文号", on_split=OnSplit.CLEAR, on_merge=OnMerge.CLEAR),
        text("approved_by", "批准机关", "Approved by", on_split=OnSplit.CLEAR, on_merge=OnMerge.CLEAR),
        date("approved_on", "批准日期", "Approved on", "批复日期", on_split=OnSplit.CLEAR, on_merge=OnMerge.CLEAR),
        date("valid_from", "生效日期", "Valid from", "启用日期"),
        date("valid_to", "失效日期", "Valid to", "废止日期", on_merge=OnMerge.EARLIEST),
        text("supersedes", "取代版本", "Supersedes", on_merge=OnMerge.JOIN),
        NOTE,
        *MEASURED_AREAS,
    ),
    editing=Editing.VERSIONS,
    joined=True,
)  # fmt: skip
