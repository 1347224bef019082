"""One neuron, a current, and the times of its spikes."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import (
    ActionPotential,
    Izhikevich,
    LastSpike,
    Membrane,
    Recovery,
    SynapticInput,
)
from runen_ecs.engine import DispatcherBuilder, System, World
from runen_ecs.recording import SpikeRecord
from runen_ecs.systems import CurrentInput, Firing, IzhikevichIntegration, SignalArrival, SpikeRecording
from runen_ecs.waveforms import Waveform

__all__ = ["izhikevich_spikes", "spiking_plan"]


def spiking_plan(integration: System, waveform: Waveform) -> DispatcherBuilder:
    """Return the plan of neurons of one model that a current drives."""
    return (
        DispatcherBuilder()
        .add(SignalArrival(), "signal_arrival")
        .add(CurrentInput(waveform), "current_input", after=["signal_arrival"])
        .add(integration, "integration", after=["current_input"])
        .add(Firing(), "firing", after=["integration"])
        .add(SpikeRecording(), "spike_recording", after=["firing"])
    )


def izhikevich_spikes(
    cell: Izhikevich, v: float, u: float, dt: float, waveform: Waveform, span: float, equation: dict[str, Any]
) -> list[float]:
    """Return when a neuron fires [ms]: the beginnings of the ticks of its spikes, as the published programs count.

    Parameters
    ----------
    cell : Izhikevich
    v, u : float
        At the start.
    dt : float
        Length of the one Euler step of a tick [ms].
    waveform : Waveform
        The current.
    span : float
        How long [ms].
    equation : dict
        Of `IzhikevichIntegration`, where it is not the paper's of 2003.
    """
    world = World(dt=dt)
    world.create_entity(cell, Membrane(v=v), Recovery(u=u), SynapticInput(), ActionPotential(), LastSpike())
    dispatcher = spiking_plan(IzhikevichIntegration(substeps=1, **equation), waveform).build(world)
    dispatcher.run(round(span / dt) + 1)
    return [round((tick - 1) * dt, 6) for tick in world.resource(SpikeRecord).events()["tick"].tolist()]
