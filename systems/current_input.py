"""Current injected into neurons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.components import SynapticInput
from runen_ecs.engine import Add, Floats, Int64s, kernel
from runen_ecs.errors import TimeError

from .targets import Neurons, TargetedInput

NEAR = 1e-6


@kernel
def add_current(
    tick: int, time: Floats, value: Floats, slope: Floats, first: Int64s, stop: Int64s, current: Floats
) -> None:
    """Add what the waveform is at the beginning of the tick, after a jump if there is one.

    I += I_k + (t − t_k) (I_{k+1} − I_k) / (t_{k+1} − t_k),  t_k ≤ t < t_{k+1}

    time : (n,) float64, of the breakpoints, ascending [tick]. value : (n,) float64 [mV]. slope : (n,) float64, after
    each of them [mV/tick]. first, stop : (n,) int64, stretches of rows. current : (n_neurons,) float64, in place [mV].
    """
    now = tick - 1.0
    low, high = 0, time.size  # breakpoints before `low` have come, those from `high` on have not
    while low < high:
        middle = (low + high) // 2
        if time[middle] <= now:
            low = middle + 1
        else:
            high = middle
    if low > 0:
        level = value[low - 1] + (now - time[low - 1]) * slope[low - 1]
        for s in range(first.size):
            for i in range(first[s], stop[s]):
                current[i] += level


class CurrentInput(TargetedInput):
    """Chosen neurons get a current that follows a waveform: constant, steps, pulses, ramps.

    A tick from t to t + dt gets the waveform's value at t, so a step at 15 ms acts in the tick that begins then. A
    breakpoint between two beginnings of ticks acts at the next.

    Adds: SynapticInput.

    Parameters
    ----------
    waveform : sequence of (float, float)
        Breakpoints (time, current) [ms, mV]; see `runen_ecs.waveforms`.
    neurons : see `TargetedInput`
    """

    synaptic_input: Add[SynapticInput]

    kernel = add_current

    def __init__(self, waveform: Sequence[tuple[float, float]], neurons: Neurons = None) -> None:
        super().__init__(neurons)
        points = np.array(waveform, np.float64).reshape(-1, 2)
        self.time: NDArray[np.float64] = points[:, 0].copy()
        self.value: NDArray[np.float64] = points[:, 1].copy()
        if not np.isfinite(points).all() or (np.diff(self.time) < 0).any():
            raise TimeError(f"breakpoints of a current are finite and in the order of time, not {list(waveform)}")

    def arguments(self) -> tuple[Any, ...]:
        """Return the breakpoints by ticks, the chosen rows, and their input."""
        exact = self.time / self.world.clock.dt
        time = np.where(np.abs(exact - np.rint(exact)) < NEAR, np.rint(exact), exact)  # 0.3 / 0.1 is not 3
        duration, rise = np.diff(time), np.diff(self.value)
        slope = np.append(np.divide(rise, duration, out=np.zeros(rise.size), where=duration > 0), 0.0)
        return time, self.value, slope[: time.size], *self.targets(), self.synaptic_input.current
