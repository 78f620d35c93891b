"""From what a person has chosen to a source that can be read: one way for every kind of background."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gis.errors import ParkLineError
from gis.text import tr

if TYPE_CHECKING:
    from gis.raster.source import RasterSource
    from gis.raster.wmts import WmtsLayer

__all__ = [
    "GRIDS",
    "IMAGE_SUFFIXES",
    "KINDS",
    "TILE_FILE_SUFFIXES",
    "BackgroundPlace",
    "kind_of_file",
    "open_place",
    "wmts_layers",
]

KINDS = ("image", "mbtiles", "folder", "address", "wmts")
GRIDS = ("web", "degrees")
IMAGE_SUFFIXES = (".tif", ".tiff", ".jp2", ".j2k", ".jpg", ".jpeg", ".png")
TILE_FILE_SUFFIXES = (".mbtiles",)


@dataclass(frozen=True, slots=True)
class BackgroundPlace:
    """Where a background comes from: a path or an address.

    ``epsg`` is the system of a picture that does not name one (0: it does). ``grid`` and ``from_south`` are how
    tiles of a folder or an address are cut and counted; ``layer`` and ``matrix_set`` what of a WMTS is meant.
    """

    kind: str
    place: str
    epsg: int = 0
    grid: str = "web"
    from_south: bool = False
    layer: str = ""
    matrix_set: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it lies on this machine, so that it can be missing and found elsewhere."""
        return self.kind in {"image", "mbtiles", "folder"}


def kind_of_file(path: Path) -> str:
    """``image``, ``mbtiles`` or ``folder``."""
    if path.is_dir():
        return "folder"
    return "mbtiles" if path.suffix.lower() in TILE_FILE_SUFFIXES else "image"


def open_place(chosen: BackgroundPlace, coarser: Path | None = None) -> RasterSource:
    """The source; ``coarser`` is where copies of a picture may lie. Raises ``ParkLineError`` where it is missing, cannot be read or cannot be placed.

    An address of tiles is not asked before it is seen; a WMTS is asked for its layers here.
    """
    if chosen.is_file:
        return _open_file(chosen, Path(chosen.place), coarser)
    from gis.raster.tile_address import open_tile_address
    from gis.raster.tile_grid import degree_grid, web_grid

    if chosen.kind == "address":
        return open_tile_address(chosen.place, degree_grid() if chosen.grid == "degrees" else web_grid())
    for layer in wmts_layers(chosen.place):
        if (layer.name, layer.matrix_set) == (chosen.layer, chosen.matrix_set):
            return open_tile_address(layer.template, layer.grid)
    raise ParkLineError(
        tr("服务器不再提供图层“{layer}”。", layer=chosen.layer), hint=tr("请移除该底图后重新添加。")
    )


def _open_file(chosen: BackgroundPlace, path: Path, coarser: Path | None) -> RasterSource:
    if not path.exists():
        raise ParkLineError(
            tr("文件不存在。"), hint=tr("文件可能已移动或所在磁盘未连接；可重新定位。"), file=path
        )
    try:
        if chosen.kind == "mbtiles":
            from gis.raster.mbtiles import open_mbtiles

            return open_mbtiles(path)
        if chosen.kind == "folder":
            from gis.raster.tile_folder import open_tile_folder

            return open_tile_folder(path, degrees=chosen.grid == "degrees", from_south=chosen.from_south)
        from gis.raster.image_file import ImageFile

        picture = ImageFile(path, chosen.epsg or "", coarser)
    except OSError as error:
        raise ParkLineError(tr("文件无法读取：{error}", error=error), file=path) from error
    if picture.crs == "":
        picture.close()
        raise ParkLineError(
            tr("影像没有声明坐标系。"), hint=tr("请移除该底图，重新添加并指定坐标系。"), file=path
        )
    return picture


def wmts_layers(address: str) -> list[WmtsLayer]:
    """What a WMTS offers; ``ParkLineError`` where it does not answer or says no such thing."""
    import http.client

    from gis.raster.tile_address import download
    from gis.raster.wmts import LARGEST_CAPABILITIES, capabilities_address, read_capabilities

    if not address.lower().startswith(("http://", "https://")):
        raise ParkLineError(tr("地址应以 http:// 或 https:// 开头。"))
    asked = capabilities_address(address)
    try:
        document = download(asked, LARGEST_CAPABILITIES)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ParkLineError(
            tr("无法连接：{error}", error=getattr(error, "reason", error)),
            hint=tr("请检查网络和地址；没有网络时可改用 MBTiles 或瓦片文件夹。"),
        ) from error
    return read_capabilities(document, asked)
