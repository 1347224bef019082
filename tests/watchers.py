"""Small columnar worlds, and processors that watch them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import esper
import numpy as np
import pytest
from small_nets import Doing, Label  # noqa: F401 - for those who import from here

from runen_ecs.components import (
    DENDRITE,
    NEURON,
    SYNAPSE,
    ActionPotential,
    ColumnCoordinates,
    Delay,
    Izhikevich,
    LastSpike,
    Membrane,
    Recovery,
    Source,
    SynapticInput,
    Target,
    Weight,
)
from runen_ecs.engine import World
from runen_ecs.network import DelayLine, Fired, Topology, connect
from runen_ecs.recording import SpikeRecord
from runen_ecs.scenarios import Simulation, build, load

NEURAL = (ColumnCoordinates, Membrane, Recovery, Izhikevich, SynapticInput, ActionPotential, LastSpike)


SYNAPTIC = (Source, Delay)


DENDRITIC = (Target, Weight)


COMPONENTS = (*NEURAL, *SYNAPTIC, *DENDRITIC)


HOW_TO_CREATE = (
    "Weight: lives in an array, so the world creates it: world.create_entity(…), connect(world, …) or "
    "world.insert(entity, Weight(…)), through world.lazy inside a tick"
)


def column(*settings: str) -> Simulation:
    return build(load("columnar", ["columns.count=1", *settings]))


@pytest.fixture
def simulation() -> Simulation:
    return column()


@pytest.fixture
def world(simulation: Simulation) -> World:
    return simulation.world


@pytest.fixture(autouse=True)
def _default_context():
    """Leave esper in its default context, and see that the project does."""
    yield
    left = esper.current_world
    esper.switch_world("default")
    assert left == "default"


def small_world() -> World:
    """Three neurons in a ring, and a synapse of the first onto itself."""
    world = World()
    neuron = world.create_entities(3, Membrane.batch(v=[-61.0, -62.0, -63.0]), SynapticInput.batch())
    connect(world, neuron[[0, 1, 2, 0]], neuron[[1, 2, 0, 0]], weight=[1.0, 2.0, 3.0, 4.0])
    world.resource(Topology)
    world.maintain()
    return world


def seen_by_esper(world: World) -> dict[str, Any]:
    """All entities and all values of all components, by esper's functions alone."""
    with world.active():
        seen: dict[str, Any] = {
            component.__name__: sorted(
                (entity, *(getattr(view, name) for name in component.fields))
                for entity, view in esper.get_component(component)
            )
            for component in COMPONENTS
        }
        return {**seen, "entities": sorted(esper.get_entities())}


def state(world: World) -> dict[str, Any]:
    """Everything that a world holds: rows, arrays, masks, indexes, signals on their way, and what esper sees."""
    topology, delay_line, fired = world.resource(Topology), world.resource(DelayLine), world.resource(Fired)
    held: dict[str, Any] = {"tick": world.tick, "seen": seen_by_esper(world)}
    for kind in (NEURON, SYNAPSE, DENDRITE):
        entity = world.entities(kind)
        held[kind.name] = entity.tolist()
        held[f"{kind.name} rows"] = world.index.row[entity].tolist()
        held[f"{kind.name} numbers"] = world.table(kind).creation_number(entity).tolist()
    held["living"] = np.flatnonzero(world.index.row >= 0).tolist()
    for component in COMPONENTS:
        storage = world.storage(component)
        held[component.__name__] = {name: array.tolist() for name, array in storage.array.items()}
        held[f"{component.__name__} held"] = len(storage), [storage.has(row) for row in range(len(storage.table))]
    for name in ("axon_first", "dendrite_first", "dendrite_row", "dendrite_source"):
        held[name] = getattr(topology, name).tolist()
    held["on their way"] = delay_line.pending.tolist(), delay_line.dropped
    held["fired"] = fired.row[: fired.count[0]].tolist()
    return held


def excite(world: World) -> None:
    """Put every neuron over its threshold, so that it fires in the next integration."""
    world.storage(Membrane).arrays.v[:] = 40.0


def spikes_by_tick(world: World) -> dict[int, int]:
    tick, _ = world.resource(SpikeRecord).events().values()
    return dict(Counter(tick.tolist()))


class Stimulation(esper.Processor):
    """Puts every neuron over its threshold, once."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def process(self) -> None:
        if not self.seen:
            for neuron, (membrane, recovery) in esper.get_components(Membrane, Recovery):
                membrane.v, recovery.u = 40.0, 0.0
                self.seen.append(neuron)


def _delete_with_esper(world: World, entity: int) -> None:
    esper.delete_entity(entity)


def _delete_with_esper_at_once(world: World, entity: int) -> None:
    esper.delete_entity(entity, immediate=True)


def _delete_with_the_world(world: World, entity: int) -> None:
    world.delete_entity(entity)


def _delete_lazily(world: World, entity: int) -> None:
    world.lazy.delete_entity(entity)


WAYS = [_delete_with_esper, _delete_with_esper_at_once, _delete_with_the_world, _delete_lazily]


ways = pytest.mark.parametrize("delete", WAYS, ids=lambda way: way.__name__.strip("_"))


kinds = pytest.mark.parametrize("kind", [NEURON, SYNAPSE, DENDRITE], ids=lambda kind: kind.name)
