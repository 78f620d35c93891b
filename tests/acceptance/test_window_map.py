"""The map in the real window: moving, identifying, layers, legend, coordinates (issue 1, "The window")."""

from __future__ import annotations

from pathlib import Path

import pyproj
import pytest
import shapely
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot
from shapely.geometry import Point

from app.dialogs.layer_style import LayerStyleDialog
from app.shell import Shell
from gis.store.base import Condition
from layers.land_use_codes import land_use_classes
from layers.styling.style import Renderer
from tests.acceptance.window import at, click, colour_at, dialog, drawn, place_of, settled, show, wheel


def largest(shell: Shell, layer: str, *conditions: Condition) -> tuple[str, shapely.Geometry]:
    """UUID and shape of the largest row of a layer."""
    assert shell.session.project is not None
    frame = shell.session.project.read(layer, where=conditions)
    row = frame.loc[frame.geometry.area.idxmax()]
    return str(row["uuid"]), row["geometry"]


def industrial_parcel(shell: Shell) -> tuple[str, shapely.Geometry]:
    return largest(shell, "parcel", Condition("land_use_code", "=", "100101"))


def probe(shape: shapely.Geometry) -> Point:
    """A point inside a shape but off its middle, where labels stand."""
    inner = shape.buffer(-0.12 * shape.area**0.5)
    part = max(shapely.get_parts(inner), key=lambda item: item.area)
    return Point(part.exterior.coords[0])


def only(shell: Shell, *names: str) -> None:
    """Show these layers and no others."""
    for name in shell.window.layers.order:
        shell.window.layers.set_visible(name, name in names)


def close_to(colour: QColor, other: str, within: int = 12) -> bool:
    wanted = QColor(other)
    parts = (
        (colour.red(), wanted.red()), (colour.green(), wanted.green()), (colour.blue(), wanted.blue())
    )  # fmt: skip
    return all(abs(one - two) <= within for one, two in parts)


def test_the_wheel_zooms_and_keeps_the_place_under_the_cursor(qtbot: QtBot, shell: Shell) -> None:
    """Five notches of 1.25 are 3.05 times closer; the place under the cursor moves by less than a pixel."""
    drawn(qtbot, shell)
    pixel = QPoint(137, 211)
    before, scale = place_of(shell, pixel), shell.window.map.canvas.scale_denominator()
    for _ in range(5):
        wheel(shell, pixel, 1)
    after, resolution = place_of(shell, pixel), shell.window.map.canvas.view().resolution
    assert scale / shell.window.map.canvas.scale_denominator() == pytest.approx(1.25**5)
    assert abs(before[0] - after[0]) < resolution
    assert abs(before[1] - after[1]) < resolution
    wheel(shell, pixel, -5)
    assert shell.window.map.canvas.scale_denominator() == pytest.approx(scale)


def test_dragging_moves_the_map_with_the_hand(qtbot: QtBot, shell: Shell) -> None:
    canvas = shell.window.map.canvas
    grabbed = place_of(shell, QPoint(300, 200))
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    for step in range(1, 9):
        qtbot.mouseMove(canvas, QPoint(300 + 10 * step, 200 - 5 * step))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(380, 160))
    assert place_of(shell, QPoint(380, 160)) == pytest.approx(grabbed)
    assert shell.session.selected == ("", [])  # a drag is no click


def test_arrow_keys_and_home_move_the_map(qtbot: QtBot, shell: Shell) -> None:
    canvas = shell.window.map.canvas
    drawn(qtbot, shell)
    start = canvas.extent()
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.extent()[0] > start[0]
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.extent() == pytest.approx(start)


def test_the_coordinates_shown_are_those_of_pyproj(qtbot: QtBot, shell: Shell) -> None:
    """PROJ's own answer for the place under the cursor, EPSG:4545 to EPSG:4490, to a hundredth of a second."""
    _, shape = industrial_parcel(shell)
    show(qtbot, shell, shape)
    pixel = at(shell, shape.representative_point())
    qtbot.mouseMove(shell.window.map.canvas, pixel)
    easting, northing = place_of(shell, pixel)
    longitude, latitude = pyproj.Transformer.from_crs(4545, 4490, always_xy=True).transform(easting, northing)
    text = shell.window.coordinates.text()
    assert f"E {easting:,.2f}  N {northing:,.2f}" in text
    assert f"({longitude:.6f}, {latitude:.6f})" in text
    assert "3度带 108°E" in text
    degrees, minutes = int(longitude), int(longitude % 1 * 60)
    assert f"{degrees}°{minutes:02d}′" in text
    assert "CGCS2000" in text


def test_the_scale_is_shown_and_can_be_typed(qtbot: QtBot, shell: Shell) -> None:
    canvas = shell.window.map.canvas
    centre = canvas.view().x, canvas.view().y
    box = shell.window.scale
    box.setEditText("1:5000")
    box.activated.emit(0)
    assert canvas.scale_denominator() == pytest.approx(5000)
    assert (canvas.view().x, canvas.view().y) == centre
    assert box.currentText() == "1:5,000"


def test_a_click_selects_the_parcel_and_lists_what_else_lies_there(qtbot: QtBot, shell: Shell) -> None:
    """Of a parcel, its plan plot, its park and its unit, the click means the parcel; the card offers the rest."""
    window = shell.window
    uuid, shape = industrial_parcel(shell)
    only(shell, "unit", "land_use", "park", "parcel")
    show(qtbot, shell, shape)
    click(qtbot, shell, shape.representative_point())
    settled(qtbot, shell, lambda: window.card.facts is not None)
    assert shell.session.selected == ("parcel", [uuid])
    assert window.card.isVisible()
    tables = [hit.table for hit in window.card._hits]
    assert tables[0] == "parcel"
    assert {"land_use", "park", "unit"} <= set(tables)
    window.card.others.activated.emit(tables.index("unit"))
    settled(qtbot, shell, lambda: window.card.facts is not None and window.card.facts.table == "unit")
    assert shell.session.selected[0] == "unit"


def test_a_click_beside_everything_and_escape_select_nothing(qtbot: QtBot, shell: Shell) -> None:
    uuid, shape = industrial_parcel(shell)
    show(qtbot, shell, shape)
    shell.session.select("parcel", [uuid])
    qtbot.keyClick(shell.window, Qt.Key.Key_Escape)
    assert shell.session.selected == ("", [])
    shell.session.select("parcel", [uuid])
    only(shell, "parcel")
    shell.window.map.zoom_all()
    drawn(qtbot, shell)
    qtbot.mouseClick(shell.window.map.canvas, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    settled(qtbot, shell, lambda: shell.session.selected == ("", []))


def test_the_selection_is_outlined_on_the_map_and_zoomed_to(qtbot: QtBot, shell: Shell) -> None:
    uuid, shape = industrial_parcel(shell)
    inside = probe(shape)
    only(shell, "parcel")
    show(qtbot, shell, shape)
    plain = colour_at(shell, inside)
    shell.window.map.zoom_all()
    shell.session.select("parcel", [uuid])
    shell.window.actions_["zoom_selection"].trigger()
    settled(qtbot, shell, lambda: shapely.box(*shell.window.map.extent()).contains(shape))
    west, _, east, _ = shell.window.map.extent()
    assert (shape.bounds[2] - shape.bounds[0]) * 6 > east - west
    drawn(qtbot, shell)
    assert colour_at(shell, inside) != plain


def test_zoom_to_layer_shows_all_of_it(qtbot: QtBot, shell: Shell) -> None:
    window = shell.window
    row = next(n for n in range(window.layers.list.count()) if window.layers.order[::-1][n] == "park")
    window.layers.list.setCurrentRow(row)
    window.actions_["zoom_layer"].trigger()
    project = shell.session.project
    assert project is not None
    box = project.store.bounds("park")
    assert box is not None
    settled(qtbot, shell, lambda: shapely.box(*window.map.extent()).contains(shapely.box(*box)))
    assert window.map.extent()[2] - window.map.extent()[0] < 3 * max(box[2] - box[0], box[3] - box[1])


def test_a_parcel_is_painted_in_the_standard_colour_of_its_use(qtbot: QtBot, shell: Shell) -> None:
    """Industrial land: the guide's #BB9674, 85 % strong on the sheet's #F7F7F3: 0.85 · BB + 0.15 · F7 = C4 …"""
    _, shape = industrial_parcel(shell)
    only(shell, "parcel")
    show(qtbot, shell, shape)
    standard = QColor(land_use_classes()["industrial"].colour)
    sheet = QColor("#F7F7F3")
    mixed = QColor(
        *(
            round(0.85 * one + 0.15 * two)
            for one, two in zip(standard.getRgb()[:3], sheet.getRgb()[:3], strict=True)  # type: ignore[index]
        )
    )
    assert close_to(colour_at(shell, probe(shape)), mixed.name())


def test_the_order_of_the_layers_decides_what_is_painted_over_what(qtbot: QtBot, shell: Shell) -> None:
    """A unit is filled: on top it hides the parcel, below it the parcel shows."""
    _, shape = industrial_parcel(shell)
    inside = probe(shape)
    tree = shell.window.layers
    only(shell, "parcel", "unit")
    show(qtbot, shell, shape)
    parcel_on_top = colour_at(shell, inside)
    while tree.order[-1] != "unit":
        tree._move("unit", -1)
    drawn(qtbot, shell)
    assert close_to(colour_at(shell, inside), "#FDFDFB")
    while tree.order[0] != "unit":
        tree._move("unit", 1)
    drawn(qtbot, shell)
    assert colour_at(shell, inside) == parcel_on_top


def test_a_hidden_layer_is_neither_painted_nor_found_nor_in_the_legend(qtbot: QtBot, shell: Shell) -> None:
    _, shape = industrial_parcel(shell)
    window = shell.window
    only(shell, "parcel", "unit")
    show(qtbot, shell, shape)

    def legend() -> str:
        return "\n".join(window.legend.list.item(row).text() for row in range(window.legend.list.count()))

    assert "地块" in legend()
    assert "工业用地" in legend()
    window.layers.set_visible("parcel", False)
    drawn(qtbot, shell)
    assert close_to(colour_at(shell, probe(shape)), "#FDFDFB")
    assert "地块" not in legend()
    assert "工业用地" not in legend()
    click(qtbot, shell, shape.representative_point())
    settled(qtbot, shell, lambda: shell.session.selected[0] != "")
    assert shell.session.selected[0] == "unit"


def test_the_legend_lists_the_uses_and_levels_that_occur_and_no_others(qtbot: QtBot, shell: Shell) -> None:
    drawn(qtbot, shell)
    project = shell.session.project
    assert project is not None
    only(shell, "block_line", "parcel")
    drawn(qtbot, shell)
    window = shell.window
    shown = [window.legend.list.item(row).text() for row in range(window.legend.list.count())]
    frame = project.read("parcel", columns=["land_use_scheme", "land_use_code"], geometry=False)
    present = set(project.codes.classes(frame["land_use_scheme"], frame["land_use_code"]))
    titles = {item.title for name, item in land_use_classes().items() if name in present}
    every = {item.title for item in land_use_classes().values()}
    assert set(shown) & every == titles
    levels = set(project.lines(project.as_of)["level"])
    signs = [text for text in shown if text.startswith("工业区块线")]
    assert len(signs) == len(levels)


def choose(box: QComboBox, data: object) -> None:
    """Choose an entry as a person would."""
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_a_style_is_seen_at_once_taken_back_by_cancel_and_kept_by_ok(qtbot: QtBot, shell: Shell) -> None:
    _, shape = industrial_parcel(shell)
    inside = probe(shape)
    only(shell, "parcel")
    show(qtbot, shell, shape)
    before = colour_at(shell, inside)
    shell.window.layers.style_wanted.emit("parcel")
    styles = dialog(qtbot, LayerStyleDialog)
    choose(styles.renderer, Renderer.SINGLE)
    styles.sign.fill.choose("#0000FF")
    drawn(qtbot, shell)
    assert colour_at(shell, inside).blue() > 200
    styles.reject()
    drawn(qtbot, shell)
    assert colour_at(shell, inside) == before
    shell.window.layers.style_wanted.emit("parcel")
    styles = dialog(qtbot, LayerStyleDialog)
    styles.strength.setValue(30)
    styles.accept()
    drawn(qtbot, shell)
    faded = colour_at(shell, inside)
    assert faded.red() > before.red()
    assert shell.session.map_state is not None
    assert shell.session.map_state.style("parcel").opacity == pytest.approx(0.3)


def test_another_snapshot_is_another_map(qtbot: QtBot, shell: Shell) -> None:
    """A plot that the later snapshot turns into commercial land changes its colour with the chooser."""
    assert shell.session.project is not None
    first, second = (item.name for item in shell.session.project.snapshots()[-2:])
    piece = max(
        (
            row
            for row in shell.window.warnings.rows
            if row.severity == "violation" and row.geometry is not None
        ),
        key=lambda row: row.geometry.area,
    ).geometry
    only(shell, "land_use")
    show(qtbot, shell, piece)
    tree = shell.window.layers
    assert tree.snapshot.currentData() == second
    after = colour_at(shell, probe(piece))
    tree.snapshot.setCurrentIndex(tree.snapshot.findData(first))
    drawn(qtbot, shell)
    assert colour_at(shell, probe(piece)) != after


def test_the_map_looks_the_same_after_the_language_and_after_the_next_start(
    qtbot: QtBot, shell: Shell, tmp_path: Path
) -> None:
    _, shape = industrial_parcel(shell)
    show(qtbot, shell, shape)
    only(shell, "unit", "parcel")
    shell.window.layers._move("parcel", -1)
    order = shell.window.layers.order
    view = shell.window.map.canvas.view()
    old = shell.window
    old.commands.set_language("en")
    qtbot.waitUntil(lambda: shell.window is not old)
    settled(qtbot, shell, lambda: bool(shell.window.layers.order))
    assert shell.window.layers.visible_layers == [name for name in order if name in {"unit", "parcel"}]
    assert shell.window.layers.order == order
    now = shell.window.map.canvas.view()
    assert (now.x, now.y, now.resolution) == pytest.approx((view.x, view.y, view.resolution))
    path = shell.session.project.path if shell.session.project is not None else tmp_path
    shell.session.close()
    shell.session.open(path)
    settled(qtbot, shell, lambda: bool(shell.session.results))
    assert shell.window.layers.order == order
    assert shell.window.layers.visible_layers == [name for name in order if name in {"unit", "parcel"}]
    now = shell.window.map.canvas.view()
    assert (now.x, now.y, now.resolution) == pytest.approx((view.x, view.y, view.resolution))


def test_the_demo_is_marked_on_the_map(qtbot: QtBot, shell: Shell) -> None:
    """The red sign in the upper left corner; a project that is no demo has none (see the overlay's own tests)."""
    drawn(qtbot, shell)
    image = shell.window.map.canvas.grab().toImage()
    assert image.pixelColor(16, 25).name() == "#c62828"
    shell.window.map.canvas.set_banner("")
    image = shell.window.map.canvas.grab().toImage()
    assert image.pixelColor(16, 25).name() != "#c62828"


def test_a_point_between_two_parcels_means_the_nearer_one(qtbot: QtBot, shell: Shell) -> None:
    """Within five pixels of both, the click falls into one of them: that one."""
    assert shell.session.project is not None
    frame = shell.session.project.read("parcel")
    shape = frame.geometry.iloc[0]
    show(qtbot, shell, shape, room=0.3)
    resolution = shell.window.map.canvas.view().resolution
    edge = shape.exterior if shape.geom_type == "Polygon" else shape.geoms[0].exterior
    on_edge = edge.interpolate(0.5, normalized=True)
    centre = shape.representative_point()
    length = on_edge.distance(centre)
    inward = Point(
        on_edge.x + (centre.x - on_edge.x) / length * 2 * resolution,
        on_edge.y + (centre.y - on_edge.y) / length * 2 * resolution,
    )
    only(shell, "parcel")
    click(qtbot, shell, inward)
    settled(qtbot, shell, lambda: shell.session.selected[0] == "parcel")
    assert shell.session.selected[1] == [frame["uuid"].iloc[0]]
