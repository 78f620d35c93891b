"""A comparison of scenarios as scripts get it; the form is described in ``docs/json-output.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from layers.checks.result import CheckResult, Verdict
from layers.results_json import form, overall_verdict, plain
from layers.scenarios.comparison import ComparedCell, ComparedLine
from layers.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from layers.project import Project
    from layers.scenarios.trial import Trial

__all__ = ["comparison_json", "scenarios_verdict"]


def scenarios_verdict(columns: Sequence[Sequence[CheckResult]]) -> Verdict:
    """The worst verdict under any scenario (the columns after the first); without one that of the first column."""
    return overall_verdict([result for column in columns[1:] or columns[:1] for result in column])


def comparison_json(
    lines: Sequence[ComparedLine],
    columns: Sequence[Sequence[CheckResult]],
    scenarios: Sequence[Scenario],
    trial: Trial,
    project: Project | None = None,
) -> dict[str, Any]:
    """All figures of all columns: today first, then a column for each scenario; numbers unrounded, missing ones None."""
    today: dict[str, Any] = {
        "name": None,
        "note": "",
        "verdict": overall_verdict(columns[0]).value,
        "changes": [],
    }
    others = [
        {
            "name": scenario.name,
            "note": scenario.note,
            "verdict": overall_verdict(column).value,
            "changes": [
                {
                    "kind": change.kind,
                    "text": change.text,
                    "day": plain(change.day),
                    "pending": change in scenario.pending(trial.as_of),
                }
                for change in scenario.changes
            ],
        }
        for scenario, column in zip(scenarios, columns[1:], strict=True)
    ]
    return form(
        "whatif",
        project,
        as_of=trial.as_of.isoformat(),
        year=trial.year,
        verdict=scenarios_verdict(columns).value,
        columns=[today, *others],
        lines=[_line(line) for line in lines],
    )


def _line(line: ComparedLine) -> dict[str, Any]:
    return {
        "check": line.check,
        "title": line.title,
        "demand": line.demand,
        "unit": line.unit,
        "unit_name": line.unit_name,
        "figure": line.figure,
        "figure_title": line.figure_title,
        "measure": line.measure,
        "judged": line.judged,
        "differs": line.differs,
        "cells": [_cell(cell) for cell in line.cells],
    }


def _cell(cell: ComparedCell) -> dict[str, Any]:
    return {
        "value": plain(cell.value),
        "verdict": None if cell.verdict is None else cell.verdict.value,
        "difference": plain(cell.difference),
        "differs": cell.differs,
        "explanation": cell.explanation,
    }
