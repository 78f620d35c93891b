"""Parcel maps of real shapes: surveyed points from a TXT file, and the crookedest parcels of a town."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pypdf import PdfReader
from shapely import Polygon

from gis.crs import to_plane
from layers.project import Project
from layers.sheets.parcel_map import compose
from tests.layers.sheets.pdf_page import POINT, words_on


def surveyed(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Outer rings of a 界址点 file as written: parcel number → (X north, Y east) in the file's own digits."""
    rings: dict[str, list[tuple[str, str]]] = {}
    number = ""
    for line in path.read_bytes().decode("gb18030").splitlines():
        fields = line.split(",")
        if line.endswith("@"):
            number = fields[2]
        elif number and line.startswith("J") and fields[1] == "1":
            rings.setdefault(number, []).append((fields[2], fields[3]))
    return rings


def test_surveyed_points_stand_on_the_page_with_the_digits_of_the_survey(
    shared_data: Path, tmp_path: Path
) -> None:
    """Zone 36 with prefix goes into a plane without; on paper it is the file's own figure again, to the last digit."""
    rings = surveyed(shared_data / "messy" / "txt" / "derived_jzd_gbk_zone36.txt")
    chosen = list(rings)[:4]
    shapes = [Polygon([(float(east), float(north)) for north, east in rings[number]]) for number in chosen]
    frame = gpd.GeoDataFrame(
        {"parcel_no": chosen, "source_crs": ["EPSG:4524"] * len(chosen)},
        geometry=to_plane(np.array(shapes, dtype=object), 4524, 4545),
        crs=4545,
    )
    with Project.create(tmp_path / "勘测.gpkg", epsg=4545, name="某市") as project:
        with project.transaction("测试", kind="import") as transaction:
            transaction.insert("parcel", frame)
        for number in chosen:
            path = compose(project, number).write_pdf(tmp_path / f"{number}.pdf")
            text = "\n".join(page.extract_text() for page in PdfReader(path).pages)
            for north, east in rings[number]:
                assert north in text
                assert east in text


@pytest.mark.parametrize("place", [0, 5, 200, 2000])
def test_nothing_overlaps_on_the_maps_of_a_real_town(shared_data: Path, tmp_path: Path, place: int) -> None:
    """The n-th most crooked parcel of Forest City among its neighbours, in UTM: words, edge of the sheet, all points."""
    town = gpd.read_file(shared_data / "zoning_forest_city_nc" / "parcels_2020.gpkg").to_crs(32617)
    town = town[~town.geometry.isna() & ~town.geometry.is_empty & town.geometry.is_valid]
    shapes = town.geometry.to_numpy()
    corners = shapely.get_num_coordinates(shapes)
    order = np.argsort(-corners, kind="stable")
    wanted = shapes[order[place]]
    near = shapely.dwithin(shapes, wanted, 400.0)
    numbers = [f"FC-{i}" for i in np.flatnonzero(near)]
    frame = gpd.GeoDataFrame({"parcel_no": numbers}, geometry=shapes[near], crs=32617)
    with Project.create(tmp_path / "town.gpkg", epsg=32617, name="Forest City") as project:
        with project.transaction("测试", kind="import") as transaction:
            transaction.insert("parcel", frame)
        composed = compose(project, f"FC-{order[place]}")
    reader = PdfReader(composed.write_pdf(tmp_path / "map.pdf"))
    for page in reader.pages:
        found = words_on(page)
        inked = np.array([word.shape.buffer(-0.03) for word in found], dtype=object)
        left, right = shapely.STRtree(inked).query(inked, predicate="intersects")
        assert {(found[i].text, found[j].text) for i, j in zip(left, right, strict=True) if i < j} == set()
        width, height = float(page.mediabox.width) * POINT, float(page.mediabox.height) * POINT
        sheet = shapely.box(19.9, 14.0, width - 19.9, height - 19.9)
        assert [word.text for word in found if not sheet.covers(word.shape)] == []
    last = f"J{len(composed.sheet.points.number)}"
    assert any(last in page.extract_text() for page in reader.pages)
