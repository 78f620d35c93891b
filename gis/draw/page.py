"""Pages at an exact scale: a matplotlib figure addressed in millimetres of paper.

The same figure is written to PDF and rasterised for the preview, so both show one page. Scale is an
input and the ground extent follows from it, never the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.collections import CircleCollection, LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from gis.draw.paper import PAPERS
from gis.draw.words import Word, Words, unwritable

__all__ = ["MapFrame", "Page", "write_pdf"]

_MM_PER_INCH = 25.4
_POINTS_PER_MM = 72.0 / _MM_PER_INCH
_ALIGN = {"left": 0.0, "center": 0.5, "right": 1.0}
_UNDER, _OVER = 0.5, 20.0  # drawing order of words under and over the lines

# matplotlib's settings are the whole process's: two workers must not change them at the same time.
_writing = Lock()


@dataclass(frozen=True, slots=True)
class MapFrame:
    """A piece of paper, in mm, on which ground lies at exactly 1:``scale``, centred on a ground point in metres."""

    left: float
    bottom: float
    width: float
    height: float
    centre: tuple[float, float]
    scale: float

    @property
    def box(self) -> Any:
        """The frame as a polygon in mm of paper."""
        return shapely.box(self.left, self.bottom, self.left + self.width, self.bottom + self.height)

    @property
    def ground(self) -> tuple[float, float, float, float]:
        """West, south, east and north of what is seen, in metres."""
        half_width, half_height = self.width * self.scale / 2000.0, self.height * self.scale / 2000.0
        east, north = self.centre
        return east - half_width, north - half_height, east + half_width, north + half_height

    def points(self, ground: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) ground metres to (n, 2) mm of paper."""
        middle = self.left + self.width / 2.0, self.bottom + self.height / 2.0
        moved: NDArray[np.float64] = (np.asarray(ground) - self.centre) * 1000.0 / self.scale + middle
        return moved

    def to_paper(self, geometries: Any) -> Any:
        """Geometries in ground metres to mm of paper."""
        return shapely.transform(geometries, self.points)


class Page:
    """One sheet. All positions are millimetres from the lower left corner of the paper."""

    def __init__(self, paper: str, *, landscape: bool = False) -> None:
        width, height = PAPERS[paper]
        self.width, self.height = (height, width) if landscape else (width, height)
        self.figure = Figure(figsize=(self.width / _MM_PER_INCH, self.height / _MM_PER_INCH))
        self._paper = Affine2D().scale(1.0 / self.width, 1.0 / self.height) + self.figure.transFigure
        self._under, self._over = Words(_UNDER), Words(_OVER)
        self.figure.add_artist(self._under)
        self.figure.add_artist(self._over)
        self.missing = ""
        self.drawing = Lock()  # one figure is drawn by one worker at a time

    @property
    def words(self) -> Sequence[Word]:
        """What is written over the lines."""
        return tuple(self._over.words)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 3.0,
        *,
        ha: str = "left",
        angle: float = 0.0,
        colour: str = "black",
        under: bool = False,
    ) -> None:
        """Write one line of ``size`` mm whose middle line passes through (x, y); ``under`` as a watermark."""
        # A character the font does not have is marked on the page and remembered, never dropped in silence.
        self.missing += "".join(c for c in unwritable(text) if c not in self.missing)
        target = self._under if under else self._over
        target.words.append(Word.about(x, y, text, size, _ALIGN[ha], angle, colour))

    def lines(
        self,
        paths: Sequence[NDArray[np.float64]],
        width: float = 0.15,
        colour: str = "black",
        *,
        dash: tuple[float, ...] | None = None,
        zorder: float = 2.0,
    ) -> None:
        """Draw lines of ``width`` mm through (n, 2) points each; ``dash`` is on and off in mm."""
        if not len(paths):
            return
        collection = LineCollection(
            paths,
            linewidths=width * _POINTS_PER_MM,
            colors=colour,
            linestyles="solid" if dash is None else (0, tuple(part / width for part in dash)),
            capstyle="butt",
            joinstyle="miter",
            zorder=zorder,
            transform=self._paper,
        )
        for path in collection.get_paths():
            path.should_simplify = False  # every boundary point is on the paper, however close to the next
        self.figure.add_artist(collection)

    def line(self, xs: Sequence[float], ys: Sequence[float], width: float = 0.15, **style: Any) -> None:
        """Draw one line."""
        self.lines([np.column_stack([xs, ys])], width, **style)

    def box(self, left: float, bottom: float, width: float, height: float, line: float = 0.15) -> None:
        """Draw a rectangle's outline."""
        corners = shapely.get_coordinates(shapely.box(left, bottom, left + width, bottom + height))[:-1]
        self.polygons([corners], edge="black", line=line)

    def polygons(
        self,
        corners: Sequence[NDArray[np.float64]],
        fill: str = "none",
        *,
        edge: str = "none",
        line: float = 0.12,
        zorder: float = 2.0,
    ) -> None:
        """Draw polygons without holes, (n, 2) open rings."""
        collection = PolyCollection(
            corners,
            facecolors=fill,
            edgecolors=edge,
            linewidths=0.0 if edge == "none" else line * _POINTS_PER_MM,
            joinstyle="miter",
            zorder=zorder,
            transform=self._paper,
        )
        self.figure.add_artist(collection)

    def circles(
        self, centres: NDArray[np.float64], diameter: float, colour: str, *, line: float, zorder: float
    ) -> None:
        """Draw white circles, (n, 2) centres, with a line of ``line`` mm."""
        collection = CircleCollection(
            [np.pi / 4.0 * (diameter * _POINTS_PER_MM) ** 2],
            offsets=centres,
            offset_transform=self._paper,
            facecolors="white",
            edgecolors=colour,
            linewidths=line * _POINTS_PER_MM,
            zorder=zorder,
        )
        self.figure.add_artist(collection)

    def north_arrow(self, x: float, y: float, height: float = 14.0) -> None:
        """Draw a north arrow whose foot stands at (x, y); grid north is up on these pages."""
        half, notch = height * 0.2, y + height * 0.22
        left = np.array([[x, y + height], [x - half, y], [x, notch]])
        right = np.array([[x, y + height], [x + half, y], [x, notch]])
        self.polygons([left], "white", edge="black", line=0.15)
        self.polygons([right], "black", edge="black", line=0.15)
        self.text(x, y + height + 2.2, "N", 3.8, ha="center")

    def scale_bar(self, x: float, y: float, scale: float, longest: float = 42.0) -> float:
        """Draw a scale bar at most ``longest`` mm long, four fields, labelled in metres; returns its length."""
        ground = _round_length(longest * scale / 1000.0)
        step = ground * 250.0 / scale
        fields = [
            shapely.get_coordinates(shapely.box(left, y, left + step, y + 1.2))[:-1]
            for left in (x + part * step for part in range(4))
        ]
        self.polygons(fields[::2], "black", edge="black")
        self.polygons(fields[1::2], "white", edge="black")
        for part in (0, 2, 4):
            self.text(x + part * step, y + 2.9, f"{ground * part / 4.0:g}", 2.3, ha="center")
        unit = x + 4 * step + len(f"{ground:g}") * 0.65 + 0.8
        self.text(unit, y + 2.9, "m", 2.3)
        return 4 * step

    def image(self, dpi: float) -> NDArray[np.uint8]:
        """The page as pixels, shape (height, width, 4), RGBA."""
        with self.drawing:
            canvas: Any = FigureCanvasAgg(self.figure)
            self.figure.set_dpi(dpi)
            canvas.draw()
            return np.asarray(canvas.buffer_rgba()).copy()


def _round_length(most: float) -> float:
    """The largest 1, 2, 4 or 8 times a power of ten not above ``most``: quarters stay round numbers."""
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(step * power for step in (1.0, 2.0, 4.0, 8.0) if step * power <= most * (1 + 1e-9)))


def write_pdf(pages: Sequence[Page], path: str | Path, *, title: str, author: str = "ParkLine") -> None:
    """Write pages as one PDF with embedded, searchable fonts. ``OSError`` where the file cannot be written."""
    # Type 42 keeps TrueType outlines and a ToUnicode table, so text can be searched and copied.
    with (
        _writing,
        mpl.rc_context({"pdf.fonttype": 42, "pdf.compression": 6}),
        PdfPages(path, metadata={"Title": title, "Creator": author}) as document,
    ):
        for page in pages:
            with page.drawing:
                document.savefig(page.figure)
