"""The style editor in the real window: classes on the map, in the legend, in the tree, in the file, next week."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QMessageBox, QTableWidgetSelectionRange
from pytestqt.qtbot import QtBot

from app.dialogs.layer_style import LayerStyleDialog
from app.panels.layer_lines import CLASSES, NAME
from app.panels.map_signs import ClassSign
from app.shell import Shell
from layers.codes import code_table
from layers.styling.stored import read_styles
from layers.styling.style import STANDARD, Renderer, Sign
from layers.styling.style_file import read_style
from tests.acceptance.test_window_map import industrial_parcel, only, probe
from tests.acceptance.window import colour_at, dialog, drawn, settled, show


def choose(box: QComboBox, data: object) -> None:
    """Choose an entry as a person would."""
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def editor(qtbot: QtBot, shell: Shell, name: str = "parcel") -> LayerStyleDialog:
    shell.window.layers.style_wanted.emit(name)
    return dialog(qtbot, LayerStyleDialog)


def tree_classes(shell: Shell, name: str) -> list[ClassSign]:
    tree = shell.window.layers.list
    items = [tree.item(row) for row in range(tree.count())]
    return next(item.data(CLASSES) for item in items if item.data(NAME) == name)


def legend_texts(shell: Shell) -> list[str]:
    legend = shell.window.legend.list
    return [legend.item(row).text() for row in range(legend.count())]


def test_categories_are_drawn_listed_counted_kept_and_there_again_next_week(
    qtbot: QtBot, shell: Shell
) -> None:
    """By stage: the colour of a class on the map, its rows in the tree against a count of the store."""
    uuid, shape = industrial_parcel(shell)
    only(shell, "parcel")
    show(qtbot, shell, shape)
    project = shell.session.project
    assert project is not None
    stages = project.read("parcel", columns=["stage"], geometry=False)
    mine = str(stages.set_index("uuid")["stage"].fillna("").loc[uuid])
    styles = editor(qtbot, shell)
    choose(styles.renderer, Renderer.CATEGORIES)
    settled(qtbot, shell, lambda: bool(styles.style_.classes))
    choose(styles.classes.field, "stage")
    settled(qtbot, shell, lambda: styles.style_.field == "stage" and bool(styles.style_.classes))
    row = next(
        (n for n, item in enumerate(styles.style_.classes) if mine in item.values),
        len(styles.style_.classes) - 1,
    )
    styles.classes.table.clearSelection()
    styles.classes.table.selectRow(row)
    styles.classes.sign.fill.choose("#0000FF")
    drawn(qtbot, shell)
    assert colour_at(shell, probe(shape)).blue() > 200
    title = styles.style_.classes[row].title
    expected = int((stages["stage"].fillna("").astype(str) == mine).sum())
    known = {item.value for item in code_table("parcel_stage").values}
    if mine not in known:
        expected = int((~stages["stage"].isin(known)).sum())
    settled(
        qtbot,
        shell,
        lambda: any(sign.title == title and sign.count == expected for sign in tree_classes(shell, "parcel")),
    )
    assert sum(sign.count or 0 for sign in tree_classes(shell, "parcel")) == len(stages)
    assert {"地块 · 标准地阶段", title} <= set(legend_texts(shell))
    assert read_styles(project) is None  # tried out only
    qtbot.mouseClick(styles.keep, Qt.MouseButton.LeftButton)
    settled(qtbot, shell, lambda: read_styles(project) is not None)
    kept = styles.style_
    styles.reject()
    shell.session.map_state = None  # even if the settings forget it
    path = project.path
    shell.session.close()
    shell.start(path)
    settled(qtbot, shell, lambda: shell.session.map_state is not None)
    assert shell.session.map_state is not None
    assert shell.session.map_state.style("parcel") == kept


def test_graduated_classes_follow_method_count_bounds_and_what_is_added_removed_and_merged(
    qtbot: QtBot, shell: Shell
) -> None:
    only(shell, "parcel")
    styles = editor(qtbot, shell)
    choose(styles.renderer, Renderer.GRADUATED)
    settled(qtbot, shell, lambda: len(styles.style_.classes) == 5)
    choose(styles.classes.field, "area_ellipsoid")
    settled(qtbot, shell, lambda: styles.style_.field == "area_ellipsoid")
    choose(styles.classes.method, "quantile")
    styles.classes.count.setValue(4)
    settled(qtbot, shell, lambda: len(styles.style_.classes) == 4)
    drawn(qtbot, shell)
    assert shell.session.project is not None
    quarter = shell.session.project.store.count("parcel") / 4
    settled(qtbot, shell, lambda: len(tree_classes(shell, "parcel")) == 4)
    assert all(abs((sign.count or 0) - quarter) <= 1 for sign in tree_classes(shell, "parcel"))
    table = styles.classes.table
    bound = round(styles.style_.classes[1].high or 0.0) + 5
    table.item(1, 2).setText(f"{bound:,}")
    assert styles.style_.classes[1].high == bound
    assert (styles.style_.method, styles.classes.method.currentData()) == ("own", "own")
    table.item(1, 2).setText("many")  # is no number
    assert styles.style_.classes[1].high == bound
    table.clearSelection()
    table.selectRow(0)
    styles.classes.add.click()
    assert len(styles.style_.classes) == 5
    low, high = styles.style_.classes[0].low, styles.style_.classes[1].high
    table.clearSelection()
    table.setRangeSelected(_rows(0, 1), True)
    styles.classes.merge.click()
    assert len(styles.style_.classes) == 4
    assert (styles.style_.classes[0].low, styles.style_.classes[0].high) == (low, high)
    table.clearSelection()
    table.selectRow(3)
    styles.classes.remove.click()
    assert len(styles.style_.classes) == 3
    colours = [item.sign.fill for item in styles.style_.classes]
    choose(styles.classes.colours, "viridis")
    assert [item.sign.fill for item in styles.style_.classes] != colours
    assert styles.style_.classes[0].sign.fill == "#440154"
    table.item(0, 0).setCheckState(Qt.CheckState.Unchecked)
    drawn(qtbot, shell)
    settled(qtbot, shell, lambda: len(tree_classes(shell, "parcel")) == 2)
    styles.revert.click()
    assert styles.style_ == STANDARD
    styles.reject()


def _rows(first: int, last: int) -> QTableWidgetSelectionRange:
    return QTableWidgetSelectionRange(first, 0, last, 3)


def test_a_layer_is_drawn_between_its_scales_only(qtbot: QtBot, shell: Shell) -> None:
    _, shape = industrial_parcel(shell)
    only(shell, "parcel")
    show(qtbot, shell, shape)
    inside, canvas = probe(shape), shell.window.map.canvas
    there = colour_at(shell, inside)
    styles = editor(qtbot, shell)
    styles.farthest.setValue(round(canvas.scale_denominator()) + 100)
    styles.accept()
    drawn(qtbot, shell)
    assert colour_at(shell, inside) == there
    canvas.zoom_by(0.5)
    drawn(qtbot, shell)
    assert colour_at(shell, inside) != there
    assert "parcel" not in canvas.picture().drawn  # type: ignore[union-attr]


def test_styles_are_saved_loaded_and_copied_and_a_bad_file_is_explained(
    qtbot: QtBot, shell: Shell, tmp_path: Path
) -> None:
    styles = editor(qtbot, shell)
    choose(styles.renderer, Renderer.SINGLE)
    styles.sign.fill.choose("#123456")
    choose(styles.sign.pen, "dash_dot")
    styles.labels.template.setPlainText("{parcel_no}\n{area_ellipsoid:mu.1} 亩")
    path = tmp_path / "我的 样式.toml"
    styles.save_to(path)
    wanted = styles.style_
    assert read_style(path, styles.spec) == wanted
    assert wanted.sign == Sign(fill="#123456", line_style="dash_dot")
    styles.reset.click()
    assert styles.style_ == STANDARD
    assert styles.labels.template.toPlainText() == ""
    styles.load_from(path)
    assert styles.style_ == wanted
    styles.labels.template.setPlainText("{parcel_no")
    assert not styles.labels.problem.isHidden()
    assert styles.style_ == wanted  # what cannot be read is not passed on
    styles.copied.emit("park", wanted)
    assert shell.session.map_state is not None
    copied = shell.session.map_state.style("park")
    assert copied.sign == wanted.sign
    assert copied.label.template == ""  # parks have no parcel number
    path.write_text(path.read_text("utf-8").replace("#123456", "blue"), "utf-8")
    styles.load_from(path)
    boxes = [box for box in styles.findChildren(QMessageBox) if box.isVisible()]
    assert "sign.fill：“blue”不是颜色" in boxes[0].text()
    assert "第" in boxes[0].text()
    boxes[0].close()
    styles.reject()
    assert shell.session.map_state.style("parcel") == STANDARD


def test_the_arrow_of_a_layer_opens_its_classes_and_keys_do_so_too(qtbot: QtBot, shell: Shell) -> None:
    drawn(qtbot, shell)
    layers = shell.window.layers
    row = next(row for row in range(layers.list.count()) if layers.list.item(row).data(NAME) == "parcel")
    line = layers.list.visualItemRect(layers.list.item(row))
    shown = [sign.title for sign in tree_classes(shell, "parcel")]
    assert shown
    visible = layers.visible_layers
    qtbot.mouseClick(layers.list.viewport(), Qt.MouseButton.LeftButton, pos=line.topLeft() + QPoint(8, 12))
    qtbot.waitUntil(lambda: layers.list.visualItemRect(layers.list.item(row)).height() > line.height())
    assert layers.open_names == ["parcel"]
    assert layers.visible_layers == visible
    layers.list.setCurrentRow(row)
    qtbot.keyClick(layers.list, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: layers.list.visualItemRect(layers.list.item(row)).height() == line.height())
    qtbot.keyClick(layers.list, Qt.Key.Key_Right)
    assert layers.open_names == ["parcel"]
    assert shell.session.map_state is not None
    assert shell.session.map_state.expanded == ["parcel"]


def test_every_layer_can_be_edited(qtbot: QtBot, shell: Shell) -> None:
    for name in ("unit", "land_use", "park", "transfer", "factory", "block_line", "observation"):
        styles = editor(qtbot, shell, name)
        for kind in (Renderer.CATEGORIES, Renderer.GRADUATED, Renderer.SINGLE, Renderer.STANDARD):
            if styles.renderer.findData(kind) >= 0:
                choose(styles.renderer, kind)
                settled(qtbot, shell, lambda kind=kind, styles=styles: styles.style_.renderer is kind)
        styles.reject()
