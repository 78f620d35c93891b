"""Real files as counties and the ministry publish them, through the command line as they are."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from layers.policy import default_policy_path
from layers.project import Project
from tests.acceptance.command import run
from tests.gis.formats.samples import SQUARES, write_shapefile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "县区 数据"
    made.mkdir()
    return made


def counties(folder: Path, *arguments: object) -> Any:
    """The ten counties imported into a new project of Ankang."""
    run("new", "安康.gpkg", cwd=folder)
    return run("import", "安康.gpkg", "unit", *arguments, "--json", cwd=folder).json("import")


@pytest.mark.parametrize("system", [None, "EPSG:4524"])
def test_gbk_outlines_without_prj_and_cpg_land_in_the_right_place(
    shared_data: Path, folder: Path, system: str | None
) -> None:
    """The file says neither encoding nor system; the outlines it was made from lie in degrees beside it.

    A shapefile keeps double coordinates, so the corners agree to a centimetre after the way through zone 36.
    """
    file = shared_data / "messy" / "gbk" / "ankang_counties_gbk_epsg4524.shp"
    assert not file.with_suffix(".prj").exists()
    assert not file.with_suffix(".cpg").exists()
    told = counties(folder, file, *(["--crs", system] if system else []))
    assert (told["plan"]["encoding"], told["plan"]["crs"], told["plan"]["axes_swapped"]) == (
        "gb18030",
        "EPSG:4524",
        False,
    )
    assert (told["report"]["taken"], told["report"]["refused"]) == (10, [])
    with Project.open(folder / "安康.gpkg") as project:
        stored = project.read("unit").sort_values("code")
        assert len(project.units()) == 12  # the two committees are known by name only
        assert (project.epsg, set(stored["source_crs"])) == (4545, {"EPSG:4524"})
    true = pyogrio.read_dataframe(shared_data / "boundaries" / "ankang_counties.geojson")
    true = true.to_crs(4545).sort_values("adcode")
    assert stored["name"].tolist() == true["name"].tolist()
    apart = shapely.hausdorff_distance(stored.geometry.to_numpy(), true.geometry.to_numpy())
    assert np.max(apart) < 0.02
    assert stored["area_ellipsoid"].sum() == pytest.approx(23_512.8e6, rel=1e-4)  # SOURCES: 23,512.8 km²


def test_outlines_that_declare_all_land_in_the_same_place(shared_data: Path, folder: Path) -> None:
    told = counties(folder, shared_data / "messy" / "gbk" / "ankang_counties_gbk_cpg.shp")
    assert (told["plan"]["crs"], told["report"]["taken"]) == ("EPSG:4490", 10)
    with Project.open(folder / "安康.gpkg") as project:
        names = set(project.read("unit")["name"])
    assert {"汉滨区", "旬阳市"} <= names


def test_a_wrong_encoding_given_by_hand_is_shown_as_what_it_makes(shared_data: Path, folder: Path) -> None:
    """The sample is there to be looked at: GBK read as Latin-1 shows no Chinese, and a dry run takes nothing."""
    run("new", "安康.gpkg", cwd=folder)
    file = shared_data / "messy" / "gbk" / "ankang_counties_gbk_cpg.shp"
    good = run("import", "安康.gpkg", "unit", file, "--dry-run", cwd=folder).out
    bad = run(
        "import", "安康.gpkg", "unit", file, "--encoding", "latin-1", "--dry-run", cwd=folder, code=None
    ).out
    assert "汉滨区" in good
    assert "汉滨区" not in bad


def published(shared_data: Path) -> list[dict[str, str]]:
    """The first of the file's two arrays, read without any of the program's code."""
    text = (shared_data / "formats" / "landchina_results_2018.json").read_bytes().decode("gb18030")
    rows: list[dict[str, str]] = json.JSONDecoder().raw_decode(text)[0]
    return rows


def hectares(rows: list[dict[str, str]], *, industrial: bool = False) -> float:
    return sum(float(row["area"]) for row in rows if not industrial or row["use"].strip() == "工业用地")


def quota(folder: Path, project: str, year: int) -> dict[str, float]:
    told = run(
        "check", project, "--only", "industrial_quota", "--year", year, "--as-of", "2026-01-01", "--json",
        cwd=folder, code=None,
    ).json("check")  # fmt: skip
    (check,) = told["checks"]
    return {key: value or 0.0 for key, value in check["city"]["figures"].items()}


def supplied(figures: dict[str, float]) -> float:
    return sum(figures[key] for key in ("transferred", "allocated", "leased", "other_supply"))


def test_the_published_results_go_in_as_they_are_and_give_the_shares_worked_out_independently(
    shared_data: Path, folder: Path
) -> None:
    """203 records, GB18030, a second array behind the first: of 299.594 ha 出让 144.355 ha are industrial.

    That is 48.2 % of what was transferred and 19.6 % of the 736.200 ha of all supply. 190 of the contracts were
    signed in 2018 (48.0 %), 13 on the first days of 2019; a check judges one year. One contract is a supplement,
    which the policy leaves out unless told; with it the two years add up to the published whole.
    """
    text = default_policy_path().read_text("utf-8")
    (folder / "含补充.toml").write_text(
        text.replace("include_supplements = false", "include_supplements = true"), encoding="utf-8"
    )
    run("new", "供地.gpkg", "--policy", "含补充.toml", cwd=folder)
    file = shared_data / "formats" / "landchina_results_2018.json"
    told = run("import", "供地.gpkg", "transfer", file, "--json", cwd=folder).json("import")
    assert (told["plan"]["encoding"], told["report"]["taken"], told["report"]["refused"]) == (
        "gb18030",
        203,
        [],
    )
    rows = published(shared_data)
    sold = [row for row in rows if "出让" in row["supply"]]
    assert len(rows) == 203
    figures = {year: quota(folder, "供地.gpkg", year) for year in (2018, 2019)}
    for year, found in figures.items():
        of_year = [row for row in rows if row["date4sign"].startswith(str(year))]
        sold_in_year = [row for row in sold if row["date4sign"].startswith(str(year))]
        assert found["contracts"] == len(sold_in_year)
        assert found["transferred"] == pytest.approx(hectares(sold_in_year), abs=1e-9)
        assert found["industrial"] == pytest.approx(hectares(sold_in_year, industrial=True), abs=1e-9)
        assert supplied(found) == pytest.approx(hectares(of_year), abs=1e-9)
    industrial = sum(found["industrial"] for found in figures.values())
    assert round(100 * industrial / sum(found["transferred"] for found in figures.values()), 1) == 48.2
    assert round(100 * industrial / sum(map(supplied, figures.values())), 1) == 19.6
    assert round(figures[2018]["share"], 1) == 48.0


def test_a_supplement_is_left_out_unless_the_policy_says_otherwise(shared_data: Path, folder: Path) -> None:
    """4514002016B00269-1 is 9.999373 ha; without it 2019 has 10.206513 ha, of which 10.148951 ha industrial."""
    run("new", "供地.gpkg", cwd=folder)
    run(
        "import", "供地.gpkg", "transfer", shared_data / "formats" / "landchina_results_2018.json", cwd=folder
    )
    figures = quota(folder, "供地.gpkg", 2019)
    assert figures["transferred"] == pytest.approx(20.205886 - 9.999373, abs=1e-9)
    assert figures["industrial"] == pytest.approx(10.148951, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "rows", "refused"),
    [("landchina_2007-01_industrial", 60, []), ("landchina_2007-0102_mixed_uses", 135, [2, 37])],
)
def test_published_tables_with_sentinels_and_mixed_uses_go_in(
    shared_data: Path, folder: Path, name: str, rows: int, refused: list[int]
) -> None:
    """Nah and 1901年01月02日 stand for nothing; two rows have no use at all and are sent back."""
    file = shared_data / "land_transfer" / f"{name}.csv"
    run("new", "供地.gpkg", cwd=folder)
    report = run("import", "供地.gpkg", "transfer", file, "--json", cwd=folder).json("import")["report"]
    assert (report["rows"], report["taken"]) == (rows, rows - len(refused))
    assert [item["row"] for item in report["refused"]] == refused
    with file.open(encoding="utf-8-sig", newline="") as stream:
        source = [row for row in csv.DictReader(stream) if row["土地用途"].strip() not in {"", "Nah"}]
    with Project.open(folder / "供地.gpkg") as project:
        stored = project.read("transfer", geometry=False)
    assert stored["area"].sum() == pytest.approx(
        1e4 * sum(float(row["面积(公顷)"]) for row in source), rel=1e-12
    )
    assert not stored.astype(object).isin(["Nah"]).any().any()
    dates = stored.select_dtypes("datetime")
    assert dates.min().min().year > 1901


def test_a_zipped_shapefile_with_a_cut_field_name_goes_in_by_the_command_line(folder: Path) -> None:
    """UTF-8 leaves three characters and a third of one of 土地用途名称 in the ten bytes of a field name."""
    made = folder / "made"
    made.mkdir()
    rows = [[b"N-1", "工业用地".encode()], [b"N-2", "居住用地".encode()]]
    names = [b"NO", "土地用途名称".encode()[:10]]
    path = write_shapefile(made, rows, names, cpg="UTF-8", stem="地块")
    gpd.GeoDataFrame({"n": [1, 2]}, geometry=SQUARES[:2], crs=4545).to_file(made / "shapes.shp")
    for suffix in (".shp", ".shx", ".prj"):
        (made / f"shapes{suffix}").replace(path.with_suffix(suffix))
    with zipfile.ZipFile(folder / "上报.zip", "w") as archive:
        for part in made.glob("地块.*"):
            archive.write(part, f"汉滨区/{part.name}")
        archive.write(path, "汉滨区/旧/另一层.shp")
    run("new", "安康.gpkg", cwd=folder)
    told = run(
        "import", "安康.gpkg", "parcel", folder / "上报.zip", "--source-layer", "地块", "--map", "parcel_no=NO",
        "--map", "land_use_name=土地用", "--map", "land_use_scheme==guide2023", "--json", cwd=folder,
    ).json("import")  # fmt: skip
    assert (told["plan"]["source_layer"], told["report"]["taken"]) == ("地块", 2)
    with Project.open(folder / "安康.gpkg") as project:
        stored = project.read("parcel").sort_values("parcel_no")
    assert stored["land_use_name"].tolist() == ["工业用地", "居住用地"]
    assert set(stored["source"]) == {"上报.zip#地块"}
