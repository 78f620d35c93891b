"""Colours for classes: ramps for numbers, palettes for categories, from ``resources/styles/ramps.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from gis.text import language

__all__ = ["Colours", "palette_colours", "palettes", "ramp_colours", "ramps"]

_FILE = Path(__file__).resolve().parents[2] / "resources" / "styles" / "ramps.toml"


@dataclass(frozen=True, slots=True)
class Colours:
    """A ramp's stops from low to high, or the colours of a palette."""

    name: str
    zh: str
    en: str
    colours: tuple[str, ...]

    @property
    def title(self) -> str:
        """Title in the language in use."""
        return self.zh if language() == "zh_CN" else self.en


@cache
def _all() -> tuple[Mapping[str, Colours], Mapping[str, Colours]]:
    with _FILE.open("rb") as file:
        data = tomllib.load(file)
    found = [
        {
            name: Colours(name, entry["zh"], entry["en"], tuple(entry["colours"]))
            for name, entry in data[group].items()
        }
        for group in ("ramps", "palettes")
    ]
    return found[0], found[1]


def ramps() -> Mapping[str, Colours]:
    """All colour ramps by name, in the order in which they are offered."""
    return _all()[0]


def palettes() -> Mapping[str, Colours]:
    """All palettes by name, in the order in which they are offered."""
    return _all()[1]


def ramp_colours(name: str, count: int, *, reverse: bool = False) -> list[str]:
    """``count`` colours evenly along a ramp, both ends included; ``KeyError`` for an unknown one."""
    stops = np.array([_channels(colour) for colour in ramps()[name].colours], dtype=np.float64)
    places = np.linspace(0.0, len(stops) - 1.0, count) if count > 1 else np.array([(len(stops) - 1) * 0.6])
    mixed = [np.interp(places, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    colours = ["#{:02X}{:02X}{:02X}".format(*(round(value) for value in one)) for one in np.transpose(mixed)]
    return colours[::-1] if reverse else colours


def palette_colours(name: str, count: int) -> list[str]:
    """``count`` colours of a palette, from its beginning again where it ends; ``KeyError`` for an unknown one."""
    colours = palettes()[name].colours
    return [colours[number % len(colours)] for number in range(count)]


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
