"""A run that has lost its numbers is stopped."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.components import (
    NEURON,
    SYNAPSE,
    Accumulator,
    Capacity,
    HindmarshRoseCurrents,
    Membrane,
    Recovery,
    SynapticConductances,
    SynapticCurrents,
    Weight,
)
from runen_ecs.engine import Add, Component, Floats, Int64s, Interrupt, Kind, Read, System, World, kernel
from runen_ecs.errors import DivergenceError
from runen_ecs.network import Emissions

LARGEST_POTENTIAL = 1e6  # [mV]
LARGEST_SIGNAL = 1e100  # sizes are exact up to 2^53
LOOK_EVERY = 1000
NOTHING = np.zeros(0)
NO_COUNT = np.zeros(1, np.int64)


WATCHED: dict[type[Component], float] = {  # the largest size that is not absurd; causes before what they cause
    Weight: 1e12,
    Capacity: inf,  # one may be infinite
    SynapticCurrents: 1e9,
    SynapticConductances: 1e9,
    Membrane: LARGEST_POTENTIAL,
    Recovery: 1e9,
    HindmarshRoseCurrents: 1e9,
    Accumulator: LARGEST_SIGNAL,
}


@kernel
def watch(tick: int, every: int, v: Floats, size: Floats, count: Int64s, requested: Int64s) -> None:
    """Ask for Python when a potential or a signal is not a number or has run away, and every so many ticks.

    every : int [tick]. v : (n,) float64 [mV]. size, count : see Emissions. requested : (1,) int64, out.
    """
    lost = False
    for i in range(v.size):  # no way out: so it is done four at a time
        lost |= not (abs(v[i]) <= LARGEST_POTENTIAL)  # true for NaN too
    for j in range(count[0]):
        lost |= not (abs(size[j]) <= LARGEST_SIGNAL)
    if lost or tick % every == 0:
        requested[0] = 1


class DivergenceWatch(System):
    """The run stops when something is not a number or has run away.

    Potentials, and signals that neurons send, are looked at in every tick; `WATCHED` every `LOOK_EVERY` ticks, when one
    of the former is lost, and when the loop has come back for another reason.

    Adds: Interrupt. What it reads is declared by the class that `watch_of` makes.
    """

    interrupt: Add[Interrupt]
    membrane: Any = None
    emissions: Any = None

    whole = True
    kernel = watch

    def arguments(self) -> tuple[Any, ...]:
        """Return the interval, the potentials, the signals that leave neurons, and the place to ask for Python."""
        v = self.membrane.v if self.membrane is not None else NOTHING
        sent = (self.emissions.size, self.emissions.count) if self.emissions is not None else (NOTHING, NO_COUNT)
        return LOOK_EVERY, v, *sent, self.interrupt.requested

    def drain(self) -> None:
        """Raise if something is lost.

        Raises
        ------
        DivergenceError
            Naming what is lost of the first in `WATCHED`.
        """
        world = self.world
        for component, largest in WATCHED.items():
            for field, value in world.storage(component).array.items() if world.has_storage(component) else ():
                if (row := first_lost(value, largest)) is not None:
                    every = 1 if component is Membrane else LOOK_EVERY
                    raise _error(world, component.kind, row, f"{component.__name__}.{field}", value[row], every)
        if self.emissions is not None:
            sent = world.resource(Emissions)
            if (place := first_lost(sent.size[: sent.count[0]], LARGEST_SIGNAL)) is not None:
                raise _error(world, NEURON, int(sent.neuron[place]), "Emissions.size", sent.size[place], 1)


def first_lost(value: NDArray[np.float64], largest: float) -> int | None:
    """Return the place of the first value that is not a number or too large, if there is one."""
    if not value.size or (value.min() >= -largest and value.max() <= largest):  # makes no arrays; false for NaN
        return None
    return int(np.flatnonzero(~(np.abs(value) <= largest))[0])


def _error(world: World, kind: Kind, row: int, field: str, value: float, every: int) -> DivergenceError:
    entity = world.entities(kind)[row : row + 1]
    number = int(world.table(kind).creation_number(entity)[0])
    name = NEURON.name if kind is NEURON else SYNAPSE.name  # a dendrite has the number of its synapse
    return DivergenceError(name, number, int(entity[0]), field, float(value), world.tick, every)


def watch_of(*, potentials: bool, signals: bool) -> type[DivergenceWatch]:
    """Return a class of `DivergenceWatch` for networks with membranes, and with neurons that send signals of sizes."""
    chosen = {"membrane": (potentials, Read[Membrane]), "emissions": (signals, Read[Emissions])}
    declared = {name: read for name, (given, read) in chosen.items() if given}
    own = {"__annotations__": declared, "__doc__": DivergenceWatch.__doc__}
    return type("DivergenceWatch", (DivergenceWatch,), own)
