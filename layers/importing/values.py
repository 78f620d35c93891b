"""Texts of a ledger turned into values of a field, column by column; what cannot be is told row by row.

Sentinels of published land records count as missing (domain reference §0.8): ``Nah``, ``1901年01月02日``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import mark, tr
from gis.units import UNIT_FACTORS, convert, unit_in_header
from layers.codes import code_table
from layers.importing.cells import cell_texts, different, matching
from layers.spec import Field, FieldType

__all__ = ["Parsed", "cell_texts", "parse"]

# Values (vectorised over the rows) and, for each row, "" or the reason why its text was not taken.
Parsed = tuple[pd.Series, NDArray[np.object_]]

_SENTINEL_DAYS = ("1900-01-01", "1901-01-01", "1901-01-02", "1899-12-30")
_TRUE = {"是", "有", "true", "1", "yes", "y", "t", "√", "1.0"}  # data
_FALSE = {"否", "无", "false", "0", "no", "n", "f", "×", "0.0"}  # data
# Sign, digits (thousands set apart by commas), exponent; and what stands behind.
_NUMBER = r"^([-+]?(?:\d{1,3}(?:,\d{3,4})+|\d+)?(?:\.\d*)?(?:[eE][-+]?\d{1,3})?)\s*((?:[^\d\s.,+-].*)?)$"
# Behind figures of fields without a unit these say nothing.
_EMPTY_UNITS = frozenset({"", "%", "层", "米", "m", "人", "栋", "个", "年"})  # data
_EXCEL_EPOCH = np.datetime64("1899-12-30", "D")
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000  # 1954 to 2119
_EARLIEST, _LATEST = np.datetime64("1949-01-01"), np.datetime64("2200-01-01")
_EXACT = 2.0**53  # beyond this a float does not know its last digit
_LONG_NUMBER = 1e15  # digits that Excel keeps

_NOT_A_NUMBER = mark("“{text}”不是数字（{field}）")
_WRONG_UNIT = mark("“{text}”的单位不适用于{field}")
_NOT_WHOLE = mark("“{text}”不是整数（{field}）")
_TOO_SMALL = mark("{field} 为 {text}，小于下限 {limit:g}")
_TOO_LARGE = mark("{field} 为 {text}，大于上限 {limit:g}")
_NOT_A_DATE = mark("“{text}”不是日期（{field}）")
_NOT_A_CODE = mark("“{text}”不是 {field} 的已知代码")
_NOT_YES_NO = mark("“{text}”不是“是/否”（{field}）")
_SCIENTIFIC = mark("“{text}”被 Excel 截成科学计数法，编号已失真（{field}）")


def parse(field: Field, raw: pd.Series, unit: str | None = None) -> Parsed:
    """Values of a field from raw cells. ``unit`` is that of the cells; values come in the field's unit.

    A unit that stands behind a figure wins over ``unit``.
    """
    if field.type in {FieldType.INTEGER, FieldType.REAL}:
        return _parse_number(field, raw, unit)
    if field.type is FieldType.DATE:
        return _parse_date(field, raw)
    if field.type is FieldType.BOOLEAN:
        return _parse_boolean(field, raw)
    if field.type is FieldType.CODE:
        return _parse_code(field, raw)
    return _parse_text(field, raw)


def _refused(count: int) -> NDArray[np.object_]:
    return np.full(count, "", dtype=object)


def _say(
    reasons: NDArray[np.object_],
    bad: NDArray[np.bool_],
    message: str,
    field: Field,
    raw: pd.Series,
    **more: object,
) -> None:
    """Put a sentence against the bad rows, which are few, each with its cell as a person sees it."""
    rows = np.flatnonzero(bad & (reasons == ""))
    if len(rows):
        for row, text in zip(rows, cell_texts(raw.iloc[rows]), strict=True):
            reasons[row] = tr(message, text=text, field=field.title, **more)


def _parse_text(field: Field, raw: pd.Series) -> Parsed:
    texts = cell_texts(raw)
    reasons = _refused(len(texts))
    distorted = matching(texts, r"\d(\.\d+)?[Ee]\+\d+")
    # A number of 16 digits has lost its last ones in the sheet, whatever it shows.
    _say(reasons, distorted | (np.abs(_floats(raw)) >= _LONG_NUMBER), _SCIENTIFIC, field, raw)
    texts[(texts == "") | (reasons != "")] = None
    return pd.Series(texts, dtype="str"), reasons


def _floats(raw: pd.Series) -> NDArray[np.float64]:
    """The cells that are floats; nought for all others, whole numbers included: those know all their digits."""
    if pd.api.types.is_float_dtype(raw):
        return np.asarray(np.nan_to_num(raw.to_numpy(dtype=np.float64, na_value=0.0)))
    if raw.dtype != object:
        return np.zeros(len(raw))
    return np.array([value if isinstance(value, float) else 0.0 for value in raw], dtype=np.float64)


def _parse_number(field: Field, raw: pd.Series, unit: str | None) -> Parsed:
    missing = raw.isna().to_numpy(dtype=bool)
    reasons = _refused(len(raw))
    wrong_unit = np.zeros(len(raw), dtype=bool)
    if pd.api.types.is_numeric_dtype(raw) and not pd.api.types.is_bool_dtype(raw):
        values = raw.to_numpy(dtype=np.float64, na_value=np.nan)
        if unit is not None and field.unit is not None and unit != field.unit:
            values = values * convert(1.0, unit, field.unit)
    else:
        texts = cell_texts(raw)
        missing = texts == ""
        codes, uniques = different(pd.Series(texts, dtype=object))
        numbers, strange = _numbers(uniques, unit, field)
        values, wrong_unit = numbers[codes], strange[codes]
    _say(reasons, wrong_unit, _WRONG_UNIT, field, raw)
    _say(reasons, ~np.isfinite(values) & ~missing, _NOT_A_NUMBER, field, raw)
    if field.type is FieldType.INTEGER:
        _say(reasons, (values != np.floor(values)) | (np.abs(values) > _EXACT), _NOT_WHOLE, field, raw)
    if field.minimum is not None:
        _say(reasons, values < field.minimum, _TOO_SMALL, field, raw, limit=field.minimum)
    if field.maximum is not None:
        _say(reasons, values > field.maximum, _TOO_LARGE, field, raw, limit=field.maximum)
    kept = pd.Series(np.where((reasons == "") & ~missing, values, np.nan))
    return (kept.astype("Int64") if field.type is FieldType.INTEGER else kept), reasons


def _numbers(
    uniques: pd.Series, unit: str | None, field: Field
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Figures of different texts in the field's unit, NaN for those that are none; and which name a unit of another kind."""
    parts = uniques.astype("str").str.extract(_NUMBER)
    figures = pd.to_numeric(parts[0].str.replace(",", ""), errors="coerce").to_numpy(dtype=np.float64)
    behind = parts[1].fillna("").str.strip().to_numpy(dtype=object)
    factors = np.ones(len(uniques))
    wrong = np.zeros(len(uniques), dtype=bool)
    for name in set(behind.tolist()):
        factor = _factor(name, unit, field)
        if factor is None:
            wrong |= (behind == name) & ~np.isnan(figures)
        else:
            factors[behind == name] = factor
    return figures * factors, wrong


def _factor(behind: str, unit: str | None, field: Field) -> float | None:
    """By what a figure with that behind it is multiplied: NaN for words nobody knows, None for a unit of another kind."""
    own = unit_in_header(f"-({behind})") if behind else None
    if field.unit is None:
        return 1.0 if behind in _EMPTY_UNITS or own is not None else np.nan
    if own is None:
        if behind:
            return np.nan
        return 1.0 if unit is None else convert(1.0, unit, field.unit)
    same_kind = UNIT_FACTORS[own][0] == UNIT_FACTORS[field.unit][0]
    return convert(1.0, own, field.unit) if same_kind else None


def _parse_date(field: Field, raw: pd.Series) -> Parsed:
    missing = raw.isna().to_numpy(dtype=bool)
    if pd.api.types.is_datetime64_any_dtype(raw):
        days = raw.to_numpy(dtype="datetime64[D]")
    else:
        texts = cell_texts(raw)
        missing = texts == ""
        codes, uniques = different(pd.Series(texts, dtype=object))
        # The last one is never pointed at: it gives an empty column its type.
        days = np.array([*map(_day, uniques), np.datetime64("NaT", "D")], dtype="datetime64[D]")[codes]
    sentinel = np.isin(days, np.array(_SENTINEL_DAYS, dtype="datetime64[D]"))
    out_of_range = ~np.isnat(days) & ~sentinel & ((days < _EARLIEST) | (days > _LATEST))
    reasons = _refused(len(raw))
    _say(reasons, (np.isnat(days) & ~missing) | out_of_range, _NOT_A_DATE, field, raw)
    days = np.where(sentinel | out_of_range, np.datetime64("NaT"), days)
    return pd.Series(days.astype("datetime64[s]")), reasons


def _day(text: str) -> np.datetime64:
    """A day from ``2024-03-05``, ``2024.3.5``, ``2024/3/5``, ``2024年3月5日``, ``20240305``, ``2024年3月`` or an Excel serial."""
    plain = text.split(" ")[0].split("T")[0]
    if plain.partition(".")[0].isdecimal() and len(plain.partition(".")[0]) == 5:
        try:
            serial = int(float(plain))
        except ValueError:
            return np.datetime64("NaT", "D")
        if _FIRST_SERIAL <= serial <= _LAST_SERIAL:
            return _EXCEL_EPOCH + np.timedelta64(serial, "D")
        return np.datetime64("NaT", "D")
    if plain.isdecimal() and len(plain) == 8:
        parts = [plain[:4], plain[4:6], plain[6:]]
    else:
        for separator in "年月日号./":  # data
            plain = plain.replace(separator, "-")
        parts = [part for part in plain.split("-") if part]
    if len(parts) == 2:
        parts.append("1")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts) or len(parts[0]) != 4:
        return np.datetime64("NaT", "D")
    try:
        return np.datetime64(f"{parts[0]}-{int(parts[1]):02d}-{int(parts[2]):02d}", "D")
    except ValueError:
        return np.datetime64("NaT", "D")


def _as_typed(raw: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    """Position of each cell among the different ones (the last, "", where missing), and those as typed.

    无 is a value of some tables and means "no" elsewhere, so it is looked up before "missing" is judged.
    """
    codes, uniques = different(raw)
    return codes, [*(str(value).strip() for value in uniques), ""]


def _parse_boolean(field: Field, raw: pd.Series) -> Parsed:
    codes, typed = _as_typed(raw)
    answers: list[Any] = [
        True if text.casefold() in _TRUE else False if text.casefold() in _FALSE else None for text in typed
    ]
    return _looked_up(field, raw, codes, answers, _NOT_YES_NO, "boolean")


def _parse_code(field: Field, raw: pd.Series) -> Parsed:
    table = code_table(field.codes or "")
    codes, typed = _as_typed(raw)
    found: list[Any] = [table.canonical(text) if text else None for text in typed]
    return _looked_up(field, raw, codes, found, _NOT_A_CODE, "str")


def _looked_up(
    field: Field, raw: pd.Series, codes: NDArray[np.intp], found: list[Any], message: str, dtype: str
) -> Parsed:
    answers = np.empty(len(found), dtype=object)
    answers[:] = found
    values = answers[codes]
    reasons = _refused(len(raw))
    unknown = np.asarray(pd.isna(values), dtype=bool)
    if unknown.any():
        bad = unknown.copy()
        bad[unknown] = cell_texts(raw[unknown]) != ""
        _say(reasons, bad, message, field, raw)
    return pd.Series(values, dtype=dtype), reasons
