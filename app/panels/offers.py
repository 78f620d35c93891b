"""What to offer for text fields that have a list of their own: land-use codes of the row's scheme, units."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.panels.field_editors import plain_value
from gis.text import language
from layers.spec import Field, LayerSpec

if TYPE_CHECKING:
    from app.session import Session

__all__ = ["offered"]


def offered(
    session: Session, spec: LayerSpec, field: Field, beside: Callable[[str], Any]
) -> list[tuple[Any, str]]:
    """Stored value and title of each proposal; ``beside`` gives another field of the same row."""
    if session.project is None or field.codes is not None:
        return []
    if field.name == "unit":
        return _units(session, str(plain_value(beside("unit")) or ""))
    from layers.importing.land_use_fields import LAND_USE_FIELDS

    code, scheme, name, by_name = LAND_USE_FIELDS.get(spec.name, ("", "", "", None))
    if field.name not in (code, name):
        return []
    entries = session.project.codes.entries(str(plain_value(beside(scheme)) or by_name or ""))
    if field.name == name:
        return [(item.name, item.name) for item in entries if not item.wildcard]
    chinese = language() == "zh_CN"
    return [
        (item.code, f"{item.code} {item.name if chinese else item.en or item.name}")
        for item in entries
        if not item.wildcard
    ]


def _units(session: Session, present: str) -> list[tuple[Any, str]]:
    """By name where rows hold names, else by code."""
    names = {unit.code: unit.name for result in session.results for unit in result.units}
    if present in names.values():
        return [(name, name) for name in names.values()]
    return [(code, f"{code} {name}") for code, name in names.items()]
