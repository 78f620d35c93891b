"""National 1:10 000 sheets (GB/T 13989): 6° × 4° split into 96 × 96 sheets of 3′45″ × 2′30″."""

from __future__ import annotations

import pytest

from gis.map_sheet_number import sheet_number_10000


def dms(degrees: int, minutes: int, seconds: float) -> float:
    return degrees + minutes / 60 + seconds / 3600


@pytest.mark.parametrize(
    ("longitude", "latitude", "number"),
    [
        # 39°22′30″ lies 3°22′30″ above 36°, which is 81 sheets of 2′30″: row 96 - 81 = 15; band J (36° to 40°).
        # 114°33′45″ lies 33′45″ east of 114°, which is 9 sheets of 3′45″: column 10; zone 114 / 6 + 31 = 50.
        (dms(114, 33, 45), dms(39, 22, 30), "J50G015010"),
        # Domain reference §10, exchange file of a parcel in 安康: band I (32° to 36°), zone 49 (108° to 114°).
        (109.03, 32.69, "I49G080017"),
        # South-west and north-east corner sheets of I49.
        (dms(108, 0, 1), dms(32, 0, 1), "I49G096001"),
        (dms(113, 59, 59), dms(35, 59, 59), "I49G001096"),
    ],
)
def test_numbers_follow_the_standard(longitude: float, latitude: float, number: str) -> None:
    assert sheet_number_10000(longitude, latitude) == number


def test_a_place_on_the_edge_of_a_sheet_lies_on_the_sheet_north_and_east_of_it() -> None:
    """Every edge from 24° to 56° and from 72° to 138°, exactly as floating-point minutes give it."""
    rows = [int(sheet_number_10000(109.0, step * 2.5 / 60)[4:7]) for step in range(24 * 24, 56 * 24)]
    assert rows == [96 - step % 96 for step in range(24 * 24, 56 * 24)]
    columns = [int(sheet_number_10000(step * 3.75 / 60, 33.0)[7:]) for step in range(72 * 16, 138 * 16)]
    assert columns == [step % 96 + 1 for step in range(72 * 16, 138 * 16)]
