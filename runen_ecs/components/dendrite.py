"""Components of dendrites."""

from runen_ecs.engine.component import Component, Float, Reference, field, reference

from .kinds import DENDRITE, NEURON

__all__ = ["Target", "Weight"]


class Target(Component, kind=DENDRITE):
    """The neuron that a dendrite belongs to; it goes when the neuron goes."""

    neuron: Reference = reference(NEURON, cascade=True)


class Weight(Component, kind=DENDRITE):
    """The strength with which a dendrite passes a signal on; negative: inhibitory."""

    value: Float = field(default=1.0, unit="mV")
