"""What the numbers of a picture look like: palettes, grey, 16 bits, no data, masks, opacity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp

from gis.raster.image_file import ImageFile
from tests.gis.raster.samples import PLANE, write_picture


def shown(path: Path) -> NDArray[np.uint8]:
    source = ImageFile(path)
    try:
        return source.read(0, (0, 0, *source.size), lambda: False).pixels
    finally:
        source.close()


def written(folder: Path, pixels: NDArray[Any], **options: Any) -> Path:
    return write_picture(folder / "a.tif", pixels, PLANE, 500_000.0, 3_600_000.0, 1.0, **options)


def test_grey_is_grey(tmp_path: Path) -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    seen = shown(written(tmp_path, pixels))
    assert (seen[..., :3] == pixels[0][..., None]).all()
    assert (seen[..., 3] == 255).all()


def test_a_palette_gives_its_colours(tmp_path: Path) -> None:
    path = written(tmp_path, np.array([[[0, 1], [2, 1]]], dtype=np.uint8))
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {0: (10, 20, 30, 255), 1: (200, 100, 50, 255), 2: (1, 2, 3, 255)})
    assert shown(path)[..., :3].tolist() == [[[10, 20, 30], [200, 100, 50]], [[1, 2, 3], [200, 100, 50]]]


def test_sixteen_bits_are_stretched_between_the_second_and_the_98th_hundredth(tmp_path: Path) -> None:
    values = np.arange(10_000, dtype=np.uint16).reshape(1, 100, 100) + 3000
    seen = shown(written(tmp_path, values))[..., 0]
    # The hundredths lie at 3199.98 and 12799.02; half way between them is 7999.5.
    assert seen[0, 0] == 0
    assert seen[-1, -1] == 255
    assert seen[values[0] == 8000].item() in {127, 128}
    assert seen[values[0] == 5600].item() == round((5600 - 3199.98) / (12799.02 - 3199.98) * 255)


def test_no_data_is_clear_and_does_not_count_for_the_stretch(tmp_path: Path) -> None:
    values = np.full((1, 20, 20), -9999.0, dtype=np.float32)
    values[0, 5:15, 5:15] = np.linspace(100.0, 200.0, 100).reshape(10, 10)
    seen = shown(written(tmp_path, values, nodata=-9999.0))
    assert (seen[:5, :, 3] == 0).all()
    assert (seen[5:15, 5:15, 3] == 255).all()
    assert seen[5, 5, 0] == 0
    assert seen[14, 14, 0] == 255


def test_black_counts_as_no_data_only_where_all_bands_say_so(tmp_path: Path) -> None:
    pixels = np.zeros((3, 2, 2), dtype=np.uint8)
    pixels[:, 0, 1] = (0, 0, 9)
    seen = shown(written(tmp_path, pixels, nodata=0))
    assert seen[0, 0].tolist() == [0, 0, 0, 0]
    assert seen[0, 1].tolist() == [0, 0, 9, 255]


def test_an_alpha_band_and_a_mask_make_clear(tmp_path: Path) -> None:
    pixels = np.full((4, 2, 2), 200, dtype=np.uint8)
    pixels[3] = [[255, 0], [128, 255]]
    path = written(tmp_path, pixels)
    with rasterio.open(path, "r+") as file:
        file.colorinterp = [ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha]
    seen = shown(path)
    assert seen[..., 3].tolist() == [[255, 0], [128, 255]]
    assert seen[1, 0, :3].tolist() == [100, 100, 100]  # 200 · 128/255, multiplied by alpha
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        masked = write_picture(tmp_path / "m.tif", pixels[:3], PLANE, 500_000.0, 3_600_000.0, 1.0)
        with rasterio.open(masked, "r+") as file:
            file.write_mask(np.array([[True, False], [True, True]]))
    assert shown(masked)[..., 3].tolist() == [[255, 0], [255, 255]]


def test_the_fourth_band_of_an_aerial_picture_is_not_shown(tmp_path: Path) -> None:
    pixels = np.stack([np.full((4, 4), value, dtype=np.uint8) for value in (10, 20, 30, 0)])
    path = written(tmp_path, pixels, photometric="MINISBLACK")
    with rasterio.open(path, "r+") as file:
        file.colorinterp = [ColorInterp.gray, *[ColorInterp.undefined] * 3]
    assert (shown(path) == (10, 20, 30, 255)).all()
