"""Neurons fire by a list."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import ActionPotential, SpikeTrain
from runen_ecs.engine import Flags, Int64s, Read, Rows, System, Write, kernel
from runen_ecs.network import SpikeTimes


@kernel
def fire_by_list(tick: int, spike_tick: Rows, following: Int64s, stop: Int64s, fired: Flags) -> None:
    """Let those fire whose next spike is due, and move on to the one after it.

    spike_tick : (n_spikes,) int32, see SpikeTimes. following : (n,) int64, in place; stop : (n,) int64. fired : (n,)
    bool, out.
    """
    for i in range(fired.size):
        fired[i] = False
        while following[i] < stop[i] and spike_tick[following[i]] <= tick:
            fired[i] = spike_tick[following[i]] == tick  # one that was missed, by a neuron made late, is left out
            following[i] += 1


class SpikeTrainFiring(System):
    """Neurons with a spike train fire when their list says so.

    Reads: SpikeTimes. Writes: SpikeTrain, ActionPotential.
    """

    times: Read[SpikeTimes]
    train: Write[SpikeTrain]
    action_potential: Write[ActionPotential]

    kernel = fire_by_list

    def arguments(self) -> tuple[Any, ...]:
        """Return the list, where each neuron is in it, and where to say who fires."""
        return self.times.tick, self.train.next, self.train.stop, self.action_potential.fired
