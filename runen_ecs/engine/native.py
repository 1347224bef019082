"""The native loop: the kernels of a plan joined into one compiled function that runs many ticks.

The function is generated, because numba compiles calls of functions it knows by name. Nothing of a system is written
twice: the loop calls the very kernels that the stepped way calls, in the same order, with the same arguments.
"""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np

from .compile import Kernel, cache_folder, kernel

__all__ = ["is_cached", "join_kernels", "source_of"]


def source_of(n_arguments: Sequence[int]) -> str:
    """Return the text of the joined loop of kernels that take so many arguments after the tick.

    Every argument has a name of its own: numba would count references in each tick to what it takes out of a tuple.
    """
    names = [[f"a{k}_{i}" for i in range(n)] for k, n in enumerate(n_arguments)]
    parameters = "".join(f", {name}" for arguments in names for name in arguments)
    calls = "".join(f"        kernel_{k}({', '.join(['tick', *arguments])})\n" for k, arguments in enumerate(names))
    return (
        "@kernel\n"
        f"def joined(tick, last, requested{parameters}):\n"
        '    """Run the ticks after `tick` to `last`, or until a kernel asks for Python; return the last one run."""\n'
        "    while tick < last:\n"
        "        tick += 1\n"
        f"{calls}"
        "        if requested[0]:\n"
        "            break\n"
        "    return tick\n"
    )


@cache
def join_kernels(kernels: tuple[Kernel, ...], n_arguments: tuple[int, ...]) -> Kernel:
    """Return ``joined(tick, last, requested, *arguments)``.

    Parameters
    ----------
    kernels : tuple of kernel
        In the order in which they run; one that works on several stretches of rows stands several times.
    n_arguments : tuple of int
        How many arguments each takes after the tick; they follow one another in ``arguments``.
    """
    path = _path(kernels, n_arguments)
    if not path.exists():
        _write(path, _heading(kernels) + source_of(n_arguments))
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    module.__dict__["kernel"] = kernel
    for number, function in enumerate(kernels):
        module.__dict__[f"kernel_{number}"] = function
    sys.modules[path.stem] = module  # numba looks its globals up by the name of the module
    spec.loader.exec_module(module)
    joined: Kernel = module.joined
    return joined


def is_cached(kernels: tuple[Kernel, ...], n_arguments: tuple[int, ...]) -> bool:
    """Whether this loop was compiled before, so that it will load and not compile."""
    return any(cache_folder().rglob(f"{_path(kernels, n_arguments).stem}.*.nbi"))


def _path(kernels: tuple[Kernel, ...], n_arguments: tuple[int, ...]) -> Path:
    digest = hashlib.sha256(repr(n_arguments).encode())
    for function in kernels:
        for text in _made_of(_plain(function), set()):
            digest.update(text.encode())
    return cache_folder() / f"runen_ecs_plan_{digest.hexdigest()[:16]}.py"


def _made_of(function: Any, seen: set[str]) -> Iterator[str]:
    """Yield all that decides what a kernel computes: its source, its constants, and the same of its helpers."""
    name = f"{function.__module__}.{function.__qualname__}"
    if name in seen:
        return
    seen.add(name)
    yield f"{name}\n{inspect.getsource(function)}"
    for word in function.__code__.co_names:
        found = function.__globals__.get(word)
        helper = _plain(found) if callable(found) else None
        if inspect.isfunction(helper):
            yield from _made_of(helper, seen)
        elif isinstance(found, int | float | str | bool | tuple | np.generic):
            yield f"{word} = {found!r}"


def _plain(kernel: Any) -> Any:
    """Return the Python function of a kernel, compiled or not."""
    return inspect.unwrap(getattr(kernel, "py_func", kernel))


def _heading(kernels: tuple[Kernel, ...]) -> str:
    names = [f"{f.__module__}.{f.__qualname__}" for f in map(_plain, kernels)]
    return '"""Joined by runen_ecs.engine.native; safe to delete.\n\n' + "\n".join(names) + '\n"""\n\n'


def _write(path: Path, text: str) -> None:
    with NamedTemporaryFile("w", dir=path.parent, suffix=".tmp", delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)
