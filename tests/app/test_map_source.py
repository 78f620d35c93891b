"""What the map keeps from edit to edit against what a map that is opened afterwards reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.canvas.source import ProjectSource
from layers.demo import generate
from layers.editing.prepare import attribute_edit, retirement
from layers.editing.save import save
from layers.project import Project
from layers.styling.style import STANDARD


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Project]:
    project = generate(tmp_path / "演示.gpkg", parcels=60, seed=1)
    yield project
    project.close()


def _opened(qtbot: QtBot, project: Project) -> ProjectSource:
    source = ProjectSource(project)
    source.open(lambda: None)
    qtbot.waitUntil(lambda: not source.reading, timeout=60_000)
    return source


def _counts(source: ProjectSource, name: str) -> dict[str, int]:
    box = source.extent()
    assert box is not None
    content = source.load(name, box, STANDARD)
    assert content is not None
    return dict(content.counts)


def test_the_classes_are_counted_anew_after_each_edit(qtbot: QtBot, demo: Project) -> None:
    source = _opened(qtbot, demo)
    before = _counts(source, "parcel")
    assert sum(before.values()) == demo.store.count("parcel")
    parks = source.load("park", source.extent() or (0, 0, 0, 0), STANDARD)
    uuids = list(demo.read("parcel", columns=[], geometry=False)["uuid"])
    for chosen, code in ((uuids[:5], "0701"), (uuids[3:9], "1401"), (uuids[7:12], "")):
        edit = (
            attribute_edit(demo, "parcel", chosen, {"land_use_code": code})
            if code
            else retirement(demo, "parcel", chosen)
        )
        save(demo, edit, reason="示例")
        source.forget()
        kept, fresh = _counts(source, "parcel"), _opened(qtbot, demo)
        assert kept == _counts(fresh, "parcel")
        assert source.load("park", source.extent() or (0, 0, 0, 0), STANDARD) is parks  # nothing to do for it
        fresh.close()
    assert sum(kept.values()) == sum(before.values()) - 5
    assert kept != before
    demo.store.undo()
    source.forget()
    assert sum(_counts(source, "parcel").values()) == sum(before.values())
    source.close()
