"""Coarser copies of a large picture (overviews, 金字塔), in a file of their own: the original is not written to."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import rasterio
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.windows import Window

from gis.errors import ParkLineError
from gis.progress import Progress
from gis.raster.image_file import driver_of, gdal
from gis.text import tr

__all__ = ["OVERVIEW_SUFFIX", "build_overviews"]

OVERVIEW_SUFFIX = ".ovr"
_TILE = 512
_SMALLEST = 128  # pixels: a copy is not made coarser than that
_FIRST_SHARE = 0.75  # of the work is the first copy; each further one is a quarter of the one before


def build_overviews(path: Path, target: Path, progress: Progress) -> None:
    """Write the coarser copies of a picture into ``target``: a TIFF of half its size that holds the others.

    Under the picture's name with ``.ovr`` GDAL and every GIS find it. It appears when it is whole; a Cancel
    leaves nothing. Raises ``ParkLineError`` for a picture that cannot be read or a folder that cannot be written.
    """
    unfinished = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with gdal(path), rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
            with rasterio.open(path, driver=driver_of(path)) as picture:
                _halve(picture, unfinished, progress)
                way = _resampling(picture)
            _go_on(unfinished, way, progress)
        unfinished.replace(target)
    except OSError as error:
        raise ParkLineError(
            tr("金字塔无法写入：{error}", error=error), hint=tr("请检查磁盘空间和文件夹权限。"), file=target
        ) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _resampling(picture: Any) -> Resampling:
    """Colours of a palette cannot be averaged."""
    return Resampling.nearest if picture.colorinterp[0] == ColorInterp.palette else Resampling.average


def _halve(picture: Any, target: Path, progress: Progress) -> None:
    """Write every second pixel's worth, in rows of tiles."""
    wide, high = -(-picture.width // 2), -(-picture.height // 2)
    way = _resampling(picture)
    masked = (
        MaskFlags.per_dataset in picture.mask_flag_enums[0]
        and MaskFlags.alpha not in picture.mask_flag_enums[0]
    )
    with rasterio.open(target, "w", **_profile(picture, wide, high)) as half:
        half.colorinterp = picture.colorinterp
        if picture.colorinterp[0] == ColorInterp.palette:
            half.write_colormap(1, picture.colormap(1))
        for top in range(0, high, _TILE):
            progress(_FIRST_SHARE * top / high, tr("建立金字塔"))
            rows = min(_TILE, high - top)
            part = Window(0, top * 2, picture.width, min(rows * 2, picture.height - top * 2))
            into = Window(0, top, wide, rows)
            half.write(
                picture.read(window=part, out_shape=(picture.count, rows, wide), resampling=way), window=into
            )
            if masked:
                half.write_mask(picture.read_masks(1, window=part, out_shape=(rows, wide)), window=into)


def _profile(picture: Any, wide: int, high: int) -> dict[str, Any]:
    profile: dict[str, Any] = {
        "driver": "GTiff", "width": wide, "height": high, "count": picture.count, "dtype": picture.dtypes[0],
        "nodata": picture.nodata, "tiled": True, "blockxsize": _TILE, "blockysize": _TILE, "BIGTIFF": "IF_SAFER",
    }  # fmt: skip
    if picture.count == 3 and picture.dtypes[0] == "uint8" and picture.nodata is None:
        return {
            **profile,
            "compress": "JPEG",
            "photometric": "YCBCR",
            "JPEG_QUALITY": 85,
            "interleave": "pixel",
        }
    return {**profile, "compress": "DEFLATE", "ZLEVEL": 3}


def _go_on(half: Path, way: Resampling, progress: Progress) -> None:
    """Put the still coarser copies into the same file, each made from the one before."""
    factor, done = 2, _FIRST_SHARE
    with rasterio.open(half, "r+", driver="GTiff") as picture:
        while min(picture.width, picture.height) // factor >= _SMALLEST:
            progress(done, tr("建立金字塔"))
            picture.build_overviews([factor], way)
            done += (1.0 - done) * _FIRST_SHARE
            factor *= 2
    progress(1.0, tr("建立金字塔"))
