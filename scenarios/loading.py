"""Scenario files: find, read, extend, override, check."""

from __future__ import annotations

import copy
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from runen_ecs.errors import choices
from runen_ecs.faults import Path, key_of

from .faults import SET, Fault, ScenarioError, UsageError, faults_of, line_of, place_of
from .language.context import context_of, reference_faults
from .network_parts import beside, misfits, missing, parts_of
from .plan_faults import plan_faults
from .schema import Scenario
from .toml_lines import lines_of

__all__ = ["Override", "find", "load", "parse_override", "path_of", "shipped"]

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
    if isinstance(overrides, str):
        raise UsageError(f"overrides are a list or a mapping: [{overrides!r}]")
    if isinstance(overrides, Mapping):
        overrides = [Override(key, value) for key, value in overrides.items()]
    given = [parse_override(override) if isinstance(override, str) else override for override in overrides]
    for override in given:
        _override(data, places, override)
        if override.key != "title":  # that of the whole; each panel keeps its own
            _outweigh(_panels_of(data), path_of(override.key))
    scenario, faults = _checked(data, places)
    panels = []
    titles: list[Any] = []
    for number, panel in enumerate(_panels_of(data)):
        faults += _panel_faults(data, places, number, panel, titles)
        panel_data, panel_places = _panel(data, places, number, panel)
        found, more = _checked(panel_data, panel_places)
        panels += [found] if found is not None else []
        faults += more
    if faults or scenario is None:
        raise ScenarioError(sorted(dict.fromkeys(faults), key=line_of))
    scenario.take_panels(panels)
    return scenario


def _panels_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the panels of a scenario that are tables; the schema refuses others."""
    panels = data.get("panels")
    return [panel for panel in panels if isinstance(panel, dict)] if isinstance(panels, list) else []


def _outweigh(panels: list[dict[str, Any]], path: list[str]) -> None:
    """Take a key out of panels, so that what an override says of it holds for them too."""
    for panel in panels:
        table: Any = panel
        for part in path[:-1]:
            table = table.get(part) if isinstance(table, dict) else None
        if isinstance(table, dict):
            table.pop(path[-1], None)


def _panel(
    data: dict[str, Any], places: dict[Path, str], number: int, panel: dict[str, Any]
) -> tuple[dict[str, Any], dict[Path, str]]:
    """Return what a scenario says when what a panel says is laid over it."""
    base = copy.deepcopy({key: value for key, value in data.items() if key != "panels"})
    above = {path[2:]: place for path, place in places.items() if path[:2] == ("panels", number) and len(path) > 2}
    return _merge(base, copy.deepcopy(panel), places, above, ())


def _panel_faults(
    data: dict[str, Any], places: dict[Path, str], number: int, panel: dict[str, Any], titles: list[Any]
) -> list[Fault]:
    """Return what is wrong with a panel beside what it lays over the scenario; add its title to those before."""
    here: Path = ("panels", number)
    found: list[tuple[Path, str]] = []
    if "panels" in panel:
        found.append(((*here, "panels"), "a panel has no panels of its own; take them out"))
    title = panel.get("title", data.get("title"))
    if title in titles:
        found.append(((*here, "title"), f"is that of panels.{titles.index(title)}, too; give each panel its own"))
    titles.append(title)
    return [Fault(place_of(path, places), key_of(path), problem) for path, problem in found]


def _checked(data: dict[str, Any], places: dict[Path, str]) -> tuple[Scenario | None, list[Fault]]:
    """Return what the data of a scenario say, and every fault of them."""
    faults = _said_twice(data, places)
    found: list[tuple[Path, str]] = []
    context = context_of(data, found)
    found += reference_faults(data)
    faults += [Fault(place_of(path, places), key_of(path), problem) for path, problem in found]
    context |= parts_of(data, places, faults)
    scenario = None
    try:
        scenario = Scenario.model_validate(data, context=context)
        faults += misfits(scenario, context.get("network"), places)
    except ValidationError as error:
        faults += faults_of(error, Scenario, places)
    faults += missing(data, places)
    if scenario is not None and not faults:
        faults = plan_faults(scenario, places)
    return scenario, faults


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
    for panel in _panels_of(data):
        beside(path, panel)
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
        if base is None and os.path.isdir(beside):
            problem = f"is a folder; {choices(name, shipped())}, or the path of a TOML file"
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
    if not equals or not all(path_of(key)):
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
    path = path_of(override.key)
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


def path_of(key: str) -> list[str]:
    """Split the path of a key at its dots, but not at those in quotes."""
    return [quoted or bare for quoted, bare in re.findall(r'(?:^|\.)(?:"([^"]+)"|([^."]*))', key)]
