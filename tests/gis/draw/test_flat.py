"""Blobs become flat arrays; expected coordinates come from shapely."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.draw import flat_file
from gis.draw.flat import CHUNK, FlatBuilder, FlatLayer
from gis.store.blob import encode

_ORIGIN = (500_000.0, 3_600_000.0)


def _layer(shapes: list[object], portion: int = 3) -> FlatLayer:
    blobs = encode(np.array([*shapes, None], dtype=object)[:-1], 4545)
    builder = FlatBuilder(_ORIGIN)
    for start in range(0, len(blobs), portion):
        part = blobs[start : start + portion]
        builder.add(part, range(start, start + len(part)), [i % 5 for i in range(start, start + len(part))])
    return builder.finish()


def _rings(layer: FlatLayer, feature: int) -> list[np.ndarray]:  # type: ignore[type-arg]
    return [
        layer.coordinates[layer.rings[r] : layer.rings[r + 1]] / 1000 + np.array(layer.origin)
        for r in range(layer.features[feature], layer.features[feature + 1])
    ]


def test_rings_of_all_kinds_keep_their_coordinates_to_the_millimetre() -> None:
    x, y = _ORIGIN
    shell, hole = shapely.box(x, y, x + 50.1234, y + 40), shapely.box(x + 5, y + 5, x + 9, y + 9)
    shapes = [
        shapely.Polygon(shell.exterior, [hole.exterior]),
        shapely.MultiPolygon([shell, shapely.box(x + 100, y, x + 110, y + 10)]),
        shapely.LineString([(x, y), (x + 3, y + 4), (x - 7, y)]),
        shapely.Point(x + 1.0005, y - 2),
        shapely.MultiPoint([(x, y), (x + 5, y + 5)]),
    ]
    layer = _layer(shapes)
    assert sorted(layer.ids.tolist()) == [0, 1, 2, 3, 4]
    for feature, row in enumerate(layer.ids.tolist()):
        found = np.concatenate(_rings(layer, feature))
        if layer.areal[feature]:
            shapes[row] = shapely.orient_polygons(shapes[row])
        np.testing.assert_allclose(found, shapely.get_coordinates(shapes[row]), atol=0.000501)
        np.testing.assert_allclose(
            layer.box_in_plane(np.array([feature]))[0], shapes[row].bounds, atol=0.000501
        )
        assert layer.classes[feature] == row % 5
    counts = {row: len(_rings(layer, feature)) for feature, row in enumerate(layer.ids.tolist())}
    assert counts == {0: 2, 1: 2, 2: 1, 3: 1, 4: 2}
    assert {int(layer.ids[i]) for i in layer.points} == {3, 4}
    assert {int(row) for row in layer.ids[layer.areal]} == {0, 1}


def test_rows_without_geometry_are_left_out_and_an_empty_layer_stays_empty() -> None:
    layer = _layer([None, shapely.Polygon(), shapely.box(*_ORIGIN, 500_009, 3_600_009)])
    assert layer.ids.tolist() == [2]
    assert len(_layer([None])) == 0
    assert len(FlatBuilder(_ORIGIN).finish()) == 0


def test_blobs_in_another_form_are_read_too() -> None:
    """Big-endian, with height, without envelope, a collection; and a cut-off one is left out, not crashed on."""
    x, y = _ORIGIN
    shape = shapely.box(x, y, x + 20, y + 10)
    head = b"GP\x00\x01" + (4545).to_bytes(4, "little")
    big = head + shapely.to_wkb(shape, byte_order=0)
    high = head + shapely.to_wkb(shapely.force_3d(shape, 7.0), output_dimension=3)
    mixed = head + shapely.to_wkb(shapely.GeometryCollection([shape, shapely.Point(x, y)]))
    plain = head + shapely.to_wkb(shape)
    builder = FlatBuilder(_ORIGIN)
    builder.add([big, high, mixed, plain], [1, 2, 3, 4], [0, 0, 0, 0])
    layer = builder.finish()
    assert sorted(layer.ids.tolist()) == [1, 2, 3, 4]
    np.testing.assert_array_equal(layer.boxes, np.tile([0, 0, 20_000, 10_000], (4, 1)))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=1, max_size=1500), st.data())
def test_a_view_finds_exactly_the_features_whose_box_touches_it(
    corners: list[tuple[int, int]], data: st.DataObject
) -> None:
    x, y = _ORIGIN
    shapes = shapely.box(
        [x + a for a, _ in corners], [y + b for _, b in corners],
        [x + a + 30 for a, _ in corners], [y + b + 20 for _, b in corners],
    )  # fmt: skip
    layer = _layer(list(shapes), portion=700)
    west, south = data.draw(st.integers(0, 5000)), data.draw(st.integers(0, 5000))
    view = (x + west, y + south, x + west + 800.0, y + south + 700.0)
    expected = np.flatnonzero(shapely.intersects(shapely.box(*view), shapes))
    assert sorted(layer.ids[layer.features_in_view(view)].tolist()) == expected.tolist()
    assert len(layer.chunks) == -(-len(corners) // CHUNK)


def test_a_layer_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    x, y = _ORIGIN
    layer = _layer([shapely.box(x + i, y, x + i + 1, y + 1) for i in range(50)])
    path = tmp_path / "缓存 夹" / "parcel.map"
    flat_file.save(layer, path, {"transaction": 7})
    found = flat_file.load(path)
    assert found is not None
    loaded, key = found
    assert key == {"transaction": 7}
    assert (loaded.origin, loaded.longest) == (layer.origin, layer.longest)
    for name in ("coordinates", "rings", "features", "boxes", "areal", "points", "classes", "ids", "chunks"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(layer, name))
    assert [item.name for item in path.parent.iterdir()] == ["parcel.map"]


@pytest.mark.parametrize("damage", ["missing", "cut", "foreign", "empty"])
def test_a_damaged_file_is_no_layer(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "parcel.map"
    x, y = _ORIGIN
    flat_file.save(_layer([shapely.box(x, y, x + 1, y + 1)]), path, {})
    body = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes({"cut": body[:-1], "foreign": b"x" * 200, "empty": b""}[damage])
    assert flat_file.load(path) is None
