"""QGIS styles (QML) of the layers, so that the project file opens drawn in QGIS.

Rule-based renderers: rows of the past stay in the table and are hidden by the rule, land use takes the colours of
its classes.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from layers.codes import LandUseCodes

__all__ = ["qgis_styles"]


def qgis_styles(codes: LandUseCodes) -> dict[str, str]:
    """Table name → QML text for every layer with a geometry."""
    return {}
