"""What synapses and neurons of a capacity network held at any time of a run, from what was recorded at hits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..files import RunData

__all__ = ["Steps", "accumulator_steps", "level_steps"]


@dataclass(frozen=True)
class Steps:
    """A quantity that changes at some ticks and stays as it is between them.

    Attributes
    ----------
    tick : (n,) int64
        When it changes, rising; the first is 0, before the run.
    value : (n,) float64
        What it is at the end of that tick.
    """

    tick: NDArray[np.int64]
    value: NDArray[np.float64]

    def at(self, tick: ArrayLike) -> NDArray[np.float64]:
        """Return what it is at the end of these ticks, of which none is below 0."""
        place = np.searchsorted(self.tick, np.asarray(tick), side="right") - 1
        known: NDArray[np.float64] = self.value[place]
        return known


def level_steps(data: RunData) -> list[Steps]:
    """Return the level of each synapse of the capacity network over time."""
    return _steps(data.initial_level, data.hit_synapse, data.hit_tick, data.hit_level)


def accumulator_steps(data: RunData, neuron_of: NDArray[np.int64]) -> list[Steps]:
    """Return the accumulator of each neuron of the capacity network over time.

    Parameters
    ----------
    data : RunData
    neuron_of : (n_capacity_synapses,) int64
        The neuron of each synapse.
    """
    return _steps(data.initial_accumulator, neuron_of[data.hit_synapse], data.hit_tick, data.hit_accumulator)


def _steps(
    initial: NDArray[np.float64],
    who: NDArray[np.integer],
    tick: NDArray[np.integer],
    value: NDArray[np.float64],
) -> list[Steps]:
    """Group values by whom they belong to; of several in one tick the last holds."""
    order = np.lexsort((np.arange(who.size), tick, who))
    who, tick, value = who[order], tick[order].astype(np.int64), value[order]
    last = np.append((who[1:] != who[:-1]) | (tick[1:] != tick[:-1]), True)[: who.size]
    who, tick, value = who[last], tick[last], value[last]
    first = np.searchsorted(who, np.arange(initial.size + 1))
    return [
        Steps(np.append(0, tick[start:stop]), np.append(initial[n], value[start:stop]))
        for n, (start, stop) in enumerate(pairwise(first.tolist()))
    ]
