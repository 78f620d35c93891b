"""Rows by what stands in their fields: questions as a planner puts them, answered from columns kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.progress import Progress, silent
from gis.store.base import Condition
from gis.store.row_lists import RowLists
from gis.text import tr
from layers.spec import Field, FieldType

__all__ = ["Operator", "Question", "matching", "operators", "stored"]


class Operator(StrEnum):
    """What is asked of a value. A row without a value answers ``EMPTY`` only."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    BETWEEN = "between"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    CONTAINS = "contains"
    EMPTY = "empty"
    FILLED = "filled"

    @property
    def operands(self) -> int | None:
        """How many values it takes; None: as many as one likes."""
        if self in {Operator.EMPTY, Operator.FILLED}:
            return 0
        if self in {Operator.ONE_OF, Operator.NONE_OF}:
            return None
        return 2 if self is Operator.BETWEEN else 1


_ORDERED = (
    Operator.EQUAL, Operator.UNEQUAL, Operator.AT_LEAST, Operator.AT_MOST, Operator.MORE, Operator.LESS,
    Operator.BETWEEN,
)  # fmt: skip
_LISTED = (Operator.ONE_OF, Operator.NONE_OF)
_PRESENCE = (Operator.EMPTY, Operator.FILLED)


@dataclass(frozen=True, slots=True)
class Question:
    """``values`` are texts as typed, codes by value or title; ``BETWEEN`` takes the lower and the upper one, both met."""

    field: Field
    operator: Operator
    values: tuple[str, ...] = ()


def operators(field: Field) -> tuple[Operator, ...]:
    """What can be asked of a field, the likeliest first."""
    if field.type in {FieldType.REAL, FieldType.INTEGER, FieldType.DATE}:
        return (*_ORDERED, *_PRESENCE)
    if field.type in {FieldType.CODE, FieldType.BOOLEAN}:
        return (*_LISTED, *_PRESENCE)
    return (Operator.CONTAINS, Operator.EQUAL, Operator.UNEQUAL, *_LISTED, *_PRESENCE)


def stored(field: Field, text: str) -> object:
    """A typed value as the store keeps it; figures may name their unit (80 亩). ``ParkLineError`` for what is none."""
    import pandas as pd

    from layers.importing.values import parse

    if field.type is FieldType.TEXT:
        return text.strip()
    values, reasons = parse(field, pd.Series([text.strip()], dtype=object))
    if reasons[0]:
        raise ParkLineError(str(reasons[0]), hint=tr("请核对条件中的值。"))
    value: Any = values.iloc[0]
    if not text.strip() or pd.isna(value):
        raise ParkLineError(
            tr("“{field}”的条件缺少值。", field=field.title), hint=tr("填写一个值，或改用“为空”。")
        )
    if field.type is FieldType.DATE:
        return str(value)[:10]
    return value


def matching(
    lists: RowLists,
    table: str,
    questions: Sequence[Question],
    *,
    every: bool,
    where: Sequence[Condition] = (),
    progress: Progress = silent,
) -> NDArray[np.int64]:
    """Row ids, ascending, of the rows that answer ``every`` question, or any of them.

    ``where`` holds of all rows. Raises ``ParkLineError`` for a value that its field does not take.
    """
    together: list[Condition] = []
    answers: list[NDArray[np.int64]] = []
    for question in questions:
        conditions = _conditions(question)
        if conditions is None:
            answers.append(_without(lists, table, question, progress))
        elif every:
            together += conditions  # one pass over the rows, and no sets of a million ids to cut
        else:
            answers.append(np.sort(lists.rows(table, conditions, progress=progress)))
    if together:
        answers.append(np.sort(lists.rows(table, together, progress=progress)))
    if not answers:
        return np.empty(0, dtype=np.int64)
    join = np.intersect1d if every else np.union1d
    found = reduce(join, answers)
    return found if not where else np.intersect1d(found, lists.rows(table, where, progress=progress))


def _conditions(question: Question) -> list[Condition] | None:
    """Conditions all of which hold of the rows that answer a question; None if it asks what does not hold."""
    field, operator, name = question.field, question.operator, question.field.name
    values = _values(question)
    filled = [Condition(name, "notnull")]
    if field.type in {FieldType.TEXT, FieldType.CODE}:
        filled.append(Condition(name, "!=", ""))
    match operator:
        case Operator.FILLED:
            return filled
        case Operator.EMPTY | Operator.NONE_OF:
            return None
        case Operator.BETWEEN:
            return [Condition(name, ">=", values[0]), Condition(name, "<=", values[1])]
        case Operator.ONE_OF:
            return [Condition(name, "in", tuple(values))]
        case Operator.UNEQUAL:
            return [*filled, Condition(name, "!=", values[0])]
        case _:
            return [Condition(name, operator.value, values[0])]


def _without(lists: RowLists, table: str, question: Question, progress: Progress) -> NDArray[np.int64]:
    """Row ids of what has no value, or none of the values."""
    filled = _conditions(Question(question.field, Operator.FILLED)) or []
    some = np.sort(lists.rows(table, filled, progress=progress))
    if question.operator is Operator.EMPTY:
        return np.setdiff1d(lists.rows(table, progress=progress), some)
    named = [Condition(question.field.name, "in", tuple(_values(question)))]
    return np.setdiff1d(some, lists.rows(table, named, progress=progress))


def _values(question: Question) -> list[object]:
    """What is asked for, as it is stored. ``ParkLineError`` if something is missing or no value of the field."""
    field, count = question.field, question.operator.operands
    if (count is not None and len(question.values) < count) or (count is None and not question.values):
        raise ParkLineError(
            tr("“{field}”的条件缺少值。", field=field.title), hint=tr("填写一个值，或改用“为空”。")
        )
    return [stored(field, text) for text in question.values[: count if count is not None else None]]
