from __future__ import annotations

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.repair import propose
from gis.text import set_language

BOW_TIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


@pytest.fixture(autouse=True)
def _chinese():
    set_language("zh_CN")


def test_valid_missing_and_empty_geometries_need_no_proposal() -> None:
    assert propose([shapely.box(0, 0, 1, 1), None, shapely.Polygon(), shapely.Point(1, 1)]) == []
    assert propose([]) == []


def test_a_bow_tie_becomes_its_two_triangles_and_says_where_it_crosses() -> None:
    """Two triangles of ½·10·5 = 25 m²; the signed area of the ring itself is 0."""
    (proposal,) = propose([shapely.box(0, 0, 1, 1), BOW_TIE])
    assert proposal.index == 1
    assert proposal.reason == "边界自相交，位置 (5.000, 5.000)"
    assert proposal.area_before == 0
    assert proposal.area_after == proposal.geometry.area == pytest.approx(50)
    assert proposal.geometry.is_valid


def test_a_spike_is_dropped_and_no_line_is_left() -> None:
    spike = shapely.Polygon([(0, 0), (10, 0), (10, 5), (30, 5), (10, 5), (10, 10), (0, 10)])
    (proposal,) = propose([spike])
    assert proposal.geometry.geom_type == "Polygon"
    assert proposal.geometry.equals(shapely.box(0, 0, 10, 10))


def test_overlapping_parts_of_a_multipolygon_are_counted_once_and_the_type_is_kept() -> None:
    double = shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10)])
    (proposal,) = propose([double])
    assert proposal.geometry.geom_type == "MultiPolygon"
    assert (proposal.area_before, proposal.area_after) == (200, 150)


def test_a_hole_outside_its_shell_is_named() -> None:
    stray = shapely.Polygon(shapely.box(0, 0, 10, 10).exterior, [shapely.box(20, 20, 22, 22).exterior])
    (proposal,) = propose([stray])
    assert proposal.reason.startswith("内环在外环之外，位置 (")
    assert proposal.geometry.is_valid


def test_what_has_no_land_in_it_gets_no_geometry() -> None:
    """Collapsed to a line, and coordinates that are not numbers."""
    flat = shapely.Polygon([(0, 0), (10, 0), (5, 0), (0, 0)])
    with np.errstate(invalid="ignore"):
        nan = shapely.Polygon([(0, 0), (10, 0), (float("nan"), 5), (0, 0)])
    for proposal in propose([flat, nan]):
        assert proposal.geometry is None
        assert proposal.area_after == 0
        assert proposal.reason


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=12))
def test_every_proposal_is_a_valid_polygon_or_nothing(points) -> None:
    for proposal in propose([shapely.Polygon(points)]):
        if proposal.geometry is None:
            assert proposal.area_after == 0
        else:
            assert proposal.geometry.is_valid
            assert proposal.geometry.geom_type in ("Polygon", "MultiPolygon")
            assert proposal.area_after == pytest.approx(proposal.geometry.area)
            assert shapely.covers(shapely.MultiPoint(points).convex_hull.buffer(1e-9), proposal.geometry)


@pytest.mark.parametrize(
    ("name", "invalid"),
    [
        ("invalid/poly_ring_self_intersection.gml", 1),
        ("invalid/ex1_invalid_rings.json", 1),
        ("invalid/holeTouchEdge.shp", None),
        ("invalid/gap_layer.shp", 0),
        ("invalid/polys_overlapping.shp", None),
        ("invalid/multi_polygons_with_duplicate_nodes_per_part.gml", None),
    ],
)
def test_broken_files_of_other_programs_get_valid_proposals(
    shared_data, name: str, invalid: int | None
) -> None:
    """Files of QGIS, mapshaper and GeoTools; counts of invalid rows as listed with the data."""
    _check_file(shared_data / "messy" / name, invalid)


def test_the_37_invalid_plan_areas_of_tahoe_get_valid_proposals(shared_data) -> None:
    """Real zoning with 37 invalid rows of 270 (count listed with the data)."""
    proposals = _check_file(shared_data / "zoning_tahoe" / "zoning_2020.geojson", 37)
    for proposal in proposals:
        assert proposal.area_after == pytest.approx(proposal.area_before, rel=0.05)


def _check_file(path, invalid: int | None):
    _, _, geometry, _ = pyogrio.raw.read(path)
    shapes = shapely.from_wkb(geometry, on_invalid="ignore")
    proposals = propose(shapes)
    bad = [i for i, shape in enumerate(shapes) if shape is not None and not shape.is_valid]
    assert [proposal.index for proposal in proposals] == bad
    if invalid is not None:
        assert len(proposals) == invalid
    for proposal in proposals:
        assert proposal.geometry is not None
        assert proposal.geometry.is_valid
        assert "位置" in proposal.reason
    return proposals


def test_holes_larger_than_their_outline_leave_nothing_before_rather_than_less() -> None:
    """A square of 10 m with a hole of 20 m round it: 100 − 400 m² would be no area."""
    outline = shapely.Polygon(
        [(0, 0), (10, 0), (10, 10), (0, 10)], [[(-5, -5), (15, -5), (15, 15), (-5, 15)]]
    )
    (proposal,) = propose([outline])
    assert proposal.area_before == 0.0
