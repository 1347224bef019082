"""Who fires in this tick."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import ActionPotential, LastSpike
from runen_ecs.engine import Flags, Int64s, Read, Rows, System, Write, kernel
from runen_ecs.network import Fired


@kernel
def fire(tick: int, fired: Flags, last: Rows, previous: Rows, row: Rows, count: Int64s) -> None:
    """List the rows of the neurons that fire, ascending, and note when.

    fired : (n,) bool. last, previous : (n,) int32, in place [tick]. row : (n + 1,) int32, out. count : (1,) int64, out.
    """
    n = 0
    for i in range(fired.size):
        row[n] = i  # written for everyone, kept for those that fire: no branch to predict
        n += fired[i]
    for j in range(n):
        i = row[j]
        previous[i] = last[i]
        last[i] = tick
    count[0] = n


class Firing(System):
    """The neurons with an action potential are listed, and the time of their last spike moves on.

    Reads: ActionPotential. Writes: LastSpike, Fired.
    """

    action_potential: Read[ActionPotential]
    last_spike: Write[LastSpike]
    fired: Write[Fired]

    whole = True
    kernel = fire

    def arguments(self) -> tuple[Any, ...]:
        """Return who has an action potential, the times of the last spikes, and the list to fill."""
        last = self.last_spike
        return self.action_potential.fired, last.tick, last.previous, self.fired.row, self.fired.count
