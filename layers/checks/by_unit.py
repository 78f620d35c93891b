"""Rows of a layer sorted into units once for all checks, and verdicts from counts of each unit and of the city."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.coverage import boxes_of
from gis.overlay import Pieces, in_threads, overlay
from gis.text import tr
from layers.checks import assembling, shared, wording
from layers.checks import tables as read
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.policy import Policy, Target
from layers.units import ASSIGNED_BY, UnitTree

__all__ = ["Judge", "Placed", "counted", "fault_verdict", "homes", "inherited", "placed"]

Judge = Callable[[Mapping[str, float | None]], tuple[Verdict, str]]

_UNASKED, _NOWHERE = -2, -1
# From so many rows on, loading the compiled loops pays.
_MANY = 2_000


def homes(frame: gpd.GeoDataFrame, tree: UnitTree) -> tuple[NDArray[np.int64], Pieces]:
    """Position of the unit that has the most of each shape (-1: none), and the pieces of those that are not plainly
    inside one unit.

    Worked out once for all checks of a run that are given this very frame.
    """
    shapes = read.geometries(frame)
    return shared.once(frame, "homes", lambda: _homes(shapes, boxes(frame), plane_areas(frame), tree), tree)


def boxes(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Boxes (n, 4) of the polygons of a layer, NaN for everything else; once for all checks of a run."""
    return shared.once(frame, "boxes", lambda: boxes_of(read.geometries(frame)))


def plane_areas(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Plane areas (m²) of the outlines of a layer, NaN where a coordinate is no number; once for all checks of a run."""
    return shared.once(frame, "plane areas", lambda: in_threads(shapely.area, read.geometries(frame)))


def _homes(
    shapes: NDArray[np.object_], outer: NDArray[np.float64], area: NDArray[np.float64], tree: UnitTree
) -> tuple[NDArray[np.int64], Pieces]:
    home = np.full(len(shapes), _NOWHERE, dtype=np.int64)
    whole = (
        _surely_inside(np.where(np.isfinite(area)[:, None], outer, np.nan), tree.net)
        if len(shapes) >= _MANY
        else home
    )
    rest = np.flatnonzero(whole < 0)
    home[whole >= 0] = whole[whole >= 0]
    pieces = overlay(shapes[rest], tree.net)
    home[rest[pieces.left]] = pieces.right
    # Few lie in more than one unit.
    several = np.flatnonzero(np.bincount(pieces.left, minlength=len(rest))[pieces.left] > 1)
    left, right = rest[pieces.left[several]], pieces.right[several]
    order = np.lexsort((right, -shapely.area(pieces.geometry[several]), left))
    owners, first = np.unique(left[order], return_index=True)
    home[owners] = right[order[first]]
    return home, Pieces(rest[pieces.left], pieces.right, pieces.inside, pieces.geometry)


def _surely_inside(asked: NDArray[np.float64], areas: NDArray[np.object_]) -> NDArray[np.int64]:
    from gis.quick_clip import surely_inside

    return surely_inside(asked, areas)


@dataclass(frozen=True)
class Placed:
    """Some rows of a layer with the unit of each: ``unit`` counts in ``tree.codes``, -1 is none.

    ``rows`` are positions in the layer's frame ``layer``, ``frame`` holds of these rows only what the check reads;
    everything runs parallel to it.
    """

    tree: UnitTree
    table: str
    layer: gpd.GeoDataFrame
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    unit: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def sums(self, values: NDArray[np.bool_] | NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of each unit, then of the city, in which rows of no unit count too."""
        numbers = np.asarray(values, dtype=np.float64)
        inside = self.unit >= 0
        found = np.bincount(self.unit[inside], weights=numbers[inside], minlength=len(self.tree))
        return np.append(found, numbers.sum())

    def evidence(
        self,
        chosen: NDArray[np.int64],
        amount: NDArray[np.float64],
        why: Any,
        more: Mapping[str, Any] | None = None,
        label: str = "parcel_no",
    ) -> gpd.GeoDataFrame:
        """Evidence rows for some of the rows (a row may come more than once); ``amount`` and ``why`` parallel to them.

        Texts are lists of text or those of `layers.checks.wording`.
        """
        at = self.rows[chosen]
        named = [name for name in ("uuid", label) if name in self.layer.columns]
        part = pd.DataFrame(self.layer[named]).iloc[at]
        return read.evidence(
            {
                "unit": wording.column(
                    wording.each([*self.tree.codes, None], self.unit[chosen] % (len(self.tree) + 1))
                ),
                "table": wording.column(wording.each([self.table], np.zeros(len(chosen), dtype=np.int64))),
                "uuid": read.texts(part, "uuid"),
                "label": read.texts(part, label),
                "amount": amount,
                "why": why,
                **(more or {}),
            },
            read.geometries(self.layer)[at],
            self.tree.epsg,
        )

    def findings(self) -> list[Finding]:
        """That rows belong to no unit, said once."""
        lost = int(np.count_nonzero(self.unit < 0))
        if not lost:
            return []
        text = tr("{count} 条记录无法归属单元，只计入全市", count=lost)
        return [Finding("warning", text, self.table)]


def placed(
    table: str,
    frame: gpd.GeoDataFrame,
    mask: NDArray[np.bool_],
    units: UnitTree,
    target: Target,
    columns: Sequence[str] | None = None,
) -> Placed:
    """The rows of a mask with their units, which are those that the target asks for (all, or the outermost).

    ``columns`` are those that the check reads of them; None is all. A large layer has far more.
    """
    rows = np.flatnonzero(mask)
    # What is asked for is filled in below; all of it belongs to the frame.
    number = shared.once(frame, "units", lambda: np.full(len(frame), _UNASKED, dtype=np.int64), units)
    asked = rows[number[rows] == _UNASKED]
    placed_before = shared.known(frame, "homes", units)
    if placed_before is not None:
        number[asked] = placed_before[0][asked]
        asked = asked[number[asked] == _NOWHERE]
    if len(asked):
        shapes = read.geometries(frame)[asked]
        some = gpd.GeoDataFrame(
            _some(frame, asked, ASSIGNED_BY), geometry=gpd.array.from_shapely(shapes), crs=units.epsg
        )
        codes = units.assign(some, units.epsg)[0]
        # The last is a code that is none.
        places = {code: place for place, code in enumerate(units.codes)} | {None: _NOWHERE}
        number[asked] = [places[code] for code in codes]
    tree = read.tree_for(units, target.parameters["units"])
    unit = number[rows]
    if tree is not units:
        outer = [(units.ancestors(code) or (code,))[-1] for code in units.codes]
        into = np.array([*(tree.codes.index(code) for code in outer), _NOWHERE], dtype=np.int64)
        unit = into[unit]
    return Placed(
        tree, table, frame, frame.iloc[rows] if columns is None else _some(frame, rows, columns), rows, unit
    )


def _some(frame: gpd.GeoDataFrame, rows: NDArray[np.int64], columns: Sequence[str]) -> pd.DataFrame:
    """Some rows of some columns; column by column, so that no column is copied as a whole."""
    return pd.DataFrame(
        {name: frame[name].array.take(rows) for name in columns if name in frame.columns},
        index=pd.RangeIndex(len(rows)),
        copy=False,
    )


def inherited(frame: gpd.GeoDataFrame, former: gpd.GeoDataFrame, changed: NDArray[np.int64]) -> None:
    """Let the rows of a frame have the units of another, of which only the rows ``changed`` and those added differ."""
    for (tree,), known in shared.found(former, "units"):
        number = np.full(len(frame), _UNASKED, dtype=np.int64)
        number[: len(known)] = known
        number[changed] = _UNASKED
        shared.once(frame, "units", partial(np.asarray, number), tree)


def counted(
    place: Placed,
    policy: Policy,
    target: Target,
    title: str,
    as_of: dt.date,
    period: str,
    titles: Mapping[str, tuple[str, str]],
    sums: Mapping[str, NDArray[np.float64]],
    judge: Judge,
    evidence: gpd.GeoDataFrame,
    findings: Sequence[Finding] = (),
) -> CheckResult:
    """A result from one array for each figure (units, then the city; NaN is "none") and what decides the verdict.

    The city is shown where the policy's scope is the city.
    """
    results = []
    for row, (code, name) in enumerate(assembling.places_of(place.tree)):
        figures = {key: _plain(sums[key][row]) for key in titles}
        verdict, text = judge(figures)
        results.append(UnitResult(code, name, verdict, figures, text))
    return assembling.of_places(
        target, title, titles, policy, as_of=as_of, period=period, places=results, evidence=evidence,
        findings=[*place.findings(), *findings],
    )  # fmt: skip


def fault_verdict(target: Target, faults: float, judged: float, open_questions: float) -> Verdict:
    """Short where the faults found are too many; met only if something was judged and nothing left unjudged."""
    if not target.holds(faults):
        return Verdict.SHORT
    if open_questions:
        return Verdict.NOT_JUDGED
    return Verdict.MET if judged else Verdict.EMPTY


def _plain(value: float) -> float | None:
    return None if value != value else float(value)
