"""The style of a layer: how it departs from its standard symbol. Plain values, compared and kept as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

__all__ = ["COMPUTED", "NONE", "STANDARD", "LabelStyle", "LayerStyle", "Renderer", "Sign", "StyleClass"]

COMPUTED = "="  # before the title of a field that no layer has: its values are worked out and lent to the map
NONE = "none"  # said of a fill, a hatch or a line: nothing is drawn


class Renderer(StrEnum):
    """What decides how a row is drawn: the layer's own standard, nothing, a field's value, or its number."""

    STANDARD = "standard"
    SINGLE = "single"
    CATEGORIES = "categories"
    GRADUATED = "graduated"


@dataclass(frozen=True, slots=True)
class Sign:
    """What of a symbol is changed; an empty text or 0 leaves it as it is.

    ``fill``, ``line`` and ``hatch_colour`` are ``#RRGGBB``; ``fill`` and ``line`` may be ``none``, as may ``hatch``
    (a name of ``gis.draw.patterns``, like ``line_style``). ``width`` and ``size`` are logical pixels.
    """

    fill: str = ""
    hatch: str = ""
    hatch_colour: str = ""
    line: str = ""
    line_style: str = ""
    width: float = 0.0
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class StyleClass:
    """One class: rows with one of ``values`` ("" for an empty field), or with a number from ``low`` to ``high``.

    A class with ``other`` takes what no class takes. Neighbouring classes share a bound; the value itself belongs
    to the first of them. None is an open end. Outside the scales 1:``nearest`` to 1:``farthest`` (0: no limit)
    the class is not drawn.
    """

    title: str = ""
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    other: bool = False
    sign: Sign = Sign()
    visible: bool = True
    nearest: float = 0.0
    farthest: float = 0.0


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """What is written on the rows: a template of ``layers.styling.template``, "" for the layer's own label.

    ``size`` is logical pixels and ``farthest`` the scale from which on inwards labels are written; 0 and ""
    leave what the standard symbol says.
    """

    shown: bool = True
    template: str = ""
    size: int = 0
    colour: str = ""
    halo: str = ""
    farthest: float = 0.0


@dataclass(frozen=True, slots=True)
class LayerStyle:
    """How one layer is drawn. ``field`` and ``classes`` count for categories and graduated classes only.

    ``ramp`` and ``method`` say how the classes were made, so that they can be made again.
    """

    renderer: Renderer = Renderer.STANDARD
    field: str = ""
    classes: tuple[StyleClass, ...] = ()
    ramp: str = ""
    method: str = ""
    sign: Sign = Sign()
    opacity: float = 1.0
    nearest: float = 0.0
    farthest: float = 0.0
    label: LabelStyle = LabelStyle()

    @property
    def by_field(self) -> bool:
        """Whether a field's values divide the rows into classes."""
        return self.renderer in (Renderer.CATEGORIES, Renderer.GRADUATED)

    def with_class(self, number: int, item: StyleClass) -> LayerStyle:
        """The style with another class at that place."""
        classes = list(self.classes)
        classes[number] = item
        return replace(self, classes=tuple(classes))


STANDARD = LayerStyle()
