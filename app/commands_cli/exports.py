"""export: a layer as a file for other programs."""

from __future__ import annotations

import argparse

from app.cli_output import Output
from gis.crs import describe
from gis.text import tr
from layers.exporting import export_layer
from layers.project import Project
from layers.results_json import form

__all__ = ["export"]


def export(options: argparse.Namespace, output: Output) -> int:
    """Write the current rows of a layer; the suffix says how."""
    with Project.open(options.project) as project:
        made = export_layer(
            project, options.layer, options.file, epsg=options.crs, snapshot=options.snapshot, progress=output.progress
        )  # fmt: skip
        output.say(tr("{count} 行已写到：{path}", count=f"{made.rows:,}", path=made.path))
        if made.epsg is not None:
            output.say(tr("坐标系 {crs}", crs=describe(made.epsg)))
        for note in made.notes:
            output.say(tr("说明：{text}", text=note))
        output.result(
            form(
                "export", project, layer=options.layer, file=str(made.path), format=made.format, rows=made.rows,
                crs=None if made.epsg is None else f"EPSG:{made.epsg}", columns=dict(made.columns), notes=made.notes,
            )
        )  # fmt: skip
    return 0
