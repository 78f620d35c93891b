"""An import that is stopped on the way leaves the project as it was."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from layers.project import Project
from tests.acceptance.command import environment, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of a POSIX system")

COUNT = 60_000
PROJECT = "安康 项目.gpkg"


@pytest.fixture(scope="module")
def plots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough rows that writing them takes more than a moment."""
    side = np.arange(COUNT)
    east, north = 500_000.0 + 20.0 * (side % 400), 3_600_000.0 + 20.0 * (side // 400)
    frame = gpd.GeoDataFrame(
        {"parcel_no": [f"A-{n:06d}" for n in side]},
        geometry=shapely.box(east, north, east + 15, north + 15),
        crs=4545,
    )
    path = tmp_path_factory.mktemp("plots") / "地块.gpkg"
    pyogrio.write_dataframe(frame, path)
    return path


@dataclass(frozen=True)
class Import:
    """A running import and the terminal that its progress goes to."""

    process: subprocess.Popen[bytes]
    terminal: int

    def wait_for(self, text: str) -> None:
        """Read the terminal until the progress says so."""
        seen = b""
        while text.encode() not in seen:
            try:
                seen += os.read(self.terminal, 65_536)
            except OSError:  # nobody writes to it any more
                pytest.fail(f"the import ended before it said {text}: {seen.decode('utf-8', 'replace')}")

    def end(self) -> str:
        """Wait for the end; the rest of what was said."""
        seen = b""
        with suppress(OSError):  # a terminal whose other end is closed
            while part := os.read(self.terminal, 65_536):
                seen += part
        self.process.wait(timeout=60)
        os.close(self.terminal)
        return seen.decode("utf-8", "replace")


@pytest.fixture
def started(tmp_path: Path, plots: Path) -> Iterator[Import]:
    run("new", PROJECT, cwd=tmp_path)
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "import", PROJECT, "parcel", str(plots)],
        cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    yield Import(process, ours)
    process.kill()
    process.wait()


def untouched(project: Path) -> None:
    """The project opens, is sound, holds no row of the import and can be written again."""
    with Project.open(project) as opened:
        assert opened.store.count("parcel") == 0
        assert [entry.kind for entry in opened.store.journal()] == ["create"]
        assert opened.store.quarantined().empty
    with closing(sqlite3.connect(project)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_import_says_so_and_takes_everything_back(
    tmp_path: Path, started: Import, sign: signal.Signals
) -> None:
    started.wait_for("正在写入")
    started.process.send_signal(sign)
    said = started.end()
    assert started.process.returncode == 130, said
    assert "已中断" in said
    assert "Traceback" not in said
    untouched(tmp_path / PROJECT)
    assert [path.name for path in tmp_path.iterdir()] == [PROJECT]


def test_an_interruption_that_comes_too_late_is_not_told_as_one(tmp_path: Path, started: Import) -> None:
    """Once the rows are being committed there is no way back: the import is reported as done."""
    log = tmp_path / f"{PROJECT}-wal"
    started.wait_for("正在写入")
    until = time.monotonic() + 60
    while not (log.exists() and log.stat().st_size > 1_000_000):
        assert time.monotonic() < until
        time.sleep(0.002)
    started.process.send_signal(signal.SIGINT)
    said = started.end()
    with Project.open(tmp_path / PROJECT) as project:
        rows = project.store.count("parcel")
    assert (started.process.returncode, rows) in {(0, COUNT), (130, 0)}, said


@pytest.mark.parametrize("committing", [False, True])
def test_a_killed_import_leaves_the_project_as_it_was(
    tmp_path: Path, plots: Path, started: Import, committing: bool
) -> None:
    started.wait_for("正在建立空间索引" if committing else "正在写入")
    started.process.kill()
    started.end()
    assert started.process.returncode == -signal.SIGKILL
    untouched(tmp_path / PROJECT)
    told = run("import", PROJECT, "parcel", plots, "--json", cwd=tmp_path).json("import")
    assert told["report"]["taken"] == COUNT
