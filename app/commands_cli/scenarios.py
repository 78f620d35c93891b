"""whatif: the scenarios of a project, and every target today and under each of them side by side."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from app.cli_output import Output, table
from app.commands_cli.checks import EXIT_CODES
from gis.text import tr
from layers.output_files import ready_target
from layers.project import Project
from layers.results_json import overall_verdict
from layers.scenarios.comparison import ComparedLine, compared
from layers.scenarios.comparison_json import comparison_json, scenarios_verdict
from layers.scenarios.scenario import Scenario
from layers.scenarios.stored import read_scenario, read_scenarios
from layers.scenarios.trial import Trial
from layers.scenarios.workbook import write_comparison
from layers.verdict_words import verdict_word

__all__ = ["whatif"]


def whatif(options: argparse.Namespace, output: Output) -> int:
    """Compare; the exit code is the worst verdict under the scenarios, without any that of today."""
    target = None if options.xlsx is None else ready_target(options.xlsx, (".xlsx",))
    with Project.open(options.project) as project:
        names = list(dict.fromkeys(options.scenario or ()))
        scenarios = [read_scenario(project, name) for name in names] or read_scenarios(project)
        trial = Trial.of_project(project, options.as_of, options.year, output.progress)
        columns = [trial.base, *(trial.run(item, progress=output.progress) for item in scenarios)]
        lines = compared(columns, everything=True)
        if project.is_demo:
            output.say(tr("示例数据：数字与企业均为虚构，界线为示意界线，不得用于任何决策。"))
            output.say("")
        output.say(tr("时点 {day}", day=trial.as_of.isoformat()))
        _say_scenarios(scenarios, trial, output)
        output.say("")
        titles = [tr("现状"), *(item.name for item in scenarios)]
        for title, column in zip(titles, columns, strict=True):
            output.say(tr("{title}：{text}", title=title, text=verdict_word(overall_verdict(column))))
        output.say("")
        _say_lines(lines, titles, output, every=options.all)
        if target is not None:
            write_comparison(target, project, lines, scenarios, trial.as_of)
            output.say("")
            output.say(tr("比较已写到：{path}", path=target))
        output.result(comparison_json(lines, columns, scenarios, trial, project))
    return EXIT_CODES[scenarios_verdict(columns)]


def _say_scenarios(scenarios: Sequence[Scenario], trial: Trial, output: Output) -> None:
    if not scenarios:
        output.say(tr("项目中没有情景；情景在窗口的“情景推演”中建立。"))
    for scenario in scenarios:
        output.say("")
        output.say(tr("情景“{name}”：{count} 项变更", name=scenario.name, count=len(scenario.changes)))
        if scenario.note:
            output.say(f"  {scenario.note}")
        waiting = scenario.pending(trial.as_of)
        for change in scenario.changes:
            text = tr("{text}（该时点尚未生效）", text=change.text) if change in waiting else change.text
            output.say(f"  {text}")


def _say_lines(lines: Sequence[ComparedLine], titles: Sequence[str], output: Output, *, every: bool) -> None:
    """The judged figure of the city, or of the units where these are judged, and whatever differs."""
    of_city = {line.check for line in lines if not line.unit}
    shown = [
        line
        for line in lines
        if line.differs or (line.judged and (every or not line.unit or line.check not in of_city))
    ]
    rows, before = [], ("", "")
    for line in shown:
        check, unit = (
            "" if line.check == before[0] else line.title,
            "" if before == (line.check, line.unit) else line.unit_name,
        )
        cells = [line.text(column) for column in range(len(line.cells))]
        rows.append(("*" if line.differs else "", check, unit, line.figure_title, *cells))
        before = (line.check, line.unit)
    for text in table(rows, ["", tr("检查"), tr("单元"), tr("数值"), *titles]):
        output.say(text)
    output.say("")
    output.say(tr("* 有变化；▲▼ 为与现状之差"))
