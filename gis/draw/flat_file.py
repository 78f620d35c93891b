"""Flat layers on disk, mapped into memory instead of read: a cache beside the project that is safe to delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gis import array_file
from gis.draw.flat import FlatLayer

__all__ = ["load", "save"]

_MAGIC = b"ParkLine map cache 2\n"
_ARRAYS = ("coordinates", "rings", "features", "boxes", "areal", "points", "classes", "ids", "chunks")


def save(layer: FlatLayer, path: Path, key: dict[str, Any]) -> None:
    """Write a layer, whole or not at all. ``key`` says what it was made from. Raises ``OSError``."""
    head = {"key": key, "origin": layer.origin, "longest": layer.longest}
    array_file.save(path, _MAGIC, head, {name: getattr(layer, name) for name in _ARRAYS})


def load(path: Path) -> tuple[FlatLayer, dict[str, Any]] | None:
    """The layer and its key; None for a file that is missing, of another version or cut short."""
    found = array_file.load(path, _MAGIC)
    if found is None:
        return None
    head, arrays = found
    try:
        x, y = head["origin"]
        return FlatLayer(origin=(x, y), longest=int(head["longest"]), **arrays), dict(head["key"])
    except (ValueError, KeyError, TypeError):
        return None
