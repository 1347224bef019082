"""Leaky integrate-and-fire neurons follow the closed forms of their equations; ticks of any length."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_worlds import FIRING, hindmarsh_rose, izhikevich, leaky, simulate, spikes, state

from runen_ecs.components import (
    NEURON,
    Capacity,
    Izhikevich,
    LastSignal,
    LeakyIntegrateAndFire,
    Membrane,
    PoissonSource,
    SynapticCurrents,
    SynapticInput,
)
from runen_ecs.engine import Clock, DispatcherBuilder, World
from runen_ecs.errors import TimeError
from runen_ecs.network import DelayLine, connect, spike_trains
from runen_ecs.scenarios.plans import add_arriving, add_leaving
from runen_ecs.systems import (
    CurrentInput,
    Firing,
    HindmarshRoseIntegration,
    IzhikevichIntegration,
    LeakyIntegration,
    PoissonFiring,
    PostsynapticPotential,
    SignalArrival,
    SignalPropagation,
    SpikeRecording,
    SpikeTrainFiring,
)
from runen_ecs.waveforms import constant, pulse

tau = st.sampled_from([0.5, 2.0, 5.0, 10.0, 20.0]) | st.floats(0.3, 100)


def potential(t: float, tau_m: float, tau: float) -> float:
    """The potential t after a jump of one of a synaptic current, in closed form."""
    if abs(tau_m - tau) < 1e-6 * tau:
        return t / tau * math.exp(-t / tau)
    return tau / (tau_m - tau) * (math.exp(-t / tau_m) - math.exp(-t / tau))


@settings(max_examples=40, deadline=None)
@given(tau, tau | st.none(), st.sampled_from([1.62, 0.1, -9.0, -1.0]), st.sampled_from([0.1, 0.5, 1.0]))
def test_postsynaptic_potential(tau_m, tau, weight, dt):
    """One postsynaptic potential has the shape of the closed form, whichever sign, also where the two taus are one."""
    tau = tau_m if tau is None else tau
    world = World(dt=dt)
    dispatcher = simulate(world, LeakyIntegration(), SpikeTrainFiring())
    neuron = world.create_entities(
        1, *leaky(-70.0, rest=-70.0, tau_m=tau_m, **{"tau_exc" if weight > 0 else "tau_inh": tau})
    )
    source = world.create_entities(1, spike_trains(world, [[2.0]]), *FIRING)
    connect(world, source, neuron, weight=weight)
    for tick in range(1, round(30 / dt)):
        dispatcher.run(1)
        after = tick * dt - 2.0
        expected = weight * potential(after, tau_m, tau) if after > 1e-9 else 0.0
        assert math.isclose(world.component(int(neuron[0]), Membrane).v + 70, expected, rel_tol=1e-6, abs_tol=1e-11)


@pytest.mark.parametrize("weight", [1.62, -9.0])
@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_separate_currents(weight, stepped):
    """Positive and negative potentials that arrive in one tick decay each with its own time constant."""
    world = World(dt=0.1)
    dispatcher = simulate(world, LeakyIntegration(), SpikeTrainFiring())
    neuron = world.create_entities(1, *leaky(-70.0, rest=-70.0))
    source = world.create_entities(1, spike_trains(world, [[1.0]]), *FIRING)
    connect(world, source, neuron, weight=weight, delay=5)
    connect(world, source, neuron, weight=-weight, delay=5)
    dispatcher.run(200, stepped=stepped)
    currents, t = world.component(int(neuron[0]), SynapticCurrents), 200 * 0.1 - 1.4
    size = abs(weight)

    assert math.isclose(currents.excitatory, size * math.exp(-t / 5), rel_tol=1e-12)
    assert math.isclose(currents.inhibitory, -size * math.exp(-t / 10), rel_tol=1e-12)
    assert math.isclose(
        world.component(int(neuron[0]), Membrane).v + 70,
        size * potential(t, 20, 5) - size * potential(t, 20, 10),
        rel_tol=1e-10,
    )


@pytest.mark.parametrize("refractory", [0.0, 2.0, 5.0])
@pytest.mark.parametrize("current", [11.0, 12.5, 20.0, 100.0])
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_rate(current, refractory, dt):
    """Under a constant current the interval is the refractory period and the closed form's time to the threshold."""
    world = World(dt=dt)
    dispatcher = simulate(world, LeakyIntegration(), inputs=[CurrentInput(constant(current))])
    world.create_entities(1, *leaky(-60.0, rest=-60.0, refractory=refractory))
    dispatcher.run(round(500 / dt))
    rise = 20 * math.log(current / (current - 10.0))
    expected = round(refractory / dt) + math.ceil(rise / dt - 1e-9)

    assert set(np.diff([tick for tick, _ in spikes(world)]).tolist()) == {expected}


def test_rheobase():
    """A current that lifts the potential to just below the threshold fires nothing, ever."""
    world = World()
    dispatcher = simulate(world, LeakyIntegration(), inputs=[CurrentInput(constant(9.999))])
    world.create_entities(1, *leaky(-60.0, rest=-60.0))
    dispatcher.run(5000)

    assert spikes(world) == []


@pytest.mark.parametrize("dt", [1.0, 0.5, 0.1])
def test_exactness(dt):
    """The potential at a time does not depend on the tick's length."""
    world = World(dt=dt)
    inputs = [CurrentInput(pulse(5.0, 9.0, 7.0))]
    dispatcher = simulate(world, LeakyIntegration(), SpikeTrainFiring(), inputs=inputs)
    neuron = world.create_entities(1, *leaky(-70.0, rest=-70.0))
    source = world.create_entities(2, spike_trains(world, [[2.0, 3.0, 11.0], [4.0]]), *FIRING)
    connect(world, source, neuron[[0, 0]], weight=[4.0, -6.0])
    dispatcher.run(round(20 / dt))
    expected = sum(4 * potential(20 - t, 20, 5) for t in (2, 3, 11)) - 6 * potential(16, 20, 10)
    expected += 7 * (math.exp(-11 / 20) - math.exp(-15 / 20))

    assert math.isclose(world.component(int(neuron[0]), Membrane).v + 70, expected, rel_tol=1e-12)


@pytest.mark.parametrize("dt", [1.0, 0.1, 0.05])
def test_hindmarsh_rose_at_any_tick(dt):
    """A Hindmarsh–Rose neuron takes the same steps, whatever the tick's length."""
    world, other = World(), World(dt=dt)
    for one in (world, other):
        dispatcher = simulate(one, HindmarshRoseIntegration(), inputs=[CurrentInput(constant(2.5))])
        one.create_entities(1, *hindmarsh_rose())
        dispatcher.run(round(200 / one.clock.dt))

    assert world.storage(Membrane).arrays.v[0] == other.storage(Membrane).arrays.v[0]


def test_izhikevich_converges():
    """The error of an Izhikevich neuron halves with the tick."""
    found = []
    for dt in (0.4, 0.2, 0.1, 0.01):
        world = World(dt=dt)
        dispatcher = simulate(world, IzhikevichIntegration(1), inputs=[CurrentInput(constant(4.0))])
        world.create_entities(1, *izhikevich(1, Izhikevich(), -65.0))
        dispatcher.run(round(8 / dt))
        found.append(world.storage(Membrane).arrays.v[0])
    errors = np.abs(np.array(found[:3]) - found[3])

    assert spikes(world) == []
    assert np.allclose(errors[1:] / errors[:-1], 0.5, atol=0.1)


@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_synapses_with_a_capacity(stepped):
    """A synapse whose capacity never tires does to a neuron what one without does, potentials of both signs apart."""
    found = []
    for also in ((), (Capacity.batch(), LastSignal.batch())):
        world, builder = World(3), DispatcherBuilder().add(SignalArrival(), "signal_arrival")
        add_arriving(builder, accumulates=False)
        arrived = ["signal_arrival", "synaptic_transmission"]
        builder.add(PostsynapticPotential(), "postsynaptic_potential", after=arrived)
        builder.add(LeakyIntegration(), "leaky", after=["postsynaptic_potential"])
        builder.add(PoissonFiring(), "poisson", after=["leaky"])
        builder.add(Firing(), "firing", after=["poisson"])
        builder.add(SignalPropagation(), "signal_propagation", after=["firing"])
        builder.add(SpikeRecording(), "spike_recording", after=["firing"])
        add_leaving(builder, spikes=True, accumulates=False)
        dispatcher = builder.build(world)
        neuron = world.create_entities(3, *leaky())
        source = world.create_entities(2, PoissonSource.batch(rate=200.0), *FIRING)
        pairs = np.array([(s, n) for s in source for n in neuron]).T
        connect(world, *pairs, weight=[2.0, 8.0, 40.0, -1.0, 5.0, -3.0], delay=[1, 5, 2, 3, 5, 1], also=also)
        dispatcher.run(300, stepped=stepped)
        found.append((spikes(world), state(world)))

    assert found[0] == found[1]
    assert {neuron for _, neuron in found[0][0]} >= {1, 2}


# -- what does not fit the tick ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_refractory_period_that_does_not_fit(stepped):
    """A refractory period that is no multiple of the tick is refused."""
    world = World(dt=0.2)
    dispatcher = simulate(world, LeakyIntegration())
    world.create_entities(1, *leaky(refractory=0.5))

    with pytest.raises(TimeError, match=r"a refractory period of 0\.5 ms is no multiple of the tick, which is 0\.2 ms"):
        dispatcher.run(1, stepped=stepped)


@pytest.mark.parametrize(("dt", "time_scale"), [(1.0, 3.0), (0.1, 1000.0), (1.0, 0.0), (1.0, math.inf), (1.0, -1.0)])
def test_time_scale_that_does_not_fit(dt, time_scale):
    """A tick that is no whole number of steps of a Hindmarsh–Rose neuron is refused."""
    world = World(dt=dt)
    dispatcher = simulate(world, HindmarshRoseIntegration(time_scale))
    world.create_entities(1, *hindmarsh_rose())

    with pytest.raises(TimeError, match="step of Hindmarsh–Rose neurons"):
        dispatcher.run(1)


def test_no_steps():
    """An integration without steps is refused."""
    with pytest.raises(TimeError, match="1 step of v or more, not 0"):
        IzhikevichIntegration(substeps=0)


@pytest.mark.parametrize("dt", [1.0, 0.1, 0.3, 0.25])
def test_ticks(dt):
    """Times that are multiples of the tick are that many ticks, in spite of rounding."""
    clock, n = Clock(dt=dt), np.arange(10_000)

    assert np.array_equal(clock.ticks(n * dt, "a time"), n)
    with pytest.raises(TimeError, match="a time of nan ms"):
        clock.ticks(float("nan"), "a time")


# -- what changes while it runs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_parameters_that_change(stepped):
    """A time constant that is changed between ticks counts from the next one on."""
    world = World()
    dispatcher = simulate(world, LeakyIntegration())
    neuron = int(world.create_entities(1, *leaky(-69.0, rest=-70.0))[0])
    dispatcher.run(10, stepped=stepped)
    world.component(neuron, LeakyIntegrateAndFire).tau_m = 5.0
    dispatcher.run(10, stepped=stepped)

    assert math.isclose(world.component(neuron, Membrane).v + 70, math.exp(-10 / 20 - 10 / 5), rel_tol=1e-12)


def test_currents_that_are_taken_away():
    """What was on its way to synaptic currents that a neuron has no more is dropped and counted, and comes never."""
    world = World()
    dispatcher = simulate(world, LeakyIntegration(), SpikeTrainFiring())
    neuron = world.create_entities(1, *leaky(-70.0, rest=-70.0))
    source = world.create_entities(1, spike_trains(world, [[1.0]]), *FIRING)
    connect(world, source, neuron, weight=5.0, delay=9)
    dispatcher.run(3)
    world.remove(int(neuron[0]), SynapticCurrents)
    dispatcher.run(1)
    line = world.resource(DelayLine)
    counted = line.in_flight(), line.dropped
    world.insert(int(neuron[0]), SynapticCurrents())
    dispatcher.run(50)

    assert counted == (0, 1)
    assert world.component(int(neuron[0]), SynapticCurrents).excitatory == 0


def test_worlds_without_separate_currents():
    """A world in which no neuron wants its potentials apart has no room for them."""
    world = World()
    dispatcher = simulate(world, IzhikevichIntegration())
    world.create_entities(5, *izhikevich(5, Izhikevich(), -65.0))
    dispatcher.run(3)

    assert world.resource(DelayLine).signed.size == 0
    assert not world.has_storage(SynapticCurrents)
    assert len(world.entities(NEURON)) == world.storage(SynapticInput).arrays.current.size
