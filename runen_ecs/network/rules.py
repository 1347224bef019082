"""Which synapses learn by which rule."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..components import Plasticity
from ..engine.arrays import Int64s, Rows
from ..engine.world import World
from .topology import Topology

__all__ = ["synapses_of_rule"]


def synapses_of_rule(world: World, rule: int | None) -> tuple[Int64s, Rows | None, Int64s, Rows, Rows]:
    """Return the `Topology` of the synapses whose `Plasticity` names a rule, so that no tick looks at the others.

    Parameters
    ----------
    world : World
        With an index that is up to date, as it is in `System.arguments`.
    rule : int, or None
        None: every synapse, at no cost.

    Returns
    -------
    axon_first : (n_neurons + 1,) int64
    axon_row : (n,) int32, or None
        The synapses of neuron i are the rows ``axon_row[axon_first[i]:axon_first[i + 1]]``; of every synapse the rows
        ``axon_first[i]:axon_first[i + 1]``.
    dendrite_first : (n_neurons + 1,) int64
    dendrite_row, dendrite_source : (n,) int32
    """
    net = world.resource(Topology)
    if rule is None:
        return net.axon_first, None, net.dendrite_first, net.dendrite_row, net.dendrite_source
    learns = world.storage(Plasticity).array["rule"][: net.axon_first[-1]] == rule
    fed = learns[net.dendrite_row]
    axon = _first(net.axon_first, learns), np.flatnonzero(learns).astype(np.int32)
    return *axon, _first(net.dendrite_first, fed), net.dendrite_row[fed], net.dendrite_source[fed]


def _first(first: Int64s, kept: NDArray[np.bool_]) -> Int64s:
    """Return where each neuron's places begin when only some are kept."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)])[first]
