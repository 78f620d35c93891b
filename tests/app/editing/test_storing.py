"""From letting go of a boundary point to its picture: the new boundary stays in sight, and nothing written meanwhile is lost.

The city as in ``test_tools``.
"""

from __future__ import annotations

import pytest

from layers.editing.prepare import attribute_edit
from tests.app.editing.hand import Hand
from tests.layers.editing.city import at


def corner(hand: Hand, number: str) -> float:
    """How far north of the city's corner the parcel reaches at 300 m east or beyond."""
    shape = hand.parcels().geometry[number]
    return max(y for x, y in shape.geoms[0].exterior.coords if x >= at(300, 0)[0] - 30) - at(0, 0)[1]


def test_the_new_boundary_is_in_sight_until_the_picture_shows_it(hand: Hand) -> None:
    seen: list[tuple[bool, int, bool]] = []
    hand.take("vertex")
    hand.hold(300, 600)
    hand.drag(320, 560)
    shapes = [outcome.shape.wkb for outcome in hand.tool.found]
    assert shapes

    def saved(_edit: object) -> None:
        kept = [outcome.shape.wkb for outcome in hand.tool.stored]
        seen.append((kept == shapes, len(hand.tool.found), hand.canvas.drawing))

    hand.mode.session.editor.saved.connect(saved)
    hand.drop(320, 560)
    hand.mode.session.editor.saved.disconnect(saved)
    assert seen == [(True, 0, True)], "what was drawn, no drawing any more, the new picture still on its way"
    hand.until(lambda: not hand.canvas.drawing and not hand.tool.stored)


def test_a_drawing_that_rests_is_made_ready_and_stored_as_it_is(hand: Hand) -> None:
    steps = hand.steps()
    hand.take("vertex")
    hand.hold(300, 600)
    hand.drag(320, 560)
    hand.until(lambda: hand.mode._ready is not None)
    hand.drop(320, 560)
    assert hand.steps() == steps + 1
    assert corner(hand, "B") == pytest.approx(600), "the corner at 500 east"
    assert at(300, 600) not in set(hand.parcels().geometry["A"].geoms[0].exterior.coords)


@pytest.mark.parametrize("quietly", [False, True])
def test_what_is_written_after_it_was_made_ready_is_not_lost(hand: Hand, quietly: bool) -> None:
    """By the window itself, or where nobody has told the tool: then it is refused, and drawn again it goes through."""
    hand.take("vertex")
    hand.hold(300, 600)
    hand.drag(320, 560)
    hand.until(lambda: hand.mode._ready is not None)
    told: list[Exception] = []
    hand.shell.tasks.failed.connect(told.append)
    if quietly:
        with hand.project.store.transaction("elsewhere") as transaction:
            frame = hand.project.read("parcel", columns=["note"])
            frame = frame[frame["uuid"] == hand.uuid("A")].drop(columns="geometry").assign(note="别处")
            transaction.update("parcel", frame)
    else:
        hand.mode.session.editor.submit(
            lambda project, _progress: attribute_edit(project, "parcel", [hand.uuid("A")], {"note": "别处"}),
            "备注",
        )
        hand.settled()
    hand.drop(320, 560)
    hand.shell.tasks.failed.disconnect(told.append)
    assert hand.parcels().loc["A", "note"] == "别处"
    moved = at(300, 600) not in set(hand.parcels().geometry["A"].geoms[0].exterior.coords)
    assert (moved, len(told)) == ((False, 1) if quietly else (True, 0))
