"""Components of neurons."""

from runen_ecs.engine.component import Component, Flag, Float, Int, Long, Short, field

from .kinds import NEURON

__all__ = [
    "Accumulator",
    "ActionPotential",
    "Activity",
    "ColumnCoordinates",
    "Izhikevich",
    "LastSpike",
    "Membrane",
    "Recovery",
    "SpikeSize",
    "SynapticInput",
]


class ColumnCoordinates(Component, kind=NEURON):
    """Where a neuron lies: its cortical column and its layer, both counted from 0."""

    column: Int = field(default=0, low=0)
    layer: Short = field(default=0, low=0)


class Membrane(Component, kind=NEURON):
    """The membrane potential."""

    v: Float = field(default=-65.0, unit="mV")


class SynapticInput(Component, kind=NEURON):
    """What drives a neuron in this tick: postsynaptic potentials, noise, and whatever else is added."""

    current: Float = field(default=0.0, unit="mV")


class ActionPotential(Component, kind=NEURON):
    """Whether a neuron fires in this tick."""

    fired: Flag = field(default=False)


class LastSpike(Component, kind=NEURON):
    """When a neuron last fired; 0 is never."""

    tick: Int = field(default=0, unit="tick", low=0)
    previous: Int = field(default=0, unit="tick", low=0)


class Izhikevich(Component, kind=NEURON):
    """Parameters of Izhikevich's simple model (2003), by the paper's names; the defaults are the default columns' cell.

    a: rate of recovery; b: sensitivity of recovery to v; c: potential after a spike; d: what a spike adds to recovery.
    """

    a: Float = field(default=0.02, unit="1/ms")
    b: Float = field(default=0.2)
    c: Float = field(default=-65.0, unit="mV")
    d: Float = field(default=2.0, unit="mV/ms")


class Recovery(Component, kind=NEURON):
    """The recovery variable of Izhikevich's model."""

    u: Float = field(default=-13.0, unit="mV/ms")


class SpikeSize(Component, kind=NEURON):
    """The size of the signals that a spiking neuron sends to synapses with a capacity and to accumulating neurons."""

    value: Float = field(default=1.0, low=0.0)


class Accumulator(Component, kind=NEURON):
    """What a neuron has gathered since it last reset; a new round starts from the bias.

    A new neuron's accumulator is 1, whatever its bias.
    """

    value: Float = field(default=1.0)
    bias: Float = field(default=1.0)


class Activity(Component, kind=NEURON):
    """What an accumulating neuron has gone through.

    hits: signals that arrived at its synapses so far. resets: rounds that ended so far. round_hits: how many of its
    inputs were hit in the present round.
    """

    hits: Long = field(default=0, low=0)
    resets: Long = field(default=0, low=0)
    round_hits: Int = field(default=0, low=0)
