"""Messages: Chinese is the id, English comes from the catalogue, values fill named places."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis.text import LANGUAGES, language, mark, set_language, tr

ROOT = Path(__file__).resolve().parents[2]
# In the catalogue since the first store: "undo" with a place for the reason.
UNDO = "撤销：{why}"


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    set_language("zh_CN")
    yield
    set_language("zh_CN")


def test_chinese_needs_no_catalogue() -> None:
    assert language() == "zh_CN"
    assert tr("没有人写过的句子") == "没有人写过的句子"
    assert tr(UNDO, why="导入") == "撤销：导入"


def test_english_comes_from_the_catalogue_and_what_it_lacks_stays_chinese() -> None:
    set_language("en")
    assert language() == "en"
    assert tr(UNDO, why="x").isascii()
    assert tr(UNDO, why="x").endswith("x")
    assert tr("没有人写过的句子") == "没有人写过的句子"
    set_language("zh_CN")
    assert tr(UNDO, why="x") == "撤销：x"


def test_an_unknown_language_is_refused_and_nothing_changes() -> None:
    with pytest.raises(ValueError, match="fr"):
        set_language("fr")
    assert language() == "zh_CN"


def test_without_values_braces_are_left_alone() -> None:
    assert tr("{a}") == "{a}"


def test_braces_in_a_value_are_no_places() -> None:
    """A file name may hold braces; it must not be able to reach into the formatting."""
    assert tr(UNDO, why="{why.__class__} {0}") == "撤销：{why.__class__} {0}"


def test_the_empty_text_stays_empty() -> None:
    """Gettext gives the catalogue's header for the empty id."""
    set_language("en")
    assert tr("") == ""


def test_a_marked_constant_is_the_text_itself() -> None:
    assert mark(UNDO) is UNDO


@pytest.mark.parametrize(
    ("wanted", "found"), [("en", "en"), ("zh_CN", "zh_CN"), ("xx", "zh_CN"), ("", "zh_CN")]
)
def test_the_environment_chooses_the_language_at_the_start(wanted: str, found: str) -> None:
    environment = {**os.environ, "PARKLINE_LANG": wanted}
    done = subprocess.run(
        [sys.executable, "-c", "from gis.text import language; print(language())"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == found


def test_there_is_a_catalogue_for_every_language_but_chinese() -> None:
    for name in set(LANGUAGES) - {"zh_CN"}:
        assert (ROOT / "resources" / "translations" / name / "LC_MESSAGES" / "parkline.mo").is_file()
