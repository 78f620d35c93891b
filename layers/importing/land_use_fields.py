"""Land-use codes with their scheme: stored together, found from the name where a ledger has only names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import tr
from layers.importing.plan import ImportPlan

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["LAND_USE_FIELDS", "fill_land_use"]

# Layer → (code, scheme, name) fields and the scheme in which bare names are looked up.
LAND_USE_FIELDS = {
    "land_use": ("code", "scheme", "name", None),
    "parcel": ("land_use_code", "land_use_scheme", "land_use_name", None),
    # Published supply results carry names of the landchina list (domain reference §3.2).
    "transfer": ("use_code", "use_scheme", "use_name", "landchina"),
}


def fill_land_use(
    project: Project, plan: ImportPlan, frame: pd.DataFrame, reasons: NDArray[np.object_]
) -> None:
    """Set the scheme of codes and the code of names, in place.

    A land-use row whose code is in no table of its scheme is refused as an unknown code; for parcels and
    transfers the text is kept as typed, and the checks show it as unknown.
    """
    if plan.layer not in LAND_USE_FIELDS:
        return
    code, scheme, name, by_name = LAND_USE_FIELDS[plan.layer]
    if code in frame and scheme not in frame and plan.scheme is not None:
        frame[scheme] = _where_present(frame[code], plan.scheme)
    if code not in frame and name in frame and by_name is not None:
        texts = frame[name]
        codes = {text: project.codes.find(by_name, text) for text in texts.dropna().unique()}
        frame[code] = texts.map(codes, na_action="ignore").astype("str")
        frame[scheme] = _where_present(frame[code], by_name)
    if plan.layer == "land_use" and code in frame and scheme in frame:
        pairs = frame[[scheme, code]].drop_duplicates()
        unknown = {
            (s, c)
            for s, c in pairs.itertuples(index=False)
            if not pd.isna(c) and not pd.isna(s) and not project.codes.known(s, c)
        }
        if unknown:
            keys = list(zip(frame[scheme], frame[code], strict=True))
            for row, key in enumerate(keys):
                if key in unknown and reasons[row] == "":
                    reasons[row] = tr("用地代码 {code} 不在分类标准 {scheme} 中", code=key[1], scheme=key[0])
        missing = frame[code].isna().to_numpy() & (reasons == "")
        reasons[missing] = tr("缺少用地代码")


def _where_present(column: pd.Series, value: str) -> pd.Series:
    """The value in the rows in which the column has one."""
    return pd.Series(value, index=column.index, dtype="str").where(column.notna())
