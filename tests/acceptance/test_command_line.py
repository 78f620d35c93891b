"""The main job through the real command line, on the demo project, in a folder named 安康 数据."""

from __future__ import annotations

import csv
import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import openpyxl
import pyogrio
import pypdf
import pytest
import shapely

from gis.area import ellipsoidal_area
from layers.checks.registry import CHECKS
from layers.project import Project
from layers.scenarios.changes import Build
from layers.scenarios.scenario import Scenario
from layers.scenarios.stored import save_scenario
from tests.acceptance.command import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cli") / "安康 数据"
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def demo(folder: Path) -> Path:
    answer = run("demo", "演示 项目.gpkg", "--parcels", 300, "--seed", 5, "--json", cwd=folder)
    contents = answer.json("demo")["contents"]
    assert {item["layer"]: item["rows"] for item in contents["layers"]}["parcel"] == 300
    assert len(contents["snapshots"]) == 2
    return folder / "演示 项目.gpkg"


def snapshots(project: Path) -> list[str]:
    with Project.open(project) as opened:
        return [item.name for item in opened.snapshots()]


def test_the_demo_is_the_same_for_the_same_seed(folder: Path, demo: Path) -> None:
    run("demo", "b.gpkg", "--parcels", 300, "--seed", 5, cwd=folder)
    rows = []
    for number, project in enumerate((demo.name, "b.gpkg")):
        run("export", project, "transfer", f"{number}.csv", cwd=folder)
        with (folder / f"{number}.csv").open(encoding="utf-8-sig", newline="") as stream:
            rows.append([[v for k, v in row.items() if k != "行标识"] for row in csv.DictReader(stream)])
    assert rows[0] == rows[1]
    assert len(rows[0]) > 100


def test_info_tells_what_the_project_holds(folder: Path, demo: Path) -> None:
    told = run("info", demo.name, "--json", cwd=folder).json("info")
    assert (told["project"]["demo"], told["project"]["epsg"], told["units"]) == (True, 4545, 12)
    text = run("info", demo.name, cwd=folder).out
    assert "示例数据" in text
    for item in told["contents"]["layers"]:
        assert item["layer"] in text


def test_check_says_per_unit_what_the_window_would_say(folder: Path, demo: Path) -> None:
    answer = run("check", demo.name, "--json", cwd=folder, code=1)
    told = answer.json("check")
    with Project.open(demo) as project:
        results = project.check()
    for result, check in zip(results, told["checks"], strict=True):
        assert check["verdict"] == result.verdict.value
        assert [unit["figures"] for unit in check["units"]] == [dict(unit.figures) for unit in result.units]
        assert len(check["evidence"]) == len(result.evidence)
    text = run("check", demo.name, cwd=folder, code=1).out
    assert all(name in text for name in ("汉滨区", "安康高新区", "全市", "第七条", "第八条"))


def test_check_runs_the_checks_the_day_and_the_year_asked_for(folder: Path, demo: Path) -> None:
    told = run(
        "check", demo.name, "--only", "industrial_quota", "--as-of", "2023-12-31", "--year", "2023", "--json",
        cwd=folder, code=None,
    ).json("check")  # fmt: skip
    (check,) = told["checks"]
    assert (check["id"], check["as_of"], check["parameters"]["year"]) == (
        "industrial_quota",
        "2023-12-31",
        2023,
    )


def test_check_writes_the_report(folder: Path, demo: Path) -> None:
    run("check", demo.name, "--xlsx", "报告.xlsx", cwd=folder, code=1)
    book = openpyxl.load_workbook(folder / "报告.xlsx")
    assert len(book.sheetnames) == 1 + len(CHECKS)
    texts = {cell.value for row in book.worksheets[0].iter_rows() for cell in row}
    assert any("示例数据" in str(text) for text in texts)


def test_compare_gives_the_exact_pieces_and_writes_them_for_qgis(folder: Path, demo: Path) -> None:
    before, after = snapshots(demo)
    told = run("compare", demo.name, before, after, "--json", "--wkt", "--out", "图斑.gpkg", cwd=folder).json(
        "compare"
    )
    pieces = told["pieces"]
    assert pieces
    written = pyogrio.read_dataframe(folder / "图斑.gpkg", layer="rezoned_pieces")
    assert written.crs.to_epsg() == 4545
    assert sorted(written["area"]) == pytest.approx(sorted(piece["area"] for piece in pieces))
    assert ellipsoidal_area(written.geometry.to_numpy(), 4545) == pytest.approx(
        written["area"].to_numpy(), rel=1e-9
    )
    shapes = shapely.from_wkt([piece["wkt"] for piece in pieces])
    assert ellipsoidal_area(shapes, 4545) == pytest.approx([piece["area"] for piece in pieces], abs=2.0)
    with closing(sqlite3.connect(folder / "图斑.gpkg")) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (qml,) = connection.execute("SELECT styleQML FROM layer_styles WHERE useAsDefault").fetchone()
    assert "RuleRenderer" in qml
    assert "retired" not in qml
    text = run("compare", demo.name, before, after, cwd=folder).out
    assert f"变更 {sum(not piece['sliver'] for piece in pieces)} 块" in text


def test_print_writes_a_parcel_at_the_scale_and_on_the_paper_asked_for(folder: Path, demo: Path) -> None:
    """A3 upright is 297 × 420 mm, 841.9 × 1190.6 points."""
    told = run(
        "print", demo.name, "HB-000001", "-o", "地块 图.pdf", "--scale", "1:5000", "--paper", "A3", "--json", cwd=folder
    ).json("print")  # fmt: skip
    assert (told["scale"], told["paper"]) == (5000, "A3")
    page = pypdf.PdfReader(folder / "地块 图.pdf").pages[0]
    assert [float(page.mediabox.width), float(page.mediabox.height)] == pytest.approx(
        [841.89, 1190.55], abs=0.1
    )
    text = page.extract_text()
    assert "HB-000001" in text
    assert "1:5000" in text
    assert "示例数据" in text
    assert told["orientation"] == "portrait"
    lying = run(
        "print", demo.name, "HB-000001", "-o", "地块 图.pdf", "--orientation", "landscape", "--json", cwd=folder
    ).json("print")  # fmt: skip
    assert lying["orientation"] == "landscape"
    box = pypdf.PdfReader(folder / "地块 图.pdf").pages[0].mediabox
    assert [float(box.width), float(box.height)] == pytest.approx([841.89, 595.28], abs=0.1)


def test_a_parcel_nobody_knows_is_answered_with_similar_numbers(folder: Path, demo: Path) -> None:
    said = run("print", demo.name, "HB-1", "-o", "x.pdf", cwd=folder, code=3)
    assert "HB-1" in said.err
    assert "HB-000001" in said.err
    assert not (folder / "x.pdf").exists()


def test_an_exported_layer_goes_into_another_project(folder: Path, demo: Path) -> None:
    run("export", demo.name, "block_line", "线.shp", cwd=folder)
    run("new", "另一个.gpkg", cwd=folder)
    told = run("import", "另一个.gpkg", "block_line", "线.shp", "--json", cwd=folder).json("import")
    assert (told["report"]["taken"], told["report"]["refused"]) == (told["plan"]["rows"], [])


def ledger(path: Path, head: str, *rows: str) -> None:
    path.write_text("\n".join([head, *rows]), encoding="gbk")


UNITS = [
    "汉滨区",
    "汉阴县",
    "石泉县",
    "宁陕县",
    "紫阳县",
    "岚皋县",
    "平利县",
    "镇坪县",
    "旬阳市",
    "白河县",
    "安康高新区",
    "恒口示范区",
]


def test_the_exit_code_is_the_verdict(folder: Path) -> None:
    """Twelve units with 30,000 m² each are met (以上 includes the number); a lease of 1 m² makes one short.

    The lease runs from 1 March to 30 June, both days included: on 28 February and on 1 July all is met again.
    """
    project = "退出码.gpkg"
    run("new", project, cwd=folder)
    only = ("--only", "factory_reserve")
    run("check", project, *only, cwd=folder, code=2)
    buildings = [f"{n},{unit},30000,建成,2020-01-01" for n, unit in enumerate(UNITS)]
    ledger(folder / "厂房.csv", "厂房编号,县区,建筑面积（平方米）,建设状态,竣工验收备案日期", *buildings)
    run("import", project, "factory", "厂房.csv", cwd=folder)
    run("check", project, *only, cwd=folder, code=0)
    ledger(
        folder / "租赁.csv",
        "厂房编号,方式,租售面积（平方米）,起始日期,终止日期",
        "3,租赁,1,2024-03-01,2024-06-30",
    )
    run("import", project, "lease", "租赁.csv", cwd=folder)
    for day, code in (("2024-02-29", 0), ("2024-03-01", 1), ("2024-06-30", 1), ("2024-07-01", 0)):
        answer = run("check", project, *only, "--as-of", day, "--json", cwd=folder, code=code)
        short = [u["name"] for u in answer.json("check")["checks"][0]["units"] if u["verdict"] == "short"]
        assert short == (["宁陕县"] if code else [])


def test_rows_that_cannot_be_taken_go_to_a_workbook_and_the_rest_is_kept(folder: Path) -> None:
    """Row 1 is the header; row 3 has no area, row 4 repeats a number, row 5 has no such day."""
    project = "退回.gpkg"
    run("new", project, cwd=folder)
    head = "电子监管号,县区,供地面积（公顷）,土地用途,供地方式,合同签订日期"
    ledger(
        folder / "供地.csv", head, "1,汉阴县,1.5,工业用地,挂牌出让,2024-03-01", "2,汉阴县,,工业用地,挂牌出让,2024-03-01",
        "1,汉阴县,1,工业用地,挂牌出让,2024-03-01", "4,汉阴县,1,工业用地,挂牌出让,2024-02-30",
    )  # fmt: skip
    answer = run("import", project, "transfer", "供地.csv", "--refused", "退回.xlsx", cwd=folder)
    assert "导入 1 行" in answer.out
    assert "退回 3 行" in answer.out
    sheet = openpyxl.load_workbook(folder / "退回.xlsx").worksheets[0]
    assert [row[0] for row in sheet.iter_rows(min_row=3, values_only=True)] == [3, 4, 5]
    told = run("info", project, "--json", cwd=folder).json("info")
    counts = {item["layer"]: (item["rows"], item["quarantined"]) for item in told["contents"]["layers"]}
    assert counts["transfer"] == (1, 3)


def test_what_cannot_be_decided_is_asked_and_nothing_is_written(folder: Path) -> None:
    project = "提问.gpkg"
    run("new", project, cwd=folder)
    before = (folder / project).read_bytes()
    ledger(folder / "台账.csv", "电子监管号,县区,供地面积,土地用途,供地方式", "1,汉阴县,15,工业用地,挂牌出让")
    answer = run("import", project, "transfer", "台账.csv", "--json", cwd=folder, code=3)
    told = answer.json("import")
    assert told["report"] is None
    assert len(told["plan"]["questions"]) == 1
    assert "--map area=供地面积[ha]" in answer.err
    assert (folder / project).read_bytes() == before
    told = run(
        "import", project, "transfer", "台账.csv", "--map", "area=供地面积[mu]", "--dry-run", "--json", cwd=folder
    ).json("import")  # fmt: skip
    assert (told["report"]["taken"], told["report"]["transaction"]) == (1, None)
    assert (folder / project).read_bytes() == before
    run("import", project, "transfer", "台账.csv", "--map", "area=供地面积[mu]", cwd=folder)
    with Project.open(folder / project) as opened:  # 15 mu are a hectare
        assert opened.read("transfer")["area"].tolist() == pytest.approx([10_000.0])


def test_the_mapping_of_a_kind_of_file_is_remembered(folder: Path) -> None:
    project = "记住.gpkg"
    run("new", project, cwd=folder)
    for number in (1, 2):
        ledger(
            folder / f"{number}.csv",
            "电子监管号,县区,供地面积,土地用途,供地方式",
            f"{number},汉阴县,15,工业用地,划拨",
        )
    run("import", project, "transfer", "1.csv", "--map", "area=供地面积[ha]", cwd=folder)
    told = run("import", project, "transfer", "2.csv", "--json", cwd=folder).json("import")
    assert told["plan"]["mapping"]["area"] == {
        "column": "供地面积",
        "unit": "ha",
        "constant": None,
        "how": "remembered",
    }


def test_english_is_english(folder: Path, demo: Path) -> None:
    text = run("--lang", "en", "check", demo.name, "--only", "factory_reserve", cwd=folder, code=1).out
    assert "Not met" in text
    assert "未达标" not in text


def test_progress_and_notes_stay_out_of_the_result(folder: Path, demo: Path) -> None:
    answer = run("check", demo.name, "--only", "factory_reserve", "--json", cwd=folder, code=1)
    assert answer.out.startswith("{")
    assert answer.out.rstrip().endswith("}")
    assert "%" not in answer.err


def test_the_whole_of_a_day_is_judged_as_of_today_unless_told(folder: Path) -> None:
    run("new", "今天.gpkg", cwd=folder)
    told = run("info", "今天.gpkg", "--json", cwd=folder).json("info")
    assert abs((dt.date.fromisoformat(told["as_of"]) - dt.datetime.now().astimezone().date()).days) <= 1


def test_scenarios_stand_beside_today_with_their_differences(folder: Path, demo: Path) -> None:
    """A hall of 8,000 m² in 汉滨区 adds just that to what is built there, and to nothing else of the city."""
    project = folder / "情景.gpkg"
    project.write_bytes(demo.read_bytes())
    plain = run("whatif", project.name, "--json", cwd=folder, code=1).json("whatif")
    assert [item["name"] for item in plain["columns"]] == [None]
    with Project.open(project) as opened:
        hall = Build(building_id="新建1", unit="610902", area=8000.0, accepted_on=opened.as_of)
        for name, changes in (("甲", (hall,)), ("乙", ())):
            save_scenario(opened, Scenario(name, changes))
    told = run("whatif", project.name, "--json", cwd=folder, code=1).json("whatif")
    assert [item["name"] for item in told["columns"]] == [None, "甲", "乙"]
    (built,) = [
        line
        for line in told["lines"]
        if (line["check"], line["unit"], line["figure"]) == ("factory_reserve", "610902", "built")
    ]
    today, first, second = built["cells"]
    assert first["value"] - today["value"] == pytest.approx(8000.0)
    assert (first["difference"], first["differs"], second["differs"]) == (pytest.approx(8000.0), True, False)
    assert {line["check"] for line in told["lines"] if line["cells"][2]["differs"]} == set()
    with Project.open(project) as opened:
        today_figures = {
            (result.id, unit.code, key): value
            for result in opened.check()
            for unit in result.units
            for key, value in unit.figures.items()
        }
    shown = {
        (line["check"], line["unit"], line["figure"]): line["cells"][0]["value"]
        for line in told["lines"]
        if line["unit"] and line["figure"]
    }
    assert shown == {key: value for key, value in today_figures.items() if key in shown}
    text = run("whatif", project.name, "--scenario", "甲", "--xlsx", "比较.xlsx", cwd=folder, code=1).out
    assert "新建厂房 新建1" in text
    assert "▲ 8,000.00 ㎡" in text
    assert "乙" not in text
    assert (folder / "比较.xlsx").exists()
    assert "没有名为“丙”的情景" in run("whatif", project.name, "--scenario", "丙", cwd=folder, code=3).err
