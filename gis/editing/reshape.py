"""Replace a stretch of a boundary by a drawn line; neighbours along the stretch follow."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.editing.drawn_line import line_points, noded, with_lines
from gis.editing.joints import knit
from gis.editing.junctions import junction_cuts
from gis.editing.outlines import Outlines, as_complex, distinct, outlines
from gis.editing.regions import assembled, combined, faces, inside, odd, segments_of, shares
from gis.editing.result import (
    JOINT,
    EditError,
    EditResult,
    Geometries,
    as_objects,
    like,
    result,
)
from gis.text import tr

__all__ = ["reshape"]

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Step:
    """One stretch of the line from boundary to boundary and the land that changes hands by it.

    ``land`` are the segments around that land, ``line`` those of the drawn line in it, ``stretch`` those
    of the old boundary; ``grows`` says whether the target takes it or gives it.
    """

    land: Floats
    line: Floats
    stretch: Floats
    grows: bool


def reshape(
    geometries: Geometries,
    target: int,
    line: shapely.Geometry | ArrayLike,
    *,
    coverage: Sequence[int] = (),
    tolerance: float = JOINT,
) -> EditResult:
    """Give a polygon a new boundary along a drawn line, a geometry or coordinates (n, 2).

    Between two meetings with the boundary the line lies inside (the smaller side is cut off) or outside
    (what it encloses is added). Whatever shares the old stretch follows:

    - geometries on the other side give or take the land. Where two of them meet on the stretch, the line
      between them is cut back or goes straight on to the new boundary;
    - geometries on the same side (another layer with the same boundary) change as the target does, if
      they share the whole stretch;
    - geometries of ``coverage`` (positions, such as the target's layer) give way where the target comes
      to lie on them, though they have no part of the stretch.

    Raises ``EditError`` where the line does not meet the boundary twice, crosses itself or would swallow
    or cut in two a neighbour.
    """
    before = as_objects(geometries)
    points = line_points(line)
    if not shapely.is_simple(shapely.linestrings(points)):
        raise EditError(tr("线与自身相交。"), hint=tr("请重新画一条不自相交的线。"), index=target)
    around = np.vstack([points, shapely.get_coordinates(before[target])])
    start = outlines(before, around, always=[target])
    rings, paths = with_lines(start, points, tolerance=tolerance)
    rings = noded(rings, paths, [target], tolerance=tolerance)
    # Once more with what lies between two meetings alone: the ends that hang out leave no vertices.
    pieces = _between_meetings(rings, paths[0], target)
    rings, paths = start, []
    for piece in pieces:
        rings, path = rings.with_path(piece)
        paths.append(path)
    rings = noded(rings, paths, [target], tolerance=tolerance)
    stretch = np.vstack([step.stretch for step in _steps(rings, target, paths)])
    rings = knit(rings, rings.at(distinct(stretch.reshape(-1, 2))), tolerance=tolerance)
    stretch = np.vstack([step.stretch for step in _steps(rings, target, paths)])
    others = _along(rings, stretch, len(before)) | {int(index) for index in coverage}
    others.discard(target)
    rings = noded(rings, paths, [target, *sorted(others)], tolerance=tolerance)
    rings, cuts = _with_cuts(rings, target, paths, sorted(others), tolerance)
    land = {owner: rings.segments([owner]) for owner in [target, *sorted(others)]}
    original = dict(land)
    for step in _steps(rings, target, paths):
        land[target] = odd(land[target], step.land)
        for owner in others:
            land[owner] = _followed(land[owner], step, cuts, given=owner in coverage)
    changed = rings.touched_geometries(len(before), but=land)
    for owner, segments in land.items():
        if segments is original[owner]:
            changed |= rings.geometries([owner]) if rings.touched[owner] else {}
        else:
            changed[owner] = _rebuilt(segments, before[owner], owner)
    return result(before, changed)


def _between_meetings(rings: Outlines, path: int, target: int) -> list[Floats]:
    """The stretches of the line from one vertex on the target's boundary to the next, along it left out."""
    mine = rings.coordinates[rings.vertex_owner == path]
    own = rings.segments([target])
    on = np.flatnonzero(np.isin(as_complex(mine), as_complex(own[:, :2])))
    pieces = [mine[first : last + 1] for first, last in itertools.pairwise(on)]
    apart = [
        piece
        for piece in pieces
        if len(piece) > 2 or not shares(np.hstack([piece[:1], piece[1:]]), own).any()
    ]
    if not apart:
        raise EditError(
            tr("线没有在两处碰到图形的边界。"),
            hint=tr("请从边界上一点画到边界上另一点。"),
            index=target,
        )
    return apart


def _steps(rings: Outlines, target: int, paths: list[int]) -> list[Step]:
    """What changes hands by each stretch of the line, one after the other."""
    own = rings.segments([target])
    steps = []
    for path in paths:
        line = rings.segments([path])
        loops = faces(own, line)
        beside = loops[np.array([shares(segments_of(face), line).any() for face in loops], dtype=bool)]
        within = inside(beside, own)
        grows = not within.any()
        choice = beside if grows else beside[within]
        if not len(choice) or (not grows and len(choice) < 2):
            at = line[0]
            raise EditError(
                tr("线从边界的一个环跨到了另一个环，围不出一块地。"),
                hint=tr("请从一个环上的一点画到同一个环上的另一点。"),
                index=target,
                place=(float(at[0]), float(at[1])),
            )
        land = segments_of(choice[np.argmin(shapely.area(choice))])
        steps.append(Step(land, line, land[~shares(land, line)], grows))
        own = odd(own, land)
    return steps


def _along(rings: Outlines, stretch: Floats, count: int) -> set[int]:
    """Geometries that have a segment of the stretch in their boundary."""
    edges = rings.edges
    on = edges[shares(rings.as_segments(edges), stretch)]
    owners = rings.vertex_owner[on]
    return set(np.unique(owners[owners < count]).tolist())


def _with_cuts(
    rings: Outlines, target: int, paths: list[int], others: list[int], tolerance: float
) -> tuple[Outlines, Floats]:
    """With the lines by which neighbours divide the land given to them, and the segments of these."""
    lines = []
    for step in _steps(rings, target, paths):
        if not step.grows:
            taking = [owner for owner in others if _takes_part(rings.segments([owner]), step)]
            lines += junction_cuts(step.land, step.line, step.stretch, [rings.segments([o]) for o in taking])
    cuts = []
    for line in lines:
        rings, made = with_lines(rings, line, tolerance=tolerance)
        cuts += made
    if not cuts:
        return rings, np.empty((0, 4))
    rings = noded(rings, cuts, paths, tolerance=tolerance)
    return rings, rings.segments(cuts)


def _takes_part(own: Floats, step: Step) -> bool:
    """Whether a geometry lies across the stretch from land that the target gives, along a part of it."""
    shared = shares(step.stretch, own)
    return bool(shared.any() and not shared.all() and not _has_land_at(own, step, step.stretch[shared]))


def _has_land_at(own: Floats, step: Step, shared: Floats) -> bool:
    """Whether a geometry covers the land of the step next to the segments they share."""
    loops = faces(step.land, own)
    loops = loops[inside(loops, step.land)]
    beside = loops[np.array([shares(segments_of(face), shared).any() for face in loops], dtype=bool)]
    return bool(inside(beside, own).any())


def _followed(own: Floats, step: Step, cuts: Floats, *, given: bool) -> Floats:
    """A geometry's segments after a step; the same object where it does not follow."""
    shared = shares(step.stretch, own)
    if not shared.any():
        if given and step.grows:
            rest = combined(own, step.land, lambda a, b: a & ~b)
            return rest if len(odd(rest, own)) else own
        return own
    covers = _has_land_at(own, step, step.stretch[shared])
    if covers and (step.grows or shared.all()):
        return combined(own, step.land, lambda a, b: a & ~b)
    if not covers and shared.all():
        return combined(own, step.land, np.logical_or)
    if not covers and not step.grows:
        loops = faces(step.land, cuts)
        loops = loops[inside(loops, step.land)]
        mine = [part for part in map(segments_of, loops) if shares(part, step.stretch[shared]).any()]
        return odd(own, *mine)
    return own


def _rebuilt(segments: Floats, original: shapely.Geometry, owner: int) -> shapely.Geometry:
    made = assembled(segments)
    if shapely.is_empty(made):
        raise EditError(tr("新的边界会把一个相邻图形整个吞掉。"), hint=tr("请先合并或删除它。"), index=owner)
    if shapely.get_num_geometries(made) > shapely.get_num_geometries(original):
        raise EditError(tr("新的边界会把一个图形断成几块。"), hint=tr("请先用“分割”把它分开。"), index=owner)
    return like(made, original)
