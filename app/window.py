"""The main window: puts the map, the panels and the commands together; holds no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup, QCloseEvent, QDragEnterEvent, QDropEvent, QIcon, QShowEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.actions import Actions
from app.commands_backgrounds import BackgroundCommands
from app.commands_edit import EditCommands
from app.commands_files import FileCommands
from app.commands_map import MapCommands
from app.commands_window import WindowCommands
from app.day_control import DayControl
from app.dialogs.preferences import LANGUAGE_TITLES
from app.editing.bar import EditBar
from app.editing.mode import EditMode
from app.panels.attribute_table import AttributeTable
from app.panels.coordinates import CoordinateLabel, plane_tools
from app.panels.dashboard import Dashboard
from app.panels.feature_card import FeatureCard
from app.panels.history import History
from app.panels.layer_tree import LayerTree
from app.panels.legend import Legend
from app.panels.map_view import MapView
from app.panels.notice_bar import NoticeBar
from app.panels.start_page import StartPage, recent_title
from app.panels.status import MessageBar, ProgressPart, ScaleBox, SelectionPart
from app.panels.warnings import Warnings
from app.per_mu_look import PerMuLook
from app.session import Session
from app.settings import THEMES
from app.styler import Styler
from gis.text import language, tr

__all__ = ["MainWindow"]

_LAYOUT_VERSION = 2
_SAID = 8000  # ms that a remark stands in the status bar
_CHECKS_WAIT = 6000  # ms after opening: by then the map has been drawn, or will not be soon


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
        self.editing = EditMode(session, session.editor, self.map.canvas, self.map.shown, self)
        self.dashboard = Dashboard(session)
        self.card = FeatureCard(session)
        self.table = AttributeTable(session)
        self.warnings = Warnings(session)
        self.history = History(session)
        self.files = FileCommands(self, session, lambda: self.layers.current)
        self.commands = WindowCommands(
            self, session, self.map, self.layers, self.panel, self.rebuild_wanted.emit
        )
        self.edits = EditCommands(self, session, self.map, self._row_layer)
        self.on_map = MapCommands(self, session, self.map, self.layers, self.commands.go_to_row)
        self.backgrounds = BackgroundCommands(self, session, self.map, self.layers.backgrounds)
        handlers = {
            **self.files.handlers(),
            **self.edits.handlers(),
            **self.commands.handlers(),
            **self.backgrounds.handlers(),
            **self.on_map.handlers(),
        }
        handlers["reset_layout"] = self.reset_layout
        handlers["shortcuts"] = lambda: self.commands.shortcuts(self.actions_, self.edit_bar.shortcuts())
        self.actions_ = Actions(self, handlers)
        self.start_page = StartPage(session, [self.actions_[name] for name in ("open", "new", "demo")])
        self.centre = QStackedWidget()
        self.centre.addWidget(self.start_page)
        self.centre.addWidget(self.map)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        guard = session.guard
        self.notices = NoticeBar(
            guard,
            {"retry": guard.retry, "reopen": guard.reopen, "repair_index": guard.repair_index,
             "save_copy": self.files.save_copy},
        )  # fmt: skip
        column.addWidget(self.notices)
        column.addWidget(self.centre, 1)
        self.setCentralWidget(middle)
        self.setAcceptDrops(True)
        self._build_docks()
        self.actions_.build_menus()
        self.day = DayControl(session, self.layers)
        self.menuBar().setCornerWidget(self.day)
        self.toolbar = self.actions_.build_toolbar()
        self.edit_bar = EditBar(
            self, self.editing, self.actions_["edit"], self.actions_["pan"], self.actions_.tools
        )
        self._fill_menus()
        self._build_status_bar()
        self._default_layout = self.saveState(_LAYOUT_VERSION)
        self._checks_due = QTimer(self)
        self._checks_due.setSingleShot(True)
        self._checks_due.setInterval(_CHECKS_WAIT)
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

    def _size_docks(self) -> None:
        """Room for all layers, the rest of the column for the legend; the map gets what the table can spare."""
        names = ("layers", "dashboard")
        self.resizeDocks([self.docks[name] for name in names], [230, 400], Qt.Orientation.Horizontal)
        bottom = max(190, min(250, self.height() // 4))
        self.resizeDocks([self.docks["warnings"]], [bottom], Qt.Orientation.Vertical)
        pair = [self.docks["layers"], self.docks["legend"]]
        column = max(self.height() - bottom - 100, 300)
        layers = min(300, column * 3 // 5)
        self.resizeDocks(pair, [layers, column - layers], Qt.Orientation.Vertical)

    def _fill_menus(self) -> None:
        for dock in self.docks.values():
            self.actions_.submenus["panels"].addAction(dock.toggleViewAction())
        self.actions_.submenus["edit_tools"].addActions(self.edit_bar.menu_actions())
        recent = self.actions_.submenus["recent"]
        recent.aboutToShow.connect(self._fill_recent)
        self._fill_recent()
        places = self.actions_.submenus["bookmarks"]
        fixed = [self.actions_[name] for name in ("bookmark_add", "bookmark_manage")]
        places.aboutToShow.connect(lambda: self.on_map.bookmarks.fill(places, fixed))
        self.on_map.bookmarks.fill(places, fixed)
        planes = self.actions_.submenus["plane"]
        planes.aboutToShow.connect(lambda: self.on_map.plane.fill(planes))
        self.actions_["overview"].setChecked(self.session.settings.overview)
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
            action = menu.addAction(recent_title(path).replace("&", "&&"))
            action.triggered.connect(lambda _on=False, chosen=path: self.files.open_path(chosen))
        menu.setEnabled(not menu.isEmpty())

    def _build_status_bar(self) -> None:
        self.progress = ProgressPart(self.session.tasks)
        self.coordinates = CoordinateLabel()
        self.scale = ScaleBox()
        for part in (self.coordinates, self.scale):
            part.show_in(self.on_map.plane.shown)
            self.on_map.plane.changed.connect(part.show_in)
        self.grave = QToolButton()
        self.grave.setAutoRaise(True)
        self.grave.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.grave.setIconSize(QSize(14, 14))
        self.grave.setToolTip(tr("打开预警面板"))
        self.grave.clicked.connect(lambda: self.panel("warnings"))
        self.grave.hide()
        bar = MessageBar(self)
        self.setStatusBar(bar)
        chosen = [self.actions_[name] for name in ("zoom_selection", "invert", "deselect")]
        self.selection = SelectionPart(self.session, chosen)
        for widget in (self.progress, self.selection, self.grave, self.coordinates, self.scale):
            bar.addPermanentWidget(widget)

    def _connect(self) -> None:
        session, view, commands, files = self.session, self.map, self.commands, self.files
        session.project_opened.connect(self._project_changed)
        session.project_opened.connect(self._checks_due.start)
        session.project_closed.connect(self._project_changed)
        session.access_changed.connect(self._project_changed)
        session.reversible_changed.connect(self._enable)
        session.tasks.changed.connect(self._enable)
        self.editing.state_changed.connect(self._enable)
        session.tasks.failed.connect(self._show_error)
        self.on_map.changed.connect(self._enable)
        self.on_map.time.ended.connect(lambda: self.actions_["time"].setChecked(False))
        self.on_map.swipe.ended.connect(lambda: self.actions_["swipe"].setChecked(False))
        self._checks_due.timeout.connect(self._first_check)
        view.canvas.picture_ready.connect(self._picture_there)
        self.start_page.open_wanted.connect(files.open_path)
        view.position_changed.connect(self.coordinates.show_position)
        view.scale_changed.connect(self.scale.show_scale)
        self.scale.scale_wanted.connect(view.set_scale)
        view.identified.connect(self._identified)
        self.layers.table_wanted.connect(commands.show_table)
        self.styler = Styler(self.session, view, self)
        self.per_mu = PerMuLook(self.session, view, self.actions_["per_mu"], self)
        self.per_mu.said.connect(lambda text: self.statusBar().showMessage(text, _SAID))
        self.layers.style_wanted.connect(self.styler.edit)
        self.layers.export_wanted.connect(files.export_layer)
        self.table.row_activated.connect(commands.go_to_row)
        self.table.tools.edit_wanted.connect(self.edits.edit_row)
        self.table.tools.new_wanted.connect(self.edits.new_row)
        self.table.tools.removal_wanted.connect(self.edits.remove)
        self.table.tools.history_wanted.connect(self._show_history)
        self.history.row.outlines_wanted.connect(self.edits.compare_outlines)
        self.docks["history"].visibilityChanged.connect(self.edits.history_seen)
        self.history.row.row_activated.connect(commands.go_to_row)
        self.card.edit_wanted.connect(self.edits.edit_row)
        self.table.said.connect(lambda text: self.statusBar().showMessage(text, _SAID))
        self.day.row_activated.connect(commands.go_to_row)
        self.dashboard.row_activated.connect(commands.go_to_row)
        self.dashboard.overview_wanted.connect(commands.indicators)
        self.dashboard.findings_wanted.connect(lambda: self.panel("warnings"))
        self.warnings.row_activated.connect(commands.go_to_row)
        self.warnings.fly_wanted.connect(view.fly_to)
        self.warnings.compare_wanted.connect(commands.compare)
        self.warnings.export_wanted.connect(files.export_warnings)
        self.warnings.counted.connect(self._show_grave)
        self.card.print_wanted.connect(files.print_parcel)
        self.card.locate_wanted.connect(commands.go_to_row)
        session.comparison_changed.connect(
            self._show_warnings
        )  # let go of with the window, as a lambda is not

    # --- following the session -----------------------------------------------------------------------

    def _project_changed(self, *_: object) -> None:
        project = self.session.project
        self._enable()
        self._fill_recent()  # a greyed menu is never about to show
        self.on_map.put_down()
        self.actions_["pan"].setChecked(True)
        self.centre.setCurrentWidget(self.map if project is not None else self.start_page)
        self.scale.setEnabled(project is not None)
        name = tr("ParkLine 工业用地与园区管理系统")
        if project is None:
            self.scale.clearEditText()
            self.setWindowTitle(name)
            self.coordinates.set_plane(None)
            self.start_page.refresh()
            return
        marks = tr("【示例数据】") if project.is_demo else ""
        marks += tr("【只读】") if project.store.read_only else ""
        self.setWindowTitle(f"{project.name}{marks} – {name}")
        self.coordinates.set_plane(project.epsg)
        epsg = project.epsg

        def arrived(tools: tuple[Any, str, str]) -> None:
            self.coordinates.set_plane(epsg, *tools)
            self.coordinates.show_position(*self.map.place())

        self.session.read(lambda _project, _progress: plane_tools(epsg), arrived, quiet=True, owner=self)

    def _enable(self) -> None:
        session = self.session
        self.actions_.name_reversible(session.undoable, session.redoable)
        self.actions_.enable(session.project is not None, bool(session.tasks.writing), self.editing.drawing)
        self.edit_bar.refresh()
        self.actions_["view_back"].setEnabled(self.on_map.history.can_go_back)
        self.actions_["view_forward"].setEnabled(self.on_map.history.can_go_forward)

    def _show_history(self, name: str, uuid: str) -> None:
        self.panel("history")
        self.history.show_row(name, uuid)

    def _row_layer(self) -> str | None:
        """The layer that a new row is for: the one of the table while it is seen, else the marked one."""
        return self.table.spec.name if self.table.isVisible() else self.layers.current

    def _picture_there(self) -> None:
        picture = self.map.canvas.picture()
        if self._checks_due.isActive() and picture is not None and picture.complete:
            self._first_check()

    def _first_check(self) -> None:
        """Judge a project that was opened, but not before it is seen on the map."""
        self._checks_due.stop()
        self.session.check()

    def _identified(self, hits: list[Any]) -> None:
        self.card.show_hits(hits)
        if not hits:
            self.session.select("", [])
            return
        self.session.select(hits[0].table, [hits[0].uuid])
        self.panel("card")

    def _show_warnings(self) -> None:
        self.panel("warnings")

    def _show_grave(self, grave: int, count: int) -> None:
        colours = theme.current()
        self.grave.setVisible(count > 0)
        self.grave.setIcon(theme.icon("warning", colours.bad if grave else colours.muted, 14))
        self.grave.setText(tr("{grave} 条严重预警，共 {count} 条", grave=grave, count=count))

    def _show_error(self, error: BaseException) -> None:
        self.files.show_error(error)

    # --- files dropped on the window -----------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take files, nothing else."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Open a project, lay pictures under the map, import the rest; afterwards: the other program need not wait."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        pictures = self.backgrounds.among(paths)
        take = self.backgrounds.add_files if pictures else self.files.take
        QTimer.singleShot(0, self, lambda: take(pictures or paths))

    # --- layout and end ------------------------------------------------------------------------------

    def _restore(self) -> None:
        room = self.screen().availableGeometry()
        self.resize(min(1440, room.width()), min(900, room.height()))
        geometry = self.session.settings.layout("geometry")
        state = self.session.settings.layout("state")
        if geometry is not None:
            self.restoreGeometry(geometry)
        self._laid_out = state is not None and self.restoreState(state, _LAYOUT_VERSION)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Turned to again: somebody may have written to the file meanwhile."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.session.guard.look()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Share the room out at the first start; later the person's own layout comes back."""
        super().showEvent(event)
        if not self._laid_out:
            self._laid_out = True
            QTimer.singleShot(0, self, self._size_docks)

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
        """Ask while something is being written; remember the layout. The shell ends the jobs."""
        if not self.files.may_leave():
            event.ignore()
            return
        self.remember_layout()
        self.editing.shut_down()
        self.on_map.shut_down()
        self.map.shut_down()
        super().closeEvent(event)

    def put_away(self) -> None:
        """Make room for another window on the same session: nothing ends, nobody is asked."""
        self.remember_layout()
        self.editing.shut_down()
        self.on_map.shut_down()
        self.map.shut_down()
        self.hide()
        self.deleteLater()

    def panel(self, name: str) -> QWidget:
        """The widget of a dock, brought to the front."""
        dock = self.docks[name]
        dock.show()
        dock.raise_()
        widget = dock.widget()
        assert widget is not None  # noqa: S101 - every dock was given one above
        return widget
