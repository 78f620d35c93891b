"""示意界线: outlines of the demo's units, from seats and published areas alone."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.area import ellipsoidal_area
from layers.demo.facts import DEMO_EPSG, DEMO_UNITS
from layers.demo.units import DemoOutlines, unit_outlines
from tests.layers.demo.conftest import Frames

# km² as published in the statistics of the city; the two committees have no published figure.
PUBLISHED = {
    "汉滨区": 3646, "汉阴县": 1365, "石泉县": 1525, "宁陕县": 3678, "紫阳县": 2204, "岚皋县": 1956, "平利县": 2627,
    "镇坪县": 1503, "旬阳市": 3554, "白河县": 1450,
}  # fmt: skip


@pytest.fixture(scope="module")
def outlines() -> DemoOutlines:
    return unit_outlines(np.random.default_rng(1))


def test_there_are_twelve_units_two_of_them_inside_the_district(frames: Frames) -> None:
    units = frames["unit"].set_index("name")
    assert set(units.index) == {*PUBLISHED, "安康高新区", "恒口示范区"}
    assert units["parent"].dropna().to_dict() == {"安康高新区": "610902", "恒口示范区": "610902"}
    district = units.geometry["汉滨区"]
    for name in ("安康高新区", "恒口示范区"):
        assert district.buffer(0.01).covers(units.geometry[name])


def test_outlines_say_that_they_are_schematic_and_made_up(frames: Frames) -> None:
    assert frames["unit"]["note"].str.startswith("示意界线").all()
    assert frames["unit"]["note"].str.contains("示例数据").all()


def test_areas_are_the_published_ones_within_three_per_cent(frames: Frames) -> None:
    units = frames["unit"].set_index("name")
    area = dict(zip(units.index, ellipsoidal_area(units.geometry.to_numpy(), DEMO_EPSG) / 1e6, strict=True))
    for name, published in PUBLISHED.items():
        assert area[name] == pytest.approx(published, rel=0.03), name


def test_each_seat_lies_in_its_own_unit_and_units_share_no_land(outlines: DemoOutlines) -> None:
    seats = shapely.points(outlines.seats)
    assert shapely.contains(outlines.net, seats).all()
    assert shapely.is_valid(outlines.net).all()
    left, right = np.triu_indices(len(outlines.net), 1)
    assert shapely.area(shapely.intersection(outlines.net[left], outlines.net[right])).max() < 1.0
    whole = shapely.union_all(outlines.net)
    assert shapely.area(outlines.net).sum() == pytest.approx(whole.area, rel=1e-9)
    assert len(shapely.get_parts(whole)) == 1


@pytest.mark.parametrize("seed", range(2, 7))
def test_other_seeds_bend_the_borders_but_keep_area_and_seats(outlines: DemoOutlines, seed: int) -> None:
    other = unit_outlines(np.random.default_rng(seed))
    assert not shapely.equals_exact(outlines.gross, other.gross, 1.0).any()
    assert shapely.area(other.gross) == pytest.approx(shapely.area(outlines.gross), rel=0.08)
    assert shapely.contains(other.net, shapely.points(other.seats)).all()


def test_the_facts_agree_with_the_real_counties_and_the_outlines_are_not_theirs(
    outlines: DemoOutlines, shared_data: Path
) -> None:
    """Published areas against measured ones; a copied outline would cover the real one nearly whole."""
    real = gpd.read_file(shared_data / "boundaries" / "ankang_counties.geojson").to_crs(DEMO_EPSG)
    for row in real.itertuples():
        number = next(n for n, unit in enumerate(DEMO_UNITS) if unit.code == str(row.adcode))
        unit = DEMO_UNITS[number]
        assert row.geometry.area / 1e6 == pytest.approx(unit.area_km2, rel=0.02)
        assert row.geometry.contains(shapely.Point(outlines.seats[number]))
        common = shapely.intersection(row.geometry, outlines.gross[number]).area
        assert common / shapely.union(row.geometry, outlines.gross[number]).area < 0.9
