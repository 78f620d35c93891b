"""Between the plane and the screen: what a map view sees, and its true scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gis.shown_plane import ShownPlane

__all__ = ["View"]

_METRES_PER_INCH = 0.0254
_FINEST, _COARSEST = 1e-4, 1e5  # metres a pixel
_ALONG = 16  # stretches into which a side of a box is divided where it is bent in the plane
_LEEWAY = 2.0  # pixels that a side may bend between two of its points
_SHORT, _STRAIGHT, _MOST_PIECES = 40.0, 0.2, 64  # pixels of an edge that is taken as straight, and of a bow

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """A window of ``width`` × ``height`` logical pixels on the plane, north up.

    ``x`` and ``y`` are the centre in metres of the project's plane. It is drawn in that plane or in another system,
    ``plane``; ``resolution`` is metres per pixel as drawn there (``gis.shown_plane``).
    """

    x: float
    y: float
    resolution: float
    width: float
    height: float
    plane: ShownPlane | None = None

    @classmethod
    def showing(
        cls, box: Box, width: float, height: float, margin: float = 0.04, plane: ShownPlane | None = None
    ) -> View:
        """The view in which a box of the project's plane fills the window, with a margin as a share of it."""
        drawn = box if plane is None else _bounds(plane.drawn(_outline(box)))
        return cls(0.0, 0.0, 1.0, width, height, plane).framing(drawn, margin)

    def framing(self, frame: Box, margin: float = 0.0) -> View:
        """The window filled with a box as drawn."""
        wide, high = max(frame[2] - frame[0], 1e-6), max(frame[3] - frame[1], 1e-6)
        resolution = max(wide / max(self.width, 1), high / max(self.height, 1)) * (1 + 2 * margin)
        return self._about((frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2, _limited(resolution))

    @property
    def middle(self) -> tuple[float, float]:
        """The centre as drawn."""
        return (self.x, self.y) if self.plane is None else _middle(self)

    @property
    def frame(self) -> Box:
        """The box that is seen, as drawn: west, south, east, north."""
        half_width, half_height = self.width * self.resolution / 2, self.height * self.resolution / 2
        x, y = self.middle
        return x - half_width, y - half_height, x + half_width, y + half_height

    @property
    def extent(self) -> Box:
        """A box of the project's plane that holds all that is seen: west, south, east, north."""
        return self.frame if self.plane is None else self.box(0.0, 0.0, self.width, self.height)

    def drawn_box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """A rectangle of the screen as drawn."""
        west, _, _, north = self.frame
        step = self.resolution
        return west + left * step, north - bottom * step, west + right * step, north - top * step

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """A box of the project's plane that holds a rectangle of the screen."""
        if self.plane is not None:
            return _bent_box(self, left - _LEEWAY, top - _LEEWAY, right + _LEEWAY, bottom + _LEEWAY)
        return self.drawn_box(left, top, right, bottom)

    def outline(self, left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
        """The rim of a rectangle of the screen in the project's plane, where its sides may be bent."""
        if self.plane is None:
            west, south, east, north = self.box(left, top, right, bottom)
            return [(west, south), (east, south), (east, north), (west, north)]
        return [(float(x), float(y)) for x, y in self._own(_outline((left, top, right, bottom)))]

    def to_screen(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Plane coordinates (n, 2) as pixels from the upper left corner."""
        import numpy as np  # here, because the window shows before numpy is loaded (0.15 s)

        drawn = coordinates if self.plane is None else self.plane.drawn(coordinates)
        west, _, _, north = self.frame
        return np.column_stack(
            [(drawn[:, 0] - west) / self.resolution, (north - drawn[:, 1]) / self.resolution]
        )

    def traced(self, line: NDArray[np.float64]) -> NDArray[np.float64]:
        """A line of the plane as it runs on the screen: where it is bent there, with points between its own."""
        import numpy as np

        ends = self.to_screen(line)
        if self.plane is None or len(line) < 2:
            return ends
        steps = np.hypot(*np.diff(ends, axis=0).T)
        edges = np.flatnonzero(steps > _SHORT)
        middles = self.to_screen((line[edges] + line[edges + 1]) / 2)
        bows = np.hypot(*(middles - (ends[edges] + ends[edges + 1]) / 2).T)
        pieces = np.ones(len(steps), dtype=np.int64)
        pieces[edges] = np.clip(np.ceil(np.sqrt(bows / _STRAIGHT)), 1, _MOST_PIECES)
        if pieces.sum() == len(steps):
            return ends
        edge = np.repeat(np.arange(len(steps)), pieces)
        share = (np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[edge]
        fine = line[edge] + (line[edge + 1] - line[edge]) * share[:, None]
        return self.to_screen(np.concatenate([fine, line[-1:]]))

    def to_plane(self, px: float, py: float) -> tuple[float, float]:
        """The place under a pixel."""
        if self.plane is not None:
            import numpy as np

            x, y = self._own(np.array([[px, py]]))[0].tolist()
            return x, y
        return self._drawn(px, py)

    def panned(self, dx: float, dy: float) -> View:
        """The view after the map has been dragged by that many pixels."""
        x, y = self.middle
        return self._about(x - dx * self.resolution, y + dy * self.resolution, self.resolution)

    def zoomed(self, factor: float, px: float, py: float) -> View:
        """``factor`` times closer, the place under the pixel staying where it is."""
        resolution = _limited(self.resolution / factor)
        x, y = self._drawn(px, py)
        return self._about(
            x + (self.width / 2 - px) * resolution, y - (self.height / 2 - py) * resolution, resolution
        )

    def resized(self, width: float, height: float) -> View:
        """The same centre and scale in a window of another size."""
        return replace(self, width=width, height=height)

    def filling(self, width: float, height: float) -> View:
        """The same centre in a window of another size, which shows at least what this one shows."""
        return self.resized(width, height).framing(self.frame)

    def drawn_in(self, plane: ShownPlane | None) -> View:
        """The same centre at the same scale in another system."""
        return replace(self, plane=plane).at_resolution(self.true_resolution)

    def place_of(self, other: View) -> Box:
        """Where in this window the picture of another view lies: left, top, right, bottom in pixels.

        In the same system it lies there exactly; of another system it is moved and enlarged about its own centre.
        """
        scale = other.resolution / self.resolution
        if other.plane is self.plane:
            (x, y), (other_x, other_y) = self.middle, other.middle
            across, down = (other_x - x) / self.resolution, (y - other_y) / self.resolution
        else:
            import numpy as np

            ((px, py),) = self.to_screen(np.array([[other.x, other.y]])).tolist()
            across, down = px - self.width / 2, py - self.height / 2
            scale = other.true_resolution / self.true_resolution
        wide, high = other.width * scale / 2, other.height * scale / 2
        x, y = self.width / 2 + across, self.height / 2 + down
        return x - wide, y - high, x + wide, y + high

    @property
    def stretch(self) -> float:
        """Metres that a drawn metre stands for at the centre; 1.0 except of a map in degrees, see ``gis.shown_plane``."""
        return 1.0 if self.plane is None else self.plane.stretch(self.x, self.y)

    @property
    def true_resolution(self) -> float:
        """Metres that a pixel stands for at the centre, from east to west."""
        return self.resolution * self.stretch

    def scale(self, dpi: float) -> float:
        """Denominator of the scale at the centre, on a screen of that many pixels an inch."""
        return self.true_resolution / (_METRES_PER_INCH / dpi)

    def at_scale(self, denominator: float, dpi: float) -> View:
        """The same centre at 1:``denominator``."""
        return self.at_resolution(denominator * _METRES_PER_INCH / dpi)

    def at_resolution(self, true_resolution: float) -> View:
        """The same centre, a pixel standing for so many metres there."""
        return replace(self, resolution=_limited(true_resolution / self.stretch))

    def _drawn(self, px: float, py: float) -> tuple[float, float]:
        west, _, _, north = self.frame
        return west + px * self.resolution, north - py * self.resolution

    def _own(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places of the project's plane under pixels (n, 2) of a map that is drawn in another system."""
        assert self.plane is not None  # noqa: S101 - asked of such views only
        west, _, _, north = self.frame
        return self.plane.own(pixels * (self.resolution, -self.resolution) + (west, north))

    def _about(self, east: float, north: float, resolution: float) -> View:
        """The view about a centre as drawn."""
        if self.plane is None:
            return replace(self, x=east, y=north, resolution=resolution)
        import numpy as np

        x, y = self.plane.own(np.array([[east, north]]))[0].tolist()
        return replace(self, x=x, y=y, resolution=resolution)


@lru_cache(maxsize=64)
def _middle(view: View) -> tuple[float, float]:
    import numpy as np

    assert view.plane is not None  # noqa: S101 - asked of such views only
    x, y = view.plane.drawn(np.array([[view.x, view.y]]))[0].tolist()
    return x, y


@lru_cache(maxsize=256)
def _bent_box(view: View, left: float, top: float, right: float, bottom: float) -> Box:
    import numpy as np

    return _bounds(np.array(view.outline(left, top, right, bottom)))


def _outline(box: Box) -> NDArray[np.float64]:
    """Points along the sides of a box, all round."""
    import numpy as np

    west, south, east, north = box
    share = np.arange(_ALONG)[:, None] / _ALONG
    corners = np.array([[west, south], [east, south], [east, north], [west, north]], dtype=np.float64)
    following = np.roll(corners, -1, axis=0)
    return np.concatenate([a + (b - a) * share for a, b in zip(corners, following, strict=True)])


def _bounds(points: NDArray[np.float64]) -> Box:
    (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return west, south, east, north


def _limited(resolution: float) -> float:
    return float(min(max(resolution, _FINEST), _COARSEST))
