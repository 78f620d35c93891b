"""Nothing from outside runs, grows without end, writes beside itself or gets out of its folder."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis.errors import ParkLineError
from gis.formats import inspect, read
from tests.gis.formats.samples import SQUARES, frame

NAMES = [
    "地块#1", "a?b", "50%", "a!b", "x'; DROP TABLE parcel;--", "{0}", "{name}", "-o", "a b (1)", "`id` & $(id)", "a\nb",
    'quo"te', "zip+x", "http:x", "a|layername=x", "..", "长" * 60, "a.zip", "tab\tbed", "a;b!c",
]  # fmt: skip


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson"])
def test_a_file_is_read_whatever_it_is_called(tmp_path: Path, name: str, suffix: str) -> None:
    made = tmp_path / f"plain{suffix}"
    frame().to_file(made, layer="层") if suffix == ".gpkg" else frame().to_file(made)
    for path in list(tmp_path.iterdir()):
        path.rename(tmp_path / f"{name}{path.suffix}")
    path = tmp_path / f"{name}{suffix}"
    before = tree(tmp_path)
    table = read(path)
    assert table.frame["编号"].tolist() == ["甲", "乙", "丙", "丁", "戊"]
    assert table.geometry is not None
    assert not shapely.is_missing(table.geometry).any()
    assert len(table.info.layers) == 1
    assert read(path, layer=table.info.layers[0]).rows.tolist() == [1, 2, 3, 4, 5]
    assert tree(tmp_path) == before


@pytest.mark.parametrize("layer", ['a"b', "a'; DROP TABLE x;--", "层 {0}", "SELECT 1"])
def test_a_layer_is_read_whatever_it_is_called(tmp_path: Path, layer: str) -> None:
    path = tmp_path / "a.gpkg"
    frame().to_file(path, layer=layer)
    assert read(path, layer=layer).rows.tolist() == [1, 2, 3, 4, 5]
    with pytest.raises(ParkLineError, match="没有图层"):
        read(path, layer="nothing like it")


def kml(body: str, declaration: str = "", encoding: str = "UTF-8") -> bytes:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>{declaration}'
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
    )
    return text.encode(encoding)


PLACEMARK = (
    "<Placemark><name>{name}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
    "109,32.7 109.01,32.7 109.01,32.71 109,32.7</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
)
LAUGHS = (
    '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
NAMED_FILE = '<!DOCTYPE kml [<!ENTITY f SYSTEM "{file}">]>'


@pytest.mark.parametrize("suffix", [".kml", ".kmz", ".gml"])
@pytest.mark.parametrize(
    "declaration",
    [LAUGHS, NAMED_FILE, "<!--" + "x" * 5_000_000 + "-->" + LAUGHS, " " * (1024 * 1024 - 70) + LAUGHS],
    ids=["laughs", "secret", "behind a long remark", "across two chunks"],
)
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
def test_entities_in_xml_are_refused_before_anything_parses_them(
    tmp_path: Path, suffix: str, declaration: str, encoding: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not for export")
    content = kml(
        PLACEMARK.replace("{name}", "&c;&f;"), declaration.replace("{file}", secret.as_uri()), encoding
    )
    path = tmp_path / f"a{suffix}"
    if suffix == ".kmz":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("doc.kml", content)
    else:
        path.write_bytes(content)
    with pytest.raises(ParkLineError, match="实体声明"):
        read(path)


def test_a_document_that_is_longer_than_its_archive_says_is_not_read_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis.formats.kml._MOST_DOCUMENT", 1024 * 1024)
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", kml("<!--" + " " * 3_000_000 + "-->"))
    with pytest.raises(ParkLineError, match="过大"):
        inspect(path)


@pytest.mark.parametrize(
    "entry", ["../../evil.gdb/a00000001.gdbtable", "/etc/evil.gdb/a.gdbtable", "..\\..\\evil.gdb\\a.gdbtable",
              "C:\\evil.gdb\\a.gdbtable"],
)  # fmt: skip
def test_an_archive_with_paths_that_lead_out_of_it_is_refused_and_writes_nothing(
    tmp_path: Path, entry: str
) -> None:
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    path = folder / "a.gdb.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, b"x")
    before = tree(tmp_path)
    with pytest.raises(ParkLineError, match="越界"):
        read(path)
    assert tree(tmp_path) == before


def test_an_archive_without_data_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("说明.txt", "空")
    with pytest.raises(ParkLineError, match="没有 Shapefile 或 File Geodatabase") as error:
        read(path)
    assert "解压" in (error.value.hint or "")


def test_an_archive_that_unpacks_to_too_much_is_refused_by_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis.formats.archive._MOST_UNPACKED", 10_000)
    path = tmp_path / "a.gdb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.gdb/a00000001.gdbtable", b"\x00" * 20_000)
    with pytest.raises(ParkLineError, match="过大"):
        read(path)


def test_an_archive_with_a_password_is_told_so(tmp_path: Path) -> None:
    """The flag of encryption is bit 0 of the general purpose flags, at byte 6 of the local and 8 of the central header."""
    path = tmp_path / "a.gdb.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.gdb/a00000001.gdbtable", b"x")
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ParkLineError, match="密码"):
        read(path)


def test_what_is_learnt_of_a_gml_is_not_written_beside_it(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"n": [1]}, geometry=SQUARES[:1], crs=4545).to_file(tmp_path / "a.gml", driver="GML")
    (tmp_path / "a.xsd").unlink()
    before = tree(tmp_path)
    assert read(tmp_path / "a.gml").rows.tolist() == [1]
    assert tree(tmp_path) == before


def test_an_index_that_leads_in_circles_ends(tmp_path: Path) -> None:
    """A record whose stated length is nought would be met again and again."""
    path = tmp_path / "a.shp"
    frame().to_file(path, encoding="gbk")
    content = bytearray(path.read_bytes())
    struct.pack_into(">i", content, 100 + 136 + 4, 0)
    path.write_bytes(content)
    path.with_suffix(".shx").unlink()
    table = read(path)
    assert table.rows.tolist() == [1]
    assert len(table.problems) == 4


@pytest.mark.parametrize("suffix", [".exe", ".dwg", ".mdb", ""])
def test_a_kind_of_file_nobody_reads_is_told_with_what_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"x")
    with pytest.raises(ParkLineError) as error:
        inspect(path)
    assert error.value.hint


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ParkLineError, match="找不到"):
        inspect(tmp_path / "没有.shp")


def test_columns_are_read_whatever_they_are_called(tmp_path: Path) -> None:
    names = [
        "select",
        'a"b',
        "a'; DROP TABLE parcel;--",
        "{0}",
        "=1+1",
        "<b>甲</b>",
        "空 格",
        "uuid",
        "fid_1",
        "x" * 200,
    ]
    rows = frame(("甲",)).assign(**{name: [f"值 {i}"] for i, name in enumerate(names)})
    for path in (tmp_path / "a.gpkg", tmp_path / "a.geojson"):
        rows.to_file(path)
        table = read(path)
        assert list(table.info.columns) == list(table.frame.columns)
        assert table.frame[names].iloc[0].tolist() == [f"值 {i}" for i in range(len(names))]
