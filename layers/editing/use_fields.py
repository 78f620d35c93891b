"""Code and name of a use say the same: where one is edited alone, the other follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from layers.codes import LandUseCodes
from layers.editing.rows import cell, differs
from layers.editing.values import checked_frame
from layers.importing.land_use_fields import LAND_USE_FIELDS
from layers.land_use_codes import plain_text
from layers.spec import LayerSpec

__all__ = ["completed", "name_of_use", "with_followers"]


def with_followers(
    spec: LayerSpec, codes: LandUseCodes, rows: pd.DataFrame, cells: pd.DataFrame
) -> pd.DataFrame:
    """Checked cells and, beside a new code, its name, or beside a new name, its code.

    ``rows`` are the present values of the same rows. A code that has no name, or a name that is in no list,
    leaves the other empty: a stale one would contradict it.
    """
    if spec.name not in LAND_USE_FIELDS:
        return cells
    code, scheme, name, by_name = LAND_USE_FIELDS[spec.name]
    given = {code, name} & set(cells.columns)
    if len(given) != 1:
        return cells
    leader = given.pop()
    follower = name if leader == code else code
    changed = differs(rows.loc[cells.index, leader], cells[leader])
    schemes = cells[scheme] if scheme in cells else rows.loc[cells.index, scheme]
    values = list(rows.loc[cells.index, follower])
    named = list(schemes)
    for row in [number for number, new in enumerate(changed) if new]:
        value = cell(cells[leader].iloc[row])
        if leader == code:
            values[row] = name_of_use(codes, cell(named[row]), value)
        else:
            named[row] = cell(named[row]) or by_name
            values[row] = codes.find(named[row], value) if named[row] and value else None
    result = cells.assign(**{follower: pd.Series(values, index=cells.index, dtype="str")})
    if leader == name and scheme not in cells:
        result[scheme] = pd.Series(named, index=cells.index, dtype="str").where(result[code].notna(), schemes)
    return result


def completed(spec: LayerSpec, codes: LandUseCodes, values: Mapping[str, object]) -> dict[str, Any]:
    """Values of a new row, checked, with the name of its code or the code of its name."""
    frame = pd.DataFrame(
        {name: pd.Series([value], dtype=object) for name, value in values.items()}, index=[0]
    )
    nothing = pd.DataFrame({item.name: pd.Series([None], dtype="str") for item in spec.fields})
    row = with_followers(spec, codes, nothing, checked_frame(spec, frame)).iloc[0]
    return {str(name): cell(value) for name, value in row.items()}


def name_of_use(codes: LandUseCodes, scheme: Any, code: Any) -> str | None:
    """Name of a code, None where it has none: the name as the list has it (not as the language in use shows it); of a mixed code, its title."""
    if not scheme or not code or not codes.known(scheme, code):
        return None
    exact = next((item.name for item in codes.entries(scheme) if item.code == plain_text(code)), None)
    return exact or codes.title(scheme, code) or None
