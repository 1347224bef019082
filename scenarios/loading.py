"""Scenario files: find, read, extend, override, check."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from runen_ecs.errors import choices

from .faults import Fault, ScenarioError, UsageError, faults_of, place_of
from .schema import Scenario
from .toml_lines import Path, lines_of

__all__ = ["find", "load", "shipped"]

FOLDER = FilePath(__file__).resolve().parent


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
    if path.is_dir():
        raise UsageError(f"{name} is a folder; a scenario is a TOML file, or one of {', '.join(shipped())}")
    if path.is_file():
        return path
    if path.suffix == ".toml" or path.name != name:
        raise UsageError(f"there is no file {name}; the scenarios that come with the project: {', '.join(shipped())}")
    raise UsageError(f"no scenario is called {name!r}; {choices(name, shipped())}, or the path of a TOML file")


def load(name: str, overrides: Sequence[str] | Mapping[str, Any] = ()) -> Scenario:
    """Read and check a scenario.

    Parameters
    ----------
    name : str
        The name of one that comes with the project, or the path of a file.
    overrides : mapping, or sequence of str
        Values by the key's whole path: ``{"stdp.amplitude": 0.1}``; or ``["stdp.amplitude=0.1"]``, values as in TOML,
        where quotes may be left out.

    Raises
    ------
    UsageError
        If there is no such scenario.
    ScenarioError
        With every fault of the file.
    """
    path = find(name)
    data, places = _read(path)
    places.setdefault((), str(path))
    if isinstance(overrides, str):
        raise UsageError(f"overrides are a list or a mapping: [{overrides!r}]")
    for key, value in overrides.items() if isinstance(overrides, Mapping) else map(_parse, overrides):
        _override(data, places, key, value)
    layers = data["columns"].get("layers") if isinstance(data.get("columns"), dict) else None
    context = {"layers": list(layers)} if isinstance(layers, dict) else {}
    try:
        scenario = Scenario.model_validate(data, context=context)
    except ValidationError as error:
        raise ScenarioError(faults_of(error, Scenario, places)) from None
    faults = [Fault(place_of(p, places), ".".join(map(str, p)), why) for p, why in scenario.inconsistencies()]
    if faults:
        raise ScenarioError(faults)
    return scenario


def _read(path: FilePath, seen: tuple[FilePath, ...] = ()) -> tuple[dict[str, Any], dict[Path, str]]:
    """Return what a file says, and where it says it; what it extends comes first."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ScenarioError([Fault(str(path), "", f"is not a text file in UTF-8 (byte {error.start})")]) from None
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = f"{path}:{where.group(1)}:{where.group(2)}" if where else f"{path}:{text.count(chr(10)) + 1}"
        problem = re.sub(r" \(at .*\)", "", str(error))
        raise ScenarioError([Fault(place, "", f"is not TOML: {problem}")]) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    places = {key: f"{path}:{line}" for key, line in lines_of(text).items()}
    base = data.pop("extends", None)
    if base is None:
        return data, places
    if not isinstance(base, str):
        raise ScenarioError([Fault(places[("extends",)], "extends", "must be the name or path of a scenario")])
    beside = path.parent / base
    base_path = beside if beside.is_file() else shipped().get(base)
    if base_path is None:
        raise ScenarioError([Fault(places[("extends",)], "extends", f"no such scenario; {choices(base, shipped())}")])
    if base_path.resolve() in seen or base_path.resolve() == path.resolve():
        raise ScenarioError([Fault(places[("extends",)], "extends", "goes round in a circle")])
    below, base_places = _read(base_path, (*seen, path.resolve()))
    return _merge(below, data), {**base_places, **places}


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = _merge(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def _parse(override: str) -> tuple[str, Any]:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"--set takes key=value, such as --set stdp.amplitude=0.1, not {override!r}")
    try:
        return key.strip(), tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), text.strip()


def _override(data: dict[str, Any], places: dict[Path, str], key: str, value: Any) -> None:
    path = tuple(int(part) if part.isdigit() else part for part in key.split("."))
    places[path] = "--set"
    table: Any = data
    for depth, part in enumerate(path[:-1], start=1):
        if isinstance(table, dict):
            table = table.setdefault(part, {})
        elif isinstance(table, list) and isinstance(part, int) and part < len(table):
            table = table[part]
        else:
            break
        if not isinstance(table, dict | list):
            name = ".".join(map(str, path[:depth]))
            raise ScenarioError([Fault("--set", key, f"{name} is a value; it holds no keys")])
    last = path[-1]
    if isinstance(table, dict):
        table[str(last)] = value
    elif isinstance(table, list) and isinstance(last, int) and last < len(table):
        table[last] = value
    else:
        raise ScenarioError([Fault("--set", key, "there is no such element in the list")])
