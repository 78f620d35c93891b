"""The main window: puts the map, the panels and the commands together; holds no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QActionGroup, QCloseEvent, QIcon
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QTabWidget, QWidget

from app import theme
from app.actions import Actions
from app.commands_window import WindowCommands
from app.dialogs.messages import show_error
from app.dialogs.preferences import LANGUAGE_TITLES
from app.panels.attribute_table import AttributeTable
from app.panels.coordinates import CoordinateLabel, plane_tools
from app.panels.dashboard import Dashboard
from app.panels.feature_card import FeatureCard
from app.panels.history import History
from app.panels.layer_tree import LayerTree
from app.panels.legend import Legend
from app.panels.map_view import MapView
from app.panels.status import ProgressPart, ScaleBox
from app.panels.warnings import Warnings
from app.session import Session
from app.settings import THEMES
from gis.text import language, tr

__all__ = ["MainWindow", "run"]

_LAYOUT_VERSION = 1


class MainWindow(QMainWindow):
    """One window on one session. Language and theme change by building a new one (``rebuild_wanted``)."""

    rebuild_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setObjectName("main_window")
        self.setWindowIcon(QIcon(theme.pixmap("parkline", theme.current().accent, 64)))
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AnimatedDocks)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.docks: dict[str, QDockWidget] = {}
        self.layers = LayerTree()
        self.legend = Legend(session)
        self.map = MapView(session, self.layers, self.legend)
        self.dashboard = Dashboard(session)
        self.card = FeatureCard(session)
        self.table = AttributeTable(session)
        self.warnings = Warnings(session)
        self.history = History(session)
        self.setCentralWidget(self.map)
        self.commands = WindowCommands(self)
        self.actions_ = Actions(self, self.commands.handlers())
        self._build_docks()
        self.actions_.build_menus()
        self.toolbar = self.actions_.build_toolbar()
        self._fill_menus()
        self._build_status_bar()
        self._default_layout = self.saveState(_LAYOUT_VERSION)
        self._connect()
        self._project_changed()
        self._restore()

    # --- building ------------------------------------------------------------------------------------

    def _build_docks(self) -> None:
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        bottom = Qt.DockWidgetArea.BottomDockWidgetArea
        for name, title, icon, widget, area in (
            ("layers", tr("图层列表"), "layers", self.layers, left),
            ("legend", tr("图例"), "legend", self.legend, left),
            ("dashboard", tr("仪表盘"), "dashboard", self.dashboard, right),
            ("card", tr("要素卡片"), "card", self.card, right),
            ("table", tr("属性表"), "table", self.table, bottom),
            ("warnings", tr("预警"), "warning", self.warnings, bottom),
            ("history", tr("历史"), "history", self.history, bottom),
        ):
            dock = QDockWidget(title, self)
            dock.setObjectName(f"dock_{name}")
            dock.setWidget(widget)
            dock.toggleViewAction().setIcon(theme.icon(icon))
            self.addDockWidget(area, dock)
            self.docks[name] = dock
        self.tabifyDockWidget(self.docks["dashboard"], self.docks["card"])
        self.tabifyDockWidget(self.docks["table"], self.docks["warnings"])
        self.tabifyDockWidget(self.docks["warnings"], self.docks["history"])
        for name in ("dashboard", "card", "table", "warnings", "history"):
            self.docks[name].setTitleBarWidget(QWidget())  # the tab is title enough
        for name in ("dashboard", "warnings"):
            self.docks[name].raise_()
        self._size_docks()

    def _size_docks(self) -> None:
        names = ("layers", "dashboard")
        self.resizeDocks([self.docks[name] for name in names], [230, 400], Qt.Orientation.Horizontal)
        self.resizeDocks([self.docks["warnings"]], [230], Qt.Orientation.Vertical)
        pair = [self.docks["layers"], self.docks["legend"]]
        self.resizeDocks(pair, [340, 260], Qt.Orientation.Vertical)

    def _fill_menus(self) -> None:
        for dock in self.docks.values():
            self.actions_.submenus["panels"].addAction(dock.toggleViewAction())
        recent = self.actions_.submenus["recent"]
        recent.aboutToShow.connect(self._fill_recent)
        self._fill_recent()
        languages = QActionGroup(self)
        for name, title in LANGUAGE_TITLES.items():
            action = self.actions_.submenus["language"].addAction(title)
            action.setCheckable(True)
            action.setChecked(name == language())
            languages.addAction(action)
            action.triggered.connect(lambda _on=False, chosen=name: self.commands.set_language(chosen))
        titles = {"system": tr("跟随系统"), "light": tr("浅色"), "dark": tr("深色")}
        themes = QActionGroup(self)
        for name in THEMES:
            action = self.actions_.submenus["appearance"].addAction(titles[name])
            action.setCheckable(True)
            action.setChecked(name == self.session.settings.theme)
            themes.addAction(action)
            action.triggered.connect(lambda _on=False, chosen=name: self.commands.set_theme(chosen))

    def _fill_recent(self) -> None:
        menu = self.actions_.submenus["recent"]
        menu.clear()
        for path in self.session.settings.recent:
            action = menu.addAction(Path(path).name.replace("&", "&&"))
            action.setToolTip(path)
            action.triggered.connect(lambda _on=False, chosen=path: self.commands.open_path(chosen))
        menu.setToolTipsVisible(True)
        menu.setEnabled(not menu.isEmpty())

    def _build_status_bar(self) -> None:
        self.progress = ProgressPart(self.session.tasks)
        self.coordinates = CoordinateLabel()
        self.scale = ScaleBox()
        self.grave = QLabel()
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.grave)
        bar.addWidget(self.progress)
        bar.addPermanentWidget(self.coordinates)
        bar.addPermanentWidget(self.scale)

    def _connect(self) -> None:
        session, view, commands = self.session, self.map, self.commands
        session.project_opened.connect(self._project_changed)
        session.project_closed.connect(self._project_changed)
        session.tasks.failed.connect(self._show_error)
        view.position_changed.connect(self.coordinates.show_position)
        view.scale_changed.connect(self.scale.show_scale)
        self.scale.scale_wanted.connect(view.set_scale)
        view.picked.connect(self._picked)
        self.layers.table_wanted.connect(commands.show_table)
        self.table.row_activated.connect(commands.go_to_row)
        self.dashboard.row_activated.connect(commands.go_to_row)
        self.warnings.row_activated.connect(commands.go_to_row)
        self.warnings.fly_wanted.connect(view.fly_to)
        self.warnings.compare_wanted.connect(commands.compare)
        self.warnings.counted.connect(self._show_grave)
        self.card.print_wanted.connect(commands.print_parcel)
        self.card.locate_wanted.connect(commands.go_to_row)
        session.comparison_changed.connect(self.docks["warnings"].raise_)

    # --- following the session -----------------------------------------------------------------------

    def _project_changed(self, *_: object) -> None:
        project = self.session.project
        self.actions_.enable(project is not None)
        name = tr("ParkLine 工业用地与园区管理系统")
        if project is None:
            self.setWindowTitle(name)
            self.coordinates.set_plane(None)
            return
        demo = tr("【示例数据】") if project.is_demo else ""
        self.setWindowTitle(f"{project.name}{demo} – {name}")
        self.coordinates.set_plane(project.epsg)
        epsg = project.epsg

        def arrived(tools: tuple[Any, str]) -> None:
            self.coordinates.set_plane(epsg, *tools)

        self.session.read(lambda _project, _progress: plane_tools(epsg), arrived, quiet=True, owner=self)

    def _picked(self, table: str, uuid: str) -> None:
        self.session.select(table, [uuid])
        self.docks["card"].show()
        self.docks["card"].raise_()

    def _show_grave(self, grave: int, count: int) -> None:
        self.grave.setText(tr("{grave} 条严重预警，共 {count} 条", grave=grave, count=count) if count else "")

    def _show_error(self, error: BaseException) -> None:
        show_error(self, error)

    # --- layout and end ------------------------------------------------------------------------------

    def _restore(self) -> None:
        self.resize(1440, 900)
        geometry = self.session.settings.layout("geometry")
        state = self.session.settings.layout("state")
        if geometry is not None:
            self.restoreGeometry(geometry)
        if state is not None:
            self.restoreState(state, _LAYOUT_VERSION)

    def reset_layout(self) -> None:
        """Docks as on the first start."""
        self.session.settings.forget_layout()
        self.restoreState(QByteArray(self._default_layout), _LAYOUT_VERSION)
        self._size_docks()

    def remember_layout(self) -> None:
        """Keep size and docks for the next start."""
        self.session.settings.set_layout("geometry", self.saveGeometry())
        self.session.settings.set_layout("state", self.saveState(_LAYOUT_VERSION))
        self.session.settings.sync()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Remember the layout; the shell ends the jobs."""
        self.remember_layout()
        self.map.shut_down()
        super().closeEvent(event)

    def panel(self, name: str) -> QWidget:
        """The widget of a dock, brought to the front."""
        dock = self.docks[name]
        dock.show()
        dock.raise_()
        widget = dock.widget()
        assert widget is not None  # noqa: S101 - every dock was given one above
        return widget


def run(path: str | Path | None = None) -> int:
    """Show the window, then open the project in the background; returns the exit code.

    Without a path the demo project is opened, made first if there is none.
    """
    from app.shell import Shell

    return Shell().run(None if path is None else Path(path))
