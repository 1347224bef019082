"""Networks whose activity is known: the one of Izhikevich's paper of 2003, and the CUBA benchmark."""

from __future__ import annotations

import numpy as np

from runen_ecs.components import (
    ActionPotential,
    Izhikevich,
    LastSpike,
    LeakyIntegrateAndFire,
    Membrane,
    Recovery,
    SynapticCurrents,
    SynapticInput,
)
from runen_ecs.connectivity import all_to_all, with_probability
from runen_ecs.distributions import Uniform, sample
from runen_ecs.engine import DispatcherBuilder, World
from runen_ecs.network import connect
from runen_ecs.recording import SpikeRecord
from runen_ecs.systems import (
    Firing,
    GaussianInput,
    IzhikevichIntegration,
    LeakyIntegration,
    SignalArrival,
    SignalPropagation,
    SpikeRecording,
)

from .check import Check

__all__ = ["checks", "cuba", "izhikevich_2003"]

N_EXCITATORY, N_INHIBITORY = 800, 200


def izhikevich_2003(seed: int) -> dict[str, float]:
    """Run 1 s of the 800 excitatory and 200 inhibitory cells of ``net.m``; return rates [Hz] and how many spikes."""
    world, n = World(seed), N_EXCITATORY + N_INHIBITORY
    r = sample(Uniform(0, 1), seed, "izhikevich-2003/cells", n)
    e, i = r[:N_EXCITATORY], r[N_EXCITATORY:]
    b = np.concatenate([np.full(e.size, 0.2), 0.25 - 0.05 * i])
    neurons = world.create_entities(
        n,
        Izhikevich.batch(
            a=np.concatenate([np.full(e.size, 0.02), 0.02 + 0.08 * i]),
            b=b,
            c=np.concatenate([-65 + 15 * e**2, np.full(i.size, -65.0)]),
            d=np.concatenate([8 - 6 * e**2, np.full(i.size, 2.0)]),
        ),
        Membrane.batch(v=-65.0),
        Recovery.batch(u=b * -65.0),
        SynapticInput.batch(),
        ActionPotential.batch(),
        LastSpike.batch(),
    )
    source, target = all_to_all(n, n)
    size = sample(Uniform(0, 1), seed, "izhikevich-2003/weights", source.size)
    connect(world, neurons[source], neurons[target], weight=np.where(source < N_EXCITATORY, 0.5 * size, -size))
    dispatcher = (
        DispatcherBuilder()
        .add(SignalArrival(), "signal_arrival")
        .add(GaussianInput(0, 5, "excitatory", neurons[:N_EXCITATORY]), "excitatory_input", after=["signal_arrival"])
        .add(GaussianInput(0, 2, "inhibitory", neurons[N_EXCITATORY:]), "inhibitory_input", after=["signal_arrival"])
        .add(IzhikevichIntegration(), "integration", after=["excitatory_input", "inhibitory_input"])
        .add(Firing(), "firing", after=["integration"])
        .add(SignalPropagation(), "signal_propagation", after=["firing"])
        .add(SpikeRecording(), "spike_recording", after=["firing"])
        .build(world)
    )
    dispatcher.run(1000)
    spikes = world.resource(SpikeRecord).events()["entity"]
    excitatory = int(np.isin(spikes, neurons[:N_EXCITATORY]).sum())
    return {
        "excitatory_hz": excitatory / N_EXCITATORY,
        "inhibitory_hz": (spikes.size - excitatory) / N_INHIBITORY,
        "spikes": spikes.size,
    }


def cuba(seed: int) -> float:
    """Run 1 s of the CUBA network, at ticks of 0.1 ms; return the mean rate [Hz]."""
    world, n_excitatory, n = World(seed, dt=0.1), 3200, 4000
    neurons = world.create_entities(
        n,
        LeakyIntegrateAndFire.batch(),
        Membrane.batch(v=sample(Uniform(-60, -50), seed, "cuba/v", n)),
        SynapticCurrents.batch(),
        SynapticInput.batch(),
        ActionPotential.batch(),
        LastSpike.batch(),
    )
    source, target = with_probability(n, n, 0.02, seed, "cuba/connections")
    connect(world, neurons[source], neurons[target], weight=np.where(source < n_excitatory, 1.62, -9.0))
    dispatcher = (
        DispatcherBuilder()
        .add(LeakyIntegration(), "integration")
        .add(Firing(), "firing", after=["integration"])
        .add(SignalPropagation(), "signal_propagation", after=["firing"])
        .add(SpikeRecording(), "spike_recording", after=["firing"])
        .build(world)
    )
    dispatcher.run(10_000)
    return world.resource(SpikeRecord).events()["tick"].size / n


def checks() -> list[Check]:
    """Return the checks of networks; each is the mean over some seeds, so that no single one decides."""
    return [
        Check(
            "network/izhikevich-2003",
            "Izhikevich 2003, figure 3 (net.m); measured with another program over 60 seeds",
            "excitatory 7.1-8.0 Hz, inhibitory 6.6-8.0 Hz, 7,143-8,003 spikes in 1 s",
            lambda: _mean([izhikevich_2003(seed) for seed in range(1, 5)]),
            lambda m: (
                7.1 <= m["excitatory_hz"] <= 8.0 and 6.6 <= m["inhibitory_hz"] <= 8.0 and 7143 <= m["spikes"] <= 8003
            ),
        ),
        Check(
            "network/cuba",
            "Vogels & Abbott 2005 as in Brette et al. 2007; measured with another program over 4 seeds",
            "5.5-5.8 Hz over 1 s",
            lambda: float(np.mean([cuba(seed) for seed in range(1, 5)])),
            lambda rate: 5.5 <= rate <= 5.8,
        ),
    ]


def _mean(found: list[dict[str, float]]) -> dict[str, float]:
    return {key: float(np.mean([one[key] for one in found])) for key in found[0]}
