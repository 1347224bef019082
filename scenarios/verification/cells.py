"""Izhikevich's eight cells and twenty firing patterns: their spikes, to the last quarter of a millisecond."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from .check import Check, same_times
from .scenario_runs import panels_of, spikes_of

__all__ = ["checks"]

Passes = Callable[[list[float]], bool]
Known = tuple[str, Passes]


def _at(*times: float) -> Known:
    """Spikes are known one by one [ms]."""
    return f"spikes at {' '.join(f'{t:g}' for t in times)} ms", same_times(list(times))


def _counted(n: int, first: float | None = None, last: float | None = None) -> Known:
    """It is known how many there are, and when the first and the last [ms]."""
    text = f"{n} spikes" + (f", {first:g} to {last:g} ms" if first is not None else "")
    return text, lambda times: len(times) == n and (first is None or [times[0], times[-1]] == [first, last])


def _is_between(start: float, stop: float, least: int, most: int) -> Passes:
    return lambda times: least <= len(times) <= most and all(start <= t <= stop for t in times)


CELLS: dict[str, Known] = {
    "RS": _at(18.25, 24.25, 54.5, 87.75, 121.0),
    "IB": _counted(7),
    "CH": _counted(15),
    "FS": _counted(15),
    "LTS": _counted(18),
    "TC": ("tonic firing after the step at 30 ms", _is_between(30, 150, 2, 100)),
    "TC-rebound": ("a burst after the release at 45 ms", lambda t: len(t) > 1 and 45 < t[0] < 60),
    "RZ": ("quiet at -0.5, fires for the pulse at 60 ms", _is_between(60, 75, 1, 3)),
}
PATTERNS: dict[str, Known] = {
    "A": _at(13, 17, 31.5, 59.25, 86.75),
    "B": ("one spike at the onset", _is_between(20, 60, 1, 1)),
    "C": _counted(28, 25.0, 204.5),
    "D": ("one burst at the onset", _is_between(20, 100, 2, 20)),
    "E": _at(20, 22.75, 27.25, 67, 99.25, 131.5),
    "F": _at(10.25, 12.25, 15, 19.75, 42.5, 71.5),
    "G": _counted(10, 84.5, 290.5),
    "H": (
        "starts at a finite rate: never slower than 40 Hz",
        lambda t: len(t) > 2 and max(b - a for a, b in pairwise(t)) < 25,
    ),
    "I": _at(26.6),
    "J": ("one spike, then a damped oscillation below threshold", _is_between(20, 40, 1, 1)),
    "K": _at(338),
    "L": _at(20),
    "M": ("one spike after the inhibition has ended", _is_between(25, 100, 1, 1)),
    "N": ("a burst after the inhibition has ended", _is_between(25, 120, 2, 20)),
    "O": _at(93.25),
    "P": _counted(5, 45.25, 208),
    "Q": ("one spike for a short pulse", _is_between(9, 15, 1, 1)),
    "R": ("no spike for the slow ramp, one for the fast one", _is_between(300, 320, 1, 1)),
    "S": _at(94.5, 166, 236),
    "T": _counted(12, 86.5, 204),
}


def checks() -> list[Check]:
    """Return a check for each cell and pattern: the panels of two scenarios, in order."""
    parts = (
        ("cell", "eight-cells", CELLS, "Izhikevich 2003, figure 2; Euler steps of 0.25 ms"),
        ("pattern", "firing-patterns", PATTERNS, "Izhikevich 2004, figure 1"),
    )
    found = []
    for kind, scenario, known, source in parts:
        for number, (name, (expected, passes)) in enumerate(known.items()):
            measure = lambda scenario=scenario, number=number: spikes_of(panels_of(scenario)[number])  # noqa: E731
            found.append(Check(f"{kind}/{name}", source, expected, measure, passes))
    return found
