"""Components of dendrites."""

from runen_ecs.engine.component import Component, Float, Int, Long, Reference, field, reference

from .kinds import DENDRITE, NEURON

__all__ = ["LastHit", "Plasticity", "Target", "Weight"]


class Target(Component, kind=DENDRITE):
    """The neuron that a dendrite belongs to; it goes when the neuron goes."""

    neuron: Reference = reference(NEURON, cascade=True)


class Weight(Component, kind=DENDRITE):
    """The strength with which a dendrite passes a signal on; negative: inhibitory."""

    value: Float = field(default=1.0, unit="mV")


class Plasticity(Component, kind=DENDRITE):
    """The rule by which a dendrite's weight learns, from 0; -1: none.

    A learning system that is given the number of a rule works on these dendrites alone; one that is given none works
    on every dendrite, and this component is not needed.
    """

    rule: Int = field(default=-1, low=-1, structural=True)


class LastHit(Component, kind=DENDRITE):
    """The round in which a dendrite was last hit: 1 is its neuron's first, 0 is never.

    A neuron is in round ``Activity.resets + 1``; so an input was hit in the present round when the two are equal, and
    none has to be cleared when a round ends.
    """

    round: Long = field(default=0, low=0)
