"""Neuron models, alone and wired to each other, equal the plain-Python specification, bit for bit."""

from __future__ import annotations

import math
import random

import naive_models as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_worlds import Description, descriptions, izhikevich, plain, simulate, simulated, spikes, state
from small_nets import printed_by

from runen_ecs.components import NEURON, Izhikevich, SynapticInput
from runen_ecs.engine import World
from runen_ecs.engine.random import cosine_of_turns, draw_normal, logarithm
from runen_ecs.network import DelayLine
from runen_ecs.systems import GaussianInput, IzhikevichIntegration

word = st.integers(0, 2**32 - 1)

LIVELY = Description(
    seed=5,
    noise=(0.0, 20.0),
    noisy=[0, 2, 4],
    injected=[1, 3, 5],
    waveform=[(2.0, 0.0), (2.0, 5.0), (10.0, 12.0), (40.0, 3.0)],
    train=[3, 7, 8, 30],
    synapses=[(i, j, 1 + (i * j) % 7, 30.0 if (i + j) % 3 else -20.0) for i in range(8) for j in range(6)],
)


@settings(max_examples=80, deadline=None)
@given(descriptions(), st.integers(1, 60), st.booleans())
def test_networks(description, ticks, stepped):
    """Any small network of all models, sources and inputs, at any tick's length, equals that of plain Python."""
    network = plain(description)
    for _ in range(ticks):
        network.step()
    world, dispatcher = simulated(description)
    dispatcher.run(ticks, stepped=stepped)

    assert network.spikes == spikes(world)
    assert [cell.state() for cell in network.cells] == state(world)


@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
@pytest.mark.parametrize("repeats", [1, 3])
def test_models_in_turns(stepped, repeats):
    """Neurons of different models in any order of rows, however many stretches that makes, live as alone."""
    order = [2, 0, 1, 4, 2, 3, 1, 0] * repeats
    n = len(order)
    synapses = [(i, (5 * i + k) % n, 1 + (i + k) % 5, 30.0 if (i + k) % 3 else -20.0) for i in range(n) for k in (0, 3)]
    chosen = [i for i in range(n) if order[i] < 3]
    described = Description(order=order, synapses=synapses, noisy=chosen[::2], injected=chosen[1::2], train=[2, 9])
    network = plain(described)
    for _ in range(40):
        network.step()
    world, dispatcher = simulated(described)
    dispatcher.run(40, stepped=stepped)

    assert len(network.spikes) > 10
    assert network.spikes == spikes(world)
    assert [cell.state() for cell in network.cells] == state(world)


UNCOMPILED = """
import sys
sys.path.insert(0, "tests")
from model_worlds import simulated, spikes, state
from test_models_naive import LIVELY
world, dispatcher = simulated(LIVELY)
dispatcher.run(40)
dispatcher.run(40, stepped=True)
print(spikes(world), state(world))
"""


def test_uncompiled():
    """Compiled and uncompiled kernels of all models and inputs give the same bits."""
    compiled, uncompiled = printed_by(UNCOMPILED, True), printed_by(UNCOMPILED, False)

    assert compiled == uncompiled
    assert compiled.count("(") > 50


@pytest.mark.parametrize(
    "equation",
    [
        {"polynomial": (0.04, 4.1, 108.0)},
        {"v_rest": -65.0, "leak": 0.0},
        {"polynomial": (0.05, 5.5, 150.0), "v_rest": -60.0, "leak": 0.5},
    ],
)
@pytest.mark.parametrize("substeps", [1, 2, 5])
def test_izhikevich_variants(equation, substeps):
    """The equation's variants are those of plain Python, with any number of steps."""
    cell = naive.Izhikevich(0.25, substeps=substeps, **equation)
    fired = [cell.live(tick, 12.0) for tick in range(1, 301)]
    world = World(dt=0.25)
    constant = GaussianInput(12.0, 0.0)
    dispatcher = simulate(world, IzhikevichIntegration(substeps, **equation), inputs=[constant])
    world.create_entities(1, *izhikevich(1, Izhikevich(), -65.0))
    dispatcher.run(300)

    assert [cell.state()] == state(world)
    assert [tick for tick, fires in enumerate(fired, 1) if fires] == [tick for tick, _ in spikes(world)]


@given(word, word, word)
def test_normal_equals_naive(k0, k1, entity):
    """A normal draw is the same function of key and entity as in plain Python."""
    assert naive.normal((k0, k1), entity) == draw_normal(k0, k1, entity)


@given(st.integers(1, 2**53) | st.integers(0, 53).map(lambda n: 2**n))
def test_logarithm(k):
    """The logarithm of a draw is that of plain Python, and right to the last bits."""
    x = k / 2**53

    assert naive.logarithm(x) == logarithm(x)
    assert math.isclose(math.log(x), logarithm(x), rel_tol=4e-16, abs_tol=4e-16)


@given(st.integers(0, 2**53) | st.integers(0, 8).map(lambda n: n * 2**50))
def test_cosine(k):
    """The cosine of a draw is that of plain Python, and right to the last bits."""
    u = k / 2**53

    assert naive.cosine(u) == cosine_of_turns(u)
    assert math.isclose(math.cos(2 * math.pi * u), cosine_of_turns(u), abs_tol=1e-15)


def test_normal():
    """Normal draws have the moments of the standard normal distribution, within five standard errors."""
    n = 100_000
    world = World(3)
    dispatcher = simulate(world, inputs=[GaussianInput(0.0, 1.0)])
    world.create_entities(n, SynapticInput.batch())
    dispatcher.run(1)
    z = world.storage(SynapticInput).arrays.current

    assert abs(z.mean()) < 5 / math.sqrt(n)
    assert abs((z**2).mean() - 1) < 5 * math.sqrt(2 / n)
    assert abs((z**3).mean()) < 5 * math.sqrt(15 / n)
    assert abs((z**4).mean() - 3) < 5 * math.sqrt(96 / n)


@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_deleted_neurons(stepped):
    """When neurons are deleted, those left keep their noise, their currents, and what was on its way to them."""
    kept = [0, 2, 4, 5, 7]
    synapses = [(7, target, 12, 9.0) for target in (0, 2, 4, 5)] + [(7, 4, 13, -9.0), (7, 5, 11, -9.0)]
    described = Description(
        noisy=[0, 1, 2, 4], injected=[0, 3, 4, 5], waveform=[(1.0, 4.0)], train=[1, 12], synapses=synapses
    )
    whole, dispatcher = simulated(described)
    dispatcher.run(10, stepped=stepped)
    dispatcher.run(30, stepped=stepped)
    world, dispatcher = simulated(described)
    dispatcher.run(10, stepped=stepped)
    world.delete_entities([2, 4, 7])
    dispatcher.run(30, stepped=stepped)

    assert [state(whole)[i] for i in kept] == state(world)
    assert [spike for spike in spikes(whole) if spike[1] in kept or spike[0] <= 10] == spikes(world)


def test_signals_to_deleted_neurons_are_counted():
    """What was on its way to a deleted neuron is dropped and counted, whichever sign it has."""
    described = Description(train=[1], synapses=[(7, 4, 9, 5.0), (7, 4, 9, -5.0), (7, 5, 9, -5.0), (7, 0, 9, 1.0)])
    world, dispatcher = simulated(described)
    dispatcher.run(3)
    line = world.resource(DelayLine)
    before = line.in_flight()
    world.delete_entity(int(world.entities(NEURON)[4]))
    world.maintain()

    assert (before, line.in_flight(), line.dropped) == (4, 2, 2)


def test_order_of_other_inputs_is_free():
    """What a noise adds does not depend on which other neurons it is given to."""
    rng = random.Random(1)
    drawn = {}
    for _ in range(5):
        chosen = sorted(rng.sample(range(1, 21), 9))
        world = World(8)
        dispatcher = simulate(world, inputs=[GaussianInput(neurons=chosen)])
        world.create_entities(20, SynapticInput.batch())
        dispatcher.run(2)
        current = world.storage(SynapticInput).arrays.current
        others = np.setdiff1d(np.arange(20), np.array(chosen) - 1)

        assert not current[others].any()
        for entity in chosen:
            assert drawn.setdefault(entity, current[entity - 1]) == current[entity - 1]
