"""Another city, another policy: made up, with other thresholds, other definitions and fewer demands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from gis.errors import ParkLineError
from layers.checks.result import Verdict
from layers.policy import Policy, parse_policy
from layers.project import Project
from layers.report import write_report
from tests.layers.checks.world import EPSG, point, rectangle, table

DAY = dt.date(2030, 6, 30)

# 示例市 counts built floors, let or not, asks 50,000 m² of each county with its committees inside, counts storage as
# industry, and wants half of the land leased or transferred by listing to be industrial.
TEXT = """
[policy]
id = "example-2030"
title = "示例市工业用地办法（虚构）"
version = "2030.7"

[[target]]
id = "factory_reserve"
clause = "第二条"
quotation = "每县建成标准厂房五万平方米（虚构）"
operator = ">="
value = 50000
unit = "m2"
scope = "unit"
period = "any_date"
figure = "built"

[target.parameters]
units = "outermost"
taking_kinds = ["lease"]
pipeline_months = 6
owner_kinds = ["public", "private", ""]

[[target]]
id = "industrial_quota"
clause = "第三条"
quotation = "挂牌出让土地一半用于工业（虚构）"
operator = ">="
value = 0.5
unit = "one"
scope = "city"
period = "calendar_year"
figure = "share"

[target.parameters]
units = "outermost"
modes = ["22"]
allocation_modes = ["1"]
lease_modes = ["4"]
industrial_classes = ["industrial", "logistics"]
broad_classes = ["industrial", "logistics"]
year_by = "contract"
include_supplements = false
"""


@pytest.fixture
def policy() -> Policy:
    return parse_policy(TEXT, "示例.toml")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.create(
        tmp_path / "示例市.gpkg", epsg=EPSG, name="示例市", policy_text=TEXT, policy_name="示例"
    )
    units = [
        {"code": "990001", "name": "示例甲县", "geometry": rectangle(0, 0, 9000, 9000)},
        {"code": "990001-KF", "name": "示例开发区", "geometry": rectangle(1000, 1000, 2000, 2000)},
    ]
    halls = [
        {
            "building_id": name, "name": name, "unit": "示例甲县", "gross_floor_area": area, "state": "completed",
            "accepted_on": pd.Timestamp("2028-05-01"), "geometry": point(*place),
        }
        for name, area, place in (("A", 30_000.0, (5000, 5000)), ("B", 20_000.0, (1500, 1500)))
    ]  # fmt: skip
    leases = [
        {"building_id": "A", "kind": "lease", "area": 30_000.0, "from_date": pd.Timestamp("2029-01-01")}
    ]
    contracts = [
        {
            "supervision_no": f"99000{number}", "unit": "示例甲县", "area": area, "use_name": use, "mode": mode,
            "contract_on": pd.Timestamp("2030-03-01"),
        }
        for number, (area, use, mode) in enumerate(
            [(30_000.0, "工业用地", "22"), (20_000.0, "仓储用地", "22"), (50_000.0, "城镇住宅用地", "22"),
             (900_000.0, "城镇住宅用地", "21")]
        )
    ]  # fmt: skip
    with made.transaction("示例数据") as transaction:
        for name, rows in (("unit", units), ("factory", halls), ("lease", leases), ("transfer", contracts)):
            transaction.insert(name, table(rows).drop(columns="uuid"))
    return made


def test_the_checks_follow_the_other_policy_without_a_change_of_code(project: Project) -> None:
    """Built: 30,000 + 20,000 inside the county, 50,000 exactly, though 30,000 are let: met, and one unit, not two.

    Quota: of listed land (22) 30,000 industry + 20,000 storage of 100,000 m² are 50 % exactly; the auction (21) of
    900,000 m² does not count here.
    """
    with project:
        results = {result.id: result for result in project.check(as_of=DAY)}
        assert set(results) == {"factory_reserve", "industrial_quota"}
        [unit] = results["factory_reserve"].units
        assert (unit.code, unit.verdict, unit.figures["built"]) == ("990001", Verdict.MET, 50_000.0)
        city = results["industrial_quota"].city
        assert city is not None
        assert (city.verdict, city.figures["share"]) == (Verdict.MET, 50.0)
        assert results["industrial_quota"].clause.policy == "示例市工业用地办法（虚构） 2030.7"


def test_a_changed_threshold_changes_the_verdict(project: Project) -> None:
    with project:
        project.set_policy(parse_policy(TEXT.replace("value = 50000", "value = 50000.01"), "示例.toml"))
        [unit] = project.check(["factory_reserve"], DAY)[0].units
        assert unit.verdict is Verdict.SHORT


def test_the_report_names_policy_version_and_fingerprint(
    project: Project, policy: Policy, tmp_path: Path
) -> None:
    with project:
        write_report(project.check(as_of=DAY), tmp_path / "r.xlsx", project)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    texts = {str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value}
    assert {"示例市工业用地办法（虚构） 2030.7", policy.sha256} <= texts


def test_a_wrong_file_is_told_by_line_and_key() -> None:
    wrong = TEXT.replace('modes = ["22"]', 'modes = ["99"]')
    with pytest.raises(ParkLineError, match="modes") as caught:
        parse_policy(wrong, "示例.toml")
    assert caught.value.row == next(
        number for number, line in enumerate(wrong.splitlines(), 1) if line.startswith("modes")
    )
