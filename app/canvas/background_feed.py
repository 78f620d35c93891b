"""The pictures of one background, read by a thread of its own: a slow disk or a silent server holds nobody else up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from app.folders import overview_file
from gis.errors import ParkLineError
from gis.text import tr

if TYPE_CHECKING:
    from gis.raster.map_reader import MapReader
    from gis.raster.opening import BackgroundPlace
    from gis.shown_plane import ShownPlane

__all__ = ["TILE", "Feed", "Frame", "Status", "Tile", "TilePlace"]

_log = logging.getLogger("parkline")

TILE = 512  # device pixels along a side
_AGAIN = 20.0  # seconds after which what did not come is asked for again
_TELL_EVERY = 0.2  # seconds between two "there is more", while still more is to come

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where tiles lie: pixels of ``resolution`` metres counted from a corner (m) to the right and down.

    Metres are those of the system in which the map is drawn, None for the project's plane.
    """

    resolution: float
    west: float
    north: float
    plane: ShownPlane | None = None

    def box(self, column: int, row: int) -> Box:
        """Ground of a tile."""
        side = TILE * self.resolution
        west, north = self.west + column * side, self.north - row * side
        return west, north - side, west + side, north


TilePlace = tuple[Frame, int, int]  # frame, column, row


@dataclass(frozen=True, slots=True)
class Tile:
    """A finished piece; no image where nothing is to be seen. ``again_at`` is when to ask anew, 0 for never."""

    image: QImage | None
    again_at: float = 0.0
    too_coarse: bool = False

    @property
    def size(self) -> int:
        """Bytes."""
        return 256 if self.image is None else int(self.image.sizeInBytes())


@dataclass(frozen=True, slots=True)
class Status:
    """How a background is doing: ``opening``, ``ready``, ``coarse``, ``offline``, ``missing`` or ``broken``.

    ``text`` and ``hint`` are for people. ``overviews`` is whether a picture has coarser copies, None where that means
    nothing; ``system`` and ``extent`` (m in the plane) are known once it is open.
    """

    state: str = "opening"
    text: str = ""
    hint: str = ""
    overviews: bool | None = None
    system: int | str = ""
    extent: Box | None = None


class Feed:
    """Reads tiles of one place. ``deliver`` and ``tell`` are called on its thread."""

    def __init__(
        self,
        place: BackgroundPlace,
        plane: int,
        deliver: Callable[[TilePlace, Tile], None],
        tell: Callable[[], None],
    ) -> None:
        self._place, self._plane = place, plane
        self._deliver, self._tell = deliver, tell
        self.status = Status()
        self._wanted: list[TilePlace] = []
        self._opened_at = 0.0
        self._coarse: Frame | None = None  # the scale at which the source had no level
        self._ended = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)
        self._thread.start()

    def want(self, places: Sequence[TilePlace]) -> None:
        """Read these, the first ones first; what was wanted before is forgotten."""
        with self._wake:
            self._wanted = list(places)
            self._wake.notify()

    @property
    def busy(self) -> bool:
        """Whether it is opening or reading."""
        return bool(self._wanted) or self.status.state == "opening"

    def end(self) -> None:
        """Read nothing more; the thread ends soon."""
        with self._wake:
            self._ended = True
            self._wanted = []
            self._wake.notify()

    def wait(self, seconds: float) -> None:
        """Wait for the thread."""
        self._thread.join(seconds)

    # --- on the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        reader = self._open()
        told = 0.0
        while True:
            with self._wake:
                while not self._wanted and not self._ended:
                    self._wake.wait()
                if self._ended:
                    break
                place = self._wanted[0]
            if reader is None:
                reader = self._open_again()
            if reader is None:  # nothing new to tell of, or the map would be drawn for it again and again
                with self._wake:
                    self._wanted = []
                continue
            self._read(reader, place)
            with self._wake:
                self._wanted = [other for other in self._wanted if other != place]
                done = not self._wanted
            if done or time.monotonic() - told > _TELL_EVERY:
                told = time.monotonic()
                self._tell()
        if reader is not None:
            reader.source.close()

    def _open(self) -> MapReader | None:
        self._opened_at = time.monotonic()
        try:
            from gis.raster.map_reader import MapReader
            from gis.raster.opening import open_place

            coarser = overview_file(Path(self._place.place)) if self._place.kind == "image" else None
            reader = MapReader(open_place(self._place, coarser), self._plane)
            overviews = getattr(reader.source, "overviews", None)
            extent = reader.extent() if self._place.is_file else None  # what a server has is not known
            self._set(Status("ready", overviews=overviews, system=reader.source.crs, extent=extent))
        except ParkLineError as error:
            self._set(self._failed(error))
            return None
        except Exception as error:  # a driver's own fault must not take the window along
            _log.exception("a background could not be opened")
            self._set(Status("broken", tr("底图无法打开：{error}", error=error)))
            return None
        return reader

    def _open_again(self) -> MapReader | None:
        """A server may answer later; a file that is broken stays so until a person does something."""
        if self.status.state == "offline" and time.monotonic() - self._opened_at > _AGAIN:
            return self._open()
        return None

    def _failed(self, error: ParkLineError) -> Status:
        if not self._place.is_file:
            state = "offline"
        else:
            state = "broken" if Path(self._place.place).exists() else "missing"
        return Status(state, error.message, error.hint)

    def _read(self, reader: MapReader, place: TilePlace) -> None:
        frame, column, row = place
        try:
            box = frame.box(column, row)
            patch = reader.read(box, TILE, TILE, lambda: self._given_up(place), frame.plane)
        except ParkLineError as error:
            self._set(self._failed(error))
            self._deliver(place, Tile(None, time.monotonic() + _AGAIN))
            return
        except Exception as error:
            _log.exception("a background could not be read")
            self._set(Status("broken", tr("底图无法读取：{error}", error=error)))
            self._deliver(place, Tile(None, time.monotonic() + _AGAIN))
            return
        if self._given_up(place):
            return
        image = None
        if patch.pixels.any():
            image = QImage(
                patch.pixels.data, TILE, TILE, TILE * 4, QImage.Format.Format_RGBA8888_Premultiplied
            )
            image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # a copy, fast to draw
        self._deliver(
            place, Tile(image, 0.0 if patch.complete else time.monotonic() + _AGAIN, patch.too_coarse)
        )
        if patch.too_coarse:
            self._coarse = frame
        self._judge(reader, self._coarse == frame)

    def _given_up(self, place: TilePlace) -> bool:
        return self._ended or place not in self._wanted

    def _judge(self, reader: MapReader, too_coarse: bool) -> None:
        """What the last piece says about the whole."""
        problem = str(getattr(reader.source, "problem", ""))
        now = self.status
        state, text, hint = "ready", "", ""
        if problem:
            state, text = "offline", problem
        elif too_coarse:
            state, text = "coarse", tr("比例尺太小，底图没有可显示的级别。")
            if now.overviews is False:
                hint = tr("建立金字塔后，缩小时也能显示。")
        self._set(Status(state, text, hint, now.overviews, now.system, now.extent))

    def _set(self, status: Status) -> None:
        if status != self.status:
            self.status = status
            self._tell()
