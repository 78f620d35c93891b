"""The demo as a project: marked, judged, compared, drawn, and never half written."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gis.area import ellipsoidal_area
from gis.errors import ParkLineError
from gis.progress import Cancelled
from layers.checks.result import Verdict
from layers.demo import generate
from layers.project import Project
from tests.gis.store.qml import drawn
from tests.gis.store.samples import ask
from tests.layers.demo.conftest import Frames

OLDER, NEWER = "2023年规划", "2024年调整方案"


def test_the_project_is_marked_as_made_up(project: Project) -> None:
    assert project.is_demo
    assert "示例数据" in project.name
    assert project.as_of.isoformat() == "2024-06-30"
    assert project.epsg == 4545


def test_all_layers_are_stored_in_one_action(project: Project, frames: Frames) -> None:
    assert {name: project.store.count(name) for name in frames} == {
        name: len(frame) for name, frame in frames.items()
    }
    assert [entry.kind for entry in project.store.journal()] == ["import", "create"]
    assert [(item.name, item.count) for item in project.snapshots()] == [
        (name, int((frames["land_use"]["snapshot"] == name).sum())) for name in (OLDER, NEWER)
    ]


@pytest.mark.parametrize("check", ["factory_reserve", "industrial_quota", "rezoning", "standard_land_indicators", "standard_land_stages",
                                   "start_and_completion", "handover_certificate"])  # fmt: skip
def test_each_check_finds_units_that_meet_and_units_that_fall_short(project: Project, check: str) -> None:
    [result] = project.check([check])
    verdicts = [item.verdict for item in result.units]
    assert len(verdicts) == 12
    assert verdicts.count(Verdict.MET) >= 3
    assert verdicts.count(Verdict.SHORT) >= 3


def test_the_unit_exactly_at_the_threshold_meets_it(project: Project) -> None:
    """恒口示范区 has 30 000 m² vacant; 以上 includes the number (domain reference §2)."""
    [result] = project.check(["factory_reserve"])
    unit = next(item for item in result.units if item.name == "恒口示范区")
    assert unit.figures["vacant"] == pytest.approx(30_000.0, abs=1e-6)
    assert unit.verdict is Verdict.MET


def test_the_known_rezonings_are_found_to_the_square_metre(project: Project) -> None:
    """Independently: plots of both snapshots under one number, cut by geopandas with the lines of both days."""
    plan = dict(iter(project.read("land_use").groupby("snapshot")))
    older = plan[OLDER][plan[OLDER]["code"].str.startswith("1001")]
    newer = plan[NEWER][~plan[NEWER]["code"].str.startswith("1001") | (plan[NEWER]["code"] == "1001/0901")]
    lines = project.read("block_line")
    on_both_days = lines[lines["valid_to"].isna() & (lines["valid_from"] < pd.Timestamp("2023-03-31"))]
    changed = gpd.overlay(older[["plot_no", "geometry"]], newer[["code", "geometry"]], keep_geom_type=True)
    inside = gpd.overlay(changed, on_both_days[["geometry"]], keep_geom_type=True)
    inside = inside[inside.geometry.area > 1.0]
    pieces = project.compare(OLDER, NEWER).pieces
    # Lines that were moved are judged apart: here only those that stand as they were.
    kept = set(on_both_days["code"])
    found = pieces[(pieces["way"] == "code") & pieces["line"].isin(kept)]
    assert len(inside) >= 10
    expected = ellipsoidal_area(inside.geometry.to_numpy(), project.epsg)
    assert found["area"].sum() == pytest.approx(expected.sum(), rel=1e-6)
    by_code = pd.Series(expected).groupby(inside["code"].to_numpy()).sum().to_dict()
    assert found.groupby("after_code")["area"].sum().to_dict() == pytest.approx(by_code, rel=1e-6)


def test_rezonings_are_of_every_kind_and_slivers_are_told_apart(project: Project) -> None:
    pieces = project.compare(OLDER, NEWER).pieces
    assert {"0901", "070102", "1001/0901", "1402", "1207"} <= set(pieces["after_code"])
    assert set(pieces["way"]) == {"code", "line"}
    strips = pieces[pieces["after_code"] == "1207"]
    assert strips[strips["sliver"]]["width"].max() < 0.5
    assert strips[~strips["sliver"]]["width"].between(1.0, 3.5).all()
    spared = {"宁陕县", "平利县", "镇坪县", "恒口示范区"}
    assert not spared & set(pieces["unit_name"])


def test_qgis_draws_the_newer_plan_and_the_lines_in_force(project: Project, frames: Frames) -> None:
    styles = dict(ask(project.path, "SELECT f_table_name, styleQML FROM layer_styles"))
    plan = drawn(project.path, "land_use", str(styles["land_use"]), "2024-06-30")
    newer = frames["land_use"][frames["land_use"]["snapshot"] == NEWER]
    assert len(plan) == len(newer)
    lines = drawn(project.path, "block_line", str(styles["block_line"]), "2024-06-30")
    assert len(lines) == int(frames["block_line"]["valid_to"].isna().sum())
    assert {label for entry in lines.values() for label in entry} == {"一级", "二级"}


@pytest.mark.parametrize("at", [0.2, 0.7])
def test_a_cancelled_generation_leaves_no_file(tmp_path: Path, at: float) -> None:
    def stop(share: float, _text: str) -> None:
        if share > at:
            raise Cancelled

    with pytest.raises(Cancelled):
        generate(tmp_path / "x.gpkg", parcels=120, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    path.write_bytes(b"something else")
    with pytest.raises(ParkLineError, match="已存在"):
        generate(path, parcels=120)
    assert path.read_bytes() == b"something else"


def test_progress_runs_forward_from_start_to_end(tmp_path: Path) -> None:
    shares: list[float] = []
    generate(tmp_path / "x.gpkg", parcels=120, progress=lambda share, _text: shares.append(share)).close()
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
