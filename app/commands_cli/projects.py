"""demo, new, info: making a project and saying what is in it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.cli_output import Output, Right, table
from gis.crs import describe
from gis.errors import ParkLineError
from gis.text import tr
from layers.demo import generate
from layers.new_project import UnitSource, new_project
from layers.project import Project
from layers.results_json import form

__all__ = ["demo", "info", "new"]


def demo(options: argparse.Namespace, output: Output) -> int:
    """Make the demo project."""
    _refuse_existing(options.project)
    with generate(
        options.project, parcels=options.parcels, seed=options.seed, progress=output.progress
    ) as project:
        output.say(tr("示例项目已生成：{path}", path=options.project))
        output.say(tr("示例数据：数字与企业均为虚构，界线为示意界线，不得用于任何决策。"))
        _say_contents(project, output)
        output.result(form("demo", project, seed=options.seed, contents=_contents(project)))
    return 0


def new(options: argparse.Namespace, output: Output) -> int:
    """Make a project for Ankang or for any other city."""
    _refuse_existing(options.project)
    units = options.units and UnitSource(
        options.units, options.units_layer, options.unit_code, options.unit_name, options.units_crs
    )
    if units is None:
        for name in ("units_layer", "unit_code", "unit_name", "units_crs"):
            if getattr(options, name) is not None:
                raise ParkLineError(
                    tr("{option} 只能与 --units 一起使用。", option="--" + name.replace("_", "-"))
                )
    made = new_project(
        options.project, name=options.name, policy=options.policy, units=units, codes=options.codes,
        epsg=options.crs, progress=output.progress,
    )  # fmt: skip
    with made.project as project:
        output.say(tr("项目已新建：{path}", path=options.project))
        rows = [
            (tr("名称"), project.name),
            (tr("坐标系"), made.plane_reason),
            (tr("政策"), f"{project.policy.title} {project.policy.version}"),
        ]
        if made.codes:
            rows.append((tr("用地代码表"), tr("{count} 个代码", count=made.codes)))
        if made.units is not None:
            rows.append((tr("管理单元"), tr("{taken} 个，退回 {refused} 行", taken=made.units.taken, refused=len(made.units.refused))))  # fmt: skip
        else:
            rows.append((tr("管理单元"), tr("{count} 个，只有名称；请导入界线：import {project} unit 文件",
                                        count=len(project.units()), project=options.project)))  # fmt: skip
        for line in table(rows):
            output.say(line)
        for item in () if made.units is None else made.units.refused:
            output.say(tr("退回第 {row} 行：{reason}", row=item.row, reason=item.reason))
        tree = project.units()
        output.result(
            form(
                "new", project, plane_reason=made.plane_reason, land_use_codes=made.codes,
                units=[{"code": code, "name": tree.name(code)} for code in tree.codes],
                import_report=None if made.units is None else made.units.to_json(),
            )
        )  # fmt: skip
    return 0


def info(options: argparse.Namespace, output: Output) -> int:
    """Say what a project holds."""
    with Project.open(options.project) as project:
        policy = project.policy
        rows = [
            (tr("项目"), project.name),
            (tr("文件"), tr("{path}（{size:.1f} MB）", path=project.path, size=project.path.stat().st_size / 1e6)),
            (tr("坐标系"), describe(project.epsg)),
            (tr("政策"), f"{policy.title} {policy.version}"),
            (tr("检查时点"), project.as_of.isoformat()),
            (tr("管理单元"), tr("{count} 个", count=len(project.units()))),
        ]  # fmt: skip
        if project.is_demo:
            output.say(tr("示例数据：数字与企业均为虚构，界线为示意界线，不得用于任何决策。"))
        for line in table(rows):
            output.say(line)
        _say_contents(project, output)
        entries = project.store.journal(limit=5)
        output.say("")
        output.say(tr("最近的改动"))
        for line in table(
            [(entry.at[:19].replace("T", " ") + "Z", entry.who, entry.why) for entry in entries]
        ):
            output.say("  " + line)
        output.result(
            form(
                "info", project, as_of=project.as_of.isoformat(), size=project.path.stat().st_size,
                units=len(project.units()), contents=_contents(project),
                journal=[
                    {"id": e.id, "at": e.at, "who": e.who, "why": e.why, "kind": e.kind, "undone": e.undone}
                    for e in entries
                ],
            )
        )  # fmt: skip
    return 0


def _refuse_existing(path: Path) -> None:
    """Said before the work, not after it; the store refuses too."""
    if path.exists():
        raise ParkLineError(tr("文件已存在，不会覆盖。"), hint=tr("请换一个文件名。"), file=path)
    if not path.absolute().parent.is_dir():
        raise ParkLineError(tr("文件夹不存在。"), hint=tr("请先建立文件夹。"), file=path.parent)


def _contents(project: Project) -> dict[str, Any]:
    from layers.registry import TABLES

    quarantined = project.store.quarantined()
    waiting = quarantined["table"].value_counts()
    return {
        "layers": [
            {
                "layer": spec.name,
                "title": spec.title,
                "rows": project.store.count(spec.name),
                "quarantined": int(waiting.get(spec.name, 0)),
            }
            for spec in TABLES
        ],
        "snapshots": [
            {
                "name": item.name, "date": item.date.isoformat(), "scheme": item.scheme, "source": item.source,
                "rows": item.count,
            }
            for item in project.snapshots()
        ],
    }  # fmt: skip


def _say_contents(project: Project, output: Output) -> None:
    contents = _contents(project)
    output.say("")
    rows = [
        (item["layer"], item["title"], item["rows"], item["quarantined"] or Right("–"))
        for item in contents["layers"]
    ]
    for line in table(rows, [tr("图层"), tr("名称"), tr("行数"), tr("退回待改")]):
        output.say(line)
    if contents["snapshots"]:
        output.say("")
        rows = [
            (item["name"], item["date"], item["scheme"] or "–", item["rows"])
            for item in contents["snapshots"]
        ]
        for line in table(rows, [tr("规划快照"), tr("日期"), tr("分类标准"), tr("图斑数")]):
            output.say(line)
