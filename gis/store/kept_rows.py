"""What imports leave behind beside the tables: rows in quarantine, and how columns were matched to fields."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["mappings", "no_rows", "quarantined"]

_NAMES = ("uuid", "table", "source", "row", "reason", "values", "transaction")


def no_rows() -> pd.DataFrame:
    """Quarantine of a file that has no table for it yet."""
    import pandas as pd

    return pd.DataFrame(columns=list(_NAMES))


def quarantined(connection: sqlite3.Connection, table: str | None) -> pd.DataFrame:
    """Rows in quarantine, of one table or all: uuid, table, source, row, reason, values (dict), transaction."""
    import pandas as pd

    rows = connection.execute(
        "SELECT uuid, table_name, source, row, reason, row_values, born FROM parkline_quarantine "
        "WHERE retired IS NULL AND (?1 IS NULL OR table_name = ?1) ORDER BY fid",
        (table,),
    ).fetchall()
    frame = pd.DataFrame(rows, columns=list(_NAMES))
    frame["row"] = frame["row"].astype("Int64")
    frame["values"] = [json.loads(text) for text in frame["values"]]
    return frame


def mappings(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    """Remembered mappings of a table: signature → JSON, the newest first."""
    return dict(
        connection.execute(
            "SELECT signature, mapping FROM parkline_mapping WHERE table_name = ? ORDER BY at DESC", (table,)
        )
    )
