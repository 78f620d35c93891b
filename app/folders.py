"""Where the program keeps what is not a project: results of a run without a window, logs."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import sys
from pathlib import Path

__all__ = [
    "backup_folder",
    "demo_project",
    "log_file",
    "map_cache",
    "output_folder",
    "overview_file",
    "saved_state",
    "user_folder",
]

_ROOT = Path(__file__).resolve().parent.parent


def user_folder() -> Path:
    """The program's own folder of the user, made if need be; ``PARKLINE_HOME`` moves it."""
    if own := os.environ.get("PARKLINE_HOME"):
        folder = Path(own)
    elif os.name == "nt":
        folder = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "ParkLine"
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support" / "ParkLine"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "parkline"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def output_folder() -> Path:
    """``out`` beside the program, or in the user's folder where the program's may not be written."""
    folder = _ROOT / "out"
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        folder = user_folder() / "out"
        folder.mkdir(exist_ok=True)
    if not os.access(folder, os.W_OK):
        folder = user_folder() / "out"
        folder.mkdir(exist_ok=True)
    return folder


def demo_project() -> Path:
    """Where the demo project lies once it has been made."""
    return output_folder() / "demo.gpkg"


def log_file() -> Path:
    """The log that holds tracebacks."""
    return user_folder() / "parkline.log"


def backup_folder(project: Path) -> Path:
    """The folder of the user for the backups of a project beside which none can be made."""
    return user_folder() / "backups" / _short_name(project)


def _short_name(project: Path) -> str:
    return hashlib.sha256(str(project.absolute()).encode()).hexdigest()[:16]


def saved_state(project: Path, day: dt.date) -> Path:
    """Where the copy of a project as it was saved on a day is put to be looked at; made again each time."""
    folder = user_folder() / "saved-states" / _short_name(project)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{project.stem} {day.isoformat()}.gpkg"


def map_cache(project: Path) -> Path:
    """The folder for what the map keeps of a project: beside it, or in the user's folder where that is read-only.

    Everything in it is made again when it is missing.
    """
    if os.access(project.parent, os.W_OK):
        return project.with_name(f"{project.name}.map-cache")
    return user_folder() / "map-cache" / _short_name(project)


def overview_file(image: Path) -> Path:
    """Where coarser copies of a picture are put: beside it, where every GIS finds them, else in the user's folder."""
    if os.access(image.parent, os.W_OK):
        return image.with_name(f"{image.name}.ovr")
    state = image.stat() if image.exists() else None
    about = f"{image.absolute()} {state.st_size if state else 0} {state.st_mtime_ns if state else 0}"
    return user_folder() / "overviews" / f"{hashlib.sha256(about.encode()).hexdigest()[:16]}.ovr"
