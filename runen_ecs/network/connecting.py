"""Connecting neurons by synapses, and taking them apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..components import DENDRITE, Delay, Source, Target, Weight
from ..engine.arrays import Rows
from ..engine.component import Batch, Entity
from ..engine.world import World
from ..errors import EntityError

__all__ = ["connect", "dendrite_of", "disconnect"]


def connect(
    world: World,
    source: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike = 1.0,
    delay: ArrayLike = 1,
    also: tuple[Batch, ...] = (),
) -> Rows:
    """Connect neurons: create one synapse and its dendrite for each pair.

    Parameters
    ----------
    world : World
    source, target : (n,) int
        Entities of the neurons whose axon feeds the synapse, and that own the dendrite.
    weight : (n,) float, or one for all
        [mV]
    delay : (n,) int, or one for all
        [ticks], 1 or more.
    also : tuple of Batch
        Further components of the synapses and dendrites.

    Returns
    -------
    (n,) int32
        The synapses; see `dendrite_of`.

    Raises
    ------
    EntityError
        If a source or target is no neuron.
    """
    source, target = np.atleast_1d(source), np.atleast_1d(target)
    source, target = np.broadcast_arrays(source, target)
    return world.create_entities(
        source.size,
        Source.batch(neuron=source),
        Delay.batch(ticks=delay),
        Target.batch(neuron=target),
        Weight.batch(value=weight),
        *also,
    )


def disconnect(world: World, synapse: Entity) -> None:
    """Take a synapse off the axon that feeds it; synapse and dendrite stay, unconnected.

    Raises
    ------
    EntityError
        If it is no synapse, or not connected.
    """
    view = world.component(synapse, Source)
    if view.neuron == 0:
        raise EntityError(synapse, "is not connected")
    view.neuron = 0


def dendrite_of(synapse: Entity) -> Entity:
    """Return the dendrite of a synapse: its neighbour, and for nobody nobody; works on arrays too."""
    return synapse + DENDRITE.position * (synapse > 0)
