"""The industrial share of a block (domain reference §2.3) as it is and as an edit will leave it.

Planned industrial land counts, less what parcels and contracts of another use have taken of it; without a plan,
the parcels' codes. The denominator is the whole block.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.area import ellipsoidal_area
from gis.overlay import overlay
from layers.checks import tables as read
from layers.checks.block_lines import Lines
from layers.checks.land_use_change import Plan
from layers.checks.recorded_uses import parcel_uses, read_contracts
from layers.editing.surroundings import Surroundings

__all__ = ["BlockShare", "block_shares"]

Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class BlockShare:
    """A block before and after the edit. Areas m² on the ellipsoid, of the block and of its industrial land.

    A share is None where the block is not in force.
    """

    code: str
    name: str
    area_before: float
    area_after: float
    industrial_before: float
    industrial_after: float

    @property
    def share_before(self) -> float | None:
        """Industrial land over the whole block, 0 to 1."""
        return self.industrial_before / self.area_before if self.area_before else None

    @property
    def share_after(self) -> float | None:
        """The same after the edit."""
        return self.industrial_after / self.area_after if self.area_after else None


def block_shares(around: Surroundings, codes: Iterable[str]) -> dict[str, BlockShare]:
    """Shares of these blocks; lines that are to come into force later are seen on their first day."""
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        return {}
    before = around.lines()
    changed = around.edit.layers.get("block_line")
    begins = (
        np.empty(0, dtype="datetime64[D]") if changed is None else read.dates(changed.after, "valid_from")
    )
    coming = begins[begins > around.today]
    after = around.lines(after=True, day=max(coming, default=around.today))
    states = [
        _state(around, lines, wanted, after=edited) for lines, edited in ((before, False), (after, True))
    ]
    names = {
        code: name for lines in (after, before) for code, name in zip(lines.codes, lines.names, strict=True)
    }
    return {
        code: BlockShare(
            code, names.get(code, ""), states[0][0].get(code, 0.0), states[1][0].get(code, 0.0),
            states[0][1].get(code, 0.0), states[1][1].get(code, 0.0),
        )
        for code in wanted
    }  # fmt: skip


def _state(
    around: Surroundings, lines: Lines, wanted: list[str], *, after: bool
) -> tuple[dict[str, float], dict[str, float]]:
    """Area and industrial area of each block, by code."""
    rows = [row for row, code in enumerate(lines.codes) if code in wanted]
    shapes = lines.shapes[rows]
    codes = [lines.codes[row] for row in rows]
    if not rows:
        return {}, {}
    west, south, east, north = (float(value) for value in shapely.total_bounds(shapes))
    box = west, south, east, north
    parcels = around.parcels(box, after=after)
    uses, _numbers = parcel_uses(parcels, around.codes, [])
    plan = around.newest_plan(box)
    covers = []
    if plan is None:
        plan = uses
    else:
        contracts = around.contracts(box, read.texts(parcels, "parcel_no"), after=after)
        given = read_contracts(contracts, parcels, around.lineage, around.codes, around.today, [])
        covers = [uses, given.uses]
    epsg = around.project.epsg
    industrial = np.flatnonzero(plan.share > 0.0)
    land = overlay(plan.shapes[industrial], shapes)
    share = plan.share[industrial][land.left]
    worth = share * ellipsoidal_area(land.geometry, epsg)
    worth -= _taken(land.geometry, share, covers, epsg)
    sums = np.bincount(land.right, worth, minlength=len(rows))
    areas = ellipsoidal_area(shapes, epsg)
    return dict(zip(codes, areas.tolist(), strict=True)), dict(zip(codes, sums.tolist(), strict=True))


def _taken(land: Objects, share: NDArray[np.float64], covers: list[Plan], epsg: int) -> NDArray[np.float64]:
    """Industrial area of each piece of land that parcels or contracts of a smaller share have taken, m²."""
    lost = np.zeros(len(land))
    done: list[shapely.Geometry] = []
    shares = np.concatenate([plan.share for plan in covers]) if covers else np.empty(0)
    shapes = np.concatenate([plan.shapes for plan in covers]) if covers else np.empty(0, dtype=object)
    for value in np.unique(shares[shares < 1.0]):  # 0 and the fractions of mixed uses: a few values
        cover = shapely.union_all(shapes[shares == value])
        for earlier in done:
            cover = shapely.difference(cover, earlier)
        done.append(cover)
        hit = overlay(land, np.array([cover], dtype=object))
        less = np.maximum(share[hit.left] - value, 0.0) * ellipsoidal_area(hit.geometry, epsg)
        lost += np.bincount(hit.left, less, minlength=len(land))
    return lost
