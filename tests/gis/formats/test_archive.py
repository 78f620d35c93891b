"""Zipped shapefiles as counties send them: several layers, folders, names in GBK, hostile and damaged archives."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from gis.errors import ParkLineError
from gis.formats import inspect, read
from tests.gis.formats.samples import frame


def parts(folder: Path, stem: str, names: tuple[str, ...]) -> list[Path]:
    """The files of a shapefile in GBK without .cpg, as the counties' tools write it."""
    frame(names).to_file(folder / f"{stem}.shp", encoding="gbk")
    (folder / f"{stem}.cpg").unlink()
    return sorted(folder.glob(f"{stem}.*"))


def packed(path: Path, files: dict[str, Path | bytes]) -> Path:
    """An archive whose names are bytes of GBK without the flag of UTF-8, as Windows packs them.

    Python always flags what is not ASCII: places are kept by as many letters, which are then replaced.
    """
    replaced: dict[bytes, bytes] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(files.items()):
            wanted = name.encode("gbk")
            kept = f"{number:03d}".ljust(len(wanted), "~")
            replaced[kept.encode()] = wanted
            archive.writestr(kept, content if isinstance(content, bytes) else content.read_bytes())
    whole = path.read_bytes()
    for kept_bytes, wanted in replaced.items():
        assert whole.count(kept_bytes) == 2
        whole = whole.replace(kept_bytes, wanted)
    path.write_bytes(whole)
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two layers of one name in two folders, a third beside them, and what comes along."""
    made = tmp_path / "made"
    made.mkdir()
    files: dict[str, Path | bytes] = {"汉滨区/说明.txt": "空".encode("gbk")}
    for inner, stem, names in (
        ("汉滨区/2024/", "地块", ("甲", "乙")),
        ("汉滨区/2023/", "地块", ("丙", "丁", "戊")),
        ("汉滨区/", "区块线", ("线",)),
    ):
        for part in parts(made, stem, names):
            suffix = part.suffix.upper() if stem == "区块线" else part.suffix
            files[f"{inner}{stem}{suffix}"] = part.read_bytes()
            files[f"__MACOSX/{inner}._{stem}{suffix}"] = b"\x00\x05\x16\x07"
    return packed(tmp_path / "汉滨区 上报.zip", files)


def test_every_shapefile_of_an_archive_is_a_layer(archive: Path) -> None:
    before = sorted(archive.parent.iterdir())
    info = inspect(archive)
    assert set(info.layers) == {"汉滨区/2024/地块", "汉滨区/2023/地块", "区块线"}
    assert (info.path, info.layer, info.format, info.encoding) == (
        archive, "汉滨区/2024/地块", "Shapefile", "gb18030",
    )  # fmt: skip
    rows = {
        "汉滨区/2024/地块": ["甲", "乙"],
        "汉滨区/2023/地块": ["丙", "丁", "戊"],
        "区块线": ["线"],
    }
    for layer, names in rows.items():
        table = read(archive, layer=layer)
        assert table.frame["编号"].tolist() == names
        assert (table.info.path, table.info.layer) == (archive, layer)
        assert "4545" in str(table.info.crs)
        assert table.geometry is not None
        assert table.geometry[0].equals(frame().geometry[0])
    assert sorted(archive.parent.iterdir()) == before
    with pytest.raises(ParkLineError, match="没有图层") as caught:
        read(archive, layer="../地块")
    assert "区块线" in caught.value.hint


def test_names_with_the_flag_of_utf8_are_taken_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in parts(tmp_path, "地块", ("甲",)):
            archive.write(part, f"上报\\{part.name}" if part.suffix == ".shp" else f"上报/{part.name}")
    assert inspect(path).layers == ("地块",)
    assert read(path).frame["编号"].tolist() == ["甲"]


@pytest.mark.parametrize(
    "name", ["../地块.shp", "/地块.shp", "..\\..\\地块.shp", "C:\\地块.shp", "a/../../地块.shp"]
)
def test_a_shapefile_that_would_lie_outside_is_refused(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "in" / "here"
    inside.mkdir(parents=True)
    path = packed(inside / "a.zip", {name: b"x"})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ParkLineError, match="越界"):
        read(path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many bytes, too many files, and more bytes than its directory says: refused, and nothing is left over."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("gis.formats.archive._MOST_UNPACKED", 1_000_000)
    zeros = bytes(1_200_000)
    with pytest.raises(ParkLineError, match="过大"):
        read(packed(tmp_path / "big.zip", {"地块.shp": zeros}))
    with pytest.raises(ParkLineError, match="过大"):
        read(packed(tmp_path / "split.zip", {f"{n}层.shp": bytes(150_000) for n in range(8)}))
    monkeypatch.setattr("gis.formats.archive._MOST_ENTRIES", 50)
    with pytest.raises(ParkLineError, match="过大"):
        read(packed(tmp_path / "many.zip", {f"{n}层.shp": b"" for n in range(51)}))
    liar = packed(tmp_path / "liar.zip", {"地块.shp": zeros})
    whole = liar.read_bytes()
    assert whole.count(len(zeros).to_bytes(4, "little")) == 2  # in the local and in the central header
    liar.write_bytes(whole.replace(len(zeros).to_bytes(4, "little"), (900).to_bytes(4, "little")))
    with pytest.raises(ParkLineError, match="损坏"):
        read(liar)
    assert list(temporary.iterdir()) == []


def test_a_damaged_archive_is_a_clear_error(archive: Path) -> None:
    whole = bytearray(archive.read_bytes())
    place = whole.index("汉滨区/2024/地块.shp".encode("gbk")) + 40
    whole[place : place + 20] = bytes(20)
    archive.write_bytes(whole)
    with pytest.raises(ParkLineError, match="损坏") as caught:
        read(archive)
    assert caught.value.file == archive


def test_a_shapefile_beside_a_geodatabase_is_mentioned(tmp_path: Path) -> None:
    frame().to_file(tmp_path / "x.gdb", driver="OpenFileGDB", layer="地块")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in [*(tmp_path / "x.gdb").iterdir()]:
            archive.write(part, f"x.gdb/{part.name}")
        for part in parts(tmp_path, "区块线", ("线",)):
            archive.write(part, part.name)
    info = inspect(path)
    assert info.format == "File Geodatabase"
    assert any("1 个 Shapefile" in note for note in info.notes)
