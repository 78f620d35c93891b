"""Pages are exact on paper: measured in the written PDF, not in our own figures."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader

from gis.draw.page import MapFrame, Page, write_pdf
from gis.draw.paper import standard_scale

POINT = 25.4 / 72.0


def written_page(path: Path, page: Page) -> PdfReader:
    write_pdf([page], path, title="宗地图 示例")
    return PdfReader(path)


@pytest.mark.parametrize(
    ("paper", "landscape", "size"),
    [
        ("A4", False, (210.0, 297.0)), ("A4", True, (297.0, 210.0)),
        ("A3", False, (297.0, 420.0)), ("A3", True, (420.0, 297.0)),
    ],
)  # fmt: skip
def test_the_written_sheet_has_the_size_of_the_paper(
    tmp_path: Path, paper: str, landscape: bool, size: tuple[float, float]
) -> None:
    box = written_page(tmp_path / "页 面.pdf", Page(paper, landscape=landscape)).pages[0].mediabox
    assert float(box.width) * POINT == pytest.approx(size[0], abs=0.01)
    assert float(box.height) * POINT == pytest.approx(size[1], abs=0.01)


@pytest.mark.parametrize("scale", [200, 500, 1000, 2000, 2500])
def test_a_hundred_metres_have_their_length_on_paper(tmp_path: Path, scale: int) -> None:
    """100 m at 1:n are 100 000/n mm; the line is read back from the drawing commands of the PDF."""
    page = Page("A3")
    frame = MapFrame(20.0, 20.0, 250.0, 380.0, (500000.0, 3600000.0), scale)
    half = 5.0 if scale == 200 else 50.0
    ground = np.array([[500000.0 - half, 3600000.0], [500000.0 + half, 3600000.0]])
    page.lines([frame.points(ground)], 0.3)
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


@pytest.mark.parametrize("text", ["office fi fl ffi tt ti", "AVAT To 1.250", "示例（一）·①㎡℃Ⅱ²"])
def test_text_comes_back_as_it_was_written(tmp_path: Path, text: str) -> None:
    page = Page("A4")
    page.text(30.0, 200.0, text)
    assert written_page(tmp_path / "back.pdf", page).pages[0].extract_text().strip() == text


def test_every_font_of_the_file_is_an_embedded_subset_with_a_table_of_its_characters(tmp_path: Path) -> None:
    page = Page("A4")
    page.text(30.0, 200.0, "宗地图 J1 58468.41 ㎡")
    reader = written_page(tmp_path / "font.pdf", page)
    fonts = reader.pages[0]["/Resources"]["/Font"].get_object()  # type: ignore[index]
    assert len(fonts) > 0
    for reference in fonts.values():
        outer = reference.get_object()
        inner = outer["/DescendantFonts"][0].get_object()
        assert re.match(r"/[A-Z]{6}\+", str(outer["/BaseFont"]))
        assert "/ToUnicode" in outer
        assert "/FontFile2" in inner["/FontDescriptor"].get_object()


def test_every_vertex_of_a_long_line_is_on_the_paper(tmp_path: Path) -> None:
    """Matplotlib thins out lines of more than 128 points whose bends are small; boundary points must stay."""
    xs = np.linspace(20.0, 180.0, 300)
    page = Page("A4")
    page.lines([np.column_stack([xs, 100.0 + 0.01 * (np.arange(300) % 2)])], 0.3)
    content = written_page(tmp_path / "line.pdf", page).pages[0].get_contents()
    assert content is not None
    assert len(re.findall(rb"[\d.]+ [\d.]+ l\s", content.get_data())) >= 299


def test_the_preview_shows_the_words_where_the_pdf_has_them(tmp_path: Path) -> None:
    """A word of the page is dark in the picture inside the box that the PDF's own text position gives."""
    page = Page("A4")
    page.text(100.0, 150.0, "宗地图", 10.0, ha="center")
    dark = np.argwhere(page.image(100.0)[..., 0] < 128) * 25.4 / 100.0  # mm from the upper left corner
    places: list[tuple[float, float]] = []
    written_page(tmp_path / "place.pdf", page).pages[0].extract_text(
        visitor_text=lambda text, cm, *_: (
            places.append((cm[4] * POINT, cm[5] * POINT)) if text.strip() else None
        )
    )
    left, baseline = places[0]
    assert dark[:, 1].min() == pytest.approx(left, abs=1.5)
    assert dark[:, 1].max() == pytest.approx(left + 30.0, abs=1.5)
    assert 297.0 - dark[:, 0].max() == pytest.approx(baseline, abs=2.0)


def test_the_preview_leaves_the_page_as_it_will_be_printed(tmp_path: Path) -> None:
    page = Page("A4")
    page.text(30.0, 100.0, "示例")
    page.lines([np.array([[20.0, 20.0], [100.0, 20.0]])])
    before = written_page(tmp_path / "before.pdf", page).pages[0].get_contents()
    page.image(213.0)
    after = written_page(tmp_path / "after.pdf", page).pages[0].get_contents()
    assert before is not None
    assert after is not None
    assert before.get_data() == after.get_data()


@pytest.mark.parametrize(
    ("ground", "expected"),
    [((100.0, 100.0), 1000), ((136.0, 10.0), 1000), ((136.1, 10.0), 1500), ((9_000_000.0, 1.0), 50000)],
)
def test_the_largest_standard_scale_that_fits_is_taken(ground: tuple[float, float], expected: int) -> None:
    """Frame 170 × 150 mm, 80 % of it: 136 × 120 mm; at 1:1000 that is 136 × 120 m of ground."""
    assert standard_scale(*ground, (170.0, 150.0), 0.8) == expected
