"""The rezoning check after small changes, found around them only: the same as the whole check, whatever changes."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.checks.registry import CHECKS
from layers.scenarios.changes import Change, Rezone, Transfer
from layers.scenarios.overlay import laid_over
from layers.scenarios.scenario import Scenario
from layers.scenarios.trial import Trial
from tests.layers.checks.world import CODES, DAY, POLICY, rectangle, table, units
from tests.layers.scenarios.results import assert_same

SCHEME = "guide2023"
REZONING = [check for check in CHECKS if check.id == "rezoning"]
USES = ["1001", "100101", "0701", "0901", "0804", "1101", "1001/0901"]
SIDE = 4  # plots along each side of the city, 500 m wide, around the corner of three units
CELL = 500.0

codes = st.sampled_from(USES)
cells = st.integers(0, SIDE * SIDE - 1)


def cell(number: int, inset: float = 0.0) -> object:
    east, north = 1000 + CELL * (number % SIDE), 1000 + CELL * (number // SIDE)
    return rectangle(east + inset, north, CELL, CELL)


def plots(before: list[str], after: list[str]) -> list[dict[str, object]]:
    """Two snapshots of the same plots; the second one is drawn 3 m beside the first."""
    return [
        {"code": code, "scheme": SCHEME, "snapshot": name, "geometry": cell(at, inset), "uuid": f"{name}{at}"}
        for name, uses, inset in (("a", before, 0.0), ("b", after, 3.0))
        for at, code in enumerate(uses)
    ]


def parcels(uses: list[tuple[int, str]]) -> list[dict[str, object]]:
    """Parcels 100 m across the border of two plots; several may lie on the same land."""
    return [
        {
            "parcel_no": f"P{number}", "land_use_code": code, "land_use_scheme": SCHEME, "uuid": f"p{number}",
            "geometry": rectangle(1000 + CELL * (at % SIDE) - 50, 1000 + CELL * (at // SIDE) + 20, 100 + 30 * number, 60),
        }
        for number, (at, code) in enumerate(uses)
    ]  # fmt: skip


def contracts(uses: list[tuple[int, str]]) -> list[dict[str, object]]:
    """Contracts for a parcel, of which some have an outline of their own, signed before and between the snapshots."""
    return [
        {
            "supervision_no": f"C{number}", "use_code": code, "use_scheme": SCHEME, "use_name": code, "uuid": f"c{number}",
            "parcel_no": f"P{at % 4}", "contract_on": pd.Timestamp("2023-06-01") if at % 2 else pd.Timestamp("2024-02-01"),
            "geometry": cell(at, 200.0) if at % 3 == 0 else None, "planned": False, "area": 1.0, "mode": "23",
        }
        for number, (at, code) in enumerate(uses)
    ]  # fmt: skip


def lines() -> list[dict[str, object]]:
    """Two lines that overlap; the second gave up its east half on 1 March 2024, and a version stands beside."""
    day = pd.Timestamp("2024-03-01")
    return [
        {"code": "L1", "level": "first", "geometry": rectangle(1100, 1100, 900, 1500), "valid_from": None, "valid_to": None},
        {"code": "L2", "level": "second", "geometry": rectangle(1800, 900, 1400, 1800), "valid_from": None, "valid_to": day},
        {"code": "L2", "level": "second", "geometry": rectangle(1800, 900, 700, 1800), "valid_from": day, "valid_to": None},
    ]  # fmt: skip


def tables(
    before: list[str], after: list[str], on: list[tuple[int, str]], given_to: list[tuple[int, str]]
) -> dict[str, gpd.GeoDataFrame]:
    lineage = {
        "layer": ["parcel"],
        "operation": ["split"],
        "child": ["p1"],
        "parent": ["old"],
        "parent_no": ["P9"],
    }
    return {
        "land_use": table(plots(before, after)),
        "snapshot": pd.DataFrame({"name": ["a", "b"], "date": pd.to_datetime(["2023-01-01", "2024-01-01"])}),  # type: ignore[dict-item]
        "block_line": table(lines()),
        "parcel": table(parcels(on)),
        "transfer": table(contracts(given_to)),
        "lineage": pd.DataFrame(lineage),  # type: ignore[dict-item]
        "warning": table([]),
    }  # fmt: skip


changes = st.one_of(
    st.builds(lambda at, code: ("parcel", f"p{at}", code), st.integers(0, 4), codes),
    st.builds(lambda at, code: ("land_use", f"b{at}", code), cells, codes),
    st.builds(lambda at, code: ("land_use", f"a{at}", code), cells, codes),
    st.builds(lambda at, code: ("contract", f"P{at}", code), st.sampled_from([0, 1, 2, 9]), codes),
)


def change(kind: str, row: str, code: str) -> Change:
    if kind == "contract":
        return Transfer(
            project="", unit="", area=1.0, scheme=SCHEME, code=code, mode="23", contract_on=DAY, parcel_no=row
        )
    return Rezone(table=kind, uuid=row, label=row, scheme=SCHEME, code=code)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(codes, min_size=SIDE * SIDE, max_size=SIDE * SIDE),
    st.lists(codes, min_size=SIDE * SIDE, max_size=SIDE * SIDE),
    st.lists(st.tuples(cells, codes), min_size=0, max_size=5),
    st.lists(st.tuples(cells, codes), min_size=0, max_size=4),
    st.lists(changes, min_size=1, max_size=4),
)
def test_around_the_changes_is_found_what_the_whole_check_finds(
    before: list[str],
    after: list[str],
    on: list[tuple[int, str]],
    given_to: list[tuple[int, str]],
    wanted: list[tuple[str, str, str]],
) -> None:
    base = tables(before, after, on, given_to)
    scenario = Scenario("甲", tuple(change(*item) for item in wanted))
    trial = Trial(base, units(), POLICY, CODES, DAY, checks=REZONING)
    whole = Trial(laid_over(base, scenario.rows(CODES)), units(), POLICY, CODES, DAY, checks=REZONING)
    assert_same(trial.run(scenario), whole.base)


def test_the_city_of_the_property_has_every_way() -> None:
    """The comparison above would be worth little if nothing were ever lost."""
    before = ["1001"] * SIDE * SIDE
    after = ["1001"] * (SIDE * SIDE - 3) + ["0701"] * 3
    base = tables(before, after, [(6, "0901"), (5, "0701"), (6, "1001")], [(3, "0701"), (4, "0901")])
    result = Trial(base, units(), POLICY, CODES, DAY, checks=REZONING).base[0]
    assert set(result.evidence["way"]) == {"code", "line", "parcel", "split", "transfer"}


def test_a_transfer_that_takes_nothing_gives_the_very_result_of_the_basis() -> None:
    base = tables(["1001"] * SIDE * SIDE, ["1001"] * SIDE * SIDE, [], [])
    trial = Trial(base, units(), POLICY, CODES, DAY, checks=REZONING)
    assert trial.run(Scenario("甲", (change("contract", "P0", "1001"),)))[0] is trial.base[0]


def test_a_changed_line_is_judged_whole() -> None:
    base = tables(["1001"] * SIDE * SIDE, ["0701"] * SIDE * SIDE, [], [])
    from layers.scenarios.changes import SetValue

    ends = SetValue(table="block_line", uuid="u0", label="L1", name="valid_to", value="2022-01-01")
    scenario = Scenario("甲", (ends,))
    trial = Trial(base, units(), POLICY, CODES, dt.date(2024, 6, 30), checks=REZONING)
    whole = Trial(laid_over(base, scenario.rows(CODES)), units(), POLICY, CODES, DAY, checks=REZONING)
    (result,) = trial.run(scenario)
    assert_same([result], whole.base)
    assert result.city is not None
    assert trial.base[0].city is not None
    assert np.isfinite(result.city.figures["violation"] or 0.0)
    assert result.city.figures["violation"] != trial.base[0].city.figures["violation"]
