"""Arrays on disk, mapped into memory instead of read: caches beside a project that are safe to delete."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["load", "save"]

_ALIGNED = 64


def save(path: Path, magic: bytes, head: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays and a head of plain values, whole or not at all. ``magic`` ends with a line break.

    Raises ``OSError``.
    """
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    places, at = {}, 0
    for name, array in arrays.items():
        places[name] = [at, str(array.dtype), list(array.shape)]
        at += -(-array.nbytes // _ALIGNED) * _ALIGNED
    written = {"head": dict(head), "arrays": places, "size": at}
    text = magic + json.dumps(written, ensure_ascii=False).encode() + b"\n"
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


def load(path: Path, magic: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
    """The head and the arrays; None for a file that is missing, of another version or cut short."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_ALIGNED), "little")
            if not 0 < length < 1 << 24:
                return None
            text = file.read(length)
        if not text.startswith(magic):
            return None
        written = json.loads(text[len(magic) :])
        size = written["size"]
        if path.stat().st_size != _ALIGNED + length + size:
            return None
        whole = np.memmap(path, dtype=np.uint8, mode="r", offset=_ALIGNED + length) if size else b""
        return dict(written["head"]), {
            name: _array(whole, *place) for name, place in written["arrays"].items()
        }
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
