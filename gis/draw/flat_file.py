"""Flat layers on disk, mapped into memory instead of read: a cache beside the project that is safe to delete."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from gis.draw.flat import FlatLayer

__all__ = ["load", "save"]

_MAGIC = b"ParkLine map cache 1\n"
_ALIGNED = 64
_ARRAYS = ("coordinates", "rings", "features", "boxes", "areal", "points", "classes", "ids", "chunks")


def save(layer: FlatLayer, path: Path, key: dict[str, Any]) -> None:
    """Write a layer, whole or not at all. ``key`` says what it was made from. Raises ``OSError``."""
    arrays = {name: np.ascontiguousarray(getattr(layer, name)) for name in _ARRAYS}
    places, at = {}, 0
    for name, array in arrays.items():
        places[name] = [at, str(array.dtype), list(array.shape)]
        at += -(-array.nbytes // _ALIGNED) * _ALIGNED
    head = {"key": key, "origin": layer.origin, "longest": layer.longest, "arrays": places, "size": at}
    text = _MAGIC + json.dumps(head, ensure_ascii=False).encode() + b"\n"
    text += b" " * (-len(text) % _ALIGNED)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(len(text).to_bytes(_ALIGNED, "little"))
            file.write(text)
            for array in arrays.values():
                array.tofile(file)
                file.write(b"\0" * (-array.nbytes % _ALIGNED))
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def load(path: Path) -> tuple[FlatLayer, dict[str, Any]] | None:
    """The layer and its key; None for a file that is missing, of another version or cut short."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_ALIGNED), "little")
            if not 0 < length < 1 << 24:
                return None
            text = file.read(length)
        if not text.startswith(_MAGIC):
            return None
        head = json.loads(text[len(_MAGIC) :])
        if path.stat().st_size != _ALIGNED + length + head["size"]:
            return None
        whole = np.memmap(path, dtype=np.uint8, mode="r", offset=_ALIGNED + length) if head["size"] else b""
        arrays = {name: _array(whole, *head["arrays"][name]) for name in _ARRAYS}
        x, y = head["origin"]
        return FlatLayer(origin=(x, y), longest=int(head["longest"]), **arrays), dict(head["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _array(whole: Any, at: int, dtype: str, shape: list[int]) -> Any:
    kind = np.dtype(dtype)
    if kind.hasobject:
        raise ValueError("no objects in a cache")
    count = int(np.prod(shape))
    return (
        np.frombuffer(whole, dtype=kind, count=count, offset=at).reshape(shape)
        if count
        else np.empty(shape, kind)
    )
