"""Where the boundary between two neighbours goes on when the land in front of them is given to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.editing.nearness import feet, meeting_points
from gis.editing.outlines import as_complex, distinct
from gis.editing.regions import contains_point, shares
from gis.editing.result import EditError
from gis.text import tr

__all__ = ["junction_cuts"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Fractions along a segment at which two of them count as meeting in a common end.
_END = 1e-9


def junction_cuts(land: Floats, line: Floats, stretch: Floats, neighbours: list[Floats]) -> list[Floats]:
    """Lines (2, 2) across given land, from where neighbours meet on the old boundary to the new one.

    ``land`` are the segments (n, 4) around the land, made up of ``line``, the new boundary, and
    ``stretch``, the old one; ``neighbours`` are the segments of each geometry that has a part of the
    stretch. From every point at which such a part ends, the neighbour's own boundary goes straight on; if
    it meets the old boundary first, the shortest way to the new one is taken.

    Raises ``EditError`` where neither way is free, or where two lines cross.
    """
    ends = _junctions(stretch, line, neighbours)
    cuts = [_cut(point, land, line, stretch, neighbours) for point in ends]
    for number, first in enumerate(cuts):
        for second in cuts[number + 1 :]:
            _, ahead, along = meeting_points(first.reshape(1, 4), second.reshape(1, 4))
            if 0 < ahead[0] < 1 and 0 < along[0] < 1:
                raise _no_way(first[0])
    return cuts


def _junctions(stretch: Floats, line: Floats, neighbours: list[Floats]) -> Floats:
    """Vertices inside the stretch at which a neighbour's part of it ends, (k, 2)."""
    found = [np.empty((0, 2))]
    for own in neighbours:
        shared = shares(stretch, own)
        mine, rest = distinct(stretch[shared].reshape(-1, 2)), distinct(stretch[~shared].reshape(-1, 2))
        found.append(mine[np.isin(as_complex(mine), as_complex(rest))])
    ends = distinct(np.vstack(found))
    return ends[~np.isin(as_complex(ends), as_complex(line.reshape(-1, 2)))]


def _cut(point: Floats, land: Floats, line: Floats, stretch: Floats, neighbours: list[Floats]) -> Floats:
    """The way from a junction to the line."""
    reach = 4 * float(np.ptp(land.reshape(-1, 2), axis=0).sum())
    for own in neighbours:
        for came_from in _leaving(point, own, stretch):
            way = point - came_from
            ahead = point + way / np.hypot(*way) * reach
            hit = _first_hit(np.concatenate([point, ahead]), land)
            if (
                hit is not None
                and shares(land[hit[0] : hit[0] + 1], line).any()
                and contains_point(land, (point + hit[1]) / 2)
            ):
                return np.vstack([point, hit[1]])
    foot, _, distance = feet(np.broadcast_to(point, (len(line), 2)), line)
    nearest = foot[np.argmin(distance)]
    hit = _first_hit(np.concatenate([point, point + (nearest - point) * (1 - 1e-6)]), land)
    if hit is not None or not contains_point(land, (point + nearest) / 2):
        raise _no_way(point)
    return np.vstack([point, nearest])


def _leaving(point: Floats, own: Floats, stretch: Floats) -> Floats:
    """Other ends (k, 2) of a geometry's segments that end at the point and are not of the stretch."""
    away = own[~shares(own, stretch)]
    starts = away[np.all(away[:, :2] == point, axis=1), 2:]
    ends = away[np.all(away[:, 2:] == point, axis=1), :2]
    return np.vstack([starts, ends])


def _first_hit(way: Floats, land: Floats) -> tuple[int, Floats] | None:
    """The segment of the land that a way (4,) meets first after its start, and where."""
    place, ahead, along = meeting_points(np.broadcast_to(way, (len(land), 4)), land)
    met = (ahead > _END) & (ahead <= 1) & (along >= -_END) & (along <= 1 + _END)
    if not met.any():
        return None
    first = int(np.argmin(np.where(met, ahead, np.inf)))
    return first, place[first]


def _no_way(point: Floats) -> EditError:
    return EditError(
        tr("两个相邻图形的分界线无法延伸到新的边界。"),
        hint=tr("请先把新边界画得短一些，或先移动分界线的端点。"),
        place=(float(point[0]), float(point[1])),
    )
