"""Components of synapses."""

from runen_ecs.engine.component import Component, Reference, Short, field, reference

from .kinds import NEURON, SYNAPSE

__all__ = ["Delay", "Source"]


class Source(Component, kind=SYNAPSE):
    """The neuron whose axon feeds a synapse; nobody, when it is not connected."""

    neuron: Reference = reference(NEURON, cascade=False)


class Delay(Component, kind=SYNAPSE):
    """How many ticks after its spike a signal arrives."""

    ticks: Short = field(default=1, unit="tick", low=1, high=4095, structural=True)
