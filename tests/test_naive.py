"""The simulator equals the plain-Python specification, bit for bit."""

from __future__ import annotations

from itertools import pairwise

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import CELLS, Description, descriptions, plain, plain_state, simulated, state

from runen_ecs.components import Delay, Source, Target, Weight
from runen_ecs.scenarios import build, load


@settings(max_examples=150, deadline=None)
@given(descriptions(), st.integers(1, 150), st.booleans())
def test_networks(description, ticks, stepped):
    """Potentials, recovery, weights and spikes of any small network equal those of plain Python."""
    network = plain(description)
    for _ in range(ticks):
        network.step()
    world, dispatcher = simulated(description)
    dispatcher.run(ticks, stepped=stepped)

    assert plain_state(network) == state(world)


def test_neurons_that_fire_together():
    """Where both sides fire in one tick, a synapse is weakened by the pair before, then strengthened in full."""
    description = Description([CELLS[1]] * 3, [(i, j, 1, 0.0) for i in range(3) for j in range(3)], noise=(60.0, 60.0))
    network = plain(description)
    for _ in range(60):
        network.step()
    world, dispatcher = simulated(description)
    dispatcher.run(60)
    ticks = sorted({tick for tick, _ in network.spikes})
    window = [0.2 / (1 + (b - a) * 0.01) for a, b in pairwise(ticks)]

    assert len(ticks) >= 3
    assert len(network.spikes) == 3 * len(ticks)
    assert plain_state(network) == state(world)
    assert state(world)["weight"] == pytest.approx([0.2 * len(ticks) - sum(window)] * 9, rel=1e-12)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(1, 3), st.integers(1, 3), st.floats(0, 1))
def test_columns(seed, count, size, excitatory):
    """The columnar layout draws every pair, delay, strength and sign as plain Python does."""
    layers = {"sensory": 1, "motor": size, "afferent": 2, "efferent": 2, "internal": 2 * size}
    text = ", ".join(f"{name} = {n}" for name, n in layers.items())
    scenario = load(
        "columnar",
        [
            f"seed={seed}",
            f"columns.count={count}",
            f"columns.layers={{{text}}}",
            f"synapses.excitatory={excitatory}",
            "record.traces=[]",
        ],
    )
    connections = [(c.source, c.target, c.column, c.probability) for c in scenario.connections]
    expected = naive.columns(seed, count, layers, connections, (1, 19), (0.5, 4.0), excitatory)
    world = build(scenario).world
    arrays = (
        world.storage(Source).arrays.neuron,
        world.storage(Target).arrays.neuron,
        world.storage(Delay).arrays.ticks,
        world.storage(Weight).arrays.value,
    )

    assert expected == list(zip(*(array.tolist() for array in arrays), strict=True))


def test_columnar_run():
    """A columnar network of one column lives through half a second as plain Python says."""
    scenario = load("columnar", ["columns.count=1", "duration=500 ms"])
    simulation = build(scenario)
    connections = [(c.source, c.target, c.column, c.probability) for c in scenario.connections]
    network = naive.Network(seed=1)
    network.neurons = [naive.Neuron() for _ in range(100)]
    for synapse in naive.columns(1, 1, scenario.columns.layers, connections, (1, 19), (0.5, 4.0), 0.8):
        network.connect(*synapse)
    for _ in range(500):
        network.step()
    simulation.run(500)
    data = simulation.data()

    assert len(network.spikes) > 100
    assert network.spikes == list(zip(data.spike_tick.tolist(), data.spike_neuron.tolist(), strict=True))
    assert np.array_equal([synapse.weight for synapse in network.synapses], data.weight)
