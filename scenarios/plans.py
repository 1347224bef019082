"""Which systems a scenario needs, and in which order."""

from __future__ import annotations

import numpy as np

from runen_ecs.components import Izhikevich
from runen_ecs.engine.dispatcher import DispatcherBuilder
from runen_ecs.systems import (
    Accumulation,
    AxonalConduction,
    ColumnarLayout,
    DivergenceWatch,
    EmissionRecording,
    Firing,
    HitRecording,
    IzhikevichIntegration,
    NetworkLayout,
    PortReadout,
    PostsynapticPotential,
    QuietWatch,
    Regeneration,
    RegenerationInTime,
    SignalArrival,
    SignalDelivery,
    SignalPropagation,
    SpikeEmission,
    SpikeRecording,
    StdpLearning,
    Stimulation,
    SynapticTransmission,
    ThalamicInput,
    TraceRecording,
    WeightRecording,
)
from runen_ecs.systems.columnar_layout import Columns
from runen_ecs.systems.network_layout import Bridge

from .schema import Columnar, Scenario

__all__ = ["add_arriving", "add_leaving", "columns_of", "plan"]


def plan(scenario: Scenario) -> DispatcherBuilder:
    """Return the systems of a scenario and their order."""
    builder, columnar, network = DispatcherBuilder(), scenario.columnar, scenario.network
    if columnar is not None:
        builder.add_start_up(ColumnarLayout(columns_of(columnar)), "columnar_layout")
    if network is not None:
        after = ["columnar_layout"] if columnar is not None else []
        builder.add_start_up(NetworkLayout(network.description, bridges_of(scenario)), "network_layout", after)
    signals, accumulates = scenario.has_signals, network is not None
    if signals:
        add_arriving(builder, per_signal=scenario.regeneration == "signal", accumulates=accumulates)
    if columnar is not None:
        _add_spiking(builder, scenario, columnar)
    if signals:
        record = accumulates and scenario.record.signals
        add_leaving(builder, spikes=columnar is not None, accumulates=accumulates, record=record)
    if accumulates and columnar is None:
        builder.add(QuietWatch(), "quiet_watch", after=["axonal_conduction"])
    if (interval := scenario.record.weights) is not None and columnar is not None:
        learned = ["stdp_learning"] if scenario.stdp is not None else []
        builder.add(WeightRecording(interval), "weight_recording", after=learned)  # last: the others stay in one loop
    return builder


def add_arriving(builder: DispatcherBuilder, *, per_signal: bool = True, accumulates: bool = True) -> None:
    """Add the systems by which signals arrive, through the queue and through ports, and pass synapses.

    Parameters
    ----------
    builder : DispatcherBuilder
    per_signal : bool
        Whether synapses regenerate with each signal, or in each tick.
    accumulates : bool
        Whether there are neurons that accumulate, and ports.
    """
    builder.add(SignalDelivery(), "signal_delivery")
    arrived = ["signal_delivery"]
    if accumulates:
        builder.add(Stimulation(), "stimulation", after=arrived)
        arrived = ["stimulation"]
    builder.add(SynapticTransmission(per_signal), "synaptic_transmission", after=arrived)
    regeneration = Regeneration() if per_signal else RegenerationInTime()
    builder.add(regeneration, "regeneration", after=["synaptic_transmission"])
    if accumulates:
        builder.add(Accumulation(), "accumulation", after=["synaptic_transmission"])


def add_leaving(
    builder: DispatcherBuilder, *, spikes: bool = False, accumulates: bool = True, record: bool = False
) -> None:
    """Add the systems by which signals leave neurons, through the queue and through ports, and are recorded.

    Parameters
    ----------
    builder : DispatcherBuilder
    spikes, accumulates : bool
        Whether there are neurons that spike, and neurons that accumulate.
    record : bool
        Whether to record every signal.
    """
    emitters = ["accumulation"] if accumulates else []
    if spikes:
        builder.add(SpikeEmission(), "spike_emission", after=["firing", "signal_delivery", *emitters])
        emitters.append("spike_emission")
    if accumulates:
        builder.add(PortReadout(), "port_readout", after=emitters)
    if record:
        builder.add(HitRecording(), "hit_recording", after=["regeneration", "accumulation"])
        builder.add(EmissionRecording(), "emission_recording", after=emitters)
    builder.add(AxonalConduction(), "axonal_conduction", after=emitters)


def _add_spiking(builder: DispatcherBuilder, scenario: Scenario, columnar: Columnar) -> None:
    builder.add(SignalArrival(), "signal_arrival")
    driven, readers = ["signal_arrival"], []
    if scenario.has_signals:
        after = ["signal_arrival", "synaptic_transmission"]
        limit = columnar.synapses.limit
        builder.add(PostsynapticPotential(limit), "postsynaptic_potential", after=after)
        driven, readers = ["postsynaptic_potential"], ["accumulation"] if scenario.network is not None else []
    if (noise := scenario.thalamic_input) is not None:
        builder.add(ThalamicInput(noise.low, noise.high), "thalamic_input", after=["signal_arrival"])
        driven.append("thalamic_input")
    builder.add(IzhikevichIntegration(columnar.cell.substeps), "izhikevich_integration", after=driven)
    builder.add(Firing(), "firing", after=["izhikevich_integration"])
    builder.add(SignalPropagation(columnar.synapses.limit), "signal_propagation", after=["firing"])
    if (rule := scenario.stdp) is not None:
        after = ["signal_propagation", *readers]
        builder.add(StdpLearning(rule.amplitude, rule.horizon / scenario.dt), "stdp_learning", after=after)
    builder.add(SpikeRecording(), "spike_recording", after=["firing"])
    if scenario.record.traces:
        builder.add(TraceRecording(), "trace_recording", after=["izhikevich_integration"])
    builder.add(DivergenceWatch(), "divergence_watch", after=["izhikevich_integration"])


def columns_of(columnar: Columnar) -> Columns:
    """Return the numbers that the columnar layout needs."""
    columns, connections, synapses, cell = columnar
    layers = list(columns.layers)
    probability = np.zeros((2, len(layers), len(layers)))
    for c in connections:
        probability[int(c.column == "same"), layers.index(c.source), layers.index(c.target)] = c.probability
    capacity = synapses.capacity
    return Columns(
        columns.count,
        columns.layers,
        probability,
        (synapses.delay.shortest, synapses.delay.longest),
        (synapses.strength.weakest, synapses.strength.strongest),
        synapses.excitatory,
        Izhikevich(a=cell.a, b=cell.b, c=cell.c, d=cell.d),
        cell.v,
        cell.spike_size,
        (capacity.maximum, capacity.regeneration) if capacity is not None else None,
    )


def bridges_of(scenario: Scenario) -> list[Bridge]:
    """Return the bridges between columns and network."""
    layers = list(scenario.columns.layers) if scenario.columns is not None else []
    bridges = []
    for bridge in scenario.bridges:
        port = bridge.into if bridge.into is not None else bridge.out_of
        assert port is not None
        place = bridge.column, layers.index(bridge.layer), bridge.neuron
        bridges.append(Bridge(port, bridge.into is not None, *place, bridge.weight, bridge.delay))
    return bridges
