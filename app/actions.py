"""Every command of the window: text, icon, shortcut, and whether it needs an open project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QToolButton

from app import theme
from gis.text import mark, tr

__all__ = ["Actions"]


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    text: str
    icon: str = ""
    shortcut: str | QKeySequence.StandardKey = ""
    needs_project: bool = True
    tool: bool = False  # one of the map tools, of which one is on


_ENTRIES = (
    _Entry("new", mark("新建项目…"), "new", QKeySequence.StandardKey.New, needs_project=False),
    _Entry("open", mark("打开项目…"), "open", QKeySequence.StandardKey.Open, needs_project=False),
    _Entry("demo", mark("打开示例项目"), "", "", needs_project=False),
    _Entry("save_copy", mark("另存副本…"), "save", QKeySequence.StandardKey.SaveAs),
    _Entry("close", mark("关闭项目"), "", QKeySequence.StandardKey.Close),
    _Entry("import", mark("导入数据…"), "import", "Ctrl+I"),
    _Entry("report", mark("导出检查报告…"), "export", "Ctrl+E"),
    _Entry("print", mark("打印宗地图…"), "print", QKeySequence.StandardKey.Print),
    _Entry("quit", mark("退出"), "", QKeySequence.StandardKey.Quit, needs_project=False),
    _Entry("undo", mark("撤销"), "undo", QKeySequence.StandardKey.Undo),
    _Entry("redo", mark("重做"), "redo", QKeySequence.StandardKey.Redo),
    _Entry("settings", mark("设置…"), "settings", QKeySequence.StandardKey.Preferences, needs_project=False),
    _Entry("pan", mark("平移"), "pan", "P", tool=True),
    _Entry("identify", mark("点选查询"), "identify", "I", tool=True),
    _Entry("zoom_in", mark("放大"), "zoom-in", QKeySequence.StandardKey.ZoomIn),
    _Entry("zoom_out", mark("缩小"), "zoom-out", QKeySequence.StandardKey.ZoomOut),
    _Entry("zoom_all", mark("全图"), "zoom-all", "Ctrl+0"),
    _Entry("zoom_layer", mark("缩放到图层"), "zoom-layer", "Ctrl+L"),
    _Entry("zoom_selection", mark("缩放到所选"), "zoom-selection", "Ctrl+J"),
    _Entry("check", mark("运行检查"), "check", "F5"),
    _Entry("compare", mark("比较规划快照…"), "compare", "Ctrl+K"),
    _Entry("reset_layout", mark("恢复默认布局"), "", "", needs_project=False),
    _Entry("about", mark("关于 ParkLine"), "about", "", needs_project=False),
)

_MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (mark("文件(&F)"), ("new", "open", "recent", "demo", "-", "save_copy", "close", "-", "import", "report", "print", "-", "quit")),
    (mark("编辑(&E)"), ("undo", "redo", "-", "settings")),
    (mark("地图(&M)"), ("pan", "identify", "-", "zoom_in", "zoom_out", "zoom_all", "zoom_layer", "zoom_selection")),
    (mark("检查(&C)"), ("check", "compare", "report")),
    (mark("视图(&V)"), ("panels", "-", "language", "appearance", "-", "reset_layout")),
    (mark("帮助(&H)"), ("about",)),
)  # fmt: skip
_TOOLBAR = (
    "open", "import", "print", "-", "undo", "redo", "-", "pan", "identify", "-", "zoom_in", "zoom_out",
    "zoom_all", "zoom_layer", "zoom_selection", "-", "check", "compare", "report",
)  # fmt: skip
_LABELLED = ("open", "import", "print", "check", "compare", "report")


class Actions:
    """Builds the actions, the menus and the toolbar of one window."""

    def __init__(self, window: QMainWindow, handlers: dict[str, Callable[[], None]]) -> None:
        self._actions: dict[str, QAction] = {}
        self.submenus: dict[str, QMenu] = {}
        self._needing: list[QAction] = []
        self._window = window
        tools = QActionGroup(window)
        for entry in _ENTRIES:
            action = QAction(tr(entry.text), window)
            action.setIconText(tr(entry.text).rstrip("…"))
            if entry.icon:
                action.setIcon(theme.icon(entry.icon))
            if entry.shortcut:
                action.setShortcut(QKeySequence(entry.shortcut))
            if entry.tool:
                action.setCheckable(True)
                tools.addAction(action)
            if entry.needs_project:
                self._needing.append(action)
            if entry.name in handlers:
                action.triggered.connect(_without_argument(handlers[entry.name]))
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{action.iconText()} ({keys})" if keys else action.iconText())
            self._actions[entry.name] = action
        self["quit"].setMenuRole(QAction.MenuRole.QuitRole)
        self["pan"].setChecked(True)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def build_menus(self) -> None:
        """Fill the menu bar; ``submenus`` then holds recent, panels, language and appearance."""
        titles = {
            "recent": tr("最近的项目"),
            "language": tr("语言"),
            "appearance": tr("外观"),
            "panels": tr("面板"),
        }
        bar = self._window.menuBar()
        for title, names in _MENUS:
            menu = bar.addMenu(tr(title))
            for name in names:
                if name == "-":
                    menu.addSeparator()
                elif name in titles:
                    self.submenus[name] = menu.addMenu(titles[name])
                else:
                    menu.addAction(self[name])

    def build_toolbar(self) -> QToolBar:
        """The toolbar: the frequent commands, the main ones with their word."""
        bar = QToolBar(tr("工具栏"), self._window)
        bar.setObjectName("toolbar")
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        bar.setIconSize(QSize(20, 20))
        self._window.addToolBar(bar)  # before the buttons: it would give them all one style again
        for name in _TOOLBAR:
            if name == "-":
                bar.addSeparator()
                continue
            bar.addAction(self[name])
            button = bar.widgetForAction(self[name])
            if name in _LABELLED and isinstance(button, QToolButton):
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return bar

    def enable(self, project_open: bool) -> None:
        """Grey what needs a project while there is none."""
        for action in self._needing:
            action.setEnabled(project_open)


def _without_argument(handler: Callable[[], None]) -> Callable[[bool], None]:
    """Qt passes "checked" to a triggered slot; commands take nothing."""

    def slot(_checked: bool = False) -> None:
        handler()

    return slot
