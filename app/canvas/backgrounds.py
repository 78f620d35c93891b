"""Pictures under all layers of the map: kept in pieces, read in the background, shown as soon as they are there."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QRectF, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

from app.background import Background
from app.canvas.background_feed import TILE, Feed, Frame, Status, Tile, TilePlace

if TYPE_CHECKING:
    from gis.draw.view import View

__all__ = ["Backgrounds"]

_KEPT = 160 << 20  # bytes of pieces, or twice what is seen at once where that is more
_FRAMES = 4  # scales of which pieces are shown, enlarged or reduced, until those of a new one are there
_SAME = 0.02  # pixels by which two pictures may lie apart and still share their pieces
_ASK_AGAIN = 21_000  # milliseconds after which a map at rest asks once more for what did not come
_END_WAIT = 3.0  # seconds
_IN_ORDER = ("ready", "coarse")


class Backgrounds(QObject):
    """All backgrounds of one map. ``paint`` is called by the renderer's worker, everything else by the window.

    ``more`` says that a new picture would show more; ``changed`` that a background is doing better or worse.
    """

    more = Signal()
    changed = Signal()
    _told = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plane: int | None = None
        self._shown: tuple[Background, ...] = ()
        self._feeds: dict[str, Feed] = {}
        self._statuses: dict[str, Status] = {}
        self._guard = threading.Lock()
        self._pieces: OrderedDict[tuple[str, TilePlace], Tile] = OrderedDict()
        self._bytes, self._limit = 0, _KEPT
        self._frames: list[Frame] = []  # the newest first
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_ASK_AGAIN)
        self._again.timeout.connect(self.more)
        self._told.connect(self._look)

    # --- what is shown -------------------------------------------------------------------------------

    def set_plane(self, epsg: int | None) -> None:
        """Another project with that plane; nothing is shown any more."""
        self.show([])
        self._plane = epsg

    def show(self, backgrounds: Sequence[Background]) -> None:
        """The backgrounds from bottom to top. One that is new or comes from elsewhere is opened by its thread."""
        before = {item.key: item for item in self._shown}
        wanted = {item.key: item for item in backgrounds} if self._plane is not None else {}
        for key in list(self._feeds):
            if key not in wanted or wanted[key].place != before[key].place:
                self._drop(key)
        with self._guard:
            self._shown = tuple(wanted.values())
        for key, item in wanted.items():
            if key not in self._feeds and self._plane is not None:
                self._begin(item, self._plane)
        self.more.emit()
        self.changed.emit()

    def _begin(self, item: Background, plane: int) -> None:
        def deliver(place: TilePlace, piece: Tile) -> None:
            self._keep(item.key, feed, place, piece)

        feed = Feed(item.place, plane, deliver, self._told.emit)
        with self._guard:
            self._feeds[item.key] = feed

    def _drop(self, key: str) -> None:
        with self._guard:
            feed = self._feeds.pop(key)
            for piece in [piece for piece in self._pieces if piece[0] == key]:
                self._bytes -= self._pieces.pop(piece).size
        feed.end()

    def reload(self, key: str) -> None:
        """Open one anew: its file has changed, or a person wants the server asked again."""
        item = next((item for item in self._shown if item.key == key), None)
        if item is not None and self._plane is not None:
            self._drop(key)
            self._begin(item, self._plane)
            self.more.emit()

    def status(self, key: str) -> Status:
        """How a background is doing."""
        feed = self._feeds.get(key)
        return feed.status if feed is not None else Status()

    @property
    def busy(self) -> bool:
        """Whether anything is being opened or read."""
        return any(feed.busy for feed in self._feeds.values())

    def shut_down(self) -> None:
        """End the threads."""
        feeds = list(self._feeds.values())
        self.show([])
        self._again.stop()
        for feed in feeds:
            feed.wait(_END_WAIT)

    def _look(self) -> None:
        """A feed has something new: pieces, or another state."""
        statuses = {key: feed.status for key, feed in self._feeds.items()}
        if statuses != self._statuses:
            self._statuses = statuses
            self.changed.emit()
        if any(status.state == "offline" for status in statuses.values()) and not self._again.isActive():
            self._again.start()
        self.more.emit()

    # --- pieces --------------------------------------------------------------------------------------

    def _keep(self, key: str, feed: Feed, place: TilePlace, piece: Tile) -> None:
        with self._guard:
            if self._feeds.get(key) is not feed:  # it was removed, or opened anew, meanwhile
                return
            old = self._pieces.pop((key, place), None)
            self._bytes += piece.size - (old.size if old is not None else 0)
            self._pieces[key, place] = piece
            while self._bytes > self._limit:
                self._bytes -= self._pieces.popitem(last=False)[1].size

    def _frame(self, view: View, ratio: float) -> Frame:
        """The frame in which this picture's pixels are whole ones: the one in use if it fits, else a new one."""
        resolution = view.resolution / ratio
        west, _, _, north = view.frame
        newest = self._frames[0] if self._frames else None
        if newest is not None and newest.resolution == resolution and newest.plane is view.plane:
            used = newest
            across, down = (west - used.west) / resolution, (used.north - north) / resolution
            if abs(across - round(across)) < _SAME and abs(down - round(down)) < _SAME:
                return used
        made = Frame(resolution, west, north, view.plane)
        self._frames = [made, *self._frames][: _FRAMES + 1]
        return made

    # --- painting, on the renderer's worker ------------------------------------------------------------

    def paint(self, image: QImage, view: View, ratio: float, sheet: QColor) -> bool | None:
        """Draw what is there onto a picture of that view, over a sheet of that colour; what is missing is asked for.

        Says whether any background that is switched on is in order; None if none is, and the picture is as it was.
        """
        with self._guard:
            shown = [(item, self._feeds.get(item.key)) for item in self._shown]
        visible = [(item, feed) for item, feed in shown if item.visible]
        for item, feed in shown:
            if feed is not None and not item.visible:
                feed.want([])
        if not visible:
            return None
        image.fill(sheet)
        frame = self._frame(view, ratio)
        west, _, _, north = view.frame
        left, top = (
            round((west - frame.west) / frame.resolution),
            round((frame.north - north) / frame.resolution),
        )
        places = [
            (frame, column, row)
            for row in range(top // TILE, (top + image.height() - 1) // TILE + 1)
            for column in range(left // TILE, (left + image.width() - 1) // TILE + 1)
        ]
        middle = (left + image.width() / 2) / TILE - 0.5, (top + image.height() / 2) / TILE - 0.5
        places.sort(key=lambda place: math.hypot(place[1] - middle[0], place[2] - middle[1]))
        self._limit = max(_KEPT, 2 * len(visible) * len(places) * TILE * TILE * 4)
        painter = QPainter(image)
        painter.scale(1 / ratio, 1 / ratio)  # device pixels
        for item, feed in visible:
            pieces = self._found(item.key, places)
            painter.setOpacity(item.opacity)
            missing = [place for place in places if place not in pieces]
            self._paint_older(painter, item.key, frame, missing, (left, top))
            for (_, column, row), piece in pieces.items():
                if piece.image is not None:
                    painter.drawImage(column * TILE - left, row * TILE - top, piece.image)
            if feed is not None:
                now = time.monotonic()
                late = [place for place, piece in pieces.items() if 0.0 < piece.again_at < now]
                feed.want([*missing, *late])
        painter.end()
        return any(feed is not None and feed.status.state in _IN_ORDER for _, feed in visible)

    def _found(self, key: str, places: Sequence[TilePlace]) -> dict[TilePlace, Tile]:
        found = {}
        with self._guard:
            for place in places:
                piece = self._pieces.get((key, place))
                if piece is not None:
                    self._pieces.move_to_end((key, place))
                    found[place] = piece
        return found

    def _paint_older(
        self, painter: QPainter, key: str, frame: Frame, missing: Sequence[TilePlace], corner: tuple[int, int]
    ) -> None:
        """Where pieces are missing, what another scale has of the ground, enlarged or reduced."""
        if not missing:
            return
        with self._guard:
            others = {frame_of for owner, (frame_of, _, _) in self._pieces if owner == key} - {frame}
            alike = (item for item in self._frames if item.plane is frame.plane)
            older = next((item for item in alike if item in others), None)
            pieces = [
                (place, piece.image)
                for (owner, place), piece in self._pieces.items()
                if owner == key and place[0] == older and piece.image is not None
            ]
        if older is None or not pieces:
            return
        left, top = corner
        region = QRegion()
        for _, column, row in missing:
            region += QRect(column * TILE - left, row * TILE - top, TILE, TILE)
        painter.save()
        painter.setClipRegion(region)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for (_, column, row), image in pieces:
            west, south, east, north = older.box(column, row)
            target = QRectF(
                (west - frame.west) / frame.resolution - left,
                (frame.north - north) / frame.resolution - top,
                (east - west) / frame.resolution,
                (north - south) / frame.resolution,
            )
            painter.drawImage(target, image)
        painter.restore()
