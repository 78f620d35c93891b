"""Styles of layers: opens the editor, lets the map follow it, and keeps what is applied in the project file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app import theme
from app.panels.map_view import MapView
from app.session import Session
from gis.draw.symbols import symbol_set
from gis.errors import ParkLineError
from gis.progress import Progress
from gis.text import tr
from layers.registry import LAYERS, layer
from layers.spec import Field, LayerSpec
from layers.styling.style import STANDARD, LabelStyle, LayerStyle, Renderer

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.dialogs.layer_style import LayerStyleDialog
    from layers.project import Project
    from layers.styling.making import FieldSummary

__all__ = ["Styler", "fitting"]


class Styler(QObject):
    """One editor at a time, for one layer."""

    def __init__(self, session: Session, view: MapView, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._view = session, view
        self.dialog: LayerStyleDialog | None = None
        session.project_closed.connect(self._close)
        view.classes_counted.connect(self._show_signs)

    def edit(self, name: str) -> None:
        """Open the editor on a layer's style."""
        from app.dialogs.layer_style import LayerStyleDialog

        state = self._session.map_state
        if state is None:
            return
        if self.dialog is not None:
            if self.dialog.spec.name == name:
                self.dialog.raise_()
                self.dialog.activateWindow()
                return
            self.dialog.reject()

        def ask(field: Field, done: Callable[[FieldSummary], None]) -> None:
            def work(project: Project, progress: Progress) -> FieldSummary:
                from layers.styling.making import summary

                return summary(project, name, field, progress)

            self._session.read(work, done, title=tr("读取字段“{field}”", field=field.title), owner=dialog)

        others = [(spec.name, spec.title) for spec in LAYERS if spec.geometry and spec.name != name]
        dialog = LayerStyleDialog(
            layer(name),
            state.style(name),
            symbol_set(theme.current().name),
            ask,
            others,
            Path(self._session.settings.folder),
            self._view.window(),
        )
        self.dialog = dialog
        dialog.changed.connect(lambda style: self._view.style_layer(name, style))
        dialog.applied.connect(lambda style: self._keep(name, style))
        dialog.copied.connect(self._copy)
        dialog.finished.connect(lambda _: self._finished(dialog))
        dialog.show()
        self._show_signs()

    def _finished(self, dialog: LayerStyleDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None
        dialog.deleteLater()

    def _close(self) -> None:
        if self.dialog is not None:
            self.dialog.close()

    def _show_signs(self) -> None:
        if self.dialog is not None:
            self.dialog.show_signs(self._view.class_lines(self.dialog.spec.name))

    def _copy(self, name: str, style: LayerStyle) -> None:
        self._view.style_layer(name, fitting(style, layer(name)))
        self._keep(name, fitting(style, layer(name)))

    def _keep(self, name: str, style: LayerStyle) -> None:
        """Into the project file, in the background; a project that may not be written keeps it in the settings."""
        self._view.style_layer(name, style)
        state, project = self._session.map_state, self._session.project
        if state is None or project is None or project.store.read_only:
            return
        styles = dict(state.styles)
        if self.dialog is not None and self.dialog.spec.name != name:  # what is only tried out is not kept
            styles[self.dialog.spec.name] = self.dialog.kept

        def work(project: Project, _progress: Progress) -> bool:
            from layers.styling.stored import write_styles

            return write_styles(project, styles)

        self._session.read(work, lambda _: None, title=tr("保存图层样式"), writes=True)


def fitting(style: LayerStyle, spec: LayerSpec) -> LayerStyle:
    """The style as far as another layer can bear it: without classes and labels of fields that it has not."""
    from layers.styling.data import style_data, style_from_data

    wanted = style
    try:
        return style_from_data(style_data(wanted), spec)
    except ParkLineError:
        wanted = replace(wanted, label=LabelStyle())
    try:
        return style_from_data(style_data(wanted), spec)
    except ParkLineError:
        kind = Renderer.SINGLE if style.by_field else style.renderer
        kept = replace(style, renderer=kind, field="", classes=(), ramp="", method="")
    try:
        return style_from_data(style_data(kept), spec)
    except ParkLineError:
        return (
            style_from_data(style_data(replace(kept, label=LabelStyle())), spec)
            if kept != STANDARD
            else STANDARD
        )
