"""Coarser copies: in a file of their own, the same picture in the same place, nothing left after a Cancel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from gis.errors import ParkLineError
from gis.progress import Cancelled, silent
from gis.raster.image_file import ImageFile
from gis.raster.overviews import build_overviews
from tests.gis.raster.samples import PLANE, marked, write_picture


def picture(folder: Path, **options: object) -> Path:
    return write_picture(
        folder / "正射.tif", marked(1501, 1101, [(1000, 600)], 200), PLANE, 5e5, 36e5, 1.0, **options
    )


@pytest.mark.parametrize("beside", [True, False])
def test_the_copies_are_found_and_agree_with_the_picture(tmp_path: Path, beside: bool) -> None:
    path = picture(tmp_path)
    before = path.read_bytes()
    target = tmp_path / "正射.tif.ovr" if beside else tmp_path / "cache" / "x.ovr"
    shares: list[float] = []
    build_overviews(path, target, lambda share, _text: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert path.read_bytes() == before
    source = ImageFile(path, "", None if beside else target)
    assert source.overviews
    assert [(level.width, level.height) for level in source.levels[:4]] == [
        (1501, 1101), (751, 551), (376, 276), (188, 138)
    ]  # fmt: skip
    for number in (1, 2):
        level = source.levels[number]
        assert level.extent == pytest.approx(source.levels[0].extent)
        pixels = source.read(number, (0, 0, level.width, level.height), lambda: False).pixels
        red = np.argwhere((pixels[..., 0].astype(int) - pixels[..., 1]) > 120)
        middle = red.mean(axis=0) + 0.5
        assert middle * 1501 / level.width == pytest.approx([600, 1000], abs=2**number)
    source.close()
    if beside:
        with rasterio.open(path) as file:
            assert file.overviews(1) == [2, 4, 8]


def test_no_data_and_palettes_stay_what_they_are(tmp_path: Path) -> None:
    values = np.full((1, 900, 900), 7, dtype=np.uint8)
    values[0, :, 450:] = 0
    path = write_picture(tmp_path / "a.tif", values, PLANE, 5e5, 36e5, 1.0, nodata=0)
    build_overviews(path, tmp_path / "a.tif.ovr", silent)
    source = ImageFile(path)
    pixels = source.read(1, (0, 0, 450, 450), lambda: False).pixels
    assert (pixels[:, :225] == (7, 7, 7, 255)).all()
    assert (pixels[:, 225:, 3] == 0).all()
    source.close()
    with rasterio.open(path, "r+") as file:
        file.nodata = None
        file.write_colormap(1, {0: (5, 5, 5, 255), 7: (200, 10, 10, 255)})
    build_overviews(path, tmp_path / "a.tif.ovr", silent)
    source = ImageFile(path)
    seen = {
        tuple(colour)
        for colour in source.read(1, (0, 0, 450, 450), lambda: False).pixels.reshape(-1, 4).tolist()
    }
    assert seen == {(5, 5, 5, 255), (200, 10, 10, 255)}
    source.close()


def test_a_cancel_leaves_nothing(tmp_path: Path) -> None:
    path = picture(tmp_path)
    for at in (0.3, 0.8):

        def stop(share: float, _text: str, limit: float = at) -> None:
            if share >= limit:
                raise Cancelled

        with pytest.raises(Cancelled):
            build_overviews(path, tmp_path / "正射.tif.ovr", stop)
        assert [item.name for item in tmp_path.iterdir()] == ["正射.tif"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    path = picture(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(ParkLineError):
        build_overviews(path, tmp_path / "file" / "x.ovr", silent)
