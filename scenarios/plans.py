"""Which systems a scenario needs, and in which order."""

from __future__ import annotations

import numpy as np

from runen_ecs.components import Izhikevich
from runen_ecs.engine.dispatcher import DispatcherBuilder
from runen_ecs.systems import (
    Accumulation,
    AxonalConduction,
    ColumnarLayout,
    EmissionRecording,
    HitRecording,
    NetworkLayout,
    PopulationLayout,
    PortReadout,
    ProjectionLayout,
    QuietWatch,
    Regeneration,
    RegenerationInTime,
    SignalDelivery,
    SpikeEmission,
    Stimulation,
    SynapticTransmission,
)
from runen_ecs.systems.columnar_layout import Columns
from runen_ecs.systems.network_layout import Bridge

from .language.populations import laid
from .schema import Columnar, Scenario
from .spiking_plan import STDP, add_recording, add_spiking, rules_of

__all__ = ["add_arriving", "add_leaving", "columns_of", "plan"]


def plan(scenario: Scenario) -> DispatcherBuilder:
    """Return the systems of a scenario and their order."""
    builder, network = DispatcherBuilder(), scenario.network
    spikes, signals, accumulates = bool(scenario.shapes), scenario.has_signals, network is not None
    _add_layouts(builder, scenario)
    if signals:
        add_arriving(builder, per_signal=scenario.regeneration == "signal", accumulates=accumulates)
    if spikes:
        add_spiking(builder, scenario)
    if signals:
        record = accumulates and scenario.record.signals
        add_leaving(builder, spikes=spikes, accumulates=accumulates, record=record)
    if accumulates and not spikes:
        builder.add(QuietWatch(), "quiet_watch", after=["axonal_conduction"])
    for name, extension in scenario.extensions.items():
        if extension.start_up:
            builder.add_start_up(extension.make(), f"extensions.{name}", after=[*builder.start_up_names])
        else:
            builder.add(extension.make(), f"extensions.{name}", extension.after, extension.before)
    add_recording(builder, scenario)
    return builder


def _add_layouts(builder: DispatcherBuilder, scenario: Scenario) -> None:
    """Add the start-up systems: neurons first, by order of creation, then what connects them."""
    columnar, numbers = scenario.columnar, rules_of(scenario)
    if columnar is not None:
        builder.add_start_up(ColumnarLayout(columns_of(columnar, numbers.get(STDP))), "columnar_layout")
    if scenario.populations:
        populations = [laid(name, part, scenario.seed) for name, part in scenario.populations.items()]
        layers = list(columnar.columns.layers) if columnar is not None else []
        builder.add_start_up(PopulationLayout(populations, layers), "population_layout", builder.start_up_names)
    if (network := scenario.network) is not None:
        layout = NetworkLayout(network.description, bridges_of(scenario))
        builder.add_start_up(layout, "network_layout", builder.start_up_names)
    if scenario.projections:
        projections = [
            part.laid(name, scenario.seed, scenario.dt, numbers.get(part.learning))
            for name, part in scenario.projections.items()
        ]
        builder.add_start_up(ProjectionLayout(projections), "projection_layout", builder.start_up_names)


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


def columns_of(columnar: Columnar, rule: int | None) -> Columns:
    """Return the numbers that the columnar layout needs; ``rule``: by which synapses learn, if not by one for all."""
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
        rule,
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
