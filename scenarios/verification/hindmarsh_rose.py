"""The regimes of Hindmarsh and Rose's neuron, by its input: quiet, tonic, bursting, chaotic."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.components import (
    ActionPotential,
    HindmarshRose,
    HindmarshRoseCurrents,
    LastSpike,
    Membrane,
    SynapticInput,
)
from runen_ecs.engine import DispatcherBuilder, World
from runen_ecs.recording import SpikeRecord
from runen_ecs.systems import Firing, HindmarshRoseIntegration, SpikeRecording

from .check import Check, near

__all__ = ["checks", "figures_of", "regimes"]

SOURCE = "Hindmarsh & Rose 1984; measured with another program"
CASES = [
    *((0.006, i) for i in (1.2, 1.5, 2.0, 2.5, 3.0, 3.1, 3.2, 3.25, 3.5, 4.0)),
    *((0.001, i) for i in (0.4, 2.0, 4.0)),
]
STEP = 0.01  # units of time, and ms
DROPPED, WATCHED = 2000, 20_000
APART = 1e-8
BURST_RATIO = 1.5


@cache
def regimes(dropped: int = DROPPED, watched: int = WATCHED) -> dict[str, dict[str, float | None]]:
    """Run a pair of neurons for each input, a hair apart, in one world; return the figures of each.

    How fast the two of a pair come apart is the largest Lyapunov exponent; they are put back a hair apart after each
    unit of time.

    *Source*: Benettin, Galgani & Strelcyn 1976, "Kolmogorov entropy and numerical experiments".
    """
    world = World(dt=STEP)
    r, current = np.repeat(np.array(CASES), 2, axis=0).T
    neurons = world.create_entities(
        r.size,
        HindmarshRose.batch(r=r),
        Membrane.batch(v=-1.6),
        HindmarshRoseCurrents.batch(y=-11.8, z=0.0),
        SynapticInput.batch(current=current),
        ActionPotential.batch(),
        LastSpike.batch(),
    )
    dispatcher = (
        DispatcherBuilder()
        .add(HindmarshRoseIntegration(), "integration")
        .add(Firing(), "firing", after=["integration"])
        .add(SpikeRecording(), "spike_recording", after=["firing"])
        .build(world)
    )
    unit = round(1 / STEP)
    dispatcher.run(dropped * unit)
    record, currents = world.resource(SpikeRecord), world.storage(HindmarshRoseCurrents).arrays
    record.forget()
    state: list[NDArray[np.float64]] = [world.storage(Membrane).array["v"], *(getattr(currents, name) for name in "yz")]
    for variable in state:
        variable[1::2] = variable[::2]
    state[0][1::2] += APART
    growth = np.zeros(len(CASES))
    for _ in range(watched):
        dispatcher.run(unit)
        difference = [variable[1::2] - variable[::2] for variable in state]
        distance = np.sqrt(sum(d * d for d in difference))
        growth += np.log(distance / APART)
        for variable, d in zip(state, difference, strict=True):
            variable[1::2] = variable[::2] + d * (APART / distance)
    events, found = record.events(), {}
    for n, case in enumerate(CASES):
        times = events["tick"][events["entity"] == neurons[2 * n]] * STEP
        found[name_of(*case)] = figures_of(times) | {"lyapunov": float(growth[n] / watched) if times.size else None}
    return found


def figures_of(times: NDArray[np.float64]) -> dict[str, float | None]:
    """Return what spikes at these times are: how many, how far apart, and in which bursts.

    There are bursts where the intervals fall into short and long ones: where, in order of length, one is 1.5 times as
    long as the one before. What does not apply is None.
    """
    interval = np.diff(times)
    figures: dict[str, float | None] = {
        "spikes": times.size,
        "interval_mean": float(interval.mean()) if interval.size else None,
        "spikes_per_burst": None,
        "burst_period": None,
    }
    ordered = np.sort(interval)
    ratio = ordered[1:] / ordered[:-1] if ordered.size > 1 else np.ones(1)
    if ratio.max() > BURST_RATIO:
        longest_short = ordered[ratio.argmax()]
        begins = np.flatnonzero(interval > longest_short) + 1
        if begins.size > 1:
            figures["spikes_per_burst"] = float(np.diff(begins).mean())
            figures["burst_period"] = float(np.diff(times[begins]).mean())
    return figures


def name_of(r: float, current: float) -> str:
    """Return the name of a check."""
    if r == 0.006:
        return f"hindmarsh-rose/I={current}"
    return f"hindmarsh-rose/r={r:g},I={current:g}".replace("=0.", "=.")


EXPECTED: dict[str, tuple[str, Any]] = {
    "1.2": ("0 spikes", lambda f: f["spikes"] == 0),
    "1.5": ("tonic, interval 149.53", lambda f: near(f["interval_mean"], 149.53, 1e-3) and _is_tonic(f)),
    "2.0": ("periodic bursts", lambda f: _bursts(f) and abs(f["lyapunov"]) < 1e-3),
    "2.5": (
        "periodic bursts, 3 spikes in 124.1",
        lambda f: near(f["spikes_per_burst"], 3, 1e-9) and near(f["burst_period"], 124.1, 1e-3),
    ),
    "3.0": ("chaotic: Lyapunov exponent > 0", lambda f: f["lyapunov"] > 3e-3),
    "3.1": ("chaotic: Lyapunov exponent > 0", lambda f: f["lyapunov"] > 3e-3),
    "3.2": ("chaotic: Lyapunov exponent > 0", lambda f: f["lyapunov"] > 3e-3),
    "3.25": ("chaotic: Lyapunov exponent about 0.0125", lambda f: near(f["lyapunov"], 0.0125, 0.15)),
    "3.5": ("tonic, interval 31.7", lambda f: near(f["interval_mean"], 31.7, 5e-3) and _is_tonic(f)),
    "4.0": ("tonic, faster than for 3.5", lambda f: f["interval_mean"] < 31.0 and _is_tonic(f)),
    "r=.001,I=.4": ("0 spikes", lambda f: f["spikes"] == 0),
    "r=.001,I=2": ("bursts, longer than with r = 0.006", lambda f: _bursts(f) and f["burst_period"] > 250),
    "r=.001,I=4": ("tonic", lambda f: _is_tonic(f)),
}


def _is_tonic(figures: dict[str, Any]) -> bool:
    return figures["spikes"] > 0 and figures["spikes_per_burst"] is None and abs(figures["lyapunov"]) < 1e-3


def _bursts(figures: dict[str, Any]) -> bool:
    return figures["spikes_per_burst"] is not None and figures["spikes_per_burst"] > 1.5


def checks() -> list[Check]:
    """Return a check for each input; all are measured in one run, which the first of them pays for."""
    found = []
    for case in CASES:
        name = name_of(*case)
        expected, passes = EXPECTED[name.removeprefix("hindmarsh-rose/").removeprefix("I=")]
        measure = lambda name=name: regimes()[name]  # noqa: E731
        found.append(Check(name, SOURCE, expected, measure, passes))
    return found
