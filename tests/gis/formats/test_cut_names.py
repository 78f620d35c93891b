"""Field names that dBASE cut at ten bytes inside a character, and names that became equal by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gis.formats import inspect, read
from tests.gis.formats.samples import write_shapefile


@pytest.mark.parametrize(
    ("codec", "name", "shown"),
    [
        ("utf-8", "土地用途名称", "土地用"),  # three bytes each: the fourth character has one byte left
        ("utf-8", "A土地用途", "A土地用"),  # ten bytes hold it whole
        ("utf-8", "AB土地用途", "AB土地"),
        ("gb18030", "A土地用途名称", "A土地用途"),  # two bytes each: half of the fifth is left
        ("gb18030", "土地用途名称", "土地用途名"),
    ],
)
def test_a_name_cut_inside_a_character_is_shown_without_the_rest_and_the_values_are_right(
    tmp_path: Path, codec: str, name: str, shown: str
) -> None:
    path = write_shapefile(
        tmp_path,
        [["工业".encode(codec), b"1"], ["居住".encode(codec), b"2"]],
        [name.encode(codec)[:10], b"NO"],
    )
    before = {item.name: item.read_bytes() for item in tmp_path.iterdir()}
    info = inspect(path)
    assert (info.encoding, info.columns) == (codec, (shown, "NO"))
    assert info.sample == ({shown: "工业", "NO": "1"}, {shown: "居住", "NO": "2"})
    table = read(path)
    assert table.frame.to_dict("list") == {shown: ["工业", "居住"], "NO": ["1", "2"]}
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == before


def test_names_that_became_equal_keep_the_values_of_both(tmp_path: Path) -> None:
    names = ["土地用途名称一".encode("gbk")[:10], "土地用途名称二".encode("gbk")[:10]]
    path = write_shapefile(tmp_path, [["工业".encode("gbk"), "居住".encode("gbk")]], names)
    table = read(path)
    assert table.frame.to_dict("list") == {"土地用途名": ["工业"], "土地用途_1": ["居住"]}
    assert any("截断" in note for note in table.info.notes)


def test_a_bare_table_with_a_cut_name_opens_too(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, [["工业".encode()]], ["土地用途名称".encode()[:10]]).with_suffix(".dbf")
    path.with_suffix(".shp").unlink()
    path.with_suffix(".shx").unlink()
    assert read(path).frame.to_dict("list") == {"土地用": ["工业"]}
