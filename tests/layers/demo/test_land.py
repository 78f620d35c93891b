"""Parcels, parks, block lines and the plan of the demo lie as land does."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.demo.build import demo_frames
from layers.registry import layer
from tests.layers.demo.conftest import Frames

Objects = np.ndarray


def shapes(frame: pd.DataFrame) -> Objects:
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def worst_overlap(geometries: Objects) -> float:
    """Largest area in m² that two of the geometries share."""
    left, right = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    pairs = left < right
    common = shapely.intersection(geometries[left[pairs]], geometries[right[pairs]])
    return float(shapely.area(common).max(initial=0.0))


def net_land(frames: Frames) -> dict[str, shapely.Geometry]:
    gross = dict(zip(frames["unit"]["name"], shapes(frames["unit"]), strict=True))
    inner = shapely.union_all([gross["安康高新区"], gross["恒口示范区"]])
    return {**gross, "汉滨区": gross["汉滨区"].difference(inner)}


def test_parcels_are_as_many_as_asked_for_valid_and_share_no_land(frames: Frames) -> None:
    """A thousandth of a square metre is what floating-point corners on a common edge may give."""
    parcels = shapes(frames["parcel"])
    assert len(parcels) == 3000
    assert frames["parcel"]["parcel_no"].is_unique
    assert shapely.is_valid(parcels).all()
    assert worst_overlap(parcels) < 0.001


@pytest.mark.parametrize("layer", ["parcel", "park", "block_line", "factory", "land_use", "investment"])
def test_nothing_lies_outside_its_unit(frames: Frames, layer: str) -> None:
    frame = frames[layer]
    for name, land in net_land(frames).items():
        mine = shapes(frame[frame["unit"] == name] if "unit" in frame else frame[frame["plot_no"].str.startswith(
            {"汉滨区": "HB-", "安康高新区": "GX-", "恒口示范区": "HK-"}.get(name, "-"))])  # fmt: skip
        shapely.prepare(land)
        assert shapely.covers(land, mine).all(), name


def test_parcels_of_a_park_lie_in_it_and_every_park_has_some(frames: Frames) -> None:
    parcels, parks = frames["parcel"], frames["park"].set_index("name")
    assert parks.index.is_unique
    inside = parcels[parcels["park"].notna()]
    outlines = shapely.buffer(shapes(parks.loc[inside["park"]]), 0.01)
    assert shapely.covers(outlines, shapes(inside)).all()
    assert set(inside["park"]) == set(parks.index)
    assert inside["land_use_code"].str.startswith("1001").mean() > 0.5


def test_sizes_are_skewed_as_sizes_of_parcels_are(frames: Frames) -> None:
    """Log-normal or near it: many small ones, a few large ones; works larger than shops."""
    parcels = frames["parcel"]
    area = parcels["area_certified"]
    logs = np.log(area)
    assert 0.5 < logs.std() < 1.1
    assert abs(((logs - logs.mean()) ** 3).mean() / logs.std() ** 3) < 0.6
    assert area.skew() > 1.5
    assert area.between(300, 200_000).all()
    by_use = area.groupby(parcels["land_use_code"].str[:2]).median()
    assert by_use["10"] > 2 * by_use["09"]
    assert 5_000 < by_use["10"] < 40_000  # m²: 0.5 to 4 ha, as in the published results of industrial supply


def test_most_parcels_are_street_blocks_cut_square_and_some_are_odd(frames: Frames) -> None:
    parcels = shapes(frames["parcel"])
    filled = shapely.area(parcels) / shapely.area(shapely.oriented_envelope(parcels))
    assert np.median(filled) > 0.85
    convex = shapely.area(parcels) / shapely.area(shapely.convex_hull(parcels))
    assert 0.01 < np.mean(convex < 0.98) < 0.15  # notched ones


def test_certified_area_is_that_of_the_outline_but_for_one_in_a_hundred(frames: Frames) -> None:
    parcels = frames["parcel"]
    apart = np.abs(parcels["area_certified"] / shapely.area(shapes(parcels)) - 1)
    assert 0.002 < np.mean(apart > 0.003) < 0.025
    assert apart.max() < 0.025
    np.testing.assert_allclose(parcels["area_plane"], shapely.area(shapes(parcels)), rtol=1e-9)
    # 白河 lies 2.1° off the centre of the plane: (2.1° · cos 32.8°)² / 2 = 4.8e-4 in length, 9.5e-4 in area.
    shrunk = 1 - parcels["area_ellipsoid"] / parcels["area_plane"]
    assert shrunk.between(0, 9.9e-4).all()
    assert shrunk[parcels["unit"] == "白河县"].median() == pytest.approx(9.5e-4, abs=2e-5)


def test_the_plan_of_a_snapshot_covers_parcels_without_overlaps(frames: Frames) -> None:
    plan = frames["land_use"]
    assert plan["snapshot"].unique().tolist() == ["2023年规划", "2024年调整方案"]
    for _name, part in plan.groupby("snapshot"):
        assert worst_overlap(shapes(part)) < 0.001
    newest = shapes(plan[plan["snapshot"] == "2024年调整方案"])
    parcels = shapes(frames["parcel"])
    left, right = shapely.STRtree(newest).query(parcels, predicate="intersects")
    covered = np.zeros(len(parcels))
    np.add.at(covered, left, shapely.area(shapely.intersection(parcels[left], newest[right])))
    np.testing.assert_allclose(covered, shapely.area(parcels), rtol=1e-6)


def test_block_lines_hold_industrial_plots_and_cut_some_parcels(frames: Frames) -> None:
    lines = frames["block_line"]
    assert set(lines["level"]) == {"first", "second"}
    assert set(lines["unit"]) == set(frames["unit"]["name"])
    current = lines[lines["valid_to"].isna()]
    assert worst_overlap(shapes(current)) < 0.001
    plots = frames["land_use"]
    before = plots[(plots["snapshot"] == "2023年规划") & plots["code"].str.startswith("1001")]
    first = shapely.union_all(shapes(current[current["level"] == "first"]))
    industrial = shapely.union_all(shapes(before))
    assert shapely.intersection(first, industrial).area > 0.6 * first.area
    second = shapely.union_all(shapely.boundary(shapes(current[current["level"] == "second"])))
    assert shapely.crosses(second, shapes(frames["parcel"])).sum() > 20


def test_three_lines_have_two_versions_one_of_them_moved_by_five_metres(frames: Frames) -> None:
    lines = frames["block_line"]
    versions = lines[lines["code"].duplicated(keep=False)]
    assert sorted(versions["code"].unique()) == ["GX-QK01", "HB-QK01", "XY-QK01"]
    for _code, pair in versions.groupby("code"):
        older, newer = pair.sort_values("valid_from").itertuples()
        assert older.valid_to == newer.valid_from == pd.Timestamp("2024-01-01")
    older, newer = shapes(versions[versions["code"] == "GX-QK01"].sort_values("valid_from"))
    moved = shapely.affinity.translate(older, 5.0, 0.0)
    assert moved.equals_exact(newer, 1e-6)


def test_halls_stand_on_their_parcels_and_apart_from_each_other(frames: Frames) -> None:
    halls = frames["factory"]
    parcels = frames["parcel"].set_index("parcel_no")
    assert shapely.covers(shapes(parcels.loc[halls["parcel_no"]]), shapes(halls)).all()
    assert worst_overlap(shapes(halls)) == 0.0
    assert parcels.loc[halls["parcel_no"], "land_use_code"].str.startswith("1001").all()
    ratio = halls.groupby("parcel_no")["gross_floor_area"].sum() / parcels["area_certified"]
    assert ratio.max() < 2.5  # floor area ratio of a factory park
    np.testing.assert_allclose(
        halls["gross_floor_area"], shapely.area(shapes(halls)) * halls["floors"], atol=0.51
    )


@pytest.mark.parametrize("count", [1, 120, 250])
def test_a_small_demo_still_has_something_in_every_unit(count: int) -> None:
    made = demo_frames(count, 7)
    assert len(made["parcel"]) == max(count, 120)
    for name in ("parcel", "park", "factory"):
        assert set(made[name]["unit"]) == set(made["unit"]["name"]), name


def test_a_large_demo_gives_the_exact_number_and_stays_in_its_units() -> None:
    """20 000 do not fit at natural density into the committees: what has no room there goes elsewhere."""
    made = demo_frames(20_000, 1)
    assert len(made["parcel"]) == 20_000
    assert worst_overlap(shapes(made["parcel"])) < 0.001
    for name, land in net_land(made).items():
        shapely.prepare(land)
        assert shapely.covers(land, shapes(made["parcel"][made["parcel"]["unit"] == name])).all(), name


def test_geometry_is_in_the_plane_of_the_demo(frames: Frames) -> None:
    for name, frame in frames.items():
        if layer(name).geometry:
            assert isinstance(frame, gpd.GeoDataFrame)
            assert frame.crs.to_epsg() == 4545, name
