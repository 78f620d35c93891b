"""import: a county's file into a layer, with everything that was decided and why."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli_interrupt import stopping_at_progress
from app.cli_output import Output, Right, figure, table
from app.folders import backup_folder
from gis.crs import describe
from gis.errors import ParkLineError
from gis.store.backups import BackupKeeper
from gis.text import mark, tr
from gis.units import unit_in_header, unit_title
from layers.importing.plan import ImportPlan, propose
from layers.importing.report import ImportReport
from layers.importing.run import run
from layers.importing.workbook import write_refused
from layers.output_files import is_project, ready_target
from layers.project import Project
from layers.results_json import form

if TYPE_CHECKING:
    from layers.importing.mapping import Source

__all__ = ["import_file"]

_SHOWN_REASONS = 12
_SHOWN_ROWS = 8
_DONE, _NOTHING_TAKEN = 0, 3


def import_file(options: argparse.Namespace, output: Output) -> int:
    """Import a file: propose, say what was decided, take the good rows, list the others."""
    _check_use(options)
    target = None if options.refused is None else ready_target(options.refused, (".xlsx",))
    with Project.open(options.project) as project:
        try:
            plan = propose(
                project, options.layer, options.file, source_layer=options.source_layer,
                encoding=options.encoding, epsg=options.crs, mapping=options.mapping, snapshot=options.snapshot,
                date=options.date, progress=output.progress,
            )  # fmt: skip
        except ParkLineError as error:
            error.file = error.file or options.file
            raise
        _say_plan(plan, output)
        questions = plan.open_questions()
        if questions:
            output.result(form("import", project, plan=plan.to_json(), report=None, refused_file=None))
            for line in _candidate_lines(plan):
                output.note(line)
            raise ParkLineError(
                "\n".join(questions), hint=tr("补充后重新运行；项目没有改动。"), file=plan.path
            )
        with stopping_at_progress(output.progress) as progress:
            keeper = BackupKeeper(backup_folder)
            project.store.before_write = lambda: keeper.before_write(project.store, progress)
            report = run(project, plan, dry_run=options.dry_run, progress=progress)
        written = None
        if report.refused and not options.dry_run:
            target = target or _beside(project.path, plan.path)
            written = write_refused(report.refused, target, file=report.file, layer=plan.spec.title)
        _say_report(plan, report, written, output)
        output.result(
            form(
                "import", project, plan=plan.to_json(), report=report.to_json(),
                refused_file=None if written is None else str(written),
            )
        )  # fmt: skip
    nothing = report.total > 0 and not report.taken + report.updated
    return _NOTHING_TAKEN if nothing else _DONE


def _check_use(options: argparse.Namespace) -> None:
    if options.file.exists() and options.project.exists() and options.file.samefile(options.project):
        raise ParkLineError(
            tr("不能把项目导入它自己。"), hint=tr("请另存副本，或换一个文件。"), file=options.file
        )
    if is_project(options.file):
        raise ParkLineError(
            tr("这是另一个 ParkLine 项目，其中有历史行，不能直接导入。"),
            hint=tr("请先在那个项目里用 export 导出图层。"),
            file=options.file,
        )
    if options.layer == "land_use":
        if options.snapshot and options.date is None:
            raise ParkLineError(
                tr("规划快照“{name}”缺少日期。", name=options.snapshot), hint=tr("请加上 --date 2024-05-31。")
            )
    elif options.snapshot:
        raise ParkLineError(tr("只有规划用地（land_use）有快照，请去掉 --snapshot。"))
    elif options.date is not None and options.layer != "block_line":
        raise ParkLineError(tr("--date 只用于规划用地（快照日期）和工业区块线（生效日期）。"))


def _beside(project: Path, source: Path) -> Path:
    """Where refused rows go unless told otherwise: beside the project, never into the county's folder."""
    return project.with_name(tr("{project}-退回-{source}.xlsx", project=project.stem, source=source.stem))


def _say_plan(plan: ImportPlan, output: Output) -> None:
    info = plan.info
    inner = info.layer if info.layer and info.layer != plan.path.stem else ""
    count = f"{len(plan.table.rows):,}"
    rows = [
        (
            tr("文件"),
            tr(
                "{name}（{format}，{count} 行）",
                name="#".join(filter(None, (plan.path.name, inner))),
                format=info.format,
                count=count,
            ),
        ),
        (tr("图层"), f"{plan.layer} {plan.spec.title}"),
    ]
    if info.encoding:
        rows.append((tr("编码"), tr("{title}：{text}", title=info.encoding, text=info.encoding_evidence)))
    if plan.has_geometry and plan.spec.geometry:
        rows.append((tr("坐标系"), plan.crs_reason))
    if plan.scheme_reason:
        rows.append(
            (tr("分类标准"), tr("{title}：{text}", title=plan.scheme or "–", text=plan.scheme_reason))
        )
    if plan.snapshot:
        rows.append((tr("规划快照"), f"{plan.snapshot} {plan.date}"))
    for line in table(rows):
        output.say(line)
    if plan.mapping:
        output.say("")
        for line in _mapping_lines(plan):
            output.say(line)
    unused = [c for c in plan.info.columns if c not in {source.column for source in plan.mapping.values()}]
    if unused:
        output.say(tr("未用的列：{columns}", columns=tr("、").join(unused)))
    sample = _sample_lines(plan)
    if sample:
        output.say("")
        output.say(tr("文件开头几行，请核对文字是否正常"))
        for line in sample:
            output.say("  " + line)


_HOW = {
    "name": mark("同名"),
    "synonym": mark("同义词"),
    "remembered": mark("上次的对应"),
    "given": mark("指定"),
}


def _mapping_lines(plan: ImportPlan) -> list[str]:
    fields = {field.name: field for field in plan.spec.fields}
    rows = [
        (name, fields[name].title, _source(source), tr(_HOW[source.how]))
        for name, source in plan.mapping.items()
    ]
    return table(rows, [tr("字段"), tr("名称"), tr("来自列"), tr("依据")])


def _source(source: Source) -> str:
    if source.column is None:
        return tr("常数 {value}", value=source.constant)
    unit = source.unit
    if unit is None or unit in ("", "one") or unit_in_header(source.column) == unit:
        return source.column
    return tr("{title}（{unit}）", title=source.column, unit=unit_title(unit))


def _sample_lines(plan: ImportPlan) -> list[str]:
    """The first rows under the mapped columns: what a person looks at to see that the encoding is right."""
    columns = [source.column for source in plan.mapping.values() if source.column][:5]
    rows = [[row.get(column, "")[:24] for column in columns] for row in plan.info.sample[:3]]
    return table(rows, columns) if rows and columns else []


def _candidate_lines(plan: ImportPlan) -> list[str]:
    if plan.epsg is not None or not plan.candidates:
        return []
    shown = [item for item in plan.candidates if item.plausible] or plan.candidates
    rows = [
        (f"--crs EPSG:{item.epsg}", describe(item.epsg), item.reason,
         f"{item.bounds_lonlat[0]:.3f}°–{item.bounds_lonlat[2]:.3f}°E {item.bounds_lonlat[1]:.3f}°–{item.bounds_lonlat[3]:.3f}°N")
        for item in shown[:6]
    ]  # fmt: skip
    return [tr("坐标可能属于："), *(f"  {line}" for line in table(rows))]


def _say_report(plan: ImportPlan, report: ImportReport, written: Path | None, output: Output) -> None:
    output.say("")
    for note in report.notes:
        output.say(tr("说明：{text}", text=note))
    parts = [
        tr("更新 {count} 行", count=f"{report.updated:,}")
        if plan.joins
        else tr("导入 {count} 行", count=f"{report.taken:,}"),
        tr("退回 {count} 行", count=f"{len(report.refused):,}"),
    ]
    if report.repairs:
        repaired = sum(item.accepted for item in report.repairs)
        parts.append(tr("修复 {count} 个图形", count=f"{repaired:,}"))
    summary = tr("，").join(parts)
    output.say(tr("试运行，没有写入：{text}", text=summary) if report.dry_run else summary)
    if report.repairs:
        output.say("")
        rows = [
            (Right(item.row), item.reason, figure(item.area_before, "m2"), figure(item.area_after, "m2"))
            for item in report.repairs[:_SHOWN_ROWS]
        ]
        _say_table(
            rows,
            [tr("行"), tr("图形问题"), tr("修复前（㎡）"), tr("修复后（㎡）")],
            len(report.repairs),
            output,
        )
    if report.refused:
        output.say("")
        reasons = report.reasons()
        _say_table([(count, reason) for reason, count in reasons[:_SHOWN_REASONS]],
                   [tr("行数"), tr("退回原因")], len(reasons), output)  # fmt: skip
        output.say("")
        listed = [(Right(item.row), item.reason) for item in report.refused[:_SHOWN_ROWS]]
        _say_table(listed, [tr("行"), tr("退回原因")], len(report.refused), output)
    if written is not None:
        output.say(tr("退回数据已写到：{path}", path=written))


def _say_table(rows: Sequence[Sequence[object]], titles: Sequence[str], total: int, output: Output) -> None:
    for line in table(rows, titles):
        output.say(line)
    if total > len(rows):
        output.say(tr("…… 另有 {count} 行，见 --json 或退回数据表", count=total - len(rows)))
