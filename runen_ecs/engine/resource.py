"""Resources: what a world has once, beside its entities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import TimeError

if TYPE_CHECKING:
    from .arrays import Rows
    from .storage import Table
    from .world import World

__all__ = ["Clock", "Interrupt", "Resource"]

NEAR = 1e-9


class Resource:
    """Base class of resources. Systems declare access to them like to components.

    A resource that keeps arrays as long as a table, or rows of it, keeps them right in its two hooks.

    Attributes
    ----------
    derived : tuple of str
        Attributes that are no part of the state of a world: `maintain` makes them again, or they are given by the plan.
    """

    derived: ClassVar[tuple[str, ...]] = ()

    def moved(self, table: Table, new_row: Rows) -> None:
        """Rows of ``table`` have moved: ``new_row[old]`` is where to, -1 for the removed."""

    def maintain(self, world: World) -> None:
        """The structure has changed: make the sizes and indexes right again."""

    def state(self) -> dict[str, Any]:
        """Return what of it is state, to be stored: all attributes but the derived ones."""
        return {name: value for name, value in vars(self).items() if name not in self.derived}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a state; `maintain` follows before the next tick."""
        vars(self).update(state)


@dataclass
class Clock(Resource):
    """Time.

    Attributes
    ----------
    tick : int
        The tick that runs, or the last one that ran; the first is 1.
    dt : float
        Length of a tick [ms].
    in_tick : bool
        Whether systems run now; structure changes only between ticks.
    """

    tick: int = 0
    dt: float = 1.0
    in_tick: bool = False

    derived = ("in_tick",)

    def ticks(self, time: ArrayLike, what: str) -> NDArray[np.int64]:
        """Return how many ticks times are, of the shape of ``time`` [ms]; ``what`` says what they are.

        Raises
        ------
        TimeError
            If one is no multiple of the tick.
        """
        given = np.asarray(time, np.float64)
        ticks = np.rint(given / self.dt)
        fits = np.abs(ticks * self.dt - given) <= NEAR * np.maximum(np.abs(given), self.dt)  # false for NaN too
        for wrong in given[~fits].ravel()[:1].tolist():
            raise TimeError(f"{what} of {wrong:g} ms is no multiple of the tick, which is {self.dt:g} ms long")
        return ticks.astype(np.int64)


class Interrupt(Resource):
    """A kernel sets ``requested[0] = 1`` to come back to Python at the end of this tick.

    Attributes
    ----------
    requested : (1,) int64
    answered : int
        How often Python came.
    """

    derived = ("requested", "answered")

    def __init__(self) -> None:
        self.requested: NDArray[np.int64] = np.zeros(1, np.int64)
        self.answered = 0
