"""检查报告: the results of the checks as a workbook, one sheet per check, every figure with its rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from gis.errors import ParkLineError
from gis.text import mark, tr
from gis.units import PERCENT, unit_title
from layers.checks.result import CheckResult, Clause, UnitResult, Verdict
from layers.evidence_words import column_title, value_word
from layers.results_json import results_json
from layers.workbook_style import FILLS, fit_columns, header_row, put, sheet_title

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["VERDICT_TITLES", "results_json", "verdict_title", "write_report"]

VERDICT_TITLES = {
    Verdict.MET: mark("达标"),
    Verdict.SHORT: mark("未达标"),
    Verdict.EMPTY: mark("无可判定对象"),
    Verdict.NOT_JUDGED: mark("未能判定"),
}
_SIGNS = {">=": "≥", "<=": "≤"}
_LARGEST = 1_000_000  # rows of evidence in one sheet; Excel ends at 1,048,576


def verdict_title(verdict: Verdict) -> str:
    """The verdict in the language in use."""
    return tr(VERDICT_TITLES[verdict])


def write_report(results: Sequence[CheckResult], path: str | Path, project: Project) -> None:
    """Write the report; the file appears whole or not at all.

    Figures are stored unrounded and shown in the usual decimals. Text of the project never becomes a
    formula. Raises ``ParkLineError`` if the file cannot be written.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    _overview(book.create_sheet(tr("总览")), results, project)
    for result in results:
        title = sheet_title(result.title, book.sheetnames)
        _check_sheet(book.create_sheet(title), result, project)
    target = Path(path)
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        book.save(part)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ParkLineError(
            tr("报告无法写入：{reason}", reason=error.strerror or str(error)),
            file=target,
            hint=tr("文件可能正在 Excel 中打开，请关闭后再试。"),
        ) from error


def _head(sheet: Worksheet, title: str, project: Project, lines: Sequence[tuple[str, object]]) -> int:
    """Title, mark of demo data and labelled lines; returns the next free row."""
    put(sheet.cell(row=1, column=1), title)
    sheet.cell(row=1, column=1).font = Font(bold=True, size=14)
    row = 2
    if project.is_demo:
        put(
            sheet.cell(row=row, column=1),
            tr("示例数据：数字与企业均为虚构，界线为示意界线，不得用于任何决策。"),
        )
        sheet.cell(row=row, column=1).font = Font(bold=True, color="FFC0392B")
        row += 1
    for label, value in lines:
        put(sheet.cell(row=row, column=1), label)
        put(sheet.cell(row=row, column=2), value)
        sheet.cell(row=row, column=1).font = Font(bold=True)
        row += 1
    return row + 1


def _policy_lines(project: Project) -> list[tuple[str, object]]:
    policy = project.policy
    return [
        (tr("项目"), project.name),
        (tr("政策"), f"{policy.title} {policy.version}"),
        (tr("政策文件 SHA-256"), policy.sha256),
    ]


def _overview(sheet: Worksheet, results: Sequence[CheckResult], project: Project) -> None:
    row = _head(sheet, tr("工业用地检查报告"), project, _policy_lines(project))
    header_row(
        sheet,
        row,
        [
            tr("检查"),
            tr("时点"),
            tr("期间"),
            tr("结论"),
            tr("达标单元"),
            tr("未达标单元"),
            tr("条款"),
            tr("要求"),
        ],
    )
    for number, result in enumerate(results, start=row + 1):
        verdicts = [item.verdict for item in result.units]
        values = [
            result.title, result.as_of, result.period, verdict_title(result.verdict), verdicts.count(Verdict.MET),
            verdicts.count(Verdict.SHORT), result.clause.number, result.clause.quotation,
        ]  # fmt: skip
        for column, value in enumerate(values, start=1):
            put(sheet.cell(row=number, column=column), value)
        sheet.cell(row=number, column=4).fill = FILLS[result.verdict.value]
    fit_columns(sheet, row)


def _check_sheet(sheet: Worksheet, result: CheckResult, project: Project) -> None:
    clause = result.clause
    lines = [
        *_policy_lines(project),
        (tr("条款"), clause.sentence),
        (tr("阈值"), _threshold(clause)),
        (tr("时点"), result.as_of),
        (tr("期间"), result.period),
        (tr("结论"), verdict_title(result.verdict)),
    ]
    row = _head(sheet, result.title, project, lines)
    sheet.cell(row=row - 2, column=2).fill = FILLS[result.verdict.value]
    row = table = _units(sheet, row, result)
    row = _series(sheet, row, result)
    row = _findings(sheet, row, result)
    _evidence(sheet, row, result)
    fit_columns(sheet, table - len(result.units) - 3)


def _threshold(clause: Clause) -> str:
    """The demand in figures: ≥ 30,000 ㎡, ≥ 30 %."""
    value, unit = clause.threshold, clause.unit
    if unit == "one":
        value, unit = value * PERCENT, "percent"
    return f"{_SIGNS.get(clause.operator, clause.operator)} {value:,.12g} {unit_title(unit)}"


def _units(sheet: Worksheet, row: int, result: CheckResult) -> int:
    keys = list(result.figure_units)
    titles = [tr("单元代码"), tr("单元"), tr("结论")]
    for key in keys:
        title, unit = result.figure_units[key]
        shown = unit_title(unit)
        whole = tr("{title}（{unit}）", title=title, unit=shown)
        named = not shown or title.endswith(whole.removeprefix(title))  # a title may name its unit itself
        titles.append(title if named else whole)
    header_row(sheet, row, [*titles, tr("解释")])
    sheet.freeze_panes = None
    units: list[UnitResult] = [*result.units, *([result.city] if result.city is not None else [])]
    for item in units:
        row += 1
        put(sheet.cell(row=row, column=1), item.code)
        put(sheet.cell(row=row, column=2), item.name)
        put(sheet.cell(row=row, column=3), verdict_title(item.verdict))
        sheet.cell(row=row, column=3).fill = FILLS[item.verdict.value]
        for column, key in enumerate(keys, start=4):
            put(sheet.cell(row=row, column=column), item.figures.get(key), result.figure_units[key][1])
        put(sheet.cell(row=row, column=4 + len(keys)), item.explanation)
        if item is result.city:
            for column in range(1, 5 + len(keys)):
                sheet.cell(row=row, column=column).font = Font(bold=True)
    row += 1
    put(sheet.cell(row=row, column=1), tr("合计与判定均按未取整的数值计算；显示位数不影响结论。"))
    sheet.cell(row=row, column=1).font = Font(italic=True)
    return row + 2


def _series(sheet: Worksheet, row: int, result: CheckResult) -> int:
    """Figures over time, one table for each: a line a day, a column a unit, the forecast in italics."""
    names = {item.code: item.name for item in result.units} | {"": tr("全市")}
    for key in dict.fromkeys(item.key for item in result.series):
        several = [item for item in result.series if item.key == key]
        unit = unit_title(several[0].measure)
        title = tr("{title}（{unit}）", title=several[0].title, unit=unit) if unit else several[0].title
        put(sheet.cell(row=row, column=1), tr("{title}：随时间变化", title=title))
        sheet.cell(row=row, column=1).font = Font(bold=True)
        header_row(
            sheet, row + 1, [tr("日期"), tr("性质"), *(names.get(item.unit, item.unit) for item in several)]
        )
        known = [dict(zip(item.days, item.values, strict=True)) for item in several]
        ahead = [item.forecast_from for item in several if item.forecast_from is not None]
        row += 1
        for day in sorted({day for item in several for day in item.days}):
            row += 1
            coming = bool(ahead) and day >= min(ahead)
            put(sheet.cell(row=row, column=1), day)
            put(sheet.cell(row=row, column=2), tr("预测") if coming else tr("实际"))
            for column, values in enumerate(known, start=3):
                put(sheet.cell(row=row, column=column), values.get(day), several[column - 3].measure)
            if coming:
                for column in range(1, len(known) + 3):
                    sheet.cell(row=row, column=column).font = Font(italic=True)
        row += 2
    return row


def _findings(sheet: Worksheet, row: int, result: CheckResult) -> int:
    if not result.findings:
        return row
    header_row(sheet, row, [tr("级别"), tr("数据问题与说明"), tr("图层"), tr("行标识")])
    for item in result.findings:
        row += 1
        values = (
            value_word("severity", item.severity),
            item.text,
            value_word("table", item.table),
            item.uuid,
        )
        for column, value in enumerate(values, start=1):
            put(sheet.cell(row=row, column=column), value)
        sheet.cell(row=row, column=2).alignment = Alignment(wrap_text=False)
    return row + 2


def _evidence(sheet: Worksheet, row: int, result: CheckResult) -> None:
    frame = pd.DataFrame(result.evidence.drop(columns="geometry", errors="ignore"))
    names = [str(name) for name in frame.columns]
    put(sheet.cell(row=row, column=1), tr("依据（逐行）"))
    sheet.cell(row=row, column=1).font = Font(bold=True)
    header_row(sheet, row + 1, [column_title(name) for name in names])
    for number, values in enumerate(frame.head(_LARGEST).itertuples(index=False, name=None), start=row + 2):
        for column, (name, value) in enumerate(zip(names, values, strict=True), start=1):
            put(sheet.cell(row=number, column=column), value_word(name, _cell_value(value)))


def _cell_value(value: object) -> object:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    item = getattr(value, "item", None)
    return item() if callable(item) else value
