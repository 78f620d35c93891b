"""Forward migrations of the project file, one module ``to<N>`` per version.

Each has ``info``, a sentence for the user, and ``migrate(connection)``, run inside a transaction. A file is migrated
by the first edit, never by opening it, and a copy of the old one is kept beside it.
"""

from __future__ import annotations

import importlib
import sqlite3
from dataclasses import dataclass
from types import ModuleType

from gis.text import tr

__all__ = ["LATEST", "Migration", "pending"]

LATEST = 2


@dataclass(frozen=True, slots=True)
class Migration:
    """One step to a version."""

    version: int
    module: ModuleType

    @property
    def info(self) -> str:
        """What the step brings, in the language in use."""
        return tr(str(self.module.info))

    def migrate(self, connection: sqlite3.Connection) -> None:
        """Do the step; the caller commits."""
        self.module.migrate(connection)


def pending(version: int) -> list[Migration]:
    """The steps that a file of that version lacks, oldest first."""
    return [
        Migration(step, importlib.import_module(f"{__name__}.to{step}"))
        for step in range(version + 1, LATEST + 1)
    ]
