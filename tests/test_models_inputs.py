"""Inputs: currents, noises and spikes, to the neurons that they are meant for."""

from __future__ import annotations

import math

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_worlds import FIRING, hindmarsh_rose, izhikevich, leaky, simulate, spikes

from runen_ecs.components import (
    NEURON,
    ActionPotential,
    Izhikevich,
    LastSpike,
    Membrane,
    PoissonSource,
    SpikeTrain,
    SynapticInput,
    Weight,
)
from runen_ecs.engine import Component, DispatcherBuilder, World
from runen_ecs.errors import EntityError, TimeError
from runen_ecs.network import SpikeTimes, connect, spike_trains
from runen_ecs.systems import (
    CurrentInput,
    Firing,
    GaussianInput,
    HindmarshRoseIntegration,
    IzhikevichIntegration,
    LeakyIntegration,
    PoissonFiring,
    SignalArrival,
    SignalPropagation,
    SpikeRecording,
    SpikeTrainFiring,
    StdpLearning,
    ThalamicInput,
)
from runen_ecs.waveforms import Waveform, constant, pulse, ramp, step


class Chosen(Component, kind=NEURON):
    """A tag."""


def currents(waveform: Waveform, ticks: int, dt: float = 1.0) -> list[float]:
    """What a neuron gets in each tick."""
    world = World(dt=dt)
    dispatcher = simulate(world, inputs=[CurrentInput(waveform)])
    world.create_entities(1, SynapticInput.batch())
    found = []
    for _ in range(ticks):
        dispatcher.run(1)
        found.append(float(world.storage(SynapticInput).arrays.current[0]))
    return found


# -- currents ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("waveform", "expected"),
    [
        ([], [0, 0, 0, 0, 0, 0]),
        (constant(3.0), [3, 3, 3, 3, 3, 3]),
        (step(2.0, 3.0), [0, 0, 3, 3, 3, 3]),
        (pulse(1.0, 3.0, 5.0), [0, 5, 5, 0, 0, 0]),
        (pulse(0.0, 1.0, 5.0) + pulse(3.0, 4.0, -2.0), [5, 0, 0, -2, 0, 0]),
        (ramp(1.0, 5.0, 8.0), [0, 0, 2, 4, 6, 8]),
        (constant(1.0) + pulse(2.0, 3.0, 5.0), [1, 0.5, 5, 0, 0, 0]),
        ([(0.5, 1.0), (2.5, 3.0)], [0, 1.5, 2.5, 3, 3, 3]),
        ([(2.0, 1.0), (2.0, 7.0), (2.0, 4.0)], [0, 0, 4, 4, 4, 4]),
    ],
)
def test_waveforms(waveform, expected):
    """A tick gets what the waveform is at its beginning, after a jump, and linear between breakpoints."""
    assert currents(waveform, 6) == expected


@pytest.mark.parametrize("dt", [0.1, 0.3, 0.7, 0.01])
def test_breakpoints_at_multiples_of_the_tick(dt):
    """A step at any multiple of the tick acts from that tick on, in spite of rounding."""
    for n in range(0, 200, 7):
        assert currents(step(n * dt, 1.0), n + 1, dt) == [0.0] * n + [1.0]


@pytest.mark.parametrize("waveform", [[(2.0, 1.0), (1.0, 1.0)], [(math.nan, 1.0)], [(0.0, math.inf)]])
def test_waveform_that_cannot_be(waveform):
    """Breakpoints out of order, or that are no numbers, are refused."""
    with pytest.raises(TimeError, match="in the order of time"):
        CurrentInput(waveform)


# -- who gets it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", [ThalamicInput, GaussianInput, CurrentInput], ids=lambda system: system.__name__)
@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_targets(system, stepped):
    """An input reaches the neurons chosen by entity, by a function or by a tag, and follows them when rows move."""

    def make(neurons: object) -> World:
        world = World(4)
        first = {CurrentInput: [constant(2.0)]}.get(system, [1.0, 2.0])
        simulated = simulate(world, inputs=[system(*first, neurons=neurons)])
        world.create_entities(12, SynapticInput.batch(), Membrane.batch())
        world.insert_many([3, 4, 9, 12], Chosen.batch())
        simulated.run(3, stepped=stepped)
        world.delete_entities([1, 4, 7])
        simulated.run(1, stepped=stepped)
        return world

    def tagged(world: World) -> np.ndarray:
        return world.entities(NEURON)[world.storage(Chosen).present]

    def given(world: World) -> dict[int, float]:
        current = world.storage(SynapticInput).arrays.current.tolist()
        return {e: c for e, c in zip(world.entities(NEURON).tolist(), current, strict=True) if c}

    by_entity, by_function, by_tag, everyone = (
        given(make(neurons)) for neurons in ([12, 3, 4, 9], lambda world: [3, 4, 9, 12], tagged, None)
    )

    assert sorted(by_entity) == [3, 9, 12]
    assert by_entity == by_function == by_tag == {e: c for e, c in everyone.items() if e in by_entity}
    assert len(everyone) == 9


def test_target_that_is_no_neuron():
    """An input to what is no neuron is refused."""
    world = World()
    dispatcher = simulate(world, inputs=[GaussianInput(neurons=[1, 3])])
    world.create_entities(2, SynapticInput.batch())
    connect(world, 1, 2)

    with pytest.raises(EntityError, match="entity 3: is no neuron, and GaussianInput is to drive it"):
        dispatcher.run(1)


def test_neurons_that_come_later():
    """An input to all reaches those that are created while it runs; one to chosen neurons does not."""
    world = World()
    inputs = [CurrentInput(constant(1.0)), CurrentInput(constant(2.0), neurons=[1])]
    dispatcher = simulate(world, inputs=inputs)
    world.create_entities(1, SynapticInput.batch())
    dispatcher.run(2)
    world.create_entities(1, SynapticInput.batch())
    dispatcher.run(2)

    assert world.storage(SynapticInput).arrays.current.tolist() == [3.0, 1.0]


# -- spikes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "dt"), [(5.0, 1.0), (50.0, 0.1), (200.0, 1.0)])
def test_poisson_rate(rate, dt):
    """Poisson sources fire at their rate, with counts as variable as they must be, within five standard errors."""
    n, ticks = 400, 4000
    world = World(2, dt)
    dispatcher = simulate(world, PoissonFiring())
    world.create_entities(n, PoissonSource.batch(rate=rate), *FIRING)
    dispatcher.run(ticks)
    count = np.bincount([neuron for _, neuron in spikes(world)], minlength=n)
    p = rate * dt / 1000
    expected = ticks * p

    assert abs(count.mean() - expected) < 5 * math.sqrt(expected * (1 - p) / n)
    assert abs(count.var() / (expected * (1 - p)) - 1) < 5 * math.sqrt(2 / n)


def test_rates_that_change():
    """The rate of a source may change while it runs; 0 is silence, and one spike a tick is the most."""
    world = World()
    dispatcher = simulate(world, PoissonFiring())
    source = int(world.create_entities(1, PoissonSource.batch(rate=0.0), *FIRING)[0])
    dispatcher.run(100)
    world.component(source, PoissonSource).rate = 1e6
    dispatcher.run(100)

    assert [tick for tick, _ in spikes(world)] == list(range(101, 201))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sets(st.integers(1, 60)), min_size=1, max_size=5),
    st.sampled_from([1.0, 0.1, 0.3]),
    st.booleans(),
)
def test_spike_trains(trains, dt, stepped):
    """Neurons fire at the times of their lists, in any order given, and at no other."""
    world = World(dt=dt)
    dispatcher = simulate(world, SpikeTrainFiring())
    times = [dt * np.array(sorted(train, reverse=True)) for train in trains]
    world.create_entities(len(trains), spike_trains(world, times), *FIRING)
    dispatcher.run(50, stepped=stepped)

    assert spikes(world) == sorted((t, n) for n, train in enumerate(trains) for t in train if t <= 50)


def test_spike_trains_that_come_later():
    """Lists made while it runs are added to those there are; what is past is left out."""
    world = World()
    dispatcher = simulate(world, SpikeTrainFiring())
    first = world.create_entities(2, spike_trains(world, [[5.0], [1.0, 12.0]]), *FIRING)
    dispatcher.run(6)
    world.create_entities(1, spike_trains(world, [[3.0, 8.0]]), *FIRING)
    world.delete_entity(int(first[0]))
    dispatcher.run(10)

    assert spikes(world) == [(1, 1), (5, 0), (8, 2), (12, 1)]
    assert world.resource(SpikeTimes).tick.tolist() == [5, 1, 12, 3, 8]
    assert world.storage(SpikeTrain).arrays.next.tolist() == [3, 5]


@pytest.mark.parametrize(
    ("times", "problem"),
    [
        ([[1.0], [0.25]], "a spike time of 0.25 ms is no multiple of the tick, which is 0.1 ms long"),
        ([[1.0], [0.0]], "spike train 1 has a spike at 0 ms; time begins after 0"),
        ([[2.0, 1.0, 2.0]], "spike train 0 has two spikes at 2 ms; a tick has room for one"),
    ],
)
def test_spike_times_that_cannot_be(times, problem):
    """Spikes between ticks, before the first and twice in one tick are refused, and leave nothing behind."""
    world = World(dt=0.1)
    with pytest.raises(TimeError, match=problem):
        spike_trains(world, times)

    assert world.resource(SpikeTimes).tick.size == 0


# -- learning ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_learning_of_all_models(stepped):
    """STDP changes the synapses between neurons of all models and sources as the rule says of their spikes."""
    world = World(6)
    dispatcher = (
        DispatcherBuilder()
        .add(SignalArrival(), "arrival")
        .add(ThalamicInput(0.0, 15.0), "noise", after=["arrival"])
        .add(IzhikevichIntegration(), "izhikevich", after=["noise"])
        .add(HindmarshRoseIntegration(), "hindmarsh_rose", after=["izhikevich"])
        .add(LeakyIntegration(), "leaky", after=["hindmarsh_rose"])
        .add(PoissonFiring(), "poisson", after=["leaky"])
        .add(Firing(), "firing", after=["poisson"])
        .add(SignalPropagation(4.0), "propagation", after=["firing"])
        .add(StdpLearning(), "learning", after=["propagation"])
        .add(SpikeRecording(), "recording", after=["firing"])
        .build(world)
    )
    for batches in (
        izhikevich(3, Izhikevich(), -65.0),
        hindmarsh_rose(),
        leaky(),
        [PoissonSource.batch(rate=80.0), ActionPotential.batch(), LastSpike.batch()],
    ):
        world.create_entities(3, *batches)
    pairs = [(i, j) for i in range(12) for j in range(12) if (i + 2 * j) % 3]
    source, target = (np.array(pairs) + 1).T
    connect(world, source, target, weight=1.0)
    dispatcher.run(400, stepped=stepped)

    network = naive.Network(neurons=[naive.Neuron() for _ in range(12)])
    for i, j in pairs:
        network.connect(i, j, 1, 1.0)
    found = spikes(world)
    for tick in range(1, 401):
        network.tick = tick
        network.learn([network.neurons[i] for t, i in found if t == tick])

    assert {neuron for _, neuron in found} == set(range(12))
    assert [synapse.weight for synapse in network.synapses] == world.storage(Weight).arrays.value.tolist()
