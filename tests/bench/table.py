"""The attribute table of a demo project: sort, filter, search and statistics, as its workers do them.

``first`` is the first question after the columns were read ahead (``read_ahead_seconds``, in the background and once a
project: ``opened_again_seconds`` is what it takes at the next opening), with the first page of the result; ``second``
asks the other way round. ``unread_seconds`` is a sort before anything was read ahead. The reference reads the column with
geopandas and asks pandas; both have to find the same rows in the same order.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.timing import Memory, repeat

__all__ = ["measure", "run"]

_SORTED = ("parcel_no", "holder", "area_ellipsoid", "land_use_code")
_PART, _AREA = "12", 3000.0


def run(size: int) -> dict[str, Any]:
    """The questions on a demo project of ``size`` parcels."""
    from layers.demo import generate

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "示例 项目.gpkg"
        generate(path, parcels=size, seed=1).close()
        return measure(path, Path(folder) / "columns")


def measure(path: Path, folder: Path) -> dict[str, Any]:
    """Ask the parcels of a project; ``folder`` gets the column files."""
    from app.panels.store_source import StoreSource
    from gis.progress import silent
    from gis.store.base import Condition
    from gis.store.column_cache import ColumnCache
    from gis.store.row_lists import RowLists
    from layers.project import Project
    from layers.registry import layer
    from layers.selecting.by_attribute import Operator, Question, matching

    spec = layer("parcel")
    names = [field.name for field in spec.fields]
    result: dict[str, Any] = {"steps": {}}
    steps: dict[str, dict[str, float]] = result["steps"]
    kept: dict[str, Any] = {}

    def timed(name: str, work: Callable[[], Any], way: str = "first") -> Any:
        timing = repeat(work, most=1)
        steps.setdefault(name, {})[way] = round(timing.best, 4)
        steps[name][f"{way}_cpu"] = round(timing.best_processor, 4)
        return timing.result

    project = Project.open(path)
    store = project.store
    store.changed_outside()
    memory = Memory()
    lists = RowLists(store, ColumnCache(store, folder))
    StoreSource(store, lists, "parcel", spec.fields).arrange(None, descending=False, progress=silent)
    lists.rows("parcel", order_by="park")  # the loops are compiled once on a machine
    result["unread_seconds"] = round(repeat(lambda: lists.rows("parcel", order_by="holder"), most=1).best, 4)
    cache = ColumnCache(store, folder)
    lists = RowLists(store, cache)
    # Small tables are not read ahead: their columns are read when they are asked for.
    ahead = repeat(lambda: lists.warm("parcel", names), most=1)
    result["read_ahead_seconds"], result["read_ahead_cpu"] = (
        round(ahead.best, 3),
        round(ahead.best_processor, 3),
    )
    cache.close()

    project = Project.open(path)
    store = project.store
    store.changed_outside()
    cache = ColumnCache(store, folder)
    lists = RowLists(store, cache)
    source = StoreSource(store, lists, "parcel", spec.fields)
    source.arrange(None, descending=False, progress=silent)
    result["opened_again_seconds"] = round(repeat(lambda: lists.warm("parcel", names), most=1).best, 4)

    def sort(name: str, *, descending: bool) -> Any:
        source.arrange(name, descending=descending, progress=silent)
        source.page(0, 256)
        return source.ids(None)

    for name in _SORTED:
        kept[name] = timed(f"sort {name}", lambda name=name: sort(name, descending=False))
        timed(f"sort {name}", lambda name=name: sort(name, descending=True), "second")
    where = {
        "filter holder": [Condition("holder", "contains", _PART)],
        "filter area": [Condition("area_ellipsoid", ">=", _AREA)],
    }
    for name, conditions in where.items():
        kept[name] = timed(name, lambda some=conditions: lists.rows("parcel", some))
    questions = [
        Question(spec.field("name"), Operator.CONTAINS, (_PART,)),
        Question(spec.field("area_ellipsoid"), Operator.AT_LEAST, (str(_AREA),)),
    ]
    kept["search"] = timed("search", lambda: matching(lists, "parcel", questions, every=True))
    figures = {
        name: timed(
            f"statistics {name}",
            lambda name=name: source.statistics(spec.field(name), None, silent),
        )
        for name in _SORTED
    }
    result["columns_mb"] = round(sum(file.stat().st_size for file in folder.glob("*")) / 2**20, 1)
    result.update(memory.figures())
    cache.close()
    _compare(path, kept, figures, steps)
    result["seconds"] = max(step["first"] for step in steps.values())
    result["reference_seconds"] = max(step.get("reference", 0.0) for step in steps.values())
    return result


def _compare(
    path: Path, kept: dict[str, Any], figures: dict[str, Any], steps: dict[str, dict[str, float]]
) -> None:
    """The plain way, and that it finds the same. The project is closed: GDAL has a SQLite of its own."""
    import pyogrio

    def read(*columns: str) -> Any:
        return pyogrio.read_dataframe(
            path,
            layer="parcel",
            columns=columns,
            where="retired IS NULL",
            read_geometry=False,
            fid_as_index=True,
        )

    def ask(step: str, work: Callable[[], Any], same: Callable[[Any], bool]) -> None:
        timing = repeat(work, most=1)
        steps[step]["reference"] = round(timing.best, 4)
        assert same(timing.result), f"{step}: not what pandas finds"

    for name in _SORTED:
        ask(
            f"sort {name}",
            lambda name=name: read(name).sort_values(name, kind="stable", na_position="last"),
            lambda frame, name=name: np.array_equal(frame.index, kept[name]),
        )
        column = read(name)[name]
        counts = column.value_counts()
        ask(
            f"statistics {name}",
            lambda name=name: read(name)[name].agg(["count", "nunique"]),
            lambda found, name=name: (
                (int(found["count"]), int(found["nunique"])) == (figures[name].filled, figures[name].distinct)
            ),
        )
        assert counts.max() == max((count for _, count in figures[name].frequent), default=1)
    ask(
        "filter holder",
        lambda: (frame := read("holder"))[frame["holder"].str.contains(_PART, na=False)],
        lambda frame: np.array_equal(frame.index, kept["filter holder"]),
    )
    ask(
        "filter area",
        lambda: (frame := read("area_ellipsoid"))[frame["area_ellipsoid"] >= _AREA],
        lambda frame: np.array_equal(frame.index, kept["filter area"]),
    )
    ask(
        "search",
        lambda: (frame := read("name", "area_ellipsoid"))[
            frame["name"].str.contains(_PART, na=False) & (frame["area_ellipsoid"] >= _AREA)
        ],
        lambda frame: np.array_equal(frame.index, kept["search"]),
    )
