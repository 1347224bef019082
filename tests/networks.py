"""Small networks for tests, in the simulator and in plain Python."""

from __future__ import annotations

from dataclasses import dataclass

import naive
import numpy as np
from hypothesis import strategies as st

from runen_ecs.components import (
    NEURON,
    ActionPotential,
    Izhikevich,
    LastSpike,
    Membrane,
    Recovery,
    SynapticInput,
    Weight,
)
from runen_ecs.engine import Dispatcher, DispatcherBuilder, World
from runen_ecs.network import connect
from runen_ecs.recording import SpikeRecord
from runen_ecs.systems import (
    Firing,
    IzhikevichIntegration,
    SignalArrival,
    SignalPropagation,
    SpikeRecording,
    StdpLearning,
    ThalamicInput,
)


@dataclass
class Description:
    """A small network: cells (v, a, b, c, d), synapses (source, target, delay, weight), and the rules."""

    cells: list[tuple[float, float, float, float, float]]
    synapses: list[tuple[int, int, int, float]]
    seed: int = 0
    noise: tuple[float, float] = (0.0, 5.0)
    limit: float = 4.0
    amplitude: float = 0.2
    horizon: float = 100.0


CELLS = [
    (-65.0, 0.02, 0.2, -65.0, 2.0),
    (29.0, 0.02, 0.2, -65.0, 8.0),
    (29.0, 0.1, 0.2, -65.0, 2.0),
    (-50.0, 0.02, 0.2, -50.0, 2.0),
    (-40.0, 0.02, 0.25, -55.0, 4.0),
]


@st.composite
def descriptions(draw: st.DrawFn) -> Description:
    """Small, lively networks: strong noise, cells about to fire together, strong and cancelling weights."""
    cells = draw(st.lists(st.sampled_from(CELLS), min_size=1, max_size=6))
    neuron = st.integers(0, len(cells) - 1)
    weight = st.sampled_from([0.0, 1.0, -1.0, 40.0, -40.0, 1e-3]) | st.floats(-60, 60)
    synapse = st.tuples(neuron, neuron, st.integers(1, 40), weight)
    return Description(
        cells,
        draw(st.lists(synapse, max_size=15)),
        draw(st.integers(0, 2**64 - 1)),
        draw(st.sampled_from([(0.0, 5.0), (0.0, 30.0), (5.0, 5.0), (-3.0, 40.0)])),
        draw(st.sampled_from([4.0, 50.0, 0.5])),
        draw(st.sampled_from([0.2, 0.1, 3.0, 0.0])),
        draw(st.sampled_from([100.0, 1.0, 20.0, float("inf")])),
    )


def plain(description: Description) -> naive.Network:
    """Build it in plain Python."""
    network = naive.Network(
        description.seed, description.noise, description.limit, description.amplitude, description.horizon
    )
    network.neurons = [naive.Neuron(v, b * v, a, b, c, d) for v, a, b, c, d in description.cells]
    for synapse in description.synapses:
        network.connect(*synapse)
    return network


def simulated(description: Description) -> tuple[World, Dispatcher]:
    """Build it in a world."""
    world = World(description.seed)
    dispatcher = (
        DispatcherBuilder()
        .add(SignalArrival(), "signal_arrival")
        .add(ThalamicInput(*description.noise), "thalamic_input", after=["signal_arrival"])
        .add(IzhikevichIntegration(), "izhikevich_integration", after=["thalamic_input"])
        .add(Firing(), "firing", after=["izhikevich_integration"])
        .add(SignalPropagation(description.limit), "signal_propagation", after=["firing"])
        .add(StdpLearning(description.amplitude, description.horizon), "stdp_learning", after=["signal_propagation"])
        .add(SpikeRecording(), "spike_recording", after=["firing"])
        .build(world)
    )
    v, a, b, c, d = np.array(description.cells).T
    neuron = world.create_entities(
        len(description.cells),
        Membrane.batch(v=v),
        Recovery.batch(u=b * v),
        Izhikevich.batch(a=a, b=b, c=c, d=d),
        SynapticInput.batch(),
        ActionPotential.batch(),
        LastSpike.batch(),
    )
    if description.synapses:
        source, target, delay, weight = zip(*description.synapses, strict=True)
        connect(world, neuron[list(source)], neuron[list(target)], weight=weight, delay=delay)
    return world, dispatcher


def state(world: World) -> dict[str, list[float]]:
    """Everything that must be equal, in the order of creation."""
    tick, entity = world.resource(SpikeRecord).events().values()
    first = world.entities(NEURON).min()
    weight = world.storage(Weight).arrays.value
    return {
        "v": world.storage(Membrane).arrays.v.tolist(),
        "u": world.storage(Recovery).arrays.u.tolist(),
        "weight": weight[np.argsort(world.table(Weight.kind).first_entity)].tolist(),
        "spikes": list(zip(tick.tolist(), (entity - first).tolist(), strict=True)),
    }


def plain_state(network: naive.Network) -> dict[str, list[float]]:
    """The same of a network in plain Python."""
    return {
        "v": [neuron.v for neuron in network.neurons],
        "u": [neuron.u for neuron in network.neurons],
        "weight": [synapse.weight for synapse in network.synapses],
        "spikes": network.spikes,
    }
