"""QGIS styles inside the file (table layer_styles), so that a project opens drawn in QGIS.

QGIS knows nothing of row versions: each style is rule-based and draws current rows only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from gis.store.schema import TableSchema

__all__ = ["StyleRule", "create_styles", "rule_based_qml"]

_CURRENT = '"retired" IS NULL'


@dataclass(frozen=True, slots=True)
class StyleRule:
    """One entry of a legend. ``filter`` is a QGIS expression, empty for all; colours are #RRGGBB."""

    label: str
    filter: str = ""
    fill: str = "#d9d9d9"
    line: str = "#4d4d4d"
    line_width: float = 0.26  # mm
    opacity: float = 0.6  # of the fill; 0 draws the outline only


def rule_based_qml(
    geometry: str, rules: Sequence[StyleRule] = (StyleRule(""),), *, hides_retired: bool = True
) -> str:
    """QML of a rule-based renderer for a GeoPackage geometry type; a first rule hides retired rows.

    A table without row versions (an exported file) needs ``hides_retired=False``.

    A table of mixed geometry (GEOMETRY) is drawn as polygons: QGIS asks for the kind when it adds such a table.
    """
    symbols = "".join(_symbol(geometry, number, rule) for number, rule in enumerate(rules))
    children = "".join(
        f'<rule key="{{rule-{number}}}" symbol="{number}" label={quoteattr(rule.label)}'
        + (f" filter={quoteattr(rule.filter)}" if rule.filter else "")
        + "/>"
        for number, rule in enumerate(rules)
    )
    current = f" filter={quoteattr(_CURRENT)}" if hides_retired else ""
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22" styleCategories="Symbology" readOnly="0">'
        '<renderer-v2 type="RuleRenderer" symbollevels="0" forceraster="0" enableorderby="0">'
        f'<rules key="{{root}}"><rule key="{{current}}"{current}>{children}</rule></rules>'
        f"<symbols>{symbols}</symbols></renderer-v2></qgis>"
    )


def create_styles(
    connection: sqlite3.Connection, tables: Sequence[TableSchema], styles: Mapping[str, str]
) -> None:
    """Create layer_styles as QGIS lays it out, with a default style for every table with a geometry."""
    connection.execute(
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), "
        "f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), "
        "styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), "
        "update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
    )
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles')"
    )
    connection.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
        "styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, '', '')",
        [
            (
                schema.name,
                schema.title or schema.name,
                styles.get(schema.name) or rule_based_qml(schema.geometry, (StyleRule(schema.title),)),
            )
            for schema in tables
            if schema.geometry
        ],
    )


def _symbol(geometry: str, number: int, rule: StyleRule) -> str:
    line, fill = _rgba(rule.line), _rgba(rule.fill, rule.opacity)
    if "POINT" in geometry:
        kind, name = "marker", "SimpleMarker"
        options = {"color": fill, "outline_color": line, "name": "circle", "size": "2.4", "size_unit": "MM"}
    elif "LINE" in geometry:
        kind, name = "line", "SimpleLine"
        options = {"line_color": line, "line_width": str(rule.line_width), "line_width_unit": "MM"}
    else:
        kind, name = "fill", "SimpleFill"
        options = {
            "color": fill,
            "style": "solid" if rule.opacity > 0 else "no",
            "outline_color": line,
            "outline_style": "solid",
            "outline_width": str(rule.line_width),
            "outline_width_unit": "MM",
        }
    entries = "".join(
        f'<Option name={quoteattr(key)} type="QString" value={quoteattr(value)}/>'
        for key, value in options.items()
    )
    return (
        f'<symbol type="{kind}" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{name}" enabled="1" locked="0" pass="0"><Option type="Map">{entries}</Option>'
        + "".join(f"<prop k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in options.items())
        + "</layer></symbol>"
    )


def _rgba(colour: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"
