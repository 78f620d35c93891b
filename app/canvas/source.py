"""Where the canvas gets its layers from: the tables of a project and what decides the look of their rows."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.canvas.field_values import FieldValues
from app.canvas.map_tables import MapTables
from layers.styling.style import STANDARD, LayerStyle, StyleClass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gis.draw.drawn_table import DrawnTable
    from gis.draw.flat import FlatLayer
    from layers.project import Project
    from layers.validity import Validity

__all__ = ["Borrowed", "LayerContent", "LayerSource", "LayerState", "ProjectSource", "SnapshotSource"]

Box = tuple[float, float, float, float]
_Key = tuple[str, str, dt.date | None]

_LABELS_KEPT = 20_000
# What of a row decides its look or whether it is shown, where the layer has it.
_COLUMNS = (
    "code", "scheme", "land_use_code", "land_use_scheme", "snapshot", "level", "state", "valid_from", "valid_to",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LayerState:
    """What the user decides about a layer on the map."""

    name: str
    visible: bool = True
    style: LayerStyle = STANDARD


@dataclass(frozen=True, slots=True)
class LayerContent:
    """Rows to draw: layers and, of each, which rows are not.

    ``class_names`` and ``shown`` go by the class numbers of the layers. A style by field has its classes there, by
    their places in the style, and one more for rows of none. ``counts`` are the rows of each class name,
    ``complete`` tells whether these are all rows or those of a part only.
    """

    layers: tuple[FlatLayer, ...]
    hidden: tuple[NDArray[np.bool_], ...]
    class_names: tuple[str, ...]
    shown: tuple[bool, ...]
    counts: Mapping[str, int]
    complete: bool = True

    def __len__(self) -> int:
        return sum(self.counts.values())


class LayerSource(Protocol):
    """Gives the canvas its layers; called on worker threads."""

    def load(self, layer: str, view: Box, style: LayerStyle) -> LayerContent | None:
        """What there is to draw in a view; None if nothing, or nothing yet."""

    def labels(self, layer: str, template: str, ids: Sequence[int]) -> list[str]:
        """The text to write on each of these rows, by a template or, for "", the layer's own label."""

    def extent(self) -> Box | None:
        """Extent of all layers together."""

    def open(self, on_ready: Callable[[], None]) -> None:
        """Begin to read; ``on_ready`` is called, on any thread, when more can be drawn."""

    def close(self) -> None:
        """Stop reading."""


class Borrowed:
    """A source that somebody else opens and closes."""

    def __init__(self, source: LayerSource) -> None:
        self._source = source

    def load(self, layer: str, view: Box, style: LayerStyle) -> LayerContent | None:
        """What there is to draw in a view."""
        return self._source.load(layer, view, style)

    def labels(self, layer: str, template: str, ids: Sequence[int]) -> list[str]:
        """The text to write on each of these rows."""
        return self._source.labels(layer, template, ids)

    def extent(self) -> Box | None:
        """Extent of all layers together."""
        return self._source.extent()

    def open(self, on_ready: Callable[[], None]) -> None:
        """Nothing to begin."""

    def close(self) -> None:
        """Nothing to stop."""


class SnapshotSource(Borrowed):
    """The layers of a project with another snapshot of the plan."""

    def __init__(self, source: ProjectSource, snapshot: str) -> None:
        super().__init__(source)
        self._project_source, self._snapshot = source, snapshot

    def load(self, layer: str, view: Box, style: LayerStyle) -> LayerContent | None:
        """What there is to draw in a view."""
        return self._project_source.content(layer, view, style, self._snapshot)


class ProjectSource:
    """The layers of a project as it stands, filtered by plan snapshot and by the day of the lines."""

    def __init__(self, project: Project, cache_folder: Path | None = None) -> None:
        from layers.registry import LAYERS

        self._project = project
        self._columns = {
            spec.name: tuple(name for name in _COLUMNS if name in {item.name for item in spec.fields})
            for spec in LAYERS
            if spec.geometry
        }
        self._tables = MapTables(project.store, self._columns, cache_folder)
        self._guard = threading.Lock()
        self._values = FieldValues(project.store)
        # By layer, of the plan snapshot, and day.
        self._contents: dict[_Key, tuple[DrawnTable, LayerStyle, LayerContent]] = {}
        self._texts: dict[tuple[str, str, int], str] = {}
        self._totals: dict[str, tuple[FlatLayer, NDArray[np.int64]]] = {}
        self._bounds: Box | None = None
        self._validity: dict[str, tuple[int, Validity | None]] = {}
        self.snapshot = ""
        self.planned = True  # whether there was a plan on that day
        self.day: dt.date | None = None  # only what stands on that day; None: all, and the lines in force now

    def open(self, on_ready: Callable[[], None]) -> None:
        """Begin to read the tables in the background."""
        self._tables.on_ready = self._values.on_ready = on_ready
        self._tables.start()

    def close(self) -> None:
        """Stop reading."""
        self._tables.close()
        self._values.close()

    @property
    def reading(self) -> bool:
        """Whether tables are still being read or put into their cache."""
        return self._tables.reading or self._values.reading

    def lend(self, layer: str, field: str, values: Mapping[int, str]) -> None:
        """Values by row id of a field that is worked out, for a style by that field."""
        self._values.lend(layer, field, values)
        with self._guard:
            self._contents = {key: what for key, what in self._contents.items() if key[0] != layer}

    def forget(self, *, everything: bool = False) -> None:
        """Rows were written: what is kept is brought up to date before the next picture."""
        self._tables.forget(everything=everything)
        with self._guard:
            self._bounds = None
            if everything:  # a row that is written again has a new id
                self._texts.clear()

    def classes(self) -> dict[str, tuple[dict[str, int], bool]]:
        """The classes that occur in each layer drawn so far, with their rows, and whether these are all."""
        with self._guard:
            contents = {
                name: kept[-1]
                for (name, snapshot, day), kept in self._contents.items()
                if (name != "land_use" or snapshot == self.snapshot) and day == self.day
            }
        return {name: (dict(content.counts), content.complete) for name, content in contents.items()}

    def extent(self) -> Box | None:
        """Extent of all layers, from the spatial indexes."""
        if self._bounds is None:
            boxes = [box for name in self._columns if (box := self._project.store.bounds(name))]
            if boxes:
                self._bounds = (
                    min(box[0] for box in boxes), min(box[1] for box in boxes),
                    max(box[2] for box in boxes), max(box[3] for box in boxes),
                )  # fmt: skip
        return self._bounds

    def load(self, layer: str, view: Box, style: LayerStyle) -> LayerContent | None:
        """Rows of a layer with their classes."""
        return self.content(layer, view, style, self.snapshot)

    def content(self, layer: str, view: Box, style: LayerStyle, snapshot: str) -> LayerContent | None:
        """The same with a snapshot of the plan that need not be the one on the map."""
        drawn = self._tables.get(layer, view)
        if drawn is None:
            return None
        day, dividing = self.day, _dividing(style)
        key = (layer, snapshot if layer == "land_use" else "", day)
        with self._guard:
            kept = self._contents.get(key)
        if kept is not None and kept[1] == dividing and _same(kept[0], drawn, day):
            return kept[2]
        standing = drawn if day is None else self._standing(drawn, day)
        shown = self._shown(drawn, snapshot, day)
        content = (
            self._divided(standing, shown, dividing) if style.by_field else self._content(standing, shown)
        )
        if content is not None:
            with self._guard:
                # Of the days of a slider none but the present one is worth its memory.
                self._contents = {
                    other: what for other, what in self._contents.items() if other[2] in {None, day}
                }
                self._contents[key] = (drawn, dividing, content)
        return content

    def _standing(self, drawn: DrawnTable, day: dt.date) -> DrawnTable:
        """The table without the rows that do not stand on a day."""
        from layers.validity import Validity

        known = self._validity.get(drawn.table)
        if known is None or known[0] != drawn.transaction:
            known = (drawn.transaction, Validity.read(self._project.store, drawn.table))
            self._validity[drawn.table] = known
        validity = known[1]
        if validity is None:
            return drawn
        hidden = tuple(
            mask | ~validity.stands(layer.ids, day)
            for layer, mask in zip(drawn.layers, drawn.hidden, strict=True)
        )
        return replace(drawn, hidden=hidden)

    def _content(self, drawn: DrawnTable, shown: tuple[bool, ...]) -> LayerContent:
        """Rows in the classes of their table."""
        names = self._class_names(drawn)
        counts: dict[str, int] = {}
        for name, wanted, count in zip(names, shown, self._class_counts(drawn), strict=True):
            if wanted and count:
                counts[name] = counts.get(name, 0) + count
        return LayerContent(
            drawn.layers, drawn.hidden, names, shown, counts, self._tables.complete(drawn.table)
        )

    def _class_counts(self, drawn: DrawnTable) -> list[int]:
        """Rows of each class that are drawn; the bulk, which stays from edit to edit, is gone through once."""
        import numpy as np

        known = self._totals.get(drawn.table)
        bulk, mask, total = drawn.layers[0], drawn.hidden[0], len(drawn.keys)
        if known is None or known[0] is not bulk:
            known = self._totals[drawn.table] = (bulk, np.bincount(bulk.classes, minlength=total))
        counts = np.zeros(total, dtype=np.int64)
        counts[: len(known[1])] = known[1]
        counts -= np.bincount(bulk.classes[np.flatnonzero(mask)], minlength=total)
        rest = _counted(drawn.layers[1:], drawn.hidden[1:], total)
        return [int(count) + more for count, more in zip(counts, rest, strict=True)]

    def _divided(self, drawn: DrawnTable, wanted: tuple[bool, ...], style: LayerStyle) -> LayerContent | None:
        """Rows in the classes of a style; None while their values are still to be read."""
        import numpy as np

        from layers.styling.numbers import class_numbers
        from layers.styling.style import Renderer

        values = self._values.get(drawn, style.field, numeric=style.renderer is Renderer.GRADUATED)
        if values is None:
            return None
        shown = np.array([*wanted, False], dtype=np.bool_)
        hidden = tuple(
            mask | ~shown[layer.classes] for layer, mask in zip(drawn.layers, drawn.hidden, strict=True)
        )
        layers = tuple(
            replace(layer, classes=class_numbers(style, some))
            for layer, some in zip(drawn.layers, values, strict=True)
        )
        total = len(style.classes) + 1
        counts = dict(enumerate(_counted(layers, hidden, total)))
        names = tuple(str(number) for number in range(total))
        return LayerContent(
            layers, hidden, names, (True,) * total, {str(number): count for number, count in counts.items() if count},
            self._tables.complete(drawn.table),
        )  # fmt: skip

    def labels(self, layer: str, template: str, ids: Sequence[int]) -> list[str]:
        """The labels of rows, each read once."""
        from layers.registry import layer as layer_spec
        from layers.styling.template import Template

        written = Template.of_layer(template, layer_spec(layer))
        if written is None:
            return [""] * len(ids)
        with self._guard:
            if len(self._texts) > _LABELS_KEPT:
                self._texts.clear()
            missing = [row for row in ids if (layer, template, row) not in self._texts]
        if missing:
            columns = {name: self._project.store.values(layer, name, missing) for name in written.fields}
            texts = {
                (layer, template, row): written.render(
                    {name: column.get(row) for name, column in columns.items()}
                )
                for row in missing
            }
            with self._guard:
                self._texts.update(texts)
        with self._guard:
            return [self._texts.get((layer, template, row), "") for row in ids]

    def _shown(self, drawn: DrawnTable, snapshot: str, on: dt.date | None) -> tuple[bool, ...]:
        """Classes that the plan snapshot and the day let through."""
        if drawn.table == "land_use" and on is not None and not self.planned:
            return (False,) * len(drawn.keys)
        if drawn.table == "land_use" and snapshot:
            at = drawn.columns.index("snapshot")
            return tuple(key[at] == snapshot for key in drawn.keys)
        if drawn.table == "block_line":
            day = (on or self._project.as_of).isoformat()
            begin, end = drawn.columns.index("valid_from"), drawn.columns.index("valid_to")
            return tuple(
                str(key[begin] or "") <= day and (not key[end] or day < str(key[end])) for key in drawn.keys
            )
        return (True,) * len(drawn.keys)

    def _class_names(self, drawn: DrawnTable) -> tuple[str, ...]:
        import numpy as np

        from layers.map_classes import CLASS_FIELDS, LAND_USE_FIELDS

        if drawn.table in CLASS_FIELDS:
            at = drawn.columns.index(CLASS_FIELDS[drawn.table])
            return tuple("" if key[at] is None else str(key[at]) for key in drawn.keys)
        names = LAND_USE_FIELDS.get(drawn.table)
        if names is None or not drawn.keys:
            return ("",) * len(drawn.keys)
        schemes, codes = (
            np.array([key[drawn.columns.index(name)] for key in drawn.keys], dtype=object) for name in names
        )
        return tuple(str(name) for name in self._project.codes.classes(schemes, codes))


def _same(kept: DrawnTable, drawn: DrawnTable, day: dt.date | None) -> bool:
    """Whether two tables have the same rows; on a day it is for every transaction to say what stands."""
    return kept is drawn or (day is None and kept.layers is drawn.layers and kept.hidden is drawn.hidden)


def _dividing(style: LayerStyle) -> LayerStyle:
    """Of a style what decides the class of a row, so that another colour needs no new numbers."""
    if not style.by_field:
        return STANDARD
    classes = tuple(
        StyleClass(values=item.values, low=item.low, high=item.high, other=item.other)
        for item in style.classes
    )
    return LayerStyle(renderer=style.renderer, field=style.field, classes=classes)


def _counted(layers: Sequence[FlatLayer], hidden: Sequence[NDArray[np.bool_]], total: int) -> list[int]:
    """Rows of each class that are drawn."""
    import numpy as np

    counts = np.zeros(total, dtype=np.int64)
    for layer, mask in zip(layers, hidden, strict=True):
        counts += np.bincount(layer.classes[~mask], minlength=total)[:total]
    return [int(count) for count in counts]
