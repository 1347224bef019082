"""Kernels: plain functions on arrays, compiled by numba, kept on disk.

The cache is keyed by the sources of all modules with kernels, because numba itself looks only at the file of the
function it compiles, and would go on using a kernel whose helper has changed.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np

__all__ = ["Kernel", "array_kernel", "cache_folder", "compiled_for", "kernel"]

Kernel = Callable[..., Any]
F = TypeVar("F", bound=Callable[..., Any])

CONFIG: Any = numba.config  # made at run time, so that a type checker knows nothing of it


def kernel(function: F) -> F:
    """Compile a function on arrays on its first call; the result is kept for the next process.

    No fast-math and no vector library with other rounding: compiled and uncompiled give the same bits.
    ``NUMBA_DISABLE_JIT=1`` leaves the function as it is. A kernel makes no arrays; see `array_kernel`.
    """
    # Counting references to each array in each tick, and passing arrays from function to function, would cost more
    # than the work of a tick in which little happens.
    return _compile(function, _nrt=False, forceinline=True)


def array_kernel(function: F) -> F:
    """Compile a function that may also make arrays; too slow to be called in every tick. See `kernel`."""
    return _compile(function)


def _compile(function: F, **options: Any) -> F:
    cache_folder()
    if CONFIG.DISABLE_JIT:  # 32-bit words then wrap around with a warning, which compiled ones do not give
        return np.errstate(over="ignore", invalid="ignore")(function)
    compiled: Any = numba.njit(cache=True, error_model="numpy", **options)(function)
    return cast("F", compiled)


def compiled_for(function: Kernel, arguments: tuple[Any, ...]) -> Kernel:
    """Return a kernel compiled for ``(tick, *arguments)`` of these types: a call need not look the types up again."""
    if CONFIG.DISABLE_JIT:
        return function
    typeof: Any = numba.typeof
    types = tuple(typeof(argument) for argument in (0, *arguments))
    kernel: Any = function
    kernel.compile(types)
    return cast("Kernel", kernel.get_overload(types))


@cache
def cache_folder() -> Path:
    """Return the folder that keeps compiled kernels: ``NUMBA_CACHE_DIR``, the user's cache, or a temporary one."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "runen-ecs" / _fingerprint()
    CONFIG.CACHE_DIR = str(_writable(Path(CONFIG.CACHE_DIR or folder)))
    CONFIG.DISABLE_INTEL_SVML = True
    return Path(CONFIG.CACHE_DIR)


def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        temporary = Path(tempfile.mkdtemp(prefix="runen-ecs-"))
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        return temporary


def _fingerprint() -> str:
    import runen_ecs

    digest = hashlib.sha256(numba.__version__.encode())
    for folder in runen_ecs.__path__:
        for path in sorted(Path(folder).rglob("*.py")):
            source = path.read_bytes()
            if b"kernel\ndef " in source:
                digest.update(source)
    return digest.hexdigest()[:16]
