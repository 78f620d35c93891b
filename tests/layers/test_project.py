"""One project: made, opened, read, closed; other files refused; units known by name only."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gis.errors import ParkLineError
from gis.progress import Cancelled
from gis.store.base import Condition
from layers.checks.registry import CHECKS
from layers.checks.result import CheckResult
from layers.policy import default_policy_path
from layers.project import KnownUnit, Project
from layers.registry import TABLES
from tests.layers.checks.world import EPSG, rectangle

DAY = dt.date(2024, 6, 30)
POLICY = default_policy_path().read_text("utf-8")


def layer(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=EPSG)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "安康 2024.gpkg", epsg=EPSG, name="安康市工业用地") as made:
        yield made


def insert(project: Project, name: str, rows: list[dict[str, object]]) -> list[str]:
    with project.transaction("insert") as transaction:
        return transaction.insert(name, layer(rows))


def units() -> list[dict[str, object]]:
    return [
        {"code": "610902", "name": "汉滨区", "geometry": rectangle(-5000, -5000, 10_000, 10_000)},
        {"code": "610922", "name": "石泉县", "geometry": rectangle(5000, -5000, 10_000, 10_000)},
    ]


# --- making and opening --------------------------------------------------------------------------


def test_a_new_project_has_every_layer_empty_and_ankangs_policy(project: Project) -> None:
    for spec in TABLES:
        assert project.store.count(spec.name) == 0
        stored = {
            column.name
            for table in project.store.tables()
            if table.name == spec.name
            for column in table.columns
        }
        assert {item.name for item in spec.fields} <= stored
    assert (project.name, project.epsg, project.is_demo) == ("安康市工业用地", EPSG, False)
    assert project.policy.text == POLICY
    assert project.as_of == dt.date.today()  # noqa: DTZ011 - the local day, as in the project
    assert project.snapshots() == []
    assert len(project.units()) == 0


def test_what_was_made_is_there_after_closing(tmp_path: Path) -> None:
    path = tmp_path / "项目.gpkg"
    with Project.create(
        path,
        epsg=4546,
        name="白河",
        demo=True,
        as_of=DAY,
        land_use_csv="code,name,class\nI,General,industrial\n",
    ):
        pass
    with Project.open(path) as again:
        assert (again.name, again.epsg, again.is_demo, again.as_of) == ("白河", 4546, True, DAY)
        assert again.codes.class_of("custom", "I") == "industrial"
        assert again.policy.text == POLICY
        assert again.path == path


def test_a_project_is_judged_by_the_policy_it_was_made_with(tmp_path: Path) -> None:
    """2.5 ha of industry in 10 ha sold is 25 %: short of the shipped 30 %, enough for a policy that asks 20 %."""
    own = POLICY.replace("value = 0.30", "value = 0.20", 1)
    assert own != POLICY
    verdicts = {}
    for name, text in (("shipped", None), ("own", own)):
        path = tmp_path / f"{name}.gpkg"
        with Project.create(path, epsg=EPSG, name="x", policy_text=text, policy_name="试行") as made:
            insert(made, "unit", units())
            sales = {"061": 25_000.0, "051": 75_000.0}
            rows: list[dict[str, object]] = [
                {
                    "unit": "汉滨区", "use_code": code, "use_scheme": "landchina", "use_name": "x", "mode": "23",
                    "area": area, "contract_on": pd.Timestamp("2024-03-01"), "supervision_no": code, "geometry": None,
                }
                for code, area in sales.items()
            ]  # fmt: skip
            insert(made, "transfer", rows)
        with Project.open(path) as again:
            assert again.policy.text == (text or POLICY)
            [result] = again.check(["industrial_quota"], as_of=DAY)
            verdicts[name] = str(result.verdict)
    assert verdicts == {"shipped": "short", "own": "met"}


@pytest.mark.parametrize(
    "faulty",
    [
        {"policy_text": "not = [toml"},
        {"policy_text": ""},
        {"land_use_csv": "code;name\n"},
        {"land_use_csv": "code,name,class\nI,x,nope\n"},
    ],
)
def test_a_faulty_policy_or_code_table_leaves_no_file_behind(tmp_path: Path, faulty: dict[str, str]) -> None:
    with pytest.raises(ParkLineError):
        Project.create(tmp_path / "a.gpkg", epsg=EPSG, name="x", **faulty)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_neither_overwritten_nor_changed(project: Project) -> None:
    project.close()
    before = project.path.read_bytes()
    with pytest.raises(ParkLineError, match="已存在"):
        Project.create(project.path, epsg=EPSG, name="x")
    assert project.path.read_bytes() == before


def test_opening_and_reading_writes_nothing(project: Project) -> None:
    insert(project, "unit", units())
    project.close()
    before = (project.path.read_bytes(), sorted(item.name for item in project.path.parent.iterdir()))
    with Project.open(project.path) as again:
        again.check(as_of=DAY)
        again.read("parcel")
        again.units()
        again.snapshots()
        again.lines(DAY)
        assert (again.path.read_bytes(), sorted(item.name for item in again.path.parent.iterdir())) == before
    assert (project.path.read_bytes(), sorted(item.name for item in project.path.parent.iterdir())) == before


def test_a_geopackage_that_is_no_project_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "县里.gpkg"
    layer(units()).to_file(path, layer="unit", driver="GPKG")
    with pytest.raises(ParkLineError, match="不是 ParkLine 项目") as caught:
        Project.open(path)
    assert caught.value.file == path
    assert caught.value.hint


def test_a_store_without_a_policy_is_no_project(project: Project) -> None:
    """Made by the store alone, or its policy lost: refused, and the file is released for others."""
    project.close()
    with closing(sqlite3.connect(project.path)) as other, other:
        other.execute("DELETE FROM parkline_meta WHERE key = 'policy'")
    with pytest.raises(ParkLineError, match="不是 ParkLine 项目"):
        Project.open(project.path)
    project.path.rename(project.path.with_name("moved.gpkg"))


def test_a_newer_project_is_refused_by_its_number(project: Project) -> None:
    project.close()
    with closing(sqlite3.connect(project.path)) as other, other:
        other.execute("UPDATE parkline_meta SET value = '77' WHERE key = 'schema_version'")
    before = project.path.read_bytes()
    with pytest.raises(ParkLineError, match="77") as caught:
        Project.open(project.path)
    assert "升级" in caught.value.hint
    assert project.path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no database at all", None])
def test_files_that_are_none_are_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.gpkg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ParkLineError) as caught:
        Project.open(path)
    assert caught.value.file == path


def test_a_closed_project_says_so_instead_of_reading(project: Project) -> None:
    project.close()
    project.close()
    with pytest.raises(ValueError, match="closed"):
        project.read("parcel")


# --- units --------------------------------------------------------------------------------------------


def test_units_known_by_name_resolve_texts_before_any_outline_is_there(tmp_path: Path) -> None:
    known = [
        KnownUnit("610902", "汉滨区", "district"),
        KnownUnit("610902-GX", "安康高新区", "committee", "610902"),
    ]
    with Project.create(tmp_path / "a.gpkg", epsg=EPSG, name="x", known_units=known) as made:
        tree = made.units()
        assert tree.codes == ("610902", "610902-GX")
        assert tree.parent == (None, "610902")
        assert tree.resolve("高新区") == "610902-GX"
        assert tree.ancestors("610902-GX") == ("610902",)


def test_an_imported_outline_replaces_the_unit_known_by_name(tmp_path: Path) -> None:
    """By code or by name; those that were not imported stay known."""
    known = [KnownUnit("610902", "汉滨区"), KnownUnit("shiquan", "石泉县"), KnownUnit("610923", "宁陕县")]
    with Project.create(tmp_path / "a.gpkg", epsg=EPSG, name="x", known_units=known) as made:
        insert(made, "unit", units())
        tree = made.units()
        assert sorted(tree.codes) == ["610902", "610922", "610923"]
        areas = {code: shape.area for code, shape in zip(tree.codes, tree.gross, strict=True)}
        assert areas == {"610902": 1e8, "610922": 1e8, "610923": 0.0}


def test_units_are_computed_again_after_a_change_and_not_before(project: Project) -> None:
    insert(project, "unit", units()[:1])
    first = project.units()
    assert project.units() is first
    insert(project, "unit", units()[1:])
    assert len(project.units()) == 2
    project.store.undo()
    assert project.units().codes == ("610902",)


# --- reading, checks, lines --------------------------------------------------------------------------


def test_reads_take_a_box_columns_and_conditions(project: Project) -> None:
    rows = [
        {"parcel_no": f"P{n}", "stage": "building", "geometry": rectangle(100 * n, 0, 50, 50)}
        for n in range(9)
    ]
    insert(project, "parcel", rows)
    west, south, east, north = rectangle(90, 0, 200, 10).bounds
    found = project.read("parcel", bbox=(west, south, east, north), columns=["parcel_no"])
    assert list(found["parcel_no"]) == ["P1", "P2"]
    one = project.read("parcel", where=[Condition("parcel_no", "=", "P7")], geometry=False)
    assert one["parcel_no"].tolist() == ["P7"]


def test_a_transaction_that_fails_leaves_the_project_as_it_was(project: Project) -> None:
    def fail() -> None:
        with project.transaction("fails") as transaction:
            transaction.insert("unit", layer(units()))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert project.store.count("unit") == 0


def test_lines_are_in_force_from_their_first_day_to_the_day_before_their_last(project: Project) -> None:
    """Half-open validity: on 2024-01-01 the older version is over and the newer one has begun."""
    day = pd.Timestamp
    rows: list[dict[str, object]] = [
        {"code": "old", "valid_from": day("2022-03-01"), "valid_to": day("2024-01-01")},
        {"code": "new", "valid_from": day("2024-01-01"), "valid_to": pd.NaT},
        {"code": "ever", "valid_from": pd.NaT, "valid_to": pd.NaT},
    ]
    insert(project, "block_line", [row | {"geometry": rectangle(0, 0, 9, 9)} for row in rows])

    def codes(text: str) -> list[str]:
        return sorted(project.lines(dt.date.fromisoformat(text))["code"])

    assert codes("2022-02-28") == ["ever"]
    assert codes("2023-12-31") == ["ever", "old"]
    assert codes("2024-01-01") == ["ever", "new"]


def test_an_unknown_check_is_refused_with_the_known_ones(project: Project) -> None:
    with pytest.raises(ParkLineError, match="nonsense") as caught:
        project.check(["nonsense", CHECKS[0].id])
    assert CHECKS[0].id in caught.value.hint


def test_checks_run_in_the_order_asked_for_on_the_day_asked_for(project: Project) -> None:
    insert(project, "unit", units())
    results = project.check(as_of=DAY)
    assert [result.id for result in results] == [check.id for check in CHECKS]
    assert {result.as_of for result in results} == {DAY}
    [only] = project.check(["industrial_quota"], as_of=DAY, year=2022)
    assert only.id == "industrial_quota"
    assert "2022" in only.period


def test_a_check_can_be_cancelled(project: Project) -> None:
    insert(project, "unit", units())

    def stop(share: float, _text: str) -> None:
        if share > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        project.check(as_of=DAY, progress=stop)


def test_a_check_reads_one_state_of_the_project_whoever_writes_meanwhile(project: Project) -> None:
    """Another thread adds a parcel and a contract between the reading of two tables: neither is seen."""
    insert(project, "unit", units())
    writers: list[threading.Thread] = []

    def write() -> None:
        for name in ("parcel", "transfer", "factory", "land_use"):
            insert(project, name, [{"geometry": rectangle(0, 0, 50, 50)}])

    def progress(share: float, text: str) -> None:
        if share > 0 and not writers:
            writers.append(threading.Thread(target=write))
            writers[0].start()
            writers[0].join(timeout=20)

    def figures(results: list[CheckResult]) -> list[object]:
        return [
            (result.id, len(result.evidence), [item.text for item in result.findings]) for result in results
        ]

    before = figures(project.check(as_of=DAY))
    assert figures(project.check(as_of=DAY, progress=progress)) == before
    assert writers
    assert project.store.count("parcel") == 1
    assert figures(project.check(as_of=DAY)) != before
