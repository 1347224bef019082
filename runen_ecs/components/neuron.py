"""Components of neurons."""

from runen_ecs.engine.component import Component, Flag, Float, Int, Long, Short, field

from .kinds import NEURON

__all__ = [
    "Accumulator",
    "ActionPotential",
    "Activity",
    "ColumnCoordinates",
    "ConductanceIntegrateAndFire",
    "HindmarshRose",
    "HindmarshRoseCurrents",
    "Izhikevich",
    "LastSpike",
    "LeakyIntegrateAndFire",
    "Membrane",
    "PoissonSource",
    "Recovery",
    "Silenced",
    "SpikeSize",
    "SpikeTrain",
    "SynapticConductances",
    "SynapticCurrents",
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


class HindmarshRose(Component, kind=NEURON):
    """Parameters of Hindmarsh and Rose's model (1984), by the paper's names, in the model's own units.

    The membrane variable x is `Membrane`.v, without a unit; a neuron starts where it is put, say at (−1.6, −11.8, 0).
    a, b, c, d: the fast equations. r: rate of adaptation. s: its strength. x_rest: x of the neuron at rest.
    """

    a: Float = field(default=1.0)
    b: Float = field(default=3.0)
    c: Float = field(default=1.0)
    d: Float = field(default=5.0)
    r: Float = field(default=0.006)
    s: Float = field(default=4.0)
    x_rest: Float = field(default=-1.6)


class HindmarshRoseCurrents(Component, kind=NEURON):
    """The other two variables of Hindmarsh and Rose's model: the fast current y and the slow, adapting current z."""

    y: Float = field(default=-11.8)
    z: Float = field(default=0.0)


class LeakyIntegrateAndFire(Component, kind=NEURON):
    """Parameters of a leaky integrate-and-fire neuron; the defaults are those of the CUBA benchmark (Brette 2007).

    tau_m, tau_exc, tau_inh: time constants of membrane, excitation, inhibition. rest: E_l. threshold: V_t.
    reset: V_r. refractory: how long the potential stays there, a multiple of the tick.
    """

    tau_m: Float = field(default=20.0, unit="ms", low=1e-3, structural=True)
    tau_exc: Float = field(default=5.0, unit="ms", low=1e-3, structural=True)
    tau_inh: Float = field(default=10.0, unit="ms", low=1e-3, structural=True)
    rest: Float = field(default=-49.0, unit="mV")
    threshold: Float = field(default=-50.0, unit="mV")
    reset: Float = field(default=-60.0, unit="mV")
    refractory: Float = field(default=5.0, unit="ms", low=0.0, structural=True)


class SynapticCurrents(Component, kind=NEURON):
    """What flows through a neuron's synapses, where it decays and is not over with the tick.

    A neuron that has this gets its postsynaptic potentials here, the positive and the negative ones apart, and not in
    its `SynapticInput`.
    """

    excitatory: Float = field(default=0.0, unit="mV")
    inhibitory: Float = field(default=0.0, unit="mV")


class ConductanceIntegrateAndFire(Component, kind=NEURON):
    """Parameters of a leaky integrate-and-fire neuron whose synapses are conductances.

    tau_m, tau_exc, tau_inh: time constants of membrane, excitation, inhibition. rest: E_l. threshold: V_t.
    reset: V_r. refractory: how long the potential stays there, a multiple of the tick. reversal_exc, reversal_inh:
    E_exc and E_inh, to which excitation and inhibition pull.

    The defaults are those of Song, Miller & Abbott 2000, which has no refractory period.
    """

    tau_m: Float = field(default=20.0, unit="ms", low=1e-3, structural=True)
    tau_exc: Float = field(default=5.0, unit="ms", low=1e-3, structural=True)
    tau_inh: Float = field(default=5.0, unit="ms", low=1e-3, structural=True)
    rest: Float = field(default=-70.0, unit="mV")
    threshold: Float = field(default=-54.0, unit="mV")
    reset: Float = field(default=-60.0, unit="mV")
    refractory: Float = field(default=0.0, unit="ms", low=0.0, structural=True)
    reversal_exc: Float = field(default=0.0, unit="mV")
    reversal_inh: Float = field(default=-70.0, unit="mV")


class SynapticConductances(Component, kind=NEURON):
    """What a neuron's synapses conduct, as multiples of what its leak conducts; it decays.

    A neuron that has this takes weights as conductances, without a unit, and not in its `SynapticInput`: positive ones
    add to the excitatory conductance, negative ones, without their sign, to the inhibitory one.
    """

    excitatory: Float = field(default=0.0, low=0.0)
    inhibitory: Float = field(default=0.0, low=0.0)


class PoissonSource(Component, kind=NEURON):
    """A neuron that fires at random, and is driven by nothing."""

    rate: Float = field(default=10.0, unit="Hz", low=0.0)


class SpikeTrain(Component, kind=NEURON):
    """A neuron that fires when a list says so; made by `SpikeTimes.batch`.

    next, stop: its next spike, and the end of its spikes, in the list of all.
    """

    next: Long = field(default=0, low=0)
    stop: Long = field(default=0, low=0)


class Silenced(Component, kind=NEURON):
    """A neuron that does not fire up to and with a tick."""

    until: Int = field(default=0, unit="tick", low=0)


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
