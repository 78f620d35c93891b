"""match: floors and sites of a project that fit a wish, ranked with reasons."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from app.cli_output import Output, table
from gis.errors import ParkLineError
from gis.text import tr
from layers.codes import land_use_classes
from layers.matching import FloorWish, Match, SiteWish, State, floors_for, sites_for
from layers.project import Project
from layers.results_json import form

__all__ = ["match"]


def match(options: argparse.Namespace, output: Output) -> int:
    """List what fits, best first."""
    with Project.open(options.project) as project:
        unit = _unit(project, options.unit)
        day = options.from_day or project.as_of
        output.progress(0.2, tr("正在匹配"))
        if options.kind == "floor":
            floor = FloorWish(day, options.area, options.height, options.load, unit)
            found = floors_for(project, floor)
        else:
            site = SiteWish(
                day, options.area, _use(options.use), tuple(options.utilities), options.road, unit
            )
            found = sites_for(project, site)
        output.progress(1.0, tr("匹配完成"))
        _say(found, options.most, output)
        output.result(
            form(
                "match", project, kind=options.kind,
                wish={
                    "from": day.isoformat(), "area": options.area, "unit": unit, "height": options.height,
                    "load": options.load, "use": options.use or "", "utilities": list(options.utilities), "road": options.road,
                },
                matches=[_record(number, item) for number, item in enumerate(found, 1)],
            )
        )  # fmt: skip
    return 0


def _unit(project: Project, text: str | None) -> str:
    """Code of the unit that was named; "" if none was."""
    if not text:
        return ""
    code = project.units().resolve(text)
    if code is None:
        names = tr("、").join(project.units().names)
        raise ParkLineError(tr("没有名为“{text}”的单元。", text=text), hint=tr("可用：{names}", names=names))
    return code


def _use(text: str | None) -> str:
    """The class of land use that was named; "" if none was."""
    if text and text not in land_use_classes():
        names = " ".join(land_use_classes())
        raise ParkLineError(tr("没有用地类别“{text}”。", text=text), hint=tr("可用：{names}", names=names))
    return text or ""


def _say(found: Sequence[Match], most: int, output: Output) -> None:
    if not found:
        output.say(tr("没有可用的。"))
        return
    titles = [
        tr("名次"),
        tr("名称"),
        tr("单元"),
        tr("面积（㎡）"),
        tr("符合"),
        tr("不明"),
        tr("不符"),
        tr("理由"),
    ]
    rows = [
        (number, item.label, item.unit_name, item.area, *(item.count(state) for state in State), item.text)
        for number, item in enumerate(found[:most], 1)
    ]
    for line in table(rows, titles):
        output.say(line)
    if len(found) > most:
        output.say(tr("…… 另有 {count} 个，用 --most 或 --json 列出", count=len(found) - most))


def _record(rank: int, item: Match) -> dict[str, object]:
    return {
        "rank": rank,
        "table": item.table,
        "uuid": item.uuid,
        "label": item.label,
        "unit": item.unit,
        "unit_name": item.unit_name,
        "park": item.park,
        "area": item.area,
        "reasons": [
            {"about": reason.about, "state": reason.state.value, "text": reason.text}
            for reason in item.reasons
        ],
    }
