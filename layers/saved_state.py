"""A copy of a project as it was saved on an earlier day, which stands for that day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from gis.progress import Progress, scaled, silent
from gis.store.earlier_state import write_earlier
from gis.text import tr
from layers.project import META, Project

__all__ = ["write_saved_state"]


def write_saved_state(project: Project, day: dt.date, path: Path, progress: Progress = silent) -> None:
    """Write the copy over whatever lies at ``path``; `ParkLineError` for a day before the project."""
    saved = project.saved_on(day)
    write_earlier(project.store, path, saved.id, overwrite=True, progress=scaled(progress, 0.0, 0.95))
    name = tr("{name}（{day} 存档）", name=project.name, day=day.isoformat())
    with Project.open(path) as copy, copy.transaction(tr("存档状态的时点")) as transaction:
        transaction.set_meta(META.AS_OF, day.isoformat())
        transaction.set_meta(META.NAME, name)
    progress(1.0, tr("还原完成"))
