"""The command line: results on stdout, progress on stderr, exit codes a script can act on."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app.cli_output import Output
from app.cli_parser import WRONG_USE, WrongUseError, build_parser, wanted_language
from app.folders import log_file
from gis.errors import ParkLineError
from gis.progress import Cancelled
from gis.text import LANGUAGES, set_language, tr

__all__ = ["main"]

_OUR_FAULT = 4
_INTERRUPTED = 130
_log = logging.getLogger("parkline")


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done (check: all met), 3 wrong use or unreadable input.

    check also gives 1 (something falls short) and 2 (could not be judged); 4 is a fault of the program, 130
    an interruption.
    """
    language = wanted_language(arguments)
    if language in LANGUAGES:
        set_language(language)
    try:
        options = build_parser().parse_args(list(arguments))
    except WrongUseError:
        return WRONG_USE
    except SystemExit:  # argparse has printed the help that was asked for
        return 0
    output = Output(as_json=options.json)
    # To be stopped by the system is to be interrupted: roll back, take half-written files away.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return guarded(lambda: _run(options, output), output)


def guarded(work: Callable[[], int], output: Output) -> int:
    """Run work; a user's mistake becomes one message, a fault of ours a message and a traceback in the log."""
    try:
        return work()
    except ParkLineError as error:
        for line in error_lines(error):
            output.note(line)
        output.result(_error_form(error))
        return WRONG_USE
    except (KeyboardInterrupt, Cancelled):
        output.note(tr("已中断；没有完成的操作已撤回。"))
        return _INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone: nothing left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        output.note(tr("错误：{text}", text=error.strerror or str(error)))
        output.note(tr("检查磁盘空间、文件权限和文件是否被其他程序占用。"))
        return WRONG_USE
    except Exception as error:
        output.note(tr("程序内部错误：{kind}：{text}", kind=type(error).__name__, text=error))
        if (path := _logged()) is not None:
            output.note(tr("详情已写入 {path}", path=path))
        return _OUR_FAULT


def _logged() -> Path | None:
    """Write the traceback under way to the log; None where there is no place for a log."""
    try:
        path = log_file()
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _log.addHandler(handler)
    _log.propagate = False
    _log.exception("command failed")
    _log.removeHandler(handler)
    handler.close()
    return path


def error_lines(error: ParkLineError) -> list[str]:
    """A user's error for the terminal: where and what, then what to do."""
    where = "" if error.file is None else str(error.file)
    if error.row is not None:
        where = tr("{file} 第 {row} 行", file=where, row=error.row).strip()
    text = tr("{title}：{text}", title=where, text=error.message) if where else error.message
    return [tr("错误：{text}", text=text), *([error.hint] if error.hint else [])]


def _error_form(error: ParkLineError) -> dict[str, object]:
    from layers.results_json import form

    file = None if error.file is None else str(error.file)
    return form("error", message=error.message, hint=error.hint, file=file, row=error.row)


def _run(options: argparse.Namespace, output: Output) -> int:
    # Imported here: parsing and --help stay quick, geopandas costs more than a second.
    from app.commands_cli import checks, exports, imports, matching, projects, scenarios

    commands: dict[str, Callable[[argparse.Namespace, Output], int]] = {
        "demo": projects.demo,
        "new": projects.new,
        "info": projects.info,
        "export": exports.export,
        "match": matching.match,
        "import": imports.import_file,
        "check": checks.check,
        "compare": checks.compare,
        "whatif": scenarios.whatif,
        "print": checks.print_parcel,
    }
    return commands[options.command](options, output)
