"""The rings of a neighbourhood in one coordinate array, so that a vertex is found in all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.editing.result import EditError
from gis.text import tr

__all__ = ["Outlines", "as_complex", "distinct", "outlines"]

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_POLYGON = int(shapely.GeometryType.POLYGON)
_MULTIPOLYGON = int(shapely.GeometryType.MULTIPOLYGON)
# A closed ring repeats its first vertex.
_SMALLEST_RING = 4


@dataclass(frozen=True)
class Outlines:
    """Closed rings of all geometries, vertex after vertex.

    ``coordinates`` is (V, 2) float64; ``ring`` (V,) the ring of each vertex, ascending; ``part`` (R,)
    the polygon of each ring, shell first; ``owner`` (P,) the geometry of each polygon; ``multi`` (G,)
    whether a geometry is a multipolygon; ``touched`` (G,) whether its vertices were changed. Lines that
    are being drawn come after the geometries, as owners of their own (:meth:`with_path`).

    Edge ``i`` runs from vertex ``i`` to vertex ``i + 1``; the last vertex of a ring has none. Methods
    give new objects; the arrays are never changed in place.
    """

    coordinates: Floats
    ring: Ints
    part: Ints
    owner: Ints
    multi: Bools
    touched: Bools

    @property
    def vertex_owner(self) -> Ints:
        """The geometry of each vertex, (V,)."""
        return self.owner[self.part[self.ring]]

    @property
    def edges(self) -> Ints:
        """The vertices at which an edge starts."""
        return np.flatnonzero(self.ring[:-1] == self.ring[1:])

    @property
    def is_open(self) -> Bools:
        """Which rings are lines that do not end where they start, (R,)."""
        starts = np.flatnonzero(np.diff(self.ring, prepend=-1))
        ends = np.append(starts[1:], len(self.ring)) - 1
        is_open = np.zeros(len(self.part), bool)
        is_open[self.ring[starts]] = np.any(self.coordinates[starts] != self.coordinates[ends], axis=1)
        return is_open

    def edges_of(self, owners: Iterable[int]) -> Ints:
        """The edges of these geometries."""
        edges = self.edges
        return edges[np.isin(self.vertex_owner[edges], np.fromiter(owners, np.int64))]

    def segments(self, owners: Iterable[int]) -> Floats:
        """Edges of these geometries as (n, 4): from and to."""
        return self.as_segments(self.edges_of(owners))

    def as_segments(self, edges: Ints) -> Floats:
        """Edges as (n, 4): from and to."""
        return np.hstack([self.coordinates[edges], self.coordinates[edges + 1]])

    def moved(self, vertices: Ints, points: Floats) -> Outlines:
        """With other coordinates for these vertices."""
        coordinates = self.coordinates.copy()
        coordinates[vertices] = points
        return replace(self, coordinates=coordinates, touched=self._touching(vertices))

    def inserted(self, edges: Ints, points: Floats) -> tuple[Outlines, Ints]:
        """With new vertices on edges, in the order in which they lie along each edge.

        Also gives, for every vertex there is now, the vertex of the old array that it is or whose edge
        it was put on: (V',) int64; new vertices are those that repeat it.
        """
        start, step = self.coordinates[edges], self.coordinates[edges + 1] - self.coordinates[edges]
        along = np.einsum("ij,ij->i", points - start, step)
        order = np.lexsort((along, edges))
        edges, points = edges[order], points[order]
        source = np.insert(np.arange(len(self.ring), dtype=np.int64), edges + 1, edges)
        coordinates = np.insert(self.coordinates, edges + 1, points, axis=0)
        made = replace(self, coordinates=coordinates, ring=self.ring[source], touched=self._touching(edges))
        return made, source

    def without(self, vertices: Bools) -> Outlines:
        """Without these vertices (a mask); where a ring's first one goes, the ring closes at the next."""
        if not vertices.any():
            return self
        touched = self._touching(np.flatnonzero(vertices))
        keep = ~vertices
        coordinates, ring = self.coordinates[keep], self.ring[keep]
        is_open = self.is_open
        starts = np.flatnonzero(np.diff(ring, prepend=-1))
        ends = np.append(starts[1:], len(ring)) - 1
        # The first and the last vertex are one: both went, or neither did.
        broken = np.any(coordinates[starts] != coordinates[ends], axis=1) & ~is_open[ring[starts]]
        at = ends[broken] + 1
        coordinates = np.insert(coordinates, at, coordinates[starts[broken]], axis=0)
        ring = np.insert(ring, at, ring[starts[broken]])
        return replace(self, coordinates=coordinates, ring=ring, touched=touched)

    def at(self, points: Floats) -> Bools:
        """The vertices (a mask) with exactly the coordinates of one of the points (k, 2)."""
        return np.isin(as_complex(self.coordinates), as_complex(points))

    def neighbours(self, vertices: Bools) -> Floats:
        """Distinct places (k, 2) at the other ends of the edges that end in these vertices (a mask)."""
        edges = self.edges
        ends = [self.coordinates[edges[vertices[edges]] + 1], self.coordinates[edges[vertices[edges + 1]]]]
        around = distinct(np.vstack(ends))
        return around[~np.isin(as_complex(around), as_complex(self.coordinates[vertices]))]

    def repeats(self) -> Bools:
        """The vertices that repeat the one before on their ring: edges of length nothing."""
        same = np.zeros(len(self.ring), bool)
        same[1:] = (self.ring[1:] == self.ring[:-1]) & np.all(
            self.coordinates[1:] == self.coordinates[:-1], axis=1
        )
        return same

    def with_path(self, points: Floats) -> tuple[Outlines, int]:
        """With a line as one more owner, whose number is given back; no geometry is made of it."""
        count = len(points)
        path = len(self.multi)
        made = Outlines(
            np.vstack([self.coordinates, points]),
            np.append(self.ring, np.full(count, len(self.part), np.int64)),
            np.append(self.part, len(self.owner)),
            np.append(self.owner, path),
            np.append(self.multi, False),
            np.append(self.touched, False),
        )
        return made, path

    def geometries(self, owners: Iterable[int]) -> dict[int, shapely.Geometry]:
        """Polygons and multipolygons built from the rings of these owners.

        Raises ``EditError`` where a ring has fewer than three vertices left.
        """
        chosen = np.unique(np.fromiter(owners, np.int64))
        if not len(chosen):
            return {}
        mine = np.isin(self.vertex_owner, chosen)
        rings, ring = np.unique(self.ring[mine], return_inverse=True)
        coordinates = self.coordinates[mine]
        self._refuse_small(rings, np.bincount(ring), coordinates[np.flatnonzero(np.diff(ring, prepend=-1))])
        parts, part = np.unique(self.part[rings], return_inverse=True)
        closed = np.asarray(shapely.linearrings(coordinates, indices=ring), dtype=object)
        polygons = np.asarray(shapely.polygons(closed, indices=part), dtype=object)
        made: dict[int, shapely.Geometry] = {}
        owner = self.owner[parts]
        single = ~self.multi[owner]
        made.update(zip(owner[single].tolist(), polygons[single], strict=True))
        several, member = np.unique(owner[~single], return_inverse=True)
        if len(several):
            order = np.argsort(member, kind="stable")
            collected = shapely.multipolygons(polygons[~single][order], indices=member[order])
            made.update(zip(several.tolist(), np.asarray(collected, dtype=object), strict=True))
        return made

    def touched_geometries(self, count: int, *, but: Iterable[int] = ()) -> dict[int, shapely.Geometry]:
        """The geometries among the first ``count`` whose vertices were changed, but those named."""
        return self.geometries(set(np.flatnonzero(self.touched[:count]).tolist()) - set(but))

    def _refuse_small(self, rings: Ints, counts: Ints, first: Floats) -> None:
        small = np.flatnonzero(counts < _SMALLEST_RING)
        if len(small):
            at = first[small[0]]
            raise EditError(
                tr("边界环至少要有三个顶点，位置 ({x:.3f}, {y:.3f})。", x=at[0], y=at[1]),
                hint=tr("要去掉整个环，请删除图形或填补孔洞。"),
                index=int(self.owner[self.part[rings[small[0]]]]),
                place=(float(at[0]), float(at[1])),
            )

    def _touching(self, vertices: Ints) -> Bools:
        touched = self.touched.copy()
        touched[self.owner[self.part[self.ring[vertices]]]] = True
        return touched


def outlines(
    geometries: Objects,
    around: Floats | None = None,
    *,
    margin: float = 1.0,
    always: Iterable[int] = (),
    first: int | None = None,
) -> Outlines:
    """The rings of polygons and multipolygons, two-dimensional; anything else in the array has none.

    With ``around``, points (k, 2), only the geometries are taken apart whose boundary comes within
    ``margin`` metres of the box around the points (not the county that lies about them all); the others
    have no rings and stay as they are. Those of ``always`` are taken apart wherever they lie. The vertices of
    the geometry ``first`` come first in the array: in joining, theirs are the coordinates that stay.
    """
    kinds = shapely.get_type_id(geometries)
    areas = (kinds == _POLYGON) | (kinds == _MULTIPOLYGON)
    taken = areas.copy()
    if around is not None:
        low, high = around.min(axis=0) - margin, around.max(axis=0) + margin
        boxes = shapely.bounds(geometries)
        taken &= np.all((boxes[:, :2] <= high) & (boxes[:, 2:] >= low), axis=1)
        place = shapely.box(*low, *high)
        taken[taken] = shapely.intersects(shapely.boundary(geometries[taken]), place)
        listed = np.fromiter(always, np.int64)
        taken[listed] = areas[listed]
    areal = np.flatnonzero(taken)
    if first is not None and taken[first]:
        areal = np.concatenate([[first], areal[areal != first]])
    polygons, position = shapely.get_parts(geometries[areal], return_index=True)
    rings, part = shapely.get_rings(polygons, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    return Outlines(
        coordinates,
        np.asarray(ring, np.int64),
        np.asarray(part, np.int64),
        areal[position].astype(np.int64),
        np.asarray(kinds == _MULTIPOLYGON),
        np.zeros(len(geometries), bool),
    )


def as_complex(points: Floats) -> NDArray[np.complex128]:
    """Points (n, 2) as one number each, so that they can be looked up; (n,)."""
    return np.asarray(points[:, 0] + 1j * points[:, 1], dtype=np.complex128)


def distinct(points: Floats) -> Floats:
    """Each coordinate pair once, (k, 2)."""
    if not len(points):
        return points.reshape(0, 2)
    order = np.lexsort((points[:, 1], points[:, 0]))
    ordered = points[order]
    first = np.ones(len(ordered), bool)
    first[1:] = np.any(ordered[1:] != ordered[:-1], axis=1)
    return ordered[first]
