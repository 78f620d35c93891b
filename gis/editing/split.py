"""Split polygons by a drawn line; neighbours receive the new boundary points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.editing.drawn_line import line_points, noded, with_lines
from gis.editing.nearness import lines
from gis.editing.outlines import Outlines, outlines
from gis.editing.regions import assembled, faces, inside, odd, segments_of, shares
from gis.editing.result import JOINT, EditError, EditResult, Geometries, Piece, as_objects, like, result
from gis.text import tr

__all__ = ["split"]

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]


def split(
    geometries: Geometries,
    line: shapely.Geometry | ArrayLike,
    targets: Sequence[int] | None = None,
    *,
    tolerance: float = JOINT,
) -> EditResult:
    """Split polygons by a line, a geometry or coordinates (n, 2).

    ``targets`` are the positions of those to split, by default all that the line crosses. Each face that
    the line cuts out is a piece of its own, however often it crosses; ends of the line that lead nowhere
    are left out. Parts of a multipolygon that the line does not cut stay with its largest piece, and
    pieces of a multipolygon are multipolygons. The split ones are retired, the pieces are born, largest
    first within each; all other geometries that a new vertex lies on get it, so no T-junction is left.

    Raises ``EditError`` when nothing is split.
    """
    before = as_objects(geometries)
    points = line_points(line)
    chosen = _crossed(before, points, targets, tolerance)
    if not len(chosen):
        raise _nothing_split()
    start = outlines(before, np.vstack([points, shapely.get_coordinates(before[chosen])]))
    # First to see which stretches of the line divide anything, then with these alone: what dangles must
    # leave no vertex anywhere.
    drawn, paths = with_lines(start, points, tolerance=tolerance)
    drawn = noded(drawn, paths, chosen, tolerance=tolerance)
    used = _dividing(drawn, drawn.segments(paths), chosen)
    if not len(used):
        raise _nothing_split(int(chosen[0]) if len(chosen) == 1 else None)
    final, paths = start, []
    for part in _chains(used):
        final, path = final.with_path(part)
        paths.append(path)
    final = noded(final, paths, chosen, tolerance=tolerance)
    cut = final.segments(paths)
    born: list[Piece] = []
    retired = []
    for target in chosen:
        pieces = _pieces(final, cut, int(target))
        if len(pieces) > 1:
            retired.append(int(target))
            born += [Piece(like(piece, before[target]), (int(target),)) for piece in pieces]
    return result(before, final.touched_geometries(len(before), but=retired), born=born, retired=retired)


def _crossed(
    before: Objects, points: Floats, targets: Sequence[int] | None, tolerance: float
) -> NDArray[np.int64]:
    """Positions of the geometries that the line comes near, of those asked for."""
    near = shapely.STRtree(before).query(shapely.linestrings(points), predicate="dwithin", distance=tolerance)
    crossed = np.sort(near[shapely.get_dimensions(before[near]) == 2]).astype(np.int64)
    return crossed if targets is None else np.intersect1d(crossed, np.asarray(targets, dtype=np.int64))


def _dividing(drawn: Outlines, cut: Floats, targets: NDArray[np.int64]) -> Floats:
    """The segments of the line with one face on either side, in any target."""
    used = [np.empty((0, 4))]
    for target in targets:
        own = drawn.segments([int(target)])
        loops = faces(own, cut)
        kept = loops[inside(loops, own)]
        if len(kept):
            sides = np.vstack([segments_of(face) for face in kept])
            used.append(cut[shares(cut, sides) & ~shares(cut, own)])
    return np.unique(np.vstack(used), axis=0)


def _chains(segments: Floats) -> Iterable[Floats]:
    """Segments put together to lines as long as can be, (n, 2) each."""
    merged = shapely.line_merge(shapely.multilinestrings(lines(segments)))
    return [shapely.get_coordinates(part) for part in shapely.get_parts(merged)]


def _pieces(final: Outlines, cut: Floats, target: int) -> list[shapely.Geometry]:
    """What a target falls into, largest first; one piece if the line does not cut it."""
    own = final.segments([target])
    loops = faces(own, cut)
    loops = loops[inside(loops, own)]
    # A face that has no segment of the line is a part that was not cut.
    whole = np.array([not shares(segments_of(face), cut).any() for face in loops], dtype=bool)
    new = loops[~whole]
    if len(new) < 2:
        return []
    new = new[np.argsort(-shapely.area(new), kind="stable")]
    largest = odd(*(segments_of(face) for face in [new[0], *loops[whole]]))
    return [assembled(largest), *shapely.orient_polygons(new[1:])]


def _nothing_split(index: int | None = None) -> EditError:
    return EditError(
        tr("线没有把任何图形分成两块。"),
        hint=tr("请让线的两端都越过图形的边界；穿过孔洞时两侧都要越过。"),
        index=index,
    )
