"""A new project: Ankang's twelve units, or the units, the plane and the land-use codes of any other city."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.area import ellipsoidal_area
from gis.crs import GEOGRAPHIC, Region, candidates, choose_plane, describe, identify, to_plane
from gis.errors import ParkLineError
from gis.formats import SourceTable, read
from gis.formats.tables import decode_text
from gis.progress import Progress, scaled, silent
from gis.text import tr
from layers.codes import LandUseCodes
from layers.demo.facts import DEMO_EPSG, DEMO_UNITS
from layers.importing.plan import propose
from layers.importing.report import ImportReport
from layers.importing.run import run
from layers.policy import Policy, load_policy
from layers.project import KnownUnit, Project

__all__ = ["NewProject", "UnitSource", "new_project"]

_ANKANG = "610900"  # GB/T 2260
_EDGE_POINTS = 21


@dataclass(frozen=True, slots=True)
class UnitSource:
    """A polygon layer whose features are the city's units.

    ``code`` and ``name`` are the columns that hold them, found by the usual names if None; ``epsg`` is the
    reference system of a file that does not state it.
    """

    path: Path
    layer: str | None = None
    code: str | None = None
    name: str | None = None
    epsg: int | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class NewProject:
    """The open project, why it has its plane, what became of the unit file, and the codes it brought."""

    project: Project
    plane_reason: str
    units: ImportReport | None
    codes: int


def new_project(
    path: Path,
    *,
    name: str | None = None,
    policy: Path | None = None,
    units: UnitSource | None = None,
    codes: Path | None = None,
    epsg: int | None = None,
    progress: Progress = silent,
) -> NewProject:
    """Make a project file and take the units into it.

    Without ``units`` the city must be Ankang, whose units are known by name, or ``epsg`` must be given.
    Raises ``ParkLineError`` for any input that cannot be used; then no file is left behind.
    """
    rules = load_policy(policy)
    own_codes, count = (None, 0) if codes is None else _code_table(codes)
    source: tuple[int, Region] | None = None
    if units is not None:
        progress(0.0, tr("正在读取 {name}", name=units.path.name))
        source = _place(read(units.path, layer=units.layer, encoding=units.encoding), units)
    plane, reason = _plane(rules, None if source is None else source[1], epsg)
    project = Project.create(
        path,
        epsg=plane,
        name=name or path.stem,
        policy_text=rules.text,
        policy_name=rules.id,
        land_use_csv=own_codes,
        known_units=_known_units(rules) if units is None else (),
    )
    try:
        report = (
            None
            if units is None or source is None
            else _take_units(project, dataclasses.replace(units, epsg=source[0]), scaled(progress, 0.2, 1.0))
        )
    except BaseException:
        project.close()
        path.unlink(missing_ok=True)
        raise
    return NewProject(project, reason, report, count)


def _code_table(path: Path) -> tuple[str, int]:
    """Text of a land-use code table and the number of its codes, checked before anything is made."""
    try:
        text, _encoding, _evidence = decode_text(path, None)
    except OSError as error:
        raise ParkLineError(
            tr("文件无法读取：{reason}", reason=error.strerror or str(error)),
            hint=tr("请检查路径。"),
            file=path,
        ) from error
    standard = LandUseCodes.standard()
    own = standard.with_csv(text, path)
    return text, sum(len(own.entries(scheme)) for scheme in own.schemes if scheme not in standard.schemes)


def _place(table: SourceTable, units: UnitSource) -> tuple[int, Region]:
    """Reference system of a unit file and where it lies, in degrees."""
    if table.geometry is None or bool(shapely.is_missing(table.geometry).all()):
        raise ParkLineError(
            tr("单元文件没有图形。"), hint=tr("管理单元须为面图层，带代码和名称列。"), file=units.path
        )
    present = table.geometry[~shapely.is_missing(table.geometry)]
    system = units.epsg
    if system is None:
        system, reason = identify(table.info.crs)
        if system is None:
            found = candidates(shapely.get_coordinates(present))
            plausible = [item for item in found if item.plausible]
            if len(plausible) != 1:
                raise ParkLineError(
                    tr("单元文件的坐标系未知：{reason}", reason=reason),
                    hint=tr("请用 --units-crs 指定。")
                    + (
                        tr(
                            "可能是：{names}",
                            names=tr("、").join(describe(item.epsg) for item in plausible[:6]),
                        )
                        if plausible
                        else ""
                    ),
                    file=units.path,
                )
            system = plausible[0].epsg
    lonlat = to_plane(_outline(present), system, GEOGRAPHIC)
    west, south, east, north = (float(value) for value in shapely.total_bounds(lonlat))
    return system, (west, south, east, north)


def _outline(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Points along the edges of the extent, enough to find the extent in another system."""
    west, south, east, north = shapely.total_bounds(geometry)
    along, up = np.linspace(west, east, _EDGE_POINTS), np.linspace(south, north, _EDGE_POINTS)
    edges = [
        *((x, y) for x in along for y in (south, north)),
        *((x, y) for y in up for x in (west, east)),
    ]
    return np.array([shapely.multipoints(edges)], dtype=object)


def _plane(rules: Policy, region: Region | None, given: int | None) -> tuple[int, str]:
    """The plane of the project and why; ``ParkLineError`` for one in which no area can be computed."""
    if given is not None:
        try:
            ellipsoidal_area(np.empty(0, dtype=object), given)
        except ParkLineError as error:
            proposal = DEMO_EPSG if region is None else choose_plane(region)
            raise ParkLineError(
                tr("项目平面 EPSG:{code} 不能用：{reason}", code=given, reason=error.message),
                hint=tr("可用 {crs}；不写 --crs 则由单元数据选定。", crs=describe(proposal)),
            ) from error
        return given, tr("手工指定为 {crs}。", crs=describe(given))
    if region is not None:
        chosen = choose_plane(region)
        return chosen, tr(
            "由单元数据的位置（{west:.3f}°～{east:.3f}°，{south:.3f}°～{north:.3f}°）选定为 {crs}。",
            west=region[0], east=region[2], south=region[1], north=region[3], crs=describe(chosen),
        )  # fmt: skip
    if rules.city == _ANKANG:
        return DEMO_EPSG, tr("安康市：{crs}。", crs=describe(DEMO_EPSG))
    raise ParkLineError(
        tr("无法选定项目平面：政策不是安康市的，也没有单元数据。"),
        hint=tr("请用 --units 给出管理单元面图层，或用 --crs 指定平面。"),
    )


def _known_units(rules: Policy) -> tuple[KnownUnit, ...]:
    """Ankang's units by name, so that records find them before any outline is imported."""
    if rules.city != _ANKANG:
        return ()
    return tuple(KnownUnit(unit.code, unit.name, unit.kind, unit.parent) for unit in DEMO_UNITS)


def _take_units(project: Project, units: UnitSource, progress: Progress) -> ImportReport:
    mapping = [
        f"{field}={column}" for field, column in (("code", units.code), ("name", units.name)) if column
    ]
    plan = propose(
        project, "unit", units.path, source_layer=units.layer, encoding=units.encoding, epsg=units.epsg,
        mapping=mapping, progress=scaled(progress, 0.0, 0.3),
    )  # fmt: skip
    columns = {field: "--unit-code" if field == "code" else "--unit-name" for field in ("code", "name")}
    missing = [option for field, option in columns.items() if field not in plan.mapping]
    if missing:
        raise ParkLineError(
            tr("不知道单元的代码或名称在哪一列，请用 {options} 指定。", options=tr("、").join(missing)),
            hint=tr("文件中的列：{columns}", columns=tr("、").join(plan.info.columns)),
            file=units.path,
        )
    report = run(project, plan, progress=scaled(progress, 0.3, 1.0))
    if not report.taken:
        reasons = tr("；").join(
            tr("{title}（{unit}）", title=reason, unit=count) for reason, count in report.reasons()[:3]
        )
        raise ParkLineError(
            tr("单元文件没有一行可用：{reasons}", reasons=reasons or tr("文件为空")), file=units.path
        )
    return report
