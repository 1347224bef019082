"""Python values as JSON and arrays, and back: what a state is written down as."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import RunenError

__all__ = ["StateError", "find_class", "pack", "place_of", "unpack"]

Arrays = dict[str, NDArray[Any]]


class StateError(RunenError, ValueError):
    """The state of a world cannot be stored, or is not one of such a world."""


def pack(value: Any, name: str, arrays: Arrays) -> Any:
    """Return a value as JSON can hold it, bit for bit; arrays go to ``arrays``.

    Parameters
    ----------
    value : None, bool, int, float, str, array, and lists, tuples, ranges, dicts and dataclasses of them
    name : str
        What it is, as a path: names of arrays and messages begin with it.
    arrays : dict of str to array
        Gets copies of arrays.

    Raises
    ------
    StateError
        For anything else; it names what it is part of.
    """
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if isfinite(value) else {"$float": repr(value)}
    if isinstance(value, np.generic) or kind is np.ndarray:
        if value.dtype.hasobject:
            raise StateError(f"{name} is an array of Python objects, and cannot be stored; use an array of numbers")
        return {"$array" if kind is np.ndarray else "$scalar": _keep(np.asarray(value), name, arrays)}
    if kind is list:
        return [pack(each, f"{name}/{number}", arrays) for number, each in enumerate(value)]
    if kind is tuple:
        return {"$tuple": pack(list(value), name, arrays)}
    if kind is range:
        return {"$range": [value.start, value.stop, value.step]}
    if kind is dict:
        if all(type(key) is str and not key.startswith("$") for key in value):
            return {key: pack(each, f"{name}/{key}", arrays) for key, each in value.items()}
        pairs = value.items()
        return {"$dict": [[pack(k, name, arrays), pack(each, f"{name}/{k}", arrays)] for k, each in pairs]}
    if is_dataclass(kind):
        return {"$dataclass": place_of(kind, name), "fields": _fields(value, name, arrays)}
    raise StateError(
        f"{name} is of type {kind.__qualname__}, and cannot be stored; "
        "choices: numbers, texts, arrays, and lists, tuples, dicts and dataclasses of them"
    )


def _keep(array: NDArray[Any], name: str, arrays: Arrays) -> str:
    key = re.sub(r"[^\w./-]", "_", name)
    while key in arrays:
        key += "_"
    arrays[key] = array.copy(order="C")
    return key


def _fields(value: Any, name: str, arrays: Arrays) -> dict[str, Any]:
    """Return the fields of a dataclass, packed."""
    known = [field.name for field in fields(value)]
    for more in set(getattr(value, "__dict__", {})) - set(known):
        raise StateError(f"{name} has {more!r}, which is no field of {type(value).__qualname__}, and cannot be stored")
    return {field: pack(getattr(value, field), f"{name}/{field}", arrays) for field in known if hasattr(value, field)}


def unpack(data: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Return what was packed; arrays are copies.

    Raises
    ------
    StateError
        If the class of a dataclass is not there.
    """
    if isinstance(data, list):
        return [unpack(each, arrays) for each in data]
    if not isinstance(data, dict):
        return data
    mark = next(iter(data), "")
    inner: Any = data.get(mark)
    if mark == "$float":
        return float(inner)
    if mark == "$array":
        return arrays[inner].copy()
    if mark == "$scalar":
        return arrays[inner][()]
    if mark == "$tuple":
        return tuple(unpack(inner, arrays))
    if mark == "$range":
        return range(*inner)
    if mark == "$dict":
        return {unpack(key, arrays): unpack(each, arrays) for key, each in inner}
    if mark == "$dataclass":
        made: Any = object.__new__(find_class(inner))  # as it was: its __init__ would check and change it again
        for name, each in data["fields"].items():
            object.__setattr__(made, name, unpack(each, arrays))
        return made
    return {key: unpack(each, arrays) for key, each in data.items()}


def place_of(cls: type, name: str) -> list[str]:
    """Return where a class can be found again: its module, and its name in it.

    Raises
    ------
    StateError
        If it cannot, as one that was made inside a function.
    """
    place = [cls.__module__, cls.__qualname__]
    if _look(place) is not cls:
        raise StateError(
            f"{name} is of type {cls.__qualname__}, which cannot be found by this name in {cls.__module__}, so it "
            "cannot be stored; declare the class at the top of its module"
        )
    return place


def find_class(place: list[str]) -> type:
    """Return the class that lies at a place; no module is imported for it.

    Raises
    ------
    StateError
        If there is none.
    """
    found = _look(place)
    if not isinstance(found, type):
        raise StateError(f"the state has a {place[1]} of {place[0]}, and there is none here; import that module first")
    return found


def _look(place: list[str]) -> Any:
    found: Any = sys.modules.get(place[0])
    for part in place[1].split("."):
        found = getattr(found, part, None)
    return found
