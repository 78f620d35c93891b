"""What a person has decided about the map of one project: kept while the window is rebuilt, and for the next start."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["LayerStyle", "MapState"]

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(slots=True)
class LayerStyle:
    """How a layer departs from its symbol: another colour ("" for none), and 0.1 to 1 of its strength."""

    colour: str = ""
    opacity: float = 1.0


@dataclass(slots=True)
class MapState:
    """``order`` and ``visible`` are layer names from bottom to top; ``view`` is x, y (m) and metres a pixel."""

    order: list[str] = field(default_factory=list)
    visible: list[str] = field(default_factory=list)
    styles: dict[str, LayerStyle] = field(default_factory=dict)
    snapshot: str = ""
    view: tuple[float, float, float] | None = None

    def style(self, name: str) -> LayerStyle:
        """The style of a layer; a plain one if nothing was decided."""
        return self.styles.get(name, LayerStyle())

    def as_text(self) -> str:
        """JSON for the settings."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> MapState | None:
        """The state that was stored; None for a text that says no such thing."""
        try:
            data = json.loads(text)
            return cls(
                order=_names(data["order"]),
                visible=_names(data["visible"]),
                styles={str(name): _style(item) for name, item in data["styles"].items()},
                snapshot=str(data["snapshot"]),
                view=_view(data["view"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def _names(items: list[Any]) -> list[str]:
    return [str(item) for item in items]


def _style(item: dict[str, Any]) -> LayerStyle:
    colour = str(item["colour"])
    return LayerStyle(colour if _COLOUR.fullmatch(colour) else "", min(max(float(item["opacity"]), 0.1), 1.0))


def _view(item: list[Any] | None) -> tuple[float, float, float] | None:
    if item is None:
        return None
    x, y, resolution = (float(value) for value in item)
    if not (abs(x) < 1e8 and abs(y) < 1e8 and 1e-4 <= resolution <= 1e5):  # also refuses NaN
        return None
    return x, y, resolution
