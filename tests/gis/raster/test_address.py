"""Tiles from a server: asked for where they are seen, quiet where it fails, never without a typed address."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from gis.errors import ParkLineError
from gis.raster.map_reader import MapReader
from gis.raster.opening import BackgroundPlace, open_place, wmts_layers
from gis.raster.tile_address import AddressTiles, check_template
from gis.raster.tile_source import TileSource
from gis.raster.wmts import read_capabilities
from tests.gis.raster.samples import ANKANG, PLANE, place, red_middle, server, tile_picture

X, Y = place(PLANE)
BOX = (X - 76.8, Y - 76.8, X + 76.8, Y + 76.8)


def tile_answer(path: str) -> tuple[int, bytes]:
    """Paths /z/x/y.png."""
    zoom, column, row = (int(part.split(".")[0]) for part in path.split("?")[0].strip("/").split("/"))
    return 200, tile_picture(column, row, zoom, ANKANG)


def opened(address: str, **options: object) -> TileSource:
    source = open_place(BackgroundPlace("address", address, **options))  # type: ignore[arg-type]
    assert isinstance(source, TileSource)
    return source


def test_tiles_are_asked_for_only_where_they_are_seen() -> None:
    with server(tile_answer) as (address, asked):
        source = opened(f"{address}/{{z}}/{{x}}/{{y}}.png?key=1")
        assert asked == []
        patch = MapReader(source, PLANE).read(BOX, 128, 128)
        assert patch.complete
        column, row = red_middle(patch.pixels)
        assert abs(column - 64) < 1
        assert abs(row - 64) < 1
        assert {path.split("/")[1] for path in asked} == {
            "17"
        }  # 1.2 m a pixel: 1.005 m at zoom 17 on this latitude
        assert all(path.endswith(".png?key=1") for path in asked)
        count = len(asked)
        MapReader(source, PLANE).read(BOX, 128, 128)
        assert len(asked) == count  # what has come is kept
        source.close()


def test_rows_from_the_south() -> None:
    def answer(path: str) -> tuple[int, bytes]:
        zoom, column, row = (int(part) for part in path.strip("/").split("/"))
        return 200, tile_picture(column, 2**zoom - 1 - row, zoom, ANKANG)

    with server(answer) as (address, _asked):
        source = opened(f"{address}/{{z}}/{{x}}/{{-y}}")
        assert abs(red_middle(MapReader(source, PLANE).read(BOX, 128, 128).pixels)[1] - 64) < 1
        source.close()


def test_tiles_that_do_not_exist_are_no_failure() -> None:
    with server(lambda _path: (404, b"no")) as (address, asked):
        source = opened(f"{address}/{{z}}/{{x}}/{{y}}")
        patch = MapReader(source, PLANE).read(BOX, 128, 128)
        assert asked
        assert patch.complete
        assert not patch.pixels.any()
        source.close()


@pytest.mark.parametrize(("code", "said"), [(500, "500"), (403, "密钥")])
def test_a_server_that_fails_is_told_of_and_left_alone(code: int, said: str) -> None:
    with server(lambda _path: (code, b"")) as (address, asked):
        tiles = AddressTiles(f"{address}/{{z}}/{{x}}/{{y}}")
        from gis.raster.tile_grid import web_grid

        reader = MapReader(TileSource(tiles, web_grid()), PLANE)
        patch = reader.read(BOX, 128, 128)
        assert not patch.complete
        assert said in tiles.problem
        count = len(asked)
        assert 0 < count <= 4  # as many as there are threads; the rest is not asked for
        assert not reader.read(BOX, 128, 128).complete
        assert len(asked) == count
        tiles.try_again()
        reader.read(BOX, 128, 128)
        assert len(asked) > count
        tiles.close()


def test_no_network_and_no_server() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    for address in (f"http://127.0.0.1:{port}", "http://no-such-host.invalid"):
        tiles = AddressTiles(f"{address}/{{z}}/{{x}}/{{y}}")
        from gis.raster.tile_grid import web_grid

        patch = MapReader(TileSource(tiles, web_grid()), PLANE).read(BOX, 64, 64)
        assert not patch.complete
        assert not patch.pixels.any()
        assert tiles.problem
        tiles.close()
        with pytest.raises(ParkLineError, match="无法连接"):
            wmts_layers(f"{address}/wmts")


def test_a_server_that_hangs_is_not_waited_for_once_the_view_has_gone() -> None:
    hang = threading.Event()

    def answer(_path: str) -> tuple[int, bytes]:
        hang.wait(30)
        return 404, b""

    gone = threading.Event()
    with server(answer) as (address, asked):
        source = opened(f"{address}/{{z}}/{{x}}/{{y}}")
        patches = []
        thread = threading.Thread(
            target=lambda: patches.append(MapReader(source, PLANE).read(BOX, 128, 128, gone.is_set))
        )
        thread.start()
        deadline = time.monotonic() + 20
        while not asked and time.monotonic() < deadline:
            time.sleep(0.01)
        gone.set()
        thread.join(20)
        assert not thread.is_alive()
        assert not hang.is_set()  # the server is still silent
        assert not patches[0].complete
        source.close()
        hang.set()


def test_answers_without_end_and_ways_to_other_places_are_refused(tmp_path: Path) -> None:
    import http.server

    secret = tmp_path / "secret.png"
    secret.write_bytes(tile_picture(0, 0, 0, ANKANG))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "long" in self.path:
                self.send_response(200)
                self.end_headers()
                for _ in range(12):
                    try:
                        self.wfile.write(bytes(1 << 20))
                    except OSError:
                        return
            else:
                self.send_response(302)
                self.send_header("Location", secret.as_uri())
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    for name in ("long", "file"):
        tiles = AddressTiles(f"http://127.0.0.1:{made.server_port}/{name}/{{z}}/{{x}}/{{y}}")
        from gis.raster.tile_grid import web_grid

        zoom = web_grid().zooms[10]
        assert tiles.get(zoom, [(5, 5)], lambda: False) == {}
        assert tiles.problem
        tiles.close()
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.mark.parametrize(
    "address",
    [
        "", "file:///etc/{z}/{x}/{y}", "ftp://a/{z}/{x}/{y}", "http://{z}/{x}", "https://a/{z}/{x}/{y}/{s}",
        "https://a/tiles.png", "http:///{z}/{x}/{y}", "a/{z}/{x}/{y}",
    ],
)  # fmt: skip
def test_addresses_that_tiles_cannot_be_asked_for_by(address: str) -> None:
    with pytest.raises(ParkLineError):
        check_template(address)


def test_the_address_of_tianditu_is_understood() -> None:
    check_template(
        "https://t0.tianditu.gov.cn/img_c/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=img&STYLE=default"
        "&TILEMATRIXSET=c&FORMAT=tiles&TILEMATRIX={TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}&tk=abc"
    )


CAPABILITIES = """<?xml version="1.0"?>
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1">
 <Contents>
  <Layer><ows:Title>安康 影像</ows:Title><ows:Identifier>img</ows:Identifier>
   <Style isDefault="true"><ows:Identifier>day</ows:Identifier></Style><Format>image/png</Format>
   <TileMatrixSetLink><TileMatrixSet>city</TileMatrixSet></TileMatrixSetLink>
   <TileMatrixSetLink><TileMatrixSet>c</TileMatrixSet></TileMatrixSetLink>
   <TileMatrixSetLink><TileMatrixSet>broken</TileMatrixSet></TileMatrixSetLink>{resource}
  </Layer>
  <TileMatrixSet><ows:Identifier>city</ows:Identifier><ows:SupportedCRS>urn:ogc:def:crs:EPSG::4545</ows:SupportedCRS>
   <TileMatrix><ows:Identifier>L0</ows:Identifier><ScaleDenominator>35714.285714285716</ScaleDenominator>
    <TopLeftCorner>4000000 400000</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight>
    <MatrixWidth>500</MatrixWidth><MatrixHeight>500</MatrixHeight></TileMatrix>
   <TileMatrix><ows:Identifier>L1</ows:Identifier><ScaleDenominator>3571.4285714285716</ScaleDenominator>
    <TopLeftCorner>4000000 400000</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight>
    <MatrixWidth>5000</MatrixWidth><MatrixHeight>5000</MatrixHeight></TileMatrix></TileMatrixSet>
  <TileMatrixSet><ows:Identifier>c</ows:Identifier><ows:SupportedCRS>urn:ogc:def:crs:EPSG::4490</ows:SupportedCRS>
   <TileMatrix><ows:Identifier>1</ows:Identifier><ScaleDenominator>2.958293554545656E8</ScaleDenominator>
    <TopLeftCorner>90.0 -180.0</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight>
    <MatrixWidth>2</MatrixWidth><MatrixHeight>1</MatrixHeight></TileMatrix></TileMatrixSet>
  <TileMatrixSet><ows:Identifier>broken</ows:Identifier><ows:SupportedCRS>urn:ogc:def:crs:EPSG::99</ows:SupportedCRS>
  </TileMatrixSet>
 </Contents>
</Capabilities>"""


def test_a_wmts_in_the_city_s_own_plane_is_asked_by_its_own_names() -> None:
    """L1 has pixels of exactly 1 m (0.28 mm times 3571.43) from the corner 4 000 000 N, 400 000 E."""

    def answer(path: str) -> tuple[int, bytes]:
        if "GetCapabilities" in path:
            return 200, CAPABILITIES.format(resource="").encode()
        return 200, tile_picture(0, 0, 0, (-179.9, 85.0))

    with server(answer) as (address, asked):
        layers = wmts_layers(f"{address}/wmts?tk=abc")
        assert [(item.title, item.matrix_set, item.grid.crs) for item in layers] == [
            ("安康 影像", "city", 4545),
            ("安康 影像", "c", 4490),
        ]
        assert [zoom.span for zoom in layers[0].grid.zooms] == pytest.approx([1.0, 10.0])
        degrees = layers[1].grid.zooms[0]
        assert (degrees.west, degrees.north) == (-180.0, 90.0)
        # 天地图's own figure, reckoned by pixels of 1/96 inch: 2.958e8 · 0.0254/96 / 111 319.49 = 0.7031 = 360/512.
        assert degrees.span == pytest.approx(360 / 512, rel=1e-9)
        chosen = BackgroundPlace("wmts", f"{address}/wmts?tk=abc", layer="img", matrix_set="city")
        source = open_place(chosen)
        asked.clear()
        # Columns 256·400 to 256·401 east of the corner, rows 256·300 to 256·301 south of it.
        box = (
            400_000 + 256 * 400 + 10,
            4_000_000 - 256 * 300 - 100,
            400_000 + 256 * 400 + 100,
            4_000_000 - 256 * 300 - 10,
        )
        assert MapReader(source, PLANE).read(box, 90, 90).pixels.any()
        assert len(asked) == 1
        for part in (
            "tk=abc",
            "LAYER=img",
            "STYLE=day",
            "TILEMATRIX=L1",
            "TILEROW=300",
            "TILECOL=400",
            "=city",
        ):
            assert part in asked[0]
        source.close()
        with pytest.raises(ParkLineError, match="不再提供"):
            open_place(BackgroundPlace("wmts", f"{address}/wmts", layer="gone", matrix_set="city"))


def test_a_wmts_with_a_template_of_its_own() -> None:
    resource = (
        '<ResourceURL resourceType="tile" format="image/png"'
        ' template="http://a/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png"/>'
    )
    layers = read_capabilities(
        CAPABILITIES.format(resource=resource).replace("{resource}", "").encode(), "http://b"
    )
    assert layers[0].template == "http://a/day/city/{TileMatrix}/{TileRow}/{TileCol}.png"


@pytest.mark.parametrize(
    "document",
    [b"", b"<html/>", b"<Capabilities/>", b"<Capabilities><Contents/></Capabilities>",
     b'<!DOCTYPE a [<!ENTITY b "c">]><Capabilities><Contents/></Capabilities>'],
)  # fmt: skip
def test_answers_that_are_no_capabilities(document: bytes) -> None:
    with pytest.raises(ParkLineError):
        read_capabilities(document, "http://a/wmts")
