"""The one way by which the window saves: worker, warning, reason, queue, refusals (figures as in the city's tests)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.editor import Answer, Weighed
from app.session import Session
from gis.progress import Progress
from gis.store.base import Condition
from gis.store.row_lists import RowLists
from layers.editing.ahead import weighed
from layers.editing.edit import Edit
from layers.editing.prepare import attribute_edit, retirement
from layers.editing.save import ReasonNeededError, save
from layers.editing.values import FieldError
from layers.project import Project
from tests.layers.editing.city import build, read, uuid_of

Build = Callable[[Project, Progress], Edit]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("city") / "city.gpkg"
    build(path).close()
    return path


def change(number: str, **values: object) -> Build:
    return lambda project, _progress: attribute_edit(
        project, "parcel", [uuid_of(project, "parcel", number)], values
    )


class Told:
    """Hears how edits end, and which errors were shown."""

    def __init__(self, session: Session) -> None:
        self.ends: list[str] = []
        self.errors: list[Exception] = []
        session.tasks.failed.connect(self.errors.append)

    def submit(self, session: Session, build: Build, title: str = "改") -> None:
        session.editor.submit(
            build,
            title,
            done=lambda: self.ends.append(f"{title} saved"),
            refused=lambda: self.ends.append(f"{title} refused"),
        )


def project_of(session: Session) -> Project:
    assert session.project is not None
    return session.project


def quiet(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.editor.busy and not session.tasks.running, timeout=20_000)


def test_an_edit_that_takes_no_industry_is_saved_at_once_as_one_step(qtbot: QtBot, session: Session) -> None:
    told = Told(session)
    saved: list[Edit] = []
    session.editor.saved.connect(saved.append)
    told.submit(session, change("A", holder="新企业", note="乙"))
    quiet(qtbot, session)
    assert told.ends == ["改 saved"]
    assert len(saved) == 1
    project = project_of(session)
    assert read(project, "parcel").loc["A", "holder"] == "新企业"
    assert session.undoable == saved[0].why
    session.undo()
    quiet(qtbot, session)
    assert read(project, "parcel").loc["A", "holder"] == "示例企业 1"
    assert read(project, "parcel").loc["A", "note"] == "甲"


def test_a_value_that_its_field_does_not_take_is_told_and_nothing_is_stored(
    qtbot: QtBot, session: Session
) -> None:
    told = Told(session)
    before = project_of(session).store.journal(limit=None)
    told.submit(session, change("A", stage="没有的阶段"))
    quiet(qtbot, session)
    assert told.ends == ["改 refused"]
    assert [type(error) for error in told.errors] == [FieldError]
    assert project_of(session).store.journal(limit=None) == before


def test_a_repeated_number_is_told_before_anybody_is_asked_for_a_reason(
    qtbot: QtBot, session: Session
) -> None:
    """B renamed to A and rezoned: the number comes first, a reason would have been typed for nothing."""
    told = Told(session)
    session.editor.ask = lambda _weighed, _answer: told.ends.append("asked")
    told.submit(session, change("B", parcel_no="A", land_use_code="0701"))
    quiet(qtbot, session)
    assert told.ends == ["改 refused"]
    assert "A 重复" in str(told.errors[0])


def test_lost_industry_is_asked_about_with_its_figures_and_the_reason_is_kept(
    qtbot: QtBot, session: Session
) -> None:
    """A is a tenth of the block, whose industrial share goes from 90 % to 80 % (tests of the warnings)."""
    told = Told(session)
    asked: list[Weighed] = []

    def ask(weighed: Weighed, answer: Answer) -> None:
        asked.append(weighed)
        answer("市政府 2024 年第 3 次会议")

    session.editor.ask = ask
    told.submit(session, change("A", land_use_code="0701"))
    quiet(qtbot, session)
    assert told.ends == ["改 saved"]
    (weighed,) = asked
    assert weighed.needs_reason
    assert weighed.warnings[0].block_text == "区块工业用地占比 90.00% → 80.00%"
    quota = next(
        item for item in weighed.figures if item.check == "industrial_quota" and item.before.code == "610902"
    )
    assert quota.before.figures[quota.judged] == pytest.approx(40.0)
    project = project_of(session)
    assert "市政府 2024 年第 3 次会议" in project.store.journal(limit=1)[0].why
    assert list(project.read("warning")["reason"]) == ["市政府 2024 年第 3 次会议"]


def test_going_back_to_the_edit_stores_nothing(qtbot: QtBot, session: Session) -> None:
    told = Told(session)
    session.editor.ask = lambda _weighed, answer: answer(None)
    told.submit(session, change("A", land_use_code="0701"))
    quiet(qtbot, session)
    assert told.ends == ["改 refused"]
    assert not told.errors
    assert read(project_of(session), "parcel").loc["A", "land_use_code"] == "100101"


def test_without_anybody_to_ask_lost_industry_is_refused(qtbot: QtBot, session: Session) -> None:
    told = Told(session)
    told.submit(session, change("A", land_use_code="0701"))
    quiet(qtbot, session)
    assert told.ends == ["改 refused"]
    assert [type(error) for error in told.errors] == [ReasonNeededError]


def test_edits_wait_for_each_other_in_the_order_they_came(qtbot: QtBot, session: Session) -> None:
    told = Told(session)
    gate = threading.Event()

    def slow(project: Project, progress: Progress) -> Edit:
        gate.wait(20)
        return change("A", note="一")(project, progress)

    told.submit(session, slow, "一")
    told.submit(session, change("A", note="二"), "二")
    told.submit(session, change("A", stage="没有的阶段"), "三")
    assert told.ends == []
    gate.set()
    quiet(qtbot, session)
    assert told.ends == ["一 saved", "二 saved", "三 refused"]
    assert read(project_of(session), "parcel").loc["A", "note"] == "二"


def test_an_edit_that_changes_nothing_leaves_no_entry(qtbot: QtBot, session: Session) -> None:
    told = Told(session)
    before = project_of(session).store.journal(limit=None)
    told.submit(session, change("A", note="甲"))
    quiet(qtbot, session)
    assert told.ends == ["改 saved"]
    assert project_of(session).store.journal(limit=None) == before


def test_a_read_only_project_says_so(qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(session)
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)  # rights do not bind root
    assert not session.editor.writable
    told.submit(session, change("A", note="乙"))
    assert told.ends == ["改 refused"]
    assert "只读" in str(told.errors[0])


def test_an_edit_is_refused_while_something_else_writes(qtbot: QtBot, session: Session) -> None:
    told = Told(session)
    gate = threading.Event()
    session.write(lambda _project, _progress: gate.wait(20) and None, lambda _: None, title="导入数据")
    told.submit(session, change("A", note="乙"))
    assert told.ends == ["改 refused"]
    assert "导入数据" in str(told.errors[0])
    gate.set()
    quiet(qtbot, session)
    told.submit(session, change("A", note="乙"))
    quiet(qtbot, session)
    assert told.ends == ["改 refused", "改 saved"]


def test_closing_the_project_refuses_what_is_being_asked_and_what_waits(
    qtbot: QtBot, session: Session
) -> None:
    told = Told(session)
    answers: list[Answer] = []
    session.editor.ask = lambda _weighed, answer: answers.append(answer)
    told.submit(session, change("A", land_use_code="0701"), "一")
    qtbot.waitUntil(lambda: bool(answers))
    told.submit(session, change("B", note="丙"), "二")
    session.close()
    assert told.ends == ["一 refused", "二 refused"]
    answers[0]("太晚")  # nobody listens any more
    assert not session.editor.busy
    qtbot.waitUntil(lambda: not session.tasks.running)


def test_edits_that_follow_each_other_are_judged_once_after_a_pause(qtbot: QtBot, session: Session) -> None:
    told = Told(session)
    judged: list[int] = []
    session.results_changed.connect(lambda: judged.append(len(told.ends)))
    session.pause = 0.6
    for note in ("子", "丑", "寅"):
        told.submit(session, change("A", note=note), note)
    qtbot.waitUntil(lambda: len(told.ends) == 3, timeout=20_000)
    assert judged == []
    assert session.fresh_results == []
    quiet(qtbot, session)
    assert judged == [3]
    assert session.fresh_results == session.results != []


def test_the_table_of_rows_knows_of_a_saved_edit(qtbot: QtBot, session: Session) -> None:
    """Lists of rows are kept by transaction: an edit is seen by the next one that asks."""
    lists: RowLists = session.row_lists()
    first = lists.rows("parcel", (), "note").tolist()
    Told(session).submit(session, change("A", note="癸"))
    quiet(qtbot, session)
    assert lists.rows("parcel", (), "note").tolist() != first


def test_columns_read_ahead_stay_right_over_edits_and_are_there_when_opened_again(
    qtbot: QtBot, session: Session, template: Path
) -> None:
    path = project_of(session).path
    names = ["parcel_no", "note", "area_certified"]
    session.adopt(session._prepared(Project.open(path)))
    lists = session.row_lists()
    session.read(lambda _project, progress: lists.warm("parcel", names, progress, least=1), lambda _: None)
    quiet(qtbot, session)
    Told(session).submit(session, change("A", note="癸"))
    quiet(qtbot, session)
    [edited] = lists.rows("parcel", [Condition("note", "=", "癸")]).tolist()
    session.close()
    quiet(qtbot, session)

    def there() -> dict[str, object]:
        assert session._columns is not None
        return dict(session._columns.load("parcel"))

    session.adopt(session._prepared(Project.open(path)))
    assert sorted(there()) == sorted(names)
    assert session.row_lists().rows("parcel", [Condition("note", "=", "癸")]).tolist() == [edited]
    session.changed_outside()
    assert there() == {}
    session.close()
    quiet(qtbot, session)
    session.adopt(session._prepared(Project.open(path)))
    assert there() == {}


def test_an_edit_weighed_ahead_is_weighed_again_if_anything_was_written_meanwhile(
    qtbot: QtBot, session: Session
) -> None:
    """A is rezoned by an edit that was weighed while there was a line; the line is gone when the edit is stored."""
    project = project_of(session)
    ahead = weighed(
        project,
        attribute_edit(project, "parcel", [uuid_of(project, "parcel", "A")], {"land_use_code": "0701"}),
    )
    assert ahead.holds(project)
    assert ahead.warnings
    lines = project.read("block_line")["uuid"].tolist()
    save(project, retirement(project, "block_line", lines), reason="撤线")
    assert not ahead.holds(project)
    told = Told(session)
    session.editor.submit(
        lambda _project, _progress: ahead.edit, "改", done=lambda: told.ends.append("saved"), ahead=ahead
    )
    quiet(qtbot, session)
    assert told.ends == ["saved"]  # without a reason: there is no line any more
    assert not told.errors


def test_an_edit_weighed_ahead_keeps_its_warnings(qtbot: QtBot, session: Session) -> None:
    project = project_of(session)
    ahead = weighed(
        project,
        attribute_edit(project, "parcel", [uuid_of(project, "parcel", "A")], {"land_use_code": "0701"}),
    )
    asked: list[Weighed] = []
    session.editor.ask = lambda found, answer: (asked.append(found), answer(None))[1]
    session.editor.submit(lambda _project, _progress: ahead.edit, "改", ahead=ahead)
    quiet(qtbot, session)
    assert [found.warnings for found in asked] == [ahead.warnings]
