"""Neurons fire at random."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import ActionPotential, PoissonSource
from runen_ecs.engine import Flags, Floats, Read, Rows, System, Write, kernel
from runen_ecs.engine.random import draw, stream, threefry2x32


@kernel
def fire_at_random(tick: int, key0: int, key1: int, dt: float, rate: Floats, entity: Rows, fired: Flags) -> None:
    """Let each fire with the probability that its rate gives to a tick.

    fires when U(seed, purpose, tick, entity) < rate dt

    key0, key1 : the stream. dt : float [s]. rate : (n,) float64 [Hz]. entity : (n,) int32. fired : (n,) bool, out.

    *Deviation*: a tick has one spike at most, so rates near 1/dt are not reached.
    """
    tick0, tick1 = threefry2x32(key0, key1, tick, 0)
    for i in range(fired.size):
        fired[i] = draw(tick0, tick1, entity[i], 0) < rate[i] * dt


class PoissonFiring(System):
    """Poisson sources fire at random, each at its rate, independently of all else.

    Reads: PoissonSource. Writes: ActionPotential.

    Parameters
    ----------
    purpose : str
        Name of its stream of random numbers.
    """

    source: Read[PoissonSource]
    action_potential: Write[ActionPotential]

    kernel = fire_at_random

    def __init__(self, purpose: str = "poisson_firing") -> None:
        self.purpose = purpose

    def arguments(self) -> tuple[Any, ...]:
        """Return the stream, the tick's length in seconds, rates, entities, and where to say who fires."""
        key0, key1 = stream(self.world.seed, self.purpose)
        dt = self.world.clock.dt / 1000.0
        return key0, key1, dt, self.source.rate, self.entity, self.action_potential.fired
