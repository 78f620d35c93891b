"""The styles of a project's layers: kept in the project file, for the next person as for QGIS."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gis.errors import ParkLineError
from gis.text import tr
from layers.project import Project
from layers.qgis_styles import layer_qml
from layers.registry import LAYERS
from layers.styling.data import style_data, style_from_data
from layers.styling.style import STANDARD, LayerStyle

__all__ = ["read_styles", "write_styles"]

_KEY = "map_styles"


def read_styles(project: Project) -> dict[str, LayerStyle] | None:
    """The styles in the project file, without those that cannot stand; None if none were ever kept there."""
    text = project.store.meta(_KEY)
    if text is None:
        return None
    try:
        data = json.loads(text)
    except ValueError:
        return None
    found = {}
    for spec in LAYERS:
        if isinstance(data, dict) and spec.name in data:
            try:
                found[spec.name] = style_from_data(data[spec.name], spec)
            except ParkLineError:
                continue
    return found


def write_styles(project: Project, styles: Mapping[str, LayerStyle]) -> bool:
    """Keep the styles in the project file and let QGIS draw by them; False if there was nothing to change.

    Raises ``ParkLineError`` if the file cannot be written.
    """
    before = read_styles(project) or {}
    wanted = {name: style for name, style in styles.items() if style != STANDARD}
    changed = [spec for spec in LAYERS if before.get(spec.name, STANDARD) != wanted.get(spec.name, STANDARD)]
    if not changed:
        return False
    titles = tr("、").join(spec.title for spec in changed)
    with project.store.transaction(tr("图层样式：{layer}", layer=titles), kind="style") as transaction:
        data = {name: style_data(style) for name, style in wanted.items()}
        transaction.set_meta(_KEY, json.dumps(data, ensure_ascii=False))
        for spec in changed:
            if spec.stored_geometry:
                transaction.set_style(
                    spec.name, layer_qml(spec, wanted.get(spec.name, STANDARD), project.codes)
                )
    return True
