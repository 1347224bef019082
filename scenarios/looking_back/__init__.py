"""Recorded runs, looked back at: any entity at any tick, why a neuron fired, where two runs part, and what if."""

from .difference import first_difference
from .entities import components_of, entities_of, neighbours_of, number_of
from .provenance import Arrival
from .replay import RecordedRun, Replay
from .why import Explanation, explain

__all__ = [
    "Arrival",
    "Explanation",
    "RecordedRun",
    "Replay",
    "components_of",
    "entities_of",
    "explain",
    "first_difference",
    "neighbours_of",
    "number_of",
]
