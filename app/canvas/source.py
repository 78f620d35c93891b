"""Where the canvas gets its layers from: decoded once, kept in memory, dropped when the project changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from gis.draw.buffers import LayerBuffers
    from layers.project import Project

__all__ = ["LayerSource", "LayerState", "ProjectSource"]

Box = tuple[float, float, float, float]

_KEPT_BYTES = 600 * 1024**2
# Layers up to this many rows are decoded whole and kept; larger ones are read for the view.
_WHOLE_ROWS = 300_000
# How far beyond the view a large layer is read, so that a small pan needs no reading.
_BEYOND = 0.5


@dataclass(frozen=True, slots=True)
class LayerState:
    """What the user decides about a layer on the map; ``colour`` replaces the symbol's own."""

    name: str
    visible: bool = True
    opacity: float = 1.0
    colour: str = ""


class LayerSource(Protocol):
    """Gives the canvas buffers of a layer; called on worker threads."""

    def load(self, layer: str, view: Box) -> LayerBuffers | None:
        """Buffers that cover at least the view, None if there is nothing to draw."""

    def extent(self) -> Box | None:
        """Extent of all layers together."""


class ProjectSource:
    """The layers of a project as it stands, filtered by plan snapshot and by the day of the lines."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._guard = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[Box | None, LayerBuffers]] = OrderedDict()
        self._bounds: Box | None = None
        self.snapshot = ""

    def forget(self, layer: str | None = None) -> None:
        """Drop what is kept of a layer (all if None), because its rows have changed."""
        with self._guard:
            self._bounds = None
            for key in [key for key in self._kept if layer is None or key[0] == layer]:
                del self._kept[key]

    def extent(self) -> Box | None:
        """Extent of all layers, from the spatial indexes."""
        if self._bounds is None:
            from layers.registry import LAYERS

            boxes = [
                box for spec in LAYERS if spec.geometry and (box := self._project.store.bounds(spec.name))
            ]
            if boxes:
                self._bounds = (
                    min(box[0] for box in boxes), min(box[1] for box in boxes),
                    max(box[2] for box in boxes), max(box[3] for box in boxes),
                )  # fmt: skip
        return self._bounds

    def load(self, layer: str, view: Box) -> LayerBuffers | None:
        """Buffers of a layer, decoded at most once while they cover the view."""
        key = (layer, self.snapshot if layer == "land_use" else "")
        with self._guard:
            kept = self._kept.get(key)
            if kept is not None and (kept[0] is None or _covers(kept[0], view)):
                self._kept.move_to_end(key)
                return kept[1]
        whole = self._project.store.count(layer) <= _WHOLE_ROWS
        box = None if whole else _grown(view)
        buffers = self._read(layer, box)
        with self._guard:
            self._kept[key] = (box, buffers)
            while len(self._kept) > 1 and sum(b.nbytes for _, b in self._kept.values()) > _KEPT_BYTES:
                self._kept.popitem(last=False)
        return buffers

    def _read(self, layer: str, box: Box | None) -> LayerBuffers:
        from gis.draw.buffers import from_wkb
        from layers.registry import layer as layer_spec

        spec = layer_spec(layer)
        fields = {item.name for item in spec.fields}
        wanted: list[str] = [
            name
            for name in (
                "code",
                "scheme",
                "land_use_code",
                "land_use_scheme",
                "snapshot",
                "level",
                "valid_from",
                "valid_to",
            )
            if name in fields
        ]
        wanted += [spec.label] if spec.label and spec.label not in wanted else []
        fids, bodies, rows = self._project.store.read_wkb(layer, box, wanted)
        columns: dict[str, list[Any]] = (
            {name: list(column) for name, column in zip(wanted, zip(*rows, strict=True), strict=True)}
            if rows
            else {name: [] for name in wanted}
        )
        kept = self._shown(layer, columns, len(fids))
        if kept is not None:
            fids, bodies = [fids[i] for i in kept], [bodies[i] for i in kept]
            columns = {name: [values[i] for i in kept] for name, values in columns.items()}
        labels = ["" if text is None else str(text) for text in columns.get(spec.label or "", [])]
        return from_wkb(bodies, fids, self._classes(layer, columns), labels)

    def _shown(self, layer: str, columns: dict[str, list[Any]], count: int) -> list[int] | None:
        """Rows that the plan snapshot and the day let through; None means all."""
        if layer == "land_use" and self.snapshot:
            return [i for i, name in enumerate(columns["snapshot"]) if name == self.snapshot]
        if layer == "block_line":
            day = self._project.as_of.isoformat()
            begin, end = columns["valid_from"], columns["valid_to"]
            return [i for i in range(count) if (begin[i] or "") <= day and (not end[i] or day < end[i])]
        return None

    def _classes(self, layer: str, columns: dict[str, list[Any]]) -> list[str] | None:
        if layer == "block_line":
            return ["" if level is None else str(level) for level in columns["level"]]
        names = {"land_use": ("scheme", "code"), "parcel": ("land_use_scheme", "land_use_code")}.get(layer)
        if names is None:
            return None
        return [str(name) for name in self._project.codes.classes(columns[names[0]], columns[names[1]])]


def _covers(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _grown(box: Box) -> Box:
    dx, dy = (box[2] - box[0]) * _BEYOND, (box[3] - box[1]) * _BEYOND
    return (box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy)
