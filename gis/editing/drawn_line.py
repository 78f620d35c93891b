"""A drawn line laid into a neighbourhood: snapped to what it touches and noded with what it crosses."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.editing.joints import knit, on_boundary, with_crossings
from gis.editing.outlines import Outlines
from gis.editing.regions import combined
from gis.editing.result import JOINT, EditError
from gis.text import tr

__all__ = ["closed", "free_land", "line_points", "noded", "with_lines"]

Floats = NDArray[np.float64]

# Noding ends when nothing crosses any more; each pass can only find what the last one bent.
_PASSES = 8


def line_points(line: shapely.Geometry | ArrayLike) -> Floats:
    """Vertices (n, 2) of a line given as geometry or coordinates, repeated ones once.

    Raises ``EditError`` for a line without two distinct finite points.
    """
    points = (
        shapely.get_coordinates(line)
        if isinstance(line, shapely.Geometry)
        else np.asarray(line, dtype=np.float64).reshape(-1, 2)
    )
    return _without_repeats(points)


def _without_repeats(points: Floats) -> Floats:
    keep = np.ones(len(points), bool)
    keep[1:] = np.any(points[1:] != points[:-1], axis=1)
    if np.count_nonzero(keep) < 2 or not np.isfinite(points).all():
        raise EditError(tr("线至少要有两个不同的点。"), hint=tr("请重新画线。"))
    return points[keep]


def closed(points: Floats) -> Floats:
    """A ring with its first point at its end; ``EditError`` if it is no simple ring."""
    if np.any(points[0] != points[-1]):
        points = np.vstack([points, points[:1]])
    if len(points) < 4 or not shapely.is_valid(shapely.Polygon(points)):
        raise EditError(
            tr("画的环不是一个简单的面：少于三个点，或边界自相交。"), hint=tr("请重新画，使边界不相交。")
        )
    return points


def with_lines(outlines: Outlines, points: Floats, *, tolerance: float = JOINT) -> tuple[Outlines, list[int]]:
    """With a drawn line as owners of their own; one that crosses itself comes as several.

    Its vertices are first moved onto the boundaries they nearly lie on.
    """
    line = shapely.linestrings(_without_repeats(on_boundary(outlines, points, tolerance=tolerance)))
    pieces = [line] if shapely.is_simple(line) else list(shapely.get_parts(shapely.node(line)))
    paths = []
    for piece in pieces:
        outlines, path = outlines.with_path(shapely.get_coordinates(piece))
        paths.append(path)
    return outlines, paths


def noded(
    outlines: Outlines, paths: Iterable[int], owners: Iterable[int], *, tolerance: float = JOINT
) -> Outlines:
    """With common vertices wherever the paths touch anything and wherever they cross the owners.

    Vertices made so are on every edge they lie on, of whatever geometry.
    """
    paths, owners = list(paths), list(owners)
    for _ in range(_PASSES):
        focus = np.isin(outlines.vertex_owner, paths)
        outlines = knit(outlines, focus, tolerance=tolerance)
        crossed = False
        for path in paths:
            more = with_crossings(outlines, path, owners, tolerance=tolerance)
            if more is not None:
                outlines, crossed = more, True
        if not crossed:
            break
    return outlines


def free_land(
    outlines: Outlines, paths: Iterable[int], others: Iterable[int], *, tolerance: float = JOINT
) -> Floats:
    """What the rings enclose and the others leave free: the segments around it, none if nothing is left.

    The others are joined and noded among themselves first: where two of them meet on a third one's edge,
    the edge of the free land has a vertex.
    """
    paths, others = list(paths), list(others)
    outlines = noded(outlines, [*paths, *others], others, tolerance=tolerance)
    land = outlines.segments(paths)
    # A handful of neighbours lie on the new land.
    for index in others:
        land = combined(land, outlines.segments([index]), lambda a, b: a & ~b)
    return land
