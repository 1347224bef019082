"""Spiking and accumulating neurons in one world, and spiking neurons with capacity-limited synapses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import naive
import naive_capacity
import numpy as np
import pytest
from capacity_worlds import inputs, size
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_capacity import Input
from networks import CELLS

from runen_ecs.components import (
    NEURON,
    SYNAPSE,
    Accumulator,
    ActionPotential,
    Activity,
    Capacity,
    Izhikevich,
    LastSignal,
    LastSpike,
    Membrane,
    OutputPort,
    Recovery,
    SpikeSize,
    SynapticInput,
    Weight,
)
from runen_ecs.engine import Dispatcher, DispatcherBuilder, World
from runen_ecs.network import CapacityNetwork, SignalQueue, connect, connect_synapse, disconnect
from runen_ecs.recording import OutputRecord, SpikeRecord
from runen_ecs.scenarios import Simulation, build, load
from runen_ecs.scenarios.plans import add_arriving, add_leaving
from runen_ecs.systems import (
    Firing,
    IzhikevichIntegration,
    PostsynapticPotential,
    SignalArrival,
    SignalPropagation,
    SpikeRecording,
    StdpLearning,
    ThalamicInput,
)

LIMIT = 30.0
NOISE = 0.0, 30.0
NETWORK = {
    "inputs": 1,
    "outputs": 1,
    "neurons": [{"id": "a", "bias": 1, "input_configs": [{"capacity_max": 3, "regeneration": 1, "weight": 1}]}],
    "links": [{"Input": {"input_port": 0, "dst_id": "a", "dst_synapse_idx": 0}}],
}


@dataclass
class Mixture:
    """Cells; synapses between them (source, target, delay, weight, sizes of a capacity or None); and accumulators.

    Accumulators are given by their inputs, and what feeds these: a number of a cell, or of an accumulator from 100.
    `driven` lists the synapses from accumulators to cells: source, target, weight, delay.
    """

    cells: list[tuple[float, float, float, float, float]]
    synapses: list[tuple[int, int, int, float, tuple[float, float] | None]]
    accumulators: list[list[tuple[tuple[float, float, float], int]]]
    driven: list[tuple[int, int, float, int]]
    spike_size: float
    per_signal: bool
    amplitude: float


@st.composite
def mixtures(draw: st.DrawFn) -> Mixture:
    """Small, lively networks of both sorts of neurons."""
    cells = draw(st.lists(st.sampled_from(CELLS[1:]), min_size=1, max_size=4))
    n = draw(st.integers(0, 3))
    cell, accumulator = st.integers(0, len(cells) - 1), st.integers(0, max(n - 1, 0))
    weight = st.sampled_from([1.0, 40.0, -10.0, 25.0]) | st.floats(-40, 40)
    capacity = st.none() | st.tuples(size, size).map(lambda sizes: (max(sizes), min(sizes)))
    feeder = cell | accumulator.map(lambda i: i + 100) if n else cell
    fed = st.lists(st.tuples(inputs(), feeder), min_size=1, max_size=3)
    driven = st.lists(st.tuples(accumulator, cell, weight, st.integers(1, 4)), max_size=4) if n else st.just([])
    return Mixture(
        cells,
        draw(st.lists(st.tuples(cell, cell, st.integers(1, 9), weight, capacity), max_size=10)),
        [draw(fed) for _ in range(n)],
        draw(driven),
        draw(st.sampled_from([1.0, 2.5, 0.3])),
        draw(st.booleans()),
        draw(st.sampled_from([0.2, 3.0, 0.0])),
    )


def plain(mixture: Mixture) -> naive_capacity.World:
    """Build it in plain Python."""
    spiking = naive.Network(noise=NOISE, limit=LIMIT, amplitude=mixture.amplitude)
    spiking.neurons = [naive.Neuron(v, b * v, a, b, c, d) for v, a, b, c, d in mixture.cells]
    world = naive_capacity.World(mixture.per_signal, spiking, mixture.spike_size)
    for source, target, delay, weight, capacity in mixture.synapses:
        if capacity is None:
            spiking.connect(source, target, delay, weight)
        else:
            limited(world, source, target, delay, weight, *capacity)
    for i, fed in enumerate(mixture.accumulators):
        world.create(f"M0Z{len(mixture.cells) + i}", 1.0, [sizes for sizes, _ in fed])
    cells = list(world.cells.values())
    for cell, fed in zip(cells, mixture.accumulators, strict=True):
        for one, (_, feeder) in zip(cell.inputs, fed, strict=True):
            one.source = spiking.neurons[feeder] if feeder < 100 else cells[feeder - 100]
            one.order = world.next_order()
    for source, target, weight, delay in mixture.driven:
        one = Input(spiking.neurons[target], weight, delay=delay, source=cells[source], has_capacity=False)
        one.order = world.last_order
        world.inputs.append(one)
    for i, cell in enumerate(cells):
        world.bind_output(i, cell.name)
    return world


def limited(
    world: naive_capacity.World,
    source: int,
    target: int,
    delay: int,
    weight: float,
    maximum: float,
    regeneration: float,
) -> None:
    """Connect two spiking neurons by a synapse with a capacity, in plain Python."""
    a, b = world.spiking.neurons[source], world.spiking.neurons[target]
    one = Input(b, weight, maximum, regeneration, maximum, delay, a)
    world.inputs.append(one)
    a.axon.append(one)
    b.dendrites.append(one)


def spiking_systems(per_signal: bool, amplitude: float) -> DispatcherBuilder:
    """Return the systems of both sorts of neurons."""
    builder = DispatcherBuilder()
    add_arriving(builder, per_signal=per_signal)
    builder.add(SignalArrival(), "signal_arrival")
    builder.add(PostsynapticPotential(LIMIT), "potential", after=["signal_arrival", "synaptic_transmission"])
    builder.add(ThalamicInput(*NOISE), "thalamic_input", after=["signal_arrival"])
    builder.add(IzhikevichIntegration(), "izhikevich_integration", after=["potential", "thalamic_input"])
    builder.add(Firing(), "firing", after=["izhikevich_integration"])
    builder.add(SignalPropagation(LIMIT), "signal_propagation", after=["firing"])
    builder.add(StdpLearning(amplitude, 100.0), "stdp", after=["signal_propagation", "accumulation", "potential"])
    builder.add(SpikeRecording(), "spike_recording", after=["firing"])
    add_leaving(builder, spikes=True)
    return builder


def simulated(mixture: Mixture) -> tuple[CapacityNetwork, Dispatcher]:
    """Build it in a world."""
    world = World()
    dispatcher = spiking_systems(mixture.per_signal, mixture.amplitude).build(world)
    v, a, b, c, d = np.array(mixture.cells).T
    neurons = world.create_entities(
        len(mixture.cells),
        Membrane.batch(v=v),
        Recovery.batch(u=b * v),
        Izhikevich.batch(a=a, b=b, c=c, d=d),
        SynapticInput.batch(),
        ActionPotential.batch(),
        LastSpike.batch(),
        SpikeSize.batch(value=mixture.spike_size),
    )
    for source, target, delay, weight, capacity in mixture.synapses:
        also = ()
        if capacity is not None:
            maximum, regeneration = capacity
            sizes = Capacity.batch(level=maximum, maximum=maximum, regeneration=regeneration)
            also = (sizes, LastSignal.batch())
        connect(world, neurons[source], neurons[target], weight=weight, delay=delay, also=also)
    network = CapacityNetwork(world)
    cells = [network.neuron([sizes for sizes, _ in fed]) for fed in mixture.accumulators]
    for cell, fed in zip(cells, mixture.accumulators, strict=True):
        for k, (_, feeder) in enumerate(fed):
            source = int(neurons[feeder]) if feeder < 100 else cells[feeder - 100]
            connect_synapse(world, network.synapse(cell, k), source)
    for source, target, weight, delay in mixture.driven:
        connect(world, cells[source], neurons[target], weight=weight, delay=delay)
    for i, cell in enumerate(cells):
        network.bind_output(i, cell)
    return network, dispatcher


def plain_state(world: naive_capacity.World) -> dict[str, Any]:
    """Everything that must be equal, of a world in plain Python."""
    neurons, cells = world.spiking.neurons, world.cells.values()
    return {
        "v": [neuron.v for neuron in neurons],
        "u": [neuron.u for neuron in neurons],
        "spikes": world.spiking.spikes,
        "accumulators": [(cell.value, cell.hits, cell.resets, cell.round_hits) for cell in cells],
        "outputs": world.outputs,
        "tally": [world.sent, world.delivered, world.dropped],
        "flying": sorted((when, size) for when, _, size in world.flying),
    }


def state(network: CapacityNetwork) -> dict[str, Any]:
    """The same of a world of the simulator."""
    world = network.world
    queue, present = world.resource(SignalQueue), world.storage(Membrane).present
    tick, entity = world.resource(SpikeRecord).events().values()
    accumulators = [
        (world.component(e, Accumulator), world.component(e, Activity)) for e in map(network.entity, network.neurons)
    ]
    outputs = world.resource(OutputRecord).events().values()
    slots = range(world.tick + 1, world.tick + 1 + len(queue.count))
    n = len(queue.count)
    return {
        "v": world.storage(Membrane).arrays.v[present].tolist(),
        "u": world.storage(Recovery).arrays.u[present].tolist(),
        "spikes": list(zip(tick.tolist(), (entity - 1).tolist(), strict=True)),
        "accumulators": [(a.value, b.hits, b.resets, b.round_hits) for a, b in accumulators],
        "outputs": list(zip(*(array.tolist() for array in outputs), strict=True)),
        "tally": queue.tally.tolist(),
        "flying": sorted((t, size) for t in slots for size in queue.size[t % n, : queue.count[t % n]].tolist()),
    }


def by_creation(world: World, component: type[Any], name: str) -> list[float]:
    """A field of all synapses or dendrites, in order of creation."""
    order = np.argsort(world.entities(SYNAPSE))
    found: list[float] = world.storage(component).array[name][order].tolist()
    return found


@settings(max_examples=120, deadline=None)
@given(mixtures(), st.booleans())
def test_mixed_networks(mixture, stepped):
    """Potentials, weights, levels, accumulators, spikes and signals of both sorts equal those of plain Python."""
    world = plain(mixture)
    network, dispatcher = simulated(mixture)
    for _ in range(40):
        world.step()
        dispatcher.run(1, stepped=stepped)
        assert plain_state(world) == state(network)
        if len(world.flying) > 300:
            return
    simple, rest = iter(world.spiking.synapses), iter(world.inputs)
    synapses = [next(simple if capacity is None else rest) for *_, capacity in mixture.synapses]
    synapses += list(rest)

    assert [one.weight for one in synapses] == by_creation(network.world, Weight, "value")
    levels = [one.level if isinstance(one, Input) else float("inf") for one in synapses]
    assert levels == by_creation(network.world, Capacity, "level")


# -- columns ----------------------------------------------------------------------------------------------------------


def columns(**overrides: Any) -> Simulation:
    """Build a column, with overrides by keys with _ for the dot."""
    keys = {key.replace("__", "."): value for key, value in overrides.items()}
    return build(load("columnar", {"columns.count": 1, "record.traces": [], **keys}))


def spikes(simulation: Simulation) -> list[tuple[int, int]]:
    data = simulation.data()
    return list(zip(data.spike_tick.tolist(), data.spike_neuron.tolist(), strict=True))


@pytest.mark.parametrize("rule", ["signal", "tick"])
def test_a_column_of_tired_synapses(rule):
    """A learning column whose synapses all have a capacity lives as plain Python says: spikes, weights and levels."""
    maximum, regeneration, ticks = 1.5, 0.05, 250
    simulation = columns(synapses__capacity={"maximum": maximum, "regeneration": regeneration}, regeneration=rule)
    scenario = simulation.scenario
    connections = [(c.source, c.target, c.column, c.probability) for c in scenario.connections]
    world = naive_capacity.World(rule == "signal", naive.Network(seed=scenario.seed))
    world.spiking.neurons = [naive.Neuron() for _ in range(100)]
    for source, target, delay, weight in naive.columns(
        scenario.seed, 1, scenario.columns.layers, connections, (1, 19), (0.5, 4.0), 0.8
    ):
        limited(world, source, target, delay, weight, maximum, regeneration)
    for _ in range(ticks):
        world.step()
    simulation.run(ticks)

    assert len(world.spiking.spikes) > 50
    assert world.spiking.spikes == spikes(simulation)
    assert [one.weight for one in world.inputs] == by_creation(simulation.world, Weight, "value")
    levels = by_creation(simulation.world, Capacity, "level")
    assert [one.level for one in world.inputs] == levels
    assert min(levels) < maximum / 2


def test_a_capacity_that_never_matters():
    """Without learning, synapses that never tire pass on the very same bits as synapses without a capacity.

    Sums are taken in the same order, over either way. With learning they differ: a potential on its way was weighed
    when it left, a signal is weighed when it arrives.
    """
    simple = columns(stdp__amplitude=0.0)
    capacity = {"maximum": 1e9, "regeneration": 1e9}
    limited = [
        columns(stdp__amplitude=0.0, synapses__capacity=capacity, regeneration=rule) for rule in ("signal", "tick")
    ]
    for simulation in (simple, *limited):
        simulation.run(1500)

    assert len(spikes(simple)) > 500
    for other in limited:
        assert other.world.resource(SignalQueue).delivered > 10_000
        assert spikes(simple) == spikes(other)
        v = simple.world.storage(Membrane).arrays.v
        assert v.tobytes() == other.world.storage(Membrane).arrays.v.tobytes()


@pytest.mark.parametrize("capacity", [None, {"maximum": 1.5, "regeneration": 0.05}], ids=["plain", "capacity"])
def test_a_network_beside_columns(capacity):
    """A capacity network in the same world that is not connected to the columns changes none of their bits."""
    more = {} if capacity is None else {"synapses__capacity": capacity}
    alone, beside = columns(**more), columns(**more, network=NETWORK)
    for number in (3, 5, 5):
        beside.network.send(0, float(number))
    for simulation in (alone, beside):
        simulation.run(1000)

    assert beside.world.component(beside.network.entity("a"), Activity).hits == 3
    assert len(spikes(alone)) > 200
    assert spikes(alone) == spikes(beside)
    n = len(by_creation(alone.world, Weight, "value"))
    assert by_creation(alone.world, Weight, "value") == by_creation(beside.world, Weight, "value")[:n]


@pytest.mark.parametrize("network", [{}, {"network": NETWORK}], ids=["alone", "beside a network"])
def test_what_is_on_its_way_over_a_synapse_that_is_cut(network):
    """A spike on its way as a signal is dropped with the connection, whether or not a capacity network is there."""
    simulation = columns(synapses__capacity={"maximum": 1.5, "regeneration": 0.05}, **network)
    world, queue = simulation.world, simulation.world.resource(SignalQueue)
    while queue.in_flight < 500:
        simulation.run(1)
    before = queue.in_flight
    for synapse in world.entities(SYNAPSE)[:2000].tolist():
        disconnect(world, synapse)
    simulation.run(1)

    assert queue.dropped > 50
    assert queue.sent == queue.delivered + queue.dropped + queue.in_flight
    assert before > queue.dropped


def test_a_port_that_reads_a_spiking_neuron():
    """Every spike of a neuron comes out of a port that reads its axon, with and without synapses that take signals."""
    for synapses in ([], [(0, 0, 1, 1.0, (1.0, 1.0))]):
        network, dispatcher = simulated(Mixture([CELLS[1]], synapses, [], [], 2.5, True, 0.0))
        world = network.world
        world.create_entity(OutputPort(number=4, neuron=int(world.entities(NEURON)[0])))
        dispatcher.run(100)
        told = state(network)

        assert len(told["spikes"]) > 2
        assert told["outputs"] == [(tick, 4, 2.5) for tick, _ in told["spikes"]]
