"""The running program around the window: application object, settings, jobs, and building the window anew."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLibraryInfo, QObject, Qt, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from app import theme
from app.panels.table_copy import leave_clipboard
from app.session import Session
from app.settings import Settings
from app.tasks import Tasks
from app.window import MainWindow
from gis.text import language, set_language

__all__ = ["Shell", "run"]

_DIALOG_WAIT = 500  # ms


class Shell(QObject):
    """Owns session and jobs; the window can be thrown away and built again in another language or theme."""

    def __init__(self, settings: Settings | None = None) -> None:
        application = QApplication.instance() or QApplication(sys.argv[:1])
        assert isinstance(application, QApplication)  # noqa: S101 - no other kind is ever made
        super().__init__()
        self.application = application
        application.setApplicationName("ParkLine")
        application.setOrganizationName("ParkLine")
        self.settings = settings if settings is not None else Settings()
        if self.settings.language is not None and "PARKLINE_LANG" not in os.environ:
            set_language(self.settings.language)
        self._qt_words = QTranslator(self)
        self._translate_qt()
        theme.load_font(application)
        theme.apply_theme(application, self.settings.theme)
        self.tasks = Tasks(self)
        self.session = Session(self.tasks, self.settings, self)
        self.window = self._build()
        application.styleHints().colorSchemeChanged.connect(self._system_changed)
        application.aboutToQuit.connect(self.shut_down)

    def _build(self) -> MainWindow:
        window = MainWindow(self.session)
        window.rebuild_wanted.connect(self.rebuild, Qt.ConnectionType.QueuedConnection)
        return window

    def _translate_qt(self) -> None:
        """Qt's own words (standard buttons, colour dialog, context menus) in the language in use."""
        self.application.removeTranslator(self._qt_words)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._qt_words.load(f"qtbase_{language()}", folder):
            self.application.installTranslator(self._qt_words)

    def rebuild(self) -> None:
        """Put a new window in the place of the old one, on the same session, once no dialog stands on it."""
        if self.application.activeModalWidget() is not None:
            QTimer.singleShot(_DIALOG_WAIT, self, self.rebuild)
            return
        if self.settings.language is not None:
            set_language(self.settings.language)
        self._translate_qt()
        theme.apply_theme(self.application, self.settings.theme)
        old = self.window
        quits = self.application.quitOnLastWindowClosed()
        self.application.setQuitOnLastWindowClosed(False)
        old.remember_layout()
        self.window = self._build()
        self.window.show()
        old.put_away()
        self.application.setQuitOnLastWindowClosed(quits)
        if self.session.project is not None:
            self.session.say_again()

    def _system_changed(self) -> None:
        if self.settings.theme == "system":
            self.rebuild()

    def run(self, path: Path | None) -> int:
        """Show the window first, then open the project."""
        _log_to_file()
        sys.excepthook = self._unexpected
        self.window.show()
        QTimer.singleShot(0, self, lambda: self.start(path))
        return int(self.application.exec())

    def start(self, path: Path | None) -> None:
        """Open what was asked for, else the demo project."""
        if path is not None:
            self.session.open(path)
            return
        from app.folders import demo_project

        self.session.open_demo(demo_project())

    def shut_down(self) -> None:
        """End the map's thread and the jobs, and release the project's file. Safe to call twice."""
        self.application.removeTranslator(self._qt_words)
        self.window.editing.shut_down()
        self.window.on_map.shut_down()
        self.window.map.shut_down()
        self.session.shut_down()
        self.settings.sync()
        leave_clipboard()

    def _unexpected(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """A bug in a slot: log it and say so; the program goes on."""
        if issubclass(kind, KeyboardInterrupt):
            self.application.quit()
            return
        self.tasks.failed.emit(error.with_traceback(trace))


def _log_to_file() -> None:
    from app.folders import log_file

    try:
        logging.basicConfig(
            filename=log_file(),
            encoding="utf-8",
            level=logging.INFO,
            format="%(asctime)s %(levelname)s %(name)s %(message)s",
        )
    except OSError:  # a read-only home must not keep the program from starting
        logging.basicConfig(level=logging.INFO)


def run(path: str | Path | None = None) -> int:
    """Show the window, then open the project in the background; returns the exit code.

    Without a path the demo project is opened, made first if there is none.
    """
    return Shell().run(None if path is None else Path(path))
