"""Signals reach the neurons that they were sent to."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import SynapticInput
from runen_ecs.engine import Floats, System, Write, kernel
from runen_ecs.network import DelayLine


@kernel
def arrive(tick: int, pending: Floats, current: Floats) -> None:
    """Hand over what arrives in this tick, and clear its place in the ring.

    I(t) = the sum of the postsynaptic potentials sent to arrive at t

    pending : (n_ticks, n_neurons) float64, in place [mV]. current : (n_neurons,) float64, out [mV].
    """
    slot = tick & (pending.shape[0] - 1)
    for i in range(current.size):
        current[i] = pending[slot, i]
        pending[slot, i] = 0.0


class SignalArrival(System):
    """Every neuron's input starts the tick as the sum of the postsynaptic potentials that arrive in it.

    Writes: SynapticInput, DelayLine.
    """

    synaptic_input: Write[SynapticInput]
    delay_line: Write[DelayLine]

    whole = True
    kernel = arrive

    def arguments(self) -> tuple[Any, ...]:
        """Return the ring of signals on their way, and the input."""
        return self.delay_line.pending, self.synaptic_input.current
