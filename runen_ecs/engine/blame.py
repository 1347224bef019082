"""Which component was it? Finds out what a failed system wrote although it declared it as `Read`."""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numba.core.errors import NumbaError

from ..errors import KernelError
from .compile import compiled_for
from .component import Component

if TYPE_CHECKING:
    from .system import System

__all__ = ["blame", "find_culprit", "kernel_error"]


def blame(system: System, error: Exception) -> tuple[str, str] | None:
    """Return the component and the attribute that a system wrote although declared as `Read`; None if it was not that.

    Parameters
    ----------
    system : System
        The system that failed.
    error : Exception
        What NumPy or numba raised.
    """
    readonly = {
        access.attribute: access.target.__name__
        for access in system.accesses
        if access.mode == "reads" and issubclass(access.target, Component)
    }
    if isinstance(error, ValueError) and "read-only" in str(error):
        written = next(_read_only_arrays(error), None)
        for attribute, name in readonly.items():
            if any(written is not None and np.may_share_memory(written, a) for a in _bound(system, attribute)):
                return name, attribute
    elif isinstance(error, NumbaError) and "Cannot modify readonly array" in str(error):
        for attribute, name in readonly.items():
            if _compiles_if_writeable(system, attribute):
                return name, attribute
    return None


def kernel_error(system: System, error: NumbaError) -> KernelError:
    """Return what is wrong with the kernel of a system, in a line, and where.

    Parameters
    ----------
    system : System
        Whose kernel it is.
    error : NumbaError
    """
    function: Any = inspect.unwrap(cast("Any", type(system).kernel))
    file, text = function.__code__.co_filename, str(error)
    inside = re.findall(rf'{re.escape(Path(file).name)}(?: \(|", line )(\d+)', text)
    line = inside[0] if inside else function.__code__.co_firstlineno
    lines = [line.strip() for line in text.splitlines() if line.strip() and "Failed in" not in line]
    problem = lines[0] if lines else type(error).__name__
    if missing := re.search(r"No implementation of function Function\(<function (\w+) at", text):
        problem = f"numba cannot do {missing[1]} here; a kernel makes no arrays, it works element by element"
    if "NRT required" in text:
        problem = "it makes an array, or copies one as a whole; a kernel writes element by element"
    return KernelError(type(system).__name__, function.__name__, f"{file}:{line}", problem)


def _bound(system: System, attribute: str) -> list[Any]:
    return [value for value in vars(vars(system)[attribute]).values() if isinstance(value, np.ndarray)]


def find_culprit(systems: Sequence[System], error: Exception) -> System | None:
    """Return the system of a joined loop that made the loop fail; None if that cannot be told."""
    executed = {frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)}
    for system in systems:
        kernel: Any = type(system).kernel
        if isinstance(error, NumbaError):
            if any(not _compiles(kernel, arguments) for arguments in system.calls()):
                return system
        elif inspect.unwrap(kernel).__code__ in executed:
            return system
    return None


def _read_only_arrays(error: Exception) -> Iterator[Any]:
    """Yield the read-only arrays that the failed statements name: innermost frame first, what is written first."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        statement = _statement(frame.f_code.co_filename, line)
        for node in _likeliest_first(statement) if statement is not None else ():
            with suppress(Exception):  # not everything that has a name can be looked up again
                found = eval(ast.unparse(node), frame.f_globals, frame.f_locals)  # names only: no side effects
                if isinstance(found, np.ndarray) and not found.flags.writeable:
                    yield found


def _statement(file: str, line: int) -> ast.stmt | None:
    """Return the innermost statement of a source file that covers a line."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return None
    covering = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return min(covering, key=lambda node: (node.end_lineno or node.lineno) - node.lineno, default=None)


def _likeliest_first(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the names and attributes of a statement: targets of assignments, ``out=``, then all others."""
    targets = [getattr(statement, "target", None), *getattr(statement, "targets", [])]
    outs = [k.value for node in ast.walk(statement) if isinstance(node, ast.Call) for k in node.keywords]
    for part in (*targets, *outs, statement):
        for node in ast.walk(part) if part is not None else ():
            if isinstance(node, ast.Name | ast.Attribute):
                yield node


def _compiles_if_writeable(system: System, attribute: str) -> bool:
    """Whether the kernel compiles once the arrays of one attribute may be written."""
    bound = _bound(system, attribute)
    arguments = [
        a.copy() if isinstance(a, np.ndarray) and any(np.may_share_memory(a, b) for b in bound) else a
        for a in system.arguments()
    ]
    return _compiles(type(system).kernel, arguments)


def _compiles(kernel: Any, arguments: Iterable[Any]) -> bool:
    try:
        compiled_for(kernel, tuple(arguments))
    except NumbaError:
        return False
    return True
