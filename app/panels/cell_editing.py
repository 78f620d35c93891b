"""Cells of the attribute table that are edited in place, each with the editor of its field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.panels.field_editors import CodeEditor, FieldEditor, field_editor
from app.panels.table_model import StoreTableModel
from layers.spec import Field, LayerSpec

__all__ = ["CellDelegate", "Offer"]

_Index = QModelIndex | QPersistentModelIndex
# What to offer for a text field of a row with these values (field name → value).
Offer = Callable[[LayerSpec, Field, Callable[[str], Any]], list[tuple[Any, str]]]


class CellDelegate(QStyledItemDelegate):
    """Makes the editors. A value that is picked from a list is taken at once."""

    def __init__(self, offer: Offer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offer = offer

    def createEditor(  # noqa: N802 - Qt's name
        self, parent: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> QWidget:
        """The editor of the cell's field."""
        del option
        model = cast("StoreTableModel", index.model())
        field = model.fields[index.column()]

        def beside(name: str) -> Any:
            return model.value(index.row(), name)

        editor = field_editor(field, parent, choices=self._offer(model.spec, field, beside))
        editor.setProperty("cell", True)
        if isinstance(editor, CodeEditor):
            editor.picked.connect(lambda: self._take(editor))
        return editor

    def _take(self, editor: CodeEditor) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor)

    def setEditorData(self, editor: QWidget, index: _Index) -> None:  # noqa: N802 - Qt's name
        """Show the stored value, not the rounded one of the cell; what is being typed is left alone."""
        mine = cast("FieldEditor", editor)
        if mine.touched:
            return
        mine.set_value(index.data(Qt.ItemDataRole.EditRole))
        line = editor.lineEdit() if isinstance(editor, CodeEditor) else cast("QLineEdit", editor)
        if line is not None:
            line.selectAll()

    def setModelData(  # noqa: N802 - Qt's name
        self, editor: QWidget, model: QAbstractItemModel, index: _Index
    ) -> None:
        """Hand over what was changed; an editor that was only opened changes nothing."""
        mine = cast("FieldEditor", editor)
        if mine.touched:
            model.setData(index, mine.value(), Qt.ItemDataRole.EditRole)
            mine.set_value(mine.value())  # taken: closing the editor does not hand it over again

    def updateEditorGeometry(  # noqa: N802 - Qt's name
        self, editor: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        """Over the cell, and wide enough for a list's titles."""
        del index
        place: QRect = cast("Any", option).rect
        if isinstance(editor, CodeEditor):
            place.setWidth(max(place.width(), 190))
        editor.setGeometry(place)
