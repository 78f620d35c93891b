"""Texts of a ledger turned into values of a field, column by column; what cannot be is told row by row.

Sentinels of published land records count as missing (domain reference §0.8): ``Nah``, ``1901年01月02日``.
"""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import mark, tr
from gis.units import convert
from layers.codes import code_table
from layers.spec import Field, FieldType

__all__ = ["Parsed", "cell_texts", "parse"]

# Values (vectorised over the rows) and, for each row, "" or the reason why its text was not taken.
Parsed = tuple[pd.Series, NDArray[np.object_]]

_MISSING = frozenset(
    # data
    {"", "nah", "nan", "none", "null", "na", "n/a", "-", "--", "—", "——", "/", "无", "未填", "<null>"}
)
_QUOTED = tuple("=+-@")
_SENTINEL_DAYS = ("1900-01-01", "1901-01-01", "1901-01-02", "1899-12-30")
_TRUE = {"是", "有", "true", "1", "yes", "y", "t", "√", "1.0"}  # data
_FALSE = {"否", "无", "false", "0", "no", "n", "f", "×", "0.0"}  # data
_UNIT_BEHIND = r"(?<=\d)(公顷|亩|平方米|万平方米|㎡|m2|万元|元|米|m|%|层)$"  # data
_EXCEL_EPOCH = np.datetime64("1899-12-30", "D")
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000  # 1954 to 2119
_EARLIEST, _LATEST = np.datetime64("1949-01-01"), np.datetime64("2200-01-01")

_NOT_A_NUMBER = mark("“{text}”不是数字（{field}）")
_NOT_WHOLE = mark("“{text}”不是整数（{field}）")
_TOO_SMALL = mark("{field} 为 {text}，小于下限 {limit:g}")
_TOO_LARGE = mark("{field} 为 {text}，大于上限 {limit:g}")
_NOT_A_DATE = mark("“{text}”不是日期（{field}）")
_NOT_A_CODE = mark("“{text}”不是 {field} 的已知代码")
_NOT_YES_NO = mark("“{text}”不是“是/否”（{field}）")
_SCIENTIFIC = mark("“{text}”被 Excel 截成科学计数法，编号已失真（{field}）")


def parse(field: Field, raw: pd.Series, unit: str | None = None) -> Parsed:
    """Values of a field from raw cells. ``unit`` is that of the cells; values come in the field's unit."""
    texts = cell_texts(raw)
    if field.type in {FieldType.INTEGER, FieldType.REAL}:
        return _parse_number(field, raw, texts, unit)
    if field.type is FieldType.DATE:
        return _parse_date(field, raw, texts)
    if field.type is FieldType.BOOLEAN:
        return _parse_boolean(field, raw, texts)
    if field.type is FieldType.CODE:
        return _parse_code(field, raw, texts)
    return _parse_text(field, texts)


def cell_texts(raw: pd.Series) -> NDArray[np.object_]:
    """Cells as trimmed NFKC text, "" where missing; computed once for each different cell."""
    codes, uniques = pd.factorize(raw.astype(object), use_na_sentinel=True)
    plain = np.array([_plain(value) for value in uniques] + [""], dtype=object)
    return plain[codes]


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = " ".join(unicodedata.normalize("NFKC", str(value)).split())
    if text[:1] == "'" and text[1:2] in _QUOTED:
        text = text[1:]  # the mark by which a spreadsheet is told that this is text, no formula
    return "" if text.casefold() in _MISSING else text


def _refused(count: int) -> NDArray[np.object_]:
    return np.full(count, "", dtype=object)


def _say(
    reasons: NDArray[np.object_],
    bad: NDArray[np.bool_],
    message: str,
    field: Field,
    texts: NDArray[np.object_],
    **more: object,
) -> None:
    # Only over the rows that were refused.
    for row in np.flatnonzero(bad):
        reasons[row] = tr(message, text=texts[row], field=field.title, **more)


def _parse_text(field: Field, texts: NDArray[np.object_]) -> Parsed:
    reasons = _refused(len(texts))
    if field.required:
        series = pd.Series(texts, dtype="str")
        _say(
            reasons,
            series.str.fullmatch(r"\d(\.\d+)?[Ee]\+\d+").fillna(False).to_numpy(dtype=bool),
            _SCIENTIFIC,
            field,
            texts,
        )
    values = texts.copy()
    values[texts == ""] = None
    return pd.Series(values, dtype="str"), reasons


def _parse_number(field: Field, raw: pd.Series, texts: NDArray[np.object_], unit: str | None) -> Parsed:
    if pd.api.types.is_numeric_dtype(raw):
        values = raw.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        cleaned = pd.Series(texts, dtype="str").str.replace(r"[,\s]", "", regex=True)
        cleaned = cleaned.str.replace(_UNIT_BEHIND, "", regex=True)
        values = pd.to_numeric(cleaned.where(cleaned != ""), errors="coerce").to_numpy(dtype=np.float64)
    reasons = _refused(len(texts))
    missing = texts == ""
    _say(reasons, np.isnan(values) & ~missing, _NOT_A_NUMBER, field, texts)
    if field.type is FieldType.INTEGER:
        _say(reasons, ~np.isnan(values) & (values != np.floor(values)), _NOT_WHOLE, field, texts)
    if unit is not None and field.unit is not None and unit != field.unit:
        values = values * convert(1.0, unit, field.unit)
    if field.minimum is not None:
        _say(reasons, values < field.minimum, _TOO_SMALL, field, texts, limit=field.minimum)
    if field.maximum is not None:
        _say(reasons, values > field.maximum, _TOO_LARGE, field, texts, limit=field.maximum)
    kept = pd.Series(np.where(reasons == "", values, np.nan))
    return (kept.astype("Int64") if field.type is FieldType.INTEGER else kept), reasons


def _parse_date(field: Field, raw: pd.Series, texts: NDArray[np.object_]) -> Parsed:
    if pd.api.types.is_datetime64_any_dtype(raw):
        days = raw.to_numpy(dtype="datetime64[D]")
    else:
        codes, uniques = pd.factorize(pd.Series(texts, dtype=object))
        parsed = np.array([_day(text) for text in uniques], dtype="datetime64[D]")
        days = (
            parsed[codes] if len(parsed) else np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[D]")
        )
    sentinel = np.isin(days, np.array(_SENTINEL_DAYS, dtype="datetime64[D]"))
    out_of_range = ~np.isnat(days) & ~sentinel & ((days < _EARLIEST) | (days > _LATEST))
    reasons = _refused(len(texts))
    _say(reasons, (np.isnat(days) & (texts != "")) | out_of_range, _NOT_A_DATE, field, texts)
    days = np.where(sentinel | out_of_range, np.datetime64("NaT"), days)
    return pd.Series(days.astype("datetime64[s]")), reasons


def _day(text: str) -> np.datetime64:
    """A day from ``2024-03-05``, ``2024.3.5``, ``2024年3月5日``, ``20240305``, ``2024年3月`` or an Excel serial."""
    plain = text.split(" ")[0].split("T")[0]
    if plain.isdigit() and len(plain) == 5 and _FIRST_SERIAL <= int(plain) <= _LAST_SERIAL:
        return _EXCEL_EPOCH + np.timedelta64(int(plain), "D")
    if plain.isdigit() and len(plain) == 8:
        parts = [plain[:4], plain[4:6], plain[6:]]
    else:
        for separator in "年月日./":  # data
            plain = plain.replace(separator, "-")
        parts = [part for part in plain.split("-") if part]
    if len(parts) == 2:
        parts.append("1")
    if len(parts) != 3 or not all(part.isdigit() for part in parts) or len(parts[0]) != 4:
        return np.datetime64("NaT", "D")
    try:
        return np.datetime64(f"{parts[0]}-{int(parts[1]):02d}-{int(parts[2]):02d}", "D")
    except ValueError:
        return np.datetime64("NaT", "D")


def _parse_boolean(field: Field, raw: pd.Series, texts: NDArray[np.object_]) -> Parsed:
    lowered = np.array([str(text).casefold() for text in texts], dtype=object)
    shown = _texts_unfiltered(raw)
    yes, no = np.isin(lowered, list(_TRUE)), np.isin(lowered, list(_FALSE)) | np.isin(shown, ["无"])  # data
    reasons = _refused(len(texts))
    _say(reasons, ~yes & ~no & (texts != ""), _NOT_YES_NO, field, texts)
    values = pd.Series(yes, dtype="boolean").where(pd.Series(yes | no))
    return values, reasons


def _texts_unfiltered(raw: pd.Series) -> NDArray[np.object_]:
    return np.array(
        ["" if value is None else str(value).strip() for value in raw.astype(object)], dtype=object
    )


def _parse_code(field: Field, raw: pd.Series, texts: NDArray[np.object_]) -> Parsed:
    table = code_table(field.codes or "")
    # 无 is a value of some tables (utilities), so the cells are looked up before "missing" is judged.
    codes, uniques = pd.factorize(pd.Series(_texts_unfiltered(raw), dtype=object))
    canonical = np.array([table.canonical(text) if text else None for text in uniques], dtype=object)
    values = canonical[codes] if len(uniques) else np.empty(0, dtype=object)
    reasons = _refused(len(texts))
    _say(reasons, pd.isna(values) & (texts != ""), _NOT_A_CODE, field, texts)
    return pd.Series(values, dtype="str"), reasons
