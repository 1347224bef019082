"""Small networks of all models, in the simulator and in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import naive_models as naive
import numpy as np
from hypothesis import strategies as st

from runen_ecs.components import (
    NEURON,
    ActionPotential,
    ConductanceIntegrateAndFire,
    HindmarshRose,
    HindmarshRoseCurrents,
    Izhikevich,
    LastSpike,
    LeakyIntegrateAndFire,
    Membrane,
    PoissonSource,
    Recovery,
    SynapticConductances,
    SynapticCurrents,
    SynapticInput,
)
from runen_ecs.connectivity import with_probability
from runen_ecs.engine import Batch, Dispatcher, DispatcherBuilder, System, World
from runen_ecs.network import connect, spike_trains
from runen_ecs.recording import SpikeRecord
from runen_ecs.systems import (
    ConductanceIntegration,
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
    ThalamicInput,
)
from runen_ecs.waveforms import Waveform

FIRING = ActionPotential.batch(), LastSpike.batch()


def simulate(world: World, *firing: System, inputs: Sequence[System] = (), limit: float = float("inf")) -> Dispatcher:
    """The systems of a network: what drives it, what makes neurons fire, and what spikes do."""
    builder = DispatcherBuilder().add(SignalArrival(), "signal_arrival")
    before = ["signal_arrival"]
    for number, system in enumerate(inputs):
        builder.add(system, f"input {number}", after=["signal_arrival"])
        before.append(f"input {number}")
    for number, system in enumerate(firing):
        builder.add(system, f"firing {number}", after=before)
        before = [*before, f"firing {number}"]
    return (
        builder.add(Firing(), "firing", after=before)
        .add(SignalPropagation(limit), "signal_propagation", after=["firing"])
        .add(SpikeRecording(), "spike_recording", after=["firing"])
        .build(world)
    )


def spikes(world: World) -> list[tuple[int, int]]:
    """All spikes: tick, neuron by order of creation."""
    tick, entity = world.resource(SpikeRecord).events().values()
    return list(zip(tick.tolist(), world.table(NEURON).creation_number(entity).tolist(), strict=True))


def izhikevich(n: int, cell: Izhikevich, v: float, u: float | None = None) -> list[Batch]:
    """The components of Izhikevich neurons."""
    parameters = {name: getattr(cell, name) for name in Izhikevich.fields}
    state = Membrane.batch(v=v), Recovery.batch(u=cell.b * v if u is None else u)
    return [Izhikevich.batch(**parameters), *state, SynapticInput.batch(), *FIRING]


def hindmarsh_rose(**parameters: float) -> list[Batch]:
    """The components of Hindmarsh–Rose neurons."""
    state = Membrane.batch(v=-1.6), HindmarshRoseCurrents.batch()
    return [HindmarshRose.batch(**parameters), *state, SynapticInput.batch(), *FIRING]


def leaky(v: object = -60.0, **parameters: float) -> list[Batch]:
    """The components of leaky integrate-and-fire neurons."""
    state = Membrane.batch(v=v), SynapticCurrents.batch()  # type: ignore[arg-type]
    return [LeakyIntegrateAndFire.batch(**parameters), *state, SynapticInput.batch(), *FIRING]


def conductance_based(v: object = -70.0, exc: float = 0.0, inh: float = 0.0, **parameters: float) -> list[Batch]:
    """The components of leaky integrate-and-fire neurons with conductances, and how large these are."""
    state = Membrane.batch(v=v), SynapticConductances.batch(excitatory=exc, inhibitory=inh)  # type: ignore[arg-type]
    return [ConductanceIntegrateAndFire.batch(**parameters), *state, SynapticInput.batch(), *FIRING]


def cuba(seed: int) -> tuple[World, Dispatcher]:
    """The CUBA network of Vogels and Abbott as in Brette et al. (2007), ticks of 0.1 ms."""
    world = World(seed, dt=0.1)
    dispatcher = simulate(world, LeakyIntegration())
    neuron = world.create_entities(4000, *leaky(-60 + 10 * np.random.default_rng(seed).random(4000)))
    source, target = with_probability(4000, 4000, 0.02, seed, "cuba")
    connect(world, neuron[source], neuron[target], weight=np.where(source < 3200, 1.62, -9.0))
    return world, dispatcher


@dataclass
class Description:
    """A network of all models; `order` says which neuron is of which: 0 … 5."""

    seed: int = 0
    dt: float = 1.0
    substeps: int = 2
    order: list[int] = field(default_factory=lambda: [0, 0, 1, 1, 2, 2, 3, 4])
    taus: tuple[float, float, float] = (20.0, 5.0, 10.0)
    noise: tuple[float, float] = (0.0, 12.0)
    gaussian: tuple[float, float] = (1.0, 2.0)
    noisy: list[int] = field(default_factory=list)
    waveform: Waveform = field(default_factory=list)
    injected: list[int] = field(default_factory=list)
    rate: float = 100.0
    train: list[int] = field(default_factory=list)
    limit: float = float("inf")
    synapses: list[tuple[int, int, int, float]] = field(default_factory=list)


@st.composite
def descriptions(draw: st.DrawFn) -> Description:
    """Small, lively networks of all models: each is there, neurons of one model are neighbours."""
    counts = draw(st.lists(st.integers(1, 3), min_size=6, max_size=6))
    order = [kind for kind, count in enumerate(counts) for _ in range(count)]
    dt = draw(st.sampled_from([1.0, 0.1, 0.5]))
    driven = [number for number, kind in enumerate(order) if kind not in (3, 4)]
    neurons = st.lists(st.sampled_from(driven), unique=True)
    neuron = st.integers(0, len(order) - 1)
    times = sorted(draw(st.lists(st.integers(0, 40), max_size=5)))
    weight = st.sampled_from([1.0, -1.0, 30.0, -30.0]) | st.floats(-40, 40)
    return Description(
        draw(st.integers(0, 2**64 - 1)),
        dt,
        draw(st.integers(1, 4)),
        order,
        draw(st.sampled_from([(20.0, 5.0, 10.0), (10.0, 10.0, 10.0), (5.0, 5.0 + 1e-9, 3.0), (20.0, 0.5, 100.0)])),
        draw(st.sampled_from([(0.0, 12.0), (-3.0, 40.0)])),
        draw(st.sampled_from([(1.0, 2.0), (0.0, 20.0)])),
        draw(neurons),
        [(tick * dt, draw(st.sampled_from([-5.0, 0.0, 3.0, 20.0]))) for tick in times],
        draw(neurons),
        draw(st.sampled_from([0.0, 100.0, 1e4])),
        sorted(draw(st.sets(st.integers(1, 40), max_size=10))),
        draw(st.sampled_from([float("inf"), 4.0])),
        draw(st.lists(st.tuples(neuron, neuron, st.integers(1, 20), weight), max_size=25)),
    )


def plain(d: Description) -> naive.Network:
    """Build it in plain Python."""
    refractory = 3
    make: list[Callable[[int], naive.Cell]] = [
        lambda number: naive.Izhikevich(d.dt, substeps=d.substeps),
        lambda number: naive.HindmarshRose(d.dt, steps=5),
        lambda number: naive.LeakyIntegrateAndFire(d.dt, taus=d.taus, refractory_ticks=refractory, v=-60.0),
        lambda number: naive.Poisson(d.dt, seed=d.seed, entity=number + 1, rate=d.rate),
        lambda number: naive.Train(d.dt, ticks=tuple(d.train)),
        lambda number: naive.ConductanceIntegrateAndFire(
            d.dt, taus=d.taus, refractory_ticks=refractory, v=-70.0, rest=-70.0, threshold=-54.0
        ),
    ]
    cells = [make[kind](number) for number, kind in enumerate(d.order)]
    for source, target, delay, weight in d.synapses:
        cells[source].axon.append((cells[target], delay, weight))
    driven = [number for number, cell in enumerate(cells) if cell.takes_input]
    noises = [
        naive.Noise("thalamic_input", False, d.noise, driven),
        naive.Noise("gaussian_input", True, d.gaussian, d.noisy),
    ]
    return naive.Network(d.seed, d.dt, d.limit, cells, noises, d.waveform, d.injected)


def simulated(d: Description) -> tuple[World, Dispatcher]:
    """Build it in a world."""
    world = World(d.seed, d.dt)
    dispatcher = simulate(
        world,
        IzhikevichIntegration(d.substeps),
        HindmarshRoseIntegration(d.dt / 0.05),
        LeakyIntegration(),
        PoissonFiring(),
        SpikeTrainFiring(),
        ConductanceIntegration(),
        inputs=[
            ThalamicInput(*d.noise),
            GaussianInput(*d.gaussian, neurons=np.array(d.noisy, int) + 1),
            CurrentInput(d.waveform, neurons=lambda world: [number + 1 for number in d.injected]),
        ],
        limit=d.limit,
    )
    taus = dict(zip(("tau_m", "tau_exc", "tau_inh"), d.taus, strict=True))
    batches = [
        lambda: izhikevich(1, Izhikevich(), -65.0),
        lambda: hindmarsh_rose(),
        lambda: leaky(**taus, refractory=3 * d.dt),
        lambda: [PoissonSource.batch(rate=d.rate), *FIRING],
        lambda: [spike_trains(world, [np.array(d.train) * d.dt]), *FIRING],
        lambda: conductance_based(**taus, refractory=3 * d.dt),
    ]
    neuron = np.array([world.create_entities(1, *batches[kind]())[0] for kind in d.order])
    if d.synapses:
        source, target, delay, weight = zip(*d.synapses, strict=True)
        connect(world, neuron[list(source)], neuron[list(target)], weight=weight, delay=delay)
    return world, dispatcher


def state(world: World) -> list[tuple[float, ...]]:
    """The variables of each neuron, in the order of creation."""
    v, found = world.storage(Membrane).arrays.v, []
    two = [
        (Izhikevich, [world.storage(Recovery).arrays.u]),
        (HindmarshRose, [world.storage(HindmarshRoseCurrents).arrays.y, world.storage(HindmarshRoseCurrents).arrays.z]),
        (
            LeakyIntegrateAndFire,
            [world.storage(SynapticCurrents).arrays.excitatory, world.storage(SynapticCurrents).arrays.inhibitory],
        ),
        (
            ConductanceIntegrateAndFire,
            [
                world.storage(SynapticConductances).arrays.excitatory,
                world.storage(SynapticConductances).arrays.inhibitory,
            ],
        ),
    ]
    for row in range(len(world.entities(NEURON))):
        others = [arrays for component, arrays in two if world.storage(component).has(row)]
        found.append((float(v[row]), *(float(array[row]) for array in others[0])) if others else ())
    return found
