"""Cells of a ledger as plain text, each different one worked out once and in compiled loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["cell_texts", "different", "matching"]

_MISSING = (
    # data
    "", "nah", "nan", "none", "null", "na", "n/a", "<na>", "nat", "-", "--", "—", "——", "/", "无", "未填", "<null>",
)  # fmt: skip
# What str.split takes for blanks, and the characters no text of a ledger means.
_BLANKS = r"[\s\x0b\x1c-\x1f\x{85}\x{1680}\x{2028}\x{2029}]+"
_CONTROLS = r"[\x00-\x08\x0e-\x1b\x7f]"
# The mark by which a spreadsheet is told that a text is no formula.
_QUOTE = r"^'([=+\-@])"
_WHOLE = 1e15  # beyond this a float does not know its last digit


def different(cells: pd.Series) -> tuple[NDArray[np.intp], pd.Series]:
    """For each cell the position of its value among the different ones (−1 where missing), and those."""
    codes, uniques = pd.factorize(cells, use_na_sentinel=True)
    return codes, pd.Series(uniques, dtype=cells.dtype)


def cell_texts(raw: pd.Series) -> NDArray[np.object_]:
    """Cells as trimmed NFKC text, "" where missing, words for "missing" included (domain reference §0.8)."""
    codes, uniques = different(raw)
    plain = np.append(_plain(uniques), "").astype(object)
    return plain[codes]


def _plain(uniques: pd.Series) -> NDArray[np.object_]:
    if isinstance(uniques.dtype, pd.StringDtype):
        texts = pa.array(uniques)
    else:
        texts = pa.array([_text(value) for value in uniques], pa.string())
    if not len(texts):
        return np.empty(0, dtype=object)
    texts = pc.utf8_normalize(texts.cast(pa.large_string()), form="NFKC")
    texts = pc.replace_substring_regex(texts, _CONTROLS, "")
    texts = pc.utf8_trim(pc.replace_substring_regex(texts, _BLANKS, " "), " ")
    texts = pc.replace_substring_regex(texts, _QUOTE, r"\1")
    missing = pc.is_in(pc.utf8_lower(texts), pa.array(_MISSING, pa.large_string()))
    return np.asarray(pc.if_else(missing, "", texts).to_numpy(zero_copy_only=False), dtype=object)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    # A half of a surrogate pair, as JSON can spell one, is no character.
    return str(value).encode("utf-8", "replace").decode("utf-8")


def matching(texts: NDArray[np.object_], pattern: str) -> NDArray[np.bool_]:
    """Which texts match a regular expression of RE2 from their start to their end."""
    return np.asarray(
        pc.match_substring_regex(pa.array(texts, pa.large_string()), f"^(?:{pattern})$").to_numpy(
            zero_copy_only=False
        ),
        dtype=bool,
    )
