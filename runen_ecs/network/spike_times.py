"""When the neurons fire that fire by a list."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..components import SpikeTrain
from ..engine.arrays import Rows
from ..engine.component import Batch
from ..engine.resource import Resource
from ..engine.world import World
from ..errors import TimeError

__all__ = ["SpikeTimes", "spike_trains"]


class SpikeTimes(Resource):
    """The spikes of all neurons that fire by a list, one neuron after another.

    Attributes
    ----------
    tick : (n,) int32
        When; `SpikeTrain` says which of them belong to a neuron.
    """

    def __init__(self) -> None:
        self.tick: Rows = np.zeros(0, np.int32)


def spike_trains(world: World, times: Sequence[ArrayLike]) -> Batch:
    """Return the component of neurons that fire at given times.

    >>> batch = spike_trains(world, [[10.0, 20.0], []])  # doctest: +SKIP
    >>> world.create_entities(2, batch, ActionPotential.batch(), LastSpike.batch())  # doctest: +SKIP

    Parameters
    ----------
    world : World
    times : sequence of (n,) float
        For each neuron when it fires, in any order [ms]. A spike at 10 ms comes at the end of the tick that ends then.

    Raises
    ------
    TimeError
        If a time is no multiple of the tick, not later than 0, or there twice.
    """
    resource = world.resource(SpikeTimes)
    trains = [np.sort(world.clock.ticks(train, "a spike time").ravel()) for train in times]
    for number, train in enumerate(trains):
        if train.size and train[0] < 1:
            raise TimeError(
                f"spike train {number} has a spike at {train[0] * world.clock.dt:g} ms; time begins after 0"
            )
        for tick in train[1:][np.diff(train) == 0][:1].tolist():
            raise TimeError(
                f"spike train {number} has two spikes at {tick * world.clock.dt:g} ms; a tick has room for one"
            )
    stop = resource.tick.size + np.cumsum([train.size for train in trains], dtype=np.int64)
    resource.tick = np.concatenate([resource.tick, *trains]).astype(np.int32)
    return SpikeTrain.batch(next=stop - [train.size for train in trains], stop=stop)
