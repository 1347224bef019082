"""Synapses get capacity back: for each signal, or for each tick."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import Capacity
from runen_ecs.engine import Floats, Int64s, Read, Rows, System, Write, kernel
from runen_ecs.network import Arrivals


@kernel
def regenerate_carriers(
    tick: int, carried: Rows, n_carried: Int64s, level: Floats, maximum: Floats, regeneration: Floats
) -> None:
    """Give capacity back to the synapses that carry a signal in this tick.

    c = min(c + r, M)

    carried : (room,) int32, rows, the first n_carried[0] of which count. level : (n_synapses,) float64, in place.
    maximum, regeneration : (n_synapses,) float64.
    """
    for i in range(n_carried[0]):
        k = carried[i]
        level[k] = min(level[k] + regeneration[k], maximum[k])


class Regeneration(System):
    """A synapse gets capacity back once for each signal that arrives, zero or not, never past its maximum.

    Reads: Arrivals. Writes: Capacity.
    """

    arrivals: Read[Arrivals]
    capacity: Write[Capacity]

    whole = True
    kernel = regenerate_carriers

    def arguments(self) -> tuple[Any, ...]:
        """Return who carries a signal, and the capacities."""
        arrivals, capacity = self.arrivals, self.capacity
        return arrivals.carried, arrivals.n_carried, capacity.level, capacity.maximum, capacity.regeneration


@kernel
def regenerate_all(tick: int, level: Floats, maximum: Floats, regeneration: Floats) -> None:
    """Give capacity back to every synapse.

    c = min(c + r, M)

    level : (n,) float64, in place. maximum, regeneration : (n,) float64.
    """
    for k in range(level.size):
        level[k] = min(level[k] + regeneration[k], maximum[k])


class RegenerationInTime(System):
    """A synapse gets capacity back in every tick, signals or not, never past its maximum.

    Writes: Capacity.
    """

    capacity: Write[Capacity]

    whole = True  # without a capacity, all is infinite and stays so
    kernel = regenerate_all

    def arguments(self) -> tuple[Any, ...]:
        """Return the capacities."""
        return self.capacity.level, self.capacity.maximum, self.capacity.regeneration
