"""Edits on real parcels, on QGIS's own broken layers, and a real exporter's list of boundary points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from gis.crs import to_plane
from gis.editing.align import align
from gis.editing.boundary_entry import read_boundaries, read_boundary
from gis.editing.conflicts import ConflictKind, conflicts
from gis.editing.merge import merge
from gis.editing.reshape import reshape
from gis.editing.result import EditError, EditResult, applied
from gis.editing.shared_vertices import join, move_vertex
from gis.editing.split import split
from gis.errors import ParkLineError

# Degrees of QGIS's test layers taken for a ten-thousandth of a kilometre: parcels of some hundred metres.
SCALE = 1e3
WAY = np.array([2000.0, 700.0])


@pytest.fixture(scope="module")
def parcels(shared_data: Path) -> np.ndarray:
    """7,000 tax parcels of a small town, in its UTM zone."""
    frame = pyogrio.read_dataframe(shared_data / "zoning_forest_city_nc" / "parcels_2020.gpkg", columns=[])
    array = to_plane(np.asarray(frame.geometry, dtype=object), 4326, 32617)
    array = array[~shapely.is_missing(array)]
    return array[shapely.is_valid(array) & ~shapely.is_empty(array)]


def neighbourhoods(parcels: np.ndarray, count: int) -> list[tuple[np.ndarray, int]]:
    """Parcels with all that touch them, spread over the town, where nothing overlaps to begin with."""
    tree = shapely.STRtree(parcels)
    found = []
    for target in np.random.default_rng(7).permutation(len(parcels)):
        near = tree.query(parcels[target], predicate="intersects")
        if len(near) > 3 and shapely.coverage_is_valid(parcels[near]):
            found.append((parcels[near], int(np.flatnonzero(near == target)[0])))
        if len(found) == count:
            break
    return found


def qgis_layer(shared_data: Path, name: str) -> np.ndarray:
    frame = pyogrio.read_dataframe(shared_data / "messy" / "invalid" / name)
    return np.asarray(shapely.transform(frame.geometry.to_numpy(), lambda xy: xy * SCALE), dtype=object)


def kept(land: np.ndarray, edit: EditResult) -> np.ndarray:
    """What is left after an edit, with the area there was and every edge matched."""
    after = applied(land, edit)
    after = after[~shapely.is_missing(after)]
    assert shapely.area(after).sum() == pytest.approx(shapely.area(land).sum(), abs=1e-6)
    assert shapely.coverage_is_valid(after)
    return after


def test_real_parcels_are_split_moved_reshaped_and_merged_without_a_gap(parcels: np.ndarray) -> None:
    done = 0
    for land, target in neighbourhoods(parcels, 40):
        middle = shapely.get_coordinates(shapely.centroid(land[target]))[0]
        after = kept(land, split(land, [middle - WAY, middle + WAY], [target]))
        pieces = list(range(len(land) - 1, len(after)))
        kept(after, merge(after, pieces, allow_apart=True, drop_straight=True))
        at = shapely.get_coordinates(land[target])[0]
        try:
            moved = applied(land, move_vertex(land, tuple(at), (at[0] + 0.2, at[1] + 0.1)))
            assert shapely.coverage_is_valid(moved)
            ring = shapely.get_coordinates(shapely.get_exterior_ring(shapely.get_parts(land[target])[0]))
            step = ring[1] - ring[0]
            bulge = ring[0] + step / 2 + np.array([-step[1], step[0]]) / 50
            line = [ring[0] + step / 4, bulge, ring[1] - step / 4]
            reshaped = applied(land, reshape(land, target, line, coverage=range(len(land))))
            assert shapely.coverage_is_valid(reshaped)
        except EditError:
            continue
        done += 1
    assert done > 35


def test_a_parcel_drawn_a_hand_off_fits_its_neighbours_after_aligning(parcels: np.ndarray) -> None:
    """Every vertex 8 cm off at random; what is left of overlaps and gaps is a twentieth."""
    random = np.random.default_rng(11)
    before = after = 0.0
    for land, target in neighbourhoods(parcels, 25):
        if shapely.get_num_interior_rings(shapely.get_parts(land[target])).any():
            continue
        ring = shapely.get_coordinates(land[target])
        shaken = ring[:-1] + random.normal(scale=0.08, size=ring[:-1].shape)
        drawn = shapely.Polygon(shaken)
        if shapely.get_num_geometries(land[target]) > 1 or not drawn.is_valid:
            continue
        land = land.copy()
        land[target] = drawn
        before += trouble(land, target)
        for reference in range(len(land)):
            if reference != target:
                try:
                    land = applied(land, align(land, target, reference, 0.5))
                except EditError:
                    continue
        after += trouble(land, target)
    assert before > 50
    assert after < before / 20


def trouble(land: np.ndarray, target: int) -> float:
    found = conflicts(land[target], np.delete(land, target), sliver_width=1.0)
    return sum(one.area for one in found)


def test_the_missing_vertices_of_qgis_s_test_layer_are_made(shared_data: Path) -> None:
    """Made for the check "missing vertex" of its geometry checker: after joining JTS finds nothing."""
    land = qgis_layer(shared_data, "missing_vertex.gpkg")
    assert not shapely.coverage_is_valid(land)
    edit = join(land, range(len(land)))
    after = applied(land, edit)
    assert shapely.coverage_is_valid(after)
    assert shapely.area(after) == pytest.approx(shapely.area(land), abs=1e-6)
    assert len(edit.created_vertices) == 0


def test_the_gaps_of_qgis_s_test_layer_are_found(shared_data: Path) -> None:
    """Enclosed ones, by GEOS's polygonizer: the faces of all boundaries that no polygon covers."""
    land = qgis_layer(shared_data, "gap_layer.shp")
    loops = shapely.get_parts(shapely.polygonize([shapely.union_all(shapely.boundary(land))]))
    covered = shapely.union_all(land)
    expected = sorted(face.area for face in loops if not covered.contains(face.representative_point()))
    assert len(expected) > 3
    found: list[shapely.Geometry] = []
    for index in range(len(land)):
        for one in conflicts(land[index], np.delete(land, index), sliver_width=1.0, opening=0.5):
            enclosed = one.kind is ConflictKind.GAP and any(
                one.geometry.intersection(face).area > 0.5 * one.area for face in loops
            )
            if enclosed and not any(one.geometry.intersection(gap).area > 1 for gap in found):
                found.append(one.geometry)
    assert sorted(gap.area for gap in found) == pytest.approx(expected, abs=0.5)


def test_a_list_of_forty_parcels_reads_parcel_by_parcel(shared_data: Path) -> None:
    """The headings give each area in hectares, four decimals; the sum in the list of sources is 69.4219."""
    text = (shared_data / "messy" / "txt" / "derived_jzd_gbk_zone36.txt").read_text("gb18030")
    entries = read_boundaries(text, 4545)
    stated = [float(line.split(",")[1]) for line in text.splitlines() if line.endswith("@")]
    assert len(entries) == 40
    assert [entry.geometry.area / 10_000 for entry in entries] == pytest.approx(stated, abs=1e-4)
    assert sum(entry.geometry.area for entry in entries) / 10_000 == pytest.approx(69.4219, abs=2e-4)
    with pytest.raises(ParkLineError, match="40"):
        read_boundary(text, 4545)
