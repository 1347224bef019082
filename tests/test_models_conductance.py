"""Integrate-and-fire neurons with conductances: closed forms, the plain-Python specification, and their company."""

from __future__ import annotations

import math

import naive_models as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_worlds import FIRING, Description, conductance_based, leaky, plain, simulate, simulated, spikes, state
from small_nets import printed_by

from runen_ecs.components import (
    NEURON,
    Capacity,
    LastSignal,
    LeakyIntegrateAndFire,
    Membrane,
    PoissonSource,
    SynapticConductances,
    SynapticCurrents,
)
from runen_ecs.engine import DispatcherBuilder, World
from runen_ecs.errors import ComponentError, TimeError
from runen_ecs.network import DelayLine, connect, spike_trains
from runen_ecs.scenarios.plans import add_arriving, add_leaving
from runen_ecs.systems import (
    ConductanceIntegration,
    CurrentInput,
    Firing,
    LeakyIntegration,
    PoissonFiring,
    PostsynapticPotential,
    SignalArrival,
    SignalPropagation,
    SpikeRecording,
    SpikeTrainFiring,
)
from runen_ecs.systems.propagators import left_after
from runen_ecs.waveforms import constant

BOTH = pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
FOREVER = 1e12  # [ms], a time constant with which nothing decays
SILENT = 1000.0  # [mV], a threshold that nothing reaches

MIXED = Description(
    seed=9,
    order=[5, 2, 0, 5, 5, 1, 4, 3],
    noise=(0.0, 20.0),
    noisy=[0, 2, 4],
    injected=[1, 3, 5],
    waveform=[(2.0, 0.0), (2.0, 5.0), (10.0, 12.0), (40.0, 3.0)],
    train=[3, 7, 8, 30],
    synapses=[(i, j, 1 + (i * j) % 7, 2.0 if (i + j) % 3 else -1.0) for i in range(8) for j in range(6)],
)


def alone(dt: float, *batches: object) -> tuple[World, int]:
    """Run one neuron with conductances for 20 ms; return its world, and its entity."""
    world = World(dt=dt)
    dispatcher = simulate(world, ConductanceIntegration())
    neuron = int(world.create_entities(1, *batches)[0])
    dispatcher.run(round(20 / dt))
    return world, neuron


# -- closed forms -----------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.floats(0, 39.99) | st.integers(0, 57).map(lambda n: n * math.log(2)))
def test_exponential(x):
    """The exponential is that of plain Python, and right to the last bits."""
    assert naive.exponential(x) == left_after(x)
    assert math.isclose(math.exp(-x), left_after(x), rel_tol=4e-16)


def test_exponential_at_its_ends():
    """Nothing is lost in no time, and nothing is left of what is too small to matter or no number."""
    assert left_after(0.0) == 1.0
    assert [left_after(x) for x in (40.0, 1e300, math.inf, math.nan)] == [0.0] * 4


@pytest.mark.parametrize("dt", [0.1, 1.0, 5.0])
@pytest.mark.parametrize(("exc", "inh"), [(0.0, 0.0), (0.2, 0.0), (0.0, 3.0), (1.5, 4.0), (50.0, 7.0)])
def test_constant_conductances(exc, inh, dt):
    """Under constant conductances the potential nears the mean that they weigh, the faster the more they are."""
    parameters = {"tau_exc": FOREVER, "tau_inh": FOREVER, "reversal_inh": -80.0, "threshold": SILENT}
    world, neuron = alone(dt, *conductance_based(-60.0, exc, inh, **parameters))
    total = 1 + exc + inh
    level = (-70.0 + exc * 0.0 + inh * -80.0) / total
    expected = level + (-60.0 - level) * math.exp(-20 * total / 20)

    assert math.isclose(world.component(neuron, Membrane).v, expected, rel_tol=1e-10)


@BOTH
@pytest.mark.parametrize("weight", [0.7, -0.3])
def test_decay(weight, stepped):
    """What arrives adds to the conductance of its sign, which decays with its time constant and is never negative."""
    world = World(dt=0.1)
    dispatcher = simulate(world, ConductanceIntegration(), SpikeTrainFiring())
    neuron = world.create_entities(1, *conductance_based(tau_exc=3.0, tau_inh=8.0))
    source = world.create_entities(1, spike_trains(world, [[1.0, 4.0]]), *FIRING)
    connect(world, source, neuron, weight=weight, delay=5)
    dispatcher.run(200, stepped=stepped)
    conductances, tau = world.component(int(neuron[0]), SynapticConductances), 3.0 if weight > 0 else 8.0
    since = [200 * 0.1 - (t + 0.4) for t in (1.0, 4.0)]
    expected = abs(weight) * sum(math.exp(-t / tau) for t in since)

    assert math.isclose(conductances.excitatory if weight > 0 else conductances.inhibitory, expected, rel_tol=1e-12)
    assert (conductances.inhibitory if weight > 0 else conductances.excitatory) == 0


def test_convergence():
    """The error of the potential falls with the square of the tick."""
    found = []
    for dt in (1.0, 0.5, 0.25, 0.01):
        world, neuron = alone(dt, *conductance_based(-70.0, 2.0, 1.5, tau_inh=10.0, threshold=SILENT))
        found.append(world.component(neuron, Membrane).v)
    errors = np.abs(np.array(found[:3]) - found[3])

    assert np.allclose(errors[:-1] / errors[1:], 4.0, atol=0.3)


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 1e9), st.floats(0, 1e9), st.sampled_from([0.1, 1.0, 10.0]))
def test_no_conductance_is_too_large(exc, inh, dt):
    """However large conductances and ticks are, the potential stays between the potentials that pull at it."""
    world, neuron = alone(dt, *conductance_based(-65.0, exc, inh, reversal_inh=-90.0, threshold=SILENT))

    assert -90.0 - 1e-9 <= world.component(neuron, Membrane).v <= 1e-9


def test_shunting():
    """Inhibition that reverses at rest moves nothing there, and takes from what excitation does."""
    at_rest, one = alone(0.1, *conductance_based(-70.0, 0.0, 5.0))
    shunted, two = alone(0.1, *conductance_based(-70.0, 0.2, 5.0))
    excited, three = alone(0.1, *conductance_based(-70.0, 0.2, 0.0))

    assert math.isclose(at_rest.component(one, Membrane).v, -70.0, rel_tol=1e-14)
    rises = [world.component(neuron, Membrane).v + 70.0 for world, neuron in ((shunted, two), (excited, three))]
    assert 0.0 < rises[0] < 0.7 * rises[1]


# -- spikes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refractory", [0.0, 2.0, 5.0])
@pytest.mark.parametrize("current", [17.0, 25.0, 100.0])
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_rate(current, refractory, dt):
    """Under a constant current the interval is the refractory period and the closed form's time to the threshold."""
    world = World(dt=dt)
    dispatcher = simulate(world, ConductanceIntegration(), inputs=[CurrentInput(constant(current))])
    world.create_entities(1, *conductance_based(-60.0, refractory=refractory))
    dispatcher.run(round(500 / dt))
    rise = 20 * math.log((current - 10.0) / (current - 16.0))
    expected = round(refractory / dt) + math.ceil(rise / dt - 1e-9)

    assert set(np.diff([tick for tick, _ in spikes(world)]).tolist()) == {expected}


def test_conductances_while_refractory():
    """What arrives in a refractory period is not lost, and acts when it is over."""
    world = World()
    dispatcher = simulate(world, ConductanceIntegration(), SpikeTrainFiring())
    neuron = world.create_entities(1, *conductance_based(-50.0, refractory=10.0))
    source = world.create_entities(1, spike_trains(world, [[4.0]]), *FIRING)
    connect(world, source, neuron, weight=60.0)
    dispatcher.run(11)
    held = world.component(int(neuron[0]), Membrane).v
    dispatcher.run(9)

    assert held == -60.0
    assert [tick for tick, who in spikes(world) if who == 0] == [1, 12]


@BOTH
def test_refractory_period_that_does_not_fit(stepped):
    """A refractory period that is no multiple of the tick is refused."""
    world = World(dt=0.2)
    dispatcher = simulate(world, ConductanceIntegration())
    world.create_entities(1, *conductance_based(refractory=0.5))

    with pytest.raises(TimeError, match=r"a refractory period of 0\.5 ms is no multiple of the tick, which is 0\.2 ms"):
        dispatcher.run(1, stepped=stepped)


@pytest.mark.parametrize("name", ["excitatory", "inhibitory"])
def test_negative_conductances(name):
    """A conductance below 0 is refused."""
    with pytest.raises(ComponentError, match=f"SynapticConductances: {name} must lie in 0"):
        SynapticConductances.batch(**{name: -0.1})


# -- the specification ------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("repeats", [1, 3])
def test_networks(repeats, stepped):
    """Among neurons of all models, in any order of rows, they equal the plain-Python specification, bit for bit."""
    n = len(MIXED.order) * repeats
    pairs = [(i, k) for i in range(n) for k in (0, 3, 4)]
    synapses = [(i, (5 * i + k) % n, 1 + (i + k) % 5, 3.0 if (i + k) % 3 else -1.0) for i, k in pairs]
    described = MIXED if repeats == 1 else Description(order=MIXED.order * repeats, synapses=synapses, train=[2, 9])
    network = plain(described)
    for _ in range(80):
        network.step()
    world, dispatcher = simulated(described)
    dispatcher.run(80, stepped=stepped)

    assert {described.order[number] for _, number in network.spikes} >= {4, 5}
    assert network.spikes == spikes(world)
    assert [cell.state() for cell in network.cells] == state(world)


UNCOMPILED = """
import sys
sys.path.insert(0, "tests")
from model_worlds import simulated, spikes, state
from test_models_conductance import MIXED
world, dispatcher = simulated(MIXED)
dispatcher.run(40)
dispatcher.run(40, stepped=True)
print(spikes(world), state(world))
"""


def test_uncompiled():
    """Compiled and uncompiled kernels give the same bits."""
    compiled, uncompiled = printed_by(UNCOMPILED, True), printed_by(UNCOMPILED, False)

    assert compiled == uncompiled
    assert compiled.count("(") > 50


# -- company ----------------------------------------------------------------------------------------------------------


@BOTH
def test_currents_and_conductances(stepped):
    """In one world one axon feeds currents and conductances, and each neuron has what it would have alone."""
    found = []
    for kinds in ((0, 1), (0,), (1,)):
        world = World(dt=0.5)
        dispatcher = simulate(world, ConductanceIntegration(), LeakyIntegration(), SpikeTrainFiring())
        source = world.create_entities(1, spike_trains(world, [[1.0, 3.0]]), *FIRING)
        makes = [conductance_based(), leaky(-60.0, rest=-60.0)]
        for kind in kinds:
            neuron = world.create_entities(1, *makes[kind])
            connect(world, source, neuron, weight=0.5)
            connect(world, source, neuron, weight=-0.2)
        dispatcher.run(40, stepped=stepped)
        found.append(state(world)[1:])

    together, *each = found
    assert together == [one for (one,) in each]
    assert together[0][1] > 0 > together[1][2]
    assert together[0][2] > 0


def test_conductances_that_are_taken_away():
    """What was on its way to conductances that a neuron has no more is dropped and counted; currents keep theirs."""
    world = World()
    dispatcher = simulate(world, ConductanceIntegration(), LeakyIntegration(), SpikeTrainFiring())
    neurons = np.array([world.create_entities(1, *batches)[0] for batches in (conductance_based(), leaky())])
    source = world.create_entities(1, spike_trains(world, [[1.0]]), *FIRING)
    connect(world, source[[0, 0]], neurons, weight=0.5, delay=9)
    dispatcher.run(3)
    world.remove(int(neurons[0]), SynapticConductances)
    dispatcher.run(1)
    line = world.resource(DelayLine)

    assert (line.in_flight(), line.dropped) == (1, 1)
    assert line.by_sign.tolist() == [False, True, False]
    assert len(world.entities(NEURON)) == line.signed.shape[-1]


@BOTH
def test_synapses_with_a_capacity(stepped):
    """A synapse whose capacity never tires does to a neuron what one without does, by sign."""
    found = []
    for also in ((), (Capacity.batch(), LastSignal.batch())):
        world, builder = World(3), DispatcherBuilder().add(SignalArrival(), "signal_arrival")
        add_arriving(builder, accumulates=False)
        arrived = ["signal_arrival", "synaptic_transmission"]
        builder.add(PostsynapticPotential(), "postsynaptic_potential", after=arrived)
        builder.add(ConductanceIntegration(), "integration", after=["postsynaptic_potential"])
        builder.add(PoissonFiring(), "poisson", after=["integration"])
        builder.add(Firing(), "firing", after=["poisson"])
        builder.add(SignalPropagation(), "signal_propagation", after=["firing"])
        builder.add(SpikeRecording(), "spike_recording", after=["firing"])
        add_leaving(builder, spikes=True, accumulates=False)
        dispatcher = builder.build(world)
        neuron = world.create_entities(2, *conductance_based())
        source = world.create_entities(2, PoissonSource.batch(rate=200.0), *FIRING)
        pairs = np.array([(s, n) for s in source for n in neuron]).T
        connect(world, *pairs, weight=[0.5, 2.0, -1.0, 0.25], delay=[1, 5, 2, 3], also=also)
        dispatcher.run(300, stepped=stepped)
        found.append((spikes(world), state(world)))

    assert found[0] == found[1]
    assert {neuron for _, neuron in found[0][0]} >= {0, 1}


def test_each_model_has_its_own_components():
    """The system of one model leaves the neurons of the other alone."""
    world = World()
    dispatcher = simulate(world, ConductanceIntegration())
    neuron = int(world.create_entities(1, *leaky(-55.0))[0])
    dispatcher.run(5)

    assert world.component(neuron, Membrane).v == -55.0
    assert world.component(neuron, SynapticCurrents).excitatory == 0
    assert world.component(neuron, LeakyIntegrateAndFire).tau_inh == 10.0
