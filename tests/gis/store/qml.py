"""What a QML text draws, judged without QGIS: its XML, and its expressions run by SQLite.

The expressions of the styles keep to what QGIS and SQL share; the few functions that SQLite lacks are given to it.
"""

from __future__ import annotations

import re
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import shapely

from gis.store.blob import decode


def parsed(text: str) -> ET.Element:
    """The document; QGIS refuses a style whose first line is not its own DOCTYPE."""
    first, _, body = text.partition("\n")
    assert first == "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
    return ET.fromstring(body)  # noqa: S314 - our own text, without a document type of its own


def properties(symbol: ET.Element) -> dict[str, str]:
    """Properties of a symbol's first layer; both spellings must say the same."""
    return layer_properties(symbol.findall("layer")[0])


def layer_properties(layer: ET.Element) -> dict[str, str]:
    """Properties of one layer of a symbol."""
    new = {item.attrib["name"]: item.attrib["value"] for item in layer.findall("Option/Option")}
    assert new == {item.attrib["k"]: item.attrib["v"] for item in layer.findall("prop")}
    return new


def colour(rgba: str) -> tuple[str, float]:
    """``r,g,b,a`` as #RRGGBB and opacity."""
    red, green, blue, alpha = map(int, rgba.split(","))
    return f"#{red:02X}{green:02X}{blue:02X}", alpha / 255


def drawn(path: Path, table: str, text: str, today: str = "2024-06-30") -> dict[str, list[str]]:
    """Uuid → legend entries by which QGIS would draw the row; rows that are not drawn are left out."""
    renderer = parsed(text).find("renderer-v2")
    assert renderer is not None
    found: dict[str, list[str]] = {}
    with closing(_connection(path, today)) as connection:

        def rows(where: str, value: str = "NULL") -> list[tuple[str, str]]:
            return connection.execute(f'SELECT uuid, {value} FROM "{table}" WHERE {where}').fetchall()

        if renderer.attrib["type"] == "categorizedSymbol":
            labels = {c.attrib["value"]: c.attrib["label"] for c in renderer.iter("category")}
            value = _sql(renderer.attrib["attr"], table)
            return {uuid: [labels[key]] for uuid, key in rows("1", value) if key in labels}
        for group in renderer.findall("rules/rule"):
            shown = _sql(group.get("filter", "1"), table)
            taken: set[str] = set()
            for rule in group.findall("rule"):
                own = rule.get("filter", "1")
                if own == "ELSE":
                    matching = {uuid for uuid, _ in rows(shown)} - taken
                else:
                    matching = {uuid for uuid, _ in rows(f"({shown}) AND ({_sql(own, table)})")}
                taken |= matching
                for uuid in matching:
                    found.setdefault(uuid, []).append(rule.get("label", ""))
    return found


def labelled(path: Path, table: str, text: str, today: str = "2024-06-30") -> dict[str, str]:
    """Uuid → what QGIS would write beside the row."""
    found: dict[str, str] = {}
    with closing(_connection(path, today)) as connection:
        for rule in parsed(text).findall("labeling/rules/rule"):
            style = rule.find("settings/text-style")
            assert style is not None
            assert style.attrib["isExpression"] == "1"
            statement = (
                f'SELECT uuid, {_sql(style.attrib["fieldName"], table)} FROM "{table}" '
                f"WHERE {_sql(rule.get('filter', '1'), table)}"
            )
            found.update(connection.execute(statement).fetchall())
    return found


def evaluate(expression: str, **values: object) -> object:
    """Value of an expression over columns of one row."""
    names = ", ".join(f':{name} AS "{name}"' for name in values)
    with closing(_connection(None, "2024-06-30")) as connection:
        row = connection.execute(f"SELECT {_sql(expression, '')} FROM (SELECT {names})", values).fetchone()
    return row[0]


def _connection(path: Path | None, today: str) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:" if path is None else path)
    connection.create_function("now", 0, lambda: today + "T12:00:00")
    connection.create_function("to_date", 1, lambda text: text and text[:10])
    connection.create_function("to_string", 1, lambda value: None if value is None else str(value))
    connection.create_function("lpad", 3, lambda text, width, fill: text and text.rjust(width, fill))
    connection.create_function(
        "regexp_match", 2, lambda text, pattern: None if text is None else _position(pattern, text)
    )
    connection.create_function("num_points", 1, lambda blob: blob and _count(blob))
    connection.create_function("num_rings", 1, lambda blob: blob and _rings(blob))
    return connection


def _position(pattern: str, text: str) -> int:
    match = re.search(pattern, text)
    return match.start() + 1 if match else 0


def _count(blob: bytes) -> int:
    shape = decode([blob])[0]
    return int(shapely.get_num_coordinates(shape))


def _rings(blob: bytes) -> int | None:
    shape = decode([blob])[0]
    if shapely.get_dimensions(shape) != 2:
        return None
    return sum(1 + shapely.get_num_interior_rings(part) for part in shapely.get_parts(shape))


def _sql(expression: str, table: str) -> str:
    """QGIS's spelling → SQLite's: escapes, the geometry, an aggregate over the whole layer."""
    text = expression.replace("\\\\", "\\").replace("$geometry", '"geom"')
    aggregate = re.compile(r"maximum\((.+?), filter:=(.+?)\)(?=,)")
    return aggregate.sub(rf'(SELECT max(\1) FROM "{table}" WHERE \2)', text)
