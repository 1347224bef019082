"""Whoever looks changes nothing: with each kind of observer, on or off, a run has the same hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import esper
import pytest
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.components import DENDRITE, NEURON, SYNAPSE, Membrane, Source, Weight
from runen_ecs.engine import DispatcherBuilder
from runen_ecs.engine.state import world_state
from runen_ecs.network import CapacityNetwork
from runen_ecs.run_folder import RunFolder
from runen_ecs.scenarios import NetworkSimulation, Simulation, build, load
from runen_ecs.scenarios.lasting import begin
from runen_ecs.scenarios.looking_back import components_of, neighbours_of
from runen_ecs.scenarios.looking_back.provenance import Provenance
from runen_ecs.systems import StatusMonitoring

KEYS: dict[str, dict[str, Any]] = {"columnar": {"columns.count": 1}, "mixed": {}}
TICKS = 120
Observe = Callable[[Simulation, Path], object]


def hash_of(simulation: Simulation | NetworkSimulation) -> str:
    """Return a hash of all components, of what is on its way, and of the entities."""
    digest = hashlib.sha256()
    for name, array in sorted(world_state(simulation.world).arrays.items()):
        if name.startswith(("component/", "table/", "blocks", "resource/DelayLine", "resource/SignalQueue")):
            digest.update(name.encode() + array.tobytes())
    return digest.hexdigest()


def plainly(simulation: Simulation, path: Path) -> None:
    """Run, and look at nothing."""
    simulation.run(TICKS)


def into_a_folder(simulation: Simulation, path: Path) -> None:
    """Record to disk."""
    with RunFolder.create(path, simulation) as folder:
        for _ in range(6):
            simulation.run(TICKS // 6)
            folder.update()


def with_states_stored(simulation: Simulation, path: Path) -> None:
    """Store the state again and again, and store nothing of it."""
    for _ in range(TICKS // 8):
        simulation.run(8)
        world_state(simulation.world)


def with_views(simulation: Simulation, path: Path) -> None:
    """Make row views of everything, and read them between ticks."""
    simulation.world.materialise(*[c for table in simulation.world._tables for c in table.storages])
    for _ in range(4):
        simulation.run(TICKS // 4)
        with simulation.world.active():
            assert sum(weight.value for _, weight in esper.get_component(Weight))


class Reader(esper.Processor):
    """Somebody's own processor, which looks at all there is."""

    def process(self) -> None:
        """Read."""
        self.seen = [view.v for _, view in esper.get_component(Membrane)]
        self.sources = [view.neuron for _, view in esper.get_component(Source)][:9]


def with_a_processor(simulation: Simulation, path: Path) -> None:
    """Run beside a processor of esper."""
    with simulation.world.active():
        esper.add_processor(Reader(), 150)
    simulation.run(TICKS)


def with_a_watch(simulation: Simulation, path: Path) -> None:
    """Let the progress be told, in calls of one tick."""
    for _ in range(TICKS):
        simulation.run(1, watch=lambda tick: False)


def with_provenance(simulation: Simulation, path: Path) -> None:
    """Watch what reaches the first and the last neuron."""
    first, last = (int(simulation.neurons[place]) for place in (0, -1))
    with Provenance(simulation.dispatcher, first).watches(), Provenance(simulation.dispatcher, last).watches():
        simulation.run(TICKS)


def with_inspection(simulation: Simulation, path: Path) -> None:
    """Look at the components and connections of many entities between ticks."""
    world = simulation.world
    for _ in range(6):
        simulation.run(TICKS // 6)
        for kind in (NEURON, SYNAPSE, DENDRITE):
            for entity in world.entities(kind)[:: max(1, len(world.entities(kind)) // 20)].tolist():
                components_of(world, entity)
        neighbours_of(world, int(world.entities(NEURON)[5]))


OBSERVERS: dict[str, Observe] = {
    "folder": into_a_folder,
    "states": with_states_stored,
    "views": with_views,
    "processor": with_a_processor,
    "watch": with_a_watch,
    "provenance": with_provenance,
    "inspection": with_inspection,
}


@pytest.fixture(scope="module")
def expected() -> dict[str, str]:
    """The hashes of runs that nobody looks at."""
    found = {}
    for name, keys in KEYS.items():
        simulation = build(load(name, keys))
        plainly(simulation, Path())
        found[name] = hash_of(simulation)
    return found


@pytest.mark.parametrize("observer", OBSERVERS)
@pytest.mark.parametrize("name", KEYS)
def test_an_observer_changes_nothing(name: str, observer: str, expected: dict[str, str], tmp_path: Path) -> None:
    """With an observer the state at the end is that without."""
    simulation = build(load(name, KEYS[name]))
    OBSERVERS[observer](simulation, tmp_path / "run")

    assert TICKS == simulation.world.tick
    assert expected[name] == hash_of(simulation)


RECORDS = {
    "traces": "record.traces=[0, 5]",
    "weights": 'record.weights="7 ms"',
    "values": 'record.values=[{field="Membrane.v", of="columns", every="3 ms"}]',
    "signals": "record.signals=false",
}


@pytest.mark.parametrize("record", RECORDS)
def test_a_recorder_changes_nothing(record: str, expected: dict[str, str]) -> None:
    """More and fewer recorders leave the same state."""
    name = "mixed" if record == "signals" else "columnar"
    simulation = build(load(name, [*(f"{key}={value}" for key, value in KEYS[name].items()), RECORDS[record]]))
    simulation.run(TICKS)

    assert expected[name] == hash_of(simulation)


def test_a_monitor_changes_nothing() -> None:
    """Whoever is told all that changes in a capacity network gets the network that would be without."""
    scenario, told = load("half-adder"), list[object]()
    assert scenario.network is not None

    def monitor(builder: DispatcherBuilder, network: CapacityNetwork) -> None:
        monitoring = StatusMonitoring(network, lambda tick, status: told.append(status))
        builder.add(monitoring, "monitor", after=builder.names)

    hashes = []
    for extend in (None, monitor):
        simulation = NetworkSimulation(scenario.network.description, extend=extend)
        for port, size in ((0, 1), (1, 1), (1, 0), (0, 3)):
            simulation.stimulate(port, size)
        hashes.append(hash_of(simulation))

    assert told
    assert hashes[0] == hashes[1]


def test_looking_back_changes_no_folder(tmp_path: Path, runen: Runen) -> None:
    """Inspecting, asking why, comparing and branching leave every byte of a run folder as it was."""
    path = tmp_path / "run"
    run = begin(load("columnar", {"columns.count": 1, "duration": "200 ms"}), path, every=50)
    run.run(200)
    run.finish()
    before = {file: file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}
    for command in (
        ("inspect", "run", "--entity", "neuron:3", "--at", "70ms"),
        ("inspect", "run"),
        ("why", "run", "--neuron", "3", "--at", "70ms", "--depth", "2"),
        ("diff", "run", "run"),
        ("branch", "run", "--at", "70ms", "--no-plots", "--quiet"),
        ("export", "run", "run.npz"),
    ):
        assert 0 == runen(*command, stdin="step 3\nnext neuron:40\nwhy neuron:40").code

    assert before == {file: file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}
