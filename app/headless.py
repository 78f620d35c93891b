"""The main job where there is no display: check the demo project, write the report and one parcel map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import guarded
from app.cli_output import Output
from app.folders import demo_project, output_folder
from gis.errors import ParkLineError
from gis.text import tr

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["run"]


def run(path: Path | None) -> int:
    """Check the project (the demo if None), write report and map into ``out``, say where. 0 when done."""
    output = Output()
    return guarded(lambda: _main_job(path, output), output)


def _main_job(path: Path | None, output: Output) -> int:
    from app.commands_cli.checks import lines_of, say_results
    from layers.demo import generate
    from layers.output_files import write_whole
    from layers.project import Project
    from layers.report import write_report
    from layers.results_json import results_json

    output.note(tr("没有显示器，不打开窗口；改为检查项目并把报告和一张地块图写到 out 文件夹。"))
    folder = output_folder()
    made: list[Path] = []
    if path is None:
        path = demo_project()
        if not _is_demo(path):
            output.note(tr("正在生成示例项目……"))
            path = _free(path)
            generate(path, progress=output.progress).close()
            made.append(path)
    with Project.open(path) as project:
        results = project.check(progress=output.progress)
        say_results(results, project, output)
        report = folder / f"{path.stem}-report.xlsx"
        write_report(results, report, project)
        data = report.with_suffix(".json")
        text = json.dumps(results_json(results, project), ensure_ascii=False, indent=1)
        write_whole(data, lambda part: part.write_text(text, encoding="utf-8"))
        made += [report, data]
        if printed := _one_map(project, folder, output):
            made.append(printed)
    output.say("")
    for line in lines_of(tr("已写入："), made):
        output.say(line)
    return 0


def _is_demo(path: Path) -> bool:
    """Whether the demo lies there and can be read by this version."""
    from layers.project import Project

    if not path.exists():
        return False
    try:
        with Project.open(path) as project:
            return project.is_demo
    except ParkLineError:
        return False


def _free(path: Path) -> Path:
    """That name, or one with a number where something else has it: no project of anybody is thrown away."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _one_map(project: Project, folder: Path, output: Output) -> Path | None:
    from gis.store.base import Condition
    from layers.sheets.parcel_map import compose

    rows = project.read(
        "parcel", columns=["parcel_no"], where=[Condition("area_certified", ">", 0)], geometry=False, limit=1
    )
    if not len(rows):
        output.note(tr("项目中没有地块，没有打印地块图。"))
        return None
    target = folder / f"{project.path.stem}-parcel.pdf"
    compose(project, str(rows["uuid"].iloc[0])).write_pdf(target)
    return target
