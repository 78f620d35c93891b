"""docs/data-dictionary.md, generated from the layer declarations and the code tables.

``python -m layers.dictionary`` writes it; a test compares it with what this module gives.
"""

from __future__ import annotations

from pathlib import Path

from gis.units import UNIT_TITLES
from layers.codes import LandUseCodes, code_tables, land_use_classes
from layers.registry import RECORDS, TABLES
from layers.spec import Editing, Field, GeometryKind, LayerSpec, OnMerge, OnSplit

__all__ = ["DICTIONARY", "data_dictionary"]

DICTIONARY = Path(__file__).resolve().parent.parent / "docs" / "data-dictionary.md"

_HEAD = """# 数据字典 Data dictionary

本文件由图层声明与代码表生成（`python -m layers.dictionary`），请勿手工修改。
Generated from the layer declarations and code tables; do not edit by hand.

坐标以米存储在项目平面坐标系中；面积以 ㎡ 存储；日期为 ISO 8601。
Coordinates are metres in the project's plane, areas m², dates ISO 8601.

未注明规则的字段：分割时各块照抄，合并时取各行相同的值，不同则询问。
Fields without a rule of their own: pieces get a copy; a merged row gets what all rows have, else the user is asked.
"""  # data: both languages side by side, as everything here


_ON_SPLIT = {
    OnSplit.SHARE: "分割按面积分摊 split: shared by area",  # data
    OnSplit.NUMBER: "分割加后缀 split: -1, -2 …",  # data
    OnSplit.CLEAR: "分割清空 split: cleared",  # data
}
_ON_MERGE = {
    OnMerge.SUM: "合并求和 merge: sum",  # data
    OnMerge.JOIN: "合并连接 merge: joined",  # data
    OnMerge.EARLIEST: "合并取最早 merge: earliest",  # data
    OnMerge.LATEST: "合并取最晚（须齐全） merge: latest, if all have one",  # data
    OnMerge.CLEAR: "合并清空 merge: cleared",  # data
}
_EDITING = {
    Editing.ROWS: "可编辑 rows",  # data
    Editing.VERSIONS: "不就地修改，新版本取代 new versions only",  # data
    Editing.NONE: "只读 read-only",  # data
}


def data_dictionary() -> str:
    """The whole dictionary as Markdown, Chinese first, English beside."""
    return "\n".join([_HEAD, *map(_layer, (*TABLES, *RECORDS)), _code_lists(), _classes(), _schemes()])


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _field(item: Field, divisible: bool) -> tuple[object, ...]:
    unit = "/".join(dict.fromkeys(UNIT_TITLES[item.unit])) if item.unit else ""
    kind = f"{item.type} → [{item.codes}](#{item.codes})" if item.codes else str(item.type)
    marks = [
        *(["必填 required"] if item.required else []),  # data
        *(["计算 computed"] if item.computed else []),
        *([f"≥ {item.minimum:g}"] if item.minimum is not None else []),
        *([f"≤ {item.maximum:g}"] if item.maximum is not None else []),
        *([_ON_SPLIT[item.on_split]] if divisible and item.on_split in _ON_SPLIT else []),
        *([_ON_MERGE[item.on_merge]] if divisible and item.on_merge in _ON_MERGE else []),
    ]
    # data
    return f"`{item.name}`", item.zh, item.en, kind, unit, "；".join(marks), "、".join(item.synonyms)


def _layer(spec: LayerSpec) -> str:
    geometry = "、".join(spec.geometry) or "无 none"  # data
    key = "、".join(f"`{name}`" for name in spec.key) or "—"
    divisible = GeometryKind.POLYGON in spec.geometry and spec.editing is not Editing.NONE
    heads = ("字段", "名称", "English", "类型 Type", "单位 Unit", "约束 Rules", "表头同义词 Synonyms")  # data
    return (
        f"## {spec.zh} {spec.en} `{spec.name}`\n\n{spec.about}\n\n"
        f"图形 Geometry: {geometry} · 唯一键 Key: {key} · 编辑 Editing: {_EDITING[spec.editing]}\n\n"  # data
        + _table(heads, [_field(item, divisible) for item in spec.fields])
    )


def _code_lists() -> str:
    parts = ["## 代码表 Code tables\n"]  # data
    for name, table in code_tables().items():
        rows: list[tuple[object, ...]] = [
            # data
            (f"`{item.value}`", item.zh, item.en, "、".join(item.synonyms))
            for item in table.values
        ]
        heads = ("值 Value", "名称", "English", "同义词 Synonyms")  # data
        parts.append(f"### {name}\n\n" + _table(heads, rows))
    return "\n".join(parts)


def _classes() -> str:
    rows: list[tuple[object, ...]] = [
        (f"`{item.key}`", item.zh, item.en, item.colour) for item in land_use_classes().values()
    ]
    heads = ("类别", "名称", "English", "颜色")  # data
    return "## 用地归一类别 Land-use classes\n\n" + _table(heads, rows)


def _schemes() -> str:
    codes = LandUseCodes.standard()
    parts = ["## 用地分类标准 Land-use schemes\n"]  # data
    for scheme in codes.schemes:
        rows: list[tuple[object, ...]] = [
            (f"`{item.code}`", item.name, item.en, f"`{item.use_class}`") for item in codes.entries(scheme)
        ]
        heads = ("代码 Code", "名称", "English", "类别 Class")  # data
        parts.append(f"### {scheme}\n\n" + _table(heads, rows))
    return "\n".join(parts)


if __name__ == "__main__":
    DICTIONARY.write_text(data_dictionary(), encoding="utf-8")
