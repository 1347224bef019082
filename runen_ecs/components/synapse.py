"""Components of synapses."""

from math import inf

from runen_ecs.engine.component import Component, Float, Int, Reference, Short, field, reference

from .kinds import NEURON, SYNAPSE

__all__ = ["Capacity", "Delay", "LastSignal", "Source"]


class Source(Component, kind=SYNAPSE):
    """The neuron whose axon feeds a synapse; nobody, when it is not connected or an input port feeds it.

    order: an axon serves its synapses by ascending order, and those of the same order as they were created.
    """

    neuron: Reference = reference(NEURON, cascade=False)
    order: Int = field(default=0, low=0, structural=True)


class Delay(Component, kind=SYNAPSE):
    """How many ticks after its spike a signal arrives."""

    ticks: Short = field(default=1, unit="tick", low=1, high=4095, structural=True)


class Capacity(Component, kind=SYNAPSE):
    """How much signal a synapse can pass before it must regenerate; without limits by default.

    level: what it can pass now. maximum: what it can hold. regeneration: what it gets back, for each signal that
    arrives or for each tick, as the system that regenerates it says.
    """

    level: Float = field(default=inf, low=0.0)
    maximum: Float = field(default=inf, low=0.0)
    regeneration: Float = field(default=0.0, low=0.0)


class LastSignal(Component, kind=SYNAPSE):
    """When a signal last arrived at a synapse; 0 is never."""

    tick: Int = field(default=0, unit="tick", low=0)
