"""Pictures and tile sets with marks at known places, made as the test needs them."""

from __future__ import annotations

import http.server
import io
import math
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
from affine import Affine
from numpy.typing import NDArray
from PIL import Image

ANKANG = (109.03, 32.69)  # degrees, CGCS2000
PLANE = 4545


@lru_cache
def _way(source: int, target: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def place(system: int, lonlat: tuple[float, float] = ANKANG) -> tuple[float, float]:
    """A place in a system, east first."""
    x, y = _way(4490, system).transform(*lonlat)
    return float(x), float(y)


def worked(system: int, x: float, y: float) -> tuple[float, float]:
    """A place of a system in the plane, by pyproj alone."""
    east, north = _way(system, PLANE).transform(x, y)
    return float(east), float(north)


def marked(width: int, height: int, marks: list[tuple[int, int]], side: int = 6) -> NDArray[np.uint8]:
    """A grey checkerboard (3, height, width) with red squares whose middles are the given corners of pixels."""
    board = np.indices((height, width)).sum(axis=0) // 8 % 2
    pixels = np.repeat((90 + 60 * board)[None].astype(np.uint8), 3, axis=0)
    for column, row in marks:
        half = side // 2
        pixels[:, row - half : row + half, column - half : column + half] = np.array([255, 0, 0])[
            :, None, None
        ]
    return pixels


def write_picture(path: Path, pixels: NDArray[Any], system: int | None, west: float, north: float, span: float,
                  driver: str = "GTiff", **options: Any) -> Path:  # fmt: skip
    """A picture of bands (n, height, width) with its upper left corner at a place."""
    count, height, width = pixels.shape
    with rasterio.open(
        path, "w", driver=driver, width=width, height=height, count=count, dtype=pixels.dtype,
        crs=None if system is None else f"EPSG:{system}", transform=Affine(span, 0, west, 0, -span, north), **options,
    ) as file:  # fmt: skip
        file.write(pixels)
    return path


def red_middle(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """Column and row of the middle of what is red, weighted by how red it is."""
    red = np.clip(pixels[..., 0].astype(float) - pixels[..., 1], 0, None)
    assert red.sum() > 0, "nothing is red"
    rows, columns = np.indices(red.shape) + 0.5
    return float((columns * red).sum() / red.sum()), float((rows * red).sum() / red.sum())


def tile_of(lonlat: tuple[float, float], zoom: int) -> tuple[float, float]:
    """Column and row, with fractions, of a place in the web grid: the formula of the OpenStreetMap wiki."""
    latitude = math.radians(lonlat[1])
    x = (lonlat[0] + 180.0) / 360.0
    y = (1.0 - math.asinh(math.tan(latitude)) / math.pi) / 2.0
    return x * 2**zoom, y * 2**zoom


def tile_picture(column: int, row: int, zoom: int, lonlat: tuple[float, float], kind: str = "PNG") -> bytes:
    """A grey tile of 256 pixels with a red square of 8 pixels round a place, as far as it lies in it."""
    x, y = tile_of(lonlat, zoom)
    left, top = round((x - column) * 256) - 4, round((y - row) * 256) - 4
    pixels = np.full((256, 256, 3), 120, dtype=np.uint8)
    pixels[max(top, 0) : max(top + 8, 0), max(left, 0) : max(left + 8, 0)] = (255, 0, 0)
    blob = io.BytesIO()
    Image.fromarray(pixels).save(blob, kind, **({"quality": 98} if kind == "JPEG" else {}))
    return blob.getvalue()


def tiles_round(lonlat: tuple[float, float], zoom: int) -> list[tuple[int, int]]:
    """The tile of a place and its eight neighbours."""
    x, y = tile_of(lonlat, zoom)
    return [(int(x) + dx, int(y) + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]


def write_mbtiles(
    path: Path, zooms: list[int], lonlat: tuple[float, float] = ANKANG, **metadata: str
) -> Path:
    """The tiles round a place, in rows that count from the south."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE metadata (name text, value text)")
    connection.execute(
        "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
    )
    connection.executemany("INSERT INTO metadata VALUES (?, ?)", list({"format": "png", **metadata}.items()))
    for zoom in zooms:
        for column, row in tiles_round(lonlat, zoom):
            blob = tile_picture(column, row, zoom, lonlat)
            connection.execute(
                "INSERT INTO tiles VALUES (?, ?, ?, ?)", (zoom, column, 2**zoom - 1 - row, blob)
            )
    connection.commit()
    connection.close()
    return path


def write_folder(folder: Path, zooms: list[int], *, from_south: bool = False, suffix: str = ".png") -> Path:
    """The same as files."""
    for zoom in zooms:
        for column, row in tiles_round(ANKANG, zoom):
            stored = 2**zoom - 1 - row if from_south else row
            file = folder / str(zoom) / str(column) / f"{stored}{suffix}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(tile_picture(column, row, zoom, ANKANG, "JPEG" if suffix == ".jpg" else "PNG"))
    return folder


@contextmanager
def server(answer: Callable[[str], tuple[int, bytes]]) -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine; gives its address and the paths it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            code, body = answer(self.path)
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:  # type: ignore[override]
            pass

    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_port}", asked
    finally:
        made.shutdown()
        thread.join()
        made.server_close()
