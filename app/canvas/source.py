"""Where the canvas gets its layers from: the tables of a project and what decides the look of their rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.canvas.map_tables import MapTables

if TYPE_CHECKING:
    from gis.draw.drawn_table import DrawnTable
    from layers.project import Project

__all__ = ["LayerContent", "LayerSource", "LayerState", "ProjectSource"]

Box = tuple[float, float, float, float]

_LABELS_KEPT = 20_000
# What of a row decides its look or whether it is shown, where the layer has it.
_COLUMNS = (
    "code", "scheme", "land_use_code", "land_use_scheme", "snapshot", "level", "state", "valid_from", "valid_to",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LayerState:
    """What the user decides about a layer on the map; ``colour`` replaces the symbol's own."""

    name: str
    visible: bool = True
    opacity: float = 1.0
    colour: str = ""


@dataclass(frozen=True, slots=True)
class LayerContent:
    """Rows to draw. ``class_names`` and ``shown`` go by the class numbers of ``drawn``."""

    drawn: DrawnTable
    class_names: tuple[str, ...]
    shown: tuple[bool, ...]


class LayerSource(Protocol):
    """Gives the canvas its layers; called on worker threads."""

    def load(self, layer: str, view: Box) -> LayerContent | None:
        """What there is to draw in a view; None if nothing, or nothing yet."""

    def labels(self, layer: str, ids: Sequence[int]) -> list[str]:
        """The text to write on each of these rows."""

    def extent(self) -> Box | None:
        """Extent of all layers together."""

    def open(self, on_ready: Callable[[], None]) -> None:
        """Begin to read; ``on_ready`` is called, on any thread, when more can be drawn."""

    def close(self) -> None:
        """Stop reading."""


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
        self._contents: dict[str, tuple[DrawnTable, str, LayerContent]] = {}
        self._texts: dict[tuple[str, int], str] = {}
        self._bounds: Box | None = None
        self.snapshot = ""

    def open(self, on_ready: Callable[[], None]) -> None:
        """Begin to read the tables in the background."""
        self._tables.on_ready = on_ready
        self._tables.start()

    def close(self) -> None:
        """Stop reading."""
        self._tables.close()

    @property
    def reading(self) -> bool:
        """Whether tables are still being read or put into their cache."""
        return self._tables.reading

    def forget(self) -> None:
        """Rows were written: what is kept is brought up to date before the next picture."""
        self._tables.forget()
        with self._guard:
            self._bounds = None
            self._texts.clear()

    def classes(self) -> dict[str, frozenset[str]]:
        """The classes that occur in each layer drawn so far."""
        with self._guard:
            contents = {name: content for name, (_, _, content) in self._contents.items()}
        return {
            name: frozenset(
                title for title, shown in zip(content.class_names, content.shown, strict=True) if shown
            )
            for name, content in contents.items()
        }

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

    def load(self, layer: str, view: Box) -> LayerContent | None:
        """Rows of a layer with their classes."""
        drawn = self._tables.get(layer, view)
        if drawn is None:
            return None
        snapshot = self.snapshot
        with self._guard:
            kept = self._contents.get(layer)
        if kept is not None and kept[0] is drawn and kept[1] == snapshot:
            return kept[2]
        content = LayerContent(drawn, self._class_names(drawn), self._shown(drawn))
        with self._guard:
            self._contents[layer] = (drawn, snapshot, content)
        return content

    def labels(self, layer: str, ids: Sequence[int]) -> list[str]:
        """The label field of rows, read once."""
        from layers.registry import layer as layer_spec

        spec = layer_spec(layer)
        if spec.label is None:
            return [""] * len(ids)
        with self._guard:
            if len(self._texts) > _LABELS_KEPT:
                self._texts.clear()
            missing = [row for row in ids if (layer, row) not in self._texts]
        if missing:
            found = self._project.store.values(layer, spec.label, missing)
            with self._guard:
                self._texts.update(
                    {(layer, row): "" if text is None else str(text) for row, text in found.items()}
                )
        with self._guard:
            return [self._texts.get((layer, row), "") for row in ids]

    def _shown(self, drawn: DrawnTable) -> tuple[bool, ...]:
        """Classes that the plan snapshot and the day let through."""
        if drawn.table == "land_use" and self.snapshot:
            at = drawn.columns.index("snapshot")
            return tuple(key[at] == self.snapshot for key in drawn.keys)
        if drawn.table == "block_line":
            day = self._project.as_of.isoformat()
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
