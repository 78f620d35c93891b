"""The printed parcel map, read back from the PDF that a clerk would print.

The parcel is V1 with its hole of the domain reference §9.3: plane 58 468.4062 m², ellipsoidal 58 454.9165 m²
(pyproj.Geod on edges densified to 10 m) = 5.8455 公顷 = 87.68 亩; edges 300.05, 205.36, 282.79, 204.52 m.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import shapely
from pypdf import PdfReader
from shapely import MultiPolygon, Polygon

from gis.errors import ParkLineError
from gis.text import set_language
from layers.sheets.parcel_map import ParcelMap, compose_sheet
from tests.layers.sheets.pdf_page import POINT, PdfWord, stroked_lengths, words_on
from tests.layers.sheets.sheets import HOLE, V1, alone, comb, ring_of, sheet_of, zigzag

WATERMARK = re.compile("不得用于|not for registration")
LONG_NAME = (
    "安康市示例高新技术产业开发区标准化厂房建设投资发展（集团）有限责任公司秦巴山区富硒食品产业园分公司"
)


def read_back(composed: ParcelMap, path: Path) -> PdfReader:
    return PdfReader(composed.write_pdf(path))


def words(reader: PdfReader, page: int = 0) -> list[PdfWord]:
    return [
        word for word in words_on(reader.pages[page]) if not WATERMARK.search(word.text) or word.size < 5.0
    ]


def boundary_lengths(reader: PdfReader) -> list[float]:
    """Lengths in mm of what is stroked in the red of the boundary with a line of 0.3 mm."""
    return stroked_lengths(reader.pages[0], (0xD0 / 255.0, 0.0, 0.0), 0.3)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PdfReader]:
    path = tmp_path_factory.mktemp("宗地 图") / "地块 一.pdf"
    compose_sheet(sheet_of(Polygon(V1, [HOLE])), scale=2000).write_pdf(path)
    return path, PdfReader(path)


@pytest.mark.parametrize(("paper", "size"), [("A4", (210.0, 297.0)), ("A3", (297.0, 420.0))])
@pytest.mark.parametrize("landscape", [False, True])
def test_every_page_has_the_size_of_the_sheet_and_the_file_is_small(
    tmp_path: Path, paper: str, size: tuple[float, float], landscape: bool
) -> None:
    path = tmp_path / "page.pdf"
    reader = read_back(compose_sheet(alone(ring_of(40)), paper=paper, landscape=landscape), path)
    assert len(reader.pages) > 1
    for page in reader.pages:
        measured = float(page.mediabox.width) * POINT, float(page.mediabox.height) * POINT
        assert measured == pytest.approx(size[::-1] if landscape else size, abs=0.01)
    assert path.stat().st_size < 300_000


@pytest.mark.parametrize(
    "text",
    [
        "宗地图", "610902-2024-001", "6109020010010000001", "示例证 0001", "示例企业 1", "I49G080017", "1:2000",
        "示例数据 · 示意界线", "300.05", "205.36", "282.79", "204.52", "J1", "J8", "3618900.000", "36596600.000",
        "58468.41 ㎡ = 5.8468 公顷 = 87.70 亩", "58454.92 ㎡ = 5.8455 公顷 = 87.68 亩", "界址点成果表", "反算边长(m)",
        "示例区块（一级），线内 82.1%", "2024-06-30", "2000国家大地坐标系，3度带，中央子午线 108°（EPSG:4524）",
        "制图者", "审核者", "单位：m·㎡", "钢3", "610902-2024-003", "示例区块 一级", "一级区块线",
    ],
)  # fmt: skip
def test_everything_the_meeting_needs_can_be_read_and_searched(
    reference: tuple[Path, PdfReader], text: str
) -> None:
    assert text in reference[1].pages[0].extract_text()


def test_the_four_sides_name_the_neighbours(reference: tuple[Path, PdfReader]) -> None:
    text = reference[1].pages[0].extract_text()
    for side, name in (("东至", "示例企业 2"), ("北至", "610902-2024-003"), ("南至", "—"), ("西至", "—")):
        assert re.search(rf"{side}\s*{name}", text)


def test_the_table_runs_through_every_ring_and_closes_each_on_its_first_point(
    reference: tuple[Path, PdfReader],
) -> None:
    """X is north, Y east; V1 clockwise from the north-west, then the hole from its own north-west corner."""
    text = reference[1].pages[0].extract_text()
    rows = re.findall(r"(J\d+)\s+(\d{7}\.\d{3})\s+(\d{8}\.\d{3})\s+(?:(\d+\.\d{2})\s+)?(\d)\b", text)
    assert [row[0] for row in rows] == ["J1", "J2", "J3", "J4", "J1", "J5", "J6", "J7", "J8", "J5"]
    assert rows[0] == ("J1", "3618900.000", "36596600.000", "300.05", "1")
    assert rows[4] == ("J1", "3618900.000", "36596600.000", "", "1")
    assert rows[5] == ("J5", "3618820.000", "36596700.000", "40.00", "2")


@pytest.mark.parametrize(("scale", "paper"), [(2000, "A4"), (2500, "A4"), (1500, "A3"), (5000, "A4")])
def test_every_edge_has_its_true_length_on_paper(tmp_path: Path, scale: int, paper: str) -> None:
    """V1 and its hole: 300.0504 m at 1:2000 are 150.025 mm. Read from the red path commands of the page."""
    composed = compose_sheet(sheet_of(Polygon(V1, [HOLE])), scale=scale, paper=paper)
    measured = boundary_lengths(read_back(composed, tmp_path / "scale.pdf"))
    for metres in (300.0504, 205.3610, 282.7858, 204.5198, 40.0, 30.0):
        assert any(length == pytest.approx(metres * 1000.0 / scale, abs=0.01) for length in measured), metres


def test_a_hundred_metres_are_a_hundred_millimetres_at_one_to_a_thousand(tmp_path: Path) -> None:
    square = shapely.box(36596600.0, 3618700.0, 36596700.0, 3618800.0)
    lengths = boundary_lengths(read_back(compose_sheet(alone(square), scale=1000), tmp_path / "hundred.pdf"))
    assert len(lengths) >= 4
    assert sum(length == pytest.approx(100.0, abs=0.01) for length in lengths) == 4


@pytest.mark.parametrize(
    ("landscape", "points", "pages"), [(False, 25, 1), (False, 26, 2), (True, 12, 1), (True, 60, 2)]
)
def test_more_points_than_the_table_holds_go_on_sheets_of_their_own(
    tmp_path: Path, landscape: bool, points: int, pages: int
) -> None:
    """A standing A4 sheet holds 26 rows: 25 points and the closing row."""
    reader = read_back(compose_sheet(alone(ring_of(points)), landscape=landscape), tmp_path / "pages.pdf")
    assert len(reader.pages) == pages
    for page in reader.pages:
        assert "610902-2024-001" in page.extract_text()
    for number, page in enumerate(reader.pages, start=1):
        assert (f"第 {number} 页，共 {pages} 页" in page.extract_text()) == (pages > 1)


def test_every_point_of_a_long_table_stands_in_it_once_and_the_first_twice(tmp_path: Path) -> None:
    for landscape in (False, True):
        composed = compose_sheet(alone(ring_of(118)), landscape=landscape)
        reader = read_back(composed, tmp_path / f"many-{landscape}.pdf")
        texts = [page.extract_text() for page in reader.pages]
        numbers = [int(n) for n in re.findall(r"J(\d+)\s+\d{7}\.\d{3}\s", "\n".join(texts))]
        assert sorted(numbers) == [1, *range(1, 119)]
        assert ["以下空白" in text for text in texts] == [False] * (len(texts) - 1) + [True]


def test_no_mark_of_an_example_stands_on_a_real_map(tmp_path: Path) -> None:
    reader = read_back(compose_sheet(alone(ring_of(30), is_demo=False)), tmp_path / "real.pdf")
    assert all("示例数据" not in page.extract_text() for page in reader.pages)
    reader = read_back(compose_sheet(alone(ring_of(30))), tmp_path / "demo.pdf")
    assert all(
        "示例数据" in page.extract_text() and "示意界线" in page.extract_text() for page in reader.pages
    )


PARCELS = {
    "V1 with a hole": sheet_of(Polygon(V1, [HOLE])),
    "a long name": sheet_of(Polygon(V1), holder=LONG_NAME, location=LONG_NAME * 2, adjoining=(LONG_NAME,) * 4),
    "a curve": alone(ring_of(150)),
    "short edges": alone(comb(16)),
    "a random ring": alone(zigzag(90, 4)),
    "thirty points": alone(zigzag(30, 3)),
    "a sliver": alone(Polygon([(36596600, 3618700), (36596810, 3618762), (36596812, 3618765)])),
    "a strip": alone(Polygon([(36596600, 3618700), (36596860, 3618709), (36596860, 3618715), (36596600, 3618706)])),
    "three parts": alone(
        MultiPolygon(
            [shapely.box(36596600, 3618700, 36596680, 3618760), shapely.box(36596695, 3618705, 36596750, 3618795),
             Polygon([(36596610, 3618780), (36596660, 3618785), (36596655, 3618820)])]
        )
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PARCELS)
@pytest.mark.parametrize(("paper", "landscape", "language"), [("A4", False, "zh_CN"), ("A4", True, "en")])
def test_no_two_words_overlap_and_none_leaves_the_neat_line(
    tmp_path: Path, name: str, paper: str, landscape: bool, language: str
) -> None:
    """Boxes of the ink, from the PDF's text positions and the font file; the watermark lies under them."""
    set_language(language)
    try:
        composed = compose_sheet(PARCELS[name], paper=paper, landscape=landscape)
    finally:
        set_language("zh_CN")
    reader = read_back(composed, tmp_path / "words.pdf")
    for number, page in enumerate(reader.pages):
        found = words(reader, number)
        shapes = np.array([word.shape.buffer(-0.03) for word in found], dtype=object)
        left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        assert {(found[i].text, found[j].text) for i, j in zip(left, right, strict=True) if i < j} == set()
        width, height = float(page.mediabox.width) * POINT, float(page.mediabox.height) * POINT
        # Warnings and page numbers stand under the neat line, the title above it; nothing comes nearer to the edge.
        sheet = shapely.box(19.9, 14.0, width - 19.9, height - 19.9)
        assert [word.text for word in found if not sheet.covers(word.shape)] == []


def test_lengths_stand_parallel_to_their_edges_and_outside_the_parcel(
    reference: tuple[Path, PdfReader],
) -> None:
    """V1 at 1:2000 on a page whose frame is centred on the parcel: edges fall at 1.05°, 268.1°, 180.9°, 92.9°."""
    found = {
        word.text: word
        for word in words(reference[1])
        if re.fullmatch(r"\d{3}\.\d\d", word.text) and word.size < 2.35
    }
    parcel = Polygon(V1)
    on_map = {text: found[text] for text in ("300.05", "205.36", "282.79", "204.52")}
    angles = {text: word.angle for text, word in on_map.items()}
    assert angles == pytest.approx(
        {"300.05": 1.05, "205.36": 88.12, "282.79": 0.91, "204.52": -87.06}, abs=0.02
    )
    middle = np.mean([word.shape.centroid.coords[0] for word in on_map.values()], axis=0)
    for text, word in on_map.items():
        # The four labels stand round the parcel: seen from their middle each lies beyond its edge.
        away = np.array(word.shape.centroid.coords[0]) - middle
        edge = {"300.05": (0, 1), "205.36": (1, 2), "282.79": (2, 3), "204.52": (3, 0)}[text]
        centre = np.mean([V1[edge[0]], V1[edge[1]]], axis=0) - np.array(parcel.centroid.coords[0])
        assert np.dot(away, centre) > 0
        assert np.hypot(*away) * 2.0 > np.hypot(*centre) * 0.95


def test_on_a_curve_the_numbers_thin_out_but_stay_a_sequence_and_the_map_says_so(tmp_path: Path) -> None:
    composed = compose_sheet(alone(ring_of(150)), scale=2500)
    reader = read_back(composed, tmp_path / "curve.pdf")
    numbers = {int(word.text[1:]) for word in words(reader) if re.fullmatch(r"J\d+", word.text)}
    assert {1, *range(10, 151, 10)} <= numbers
    assert len(numbers) < 150
    assert "附页" in reader.pages[0].extract_text()
    assert len(composed.notes) == 1


def test_a_scale_at_which_the_parcel_does_not_fit_is_refused_with_one_that_does() -> None:
    with pytest.raises(ParkLineError) as caught:
        compose_sheet(sheet_of(Polygon(V1)), scale=500)
    suggested = int(re.search(r"1:(\d+)", caught.value.hint).group(1))  # type: ignore[union-attr]
    assert compose_sheet(sheet_of(Polygon(V1)), scale=suggested).scale == suggested
    with pytest.raises(ParkLineError):
        compose_sheet(sheet_of(Polygon(V1)), scale=suggested - 250)


@pytest.mark.parametrize("scale", [0, -500])
def test_a_scale_that_is_none_is_refused(scale: int) -> None:
    with pytest.raises(ParkLineError):
        compose_sheet(sheet_of(Polygon(V1)), scale=scale)


def test_a_paper_that_is_not_there_is_refused() -> None:
    with pytest.raises(ParkLineError, match="A5"):
        compose_sheet(sheet_of(Polygon(V1)), paper="A5")


def test_without_a_scale_the_parcel_fills_the_frame_as_the_rule_says() -> None:
    """300 m wide in a frame 170 mm wide: 80 % are 136 mm, so 1:2500 (120 mm) is the largest that fits."""
    assert compose_sheet(sheet_of(Polygon(V1)), landscape=False).scale == 2500
    assert compose_sheet(sheet_of(Polygon(V1)), paper="A3", landscape=False).scale == 1500


def test_the_sheet_stands_unless_lying_it_shows_the_parcel_larger() -> None:
    """80 % of a standing A4 frame are 136 mm: 270 m are 135 mm at 1:2000; of a lying one across the sheet 205.6 mm,
    which at 1:1500 are 308 m.
    """
    long = compose_sheet(alone(shapely.box(36596600, 3618700, 36596900, 3618720)))
    assert (long.landscape, long.scale) == (True, 1500)
    square = compose_sheet(alone(shapely.box(36596600, 3618700, 36596870, 3618970)))
    assert (square.landscape, square.scale) == (False, 2500)
    standing = compose_sheet(alone(shapely.box(36596600, 3618700, 36596870, 3618720)), landscape=False)
    assert (standing.landscape, standing.scale) == (False, 2000)


def test_a_scale_that_fits_only_a_lying_sheet_turns_the_sheet() -> None:
    """400 m are 200 mm at 1:2000: more than the 170 mm of a standing sheet, less than the 257 mm of a lying one."""
    wide = alone(shapely.box(36596600, 3618700, 36597000, 3618720))
    composed = compose_sheet(wide, scale=2000)
    assert (composed.landscape, composed.scale) == (True, 2000)
    with pytest.raises(ParkLineError):
        compose_sheet(wide, scale=2000, landscape=False)


def test_the_preview_shows_the_page_in_its_proportions() -> None:
    pixels = compose_sheet(sheet_of(Polygon(V1))).image(dpi=60.0)
    assert pixels.shape[0] / pixels.shape[1] == pytest.approx(297 / 210, abs=0.01)
    assert (pixels[..., :3] < 128).any()


def test_composing_the_same_sheet_twice_gives_the_same_page(tmp_path: Path) -> None:
    """Every page is built from nothing: what was printed before leaves no trace."""
    first = compose_sheet(sheet_of(Polygon(V1)))
    first.write_pdf(tmp_path / "1.pdf")
    compose_sheet(alone(ring_of(60)), paper="A3").write_pdf(tmp_path / "other.pdf")
    compose_sheet(sheet_of(Polygon(V1))).write_pdf(tmp_path / "2.pdf")
    pages = [PdfReader(tmp_path / name).pages[0].get_contents() for name in ("1.pdf", "2.pdf")]
    assert pages[0] is not None
    assert pages[1] is not None
    assert pages[0].get_data() == pages[1].get_data()


def test_text_from_outside_is_never_a_formula(tmp_path: Path) -> None:
    composed = compose_sheet(sheet_of(Polygon(V1), holder="$\\frac{1}{2}$ & <b>企业</b>"))
    assert "<b>企业</b>" in read_back(composed, tmp_path / "dollar.pdf").pages[0].extract_text()


def test_a_character_the_font_does_not_have_is_marked_and_said() -> None:
    composed = compose_sheet(sheet_of(Polygon(V1), holder="刘䶮"))
    assert any("䶮" in note for note in composed.notes)
    assert any("刘〓" in word.text for word in composed.pages[0].words)


def test_a_parcel_of_another_country_has_its_own_plane_and_no_sheet_number(tmp_path: Path) -> None:
    composed = compose_sheet(alone(Polygon(V1), sheet_numbers=(), plane="WGS 84 / UTM zone 17N (EPSG:32617)"))
    assert "UTM zone 17N" in read_back(composed, tmp_path / "utm.pdf").pages[0].extract_text()


def test_a_page_that_cannot_be_drawn_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "旧 图.pdf"
    target.write_bytes(b"old")
    composed = compose_sheet(sheet_of(Polygon(V1)))
    composed.pages[0].figure.text(0.5, 0.5, "$\\unknown$")  # a formula matplotlib cannot draw
    with pytest.raises(ValueError, match="unknown"):
        composed.write_pdf(target)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_map_is_written_only_where_a_pdf_may_be(tmp_path: Path) -> None:
    composed = compose_sheet(sheet_of(Polygon(V1)))
    for place in (tmp_path / "图.gpkg", tmp_path / "没有" / "图.pdf", tmp_path):
        with pytest.raises(ParkLineError):
            composed.write_pdf(place)
    assert list(tmp_path.iterdir()) == []
