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


_Keys = QKeySequence.StandardKey


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    text: str
    icon: str = ""
    shortcut: str | QKeySequence.StandardKey = ""
    needs_project: bool = True
    tool: bool = False  # one of the map tools, of which one is on
    toggle: bool = False
    tip: str = ""  # what it does, where the text does not say it; shown in the status bar


_ENTRIES = (
    _Entry("new", mark("新建项目…"), "new", _Keys.New, False, tip=mark("新建一个空项目，再导入数据")),
    _Entry("open", mark("打开项目…"), "open", _Keys.Open, False, tip=mark("打开一个项目文件（.gpkg）")),
    _Entry("demo", mark("打开示例项目"), "layers", "", False, tip=mark("打开示例数据，随时可以重来")),
    _Entry("save_copy", mark("另存副本…"), "save", _Keys.SaveAs, tip=mark("把项目的当前状态写成另一个文件")),
    _Entry("restore", mark("从备份恢复…"), "history", tip=mark("把项目改回留存的某个状态；现在的状态会先留存")),
    _Entry("close", mark("关闭项目"), "close", _Keys.Close),
    _Entry("import", mark("导入数据…"), "import", "Ctrl+I", tip=mark("导入图形或台账；也可以把文件拖进窗口")),
    _Entry("export", mark("导出图层…"), "export", "Ctrl+Shift+E", tip=mark("把一个图层写成文件，供其他程序使用")),
    _Entry("report", mark("导出检查报告…"), "report", "Ctrl+E", tip=mark("把检查结果和依据写成 Excel 工作簿")),
    _Entry("print", mark("打印宗地图…"), "print", _Keys.Print, tip=mark("按准确比例尺打印选中的地块")),
    _Entry("quit", mark("退出"), "", "Ctrl+Q", False),
    _Entry("undo", mark("撤销"), "undo", _Keys.Undo),
    _Entry("redo", mark("重做"), "redo", _Keys.Redo),
    _Entry("edit", mark("编辑图形"), "edit", "E", toggle=True, tip=mark("画面、移界址点、分割、合并……；开始后出现编辑工具栏")),
    _Entry("deselect", mark("清除选择"), "deselect", "Esc"),
    _Entry("invert", mark("反选"), "", "Ctrl+Shift+I", tip=mark("改选图层中其余的要素")),
    _Entry("edit_row", mark("编辑所选行…"), "edit-row", "F4", tip=mark("在表单中编辑选中要素的全部字段")),
    _Entry("new_row", mark("新增行…"), "row-add", "", tip=mark("新增一行没有图形的记录：供地、项目、厂房、租约")),
    _Entry("remove_rows", mark("删除所选…"), "row-delete", "Ctrl+Del", tip=mark("删除选中的要素；可以撤销")),
    _Entry("settings", mark("设置…"), "settings", "Ctrl+,", False),
    _Entry("pan", mark("平移"), "pan", "P", tool=True, tip=mark("拖动地图；点一下查询，按住 Shift 拉框放大")),
    _Entry("identify", mark("点选查询"), "identify", "I", tool=True, tip=mark("点一个要素，看它的全部内容")),
    _Entry("select_click", mark("点选要素"), "select", "S", tool=True, tip=mark("单击选择要素；Shift 加选，Ctrl 切换")),
    _Entry("select_box", mark("框选要素"), "select-box", "Shift+S", tool=True, tip=mark("选中与框相交的要素；Shift 加选，Ctrl 切换")),
    _Entry("select_polygon", mark("多边形选择"), "select-polygon", "Alt+S", tool=True, tip=mark("选中与多边形相交的要素；Shift 加选，Ctrl 切换")),
    _Entry("select_attributes", mark("按属性选择…"), "filter", "Ctrl+Shift+F", tip=mark("按字段的值选择要素，可组合多个条件")),
    _Entry("select_location", mark("按位置选择…"), "select-location", "Ctrl+Shift+L", tip=mark("按与另一图层的位置关系选择要素")),
    _Entry("measure_length", mark("量距离"), "measure", "M", tool=True, tip=mark("逐点量取椭球面上的距离")),
    _Entry("measure_area", mark("量面积"), "measure-area", "Shift+M", tool=True, tip=mark("逐点量取椭球面积与周长")),
    _Entry("go_to", mark("转到坐标…"), "locate", "Ctrl+G", tip=mark("输入经纬度或平面坐标，转到该处")),
    _Entry("view_back", mark("上一视图"), "view-back", "Alt+Left", tip=mark("回到先前看过的范围")),
    _Entry("view_forward", mark("下一视图"), "view-forward", "Alt+Right", tip=mark("再到后来看过的范围")),
    _Entry("bookmark_add", mark("添加书签…"), "bookmark", "Ctrl+D", tip=mark("保存当前视图，以便随时回来")),
    _Entry("bookmark_manage", mark("管理书签…"), "", "Ctrl+Shift+D"),
    _Entry("overview", mark("鹰眼图"), "", "Ctrl+Shift+O", toggle=True, tip=mark("在地图一角显示全图与当前范围")),
    _Entry("swipe", mark("卷帘对比"), "swipe", "Ctrl+Shift+K", toggle=True, tip=mark("用一条可拖动的分界线比较两版规划")),
    _Entry("time", mark("按日期显示"), "history", "Ctrl+Shift+T", toggle=True, tip=mark("地图和属性表只显示某一天有效的要素")),
    _Entry("copy_picture", mark("复制地图图片"), "copy", "Ctrl+Shift+C", tip=mark("把地图现在的样子放到剪贴板")),
    _Entry("export_picture", mark("导出地图图片…"), "picture", "", tip=mark("按指定像素导出 PNG，带比例尺和指北针")),
    _Entry("zoom_in", mark("放大"), "zoom-in", _Keys.ZoomIn),
    _Entry("zoom_out", mark("缩小"), "zoom-out", _Keys.ZoomOut),
    _Entry("zoom_all", mark("全图"), "zoom-all", "Ctrl+0"),
    _Entry("zoom_layer", mark("缩放到图层"), "zoom-layer", "Ctrl+L", tip=mark("显示图层列表中选中的图层的全部范围")),
    _Entry("zoom_selection", mark("缩放到所选"), "zoom-selection", "Ctrl+J"),
    _Entry("table", mark("属性表"), "table", "F6", tip=mark("列出图层的全部行")),
    _Entry("symbol", mark("图层样式…"), "style", "Ctrl+B", tip=mark("更改图层的颜色和透明度")),
    _Entry("add_background", mark("添加底图…"), "map", "Ctrl+Shift+B", tip=mark("在地图下面垫影像、瓦片或网络地图")),
    _Entry("check", mark("运行检查"), "check", "F5", tip=mark("按政策逐单元检查厂房储备、出让比例和工业用地调整")),
    _Entry("indicators", mark("指标总表…"), "dashboard", "F7", tip=mark("各单元、各项指标一览，可打印和导出")),
    _Entry("what_if", mark("情景推演…"), "statistics", "Ctrl+Shift+W", tip=mark("把计划中的供地、改用途、建厂房、退租摆在项目上试算，不改动项目")),
    _Entry("policy", mark("政策文件…"), "note", tip=mark("查看项目所依据的政策，导出修改后再载入")),
    _Entry("compare", mark("比较规划快照…"), "compare", "Ctrl+K", tip=mark("找出区块线内改作他用的工业用地")),
    _Entry("match", mark("盘活调剂匹配…"), "", "", tip=mark("为需要的厂房或用地在全市找空置厂房、未出让和低效闲置地块")),
    _Entry("per_mu", mark("按亩均评价着色"), "", "", toggle=True, tip=mark("地图上的地块按亩均效益评价的 A、B、C、D 类着色")),
    _Entry("full_screen", mark("全屏"), "", "F11", False, toggle=True),
    _Entry("reset_layout", mark("恢复默认布局"), "", "", False),
    _Entry("shortcuts", mark("快捷键…"), "", "F1", False),
    _Entry("about", mark("关于 ParkLine"), "about", "", False),
)  # fmt: skip

_MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (mark("文件(&F)"), ("new", "open", "recent", "demo", "-", "import", "export", "-", "report", "print", "-",
                      "save_copy", "restore", "close", "-", "quit")),
    (mark("编辑(&E)"), ("undo", "redo", "-", "edit", "edit_tools", "-", "edit_row", "new_row", "remove_rows", "-",
                      "settings")),
    (mark("地图(&M)"), ("pan", "identify", "-", "measure_length", "measure_area", "-", "go_to", "bookmarks", "view_back", "view_forward", "-", "zoom_in", "zoom_out", "zoom_all", "-", "plane", "time", "overview", "copy_picture", "export_picture")),
    (mark("选择(&S)"), ("select_click", "select_box", "select_polygon", "-", "select_attributes", "select_location", "-", "invert", "deselect", "-", "zoom_selection")),
    (mark("图层(&L)"), ("table", "zoom_layer", "symbol", "-", "add_background", "-", "export")),
    (mark("检查(&C)"), ("check", "indicators", "what_if", "compare", "swipe", "-", "match", "per_mu", "-", "policy", "-", "report")),
    (mark("视图(&V)"), ("panels", "-", "language", "appearance", "-", "full_screen", "reset_layout")),
    (mark("帮助(&H)"), ("shortcuts", "about")),
)  # fmt: skip
_TOOLBAR = (
    "open", "import", "print", "-", "undo", "redo", "-", "pan", "identify", "select", "measure", "-", "zoom_in",
    "zoom_out", "zoom_all", "zoom_layer", "zoom_selection", "-", "table", "edit", "-", "check", "compare", "report",
)  # fmt: skip
# Buttons of the toolbar with several commands: the one used last, the others in a menu.
_POPUPS = {
    "select": (
        "select_click",
        "select_box",
        "select_polygon",
        "-",
        "select_attributes",
        "select_location",
        "-",
        "invert",
        "deselect",
    ),
    "measure": ("measure_length", "measure_area"),
}
_LABELLED = ("open", "import", "print", "edit", "check", "compare", "report")
_TITLE_LENGTH = 40  # characters of an action's name in a menu


class Actions:
    """Builds the actions, the menus and the toolbar of one window."""

    def __init__(self, window: QMainWindow, handlers: dict[str, Callable[[], None]]) -> None:
        self._actions: dict[str, QAction] = {}
        self.submenus: dict[str, QMenu] = {}
        self._needing: list[QAction] = []
        self._reversible: dict[str, str | None] = {"undo": None, "redo": None}
        self._named: tuple[str | None, str | None] | None = None
        self._window = window
        self.tools = QActionGroup(window)
        for entry in _ENTRIES:
            action = QAction(tr(entry.text), window)
            action.setIconText(tr(entry.text).rstrip("…"))
            if entry.icon:
                action.setIcon(theme.icon(entry.icon))
            if entry.shortcut:
                action.setShortcut(QKeySequence(entry.shortcut))
            action.setCheckable(entry.tool or entry.toggle)
            if entry.tool:
                self.tools.addAction(action)
            if entry.needs_project:
                self._needing.append(action)
            if entry.name in handlers:
                action.triggered.connect(_without_argument(handlers[entry.name]))
            tip = tr(entry.tip) if entry.tip else ""
            action.setStatusTip(tip)
            action.setToolTip(f"{_with_keys(action, action.iconText())}\n{tip}".strip())
            self._actions[entry.name] = action
        self["quit"].setMenuRole(QAction.MenuRole.QuitRole)
        self["pan"].setChecked(True)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def build_menus(self) -> None:
        """Fill the menu bar; ``submenus`` then holds recent, panels, language and appearance."""
        titles = {
            "recent": tr("最近的项目"),
            "bookmarks": tr("书签"),
            "plane": tr("地图坐标系"),
            "language": tr("语言"),
            "appearance": tr("外观"),
            "panels": tr("面板"),
            "edit_tools": tr("编辑工具"),
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
        bar.toggleViewAction().setEnabled(False)  # no context menu that makes it vanish
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        bar.setIconSize(QSize(20, 20))
        self._window.addToolBar(bar)  # before the buttons: it would give them all one style again
        for name in _TOOLBAR:
            if name == "-":
                bar.addSeparator()
                continue
            if name in _POPUPS:
                bar.addWidget(self._popup(_POPUPS[name]))
                continue
            bar.addAction(self[name])
            button = bar.widgetForAction(self[name])
            if name in _LABELLED and isinstance(button, QToolButton):
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return bar

    def _popup(self, names: tuple[str, ...]) -> QToolButton:
        """A button for the tool of several that was used last."""
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        menu = QMenu(button)
        for name in names:
            if name == "-":
                menu.addSeparator()
                continue
            menu.addAction(self[name])
            if self[name].isCheckable():
                self[name].toggled.connect(_shown_on(button, self[name]))
        button.setMenu(menu)
        button.setDefaultAction(self[names[0]])
        return button

    def enable(self, project_open: bool, writing: bool, drawing: bool = False) -> None:
        """Grey what needs a project while there is none, and what writes rows while something else does.

        While something is half drawn, Ctrl+Z belongs to the drawing.
        """
        for action in self._needing:
            action.setEnabled(project_open)
        free = project_open and not writing
        self["import"].setEnabled(free)
        for name, what in self._reversible.items():
            self[name].setEnabled(free and what is not None and not drawing)

    def name_reversible(self, undo: str | None, redo: str | None) -> None:
        """Say what undo and redo would do; None greys them at the next ``enable``."""
        if self._named == (undo, redo):  # asked many times a second while jobs report
            return
        self._named = (undo, redo)
        self._reversible = {"undo": undo, "redo": redo}
        for name, plain, what in (
            ("undo", tr("撤销"), tr("撤销：{what}", what=_short(undo))),
            ("redo", tr("重做"), tr("重做：{what}", what=_short(redo))),
        ):
            text = what if self._reversible[name] is not None else plain
            self[name].setText(text.replace("&", "&&"))
            self[name].setToolTip(_with_keys(self[name], text))

    def shortcuts(self) -> list[tuple[str, str]]:
        """Every action with a shortcut: its text and the keys, in the order of the menus."""
        found = []
        for entry in _ENTRIES:
            keys = _keys(self[entry.name])
            if keys:
                found.append((tr(entry.text).rstrip("…"), keys))
        return found


def _keys(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def _with_keys(action: QAction, text: str) -> str:
    return f"{text} ({keys})" if (keys := _keys(action)) else text


def _short(text: str | None) -> str:
    line = " ".join((text or "").split())
    return line if len(line) <= _TITLE_LENGTH else f"{line[: _TITLE_LENGTH - 1]}…"


def _shown_on(button: QToolButton, action: QAction) -> Callable[[bool], None]:
    def slot(on: bool) -> None:
        if on:
            button.setDefaultAction(action)

    return slot


def _without_argument(handler: Callable[[], None]) -> Callable[[bool], None]:
    """Qt passes "checked" to a triggered slot; commands take nothing."""

    def slot(_checked: bool = False) -> None:
        handler()

    return slot
