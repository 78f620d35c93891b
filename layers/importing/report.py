"""What an import did, or in a dry run would do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

__all__ = ["OUTLINE", "ImportReport", "Refused", "Repair"]


# Column of the geometry of a refused row, as WKT that names its system.
OUTLINE = "WKT"


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: its number in the source, why, its raw values and, under ``OUTLINE``, its geometry."""

    row: int
    reason: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Repair:
    """An invalid geometry and what it became; plane areas in m²."""

    row: int
    reason: str
    area_before: float
    area_after: float
    accepted: bool


@dataclass(slots=True)
class ImportReport:
    """``taken`` rows were added, ``updated`` rows joined to existing ones; ``total`` is all rows of the source."""

    file: str
    layer: str
    total: int
    taken: int = 0
    updated: int = 0
    refused: list[Refused] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    crs: str = ""
    encoding: str = ""
    transaction_id: int | None = None
    dry_run: bool = False

    def reasons(self) -> list[tuple[str, int]]:
        """How often each reason occurs, the commonest first."""
        return Counter(item.reason for item in self.refused).most_common()

    def to_json(self) -> dict[str, Any]:
        """The report for ``--json``."""
        return {
            "file": self.file,
            "layer": self.layer,
            "dry_run": self.dry_run,
            "rows": self.total,
            "taken": self.taken,
            "updated": self.updated,
            "refused": [
                {"row": item.row, "reason": item.reason, "values": _plain(item.values)}
                for item in self.refused
            ],
            "repairs": [
                {
                    "row": item.row,
                    "reason": item.reason,
                    "area_before": item.area_before,
                    "area_after": item.area_after,
                    "accepted": item.accepted,
                }
                for item in self.repairs
            ],
            "crs": self.crs,
            "encoding": self.encoding,
            "notes": self.notes,
            "transaction": self.transaction_id,
        }


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {
        key: value if value is None or isinstance(value, str | int | bool) else str(value)
        for key, value in values.items()
    }
