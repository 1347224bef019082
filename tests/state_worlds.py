"""Worlds of every kind that can be stopped and resumed, and all that must be the same afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import naive_learning
import numpy as np
from capacity_worlds import simulated as capacity_network
from capacity_worlds import wild
from language_texts import EVERY_KEY, made
from learning_worlds import Learning
from model_worlds import Description
from model_worlds import simulated as all_models

from runen_ecs.engine import World
from runen_ecs.engine.state import State, restore_world, world_state
from runen_ecs.network import CapacityNetwork, Fired
from runen_ecs.recording import EventRecord, TraceRecord, ValueRecord, WeightRecord
from runen_ecs.scenarios import Simulation, build, load

Run = Callable[..., object]


@dataclass
class Case:
    """A world that was built by a plan, and how it is run; beside the world a simulation has its events to do."""

    world: World
    run: Run
    simulation: Simulation | None = None
    network: CapacityNetwork | None = None

    def stop(self) -> tuple[State, dict[str, Any]]:
        """Return its state, and what a world does not know."""
        about: dict[str, Any] = {}
        if self.simulation is not None:
            about["events_done"] = self.simulation.events_done
        if self.network is not None:
            about["ids"] = {self.network.entity(name): name for name in self.network.neurons}
        return world_state(self.world), about

    def resume(self, state: State, about: dict[str, Any]) -> None:
        """Go on from there."""
        restore_world(self.world, state)
        if self.simulation is not None:
            self.simulation.events_done = about["events_done"]
        if self.network is not None:
            self.network.name(about["ids"])


def of_simulation(simulation: Simulation) -> Case:
    """The case of a scenario; a network that has come to rest is left there, as a run of one piece leaves it."""

    def run(ticks: int, stepped: bool = False) -> None:
        if not simulation.at_rest:
            simulation.run(ticks, stepped=stepped)

    return Case(simulation.world, run, simulation, simulation.network)


def shipped_case(name: str, *overrides: str) -> Case:
    """A shipped scenario, smaller."""
    return of_simulation(build(load(name, list(overrides))))


def models() -> Case:
    """Neurons of all models, sources too, with noise and a current."""
    random = np.random.default_rng(3)
    ends = random.integers(0, 9, (40, 2)).tolist()
    synapses = [(a, b, int(random.integers(1, 20)), float(random.uniform(-20, 30))) for a, b in ends]
    order = [0, 0, 1, 1, 2, 2, 3, 4, 5]
    described = Description(5, 0.5, 2, order, noisy=[0, 4], train=[3, 40, 41], synapses=synapses)
    described.waveform, described.injected = [(1.0, 5.0), (30.0, 20.0), (60.0, 0.0)], [1, 5, 8]
    world, dispatcher = all_models(described)
    return Case(world, dispatcher.run)


def learning() -> Case:
    """Synapses that learn by two rules, one with traces of all spikes, and some that do not learn."""
    rules = [
        naive_learning.Rule("hyperbolic", number=0),
        naive_learning.Rule(all_to_all=True, bounds=(0.0, 2.0, True), number=1),
    ]
    random = np.random.default_rng(4)
    spikes = [(int(tick), int(neuron)) for tick, neuron in random.integers(1, [200, 6], (300, 2))]
    synapses = [
        (int(a), int(b), float(random.random()), int(rule)) for a, b, rule in random.integers(0, [6, 6, 3], (30, 3))
    ]
    made = Learning(rules, spikes, [(a, b, weight, rule if rule < 2 else -1) for a, b, weight, rule in synapses], 6)
    return Case(made.world, made.dispatcher.run)


def capacity() -> Case:
    """A wild capacity network with stimuli, ports, delays and records of all signals."""
    network, dispatcher = capacity_network(wild(11), record=True)
    return Case(network.world, dispatcher.run, network=network)


def events(folder: Path) -> Case:
    """A scenario with every key of the language, and so every kind of event."""
    return of_simulation(made(EVERY_KEY, folder))


SMALL = ("columns.count=1", "duration=1 s", 'record.weights="30 ms"')
CASES: dict[str, Callable[[Path], Case]] = {
    "models": lambda folder: models(),
    "learning": lambda folder: learning(),
    "capacity": lambda folder: capacity(),
    "events": events,
    "columnar": lambda folder: shipped_case("columnar", *SMALL),
    "columnar-capacity": lambda folder: shipped_case("columnar-capacity", *SMALL),
    "columnar-classic": lambda folder: shipped_case("columnar-classic", *SMALL),
    "mixed": lambda folder: shipped_case("mixed"),
    "half-adder": lambda folder: shipped_case("half-adder"),
    "neuromodulator": lambda folder: shipped_case("neuromodulator"),
}
"""What is there to be stopped and resumed, by name."""


def through_json(state: State) -> State:
    """What a file would make of a state."""
    return State({name: array.copy() for name, array in state.arrays.items()}, json.loads(json.dumps(state.data)))


def bits(world: World) -> dict[str, object]:
    """Every array, mask, index, number and resource of a world; of the records, how much there was so far."""
    found: dict[str, object] = {"next": world_state(world).data["next"], "tick": world.tick, "last": world.index.last}
    for table in world._tables:
        found[f"{table.group} rows"] = table.first_entity.tobytes(), len(table), table.n_created
        for component, storage in table.storages.items():
            mask = None if storage.mask is None else storage.mask.tobytes()
            found[component.__name__] = mask, {name: flat(array) for name, array in storage.array.items()}
    found["living"] = np.flatnonzero(world.index.row >= 0).tobytes(), world.index.row[world.index.row >= 0].tobytes()
    for kind, resource in world._resources.items():
        held = vars(resource) if not isinstance(resource, Fired) else resource.state()
        if isinstance(resource, EventRecord | TraceRecord | WeightRecord | ValueRecord):
            held = resource.state()
        private = ("_made_from", "_index", "requested", "answered")
        found[f"{kind.__name__}:"] = {name: flat(value) for name, value in held.items() if name not in private}
    return found


def flat(value: object) -> object:
    """Arrays as type, shape and bytes, so that NaN and -0.0 count."""
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    return [flat(each) for each in value] if isinstance(value, list) else value


def recorded(world: World, after: int) -> dict[str, object]:
    """All that was recorded in ticks after one."""
    found: dict[str, object] = {}
    for kind, record in world._resources.items():
        if isinstance(record, EventRecord):
            told = record.events()
            late = told["tick"] > after
            found[kind.__name__] = {name: flat(array[late]) for name, array in told.items()}
        elif isinstance(record, TraceRecord):
            n = world.tick - after
            found[kind.__name__] = flat(record.trace()[-n:] if n else record.trace()[:0])
        elif isinstance(record, WeightRecord):
            kept = [i for i, tick in enumerate(record.tick) if tick > after]
            found[kind.__name__] = [(record.tick[i], flat(record.dendrite[i]), flat(record.weight[i])) for i in kept]
        elif isinstance(record, ValueRecord):
            pairs = [series.series() for series in record.series]
            found[kind.__name__] = [(flat(tick[tick > after]), flat(value[tick > after])) for tick, value in pairs]
    return found
