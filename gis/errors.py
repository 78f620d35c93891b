"""Errors a user can cause or can do something about.

Everything else is a bug and keeps its traceback.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["ParkLineError"]


class ParkLineError(Exception):
    """What happened, in which file and row, and what to do about it.

    The message and the hint are already translated for the person in front of the screen.
    """

    def __init__(
        self, message: str, *, hint: str = "", file: str | Path | None = None, row: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.file = None if file is None else Path(file)
        self.row = row

    def __str__(self) -> str:
        where = "" if self.file is None else str(self.file)
        if self.row is not None:
            where += f"#{self.row}"
        text = f"{where}: {self.message}" if where else self.message
        return f"{text} {self.hint}".strip()
