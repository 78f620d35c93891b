"""A session with a project open, for the dialogs and panels that need one; each module makes its ``template``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.session import Session
from app.settings import Settings
from app.tasks import Tasks
from layers.project import Project


@pytest.fixture
def session(
    qtbot: QtBot, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    """A copy of the module's ``template`` project, open in a session of its own."""
    monkeypatch.setenv("PARKLINE_HOME", str(tmp_path / "home"))
    tasks = Tasks()
    made = Session(tasks, Settings(tmp_path / "s.ini"))
    made.pause = 0.05
    shutil.copy(template, tmp_path / "演示.gpkg")
    project = Project.open(tmp_path / "演示.gpkg")
    made.project, made.as_of, made.year = project, project.as_of, project.as_of.year
    yield made
    tasks.shutdown()
    project.close()
