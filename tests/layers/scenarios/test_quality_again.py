"""The check of the data after changes of a few rows: the same as the whole check."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.checks import data_quality
from layers.checks.registry import check_named
from layers.scenarios.changes import Build, Change, EndLease, Rezone, SetValue, Transfer
from layers.scenarios.overlay import laid_over
from layers.scenarios.scenario import Scenario
from layers.scenarios.trial import Trial
from tests.layers.checks.world import CODES, DAY, POLICY, point, rectangle, table, units
from tests.layers.scenarios.results import assert_same

CHECK = [check_named(data_quality.TARGET)]


def tables() -> dict[str, gpd.GeoDataFrame]:
    """Parcels that overlap, leave a gap, lie across units and share a number; doubled and disordered rows elsewhere."""
    day = pd.Timestamp("2024-01-10")
    parcels = [
        {"parcel_no": number, "unit": unit, "land_use_code": code, "land_use_scheme": scheme, "area_certified": area,
         "handover_on": day, "certificate_on": later, "geometry": shape, "uuid": f"p{row}"}
        for row, (number, unit, code, scheme, area, later, shape) in enumerate((
            ("A", "610902", "1001", "guide2023", 10_000.0, day, rectangle(1000, 0, 100, 100)),
            ("A", "610902", "9999", "guide2023", 10_000.0, day, rectangle(1080, 0, 100, 100)),
            ("B", "610922", "1001", None, 50.0, pd.Timestamp("2023-01-01"), rectangle(1181, 0, 100, 100)),
            ("C", "610902-GX", "1001", "guide2023", None, None, rectangle(1950, 100, 100, 100)),
            ("D", None, None, None, 1.0, day, rectangle(-5050, 0, 100, 100)),
        ))
    ]  # fmt: skip
    transfers = [
        {"supervision_no": "T1", "project": "甲", "unit": "610902", "contract_on": day, "geometry": None, "uuid": "t0"},
        {"supervision_no": "T1", "project": "乙", "unit": "610922", "contract_on": day, "geometry": None, "uuid": "t1"},
    ]  # fmt: skip
    factories = [
        {"building_id": "F1", "unit": "610902", "geometry": point(100, 100), "uuid": "f0", "park": None,
         "completed_on": day, "started_on": pd.Timestamp("2024-02-01")},
    ]  # fmt: skip
    leases = [
        {"building_id": "F1", "from_date": day, "to_date": pd.Timestamp("2024-12-31"), "geometry": None, "uuid": "l0"},
    ]  # fmt: skip
    parks = [{"park_id": "P1", "name": "园", "geometry": rectangle(3000, 0, 50, 50), "uuid": "k0"}]
    return {
        "parcel": table(parcels), "transfer": table(transfers), "factory": table(factories), "lease": table(leases),
        "park": table(parks), "investment": table([]), "enterprise": table([]),
    }  # fmt: skip


def field(table_name: str, uuid: str, name: str, value: float | str | None) -> Change:
    return SetValue(table=table_name, uuid=uuid, label="", name=name, value=value)


places = st.sampled_from(["p0", "p1", "p2", "p3", "p4"])
changes = st.one_of(
    st.builds(lambda at, code: Rezone(table="parcel", uuid=at, label="", scheme="guide2023", code=code), places, st.sampled_from(["1001", "no"])),
    st.builds(lambda at, text: field("parcel", at, "parcel_no", text), places, st.sampled_from(["A", "B", "E"])),
    st.builds(lambda at, text: field("parcel", at, "unit", text), places, st.sampled_from(["610902", "610922", None])),
    st.builds(lambda at, area: field("parcel", at, "area_certified", area), places, st.sampled_from([10_000.0, 7.0])),
    st.builds(lambda at, day: field("parcel", at, "certificate_on", day), places, st.sampled_from(["2023-12-01", "2024-02-01"])),
    st.builds(lambda at, text: field("transfer", at, "supervision_no", text), st.sampled_from(["t0", "t1"]), st.sampled_from(["T1", "T2"])),
    st.just(Transfer(project="丙", unit="610902", area=1.0, scheme="guide2023", code="1001", mode="23", contract_on=DAY)),
    st.just(Build(building_id="F1", unit="610902", area=10.0, accepted_on=DAY)),
    st.just(EndLease(uuid="l0", label="", last_day=dt.date(2023, 1, 1))),
    st.just(field("factory", "f0", "started_on", "2023-01-01")),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(changes, min_size=1, max_size=4))
def test_what_is_asked_again_gives_what_the_whole_check_gives(wanted: list[Change]) -> None:
    base, scenario = tables(), Scenario("甲", tuple(wanted))
    trial = Trial(base, units(), POLICY, CODES, DAY, checks=CHECK)
    whole = Trial(laid_over(base, scenario.rows(CODES)), units(), POLICY, CODES, DAY, checks=CHECK)
    assert_same(trial.run(scenario), whole.base)


def test_the_tables_of_the_property_have_every_problem() -> None:
    """The comparison above would be worth little if nothing were ever wrong."""
    trial = Trial(tables(), units(), POLICY, CODES, DAY, checks=CHECK)
    assert set(trial.base[0].evidence["problem"]) >= {
        "overlap", "gap", "across", "outside", "stated_unit", "duplicate", "area", "code", "dates", "factory_outside",
    }  # fmt: skip


def test_a_number_given_away_takes_the_doubled_one_away() -> None:
    """Two parcels are called A; one of them gets a number of its own, and neither is doubled any more."""
    trial = Trial(tables(), units(), POLICY, CODES, DAY, checks=CHECK)
    (result,) = trial.run(Scenario("甲", (field("parcel", "p0", "parcel_no", "Z"),)))

    def doubled(evidence: gpd.GeoDataFrame) -> list[str]:
        return sorted(
            evidence.loc[(evidence["problem"] == "duplicate") & (evidence["table"] == "parcel"), "uuid"]
        )

    assert doubled(trial.base[0].evidence) == ["p0", "p1"]
    assert doubled(result.evidence) == []


def test_a_check_is_not_run_again_for_what_it_does_not_read() -> None:
    """The area of a contract is nothing to the check of the data: the very result of the step before."""
    trial = Trial(tables(), units(), POLICY, CODES, DAY, checks=CHECK)
    steps = [
        Transfer(id="t", project="丙", unit="610902", area=area, scheme="guide2023", code="1001", mode="23", contract_on=DAY)
        for area in (1.0, 2.0)
    ]  # fmt: skip
    first, second = (trial.run(Scenario("甲", (step,)))[0] for step in steps)
    assert first is second
