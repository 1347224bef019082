"""Faults of a scenario: all of one file at once, each with its line, its key, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from runen_ecs.errors import RunenError, choices

from .toml_lines import Path

__all__ = ["SET", "Fault", "ScenarioError", "UsageError", "faults_of", "line_of", "place_of"]


SET = "--set"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Attributes
    ----------
    place : str
        ``file:line``, or the option: ``--set``, ``--seed``.
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


class ScenarioError(RunenError, ValueError):
    """A scenario that cannot be run; lists every fault."""

    exit_code = 3

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class UsageError(RunenError, ValueError):
    """A command that cannot be carried out as it was typed."""

    exit_code = 2


def faults_of(error: ValidationError, schema: type[BaseModel], places: dict[Path, str]) -> list[Fault]:
    """Return what pydantic found, in the words of this project.

    Parameters
    ----------
    error : ValidationError
        Of ``schema``.
    schema : type
        Where to look up the choices.
    places : dict of path to str
        Where each key stands.
    """
    faults = []
    for detail in error.errors():
        path = tuple(part for part in detail["loc"] if part != "[key]")
        place = place_of(path, places)
        key = "" if place.startswith("--") and place != SET else ".".join(map(str, path))
        faults.append(Fault(place, key, _words(detail, path, schema)))
    return faults


def line_of(fault: Fault) -> int:
    """Return the line a fault stands in; 0 for an option."""
    number = fault.place.rpartition(":")[2]
    return int(number) if number.isdigit() else 0


def place_of(path: Path, places: dict[Path, str]) -> str:
    """Return where a key stands, or the table that ought to hold it."""
    while path not in places and path:
        path = path[:-1]
    return places.get(path, "scenario")


def _words(detail: ErrorDetails, path: Path, schema: type[BaseModel]) -> str:
    given, kind, limits = detail["input"], detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        keys = _keys(schema, path[:-1]) + (["extends"] if len(path) == 1 else [])
        return f"unknown key; {choices(str(path[-1]), keys)}"
    if kind == "missing":
        return "is missing"
    words = {
        "greater_than_equal": "must be at least {ge}",
        "greater_than": "must be greater than {gt}",
        "less_than_equal": "must be at most {le}",
        "finite_number": "must be finite",
        "int_type": "must be a whole number",
        "float_type": "must be a number",
        "string_type": 'must be text in quotes, such as "internal"',
        "bool_type": "must be true or false",
        "list_type": "must be a list: [ … ]",
        "dict_type": "must be a table",
        "model_type": "must be a table",
        "too_short": "must not be empty",
    }
    if kind == "literal_error":
        allowed = str(limits["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return f"cannot be {_toml(given)}; {choices(_toml(given), allowed)}"
    if kind in words:
        shown = "" if isinstance(given, dict | list) else f", not {_toml(given)}"
        return words[kind].format(**limits) + shown
    return detail["msg"]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= 10**30:
        return "a number of more than 30 digits"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _keys(schema: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that a table of the schema may hold."""
    model: Any = schema
    for part in path:
        if isinstance(part, int):
            continue
        fields = {f.alias or name: f for name, f in model.model_fields.items()}
        if part not in fields:
            return []
        model = next((m for m in _models(fields[str(part)].annotation)), None)
        if model is None:
            return []
    return [f.alias or name for name, f in model.model_fields.items()]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]
