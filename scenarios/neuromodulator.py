"""Dopamine gates plasticity: what STDP would change becomes a trace, and the weight follows when dopamine is there."""

from math import exp, nan
from typing import Any

import numpy as np

from runen_ecs.components import DENDRITE, Weight
from runen_ecs.engine import Component, Float, Floats, Resource, System, Write, field, kernel


class Eligibility(Component, kind=DENDRITE):
    """What STDP has said of a synapse, fading; and the weight that it had when STDP was last heard, NaN: never."""

    trace: Float = field(default=0.0, unit="mV")
    heard: Float = field(default=nan, unit="mV")


class Dopamine(Resource):
    """How much dopamine there is, (1,) float64."""

    def __init__(self) -> None:
        self.level = np.zeros(1)


@kernel
def gate(
    tick: int, fade: float, decay: float, reward: int, level: Floats, trace: Floats, heard: Floats, weight: Floats
) -> None:
    """Let all fade:  D ← D exp(−dt / τ_D), and 1 more at the reward;  e ← e exp(−dt / τ_e) + Δw_STDP;  w ← w + D e."""
    level[0] = level[0] * decay + (tick == reward)
    for k in range(weight.size):
        change = weight[k] - heard[k] if heard[k] == heard[k] else 0.0
        trace[k] = trace[k] * fade + change
        weight[k] += level[0] * trace[k] - change
        heard[k] = weight[k]


class DopamineGating(System):
    """Times in ms: of the trace, of dopamine, and when the reward comes."""

    dopamine: Write[Dopamine]
    eligibility: Write[Eligibility]
    weight: Write[Weight]
    kernel = gate

    def __init__(self, tau: float, tau_dopamine: float, reward: float) -> None:
        self.tau, self.tau_dopamine, self.reward = tau, tau_dopamine, reward

    def arguments(self) -> tuple[Any, ...]:
        """Return what the kernel is given after the tick."""
        dt = self.world.clock.dt
        numbers = exp(-dt / self.tau), exp(-dt / self.tau_dopamine), round(self.reward / dt)
        return *numbers, self.dopamine.level, self.eligibility.trace, self.eligibility.heard, self.weight.value
