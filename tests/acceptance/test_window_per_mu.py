"""The map by grade in the real window: colours, legend, and the layer's own style afterwards."""

from __future__ import annotations

from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.shell import Shell
from tests.acceptance.test_window_map import only, probe
from tests.acceptance.window import colour_at, drawn, settled, show

COLOURS = {"A": "#009E73", "B": "#56B4E9", "C": "#F0E442", "D": "#D55E00"}


def near(one: QColor, other: QColor) -> bool:
    return max(abs(a - b) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)) < 40


def test_parcels_are_drawn_by_grade_counted_and_get_their_own_style_back(qtbot: QtBot, shell: Shell) -> None:
    result = next(item for item in shell.session.results if item.id == "per_mu_evaluation")
    action = shell.window.actions_["per_mu"]
    only(shell, "parcel")
    evidence = result.evidence
    graded = evidence[evidence["grade"] != ""]
    best = graded[graded["grade"] == "A"].iloc[0]
    show(qtbot, shell, best.geometry)
    plain = colour_at(shell, probe(best.geometry))
    action.trigger()
    state = shell.session.map_state
    assert state is not None
    settled(qtbot, shell, lambda: "parcel" in state.lent)
    settled(qtbot, shell, lambda: near(colour_at(shell, probe(best.geometry)), QColor(COLOURS["A"])))
    worst = graded[graded["grade"] == "D"].iloc[0]
    show(qtbot, shell, worst.geometry)
    settled(qtbot, shell, lambda: near(colour_at(shell, probe(worst.geometry)), QColor(COLOURS["D"])))
    drawn(qtbot, shell)
    legend = [shell.window.legend.list.item(row).text() for row in range(shell.window.legend.list.count())]
    assert "地块 · 亩均评价" in legend
    assert [text for text in legend if text.endswith(" 类")] == ["A 类", "B 类", "C 类", "D 类"]
    counts = {sign.title: sign.count for sign in shell.window.map.class_lines("parcel")}
    assert {grade: counts[f"{grade} 类"] for grade in COLOURS} == graded["grade"].value_counts().to_dict()
    assert state.styles == {}  # the look is lent, not kept
    show(qtbot, shell, best.geometry)
    action.trigger()
    settled(qtbot, shell, lambda: near(colour_at(shell, probe(best.geometry)), plain))
    assert "地块 · 亩均评价" not in [
        shell.window.legend.list.item(row).text() for row in range(shell.window.legend.list.count())
    ]
