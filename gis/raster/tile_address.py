"""Tiles from an address that a person has typed: XYZ and WMTS templates, asked by a few threads, never waited for long."""

from __future__ import annotations

import http.client
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import IO, Any
from urllib.parse import urlsplit

from gis.errors import ParkLineError
from gis.raster.tile_grid import TileGrid, TileLevel
from gis.raster.tile_source import LARGEST_BLOB, Place, TileSource
from gis.text import tr

__all__ = ["AddressTiles", "check_template", "download", "is_template", "open_tile_address"]

_THREADS = 4
_TIMEOUT = 8.0  # seconds without a byte
_REST = 20.0  # seconds in which a server that did not answer is not asked again
_HEADERS = {"User-Agent": "ParkLine", "Accept": "image/*,*/*;q=0.5"}
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KNOWN = {
    "z": "zoom", "x": "column", "y": "row", "-y": "row_from_south",
    "tilematrix": "zoom", "tilecol": "column", "tilerow": "row",
}  # fmt: skip
_GONE = frozenset({400, 404, 410})  # answers that mean: there is no such tile
_REFUSED = frozenset({401, 403, 418})  # 天地图 answers 418 to a key that it does not take


class _OnlyWeb(urllib.request.HTTPRedirectHandler):
    """Follows a server to other web addresses, nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in {"http", "https"}:
            raise urllib.error.URLError(f"redirect to {urlsplit(newurl).scheme}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(), _OnlyWeb(),
        urllib.request.HTTPDefaultErrorHandler(), urllib.request.HTTPErrorProcessor(),
    ):  # fmt: skip
        opener.add_handler(handler)
    return opener


def download(address: str, most: int) -> bytes:
    """What a web address holds; OSError or ``http.client.HTTPException`` where it does not answer."""
    request = urllib.request.Request(address, headers=_HEADERS)  # noqa: S310 - check_template lets the web in only
    with _opener().open(request, timeout=_TIMEOUT) as answer:
        body: bytes = answer.read(most + 1)
    if len(body) > most:
        raise OSError(f"more than {most} bytes")
    return body


def is_template(address: str) -> bool:
    """Whether an address names the places of column and row, so that tiles can be asked for by it."""
    names = {name.lower() for name in _PLACEHOLDER.findall(address)}
    return bool(names & {"x", "tilecol"})


def check_template(address: str) -> None:
    """``ParkLineError`` unless tiles can be asked for by that address."""
    parts = urlsplit(address)
    names = [name.lower() for name in _PLACEHOLDER.findall(address)]
    wanted = {_KNOWN.get(name, "?") for name in names}
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ParkLineError(
            tr("地址应以 http:// 或 https:// 开头。"), hint=tr("例如 https://服务器/{z}/{x}/{y}.png")
        )
    unknown = [name for name in names if name not in _KNOWN]
    if unknown:
        raise ParkLineError(
            tr("地址里有不认识的占位符：{names}", names=" ".join(unknown)),
            hint=tr("可用的占位符是 {z}、{x}、{y}、{-y}、{TileMatrix}、{TileCol}、{TileRow}。"),
        )
    if not {"zoom", "column"} <= wanted or not wanted & {"row", "row_from_south"}:
        raise ParkLineError(
            tr("地址里缺少级别、列或行的占位符。"), hint=tr("例如 https://服务器/{z}/{x}/{y}.png")
        )


class AddressTiles:
    """Asks a server for tiles. ``problem`` says why the last ones did not come; "" while they do."""

    whole = False

    def __init__(self, template: str) -> None:
        check_template(template)
        self._template = template
        self.problem = ""
        self._rest_until = 0.0
        self._closed = threading.Event()
        self._wanted: SimpleQueue[tuple[str, Place, SimpleQueue[Any], Callable[[], bool]]] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def get(
        self, zoom: TileLevel, places: Sequence[Place], stopped: Callable[[], bool]
    ) -> dict[Place, bytes | None]:
        """What the server gave; without an entry what it did not. Returns soon after ``stopped`` says so."""
        found: dict[Place, bytes | None] = {}
        if time.monotonic() < self._rest_until or self._closed.is_set():
            return found
        self._begin()
        answers: SimpleQueue[tuple[Place, bytes | None, str]] = SimpleQueue()
        for place in places:
            self._wanted.put((self._address(zoom, place), place, answers, stopped))
        for _ in places:
            while True:
                if stopped() or self._closed.is_set():
                    return found
                try:
                    place, blob, problem = answers.get(timeout=0.1)
                except Empty:
                    continue
                break
            if problem:
                self.problem = problem
                self._rest_until = time.monotonic() + _REST
            else:
                found[place] = blob
        if len(found) == len(places):
            self.problem = ""
        return found

    @property
    def resting(self) -> bool:
        """Whether the server did not answer lately, so that it is left alone for a while."""
        return time.monotonic() < self._rest_until

    def try_again(self) -> None:
        """Ask again at once."""
        self._rest_until = 0.0

    def _address(self, zoom: TileLevel, place: Place) -> str:
        column, row = place
        values = {
            "zoom": zoom.name, "column": str(column), "row": str(row), "row_from_south": str(zoom.rows - 1 - row),
        }  # fmt: skip
        return _PLACEHOLDER.sub(lambda found: values[_KNOWN[found[1].lower()]], self._template)

    def _begin(self) -> None:
        """Start the threads. They may hang in the network; the program ends without waiting for them."""
        while len(self._threads) < _THREADS:
            thread = threading.Thread(target=self._work, name="tiles", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                address, place, answers, stopped = self._wanted.get(timeout=1.0)
            except Empty:
                continue
            if stopped() or self._closed.is_set():
                continue
            if self.resting:
                answers.put((place, None, self.problem or tr("服务器没有响应。")))
                continue
            blob, problem = _ask(address)
            answers.put((place, blob, problem))

    def close(self) -> None:
        """Ask nothing more."""
        self._closed.set()


def _ask(address: str) -> tuple[bytes | None, str]:
    """A tile (None: there is none), and why it did not come."""
    try:
        return download(address, LARGEST_BLOB), ""
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in _GONE:
            return None, ""
        if error.code in _REFUSED:
            return None, tr("服务器拒绝访问（{code}），请核对地址里的密钥。", code=error.code)
        return None, tr("服务器返回错误 {code}。", code=error.code)
    except TimeoutError:
        return None, tr("服务器没有响应。")
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return None, tr("服务器没有响应。")
        return None, tr("无法连接：{error}", error=reason)


def open_tile_address(template: str, grid: TileGrid) -> TileSource:
    """The tiles of a server as one picture; nothing is asked before something is seen of it."""
    return TileSource(AddressTiles(template), grid)
