"""The checks of the plan after changes of plots, found around them only: the same as the whole checks, whatever changes."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.checks.registry import CHECKS
from layers.scenarios.changes import Change, Redraw, Rezone
from layers.scenarios.overlay import laid_over
from layers.scenarios.scenario import Scenario, changes_from_text, changes_to_text
from layers.scenarios.trial import Trial
from tests.layers.checks.world import CODES, DAY, POLICY, rectangle, table, units
from tests.layers.scenarios.results import assert_same
from tests.layers.scenarios.test_rezoning_again import CELL, SIDE, cells, codes, tables

SCHEME = "guide2023"
OF_PLAN = [
    check for check in CHECKS if check.id in ("rezoning", "industrial_total", "block_share", "block_balance")
]

rezonings = st.builds(
    lambda state, at, code: Rezone(table="land_use", uuid=f"{state}{at}", label="", scheme=SCHEME, code=code),
    st.sampled_from("ab"),
    cells,
    codes,
)
redrawings = st.builds(
    lambda at, metres, kind: (at, metres, kind),
    cells,
    st.sampled_from([-200.0, -3.0, -0.5, 3.0, 40.0, 600.0]),
    st.booleans(),
)


def redrawn(base: Mapping[str, gpd.GeoDataFrame], at: int, metres: float, *, gives_way: bool) -> Change:
    plots = base["land_use"]
    mine = plots[plots["snapshot"] == "b"].set_index("uuid")["geometry"]
    around = tuple((str(uuid), shape.wkt) for uuid, shape in mine.items() if uuid != f"b{at}")
    return Redraw(
        uuid=f"b{at}", label="", outline=mine[f"b{at}"].wkt, distance=metres, around=around if gives_way else ()
    )  # fmt: skip


@settings(max_examples=5, deadline=None)
@given(
    st.lists(codes, min_size=SIDE * SIDE, max_size=SIDE * SIDE),
    st.lists(codes, min_size=SIDE * SIDE, max_size=SIDE * SIDE),
    st.lists(st.tuples(cells, codes), min_size=0, max_size=3),
    st.lists(rezonings, min_size=0, max_size=2),
    st.lists(redrawings, min_size=0, max_size=2),
)
def test_around_changed_plots_is_found_what_the_whole_checks_find(
    before: list[str],
    after: list[str],
    on: list[tuple[int, str]],
    codes_changed: list[Rezone],
    outlines_changed: list[tuple[int, float, bool]],
) -> None:
    base = tables(before, after, on, [(3, "0701")])
    outlines = [redrawn(base, at, metres, gives_way=way) for at, metres, way in outlines_changed]
    scenario = Scenario("甲", (*codes_changed, *outlines))
    trial = Trial(base, units(), POLICY, CODES, DAY, checks=OF_PLAN)
    whole = Trial(laid_over(base, scenario.rows(CODES)), units(), POLICY, CODES, DAY, checks=OF_PLAN)
    assert_same(trial.run(scenario), whole.base)
    # What was laid over once leaves nothing behind.
    assert_same(trial.run(Scenario("乙")), trial.base)


def test_a_plot_that_grows_takes_the_land_of_its_neighbour() -> None:
    """Plot 5 (industrial) is 500 m wide; 10 m outward it gains 4 · 500 · 10 + 4 · 10² m² of housing, some of it twice
    counted nowhere: industry grows by 20,400 m².
    """
    uses = ["0701"] * SIDE * SIDE
    uses[5] = "1001"
    base = tables(uses, uses, [], [])
    trial = Trial(base, units(), POLICY, CODES, DAY, checks=OF_PLAN)
    grown = trial.run(Scenario("甲", (redrawn(base, 5, 10.0, gives_way=True),)))
    before, after = (
        next(result for result in results if result.id == "industrial_total")
        for results in (trial.base, grown)
    )
    assert before.city is not None
    assert after.city is not None
    gained = [(item.city.figures["after"] or 0.0) * 10_000 for item in (before, after) if item.city]
    # Areas are ellipsoidal: in this plane 1 m² of paper is some 0.3 per mille more or less.
    assert gained[1] - gained[0] == pytest.approx(20_400, rel=1e-3)


def test_a_plot_far_from_a_line_is_changed_and_no_line_is_near() -> None:
    """A plot away from all lines: what is found without a line nearby must not be taken for a plan without lines."""
    uses = ["1001"] * SIDE * SIDE
    base = tables(uses, uses, [], [])
    away = [
        {"code": "1001", "scheme": SCHEME, "snapshot": name, "uuid": f"{name}away", "geometry": rectangle(20_000, 0, 50, 50)}
        for name in "ab"
    ]  # fmt: skip
    plots = pd.concat([base["land_use"], table(away)], ignore_index=True)
    base["land_use"] = gpd.GeoDataFrame(plots, geometry="geometry", crs=base["land_use"].crs)
    scenario = Scenario("甲", (Rezone(table="land_use", uuid="baway", label="", scheme=SCHEME, code="0701"),))
    trial = Trial(base, units(), POLICY, CODES, DAY, checks=OF_PLAN)
    whole = Trial(laid_over(base, scenario.rows(CODES)), units(), POLICY, CODES, DAY, checks=OF_PLAN)
    assert_same(trial.run(scenario), whole.base)


def test_an_outline_is_written_down_and_read_again() -> None:
    base = tables(["1001"] * SIDE * SIDE, ["1001"] * SIDE * SIDE, [], [])
    change = redrawn(base, 5, -12.5, gives_way=True)
    assert changes_from_text(changes_to_text([change])) == (change,)
    (mine,) = [row for row in change.rows(CODES) if row.uuid == "b5"]
    assert mine.values["geometry"].area == pytest.approx((CELL - 25.0) ** 2)
