"""Recorded runs, looked back at: any entity at any tick, why a neuron fired, where two runs part, and what if."""

from .branch import branch
from .difference import differing_keys, first_difference
from .entities import components_of, entities_of, feeder_of, name_of, neighbours_of, number_of
from .provenance import Arrival
from .replay import RecordedRun, Replay
from .why import Explanation, explain

__all__ = [
    "Arrival",
    "Explanation",
    "RecordedRun",
    "Replay",
    "branch",
    "components_of",
    "differing_keys",
    "entities_of",
    "explain",
    "feeder_of",
    "first_difference",
    "name_of",
    "neighbours_of",
    "number_of",
]
