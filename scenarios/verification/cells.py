"""Izhikevich's eight cells and twenty firing patterns: their spikes, to the last quarter of a millisecond."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from .check import Check, same_times
from .patterns import CELLS, PATTERNS, Pattern
from .single_neuron import izhikevich_spikes

__all__ = ["checks", "spikes_of"]


def spikes_of(pattern: Pattern) -> list[float]:
    """Return when the neuron of a pattern fires [ms]."""
    u = pattern.u if pattern.u is not None else pattern.cell.b * pattern.v
    return izhikevich_spikes(pattern.cell, pattern.v, u, pattern.dt, pattern.waveform, pattern.span, pattern.equation)


def _is_between(start: float, stop: float, least: int, most: int) -> Callable[[list[float]], bool]:
    return lambda times: least <= len(times) <= most and all(start <= t <= stop for t in times)


QUALITY: dict[str, tuple[str, Callable[[list[float]], bool]]] = {
    "cell/TC": ("tonic firing after the step at 30 ms", _is_between(30, 150, 2, 100)),
    "cell/TC-rebound": ("a burst after the release at 45 ms", lambda t: len(t) > 1 and 45 < t[0] < 60),
    "cell/RZ": ("quiet at -0.5, fires for the pulse at 60 ms", _is_between(60, 75, 1, 3)),
    "pattern/B": ("one spike at the onset", _is_between(20, 60, 1, 1)),
    "pattern/D": ("one burst at the onset", _is_between(20, 100, 2, 20)),
    "pattern/H": (
        "starts at a finite rate: never slower than 40 Hz",
        lambda t: len(t) > 2 and max(b - a for a, b in pairwise(t)) < 25,
    ),
    "pattern/J": ("one spike, then a damped oscillation below threshold", _is_between(20, 40, 1, 1)),
    "pattern/M": ("one spike after the inhibition has ended", _is_between(25, 100, 1, 1)),
    "pattern/N": ("a burst after the inhibition has ended", _is_between(25, 120, 2, 20)),
    "pattern/Q": ("one spike for a short pulse", _is_between(9, 15, 1, 1)),
    "pattern/R": ("no spike for the slow ramp, one for the fast one", _is_between(300, 320, 1, 1)),
}


def checks() -> list[Check]:
    """Return a check for each cell and pattern."""
    sources = {
        "cell": "Izhikevich 2003, figure 2; Euler steps of 0.25 ms",
        "pattern": "Izhikevich 2004, figure 1",
    }
    found = []
    for kind, patterns in (("cell", CELLS), ("pattern", PATTERNS)):
        for key, pattern in patterns.items():
            name = f"{kind}/{key}"
            expected, passes = _known(pattern) or QUALITY[name]
            measure = lambda pattern=pattern: spikes_of(pattern)  # noqa: E731
            found.append(Check(name, sources[kind], expected, measure, passes))
    return found


def _known(pattern: Pattern) -> tuple[str, Callable[[list[float]], bool]] | None:
    """Return what is known of the spikes of a pattern, if it is known by figures."""
    if pattern.spikes is not None:
        return f"spikes at {' '.join(f'{t:g}' for t in pattern.spikes)} ms", same_times(pattern.spikes)
    if pattern.count is None:
        return None
    ends = [t for t in (pattern.first, pattern.last) if t is not None]
    text = f"{pattern.count} spikes" + (f", {ends[0]:g} to {ends[1]:g} ms" if ends else "")
    return text, lambda times: len(times) == pattern.count and (not ends or [times[0], times[-1]] == ends)
