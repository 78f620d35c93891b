"""Rows of other tables that name a row by its number (a factory its parcel): what an edit leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gis.store.base import Condition
from gis.text import tr
from layers.editing.edit import Edit
from layers.editing.rows import cell
from layers.registry import TABLES
from layers.spec import Field, LayerSpec

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["left_behind", "referring_fields"]


def referring_fields(layer: str, field: str) -> Iterator[tuple[LayerSpec, Field]]:
    """Fields of other tables that hold numbers of a layer."""
    for spec in TABLES:
        for item in spec.fields:
            if item.refers == f"{layer}.{field}":
                yield spec, item


def left_behind(project: Project, edit: Edit) -> list[str]:
    """A sentence for every table in which rows name a number that no row will have after the edit."""
    notes = []
    for name, item in edit.layers.items():
        for key in item.spec.key[:1]:
            if key not in item.after.columns:
                continue
            numbers = {cell(value) for value in item.before[key]} - {cell(value) for value in item.after[key]}
            numbers.discard(None)
            if not numbers:
                continue
            for spec, field in referring_fields(name, key):
                count = project.store.count(spec.name, [Condition(field.name, "in", sorted(numbers))])
                if count:
                    notes.append(
                        tr("{layer}中有 {count} 行的“{field}”仍写着 {numbers}，保存后请核对。",
                           layer=spec.title, count=count, field=field.title,
                           numbers=tr("、").join(sorted(numbers)[:3]))
                    )  # fmt: skip
    return notes
