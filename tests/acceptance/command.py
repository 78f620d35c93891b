"""The program as a user starts it: in a process of its own, in a folder of the user's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.json_schema import problems

__all__ = ["ROOT", "Answer", "environment", "run"]

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str

    def json(self, form: str) -> Any:
        """The result of ``--json``, which must be one object of the documented form."""
        value = json.loads(self.out)
        assert problems(value, form) == []
        return value


def environment(home: Path) -> dict[str, str]:
    """A user's environment without a display, with a home of its own."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in {"DISPLAY", "WAYLAND_DISPLAY", "PARKLINE_LANG", "QT_QPA_PLATFORM"}
    }
    return {**kept, "PARKLINE_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def run(*arguments: object, cwd: Path, code: int | None = 0) -> Answer:
    """``python -m app ARGUMENTS`` in a folder; ``code`` is the exit code that is expected, None any."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=cwd,
        env=environment(cwd),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    answer = Answer(done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in answer.err
    assert code is None or answer.code == code, answer.err
    return answer
