"""Severities as they are shown: word, icon and role of the colour, gravest first."""

from __future__ import annotations

from layers.evidence_words import SEVERITY_WORDS

__all__ = ["SEVERITIES"]

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
