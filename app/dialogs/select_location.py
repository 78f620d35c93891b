"""Select rows of one layer by where they lie to rows of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.select_attributes import combine_box
from app.panels.widgets import label
from app.session import Session
from gis.text import tr
from gis.units import unit_title
from layers.registry import LAYERS
from layers.selecting.combine import Combine

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.project import Project

__all__ = ["SelectLocationDialog"]

_FARTHEST = 1_000_000  # metres


class SelectLocationDialog(QDialog):
    """Stays open; the rows found are selected everywhere."""

    found = Signal(str, list, object)  # table, uuids, Combine

    def __init__(self, session: Session, table: str, snapshot: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._snapshot = session, snapshot
        self.setWindowTitle(tr("按位置选择"))
        self.setMinimumWidth(520)
        self.layers, self.others, self.relation = QComboBox(), QComboBox(), QComboBox()
        for spec in LAYERS:
            if spec.geometry:
                self.layers.addItem(spec.title, spec.name)
                self.others.addItem(spec.title, spec.name)
        for name, title in (  # the values of gis.relations.Relation, which is not light
            ("inside", tr("完全位于其内")),
            ("overlaps", tr("与其重叠（有共同的土地）")),
            ("touches", tr("与其相邻（只共边或共点）")),
            ("within_distance", tr("距其不超过")),
        ):
            self.relation.addItem(title, name)
        self.distance = QSpinBox()
        self.distance.setRange(0, _FARTHEST)
        self.distance.setValue(100)
        self.distance.setSuffix(" " + unit_title("m"))
        self.chosen = QCheckBox()
        self.how = combine_box()
        form = QFormLayout()
        form.addRow(tr("选择图层"), self.layers)
        form.addRow(tr("中的要素，它们"), self.relation)
        form.addRow(tr("距离"), self.distance)
        form.addRow(tr("参照图层"), self.others)
        form.addRow("", self.chosen)
        form.addRow(tr("方式"), self.how)
        about = tr(
            "按毫米判断：公共边界相差不足 1 毫米的视为相邻，不算重叠；距离按项目平面计。规划用地只看地图上的快照，区块线只看现行的。"
        )
        self.answer = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox()
        self.choose = self.buttons.addButton(tr("选择"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.choose.setDefault(True)
        self.choose.clicked.connect(self.search)
        closing = self.buttons.addButton(tr("关闭"), QDialogButtonBox.ButtonRole.RejectRole)
        closing.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(label(about, "muted", wrap=True))
        layout.addWidget(self.answer)
        layout.addWidget(self.buttons)
        selected = session.selected[0]
        self.layers.setCurrentIndex(max(self.layers.findData(table), 0))
        self.others.setCurrentIndex(max(self.others.findData(selected or "block_line"), 0))
        self.relation.currentIndexChanged.connect(self._relation_chosen)
        self.others.currentIndexChanged.connect(self._offer_chosen)
        session.selection_changed.connect(self._offer_chosen)
        session.project_closed.connect(self.reject)
        self._relation_chosen()
        self._offer_chosen()
        self.chosen.setChecked(self.chosen.isEnabled())

    def _relation_chosen(self) -> None:
        self.distance.setEnabled(self.relation.currentData() == "within_distance")

    def _offer_chosen(self, *_: object) -> None:
        """The reference may be kept to what is selected in it."""
        table, uuids = self._session.selected
        count = len(uuids) if table == self.others.currentData() else 0
        self.chosen.setEnabled(count > 0)
        self.chosen.setText(tr("只参照选中的 {count} 行", count=f"{count:,}"))
        if not count:
            self.chosen.setChecked(False)

    def search(self) -> None:
        """Find the rows in a worker."""
        table, other = str(self.layers.currentData()), str(self.others.currentData())
        relation, distance = str(self.relation.currentData()), self.distance.value()
        chosen = list(self._session.selected[1]) if self.chosen.isChecked() else None
        how, snapshot = Combine(self.how.currentData()), self._snapshot

        def work(project: Project, progress: Progress) -> list[str]:
            from layers.selecting.by_location import Relation, rows_by_location

            return rows_by_location(
                project, table, Relation(relation), other, chosen,
                distance=float(distance), snapshot=snapshot, progress=progress,
            )  # fmt: skip

        def done(uuids: list[str]) -> None:
            self.found.emit(table, uuids, how)
            self.answer.setText(tr("符合条件：{count} 行。", count=f"{len(uuids):,}"))

        self._session.read(work, done, title=tr("按位置选择"), owner=self)
