"""A control of a scenario moves: from its step until all verdicts stand beside those of today and of another scenario."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.timing import Memory, repeat

if TYPE_CHECKING:
    from layers.project import Project
    from layers.scenarios.changes import Change
    from layers.scenarios.trial import Trial

__all__ = ["run"]

_CODES = ("0701", "0901", "1101", "0804", "1401", "100101", "0803", "1207", "100102")
_Step = Callable[[int], "Change"]


def run(size: int) -> dict[str, Any]:
    """``seconds`` is the slowest kind of change; each check of the policy is there, as in the window.

    A project is made as the demo is, or ``PARKLINE_BENCH_PROJECT`` names one. The first step of a control is told
    apart (``first``): what it changes is laid over for the first time.
    """
    given = os.environ.get("PARKLINE_BENCH_PROJECT")
    if given:
        return moved(Path(given))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "示例 项目.gpkg"
        # In a process of its own, or its memory would be counted.
        command = [sys.executable, "-m", "app", "demo", str(path), "--parcels", str(size)]
        subprocess.run(command, cwd=Path(__file__).resolve().parents[2], check=True, capture_output=True)
        return moved(path)


def moved(path: Path) -> dict[str, Any]:
    """Move a control of each kind nine steps."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    from app.dialogs.what_if_table import ComparisonTable
    from gis import quick_clip
    from layers.project import Project
    from layers.scenarios.comparison import compared
    from layers.scenarios.scenario import Scenario
    from layers.scenarios.trial import Trial

    quick_clip.warm_up()
    with Project.open(path) as project:
        memory = Memory()
        prepared = repeat(lambda: Trial.of_project(project), most=1)
        trial = prepared.result
        kinds = _kinds(project, trial)
        # The other scenario has a change of each kind: none of it has to be run again while the first one moves.
        other = Scenario("乙", tuple(step(97) for step in kinds.values()))
        beside = trial.run(other)
        table = ComparisonTable()
        table.resize(990, 700)
        table.show()

        def show(change: Change) -> None:
            table.show_lines(
                compared([trial.base, trial.run(Scenario("甲", (change,))), beside]), ["甲", "乙"]
            )
            application.processEvents()
            table.grab()

        show(kinds["transfer"](50))
        seconds, processor, first = {}, {}, {}
        for kind, step in kinds.items():
            steps = iter(range(1_000))
            started = time.perf_counter()
            show(step(next(steps)))
            first[kind] = round(time.perf_counter() - started, 4)
            timing = repeat(lambda: show(step(next(steps))))  # noqa: B023
            seconds[kind], processor[kind] = round(timing.median, 4), round(timing.best_processor, 4)
        peak = memory.figures()
        whole = _whole(project, trial, kinds["plot_code"](0))
    return {
        "seconds": max(seconds.values()),
        "processor_seconds": max(processor.values()),
        "kinds": seconds,
        "kinds_processor": processor,
        "first": first,
        "checks": len(trial.base),
        "lines": len(compared([trial.base])),
        "prepare_seconds": round(prepared.best, 3),
        "reference": "checks that a plot of the plan touches, run whole",
        "reference_seconds": round(whole, 3),
        **peak,
    }


def _whole(project: Project, trial: Trial, change: Change) -> float:
    """Seconds of the touched checks on tables with the change laid over, without anything that was kept."""
    from layers.checks.registry import CHECKS
    from layers.scenarios.overlay import laid_over

    rows = change.rows(project.codes)
    touched = [check for check in CHECKS if check.id in trial.touched(rows)]
    tables, units = laid_over(project.check_tables(touched), rows), project.units()
    return repeat(
        lambda: [
            check.run(tables, units, project.policy, project.codes, trial.as_of, None) for check in touched
        ],
        most=1,
    ).best


def _kinds(project: Project, trial: Trial) -> dict[str, _Step]:
    """A change of each kind for the n-th step of its control: land in the middle of the city, industrial and inside a line."""
    from layers.scenarios.changes import Build, EndLease, Redraw, Rezone, SetValue, Transfer

    day, unit = trial.as_of, project.units().codes[0]
    plots, parcels = project.read("land_use"), project.read("parcel")
    last = project.snapshots()[-1].name
    industrial = plots[(plots["snapshot"] == last) & plots["code"].str.startswith("1001", na=False)]
    lined = industrial[industrial.geometry.within(project.read("block_line").geometry.union_all())]
    plot = (lined if len(lined) else industrial).iloc[len(lined) // 2]
    near = plots[(plots["snapshot"] == last) & (plots.geometry.distance(plot.geometry) <= 100.0)]
    around = tuple((row.uuid, row.geometry.wkt) for row in near.itertuples() if row.uuid != plot["uuid"])
    parcel = parcels[parcels["land_use_code"].str.startswith("1001", na=False)].iloc[len(parcels) // 50]
    number, scheme = str(parcel["parcel_no"]), str(plot["scheme"])
    lease = project.read("lease", geometry=False).iloc[0]

    def transfer(code: str) -> _Step:
        return lambda step: Transfer(
            id=code, project="计划", unit=unit, area=50_000.0 + 100 * step, scheme=scheme, code=code, mode="23",
            contract_on=day - dt.timedelta(days=step % 2), parcel_no=number,
        )  # fmt: skip

    def value(name: str) -> _Step:
        return lambda step: SetValue(
            table="parcel", uuid=parcel["uuid"], label=number, name=name, value=10.0 + step
        )

    return {
        "transfer": transfer("1001"),
        "transfer_housing": transfer("0701"),
        "parcel_code": lambda step: Rezone(
            table="parcel", uuid=parcel["uuid"], label=number, scheme=scheme, code=_CODES[step % len(_CODES)]
        ),
        "plot_code": lambda step: Rezone(
            table="land_use", uuid=plot["uuid"], label="", scheme=scheme, code=_CODES[step % len(_CODES)]
        ),
        "plot_outline": lambda step: Redraw(
            uuid=plot["uuid"], label="", outline=plot.geometry.wkt, distance=1.0 + step % 90, around=around
        ),
        "build": lambda step: Build(
            id="hall", building_id="新", unit=unit, area=1000.0 + step, accepted_on=day
        ),
        "end_lease": lambda step: EndLease(
            uuid=lease["uuid"], label="", last_day=day - dt.timedelta(days=step + 1)
        ),
        "number_area": value("area_certified"),
        "number_tax": value("tax_per_mu_actual"),
    }
