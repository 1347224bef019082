"""Noise from the thalamus."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import SynapticInput
from runen_ecs.engine import Add, Floats, Rows, System, kernel
from runen_ecs.engine.random import draw, stream, threefry2x32


@kernel
def add_noise(tick: int, key0: int, key1: int, low: float, width: float, entity: Rows, current: Floats) -> None:
    """Add a number uniform on [low, low + width), fresh for every neuron and tick.

    I += low + width · U(seed, purpose, tick, entity)

    key0, key1 : the stream of this noise. low, width : float [mV]. entity : (n,) int32. current : (n,) float64, in
    place [mV].

    *Source*: Izhikevich 2003, section III (thalamic input), uniform instead of Gaussian.
    """
    tick0, tick1 = threefry2x32(key0, key1, tick, 0)
    for i in range(current.size):
        current[i] += low + width * draw(tick0, tick1, entity[i], 0)


class ThalamicInput(System):
    """Every neuron gets noise, uniform between two bounds, fresh in every tick.

    Adds: SynapticInput.

    Parameters
    ----------
    low, high : float
        Bounds [mV].
    purpose : str
        Name of its stream of random numbers; a second noise needs another.
    """

    synaptic_input: Add[SynapticInput]

    kernel = add_noise

    def __init__(self, low: float = 0.0, high: float = 5.0, purpose: str = "thalamic_input") -> None:
        self.low, self.high, self.purpose = low, high, purpose

    def arguments(self) -> tuple[Any, ...]:
        """Return the stream, the bounds, the entities and their input."""
        key0, key1 = stream(self.world.seed, self.purpose)
        return key0, key1, self.low, self.high - self.low, self.entity, self.synaptic_input.current
