"""Numbers that look like the one typed: zeros, hyphens and full-width digits are where people differ."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

__all__ = ["similar"]

_COMPARED = 2_000  # a close look at each number costs some 20 µs


def _key(text: str) -> str:
    plain = re.sub(r"\W|_", "", unicodedata.normalize("NFKC", text)).upper()
    return re.sub(r"0+(?=\d)", "", plain)


def similar(wanted: str, numbers: Iterable[str], limit: int = 5) -> list[str]:
    """Up to ``limit`` numbers close to ``wanted``: the same but for zeros and signs, holding it, or alike.

    >>> similar("HB394", ["HB-000394", "HB-000395", "XY-000001"], 2)
    ['HB-000394', 'HB-000395']
    """
    key = _key(wanted)
    if not key:
        return []
    keys = {number: _key(number) for number in numbers}
    found = dict.fromkeys(number for number, other in keys.items() if other == key)
    found |= dict.fromkeys(n for n, other in keys.items() if key in other or (other and other in key))
    if len(found) < limit:
        start, end = key[:2], key[-2:]
        near = [n for n, other in keys.items() if other.startswith(start) or other.endswith(end)]
        closest = difflib.get_close_matches(key, [keys[n] for n in near[:_COMPARED]], limit, cutoff=0.6)
        ranked = sorted((closest.index(keys[n]), n) for n in near[:_COMPARED] if keys[n] in closest)
        found |= dict.fromkeys(number for _, number in ranked)
    return list(found)[:limit]
