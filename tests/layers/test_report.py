"""The check report as a workbook: what people read in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from gis.text import set_language
from layers.demo import generate
from layers.evidence_words import SEVERITY_WORDS, column_title, value_word
from layers.policy_rules import SEVERITIES
from layers.project import Project
from layers.report import write_report


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with generate(tmp_path_factory.mktemp("report") / "demo.gpkg", parcels=240, seed=1) as made:
        yield made


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    set_language("zh_CN")


def test_every_evidence_column_and_coded_value_of_the_three_checks_has_a_chinese_word(
    project: Project,
) -> None:
    for result in project.check():
        for name in result.evidence.columns.drop("geometry"):
            assert column_title(str(name)) != name, f"{result.id}: {name}"
        for name in ("table", "severity", "way", "state", "class", "before_class", "after_class"):
            for value in set(result.evidence.get(name, [])):
                assert value_word(name, value) != value, f"{result.id}: {name} {value}"


def test_every_severity_a_policy_may_name_has_a_word() -> None:
    assert set(SEVERITIES) - {"none"} <= set(SEVERITY_WORDS)


def test_evidence_values_are_words_in_the_language_in_use() -> None:
    assert value_word("class", "industrial+commercial") == "工业用地 + 商业服务业用地"
    assert value_word("after_class", "uncovered") == "无规划"
    assert value_word("sliver", True) == "是"
    assert value_word("why", "counted") == "counted"
    set_language("en")
    assert value_word("class", "industrial+commercial") == "Industrial + Commercial"
    assert value_word("table", "land_use") == "Planned land use"
    assert value_word("state", "void") == "cancelled"


def test_the_report_has_a_sheet_for_each_check_with_titled_evidence(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "报告.xlsx"
    results = project.check()
    write_report(results, path, project)
    book = openpyxl.load_workbook(path, read_only=True)
    assert book.sheetnames == ["总览", *(result.title for result in results)]
    for title in book.sheetnames[1:]:
        rows = list(book[title].iter_rows(values_only=True))
        start = next(number for number, row in enumerate(rows) if row[0] == "依据（逐行）")
        heads = [head for head in rows[start + 1] if head]
        assert {"单元代码", "图层", "行标识", "计入数量", "理由"} <= set(heads)
        assert not [head for head in heads if head.isascii()]
    book.close()
