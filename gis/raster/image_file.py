"""Georeferenced pictures (GeoTIFF, JPEG 2000, JPEG and PNG with a world file) through GDAL, a window at a time."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Interleaving, MaskFlags, Resampling
from rasterio.windows import Window as RasterWindow

from gis.crs import identify
from gis.errors import ParkLineError
from gis.raster.colours import Colouring, coloured, stretch_limits
from gis.raster.source import Box, Level, Patch, Window
from gis.text import tr

__all__ = ["ImageFile", "driver_of", "gdal"]

_SIGNATURES = (
    (b"II*\x00", "GTiff"), (b"MM\x00*", "GTiff"), (b"II+\x00", "GTiff"), (b"MM\x00+", "GTiff"),
    (b"\x00\x00\x00\x0cjP  ", "JP2OpenJPEG"), (b"\xff\x4f\xff\x51", "JP2OpenJPEG"),
    (b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n", "PNG"),
)  # fmt: skip
_CACHE = 256 << 20  # bytes that GDAL keeps of blocks
_LARGEST_BLOCK = 512 << 20  # bytes: a picture that cannot be read in parts
_COARSER_BY = (2, 4, 8)  # levels made while reading, where the file has none that coarse
_SAMPLE_SIDE = 512  # pixels of the windows from which the stretch is found


@dataclass(frozen=True, slots=True)
class _Base:
    """Pixels as they are stored: those of a file, or of a coarser copy in it."""

    file: Path
    overview: int | None = None


@contextlib.contextmanager
def gdal(path: Path) -> Iterator[None]:
    """GDAL's work on one file: its complaints become a ``ParkLineError`` that names the file."""
    options = {
        "GDAL_CACHEMAX": _CACHE,
        "GDAL_PAM_ENABLED": "YES",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    }
    try:
        with rasterio.Env(**options), warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            yield
    except (rasterio.errors.RasterioError, rasterio._err.CPLE_BaseError, ValueError) as error:  # noqa: SLF001
        raise ParkLineError(
            tr("影像文件无法读取，可能已损坏或不完整：{error}", error=error),
            hint=tr("请用其他软件打开核对，或重新复制该文件。"),
            file=path,
        ) from error


def driver_of(path: Path) -> str:
    """GDAL's name for the kind of picture, by its first bytes; no other driver gets to see the file."""
    with path.open("rb") as file:
        first = file.read(16)
    for signature, driver in _SIGNATURES:
        if first.startswith(signature):
            return driver
    raise ParkLineError(
        tr("不是可用作底图的影像文件。"),
        hint=tr("支持 GeoTIFF、JPEG 2000，以及带坐标文件（.jgw、.pgw、.tfw）的 JPEG、PNG、TIFF。"),
        file=path,
    )


class ImageFile:
    """One picture. ``crs`` replaces what the file says of its system; without either it cannot be placed.

    ``coarser`` is a file of its coarser copies that lies elsewhere, used where the picture has none itself.

    ``overviews`` is whether the file holds coarser copies; ``size`` is columns and rows.
    """

    def __init__(self, path: Path, crs: int | str = "", coarser: Path | None = None) -> None:
        self.path, self._drivers = path, {path: driver_of(path)}
        self._open: dict[_Base, Any] = {}
        own = _Base(path)
        try:
            with gdal(path):
                full = self._dataset(own)
                self._refuse_unusable(full)
                self.declared = declared_system(path, full)
                self.size: tuple[int, int] = (full.width, full.height)
                stored = [_Base(path, number) for number in range(len(full.overviews(1)))]
                if not stored and coarser is not None and coarser.exists():
                    self._drivers[coarser] = driver_of(coarser)
                    half = self._dataset(_Base(coarser))
                    stored = [_Base(coarser)]
                    stored += [_Base(coarser, number) for number in range(len(half.overviews(1)))]
                self.overviews = bool(stored)
                self._bases: list[
                    tuple[_Base, int]
                ] = []  # of each level: where it is, and a factor beyond it
                self.levels = self._levels(full, [own, *stored])
                self._colouring = self._find_colouring(full)
        except BaseException:
            self.close()
            raise
        self.crs: int | str = crs or self.declared
        self.extent: Box = self.levels[0].extent

    def _dataset(self, base: _Base) -> Any:
        if base not in self._open:
            options = {} if base.overview is None else {"OVERVIEW_LEVEL": base.overview}
            self._open[base] = rasterio.open(base.file, driver=self._drivers[base.file], **options)
        return self._open[base]

    def _refuse_unusable(self, full: Any) -> None:
        if full.transform.is_identity or full.transform.determinant == 0.0:
            raise ParkLineError(
                tr("影像没有坐标定位信息。"),
                hint=tr("请把坐标文件（.jgw、.pgw、.tfw）与影像放在同一文件夹、同名，再添加。"),
                file=self.path,
            )
        high, wide = full.block_shapes[0]
        depth = np.dtype(full.dtypes[0]).itemsize * (
            full.count if full.interleaving == Interleaving.pixel else 1
        )
        if high * wide * depth > _LARGEST_BLOCK:
            raise ParkLineError(
                tr("影像没有分块存储，无法分区读取。"),
                hint=tr("请用 GIS 软件另存为分块（tiled）的 GeoTIFF。"),
                file=self.path,
            )
        if any(name.startswith("complex") for name in full.dtypes):
            raise ParkLineError(tr("影像的像元是复数，不能作底图。"), file=self.path)

    def _levels(self, full: Any, stored: list[_Base]) -> tuple[Level, ...]:
        """The stored levels, and those that are made while reading because there is none that coarse."""
        a, b, c, d, e, f = full.transform[:6]
        found: list[Level] = []
        for base in stored:
            dataset = self._dataset(base)
            across, down = full.width / dataset.width, full.height / dataset.height
            transform = (a * across, b * down, c, d * across, e * down, f)
            found.append(Level(dataset.width, dataset.height, transform))
            self._bases.append((base, 1))
        last = found[-1]
        a, b, c, d, e, f = last.transform
        for factor in _COARSER_BY:
            if min(last.width, last.height) < factor * 2:
                break
            transform = (a * factor, b * factor, c, d * factor, e * factor, f)
            found.append(Level(last.width // factor, last.height // factor, transform, factor * factor))
            self._bases.append((stored[-1], factor))
        return tuple(found)

    def _find_colouring(self, full: Any) -> Colouring:
        kinds = list(full.colorinterp)
        alpha = kinds.index(ColorInterp.alpha) + 1 if ColorInterp.alpha in kinds else 0
        palette = None
        if kinds[0] == ColorInterp.palette:
            palette = np.zeros((256, 4), dtype=np.uint8)
            for value, colour in full.colormap(1).items():
                if 0 <= value < 256:
                    palette[value] = colour
        chosen = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]
        plain = [band for band in range(1, full.count + 1) if band != alpha]
        if palette is not None or len(plain) < len(chosen):
            bands = plain[:1]
        elif all(kind in kinds for kind in chosen):
            bands = [kinds.index(kind) + 1 for kind in chosen]
        else:
            bands = plain[: len(chosen)]
        if not bands:
            raise ParkLineError(tr("影像没有可显示的波段。"), file=self.path)
        flags = full.mask_flag_enums[bands[0] - 1]
        masked = MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags
        nodata = None if full.nodata is None else float(full.nodata)
        limits = None
        if palette is None and full.dtypes[bands[0] - 1] != "uint8":
            limits = stretch_limits(self._samples(bands), nodata)
        return Colouring(tuple(bands), alpha, masked, nodata, palette, limits)

    def _samples(self, bands: list[int]) -> NDArray[Any]:
        """Values (bands, n) from the coarsest level that is stored, in five windows spread over it."""
        stored = [base for base, factor in self._bases if factor == 1]
        dataset = self._dataset(stored[-1])
        side, parts = _SAMPLE_SIDE, []
        for across, down in ((0.5, 0.5), (0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)):
            left = max(0, min(int(dataset.width * across - side / 2), dataset.width - side))
            top = max(0, min(int(dataset.height * down - side / 2), dataset.height - side))
            wide, high = min(side, dataset.width), min(side, dataset.height)
            parts.append(
                dataset.read(bands, window=RasterWindow(left, top, wide, high)).reshape(len(bands), -1)
            )
        return np.concatenate(parts, axis=1)

    def read(self, level: int, window: Window, stopped: Callable[[], bool]) -> Patch:
        """Pixels of a window of a level, in the colours a person sees."""
        del stopped  # one window is read in well under a second
        base, factor = self._bases[level]
        left, top, wide, high = window
        colouring = self._colouring
        bands = [*colouring.bands, *([colouring.alpha] if colouring.alpha else [])]
        # Averaging numbers of a palette gives a colour that is nowhere in the picture.
        way = Resampling.nearest if colouring.palette is not None else Resampling.average
        with gdal(self.path):
            dataset = self._dataset(base)
            part = RasterWindow(left * factor, top * factor, wide * factor, high * factor)
            values = dataset.read(bands, window=part, out_shape=(len(bands), high, wide), resampling=way)
            mask = None
            if colouring.masked:
                mask = dataset.read_masks(bands[0], window=part, out_shape=(high, wide))
        return Patch(coloured(values, mask, colouring))

    def close(self) -> None:
        """Close the file."""
        for dataset in self._open.values():
            dataset.close()
        self._open.clear()


def declared_system(path: Path, dataset: Any) -> int | str:
    """The system that the picture or a .prj beside it declares: EPSG code, else WKT; "" for none."""
    text = dataset.crs.to_wkt() if dataset.crs else ""
    beside = next((file for file in _siblings(path) if file.suffix.lower() == ".prj"), None)
    if not text and beside is not None:
        text = beside.read_bytes()[:20_000].decode("utf-8", "replace")
    code, _ = identify(text)
    if code is not None:
        return code
    from gis.raster.systems import usable

    return text if usable(text) else ""


def _siblings(path: Path) -> list[Path]:
    """Files of the same name with other endings."""
    return sorted(file for file in path.parent.glob("*") if file.stem == path.stem and file != path)
