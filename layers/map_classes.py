"""Which fields decide how a row is drawn, on our own map and in QGIS."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CLASS_FIELDS", "LAND_USE_FIELDS"]

# Layers drawn by land use → scheme and code.
LAND_USE_FIELDS: Mapping[str, tuple[str, str]] = {
    "land_use": ("scheme", "code"),
    "parcel": ("land_use_scheme", "land_use_code"),
}
# Layers whose symbol has fills or dashes by class → the field that tells the class.
CLASS_FIELDS: Mapping[str, str] = {"block_line": "level", "factory": "state"}
