"""What if: a run that goes on from a tick of another one, with something changed."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.checkpoints import save_checkpoint
from runen_ecs.engine import Component
from runen_ecs.engine.state import State, restore_world, world_state
from runen_ecs.errors import FileError
from runen_ecs.run_folder import RunFolder, RunFolderError
from runen_ecs.run_folder.manifest import CHECKPOINTS, FORK, hash_of, read_manifest, write_manifest

from ..building import Simulation, build
from ..faults import Fault, ScenarioError, UsageError
from ..lasting import LastingRun, files_of, recorded_scenario, write_scenario
from ..loading import Override
from ..schema import Scenario
from .replay import RecordedRun

__all__ = ["branch", "read_events"]

MOST_SHOWN = 5


def branch(
    path: Path, new: Path, tick: int, changes: Sequence[Any] = (), events: Path | None = None, every: int | None = None
) -> LastingRun:
    """Go on from a tick of a recorded run in a new folder, with other settings, or with events.

    The network is as it was at that tick; what is drawn from then on is drawn by the new scenario.
    The new folder has what the run had recorded until then, and names it as its parent.

    Parameters
    ----------
    path, new : Path
        The folder of the run, and one that is not there yet.
    tick : int
    changes : sequence
        See `load`.
    events : Path, optional
        A TOML file with ``[[events]]`` that are to come in addition.
    every : int, optional
        Ticks between checkpoints.

    Raises
    ------
    UsageError
        If the run does not reach that tick, or a change would have built another network.
    ScenarioError
        If there is something wrong with the changes or events.
    FileError, RunFolderError
        If a folder cannot be read, or written.
    """
    run = RecordedRun(path)
    simulation = run.at(tick)
    scenario = _changed(run, changes, events)
    if scenario.dt != simulation.scenario.dt:
        raise UsageError("a branch keeps the length of a tick; dt cannot be changed")
    if scenario.duration <= tick:
        raise UsageError(f"the branch ends when it begins, at {tick * run.dt_ms / 1000:g} s; name a longer --duration")
    if scenario.record != simulation.scenario.record:
        raise UsageError("a branch records what its parent does; record.… cannot be changed")
    _check_past(simulation.scenario, scenario, tick, events)
    forked = _forked(simulation, scenario, run, changes, events)
    _copy(run, new, scenario, tick)
    about = {"events_done": forked.events_done}
    save_checkpoint(new / FORK, world_state(forked.world), about)
    lasting = LastingRun(forked, RunFolder.resume(new, forked), every)
    lasting.checkpoint()
    return lasting


def _check_past(parent: Scenario, child: Scenario, tick: int, events: Path | None) -> None:
    """Make sure that events that are over are the same, under the same numbers: their draws go by these."""
    n, dt = len(parent.events), parent.dt
    for number, event in enumerate(child.events[n:]):
        if event.at < tick:
            place = f"{events}: events.{number}" if events is not None else f"events.{n + number}"
            raise UsageError(f"{place} is at {event.at * dt:g} ms, before the branch at {tick * dt:g} ms")
    for number in range(n):
        before, after = parent.events[number], child.events[number] if number < len(child.events) else None
        if min(one.at for one in (before, after) if one is not None) < tick and before != after:
            problem = f"was at {before.at * dt:g} ms, before the branch at {tick * dt:g} ms, or would be"
            raise UsageError(
                f"events.{number} {problem}; what is over cannot be changed, --events adds what is to come"
            )


def read_events(file: Path) -> list[Any]:
    """Return the events that a TOML file holds, as they are.

    Raises
    ------
    FileError
        If it cannot be read, or holds anything else.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(file, f"cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise FileError(file, f"is no TOML: {error}") from None
    for key in [key for key in data if key != "events"][:1]:
        raise FileError(file, f"holds {key}, and should hold [[events]] alone; other keys are changed by --set")
    events = data.get("events")
    if not isinstance(events, list) or not events:
        raise FileError(file, "holds no [[events]]")
    return events


def _changed(run: RecordedRun, changes: Sequence[Any], events: Path | None) -> Scenario:
    """Return the scenario of a run with changes, and with events behind its own."""
    own = recorded_scenario(run.path)
    if events is None:
        return recorded_scenario(run.path, changes)
    told = [*own.as_data()["events"], *read_events(events)]
    try:
        return recorded_scenario(run.path, [*changes, Override("events", told, str(events))])
    except ScenarioError as error:
        raise ScenarioError([_renumbered(fault, len(own.events)) for fault in error.faults]) from None


def _renumbered(fault: Fault, n: int) -> Fault:
    """Count the events of a fault from the first of the file, not from that of the scenario."""
    parts = fault.key.split(".")
    if parts[0] == "events" and parts[1:2] and parts[1].isdecimal() and int(parts[1]) >= n:
        return replace(fault, key=".".join(["events", str(int(parts[1]) - n), *parts[2:]]))
    return fault


def _forked(
    simulation: Simulation, scenario: Scenario, run: RecordedRun, changes: Sequence[Any], events: Path | None
) -> Simulation:
    """Return a simulation of a changed scenario in the state of another."""
    parent, forked = build(simulation.scenario), build(scenario)
    child = forked
    if scenario.seed != simulation.scenario.seed:  # compared is what the other changes would have built
        child = build(_changed(run, [*changes, Override("seed", simulation.scenario.seed)], events))
    before, after = world_state(parent.world), world_state(child.world)
    if differ := _built_otherwise(before, after):
        shown = ", ".join(sorted(differ)[:MOST_SHOWN]) + (" …" if len(differ) > MOST_SHOWN else "")
        raise UsageError(
            f"this would have built another network ({shown} would be other from the beginning), and a branch keeps "
            "what there is; change values at a time by an event: --events FILE with [[events]] and set = …"
        )
    state = world_state(simulation.world)
    state.data["systems"] = _parameters(parent, before, child, after, state)
    state.data["seed"] = scenario.seed
    for name in after.data["resources"].keys() - state.data["resources"].keys():
        state.data["resources"][name] = after.data["resources"][name]
        state.arrays |= {key: a for key, a in after.arrays.items() if key.startswith(f"resource/{name}/")}
    for component, storage in child.world._storages.items():
        if component.__name__ not in state.data["components"]:
            _bring(component, storage.table.group[0], state, after)
    restore_world(forked.world, state)
    forked.events_done = simulation.events_done
    return forked


def _built_otherwise(before: State, after: State) -> set[str]:
    """Return the components, tables and resources in which two worlds differ before the first tick."""
    differ = set()
    for path in (before.arrays.keys() | after.arrays.keys()) - {"blocks"}:  # of entities, which the tables tell
        kind, name = path.split("/")[:2]
        a, b = before.arrays.get(path), after.arrays.get(path)
        come_or_go = (a is None or b is None) and kind != "table"  # as components and resources do with their systems
        if not come_or_go and not _same(a, b):
            differ.add(name)
    first, second = before.data["resources"], after.data["resources"]
    return differ | {name for name in first.keys() & second.keys() if first[name] != second[name]}


def _same(a: NDArray[Any] | None, b: NDArray[Any] | None) -> bool:
    return a is not None and b is not None and a.shape == b.shape and a.tobytes() == b.tobytes()


def _bring(component: type[Component], table: str, state: State, after: State) -> None:
    """Give a component to a state that has none, with the values that entities begin with."""
    name = component.__name__
    now, then = state.arrays[f"table/{table}"], after.arrays[f"table/{table}"]
    order = np.argsort(then)
    place = order[np.searchsorted(then, now, sorter=order).clip(0, max(then.size - 1, 0))] if then.size else now * 0
    known = then[place] == now if then.size else np.zeros(now.size, np.bool_)
    for field, declared in component.fields.items():
        values = after.arrays[f"component/{name}/{field}"]
        state.arrays[f"component/{name}/{field}"] = found = np.full(now.size, declared.fill, values.dtype)
        found[known] = values[place[known]]
    state.data["components"][name] = after.data["components"][name]
    if after.data["components"][name]["masked"]:
        present = after.arrays[f"component/{name}/"]
        state.arrays[f"component/{name}/"] = mask = np.zeros(now.size, np.bool_)
        mask[known] = present[place[known]]


def _parameters(parent: Simulation, before: State, child: Simulation, after: State, now: State) -> list[Any]:
    """Return the parameters of the systems of a child: those that its scenario changes, else as they are now."""
    names = parent.dispatcher.plan.names
    first, current = (dict(zip(names, state.data["systems"], strict=True)) for state in (before, now))
    return [
        current[name] if first.get(name) == own else own
        for name, own in zip(child.dispatcher.plan.names, after.data["systems"], strict=True)
    ]


def _copy(run: RecordedRun, new: Path, scenario: Scenario, tick: int) -> None:
    """Copy what a run has recorded, under another scenario."""
    try:
        if new.exists() and (not new.is_dir() or any(new.iterdir())):
            raise RunFolderError(new, "is not empty; name another folder, or delete this one")
        if new.resolve().is_relative_to(run.path.resolve()):
            raise RunFolderError(new, f"lies in {run.path}; name a folder outside")
        shutil.copytree(run.path, new, ignore=shutil.ignore_patterns(CHECKPOINTS, FORK), dirs_exist_ok=True)
        manifest = read_manifest(new)
        manifest.parent = {"folder": str(run.path.absolute()), "tick": tick, "scenario": manifest.scenario_sha256}
        manifest.scenario, manifest.seed, manifest.files = scenario.as_data(), scenario.seed, files_of(scenario)
        manifest.scenario_sha256 = hash_of(manifest.scenario)
        write_scenario(new, scenario)
        write_manifest(new, manifest)
    except OSError as error:
        raise RunFolderError(new, f"cannot be written: {error.strerror or error}") from None
