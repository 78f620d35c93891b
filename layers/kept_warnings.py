"""Warnings that are kept: new, acknowledged with a reason, resolved, found again.

A run of the checks writes nothing. What it finds is held against the register (`layers.records.FINDING_TABLE`) by the keys
of `layers.warning_rows`; only entering the state of a run, or acknowledging a warning, is a transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gis.errors import ParkLineError
from gis.text import tr
from layers.records import FINDING_TABLE
from layers.warning_rows import WarningRow

if TYPE_CHECKING:
    import pandas as pd

    from layers.project import Project

__all__ = ["KeptWarning", "State", "acknowledge", "kept_rows", "reconcile", "record"]


class State(StrEnum):
    """What became of a warning; codes of the table ``finding_state``."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class KeptWarning:
    """A warning and what is known of it. ``row`` is as found now, or as it was kept; ``uuid`` that of its register entry.

    ``found`` tells whether the checks find it now, ``known`` whether it stands in the register.
    """

    row: WarningRow
    state: State
    found: bool
    uuid: str = ""
    first_on: dt.date | None = None
    resolved_on: dt.date | None = None
    reason: str = ""
    acknowledged_by: str = ""
    acknowledged_on: dt.date | None = None

    @property
    def known(self) -> bool:
        """Whether it stands in the register."""
        return bool(self.uuid)

    @property
    def open(self) -> bool:
        """Whether somebody still has to look at it."""
        return self.state in (State.NEW, State.REOPENED)


def kept_rows(project: Project) -> pd.DataFrame:
    """The register."""
    import pandas as pd

    return pd.DataFrame(project.read(FINDING_TABLE.name, geometry=False))


def reconcile(
    found: Sequence[WarningRow], register: pd.DataFrame, judged: Collection[str]
) -> list[KeptWarning]:
    """Hold what the checks of the ids ``judged`` found against the register.

    What was resolved and is found again is reopened; what is not found any more is resolved, unless its check was
    not run. An acknowledged warning stays so as long as it is found.
    """
    entries = {str(entry["key"]): entry for entry in register.to_dict("records")}
    kept = [_held(row, entries.pop(row.key, None)) for row in found]
    for entry in entries.values():
        gone = str(entry["check_id"]) in judged
        state = State.RESOLVED if gone else State(str(entry["state"]))
        kept.append(_known(_as_kept(entry), state, entry, found=False))
    return kept


def _held(row: WarningRow, entry: Mapping[Any, Any] | None) -> KeptWarning:
    if entry is None:
        return KeptWarning(row, State.NEW, found=True)
    state = State(str(entry["state"]))
    return _known(row, State.REOPENED if state is State.RESOLVED else state, entry, found=True)


def _known(row: WarningRow, state: State, entry: Mapping[Any, Any], *, found: bool) -> KeptWarning:
    return KeptWarning(
        row,
        state,
        found,
        uuid=str(entry["uuid"]),
        first_on=_day(entry["first_on"]),
        resolved_on=_day(entry["resolved_on"]),
        reason=_text(entry["reason"]),
        acknowledged_by=_text(entry["acknowledged_by"]),
        acknowledged_on=_day(entry["acknowledged_on"]),
    )


def _as_kept(entry: Mapping[Any, Any]) -> WarningRow:
    area = entry["area"]
    return WarningRow(
        severity=_text(entry["severity"]),
        unit=_text(entry["unit"]),
        unit_name=_text(entry["unit"]),
        text=_text(entry["text"]),
        area=None if area is None or area != area else float(area),
        table=_text(entry["subject_layer"]),
        uuid=_text(entry["subject_uuid"]),
        check=_text(entry["check_id"]),
        key=_text(entry["key"]),
    )


def record(project: Project, warnings: Sequence[KeptWarning], day: dt.date) -> dict[State, int]:
    """Enter the state of a run into the register, in one transaction; gives how many are of each state.

    New ones are added, those that were resolved or found again get that state, all found ones their last day.
    """
    _write(project, [(item, {}) for item in warnings], day, tr("登记预警"))
    return {state: sum(item.state is state for item in warnings) for state in State}


def acknowledge(project: Project, warnings: Sequence[KeptWarning], reason: str, day: dt.date) -> None:
    """Acknowledge warnings that are found now: by whom, when and why. `ParkLineError` without a reason."""
    import pandas as pd

    reason = reason.strip()
    if not reason:
        raise ParkLineError(tr("确认预警须说明理由。"), hint=tr("例如批准文号或处理情况。"))
    more = {
        "state": State.ACKNOWLEDGED.value,
        "reason": reason,
        "acknowledged_by": project.store.user,
        "acknowledged_on": pd.Timestamp(day),
    }
    found = [(item, more) for item in warnings if item.found]
    _write(project, found, day, tr("确认 {count} 条预警：{reason}", count=len(found), reason=reason))


def _write(
    project: Project, changes: Iterable[tuple[KeptWarning, Mapping[str, object]]], day: dt.date, why: str
) -> None:
    import pandas as pd

    moment = pd.Timestamp(day)
    fresh, known = [], []
    for item, more in changes:
        row = item.row
        values: dict[str, object] = {
            "state": item.state.value,
            "severity": row.severity,
            "text": str(row.text),
            "area": row.area,
            "last_on": moment if item.found else None,
            "resolved_on": item.resolved_on or moment if item.state is State.RESOLVED else None,
        }
        if not item.known:
            about = {"key": row.key, "check_id": row.check, "unit": row.unit, "first_on": moment}
            fresh.append({**about, "subject_layer": row.table, "subject_uuid": row.uuid, **values, **more})
        else:
            known.append({"uuid": item.uuid, **values, **more})
    if not fresh and not known:
        return
    with project.transaction(why) as transaction:
        if fresh:
            transaction.insert(FINDING_TABLE.name, pd.DataFrame(fresh))
        if known:
            frame = pd.DataFrame(known)
            lasting = frame["last_on"].isna()  # what is gone keeps the day on which it was last found
            for part in (frame[~lasting], frame[lasting].drop(columns="last_on")):
                if len(part):
                    transaction.update(FINDING_TABLE.name, part)


def _text(value: object) -> str:
    return "" if value is None or str(value) in {"nan", "<NA>", "NaT"} else str(value)


def _day(value: Any) -> dt.date | None:
    return None if value is None or value != value else value.date()  # NaT is no date and not itself
