"""Where the mouse is: geographic CGCS2000 in degrees-minutes-seconds and decimals, and the project's plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from gis.text import tr

if TYPE_CHECKING:
    from pyproj import Transformer

    from gis.shown_plane import ShownPlane

__all__ = ["CoordinateLabel", "degrees_minutes_seconds", "plane_tools"]

_GEOGRAPHIC = 4490  # CGCS2000


def degrees_minutes_seconds(value: float, positive: str, negative: str) -> str:
    """An angle in decimal degrees as ``109°01′48.00″E``; seconds are rounded before the minutes are split off.

    >>> degrees_minutes_seconds(109.03, "E", "W"), degrees_minutes_seconds(-0.99999999, "N", "S")
    ('109°01′48.00″E', '1°00′00.00″S')
    """
    hundredths = round(abs(value) * 360_000)
    seconds, hundredths = divmod(hundredths, 100)
    minutes, seconds = divmod(seconds, 60)
    degrees, minutes = divmod(minutes, 60)
    return f"{degrees}°{minutes:02d}′{seconds:02d}.{hundredths:02d}″{positive if value >= 0 else negative}"


class CoordinateLabel(QLabel):
    """Shows the position under the mouse; the transformer is made when a project opens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._transformer: Transformer | None = None
        self._plane = ""
        self._shown: ShownPlane | None = None
        self._last: tuple[float, float] | None = None

    def show_in(self, plane: ShownPlane | None) -> None:
        """Say positions in another system; None for the project's plane."""
        self._shown = plane
        self.setMinimumWidth(0)
        if self._last is not None:
            self.show_position(*self._last)

    def set_plane(self, epsg: int | None, transformer: Any = None, short: str = "", title: str = "") -> None:
        """Show positions of this plane, which ``short`` names in the text and ``title`` in the tooltip.

        None empties the label.
        """
        self._transformer = transformer
        self._plane = "" if epsg is None else short or f"EPSG:{epsg}"
        self.setText("")
        self.setMinimumWidth(0)
        self.setToolTip(
            ""
            if epsg is None
            else tr(
                "光标处的位置（光标不在地图上时为地图中心）\n大地坐标：CGCS2000（EPSG:4490）\n平面坐标：{title}",
                title=title or self._plane,
            )
        )

    def show_position(self, easting: float, northing: float) -> None:
        """Show one position of the plane (metres, east first)."""
        self._last = (easting, northing)
        if self._plane:
            self.setText(self._text(easting, northing))
            # Never narrower again: neighbours must not jump with every digit.
            self.setMinimumWidth(max(self.minimumWidth(), self.sizeHint().width()))

    def _text(self, easting: float, northing: float) -> str:
        plane = f"{self._plane}  E {easting:,.2f}  N {northing:,.2f}"
        if self._shown is not None and not self._shown.geographic:
            east, north = self._shown.place(easting, northing)
            if math.isfinite(east) and math.isfinite(north):
                plane = f"{self._shown.short}  E {east:,.2f}  N {north:,.2f}"
        if self._transformer is None:
            return plane
        longitude, latitude = self._transformer.transform(easting, northing)
        if not (abs(longitude) <= 180 and abs(latitude) <= 90):  # far outside the plane: inf
            return plane
        degrees = (
            f"{degrees_minutes_seconds(longitude, 'E', 'W')} {degrees_minutes_seconds(latitude, 'N', 'S')}"
        )
        degrees = f"CGCS2000  {degrees}  ({longitude:.6f}, {latitude:.6f})"
        if self._shown is not None and self._shown.geographic:
            return degrees
        return f"{degrees}   |   {plane}"


def plane_tools(epsg: int) -> tuple[Any, str, str]:
    """The transformer to geographic CGCS2000, and the plane's short and full title.

    Called in a worker: pyproj is not light.
    """
    from pyproj import CRS, Transformer

    from gis.crs import central_meridian, describe, zone_epsg

    short = ""
    if zone_epsg(epsg) is not None:
        short = tr("3度带 {meridian}°E", meridian=f"{central_meridian(epsg):g}")
    transformer = Transformer.from_crs(CRS.from_epsg(epsg), _GEOGRAPHIC, always_xy=True)
    return transformer, short, describe(epsg)
