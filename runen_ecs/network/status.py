"""What a neuron or a port of a capacity network does at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..components import Accumulator, Activity, Capacity, InputPort, LastHit, OutputPort, Source, Weight
from ..engine.component import Entity
from .capacity_network import CapacityNetwork

__all__ = ["NeuronStatus", "PortStatus", "neuron_status", "port_status"]


@dataclass(frozen=True)
class NeuronStatus:
    """The state of a neuron.

    Attributes
    ----------
    neuron : str
        Its id.
    inputs, connected : int
        How many inputs it has, and how many of them an axon or a port feeds.
    round_hits : int
        How many inputs were hit in this round.
    hit_inputs : tuple of int
        Which.
    accumulator, bias : float
    hits, resets : int
        So far.
    listeners : int
        How many synapses and output ports its axon feeds.
    total_weight : float
        The sum over all its dendrites.
    capacities : tuple of float
        The level of each input's synapse.
    """

    neuron: str
    inputs: int
    connected: int
    round_hits: int
    hit_inputs: tuple[int, ...]
    accumulator: float
    bias: float
    hits: int
    resets: int
    listeners: int
    total_weight: float
    capacities: tuple[float, ...]


@dataclass(frozen=True)
class PortStatus:
    """The state of a port.

    Attributes
    ----------
    kind : "input" or "output"
    port : int
        Its number.
    bound_to : str
        What it feeds or reads; empty for a free one.
    signals : int
        How many passed it so far.
    last : float or None
        The last of them.
    """

    kind: Literal["input", "output"]
    port: int
    bound_to: str
    signals: int
    last: float | None


def neuron_status(network: CapacityNetwork, neuron: str | Entity) -> NeuronStatus:
    """Return what a neuron does now.

    Raises
    ------
    NeuronNotFoundError
    """
    world, wiring, name = network.world, network.wiring, network.id(neuron)
    entity = network.entity(name)
    accumulator, activity = world.component(entity, Accumulator), world.component(entity, Activity)
    synapses = network.synapses(name)
    rows, row = world.index.row[synapses], world.index.row[entity]
    hit = world.storage(LastHit).arrays.round[rows] == activity.resets + 1
    inputs = [(name, k) for k in range(len(synapses))]
    return NeuronStatus(
        neuron=name,
        inputs=len(inputs),
        connected=sum(i in wiring.source or i in wiring.feeding_port for i in inputs),
        round_hits=activity.round_hits,
        hit_inputs=tuple(np.flatnonzero(hit).tolist()),
        accumulator=accumulator.value,
        bias=accumulator.bias,
        hits=activity.hits,
        resets=activity.resets,
        listeners=sum(
            int(np.count_nonzero(feeder == row))
            for feeder in (world.storage(Source).arrays.neuron, world.storage(OutputPort).arrays.neuron)
        ),
        total_weight=float(world.storage(Weight).arrays.value[rows].sum()),
        capacities=tuple(world.storage(Capacity).arrays.level[rows].tolist()),
    )


def port_status(network: CapacityNetwork, kind: Literal["input", "output"], number: int) -> PortStatus:
    """Return what a port does now.

    Raises
    ------
    PortNotFoundError
    """
    if kind == "input":
        fed = network.wiring.input_port.get(number)
        view = network.world.component(network.input_port(number), InputPort)
        bound_to = "input {1} of {0}".format(*fed) if fed else ""
        return PortStatus(kind, number, bound_to, view.signals, view.last if view.signals else None)
    read = network.world.component(network.output_port(number), OutputPort)
    bound_to = network.wiring.output_port.get(number, "")
    return PortStatus(kind, number, bound_to, read.signals, read.last if read.signals else None)
