"""Some kills in the suite; the hundreds are ``python -m tests.bench.kills --kills 300``."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.bench.kills import judge

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are made by fork")
def test_whoever_is_killed_while_writing_leaves_a_sound_project_with_all_that_was_confirmed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "项目.gpkg"
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.kills", "--kills", "30", "--seed", "7", "--project", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["kills"] == 30
    assert told["confirmed"] > 30
    assert told["wrong"] == []
    # The judge is no rubber stamp: it misses a confirmed edit and sees a row that no transaction wrote.
    missing = {"what": "edit", "entry": 10**6, "uuid": "x", "holder": "y"}
    assert any("gone" in text for text in judge(path, [missing]))
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE parkline_journal SET counts = '{}' WHERE kind = 'import'")
    assert any("says" in text for text in judge(path, []))
