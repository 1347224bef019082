"""Learning equals the plain-Python specification bit for bit, however it is run."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from learning_worlds import Learning, PlainLearning
from naive_learning import Rule
from networks import CELLS

from runen_ecs.components import (
    ActionPotential,
    Izhikevich,
    LastSpike,
    Membrane,
    Recovery,
    SynapticInput,
    Weight,
)
from runen_ecs.engine import DispatcherBuilder, World
from runen_ecs.network import connect
from runen_ecs.systems import (
    ExponentialStdpLearning,
    Firing,
    IzhikevichIntegration,
    SignalArrival,
    SignalPropagation,
    ThalamicInput,
)
from runen_ecs.systems.weight_change import Bounds

TICKS = 60
amplitudes = st.sampled_from([0.2, 0.1, 3.0, 0.0, -0.5]) | st.floats(-1, 1)
constants = st.sampled_from([17.0, 34.0, 0.5, 1e6, float("inf")]) | st.floats(0.1, 100)
weights = st.sampled_from([0.0, 1.0, -1.0, 0.5]) | st.floats(-3, 3)


@st.composite
def rules(draw: st.DrawFn) -> list[Rule]:
    """One rule of all synapses, or up to two rules of some, and one of all."""
    numbers = draw(st.sampled_from([(None,), (0,), (0, 1), (1, 0, None)]))
    return [
        Rule(
            draw(st.sampled_from(["exponential", "hyperbolic"])),
            draw(amplitudes),
            draw(amplitudes),
            draw(constants),
            draw(constants),
            draw(st.booleans()),
            draw(st.none() | st.sampled_from([(-1.0, 1.0, False), (0.0, 2.0, True), (-3.0, 0.5, True)])),
            draw(st.booleans()),
            number,
            draw(constants),
        )
        for number in numbers
    ]


@st.composite
def experiments(draw: st.DrawFn) -> dict[str, Any]:
    """Rules, spikes that often fall together, and synapses, some of them from a neuron onto itself."""
    neurons = st.integers(0, 4)
    synapses = st.tuples(neurons, neurons, weights, st.integers(-1, 2))
    return {
        "rules": draw(rules()),
        "spikes": draw(st.lists(st.tuples(st.integers(1, TICKS), st.integers(0, 6)), max_size=60)),
        "connections": draw(st.lists(synapses, max_size=10)),
        "n_neurons": 5,
        "dt": draw(st.sampled_from([1.0, 0.1, 0.5])),
    }


@settings(max_examples=120, deadline=None)
@given(experiments(), st.sampled_from([(TICKS,), (1, 20, TICKS - 21)]))
def test_networks(experiment, parts):
    """The weights of any small network under any rules equal those of plain Python."""
    plain, world = PlainLearning(**experiment), Learning(**experiment)
    plain.run(TICKS)
    for number, ticks in enumerate(parts):
        world.run(ticks, stepped=number % 2 == 0)

    assert plain.weights() == world.weights()


@settings(max_examples=40, deadline=None)
@given(experiments(), st.data())
def test_networks_that_change(experiment, data):
    """So it is when neurons and synapses come and go in the middle."""
    plain, world = PlainLearning(**experiment), Learning(**experiment)
    for number in data.draw(st.sets(st.integers(0, 4), max_size=2)):
        ticks = data.draw(st.integers(0, TICKS // 3))
        plain.run(ticks)
        world.run(ticks, stepped=True)
        plain.network.delete(plain.neurons[number])
        world.world.delete_entity(world.neurons[number])
        world.world.maintain()
        for one in (plain, world):
            one.create()
            one.connect(5, len(one.neurons) - 1, 0.5, 0)
            one.connect(len(one.neurons) - 1, 5, 0.5)
    plain.run(TICKS // 3)
    world.run(TICKS // 3, stepped=True)

    assert plain.weights() == world.weights()


def play() -> list[float]:
    """Run rules of all sorts on one network, the two ways of running in turns."""
    spikes = [(t, n) for t in range(1, 200) for n in range(5) if t * (3 * n + 5) % 17 < 3]
    bounds = (-1.0, 2.0, True)
    some = [Rule(number=0, all_to_all=True), Rule("hyperbolic", number=1, bounds=bounds), Rule(number=2, bounds=bounds)]
    world = Learning(some, spikes, [(i, j, 0.5, (i * j) % 4 - 1) for i in range(5) for j in range(5)], 5, dt=0.1)
    world.run(100)
    return world.run(100, stepped=True)


def lively(stepped: bool) -> list[float]:
    """Run Izhikevich neurons whose spikes depend on what they learn."""
    world = World(7)
    after = "signal_arrival"
    builder = DispatcherBuilder().add(SignalArrival(), after)
    for system, name in (
        (ThalamicInput(0.0, 12.0), "thalamic_input"),
        (IzhikevichIntegration(), "izhikevich_integration"),
        (Firing(), "firing"),
        (SignalPropagation(), "signal_propagation"),
        (ExponentialStdpLearning(3.0, 1.0, pairing="all-to-all", bounds=Bounds(-9.0, 9.0, soft=True)), "learning"),
    ):
        builder.add(system, name, after=[after])
        after = name
    dispatcher = builder.build(world)
    v, a, b, c, d = zip(*(CELLS[i % len(CELLS)] for i in range(20)), strict=True)
    neurons = world.create_entities(
        20,
        Membrane.batch(v=v),
        Recovery.batch(),
        Izhikevich.batch(a=a, b=b, c=c, d=d),
        SynapticInput.batch(),
        ActionPotential.batch(),
        LastSpike.batch(),
    )
    for i in range(20):
        connect(world, neurons[i], neurons, weight=2.0 * (i % 5 - 1), delay=1 + i % 7)
    dispatcher.run(300, stepped=stepped)
    return world.storage(Weight).arrays.value.tolist()


def test_stepped_and_native():
    """Tick by tick and in one compiled loop, weights that drive their network come out the same."""
    weight = lively(stepped=False)

    assert weight == lively(stepped=True)
    assert len(set(weight)) > 300


UNCOMPILED = """
import sys
sys.path.insert(0, {tests!r})
from test_learning_naive import lively, play
print(play(), lively(stepped=False))
"""


def test_uncompiled():
    """Compiled and uncompiled kernels give the same bits."""
    outputs = []
    for disabled in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-P", "-W", "error", "-c", UNCOMPILED.format(tests=os.path.dirname(__file__))],
            env={**os.environ, "NUMBA_DISABLE_JIT": disabled},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.append(done.stdout)

    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 1000
