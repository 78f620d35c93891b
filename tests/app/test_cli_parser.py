"""The words of the command line: what is understood, what is refused and in which words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cli
from app.__main__ import has_display
from app.cli import main
from app.cli_parser import build_parser, wanted_language
from gis.text import set_language

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    set_language("zh_CN")
    yield
    set_language("zh_CN")


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from app.cli import main; code = main(['import', '--help']); "
        "print(code, [n for n in ('geopandas', 'pandas', 'numpy', 'matplotlib', 'pyogrio', 'PySide6') if n in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines()[-1] == "0 []"


@pytest.mark.parametrize(
    "command", ["demo", "new", "import", "info", "check", "compare", "whatif", "print", "export"]
)
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_command_has_help_and_knows_json(
    command: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--lang", language, "--help"]) == 0
    text = capsys.readouterr().out
    assert "--json" in text
    assert ("用法：" in text) is (language == "zh_CN")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "缺少参数：COMMAND"),
        (["nonsense"], "不能是 'nonsense'"),
        (["check"], "缺少参数：P.gpkg"),
        (["check", "p.gpkg", "--nonsense"], "不认识的参数：--nonsense"),
        (["check", "p.gpkg", "--as-of", "30.06.2024"], "日期应写作 2024-06-30"),
        (["check", "p.gpkg", "--as-of", "2024-02-30"], "日期应写作 2024-06-30"),
        (["check", "p.gpkg", "--year", "24"], "年度应写作 2024"),
        (["check", "p.gpkg", "--year"], "后面缺少值"),
        (["import", "p.gpkg", "nonsense", "f.shp"], "land_use"),
        (["import", "p.gpkg", "parcel", "f.shp", "--crs", "beijing54"], "坐标系应写作 EPSG:4545"),
        (["import", "p.gpkg", "parcel", "f.shp", "--encoding", "gkb"], "没有名为 gkb 的编码"),
        (["print", "p.gpkg", "A-1", "-o", "x.pdf", "--scale", "0"], "应为正整数"),
        (["print", "p.gpkg", "A-1", "-o", "x.pdf", "--paper", "A5"], "'A4'"),
        (["print", "p.gpkg", "A-1"], "-o/--output"),
        (["demo", "p.gpkg", "--parcels", "-5"], "应为正整数"),
        (["demo", "p.gpkg", "--seed", "x"], "应为非负整数"),
        (["compare", "p.gpkg", "only one"], "缺少参数：SNAPSHOT"),
    ],
)
def test_wrong_use_is_told_on_stderr_and_ends_with_3(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 3
    printed = capsys.readouterr()
    assert said in printed.err
    assert "--help" in printed.err
    assert printed.out == ""
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("text", ["EPSG:4545", "epsg:4545", "4545"])
def test_a_system_may_be_written_with_or_without_its_authority(text: str) -> None:
    options = build_parser().parse_args(["import", "p.gpkg", "unit", "f.shp", "--crs", text])
    assert options.crs == 4545


@pytest.mark.parametrize("text", ["500", "1:500"])
def test_a_scale_may_be_written_with_or_without_one_to(text: str) -> None:
    assert build_parser().parse_args(["print", "p.gpkg", "A", "-o", "x.pdf", "--scale", text]).scale == 500


def test_assignments_are_gathered_in_their_order() -> None:
    options = build_parser().parse_args(
        ["import", "p.gpkg", "parcel", "f.csv", "--map", "unit=县区", "--map", "area_certified=面积[mu]"]
    )
    assert options.mapping == ["unit=县区", "area_certified=面积[mu]"]


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["--lang", "en", "info", "p"], "en"),
        (["info", "p", "--lang=en"], "en"),
        (["info", "p"], None),
        (["info", "p", "--lang"], None),
    ],
)
def test_the_language_is_known_before_the_words_are_built(arguments: list[str], language: str | None) -> None:
    assert wanted_language(arguments) == language


@pytest.mark.parametrize(
    ("environment", "platform", "seen"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, "linux", False),
        ({"QT_QPA_PLATFORM": "minimal:enable_fonts"}, "win32", False),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_a_display_is_one_that_somebody_looks_at(
    environment: dict[str, str], platform: str, seen: bool
) -> None:
    assert has_display(environment, platform) is seen


def test_a_fault_of_the_program_is_one_sentence_and_a_traceback_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARKLINE_HOME", str(tmp_path))

    def broken(*_: object) -> int:
        raise KeyError("inner")

    monkeypatch.setattr(cli, "_run", broken)
    assert main(["info", "p.gpkg"]) == 4
    said = capsys.readouterr().err
    assert "程序内部错误" in said
    assert "Traceback" not in said
    assert "KeyError" in (tmp_path / "parkline.log").read_text("utf-8")


def test_a_home_that_cannot_be_written_costs_the_log_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("PARKLINE_HOME", str(tmp_path / "file" / "below"))

    def broken(*_: object) -> int:
        raise KeyError("inner")

    monkeypatch.setattr(cli, "_run", broken)
    assert main(["info", "p.gpkg"]) == 4
    assert "Traceback" not in capsys.readouterr().err


def test_a_full_disk_is_no_fault_of_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cli, "_run", full)
    assert main(["info", "p.gpkg"]) == 3
    assert "No space left" in capsys.readouterr().err
