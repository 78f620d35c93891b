"""Light and dark: readable contrast, icons in the text's colour, settings that survive nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import theme
from app.settings import Settings
from app.theme import DARK, LIGHT, Theme

_ICONS = Path(__file__).resolve().parents[2] / "resources" / "icons"


def _luminance(colour: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    value = QColor(colour)
    return 0.2126 * linear(value.redF()) + 0.7152 * linear(value.greenF()) + 0.0722 * linear(value.blueF())


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("used", [LIGHT, DARK])
def test_every_text_colour_reaches_the_contrast_of_wcag_aa(used: Theme) -> None:
    """WCAG 2.1, 1.4.3: 4.5 : 1 for text of normal size; the formula is theirs."""
    for ink in (used.text, used.muted, used.good, used.bad, used.caution, used.accent):
        for ground in (used.window, used.base, used.alternate):
            assert _contrast(ink, ground) >= 4.5, (used.name, ink, ground)
    assert _contrast(used.on_accent, used.accent) >= 4.5


def test_the_theme_is_applied_and_the_system_is_followed_by_default(qapp: QApplication) -> None:
    assert theme.apply_theme(qapp, "dark") is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == DARK.window
    assert theme.apply_theme(qapp, "light") is LIGHT
    assert theme.apply_theme(qapp, "system") in (LIGHT, DARK)
    theme.apply_theme(qapp, "light")


@pytest.mark.parametrize("path", sorted(_ICONS.glob("*.svg")), ids=lambda path: path.stem)
def test_every_icon_paints_something(qtbot: QtBot, path: Path) -> None:
    image = theme.pixmap(path.stem, "#ff0000", 20).toImage()
    inked = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 0
    ]
    assert inked


def test_a_font_for_chinese_is_found(qapp: QApplication) -> None:
    before = qapp.font()
    assert theme.load_font(qapp)
    qapp.setFont(before)


def test_settings_are_kept_and_nonsense_counts_as_not_set(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    first = Settings(path)
    first.language, first.theme = "en", "dark"
    first.remember_project(tmp_path / "a.gpkg")
    first.remember_project(tmp_path / "b.gpkg")
    first.remember_project(tmp_path / "a.gpkg")
    first.sync()
    again = Settings(path)
    assert (again.language, again.theme) == ("en", "dark")
    assert [Path(item).name for item in again.recent] == ["a.gpkg", "b.gpkg"]
    path.write_text("[General]\nlanguage=xx\ntheme=pink\n", encoding="utf-8")
    spoilt = Settings(path)
    assert (spoilt.language, spoilt.theme, spoilt.recent) == (None, "system", [])


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_an_icon_is_painted_in_the_pixels_of_the_screen_and_greyed_when_disabled(
    qapp: QApplication, ratio: float
) -> None:
    theme.apply_theme(qapp, "light")
    icon = theme.icon("save")
    plain = icon.pixmap(QSize(20, 20), ratio)
    assert plain.width() == round(20 * ratio)
    assert plain.devicePixelRatio() == ratio
    colours = {
        mode: {
            QColor(image.pixel(x, y)).name()
            for image in [icon.pixmap(QSize(20, 20), ratio, mode).toImage()]
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255
        }
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled, QIcon.Mode.Selected)
    }
    assert colours[QIcon.Mode.Normal] == {theme.LIGHT.text}
    assert colours[QIcon.Mode.Selected] == {theme.LIGHT.on_accent}
    assert not colours[QIcon.Mode.Disabled] & (colours[QIcon.Mode.Normal] | {theme.LIGHT.window})
