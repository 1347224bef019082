"""From a scenario to a world and its dispatcher."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runen_ecs import __version__
from runen_ecs.components import (
    DENDRITE,
    NEURON,
    ColumnCoordinates,
    Delay,
    Izhikevich,
    Source,
    Target,
    Weight,
)
from runen_ecs.engine.component import Entity
from runen_ecs.engine.dispatcher import Dispatcher, DispatcherBuilder, Watch
from runen_ecs.engine.world import World
from runen_ecs.files import RunData
from runen_ecs.recording import SpikeRecord, TraceRecord, WeightRecord
from runen_ecs.systems import (
    ColumnarLayout,
    DivergenceWatch,
    Firing,
    IzhikevichIntegration,
    SignalArrival,
    SignalPropagation,
    SpikeRecording,
    StdpLearning,
    ThalamicInput,
    TraceRecording,
    WeightRecording,
)
from runen_ecs.systems.columnar_layout import Columns

from .faults import Fault, ScenarioError
from .schema import Scenario

__all__ = ["Simulation", "build"]

BYTES_PER_SYNAPSE = 110  # at the peak of building; measured by `make bench`
BYTES_PER_NEURON = 400


@dataclass
class Simulation:
    """A scenario in a world.

    Attributes
    ----------
    scenario : Scenario
    world : World
    dispatcher : Dispatcher
    dendrite_initial : (n_synapses,) int32
        The dendrites before the first tick.
    weight_initial : (n_synapses,) float64
        Their weights [mV].
    """

    scenario: Scenario
    world: World
    dispatcher: Dispatcher
    dendrite_initial: NDArray[np.int32]
    weight_initial: NDArray[np.float64]

    def run(self, ticks: int, *, stepped: bool = False, watch: Watch | None = None) -> int:
        """Run ticks; see `Dispatcher.run`."""
        return self.dispatcher.run(ticks, stepped=stepped, watch=watch)

    @property
    def n_spikes(self) -> int:
        """How many spikes there were so far."""
        record = self.world.resource(SpikeRecord)
        return record.total + int(record.count[0])

    @property
    def neurons(self) -> NDArray[np.int32]:
        """Entities of the neurons, by order of creation."""
        return self.world.entities(NEURON)

    def data(self) -> RunData:
        """Return what the run has left so far."""
        world, table, dt = self.world, self.world.table(NEURON), self.world.clock.dt
        tick, entity = world.resource(SpikeRecord).spikes()
        neuron = table.creation_number(world.entities(NEURON)).astype(np.int32)
        column, layer = np.full((2, table.n_created), -1, np.int32)
        coordinates = world.storage(ColumnCoordinates).arrays
        column[neuron], layer[neuron] = coordinates.column, coordinates.layer
        dendrite, weights = world.entities(DENDRITE), world.resource(WeightRecord)
        snapshots = [_of(dendrite, then, w) for then, w in zip(weights.dendrite, weights.weight, strict=True)]
        traces = world.resource(TraceRecord)
        return RunData(
            spike_tick=tick,
            spike_neuron=table.creation_number(entity).astype(np.int32),
            neuron_column=column,
            neuron_layer=layer,
            layer_names=np.array(list(self.scenario.columns.layers)),
            synapse_source=_numbers(neuron, world.storage(Source).arrays.neuron),
            synapse_target=_numbers(neuron, world.storage(Target).arrays.neuron),
            synapse_delay=world.storage(Delay).arrays.ticks.astype(np.int32),
            weight_initial=_of(dendrite, self.dendrite_initial, self.weight_initial),
            weight=world.storage(Weight).arrays.value.copy(),
            trace_neuron=table.creation_number(traces.entity).astype(np.int32),
            trace_v=traces.trace(),
            weight_tick=np.array(weights.tick, np.int32),
            weight_snapshot=np.array(snapshots, np.float64).reshape(len(snapshots), dendrite.size),
            meta={
                "scenario": self.scenario.model_dump(mode="json", by_alias=True),
                "seed": self.scenario.seed,
                "phases": [
                    {"name": p.name, "from_s": p.start * dt / 1000, "to_s": p.stop * dt / 1000}
                    for p in self.scenario.phases
                ],
                "ticks": world.tick,
                "dt_ms": dt,
                "partial": world.tick < self.scenario.duration,
                "versions": {"runen-ecs": __version__, "numpy": np.__version__},
            },
        )


def _numbers(neuron: NDArray[np.int32], row: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.where(row >= 0, neuron[row], -1).astype(np.int32)


def _of(now: NDArray[np.int32], then: NDArray[np.int32], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights of dendrites of an earlier time for those of now; NaN for those that were not there yet."""
    if np.array_equal(now, then):
        return weight.copy()
    order = np.argsort(then)
    place = order[np.searchsorted(then, now, sorter=order).clip(0, max(then.size - 1, 0))] if then.size else now * 0
    known = then[place] == now if then.size else np.zeros(now.size, np.bool_)
    return np.where(known, weight[place] if then.size else np.nan, np.nan)


def build(scenario: Scenario, extend: Callable[[DispatcherBuilder], object] | None = None) -> Simulation:
    """Make the world of a scenario, with its network, ready for the first tick.

    Parameters
    ----------
    scenario : Scenario
    extend : callable, optional
        Adds systems of one's own to the plan: ``lambda builder: builder.add(Calcium(), "calcium", after="firing")``.

    Raises
    ------
    ScenarioError
        If it is too large for the memory of this machine.
    """
    _check_memory(scenario)
    world = World(scenario.seed)
    builder = plan(scenario)
    if extend is not None:
        extend(builder)
    dispatcher = builder.build(world)
    dispatcher.start()
    if scenario.record.traces:
        world.add_resource(TraceRecord(_entities(world, scenario.record.traces)))
    initial = world.storage(Weight).arrays.value.copy()
    return Simulation(scenario, world, dispatcher, world.entities(DENDRITE), initial)


def _entities(world: World, neurons: list[int]) -> tuple[Entity, ...]:
    return tuple(world.entities(NEURON)[neurons].tolist())


def plan(scenario: Scenario) -> DispatcherBuilder:
    """Return the systems of a scenario and their order."""
    builder = (
        DispatcherBuilder()
        .add_start_up(ColumnarLayout(columns_of(scenario)), "columnar_layout")
        .add(SignalArrival(), "signal_arrival")
    )
    driven = ["signal_arrival"]
    if (noise := scenario.thalamic_input) is not None:
        builder.add(ThalamicInput(noise.low, noise.high), "thalamic_input", after=["signal_arrival"])
        driven = ["thalamic_input"]
    builder.add(IzhikevichIntegration(), "izhikevich_integration", after=driven)
    builder.add(Firing(), "firing", after=["izhikevich_integration"])
    builder.add(SignalPropagation(scenario.synapses.limit), "signal_propagation", after=["firing"])
    if (rule := scenario.stdp) is not None:
        builder.add(StdpLearning(rule.amplitude, rule.horizon), "stdp_learning", after=["signal_propagation"])
    builder.add(SpikeRecording(), "spike_recording", after=["firing"])
    if scenario.record.traces:
        builder.add(TraceRecording(), "trace_recording", after=["izhikevich_integration"])
    builder.add(DivergenceWatch(), "divergence_watch", after=["izhikevich_integration"])
    if (interval := scenario.record.weights) is not None:  # last: so the compiled systems stay in one loop
        learned = ["stdp_learning"] if scenario.stdp is not None else []
        builder.add(WeightRecording(interval), "weight_recording", after=learned)
    return builder


def columns_of(scenario: Scenario) -> Columns:
    """Return the numbers that the columnar layout needs."""
    layers = list(scenario.columns.layers)
    probability = np.zeros((2, len(layers), len(layers)))
    for c in scenario.connections:
        probability[int(c.column == "same"), layers.index(c.source), layers.index(c.target)] = c.probability
    synapses, cell = scenario.synapses, scenario.cell
    return Columns(
        scenario.columns.count,
        scenario.columns.layers,
        probability,
        (synapses.delay.shortest, synapses.delay.longest),
        (synapses.strength.weakest, synapses.strength.strongest),
        synapses.excitatory,
        Izhikevich(a=cell.a, b=cell.b, c=cell.c, d=cell.d),
        cell.v,
    )


def expected_synapses(scenario: Scenario) -> float:
    """Return how many synapses a scenario will have, on average."""
    n, layers = scenario.columns.count, scenario.columns.layers
    pairs = {"same": n, "other": n * (n - 1)}
    return sum(c.probability * layers[c.source] * layers[c.target] * pairs[c.column] for c in scenario.connections)


def _check_memory(scenario: Scenario) -> None:
    n_synapses, n_neurons = expected_synapses(scenario), scenario.n_neurons
    ring = 8 << scenario.synapses.delay.longest.bit_length()
    needs = {
        "columns": n_synapses * BYTES_PER_SYNAPSE + n_neurons * (BYTES_PER_NEURON + ring),
        "duration": 2.0 * 8 * scenario.duration * len(scenario.record.traces),
    }
    if (interval := scenario.record.weights) is not None:
        needs["record.weights"] = 2.0 * 8 * n_synapses * (scenario.duration // interval)
    advice = {
        "columns": "lower columns.count, columns.layers or the probabilities",
        "duration": "run for a shorter duration, or record fewer traces",
        "record.weights": "record the weights at a longer interval",
    }
    what = max(needs, key=lambda name: needs[name])
    needed, available = sum(needs.values()), _available_memory()
    size = f"{n_neurons:,} neurons and about {n_synapses:,.0f} synapses"
    if needed > available:
        problem = f"{size} need about {_size(needed)} of memory, and {_size(available)} are available; {advice[what]}"
    elif 2 * n_synapses + n_neurons > 2**31 - 1:
        problem = f"{size} are more than entity ids of 32 bits can count; {advice['columns']}"
    else:
        return
    raise ScenarioError([Fault("scenario", what, problem)])


def _available_memory() -> float:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return float(line.split()[1]) * 1024
    except OSError:
        pass
    return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def _size(n_bytes: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:,.1f} TB"
