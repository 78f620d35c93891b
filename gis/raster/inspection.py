"""What a file or a folder is as a background, before it is added: looked at, nothing kept open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from gis.errors import ParkLineError
from gis.raster.opening import BackgroundPlace, kind_of_file, open_place
from gis.text import tr

__all__ = ["Inspection", "inspect_place", "look_at_file"]


@dataclass(frozen=True, slots=True)
class Inspection:
    """``problem`` is why it cannot be added, None if it can.

    ``system`` is what it declares (EPSG code or WKT), "" where it says nothing and ``offered`` are codes to choose
    from, the likeliest first. ``overviews`` is whether a picture has coarser copies, None for tiles; ``size`` is its
    columns and rows.
    """

    place: BackgroundPlace
    problem: ParkLineError | None = None
    system: int | str = ""
    offered: tuple[int, ...] = ()
    overviews: bool | None = None
    size: tuple[int, int] = (0, 0)

    def with_system(self, epsg: int) -> BackgroundPlace:
        """The place with the system that a person chose, where it has none itself."""
        return self.place if self.system != "" else replace(self.place, epsg=epsg)


def look_at_file(path: Path, plane: int) -> Inspection:
    """A picture or a tile file; never raises a ``ParkLineError`` but tells of it."""
    return inspect_place(BackgroundPlace(kind_of_file(path), str(path)), plane)


def inspect_place(place: BackgroundPlace, plane: int) -> Inspection:
    """Any file or folder in the light of a project's plane."""
    path = Path(place.place)
    try:
        if place.kind != "image":
            source = open_place(place)
            source.close()
            return Inspection(place, system=source.crs)
        if not path.is_file():
            raise ParkLineError(tr("文件不存在。"), file=path)
        from gis.raster.image_file import ImageFile
        from gis.raster.systems import offered

        picture = ImageFile(path)
        picture.close()
        return Inspection(
            place, None, picture.crs, tuple(offered(picture.extent, plane)), picture.overviews, picture.size
        )
    except ParkLineError as error:
        return Inspection(place, error)
    except OSError as error:
        return Inspection(place, ParkLineError(tr("文件无法读取：{error}", error=error), file=path))
