"""Pages at an exact scale: a matplotlib figure addressed in millimetres of paper.

The same figure is written to PDF and rasterised for the preview, so both show one page. Scale is an
input and the ground extent follows from it, never the other way round.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from numpy.typing import NDArray

__all__ = ["FONT_FILE", "PAPERS", "STANDARD_SCALES", "Page", "font", "standard_scale", "write_pdf"]

FONT_FILE = Path(__file__).resolve().parents[2] / "resources" / "font" / "wqy-microhei.ttc"

# Upright sheets, width and height in mm (ISO 216).
PAPERS: dict[str, tuple[float, float]] = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}

# Scale denominators of parcel maps (domain reference §11) and, for large land, their decimal multiples.
STANDARD_SCALES = (200, 300, 500, 750, 1000, 1500, 2000, 2500, 5000, 7500, 10000, 15000, 20000, 25000, 50000)

_MM_PER_INCH = 25.4
_POINTS_PER_MM = 72.0 / _MM_PER_INCH


@cache
def _font_properties() -> FontProperties:
    return FontProperties(fname=str(FONT_FILE))


def font(size_mm: float) -> FontProperties:
    """The shipped CJK font at a height given in millimetres of paper."""
    properties = _font_properties().copy()
    properties.set_size(size_mm * _POINTS_PER_MM)
    return properties


def standard_scale(ground_width: float, ground_height: float, frame: tuple[float, float], fill: float) -> int:
    """The largest standard scale at which the ground size fits into ``fill`` of the frame.

    Ground in metres, frame in mm. Returns the denominator n of 1:n; the smallest scale of the list if
    none fits.
    """
    needed = max(ground_width / frame[0], ground_height / frame[1]) * 1000.0 / fill
    return next((n for n in STANDARD_SCALES if n >= needed), STANDARD_SCALES[-1])


@dataclass(frozen=True, slots=True)
class _Frame:
    left: float
    bottom: float
    width: float
    height: float


class Page:
    """One sheet. All positions are millimetres from the lower left corner of the paper."""

    def __init__(self, paper: str, *, landscape: bool = False) -> None:
        width, height = PAPERS[paper]
        self.width, self.height = (height, width) if landscape else (width, height)
        self.figure = Figure(figsize=(self.width / _MM_PER_INCH, self.height / _MM_PER_INCH))

    def text(self, x: float, y: float, text: str, size: float = 3.0, **style: Any) -> None:
        """Write text of ``size`` mm at a place; matplotlib text properties as keywords."""
        style.setdefault("va", "center")
        # A dollar sign in data must stay a dollar sign, not start a formula.
        self.figure.text(
            x / self.width, y / self.height, text, fontproperties=font(size), parse_math=False, **style
        )

    def fitted_text(
        self,
        x: float,
        y: float,
        text: str,
        room: float,
        size: float = 3.0,
        smallest: float = 1.6,
        **style: Any,
    ) -> None:
        """Write text that must not be wider than ``room`` mm: smaller first, then cut with an ellipsis."""
        wide = text_width(text, size)
        if wide > room:
            size = max(smallest, size * room / wide)
            while len(text) > 1 and text_width(text, size) > room:
                text = text[:-2] + "…"
        self.text(x, y, text, size, **style)

    def line(self, xs: Sequence[float], ys: Sequence[float], width: float = 0.15, **style: Any) -> None:
        """Draw a line of ``width`` mm."""
        style.setdefault("color", "black")
        style.setdefault("solid_capstyle", "butt")
        points = np.asarray(xs) / self.width, np.asarray(ys) / self.height
        self.figure.add_artist(Line2D(*points, linewidth=width * _POINTS_PER_MM, **style))

    def box(self, left: float, bottom: float, width: float, height: float, line: float = 0.15) -> None:
        """Draw a rectangle's outline."""
        xs = [left, left + width, left + width, left, left]
        ys = [bottom, bottom, bottom + height, bottom + height, bottom]
        self.line(xs, ys, line, solid_joinstyle="miter")

    def map_frame(
        self,
        left: float,
        bottom: float,
        width: float,
        height: float,
        centre: tuple[float, float],
        scale: float,
    ) -> Axes:
        """Axes in ground metres whose scale is exactly 1:``scale``, centred on a ground point."""
        rectangle = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(rectangle)
        half_width, half_height = width * scale / 2000.0, height * scale / 2000.0
        axes.set_xlim(centre[0] - half_width, centre[0] + half_width)
        axes.set_ylim(centre[1] - half_height, centre[1] + half_height)
        axes.set_autoscale_on(False)
        axes.set_axis_off()
        return axes

    def north_arrow(self, x: float, y: float, height: float = 14.0) -> None:
        """Draw a north arrow whose foot stands at (x, y); grid north is up on these pages."""
        half = height * 0.22
        self.line([x, x - half, x, x], [y + height, y, y + height * 0.25, y + height], 0.2)
        body = np.array([[x, y + height], [x + half, y], [x, y + height * 0.25]])
        patch = mpl.patches.Polygon(
            body / [self.width, self.height],
            closed=True,
            facecolor="black",
            edgecolor="black",
            linewidth=0.2 * _POINTS_PER_MM,
            transform=self.figure.transFigure,
        )
        self.figure.add_artist(patch)
        self.text(x, y + height + 2.4, "N", 3.6, ha="center")

    def scale_bar(self, x: float, y: float, scale: float, longest: float = 42.0) -> None:
        """Draw a scale bar at most ``longest`` mm long, four fields, labelled in metres of ground."""
        ground = _round_length(longest * scale / 1000.0)
        length = ground * 1000.0 / scale
        for part in range(4):
            left, step = x + part * length / 4.0, length / 4.0
            colour = "black" if part % 2 == 0 else "white"
            corners = np.array([[left, y], [left + step, y], [left + step, y + 1.4], [left, y + 1.4]])
            patch = mpl.patches.Polygon(
                corners / [self.width, self.height],
                closed=True,
                facecolor=colour,
                edgecolor="black",
                linewidth=0.12 * _POINTS_PER_MM,
                transform=self.figure.transFigure,
            )
            self.figure.add_artist(patch)
        for part in (0, 2, 4):
            label = f"{ground * part / 4.0:g}" + (" m" if part == 4 else "")
            self.text(x + part * length / 4.0, y + 3.2, label, 2.2, ha="center")

    def image(self, dpi: float) -> NDArray[np.uint8]:
        """The page as pixels, shape (height, width, 4), RGBA."""
        canvas: Any = FigureCanvasAgg(self.figure)
        self.figure.set_dpi(dpi)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba()).copy()


@cache
def _metrics() -> Any:
    from matplotlib.textpath import TextPath

    return TextPath


def text_width(text: str, size: float) -> float:
    """Width in mm of one line of text of ``size`` mm in the shipped font."""
    if not text.strip():
        return 0.0
    path = _metrics()((0, 0), text, prop=font(size), usetex=False)
    return float(path.get_extents().width) / _POINTS_PER_MM


def _round_length(most: float) -> float:
    """The largest 1, 2 or 4 times a power of ten not above ``most``: quarters stay round numbers."""
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(step * power for step in (1.0, 2.0, 4.0, 8.0) if step * power <= most * (1 + 1e-9)))


def write_pdf(pages: Sequence[Page], path: str | Path, *, title: str, author: str = "ParkLine") -> Path:
    """Write pages as one PDF with embedded, searchable fonts; the file appears whole or not at all."""
    target = Path(path)
    # Beside the target and not by mkstemp, whose files nobody else in the bureau may read.
    temporary = target.with_name(f".{target.stem}.{os.getpid()}.part.pdf")
    try:
        # Type 42 keeps TrueType outlines and a ToUnicode table, so text can be searched and copied.
        with (
            mpl.rc_context({"pdf.fonttype": 42, "pdf.compression": 6}),
            PdfPages(temporary, metadata={"Title": title, "Creator": author}) as document,
        ):
            for page in pages:
                document.savefig(page.figure)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return target
