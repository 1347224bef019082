"""Synapses pass on of a signal what their capacity allows."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import Capacity, LastSignal
from runen_ecs.engine import Floats, Int64s, Rows, System, Write, kernel
from runen_ecs.network import Arrivals


@kernel
def transmit(
    tick: int,
    per_signal: bool,
    synapse: Rows,
    size: Floats,
    passed: Floats,
    count: Int64s,
    carried: Rows,
    n_carried: Int64s,
    level: Floats,
    maximum: Floats,
    regeneration: Floats,
    last: Rows,
) -> None:
    """Pass each signal as far as the level of its synapse goes, and take that from the level.

    p = min(s, c),  c −= p

    Where a synapse regenerates with each signal, one that carries two in a tick must do so between them.

    per_signal : whether it does. synapse, size, passed, count, carried, n_carried : see Arrivals; the last three are
    filled. level : (n_synapses,) float64, in place. maximum, regeneration : (n_synapses,) float64. last : (n_synapses,)
    int32, in place [tick].
    """
    n = 0
    for j in range(count[0]):
        k = synapse[j]
        if last[k] != tick:
            last[k] = tick
            carried[n] = k
            n += 1
        elif per_signal:
            level[k] = min(level[k] + regeneration[k], maximum[k])
        passed[j] = min(size[j], level[k])
        level[k] -= passed[j]
    n_carried[0] = n


class SynapticTransmission(System):
    """Each signal passes its synapse up to the synapse's level, which falls by as much.

    Writes: Arrivals, Capacity, LastSignal.

    Parameters
    ----------
    per_signal : bool
        Whether `Regeneration` follows, and not `RegenerationInTime`.
    """

    arrivals: Write[Arrivals]
    capacity: Write[Capacity]
    last_signal: Write[LastSignal]

    whole = True
    kernel = transmit

    def __init__(self, per_signal: bool = True) -> None:
        self.per_signal = per_signal

    def arguments(self) -> tuple[Any, ...]:
        """Return the rule, the arrivals, and the capacities."""
        a, capacity = self.arrivals, self.capacity
        arrived = a.synapse, a.size, a.passed, a.count, a.carried, a.n_carried
        return (
            self.per_signal,
            *arrived,
            capacity.level,
            capacity.maximum,
            capacity.regeneration,
            self.last_signal.tick,
        )
