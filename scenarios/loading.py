"""Scenario files: find, read, extend, override, check."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from runen_ecs.errors import choices
from runen_ecs.faults import Path

from .faults import SET, Fault, ScenarioError, UsageError, faults_of, line_of, place_of
from .network_parts import beside, misfits, missing, parts_of
from .quantities import TickLength
from .schema import Scenario
from .toml_lines import lines_of

__all__ = ["Override", "find", "load", "shipped"]

FOLDER = FilePath(__file__).resolve().parent
TICK: TypeAdapter[float] = TypeAdapter(TickLength)


def shipped() -> dict[str, FilePath]:
    """Return the scenarios that come with the project, by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}


def find(name: str) -> FilePath:
    """Return the file of a scenario.

    Parameters
    ----------
    name : str
        The name of one that comes with the project, or the path of a file.

    Raises
    ------
    UsageError
        If there is no such scenario.
    """
    path = FilePath(name)
    if name in shipped():
        return shipped()[name]
    if _is_file(path):
        return path
    known = f"the scenarios that come with the project: {', '.join(shipped())}"
    if name and os.path.isdir(name):
        raise UsageError(f"{name} is a folder; a scenario is a TOML file, or one of {', '.join(shipped())}")
    if path.suffix == ".toml" or path.name != name:
        raise UsageError(f"there is no file {name!r}; {known}")
    raise UsageError(f"no scenario is called {name!r}; {choices(name, shipped())}, or the path of a TOML file")


@dataclass(frozen=True)
class Override:
    """A value that takes the place of what a file says.

    Attributes
    ----------
    key : str
        Path of the key, ``stdp.amplitude``.
    value : object
    place : str
        The option that said so.
    """

    key: str
    value: Any
    place: str = SET


def load(name: str, overrides: Sequence[str | Override] | Mapping[str, Any] = ()) -> Scenario:
    """Read and check a scenario.

    Parameters
    ----------
    name : str
        The name of one that comes with the project, or the path of a file.
    overrides : mapping, or sequence
        Values by the key's whole path: ``{"stdp.amplitude": 0.1}``; or ``["stdp.amplitude=0.1"]``, values as in TOML,
        where quotes may be left out; or `Override`.

    Raises
    ------
    UsageError
        If there is no such scenario.
    ScenarioError
        With every fault of the file.
    """
    if isinstance(overrides, str):
        raise UsageError(f"overrides are a list or a mapping: [{overrides!r}]")
    data, places = _read(find(name))
    if isinstance(overrides, Mapping):
        overrides = [Override(key, value) for key, value in overrides.items()]
    for override in overrides:
        _override(data, places, parse_override(override) if isinstance(override, str) else override)
    faults = _said_twice(data, places)
    context = _context(data)
    context |= parts_of(data, places, faults)
    try:
        scenario = Scenario.model_validate(data, context=context)
        faults += misfits(scenario, context.get("network"), places)
    except ValidationError as error:
        faults += faults_of(error, Scenario, places)
    faults += missing(data, places)
    if faults:
        raise ScenarioError(sorted(faults, key=line_of))
    return scenario


def _said_twice(data: dict[str, Any], places: dict[Path, str]) -> list[Fault]:
    """Return a fault for each connection that an earlier one has told."""
    connections = data.get("connections")
    told: list[Any] = []
    faults = []
    for number, c in enumerate(connections if isinstance(connections, list) else []):
        told.append([c.get(key) for key in ("from", "to", "column")] if isinstance(c, dict) else number)
        if told.index(told[-1]) != number:
            problem = f"says again what connections.{told.index(told[-1])} says; take one of them out"
            faults.append(Fault(place_of(("connections", number), places), f"connections.{number}", problem))
    return faults


def _context(data: dict[str, Any]) -> dict[str, Any]:
    """Return what the keys of one table are held against that stands in another, as far as it can be told."""
    columns = data.get("columns")
    layers = columns.get("layers") if isinstance(columns, dict) else None
    tick = {"dt": TICK.validate_python(data["dt"])} if "dt" in data and _is_tick(data["dt"]) else {}
    if not isinstance(columns, dict) or not isinstance(layers, dict):
        return tick
    numbers = [columns.get("count"), *layers.values()]
    whole = all(isinstance(number, int) and number >= 1 for number in numbers)
    known = {"n_neurons": numbers[0] * sum(numbers[1:]), "columns": (numbers[0], layers)} if whole and layers else {}
    return {"layers": list(layers)} | known | tick


def _is_tick(value: Any) -> bool:
    try:
        TICK.validate_python(value)
    except ValidationError:
        return False  # the schema says why
    return True


def _read(path: FilePath, seen: tuple[FilePath, ...] = ()) -> tuple[dict[str, Any], dict[Path, str]]:
    """Return what a file says, and where it says it; what it extends comes first."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
        places = {key: f"{path}:{line}" for key, line in lines_of(text).items()}
    except UnicodeDecodeError as error:
        raise ScenarioError([Fault(str(path), "", f"is not a text file in UTF-8 (byte {error.start})")]) from None
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = f"{path}:{where.group(1)}:{where.group(2)}" if where else f"{path}:{text.count(chr(10)) + 1}"
        problem = re.sub(r" \(at .*\)", "", str(error))
        raise ScenarioError([Fault(place, "", f"is not TOML: {problem}")]) from None
    except (ValueError, RecursionError):
        raise ScenarioError(
            [Fault(str(path), "", "holds a number too long, or brackets too deep, to be read")]
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    beside(path, data)
    if "extends" not in data:
        return data, places
    base = _base_of(path, data.pop("extends"), places[("extends",)], seen)
    below, base_places = _read(base, (*seen, path.resolve()))
    return _merge(below, data, base_places, places, ())


def _base_of(path: FilePath, name: Any, place: str, seen: tuple[FilePath, ...]) -> FilePath:
    """Return the file that a file extends: beside it, or one that comes with the project."""
    problem = "must be the name or path of a scenario, in quotes"
    if isinstance(name, str):
        beside = path.parent / name
        base = beside if _is_file(beside) else shipped().get(name)
        if base is not None and base.resolve() not in (*seen, path.resolve()):
            return base
        problem = f"no such scenario; {choices(name, shipped())}" if base is None else "goes round in a circle"
    raise ScenarioError([Fault(place, "extends", problem)])


def _is_file(path: FilePath) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _merge(
    below: dict[str, Any],
    above: dict[str, Any],
    below_places: dict[Path, str],
    above_places: dict[Path, str],
    path: Path,
) -> tuple[dict[str, Any], dict[Path, str]]:
    """Lay one table over another: tables are merged, all else is replaced."""
    merged, places = dict(below), dict(below_places)
    for key, value in above.items():
        under, here = merged.get(key), (*path, key)
        if isinstance(under, dict) and isinstance(value, dict):
            merged[key], places = _merge(under, value, places, above_places, here)
        else:
            merged[key], places = value, _without(places, here)
    return merged, {**places, **above_places}


def _without(places: dict[Path, str], path: Path) -> dict[Path, str]:
    """Forget where the parts of something stood that is replaced."""
    return {key: place for key, place in places.items() if key[: len(path)] != path}


def parse_override(text: str) -> Override:
    """Read ``key=value``, the value as in TOML; quotes may be left out.

    Raises
    ------
    UsageError
        If it is not of that form.
    """
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not all(_path_of(key)):
        shown = text if len(text) < 80 else f"{text[:77]}..."
        raise UsageError(f"--set takes key=value, such as --set stdp.amplitude=0.1, not {shown!r}")
    try:
        read = tomllib.loads(f"value = {value}")
        return Override(key, read["value"] if len(read) == 1 else value.strip())
    except tomllib.TOMLDecodeError:
        return Override(key, value.strip())
    except (ValueError, RecursionError):
        raise UsageError(f"--set {key}: holds a number too long, or brackets too deep, to be read") from None


def _override(data: dict[str, Any], places: dict[Path, str], override: Override) -> None:
    path = _path_of(override.key)
    table: Any = data
    where: Path = ()
    for depth, part in enumerate(path):
        problem = ""
        if isinstance(table, list) and not (part.isdecimal() and int(part) < len(table)):
            problem = f"the list has {len(table)} elements, counted from 0"
        elif not isinstance(table, dict | list):
            problem = f"{'.'.join(path[:depth])} is a value; it holds no keys"
        if problem:
            raise ScenarioError([Fault(override.place, override.key, problem)])
        here: Any = int(part) if isinstance(table, list) else part
        where = (*where, here)
        if depth == len(path) - 1:
            table[here] = override.value
        elif isinstance(table, dict) and here not in table:
            table[here] = {}
            places[where] = override.place
        table = table[here]
    for key in [key for key in places if key[: len(where)] == where]:
        del places[key]
    places[where] = override.place


def _path_of(key: str) -> list[str]:
    """Split the path of a key at its dots, but not at those in quotes."""
    return [quoted or bare for quoted, bare in re.findall(r'(?:^|\.)(?:"([^"]+)"|([^."]*))', key)]
