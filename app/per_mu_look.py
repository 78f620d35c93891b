"""按亩均评价着色: the parcels on the map in the colours of their grade, from the check's own rows.

The look is lent to the layer: its style in the project file stays as it is and comes back when the look is put away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from app.panels.map_view import MapView
from app.session import Session
from gis.text import mark, tr
from layers.styling.style import COMPUTED, LayerStyle, Renderer, Sign, StyleClass

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.checks.result import CheckResult
    from layers.project import Project

__all__ = ["PerMuLook"]

_CHECK, _LAYER = "per_mu_evaluation", "parcel"
_FIELD = COMPUTED + mark("亩均评价")
# From good to bad in colours that differ in lightness too (Okabe and Ito), so that a grey print can be read.
_CLASSES = (
    ("A", mark("A 类"), "#009E73"),
    ("B", mark("B 类"), "#56B4E9"),
    ("C", mark("C 类"), "#F0E442"),
    ("D", mark("D 类"), "#D55E00"),
    ("none", mark("应评未评"), "#BDBDBD"),
)


class PerMuLook(QObject):
    """Follows the action and the results: whenever they change while it is on, the map follows."""

    said = Signal(str)

    def __init__(self, session: Session, view: MapView, action: QAction, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._view, self._action = session, view, action
        if session.map_state is not None:  # left over from a window that was rebuilt
            session.map_state.lent.pop(_LAYER, None)
        action.toggled.connect(self._toggled)
        session.results_changed.connect(self._results_changed)
        session.project_closed.connect(self._closed)

    def _closed(self) -> None:
        self._action.setChecked(False)

    def _toggled(self, on: bool) -> None:
        if on:
            self._show(asked=True)
        else:
            self._view.lend_look(_LAYER, None, {})

    def _results_changed(self) -> None:
        if self._action.isChecked():
            self._show(asked=False)

    def _result(self) -> CheckResult | None:
        return next((item for item in self._session.results if item.id == _CHECK), None)

    def _show(self, *, asked: bool) -> None:
        result = self._result()
        if result is None or result.evidence.empty:
            self._view.lend_look(_LAYER, None, {})
            self._action.setChecked(False)
            if asked:
                self.said.emit(
                    tr("检查还没有结果，或政策文件没有“亩均效益评价”；先运行检查。")
                    if result is None
                    else tr("没有可评价的地块：{reason}", reason=_reason(result))
                )
            return
        evidence = result.evidence
        wanted = dict(zip(evidence["uuid"], evidence["grade"].replace("", "none"), strict=True))

        def work(project: Project, _progress: Progress) -> dict[int, str]:
            found: dict[int, str] = {}
            for rows, uuids in project.store.column(_LAYER, "uuid"):
                found |= {row: wanted[uuid] for row, uuid in zip(rows, uuids, strict=True) if uuid in wanted}
            return found

        def done(grades: dict[int, str]) -> None:
            if self._action.isChecked():
                self._view.lend_look(_LAYER, _look(), grades)

        self._session.read(work, done, quiet=True, owner=self)


def _look() -> LayerStyle:
    classes = tuple(
        StyleClass(title=tr(title), values=(grade,), sign=Sign(fill=colour))
        for grade, title, colour in _CLASSES
    )
    rest = StyleClass(title=tr("不参评"), other=True, sign=Sign(fill="none"))
    return replace(LayerStyle(), renderer=Renderer.CATEGORIES, field=_FIELD, classes=(*classes, rest))


def _reason(result: CheckResult) -> str:
    return result.city.explanation if result.city is not None else ""
