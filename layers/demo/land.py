"""Valleys, street blocks, plots of the plan and lots of the demo: one tessellation per unit.

A valley runs through the county seat in the unit's direction, gently bent; both banks are cut into districts,
districts by streets into blocks, blocks into plots of the plan, plots into lots. All pieces of one level are
split together, so a million lots take as many steps as a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.demo import lots
from layers.demo.facts import DemoUnit

__all__ = ["MEAN_LOT", "UnitLand", "unit_land"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Objects = NDArray[np.object_]

MEAN_LOT = 13_500.0  # m², over all uses, before lots shrink for very large projects
_DISTRICT = 950.0  # m along the valley
_BANK = 720.0  # m from the river to the slope
_RIVER = 75.0  # half width, m
_VALLEYS = 3_200.0  # from one valley to the next, m
_MAIN_ROAD, _STREET = 15.0, 9.0  # half widths, m
_ODD = 0.09  # share of lots that are no plain quadrangle

# Codes of the 2023 guide: what stands in a district of industry and in a town, with its odds.
_INDUSTRY = {
    "100101": 0.34, "100102": 0.27, "100103": 0.07, "110101": 0.11, "1402": 0.05, "1302": 0.03, "1303": 0.02,
    "0802": 0.03, "0901": 0.04, "070102": 0.04,
}  # fmt: skip
_TOWN = {
    "070102": 0.40, "0901": 0.10, "0902": 0.06, "0801": 0.05, "080403": 0.06, "0806": 0.04, "0803": 0.03,
    "1401": 0.11, "1301": 0.03, "120803": 0.04, "100101": 0.08,
}  # fmt: skip
_OPEN = ("1401", "1402")
# Target size of lots by the first digits of the code, m².
_LOT_SIZES = {"10": 30_000.0, "11": 36_000.0, "07": 14_000.0, "09": 9_000.0, "08": 15_000.0}


@dataclass(slots=True)
class UnitLand:
    """Land of one unit; arrays of one kind have one row per thing.

    ``cell_*``: street blocks with half the street round them; ``plot_*``: plots of the plan (``plot_cell``: in
    which block); ``street``: streets round a block; ``lot_*``: lots (``lot_plot``: on which plot);
    ``park``: number of the park of a cell, −1 in town; ``river``: water along the districts.
    """

    cell: Objects
    cell_park: Integers
    plot_quad: Floats
    plot_edges: Floats
    plot: Objects
    plot_cell: Integers
    plot_code: Objects
    street: Objects
    lot_quad: Floats
    lot: Objects
    lot_plot: Integers
    river: Objects
    district: Objects
    district_park: Integers

    @property
    def lot_code(self) -> Objects:
        """Land-use code of each lot: that of its plot."""
        return np.asarray(self.plot_code[self.lot_plot], dtype=object)

    @property
    def lot_park(self) -> Integers:
        """Number of each lot's park, −1 in town."""
        return np.asarray(self.cell_park[self.plot_cell[self.lot_plot]])


def unit_land(
    unit: DemoUnit, seat: Floats, net: shapely.Geometry, wanted: int, scale: float, rng: np.random.Generator
) -> UnitLand:
    """Tessellate enough districts, nearest to the seat first, to hold ``wanted`` lots fit for a parcel.

    ``scale`` shrinks lots (1: natural size). Fewer lots come back only where the unit is full.
    """
    # Four times what lots of this size need, so that the unit never runs out while it has room.
    quads, parks, rivers = _districts(unit, seat, net, 4 * wanted * MEAN_LOT * scale, rng)
    parts: list[UnitLand] = []
    found = taken = cells = plots = 0
    while found < wanted and taken < len(quads):
        missing = (wanted - found) * MEAN_LOT * scale * 0.85
        count = max(2, int(np.searchsorted(np.cumsum(lots.area(quads[taken:])) * 0.72, missing)) + 1)
        batch = slice(taken, min(taken + count, len(quads)))
        part = _tessellate(quads[batch], parks[batch], rivers[batch], scale, rng)
        found += int(np.count_nonzero(~np.isin(part.lot_code, _OPEN)))
        part.plot_cell += cells
        part.lot_plot += plots
        cells, plots, taken = cells + len(part.cell), plots + len(part.plot), batch.stop
        parts.append(part)
    joined = UnitLand(
        **{
            item.name: np.concatenate([getattr(part, item.name) for part in parts])
            for item in fields(UnitLand)
        }
    )
    joined.river = joined.river[~shapely.is_empty(joined.river)]
    return joined


def _districts(
    unit: DemoUnit, seat: Floats, net: shapely.Geometry, enough: float, rng: np.random.Generator
) -> tuple[Floats, Integers, Objects]:
    """Quadrangles of districts inside the unit, nearest first, their park (−1: town) and the river beside them.

    All there are, or the nearest that make up ``enough`` m².
    """
    box = shapely.bounds(net)
    reach = float(np.hypot(box[2] - box[0], box[3] - box[1]))
    columns, valleys = int(reach / _DISTRICT) + 2, int(reach / _VALLEYS) + 1
    along = (np.arange(-columns, columns + 1) - 0.5) * _DISTRICT
    along += rng.uniform(-130.0, 130.0, len(along))
    across = np.arange(-valleys, valleys + 1) * _VALLEYS
    across += rng.uniform(-250.0, 250.0, len(across)) * (across != 0)
    phase = rng.uniform(0, 2 * np.pi, 2)

    def place(s: Floats, t: Floats) -> Floats:
        """Valley coordinates (m along, m across) → plane: a bend that keeps areas, then a turn."""
        t = t + 420.0 * np.sin(s / 2600.0 + phase[0]) + 1500.0 * np.sin(s / 11_000.0 + phase[1])
        t = t - 420.0 * np.sin(phase[0]) - 1500.0 * np.sin(phase[1])
        turn = np.radians(unit.valley)
        return np.stack(
            [seat[0] + s * np.cos(turn) - t * np.sin(turn), seat[1] + s * np.sin(turn) + t * np.cos(turn)],
            axis=-1,
        )

    valley, column, bank = (
        grid.ravel()
        for grid in np.meshgrid(np.arange(len(across)), np.arange(len(along) - 1), [0, 1], indexing="ij")
    )
    depth = rng.uniform(0.75, 1.3, (len(across), 2, len(along))) * _BANK  # the slope, per corner of a column
    west = np.asarray(along[column], dtype=np.float64)
    east = np.asarray(along[column + 1], dtype=np.float64)
    middle = np.asarray(across[valley], dtype=np.float64)
    near, sign = np.full(len(valley), _RIVER), np.where(bank == 0, 1.0, -1.0)
    corners = [
        (west, middle + sign * near),
        (east, middle + sign * near),
        (east, middle + sign * (near + depth[valley, bank, column + 1])),
        (west, middle + sign * (near + depth[valley, bank, column])),
    ]
    quads = np.stack([place(s, t) for s, t in corners], axis=1)
    quads = np.where(
        (bank == 0)[:, None, None], quads, quads[:, [1, 0, 3, 2]]
    )  # counter-clockwise on both banks
    # A district a valley further counts as three along the own one: settlements follow the valley.
    far = np.abs((west + east) / 2) + 3.0 * np.abs(middle) + 60.0 * bank
    order = np.argsort(far, kind="stable")
    room = shapely.buffer(net, -min(300.0, 0.02 * np.sqrt(shapely.area(net))))
    shapely.prepare(room)
    near_by = 2 * int(np.searchsorted(np.cumsum(lots.area(quads[order])), enough)) + 40
    kept = order[:near_by][shapely.contains_properly(room, lots.to_polygons(quads[order[:near_by]]))]
    if lots.area(quads[kept]).sum() < enough:
        rest = order[near_by:]
        kept = np.concatenate([kept, rest[shapely.contains_properly(room, lots.to_polygons(quads[rest]))]])
    order = kept
    corners = [(west, middle - near), (east, middle - near), (east, middle + near), (west, middle + near)]
    rivers = lots.to_polygons(np.stack([place(s[order], t[order]) for s, t in corners], axis=1))
    rivers[bank[order] == 1] = shapely.from_wkt("POLYGON EMPTY")  # once per column
    offset = column - columns
    chunk = np.floor_divide(offset + 1, 3)
    odds = rng.random((len(across), chunk.max() - chunk.min() + 1))[valley, chunk - chunk.min()]
    # Round the seat: town on one bank, industry across the river and further along it.
    core = (middle == 0) & (np.abs(offset) < 6)
    industry = np.where(core, np.where(bank == 0, (offset + 1) % 4 > 1, offset % 4 != 3), odds < 0.45)
    # One park is up to three districts in a row on one bank.
    park = (valley * 2 + bank) * (chunk.max() - chunk.min() + 1) + chunk - chunk.min()
    park = np.where(industry, park, -1)
    return quads[order], park[order].astype(np.int64), rivers


def _tessellate(
    quads: Floats, parks: Integers, rivers: Objects, scale: float, rng: np.random.Generator
) -> UnitLand:
    industry = parks >= 0
    roads = np.full((len(quads), 4), _MAIN_ROAD)
    cell_target = np.where(industry, 105_000.0, 32_000.0)
    cells, cell_edges, district = lots.split(quads, roads, cell_target, rng, new_edge=_STREET)
    blocks = lots.inset(cells, cell_edges)
    cell_industry = industry[district]

    plot_target = np.where(cell_industry, 85_000.0, 22_000.0)
    plots, plot_edges, plot_cell = lots.split(
        blocks, np.ones((len(blocks), 4)), plot_target, rng, new_edge=0.0
    )
    main = np.where(cell_industry, _draw(_INDUSTRY, len(cells), rng), _draw(_TOWN, len(cells), rng))
    other = np.where(
        cell_industry[plot_cell], _draw(_INDUSTRY, len(plots), rng), _draw(_TOWN, len(plots), rng)
    )
    codes = np.where(rng.random(len(plots)) < 0.72, main[plot_cell], other).astype(object)

    target = np.full(len(plots), 12_000.0)
    first_digits = codes.astype("U2")
    for digits, size in _LOT_SIZES.items():
        target[first_digits == digits] = size
    # Sizes are skewed: many small works, a few large ones.
    target *= np.exp(rng.normal(0.0, 0.75, len(plots)))
    target = np.clip(target, 3_500.0, 140_000.0) * scale
    pieces, piece_edges, lot_plot = lots.split(plots, plot_edges, target, rng, new_edge=0.0)

    corner_cut = 6.0
    corners = corner_cut * street_corners(piece_edges)
    cut, ahead, notch = lots.odd_corners(pieces, _ODD, rng)
    block_polygons = lots.chamfered(blocks, np.full((len(blocks), 4), corner_cut))
    return UnitLand(
        cell=lots.to_polygons(cells),
        cell_park=parks[district],
        plot_quad=plots,
        plot_edges=plot_edges,
        plot=lots.chamfered(plots, corner_cut * street_corners(plot_edges)),
        plot_cell=plot_cell,
        plot_code=codes,
        street=lots.ring_polygons(cells, block_polygons),
        lot_quad=pieces,
        lot=lots.chamfered(
            pieces, np.where(cut > 0, cut, corners), ahead=np.where(cut > 0, ahead, corners), notch=notch
        ),
        lot_plot=lot_plot,
        river=rivers,
        district=lots.to_polygons(quads),
        district_park=parks,
    )


def street_corners(edges: Floats) -> Floats:
    """1 at corners where two streets meet, else 0: only a corner of the block has a street on both edges."""
    return np.where((edges > 0) & (np.roll(edges, 1, axis=1) > 0), 1.0, 0.0)


def _draw(odds: dict[str, float], count: int, rng: np.random.Generator) -> Objects:
    weights = np.array(list(odds.values()))
    return np.array(list(odds), dtype=object)[rng.choice(len(odds), count, p=weights / weights.sum())]
