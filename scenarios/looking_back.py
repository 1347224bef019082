"""The world of a recorded run at any tick: the nearest checkpoint before it, and from there the same bits again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.checkpoints import read_checkpoint
from runen_ecs.components import (
    DENDRITE,
    INPUT_PORT,
    NEURON,
    OUTPUT_PORT,
    SYNAPSE,
    InputPort,
    OutputPort,
    Source,
    Target,
)
from runen_ecs.engine import Component, Entity, Kind, World
from runen_ecs.engine.state import restore_world, world_state
from runen_ecs.errors import EntityError, FileError, SelectionError, choices
from runen_ecs.network import Populations, Selection, dendrite_of
from runen_ecs.run_folder import Recording

from .building import Simulation, build
from .faults import UsageError
from .lasting import SCENARIO
from .loading import load

__all__ = ["components_of", "entities_of", "first_difference", "neighbours_of", "number_of", "simulation_at"]

KINDS: dict[str, Kind] = {"neuron": NEURON, "synapse": SYNAPSE, "input-port": INPUT_PORT, "output-port": OUTPUT_PORT}
PIECE = 512


def simulation_at(path: Path, tick: int) -> Simulation:
    """Return the simulation of a recorded run as it was at the end of a tick; it can be run on.

    Parameters
    ----------
    path : Path
        The folder.
    tick : int
        0: before the first.

    Raises
    ------
    UsageError
        If the run does not reach that tick.
    FileError
        If the folder holds no run.
    """
    recording = Recording(path)
    if not 0 <= tick <= recording.tick:
        end = recording.tick * recording.dt_ms / 1000
        raise UsageError(f"{path}: the run was recorded from 0 to {end:g} s")
    simulation = build(load(str(path / SCENARIO)))
    for earlier, file in sorted(recording.checkpoints.items(), reverse=True):
        if 0 < earlier <= tick:
            try:
                state, about = read_checkpoint(file)
            except FileError:
                continue  # an earlier one, or the beginning, leads to the same bits
            restore_world(simulation.world, state)
            simulation.events_done = int(about["events_done"])
            break
    simulation.run(tick - simulation.world.tick)
    return simulation


def entities_of(world: World, text: str) -> list[Entity]:
    """Return the entities that a text names: ``neuron:1234``, ``synapse:17``, ``input-port:0``, or a selection.

    Neurons and synapses are counted from 0 in the order of their creation, ports go by their numbers.

    Raises
    ------
    SelectionError
        If there is none.
    """
    match = re.fullmatch(r"([a-z-]+):(\d{1,10})", text)
    if match is None:
        return [int(entity) for entity in world.resource(Populations).select(world, Selection.parse(text))]
    name, number = match[1], int(match[2])
    if name not in KINDS:
        raise SelectionError(text, f"no kind of entity is called {name!r}; {choices(name, KINDS)}, or a selection")
    living = world.entities(KINDS[name])
    if name.endswith("port"):
        component: type[InputPort | OutputPort] = InputPort if name == "input-port" else OutputPort
        numbers = np.array([world.component(entity, component).number for entity in living.tolist()])
    else:
        numbers = world.table(KINDS[name]).creation_number(living)
    found = living[numbers == number] if living.size else living
    if not found.size:
        n = world.table(KINDS[name]).n_created
        raise SelectionError(text, f"there is no such {name} now; {n:,} were ever created, counted from 0")
    return [int(found[0])]


def components_of(world: World, entity: Entity) -> dict[str, dict[str, Any]]:
    """Return the components of an entity with their fields; of a synapse those of its dendrite, too.

    Raises
    ------
    EntityError
        If it does not exist.
    """
    found: dict[str, dict[str, Any]] = {}
    table, kind = world.index.find(entity)
    if table is None or not world.index.alive(entity):
        raise EntityError(entity, "does not exist")
    for one in (entity, dendrite_of(entity)) if kind == SYNAPSE.name else (entity,):
        kind = world.index.find(one)[1]
        for component, storage in table.storages.items():
            if component.kind.name == kind and storage.has(int(world.index.row[one])):
                view = world.component(one, component)
                found[component.__name__] = {name: getattr(view, name) for name in component.fields}
    return found


def number_of(world: World, entity: Entity) -> int:
    """Return the number of an entity among those of its kind, by order of creation from 0; -1: there is none."""
    table, _ = world.index.find(entity)
    return int(table.creation_number(np.array([entity]))[0]) if table is not None else -1


def neighbours_of(world: World, neuron: Entity) -> tuple[list[int], list[int]]:
    """Return the synapses that feed a neuron, and those that it feeds, by their numbers."""
    row = world.index.row[neuron]
    number = world.table(SYNAPSE).creation_number(world.entities(SYNAPSE))
    fed = number[world.storage(Target).array["neuron"] == row].tolist()
    feeds = number[world.storage(Source).array["neuron"] == row].tolist()
    return fed, feeds


def first_difference(first: Path, second: Path) -> dict[str, Any] | None:
    """Return where two recorded runs first differ; None if they do not, as long as both last.

    Returns
    -------
    dict
        ``tick``; ``component``, ``field`` and ``entity`` as ``neuron:40``; ``values``, what each has. A difference of
        structure, or of what no entity has, is told under ``what``.

    Raises
    ------
    FileError
        If one holds no run.
    """
    last = min(Recording(first).tick, Recording(second).tick)
    one, two = simulation_at(first, 0), simulation_at(second, 0)
    if (found := _differ(one.world, two.world)) is not None:
        return {"tick": 0, **found}
    for start in range(0, last, PIECE):
        before = [world_state(simulation.world) for simulation in (one, two)]
        done = [simulation.events_done for simulation in (one, two)]
        ticks = min(PIECE, last - start)
        one.run(ticks)
        two.run(ticks)
        if _differ(one.world, two.world) is None:
            continue
        for simulation, state, events in zip((one, two), before, done, strict=True):
            restore_world(simulation.world, state)
            simulation.events_done = events
        for tick in range(start + 1, start + ticks + 1):
            one.run(1)
            two.run(1)
            if (found := _differ(one.world, two.world)) is not None:
                return {"tick": tick, **found}
    return None


def _differ(one: World, two: World) -> dict[str, Any] | None:
    """Return what differs first between two worlds: structure, then components, then resources."""
    first, second = world_state(one), world_state(two)
    for name in sorted(first.arrays.keys() | second.arrays.keys(), key=_rank):
        a, b = first.arrays.get(name), second.arrays.get(name)
        if a is None or b is None or a.shape != b.shape or a.dtype != b.dtype:
            sizes = [part.shape if part is not None else "none" for part in (a, b)]
            return {"what": name, "values": [str(size) for size in sizes]}
        if a.tobytes() != b.tobytes():
            return _place(one, name, a, b)
    return None


def _rank(name: str) -> tuple[int, str]:
    order = ("table", "component", "resource")
    return next((n for n, start in enumerate(order) if name.startswith(start)), len(order)), name


def _place(world: World, name: str, a: NDArray[Any], b: NDArray[Any]) -> dict[str, Any]:
    """Say which entity has which values, if the array is the field of a component."""
    where = next(place for place in range(a.size) if a.flat[place].tobytes() != b.flat[place].tobytes())
    values = [part.ravel()[where].item() for part in (a, b)]
    kind, _, rest = name.partition("/")
    component, _, field = rest.partition("/")
    declared = {c.__name__: c for table in world._tables for c in table.storages}
    if kind != "component" or component not in declared:
        return {"what": name, "values": values}
    own: type[Component] = declared[component]
    entity = int(world.entities(own.kind)[where])
    shown = f"{'synapse' if own.kind in (SYNAPSE, DENDRITE) else own.kind.name}:{number_of(world, entity)}"
    return {"component": component, "field": field, "entity": shown, "values": values}
