"""Rules of the house that no other tool checks."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("app", "gis", "layers")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
# Characters and full-width punctuation: "、" between English words is as wrong as a Chinese word.
CHINESE = re.compile(r"[\u4e00-\u9fff\u3000-\u3015\uff01-\uff5e]")
CATALOGUE = ROOT / "resources" / "translations" / "en" / "LC_MESSAGES" / "parkline.po"

# What `python3 start.py translate` looks for in the sources.
KEYWORDS = {"tr": None, "mark": None}

# Chinese that is data, not text for the eye: words looked for in files, and both titles side by side.
DATA_MODULES = {
    "gis/units.py",
    "layers/common_fields.py",
    "layers/indicators.py",
    *(
        f"layers/{path.name}"
        for path in (ROOT / "layers").glob("*.py")
        if "LayerSpec(" in path.read_text("utf-8")
    ),
}
# A line may say that its Chinese is matched against files or written into data, and is not shown.
DATA_COMMENT = "# data"


def constants_outside_translation(tree: ast.AST) -> Iterator[ast.Constant]:
    """Chinese string constants that are neither docstrings nor arguments of tr and mark."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"tr", "mark"}:
            skipped.update(id(child) for argument in node.args for child in ast.walk(argument))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in skipped:
            continue
        if isinstance(node.value, str) and CHINESE.search(node.value):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_visible_chinese_text_goes_through_translation(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() in DATA_MODULES:
        return
    source = path.read_text("utf-8")
    lines = source.splitlines()
    found = [
        f"{node.lineno}: {node.value}"
        for node in constants_outside_translation(ast.parse(source))
        if DATA_COMMENT not in "".join(lines[max(0, node.lineno - 2) : (node.end_lineno or node.lineno)])
    ]
    assert found == []


def messages() -> set[str]:
    return {
        message
        for room in ROOMS
        for _, _, message, _, _ in extract_from_dir(ROOT / room, keywords=KEYWORDS, comment_tags=())
        if isinstance(message, str)
    }


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_message_hides_from_extraction_inside_an_f_string(path: Path) -> None:
    found = extract_from_file("python", path, keywords=KEYWORDS, comment_tags=())
    extracted = {message for _, message, _, _ in found}
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    written = {
        argument.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in KEYWORDS
        for argument in call.args[:1]
        if isinstance(argument, ast.Constant) and argument.value
    }
    assert written - extracted == set()


def test_every_message_has_an_english_translation_with_the_same_places() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = {entry.id: entry.string for entry in read_po(file) if entry.id}

    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    wrong = sorted(
        message
        for message in messages()
        if not catalogue.get(message) or places(message) != places(str(catalogue[message]))
    )
    assert wrong == []


def test_no_english_translation_still_holds_chinese_words() -> None:
    with CATALOGUE.open("rb") as file:
        left = [entry.string for entry in read_po(file) if entry.id and CHINESE.search(str(entry.string))]
    allowed = re.compile(r"中文|亩|划拨|出让")
    assert [text for text in left if not allowed.search(str(text))] == []


def test_the_compiled_catalogue_is_current() -> None:
    with CATALOGUE.open("rb") as file:
        compiled = BytesIO()
        write_mo(compiled, read_po(file))
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_is_longer_than_500_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 500


def test_no_threshold_of_the_policy_stands_in_a_check() -> None:
    policy = tomllib.loads((ROOT / "resources" / "policy" / "ankang-2024.toml").read_text("utf-8"))
    values = {
        float(target["value"])
        for target in policy["target"]
        if float(target.get("value", 0)) not in {0.0, 1.0, 2.0}
    }
    assert values
    found = [
        f"{path.name}:{node.lineno}"
        for path in (ROOT / "layers" / "checks").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and type(node.value) in {int, float} and float(node.value) in values
    ]
    assert found == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_pinned_package_has_hashes_and_no_lock_names_an_address(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert not re.search(r"https?://|file:|--index|--find-links", text)
    blocks = re.split(r"\n(?=\S)", re.sub(r"(?m)^#.*\n", "", text).strip())
    assert len(blocks) > 20
    assert [block for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "app").rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_what_outlives_a_window_calls_no_lambda(path: Path) -> None:
    """A slot that is a method of a QObject goes with it; a lambda would be called after its window is gone."""
    lasting = re.compile(r"\b_?(session|tasks|application)\.")
    found = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "connect"
        and lasting.search(ast.unparse(node.func.value))
        and any(isinstance(argument, ast.Lambda) for argument in node.args)
    ]
    assert found == []
