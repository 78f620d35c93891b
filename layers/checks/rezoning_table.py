"""Pieces of land taken away inside a line as a table: codes, areas, shares, what industry is lost."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.area import ellipsoidal_area
from gis.text import tr
from layers.checks import block_lines
from layers.checks.land_use_change import Plan
from layers.checks.rezoning_pieces import Pieces, divided, owners_of_parts
from layers.codes import LandUseCodes
from layers.policy import Target
from layers.units import UnitTree

__all__ = ["MU", "table_by_unit"]

# 亩 in a square metre.
MU = 3.0 / 2000.0


def table_by_unit(
    raw: Pieces,
    ways: NDArray[np.object_],
    severities: NDArray[np.object_],
    before: Plan,
    after: Plan,
    lines: block_lines.Lines,
    tree: UnitTree,
    target: Target,
    codes: LandUseCodes,
    epsg: int,
) -> gpd.GeoDataFrame:
    """One row for each piece, divided by unit, with the columns of `layers.checks.rezoning.Rezoning`.

    ``before`` and ``after`` are what the positions of ``raw`` point into, ``lines`` those in which the
    pieces lie.
    """
    rows, unit, shapes = divided(raw.shapes, tree.net)
    unit = owners_of_parts(rows, unit, shapes, float(target.parameters["sliver_width"]))
    return _table(
        raw.taken(rows, shapes),
        ways[rows],
        severities[rows],
        np.array([*tree.codes, None], dtype=object)[unit],
        before,
        after,
        lines,
        tree,
        target,
        codes,
        epsg,
    )


def _table(
    raw: Pieces,
    ways: NDArray[np.object_],
    severities: NDArray[np.object_],
    unit: NDArray[np.object_],
    before: Plan,
    after: Plan,
    old_lines: block_lines.Lines,
    tree: UnitTree,
    target: Target,
    codes: LandUseCodes,
    epsg: int,
) -> gpd.GeoDataFrame:
    area = ellipsoidal_area(raw.shapes, epsg)
    block = ellipsoidal_area(old_lines.shapes, epsg)
    there = raw.after >= 0
    after_share = np.where(there, after.share[raw.after] if len(after.share) else 0.0, 0.0)
    lost = np.maximum(before.share[raw.before] - after_share, 0.0) * area

    def of(values: list[str], rows: NDArray[np.int64]) -> list[str]:
        return [values[row] if row >= 0 else "" for row in rows]

    has_line = raw.line >= 0
    columns = {
        "way": ways,
        "severity": severities,
        "sliver": raw.width < float(target.parameters["sliver_width"]),
        "unit": unit,
        "unit_name": [tree.name(code) for code in unit],
        "line": of(old_lines.codes, raw.line),
        "line_name": of(old_lines.names, raw.line),
        "level": of(old_lines.levels, raw.line),
        "before_uuid": of(before.uuids, raw.before),
        "before_scheme": of(before.schemes, raw.before),
        "before_code": of(before.codes, raw.before),
        "before_title": [codes.title(before.schemes[row], before.codes[row]) for row in raw.before],
        "before_class": before.classes[raw.before],
        "after_uuid": of(after.uuids, raw.after),
        "after_scheme": of(after.schemes, raw.after),
        "after_code": of(after.codes, raw.after),
        "after_title": [
            codes.title(after.schemes[row], after.codes[row]) if row >= 0 else tr("无规划")
            for row in raw.after
        ],
        "after_class": ["uncovered" if row < 0 else after.classes[row] for row in raw.after],
        "area": area,
        "mu": area * MU,
        "share": np.where(has_line, area / np.where(has_line, block[raw.line], 1.0), np.nan)
        if len(block)
        else np.full(len(area), np.nan),
        "width": raw.width,
        "industrial_lost": lost,
        "business_share": [after.business_share(row) if row >= 0 else 0.0 for row in raw.after],
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=gpd.GeoSeries(raw.shapes, crs=epsg))
