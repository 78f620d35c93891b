from __future__ import annotations

import pytest

from gis.errors import ParkLineError
from layers.codes import LandUseCodes, code_table, code_tables, land_use_classes
from layers.registry import TABLES
from layers.scheme_detection import detect_scheme

CODES = LandUseCodes.standard()


def test_every_code_field_of_every_layer_has_its_table() -> None:
    wanted = {item.codes for spec in TABLES for item in spec.fields if item.codes}
    assert wanted <= set(code_tables())


def test_spellings_lead_to_the_stored_value() -> None:
    modes = code_table("supply_mode")
    assert [modes.canonical(text) for text in ("挂牌出让", "挂牌", " 23.0", "划拨", "不明")] == [
        "23", "23", "23", "1", None,
    ]  # fmt: skip
    assert modes.having("conveyance") == ("2", "21", "22", "23", "3")


def test_the_same_digits_mean_something_else_in_each_scheme() -> None:
    """Trap 1 of the domain reference: 0601 and 1001."""
    assert CODES.class_of("gbt21010_2017", "0601") == "industrial"
    assert CODES.class_of("guide2023", "0601") == "agri"
    assert CODES.class_of("guide2023", "1001") == "industrial"
    assert CODES.class_of("gbt21010_2017", "1001") == "transport"


@pytest.mark.parametrize(
    ("scheme", "code", "expected"),
    [
        ("guide2023", "100199", "industrial"), ("guide2023", "1002", "mining"), ("guide2023", "1102", "logistics"),
        ("guide2023", "9901", "unknown"), ("survey3", "0508", "logistics"), ("survey3", "05H1", "commercial"),
        ("landchina", "063", "logistics"), ("gb50137", "M0", "industrial_mixed"), ("gb50137", "H5", "mining"),
        ("gb50137", "R2B1", "mixed"), ("gb50137", "M1/W1", "industrial_mixed"), ("guide2023", "07010901", "mixed"),
        ("guide2023", "100101+0802", "industrial_mixed"), ("nonsense", "1001", "unknown"),
    ],
)  # fmt: skip
def test_a_code_takes_the_class_of_its_longest_known_prefix(scheme: str, code: str, expected: str) -> None:
    assert CODES.class_of(scheme, code) == expected


def test_mixed_codes_count_equal_shares_unless_the_record_states_them() -> None:
    schemes, codes = ["gb50137"] * 4, ["M1/W1", "M2", "R2", "M1/W1"]
    nan = float("nan")
    assert list(CODES.industrial_share(schemes, codes, [nan, nan, nan, 0.8])) == [0.5, 1.0, 0.0, 0.8]


def test_empty_arrays_have_no_classes() -> None:
    assert len(CODES.classes("guide2023", [])) == 0


@pytest.mark.parametrize(
    ("codes", "names", "scheme"),
    [
        (["0601"], None, None),
        (["1001", "0701"], ["工业用地", "城镇住宅用地"], "guide2023"),
        (["1001", "0601"], ["铁路用地", "工业用地"], "gbt21010_2017"),
        (["05H1", "0601"], None, "survey3"),
        (["M1", "R2", "B1"], None, "gb50137"),
        (["M-1", "R-15"], None, None),
        (["100101"], None, "guide2023"),
        (["1312", "100101"], None, None),
        ([None, ""], None, None),
    ],
)
def test_the_scheme_is_found_by_evidence_or_asked(
    codes: list[object], names: list[object] | None, scheme: str | None
) -> None:
    found, reason = detect_scheme(CODES, codes, names)
    assert found == scheme
    assert reason


def test_a_strangers_table_is_taken_literally_except_for_wildcards() -> None:
    own = CODES.with_csv("code,name,class\nM-1,Manufacturing,industrial\nR-*,Residential,residential\n")
    assert [own.class_of("custom", code) for code in ("m-1", "M-12", "R-15")] == [
        "industrial", "unknown", "residential",
    ]  # fmt: skip
    assert own.title("custom", "M-1") == "Manufacturing"
    assert detect_scheme(own, ["M-1", "R-8"])[0] == "custom"
    assert not CODES.known("custom", "M-1")


def test_a_wrong_class_in_a_strangers_table_is_named_with_its_row() -> None:
    with pytest.raises(ParkLineError) as caught:
        CODES.with_csv("code,name,class\nM-1,Manufacturing,industrial\nX,Strange,factory\n", "zones.csv")
    assert caught.value.row == 3
    with pytest.raises(ParkLineError):
        CODES.with_csv("zone,name\nM-1,x\n")


def test_every_class_of_the_tables_exists_and_has_a_colour() -> None:
    for scheme in CODES.schemes:
        for item in CODES.entries(scheme):
            assert item.use_class in land_use_classes()
    assert CODES.colour("guide2023", "1001") == "#BB9674"
