"""Entities of a world by what people call them, and what they hold."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from runen_ecs.components import (
    INPUT_PORT,
    NEURON,
    OUTPUT_PORT,
    SYNAPSE,
    InputPort,
    OutputPort,
    Source,
    Target,
)
from runen_ecs.engine import Entity, Kind, World
from runen_ecs.errors import EntityError, SelectionError, choices
from runen_ecs.network import Populations, Selection, dendrite_of

__all__ = ["components_of", "entities_of", "neighbours_of", "number_of"]

KINDS: dict[str, Kind] = {"neuron": NEURON, "synapse": SYNAPSE, "input-port": INPUT_PORT, "output-port": OUTPUT_PORT}


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
