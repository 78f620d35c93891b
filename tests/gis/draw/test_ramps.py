"""Colours of classes can be told apart, also by eyes without the red or the green cones."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from gis.draw.ramps import palette_colours, palettes, ramp_colours, ramps
from gis.draw.symbols import symbol_set
from layers.land_use_codes import land_use_classes

# Dichromats by Viénot, Brettel and Mollon (1999), on linear RGB.
_VISION = {
    "normal": np.eye(3),
    "deuteranopia": np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]),
    "protanopia": np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]),
}
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def seen(colours: list[str], vision: str) -> NDArray[np.float64]:
    """(n, 3) CIELAB (D65) of ``#RRGGBB`` as those eyes see it."""
    rgb = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    ratios = np.clip(linear @ _VISION[vision].T, 0, 1) @ _TO_XYZ.T / _WHITE
    f = np.where(ratios > 216 / 24389, np.cbrt(ratios), (24389 / 27 * ratios + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


def nearest(colours: list[str], vision: str) -> float:
    """Least distance (CIE 1976) between any two."""
    lab = seen(colours, vision)
    return min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(lab, 2))


def test_the_measure_knows_red_from_green_only_for_usual_eyes() -> None:
    """Known: a dark red and an olive green of the same lightness look alike to a deuteranope."""
    pair = ["#A04030", "#6B6B10"]
    assert nearest(pair, "normal") > 40
    assert nearest(pair, "deuteranopia") < 0.5 * nearest(pair, "normal")
    assert seen(["#FFFFFF"], "deuteranopia")[0] == pytest.approx([100, 0, 0], abs=0.1)


@pytest.mark.parametrize("vision", _VISION)
@pytest.mark.parametrize("name", palettes())
def test_colours_of_a_palette_differ(name: str, vision: str) -> None:
    colours = palettes()[name].colours
    assert nearest(list(colours), vision) > 8.0


@pytest.mark.parametrize("vision", _VISION)
@pytest.mark.parametrize("name", ramps())
def test_seven_classes_of_a_ramp_differ(name: str, vision: str) -> None:
    assert nearest(ramp_colours(name, 7), vision) > 6.0


@pytest.mark.parametrize("name", [name for name in ramps() if "_teal" not in name and "_orange" not in name])
def test_a_ramp_goes_one_way_from_light_to_dark_or_back(name: str) -> None:
    steps = np.diff(seen(ramp_colours(name, 9), "deuteranopia")[:, 0])
    assert (steps < 0).all() or (steps > 0).all()


def test_ramps_begin_and_end_with_their_own_colours_and_palettes_begin_again() -> None:
    assert ramp_colours("blues", 3) == ["#EFF3FF", "#6BAED6", "#08519C"]
    assert ramp_colours("blues", 2, reverse=True) == ["#08519C", "#EFF3FF"]
    assert len(ramp_colours("blues", 1)) == 1
    assert palette_colours("tol_bright", 8)[7] == palette_colours("tol_bright", 1)[0]


@pytest.mark.parametrize("style", ["light", "dark", "print"])
def test_land_uses_that_look_alike_to_a_deuteranope_differ_by_their_hatch(style: str) -> None:
    """The standard gives the colours of most classes; where it leaves two of them alike, the hatch tells them apart."""
    symbol = symbol_set(style).symbol("land_use")
    given = {"industrial", "logistics", "mining", "commercial", "green", "water", "transport", "residential"}
    for first, second in itertools.combinations(land_use_classes().values(), 2):
        if {first.key, second.key} <= given:
            continue
        hatches = [symbol.class_hatches.get(item.key, "") for item in (first, second)]
        far = nearest([first.colour, second.colour], "deuteranopia")
        assert far > 6.0 or hatches[0] != hatches[1], (first.key, second.key, far)


@pytest.mark.parametrize("style", ["light", "dark", "print"])
def test_states_of_factories_differ_for_all_eyes(style: str) -> None:
    symbol = symbol_set(style).symbol("factory")
    states = [
        symbol.class_fills.get(name, symbol.fill)
        for name in ("", "under_construction", "planned", "demolished")
    ]
    for vision in _VISION:
        for a, b in itertools.combinations(range(4), 2):
            lines = [
                symbol.class_lines.get(name, "solid")
                for name in ("", "under_construction", "planned", "demolished")
            ]
            assert nearest([states[a], states[b]], vision) > 6.0 or lines[a] != lines[b]
