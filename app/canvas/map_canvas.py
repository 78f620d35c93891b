"""The map: shows the last picture moved with the hand at once, and asks for a new one behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QSinglePointEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.canvas.backgrounds import Backgrounds
from app.canvas.overlay import Overlay
from app.canvas.renderer import Picture, Renderer, SelectedRows
from app.canvas.source import Borrowed, LayerSource, LayerState
from app.canvas.tools.base import CLICK_TOLERANCE, MapPoint, Tool
from gis.draw.view import View
from gis.text import tr

if TYPE_CHECKING:
    from app.canvas.source import Box
    from gis.shown_plane import ShownPlane

__all__ = ["MapCanvas"]

_AROUND = (
    0.15  # pictures reach that much of the window beyond it on each side: a short pan shows no empty edge
)
_SETTLE = 40  # milliseconds without a movement before a new picture is asked for
_WHEEL_STEP = 1.25
_ARROW_SHARE = 0.2
_NO_LABELS = 1e9  # dots an inch: at such a scale nothing is labelled


class MapCanvas(QWidget):
    """A map view. Arrow keys and the middle button pan, the wheel zooms about the cursor; the rest is the tool's."""

    coordinate_moved = Signal(float, float)
    extent_changed = Signal()
    identified = Signal(float, float, float)  # place and tolerance in metres
    tool_changed = Signal(object)  # Tool
    area_chosen = Signal(object, object)  # shapely geometry, Combine
    place_chosen = Signal(float, float, float, object)  # place and tolerance in metres, Combine
    measured = Signal(str)  # the measure in words while it is drawn; empty when it is given up
    picture_ready = Signal()
    contents_changed = Signal()  # other layers, other looks or other rows
    source_changed = Signal()
    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(200, 150)
        self.setAccessibleName(tr("地图"))
        self._source: LayerSource | None = None
        self._layers: tuple[LayerState, ...] = ()
        self._fills: Mapping[str, str] = {}
        self._style = "light"
        self._view = View(0.0, 0.0, 100.0, max(1, self.width()), max(1, self.height()))
        self._picture: Picture | None = None
        self._selected: SelectedRows | None = None
        self._grabbed: QPointF | None = None  # where the middle button holds the map
        self._tool = Tool(self)
        self._fit_wanted: Box | None = None
        self.curtain: Callable[[QPainter, View], None] | None = None  # paints over a part of the picture
        self.overlay = Overlay(self)
        self._renderer = Renderer(self)
        self._renderer.finished.connect(self._arrived)
        self._renderer.failed.connect(self.failed)
        self._renderer.more.connect(self.refresh)
        self.backgrounds = Backgrounds(self)
        self.backgrounds.more.connect(self.refresh)
        self._renderer.set_underlay(self.backgrounds.paint)
        self.installEventFilter(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self._request)

    # --- what is shown --------------------------------------------------------------------------

    def set_source(self, source: LayerSource | None, fills: Mapping[str, str] | None = None) -> None:
        """Show another project (None: nothing). ``fills`` gives the colour of each land-use class."""
        self._source, self._fills = source, dict(fills or {})
        self._picture = self._selected = None
        self.overlay.clear()
        self._renderer.set_source(source)
        self.source_changed.emit()
        self.update()

    def set_layers(self, layers: Sequence[LayerState]) -> None:
        """The layers from bottom to top."""
        self._layers = tuple(layers)
        self.refresh()

    def set_dark(self, dark: bool) -> None:
        """Switch between the light and the dark symbols."""
        self._style = "dark" if dark else "light"
        self.overlay.set_style(self._style)
        self._picture = None
        self.refresh()

    def style_name(self) -> str:
        """The set of symbols in use: ``light`` or ``dark``."""
        return self._style

    def set_banner(self, text: str) -> None:
        """A standing remark on the map (示例数据)."""
        self.overlay.set_banner(text)

    def refresh(self) -> None:
        """Ask for a new picture, because rows have changed; others who ask in this turn of events are served with it."""
        self._soon(0)
        self.contents_changed.emit()

    def refresh_at_once(self) -> None:
        """The same where somebody waits for the picture of what was just stored."""
        self._settle.stop()
        self._request()
        self.contents_changed.emit()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A comfortable size."""
        return QSize(800, 600)

    # --- where it looks -------------------------------------------------------------------------

    def view(self) -> View:
        """What is seen now."""
        return self._view

    def extent(self) -> Box:
        """The box that is seen, in metres."""
        return self._view.extent

    def scale_denominator(self) -> float:
        """N of the scale 1:n on this screen."""
        return self.scale_of(self._view)

    def scale_of(self, view: View) -> float:
        """N of the scale 1:n of another view on this screen."""
        return view.scale(self._dpi())

    def set_scale(self, denominator: float) -> None:
        """Show the same centre at 1:n."""
        self._look(self._view.at_scale(denominator, self._dpi()))

    def zoom_to(self, box: Box, margin: float = 0.08) -> None:
        """Show a box with some room round it; before the window has its size, as soon as it has."""
        if self.width() < 50 or self.height() < 50:
            self._fit_wanted = box
            return
        self._look(View.showing(box, self.width(), self.height(), margin, self._view.plane))

    def zoom_into(self, box: QRectF) -> None:
        """Show what lies in a rectangle of the present picture."""
        self._look(self._view.framing(self._view.drawn_box(box.left(), box.top(), box.right(), box.bottom())))

    def look_at(self, x: float, y: float, resolution: float) -> None:
        """Show a centre (m) at so many metres a pixel, see :meth:`place`."""
        self._fit_wanted = None
        self._look(replace(self._view, x=x, y=y).at_resolution(resolution))

    def place(self) -> tuple[float, float, float]:
        """The centre (m of the project's plane) and the metres that a pixel stands for, whatever it is drawn in."""
        return self._view.x, self._view.y, self._view.true_resolution

    def draw_in(self, plane: ShownPlane | None) -> None:
        """Draw the map in another system, about the same centre at the same scale; None for the project's plane."""
        if plane is not self._view.plane:
            self._look(self._view.drawn_in(plane))
            self.refresh()

    def whole(self) -> Box | None:
        """The extent of everything there is."""
        return self._source.extent() if self._source is not None else None

    def zoom_full(self) -> None:
        """Show everything there is."""
        box = self.whole()
        if box is not None:
            self.zoom_to(box, 0.04)

    def zoom_by(self, factor: float) -> None:
        """Come that many times closer to the centre."""
        self._look(self._view.zoomed(factor, self.width() / 2, self.height() / 2))

    def fly_to(self, geometry: Any) -> None:
        """Show a geometry (shapely) and let it flash."""
        west, south, east, north = geometry.bounds
        room = max(east - west, north - south, 60.0) * 0.6
        self.zoom_to((west - room, south - room, east + room, north + room))
        self.overlay.flash(geometry)

    def select(self, geometries: Sequence[Any]) -> None:
        """Highlight geometries."""
        self.overlay.select(geometries)

    def select_rows(self, rows: SelectedRows | None) -> None:
        """Highlight rows in the picture itself: any number of them."""
        if rows is not self._selected:
            self._selected = rows
            self.refresh()

    def shut_down(self) -> None:
        """End the worker thread; called once before the window goes."""
        self._settle.stop()
        self._renderer.shut_down()
        self.backgrounds.shut_down()

    # --- pictures -------------------------------------------------------------------------------

    def _dpi(self) -> float:
        return float(self.logicalDpiX())

    def _look(self, view: View) -> None:
        self._view = view
        self.extent_changed.emit()
        self.update()
        self._soon(_SETTLE)

    def _soon(self, delay: int) -> None:
        """Ask within that time; while the map moves, again and again rather than when it has come to rest."""
        if delay == 0 or not self._settle.isActive():
            self._settle.start(delay)

    def _request(self) -> None:
        if self._source is None or self.width() < 2:
            self.update()
            return
        view, shown = self._view, self._picture
        # Whole device pixels at all usual densities, so that nothing shifts when the larger picture arrives.
        across, down = (4 * round(length * _AROUND / 4) for length in (self.width(), self.height()))
        larger = view.resized(self.width() + 2 * across, self.height() + 2 * down)
        # Under a hand that pans, the old picture moves along, and the next one needs its edges at once.
        pans = shown is not None and _moved(shown.view, view)
        self._renderer.request(
            larger,
            self._layers,
            self._style,
            self._fills,
            self.devicePixelRatioF(),
            self._dpi(),
            self.font(),
            self._selected,
            None if pans else view,
        )

    def lend_source(self, renderer: Renderer, *, underlay: bool = True) -> None:
        """Let another renderer draw from what is shown here; opening and closing stay with the canvas."""
        if underlay:
            renderer.set_underlay(self.backgrounds.paint)
        renderer.set_source(None if self._source is None else Borrowed(self._source))

    def draw_with(self, renderer: Renderer, view: View, ratio: float, *, labels: bool = True) -> None:
        """Ask another renderer for a picture of the layers shown here; without labels if so wished."""
        dpi = self._dpi() if labels else _NO_LABELS
        renderer.request(
            view, self._layers, self._style, self._fills, ratio, dpi, self.font(), self._selected
        )

    def _arrived(self, picture: Picture) -> None:
        self._picture = picture
        self.update()
        self.picture_ready.emit()

    @property
    def drawing(self) -> bool:
        """Whether a newer picture is on its way."""
        return self._settle.isActive() or self._renderer.busy

    def picture(self) -> Picture | None:
        """The last finished picture."""
        return self._picture

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Put the last picture where it belongs in the present view, and the overlay on top."""
        painter = QPainter(self)
        self.paint_map(painter, QRectF(event.rect()))
        painter.end()

    def paint_map(self, painter: QPainter, place: QRectF) -> None:
        """Paint the present view, in logical pixels; ``place`` is what needs to be painted."""
        blank = QRegion(place.toAlignedRect())
        if self._picture is not None:
            # Only what the picture, which is opaque, leaves: to fill a whole window takes as long as to show it.
            blank = blank.subtracted(QRegion(_within(self._place_of(self._picture))))
        if not blank.isEmpty():
            painter.save()
            painter.setClipRegion(blank)
            painter.fillRect(place, self.overlay.background())
            painter.restore()
        if self._picture is not None:
            self.draw_picture(painter, self._picture)
        if self.curtain is not None:
            self.curtain(painter, self._view)
        self._tool.paint(painter, self._view)
        self.overlay.paint(painter, self._view, self.scale_denominator())

    def draw_picture(self, painter: QPainter, picture: Picture) -> None:
        """Put a picture where it belongs in the present view."""
        place, image = self._place_of(picture), picture.image
        rescaled = self._rescaled(picture)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, rescaled)
        if rescaled:
            painter.drawImage(place, image)
            return
        ratio = image.devicePixelRatio()
        painter.save()
        painter.scale(
            1 / ratio, 1 / ratio
        )  # device pixels, whole ones: they are copied and not computed anew
        left, top = round(place.left() * ratio), round(place.top() * ratio)
        painter.drawImage(QRectF(left, top, image.width(), image.height()), image, QRectF(image.rect()))
        painter.restore()

    def _rescaled(self, picture: Picture) -> bool:
        """Whether a picture shows the land larger or smaller than it is seen now, or bent otherwise."""
        return (picture.view.resolution, picture.view.plane) != (self._view.resolution, self._view.plane)

    def _place_of(self, picture: Picture) -> QRectF:
        """Where in the window a picture lies, in logical pixels; whole device pixels at the same scale."""
        left, top, right, bottom = self._view.place_of(picture.view)
        if self._rescaled(picture):
            return QRectF(QPointF(left, top), QPointF(right, bottom))
        image, ratio = picture.image, picture.image.devicePixelRatio()
        left, top = round(left * ratio) / ratio, round(top * ratio) / ratio
        return QRectF(left, top, image.width() / ratio, image.height() / ratio)

    # --- the hand -------------------------------------------------------------------------------

    def tool(self) -> Tool:
        """The tool in hand."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Take another tool in hand; the one before gives up what is half done."""
        self._tool.deactivate()
        self._tool = tool
        self.setCursor(tool.cursor)
        tool.activate()
        self.tool_changed.emit(tool)
        self.update()

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the map by that many pixels."""
        self._look(self._view.panned(dx, dy))

    def _at(self, event: QSinglePointEvent) -> MapPoint:
        place = event.position()
        x, y = self._view.to_plane(place.x(), place.y())
        return MapPoint(place, x, y, CLICK_TOLERANCE * self._view.resolution, event.modifiers())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The left button is the tool's, the middle one drags the map."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._tool.press(self._at(event))
        elif event.button() == Qt.MouseButton.MiddleButton:
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.RightButton and not self._tool.menu(self._at(event)):
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Tell the place under the cursor; move the map or what the tool holds."""
        place = event.position()
        self.coordinate_moved.emit(*self._view.to_plane(place.x(), place.y()))
        if self._grabbed is not None:
            step, self._grabbed = place - self._grabbed, place
            self.pan_by(step.x(), step.y())
        else:
            self._tool.move(self._at(event), held=bool(event.buttons() & Qt.MouseButton.LeftButton))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._tool.release(self._at(event))
        elif event.button() == Qt.MouseButton.MiddleButton:
            self._grabbed = None
            self.setCursor(self._tool.cursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The tool's, like a press."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._tool.double_click(self._at(event))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom about the cursor."""
        steps = event.angleDelta().y() / 120.0
        if steps:
            self._look(self._view.zoomed(_WHEEL_STEP**steps, event.position().x(), event.position().y()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """The tool's first; then arrows pan, plus and minus zoom, Home shows everything."""
        if self._tool.key(event):
            return
        across, down = self.width() * _ARROW_SHARE, self.height() * _ARROW_SHARE
        steps = {
            Qt.Key.Key_Left: (across, 0.0), Qt.Key.Key_Right: (-across, 0.0),
            Qt.Key.Key_Up: (0.0, down), Qt.Key.Key_Down: (0.0, -down),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in steps:
            self._look(self._view.panned(*steps[key]))
        elif key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.zoom_by(_WHEEL_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / _WHEEL_STEP)
        elif key == Qt.Key.Key_Home:
            self.zoom_full()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep centre and scale in the new size."""
        super().resizeEvent(event)
        self._view = self._view.resized(max(1, self.width()), max(1, self.height()))
        if self._fit_wanted is not None and self.width() >= 50 and self.height() >= 50:
            box, self._fit_wanted = self._fit_wanted, None
            self.zoom_to(box)
        self.extent_changed.emit()
        self._soon(_SETTLE)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Draw anew when the screen's pixel density changes; leave the tool the keys that it wants.

        Not in ``event``: an error in a handler that is called from there ends the whole process (PySide 6.9).
        """
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._soon(0)
        overrides = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if overrides and self._tool.wants(cast("QKeyEvent", event)):
            event.accept()
            return True
        return super().eventFilter(watched, event)


def _within(box: QRectF) -> QRect:
    """The whole pixels of a box."""
    left, top = math.ceil(box.left()), math.ceil(box.top())
    return QRect(left, top, math.floor(box.right()) - left, math.floor(box.bottom()) - top)


def _moved(one: View, other: View) -> bool:
    """Whether two views of one scale in one system have different centres and see some of the same land."""
    if (one.resolution, one.plane) != (other.resolution, other.plane):
        return False
    across, up = abs(one.x - other.x), abs(one.y - other.y)
    reach_x, reach_y = (one.width + other.width) / 2, (one.height + other.height) / 2
    apart = across >= reach_x * one.resolution or up >= reach_y * one.resolution
    return (across > 0.0 or up > 0.0) and not apart
