"""``python -m tests.bench.kills --kills 300``: programs that are killed while they write; one JSON document on stdout.

A child edits a project, imports into it, undoes and redoes, and says each thing that was stored through a pipe. It is
killed (SIGKILL) at a random moment, hundreds of times, always on the same file. After each kill the file must be
sound, every confirmed thing must be in it, and the journal must say of each transaction exactly what it did.
Where processes cannot be forked (Windows) there is nothing to run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.store.base import QuarantinedRow
from gis.store.ownership import lock_file
from layers.editing.prepare import attribute_edit, retirement
from layers.editing.save import save
from layers.project import Project
from tests.layers.checks.world import EPSG, E, N
from tests.layers.editing.city import build

__all__ = ["judge", "run"]

_MOST_CONFIRMED = 6  # things that a child may have stored before it is killed
_DELAY = 0.12  # seconds at most from the last of them to the kill: somewhere in the next one
_PATIENCE = 60.0  # seconds for a child to say anything at all
_TABLES = ("parcel", "parkline_meta", "parkline_quarantine", "warning", "lineage")


def lots(count: int, name: str) -> gpd.GeoDataFrame:
    """Squares in rows of a hundred, numbered by a name."""
    number = np.arange(count)
    x, y = E + 20_000 + number % 100 * 20.0, N + 20_000 + number // 100 * 20.0
    return gpd.GeoDataFrame(
        {"parcel_no": [f"{name}-{n}" for n in number]}, geometry=shapely.box(x, y, x + 10, y + 10), crs=EPSG
    )


def write_on(path: Path, seed: int, said: int) -> None:
    """What a child does until it is killed: one thing after the other, each confirmed once it is stored."""
    random_ = random.Random(seed)  # noqa: S311 - moments, not secrets
    with Project.open(path) as project:
        os.write(said, b"begun\n")
        for turn in range(1_000_000):
            token = f"{seed}-{turn}"
            what = random_.choice(["edit", "edit", "edit", "import", "retire", "undo", "redo", "reopen"])
            told: dict[str, Any] | None = None
            if what == "edit":
                rows = project.read("parcel", columns=[], geometry=False, limit=5)
                if rows.empty:  # everything was undone
                    continue
                uuid = str(random_.choice(list(rows["uuid"])))
                entry = save(project, attribute_edit(project, "parcel", [uuid], {"holder": token}))
                told = {"entry": entry, "uuid": uuid, "holder": token}
            elif what == "import":
                count = random_.choice([3, 100, 1000])
                with project.transaction(token, kind="import") as writing:
                    writing.insert("parcel", lots(count, token))
                    writing.quarantine("parcel", token, [QuarantinedRow(1, "退回", {"a": token})])
                    told = {"entry": writing.id, "rows": count}
            elif what == "retire" and project.store.count("parcel") > 50:
                rows = project.read(
                    "parcel", columns=[], geometry=False, order_by="fid", descending=True, limit=20
                )
                gone = retirement(project, "parcel", [str(item) for item in rows["uuid"]])
                entry = save(project, gone, reason=token)
                told = {"entry": entry}
            elif what in ("undo", "redo"):
                done = project.store.undo() if what == "undo" else project.store.redo()
                told = None if done is None else {"entry": done.id, "reverses": done.reverses}
            elif what == "reopen":
                project.close()
                project = Project.open(path)  # closing brings everything into one file
            if told is not None:
                os.write(said, (json.dumps({"what": what, **told}) + "\n").encode())


def judge(path: Path, confirmed: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the file after a kill; nothing is expected."""
    wrong: list[str] = []
    with Project.open(path) as project:  # as the next start of the program finds it
        project.read("parcel", limit=1)
    with closing(sqlite3.connect(path)) as connection:
        ask = connection.execute
        if (found := ask("PRAGMA integrity_check").fetchall()) != [("ok",)]:
            wrong.append(f"integrity: {found[:3]}")
        if found := ask("PRAGMA foreign_key_check").fetchall():
            wrong.append(f"foreign keys: {found[:3]}")
        if (tree := ask("SELECT rtreecheck('rtree_parcel_geom')").fetchone()) != ("ok",):
            wrong.append(f"index: {tree}")
        present = {row[0] for row in ask("SELECT name FROM sqlite_master WHERE type = 'table'")}
        journal = {row[0]: row[1:] for row in ask("SELECT id, kind, counts, reverses FROM parkline_journal")}
        did: dict[int, Counter[tuple[str, int]]] = {}
        for table in present.intersection(_TABLES):
            for side, column in enumerate(("born", "retired")):
                for entry, count in ask(
                    f'SELECT {column}, count(*) FROM "{table}" WHERE {column} NOTNULL GROUP BY 1'
                ):
                    did.setdefault(entry, Counter())[(table, side)] = count
        wrong += [f"rows of an unknown transaction {entry}" for entry in did.keys() - journal.keys()]
        for entry, (kind, counts, _reverses) in journal.items():
            stated = json.loads(counts)
            if kind in ("create", "migrate"):
                continue
            for table in present.intersection(_TABLES):
                written = [did.get(entry, Counter())[(table, side)] for side in (0, 1)]
                if written != stated.get(table, [0, 0]):
                    wrong.append(f"transaction {entry}, {table}: did {written}, says {stated.get(table)}")
        twice = ask("SELECT uuid FROM parcel WHERE retired IS NULL GROUP BY 1 HAVING count(*) > 1").fetchall()
        if twice:
            wrong.append(f"rows that are current twice: {twice[:3]}")
        for item in confirmed:
            entry = item["entry"]
            if entry not in journal:
                wrong.append(f"confirmed and gone: {item}")
            elif item["what"] == "edit":
                kept = ask(
                    "SELECT count(*) FROM parcel WHERE uuid = ? AND born = ? AND holder = ?",
                    (item["uuid"], entry, item["holder"]),
                ).fetchone()[0]
                if kept != 1:
                    wrong.append(f"confirmed and not there: {item}")
            elif item["what"] == "import" and did.get(entry, Counter())[("parcel", 0)] != item["rows"]:
                wrong.append(f"confirmed and not whole: {item}")
            elif item["what"] in ("undo", "redo") and journal[entry][2] != item["reverses"]:
                wrong.append(f"confirmed and not there: {item}")
    return wrong


def run(path: Path, kills: int, seed: int) -> dict[str, Any]:
    """Kill so many children on one project; what was confirmed, where the kills fell, what is wrong."""
    if not path.exists():
        build(path).close()
    with Project.open(path) as project:  # so that the children find every module loaded
        uuid = str(project.read("parcel", columns=[], limit=1)["uuid"].iloc[0])
        save(project, attribute_edit(project, "parcel", [uuid], {"holder": "0"}))
        project.store.undo()
    random_ = random.Random(seed)  # noqa: S311 - moments, not secrets
    confirmed: list[dict[str, Any]] = []
    left = Counter[str]()
    wrong: list[str] = []
    for number in range(kills):
        reading, saying = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                write_on(path, seed * 100_000 + number, saying)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(3)  # it was to be killed, not to end
        os.close(saying)
        lines = _lines(reading, child, random_.randint(0, _MOST_CONFIRMED), random_.uniform(0.0, _DELAY))
        new = [json.loads(line) for line in lines if line != "begun"]
        confirmed += new
        for suffix in ("-wal", "-journal", ".lock"):
            left[suffix] += path.with_name(path.name + suffix).exists()
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            wrong.append(f"child {number} ended by itself")
        wrong += judge(path, new)
        if wrong:
            break
    wrong += judge(path, confirmed)
    with closing(sqlite3.connect(path)) as connection:
        transactions = connection.execute("SELECT count(*) FROM parkline_journal").fetchone()[0]
    return {
        "kills": number + 1, "confirmed": len(confirmed), "kinds": dict(Counter(item["what"] for item in confirmed)),
        "transactions": transactions, "left_behind": dict(left), "lock_left": lock_file(path).exists(),
        "size_mb": round(path.stat().st_size / 1e6, 1), "wrong": wrong[:20],
    }  # fmt: skip


def _lines(reading: int, child: int, most: int, delay: float) -> list[str]:
    """What a child says until it is killed, ``delay`` seconds after so many things; the half line at the end left out."""
    text = b""
    ends: float | None = None
    while True:
        wait = _PATIENCE if ends is None else max(0.0, ends - time.monotonic())
        if not select.select([reading], [], [], wait)[0]:
            os.kill(child, signal.SIGKILL)
            ends = None
            continue
        part = os.read(reading, 65_536)
        if not part:
            os.close(reading)
            return text.decode().split("\n")[:-1]
        text += part
        if ends is None and text.count(b"\n") > most:
            ends = time.monotonic() + delay


def main(argv: list[str] | None = None) -> int:
    """Run and print; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--project", type=Path, help="the file to write to; a new one in a temporary folder if not said"
    )
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="parkline-kills-") as folder:
        result = run(options.project or Path(folder) / "project.gpkg", options.kills, options.seed)
    json.dump(result, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
    return int(bool(result["wrong"]))


if __name__ == "__main__":
    raise SystemExit(main())
