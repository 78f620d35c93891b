"""A full-screen picture out of a large orthophoto in another plane, and rasterio's ``WarpedVRT`` for the same.

340 pixels a parcel: at 1M the picture has 340 million, a gigabyte as it is stored, with its coarser copies beside it.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from tests.bench.timing import Memory, repeat

__all__ = ["run"]

_PIXELS_A_PARCEL = 340
_SPAN = 0.2  # metres
_PICTURE, _PLANE = 4545, 4544  # the map looks at it from the neighbouring zone
_WIDE, _HIGH, _PIECE = (
    1872,
    1170,
    512,
)  # pixels of a window of 1440 by 900 with its margin, and of a piece of it


def _write(path: Path, side: int) -> None:
    """Soft hills in grey: what two ways of resampling must agree on."""
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=3, dtype="uint8", crs=f"EPSG:{_PICTURE}",
        transform=Affine(_SPAN, 0, 590_000, 0, -_SPAN, 3_620_000), tiled=True, blockxsize=512, blockysize=512,
        interleave="pixel",
    ) as file:  # fmt: skip
        across = np.arange(side)[None]
        for top in range(0, side, 512):
            down = np.arange(top, min(top + 512, side))[:, None]
            grey = (120 + 60 * np.sin(across / 300) + 60 * np.cos(down / 250)).astype(np.uint8)
            file.write(np.repeat(grey[None], 3, axis=0), window=Window(0, top, side, len(down)))


def run(size: int) -> dict[str, Any]:
    """The whole picture, and its middle at its own resolution; the building of the coarser copies besides."""
    from gis.progress import silent
    from gis.raster.image_file import ImageFile
    from gis.raster.map_reader import MapReader, warm_up
    from gis.raster.overviews import build_overviews

    side = max(1024, round(math.sqrt(size * _PIXELS_A_PARCEL)))
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "ortho.tif"
        _write(path, side)
        built = repeat(lambda: build_overviews(path, path.with_name("ortho.tif.ovr"), silent), most=1)
        warm_up()
        memory = Memory()
        whole_resolution = side * _SPAN / _HIGH

        def ours(resolution: float) -> NDArray[np.uint8]:
            source = ImageFile(path)
            reader = MapReader(source, _PLANE)
            west, south, east, north = reader.extent() or (0.0, 0.0, 0.0, 0.0)
            left, top = (west + east - _WIDE * resolution) / 2, (south + north + _HIGH * resolution) / 2
            picture = np.zeros((_HIGH, _WIDE, 4), dtype=np.uint8)
            for y in range(0, _HIGH, _PIECE):
                for x in range(0, _WIDE, _PIECE):
                    high, wide = min(_PIECE, _HIGH - y), min(_PIECE, _WIDE - x)
                    corner = left + x * resolution, top - y * resolution
                    box = corner[0], corner[1] - high * resolution, corner[0] + wide * resolution, corner[1]
                    picture[y : y + high, x : x + wide] = reader.read(box, wide, high).pixels
            source.close()
            return picture

        def plain(resolution: float) -> NDArray[np.uint8]:
            source = ImageFile(path)
            west, south, east, north = MapReader(source, _PLANE).extent() or (0.0, 0.0, 0.0, 0.0)
            source.close()
            left, top = (west + east - _WIDE * resolution) / 2, (south + north + _HIGH * resolution) / 2
            with (
                rasterio.open(path) as file,
                WarpedVRT(
                    file, crs=f"EPSG:{_PLANE}", transform=Affine(resolution, 0, left, 0, -resolution, top),
                    width=_WIDE, height=_HIGH, resampling=Resampling.bilinear,
                ) as warped,
            ):  # fmt: skip
                pixels: NDArray[np.uint8] = warped.read()
                return pixels

        whole = repeat(lambda: ours(whole_resolution))
        near = repeat(lambda: ours(_SPAN))
        peak = memory.figures()
        reference, near_reference = (
            repeat(lambda: plain(whole_resolution), most=5),
            repeat(lambda: plain(_SPAN), most=5),
        )
    for made, other in ((whole.result, reference.result), (near.result, near_reference.result)):
        both = (made[..., 3] == 255) & (other != 0).any(axis=0)
        difference = float(np.abs(made[..., 0].astype(int) - other[0])[both].mean())
        if not both.any() or difference > 2.0:
            raise AssertionError(f"the pictures differ by {difference} grey levels")
    return {
        "seconds": round(whole.best, 4),
        "seconds_median": round(whole.median, 4),
        "seconds_processor": round(whole.best_processor, 4),
        "seconds_own_resolution": round(near.best, 4),
        "seconds_own_resolution_processor": round(near.best_processor, 4),
        "seconds_overviews": round(built.best, 2),
        "seconds_overviews_processor": round(built.best_processor, 2),
        "reference": "rasterio WarpedVRT, bilinear, the whole picture in one read",
        "reference_seconds": round(reference.best, 4),
        "reference_seconds_own_resolution": round(near_reference.best, 4),
        "megapixels": round(side * side / 1e6),
        **peak,
    }
