"""What the warnings panel lists: rezoned pieces and findings of the checks, in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.text import tr
from layers.evidence_words import SEVERITY_WORDS, value_word

if TYPE_CHECKING:
    from layers.checks.result import CheckResult

__all__ = ["SEVERITIES", "WarningRow", "finding_rows", "piece_rows"]

# Severity → (icon, colour role), and with its word: gravest first.
_SIGNS = {
    "violation": ("error", "bad"),
    "error": ("error", "bad"),
    "warn": ("warning", "caution"),
    "warning": ("warning", "caution"),
    "review": ("review", "caution"),
    "note": ("note", "muted"),
    "sliver": ("note", "muted"),
}
SEVERITIES: dict[str, tuple[str, str, str]] = {
    name: (word, *_SIGNS[name]) for name, word in SEVERITY_WORDS.items()
}


@dataclass(frozen=True, slots=True)
class WarningRow:
    """One line: a piece of land with its geometry, or a finding on a row (table, uuid)."""

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


def _first(row: Mapping[str, Any], *names: str) -> Any:
    """The first of these columns that the row has a value in."""
    for name in names:
        value = row.get(name)
        if value is not None and value == value and str(value) not in {"", "<NA>", "NaT"}:
            return value
    return None


def piece_rows(pieces: Any, names: Mapping[str, str], source: str = "") -> list[WarningRow]:
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
        )
        for result in results
        for finding in result.findings
    ]
