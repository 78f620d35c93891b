"""The loops of the map's picture, compiled once on a machine: later starts link them without loading the compiler.

Elsewhere ``gis.compiled`` does. But numba takes longer to load than a picture takes to draw, so what it makes of
these loops is kept as an object file beside the source and linked by llvmlite, which numba stands on. A file belongs to one state of
the source, one processor and one version of the compiler; any other is made anew.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import logging
import os
import platform
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gis.draw.compiling import announced

__all__ = ["Entry", "entry", "inlined", "linked", "outside"]

_log = logging.getLogger("parkline")
_Loop = TypeVar("_Loop", bound=Callable[..., Any])
# Fast-math stays off: it would let the compiler assume that no coordinate is NaN.
_OPTIONS: dict[str, Any] = {"nogil": True, "boundscheck": False, "error_model": "numpy"}
# numba frees an array that nobody owns any more; arrays here are lent and have no owner to ask.
_NO_OWNERS = "define void @NRT_MemInfo_call_dtor(ptr %owner) { ret void }"
_COUNTED = re.compile(r"^.*call void @NRT_(?:in|de)cref\(.*\n", re.MULTILINE)
_OF_C = {"sqrt", "floor", "ceil", "memset", "memcpy", "memmove"}  # every process has them
_guard = threading.RLock()
_helpers: list[Callable[..., Any]] = []
_forced: set[Callable[..., Any]] = set()
_outside: dict[Callable[..., Any], str] = {}
_entries: dict[str, list[Entry]] = {}
_engines: list[Any] = []  # keep the machine code in memory


def linked(loop: _Loop) -> _Loop:
    """A function that linked loops call; Python itself calls only what is an ``entry``."""
    _helpers.append(loop)
    return loop


def inlined(loop: _Loop) -> _Loop:
    """One that is copied to where it is called: a call costs more than what it does."""
    _forced.add(loop)
    return linked(loop)


def outside(module: str) -> Callable[[_Loop], _Loop]:
    """One that only numba's own means can express: ``module`` has it under the same name, and loads numba."""

    def made(loop: _Loop) -> _Loop:
        _outside[loop] = module
        return linked(loop)

    return made


def entry(*kinds: str) -> Callable[[Callable[..., Any]], Entry]:
    """A loop that Python calls, with the kinds of its arguments: ``f`` a float, ``i`` an integer, ``i4:2`` an array
    of that dtype (numpy's short name) with so many dimensions.
    """

    def made(loop: Callable[..., Any]) -> Entry:
        found = Entry(loop, kinds)
        _entries.setdefault(loop.__module__, []).append(found)
        return found

    return made


class Entry:
    """Runs without Python's lock, so other threads go on meanwhile; returns the loop's integer, or 0."""

    def __init__(self, loop: Callable[..., Any], kinds: tuple[str, ...]) -> None:
        self.loop = loop
        self.kinds = kinds
        self._call: Callable[..., int] | None = None
        self._shapes = [
            (np.dtype(name), int(count)) if count else None
            for name, _, count in (kind.partition(":") for kind in kinds)
        ]

    def __call__(self, *values: Any) -> int:
        """Run the loop. Raises ``TypeError`` for an array of another kind than the loop was compiled for."""
        return self.bound(*values)()

    def bound(self, *first: Any) -> Callable[..., int]:
        """The loop with its first arguments, which are looked at only once; it takes the others."""
        call = self._call if self._call is not None else self._loaded()
        shared = self._flat(first, 0)

        def run(*others: Any) -> int:
            if len(first) + len(others) != len(self.kinds):
                raise ValueError(f"{self.loop.__qualname__} takes {len(self.kinds)} arguments")
            result, error = ctypes.c_int64(0), ctypes.c_void_p(0)
            status = call(ctypes.byref(result), ctypes.byref(error), *shared, *self._flat(others, len(first)))
            if status:
                raise RuntimeError(f"{self.loop.__qualname__} ended with {status}")
            return result.value

        return run

    def _flat(self, values: tuple[Any, ...], first: int) -> list[Any]:
        """The arguments as numba lays them out: an array is owner, parent, size, item size, data, shape, strides."""
        flat: list[Any] = []
        for value, kind, shape in zip(values, self.kinds[first:], self._shapes[first:], strict=False):
            if shape is None:
                flat.append(float(value) if kind == "f" else int(value))
                continue
            _checked(value, *shape)
            flat += (None, None, value.size, value.itemsize, value.__array_interface__["data"][0])
            flat += value.shape
            flat += value.strides
        return flat

    def _loaded(self) -> Callable[..., int]:
        with _guard:
            if self._call is None:
                _load(self.loop.__module__)
        assert self._call is not None  # noqa: S101 - loaded with its module
        return self._call

    def link(self, address: int) -> None:
        """Take the machine code into use."""
        arguments: list[Any] = [ctypes.c_void_p, ctypes.c_void_p]
        for kind, shape in zip(self.kinds, self._shapes, strict=True):
            if shape is None:
                arguments.append(ctypes.c_double if kind == "f" else ctypes.c_int64)
            else:
                arguments += [
                    ctypes.c_void_p,
                    ctypes.c_void_p,
                    ctypes.c_int64,
                    ctypes.c_int64,
                    ctypes.c_void_p,
                ]
                arguments += [ctypes.c_int64] * (2 * shape[1])
        self._call = ctypes.CFUNCTYPE(ctypes.c_int32, *arguments)(address)


def _checked(value: NDArray[Any], dtype: np.dtype[Any], dimensions: int) -> None:
    if value.dtype != dtype or value.ndim != dimensions or not value.flags.c_contiguous:
        raise TypeError(
            f"{dtype}, {dimensions} dimensions, in one piece wanted; got {value.dtype} {value.shape}"
        )


def _load(module: str) -> None:
    """Link the loops of a module; compile them first where that has not been done."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        jit=True,
        codemodel="jitdefault",
    )
    path = _folder() / f"{module}.{_state(llvm)}.loops"
    code = path.read_bytes() if path.is_file() else b""
    if not code:
        with announced():
            code = _compile(module, llvm, target)
        _keep(path, code)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    for item in _entries[module]:
        item.link(engine.get_function_address(_symbol(item)))


def _compile(module: str, llvm: Any, target: Any) -> bytes:
    """The loops of a module as an object file that needs nothing of Python."""
    import numba

    jitted = {
        helper: getattr(importlib.import_module(_outside[helper]), helper.__name__)
        if helper in _outside
        else numba.njit(forceinline=helper in _forced, **_OPTIONS)(helper)
        for helper in _helpers
    }
    # A loop finds the loops that it calls by name, in its module; they may come from another one.
    for names in _named():
        names.update(
            {name: jitted[value] for name, value in names.items() if callable(value) and value in jitted}
        )
    try:
        whole = llvm.parse_assembly(_NO_OWNERS)
        for item in _entries[module]:
            loop = numba.njit(**_OPTIONS)(item.loop)
            kinds = tuple(_numba_kind(numba, kind) for kind in item.kinds)
            loop.compile(kinds)
            piece = llvm.parse_assembly(_COUNTED.sub("", loop.inspect_llvm(kinds)))
            wanted = loop.overloads[kinds].fndesc.mangled_name
            for function in piece.functions:
                if not function.is_declaration and function.name != wanted:
                    function.linkage = "internal"
            piece.get_function(wanted).name = _symbol(item)
            whole.link_in(piece)
    finally:
        plain = {jit: helper for helper, jit in jitted.items()}
        for names in _named():
            names.update(
                {name: plain[value] for name, value in names.items() if callable(value) and value in plain}
            )
    # Once more over the whole: what is called in one place, and what nobody counts any more, becomes part of the loop.
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = True
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(whole, builder)
    missing = [
        function.name
        for function in whole.functions
        if function.is_declaration and not function.name.startswith("llvm.") and function.name not in _OF_C
    ]
    if missing:  # an array made inside, an error raised: that needs Python beside it
        raise RuntimeError(f"the loops of {module} ask for {missing}")
    return bytes(target.emit_object(whole))


def _named() -> list[dict[str, Any]]:
    """The names of every module that has loops."""
    modules = {helper.__module__ for helper in _helpers} | set(_entries)
    return [vars(sys.modules[module]) for module in modules]


def _numba_kind(numba: Any, kind: str) -> Any:
    name, _, dimensions = kind.partition(":")
    if not dimensions:
        return numba.float64 if kind == "f" else numba.int64
    return numba.types.Array(numba.from_dtype(np.dtype(name)), int(dimensions), "C")


def _symbol(item: Entry) -> str:
    return f"parkline_{item.loop.__name__}"


def _folder() -> Path:
    """Beside the source, like Python's own; an installed program has no such folder."""
    if not getattr(sys, "frozen", False) and os.access(Path(__file__).parent, os.W_OK):
        return Path(__file__).parent / "__pycache__"
    return Path.home() / ".parkline" / "compiled"


def _state(llvm: Any) -> str:
    """Changes with whatever the machine code depends on."""
    import llvmlite

    found = hashlib.sha256()
    package = Path(__file__).parents[1]
    sources = sorted([Path(__file__), *package.glob("*/*_calls.py"), *package.glob("*/*_kernels.py")])
    sources = [source for source in sources if source.is_file()]
    for source in sources or [Path(sys.executable)]:
        # An installed program has no sources; there a new program file means new loops.
        found.update(source.read_bytes() if sources else repr(source.stat().st_mtime_ns).encode())
    words = (
        platform.python_version(),
        llvmlite.__version__,
        llvm.get_process_triple(),
        llvm.get_host_cpu_name(),
    )
    found.update("\n".join((*words, llvm.get_host_cpu_features().flatten())).encode())
    return found.hexdigest()[:16]


def _keep(path: Path, code: bytes) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"{path.name.split('.loops')[0].rpartition('.')[0]}.*.loops"):
            old.unlink(missing_ok=True)
        unfinished.write_bytes(code)
        unfinished.replace(path)
    except OSError as error:  # compiled again next time
        _log.info("compiled loops not kept: %s", error)
