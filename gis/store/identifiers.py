"""The one place where names become SQL."""

from __future__ import annotations

__all__ = ["literal", "quoted"]


def quoted(name: str) -> str:
    """A table or column name as an SQL identifier, whatever characters it holds.

    Raises ``ValueError`` for the empty name and for NUL, which SQLite cannot hold.
    """
    if not name or "\x00" in name:
        raise ValueError(f"not a name: {name!r}")
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal, for statements that take no parameters (DDL)."""
    if "\x00" in text:
        raise ValueError("text with NUL")
    return "'" + text.replace("'", "''") + "'"
