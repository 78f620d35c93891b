"""WMTS (OGC 07-057r7): what a server says of its layers, as templates and grids for its tiles."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from xml.etree import ElementTree

import pyproj

from gis.errors import ParkLineError
from gis.formats.xml_guard import refuse_declarations
from gis.raster.tile_grid import TileGrid, TileLevel, web_grid
from gis.text import tr

__all__ = ["LARGEST_CAPABILITIES", "WmtsLayer", "capabilities_address", "read_capabilities"]

LARGEST_CAPABILITIES = 16 << 20
_METRES_PER_DEGREE = 111_319.49079327358  # of the equator of the ellipsoid, as the standard fixes it
_PIXEL = 0.00028  # metres: the standard's pixel
_SCREEN_PIXEL = 0.0254 / 96  # metres: the pixel some servers reckon by all the same, 天地图 among them
_ALIKE = 0.002
_MOST_SETS, _MOST_ZOOMS, _MOST_LAYERS = 200, 40, 2000
_PICTURES = ("image/png", "image/jpeg", "image/webp", "tiles", "image/png8", "image/jpgpng")


@dataclass(frozen=True, slots=True)
class WmtsLayer:
    """One layer in one matrix set: ``name`` for the server, ``title`` for people, how its tiles are asked for."""

    name: str
    title: str
    matrix_set: str
    template: str
    grid: TileGrid


def capabilities_address(address: str) -> str:
    """The address under which a server tells its layers: as typed, with what is missing of the request."""
    parts = urlsplit(address)
    if parts.path.lower().endswith(".xml"):
        return address
    given = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(key, value) for key, value in given if key.lower() not in {"service", "request", "version"}]
    asked = [("SERVICE", "WMTS"), ("REQUEST", "GetCapabilities"), ("VERSION", "1.0.0")]
    return urlunsplit(parts._replace(query=urlencode([*asked, *kept])))


def read_capabilities(document: bytes, address: str) -> list[WmtsLayer]:
    """Layers of a capabilities document with each matrix set they come in that can be placed.

    Raises ``ParkLineError`` for a document that is none. ``address`` is where it came from: a server without
    templates is asked there for its tiles.
    """
    refuse_declarations(io.BytesIO(document), Path("WMTS.xml"))
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - entities were refused above
    except ElementTree.ParseError as error:
        raise _strange(error) from error
    contents = _child(root, "Contents")
    if contents is None:
        raise _strange(root.tag)
    grids = {}
    for item in _children(contents, "TileMatrixSet")[:_MOST_SETS]:
        grid = _grid(item)
        if grid is not None:
            grids[_text(item, "Identifier")] = grid
    base = _asking_address(root, address)
    found = []
    for layer in _children(contents, "Layer")[:_MOST_LAYERS]:
        for link in _children(layer, "TileMatrixSetLink"):
            name = _text(link, "TileMatrixSet")
            template = _template(layer, name, base)
            if name in grids and template:
                title = _text(layer, "Title") or _text(layer, "Identifier")
                found.append(WmtsLayer(_text(layer, "Identifier"), title, name, template, grids[name]))
    if not found:
        raise _strange(tr("没有可用的图层"))
    return found


def _strange(error: object) -> ParkLineError:
    return ParkLineError(
        tr("服务器没有给出可用的 WMTS 说明：{error}", error=error),
        hint=tr("请核对地址，或向数据提供单位索取瓦片地址。"),
    )


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [child for child in element if _local(child) == name]


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next(iter(_children(element, name)), None)


def _text(element: ElementTree.Element, name: str) -> str:
    child = _child(element, name)
    return "" if child is None else (child.text or "").strip()


def _grid(item: ElementTree.Element) -> TileGrid | None:
    """A matrix set as a grid; None for one in an unknown system or with figures that make no sense."""
    try:
        crs = pyproj.CRS.from_user_input(_text(item, "SupportedCRS"))
        zooms = [_zoom(matrix, crs) for matrix in _children(item, "TileMatrix")[:_MOST_ZOOMS]]
    except (pyproj.exceptions.CRSError, ValueError):
        return None
    system = crs.to_epsg() or crs.to_wkt()
    if not zooms or not isinstance(system, int | str):
        return None
    return TileGrid(system, tuple(sorted(zooms, key=lambda zoom: zoom.span)))


def _zoom(matrix: ElementTree.Element, crs: pyproj.CRS) -> TileLevel:
    """One matrix. Its corner stands in the order of the system's axes: north first for degrees by EPSG code."""
    unit = _METRES_PER_DEGREE if crs.is_geographic else float(crs.axis_info[0].unit_conversion_factor)
    first, second = (float(part) for part in _text(matrix, "TopLeftCorner").split())
    north_first = crs.axis_info[0].direction.lower() == "north"
    west, north = (second, first) if north_first else (first, second)
    if north_first and crs.is_geographic and abs(north) > 90.0 >= abs(west):
        west, north = north, west  # many servers write east first all the same
    wide, high = int(_text(matrix, "TileWidth")), int(_text(matrix, "TileHeight"))
    columns, rows = int(_text(matrix, "MatrixWidth")), int(_text(matrix, "MatrixHeight"))
    span = float(_text(matrix, "ScaleDenominator")) * _PIXEL / unit
    world = 360.0 if crs.is_geographic else web_grid().zooms[-1].span * 256
    if abs(span * columns * wide / world * _SCREEN_PIXEL / _PIXEL - 1.0) < _ALIKE:
        span = world / (columns * wide)  # by the standard's pixel the grid would reach round the earth and on
    if wide != high or not 64 <= wide <= 1024 or not 0 < columns < 1 << 30 or not 0 < rows < 1 << 30:
        raise ValueError(wide)
    if not 0.0 < span < 1e6:
        raise ValueError(span)
    return TileLevel(_text(matrix, "Identifier"), west, north, span, columns, rows, wide)


def _template(layer: ElementTree.Element, matrix_set: str, base: str) -> str:
    """How tiles of a layer are asked for: by the server's own template, else by key and value."""
    style = _style(layer)
    formats = [(child.text or "").strip() for child in _children(layer, "Format")]
    kind = next((item for item in formats if item.lower() in _PICTURES), "")
    for resource in _children(layer, "ResourceURL"):
        template = resource.get("template", "")
        if resource.get("resourceType") == "tile" and resource.get("format", "").lower() in _PICTURES:
            for name, value in (
                ("Style", style),
                ("TileMatrixSet", matrix_set),
                ("Layer", _text(layer, "Identifier")),
            ):
                template = re.sub(rf"\{{{name}\}}", value.replace("\\", ""), template, flags=re.IGNORECASE)
            for dimension in _children(layer, "Dimension"):
                name, value = _text(dimension, "Identifier"), _text(dimension, "Default")
                template = template.replace(f"{{{name}}}", value)
            return template
    if not kind or not base:
        return ""
    asked = {
        "SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0", "LAYER": _text(layer, "Identifier"),
        "STYLE": style, "TILEMATRIXSET": matrix_set, "FORMAT": kind,
    }  # fmt: skip
    joint = "&" if "?" in base else "?"
    places = "TILEMATRIX={TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}"
    return f"{base.rstrip('&?')}{joint if base[-1] not in '&?' else base[-1]}{urlencode(asked)}&{places}"


def _style(layer: ElementTree.Element) -> str:
    styles = _children(layer, "Style")
    chosen = next(
        (item for item in styles if item.get("isDefault") in {"true", "1"}), styles[0] if styles else None
    )
    return "default" if chosen is None else _text(chosen, "Identifier") or "default"


def _asking_address(root: ElementTree.Element, address: str) -> str:
    """Where GetTile is asked: by what the person typed, with its key; the document often names an inner address."""
    parts = urlsplit(address)
    if not parts.path.lower().endswith(".xml"):
        given = parse_qsl(parts.query, keep_blank_values=True)
        kept = [(key, value) for key, value in given if key.lower() not in {"service", "request", "version"}]
        return urlunsplit(parts._replace(query=urlencode(kept)))
    for element in root.iter():
        if _local(element) == "Operation" and element.get("name") == "GetTile":
            for place in element.iter():
                if _local(place) == "Get":
                    return next((value for key, value in place.attrib.items() if key.endswith("href")), "")
    return ""
