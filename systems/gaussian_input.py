"""Gaussian noise."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import NEURON, SynapticInput
from runen_ecs.engine import Add, Floats, Int64s, Rows, kernel
from runen_ecs.engine.random import draw_normal, stream, threefry2x32

from .targets import Neurons, TargetedInput


@kernel
def add_gaussian_noise(
    tick: int,
    key0: int,
    key1: int,
    mean: float,
    sd: float,
    first: Int64s,
    stop: Int64s,
    entity: Rows,
    current: Floats,
) -> None:
    """Add a normal number, fresh for every neuron and tick.

    I += mean + sd · N(seed, purpose, tick, entity)

    key0, key1 : the stream of this noise. mean, sd : float [mV]. first, stop : (n,) int64, stretches of rows. entity :
    (n_neurons,) int32. current : (n_neurons,) float64, in place [mV].

    *Source*: Izhikevich 2003, section III (thalamic input).
    """
    tick0, tick1 = threefry2x32(key0, key1, tick, 0)
    for s in range(first.size):
        who, what = entity[first[s] : stop[s]], current[first[s] : stop[s]]
        for i in range(what.size):
            what[i] += mean + sd * draw_normal(tick0, tick1, who[i])


class GaussianInput(TargetedInput):
    """Chosen neurons get normal noise, fresh in every tick, however long that is.

    Adds: SynapticInput.

    Parameters
    ----------
    mean, sd : float
        Mean and standard deviation [mV].
    purpose : str
        Name of its stream of random numbers; a second noise needs another.
    neurons : see `TargetedInput`
    """

    synaptic_input: Add[SynapticInput]

    kernel = add_gaussian_noise

    def __init__(
        self, mean: float = 0.0, sd: float = 5.0, purpose: str = "gaussian_input", neurons: Neurons = None
    ) -> None:
        super().__init__(neurons)
        self.mean, self.sd, self.purpose = float(mean), float(sd), purpose

    def arguments(self) -> tuple[Any, ...]:
        """Return the stream, mean and s.d., the chosen rows, the entities and their input."""
        key0, key1 = stream(self.world.seed, self.purpose)
        to = *self.targets(), self.world.entities(NEURON), self.synaptic_input.current
        return key0, key1, self.mean, self.sd, *to
