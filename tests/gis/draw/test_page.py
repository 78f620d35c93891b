"""Pages are exact on paper: measured in the written PDF, not in our own figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from gis.draw.page import Page, standard_scale, text_width, write_pdf

POINT = 25.4 / 72.0


def written_page(path: Path, page: Page) -> PdfReader:
    write_pdf([page], path, title="宗地图 示例")
    return PdfReader(path)


@pytest.mark.parametrize(("paper", "size"), [("A4", (210.0, 297.0)), ("A3", (297.0, 420.0))])
def test_the_written_sheet_has_the_size_of_the_paper(
    tmp_path: Path, paper: str, size: tuple[float, float]
) -> None:
    box = written_page(tmp_path / "页 面.pdf", Page(paper)).pages[0].mediabox
    assert float(box.width) * POINT == pytest.approx(size[0], abs=0.01)
    assert float(box.height) * POINT == pytest.approx(size[1], abs=0.01)


@pytest.mark.parametrize("scale", [200, 500, 1000, 2000, 2500])
def test_a_hundred_metres_have_their_length_on_paper(tmp_path: Path, scale: int) -> None:
    """100 m at 1:n are 100 000/n mm; the line is read back from the drawing commands of the PDF."""
    page = Page("A3")
    axes = page.map_frame(20.0, 20.0, 250.0, 380.0, (500000.0, 3600000.0), scale)
    half = 5.0 if scale == 200 else 50.0
    axes.plot([500000.0 - half, 500000.0 + half], [3600000.0, 3600000.0], color="#123456")
    content = written_page(tmp_path / "scale.pdf", page).pages[0].get_contents()
    assert content is not None
    moves = re.findall(rb"([\d.]+) ([\d.]+) m\s+([\d.]+) ([\d.]+) l", content.get_data())
    lengths = [float(x2) - float(x1) for x1, y1, x2, y2 in moves if y1 == y2]
    assert lengths[-1] * POINT == pytest.approx(2 * half * 1000.0 / scale, abs=0.01)


def test_chinese_text_can_be_searched_and_the_font_is_embedded_as_a_small_subset(tmp_path: Path) -> None:
    page = Page("A4")
    page.text(30.0, 200.0, "宗地图 示例数据 58468.41 ㎡ $5 & 亩")
    path = tmp_path / "text.pdf"
    reader = written_page(path, page)
    assert "宗地图 示例数据 58468.41 ㎡ $5 & 亩" in reader.pages[0].extract_text()
    assert reader.metadata is not None
    assert reader.metadata.title == "宗地图 示例"
    assert path.stat().st_size < 100_000


def test_a_long_name_is_made_to_fit_its_room(tmp_path: Path) -> None:
    page = Page("A4")
    page.fitted_text(30.0, 100.0, "示例企业" * 40, room=50.0, size=3.0)
    text = written_page(tmp_path / "fit.pdf", page).pages[0].extract_text().strip()
    assert text.endswith("…")
    assert text_width(text, 1.6) <= 50.0


@pytest.mark.parametrize(
    ("ground", "expected"),
    [((100.0, 100.0), 1000), ((136.0, 10.0), 1000), ((136.1, 10.0), 1500), ((9_000_000.0, 1.0), 50000)],
)
def test_the_largest_standard_scale_that_fits_is_taken(ground: tuple[float, float], expected: int) -> None:
    """Frame 170 × 150 mm, 80 % of it: 136 × 120 mm; at 1:1000 that is 136 × 120 m of ground."""
    assert standard_scale(*ground, (170.0, 150.0), 0.8) == expected


def test_a_page_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "old.pdf"
    target.write_bytes(b"old")
    page = Page("A4")
    page.figure.text(0.5, 0.5, "$\\unknown$")  # a formula matplotlib cannot draw
    with pytest.raises(ValueError, match="unknown"):
        write_pdf([page], target, title="x")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
