"""Typed, pasted or computed values held against the declaration of their field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gis.errors import ParkLineError
from gis.text import tr
from gis.units import UNIT_FACTORS, unit_in_header, unit_title
from layers.editing.rows import missing, refuse_read_only
from layers.importing.values import parse
from layers.spec import Field, FieldType, LayerSpec

__all__ = ["FieldError", "checked_frame", "checked_values"]

_NUMBERS = (FieldType.REAL, FieldType.INTEGER)
# "12.5公顷", "80 亩": letters behind the digits.
_SUFFIX = re.compile(r"(?<=[\d.])\s*([^\d\s.,]+)\s*$")


class FieldError(ParkLineError):
    """A value that its field does not take. ``layer`` and ``field`` name it, ``uuid`` the row if there is one."""

    def __init__(
        self, message: str, spec: LayerSpec, field: Field, *, hint: str = "", uuid: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.layer = spec.name
        self.field = field.name
        self.uuid = uuid


def checked_values(spec: LayerSpec, values: Mapping[str, object], *, uuid: str = "") -> dict[str, Any]:
    """One value for each field, as stored (missing is None); texts are read as an import reads cells.

    Raises `FieldError` for a value of the wrong type, out of range, not in the code table or in a wrong unit,
    for a computed field, and ``KeyError`` for a field that the layer does not have.
    """
    index = pd.Index([uuid], dtype=object)
    frame = pd.DataFrame(
        {name: pd.Series([value], index=index, dtype=object) for name, value in values.items()}
    )
    checked = checked_frame(spec, frame)
    return {
        name: None if missing(checked[name].iloc[0]) else checked[name].iloc[0] for name in checked.columns
    }


def checked_frame(spec: LayerSpec, frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of fields with a value a row, as stored; see `checked_values`. The index names the rows."""
    refuse_read_only(spec)
    return pd.DataFrame(
        {name: _checked(spec, spec.field(str(name)), frame[name]) for name in frame.columns},
        index=frame.index,
    )


def _checked(spec: LayerSpec, field: Field, raw: pd.Series[Any]) -> pd.Series[Any]:
    if field.computed:
        raise FieldError(
            tr("“{field}”由图形算出，不能填写。", field=field.title),
            spec, field, hint=tr("修改图形后会自动重算。"), uuid=_name(raw, 0),
        )  # fmt: skip
    values: pd.Series[Any] | None = None
    units = _units(spec, field, raw)
    for unit in sorted(set(units), key=str):
        rows = np.flatnonzero(units == unit)
        cells = raw.iloc[rows]
        if field.type in _NUMBERS and all(_is_number(item) for item in cells[cells.notna()]):
            cells = pd.Series(pd.to_numeric(cells).astype("float64"), index=cells.index)
        parsed, reasons = parse(field, cells.reset_index(drop=True), unit or None)
        bad = np.flatnonzero(reasons != "")
        if len(bad):
            raise FieldError(str(reasons[bad[0]]), spec, field, uuid=_name(raw, int(rows[bad[0]])))
        part = pd.Series(parsed.to_numpy(), index=rows, dtype=parsed.dtype)
        values = part if values is None else pd.concat([values, part])
    if values is None:
        return raw
    values = values.sort_index()
    values.index = raw.index
    if field.required and values.isna().any():
        row = int(np.flatnonzero(values.isna().to_numpy())[0])
        raise FieldError(tr("“{field}”不能为空。", field=field.title), spec, field, uuid=_name(raw, row))
    return values


def _units(spec: LayerSpec, field: Field, raw: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Unit that each cell names behind its figure, "" where it names none."""
    found = np.full(len(raw), "", dtype=object)
    if field.type not in _NUMBERS or field.unit is None:
        return found
    for row, value in enumerate(raw):  # only texts are looked at, and those are typed by hand
        match = _SUFFIX.search(value) if isinstance(value, str) else None
        if match is None:
            continue
        unit = unit_in_header(f"-/{match[1]}")
        if unit is None or UNIT_FACTORS[unit][0] != UNIT_FACTORS[field.unit][0]:
            raise FieldError(
                tr("“{text}”的单位不适用于“{field}”。", text=value, field=field.title),
                spec, field, hint=tr("请填数字，单位为{unit}。", unit=unit_title(field.unit)), uuid=_name(raw, row),
            )  # fmt: skip
        found[row] = unit
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _name(raw: pd.Series[Any], row: int) -> str:
    return str(raw.index[row]) if len(raw) else ""
