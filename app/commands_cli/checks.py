"""check, compare, print: judging a project, and the paper of one parcel."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.cli_output import Output, figure, header, table
from app.panels.severities import SEVERITIES
from gis.errors import ParkLineError
from gis.text import mark, tr
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.checks.rezoning import Rezoning
from layers.late_entries import late_entries
from layers.output_files import ready_target
from layers.project import Project
from layers.report import verdict_title, write_report
from layers.results_json import form, overall_verdict, results_json, rezoning_json

__all__ = ["EXIT_CODES", "check", "compare", "lines_of", "print_parcel", "say_results"]

# 0 all met, 1 something falls short, 2 could not be judged (nothing to judge is not a pass).
EXIT_CODES = {Verdict.MET: 0, Verdict.SHORT: 1, Verdict.NOT_JUDGED: 2, Verdict.EMPTY: 2}

# The figures that fit beside each other on a screen, under short titles; the workbook and --json have all.
_SHOWN: dict[str, dict[str, str]] = {
    "factory_reserve": {
        "vacant": mark("可用储备"),
        "required": mark("标准"),
        "surplus": mark("余缺"),
        "built": mark("已建成"),
        "let": mark("已租售自用"),
        "pipeline": mark("在建"),
    },
    "industrial_quota": {
        "share": mark("工业占比"),
        "required": mark("标准"),
        "industrial": mark("工业出让"),
        "transferred": mark("出让总量"),
        "gap": mark("尚需工业"),
        "forecast_gap": mark("计入计划后尚需"),
    },
    "rezoning": {
        "violation": mark("违规"),
        "violation_mu": mark("违规"),
        "review": mark("需审查"),
        "line_moved": mark("移出线外"),
        "pieces": mark("块数"),
    },
}
_MOST_FIGURES = 6
_MOST_FINDINGS = 10
_MOST_PIECES = 40


def check(options: argparse.Namespace, output: Output) -> int:
    """Judge the project; the exit code is the verdict."""
    target = None if options.xlsx is None else ready_target(options.xlsx, (".xlsx",))
    with Project.open(options.project) as project:
        results = project.check(
            options.only, options.as_of, options.year, output.progress, as_known=options.as_known
        )
        say_results(results, project, output)
        late = [] if options.as_known else late_entries(project, options.as_of or project.as_of)
        if late:
            output.say(
                tr(
                    "其中 {count} 条记录在 {day} 之后才入库（补录），加 --as-known 可看当时的数字。",
                    count=len(late),
                    day=(options.as_of or project.as_of).isoformat(),
                )
            )
        if target is not None:
            write_report(results, target, project)
            output.say("")
            output.say(tr("报告已写到：{path}", path=target))
        output.result(results_json(results, project, late))
    return EXIT_CODES[overall_verdict(results)]


def compare(options: argparse.Namespace, output: Output) -> int:
    """List the industrial land inside a line that was rezoned between two snapshots."""
    if options.before == options.after:
        raise ParkLineError(tr("两个快照相同，没有可比较的。"), hint=tr("请给出较早和较晚的两个快照。"))
    target = None if options.out is None else ready_target(options.out, (".gpkg",))
    with Project.open(options.project) as project:
        if project.snapshot(options.before).date > project.snapshot(options.after).date:
            output.note(tr("注意：前一个快照的日期晚于后一个，是否写反了？"))
        found = project.compare(options.before, options.after, output.progress)
        _say_rezoning(found, options.before, options.after, output)
        if target is not None:
            from layers.export_vector import export_pieces

            export_pieces(found.pieces, target, options.before, options.after)
            output.say("")
            output.say(tr("图斑已写到：{path}", path=target))
        output.result(rezoning_json(found, options.before, options.after, project, wkt=options.wkt))
    return 0


def print_parcel(options: argparse.Namespace, output: Output) -> int:
    """Write the map of one parcel as a PDF."""
    target = ready_target(options.output, (".pdf",))
    with Project.open(options.project) as project:
        output.progress(0.1, tr("正在制图"))
        from layers.sheets.parcel_map import compose

        landscape = {"portrait": False, "landscape": True}.get(options.orientation)
        sheet = compose(
            project,
            options.parcel,
            scale=options.scale,
            paper=options.paper,
            landscape=landscape,
            as_of=options.as_of,
        )
        sheet.write_pdf(target)
        for note in sheet.notes:
            output.note(note)
        output.say(tr("地块 {parcel} 的图已写到：{path}", parcel=sheet.sheet.parcel_no, path=target))
        output.say(tr("比例尺 1:{scale}，{paper}，{pages} 页", scale=sheet.scale, paper=sheet.paper, pages=len(sheet.pages)))  # fmt: skip
        output.result(
            form(
                "print", project, parcel=sheet.sheet.parcel_no, file=str(target), scale=sheet.scale,
                paper=sheet.paper, orientation="landscape" if sheet.landscape else "portrait",
                pages=len(sheet.pages), area=sheet.sheet.ellipsoidal_area, notes=list(sheet.notes),
            )
        )  # fmt: skip
    return 0


def lines_of(title: str, paths: Iterable[Path]) -> list[str]:
    """A title and one indented line for each path."""
    return [title, *(f"  {path}" for path in paths)]


def say_results(results: Sequence[CheckResult], project: Project, output: Output) -> None:
    """The checks for people: what is asked, a line for each unit, what is missing, what to know."""
    if project.is_demo:
        output.say(tr("示例数据：数字与企业均为虚构，界线为示意界线，不得用于任何决策。"))
        output.say("")
    for number, result in enumerate(results):
        if number:
            output.say("")
        output.say(tr("== {title}：{verdict} ==", title=result.title, verdict=verdict_title(result.verdict)))
        output.say(f"{result.clause.policy} {result.clause.sentence}".rstrip())
        day = result.as_of.isoformat()
        period = "" if result.period in ("", day) else tr("，期间 {period}", period=result.period)
        output.say(tr("时点 {day}", day=day) + period)
        units = [*result.units, *([] if result.city is None else [result.city])]
        if any(value is not None for unit in units for value in unit.figures.values()):
            output.say("")
            for line in _unit_table(units, result):
                output.say(line)
        _say_explanations(result, output)
        _say_findings(result.findings, output)


def _unit_table(units: Sequence[UnitResult], result: CheckResult) -> list[str]:
    shown = _SHOWN.get(result.id) or {
        key: title for key, (title, _unit) in tuple(result.figure_units.items())[:_MOST_FIGURES]
    }
    measures = {key: result.figure_units[key][1] for key in shown if key in result.figure_units}
    titles = [tr("单元"), tr("结论"), *(header(tr(shown[key]), unit) for key, unit in measures.items())]
    rows = [
        (
            unit.name,
            verdict_title(unit.verdict),
            *(figure(unit.figures.get(key), measure) for key, measure in measures.items()),
        )
        for unit in units
    ]
    return table(rows, titles)


def _say_explanations(result: CheckResult, output: Output) -> None:
    """One sentence where every unit has the same (no data); else who is short, the city, who is not judged."""
    units = [*result.units, *([] if result.city is None else [result.city])]
    output.say("")
    texts = {unit.explanation for unit in units}
    if len(texts) == 1:
        output.say(texts.pop())
        return
    counts = Counter(unit.verdict for unit in result.units)
    parts = [
        tr("{title} {count} 个", title=verdict_title(key), count=counts[key])
        for key in Verdict
        if counts[key]
    ]
    output.say(tr("{title}：{text}", title=tr("单元"), text=tr("，").join(parts)))
    for unit in units:
        if unit is result.city or unit.verdict is Verdict.NOT_JUDGED:
            output.say(tr("{title}：{text}", title=unit.name, text=unit.explanation))


def _say_findings(findings: Sequence[Finding], output: Output) -> None:
    if not findings:
        return
    output.say("")
    for item in findings[:_MOST_FINDINGS]:
        output.say(tr("{title}：{text}", title=_severity(item.severity), text=item.text))
    if len(findings) > _MOST_FINDINGS:
        output.say(tr("…… 另有 {count} 条，见 --json 或 --xlsx", count=len(findings) - _MOST_FINDINGS))


def _say_rezoning(found: Rezoning, before: str, after: str, output: Output) -> None:
    pieces = found.pieces
    real = pieces[~pieces["sliver"].astype(bool)]
    output.say(
        tr("{before} → {after}：区块线内工业用地变更 {count} 块", before=before, after=after, count=len(real))
    )
    if len(real):
        output.say("")
        rows = [
            (
                row["unit_name"] or "–", row["line"] or "–", _severity(row["severity"]),
                f"{row['before_code']} {row['before_title']}",
                tr("移出线外") if row["way"] == "line" else f"{row['after_code']} {row['after_title']}".strip(),
                figure(row["area"], "m2"), figure(row["mu"], "mu"), figure(row["width"], "m"),
            )
            for row in real.sort_values("area", ascending=False).head(_MOST_PIECES).to_dict("records")
        ]  # fmt: skip
        titles = [tr("单元"), tr("区块线"), tr("性质"), tr("调整前"), tr("调整后"), header(tr("面积"), "m2"),
                  header(tr("面积"), "mu"), header(tr("宽"), "m")]  # fmt: skip
        for line in table(rows, titles):
            output.say(line)
        if len(real) > _MOST_PIECES:
            output.say(tr("…… 另有 {count} 块，见 --json 或 --out", count=len(real) - _MOST_PIECES))
        output.say("")
        sums = real.groupby("severity")["area"].agg(["count", "sum"])
        sums = sums.sort_index(key=lambda keys: keys.map(list(SEVERITIES).index))
        for line in table(
            [(_severity(str(key)), int(row["count"]), figure(row["sum"], "m2"), figure(row["sum"] * 3 / 2000, "mu"))
             for key, row in sums.iterrows()],
            [tr("性质"), tr("块数"), header(tr("面积"), "m2"), header(tr("面积"), "mu")],
        ):  # fmt: skip
            output.say(line)
    if len(pieces) > len(real):
        output.say(tr("另有碎屑 {count} 块，未计", count=len(pieces) - len(real)))
    _say_findings(found.findings, output)


def _severity(key: str) -> str:
    return tr(SEVERITIES[key][0]) if key in SEVERITIES else key
