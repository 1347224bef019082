"""Signals that a synapse has passed drive spiking neurons."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import Membrane, SynapticInput, Target, Weight
from runen_ecs.engine import Add, Flags, Floats, Int64s, Read, Rows, System, kernel
from runen_ecs.network import Arrivals, DelayLine


@kernel
def add_potentials(
    tick: int,
    limit: float,
    synapse: Rows,
    passed: Floats,
    count: Int64s,
    target: Rows,
    weight: Floats,
    spikes: Flags,
    current: Floats,
    by_sign: Flags,
    signed: Floats,
) -> None:
    """Add to the input of each spiking neuron what its dendrites make of what arrives.

    I += p · clip(w, −limit, limit)

    limit : float [mV]. synapse, passed, count : see Arrivals. target : (n_synapses,) int32, rows. weight :
    (n_synapses,) float64 [mV]. spikes : (n_neurons,) bool, who spikes. current : (n_neurons,) float64, in place [mV].
    by_sign, signed : see `DelayLine`; who gets potentials of both signs apart gets these, too.
    """
    slot = tick & (signed.shape[1] - 1)
    for j in range(count[0]):
        k = synapse[j]
        potential = passed[j] * min(max(weight[k], -limit), limit)
        if by_sign.size > 0 and by_sign[target[k]]:
            signed[int(potential < 0.0), slot, target[k]] += potential
        elif spikes[target[k]]:
            current[target[k]] += potential


class PostsynapticPotential(System):
    """What a capacity lets through, and what accumulating neurons send, drives spiking neurons for a tick.

    Reads: Arrivals, Target, Weight, Membrane. Adds: SynapticInput, DelayLine.

    Parameters
    ----------
    limit : float
        The largest weight that acts; the stored weight may be larger [mV].
    """

    arrivals: Read[Arrivals]
    target: Read[Target]
    weight: Read[Weight]
    membrane: Read[Membrane]
    synaptic_input: Add[SynapticInput]
    delay_line: Add[DelayLine]

    kernel = add_potentials

    def __init__(self, limit: float = float("inf")) -> None:
        self.limit = limit

    def arguments(self) -> tuple[Any, ...]:
        """Return the limit, the arrivals, the dendrites, and the input to add to."""
        arrived, line = (self.arrivals.synapse, self.arrivals.passed, self.arrivals.count), self.delay_line
        spikes, current = self.world.storage(Membrane).present, self.synaptic_input.current
        to = self.target.neuron, self.weight.value, spikes, current, line.by_sign, line.signed
        return self.limit, *arrived, *to
