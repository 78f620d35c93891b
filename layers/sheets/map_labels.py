"""Point numbers and edge lengths of a parcel map: where each stands, in mm of paper.

Rules (domain reference §11): every number beside its circle, every length to 0.01 m, parallel to its edge, outside the parcel.
What crowds goes further out on a leader; what has no room at all stands in the coordinate table only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gis.boundary_points import BoundaryPoints
from gis.draw.label_room import LabelRoom, leader_to, turned_boxes
from gis.draw.words import text_width
from gis.units import round_figure

__all__ = ["Label", "PaperOutline", "place_long_lengths", "place_numbers", "place_short_lengths", "upright"]

NUMBER_TEXT = 2.5
LENGTH_TEXT = 2.3
_DIGITS = 0.8  # height of figures and capitals, with a little air, as a share of the size
_NUMBER_HEIGHT = 1.1  # the J hangs below the line
_AIR = 0.5  # mm between a label and what it belongs to
_CURVE = 2.5  # mm: edges shorter than that, several in a row, are a curve
_CIRCLE = 0.5  # mm, radius of a boundary point with its line
_INSIDE = 3.0  # price of standing on the parcel itself
_A_MM_AWAY = 0.35  # price of each mm on a leader
_TURNS = (0.0, 30.0, -30.0, 60.0, -60.0, 90.0, -90.0, 130.0, -130.0, 180.0)
_FAR = (2.5, 4.5, 6.5, 9.0, 12.0)
_SHIFTS = (0.0, 2.0, -2.0, 4.0, -4.0, 7.0, -7.0, 10.0, -10.0)


@dataclass(frozen=True, slots=True)
class Label:
    """One placed label: its middle, size and angle, and the leader to it ((2, 2), or empty)."""

    text: str
    x: float
    y: float
    size: float
    angle: float
    leader: NDArray[np.float64]


@dataclass(frozen=True)
class PaperOutline:
    """The boundary points on paper; ``outward`` are unit vectors away from the land at each point."""

    points: BoundaryPoints
    xy: NDArray[np.float64]
    outward: NDArray[np.float64]

    @classmethod
    def of(cls, points: BoundaryPoints, xy: NDArray[np.float64]) -> PaperOutline:
        """Put numbered points at (n, 2) places on paper."""
        return cls(points, xy, _outward(points, xy))

    def edge(self, i: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        """Middle, unit direction and length in mm of the edge that begins at point ``i``."""
        start, end = self.xy[i], self.xy[self.points.following[i]]
        long = float(np.hypot(*(end - start)))
        return (start + end) / 2.0, (end - start) / max(long, 1e-9), long

    @cached_property
    def short(self) -> NDArray[np.bool_]:
        """Which edges are so short on paper that several of them in a row are drawn as a curve."""
        short: NDArray[np.bool_] = np.hypot(*(self.xy[self.points.following] - self.xy).T) < _CURVE
        return short

    @cached_property
    def previous(self) -> NDArray[np.int64]:
        """For each point, the index of the one before it on its ring."""
        previous = np.empty_like(self.points.following)
        previous[self.points.following] = np.arange(len(previous))
        return previous

    def length_text(self, i: int) -> str:
        """The length of the edge that begins at point ``i``, to 0.01 m."""
        return str(round_figure(self.points.length[i], 2))


def _outward(points: BoundaryPoints, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    following = xy[points.following]
    previous = np.empty_like(xy)
    previous[points.following] = xy
    ahead, behind = following - xy, xy - previous
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1), 1e-9)[:, None]
    behind /= np.maximum(np.linalg.norm(behind, axis=1), 1e-9)[:, None]
    # Rings run clockwise, so the left-hand normal points out of an outer ring and into the land at a hole.
    normal = np.column_stack([-(ahead + behind)[:, 1], (ahead + behind)[:, 0]])
    spike = np.linalg.norm(normal, axis=1) < 1e-6  # the boundary turns back on itself
    normal[spike] = behind[spike]
    normal /= np.maximum(np.linalg.norm(normal, axis=1), 1e-9)[:, None]
    normal[points.is_hole & ~spike] *= -1.0
    return normal


def upright(degrees: float) -> float:
    """The same direction, turned so that text along it is read from below or from the right."""
    turned = (degrees + 90.0) % 180.0 - 90.0
    return 90.0 if turned <= -90.0 + 1e-9 else turned


def place_numbers(outline: PaperOutline, room: LabelRoom) -> tuple[list[Label], int]:
    """Numbers beside their points; returns the labels and how many points had no room for one.

    Ring by ring the first point comes first, then every tenth and every fifth: where not all fit, what remains is
    still a sequence to read along. Along a curve numbers stand outside only, and just those go on a leader.
    """
    numbers = outline.points.number
    first = np.concatenate([[True], np.diff(outline.points.ring) > 0])
    rank = np.select([first, numbers % 10 == 0, numbers % 5 == 0], [0, 1, 2], 3)
    on_curve = outline.short & outline.short[outline.previous]
    turn, away = np.radians(_TURNS), np.array([0.0, *_FAR])
    sideways = np.repeat(np.abs(_TURNS) > 60.0, len(away))
    on_leader = np.tile(away > 0.0, len(turn))
    labels = []
    for i in np.lexsort((numbers, rank)):
        text = f"J{numbers[i]}"
        width, height = text_width(text, NUMBER_TEXT) + 0.5, NUMBER_TEXT * _NUMBER_HEIGHT
        out = outline.outward[i]
        directions = np.column_stack(
            [out[0] * np.cos(turn) - out[1] * np.sin(turn), out[0] * np.sin(turn) + out[1] * np.cos(turn)]
        )
        # As near as the box gets to the circle in that direction, then steps away on a leader.
        clear = (
            _CIRCLE
            + 0.25
            + np.abs(directions)
            @ (width / 2.0, height / 2.0)
            * np.where(np.abs(directions).min(axis=1) < 0.35, 1.0, 0.9)
        )
        reach = clear[:, None] + away[None, :]
        centres = (outline.xy[i] + directions[:, None, :] * reach[..., None]).reshape(-1, 2)
        price = (np.abs(_TURNS)[:, None] / 40.0 + (away * _A_MM_AWAY + (away > 0))[None, :]).ravel()
        if on_curve[i]:
            price[sideways | (on_leader & (rank[i] == 3))] = np.inf
        starts = np.repeat(outline.xy[i] + directions * _CIRCLE, len(away), axis=0)
        starts[np.tile(away == 0.0, len(directions))] = np.nan
        label = _near_else_far(text, NUMBER_TEXT, centres, width, height, 0.0, price, starts, room)
        if label is not None:
            labels.append(label)
    return labels, len(numbers) - len(labels)


def place_long_lengths(outline: PaperOutline, room: LabelRoom) -> tuple[list[Label], list[int]]:
    """Lengths of the edges that are longer than their label; returns the labels and the edges left."""
    labels: list[Label] = []
    left: list[int] = []
    for i in np.argsort(-outline.points.length, kind="stable"):
        text = outline.length_text(i)
        width = text_width(text, LENGTH_TEXT) + 0.4
        middle, along, long = outline.edge(i)
        slack = long - width - 2.0
        if slack < 0.0:
            left.append(int(i))
            continue
        shifts = np.array([0.0, 0.25, -0.25, 0.5, -0.5]) * slack
        label = _along_edge(outline, i, text, width, middle, along, shifts, room)
        if label is None:
            left.append(int(i))
        else:
            labels.append(label)
    return labels, left


def _along_edge(
    outline: PaperOutline, i: int, text: str, width: float, middle: NDArray[np.float64],
    along: NDArray[np.float64], shifts: NDArray[np.float64], room: LabelRoom,
) -> Label | None:  # fmt: skip
    height = LENGTH_TEXT * _DIGITS
    out = _edge_outward(outline, i, along)
    off = _AIR + height / 2.0
    centres = np.concatenate([middle + along * shifts[:, None] + out * side * off for side in (1.0, -1.0)])
    # Half the slack from the middle is as good as anywhere; the inner side is the last resort.
    price = np.concatenate([np.arange(len(shifts)) * 0.3 + inner for inner in (0.0, _INSIDE)])
    angle = upright(float(np.degrees(np.arctan2(along[1], along[0]))))
    boxes = turned_boxes(centres, width, height, angle)
    found = room.place(boxes, price)
    if found is None:
        return None
    return Label(
        text, float(centres[found, 0]), float(centres[found, 1]), LENGTH_TEXT, angle, np.empty((0, 2))
    )


def place_short_lengths(
    outline: PaperOutline, edges: Iterable[int], room: LabelRoom
) -> tuple[list[Label], int]:
    """Lengths of edges shorter than their label: over the edge's ends, else further out on a leader.

    Returns the labels and how many edges had no room for one, those inside a curve among them.
    """
    labels = []
    missing = 0
    height = LENGTH_TEXT * _DIGITS
    for i in edges:
        if outline.short[[outline.previous[i], i, outline.points.following[i]]].all():
            missing += 1
            continue
        text = outline.length_text(i)
        width = text_width(text, LENGTH_TEXT) + 0.4
        middle, along, _long = outline.edge(i)
        out = _edge_outward(outline, i, along)
        angle = upright(float(np.degrees(np.arctan2(along[1], along[0]))))
        away = np.array([0.0, *_FAR])
        shift = np.array(_SHIFTS)
        grid_away, grid_shift = (grid.ravel() for grid in np.meshgrid(away, shift, indexing="ij"))
        kept = (grid_away > 0) | (np.abs(grid_shift) <= 2.0)
        grid_away, grid_shift = grid_away[kept], grid_shift[kept]
        off = _AIR + height / 2.0 + grid_away
        outer = middle + along * grid_shift[:, None] + out * off[:, None]
        inner = middle + along * grid_shift[:, None] - out * off[:, None]
        centres = np.concatenate([outer, inner])
        price = grid_away * _A_MM_AWAY + (grid_away > 0) + np.abs(grid_shift) * 0.15
        price = np.concatenate([price, price + _INSIDE])
        starts = np.repeat([middle + out * 0.1, middle - out * 0.1], len(outer), axis=0)
        starts[np.tile(grid_away == 0.0, 2)] = np.nan
        label = _near_else_far(text, LENGTH_TEXT, centres, width, height, angle, price, starts, room)
        if label is None:
            missing += 1
        else:
            labels.append(label)
    return labels, missing


def _edge_outward(outline: PaperOutline, i: int, along: NDArray[np.float64]) -> NDArray[np.float64]:
    side = -1.0 if outline.points.is_hole[i] else 1.0
    return np.array([-along[1], along[0]]) * side


def _near_else_far(
    text: str, size: float, centres: NDArray[np.float64], width: float, height: float, angle: float,
    price: NDArray[np.float64], starts: NDArray[np.float64], room: LabelRoom,
) -> Label | None:  # fmt: skip
    """The label close by and on the outer side, else at the best of the other places."""
    near = np.isnan(starts[:, 0]) & (price < _INSIDE)
    for tier in (near, ~near):
        boxes = turned_boxes(centres[tier], width, height, angle)
        found = room.place(boxes, price[tier], starts[tier])
        if found is not None:
            x, y = centres[tier][found].tolist()
            return Label(text, x, y, size, angle, leader_to(boxes[found], starts[tier][found]))
    return None
