"""Which component was it? Finds out what a failed system wrote although it declared it as `Read`."""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
import traceback
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numba.core.errors import NumbaError

from .compile import compiled_for
from .component import Component

if TYPE_CHECKING:
    from .system import System

__all__ = ["blame", "find_culprit"]


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
        written = _written_in_python(error)
        arrays = {a: [v for v in vars(vars(system)[a]).values() if isinstance(v, np.ndarray)] for a in readonly}
        for attribute, name in readonly.items():
            if written is not None and any(np.may_share_memory(written, array) for array in arrays[attribute]):
                return name, attribute
    elif isinstance(error, NumbaError) and "readonly" in str(error):
        for attribute, name in readonly.items():
            if _compiles_if_writeable(system, attribute):
                return name, attribute
    else:
        return None
    return " or ".join(readonly.values()), next(iter(readonly), "")


def find_culprit(systems: Sequence[System], error: Exception) -> System | None:
    """Return the system of a joined loop that made the loop fail; None if that cannot be told."""
    for system in systems:
        kernel: Any = type(system).kernel
        if isinstance(error, NumbaError):
            if any(not _compiles(kernel, arguments) for arguments in system.calls()):
                return system
        elif any(frame.f_code is inspect.unwrap(kernel).__code__ for frame, _ in traceback.walk_tb(error.__traceback__)):
            return system
    return None


def _written_in_python(error: Exception) -> Any:
    """Return the array that the failing line of the innermost frame assigns to."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return None
    frame = trace.tb_frame
    line = textwrap.dedent(linecache.getline(frame.f_code.co_filename, trace.tb_lineno))
    try:
        statement = ast.parse(line).body[0]
    except (SyntaxError, IndexError):
        return None
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    for target in targets:
        if isinstance(target, ast.Subscript):
            source = ast.unparse(target.value)
            return eval(source, frame.f_globals, frame.f_locals)
    return None


def _compiles_if_writeable(system: System, attribute: str) -> bool:
    """Whether the kernel compiles once the arrays of one attribute may be written."""
    bound = [v for v in vars(vars(system)[attribute]).values() if isinstance(v, np.ndarray)]
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
