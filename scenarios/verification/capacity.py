"""Spike trains through a synapse with a capacity, against the law of such synapses."""

from __future__ import annotations

from runen_ecs.network.description import (
    InputConfig,
    InputLink,
    Link,
    NetworkDescription,
    NeuronDescription,
    OutputLink,
)

from ..network_simulation import NetworkSimulation
from .check import Check

__all__ = ["checks", "passes"]

TRAINS = {
    (10, 2, 5): [5, 5, 4, 2, 2, 2],
    (10, 3, 4): [4, 4, 4, 4, 4, 4, 4, 3, 3],
    (100, 10, 40): [40, 40, 40, 10, 10],
    (7, 0, 3): [3, 3, 1, 0, 0],
}


def passes(maximum: float, regeneration: float, size: float, n: int) -> list[float]:
    """Send ``n`` equal signals through a synapse; return what passed of each.

    The neuron behind it has a bias of 1, so that a pass of 0 is sent too, and 1 more than what passed comes out.
    """
    neuron = NeuronDescription("M0Z0", 1, [InputConfig(maximum, regeneration, 1)])
    links: list[Link] = [InputLink(0, "M0Z0", 0), OutputLink("M0Z0", 0)]
    simulation = NetworkSimulation(NetworkDescription(1, 1, [neuron], links))
    return [simulation.stimulate(0, size)[0][0] - 1 for _ in range(n)]


def checks() -> list[Check]:
    """Return a check for each train."""
    return [_check(*train, expected) for train, expected in TRAINS.items()]


def _check(maximum: float, regeneration: float, size: float, expected: list[int]) -> Check:
    return Check(
        f"capacity/{maximum},{regeneration},{size}",
        "law of the synapse: min(s, max(M - (n - 1)(s - r), r)); cf. Tsodyks & Markram 1997",
        f"passes {' '.join(map(str, expected))}",
        lambda: passes(maximum, regeneration, size, len(expected)),
        lambda measured: measured == expected,
    )
