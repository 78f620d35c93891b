"""The check of the data after a change of a few rows: only what depends on them is asked again.

Where parcels lie, and what their neighbours leave or take, does not depend on anything a scenario changes; what a parcel
says of itself is asked of the changed ones alone, doubled numbers of the rows that have a number in question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from layers.checks import data_quality
from layers.checks import tables as read
from layers.checks.data_quality import Ground, Question
from layers.checks.quality_shapes import Problems
from layers.checks.registry import Check
from layers.checks.result import CheckResult
from layers.scenarios.changes import RowChange
from layers.scenarios.prepared import Basis, Prepared, Tables, Whole

__all__ = ["prepared_quality"]

Integers = NDArray[np.int64]


def prepared_quality(check: Check, basis: Basis) -> Prepared:
    """The check on these tables, ready for changed rows."""
    return _Again(check, basis)


class _Again(Whole):
    def __init__(self, check: Check, basis: Basis) -> None:
        super().__init__(check, basis)
        self._here = data_quality.ground(basis.tables, basis.units, basis.policy, basis.codes, basis.as_of)
        self._questions = data_quality.questions(self._here.parameters)
        self._found: list[Problems] = []

    def base(self) -> CheckResult:
        """The result without any change; what was found is kept."""
        self._found = [_asked(question, self._here) for question in self._questions]
        return self._judged(self._found, self._here)

    def run(self, tables: Tables, rows: Sequence[RowChange]) -> CheckResult:
        """The result with the changes."""
        changed: dict[str, set[str]] = {}
        for row in rows:
            changed.setdefault(row.table, set()).update(row.values)
        if len(tables["parcel"]) != len(self._here.home) or "geometry" in changed.get("parcel", ()):
            return super().run(tables, rows)
        more = {name for name in changed if len(tables[name]) != len(self._basis.tables[name])}
        here = replace(self._here, tables=tables)
        uuids = {row.uuid for row in rows if row.table == "parcel"}
        places = (
            np.flatnonzero(read.rows_with(tables["parcel"], "uuid", uuids)) if uuids else np.zeros(0, int)
        )
        few = self._few(tables, places)
        found = []
        for question, before in zip(self._questions, self._found, strict=True):
            if not _touched(question, changed, more):
                found.append(before)
            elif question.alone and set(changed) & set(question.reads) == {"parcel"}:
                found.append(_with(before, _asked(question, few), places))
            elif question.number and "parcel" in question.reads:
                found.append(self._numbered(question, before, tables, places))
            else:
                found.append(_asked(question, here))
        return self._judged(found, here)

    def _judged(self, found: Sequence[Problems], here: Ground) -> CheckResult:
        return data_quality.judged(found, here, self._basis.policy, self._basis.as_of)

    def _few(self, tables: Tables, places: Integers) -> Ground:
        """The ground of some parcels alone."""
        basis = self._basis
        some = {**tables, "parcel": tables["parcel"].iloc[places]}
        return data_quality.ground(some, basis.units, basis.policy, basis.codes, basis.as_of)

    def _numbered(self, question: Question, before: Problems, tables: Tables, places: Integers) -> Problems:
        """Parcels that have one of the numbers that the changed ones have or had."""
        old, new = (
            read.texts(table["parcel"].iloc[places], question.number)
            for table in (self._basis.tables, tables)
        )
        asked = read.rows_with(tables["parcel"], question.number, {*old, *new} - {""})
        asked[places] = True
        rows = np.flatnonzero(asked)
        return _with(before, _asked(question, self._few(tables, rows)), rows)


def _asked(question: Question, here: Ground) -> Problems:
    found = Problems()
    question.ask(found, here)
    return found


def _with(before: Problems, again: Problems, rows: Integers) -> Problems:
    """What was found before without that of ``rows``, and what was found ``again`` among them alone."""
    gone = set(rows.tolist())
    return Problems.joined(
        [
            before.taken(lambda row: row not in gone, int),
            again.taken(lambda _row: True, lambda row: int(rows[row])),
        ]
    )


def _touched(question: Question, changed: Mapping[str, set[str]], more: set[str]) -> bool:
    """Whether a question reads anything that is changed; ``more`` are tables with new rows."""
    for name, columns in question.reads.items():
        if name in more or (name in changed and (columns is None or changed[name] & set(columns))):
            return True
    return False
