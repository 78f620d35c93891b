"""``python -m app [COMMAND …]``: a command, or the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["has_display", "main"]

_NO_SCREEN = ("offscreen", "minimal", "vnc")


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a window would be seen by somebody. Qt's offscreen platform is no display."""
    if environment.get("QT_QPA_PLATFORM", "").partition(":")[0] in _NO_SCREEN:
        return False
    if platform.startswith(("win", "darwin")):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def main(arguments: Sequence[str]) -> int:
    """Open the window, with no command or with a project file; anything else is a command."""
    rest = list(arguments)
    language = None
    if rest[:1] == ["--lang"] and len(rest) > 1:
        language, rest = rest[1], rest[2:]
    elif rest and rest[0].startswith("--lang="):
        language, rest = rest[0].removeprefix("--lang="), rest[1:]
    project = Path(rest[0]) if len(rest) == 1 and rest[0].lower().endswith(".gpkg") else None
    if rest and project is None:
        from app.cli import main as run_command

        return run_command(arguments)
    from gis.text import LANGUAGES, set_language

    if language in LANGUAGES:
        set_language(language)
    if not has_display(os.environ, sys.platform):
        from app.headless import run as run_without_window

        return run_without_window(project)
    from app.shell import run as open_window

    return int(open_window(project))


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a pipe or an old console must not stop Chinese text
            reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main(sys.argv[1:]))
