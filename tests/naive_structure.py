"""The specification of changes of structure: entities and components in plain dicts."""

from __future__ import annotations

from typing import Any

import esper
from hypothesis import strategies as st

from runen_ecs.components import (
    Delay,
    Membrane,
    Recovery,
    Source,
    SynapticInput,
    Target,
    Weight,
)
from runen_ecs.engine import (
    Component,
)

NEURAL = (Membrane, Recovery, SynapticInput)


SYNAPTIC = (Source, Delay)


DENDRITIC = (Target, Weight)


DEFAULT: dict[type[Component], dict[str, Any]] = {
    Membrane: {"v": -65.0},
    Recovery: {"u": -13.0},
    SynapticInput: {"current": 0.0},
    Source: {"neuron": 0, "order": 0},
    Delay: {"ticks": 1},
    Target: {"neuron": 0},
    Weight: {"value": 1.0},
}


class Naive:
    """What a world should hold, the plainest way: a dict of dicts of dicts, and lists of entities by row.

    Synapse and dendrite of a pair are ``s`` and ``s + 1``; `pairs` lists the synapses.
    """

    def __init__(self) -> None:
        self.neurons: list[int] = []
        self.pairs: list[int] = []
        self.created: dict[str, list[int]] = {"neuron": [], "pair": []}
        self.has: dict[int, dict[type[Component], dict[str, Any]]] = {}
        self.label: dict[int, str] = {}
        self.doomed: set[int] = set()
        self.pending: dict[tuple[int, int], float] = {}
        self.dropped = 0
        self.last_order = 0

    def create_neuron(self, entity: int, components: dict[type[Component], dict[str, Any]]) -> None:
        self.neurons.append(entity)
        self.created["neuron"].append(entity)
        self.has[entity] = components

    def create_pair(self, synapse: int, components: dict[type[Component], dict[str, Any]]) -> None:
        self.pairs.append(synapse)
        self.created["pair"].append(synapse)
        for entity, types in ((synapse, SYNAPTIC), (synapse + 1, DENDRITIC)):
            self.has[entity] = {c: values for c, values in components.items() if c in types}

    def value(self, entity: int, component: type[Component], name: str) -> Any:
        return (DEFAULT[component] | self.has[entity].get(component, {}))[name]

    def source(self, synapse: int) -> int:
        source: int = self.value(synapse, Source, "neuron")
        return source

    def target(self, synapse: int) -> int:
        target: int = self.value(synapse + 1, Target, "neuron")
        return target

    def going(self) -> set[int]:
        """All that goes with the next `maintain`: the deleted, and what cannot be without them."""
        pairs = {s for s in self.pairs if {s, s + 1, self.target(s)} & self.doomed}
        return self.doomed | pairs | {s + 1 for s in pairs}

    def maintain(self) -> None:
        """Bury the dead with all that cannot be without them, then sort the synapses by source."""
        going, lost = self.going(), self.doomed & set(self.neurons)
        self.neurons = [n for n in self.neurons if n not in going]
        self.pairs = [s for s in self.pairs if s not in going]
        for entity in going:
            self.has.pop(entity, None)
            self.label.pop(entity, None)
        for synapse in self.pairs:
            if self.source(synapse) in lost:
                self.has[synapse][Source]["neuron"] = 0
        for tick, neuron in list(self.pending):
            if neuron in lost:
                del self.pending[tick, neuron]
                self.dropped += 1
        self.doomed.clear()
        place = {0: len(self.neurons), **{neuron: row for row, neuron in enumerate(self.neurons)}}
        self.pairs.sort(key=lambda s: (place[self.source(s)], self.value(s, Source, "order"), s))

    def send(self, tick: int, neuron: int) -> None:
        for synapse in self.pairs:
            if self.source(synapse) == neuron:
                place = tick + self.value(synapse, Delay, "ticks"), self.target(synapse)
                self.pending[place] = self.pending.get(place, 0.0) + self.value(synapse + 1, Weight, "value")


whole = st.integers(1, 4).map(float)  # sums of whole numbers are exact in any order


WAYS_TO_DELETE = {
    "esper": lambda world, entity: esper.delete_entity(entity),
    "esper, immediately": lambda world, entity: esper.delete_entity(entity, immediate=True),
    "world": lambda world, entity: world.delete_entity(entity),
    "lazy": lambda world, entity: world.lazy.delete_entity(entity),
}


WAYS_TO_REMOVE = {
    "esper": lambda world, entity, component: esper.remove_component(entity, component),
    "world": lambda world, entity, component: world.remove(entity, component),
    "lazy": lambda world, entity, component: world.lazy.remove(entity, component),
}
