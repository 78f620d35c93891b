"""A city that is not Ankang: the zoning of Forest City, North Carolina, through new, import, check, compare.

Units are the town and its outskirts by zone, given in degrees; the districts stand in US survey feet
(EPSG:2264); the second date is the zoning text of the tax parcels, in degrees. Every figure is worked out a second time
by geopandas.overlay in the plane of the state (metres), with areas from pyproj.Geod.
"""

from __future__ import annotations

import csv
import warnings
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from layers.project import Project
from tests.acceptance.command import run

# Zoning text (or its beginning) and district → normalised class. NONE is no zoning: such rows are refused.
CLASSES = {
    "MANUFACTURING": "industrial",
    "ETJ - MANUFACTORING": "industrial",
    "RESIDENTIAL*": "residential",
    "ETJ - RESIDENTIAL*": "residential",
    "HIGHWAY COMMERCIAL": "commercial",
    "ETJ - HIGHWAY COMMERCIAL": "commercial",
    "GENERAL COMMERCIAL": "commercial",
    "COMMERCIAL GENERAL": "commercial",
    "DOWNTOWN COMMERCIAL": "commercial",
    "OFFICE AND INSTITUTIONAL": "public_service",
    "PLANNED REUSE*": "other",
    "NONE*": "other",
    "M-1": "industrial",
    "C-1": "commercial",
    "C-2": "commercial",
    "C-3": "commercial",
    "OI": "public_service",
    "PRD": "residential",
    "R-6": "residential",
    "R-8": "residential",
    "R-15": "residential",
    "R-20": "residential",
}
STATE_PLANE = 32119  # NAD83 / North Carolina, metres: no plane that the program uses
GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class City:
    """The project, the folder it lies in, and the data it was made from."""

    folder: Path
    project: Path
    data: Path


@pytest.fixture(scope="module")
def city(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> City:
    data = shared_data / "zoning_forest_city_nc"
    folder = tmp_path_factory.mktemp("stranger") / "Forest City 城"
    folder.mkdir()
    with (folder / "codes.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["code", "name", "class"])
        writer.writerows([code, code.rstrip("*").title(), use] for code, use in CLASSES.items())
    districts = districts_of(data)
    lines = districts[districts["BASE_DISTR"] == "M-1"].reset_index(drop=True)
    lines["code"] = [f"M-1-{number:02d}" for number in range(1, len(lines) + 1)]
    pyogrio.write_dataframe(lines[["code", "geometry"]], folder / "block lines.geojson")
    made = run(
        "new", "fc.gpkg", "--name", "Forest City", "--units", data / "zoning_etj_2019.geojson", "--unit-code", "Zoning",
        "--unit-name", "Zoning", "--codes", "codes.csv", "--json", cwd=folder,
    ).json("new")  # fmt: skip
    assert made["project"]["epsg"] == 32617  # 81.9° W lies in UTM zone 17
    assert (len(made["units"]), made["import_report"]["taken"], made["land_use_codes"]) == (
        7,
        7,
        len(CLASSES),
    )
    return City(folder, folder / "fc.gpkg", data)


@pytest.fixture(scope="module")
def filled(city: City) -> City:
    """Two snapshots and the block lines, with the counts of what was taken and refused."""
    told = imported(city, "land_use", city.data / "zoning_2020_epsg2264.geojson", "zoning", "2020-01-01")
    districts = districts_of(city.data)
    assert told["plan"]["crs"] == "EPSG:2264"
    assert told["report"]["taken"] == int(districts["BASE_DISTR"].notna().sum()) == 388
    assert len(told["report"]["refused"]) == int(districts["BASE_DISTR"].isna().sum()) == 220
    told = imported(city, "land_use", city.data / "parcels_2020.gpkg", "parcels", "2020-12-31")
    parcels = pyogrio.read_dataframe(city.data / "parcels_2020.gpkg")
    usable = parcels["Zoning"].ne("NONE") & ~parcels.geometry.isna() & ~parcels.geometry.is_empty
    assert told["plan"]["scheme"] == "custom"
    assert told["report"]["taken"] == int(usable.sum())
    assert len(told["report"]["refused"]) == int((~usable).sum())
    assert len(told["report"]["repairs"]) == int((usable & ~parcels.geometry.is_valid).sum()) == 2
    answer = run(
        "import",
        city.project,
        "block_line",
        "block lines.geojson",
        "--date",
        "2019-01-01",
        "--json",
        cwd=city.folder,
    )
    assert answer.json("import")["report"]["taken"] == 36
    return city


def imported(city: City, layer: str, file: Path, snapshot: str, date: str) -> Any:
    return run(
        "import", city.project, layer, file, "--snapshot", snapshot, "--date", date, "--json", cwd=city.folder
    ).json("import")  # fmt: skip


def districts_of(data: Path) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(data / "zoning_2020_epsg2264.geojson")


def use_of(text: str) -> str:
    """Class of a zoning text by another way than the program's: words."""
    if "," in text:
        return "mixed"
    for word, use in (("MANUFACT", "industrial"), ("RESID", "residential"), ("COMMERC", "commercial")):
        if word in text:
            return use
    return "public_service" if "OFFICE" in text else "other"


def geod_areas(frame: gpd.GeoDataFrame) -> list[float]:
    """Square metres on the ellipsoid: rings with edges of 20 m, taken to degrees, measured by Geod.

    Rings and not polygons are densified: GEOS mends a densified polygon by buffer(0), which may lose a part.
    """
    parts, rows = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    shells, holes = shapely.get_exterior_ring(parts), [shapely.get_rings(part)[1:] for part in parts]
    areas = [
        ring_area(shell, frame.crs) - sum(ring_area(hole, frame.crs) for hole in inner)
        for shell, inner in zip(shells, holes, strict=True)
    ]
    return np.bincount(rows, areas, minlength=len(frame)).tolist()


def ring_area(ring: shapely.LinearRing, crs: pyproj.CRS) -> float:
    points = shapely.get_coordinates(shapely.segmentize(ring, 20.0))
    degrees = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(*points.T)
    return abs(GEOD.polygon_area_perimeter(*degrees)[0])


@pytest.fixture(scope="module")
def overlaid(filled: City) -> Mapping[str, float]:
    """m² of M-1 land by what the parcels say of it; ``uncovered`` where no parcel lies."""
    districts = districts_of(filled.data).to_crs(STATE_PLANE)
    manufacturing = districts.loc[districts["BASE_DISTR"] == "M-1", ["geometry"]].reset_index(drop=True)
    parcels = pyogrio.read_dataframe(filled.data / "parcels_2020.gpkg").to_crs(STATE_PLANE)
    parcels = parcels[parcels["Zoning"].ne("NONE") & ~parcels.geometry.isna() & ~parcels.geometry.is_empty]
    parcels = parcels.assign(use=parcels["Zoning"].map(use_of), geometry=parcels.geometry.make_valid())
    sums: dict[str, float] = defaultdict(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # lines where outlines touch are dropped
        pieces = gpd.overlay(manufacturing, parcels[["use", "geometry"]], how="intersection")
        rest = gpd.overlay(manufacturing, parcels[["geometry"]], how="difference")
    for use, area in zip(pieces["use"], geod_areas(pieces), strict=True):
        sums[use] += area
    sums["uncovered"] = sum(geod_areas(rest))
    return sums


def test_the_check_judges_a_strangers_land(filled: City, overlaid: Mapping[str, float]) -> None:
    """What falls short is M-1 land that the parcels call residential or commercial, slivers set apart.

    In R-20 ETJ these are two strips along its border with M-1 ETJ, 0.57 m and 0.78 m wide.
    """
    answer = run(
        "check",
        filled.project,
        "--as-of",
        "2020-12-31",
        "--only",
        "rezoning",
        "--json",
        cwd=filled.folder,
        code=1,
    )
    (check,) = answer.json("check")["checks"]
    figures = check["city"]["figures"]
    pieces = check["evidence"]
    slivers = sum(piece["area"] for piece in pieces if piece["sliver"])
    assert figures["slivers"] == pytest.approx(slivers)
    violation = sum(piece["area"] for piece in pieces if piece["severity"] == "violation")
    assert violation == pytest.approx(overlaid["residential"] + overlaid["commercial"], rel=1e-6)
    assert figures["violation"] == pytest.approx(violation - sum(
        piece["area"] for piece in pieces if piece["severity"] == "violation" and piece["sliver"]
    ))  # fmt: skip
    assert {unit["name"] for unit in check["units"] if unit["verdict"] == "short"} == {
        "M-1 ETJ",
        "R-20 ETJ",
        "Town Limits",
    }


def test_compare_finds_the_land_that_another_program_finds(
    filled: City, overlaid: Mapping[str, float]
) -> None:
    told = run(
        "compare", filled.project, "zoning", "parcels", "--json", "--out", "pieces.gpkg", cwd=filled.folder
    ).json("compare")  # fmt: skip
    sums: dict[str, float] = defaultdict(float)
    for piece in told["pieces"]:
        sums[piece["after_class"]] += piece["area"]
        assert (piece["before_code"], piece["way"]) == ("M-1", "code")
        assert piece["line"].startswith("M-1-")
    assert set(sums) == {"residential", "commercial", "uncovered"}
    for use, area in sums.items():
        assert area == pytest.approx(overlaid[use], rel=1e-6), use
    written = pyogrio.read_dataframe(filled.folder / "pieces.gpkg", layer="rezoned_pieces")
    assert written.geometry.geom_type.unique().tolist() == ["MultiPolygon"]
    assert len(written) == len(told["pieces"])
    assert sum(geod_areas(written)) == pytest.approx(sum(sums.values()), rel=1e-9)


def test_nothing_is_lost_between_the_classes(filled: City, overlaid: Mapping[str, float]) -> None:
    """What stayed industrial, what changed and what is uncovered make up all M-1 land."""
    with Project.open(filled.project) as project:
        land = project.read("land_use")
        areas = land.loc[land["code"] == "M-1", "area_ellipsoid"]
    assert sum(overlaid.values()) == pytest.approx(float(areas.sum()), rel=1e-6)


def test_feet_and_degrees_land_in_the_same_place(filled: City) -> None:
    """Each district's corner, computed by pyproj alone from feet to UTM, lies within a millimetre."""
    districts = districts_of(filled.data)
    districts = districts[districts["BASE_DISTR"].notna()].to_crs(32617)
    with Project.open(filled.project) as project:
        stored = project.read("land_use")
    stored = stored[stored["snapshot"] == "zoning"]
    assert (stored["source_crs"] == "EPSG:2264").all()
    apart = shapely.hausdorff_distance(stored.geometry.to_numpy(), districts.geometry.to_numpy())
    assert np.max(apart) < 0.001


def test_a_code_that_the_table_lacks_is_named(city: City) -> None:
    """A land-use text of Kenton County is in no row of the table: the question says which, and asks."""
    file = city.folder / "strange.geojson"
    frame = gpd.GeoDataFrame(
        {"zoning": ["M-1", "HEAVY DUTY"]}, geometry=[shapely.box(-81.9, 35.3, -81.89, 35.31)] * 2, crs=4326
    )
    pyogrio.write_dataframe(frame, file)
    arguments = (
        "import",
        city.project,
        "land_use",
        file.name,
        "--snapshot",
        "x",
        "--date",
        "2021-01-01",
        "--dry-run",
        "--json",
    )
    answer = run(*arguments, cwd=city.folder, code=3)
    assert "HEAVYDUTY" in answer.err
    told = run(*arguments, "--map", "scheme==custom", cwd=city.folder).json("import")
    assert [row["row"] for row in told["report"]["refused"]] == [2]


def test_a_plane_in_feet_is_refused_with_one_that_will_do(city: City) -> None:
    answer = run(
        "new", "feet.gpkg", "--units", city.data / "zoning_etj_2019.geojson", "--unit-code", "Zoning", "--unit-name",
        "Zoning", "--crs", "EPSG:2264", cwd=city.folder, code=3,
    )  # fmt: skip
    assert "32617" in answer.err
    assert not (city.folder / "feet.gpkg").exists()
