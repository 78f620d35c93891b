"""Typed places; expected metres are those of the domain reference §9.1 (computed with pyproj)."""

from __future__ import annotations

import pytest

from gis.coordinate_text import place_of_text
from gis.errors import ParkLineError

_EPSG = 4545
_ANKANG = (430_000.0, 3_500_000.0, 710_000.0, 3_750_000.0)
_HANBIN = (596_594.20, 3_618_837.47)  # 109.03 E, 32.69 N


@pytest.mark.parametrize(
    "text",
    [
        "109.03, 32.69",
        "32.69 109.03",
        "109°01′48″E 32°41′24″N",
        "N32°41'24\" E109°1'48\"",
        "32°41′24″，109°01′48″",
        "东经109度1分48秒 北纬32度41分24秒",
        "１０９.０３，３２.６９",
        "36596594.20, 3618837.47",
        "3618837.47 36596594.20",
        "X=3618837.47 Y=36596594.20",
        "596594.20 3618837.47",
        "3,618,837.47  36,596,594.20",
    ],
)
def test_every_spelling_of_a_place_leads_there(text: str) -> None:
    found = place_of_text(text, _EPSG, _ANKANG)
    assert (found.x, found.y) == pytest.approx(_HANBIN, abs=0.02)
    assert found.how


def test_a_place_of_the_next_zone_is_found_by_its_prefix() -> None:
    """Zone 37 counts from 111°: 白河 at 109.9°E, 32.8°N is there at 37 396 983 east, in zone 36 at 677 881."""
    import pyproj

    east, north = pyproj.Transformer.from_crs(4490, 4525, always_xy=True).transform(109.9, 32.8)
    expected = pyproj.Transformer.from_crs(4490, _EPSG, always_xy=True).transform(109.9, 32.8)
    found = place_of_text(f"{east:.3f} {north:.3f}", _EPSG, _ANKANG)
    assert (found.x, found.y) == pytest.approx(expected, abs=0.01)


def test_metres_of_a_strangers_plane_are_taken_as_they_are() -> None:
    """US survey feet or any other plane: what lies in the project's extent needs no guess."""
    found = place_of_text("1145000, 590000", 2264, (1_130_000.0, 572_000.0, 1_161_000.0, 605_000.0))
    assert (found.x, found.y) == (1_145_000.0, 590_000.0)


@pytest.mark.parametrize("text", ["", "安康", "109.03", "1 2 3", "109°01′48″E", "9.03, 2.69", "99999999 5"])
def test_what_names_no_place_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(ParkLineError) as caught:
        place_of_text(text, _EPSG, _ANKANG)
    assert caught.value.hint
