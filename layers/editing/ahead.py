"""An edit weighed while the hand still holds it, so that it has only to be stored when it is let go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.store.file_state import file_state
from layers.editing.validation import check_edit
from layers.editing.warnings import EditWarning, warnings_of

if TYPE_CHECKING:
    from layers.editing.edit import Edit
    from layers.project import Project

__all__ = ["Ahead", "weighed"]


@dataclass(frozen=True)
class Ahead:
    """An edit that has passed `check_edit`, what it warns about, and the state of the project file then."""

    edit: Edit
    warnings: tuple[EditWarning, ...]
    state: tuple[int, ...]

    def holds(self, project: Project) -> bool:
        """Whether nothing has been written since, by whatever program: lines and plan are still the same."""
        return bool(self.state) and self.state == _state(project)


def weighed(project: Project, edit: Edit) -> Ahead:
    """Check an edit and look for what it warns about. Raises what `check_edit` raises."""
    state = _state(project)  # before anything is read: what is written meanwhile is noticed
    check_edit(project, edit)
    return Ahead(edit, tuple(warnings_of(project, edit)), state)


def _state(project: Project) -> tuple[int, ...]:
    """Of the file; nothing if it is gone, which storing the edit will say."""
    try:
        return tuple(file_state(project.store.path))
    except OSError:
        return ()
