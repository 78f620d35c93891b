"""Columns and coded values of findings and evidence rows in words, as reports and panels show them."""

from __future__ import annotations

from collections.abc import Mapping

from gis.text import mark, tr
from layers.indicators import INDICATORS
from layers.registry import RECORDS, TABLES

__all__ = ["SEVERITY_WORDS", "column_title", "value_word"]

# Severities of findings and of rezoned pieces, gravest first.
SEVERITY_WORDS: Mapping[str, str] = {
    "violation": mark("违规"),
    "error": mark("错误"),
    "warn": mark("注意"),
    "warning": mark("提醒"),
    "review": mark("需审查"),
    "note": mark("提示"),
    "sliver": mark("碎屑"),
}

_COLUMNS: Mapping[str, str] = {
    "unit": mark("单元代码"), "unit_name": mark("单元"), "table": mark("图层"), "uuid": mark("行标识"),
    "label": mark("对象"), "amount": mark("计入数量"), "why": mark("理由"), "area": mark("面积（㎡）"),
    "let": mark("已租售自用（㎡）"), "intent": mark("意向（㎡）"), "pipeline": mark("在建（㎡）"),
    "transferred": mark("计入出让（㎡）"), "class": mark("用地类别"), "mode": mark("供地方式"), "state": mark("状态"),
    "way": mark("变更方式"), "severity": mark("级别"), "sliver": mark("碎屑"), "line": mark("区块编号"),
    "line_name": mark("区块线"), "level": mark("区块线级别"), "mu": mark("面积（亩）"), "share": mark("占区块比例"),
    "width": mark("有效宽度（m）"), "industrial_lost": mark("减少的工业用地（㎡）"), "business_share": mark("经营性用地占比"),
    "before_uuid": mark("前期行标识"), "before_scheme": mark("前期分类标准"), "before_code": mark("前期代码"),
    "before_title": mark("前期用途"), "before_class": mark("前期类别"),
    "after_uuid": mark("后期行标识"), "after_scheme": mark("后期分类标准"), "after_code": mark("后期代码"),
    "after_title": mark("后期用途"), "after_class": mark("后期类别"),
    "zone": mark("所属开发区"), "zone_level": mark("开发区级别"), "leading": mark("主导产业"),
    "percent": mark("占比（%）"), "basis": mark("占比依据"), "missing": mark("未通项"),
    "investment": mark("总投资（亿元）"), "accepted": mark("受理日期"), "ended": mark("办结日期"),
    "rested": mark("中止（工作日）"),
    "problem": mark("问题"), "subject": mark("地块或合同"), "counted": mark("计入面积（㎡）"), "reason": mark("保存时的理由"),
    "states": mark("比较的状态"), "floors": mark("层数"), "far": mark("所在地块容积率"), "industrial_share": mark("工业用地占比（%）"),
    "margin": mark("高于标准（负为不足，㎡）"), "margin_mu": mark("高于标准（负为不足，亩）"),
    "indicator": mark("指标"), "required": mark("要求"), "committed": mark("承诺"), "actual": mark("实际"),
    "stage": mark("已完成阶段"), "stage_registered": mark("登记阶段"), "wanted": mark("下一阶段尚需"),
    "grade": mark("评价类别"), "score": mark("得分"), "rank": mark("名次"), "holder": mark("权利人"),
    "sensitive": mark("随权重变档"), "second_floor": mark("可增建筑面积（㎡）"),
}  # fmt: skip

_WAYS = {
    "code": mark("用地代码变更"),
    "parcel": mark("地块用途修改"),
    "split": mark("地块分割后改用途"),
    "line": mark("区块线调整"),
    "transfer": mark("供地合同改用途"),
    "gained": mark("工业用地增加"),
    "lost": mark("工业用地减少"),
    "added": mark("补入区块线内"),
    "removed": mark("调出区块线内"),
}
_STATES = {
    "counted": mark("计入"),
    "planned": mark("计划"),
    "void": mark("已解除"),
    "supplement": mark("补充合同"),
    "other": mark("不计"),
    "new": mark("未处理"),
    "acknowledged": mark("已说明理由"),
    "resolved": mark("已解决"),
    "weak_promise": mark("承诺低于要求"),
    "over_promise": mark("承诺高于上限"),
    "short": mark("实际低于要求"),
    "over": mark("实际高于上限"),
    "promise_short": mark("实际低于承诺"),
    "promise_over": mark("实际高于承诺"),
    "kept": mark("符合"),
    "no_commitment": mark("无承诺值"),
    "no_actual": mark("无实际值"),
    "not_started": mark("逾期未开工"),
    "started_late": mark("晚开工"),
    "not_finished": mark("逾期未竣工"),
    "finished_late": mark("晚竣工"),
    "same": mark("按时"),
    "late": mark("迟交证"),
    "open": mark("未交证"),
    "lost": mark("无交地日期"),
    "idle": mark("逾期未动工"),
    "unfinished": mark("久未竣工"),
    "below": mark("指标低效"),
}
_PROBLEMS = {
    "overlap": mark("地块重叠"),
    "gap": mark("地块缝隙"),
    "outside": mark("越出单元界线"),
    "across": mark("跨两个单元"),
    "stated_unit": mark("单元字段不符"),
    "duplicate": mark("编号重复"),
    "area": mark("面积不符"),
    "code": mark("代码不明"),
    "dates": mark("日期颠倒"),
    "factory_outside": mark("园区外厂房"),
}


def column_title(name: str) -> str:
    """Title of an evidence column in the language in use; an unknown column keeps its name."""
    return tr(_COLUMNS[name]) if name in _COLUMNS else name


def value_word(column: str, value: object) -> object:
    """A coded value of an evidence column in words; any other value as it stands."""
    if isinstance(value, bool):
        return tr("是") if value else tr("否")
    if not isinstance(value, str) or not value:
        return value
    if column == "table":
        return next((spec.title for spec in (*TABLES, *RECORDS) if spec.name == value), value)
    if column in ("class", "before_class", "after_class"):
        return " + ".join(_class_word(part) for part in value.split("+"))
    if column == "level":
        from layers.codes import code_table  # numpy behind it is not loaded before the window shows

        return code_table("block_level").title(value)
    if column == "indicator":
        return next((item.title for item in INDICATORS if item.key == value), value)
    words = {"severity": SEVERITY_WORDS, "way": _WAYS, "state": _STATES, "problem": _PROBLEMS}.get(column, {})
    return tr(words[value]) if value in words else value


def _class_word(key: str) -> str:
    if key == "uncovered":
        return tr("无规划")
    from layers.codes import land_use_classes

    known = land_use_classes().get(key)
    return key if known is None else known.title
