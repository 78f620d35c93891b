"""示意界线: unit outlines computed from county seats and published areas, never from a published map.

A power diagram (weighted Voronoi) of the seats, its weights moved until every cell has its published area,
is cut out of a rounded city outline; shared edges are then bent by the same seeded curve for both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import to_plane
from layers.demo.facts import DEMO_EPSG, DEMO_UNITS, DemoUnit

__all__ = ["DemoOutlines", "unit_outlines"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DemoOutlines:
    """Gross and net outlines and seats (N×2, metres in ``DEMO_EPSG``), in the order of ``DEMO_UNITS``."""

    gross: NDArray[np.object_]
    net: NDArray[np.object_]
    seats: Floats


def unit_outlines(rng: np.random.Generator) -> DemoOutlines:
    """Outlines of the twelve units; cells within a few per cent of their published areas."""
    points = shapely.points([[unit.longitude, unit.latitude] for unit in DEMO_UNITS])
    seats = shapely.get_coordinates(to_plane(points, 4490, DEMO_EPSG))
    counties = [number for number, unit in enumerate(DEMO_UNITS) if unit.parent is None]
    areas = np.array([unit.area_km2 * 1e6 for unit in DEMO_UNITS])
    city = _city_outline(seats[counties], areas[counties])
    cells = _power_cells(seats[counties], areas[counties], city)
    gross = np.empty(len(DEMO_UNITS), dtype=object)
    gross[counties] = _bend_edges(cells, rng)
    net = gross.copy()
    for number, unit in enumerate(DEMO_UNITS):
        if unit.parent is None:
            continue
        home = next(index for index in counties if DEMO_UNITS[index].code == unit.parent)
        outline = _committee(unit, seats[number], areas[number], rng)
        gross[number] = net[number] = shapely.intersection(outline, net[home])
        net[home] = shapely.difference(net[home], outline)
    return DemoOutlines(gross, net, seats)


def _city_outline(seats: Floats, areas: Floats) -> shapely.Geometry:
    """One rounded outline with the area of all counties: discs round the seats, gaps closed."""
    radii = np.sqrt(areas / np.pi)
    low, high = 0.5, 2.0
    outline: shapely.Geometry = shapely.Point(0, 0)
    for _ in range(40):  # bisection on the scale of the discs
        scale = (low + high) / 2
        discs = shapely.union_all(shapely.buffer(shapely.points(seats), radii * scale, quad_segs=16))
        outline = shapely.buffer(shapely.buffer(discs, 45_000.0), -45_000.0)
        if shapely.area(outline) < areas.sum():
            low = scale
        else:
            high = scale
    return shapely.simplify(outline, 400.0)


def _power_cells(seats: Floats, areas: Floats, city: shapely.Geometry) -> NDArray[np.object_]:
    """Cells {p : |p−s_i|² − w_i least} within the city, weights moved until the areas fit within 0.1 %.

    Newton's method: dA_i/dw_j = −(length of the common edge) / (2 · distance of the seats).
    """
    wanted = areas * (shapely.area(city) / areas.sum())
    distances = np.hypot(*(seats[:, None] - seats[None, :]).transpose(2, 0, 1))
    np.fill_diagonal(distances, np.inf)
    weights = np.zeros(len(seats))
    cells = _cells(seats, weights, city)
    for _ in range(60):
        shortfall = wanted - shapely.area(cells)
        if np.all(np.abs(shortfall) < 1e-3 * areas):
            break
        shared = shapely.length(shapely.intersection(cells[:, None], shapely.buffer(cells, 0.5)[None, :]))
        slope = shared / 2 / (2 * distances)  # the common strip is half a metre wide: two long sides
        jacobian = np.diag(slope.sum(axis=1)) - slope
        step = np.linalg.lstsq(jacobian, shortfall, rcond=1e-6)[0]
        damping = 1.0
        while damping > 1e-3:
            tried = _cells(seats, weights + damping * step, city)
            if shapely.area(tried).min() > 0.5 * min(wanted.min(), shapely.area(cells).min()):
                break
            damping /= 2
        weights, cells = weights + damping * step, tried
    return cells


def _cells(seats: Floats, weights: Floats, city: shapely.Geometry) -> NDArray[np.object_]:
    """The power diagram of weighted seats within the city."""
    reach = 1e6
    cells = np.empty(len(seats), dtype=object)
    for i, seat in enumerate(seats):  # ten cells of nine half-planes: no array to gain from
        others = np.delete(np.arange(len(seats)), i)
        direction = seats[others] - seat
        distance = np.hypot(direction[:, 0], direction[:, 1])
        normal = direction / distance[:, None]
        offset = (distance**2 + weights[i] - weights[others]) / (2 * distance)
        along = np.column_stack([-normal[:, 1], normal[:, 0]]) * reach
        foot = seat + normal * offset[:, None]
        back = foot - normal * 2 * reach
        planes = shapely.polygons(np.stack([foot + along, foot - along, back - along, back + along], axis=1))
        cell = city
        for plane in np.asarray(planes, dtype=object):
            cell = shapely.intersection(cell, plane)
        cells[i] = cell
    return cells


def _bend_edges(cells: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    """Replace every edge of the diagram by a seeded wandering line, the same for both neighbours."""
    network = shapely.union_all(shapely.boundary(shapely.set_precision(cells, 0.01)))
    edges = shapely.get_parts(shapely.line_merge(network))
    bent = [_wander(shapely.get_coordinates(edge), rng) for edge in edges]  # some twenty edges
    faces = shapely.get_parts(shapely.polygonize(bent))
    faces = faces[np.argsort(-shapely.area(faces))[: len(cells)]]
    overlap = shapely.area(shapely.intersection(cells[:, None], faces[None, :]))
    return np.asarray(faces[np.argmax(overlap, axis=1)], dtype=object)


def _wander(line: Floats, rng: np.random.Generator) -> shapely.Geometry:
    """A line with its ends kept, pushed sideways by a few waves that vanish at the ends."""
    geometry = shapely.segmentize(shapely.linestrings(line), 900.0)
    points = shapely.get_coordinates(geometry)
    steps = np.hypot(*np.diff(points, axis=0).T)
    length = steps.sum()
    position = np.concatenate([[0.0], np.cumsum(steps)]) / length
    tangent = np.gradient(points, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    normal /= np.maximum(np.hypot(normal[:, 0], normal[:, 1]), 1e-9)[:, None]
    push = np.zeros(len(points))
    for wave in range(2, 24):
        push += np.sin(np.pi * wave * position + rng.uniform(0, 2 * np.pi)) * rng.uniform(0.2, 1.0) / wave
    push *= np.sqrt(np.clip(np.sin(np.pi * position), 0.0, 1.0)) * min(length * 0.06, 4200.0)
    push[[0, -1]] = 0.0
    return shapely.LineString(points + normal * push[:, None])


def _committee(unit: DemoUnit, seat: Floats, area: float, rng: np.random.Generator) -> shapely.Geometry:
    """A rounded outline along the valley, three times as long as wide."""
    angle = np.linspace(0, 2 * np.pi, 160, endpoint=False)
    radius = 1 + sum(0.08 / k * np.sin(k * angle + rng.uniform(0, 2 * np.pi)) for k in (2, 3, 5, 7, 11))
    shape = np.column_stack([radius * np.cos(angle) * 1.7, radius * np.sin(angle) / 1.7])
    turn = np.radians(unit.valley)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    scale = np.sqrt(area / shapely.Polygon(shape @ rotation.T).area)
    return shapely.Polygon(seat + shape @ rotation.T * scale)
