"""Where protected land inside a block line was changed or left outside: pieces as positions and polygons.

Way (1) is another use in the later plan, way (4) a line that no longer holds the land; a piece may be
both. Positions point into the two plans and into the lines before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.change import ChangePieces, width
from gis.overlay import overlay
from gis.progress import Progress, scaled, silent
from gis.text import tr
from layers.checks.block_lines import Lines, lost_land
from layers.checks.land_use_change import Plan, lowered
from layers.checks.plan_states import states_of
from layers.policy import Target

__all__ = [
    "Pieces",
    "divided",
    "find_pieces",
    "graded_by_level",
    "inside_lines",
    "land_parts",
    "owners_of_parts",
]

Integers = NDArray[np.int64]
Objects = NDArray[np.object_]

# Remainders up to this area (m²) are rounding of the division.
_NOTHING = 1e-3


@dataclass(frozen=True)
class Pieces:
    """One polygon a piece: plot before, plot after (-1 none), line (-1 none), and what is known of it.

    ``changed`` tells that the use differs, ``moved`` that no line holds the land any more, ``width`` (m) is
    that of the piece before lines and units divided it, so that a border makes no sliver.
    """

    before: Integers
    after: Integers
    line: Integers
    changed: NDArray[np.bool_]
    moved: NDArray[np.bool_]
    width: NDArray[np.float64]
    shapes: Objects

    def taken(self, rows: Integers, shapes: Objects) -> Pieces:
        """Parts of pieces: ``shapes[i]`` is a part of the piece ``rows[i]``."""
        return Pieces(
            self.before[rows],
            self.after[rows],
            self.line[rows],
            self.changed[rows],
            self.moved[rows],
            self.width[rows],
            shapes,
        )


def find_pieces(
    protected: Integers,
    before: Plan,
    after: Plan,
    old_lines: Lines,
    new_lines: Lines,
    *,
    progress: Progress = silent,
) -> Pieces:
    """Changed or lost pieces of the plots ``protected`` of the plan before.

    Without lines before, all changed land, wherever it lies. A plan held against itself did not change.
    """
    if after is before:
        none = np.zeros(0, dtype=np.int64)
        change = ChangePieces(none, none, np.zeros(0, dtype=object))
    else:
        # All plots: those around a changed one are mostly the same in both plans and need no clipping.
        change = states_of(before, after).changes(before.key, after.key, progress=scaled(progress, 0.0, 0.7))
        kept = np.flatnonzero(np.isin(change.before, protected))
        change = ChangePieces(change.before[kept], change.after[kept], change.geometry[kept])
    origin = change.before
    if not len(old_lines.codes):
        nowhere = np.full(len(origin), -1, dtype=np.int64)
        return _pieces(origin, change.after, nowhere, change.geometry, changed=True)
    progress(0.7, tr("正在与区块线套合"))
    inside = overlay(change.geometry, old_lines.disjoint)
    rezoned = _pieces(
        origin[inside.left], change.after[inside.left], inside.right, inside.geometry, changed=True
    )
    lost_line, lost = lost_land(old_lines, new_lines)
    rows, area, shapes = divided(rezoned.shapes, lost)
    rezoned = replace(rezoned.taken(rows, shapes), moved=area >= 0)

    progress(0.9, tr("正在与区块线套合"))
    outside = overlay(before.shapes[protected], lost)
    still = overlay(outside.geometry, after.shapes)
    plot = protected[outside.left[still.left]]
    same = before.key[plot] == after.key[still.right]
    left_out = _pieces(
        plot[same],
        still.right[same],
        lost_line[outside.right[still.left[same]]],
        still.geometry[same],
        changed=False,
    )
    progress(1.0, tr("正在与区块线套合"))
    return _joined(rezoned, left_out)


def inside_lines(
    before: Integers, after: Integers, severities: Objects, shapes: Objects, lines: Lines, target: Target
) -> tuple[Pieces, Objects]:
    """Land (before, after, how grave, where) cut to the lines: one polygon a piece, with its severity.

    In a line of the second level the severity is lowered as the policy says; what is no change is left out.
    """
    parts, whole = land_parts(shapes)
    wide = width(parts)
    inside = overlay(parts, lines.disjoint)
    polygons, piece = land_parts(inside.geometry)
    rows, line = whole[inside.left[piece]], inside.right[piece]
    graded = graded_by_level(severities[rows], line, lines, target)
    kept = np.flatnonzero(graded != "none")
    count = len(kept)
    found = Pieces(
        before[rows[kept]],
        after[rows[kept]],
        line[kept],
        np.ones(count, dtype=bool),
        np.zeros(count, dtype=bool),
        wide[inside.left[piece[kept]]],
        polygons[kept],
    )
    return found, graded[kept]


def graded_by_level(severities: Objects, line: Integers, lines: Lines, target: Target) -> Objects:
    """Severities as they are in each line: lowered in those of the second level by the policy's steps."""
    steps = int(target.parameters["second_level_lowers"])
    found = np.empty(len(line), dtype=object)
    found[:] = [
        lowered(str(severity), steps) if lines.levels[at] == "second" else str(severity)
        for severity, at in zip(severities, line, strict=True)
    ]
    return found


def land_parts(shapes: Objects) -> tuple[Objects, Integers]:
    """Single polygons of more than rounding, and which shape each is a part of."""
    parts, owner = _polygons(shapes)
    kept = shapely.area(parts) > _NOTHING
    return parts[kept], owner[kept]


def divided(shapes: Objects, areas: Objects) -> tuple[Integers, Integers, Objects]:
    """Polygons cut at the borders of ``areas``: which shape, which area (-1: none of them), the part.

    Areas do not overlap. The parts of a shape add up to it, and each part is one polygon.
    """
    cut = overlay(shapes, areas)
    covered = np.bincount(cut.left, shapely.area(cut.geometry), minlength=len(shapes))
    rest = np.flatnonzero(shapely.area(shapes) - covered > _NOTHING)
    around = shapely.union_all(areas) if len(rest) and len(areas) else shapely.Polygon()
    outside = shapely.difference(shapes[rest], around)
    keep = shapely.area(outside) > _NOTHING
    rows = np.concatenate([cut.left, rest[keep]])
    area = np.concatenate([cut.right, np.full(int(keep.sum()), -1, dtype=np.int64)])
    parts, owner = _polygons(np.concatenate([cut.geometry, outside[keep]]))
    order = np.argsort(rows[owner], kind="stable")
    return rows[owner][order], area[owner][order], parts[order]


def owners_of_parts(rows: Integers, areas: Integers, shapes: Objects, sliver_width: float) -> Integers:
    """``areas`` of the result of :func:`divided`, where a part narrower than a sliver goes with its piece.

    Borders of different origin never fit: a rim of a piece that lies a hand's breadth across a border
    belongs to the area that has the most of the piece.
    """
    largest = np.lexsort((-shapely.area(shapes), rows))
    pieces, first = np.unique(rows[largest], return_index=True)
    home = areas[largest[first]][np.searchsorted(pieces, rows)]
    elsewhere = np.flatnonzero(home != areas)
    narrow = width(shapes[elsewhere], limit=sliver_width) < sliver_width
    result = areas.copy()
    result[elsewhere[narrow]] = home[elsewhere[narrow]]
    return result


def _polygons(shapes: Objects) -> tuple[Objects, Integers]:
    """Single polygons; a border may also leave lines or points, which are no land."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    return parts[flat], owner[flat]


def _pieces(before: Integers, after: Integers, line: Integers, shapes: Objects, *, changed: bool) -> Pieces:
    """One polygon a piece, so that a sliver beside a real loss is told apart."""
    parts, rows = _polygons(shapes)
    count = len(parts)
    return Pieces(
        before[rows],
        after[rows],
        line[rows],
        np.full(count, changed),
        np.full(count, not changed),
        width(parts),
        parts,
    )


def _joined(one: Pieces, other: Pieces) -> Pieces:
    return Pieces(
        np.concatenate([one.before, other.before]),
        np.concatenate([one.after, other.after]),
        np.concatenate([one.line, other.line]),
        np.concatenate([one.changed, other.changed]),
        np.concatenate([one.moved, other.moved]),
        np.concatenate([one.width, other.width]),
        np.concatenate([one.shapes, other.shapes]),
    )
