"""What an import is going to do: looked at, shown, changed by a person, then run."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import (
    GEOGRAPHIC,
    Candidate,
    Region,
    candidates,
    describe,
    identify,
    overlaps,
    to_plane,
    uncertainty,
    whereabouts,
)
from gis.errors import ParkLineError
from gis.formats import SourceTable, read
from gis.formats.source import SourceInfo
from gis.progress import Progress, silent
from gis.text import tr
from layers.importing.mapping import (
    Source,
    match_columns,
    needs_unit,
    parse_assignment,
    remembered,
    signature,
)
from layers.importing.values import cell_texts
from layers.registry import layer as layer_spec
from layers.scheme_detection import detect_scheme
from layers.snapshots import file_sha256
from layers.spec import LayerSpec

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["LEDGERS", "ImportPlan", "propose"]

_WGS84 = 4326
_SAMPLED_FEATURES = 2000
_CHINA: Region = (73.0, 3.0, 136.0, 54.0)
LEDGERS = frozenset({"CSV", "Excel", "JSON"})
_FROM_THE_WEB = LEDGERS | {"GeoJSON"}  # KML says so itself
_REGIONS = Path(__file__).resolve().parents[2] / "resources" / "codes" / "city_regions.toml"


@dataclass(slots=True)
class ImportPlan:
    """All decisions of one import. A dialog or a command line changes them; ``run`` carries them out.

    ``mapping`` is field → source. ``epsg`` is the reference system of the coordinates (None: unknown or
    no geometry), ``swapped`` says that they stand north first. ``questions`` have to be answered first:
    they are computed anew by ``open_questions``.
    """

    path: Path
    layer: str
    table: SourceTable
    mapping: dict[str, Source]
    epsg: int | None
    crs_reason: str
    candidates: list[Candidate]
    swapped: bool = False
    snapshot: str | None = None
    date: dt.date | None = None
    scheme: str | None = None
    scheme_reason: str = ""
    joins: bool = False
    accept_repairs: bool = True
    sha256: str = ""
    notes: list[str] = field(default_factory=list)
    # A sample of the coordinates and where the city lies, for whoever chooses another system.
    points: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    region: Region | None = None

    @property
    def info(self) -> SourceInfo:
        """What the file said of itself."""
        return self.table.info

    @property
    def spec(self) -> LayerSpec:
        """The layer the rows go to."""
        return layer_spec(self.layer)

    @property
    def has_geometry(self) -> bool:
        """Whether the source has coordinates at all."""
        return self.table.geometry is not None and not bool(shapely.is_missing(self.table.geometry).all())

    def choose_system(self, epsg: int) -> None:
        """Take a system that a person names; which axis comes first is seen from the coordinates.

        ``ParkLineError`` for a code that is none; the plan is then as it was.
        """
        reason = tr("手工指定为 {crs}。", crs=describe(epsg))
        self.epsg, self.crs_reason, self.swapped = epsg, reason, False
        _find_order(self)

    def open_questions(self) -> list[str]:
        """What must be answered before the import can run, in sentences."""
        asked: list[str] = []
        if self.has_geometry and self.spec.geometry and self.epsg is None:
            asked.append(tr("坐标系未知：{reason} 请指定 EPSG 代码（--crs）。", reason=self.crs_reason))
        for item in self.spec.fields:
            source = self.mapping.get(item.name)
            if source is None and item.required and item.name not in _FILLED_LATER:
                asked.append(
                    tr(
                        "缺少必填字段“{field}”，请指定列（--map {name}=列名）。",
                        field=item.title,
                        name=item.name,
                    )
                )
            elif (
                source is not None and source.column is not None and source.unit is None and needs_unit(item)
            ):
                asked.append(
                    tr("列“{column}”没有写明单位，请指定（--map {name}={column}[ha]，可用 m2、ha、mu）。",
                       column=source.column, name=item.name)
                )  # fmt: skip
        if self.layer == "land_use":
            if not self.snapshot:
                asked.append(tr("规划用地需要快照名称与日期（--snapshot、--date）。"))
            if self.scheme is None and "scheme" not in self.mapping:
                full_stop = tr("。")
                reason = self.scheme_reason.rstrip(full_stop)
                asked.append(
                    tr("用地代码的分类标准未知：{reason}。请指定（--map scheme==标准）。", reason=reason)
                )
        return asked

    def to_json(self) -> dict[str, Any]:
        """The plan for ``--json`` and for logs."""
        return {
            "file": self.path.name,
            "source_layer": self.info.layer,
            "encoding": self.info.encoding,
            "encoding_evidence": self.info.encoding_evidence,
            "rows": len(self.table.rows),
            "crs": None if self.epsg is None else f"EPSG:{self.epsg}",
            "crs_reason": self.crs_reason,
            "axes_swapped": self.swapped,
            "mapping": {
                name: {"column": s.column, "unit": s.unit, "constant": s.constant, "how": s.how}
                for name, s in self.mapping.items()
            },
            "scheme": self.scheme,
            "snapshot": self.snapshot,
            "joined_by_key": self.joins,
            "questions": self.open_questions(),
            "notes": [*self.info.notes, *self.notes],
        }


# Required fields the program can fill where a file lacks them.
_FILLED_LATER: frozenset[str] = frozenset()


def propose(
    project: Project,
    layer: str,
    path: str | Path,
    *,
    source_layer: str | None = None,
    encoding: str | None = None,
    epsg: int | None = None,
    mapping: Sequence[str] = (),
    snapshot: str | None = None,
    date: dt.date | None = None,
    progress: Progress = silent,
) -> ImportPlan:
    """Read a file and propose everything that has to be decided, with reasons.

    ``mapping`` are assignments as typed (``field=column``); they win over what is proposed. Raises
    ``ParkLineError`` for an unreadable file and for an assignment that fits nothing.
    """
    path = Path(path)
    spec = _known_layer(layer)
    table = read(path, layer=source_layer, encoding=encoding, progress=progress)
    columns = [str(column) for column in table.frame.columns]
    kept = project.store.mappings(layer).get(signature(columns))
    found = match_columns(spec, columns)
    if kept is not None:
        found = remembered(kept, spec, columns, found)
    given = dict(parse_assignment(spec, text, columns) for text in mapping)
    taken = {source.column for source in given.values() if source.column}
    found = {name: source for name, source in found.items() if source.column not in taken} | given
    plan = ImportPlan(
        path=path, layer=layer, table=table, mapping=found, epsg=epsg, crs_reason="", candidates=[],
        snapshot=snapshot, date=date, sha256=file_sha256(path),
    )  # fmt: skip
    if kept is not None:
        plan.notes.append(tr("已套用上次导入同类文件时的列对应关系。"))
    if plan.has_geometry and spec.geometry:
        _decide_crs(plan, project, epsg)
        _remarks(plan, project)
    else:
        joins = bool(spec.geometry) and spec.geometry_required and bool(spec.key)
        plan.joins = joins and len(table.rows) > 0  # a file of rows that could not be read is no ledger
        if plan.joins:
            plan.notes.append(tr("文件没有图形：按{key}与已有图形连接。", key=spec.field(spec.key[0]).title))
    _decide_scheme(plan, project)
    before = project.read("dataset", columns=["file", "sha256", "layer"])
    same = before[(before["sha256"] == plan.sha256) & (before["layer"] == layer)]
    if len(same):
        plan.notes.append(tr("这个文件已导入过本图层（{file}）。", file=str(same["file"].iloc[-1])))
    return plan


def _known_layer(name: str) -> LayerSpec:
    from layers.registry import TABLES

    try:
        return layer_spec(name)
    except KeyError:
        raise ParkLineError(
            tr("没有名为 {name} 的图层。", name=name),
            hint=tr("可用图层：{names}", names=tr("、").join(item.name for item in TABLES)),
        ) from None


def _decide_crs(plan: ImportPlan, project: Project, given: int | None) -> None:
    """The declared system if its coordinates bear it out, else the likeliest one of the coordinates, with the reason."""
    geometry = plan.table.geometry
    assert geometry is not None  # noqa: S101 - the caller has looked
    present = geometry[~shapely.is_missing(geometry)]
    step = max(1, len(present) // _SAMPLED_FEATURES)
    plan.points = shapely.get_coordinates(present[::step])
    plan.region = _region(project)
    plan.candidates = candidates(plan.points, plan.region)
    if given is not None:
        plan.choose_system(given)
        return
    plan.epsg, plan.crs_reason = identify(plan.info.crs)
    if plan.epsg is not None:
        _confirm(plan)
        return
    best = plan.candidates[0] if plan.candidates else None
    if best is not None and best.plausible and (len(plan.candidates) < 2 or _unique(plan.candidates)):
        plan.epsg, plan.swapped = best.epsg, best.swapped
        plan.crs_reason = tr(
            "{why} 由坐标推断为 {crs}：{reason}",
            why=plan.crs_reason,
            crs=describe(best.epsg),
            reason=best.reason,
        )


def _confirm(plan: ImportPlan) -> None:
    """Hold the declared system against the coordinates: north first is put right, a contradiction is asked about."""
    assert plan.epsg is not None  # noqa: S101 - the caller has looked
    if _find_order(plan):
        return
    here = whereabouts(plan.points, plan.epsg)
    likely = [item for item in plan.candidates if item.plausible]
    if here is not None and (plan.region is None or not likely):
        plan.notes.append(
            tr(
                "数据位于 {west:.3f}°～{east:.3f}°E、{south:.3f}°～{north:.3f}°N，不在本项目各单元的范围内，请核对坐标系。",
                west=here[0], south=here[1], east=here[2], north=here[3],
            )
        )  # fmt: skip
        return
    declared, plan.epsg = describe(plan.epsg), None
    plan.crs_reason = tr("文件声明为 {crs}，但坐标与之不符。", crs=declared)
    if likely:
        plan.crs_reason += tr(
            "坐标更像 {crs}：{reason}", crs=describe(likely[0].epsg), reason=likely[0].reason
        )


def _find_order(plan: ImportPlan) -> bool:
    """Decide which axis comes first in ``plan.epsg``; whether either order puts the data where they can be."""
    assert plan.epsg is not None  # noqa: S101 - the caller has looked

    def fits(*, swapped: bool) -> bool:
        box = whereabouts(plan.points, plan.epsg or 0, swapped=swapped)
        return box is not None and (plan.region is None or overlaps(box, plan.region))

    if fits(swapped=False):
        return True
    if not fits(swapped=True):
        return False
    plan.swapped = True
    plan.crs_reason += tr(" 坐标为北、东次序（X/Y 互换），按此读取。")
    return True


def _remarks(plan: ImportPlan, project: Project) -> None:
    """What coordinates cannot show by themselves."""
    if plan.epsg is None:
        return
    doubt = uncertainty(plan.epsg, project.epsg)
    if doubt:
        plan.notes.append(doubt)
    chinese = any(
        item.epsg == GEOGRAPHIC and overlaps(item.bounds_lonlat, _CHINA) for item in plan.candidates
    )
    if plan.epsg in (GEOGRAPHIC, _WGS84) and chinese and plan.info.format in _FROM_THE_WEB:
        plan.notes.append(
            tr(
                "网络地图的经纬度常为 GCJ-02 偏移坐标，仅凭坐标无法判断；若来自网络地图，请与已有图层核对位置。"
            )
        )


def _unique(found: Sequence[Candidate]) -> bool:
    """Whether one candidate alone falls into the region."""
    return sum(candidate.plausible for candidate in found) == 1


def _region(project: Project) -> Region | None:
    """Where the city lies, in degrees: from its units' outlines, else from the table of cities; None if unknown."""
    box = project.store.bounds("unit")
    if box is None:
        known = _city_regions().get(project.policy.city)
        return None if known is None else (known[0], known[1], known[2], known[3])
    corner = shapely.box(*box)
    lonlat = to_plane(
        np.array([shapely.segmentize(corner, 10_000.0)], dtype=object), project.epsg, GEOGRAPHIC
    )[0]
    west, south, east, north = lonlat.bounds
    return (west - 0.05, south - 0.05, east + 0.05, north + 0.05)


@cache
def _city_regions() -> dict[str, list[float]]:
    with _REGIONS.open("rb") as file:
        return tomllib.load(file)


def _decide_scheme(plan: ImportPlan, project: Project) -> None:
    """Which scheme the land-use codes are written in; never guessed where the codes do not say."""
    names = {
        "land_use": ("code", "name", "scheme"),
        "parcel": ("land_use_code", "land_use_name", "land_use_scheme"),
    }
    if plan.layer not in names:
        return
    code_field, name_field, scheme_field = names[plan.layer]
    given = plan.mapping.get(scheme_field)
    if given is not None:
        plan.scheme, plan.scheme_reason = given.constant, tr("由文件或手工指定。")
        return
    source = plan.mapping.get(code_field)
    if source is None or source.column is None:
        plan.scheme_reason = tr("文件没有用地代码列。")
        return
    named = plan.mapping.get(name_field)
    frame = plan.table.frame
    texts = frame[named.column].tolist() if named is not None and named.column is not None else None
    codes = cell_texts(frame[source.column])  # what counts as missing in a row is no code here either
    plan.scheme, plan.scheme_reason = detect_scheme(project.codes, codes.tolist(), texts)
