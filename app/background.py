"""One picture under the map as a person has set it up: where it comes from, whether and how strongly it is shown."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from gis.raster.opening import GRIDS, KINDS, BackgroundPlace

__all__ = ["LEAST_OPACITY", "Background", "background_from"]

LEAST_OPACITY = 0.1  # what is quite transparent is switched off instead
_MOST_TEXT = 4000  # characters of a path or an address


@dataclass(frozen=True, slots=True)
class Background:
    """``name`` is what people read, ``key`` tells it from all others; ``opacity`` is 0.1 to 1."""

    name: str
    place: BackgroundPlace
    visible: bool = True
    opacity: float = 1.0
    key: str = field(default_factory=lambda: uuid.uuid4().hex)


def background_from(data: Any) -> Background:
    """What was stored; ValueError, KeyError or TypeError for anything else."""
    place = data["place"]
    kind, grid = str(place["kind"]), str(place["grid"])
    where = str(place["place"])
    if kind not in KINDS or grid not in GRIDS or not where or len(where) > _MOST_TEXT:
        raise ValueError(kind)
    return Background(
        name=str(data["name"])[:_MOST_TEXT],
        place=BackgroundPlace(
            kind=kind,
            place=where,
            epsg=int(place["epsg"]),
            grid=grid,
            from_south=bool(place["from_south"]),
            layer=str(place["layer"]),
            matrix_set=str(place["matrix_set"]),
        ),
        visible=bool(data["visible"]),
        opacity=min(max(float(data["opacity"]), LEAST_OPACITY), 1.0),
        key=str(data["key"]) or uuid.uuid4().hex,
    )
