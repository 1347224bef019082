"""Capacity networks for tests, in the simulator and in plain Python side by side, and all of their state to compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import naive_capacity
import numpy as np
from hypothesis import strategies as st
from naive_capacity import WHEN_QUIET, WITH_THE_LAST, Refused

from runen_ecs.components import (
    INPUT_PORT,
    NEURON,
    OUTPUT_PORT,
    SYNAPSE,
    Accumulator,
    Activity,
    Capacity,
    Delay,
    InputPort,
    LastHit,
    OutputPort,
)
from runen_ecs.engine import Dispatcher, DispatcherBuilder, World
from runen_ecs.network import CapacityNetwork, SignalQueue, Stimuli, create_network
from runen_ecs.network.description import (
    InnerLink,
    InputConfig,
    InputLink,
    Link,
    NetworkDescription,
    NeuronDescription,
    OutputLink,
)
from runen_ecs.recording import OutputRecord
from runen_ecs.scenarios.plans import add_arriving, add_leaving

MOST_FLYING = 200
Sizes = tuple[float, float, float]


@dataclass
class Sketch:
    """A network: neurons (bias, inputs of maximum, regeneration, weight), links, stimuli (due, port, size), delays."""

    neurons: list[tuple[float, list[Sizes]]]
    links: list[Link]
    stimuli: list[tuple[int, int, float]] = field(default_factory=list)
    delays: dict[tuple[str, int], int] = field(default_factory=dict)
    per_signal: bool = True

    def described(self) -> NetworkDescription:
        """Return the description, without stimuli and delays."""
        neurons = [
            NeuronDescription(f"M0Z{i}", bias, [InputConfig(*size) for size in sizes])
            for i, (bias, sizes) in enumerate(self.neurons)
        ]
        return NetworkDescription(9, 9, neurons, self.links)


def link(world: naive_capacity.World, one: Link) -> None:
    """Make a link in plain Python."""
    if isinstance(one, InputLink):
        world.bind_input(one.input_port, one.dst_id, one.dst_synapse_idx)
    elif isinstance(one, InnerLink):
        world.connect(one.src_id, one.dst_id, one.dst_synapse_idx)
    else:
        world.bind_output(one.output_port, one.src_id)


def plain(sketch: Sketch) -> naive_capacity.World:
    """Build it in plain Python."""
    world = naive_capacity.World(per_signal=sketch.per_signal)
    for i, (bias, sizes) in enumerate(sketch.neurons):
        world.create(f"M0Z{i}", bias, sizes)
    for one in sketch.links:
        link(world, one)
    for (name, k), ticks in sketch.delays.items():
        world.cells[name].inputs[k].delay = ticks
    for due, port, size in sketch.stimuli:
        world.send(port, size, due)
    return world


def dispatcher_of(world: World, per_signal: bool = True, record: bool = False) -> Dispatcher:
    """Return the systems of a capacity network."""
    builder = DispatcherBuilder()
    add_arriving(builder, per_signal=per_signal)
    add_leaving(builder, record=record)
    return builder.build(world)


def simulated(sketch: Sketch, record: bool = False) -> tuple[CapacityNetwork, Dispatcher]:
    """Build it in a world."""
    world = World()
    dispatcher = dispatcher_of(world, sketch.per_signal, record)
    network = create_network(world, sketch.described())
    for (name, k), ticks in sketch.delays.items():
        world.component(network.synapse(name, k), Delay).ticks = ticks
    for due, port, size in sketch.stimuli:
        world.resource(Stimuli).add(world, port, size, due)
    return network, dispatcher


# -- state ------------------------------------------------------------------------------------------------------------


def plain_state(world: naive_capacity.World) -> dict[str, Any]:
    """Everything that must be equal, of a network in plain Python."""
    place = {id(one): (name, k) for name, cell in world.cells.items() for k, one in enumerate(cell.inputs)}
    return {
        "tick": world.tick,
        "tally": [world.sent, world.delivered, world.dropped],
        "flying": sorted(
            [(when, *place[id(one)], size) for when, one, size in world.flying if id(one) in place],
            key=lambda signal: signal[0],
        ),
        "neurons": {
            name: (
                [cell.value, cell.hits, cell.resets, cell.round_hits],
                [k for k, one in enumerate(cell.inputs) if one.hit],
                [one.level for one in cell.inputs],
            )
            for name, cell in world.cells.items()
        },
        "inputs": {
            n: (place[id(port.input)] if port.input else None, port.signals, port.last)
            for n, port in world.input_ports.items()
        },
        "outputs": {
            n: (port.cell.name if port.cell else None, port.signals, port.last)
            for n, port in world.output_ports.items()
        },
        "came out": world.outputs,
        "waiting": world.stimuli,
    }


def flying(network: CapacityNetwork) -> Iterator[tuple[int, str, int, float]]:
    """Tick, neuron, input and size of all signals on their way to a network, by tick, in the order of the queue."""
    world, queue = network.world, network.world.resource(SignalQueue)
    place = {one: (name, k) for name in network.neurons for k, one in enumerate(network.synapses(name))}
    entities = world.entities(SYNAPSE)
    for tick in range(world.tick + 1, world.tick + 1 + len(queue.count)):
        slot = tick % len(queue.count)
        for j in range(queue.count[slot]):
            if (synapse := int(entities[queue.synapse[slot, j]])) in place:
                yield (tick, *place[synapse], float(queue.size[slot, j]))


def state(network: CapacityNetwork) -> dict[str, Any]:
    """The same of a network in a world."""
    names, wiring, world = network.neurons, network.wiring, network.world
    queue, stimuli, row = world.resource(SignalQueue), world.resource(Stimuli), world.index.row
    value, activity = world.storage(Accumulator).array["value"], world.storage(Activity).array
    hit, level = world.storage(LastHit).array["round"], world.storage(Capacity).array["level"]
    neurons = {}
    for name in names:
        i, k = row[network.entity(name)], row[network.synapses(name)]
        counts = [value[i], activity["hits"][i], activity["resets"][i], activity["round_hits"][i]]
        hit_inputs = np.flatnonzero(hit[k] == activity["resets"][i] + 1)
        neurons[name] = [one.item() for one in counts], hit_inputs.tolist(), level[k].tolist()
    waiting = slice(int(stimuli.next[0]), None)
    came_out = world.resource(OutputRecord).events()
    return {
        "tick": world.tick,
        "tally": queue.tally.tolist(),
        "flying": list(flying(network)),
        "neurons": neurons,
        "inputs": {
            port.number: (wiring.input_port.get(port.number), port.signals, port.last)
            for entity in world.entities(INPUT_PORT).tolist()
            if (port := world.component(entity, InputPort))
        },
        "outputs": {
            read.number: (wiring.output_port.get(read.number), read.signals, read.last)
            for entity in world.entities(OUTPUT_PORT).tolist()
            if (read := world.component(entity, OutputPort))
        },
        "came out": list(zip(*(array.tolist() for array in came_out.values()), strict=True)),
        "waiting": list(
            zip(
                stimuli.due[waiting].tolist(),
                stimuli.port[waiting].tolist(),
                stimuli.size[waiting].tolist(),
                strict=True,
            )
        ),
    }


def everything(world: World) -> dict[str, Any]:
    """All arrays of a world that a change could have touched."""
    queue, stimuli = world.resource(SignalQueue), world.resource(Stimuli)
    found: dict[str, Any] = {
        f"{c.__name__}.{name}": array.tolist()
        for table in world._tables
        for c, storage in table.storages.items()
        for name, array in storage.array.items()
    }
    found |= {str(kind): world.entities(kind).tolist() for kind in (NEURON, SYNAPSE, INPUT_PORT, OUTPUT_PORT)}
    found |= {"stimuli": [stimuli.due.tolist(), stimuli.port.tolist(), stimuli.size.tolist(), stimuli.next.tolist()]}
    found |= {"queue": [queue.count.tolist(), queue.tally.tolist(), queue.synapse.tolist(), queue.size.tolist()]}
    return found


# -- strategies -------------------------------------------------------------------------------------------------------

whole = st.integers(0, 9).map(float)
size = whole | st.floats(0, 9) | st.sampled_from([0.1, 0.3, 1e-3])
weight = st.sampled_from([1.0, 2.0, 3.0, -1.0]) | st.integers(-3, 4).map(float) | st.floats(-3, 4)
bias = st.integers(0, 3).map(float) | st.floats(-2, 3)
due = st.just(WHEN_QUIET) | st.just(WITH_THE_LAST) | st.integers(1, 20)


@st.composite
def inputs(draw: st.DrawFn) -> Sizes:
    """Sizes of an input: maximum, regeneration, weight."""
    one, other = draw(size), draw(size)
    return max(one, other), min(one, other), draw(weight)


@st.composite
def sketches(draw: st.DrawFn, most: int = 5, slow: bool = True, most_stimuli: int = 8) -> Sketch:
    """Small networks with cycles, self-loops, fan-out and unconnected inputs, and stimuli."""
    sizes = st.lists(inputs(), min_size=1, max_size=4)
    sketch = Sketch(
        draw(st.lists(st.tuples(bias, sizes), min_size=1, max_size=most)), [], per_signal=draw(st.booleans())
    )
    names = [f"M0Z{i}" for i in range(len(sketch.neurons))]
    places = [(name, k) for name, (_, sizes) in zip(names, sketch.neurons, strict=True) for k in range(len(sizes))]
    port = st.sampled_from([0, 1, 2, 7])
    feeders = st.sampled_from([*names, *names, *names, 0, 1, 7, None])
    wanted: list[Link] = [InputLink(2, *draw(st.sampled_from(places)))]
    for place in places:
        feeder = draw(feeders)
        if feeder is not None:
            wanted.append(InnerLink(feeder, *place) if isinstance(feeder, str) else InputLink(feeder, *place))
    wanted += draw(st.lists(st.builds(OutputLink, st.sampled_from(names), port), min_size=1, max_size=4))
    world = plain(sketch)
    for one in draw(st.permutations(wanted)):
        try:
            link(world, one)
            sketch.links.append(one)
        except Refused:
            pass
    ports = sorted(world.input_ports)
    if ports:
        stimulus = st.tuples(due, st.sampled_from(ports), size)
        sketch.stimuli = draw(st.lists(stimulus, min_size=1, max_size=most_stimuli))
    if slow:
        sketch.delays = draw(st.dictionaries(st.sampled_from(places), st.integers(1, 5), max_size=4))
    return sketch


def wild(seed: int) -> Sketch:
    """A network in which much happens: up to 12 neurons, each fed from anywhere, and stimuli in every tick."""
    random = Random(seed)
    whole = random.random() < 0.5
    number = (lambda low, high: float(random.randint(low, high))) if whole else random.uniform

    def size() -> Sizes:
        one, other = number(1, 9), number(0, 6)
        return max(one, other), min(one, other), number(-1, 4)

    n_inputs = [random.choice([1, 1, 2, 2, 3]) for _ in range(random.randint(3, 12))]
    neurons = [(number(0, 3), [size() for _ in range(n)]) for n in n_inputs]
    names = [f"M0Z{i}" for i in range(len(neurons))]
    sketch = Sketch(neurons, [], per_signal=random.random() < 0.7)
    world = plain(sketch)
    wanted: list[Link] = []
    for name, (_, sizes) in zip(names, neurons, strict=True):
        for k in range(len(sizes)):
            if not wanted or random.random() < 0.2:
                wanted.append(InputLink(len(wanted), name, k))
            else:
                wanted.append(InnerLink(random.choice(names), name, k))
            sketch.delays[name, k] = random.choice([1, 1, 1, 1, 2, 3, 5])
    wanted += [OutputLink(random.choice(names), port) for port in range(4)]
    for one in random.sample(wanted, len(wanted)):
        try:
            link(world, one)
            sketch.links.append(one)
        except Refused:
            pass
    for tick in range(1, 30):
        if world.input_ports:
            when = random.choice([tick, tick, WHEN_QUIET, WITH_THE_LAST])
            sketch.stimuli.append((when, random.choice(sorted(world.input_ports)), number(0, 9)))
    return sketch


networks = sketches() | st.integers(0, 2**32).map(wild)
