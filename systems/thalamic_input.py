"""Noise from the thalamus."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import NEURON, SynapticInput
from runen_ecs.engine import Add, Floats, Int64s, Rows, kernel
from runen_ecs.engine.random import draw, stream, threefry2x32

from .targets import Neurons, TargetedInput


@kernel
def add_noise(
    tick: int,
    key0: int,
    key1: int,
    low: float,
    width: float,
    first: Int64s,
    stop: Int64s,
    entity: Rows,
    current: Floats,
) -> None:
    """Add a number uniform on [low, low + width), fresh for every neuron and tick.

    I += low + width · U(seed, purpose, tick, entity)

    key0, key1 : the stream of this noise. low, width : float [mV]. first, stop : (n,) int64, stretches of rows.
    entity : (n_neurons,) int32. current : (n_neurons,) float64, in place [mV].

    *Source*: Izhikevich 2003, section III (thalamic input), uniform instead of Gaussian.
    """
    tick0, tick1 = threefry2x32(key0, key1, tick, 0)
    for s in range(first.size):
        who, what = entity[first[s] : stop[s]], current[first[s] : stop[s]]
        for i in range(what.size):
            what[i] += low + width * draw(tick0, tick1, who[i], 0)


class ThalamicInput(TargetedInput):
    """Chosen neurons get noise, uniform between two bounds, fresh in every tick, however long that is.

    Adds: SynapticInput.

    Parameters
    ----------
    low, high : float
        Bounds [mV].
    purpose : str
        Name of its stream of random numbers; a second noise needs another.
    neurons : see `TargetedInput`
    """

    synaptic_input: Add[SynapticInput]

    kernel = add_noise

    def __init__(
        self, low: float = 0.0, high: float = 5.0, purpose: str = "thalamic_input", neurons: Neurons = None
    ) -> None:
        super().__init__(neurons)
        self.low, self.high, self.purpose = low, high, purpose

    def arguments(self) -> tuple[Any, ...]:
        """Return the stream, the bounds, the chosen rows, the entities and their input."""
        key0, key1 = stream(self.world.seed, self.purpose)
        to = *self.targets(), self.world.entities(NEURON), self.synaptic_input.current
        return key0, key1, self.low, self.high - self.low, *to
