"""Before an edit is saved that takes land inside a line from industry: what, where, how much, and why it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.panels.evidence import floor_area
from app.panels.frame_model import Cell, ListModel
from app.panels.severities import SEVERITIES
from app.panels.unit_bars import VERDICT_ICONS, verdict_colour
from app.panels.widgets import fit_columns, label, table
from gis.text import mark, tr
from gis.units import PERCENT, unit_title
from layers.evidence_words import value_word
from layers.verdict_words import verdict_word

if TYPE_CHECKING:
    from app.editor import Weighed
    from layers.checks.result import UnitResult
    from layers.editing.unit_figures import UnitFigures
    from layers.editing.warnings import EditWarning

__all__ = ["EditWarningsDialog"]

_PIECES = (
    mark("级别"), mark("变更方式"), mark("对象"), mark("原用途"), mark("新用途"), mark("面积（㎡）"), mark("亩"),
    mark("占区块"), mark("区块线"), mark("区块工业用地占比"), mark("单元"),
)  # fmt: skip
_FIGURES = (mark("单元"), mark("指标"), mark("编辑前"), mark("编辑后"), mark("变化"))
_ROWS_SHOWN = 6


class EditWarningsDialog(QDialog):
    """The pieces, the units' figures, and the reason without which nothing is saved.

    ``piece_wanted`` carries the geometry of the piece that was picked. Accepted means save for ``reason``.
    """

    piece_wanted = Signal(object)

    def __init__(self, weighed: Weighed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weighed = weighed
        self.setWindowTitle(tr("保存前的预警"))
        self.setSizeGripEnabled(True)
        self.resize(1000, 580)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addLayout(self._head())
        self.pieces = ListModel([tr(text) for text in _PIECES])
        self.pieces.fill([(_piece_cells(item), item) for item in weighed.warnings])
        self.pieces_view = _list(self.pieces, tr("减少的工业用地"))
        fit_columns(self.pieces_view, most=170, least=44)
        layout.addWidget(self.pieces_view, 2)
        self.sentence = label("", wrap=True)
        self.clause = label("", "muted", wrap=True)
        layout.addWidget(self.sentence)
        layout.addWidget(self.clause)
        self.figures = ListModel([tr(text) for text in _FIGURES])
        self.figures.fill([(_figure_cells(item), item) for item in weighed.figures])
        self.figures_view = _list(self.figures, tr("单元的储备和出让比例"))
        fit_columns(self.figures_view, most=230, least=70)
        self.figures_view.setVisible(bool(weighed.figures))
        if weighed.figures:
            layout.addWidget(label(tr("单元的储备和出让比例"), "heading"))
            layout.addWidget(self.figures_view, 1)
        self._add_reason(layout)
        self.pieces_view.selectionModel().currentRowChanged.connect(self._picked)
        self.pieces_view.clicked.connect(self._show_piece)
        self._pick_first()

    @property
    def reason(self) -> str:
        """Why it is saved all the same."""
        return self.text.toPlainText().strip()

    def _head(self) -> QHBoxLayout:
        weighed, colours = self._weighed, theme.current()
        land = [item for item in weighed.warnings if not item.sliver]
        grave = any(item.severity == "violation" for item in land)
        sign = QLabel()
        sign.setPixmap(
            theme.pixmap("error" if grave else "warning", colours.bad if grave else colours.caution, 28)
        )
        area, mu = sum(item.area for item in land), sum(item.mu for item in land)
        title = label(
            tr(
                "这次编辑会使区块线内 {area} ㎡（{mu} 亩）工业用地改作他用",
                area=f"{area:,.2f}",
                mu=f"{mu:,.2f}",
            ),
            "heading",
            wrap=True,
        )
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(label(weighed.edit.why, "muted", wrap=True))
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        return head

    def _add_reason(self, layout: QVBoxLayout) -> None:
        needed = self._weighed.needs_reason
        said = (
            tr("理由（必填，与这次编辑一起留在历史和预警记录中）")
            if needed
            else tr("理由（可不填；填写后留在历史中）")
        )
        caption = label(said, "heading")
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setPlaceholderText(tr("例如：依据哪次会议、哪份批复，由谁决定"))
        self.text.setFixedHeight(self.text.fontMetrics().lineSpacing() * 3 + 16)
        self.text.setAccessibleName(said)
        caption.setBuddy(self.text)
        self.buttons = QDialogButtonBox()
        self.back = self.buttons.addButton(tr("返回修改"), QDialogButtonBox.ButtonRole.RejectRole)
        self.save = self.buttons.addButton(
            tr("说明原因并保存") if needed else tr("保存"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.back.setAutoDefault(False)
        self.save.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.text.textChanged.connect(self._judge)
        layout.addWidget(caption)
        layout.addWidget(self.text)
        layout.addWidget(self.buttons)
        self._judge()
        self.text.setFocus()

    def _judge(self) -> None:
        self.save.setEnabled(bool(self.reason) or not self._weighed.needs_reason)

    def _pick_first(self) -> None:
        self.pieces_view.selectionModel().setCurrentIndex(
            self.pieces.index(0, 0),
            QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
        )

    def _picked(self, current: QModelIndex) -> None:
        if not current.isValid():
            return
        item: EditWarning = self.pieces.item(current.row())
        self.sentence.setText("\n".join(filter(None, (item.text, item.block_text))))
        clause = item.clause
        self.clause.setText(
            tr(
                "{policy} {number}：“{quotation}”",
                policy=clause.policy,
                number=clause.number,
                quotation=clause.quotation,
            )
        )
        self.piece_wanted.emit(item.geometry)

    def _show_piece(self, index: QModelIndex) -> None:
        """A click on the piece that is picked already shows it once more."""
        self.piece_wanted.emit(self.pieces.item(index.row()).geometry)


def _list(model: ListModel, name: str) -> QTableView:
    view = table(model, sortable=False)
    view.verticalHeader().hide()
    view.setSelectionMode(QTableView.SelectionMode.SingleSelection)
    view.setAccessibleName(name)
    view.horizontalHeader().setStretchLastSection(True)
    rows = min(max(model.rowCount(), 2), _ROWS_SHOWN)
    view.setMinimumHeight((rows + 1) * view.verticalHeader().defaultSectionSize() + 14)
    return view


def _piece_cells(item: EditWarning) -> list[Cell]:
    severity = "sliver" if item.sliver else item.severity
    word, picture, role = SEVERITIES[severity]
    colour: Any = getattr(theme.current(), role)
    before, after = item.block_state.share_before, item.block_state.share_after
    share = "–" if before is None or after is None else f"{_percent(before)} → {_percent(after)}"
    return [
        Cell(tr(word), icon=theme.icon(picture, colour)),
        Cell(str(value_word("way", item.way))),
        Cell(item.subject or tr("（无编号）")),
        Cell(_use(item.from_code, item.from_use)),
        Cell(_use(item.to_code, item.to_use) if item.way != "line" else tr("线外")),
        Cell(f"{item.area:,.2f}", right=True),
        Cell(f"{item.mu:,.3f}", right=True),
        Cell(_percent(item.block_share), right=True),
        Cell(item.block_name or item.block),
        Cell(share),
        Cell(item.unit_name or item.unit),
    ]


def _figure_cells(item: UnitFigures) -> list[Cell]:
    verdict = str(item.after.verdict)
    icon = theme.icon(VERDICT_ICONS.get(verdict, "not_judged"), verdict_colour(verdict))
    return [
        Cell(item.after.name if item.after.code else tr("全市")),
        Cell(item.title),
        Cell(_figure(item, item.before)),
        Cell(_figure(item, item.after), icon=icon),
        Cell(tr("有变化") if item.changed else tr("不变")),
    ]


def _figure(item: UnitFigures, unit: UnitResult) -> str:
    value = unit.figures.get(item.judged)
    measure = item.figure_units[item.judged][1]
    word = verdict_word(unit.verdict)
    if value is None:
        return word
    text = floor_area(value) if measure == "m2" else f"{value:,.2f} {unit_title(measure)}".strip()
    return tr("{figure}（{verdict}）", figure=text, verdict=word)


def _use(code: str, title: str) -> str:
    return " ".join(dict.fromkeys(filter(None, (code, title)))) or tr("无用途")


def _percent(share: float) -> str:
    return f"{share * PERCENT:.2f} %"
