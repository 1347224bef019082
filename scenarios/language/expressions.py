"""Arithmetic in scenarios: ``"-65 + 15 * r**2"``; nothing but numbers, names and functions of one neuron."""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.errors import RunenError, choices

__all__ = ["CONSTANTS", "FUNCTIONS", "Expression", "ExpressionError"]

Numbers = NDArray[np.float64]
LONGEST = 500
DRAWS = ("rand", "randn", "random", "uniform", "normal", "gauss", "lognormal")  # what other simulators call
LARGEST = 1e300
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "sqrt": (np.sqrt, 1),
    "exp": (np.exp, 1),
    "log": (np.log, 1),
    "sin": (np.sin, 1),
    "cos": (np.cos, 1),
    "abs": (np.abs, 1),
    "floor": (np.floor, 1),
    "min": (np.minimum, 2),
    "max": (np.maximum, 2),
}
CONSTANTS = {"pi": np.float64(np.pi)}


class ExpressionError(RunenError, ValueError):
    """An expression that cannot be read or worked out."""

    exit_code = 3


@dataclass(frozen=True)
class Expression:
    """Arithmetic over arrays of numbers.

    >>> float(Expression("-65 + 15 * r**2")({"r": np.array(1.0)}))
    -50.0

    Attributes
    ----------
    text : str
    names : frozenset of str
        What it needs to be given.

    Raises
    ------
    ExpressionError
        If it is anything but arithmetic.
    """

    text: str
    names: frozenset[str] = field(init=False, compare=False)
    _tree: ast.expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names: set[str] = set()
        try:
            if len(self.text) > LONGEST:
                raise ExpressionError(f"is longer than {LONGEST} signs")
            with warnings.catch_warnings():  # of the Python that it would be
                warnings.simplefilter("ignore")
                tree = ast.parse(self.text.strip(), mode="eval").body
            _check(tree, names)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            if isinstance(error, ExpressionError):
                raise
            raise ExpressionError(
                f'is no number and no expression: {_short(self.text)}; write 20, "20 ms" or "8 - 6 * r**2"'
            ) from None
        object.__setattr__(self, "names", frozenset(names))
        object.__setattr__(self, "_tree", tree)

    def __call__(self, values: Mapping[str, Numbers]) -> Numbers:
        """Return what it comes to, given an array for each of its names.

        Raises
        ------
        ExpressionError
            If a result is no finite number.
        """
        with np.errstate(all="ignore"):
            found = np.asarray(_evaluate(self._tree, values), np.float64)
        if not np.isfinite(found).all():
            raise ExpressionError(
                f'"{self.text}" gives {found[~np.isfinite(found)].ravel()[0]}, which is no finite number'
            )
        return found


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _check(node: ast.AST, names: set[str]) -> None:
    """Refuse all but arithmetic; collect the names."""
    if isinstance(node, ast.BinOp | ast.UnaryOp) and type(node.op) in OPERATORS:
        for part in (node.left, node.right) if isinstance(node, ast.BinOp) else (node.operand,):
            _check(part, names)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id not in FUNCTIONS:
            advice = choices(node.func.id, FUNCTIONS)
            if node.func.id.lower() in DRAWS:
                advice = "what is drawn is a table: { uniform = [0, 1] }, { normal = [mean, sd] }; expressions name it"
            raise ExpressionError(f"knows no function {node.func.id!r}; {advice}")
        if len(node.args) != FUNCTIONS[node.func.id][1]:
            raise ExpressionError(f"{node.func.id} takes {FUNCTIONS[node.func.id][1]} values, not {len(node.args)}")
        for part in node.args:
            _check(part, names)
    elif isinstance(node, ast.Name):
        if node.id not in CONSTANTS:
            names.add(node.id)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
        raise ExpressionError("knows no ^; a power is written with **, such as r**2")
    elif not (isinstance(node, ast.Constant) and type(value := node.value) in (int, float)):
        raise ExpressionError(f"may hold numbers, names, + - * / ** % // ( ) and {', '.join(FUNCTIONS)}, nothing else")
    elif not abs(value) <= LARGEST:  # type: ignore[arg-type]
        raise ExpressionError("holds a number that is too large")


def _evaluate(node: ast.AST, values: Mapping[str, Numbers]) -> Any:
    match node:
        case ast.BinOp():
            return OPERATORS[type(node.op)](_evaluate(node.left, values), _evaluate(node.right, values))
        case ast.UnaryOp():
            return OPERATORS[type(node.op)](_evaluate(node.operand, values))
        case ast.Call(func=ast.Name(id=name)):
            return FUNCTIONS[name][0](*(_evaluate(part, values) for part in node.args))
        case ast.Name(id=name):
            return CONSTANTS.get(name) if name in CONSTANTS else values[name]
        case ast.Constant(value=number):
            return np.float64(number)  # type: ignore[arg-type]
    raise ExpressionError(f"{type(node).__name__} is no arithmetic")
