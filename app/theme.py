"""Light and dark: a small own palette, a short style sheet, icons in the text's colour, a Chinese font."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

__all__ = ["DARK", "LIGHT", "Theme", "apply_theme", "current", "icon", "load_font", "pixmap"]

_RESOURCES = Path(__file__).resolve().parent.parent / "resources"
_FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei UI", "Microsoft YaHei", "PingFang SC",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by role. ``good``, ``bad`` and ``caution`` never stand alone: a word and an icon go with them."""

    name: str
    window: str
    base: str
    alternate: str
    text: str
    muted: str
    border: str
    accent: str
    on_accent: str
    hover: str
    good: str
    bad: str
    caution: str
    track: str


LIGHT = Theme(
    name="light", window="#f3f5f7", base="#ffffff", alternate="#f7f9fb", text="#1c2733", muted="#5f6c7a",
    border="#d3dae2", accent="#17639c", on_accent="#ffffff", hover="#e3ebf2", good="#187a4b", bad="#b8322a",
    caution="#9a5b00", track="#e4e9ee",
)  # fmt: skip
DARK = Theme(
    name="dark", window="#1e2329", base="#252b33", alternate="#2a313a", text="#e3e8ed", muted="#9ba7b4",
    border="#3b4550", accent="#62a8e0", on_accent="#0e1419", hover="#323b45", good="#4fbf88", bad="#f07a70",
    caution="#e0a548", track="#38424d",
)  # fmt: skip

_current = LIGHT


def current() -> Theme:
    """The theme in use."""
    return _current


def apply_theme(application: QApplication, choice: str) -> Theme:
    """Dress the application in ``light``, ``dark`` or what the system shows (``system``)."""
    global _current
    if choice == "system":
        dark = application.styleHints().colorScheme() == Qt.ColorScheme.Dark
        choice = "dark" if dark else "light"
    _current = DARK if choice == "dark" else LIGHT
    pixmap.cache_clear()
    icon.cache_clear()
    application.setStyle("Fusion")
    application.setPalette(_palette(_current))
    application.setStyleSheet(_style_sheet(_current))
    return _current


def load_font(application: QApplication) -> str:
    """Make sure that Chinese can be shown: the system's font, else the one in ``resources/font``.

    Returns the family in use; robust to a missing file (then Qt's own fallback is used).
    """
    families = set(QFontDatabase.families())
    family = next((name for name in _FONTS if name in families), "")
    if not family:
        # Ours rather than whatever the system falls back to: mixed with another Latin font it knows no bold.
        for path in sorted((_RESOURCES / "font").glob("*.tt[cf]")):
            number = QFontDatabase.addApplicationFont(str(path))
            loaded = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
            if loaded:
                family = loaded[0]
                break
    if not family:
        return application.font().family()
    font = QFont(family)
    size = application.font().pointSizeF()
    font.setPointSizeF(size if size > 0 else 9.0)
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    application.setFont(font)
    return family


@lru_cache(maxsize=256)
def pixmap(name: str, colour: str = "", size: int = 16, ratio: float = 2.0) -> QPixmap:
    """An icon of ``resources/icons`` painted in a colour (the theme's text colour if not said)."""
    if size < 1:  # asked for by Qt before a widget has its size
        return QPixmap()
    path = _RESOURCES / "icons" / f"{name}.svg"
    svg = path.read_text(encoding="utf-8").replace("currentColor", colour or _current.text)
    picture = QPixmap(int(size * ratio), int(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@lru_cache(maxsize=256)
def icon(name: str, colour: str = "", size: int = 20) -> QIcon:
    """An icon with its twins for what is greyed and for a selected row, each painted when it is first shown."""
    return QIcon(_SvgIcon(name, colour, size))


class _SvgIcon(QIconEngine):
    """Paints on demand: a start shows a third of the window's icons, and hardly a greyed or selected one."""

    def __init__(self, name: str, colour: str, size: int) -> None:
        super().__init__()
        self._name, self._colour, self._size = name, colour, size

    def clone(self) -> QIconEngine:
        return _SvgIcon(self._name, self._colour, self._size)

    def actualSize(self, size: QSize, _mode: QIcon.Mode, _state: QIcon.State) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._size, self._size).scaled(size, Qt.AspectRatioMode.KeepAspectRatio)

    def pixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State) -> QPixmap:
        return pixmap(self._name, self._colour_of(mode), min(size.width(), size.height()), 1.0)

    def scaledPixmap(  # noqa: N802 - Qt's name
        self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float
    ) -> QPixmap:
        """``size`` is in logical pixels (since Qt 6.8), ``scale`` the pixels of the screen in one of them."""
        return pixmap(self._name, self._colour_of(mode), min(size.width(), size.height()), scale)

    def paint(self, painter: QPainter, box: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        side = min(box.width(), box.height())
        ratio = painter.device().devicePixelRatioF()
        picture = pixmap(self._name, self._colour_of(mode), side, ratio)
        painter.drawPixmap(box.x() + (box.width() - side) // 2, box.y() + (box.height() - side) // 2, picture)

    def _colour_of(self, mode: QIcon.Mode) -> str:
        if mode == QIcon.Mode.Selected:
            return _current.on_accent
        if mode != QIcon.Mode.Disabled:
            return self._colour
        faded, ground = QColor(_current.muted), QColor(_current.window)
        return QColor(
            (faded.red() + 2 * ground.red()) // 3,
            (faded.green() + 2 * ground.green()) // 3,
            (faded.blue() + 2 * ground.blue()) // 3,
        ).name()


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.base,
        QPalette.ColorRole.AlternateBase: theme.alternate,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.window,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.bad,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.ToolTipBase: theme.base,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Mid: theme.border,
        QPalette.ColorRole.Midlight: theme.hover,
        QPalette.ColorRole.Light: theme.base,
        QPalette.ColorRole.Dark: theme.border,
        QPalette.ColorRole.Shadow: theme.border,
        QPalette.ColorRole.Accent: theme.accent,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return palette


def _style_sheet(theme: Theme) -> str:
    icons = (_RESOURCES / "icons").as_posix()
    return f"""
QComboBox::drop-down, QDateEdit::drop-down {{ border: 0; width: 18px; }}
QComboBox::down-arrow, QDateEdit::down-arrow {{ image: url("{icons}/chevron-down.svg"); width: 12px; height: 12px; }}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ border: 0; width: 16px; background: transparent; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url("{icons}/chevron-up.svg"); width: 10px; height: 10px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url("{icons}/chevron-down.svg"); width: 10px; height: 10px; }}
QCheckBox::indicator, QListView::indicator {{ width: 13px; height: 13px; border: 1px solid {theme.muted};
    border-radius: 3px; background: {theme.base}; }}
QCheckBox::indicator:checked, QListView::indicator:checked {{ background: {LIGHT.accent};
    border-color: {LIGHT.accent}; image: url("{icons}/tick.svg"); }}
QScrollBar:vertical {{ background: transparent; width: 11px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 11px; margin: 0; }}
QScrollBar::handle {{ background: {theme.border}; border-radius: 4px; margin: 2px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: {theme.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ color: {theme.text}; background: {theme.base}; border: 1px solid {theme.border}; padding: 3px; }}
QMainWindow::separator {{ background: {theme.border}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {theme.accent}; }}
QToolBar {{ background: {theme.window}; border: 0; border-bottom: 1px solid {theme.border};
            spacing: 2px; padding: 3px 6px; }}
QToolBar::separator {{ background: {theme.border}; width: 1px; margin: 4px 5px; }}
QToolBar QToolButton {{ border: 0; border-radius: 4px; padding: 4px 5px; }}
QToolBar QToolButton:hover {{ background: {theme.hover}; }}
QToolBar QToolButton:checked {{ background: {theme.hover}; border: 1px solid {theme.accent}; }}
QStatusBar {{ background: {theme.window}; border-top: 1px solid {theme.border}; }}
QStatusBar::item {{ border: 0; }}
QDockWidget::title {{ background: {theme.window}; padding: 5px 8px; border-bottom: 1px solid {theme.border}; }}
QTabBar::tab {{ background: transparent; color: {theme.muted}; padding: 5px 12px; border: 0;
                border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {theme.text}; border-bottom: 2px solid {theme.accent}; }}
QTabBar::tab:hover {{ color: {theme.text}; }}
QTabWidget::pane {{ border: 0; border-top: 1px solid {theme.border}; }}
QHeaderView::section {{ background: {theme.window}; color: {theme.muted}; border: 0;
    border-right: 1px solid {theme.border}; border-bottom: 1px solid {theme.border}; padding: 4px 6px; }}
QTableView, QTreeView, QListView {{ background: {theme.base}; border: 0; outline: 0;
    gridline-color: {theme.border}; }}
QLineEdit, QComboBox, QDateEdit, QSpinBox, QDoubleSpinBox, QPlainTextEdit {{ background: {theme.base}; color: {theme.text};
    border: 1px solid {theme.border}; border-radius: 4px; padding: 2px 6px; min-height: 18px; }}
QLineEdit:focus, QComboBox:focus, QDateEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus {{ border-color: {theme.accent}; }}
QComboBox QAbstractItemView {{ background: {theme.base}; border: 1px solid {theme.border}; }}
QPushButton {{ background: {theme.base}; border: 1px solid {theme.border}; border-radius: 4px; padding: 4px 14px; }}
QPushButton:hover {{ background: {theme.hover}; }}
QPushButton:default {{ background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent}; }}
QPushButton:disabled {{ color: {theme.muted}; background: {theme.window}; border-color: {theme.border}; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {theme.track}; }}
QSlider::sub-page:horizontal {{ border-radius: 2px; background: {theme.accent}; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {theme.accent}; }}
QProgressBar {{ background: {theme.track}; border: 0; border-radius: 3px; height: 6px; }}
QProgressBar::chunk {{ background: {theme.accent}; border-radius: 3px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QScrollArea {{ border: 0; background: transparent; }}
QLabel[role="muted"] {{ color: {theme.muted}; }}
QLabel[role="heading"] {{ font-weight: 700; }}
QLabel[role="title"] {{ font-size: 15pt; font-weight: 700; }}
QLabel[role="badge"] {{ background: {theme.caution}; color: {theme.base}; border-radius: 3px; padding: 1px 6px; }}
"""
