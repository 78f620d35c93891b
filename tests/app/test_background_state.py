"""What is remembered of the backgrounds: whole from one start to the next, and nothing of what was spoilt."""

from __future__ import annotations

import json

from app.background import Background
from app.map_state import MapState
from gis.raster.opening import BackgroundPlace


def test_backgrounds_come_back_as_they_were() -> None:
    place = BackgroundPlace("folder", "/数据/瓦片", 0, "degrees", True)
    kept = [
        Background("影像", BackgroundPlace("image", "/数据/正射.tif", 4545), visible=False, opacity=0.4),
        Background("瓦片", place),
        Background("天地图", BackgroundPlace("wmts", "https://a/wmts?tk=1", layer="img", matrix_set="c")),
    ]
    state = MapState.from_text(MapState(backgrounds=kept).as_text())
    assert state is not None
    assert state.backgrounds == kept


def test_a_state_of_an_older_version_has_none() -> None:
    data = json.loads(MapState(order=["parcel"]).as_text())
    del data["backgrounds"]
    state = MapState.from_text(json.dumps(data))
    assert state is not None
    assert state.order == ["parcel"]
    assert state.backgrounds == []


def test_a_spoilt_background_is_left_out_and_the_rest_stays() -> None:
    good = Background("影像", BackgroundPlace("image", "/a.tif"))
    data = json.loads(MapState(backgrounds=[good] * 1).as_text())
    whole = data["backgrounds"][0]
    data["backgrounds"] = [
        {}, None, 5, "x", {**whole, "place": None}, {**whole, "opacity": "strong"},
        {**whole, "place": {**whole["place"], "kind": "sql"}}, {**whole, "place": {**whole["place"], "place": ""}},
        {**whole, "place": {**whole["place"], "epsg": "x"}}, whole,
    ]  # fmt: skip
    state = MapState.from_text(json.dumps(data))
    assert state is not None
    assert state.backgrounds == [good]


def test_the_opacity_stays_between_a_tenth_and_one() -> None:
    data = json.loads(MapState(backgrounds=[Background("a", BackgroundPlace("image", "/a.tif"))]).as_text())
    for stored, expected in ((0.0, 0.1), (7, 1.0), (0.5, 0.5)):
        data["backgrounds"][0]["opacity"] = stored
        state = MapState.from_text(json.dumps(data))
        assert state is not None
        assert state.backgrounds[0].opacity == expected
