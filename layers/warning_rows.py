"""What there is to warn of: units that fall short, rezoned pieces and findings of the checks, in one form.

Each has a key by which it is known again on a later run: which check, on what, of which kind, but no figure and no
sentence in a language, since those change while the matter stays the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gis.text import source_of, tr
from layers.evidence_words import value_word

if TYPE_CHECKING:
    from layers.checks.result import CheckResult

__all__ = ["WarningRow", "finding_rows", "piece_rows", "unit_rows", "warning_rows"]


@dataclass(frozen=True, slots=True)
class WarningRow:
    """One line: a piece of land with its geometry, or a finding on a row (table, uuid).

    ``check`` is the id of the check; ``area`` m².
    """

    severity: str
    unit: str
    unit_name: str
    text: str
    change: str = ""
    area: float | None = None
    line: str = ""
    geometry: Any = None
    table: str = ""
    uuid: str = ""
    check: str = ""
    key: str = ""


# What tells one evidence row from another, whatever its figures.
_MADE_OF = ("way", "table", "uuid", "before_uuid", "after_uuid", "line", "before_code", "after_code", "kind")


def _first(row: Mapping[str, Any], *names: str) -> Any:
    """The first of these columns that the row has a value in."""
    for name in names:
        value = row.get(name)
        if value is not None and value == value and str(value) not in {"", "<NA>", "NaT"}:
            return value
    return None


def warning_rows(results: Sequence[CheckResult]) -> list[WarningRow]:
    """All that the checks warn of. Keys are unique: the second of a kind on the same row has a number of its own."""
    names = {unit.code: unit.name for result in results for unit in result.units}
    rows: list[WarningRow] = []
    for result in results:
        rows += unit_rows(result)
        if "severity" in result.evidence.columns:
            rows += piece_rows(result.evidence, names, result.title, check=result.id)
    rows += finding_rows(results)
    seen: Counter[str] = Counter()
    for number, row in enumerate(rows):
        seen[row.key] += 1
        if seen[row.key] > 1:
            rows[number] = replace(row, key=f"{row.key}|{seen[row.key]}")
    return rows


def unit_rows(result: CheckResult) -> list[WarningRow]:
    """The units (or the city) that fall short of a target."""
    judged = [result.city] if result.city is not None else list(result.units)
    return [
        WarningRow(
            severity="violation",
            unit=item.code,
            unit_name=item.name or tr("全市"),
            text=tr("{check}：{text}", check=result.title, text=item.explanation or tr("未达标")),
            check=result.id,
            key=f"{result.id}|unit|{item.code}",
        )
        for item in judged
        if item.verdict == "short"
    ]


def piece_rows(
    pieces: Any, names: Mapping[str, str], source: str = "", *, check: str = "rezoning"
) -> list[WarningRow]:
    """Rows of the pieces of a comparison or of the rezoning check's evidence."""
    rows = []
    for row in pieces.to_dict("records"):  # pieces are shown one by one
        severity = str(_first(row, "severity") or "note")
        if row.get("sliver") is True or str(row.get("sliver")) == "True":
            severity = "sliver"
        unit = str(_first(row, "unit") or "")
        before = _first(row, "before_title", "code_before", "before_code", "from_code", "from")
        after = _first(row, "after_title", "code_after", "after_code", "to_code", "to")
        area = _first(row, "area", "amount")
        rows.append(
            WarningRow(
                severity=severity,
                unit=unit,
                unit_name=names.get(unit, unit),
                text=_explanation(row) or str(_first(row, "why", "label") or source),
                change=f"{before or '–'} → {after or '–'}" if before or after else "",
                area=None if area is None else float(area),
                line=str(_first(row, "line_name", "line", "block_line") or ""),
                geometry=row.get("geometry"),
                table=str(_first(row, "table") or ""),
                uuid=str(_first(row, "uuid") or ""),
                check=check,
                key="|".join((check, *(str(_first(row, name) or "") for name in _MADE_OF), unit)),
            )
        )
    return rows


def _explanation(row: Mapping[str, Any]) -> str:
    """Which codes, how much of the block, how wide: what the other columns do not say."""
    way = row.get("way")
    # Of a change between two plans the other columns say it all.
    parts = [str(value_word("way", way))] if isinstance(way, str) and way != "code" else []
    if _first(row, "before_code", "after_code") is not None:
        parts.append(f"{_first(row, 'before_code') or '–'} → {_first(row, 'after_code') or '–'}")
    share, width = _first(row, "share"), _first(row, "width")
    if share is not None:
        parts.append(tr("占区块 {share}", share=f"{float(share):.2%}"))
    if width is not None:
        parts.append(tr("有效宽度 {width} m", width=f"{float(width):,.1f}"))
    return tr("，").join(parts)


def finding_rows(results: Sequence[CheckResult]) -> list[WarningRow]:
    """Rows of what the checks found about the data."""
    return [
        WarningRow(
            severity=finding.severity,
            unit="",
            unit_name="",
            text=tr("{check}：{text}", check=result.title, text=finding.text),
            table=finding.table,
            uuid=finding.uuid,
            check=result.id,
            key="|".join((result.id, finding.table, finding.uuid, source_of(finding.text))),
        )
        for result in results
        for finding in result.findings
    ]
