"""Splitting polygons by a drawn line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.editing.tools.base import Place
from app.editing.tools.sketch import SketchTool
from gis.text import mark

if TYPE_CHECKING:
    from layers.editing.operations import Operation

__all__ = ["SplitTool"]


class SplitTool(SketchTool):
    """The selected polygons of the layer, or all that the line crosses; the area of each piece is shown."""

    words = mark("单击画分割线，两端须越过边界 · 双击/Enter 分割 · Backspace 退一点 · Esc 放弃")

    def operation(self, line: list[Place]) -> Operation | None:
        """The polygons cut by the line."""
        if len(line) < 2:
            return None
        from layers.editing.operations import split_by

        return split_by(self.mode.layer, line, self._targets())

    def _targets(self) -> list[str]:
        """Those of the selected rows that lie near; a selection elsewhere is not meant."""
        near = self.mode.near
        return [uuid for uuid in self.mode.selected() if near is not None and near.shape_of(uuid) is not None]
