"""Faults of a scenario: all of one file at once, each with its line, its key, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pydantic import BaseModel, ValidationError

from runen_ecs import faults
from runen_ecs.errors import RunenError
from runen_ecs.faults import Fault, Path

__all__ = ["SET", "WORDS", "Fault", "ScenarioError", "UsageError", "faults_of", "line_of", "place_of"]


SET = "--set"

WORDS = {
    "string_type": 'must be text in quotes, such as "internal"',
    "list_type": "must be a list: [ … ]",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "tuple_type": "must be a list: [ … ]",
    "too_long": "must hold {max_length} values",
}


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
    found = faults.faults_of(error, schema, lambda path: place_of(path, places), WORDS, also=["extends"])
    return [_without_key(fault) for _, fault in found]


def _without_key(fault: Fault) -> Fault:
    """Leave out the key of a fault that is blamed on an option which stands for that key."""
    stands_for_it = fault.place.startswith("--") and fault.place != SET and fault.problem != "is missing"
    return replace(fault, key="") if stands_for_it else fault


def line_of(fault: Fault) -> int:
    """Return the line a fault stands in; 0 for an option."""
    where = re.search(r":(\d+)(:\d+)?$", fault.place)
    return int(where[1]) if where else 0


def place_of(path: Path, places: dict[Path, str]) -> str:
    """Return where a key stands, or the table that ought to hold it."""
    while path not in places and path:
        path = path[:-1]
    return places.get(path, "scenario")
