"""Carry an import out: all good rows in one transaction, the others listed, quarantined and kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.crs import describe
from gis.errors import ParkLineError
from gis.progress import Cancelled, Progress, scaled, silent
from gis.store.base import Condition, QuarantinedRow, Transaction
from gis.text import tr
from layers.importing.geometry import land, measured
from layers.importing.land_use_fields import fill_land_use
from layers.importing.mapping import signature, to_memory
from layers.importing.plan import LEDGERS, ImportPlan
from layers.importing.report import OUTLINE, ImportReport, Refused, Repair
from layers.importing.values import parse
from layers.snapshots import Snapshot, add_dataset, add_snapshot
from layers.spec import LayerSpec

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["run"]


def run(
    project: Project, plan: ImportPlan, *, dry_run: bool = False, progress: Progress = silent
) -> ImportReport:
    """Take the rows of a planned import into the project.

    Raises ``ParkLineError`` while questions of the plan are open. A dry run writes nothing and reports the
    same. ``Cancelled`` from ``progress`` leaves the project as it was.
    """
    questions = plan.open_questions()
    if questions:
        raise ParkLineError(" ".join(questions), file=plan.path)
    standing = _standing_snapshot(project, plan)
    report = ImportReport(
        file=plan.path.name, layer=plan.layer, total=len(plan.table.rows) + len(plan.table.problems),
        crs="" if plan.epsg is None else describe(plan.epsg), encoding=plan.info.encoding or "",
        notes=[*plan.info.notes, *plan.notes], dry_run=dry_run,
    )  # fmt: skip
    frame, reasons = _parsed(project, plan, scaled(progress, 0.0, 0.3))
    geometry = _landed(project, plan, report, reasons, scaled(progress, 0.3, 0.6))
    spec = plan.spec
    _refuse_missing(spec, frame, reasons)
    if plan.joins:
        joined = _joined(project, spec, frame, reasons)
    else:
        _refuse_duplicates(project, plan, frame, reasons)
    good = reasons == ""
    report.refused = _refused_rows(plan, reasons)
    # A row that is refused for another reason has no repaired geometry.
    refused = {item.row for item in report.refused}
    report.repairs = [item for item in report.repairs if not item.accepted or item.row not in refused]
    if plan.joins:
        report.updated = int(good.sum())
    else:
        report.taken = int(good.sum())
    if not dry_run:
        with project.transaction(
            tr("导入 {file} → {layer}", file=plan.path.name, layer=spec.title), kind="import"
        ) as writing:
            report.transaction_id = writing.id
            if plan.joins:
                writing.update(spec.name, _completed(project, spec, frame[good], joined[good]))
            else:
                rows = _complete(project, plan, frame[good], geometry[good])
                writing.insert(spec.name, rows, progress=scaled(progress, 0.6, 1.0))
            _book(plan, report, writing, new_snapshot=standing is None)
    with suppress(Cancelled):  # the rows stand: too late to stop
        progress(
            1.0,
            tr(
                "导入完成：收 {taken} 行，退 {refused} 行",
                taken=report.taken + report.updated,
                refused=len(report.refused),
            ),
        )
    return report


def _standing_snapshot(project: Project, plan: ImportPlan) -> Snapshot | None:
    """The snapshot if it stands already: another county's part of the same state of the plan is added to it.

    Raises ``ParkLineError`` where the day differs or the very source is in it: rows of a snapshot never change.
    """
    if plan.layer != "land_use":
        return None
    standing = next((item for item in project.snapshots() if item.name == plan.snapshot), None)
    if standing is None:
        return None
    if plan.date not in (None, standing.date):
        raise ParkLineError(
            tr(
                "规划快照“{name}”已存在，日期为 {date}，不是 {given}。",
                name=standing.name,
                date=standing.date,
                given=plan.date,
            ),
            hint=tr("换一个快照名称，或改正日期。"),
            file=plan.path,
        )
    here = [Condition("snapshot", "=", standing.name)]
    taken = project.read("dataset", columns=["sha256"], where=here)["sha256"]
    same_rows = project.store.count("land_use", [*here, Condition("source", "=", _source(plan))])
    if same_rows and (taken == plan.sha256).any():
        raise ParkLineError(
            tr("这个文件已在规划快照“{name}”中，快照不可改写。", name=standing.name),
            hint=tr("换一个快照名称。"),
            file=plan.path,
        )
    return standing


def _source(plan: ImportPlan) -> str:
    """File and, where it does not bear the file's name, layer: what stands in the rows."""
    return plan.path.name + (f"#{plan.info.layer}" if plan.info.layer not in {None, plan.path.stem} else "")


def _parsed(
    project: Project, plan: ImportPlan, progress: Progress
) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """Every mapped field as values, and the first reason against each row."""
    spec, raw = plan.spec, plan.table.frame
    count = len(plan.table.rows)
    reasons = np.full(count, "", dtype=object)
    columns: dict[str, pd.Series] = {}
    for number, (name, source) in enumerate(plan.mapping.items()):
        progress(number / max(1, len(plan.mapping)), tr("正在检查列 {field}", field=spec.field(name).title))
        if source.column is None:
            cells = pd.Series([source.constant] * count, dtype=object)
        else:
            cells = raw[source.column].reset_index(drop=True)
        values, wrong = parse(spec.field(name), cells, source.unit)
        columns[name] = values
        reasons = np.where(reasons == "", wrong, reasons)
    frame = pd.DataFrame(columns, index=range(count))
    fill_land_use(project, plan, frame, reasons)
    if "unit" in frame:
        _resolve_units(project, frame)
    return frame, reasons


def _resolve_units(project: Project, frame: pd.DataFrame) -> None:
    """Unit texts become codes where they name a unit; others are kept as typed for the checks to tell."""
    units = project.units()
    texts = frame["unit"]
    codes = {text: units.resolve(text) for text in texts.dropna().unique()}
    frame["unit"] = texts.map(lambda text: codes.get(text) or text, na_action="ignore").astype("str")


def _landed(
    project: Project, plan: ImportPlan, report: ImportReport, reasons: NDArray[np.object_], progress: Progress
) -> NDArray[np.object_]:
    spec, geometry = plan.spec, plan.table.geometry
    count = len(plan.table.rows)
    if not spec.geometry or plan.joins:
        return np.full(count, None, dtype=object)
    if geometry is None:
        geometry = np.full(count, None, dtype=object)
    source = project.epsg if plan.epsg is None else plan.epsg
    landed = land(
        geometry, spec, source, project.epsg, swapped=plan.swapped, accept_repairs=plan.accept_repairs,
        progress=progress,
    )  # fmt: skip
    first = reasons == ""
    reasons[first] = landed.reasons[first]
    report.repairs = [
        Repair(
            int(plan.table.rows[p.index]),
            p.reason,
            p.area_before,
            p.area_after,
            plan.accept_repairs and p.geometry is not None,
        )
        for p in landed.repairs
    ]
    return landed.geometry


def _refuse_missing(spec: LayerSpec, frame: pd.DataFrame, reasons: NDArray[np.object_]) -> None:
    for field in spec.fields:
        if field.required and field.name in frame:
            empty = frame[field.name].isna().to_numpy() & (reasons == "")
            reasons[empty] = tr("缺少 {field}", field=field.title)


def _keys(spec: LayerSpec, frame: pd.DataFrame) -> pd.Series | None:
    """The key of each row as one text; NaN where a part of it is missing. None if there is no key to judge by."""
    present = [name for name in spec.key if name in frame]
    if not present or present[0] != spec.key[0]:
        return None
    parts = [frame[name].astype("str") for name in present]
    key = parts[0]
    for part in parts[1:]:
        key = key + "\x1f" + part.fillna("")
    return key


def _refuse_duplicates(
    project: Project, plan: ImportPlan, frame: pd.DataFrame, reasons: NDArray[np.object_]
) -> None:
    """Repeated numbers: within the file the first row stands, and what the project holds stands."""
    spec = plan.spec
    keys = _keys(spec, frame)
    if keys is None:
        return
    usable = keys.notna().to_numpy() & (reasons == "")
    first = pd.Series(plan.table.rows[usable], index=keys[usable]).groupby(level=0).first()
    repeated = usable.copy()
    repeated[usable] = keys[usable].duplicated().to_numpy()
    title = spec.field(spec.key[0]).title
    for row in np.flatnonzero(repeated):
        reasons[row] = tr("{field} 重复：与第 {row} 行相同", field=title, row=int(first[keys[row]]))
    stored = project.read(spec.name, columns=list(spec.key), geometry=False)
    if len(stored):
        names = [name for name in spec.key if name in frame]
        known = _keys(spec, pd.DataFrame(stored[names]))
        if known is not None:
            there = usable & (reasons == "") & keys.isin(set(known.dropna())).to_numpy()
            reasons[there] = tr("{field} 重复：项目中已有", field=title)


def _joined(
    project: Project, spec: LayerSpec, frame: pd.DataFrame, reasons: NDArray[np.object_]
) -> NDArray[np.object_]:
    """UUIDs of the existing rows that a ledger without geometry belongs to."""
    stored = project.read(spec.name, columns=list(spec.key), geometry=False)
    keys, known = _keys(spec, frame), _keys(spec, pd.DataFrame(stored))
    if keys is None or known is None:
        raise ParkLineError(tr("没有可用于连接的编号列。"), hint=tr("请指定编号所在的列。"))
    by_key = pd.Series(stored["uuid"].to_numpy(dtype=object), index=known.to_numpy(dtype=object))
    by_key = by_key[~by_key.index.duplicated()]
    uuids = keys.map(by_key).to_numpy(dtype=object)
    title = spec.field(spec.key[0]).title
    open_ = reasons == ""
    for row in np.flatnonzero(open_ & keys.isna().to_numpy()):
        reasons[row] = tr("缺少 {field}", field=title)
    for row in np.flatnonzero((reasons == "") & pd.isna(uuids)):
        reasons[row] = tr("项目中没有 {field} 为 {value} 的图形", field=title, value=keys[row])
    for row in np.flatnonzero((reasons == "") & keys.duplicated().to_numpy()):
        reasons[row] = tr("{field} {value} 在文件中重复", field=title, value=keys[row])
    return uuids


def _completed(
    project: Project, spec: LayerSpec, frame: pd.DataFrame, uuids: NDArray[np.object_]
) -> pd.DataFrame:
    """The values for existing rows; where the ledger's cell is empty, what is known stays."""
    columns = [str(name) for name in frame.columns if name not in spec.key]
    known = project.read(spec.name, columns=columns, geometry=False).set_index("uuid").loc[uuids, columns]
    rows = pd.DataFrame(frame[columns].set_index(known.index))
    return rows.where(rows.notna(), known).reset_index()


def _complete(
    project: Project, plan: ImportPlan, frame: pd.DataFrame, geometry: NDArray[np.object_]
) -> pd.DataFrame:
    """Computed areas, snapshot, source and source CRS beside the values; geometry where the layer has one."""
    spec = plan.spec
    rows = pd.DataFrame(frame.reset_index(drop=True))
    if plan.layer == "land_use":
        rows["snapshot"] = plan.snapshot or ""
    if plan.layer == "block_line" and plan.date is not None and "valid_from" not in rows:
        rows["valid_from"] = pd.Timestamp(plan.date)
    rows["source"] = _source(plan)
    if not spec.geometry:
        return rows
    areas = measured(spec, geometry, project.epsg)
    rows = pd.DataFrame(pd.concat([rows, areas], axis=1))
    system = pd.Series(f"EPSG:{plan.epsg}", index=rows.index, dtype="str")
    rows["source_crs"] = system.mask(pd.Series(shapely.is_missing(geometry), index=rows.index))
    placed: pd.DataFrame = gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(geometry, crs=project.epsg))
    return placed


def _refused_rows(plan: ImportPlan, reasons: NDArray[np.object_]) -> list[Refused]:
    table = plan.table
    refused = [Refused(problem.row, problem.reason, _bare(problem.values)) for problem in table.problems]
    bad = np.flatnonzero(reasons != "")
    records = [_bare(record) for record in table.frame.iloc[bad].astype(object).to_dict("records")]
    if table.geometry is not None and plan.info.format not in LEDGERS:
        # So that a mended row comes back with its outline. A ledger has its places in cells of its own.
        system = "" if plan.epsg is None else f"SRID={plan.epsg};"
        texts = shapely.to_wkt(table.geometry[bad], rounding_precision=-1)
        for record, text in zip(records, texts, strict=True):
            if text is not None:
                record.setdefault(OUTLINE, system + text)
    refused += [
        Refused(int(table.rows[row]), str(reasons[row]), record)
        for row, record in zip(bad, records, strict=True)
    ]
    return sorted(refused, key=lambda item: item.row)


def _bare(record: Mapping[Any, Any]) -> dict[str, object]:
    """Raw values of a row, whatever stands for missing as None."""
    return {str(key): None if pd.isna(value) else value for key, value in record.items()}


def _book(plan: ImportPlan, report: ImportReport, writing: Transaction, *, new_snapshot: bool) -> None:
    """Quarantine, dataset, snapshot and the remembered mapping: in the same transaction as the rows."""
    rows = [QuarantinedRow(item.row, item.reason, item.values) for item in report.refused]
    writing.quarantine(plan.layer, plan.path.name, rows)
    today = dt.datetime.now().astimezone().date()
    if plan.snapshot and plan.layer == "land_use" and new_snapshot and report.taken:
        add_snapshot(writing, plan.snapshot, plan.date or today, scheme=plan.scheme, source=plan.path.name)
    add_dataset(
        writing, plan.path, plan.layer, report.taken + report.updated, sha256=plan.sha256, imported_on=today,
        snapshot=plan.snapshot or "",
    )  # fmt: skip
    columns = [str(column) for column in plan.table.frame.columns]
    writing.remember_mapping(plan.layer, signature(columns), to_memory(plan.spec, plan.mapping))
