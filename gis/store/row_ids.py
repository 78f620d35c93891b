"""UUIDs of rows: version 7 of RFC 9562, so that rows added later sort later and indexes grow at their end."""

from __future__ import annotations

import secrets
import time

import numpy as np

__all__ = ["new_uuids"]

_COUNTER_BITS = 26  # rand_a (12 bits) and the first 14 of rand_b, as RFC 9562 section 6.2 method 1 allows


def new_uuids(count: int) -> list[str]:
    """Ascending UUIDs in canonical form; 48 random bits each beside the time and a counter."""
    if not 0 <= count < 1 << _COUNTER_BITS:
        raise ValueError(f"cannot number {count} rows at once")
    numbers = np.arange(count, dtype=np.uint64)
    raw = np.empty((count, 16), dtype=np.uint8)
    raw[:, :6] = np.frombuffer((time.time_ns() // 1_000_000).to_bytes(6, "big"), dtype=np.uint8)
    raw[:, 6] = 0x70 | (numbers >> np.uint64(22)).astype(np.uint8)
    raw[:, 7] = (numbers >> np.uint64(14)).astype(np.uint8)
    raw[:, 8] = 0x80 | ((numbers >> np.uint64(8)) & np.uint64(0x3F)).astype(np.uint8)
    raw[:, 9] = numbers.astype(np.uint8)
    raw[:, 10:] = np.frombuffer(secrets.token_bytes(6 * count), dtype=np.uint8).reshape(count, 6)
    text = raw.tobytes().hex()
    return [
        f"{text[i : i + 8]}-{text[i + 8 : i + 12]}-{text[i + 12 : i + 16]}-{text[i + 16 : i + 20]}-{text[i + 20 : i + 32]}"
        for i in range(0, 32 * count, 32)
    ]
