"""What commands, checks and comparisons give to scripts; the forms are described in ``docs/json-output.md``."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.checks.result import CheckResult, Finding, Series, UnitResult, Verdict

if TYPE_CHECKING:
    from layers.checks.rezoning import Rezoning
    from layers.late_entries import LateEntry
    from layers.project import Project

__all__ = [
    "FORM_VERSION",
    "form",
    "frame_records",
    "overall_verdict",
    "plain",
    "results_json",
    "rezoning_json",
]

# Raised when a member is renamed or removed, not when one is added.
FORM_VERSION = 1


def overall_verdict(results: Sequence[CheckResult]) -> Verdict:
    """The worst of all checks: short, then not judged, then nothing to judge, then met."""
    found = {result.verdict for result in results}
    for verdict in (Verdict.SHORT, Verdict.NOT_JUDGED, Verdict.EMPTY, Verdict.MET):
        if verdict in found:
            return verdict
    return Verdict.NOT_JUDGED


def form(name: str, project: Project | None = None, **members: object) -> dict[str, Any]:
    """One JSON object as every command prints it: which form, its version, which project, then the members."""
    head = {"form": f"parkline-{name}", "form_version": FORM_VERSION}
    return {**head, "project": None if project is None else _project(project), **members}


def results_json(
    results: Sequence[CheckResult], project: Project | None = None, late: Sequence[LateEntry] = ()
) -> dict[str, Any]:
    """The checks as plain dictionaries and lists; numbers unrounded, missing ones None, no geometry.

    ``late`` are the rows that count but were entered after the day judged.
    """
    return form(
        "check",
        project,
        verdict=overall_verdict(results).value,
        checks=[_check(result) for result in results],
        late_entries=[
            {
                "table": item.layer,
                "uuid": item.uuid,
                "label": item.label,
                "event": item.event.isoformat(),
                "entered": item.entered.isoformat(),
            }
            for item in late
        ],
    )


def rezoning_json(
    rezoning: Rezoning, before: str, after: str, project: Project | None = None, *, wkt: bool = False
) -> dict[str, Any]:
    """The pieces between two snapshots; ``wkt`` adds each piece's geometry in the project's plane."""
    pieces = rezoning.pieces
    real = pieces[~pieces["sliver"].astype(bool)]
    return form(
        "compare",
        project,
        before=before,
        after=after,
        lined=rezoning.lined,
        areas={str(key): float(value) for key, value in real.groupby("severity")["area"].sum().items()},
        findings=[_finding(item) for item in rezoning.findings],
        pieces=frame_records(pieces, wkt=wkt),
    )


def _project(project: Project) -> dict[str, Any]:
    return {
        "name": project.name,
        "file": project.path.name,
        "demo": project.is_demo,
        "epsg": project.epsg,
        "policy": {
            "id": project.policy.id,
            "title": project.policy.title,
            "version": project.policy.version,
            "sha256": project.policy.sha256,
        },
    }


def _check(result: CheckResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "title": result.title,
        "verdict": result.verdict.value,
        "as_of": result.as_of.isoformat(),
        "period": result.period,
        "clause": {
            "policy": result.clause.policy,
            "number": result.clause.number,
            "quotation": result.clause.quotation,
            "operator": result.clause.operator,
            "threshold": result.clause.threshold,
            "unit": result.clause.unit,
            "figure": result.clause.figure,
        },
        "figures": {
            key: {"title": title, "unit": unit} for key, (title, unit) in result.figure_units.items()
        },
        "city": None if result.city is None else _unit(result.city),
        "units": [_unit(item) for item in result.units],
        "findings": [_finding(item) for item in result.findings],
        "evidence": frame_records(result.evidence),
        "parameters": {key: plain(value) for key, value in result.parameters.items()},
        "series": [_series(item) for item in result.series],
    }


def _series(item: Series) -> dict[str, Any]:
    return {
        "key": item.key,
        "title": item.title,
        "measure": item.measure,
        "unit": item.unit,
        "forecast_from": plain(item.forecast_from),
        "days": [plain(day) for day in item.days],
        "values": [plain(value) for value in item.values],
    }


def _finding(item: Finding) -> dict[str, Any]:
    return {"severity": item.severity, "text": item.text, "table": item.table, "uuid": item.uuid}


def _unit(result: UnitResult) -> dict[str, Any]:
    return {
        "code": result.code,
        "name": result.name,
        "verdict": result.verdict.value,
        "counts_in_total": result.counts_in_total,
        "figures": {key: plain(value) for key, value in result.figures.items()},
        "explanation": result.explanation,
    }


def frame_records(frame: pd.DataFrame, *, wkt: bool = False) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain values, without geometry or with it as WKT (millimetres)."""
    names = [name for name in frame.columns if name != "geometry"]
    records = [
        {name: plain(value) for name, value in zip(names, row, strict=True)}
        for row in frame[names].itertuples(index=False, name=None)
    ]
    if wkt and isinstance(frame, gpd.GeoDataFrame):
        for record, text in zip(
            records, shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=3), strict=True
        ):
            record["wkt"] = text
    return records


def plain(value: object) -> Any:
    """A value JSON knows: numbers and text as they are, dates as ISO 8601, everything missing as None."""
    if isinstance(value, (dict, list, tuple, set, frozenset, np.ndarray)):
        if isinstance(value, dict):
            return {str(key): plain(item) for key, item in value.items()}
        return [plain(item) for item in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    items = getattr(value, "items", None)
    if callable(items):  # mapping proxies of a policy
        return {str(key): plain(item) for key, item in items()}
    return str(value)
