"""From the numbers of a picture to the colours a person sees: palettes, grey and 16-bit values, what is no data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Colouring", "coloured", "premultiplied", "stretch_limits"]

_CUT = (2.0, 98.0)  # per cent of the values between which 16-bit numbers are stretched


@dataclass(frozen=True, slots=True)
class Colouring:
    """How values become colours. ``bands`` are one (grey or palette) or three (red, green, blue), counted from 1.

    ``alpha`` is the band of the opacity (0: none), ``masked`` says that the file has a mask beside its bands,
    ``limits`` (bands, 2) are the values that become black and white; None for values that are colours already.
    """

    bands: tuple[int, ...]
    alpha: int = 0
    masked: bool = False
    nodata: float | None = None
    palette: NDArray[np.uint8] | None = None
    limits: NDArray[np.float64] | None = None


def stretch_limits(values: NDArray[Any], nodata: float | None) -> NDArray[np.float64]:
    """Per band the values between which all but the outermost hundredths lie."""
    limits = np.zeros((len(values), 2))
    for band, row in enumerate(values):
        numbers = row[np.isfinite(row)]
        if nodata is not None:
            numbers = numbers[numbers != nodata]
        low, high = np.percentile(numbers, _CUT) if len(numbers) else (0.0, 1.0)
        limits[band] = low, high if high > low else low + 1.0
    return limits


def coloured(values: NDArray[Any], mask: NDArray[np.uint8] | None, how: Colouring) -> NDArray[np.uint8]:
    """Values (bands, rows, columns; alpha last where there is one) as premultiplied RGBA (rows, columns, 4)."""
    bands = values[: len(how.bands)]
    result = np.full((*values.shape[1:], 4), 255, dtype=np.uint8)
    empty = np.zeros(values.shape[1:], dtype=bool)
    if how.nodata is not None:
        empty = (np.isnan(bands) if np.isnan(how.nodata) else bands == how.nodata).all(axis=0)
    elif bands.dtype.kind == "f":
        empty = np.isnan(bands).all(axis=0)
    if how.palette is not None:
        result = how.palette[np.clip(bands[0], 0, 255).astype(np.uint8)]
    else:
        for channel in range(3):
            band = channel if len(bands) == 3 else 0
            result[..., channel] = _bytes(bands[band], None if how.limits is None else how.limits[band])
    if how.alpha:
        result[..., 3] = _opacity(values[-1])
    if mask is not None:
        result[..., 3] = np.minimum(result[..., 3], mask)
    result[empty, 3] = 0
    return premultiplied(result)


def _bytes(values: NDArray[Any], limits: NDArray[np.float64] | None) -> NDArray[np.uint8]:
    if limits is None:
        return np.asarray(values, dtype=np.uint8)
    share = (values.astype(np.float32) - np.float32(limits[0])) / np.float32(limits[1] - limits[0])
    return np.asarray(np.nan_to_num(np.clip(share, 0.0, 1.0) * 255.0 + 0.5), dtype=np.uint8)


def _opacity(values: NDArray[Any]) -> NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return np.asarray(values)
    largest = np.iinfo(values.dtype).max if values.dtype.kind in "iu" else 1.0
    return np.asarray(np.clip(values.astype(np.float64) / largest, 0.0, 1.0) * 255.0, dtype=np.uint8)


def premultiplied(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGBA with the colours multiplied by alpha, in place where nothing is transparent."""
    alpha = pixels[..., 3]
    if (alpha == 255).all():
        return pixels
    result = pixels.copy()
    colours = pixels[..., :3].astype(np.uint16) * alpha[..., None].astype(np.uint16)
    result[..., :3] = (colours + 127) // 255
    return result
