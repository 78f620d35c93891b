"""Entries of the journal in the words of the window."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gis.text import mark, tr

__all__ = ["kind_word", "local_time"]

_KINDS = {
    "edit": mark("编辑"), "import": mark("导入"), "undo": mark("撤销"), "redo": mark("重做"), "create": mark("新建"),
    "migrate": mark("升级"),
}  # fmt: skip


def kind_word(kind: str) -> str:
    """What kind of action it was."""
    return tr(_KINDS[kind]) if kind in _KINDS else kind


def local_time(moment: str) -> str:
    """UTC of the journal in the clock of the desk."""
    try:
        value: Any = dt.datetime.fromisoformat(moment.replace("Z", "+00:00"))
    except ValueError:
        return moment
    if value.tzinfo is None:
        value = value.replace(tzinfo=dt.UTC)
    return str(value.astimezone().strftime("%Y-%m-%d %H:%M:%S"))
