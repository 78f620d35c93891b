"""The encoding of a shapefile: .cpg, then the language byte, then a strict trial, always with evidence and a sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from gis.errors import ParkLineError
from gis.formats import inspect, read
from gis.formats.encodings import known_encoding
from tests.gis.formats.samples import write_shapefile


def names(path: Path, encoding: str | None = None) -> list[str | None]:
    """What the first column holds once read."""
    table = read(path, encoding=encoding)
    return [str(value) for value in table.frame.iloc[:, 0]]


@pytest.mark.parametrize(
    ("text", "codec", "language", "cpg", "found", "evidence"),
    [
        ("汉滨区", "gbk", 0, "GBK", "gb18030", ".cpg"),
        ("汉滨区", "gbk", 0, "936", "gb18030", ".cpg"),
        ("汉滨区", "gbk", 0, "ANSI 936", "gb18030", ".cpg"),
        ("汉滨区", "gbk", 0, "CP936\r\n", "gb18030", ".cpg"),
        ("汉滨区", "utf-8", 0, "UTF-8", "utf-8", ".cpg"),
        ("汉滨区", "utf-8", 0, "65001", "utf-8", ".cpg"),
        ("漢濱區", "big5", 0, "950", "cp950", ".cpg"),
        ("Café", "cp1252", 0, "1252", "cp1252", ".cpg"),
        ("汉滨区", "gbk", 0x4D, None, "gb18030", "0x4D"),
        ("汉滨区", "gbk", 0x7A, None, "gb18030", "0x7A"),
        ("漢濱區", "big5", 0x78, None, "big5", "0x78"),
        ("Café", "cp1252", 0x03, None, "cp1252", "0x03"),
        ("汉滨区", "utf-8", 0, None, "utf-8", "UTF-8 严格解码全部成功"),
        ("汉滨区", "gbk", 0, None, "gb18030", "常用汉字占 100%"),
        ("Hanbin", "ascii", 0, None, "utf-8", "ASCII"),
    ],
)
def test_an_encoding_is_found_in_order_with_its_evidence(
    tmp_path: Path, text: str, codec: str, language: int, cpg: str | None, found: str, evidence: str
) -> None:
    path = write_shapefile(tmp_path, [[text.encode(codec)]], language=language, cpg=cpg)
    info = inspect(path)
    assert info.encoding == found
    assert evidence in info.encoding_evidence
    assert info.sample == ({"NAME": text},)
    assert names(path) == [text]


@pytest.mark.parametrize(
    ("text", "codec", "language", "cpg", "found"),
    [
        ("岚皋县蔺河镇", "utf-8", 0, "GBK", "utf-8"),  # even in bytes, so that GBK reads it too: 宀氱殝…
        ("岚皋县蔺河镇", "utf-8", 0x4D, None, "utf-8"),
        ("岚皋县蔺河镇", "gbk", 0, "UTF-8", "gb18030"),
        ("岚皋县蔺河镇", "gbk", 0, "ISO-8859-1", "gb18030"),
        ("岚皋县蔺河镇", "gbk", 0x57, None, "gb18030"),
        ("岚皋县蔺河镇", "utf-8", 0x57, None, "utf-8"),
    ],
)
def test_a_declaration_that_the_text_contradicts_is_set_aside_and_named(
    tmp_path: Path, text: str, codec: str, language: int, cpg: str | None, found: str
) -> None:
    path = write_shapefile(tmp_path, [[text.encode(codec)]], language=language, cpg=cpg)
    info = inspect(path)
    assert info.encoding == found
    assert "不符" in info.encoding_evidence
    assert names(path) == [text]


def test_gbk_that_happens_to_be_valid_utf8_is_seen_by_how_chinese_it_looks(tmp_path: Path) -> None:
    """支 and 抓 are D6A7 and D7A5: UTF-8 for Hebrew-looking letters, GBK for two everyday characters."""
    text = "支抓".encode("gbk")
    assert text.decode("utf-8")
    info = inspect(write_shapefile(tmp_path, [[text]]))
    assert info.encoding == "gb18030"
    assert "请核对样例" in info.encoding_evidence


def test_accents_in_utf8_are_not_taken_for_chinese(tmp_path: Path) -> None:
    """é is C3A9 in UTF-8, which GBK reads as 茅."""
    assert inspect(write_shapefile(tmp_path, [["Café".encode()]])).encoding == "utf-8"


def test_chinese_that_begins_after_thousands_of_plain_rows_is_seen(tmp_path: Path) -> None:
    rows = [[b"DK-1"]] * 3_000 + [["恒口示范区".encode("gbk")]]
    path = write_shapefile(tmp_path, rows)
    assert inspect(path).encoding == "gb18030"
    assert names(path)[-1] == "恒口示范区"


def test_a_character_cut_in_half_by_the_width_of_its_field_costs_that_character_only(tmp_path: Path) -> None:
    text = "安康高新技术产业开发区".encode("gbk")[:19]  # 9½ characters in a field of 19 bytes
    path = write_shapefile(tmp_path, [[text]], width=19)
    assert inspect(path).encoding == "gb18030"
    assert names(path) == ["安康高新技术产业开"]


def test_a_text_with_damaged_bytes_costs_its_row_and_is_shown(tmp_path: Path) -> None:
    rows = [["汉滨区".encode("gbk")], [b"\xff\xff DK-2"], ["旬阳市".encode("gbk")]]
    table = read(write_shapefile(tmp_path, rows))
    assert table.info.encoding == "gb18030"
    assert "退回" in table.info.encoding_evidence
    assert (table.frame["NAME"].tolist(), table.rows.tolist()) == (["汉滨区", "旬阳市"], [1, 3])
    (problem,) = table.problems
    assert problem.row == 2
    assert "\ufffd" in problem.reason
    assert "NAME" in problem.reason


def test_the_wrong_encoding_by_hand_shows_in_the_sample_and_takes_no_row(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, [["汉滨区".encode("gbk")]])
    assert "\ufffd" in inspect(path, encoding="utf-8").sample[0]["NAME"]
    table = read(path, encoding="utf-8")
    assert (len(table.rows), len(table.problems)) == (0, 1)


def test_field_names_are_decoded_as_the_values_are(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, [[b"DK-1", b"A"]], ["地块编号".encode("gbk"), "用途".encode("gbk")])
    assert inspect(path).columns == ("地块编号", "用途")
    assert inspect(path).sample == ({"地块编号": "DK-1", "用途": "A"},)


@pytest.mark.parametrize(
    "word", ["hex", "rot13", "idna", "punycode", "undefined", "unicode_escape", "utf-7", "\x00", ""]
)
def test_a_cpg_that_names_no_text_encoding_is_as_good_as_none(tmp_path: Path, word: str) -> None:
    assert known_encoding(word) is None
    path = write_shapefile(tmp_path, [["汉滨区".encode("gbk")]], cpg=word)
    assert inspect(path).encoding == "gb18030"
    assert names(path) == ["汉滨区"]


def test_an_encoding_nobody_knows_is_refused_in_words(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, [[b"A"]])
    with pytest.raises(ParkLineError, match="nonsense"):
        inspect(path, encoding="nonsense")


def test_deleted_records_are_left_out_and_numbers_stay_those_of_the_file(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, [[b"A"], [b"B"], [b"\xff\xff"], [b"D"]])
    dbf = path.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    content[32 + 32 + 1] = ord("*")  # the first record
    dbf.write_bytes(content)
    table = read(path)
    assert table.rows.tolist() == [2, 4]
    assert [problem.row for problem in table.problems] == [3]
    assert [row["NAME"][:1] for row in table.info.sample] == ["B", "\ufffd", "D"]


def test_a_header_that_contradicts_itself_is_a_clear_error(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, [[b"A"]])
    dbf = path.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    content[10:12] = b"\x02\x00"  # row length
    dbf.write_bytes(content)
    with pytest.raises(ParkLineError, match="DBF"):
        inspect(path)
    dbf.write_bytes(b"\x03")
    with pytest.raises(ParkLineError, match="DBF"):
        inspect(path)


# --- real files (data/SOURCES.md says where they come from and which trap each one is) -----------------


@pytest.mark.parametrize(
    ("file", "encoding", "evidence", "column", "text"),
    [
        ("messy/gbk/chinese_poly.shp", "gb18030", "常用汉字", "NAME", "黑龙江省"),
        ("messy/gbk/ldid_chinese.shp", "gb18030", "0x7A", "NAME", "简体"),
        ("messy/gbk/gbk.dbf", "gb18030", "常用汉字", None, "简体国语"),
        ("messy/gbk/gb2312.dbf", "gb18030", "常用汉字", None, "简体国语"),
        ("messy/gbk/ankang_counties_gbk_cpg.shp", "gb18030", ".cpg", "XZQMC", "汉滨区"),
        ("messy/gbk/ankang_counties_gbk_epsg4524.shp", "gb18030", "常用汉字", "XZQMC", "汉滨区"),
        ("formats/simplied_china_country.shp", "utf-8", "严格解码全部成功", "FCNAME", "中国"),
    ],
)
def test_real_files_without_a_declaration_are_read_as_what_they_are(
    shared_data: Path, file: str, encoding: str, evidence: str, column: str | None, text: str
) -> None:
    info = inspect(shared_data / file)
    assert info.encoding == encoding
    assert evidence in info.encoding_evidence
    assert (info.sample[0][column] if column else " ".join(info.sample[0].values())) == text
    frame = read(shared_data / file).frame
    assert (str(frame[column].iloc[0]) if column else str(frame.iloc[0, 0])) == text
