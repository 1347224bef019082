"""The default columns: the rhythm they are known for, over some seeds."""

from __future__ import annotations

from functools import cache

import numpy as np

from runen_ecs.analysis import phase_figures, population_count

from ..building import build
from ..loading import load
from .check import Check

__all__ = ["checks"]

SEEDS = range(1, 9)
SOURCE = "measured with another program over 8 seeds, as are these"
EXPECTED = {
    "theta": ("rate 7.4-7.6 Hz, peak about 4.9 Hz, Fano 118-127", (7.4, 7.6), (4.4, 5.4), (118, 127)),
    "disorganised": ("rate 5.8-6.2 Hz, Fano 6-10", (5.8, 6.2), None, (6, 10)),
    "alpha": ("rate 7.1-7.7 Hz, peak 12.2-12.7 Hz, Fano 35-53", (7.1, 7.7), (12.2, 12.7), (35, 53)),
}


@cache
def _figures(seed: int) -> dict[str, dict[str, float]]:
    scenario = load("columnar", {"seed": seed, "record.traces": [], "record.weights": False})
    simulation = build(scenario)
    simulation.run(scenario.duration)
    data = simulation.data()
    windows = [(phase.start, phase.stop) for phase in scenario.phases]
    found = phase_figures(population_count(data.spike_tick, data.n_ticks), data.neuron_column.size, windows)
    return {
        phase.name: {"rate_hz": f.rate_hz, "peak_hz": f.peak_hz or 0.0, "fano": f.fano or 0.0}
        for phase, f in zip(scenario.phases, found, strict=True)
    }


def measure(phase: str) -> dict[str, float]:
    """Return the means over the seeds of the figures of a phase."""
    found = [_figures(seed)[phase] for seed in SEEDS]
    return {key: round(float(np.mean([one[key] for one in found])), 3) for key in found[0]}


def _within(measured: dict[str, float], phase: str) -> bool:
    _, *ranges = EXPECTED[phase]
    values = measured["rate_hz"], measured["peak_hz"], measured["fano"]
    return all(r is None or r[0] <= value <= r[1] for value, r in zip(values, ranges, strict=True))


def checks() -> list[Check]:
    """Return a check for each phase."""
    return [_check(phase, expected) for phase, (expected, *_) in EXPECTED.items()]


def _check(phase: str, expected: str) -> Check:
    return Check(
        name=f"columns/{phase}",
        source=SOURCE,
        expected=expected,
        measure=lambda: measure(phase),
        passes=lambda measured: _within(measured, phase),
        slow=True,
    )
