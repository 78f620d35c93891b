"""A line above the map that says what stands in the way of working on the project, with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from app import theme
from app.guard import Guard
from app.panels.widgets import label
from gis.text import tr

__all__ = ["NoticeBar"]


class NoticeBar(QFrame):
    """Shows the notice of a `Guard`; ``handlers`` are what its buttons do, by the names the notice gives."""

    def __init__(
        self, guard: Guard, handlers: Mapping[str, Callable[[], None]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._guard, self._handlers = guard, dict(handlers)
        self.setObjectName("notice_bar")
        self._icon = QLabel()
        self.text = label("", wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.buttons: dict[str, QPushButton] = {}
        self.dismiss = QToolButton()
        self.dismiss.setText("×")
        self.dismiss.setAutoRaise(True)
        self.dismiss.setToolTip(tr("知道了"))
        self.dismiss.setAccessibleName(tr("知道了"))
        self.dismiss.clicked.connect(guard.dismiss)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 5, 6, 5)
        self._row.setSpacing(8)
        self._row.addWidget(self._icon)
        self._row.addWidget(self.text, 1)
        self._row.addWidget(self.dismiss)
        guard.notice_changed.connect(self.reload)
        self.reload()

    def reload(self) -> None:
        """Show the present notice, or nothing."""
        notice = self._guard.notice
        for button in self.buttons.values():
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = {}
        self.setVisible(notice is not None)
        if notice is None:
            return
        colours = theme.current()
        colour = {"bad": colours.bad, "caution": colours.caution}.get(notice.role, colours.accent)
        self._icon.setPixmap(theme.pixmap("warning" if notice.role != "info" else "about", colour, 18))
        self.setStyleSheet(
            f"#notice_bar {{ background: {colours.base}; border: none; border-left: 4px solid {colour}; "
            f"border-bottom: 1px solid {colours.border}; }}"
        )
        self.text.setText(notice.text)
        for place, (name, title) in enumerate(notice.actions):
            button = QPushButton(title)
            button.setIconSize(QSize(16, 16))
            button.clicked.connect(self._handlers[name])
            self._row.insertWidget(2 + place, button)
            self.buttons[name] = button
        self.dismiss.setVisible(notice.passing)
