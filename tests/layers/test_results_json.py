"""What scripts read: forms as documented, values that JSON knows, nothing rounded."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.checks.registry import CHECKS
from layers.checks.result import CheckResult, Clause, UnitResult, Verdict
from layers.demo import generate
from layers.project import Project
from layers.results_json import frame_records, overall_verdict, plain, results_json, rezoning_json
from tests.json_schema import FOLDER, problems, schema


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with generate(tmp_path_factory.mktemp("json") / "demo.gpkg", parcels=300, seed=2) as project:
        yield project


def test_the_checks_fit_their_schema(demo: Project) -> None:
    printed = json.loads(json.dumps(results_json(demo.check(), demo), allow_nan=False))
    assert problems(printed, "check") == []
    assert [check["id"] for check in printed["checks"]] == [check.id for check in CHECKS]
    assert any(check["evidence"] for check in printed["checks"])
    assert all(check["series"] for check in printed["checks"][:1])


def test_a_comparison_fits_its_schema_with_and_without_geometry(demo: Project) -> None:
    before, after = (item.name for item in demo.snapshots())
    found = demo.compare(before, after)
    assert len(found.pieces)
    for wkt in (False, True):
        printed = json.loads(json.dumps(rezoning_json(found, before, after, demo, wkt=wkt), allow_nan=False))
        assert problems(printed, "compare") == []
        assert all(("wkt" in piece) is wkt for piece in printed["pieces"])
    shapes = shapely.from_wkt([piece["wkt"] for piece in printed["pieces"]])
    # Each coordinate is rounded by at most half a millimetre, so no vertex moves by more than 0.71 mm.
    assert shapely.hausdorff_distance(shapes, found.pieces.geometry.to_numpy()).max() < 0.00072


def test_the_areas_of_a_comparison_are_those_of_its_pieces_without_slivers(demo: Project) -> None:
    before, after = (item.name for item in demo.snapshots())
    printed = rezoning_json(demo.compare(before, after), before, after, demo)
    for severity, area in printed["areas"].items():
        mine = [p["area"] for p in printed["pieces"] if p["severity"] == severity and not p["sliver"]]
        assert area == pytest.approx(sum(mine), rel=1e-12)


def test_figures_are_not_rounded(demo: Project) -> None:
    results = demo.check()
    printed = json.loads(json.dumps(results_json(results, demo)))
    for result, check in zip(results, printed["checks"], strict=True):
        for unit, shown in zip(result.units, check["units"], strict=True):
            assert shown["figures"] == dict(unit.figures)


def result(*verdicts: Verdict) -> CheckResult:
    units = tuple(UnitResult(str(n), str(n), verdict, {}, "") for n, verdict in enumerate(verdicts))
    clause = Clause("p", "1", "q", ">=", 1.0, "m2")
    return CheckResult("x", "x", clause, dt.date(2024, 1, 1), "", units, None, gpd.GeoDataFrame(), {})


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([Verdict.MET, Verdict.MET], Verdict.MET),
        ([Verdict.MET, Verdict.EMPTY], Verdict.EMPTY),
        ([Verdict.EMPTY, Verdict.NOT_JUDGED], Verdict.NOT_JUDGED),
        ([Verdict.NOT_JUDGED, Verdict.SHORT, Verdict.MET], Verdict.SHORT),
    ],
)
def test_the_worst_of_the_checks_is_the_verdict(verdicts: list[Verdict], expected: Verdict) -> None:
    assert overall_verdict([result(verdict) for verdict in verdicts]) is expected


def test_no_check_at_all_is_no_pass() -> None:
    assert overall_verdict([]) is Verdict.NOT_JUDGED


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.1), 0.1),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (float("nan"), None),
        (float("inf"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (pd.Timestamp("2024-06-30"), "2024-06-30"),
        (pd.Timestamp("2024-06-30 12:30"), "2024-06-30T12:30:00"),
        (dt.date(2024, 6, 30), "2024-06-30"),
        ({"a": (1, np.nan)}, {"a": [1, None]}),
        (Path("x"), "x"),
    ],
)
def test_values_become_what_json_knows(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


def test_records_carry_no_geometry_unless_asked() -> None:
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1.00049, 2)], crs=4545)
    assert frame_records(frame) == [{"a": 1}]
    assert frame_records(frame, wkt=True) == [{"a": 1, "wkt": "POINT (1 2)"}]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_schema_is_described_and_named_in_the_documentation(path: Path) -> None:
    text = (FOLDER.parent / "json-output.md").read_text("utf-8")
    assert f"schema/{path.name}" in text
    assert schema(path.stem)["title"]
