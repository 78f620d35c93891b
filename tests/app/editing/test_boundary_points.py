"""A parcel entered by its boundary points: pasted, understood, corrected row by row, stored to the millimetre."""

from __future__ import annotations

import pytest
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.dialogs.boundary_points import BoundaryPointsDialog, cells_of
from app.dialogs.new_row import NewRowDialog
from gis.area import ellipsoidal_area
from tests.app.editing.hand import Hand
from tests.layers.checks.world import EPSG
from tests.layers.editing.city import at

RING = [at(700.0, 100.0), at(890.125, 100.0), at(890.125, 600.0), at(700.0, 600.0)]
# X north, Y east with the number of the zone of 108° E, as a coordinate text has them.
LINES = [f"J{n},1,{y:.3f},36{x:.3f}" for n, (x, y) in enumerate(RING, start=1)]
SPECIMEN = "\n".join(["[地块坐标]", "4,9.5,N-3,示例地块,面,,工业用地,,@", *LINES, LINES[0]])


def opened(hand: Hand) -> BoundaryPointsDialog:
    hand.window.edit_bar.points.trigger()
    return hand.dialog(BoundaryPointsDialog)


def understood(hand: Hand, dialog: BoundaryPointsDialog) -> None:
    hand.until(lambda: not dialog._delay.isActive() and not hand.mode.latest.busy)


def pasted(hand: Hand, dialog: BoundaryPointsDialog, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    dialog.table.setFocus()
    QTest.keyClick(dialog.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    understood(hand, dialog)


def store(hand: Hand, dialog: BoundaryPointsDialog, number: str) -> None:
    dialog.buttons.accepted.emit()
    values = hand.dialog(NewRowDialog)
    values.editors["parcel_no"].setText(number)  # type: ignore[union-attr]
    values.buttons.accepted.emit()
    hand.settled()


@pytest.mark.parametrize(
    "text",
    [
        SPECIMEN,
        "\n".join(
            f"J{n}\t{x}\t{y}" for n, (x, y) in enumerate(RING, start=1)
        ),  # from Excel, swapped, no zone
    ],
)
def test_pasted_points_become_a_parcel_with_its_area(hand: Hand, text: str) -> None:
    dialog = opened(hand)
    pasted(hand, dialog, text)
    assert dialog.entry is not None, dialog.problem.text()
    area = float(ellipsoidal_area([shapely.Polygon(RING)], EPSG)[0])
    assert dialog.area == pytest.approx(area, abs=1e-6)
    assert f"{area:,.2f}" in dialog.figures.text()
    assert dialog.how.text()
    dialog.grab()
    store(hand, dialog, "N-3")
    stored = hand.parcels().loc["N-3"]
    assert {tuple(point) for point in shapely.get_coordinates(stored.geometry).tolist()} == set(RING)
    assert stored["area_ellipsoid"] == pytest.approx(area, abs=1e-6)


def test_a_wrong_row_is_marked_and_right_once_it_is_typed_anew(hand: Hand) -> None:
    dialog = opened(hand)
    pasted(hand, dialog, "\n".join([*LINES[:2], LINES[2].replace("J3,1,3", "J3,1,O"), LINES[3]]))
    assert dialog.entry is None
    assert "第 3 行" in dialog.problem.text()
    background = Qt.ItemDataRole.BackgroundRole
    marked = [
        row
        for row in range(4)
        if (item := dialog.table.item(row, 2)) is not None and item.data(background) is not None
    ]
    assert marked == [2]
    item = dialog.table.item(2, 2)
    assert item is not None
    item.setText(LINES[2].split(",")[2])
    understood(hand, dialog)
    assert dialog.entry is not None, dialog.problem.text()
    assert not dialog.problem.text()


def test_what_lies_on_another_parcel_is_said(hand: Hand) -> None:
    """50 m of the 190 m lie on C."""
    dialog = opened(hand)
    over = [at(650, 150), at(840, 150), at(840, 250), at(650, 250)]
    pasted(hand, dialog, "\n".join(f"J{n},{y},{x}" for n, (x, y) in enumerate(over, start=1)))
    hand.until(lambda: bool(dialog.conflicts.text()))
    assert "5,000" in dialog.conflicts.text() or "4,99" in dialog.conflicts.text()


def test_cells_of_a_text_keep_rings_apart() -> None:
    assert cells_of("1 3618900.000 36596600.000\n2 3618890 36596600.5\n\n9 3618800.5 36596700.125") == [
        ("1", "", "3618900.000", "36596600.000"),
        ("2", "", "3618890.000", "36596600.500"),
        ("", "", "", ""),
        ("9", "", "3618800.500", "36596700.125"),
    ]
