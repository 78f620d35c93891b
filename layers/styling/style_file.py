"""Style files (TOML): written in full, and on reading mistrusted: every value is looked at, errors name line and key."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gis.errors import ParkLineError
from gis.text import tr
from layers.output_files import ready_target, write_whole
from layers.spec import LayerSpec
from layers.styling.data import StyleError, style_data, style_from_data
from layers.styling.style import LayerStyle

__all__ = ["read_style", "style_text", "write_style"]

_VERSION = 1
_MOST_BYTES = 1_000_000
_AT_LINE = re.compile(r"\(at line (\d+)")


def style_text(style: LayerStyle, spec: LayerSpec) -> str:
    """The style as TOML."""
    data = style_data(style)
    lines = [f"parkline_style = {_VERSION}", f"layer = {_toml(spec.name)}"]
    lines += [
        f"{name} = {_toml(value)}"
        for name, value in data.items()
        if not isinstance(value, dict) and name != "classes"
    ]
    for name in ("sign", "label"):
        if name in data:
            lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in data[name].items())]
    for item in data.get("classes", ()):
        lines += ["", "[[classes]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in item.items() if key != "sign"]
        lines += [f"sign.{key} = {_toml(value)}" for key, value in item.get("sign", {}).items()]
    return "\n".join(lines) + "\n"


def write_style(path: Path, style: LayerStyle, spec: LayerSpec) -> None:
    """Write a style file; ``ParkLineError`` if that is impossible."""
    target = ready_target(path, [".toml"])
    write_whole(target, lambda part: part.write_text(style_text(style, spec), "utf-8", newline="\n"))


def read_style(path: Path, spec: LayerSpec) -> LayerStyle:
    """The style in a file, for a layer. ``ParkLineError`` with the line and the key that cannot stand."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ParkLineError(tr("无法读取样式文件。"), hint=str(error.strerror or error), file=path) from error
    if len(raw) > _MOST_BYTES:
        raise ParkLineError(
            tr("样式文件过大（超过 1 MB）。"), hint=tr("请选择由本程序保存的样式文件。"), file=path
        )
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ParkLineError(tr("样式文件不是 UTF-8 文本。"), file=path, row=line) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT_LINE.search(str(error))
        raise ParkLineError(
            tr("样式文件不是有效的 TOML。"),
            hint=str(error),
            file=path,
            row=int(found.group(1)) if found else None,
        ) from error
    if data.get("parkline_style") != _VERSION:
        raise ParkLineError(
            tr("这不是本程序可读的样式文件。"),
            hint=tr("第一行应为 parkline_style = {version}。", version=_VERSION),
            file=path,
            row=1,
        )
    try:
        return style_from_data(data, spec, skip=("parkline_style", "layer"))
    except StyleError as error:
        raise ParkLineError(
            error.message, hint=error.hint, file=path, row=_line_of(text, error.key)
        ) from error


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, Mapping):
        raise TypeError("tables are written as tables")
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return repr(value)


def _line_of(text: str, key: tuple[str | int, ...]) -> int | None:
    """The line of a key as this program writes files; of the nearest table's head otherwise."""
    lines = text.split("\n")
    start, names = 0, list(key)
    place = names[1] if len(names) > 1 and names[0] == "classes" else ""
    if isinstance(place, int):
        heads = [
            number for number, line in enumerate(lines) if line.replace(" ", "").startswith("[[classes]]")
        ]
        if place >= len(heads):
            names = names[:1]
        else:
            start, names = heads[place] + 1, names[2:]
    elif len(names) > 1:
        heads = [
            number for number, line in enumerate(lines) if line.replace(" ", "").startswith(f"[{names[0]}]")
        ]
        if heads:
            start, names = heads[0] + 1, names[1:]
    wanted = ".".join(str(name) for name in names if not isinstance(name, int))
    pattern = re.compile(rf"\s*\[?\[?\s*\"?{re.escape(wanted)}\"?\s*(=|\])")
    for number in range(start, len(lines)):
        if pattern.match(lines[number]):
            return number + 1
        if number > start and start and lines[number].lstrip().startswith("["):
            break
    return start or None
