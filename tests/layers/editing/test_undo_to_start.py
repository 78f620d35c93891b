"""Undo to the very start gives the first state back byte for byte, whatever was done, undone and reopened between."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import shapely

from gis.editing.split import split
from gis.store.base import QuarantinedRow
from layers.editing.neighbourhood import neighbourhood
from layers.editing.prepare import attribute_edit, new_row, retirement
from layers.editing.reshaping import geometry_edit
from layers.editing.save import save
from layers.project import Project
from tests.bench.kills import lots
from tests.layers.checks.world import rectangle
from tests.layers.editing.city import at, build

Bytes = dict[str, list[tuple[object, ...]]]


def stored(path: Path) -> Bytes:
    """Every current row of every table with versions, as SQLite holds it, but for row and transaction numbers."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found: Bytes = {}
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            names = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            if {"born", "retired"} <= set(names):
                kept = ", ".join(f'"{name}"' for name in names if name not in ("fid", "born", "retired"))
                rows = connection.execute(f'SELECT {kept} FROM "{table}" WHERE retired IS NULL').fetchall()
                found[table] = sorted(rows, key=repr)
    return found


def act(project: Project, chance: random.Random, turn: int) -> None:
    """One thing that a person may do; what cannot be done just now is left out."""
    numbers = project.read("parcel", columns=["parcel_no"], geometry=False, order_by="fid")
    uuids = [str(uuid) for uuid in numbers["uuid"]]
    what = chance.choice(["edit", "edit", "new", "retire", "import", "snapshot", "split", "undo", "redo"])
    if what == "edit" and uuids:
        some = chance.sample(uuids, min(len(uuids), chance.randint(1, 3)))
        save(
            project,
            attribute_edit(project, "parcel", some, {"holder": chance.choice([f"企业 {turn}", None])}),
        )
    elif what == "new":
        shape = rectangle(5000 + 200 * turn, 5000, 100.1 + turn / 3, 77.7)
        save(project, new_row(project, "parcel", shape, {"parcel_no": f"新 {turn}"}), reason="示例")
    elif what == "retire" and len(uuids) > 3:
        save(project, retirement(project, "parcel", chance.sample(uuids, 2)), reason="示例")
    elif what == "import":
        with project.transaction(f"导入 {turn}", kind="import") as writing:
            writing.insert("parcel", lots(20, f"批 {turn}"))
            writing.quarantine("parcel", f"{turn}.shp", [QuarantinedRow(3, "退回", {"值": turn})])
            writing.set_meta("name", f"第 {turn} 次")
    elif what == "snapshot":
        project.add_snapshot(f"{turn}", dt.date(2024, 1, 1 + turn % 28))
    elif what == "split":
        near = neighbourhood(project, ("parcel",), (*at(-50, -50), *at(1200, 1100)))
        if near.positions("parcel"):
            line = shapely.get_coordinates(shapely.LineString([at(-100, 301 + turn), at(1300, 299 - turn)]))
            edit = geometry_edit(project, near, split(near.geometries, line, near.positions("parcel")))
            for number, uuid in enumerate(edit.layers["parcel"].born if "parcel" in edit.layers else []):
                edit = edit.with_values("parcel", [uuid], {"parcel_no": f"分 {turn}-{number}"})
            save(project, edit.with_proposals(), reason="示例")
    elif what in ("undo", "redo"):
        (project.store.undo if what == "undo" else project.store.redo)()


def test_undo_to_the_start_gives_every_byte_back(tmp_path: Path) -> None:
    chance = random.Random(2)  # noqa: S311 - a sequence that can be repeated, no secret
    path = tmp_path / "a.gpkg"
    project = build(path)
    start = project.store.journal(limit=1)[0].id
    first = stored(path)
    between: list[Bytes] = []
    for turn in range(14):
        act(project, chance, turn)
        between.append(stored(path))
        if chance.random() < 0.2:
            project.close()
            project = Project.open(path)
    assert sum(state != first for state in between) > 9
    steps = 0
    while (next_ := project.store.undoable()) is not None and next_.id > start:
        project.store.undo()
        steps += 1
    assert steps > 4
    assert stored(path) == first
    for _ in range(steps):
        project.store.redo()
    assert stored(path) == between[-1]
    project.close()
