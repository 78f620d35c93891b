"""start.py in a path with a blank and Chinese characters, where the environment exists already."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pypdf
import pytest

from tests.acceptance.command import ROOT, environment
from tests.json_schema import problems


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program as a clone holds it, with the environment of this test run."""
    if os.name != "posix" or not (Path(sys.prefix) / "requirements.lock.installed").exists():
        pytest.skip("this environment was not made by start.py, so a copy would have to download everything")
    target = tmp_path_factory.mktemp("clone") / "安康 工业用地"
    target.mkdir()
    for name in ("app", "gis", "layers", "resources"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("start.py", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, target)
    (target / ".venv").symlink_to(sys.prefix)
    return target


def run_start(copy: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    kept = environment(cwd)
    del kept["PYTHONPATH"]
    return subprocess.run(
        [sys.executable, str(copy / "start.py"), *arguments], cwd=cwd, env=kept, capture_output=True, text=True,
        encoding="utf-8", check=False,
    )  # fmt: skip


def test_without_a_display_the_main_job_is_done_and_the_files_named(copy: Path, tmp_path: Path) -> None:
    done = run_start(copy, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "没有显示器" in done.stderr
    names = ["demo.gpkg", "demo-parcel.pdf", "demo-report.json", "demo-report.xlsx"]
    assert sorted(path.name for path in (copy / "out").iterdir()) == sorted(names)
    for name in names:
        assert str(copy / "out" / name) in done.stdout
    results = json.loads((copy / "out" / "demo-report.json").read_text("utf-8"))
    assert problems(results, "check") == []
    sheets = openpyxl.load_workbook(copy / "out" / "demo-report.xlsx").sheetnames
    assert len(sheets) == 1 + len(results["checks"])
    assert "示例数据" in pypdf.PdfReader(copy / "out" / "demo-parcel.pdf").pages[0].extract_text()
    assert "installing" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_command_works_from_the_users_own_folder(copy: Path, tmp_path: Path) -> None:
    """Paths are those of the folder the user stands in, not of the program; the exit code comes through."""
    made = run_start(copy, "demo", "我的 项目.gpkg", "--parcels", "150", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "我的 项目.gpkg").exists()
    assert run_start(copy, "check", "我的 项目.gpkg", cwd=tmp_path).returncode == 1
    told = run_start(copy, "info", "我的 项目.gpkg", "--json", cwd=tmp_path)
    assert problems(json.loads(told.stdout), "info") == []
    assert run_start(copy, "nonsense", cwd=tmp_path).returncode == 3


def test_another_project_in_the_place_of_the_demo_is_kept(copy: Path, tmp_path: Path) -> None:
    out = copy / "out"
    out.mkdir(exist_ok=True)
    mine = out / "demo.gpkg"
    mine.unlink(missing_ok=True)
    assert run_start(copy, "new", str(mine), cwd=tmp_path).returncode == 0
    before = mine.read_bytes()
    done = run_start(copy, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert mine.read_bytes() == before
    assert (out / "demo-2.gpkg").exists()


def test_a_project_is_judged_in_its_place_where_there_is_no_display(copy: Path, tmp_path: Path) -> None:
    assert run_start(copy, "new", "空.gpkg", cwd=tmp_path).returncode == 0
    done = run_start(copy, "空.gpkg", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "未能判定" in done.stdout
    assert "没有地块" in done.stderr
    assert (copy / "out" / "空-report.xlsx").exists()


def test_a_library_that_the_screens_plugin_needs_is_missed(tmp_path: Path) -> None:
    """Every library the plugin is linked to counts, not a choice of them: ``ldd`` is the oracle."""
    if sys.platform != "linux":
        pytest.skip("Qt's X11 plugin is Linux's")
    import PySide6

    import start

    plugin = Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    told = subprocess.run(["ldd", plugin], capture_output=True, text=True, check=True).stdout
    assert "libxcb-icccm" in told
    assert start.has_libraries() == ("not found" not in told)
