"""Between the plane and the screen: what a map view sees, and its true scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["View"]

_METRES_PER_INCH = 0.0254
_FINEST, _COARSEST = 1e-4, 1e5  # metres a pixel


@dataclass(frozen=True, slots=True)
class View:
    """A window of ``width`` × ``height`` logical pixels on the plane, north up.

    ``x`` and ``y`` are the centre in metres, ``resolution`` is metres per pixel.
    """

    x: float
    y: float
    resolution: float
    width: float
    height: float

    @classmethod
    def showing(
        cls, box: tuple[float, float, float, float], width: float, height: float, margin: float = 0.04
    ) -> View:
        """The view in which a box fills the window, with a margin as a share of it."""
        ground_width, ground_height = max(box[2] - box[0], 1e-6), max(box[3] - box[1], 1e-6)
        resolution = max(ground_width / max(width, 1), ground_height / max(height, 1)) * (1 + 2 * margin)
        return cls((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, _limited(resolution), width, height)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The box that is seen: west, south, east, north."""
        half_width, half_height = self.width * self.resolution / 2, self.height * self.resolution / 2
        return self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height

    def to_screen(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Plane coordinates (n, 2) as pixels from the upper left corner."""
        import numpy as np  # here, because the window shows before numpy is loaded (0.15 s)

        west, _, _, north = self.extent
        return np.column_stack(
            [(coordinates[:, 0] - west) / self.resolution, (north - coordinates[:, 1]) / self.resolution]
        )

    def to_plane(self, px: float, py: float) -> tuple[float, float]:
        """The place under a pixel."""
        west, _, _, north = self.extent
        return west + px * self.resolution, north - py * self.resolution

    def panned(self, dx: float, dy: float) -> View:
        """The view after the map has been dragged by that many pixels."""
        return replace(self, x=self.x - dx * self.resolution, y=self.y + dy * self.resolution)

    def zoomed(self, factor: float, px: float, py: float) -> View:
        """``factor`` times closer, the place under the pixel staying where it is."""
        resolution = _limited(self.resolution / factor)
        x, y = self.to_plane(px, py)
        return replace(
            self,
            x=x + (self.width / 2 - px) * resolution,
            y=y - (self.height / 2 - py) * resolution,
            resolution=resolution,
        )

    def resized(self, width: float, height: float) -> View:
        """The same centre and scale in a window of another size."""
        return replace(self, width=width, height=height)

    def scale(self, dpi: float) -> float:
        """Denominator of the scale on a screen of that many pixels an inch."""
        return self.resolution / (_METRES_PER_INCH / dpi)

    def at_scale(self, denominator: float, dpi: float) -> View:
        """The same centre at 1:``denominator``."""
        return replace(self, resolution=_limited(denominator * _METRES_PER_INCH / dpi))


def _limited(resolution: float) -> float:
    return float(min(max(resolution, _FINEST), _COARSEST))
