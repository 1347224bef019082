"""Components of ports."""

from runen_ecs.engine.component import Component, Float, Int, Long, Reference, field, reference

from .kinds import INPUT_PORT, NEURON, OUTPUT_PORT, SYNAPSE

__all__ = ["InputPort", "OutputPort"]


class InputPort(Component, kind=INPUT_PORT):
    """Feeds a synapse from outside; free, when it feeds nobody.

    signals: how many came in so far; last: the last of them.
    """

    number: Int = field(default=0, low=0)
    synapse: Reference = reference(SYNAPSE, cascade=False)
    order: Int = field(default=0, low=0)
    signals: Long = field(default=0, low=0)
    last: Float = field(default=0.0)


class OutputPort(Component, kind=OUTPUT_PORT):
    """Reads the axon of a neuron; free, when it reads nobody.

    signals: how many came out so far; last: the last of them.
    """

    number: Int = field(default=0, low=0)
    neuron: Reference = reference(NEURON, cascade=False)
    order: Int = field(default=0, low=0)
    signals: Long = field(default=0, low=0)
    last: Float = field(default=0.0)
