"""Hypothesis strategies for land: polygons in an Ankang 3-degree plane, in metres, to the millimetre."""

from __future__ import annotations

import math

import numpy as np
import shapely
from hypothesis import strategies as st

__all__ = ["CENTRE", "coverages", "millimetre_floats", "multipolygons", "polygons", "star_polygons"]

# A place in the plane of EPSG:4545 (Ankang's high-tech zone lies near it).
CENTRE = (596_600.0, 3_618_800.0)


def millimetre_floats(low: float, high: float) -> st.SearchStrategy[float]:
    """Floats on the millimetre grid of survey coordinates."""
    return st.integers(math.ceil(low * 1000), math.floor(high * 1000)).map(lambda value: value / 1000)


@st.composite
def star_polygons(
    draw: st.DrawFn, *, spread: float = 300.0, low: float = 5.0, high: float = 200.0, vertices: int = 12
) -> shapely.Polygon:
    """A valid polygon whose vertices are all seen from its middle; ``spread`` moves the middle about."""
    count = draw(st.integers(3, vertices))
    radii = draw(st.lists(millimetre_floats(low, high), min_size=count, max_size=count))
    x = CENTRE[0] + draw(millimetre_floats(-spread, spread))
    y = CENTRE[1] + draw(millimetre_floats(-spread, spread))
    turn = draw(st.floats(0, 1))
    angle = (np.arange(count) + 0.3 * np.sin(np.arange(count)) + turn) * (2 * np.pi / count)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * np.array(radii)[:, None]
    polygon = shapely.Polygon(np.round(ring + np.array([x, y]), 3))
    return polygon if polygon.is_valid and polygon.area > 1 else shapely.box(x, y, x + low, y + low)


@st.composite
def polygons(draw: st.DrawFn, *, spread: float = 300.0) -> shapely.Polygon:
    """A valid polygon, with a hole now and then."""
    outer = draw(star_polygons(spread=spread))
    if draw(st.booleans()):
        return outer
    hole = shapely.affinity.scale(outer, 0.4, 0.4, origin=outer.representative_point())
    result = shapely.Polygon(outer.exterior, [hole.exterior])
    return result if result.is_valid else outer


@st.composite
def multipolygons(draw: st.DrawFn) -> shapely.MultiPolygon:
    """One to three polygons far enough apart."""
    parts = draw(st.lists(star_polygons(spread=0.0, high=90.0), min_size=1, max_size=3))
    moved = [shapely.affinity.translate(part, 200.0 * index) for index, part in enumerate(parts)]
    result = shapely.MultiPolygon(moved)
    return result if result.is_valid else shapely.MultiPolygon(moved[:1])


@st.composite
def coverages(draw: st.DrawFn, *, size: float = 400.0) -> list[shapely.Polygon]:
    """Polygons that share edges, without gaps and overlaps: a square cut into a grid with moved corners."""
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    shift = draw(
        st.lists(
            millimetre_floats(-size / 20, size / 20),
            min_size=2 * (rows + 1) * (columns + 1),
            max_size=2 * (rows + 1) * (columns + 1),
        )
    )
    x, y = np.meshgrid(np.linspace(0, size, columns + 1), np.linspace(0, size, rows + 1))
    corners = np.stack([x, y], axis=-1) + np.reshape(shift, (rows + 1, columns + 1, 2))
    corners = np.round(corners + CENTRE - size / 2, 3)
    return [
        shapely.Polygon([corners[r, c], corners[r, c + 1], corners[r + 1, c + 1], corners[r + 1, c]])
        for r in range(rows)
        for c in range(columns)
    ]
