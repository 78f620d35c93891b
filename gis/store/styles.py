"""QGIS styles inside the file (table layer_styles), so that a project opens drawn in QGIS.

QGIS knows nothing of row versions: each style draws and labels current rows only.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from gis.store.identifiers import quoted
from gis.store.schema import TableSchema
from gis.store.symbols_qml import StyleRule, rgba, symbol_qml

__all__ = [
    "CURRENT",
    "LayerView",
    "StyleLabel",
    "StyleRule",
    "add_styles",
    "categorized_qml",
    "create_styles",
    "graduated_qml",
    "quoted_text",
    "replace_style",
    "rule_based_qml",
]

# QGIS expression (and SQL) for the rows that are not of the past.
CURRENT = '"retired" IS NULL'

# Kinds of symbols → what QGIS calls the geometry, and the rows of a table of mixed geometry that are of that kind.
_KINDS = {
    "marker": ("PointGeometry", "num_points($geometry) = 1"),
    "line": ("LineGeometry", "num_points($geometry) > 1 AND num_rings($geometry) IS NULL"),
    "fill": ("PolygonGeometry", "num_rings($geometry) > 0"),
}
_AROUND_POINT, _ALONG_LINE, _HORIZONTAL = 0, 2, 4  # placements of labels in QGIS
_RENDERER = 'symbollevels="0" forceraster="0" enableorderby="0" referencescale="-1"'
_ENDLESS, _FARTHEST = 1e300, 1e9
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLACEMENTS = {"marker": _AROUND_POINT, "line": _ALONG_LINE, "fill": _HORIZONTAL}


@dataclass(frozen=True, slots=True)
class StyleLabel:
    """Text beside each row that is drawn: the value of ``field`` or of a QGIS ``expression``, ``size`` in points.

    ``scale`` is the denominator from which on inwards it is written, ``nearest`` the one as far as which; 0 for no limit.
    """

    field: str
    colour: str
    size: float
    halo: str = "#ffffff"
    scale: float = 0.0
    expression: str = ""
    nearest: float = 0.0


@dataclass(frozen=True, slots=True)
class LayerView:
    """How a layer is shown as a whole: opacity 0 to 1, and the scale denominators between which it is drawn."""

    opacity: float = 1.0
    nearest: float = 0.0
    farthest: float = 0.0


_PLAIN = LayerView()


def quoted_text(text: str) -> str:
    """A text as a literal of QGIS expressions, where a backslash escapes."""
    if "\x00" in text:
        raise ValueError("text with NUL")
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n").replace("\t", "\\t")
    return f"'{escaped}'"


def rule_based_qml(
    geometry: str,
    rules: Sequence[StyleRule] = (StyleRule(""),),
    *,
    drawn: str = CURRENT,
    kinds: Sequence[str] = (),
    label: StyleLabel | None = None,
    view: LayerView = _PLAIN,
) -> str:
    """QML of a rule-based renderer for a GeoPackage geometry type.

    ``drawn`` is a QGIS expression that holds for the rows to draw and label; empty for all rows, as in an
    exported file, which has no row versions. ``kinds`` are the kinds of symbols (``marker``, ``line``,
    ``fill``) of a table of mixed geometry (GEOMETRY); all three unless told.
    """
    kinds = _kinds(geometry, kinds)
    symbols: list[str] = []
    groups: list[str] = []
    for kind in kinds:
        entries = []
        for rule in rules:
            number = len(symbols)
            symbols.append(symbol_qml(kind, number, rule))
            entries.append(
                f'<rule key="{{rule-{number}}}" symbol="{number}"{_attribute("label", rule.label)}'
                f"{_attribute('filter', rule.filter)}{_scales(rule)}/>"
            )
        only = _KINDS[kind][1] if len(kinds) > 1 else ""
        shown = " AND ".join(f"({part})" if only else part for part in (drawn, only) if part)
        groups.append(f'<rule key="{{{kind}}}"{_attribute("filter", shown)}>{"".join(entries)}</rule>')
    renderer = (
        f'<renderer-v2 type="RuleRenderer" {_RENDERER}><rules key="{{root}}">{"".join(groups)}</rules>'
        f"<symbols>{''.join(symbols)}</symbols></renderer-v2>"
    )
    return _document(renderer, _labeling(kinds, label, drawn), view)


def categorized_qml(
    geometry: str,
    value: str,
    categories: Mapping[str, StyleRule],
    *,
    drawn: str = CURRENT,
    label: StyleLabel | None = None,
    view: LayerView = _PLAIN,
) -> str:
    """QML that gives each row the symbol of its category; filters of the rules are not used.

    ``value`` is a QGIS expression that gives a category's key, or NULL for rows that are not to be drawn.
    ``drawn`` narrows what is labelled; ``value`` has to heed it itself.
    """
    (kind,) = _kinds(geometry, ())
    entries, symbols = [], []
    for number, (key, rule) in enumerate(categories.items()):
        symbols.append(symbol_qml(kind, number, rule))
        entries.append(
            f'<category render="true" symbol="{number}" type="string"{_attribute("value", key)}'
            f"{_attribute('label', rule.label)}/>"
        )
    renderer = (
        f'<renderer-v2 type="categorizedSymbol"{_attribute("attr", value)} {_RENDERER}>'
        f"<categories>{''.join(entries)}</categories><symbols>{''.join(symbols)}</symbols>"
        "<rotation/><sizescale/></renderer-v2>"
    )
    return _document(renderer, _labeling((kind,), label, drawn), view)


def graduated_qml(
    geometry: str,
    value: str,
    ranges: Sequence[tuple[float | None, float | None, StyleRule]],
    *,
    drawn: str = CURRENT,
    label: StyleLabel | None = None,
    view: LayerView = _PLAIN,
) -> str:
    """QML that gives each row the symbol of the first range (low, high; None for an open end) it lies in.

    ``value`` is a QGIS expression that gives a number, or NULL for rows that are not to be drawn.
    """
    (kind,) = _kinds(geometry, ())
    entries, symbols = [], []
    for number, (low, high, rule) in enumerate(ranges):
        symbols.append(symbol_qml(kind, number, rule))
        lower, upper = (-_ENDLESS if low is None else low), (_ENDLESS if high is None else high)
        entries.append(
            f'<range render="true" symbol="{number}" lower="{lower!r}" upper="{upper!r}"'
            f"{_attribute('label', rule.label)}/>"
        )
    renderer = (
        f'<renderer-v2 type="graduatedSymbol" graduatedMethod="GraduatedColor"{_attribute("attr", value)} {_RENDERER}>'
        f"<ranges>{''.join(entries)}</ranges><symbols>{''.join(symbols)}</symbols><rotation/><sizescale/></renderer-v2>"
    )
    return _document(renderer, _labeling((kind,), label, drawn), view)


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
    add_styles(connection, tables, styles)


def add_styles(
    connection: sqlite3.Connection, tables: Sequence[TableSchema], styles: Mapping[str, str]
) -> None:
    """A default style for every one of the tables that has a geometry; a plain one where none is given."""
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


def replace_style(connection: sqlite3.Connection, schema: TableSchema, qml: str) -> None:
    """Another default style for a table."""
    present = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'layer_styles'").fetchone()
    if not present:
        create_styles(connection, [schema], {schema.name: qml})
        return
    changed = connection.execute(
        "UPDATE layer_styles SET styleQML = ?, update_time = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') "
        "WHERE f_table_name = ? AND useAsDefault = 1",
        (qml, schema.name),
    ).rowcount
    if not changed:
        add_styles(connection, [schema], {schema.name: qml})


def _scales(rule: StyleRule) -> str:
    near = f' scalemindenom="{rule.nearest:.0f}"' if rule.nearest else ""
    return near + (f' scalemaxdenom="{rule.farthest:.0f}"' if rule.farthest else "")


def _document(renderer: str, labeling: str, view: LayerView) -> str:
    categories = "Symbology|Labeling" if labeling else "Symbology"
    scales, opacity = "", ""
    if view != _PLAIN:  # QGIS calls the farther of the two the minimum scale
        categories += "|Rendering"
        limited = int(bool(view.nearest or view.farthest))
        farthest = f"{view.farthest or _FARTHEST:.0f}"
        scales = (
            f' hasScaleBasedVisibilityFlag="{limited}" minScale="{farthest}" maxScale="{view.nearest:.0f}"'
        )
        opacity = f"<layerOpacity>{view.opacity:g}</layerOpacity>"
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis version="3.22" styleCategories="{categories}" labelsEnabled="{int(bool(labeling))}" '
        f'readOnly="0"{scales}>{renderer}{labeling}{opacity}</qgis>'
    )


def _kinds(geometry: str, kinds: Sequence[str]) -> tuple[str, ...]:
    if "POINT" in geometry:
        return ("marker",)
    if "LINE" in geometry:
        return ("line",)
    if geometry == "GEOMETRY":
        return tuple(kinds) or tuple(_KINDS)
    return ("fill",)


def _attribute(name: str, value: str) -> str:
    """An attribute with its blank, nothing for an empty one; characters that XML 1.0 cannot hold are left out."""
    return f" {name}={quoteattr(_NOT_XML.sub('', value))}" if value else ""


def _labeling(kinds: Sequence[str], label: StyleLabel | None, drawn: str) -> str:
    """Labels as rules, so that rows which are not drawn bear none."""
    if label is None:
        return ""
    rules = []
    for kind in kinds:
        only = _KINDS[kind][1] if len(kinds) > 1 else ""
        shown = " AND ".join(f"({part})" if only else part for part in (drawn, only) if part)
        scale = f' scalemaxdenom="{label.scale:.0f}"' if label.scale else ""
        scale += f' scalemindenom="{label.nearest:.0f}"' if label.nearest else ""
        rules.append(
            f'<rule key="{{label-{kind}}}"{_attribute("filter", shown)}{scale}>{_label_settings(kind, label)}</rule>'
        )
    return f'<labeling type="rule-based"><rules key="{{labels}}">{"".join(rules)}</rules></labeling>'


def _label_settings(kind: str, label: StyleLabel) -> str:
    # No font is named: QGIS then takes the one of the desktop, which has the characters.
    return (
        '<settings calloutType="simple">'
        f'<text-style{_attribute("fieldName", label.expression or quoted(label.field))} isExpression="1" fontSize="{label.size:g}" '
        f'fontSizeUnit="Point" textColor="{rgba(label.colour)}" textOpacity="1" allowHtml="0">'
        f'<text-buffer bufferDraw="1" bufferSize="0.7" bufferSizeUnits="MM" bufferColor="{rgba(label.halo)}" '
        'bufferOpacity="1" bufferNoFill="1"/></text-style>'
        '<text-format multilineAlign="3" wrapChar="" plussign="0" formatNumbers="0"/>'
        f'<placement placement="{_PLACEMENTS[kind]}" layerType="{_KINDS[kind][0]}" dist="1" distUnits="MM" '
        f'priority="5" fitInPolygonOnly="{int(kind == "fill")}" centroidWhole="0" centroidInside="1"/>'
        '<rendering drawLabels="1" scaleVisibility="0" obstacle="0" labelPerPart="0" displayAll="0"/>'
        "</settings>"
    )
