"""A new project: Ankang by name, any other city from its data."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gis.errors import ParkLineError
from layers.new_project import UnitSource, new_project
from layers.policy import default_policy_path
from layers.similar_numbers import similar


def unit_file(path: Path, west: float = 108.9, south: float = 34.2, crs: int | None = 4490) -> Path:
    """Two units of a hundredth of a degree, side by side."""
    shapes = [shapely.box(west + 0.01 * n, south, west + 0.01 * n + 0.01, south + 0.01) for n in range(2)]
    frame = gpd.GeoDataFrame({"code": ["A", "B"], "name": ["甲区", "乙区"]}, geometry=shapes, crs=4490)
    if crs is None:
        frame = frame.set_crs(None, allow_override=True)
    elif crs != 4490:
        frame = frame.to_crs(crs)
    pyogrio.write_dataframe(frame, path)
    return path


def other_policy(path: Path) -> Path:
    text = default_policy_path().read_text("utf-8").replace('city = "610900"', 'city = "330100"')
    path.write_text(text, encoding="utf-8")
    return path


def test_ankang_knows_its_twelve_units_before_an_outline_is_there(tmp_path: Path) -> None:
    with new_project(tmp_path / "a.gpkg").project as project:
        tree = project.units()
        assert project.epsg == 4545
        assert len(tree) == 12
        assert tree.resolve("旬阳县") == "610981"
        assert tree.ancestors("610902-GX") == ("610902",)


def test_another_citys_policy_brings_no_unit_of_ankang(tmp_path: Path) -> None:
    policy = other_policy(tmp_path / "p.toml")
    with pytest.raises(ParkLineError, match="无法选定项目平面"):
        new_project(tmp_path / "a.gpkg", policy=policy)
    assert not (tmp_path / "a.gpkg").exists()
    with new_project(tmp_path / "a.gpkg", policy=policy, epsg=4549).project as project:
        assert (len(project.units()), project.epsg, project.policy.city) == (0, 4549, "330100")


@pytest.mark.parametrize(
    ("west", "south", "plane"),
    [
        (108.9, 34.2, 4545),
        (120.1, 30.2, 4549),
        (121.6, 31.2, 4550),
        (-81.9, 35.3, 32617),
        (151.2, -33.9, 32756),
    ],
)
def test_the_plane_follows_from_the_place(tmp_path: Path, west: float, south: float, plane: int) -> None:
    made = new_project(tmp_path / "a.gpkg", units=UnitSource(unit_file(tmp_path / "u.gpkg", west, south)))
    with made.project as project:
        assert project.epsg == plane
        assert str(plane) in made.plane_reason
        assert project.units().names == ("甲区", "乙区")


def test_units_in_any_system_come_into_a_plane_that_is_given(tmp_path: Path) -> None:
    """Both ways the corner lies at the same place, to a millimetre."""
    corners = []
    for number, crs in enumerate((4490, 3857)):
        file = unit_file(tmp_path / f"u{number}.gpkg", crs=crs)
        with new_project(tmp_path / f"{number}.gpkg", units=UnitSource(file), epsg=4545).project as project:
            corners.append(project.read("unit").total_bounds)
    assert corners[0] == pytest.approx(corners[1], abs=1e-3)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_unit_file_that_says_no_system_is_recognised_by_its_coordinates_or_asked_about(
    tmp_path: Path,
) -> None:
    file = unit_file(tmp_path / "u.shp", crs=None)
    with new_project(tmp_path / "a.gpkg", units=UnitSource(file)).project as project:
        assert project.read("unit")["source_crs"].unique().tolist() == ["EPSG:4490"]
    plane = gpd.GeoDataFrame(
        {"code": ["A"], "name": ["甲"]}, geometry=[shapely.box(5e5, 36e5, 5.1e5, 36.1e5)]
    )
    pyogrio.write_dataframe(plane, tmp_path / "v.shp")
    with pytest.raises(ParkLineError, match="坐标系未知") as asked:
        new_project(tmp_path / "b.gpkg", units=UnitSource(tmp_path / "v.shp"))
    assert "--units-crs" in asked.value.hint
    made = new_project(tmp_path / "b.gpkg", units=UnitSource(tmp_path / "v.shp", epsg=4545))
    with made.project as project:
        assert project.epsg == 4545


def test_a_table_of_codes_in_gbk_is_read(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("code,name,class\nGY,工业,industrial\n", encoding="gbk")
    made = new_project(tmp_path / "a.gpkg", codes=tmp_path / "c.csv")
    with made.project as project:
        assert made.codes == 1
        assert project.codes.title("custom", "GY") == "工业"


@pytest.mark.parametrize(
    ("text", "message"), [("code,name\n1,a\n", "缺少列"), ("code,name,class\n1,a,factory\n", "factory")]
)
def test_a_faulty_table_of_codes_leaves_no_file(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(ParkLineError, match=message):
        new_project(tmp_path / "a.gpkg", codes=tmp_path / "c.csv")
    assert not (tmp_path / "a.gpkg").exists()


def test_units_without_a_usable_row_leave_no_file(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(
        {"code": ["A"], "name": ["甲"]}, geometry=[shapely.Point(108.9, 34.2)], crs=4490
    )
    pyogrio.write_dataframe(points, tmp_path / "u.gpkg")
    with pytest.raises(ParkLineError, match="没有一行可用"):
        new_project(tmp_path / "a.gpkg", units=UnitSource(tmp_path / "u.gpkg"))
    assert not (tmp_path / "a.gpkg").exists()


@pytest.mark.parametrize("epsg", [2264, 4326, 3857, 99_999])
def test_a_plane_in_which_no_area_can_be_computed_is_refused(tmp_path: Path, epsg: int) -> None:
    with pytest.raises(ParkLineError, match=str(epsg)):
        new_project(tmp_path / "a.gpkg", epsg=epsg)
    assert not (tmp_path / "a.gpkg").exists()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("HB-394", "HB-000394"),
        ("hb000394", "HB-000394"),
        ("ＨＢ－０００３９４", "HB-000394"),
        ("394", "HB-000394"),
        ("HB-000349", "HB-000394"),
    ],
)
def test_a_number_mistyped_finds_the_one_meant(wanted: str, found: str) -> None:
    numbers = [f"HB-{number:06d}" for number in range(390, 396)] + ["XY-000001"]
    assert found in similar(wanted, numbers)


def test_a_number_like_none_finds_none() -> None:
    assert similar("???", ["HB-000394"]) == []
    assert similar("QQQQQQ", ["HB-000394"]) == []
    assert similar("HB-1", []) == []
