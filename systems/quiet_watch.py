"""A network that has come to rest can be seen."""

from __future__ import annotations

from typing import Any

from runen_ecs.engine import Add, Int64s, Interrupt, Read, System, kernel
from runen_ecs.network import SignalQueue, Stimuli


@kernel
def watch_for_quiet(tick: int, tally: Int64s, following: Int64s, n_stimuli: int, requested: Int64s) -> None:
    """Ask for Python when no signal is on its way and no stimulus waits.

    tally : see SignalQueue. following : (1,) int64, the next stimulus. n_stimuli : int. requested : (1,) int64, out.
    """
    if following[0] >= n_stimuli and tally[0] == tally[1] + tally[2]:
        requested[0] = 1


class QuietWatch(System):
    """The dispatcher's `watch` is called as soon as the network is quiet and every stimulus was given.

    Reads: SignalQueue, Stimuli. Adds: Interrupt.
    """

    queue: Read[SignalQueue]
    stimuli: Read[Stimuli]
    interrupt: Add[Interrupt]

    kernel = watch_for_quiet

    def arguments(self) -> tuple[Any, ...]:
        """Return the tally of signals, how far the stimuli are, and the place to ask for Python."""
        return self.queue.tally, self.stimuli.next, self.stimuli.due.size, self.interrupt.requested
