"""What a person has decided about the map of one project: kept while the window is rebuilt, and for the next start.

Styles of layers stand in the project file as well, where they can be written there (``layers.styling.stored``).
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from app.background import Background, background_from
from gis.errors import ParkLineError
from layers.registry import LAYERS
from layers.styling.style import STANDARD, LayerStyle

__all__ = ["OF_THE_CENTRE", "OWN_PLANE", "Bookmark", "MapState"]

OWN_PLANE = 0  # the map is drawn in the project's plane
OF_THE_CENTRE = -1  # in the 3-degree plane of the zone in which its centre lies


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A named place: centre (m) and the metres that a pixel stands for there."""

    name: str
    x: float
    y: float
    resolution: float


@dataclass(slots=True)
class MapState:
    """``order`` and ``visible`` are layer names from bottom to top, ``backgrounds`` lie under them in the same order.

    ``expanded`` are layers whose classes the tree lists; ``view`` is x, y (m of the project's plane) and the metres
    that a pixel stands for there.
    """

    order: list[str] = field(default_factory=list)
    visible: list[str] = field(default_factory=list)
    styles: dict[str, LayerStyle] = field(default_factory=dict)
    expanded: list[str] = field(default_factory=list)
    snapshot: str = ""
    view: tuple[float, float, float] | None = None
    backgrounds: list[Background] = field(default_factory=list)
    bookmarks: list[Bookmark] = field(default_factory=list)
    plane: int = (
        OWN_PLANE  # EPSG code of the system in which the map is drawn, ``OWN_PLANE`` or ``OF_THE_CENTRE``
    )
    lent: dict[str, LayerStyle] = field(default_factory=dict)  # looks on top of the styles; not kept

    def style(self, name: str) -> LayerStyle:
        """The style of a layer; a plain one if nothing was decided."""
        return self.styles.get(name, STANDARD)

    def look(self, name: str) -> LayerStyle:
        """How a layer is drawn now: in the look that was lent to it, else in its style."""
        return self.lent.get(name) or self.style(name)

    def as_text(self) -> str:
        """JSON for the settings."""
        from layers.styling.data import style_data

        data = {
            "order": self.order,
            "visible": self.visible,
            "styles": {name: style_data(style) for name, style in self.styles.items()},
            "expanded": self.expanded,
            "snapshot": self.snapshot,
            "view": self.view,
            "backgrounds": [asdict(item) for item in self.backgrounds],
            "plane": self.plane,
            "bookmarks": [asdict(place) for place in self.bookmarks],
        }
        return json.dumps(data, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> MapState | None:
        """The state that was stored; None for a text that says no such thing."""
        try:
            data = json.loads(text)
            return cls(
                order=_names(data["order"]),
                visible=_names(data["visible"]),
                styles=_styles(data["styles"]),
                expanded=_names(data.get("expanded", [])),
                snapshot=str(data["snapshot"]),
                view=_view(data["view"]),
                backgrounds=_backgrounds(data.get("backgrounds", [])),
                bookmarks=_bookmarks(data.get("bookmarks", [])),
                plane=int(data.get("plane", 0)),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def _names(items: list[Any]) -> list[str]:
    return [str(item) for item in items]


def _styles(items: dict[str, Any]) -> dict[str, LayerStyle]:
    """The styles that can stand; a layer whose stored style cannot gets its standard."""
    from layers.styling.data import style_from_data

    found = {}
    for spec in LAYERS:
        if spec.name not in items:
            continue
        try:
            found[spec.name] = style_from_data(items[spec.name], spec)
        except ParkLineError:
            continue
    return found


def _backgrounds(items: list[Any]) -> list[Background]:
    """Those that make sense; an older version stored none."""
    found: dict[str, Background] = {}
    for item in items:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            background = background_from(item)
            found[background.key] = background
    return list(found.values())


def _bookmarks(items: list[Any]) -> list[Bookmark]:
    places = [(str(item["name"]), _view([item["x"], item["y"], item["resolution"]])) for item in items]
    return [Bookmark(name, *place) for name, place in places if place is not None]


def _view(item: list[Any] | None) -> tuple[float, float, float] | None:
    if item is None:
        return None
    x, y, resolution = (float(value) for value in item)
    if not (abs(x) < 1e8 and abs(y) < 1e8 and 1e-4 <= resolution <= 1e5):  # also refuses NaN
        return None
    return x, y, resolution
