"""Pictures of the real window for ``docs/gallery``: ``python -m tests.gallery`` (``QT_QPA_PLATFORM=offscreen`` will do).

The demo project at four scales (whole city, county, park, parcel), light and dark, 1440 by 900 pixels. The look of
the map or of the window has changed: run it again, look at the pictures, and commit them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtWidgets import QApplication

from app.settings import Settings
from app.shell import Shell
from layers.demo import generate

_SIZE = (1440, 900)
_FOLDER = Path(__file__).resolve().parents[1] / "docs" / "gallery"
_LARGEST = 300_000  # bytes; a larger picture is kept in 256 colours
_EXACT = 160  # of them
_PATIENCE = 300.0  # seconds; the first time on a machine the drawing loops are compiled


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=_FOLDER)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["PARKLINE_HOME"] = scratch
        project = Path(scratch) / "demo.gpkg"
        generate(project).close()
        for theme in ("light", "dark"):
            settings = Settings(Path(scratch) / f"{theme}.ini")
            settings.language, settings.theme = "zh_CN", theme
            shell = Shell(settings)
            shell.window.resize(*_SIZE)
            shell.window.show()
            shell.start(project)
            _settled(shell)
            for name, look in _views(shell).items():
                look()
                _drawn(shell)
                _keep(shell, folder / f"{name}-{theme}.png")
            shell.window.close()
            shell.shut_down()


def _settled(shell: Shell) -> None:
    _until(lambda: bool(shell.session.results) and not shell.tasks.running)


def _views(shell: Shell) -> dict[str, Callable[[], None]]:
    """The four places: everything, the county and the park with the most parcels, one parcel of that park."""
    project, canvas = shell.session.project, shell.window.map.canvas
    assert project is not None
    parcels = project.read("parcel")
    fullest = parcels["park"].value_counts().index[0]
    parks, units = project.read("park"), project.read("unit")
    park = parks[parks["name"] == fullest].geometry.iloc[0]
    held = units[units.geometry.contains(park.centroid)]
    county = held.geometry.loc[held.geometry.area.idxmin()]
    mine = parcels[parcels["park"] == fullest]
    parcel = mine.geometry.loc[(mine.geometry.area - mine.geometry.area.quantile(0.8)).abs().idxmin()]
    return {
        "city": canvas.zoom_full,
        "county": lambda: canvas.zoom_to(county.bounds, 0.02),
        "park": lambda: canvas.zoom_to(park.bounds, 0.15),
        "parcel": lambda: canvas.zoom_to(parcel.bounds, 0.8),
    }


def _drawn(shell: Shell) -> None:
    canvas = shell.window.map.canvas

    def there() -> bool:
        picture, view = canvas.picture(), canvas.view()
        same = picture is not None and (picture.view.x, picture.view.y, picture.view.resolution) == (
            view.x,
            view.y,
            view.resolution,
        )
        return (
            same
            and picture is not None
            and picture.complete
            and not canvas.drawing
            and not shell.tasks.running
        )

    _until(there)
    _until(lambda: True, settle=0.5)


def _until(condition: Callable[[], bool], settle: float = 0.0) -> None:
    begin = time.monotonic()
    while not condition() or time.monotonic() < begin + settle:
        QApplication.processEvents()
        time.sleep(0.01)
        if time.monotonic() > begin + _PATIENCE:
            raise TimeoutError("the window does not come to rest")


def _keep(shell: Shell, path: Path) -> None:
    shell.window.grab().save(str(path))
    picture = Image.open(path).convert("RGB")
    picture.save(path, optimize=True)
    if path.stat().st_size > _LARGEST:
        _in_few_colours(np.asarray(picture)).save(path, optimize=True)


def _in_few_colours(pixels: NDArray[np.uint8]) -> Image.Image:
    """A palette of the commonest colours as they are, and of some that stand for all the others."""
    found, place, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    ranked = np.argsort(-counts)
    common, others = found[ranked[:_EXACT]], found[ranked[_EXACT:]]
    strip = Image.fromarray(np.ascontiguousarray(others[None])).quantize(256 - _EXACT)
    mixed = np.array(strip.getpalette(), dtype=np.uint8).reshape(-1, 3)[: 256 - _EXACT]
    palette = np.concatenate([common, mixed])
    nearest = np.empty(len(found), dtype=np.uint8)
    for start in range(0, len(found), 10_000):
        some = found[start : start + 10_000].astype(np.int32)
        distance = ((some[:, None] - palette[None].astype(np.int32)) ** 2).sum(axis=2)
        nearest[start : start + 10_000] = distance.argmin(axis=1)
    picture = Image.fromarray(nearest[place.reshape(-1)].reshape(pixels.shape[:2]))
    picture.putpalette(palette.tobytes())
    return picture


if __name__ == "__main__":
    main()
