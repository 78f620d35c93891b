"""Whether a path lies on a network share, where SQLite's WAL mode must not be used.

WAL needs shared memory between all who open the file; on shares it has cost QGIS users their projects
(qgis/QGIS#37623, #23991). Unknown file systems count as local.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["NETWORK_FILE_SYSTEMS", "is_network_path"]

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afs", "ncpfs", "webdav", "davfs"}
    | {"fuse.sshfs", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.rclone", "fuse.glusterfs", "vboxsf", "prl_fs"}
)
_MOUNTS = Path("/proc/mounts")
_DRIVE_REMOTE = 4  # GetDriveTypeW


def is_network_path(path: Path) -> bool:
    """Whether the file is reached through a network (UNC, mapped drive, nfs, cifs, sshfs …)."""
    text = str(path)
    if text.startswith(("\\\\", "//")):
        return True
    if sys.platform == "win32":
        import ctypes

        drive = os.path.splitdrive(path.absolute())[0] + "\\"
        return int(ctypes.windll.kernel32.GetDriveTypeW(drive)) == _DRIVE_REMOTE
    return _mounted_type(path) in NETWORK_FILE_SYSTEMS


def _mounted_type(path: Path) -> str:
    """Type of the file system of the deepest mount point above a path, empty if unknown."""
    try:
        lines = _MOUNTS.read_text("utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    place = path.absolute().resolve()
    best, kind = -1, ""
    for line in lines:
        parts = line.split()
        if len(parts) < 3:
            continue
        # The kernel writes blanks and other odd characters as octal escapes.
        point = Path(parts[1].encode("latin-1", "backslashreplace").decode("unicode_escape", "replace"))
        if place.is_relative_to(point) and len(point.parts) > best:
            best, kind = len(point.parts), parts[2]
    return kind
