"""Set ParkLine up and start it: ``python3 start.py`` (Python 3.11 to 3.13, nothing else needed).

python3 start.py                 set up, then open the program on the demo project
python3 start.py test [ARGS]     set up, then run all tests
python3 start.py bench NAME      set up, then run a benchmark (prints JSON)
python3 start.py translate       refresh the message catalogues (developers)
python3 start.py COMMAND ...     any command of ``python -m app`` (check, import, print …)
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
USER_LOCK, DEVELOPER_LOCK = "requirements.lock", "requirements-dev.lock"
TRANSLATIONS = ROOT / "resources" / "translations"

# What Qt needs beside Python on Debian and Ubuntu; the first line is enough without a screen.
QT_LIBRARIES = [
    *("libegl1", "libgl1", "libglib2.0-0", "libdbus-1-3", "libfontconfig1", "libxkbcommon0"),
    *("libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1"),
    *("libxcb-randr0", "libxcb-render-util0", "libxcb-shape0", "libxcb-sync1", "libxcb-xfixes0"),
    *("libxcb-xkb1", "libx11-xcb1"),
]


def say(text: str) -> None:
    """Tell the user on stderr; stdout belongs to the command's result."""
    print(text, file=sys.stderr, flush=True)


def stamp(lock: Path) -> str:
    """What an environment was made from: interpreter and lock."""
    return f"{sys.version_info[:2]} {hashlib.sha256(lock.read_bytes()).hexdigest()}"


def set_up(lock_name: str) -> None:
    """Create the environment and install the lock into it, unless that has been done already."""
    lock, mark = ROOT / lock_name, VENV / f"{lock_name}.installed"
    if PYTHON.exists() and mark.exists() and mark.read_text() == stamp(lock):
        return
    if not PYTHON.exists() or not same_python():
        say("ParkLine: 正在创建虚拟环境 / creating the virtual environment …")
        provide_ensurepip()
        venv.create(VENV, clear=True, with_pip=True)
    say("ParkLine: 正在安装依赖（仅首次，约数分钟） / installing packages (first run only) …")
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "--require-hashes", "--only-binary", ":all:", "-r", lock], check=True)
    say("ParkLine: 正在编译绘图与叠加内核（仅首次） / compiling the drawing loops (first run only) …")
    warming = (
        "from gis import quick_clip; from gis.draw import raster; from gis.raster import map_reader; "
        "from gis.store import joined_rows, native_frames; "
        "raster.warm_up(); joined_rows.warm_up(); quick_clip.warm_up(); map_reader.warm_up(); "
        "native_frames.warm_up()"
    )
    # What is not compiled now is at its first use.
    subprocess.run([PYTHON, "-c", warming], cwd=ROOT, check=False)
    # Or the first start would take twice as long, and every start out of a folder that cannot be written.
    subprocess.run([PYTHON, "-m", "compileall", "-q", "app", "gis", "layers"], cwd=ROOT, check=False)
    mark.write_text(stamp(lock))
    if lock_name == DEVELOPER_LOCK:  # it holds everything of the other lock, in the same versions
        (VENV / f"{USER_LOCK}.installed").write_text(stamp(ROOT / USER_LOCK))


def provide_ensurepip() -> None:
    """Debian and Ubuntu keep the part of Python that makes environments in a package of its own."""
    if importlib.util.find_spec("ensurepip") or not shutil.which("apt-get"):
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() == 0:
        for step in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package]):
            subprocess.run(step, check=False, stdout=subprocess.DEVNULL)
    else:
        say(f"ParkLine: 请先运行 / please run first:\n  sudo apt-get install -y {package}")
        sys.exit(3)


def same_python() -> bool:
    """Whether the environment still runs and belongs to this interpreter's version."""
    code = "import sys; print(sys.version_info[:2])"
    answer = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == str(sys.version_info[:2])


def qt_works() -> bool:
    """Whether Qt's libraries load."""
    code = "import PySide6.QtWidgets, PySide6.QtSvg"
    return subprocess.run([PYTHON, "-c", code], capture_output=True, check=False).returncode == 0


def provide_qt_libraries() -> None:
    """On Debian and Ubuntu as root install what Qt needs, else say the one command that does."""
    mark = VENV / "qt-libraries.checked"
    if mark.exists() or platform.system() != "Linux":
        return
    if not has_libraries():
        wanted = f"apt-get install -y {' '.join(QT_LIBRARIES)}"
        if shutil.which("apt-get") and os.geteuid() == 0:
            say("ParkLine: 正在安装 Qt 所需系统库 / installing the system libraries Qt needs …")
            quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for step in (["apt-get", "update", "-qq"], [*wanted.split(), "--no-install-recommends", "-qq"]):
                subprocess.run(step, check=False, stdout=subprocess.DEVNULL, env=quietly)
        else:
            say(f"ParkLine: Qt 缺少系统库，请运行 / Qt lacks system libraries, please run:\n  sudo {wanted}")
    if qt_works():
        mark.touch()


def has_libraries() -> bool:
    """Whether Qt loads, and its X11 plugin with every library that it is linked to."""
    code = """if True:
        import ctypes, pathlib, PySide6
        folder = pathlib.Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms"
        ctypes.CDLL(str(folder / "libqxcb.so"))
    """
    found = subprocess.run([PYTHON, "-c", code], capture_output=True, check=False).returncode == 0
    return found and qt_works()


def translate() -> int:
    """Extract messages, update the catalogues, compile them."""
    pot = TRANSLATIONS / "parkline.pot"
    babel: list[str | Path] = [PYTHON, "-m", "babel.messages.frontend"]
    steps: list[list[str | Path]] = [
        [
            "extract",
            "-k",
            "tr",
            "-k",
            "mark",
            "--sort-output",
            "--no-location",
            "--no-wrap",
            "--omit-header",
            "-o",
            pot,
            "app",
            "gis",
            "layers",
        ],
        [
            "update",
            "-D",
            "parkline",
            "-d",
            TRANSLATIONS,
            "-i",
            pot,
            "--no-fuzzy-matching",
            "--no-wrap",
            "--ignore-obsolete",
        ],
        ["compile", "-D", "parkline", "-d", TRANSLATIONS],
    ]
    return max(subprocess.run([*babel, *step], cwd=ROOT, check=False).returncode for step in steps)


def main(arguments: list[str]) -> int:
    """Set up what the command needs, then run it in the environment."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        say("ParkLine 需要 Python 3.11–3.13 / ParkLine needs Python 3.11 to 3.13.")
        return 3
    command = arguments[0] if arguments else ""
    set_up(DEVELOPER_LOCK if command in {"test", "bench", "translate"} else USER_LOCK)
    provide_qt_libraries()
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
    if command == "translate":
        return translate()
    if command == "test":
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        all_tests = [
            "-n",
            "auto",
            "--dist",
            "loadfile",
        ]  # side by side; a file's tests share windows and projects
        run = ["-m", "pytest", *(arguments[1:] or all_tests)]
        where: Path | None = ROOT
    elif command == "bench":
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        run, where = ["-m", "tests.bench", *arguments[1:]], ROOT
    else:
        run, where = ["-m", "app", *arguments], None
    if os.name == "posix":
        # In this process's place: Ctrl-C reaches the program, which rolls back and says so, and nobody else.
        if where is not None:
            os.chdir(where)
        os.execve(PYTHON, [str(PYTHON), *run], environment)  # noqa: S606 - our own interpreter
    return subprocess.run([PYTHON, *run], env=environment, cwd=where, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as failed:
        say(f"ParkLine: 安装未完成 / set-up did not finish: {failed}")
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
