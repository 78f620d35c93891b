"""Editing on a map that is drawn in another system: what is drawn by hand is stored in the project's plane."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyproj
import pytest
import shapely

from app.map_state import OWN_PLANE
from tests.app.editing.hand import Hand
from tests.layers.editing.city import at


@pytest.fixture(params=[4548, 4490])
def there(hand: Hand, request: pytest.FixtureRequest) -> Iterator[tuple[Hand, int]]:
    """The map in zone 117, nine degrees off, and in degrees."""
    plane = hand.window.on_map.plane
    plane.choose(request.param)
    hand.until(lambda: hand.canvas.view().plane is not None)
    hand.look((*at(50, 50), *at(1150, 650)))
    yield hand, request.param
    plane.choose(OWN_PLANE)
    hand.until(lambda: hand.canvas.view().plane is None)


def test_a_parcel_is_split_where_the_hand_drew_the_line(there: tuple[Hand, int]) -> None:
    """The ends of the cut lie under the pixels clicked, to a millimetre, as PROJ places those pixels."""
    hand, epsg = there
    hand.window.editing.snapping.set_on(False)
    try:
        view = hand.canvas.view()
        to_there = pyproj.Transformer.from_crs(4545, epsg, always_xy=True)
        centre = np.array(to_there.transform(view.x, view.y))
        unit = 6_378_137.0 * np.pi / 180 if epsg == 4490 else 1.0
        hand.select("B")
        hand.take("split")
        clicked = [(350.0, 640.0), (380.0, 60.0)]
        for place in clicked:
            hand.click(*place)
        sketch = np.array(hand.tool.points)
        pixels = view.to_screen(sketch)
        expected = centre + (pixels - (view.width / 2, view.height / 2)) * (1, -1) * view.resolution / unit
        places = np.column_stack(to_there.transform(*expected.T, direction="INVERSE"))
        assert np.abs(places - sketch).max() < 1e-3
        assert np.abs(sketch - [at(*place) for place in clicked]).max() < 1e-3
        hand.double_click(*clicked[-1])
        pieces = [
            shape for shape in hand.parcels().geometry if at(300, 0)[0] < shape.centroid.x < at(500, 0)[0]
        ]
        line = shapely.LineString([at(*place) for place in clicked])
        shared = shapely.intersection(pieces[0].boundary, pieces[1].boundary)
        assert shared.length > 490
        assert (
            shapely.hausdorff_distance(shared, line.intersection(shapely.box(*at(0, 100), *at(900, 600))))
            < 1e-3
        )
    finally:
        hand.window.editing.snapping.set_on(True)


def test_the_pointer_is_drawn_to_a_boundary_point_and_moves_it(there: tuple[Hand, int]) -> None:
    """The north end of A|B goes east; 4 pixels beside it the pointer still takes hold of it."""
    hand, _epsg = there
    hand.take("vertex")
    beside = 4 * hand.canvas.view().true_resolution
    hand.hold(300 + beside, 600)
    hand.drag(320, 560)
    hand.drop(320, 560)
    a = hand.parcels().geometry["A"]
    assert shapely.distance(a.boundary, shapely.Point(at(320, 560))) < 2e-3
    assert shapely.distance(a.boundary, shapely.Point(at(300, 600))) > 10
