"""Entities of a world by what people call them, and what they hold."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

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
from runen_ecs.engine import Component, Entity, Kind, Reference, World
from runen_ecs.errors import EntityError, SelectionError, choices
from runen_ecs.network import Populations, Selection, dendrite_of

__all__ = ["components_of", "entities_of", "feeder_of", "name_of", "neighbours_of", "number_of"]

KINDS: dict[str, Kind] = {"neuron": NEURON, "synapse": SYNAPSE, "input-port": INPUT_PORT, "output-port": OUTPUT_PORT}


def entities_of(world: World, text: str) -> list[Entity]:
    """Return the entities that a text names: ``neuron:1234``, ``synapse:17``, ``input-port:0``, or a selection.

    Neurons and synapses are counted from 0 in the order of their creation, ports go by their numbers.

    Raises
    ------
    SelectionError
        If there is none.
    """
    match = re.fullmatch(r"([a-z-]+):(\d{1,18})", text)
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
        removed = number < n and not name.endswith("port")
        none = f"there is no such {name} now; {n:,} were ever created, counted from 0"
        raise SelectionError(text, "was removed before" if removed else none)
    return [int(found[0])]


def components_of(world: World, entity: Entity) -> dict[type[Component], dict[str, Any]]:
    """Return the components of an entity with their fields; of a synapse those of its dendrite, too.

    A reference is the name of the other entity, see `name_of`.

    Raises
    ------
    EntityError
        If it does not exist.
    """
    found: dict[type[Component], dict[str, Any]] = {}
    table, kind = world.index.find(entity)
    if table is None or not world.index.alive(entity):
        raise EntityError(entity, "does not exist")
    for one in (entity, dendrite_of(entity)) if kind == SYNAPSE.name else (entity,):
        kind = world.index.find(one)[1]
        for component, storage in table.storages.items():
            if component.kind.name == kind and storage.has(int(world.index.row[one])):
                view = world.component(one, component)
                values = {name: getattr(view, name) for name in component.fields}
                names = {name for name, field in component.fields.items() if isinstance(field, Reference)}
                found[component] = {
                    name: name_of(world, value) if name in names else value for name, value in values.items()
                }
    return found


def name_of(world: World, entity: Entity) -> str:
    """Return what people call an entity: ``neuron:40``, a dendrite by its synapse; "nobody" if there is none."""
    table, kind = world.index.find(entity)
    if table is None or not world.index.alive(entity):
        return "nobody"
    if kind in (INPUT_PORT.name, OUTPUT_PORT.name):
        port: type[InputPort | OutputPort] = InputPort if kind == INPUT_PORT.name else OutputPort
        return f"{kind.replace(' ', '-')}:{world.component(entity, port).number}"
    return f"{'synapse' if kind == DENDRITE.name else kind}:{number_of(world, entity)}"


def feeder_of(world: World, synapse: Entity) -> str:
    """Return who feeds a synapse: ``neuron:40``, ``input-port:0``; "nobody" if it is free."""
    ports = world.storage(InputPort).array if world.has_storage(InputPort) else None
    if ports is not None and (bound := ports["synapse"] == world.index.row[synapse]).any():
        return f"input-port:{ports['number'][bound][0]}"
    return name_of(world, world.component(synapse, Source).neuron)


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
