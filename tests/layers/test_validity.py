"""Which rows stand on a day: [from, to), open where not stated."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from layers.project import Project
from layers.validity import Validity, plan_on
from tests.layers.checks.world import EPSG, rectangle

LINES = {
    "old": ("2020-01-01", "2023-07-01"),
    "new": ("2023-07-01", None),
    "always": (None, None),
    "ended": (None, "2021-01-01"),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.create(tmp_path / "time.gpkg", epsg=EPSG, name="time")
    rows = [
        {
            "code": name, "valid_from": pd.to_datetime(begin), "valid_to": pd.to_datetime(end),
            "geometry": rectangle(0, 0, 10, 10),
        }
        for name, (begin, end) in LINES.items()
    ]  # fmt: skip
    with made.transaction("lines") as transaction:
        transaction.insert("block_line", gpd.GeoDataFrame(rows, geometry="geometry", crs=EPSG))
        made.add_snapshot("2022", dt.date(2022, 5, 1), transaction=transaction)
        made.add_snapshot("2024", dt.date(2024, 5, 1), transaction=transaction)
    return made


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        ("2019-12-31", {"always", "ended"}),
        ("2020-01-01", {"always", "ended", "old"}),
        ("2021-01-01", {"always", "old"}),
        ("2023-06-30", {"always", "old"}),
        ("2023-07-01", {"always", "new"}),
        ("2099-01-01", {"always", "new"}),
    ],
)
def test_a_row_stands_from_its_first_day_and_not_on_its_last(
    project: Project, day: str, standing: set[str]
) -> None:
    with project:
        validity = Validity.read(project.store, "block_line")
        assert validity is not None
        frame = project.read("block_line", columns=["code"], geometry=False)
        mask = validity.stands(frame.index.to_numpy(), dt.date.fromisoformat(day))
        assert set(frame.loc[mask, "code"]) == standing
        assert validity.stands(frame.index.to_numpy()[:0] + 99, dt.date(2024, 1, 1)).tolist() == []
        assert Validity.read(project.store, "parcel") is None


def test_the_plan_of_a_day_is_the_newest_by_then(project: Project) -> None:
    with project:
        snapshots = project.snapshots()
        days = ["2022-04-30", "2022-05-01", "2024-04-30", "2024-05-01"]
        assert [plan_on(snapshots, dt.date.fromisoformat(day)) for day in days] == [
            "",
            "2022",
            "2022",
            "2024",
        ]
