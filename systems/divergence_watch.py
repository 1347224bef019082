"""A run that has lost its numbers is stopped."""

from __future__ import annotations

from typing import Any

import numpy as np

from runen_ecs.components import NEURON, Membrane
from runen_ecs.engine import Add, Floats, Int64s, Interrupt, Read, System, kernel
from runen_ecs.errors import DivergenceError

LARGEST = 1e6


@kernel
def watch(tick: int, every: int, v: Floats, requested: Int64s) -> None:
    """Ask for Python when a potential is not a number or has run away.

    every : int, interval [ticks]. v : (n,) float64 [mV]. requested : (1,) int64, out.
    """
    if tick % every == 0:
        lost = 0
        for i in range(v.size):
            lost += not (abs(v[i]) < LARGEST)  # true for NaN too
        if lost:
            requested[0] = 1


class DivergenceWatch(System):
    """The run stops when a membrane potential is not a number or has run away.

    Reads: Membrane. Adds: Interrupt.

    Parameters
    ----------
    every : int
        Ticks between two looks.
    """

    membrane: Read[Membrane]
    interrupt: Add[Interrupt]

    whole = True
    kernel = watch

    def __init__(self, every: int = 16) -> None:
        self.looks_every = every

    def arguments(self) -> tuple[Any, ...]:
        """Return the interval, the potentials, and the place to ask for Python."""
        return self.looks_every, self.membrane.v, self.interrupt.requested

    def drain(self) -> None:
        """Raise if a potential is lost.

        Raises
        ------
        DivergenceError
            Naming the first neuron.
        """
        v = self.world.storage(Membrane).array["v"]
        lost = np.flatnonzero(~(np.abs(v) < LARGEST))
        if lost.size:
            entity = self.world.entities(NEURON)[lost[:1]]
            neuron = int(self.world.table(NEURON).creation_number(entity)[0])
            raise DivergenceError(neuron, int(entity[0]), "Membrane.v", float(v[lost[0]]), self.world.tick)
