"""The editing tools by name, with their words, icons and keys."""

from __future__ import annotations

from dataclasses import dataclass

from app.editing.tools.align import AlignTool
from app.editing.tools.base import EditTool
from app.editing.tools.draw import DrawTool
from app.editing.tools.hole import CutHoleTool, FillHoleTool
from app.editing.tools.merge import MergeTool
from app.editing.tools.move import MoveTool
from app.editing.tools.offset import OffsetTool
from app.editing.tools.reshape import ReshapeTool
from app.editing.tools.split import SplitTool
from app.editing.tools.vertex import VertexTool
from gis.text import mark

__all__ = ["TOOLS", "Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One tool: the word on its button, its icon and key, and what it does."""

    name: str
    kind: type[EditTool]
    text: str
    icon: str
    shortcut: str
    tip: str


TOOLS = (
    Entry("draw", DrawTool, mark("画面"), "edit-draw", "D", mark("逐点画一个新的面，边画边看面积、边长、重叠与缝隙")),
    Entry("vertex", VertexTool, mark("界址点"), "edit-vertex", "V", mark("移动、增加、删除界址点；共用的点一起动")),
    Entry("reshape", ReshapeTool, mark("改边界"), "edit-reshape", "R", mark("画一条线作为新的边界，相邻图形一起变")),
    Entry("split", SplitTool, mark("分割"), "edit-split", "X", mark("画一条线把面分开；分割前就看到每一块的面积")),
    Entry("merge", MergeTool, mark("合并"), "edit-merge", "G", mark("把相邻的面合并成一个，选定保留谁的属性")),
    Entry("hole", CutHoleTool, mark("挖孔"), "edit-hole", "H", mark("在面内画一个环并挖去")),
    Entry("fill", FillHoleTool, mark("填孔"), "edit-fill", "Shift+H", mark("把面内的孔洞填上")),
    Entry("move", MoveTool, mark("移动"), "edit-move", "T", mark("整体移动面；相邻图形不动")),
    Entry("offset", OffsetTool, mark("偏移"), "edit-offset", "O", mark("按输入的距离平行移动一条边或整个边界")),
    Entry("align", AlignTool, mark("对齐"), "edit-align", "A", mark("把边界对齐到相邻的面，消除小缝隙和重叠")),
)  # fmt: skip
