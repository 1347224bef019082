"""Faults of a file: all of them at once, each with its place, its key, and what to write instead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .errors import choices

__all__ = ["Fault", "Path", "faults_of", "key_of"]

Path = tuple[str | int, ...]
"""Where something stands in what a file says: keys of tables, and numbers of elements from 0."""

_WORDS = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be greater than {gt}",
    "less_than_equal": "must be at most {le}",
    "finite_number": "must be finite",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "too_short": "must not be empty",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Attributes
    ----------
    place : str
        ``file:line`` or ``file:line:column``, or the option: ``--set``, ``--seed``.
    key : str
        Path of the key, ``synapses.delay.longest``; empty for the file as a whole.
    problem : str
        What is wrong and what to write.
    """

    place: str
    key: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: {self.key}: {self.problem}" if self.key else f"{self.place}: {self.problem}"


def key_of(path: Path) -> str:
    """Return a path as text, ``neurons.0.id``; a key that is no plain word in quotes."""
    return ".".join(_name(str(part)) for part in path)


def _name(part: str) -> str:
    return part if re.fullmatch(r"[\w-]+", part) else _quoted(part)


def _quoted(text: str) -> str:
    """Return a text in quotes; what cannot be shown, or would take a new line, is escaped."""
    return json.dumps(text, ensure_ascii=False).encode(errors="backslashreplace").decode()


def faults_of(
    error: ValidationError,
    schema: type[BaseModel],
    place_of: Callable[[Path], str],
    words: Mapping[str, str],
    also: Iterable[str] = (),
) -> list[tuple[Path, Fault]]:
    """Return what pydantic found, in the words of this project.

    Parameters
    ----------
    error : ValidationError
        Of ``schema``.
    schema : type
        Where to look up the choices.
    place_of : callable
        Says of the path of a key where it stands.
    words : mapping of str to str
        What to say for the types of error whose words depend on the format of the file: tables, lists, texts.
    also : iterable of str
        Keys of the outermost table that the schema does not know.
    """
    words = {**_WORDS, **words}
    faults = []
    for detail in error.errors():
        path = tuple(part for part in detail["loc"] if part != "[key]")
        keys = [*_keys(schema, path[:-1]), *(also if len(path) == 1 else ())]
        faults.append((path, Fault(place_of(path), key_of(path), _problem(detail, path, words, keys))))
    return faults


def _problem(detail: ErrorDetails, path: Path, words: Mapping[str, str], keys: list[str]) -> str:
    given, kind, limits = detail["input"], detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return f"unknown key; {choices(str(path[-1]), keys)}"
    if kind == "missing":
        return "is missing"
    if kind == "float_type" and type(given) is int:
        return "is too large a number"
    if kind == "literal_error":
        allowed = str(limits["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return f"cannot be {_shown(given)}; {choices(_shown(given), allowed)}"
    if kind in words:
        shown = "" if isinstance(given, dict | list) else f", not {_shown(given)}"
        return words[kind].format(**limits) + shown
    return detail["msg"]


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= 10**30:
        return "a number of more than 30 digits"
    return _quoted(value) if isinstance(value, str) else str(value)


def _keys(schema: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that a table of the schema may hold."""
    model: Any = schema
    named = False
    for part in path:
        if isinstance(part, int) or named:  # an element of a list, or the name of one of many tables
            named = False
            continue
        fields = {f.alias or name: f for name, f in model.model_fields.items()}
        if part not in fields:
            return []
        annotation = fields[str(part)].annotation
        model, named = next((m for m in _models(annotation)), None), get_origin(annotation) is dict
        if model is None:
            return []
    return [f.alias or name for name, f in model.model_fields.items()]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]
