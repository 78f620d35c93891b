"""A known pixel shows at the right place of the plane, within half a pixel of where pyproj puts it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest

from gis.raster.image_file import ImageFile
from gis.raster.map_reader import MapReader
from gis.raster.opening import BackgroundPlace, open_place
from gis.raster.tile_grid import degree_grid, web_grid
from tests.gis.raster.samples import (
    ANKANG,
    PLANE,
    marked,
    place,
    red_middle,
    tile_of,
    worked,
    write_folder,
    write_mbtiles,
    write_picture,
)  # fmt: skip

WIDE, HIGH = 700, 500
SPANS = {4545: 0.5, 4524: 0.5, 4490: 5e-6, 3857: 0.6, 4544: 0.5}


def assert_seen_at(
    reader: MapReader, expected: tuple[float, float], resolution: float, size: int = 64
) -> None:
    """The red mark stands where it should in a view that is not centred on it."""
    west, north = expected[0] - size * 0.3 * resolution, expected[1] + size * 0.6 * resolution
    box = (west, north - size * resolution, west + size * resolution, north)
    patch = reader.read(box, size, size)
    column, row = red_middle(patch.pixels)
    assert abs(column - size * 0.3) < 0.5
    assert abs(row - size * 0.6) < 0.5


@pytest.mark.parametrize("system", sorted(SPANS))
@pytest.mark.parametrize("mark", [(20, 30), (680, 470), (333, 222)])
def test_a_pixel_of_a_geotiff_stands_where_pyproj_puts_it(
    tmp_path: Path, system: int, mark: tuple[int, int]
) -> None:
    west, north = place(system)
    span = SPANS[system]
    path = write_picture(
        tmp_path / "影像 a!b.tif", marked(WIDE, HIGH, [mark]), system, west, north, span, tiled=True
    )
    reader = MapReader(ImageFile(path), PLANE)
    expected = worked(system, west + mark[0] * span, north - mark[1] * span)
    assert_seen_at(reader, expected, 0.5)
    assert_seen_at(reader, expected, 0.2)  # closer than the picture is
    reader.source.close()


@pytest.mark.parametrize("factor", [3.0, 9.0])
@pytest.mark.parametrize("stored", [[], [2, 4, 8]])
def test_coarser_levels_stand_in_the_same_place(tmp_path: Path, factor: float, stored: list[int]) -> None:
    import rasterio

    west, north = place(PLANE)
    mark = (1204, 660)
    path = write_picture(
        tmp_path / "a.tif", marked(1611, 1203, [mark], side=64), PLANE, west, north, 0.5, tiled=True
    )
    if stored:
        with rasterio.open(path, "r+") as file:
            file.build_overviews(stored, rasterio.enums.Resampling.average)
    source = ImageFile(path)
    assert source.overviews == bool(stored)
    assert_seen_at(MapReader(source, PLANE), (west + mark[0] * 0.5, north - mark[1] * 0.5), 0.5 * factor, 128)
    source.close()


@pytest.mark.parametrize("driver", ["JP2OpenJPEG", "PNG", "JPEG"])
def test_jpeg2000_and_world_files(tmp_path: Path, driver: str) -> None:
    west, north = place(PLANE)
    mark = (400, 100)
    pixels = marked(WIDE, HIGH, [mark], side=16)
    suffix, world = {"JP2OpenJPEG": (".jp2", ""), "PNG": (".png", ".pgw"), "JPEG": (".jpg", ".jgw")}[driver]
    path = tmp_path / f"正射{suffix}"
    if world:
        write_picture(path, pixels, None, 0, 0, 1, driver)
        # The fifth and sixth line are the middle of the first pixel.
        path.with_suffix(world).write_text(f"0.5\n0\n0\n-0.5\n{west + 0.25}\n{north - 0.25}\n")
        for remark in tmp_path.glob("*.aux.xml"):
            remark.unlink()
        with pytest.raises(Exception, match="坐标系"):
            open_place(BackgroundPlace("image", str(path)))
        path.with_suffix(".prj").write_text(pyproj.CRS(PLANE).to_wkt("WKT1_ESRI"))
    else:
        write_picture(path, pixels, PLANE, west, north, 0.5, driver, REVERSIBLE="YES", QUALITY="100")
    source = open_place(BackgroundPlace("image", str(path)))
    assert source.crs == PLANE
    assert_seen_at(MapReader(source, PLANE), (west + 200, north - 50), 0.5)
    source.close()


def test_a_turned_picture_stands_in_its_place(tmp_path: Path) -> None:
    west, north = place(PLANE)
    path = tmp_path / "turned.png"
    write_picture(path, marked(400, 400, [(100, 300)], side=16), None, 0, 0, 1, "PNG")
    path.with_suffix(".pgw").write_text(
        f"0.3\n0.4\n0.4\n-0.3\n{west}\n{north}\n"
    )  # half a metre, turned by 53.13°
    source = open_place(BackgroundPlace("image", str(path), epsg=PLANE))
    # The corner between pixels 99|100 and 299|300 is half a pixel before the middle of pixel (100, 300).
    column, row = 99.5, 299.5
    expected = (west + 0.3 * column + 0.4 * row, north + 0.4 * column - 0.3 * row)
    assert_seen_at(MapReader(source, PLANE), expected, 0.4, 96)
    source.close()


@pytest.mark.parametrize("how", ["mbtiles", "folder", "tms", "jpg"])
def test_tiles_stand_where_the_formula_of_the_web_grid_puts_them(tmp_path: Path, how: str) -> None:
    if how == "mbtiles":
        source = open_place(BackgroundPlace("mbtiles", str(write_mbtiles(tmp_path / "a.mbtiles", [14, 16]))))
    else:
        south = how == "tms"
        folder = write_folder(
            tmp_path / "瓦片", [14, 16], from_south=south, suffix=".jpg" if how == "jpg" else ".png"
        )
        source = open_place(BackgroundPlace("folder", str(folder), from_south=south))
    reader = MapReader(source, PLANE)
    x, y = tile_of(ANKANG, 16)
    whole = 40_075_016.68557849  # metres round the equator of Web Mercator
    for zoom in (14, 16):
        x, y = (
            round(value * 256) / 256 for value in tile_of(ANKANG, zoom)
        )  # the mark stands on whole pixels
        mercator = ((x / 2**zoom - 0.5) * whole, (0.5 - y / 2**zoom) * whole)
        expected = worked(3857, *mercator)
        ground = whole / 256 / 2**zoom * np.cos(np.radians(ANKANG[1]))
        assert_seen_at(reader, expected, ground, 48)
    extent = reader.extent()
    assert extent is not None
    assert extent[0] < expected[0] < extent[2]
    assert extent[1] < expected[1] < extent[3]
    source.close()


def test_a_tile_that_is_not_there_is_shown_from_a_coarser_one(tmp_path: Path) -> None:
    source = open_place(BackgroundPlace("mbtiles", str(write_mbtiles(tmp_path / "a.mbtiles", [13, 16]))))
    x, y = place(PLANE, (ANKANG[0] + 0.03, ANKANG[1]))  # beyond the tiles of zoom 16, within those of 13
    patch = MapReader(source, PLANE).read((x - 20, y - 20, x + 20, y + 20), 32, 32)
    assert (patch.pixels == (120, 120, 120, 255)).all()
    source.close()


def test_the_grids_hold_the_known_figures() -> None:
    zoom = web_grid().between(18, 18).zooms[0]
    assert zoom.span == pytest.approx(0.5971642834779395)  # OpenStreetMap wiki, "Zoom levels"
    assert web_grid().zooms[-1].columns == web_grid().zooms[-1].rows == 1
    degrees = degree_grid().between(1, 18)
    assert (degrees.zooms[-1].columns, degrees.zooms[-1].rows) == (2, 1)
    assert degrees.zooms[-1].span == 360 / 2 / 256  # 天地图, matrix set c, matrix 1: 0.703125°
    assert degrees.crs == 4490


def test_a_view_far_away_or_beyond_the_plane_shows_nothing(tmp_path: Path) -> None:
    west, north = place(3857)
    path = write_picture(tmp_path / "a.tif", marked(WIDE, HIGH, []), 3857, west, north, 0.5)
    source = ImageFile(path)
    reader = MapReader(source, PLANE)
    for box in ((0.0, 0.0, 100.0, 100.0), (1e8, 1e8, 1e8 + 100, 1e8 + 100)):
        patch = reader.read(box, 64, 64)
        assert not patch.pixels.any()
        assert patch.complete
    source.close()


def test_what_lies_outside_the_picture_stays_clear(tmp_path: Path) -> None:
    west, north = place(PLANE)
    source = ImageFile(write_picture(tmp_path / "a.tif", marked(WIDE, HIGH, []), PLANE, west, north, 1.0))
    patch = MapReader(source, PLANE).read((west - 10, north - 30, west + 30, north + 10), 40, 40)
    assert (patch.pixels[:10, :, 3] == 0).all()
    assert (patch.pixels[:, :10, 3] == 0).all()
    assert (patch.pixels[10:, 10:, 3] == 255).all()
    source.close()
