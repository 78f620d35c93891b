"""What a planner is told before an edit is saved: which land inside a line it takes from industry."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from gis.text import mark, tr
from gis.units import PERCENT
from layers.checks import tables as read
from layers.checks.result import Clause
from layers.checks.rezoning import TARGET
from layers.checks.rezoning_records import RECORDED
from layers.editing.block_shares import BlockShare, block_shares
from layers.editing.edit import Edit
from layers.editing.lost_land import lost_pieces
from layers.editing.surroundings import Surroundings
from layers.policy_rules import SEVERITIES

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["EditWarning", "warnings_of"]

_SENTENCES = {
    "parcel": mark("地块 {subject} 的用途由 {old} 改为 {new}：区块线“{block}”内 {area} ㎡（{mu} 亩）"),
    "split": mark(
        "地块 {subject} 由分割而来，用途由 {old} 改为 {new}：区块线“{block}”内 {area} ㎡（{mu} 亩）"
    ),
    "line": mark("区块线“{block}”调整后，规划为 {old} 的 {area} ㎡（{mu} 亩）位于线外"),
    "transfer": mark(
        "供地合同 {subject} 把规划为 {old} 的土地供作 {new}：区块线“{block}”内 {area} ㎡（{mu} 亩）"
    ),
}
# A note is shown and needs no answer.
_ANSWERED = ("violation", "review", "warn")


@dataclass(frozen=True, slots=True)
class EditWarning:
    """One piece of land that an edit takes away inside a block line.

    ``way`` is parcel (2), split (3), line (4) or transfer (5); ``severity`` violation, review, warn or note by
    the policy's matrix; a ``sliver`` is too narrow to be land. ``layer`` and ``uuid`` name the row after the
    edit, ``subject`` its number. Areas are m² on the ellipsoid and 亩, ``block_share`` is the piece over the
    whole block (0 to 1), ``block_state`` what the edit as a whole makes of the block. Geometry is in the
    project's plane.
    """

    way: str
    severity: str
    sliver: bool
    layer: str
    uuid: str
    subject: str
    geometry: shapely.Polygon
    area: float
    mu: float
    width: float
    unit: str
    unit_name: str
    block: str
    block_name: str
    level: str
    block_share: float
    from_scheme: str
    from_code: str
    from_use: str
    to_scheme: str
    to_code: str
    to_use: str
    industrial_lost: float
    block_state: BlockShare
    clause: Clause

    @property
    def needs_reason(self) -> bool:
        """Whether the edit is saved only with a reason."""
        return not self.sliver and self.severity in _ANSWERED

    @property
    def text(self) -> str:
        """What happens, in one sentence."""
        return tr(
            _SENTENCES[self.way],
            subject=self.subject or tr("（无编号）"),
            old=_use(self.from_code, self.from_use),
            new=_use(self.to_code, self.to_use),
            block=self.block_name or self.block,
            area=f"{self.area:,.2f}",
            mu=f"{self.mu:,.2f}",
        )

    @property
    def block_text(self) -> str:
        """What the edit makes of the block's industrial share; empty where there is no share."""
        before, after = self.block_state.share_before, self.block_state.share_after
        if before is None or after is None:
            return ""
        return tr(
            "区块工业用地占比 {before}% → {after}%",
            before=f"{before * PERCENT:.2f}",
            after=f"{after * PERCENT:.2f}",
        )


def _use(code: str, title: str) -> str:
    return f"{code} {title}" if code and title and code != title else title or code or tr("无用途")


def warnings_of(project: Project, edit: Edit, *, day: dt.date | None = None) -> list[EditWarning]:
    """Every piece that the edit takes away inside a line, gravest and largest first; slivers last.

    Plan and lines are those of ``day`` (None: the project's); nothing is stored. What had been lost before is
    not told again, and land that is put back is no warning.
    """
    if not project.policy.has(TARGET):
        return []
    around = Surroundings(project, edit, day or project.as_of)
    if not around.lined:
        return []
    pieces = lost_pieces(around)
    if not len(pieces):
        return []
    blocks = block_shares(around, pieces["line"])
    clause = read.clause(project.policy, TARGET)
    found = [_warning(row, blocks, clause) for row in pieces.to_dict("records")]
    return sorted(found, key=lambda item: (item.sliver, SEVERITIES.index(item.severity), -item.area))


def _warning(row: dict[Any, Any], blocks: dict[str, BlockShare], clause: Clause) -> EditWarning:
    def text(name: str) -> str:
        value = row[name]
        return "" if value is None or pd.isna(value) else str(value)

    gone = row["way"] == "line"
    return EditWarning(
        way=text("way"),
        severity=text("severity"),
        sliver=bool(row["sliver"]),
        layer=RECORDED.get(text("way"), "block_line"),
        uuid=text("after_uuid"),
        subject=text("subject"),
        geometry=row["geometry"],
        area=float(row["area"]),
        mu=float(row["mu"]),
        width=float(row["width"]),
        unit=text("unit"),
        unit_name=text("unit_name"),
        block=text("line"),
        block_name=text("line_name"),
        level=text("level"),
        block_share=float(row["share"]),
        from_scheme=text("before_scheme"),
        from_code=text("before_code"),
        from_use=text("before_title"),
        to_scheme="" if gone else text("after_scheme"),
        to_code="" if gone else text("after_code"),
        to_use="" if gone else text("after_title"),
        industrial_lost=float(row["industrial_lost"]),
        block_state=blocks[text("line")],
        clause=clause,
    )
