"""The values that occur in a field, with their titles, to pick from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.progress import Progress, silent
from gis.store.row_lists import RowLists
from layers.map_classes import LAND_USE_FIELDS
from layers.spec import Field

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["occurring_values"]

_MOST = 1000  # more cannot be looked through; a part of the text finds them


def occurring_values(
    project: Project, lists: RowLists, table: str, field: Field, progress: Progress = silent
) -> list[tuple[str, str]]:
    """(value, title) of a text field's values, in order, at most a thousand; a land-use code is named."""
    values = [text for text in lists.distinct(table, field.name, _MOST, progress=progress) if text]
    scheme_field, code_field = LAND_USE_FIELDS.get(table, ("", ""))
    if field.name != code_field:
        return [(text, text) for text in values]
    schemes = lists.distinct(table, scheme_field, _MOST, progress=progress)

    def title(code: str) -> str:
        known = next((scheme for scheme in schemes if project.codes.known(scheme, code)), None)
        return code if known is None else f"{code}  {project.codes.title(known, code)}"

    return [(code, title(code)) for code in values]
