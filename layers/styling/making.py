"""New classes for a field: from its code table and the values that occur, or from the spread of its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gis.class_breaks import class_bounds
from gis.draw.patterns import HATCHES
from gis.draw.ramps import palettes, ramp_colours, ramps
from gis.draw.symbols import Symbol
from gis.progress import Progress, silent
from gis.text import tr
from layers.codes import LandUseCodes, code_table
from layers.land_use_colours import land_use_colour
from layers.spec import Field, FieldType, LayerSpec
from layers.styling.data import LAND_USE_COLOURS, MOST_CLASSES
from layers.styling.numbers import gathered
from layers.styling.style import LayerStyle, Renderer, StyleClass
from layers.styling.symbols import sign_in_colour

if TYPE_CHECKING:
    from layers.project import Project

__all__ = [
    "FieldSummary",
    "categories",
    "graduated",
    "land_use_fields",
    "merged",
    "other_class",
    "range_title",
    "recoloured",
    "summary",
]

_OTHER_COLOUR = "#BDBDBD"
_TEXTS = 60  # values of a free text that get a class each; the rest are "all other values"


@dataclass(frozen=True, slots=True, eq=False)
class FieldSummary:
    """What a field holds: values and how often each occurs, most frequent first, or the numbers themselves."""

    field: Field
    values: tuple[tuple[str, int], ...] = ()
    numbers: NDArray[np.float64] | None = None


def summary(project: Project, layer: str, field: Field, progress: Progress = silent) -> FieldSummary:
    """Read one field of the current rows; in a worker."""
    total, values = max(1, project.store.count(layer)), list[object]()
    for _fids, portion in project.store.column(layer, field.name):
        values += portion
        progress(min(1.0, len(values) / total), tr("读取字段“{field}”", field=field.title))
    if field.type is FieldType.REAL:
        return FieldSummary(field, numbers=gathered(values, numeric=True).numbers)
    found = gathered(values, numeric=False)
    numbers = gathered(values, numeric=True).numbers if field.type is FieldType.INTEGER else None
    codes = found.codes if found.codes is not None else np.empty(0, dtype=np.int32)
    counts = [int(count) for count in np.bincount(codes, minlength=len(found.texts))]
    ranked = sorted(zip(found.texts, counts, strict=True), key=lambda item: (-item[1], item[0]))
    return FieldSummary(field, tuple(ranked), numbers)


def categories(found: FieldSummary, symbol: Symbol, palette: str, scheme: str = "") -> tuple[StyleClass, ...]:
    """A class for each value: in the order of the code table, else by frequency; then all other values."""
    field = found.field
    titles: dict[str, str] = {}
    if field.type is FieldType.CODE and field.codes:
        titles = {item.value: item.title for item in code_table(field.codes).values}
    present = [value for value, _ in found.values if value and value not in titles]
    values = [*titles, *(present[:_TEXTS] if not titles else present)][: MOST_CLASSES - 1]
    if field.type is FieldType.BOOLEAN:
        titles = {"1": tr("是"), "0": tr("否")}
    if palette == LAND_USE_COLOURS:
        names = LandUseCodes.standard()
        values.sort()
        titles |= {value: f"{value} {names.title(scheme, value)}".strip() for value in values}
    made = [StyleClass(title=titles.get(value, value), values=(value,)) for value in values]
    return recoloured((*made, other_class()), symbol, palette, scheme)


def other_class() -> StyleClass:
    """The class of all values that no other takes."""
    return StyleClass(title=tr("其他值"), other=True)


def graduated(
    found: FieldSummary, symbol: Symbol, method: str, count: int, ramp: str, own: Sequence[float] = ()
) -> tuple[StyleClass, ...]:
    """Classes from low to high; for the method ``own`` between the given bounds."""
    numbers = found.numbers if found.numbers is not None else np.empty(0)
    bounds = sorted(set(own)) if method == "own" else class_bounds(numbers, method, count)
    if len(bounds) == 1:
        bounds = [bounds[0], bounds[0]]
    made = [StyleClass(title=range_title(low, high), low=low, high=high) for low, high in pairwise(bounds)]
    return recoloured(tuple(made), symbol, ramp)


def range_title(low: float | None, high: float | None) -> str:
    """A range as a legend writes it."""
    if low is None or high is None:
        return f"≤ {_short(high)}" if high is not None else f"≥ {_short(low or 0.0)}"
    return f"{_short(low)} – {_short(high)}"


def recoloured(
    classes: Sequence[StyleClass], symbol: Symbol, colours: str, scheme: str = ""
) -> tuple[StyleClass, ...]:
    """The same classes in the colours of a ramp or a palette; where a palette ends, its colours come back hatched."""
    plain = [number for number, item in enumerate(classes) if not item.other]
    if colours == LAND_USE_COLOURS:
        inks = [
            land_use_colour(scheme, classes[number].values[0] if classes[number].values else "")
            for number in plain
        ]
    elif colours in ramps():
        inks = ramp_colours(colours, len(plain)) if plain else []
    else:
        kept = palettes()[colours].colours
        inks = [kept[at % len(kept)] for at in range(len(plain))]
    rounds = len(palettes()[colours].colours) if colours in palettes() else len(plain) + 1
    hatches = [name for name in HATCHES if name]
    made = list(classes)
    for at, (number, ink) in enumerate(zip(plain, inks, strict=True)):
        sign = sign_in_colour(symbol, ink)
        if at >= rounds:
            sign = replace(sign, hatch=hatches[(at // rounds - 1) % len(hatches)], hatch_colour="#333333")
        made[number] = replace(classes[number], sign=sign)
    for number, item in enumerate(classes):
        if item.other:
            made[number] = replace(item, sign=sign_in_colour(symbol, _OTHER_COLOUR))
    return tuple(made)


def merged(style: LayerStyle, chosen: Sequence[int]) -> LayerStyle:
    """The chosen classes as one, in the place and with the sign of the first; ranges span from end to end."""
    numbers = sorted(set(chosen))
    if len(numbers) < 2:
        return style
    parts = [style.classes[number] for number in numbers]
    one = replace(
        parts[0],
        title=tr("、").join(part.title for part in parts)[:100],
        values=tuple(dict.fromkeys(value for part in parts for value in part.values)),
        other=any(part.other for part in parts),
    )
    if style.renderer is Renderer.GRADUATED:
        lows, highs = [part.low for part in parts], [part.high for part in parts]
        low = None if None in lows else min(value for value in lows if value is not None)
        high = None if None in highs else max(value for value in highs if value is not None)
        one = replace(one, low=low, high=high, title=range_title(low, high))
    kept = [item for number, item in enumerate(style.classes) if number not in numbers]
    kept.insert(numbers[0], one)
    return replace(style, classes=tuple(kept))


def _short(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def land_use_fields(spec: LayerSpec) -> list[str]:
    """Fields that hold land-use codes, for which the standard has colours."""
    return [item.name for item in spec.fields if item.name in ("code", "land_use_code")]
