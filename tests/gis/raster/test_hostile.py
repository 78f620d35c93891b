"""Files that are broken or meant to do harm: a plain error that names the file, or nothing shown."""

from __future__ import annotations

import io
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image

from gis.errors import ParkLineError
from gis.raster.image_file import ImageFile
from gis.raster.map_reader import MapReader
from gis.raster.opening import BackgroundPlace, kind_of_file, open_place
from gis.raster.tile_source import decode_tile
from tests.gis.raster.samples import ANKANG, PLANE, marked, place, write_mbtiles, write_picture


def refused(kind: str, path: Path) -> ParkLineError:
    with pytest.raises(ParkLineError) as caught:
        open_place(BackgroundPlace(kind, str(path))).close()
    assert caught.value.file == path
    assert caught.value.message
    return caught.value


@pytest.mark.parametrize("kind", ["image", "mbtiles", "folder"])
def test_what_is_missing_is_said_to_be_missing(tmp_path: Path, kind: str) -> None:
    assert "不存在" in refused(kind, tmp_path / "没有.tif").message


@pytest.mark.parametrize("text", ["", "II", "<WMS><Url>http://127.0.0.1/</Url></WMS>", "<VRTDataset/>"])
def test_only_pictures_are_opened_as_pictures(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.tif"
    path.write_text(text)
    refused("image", path)


@pytest.mark.parametrize("driver", ["GTiff", "JP2OpenJPEG"])
def test_a_cut_picture_is_refused_or_names_itself_when_it_is_read(tmp_path: Path, driver: str) -> None:
    west, north = place(PLANE)
    noise = np.random.default_rng(1).integers(0, 255, (3, 600, 600)).astype(np.uint8)
    path = write_picture(tmp_path / "断.img", noise, PLANE, west, north, 1.0, driver)
    whole = path.read_bytes()
    for share in (0.0005, 0.01, 0.5):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(ParkLineError) as caught, closing(ImageFile(path)) as source:
            source.read(0, (0, 0, 600, 600), lambda: False)
        assert caught.value.file == path


def test_a_picture_in_one_piece_of_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=60_000, height=60_000, count=1, dtype="uint8", SPARSE_OK=True,
        crs="EPSG:4545", transform=Affine(1, 0, 5e5, 0, -1, 36e5), tiled=True, blockxsize=60_000, blockysize=60_000, compress="DEFLATE",
    ):  # fmt: skip
        pass
    assert path.stat().st_size < 1 << 20
    assert "分块" in refused("image", path).message


def test_a_view_that_would_read_hundreds_of_millions_of_pixels_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=200_000, height=200_000, count=1, dtype="uint8", SPARSE_OK=True, tiled=True,
        crs="EPSG:4545", transform=Affine(0.1, 0, 5e5, 0, -0.1, 36e5),
    ):  # fmt: skip
        pass
    source = ImageFile(path)
    reader = MapReader(source, PLANE)
    assert reader.read((5e5, 36e5 - 20_000, 5e5 + 20_000, 36e5), 512, 512).too_coarse
    near = reader.read((5e5, 36e5 - 51.2, 5e5 + 51.2, 36e5), 512, 512)
    assert not near.too_coarse
    source.close()


def test_a_picture_without_a_place_or_a_system_asks_for_it(tmp_path: Path) -> None:
    plain = tmp_path / "plain.png"
    Image.new("RGB", (40, 40)).save(plain)
    assert "坐标文件" in refused("image", plain).hint
    unplaced = write_picture(tmp_path / "a.tif", marked(40, 40, []), None, 5e5, 36e5, 1.0)
    assert "坐标系" in refused("image", unplaced).message
    source = open_place(BackgroundPlace("image", str(unplaced), epsg=PLANE))
    assert source.crs == PLANE
    source.close()


def test_tiles_that_are_no_pictures_or_bombs_show_nothing() -> None:
    bomb = io.BytesIO()
    Image.new("1", (2_500, 2_500)).save(bomb, "PNG")
    good = io.BytesIO()
    Image.new("RGB", (256, 256), (9, 8, 7)).save(good, "PNG")
    for blob in (b"", b"<html>", bomb.getvalue(), good.getvalue()[:100], b"\x89PNG" + bytes(500)):
        assert decode_tile(blob, 256) is None
    seen = decode_tile(good.getvalue(), 256)
    assert seen is not None
    assert (seen == (9, 8, 7, 255)).all()


def test_broken_mbtiles(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", [14])
    whole = path.read_bytes()
    cut = tmp_path / "cut.mbtiles"
    for content in (b"", b"PK", whole[:700], whole[:100] + bytes(5000)):
        cut.write_bytes(content)
        refused("mbtiles", cut)
    empty = write_mbtiles(tmp_path / "empty.mbtiles", [])
    assert "没有瓦片" in refused("mbtiles", empty).message
    vector = write_mbtiles(tmp_path / "vector.mbtiles", [14], format="pbf")
    assert "矢量" in refused("mbtiles", vector).message


def test_mbtiles_whose_table_never_ends_are_given_up(tmp_path: Path) -> None:
    path = tmp_path / "endless.mbtiles"
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE VIEW tiles AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT 1 AS zoom_level, i AS tile_column, 1 AS tile_row, x'00' AS tile_data FROM n"
    )
    connection.commit()
    connection.close()
    assert "interrupted" in refused("mbtiles", path).message


def test_mbtiles_are_never_written_to(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", [14])
    before = path.read_bytes()
    source = open_place(BackgroundPlace(kind_of_file(path), str(path)))
    x, y = place(PLANE)
    assert MapReader(source, PLANE).read((x - 99, y - 99, x + 99, y + 99), 32, 32).pixels.any()
    source.close()
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["a.mbtiles"]


def test_numbers_of_tiles_beyond_sense_do_no_harm(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", [14])
    connection = sqlite3.connect(path)
    connection.executemany(
        "INSERT INTO tiles VALUES (?, ?, ?, ?)",
        [(14, -(2**62), 2**62, b"x"), (99, 5, 5, b"x"), (14, "x", None, b"y"), (-4, 0, 0, bytes(20_000_000))],
    )
    connection.commit()
    connection.close()
    source = open_place(BackgroundPlace("mbtiles", str(path)))
    x, y = place(PLANE, ANKANG)
    assert MapReader(source, PLANE).read((x - 99, y - 99, x + 99, y + 99), 32, 32).pixels.any()
    source.close()


def test_a_folder_without_tiles(tmp_path: Path) -> None:
    for name in ("12", "13/5", "x/1"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "13" / "5" / "notes.txt").write_text("x")
    assert "没有瓦片" in refused("folder", tmp_path).message


def test_a_tiff_that_claims_more_than_it_holds(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.tif", marked(64, 64, []), PLANE, 5e5, 36e5, 1.0)
    content = bytearray(path.read_bytes())
    first = struct.unpack_from("<I", content, 4)[0]
    for entry in range(struct.unpack_from("<H", content, first)[0]):
        place_of = first + 2 + entry * 12
        if struct.unpack_from("<H", content, place_of)[0] in {256, 257}:  # width and height
            struct.pack_into("<HII", content, place_of + 2, 4, 1, 2_000_000_000)
    path.write_bytes(content)
    refused("image", path)
