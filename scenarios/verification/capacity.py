"""Spike trains through a synapse with a capacity, against the law of such synapses."""

from __future__ import annotations

from functools import cache

from runen_ecs.files import RunData

from ..loading import load
from .check import Check
from .scenario_runs import ran

__all__ = ["checks"]

TRAINS = {
    (10, 2, 5): [5, 5, 4, 2, 2, 2],
    (10, 3, 4): [4, 4, 4, 4, 4, 4, 4, 3, 3],
    (100, 10, 40): [40, 40, 40, 10, 10],
    (7, 0, 3): [3, 3, 1, 0, 0],
}


@cache
def _run() -> RunData:
    return ran(load("tired-synapse"))


def _passes(synapse: int, n: int) -> list[float]:
    """Return what passed of each of the first signals of a train."""
    data = _run()
    passed: list[float] = data.hit_passed[data.hit_synapse == synapse][:n].tolist()
    return passed


def checks() -> list[Check]:
    """Return a check for each train: the synapses of a scenario, in order."""
    return [_check(synapse, train, expected) for synapse, (train, expected) in enumerate(TRAINS.items())]


def _check(synapse: int, train: tuple[int, int, int], expected: list[int]) -> Check:
    return Check(
        f"capacity/{','.join(map(str, train))}",
        "law of the synapse: min(s, max(M - (n - 1)(s - r), r)); cf. Tsodyks & Markram 1997",
        f"passes {' '.join(map(str, expected))}",
        lambda: _passes(synapse, len(expected)),
        lambda measured: measured == expected,
    )
