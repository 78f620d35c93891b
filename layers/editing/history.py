"""History of one row: who, when, why, before and after, and the rows it came from and those that came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from gis.store.base import Condition, JournalEntry, RowVersion
from layers.records import LINEAGE_TABLE

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["GEOMETRY", "Relative", "RowHistory", "Step", "history_of"]

GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction did to the row. ``before`` is None where it was born, ``after`` where it ended.

    Values are those of the layer's fields, ``source`` and ``source_crs``, days as ISO texts, and under
    ``GEOMETRY`` the shapely geometry. ``changed`` names what differs. ``entry`` says who, when and why;
    undo and redo are steps of their own.
    """

    entry: JournalEntry
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relative:
    """An ancestor or descendant. ``generation`` is 1 for a parent or child; ``current`` tells whether it still is.

    ``operation`` is split, merge or version, as in the code table ``descent``.
    """

    layer: str
    uuid: str
    number: str
    operation: str
    generation: int
    current: bool


@dataclass(frozen=True)
class RowHistory:
    """Steps newest first; relatives nearest first."""

    layer: str
    uuid: str
    steps: tuple[Step, ...]
    ancestors: tuple[Relative, ...]
    descendants: tuple[Relative, ...]


def history_of(project: Project, layer: str, uuid: str) -> RowHistory:
    """The history of a row that is or was; empty for a uuid that the layer never had."""
    return RowHistory(
        layer,
        uuid,
        _steps(project, project.store.row_versions(layer, uuid)),
        _relatives(project, layer, uuid, "child", "parent"),
        _relatives(project, layer, uuid, "parent", "child"),
    )


def _steps(project: Project, versions: Sequence[RowVersion]) -> tuple[Step, ...]:
    ended = {item.retired: item for item in versions if item.retired is not None}
    began = {item.born: item for item in versions}
    ids = sorted({*ended, *began}, reverse=True)
    entries = {entry.id: entry for entry in project.store.journal(limit=None, ids=ids)}
    steps = []
    for number in ids:
        before, after = (_values(found.get(number)) for found in (ended, began))
        steps.append(Step(entries[number], before, after, _changed(before, after)))
    return tuple(steps)


def _values(version: RowVersion | None) -> dict[str, Any] | None:
    if version is None:
        return None
    values = dict(version.values)
    if GEOMETRY in values:
        wkb = values[GEOMETRY]
        values[GEOMETRY] = shapely.from_wkb(wkb) if isinstance(wkb, bytes) else None
    return values


def _changed(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    found = [name for name in after if name != GEOMETRY and before.get(name) != after[name]]
    if GEOMETRY in after and not _same_shape(before[GEOMETRY], after[GEOMETRY]):
        found.append(GEOMETRY)
    return tuple(found)


def _same_shape(one: shapely.Geometry | None, other: shapely.Geometry | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(shapely.equals_identical(one, other))


def _relatives(project: Project, layer: str, uuid: str, near: str, far: str) -> tuple[Relative, ...]:
    """Rows reached by going from ``near`` to ``far`` again and again, each once."""
    known = {uuid}
    wave, generation = [uuid], 0
    found: list[Relative] = []
    while wave:
        generation += 1
        links = project.read(
            LINEAGE_TABLE.name,
            geometry=False,
            where=[Condition("layer", "=", layer), Condition(near, "in", wave)],
        )
        links = links[~links[far].isin(known)].drop_duplicates(far)
        wave = [str(item) for item in links[far]]
        known.update(wave)
        there = set(
            project.read(layer, columns=[], where=[Condition("uuid", "in", wave)], geometry=False)["uuid"]
        )
        found += [
            Relative(
                layer,
                str(row[far]),
                _text(row[f"{far}_no"]),
                str(row["operation"]),
                generation,
                row[far] in there,
            )
            for row in links.to_dict("records")
        ]
    return tuple(found)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
