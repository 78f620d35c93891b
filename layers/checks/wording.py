"""Sentences for a hundred thousand rows: each word that occurs is made once, and Arrow puts the rows together."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["column", "each", "either", "filled", "formatted", "joined", "one_of", "runs", "stacked"]


def each(values: Sequence[str | None], number: NDArray[np.int64]) -> Any:
    """``values[number[i]]`` for every row."""
    import pyarrow as pa

    return pa.array(list(values), pa.large_string()).take(pa.array(number))


def formatted(values: NDArray[Any], form: Callable[[Any], str]) -> Any:
    """Each value in words; a value that occurs often is put into words once."""
    # Zero and minus zero are equal, but are not written alike: the bits are compared.
    same = np.ascontiguousarray(values).view(np.int64) if values.dtype == np.float64 else values
    different, number = np.unique(same, return_inverse=True)
    return each([form(value) for value in different.view(values.dtype).tolist()], number)


def filled(template: str, count: int, **words: Any) -> Any:
    """A message with a text of each of ``count`` rows in its ``{name}`` places, or the same text in all rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts: list[Any] = []
    for literal, name, _form, _conversion in string.Formatter().parse(template):
        parts += [pa.scalar(literal, pa.large_string())] if literal else []
        if name is not None:
            word = words[name]
            parts.append(pa.scalar(word, pa.large_string()) if isinstance(word, str) else word)
    if not any(isinstance(part, pa.Array) for part in parts):
        return pa.array([template.format(**words)] * count, pa.large_string())
    return pc.binary_join_element_wise(*parts, pa.scalar("", pa.large_string()))


def joined(texts: Sequence[Any], separator: str) -> Any:
    """Texts of each row one behind the other."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(*texts, pa.scalar(separator, pa.large_string()))


def stacked(texts: Sequence[Any]) -> Any:
    """The rows of several texts, one after the other."""
    import pyarrow as pa

    return pa.concat_arrays(list(texts)) if texts else pa.array([], pa.large_string())


def runs(values: Sequence[str | None], counts: Sequence[int]) -> Any:
    """Each value so many times, one after the other."""
    return each(values, np.repeat(np.arange(len(values)), np.array(counts, dtype=np.int64)))


def either(mask: NDArray[np.bool_], texts: Any, others: Any) -> Any:
    """The text where the mask holds, else the other one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pa.array(mask), texts, others)


def one_of(texts: Sequence[Any], number: NDArray[np.int64]) -> Any:
    """Of several texts of each row the one with its number."""
    import pyarrow as pa

    count = len(number)
    return stacked(texts).take(pa.array(number * count + np.arange(count)))


def column(texts: Any) -> Any:
    """Texts as a column of a table, as pandas itself would keep a list of them."""
    if not len(texts) or texts.null_count == len(texts):
        return texts.to_pylist()
    kept: Any = pd.arrays.ArrowStringArray
    return kept(texts, dtype=pd.StringDtype(na_value=np.nan))
