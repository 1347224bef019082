"""Connecting neurons by synapses, and taking them apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..components import DENDRITE, Capacity, Delay, Source, Target, Weight
from ..engine.arrays import Rows
from ..engine.component import Batch, Entity
from ..engine.world import World
from ..errors import EntityError
from .topology import Topology

__all__ = ["connect", "connect_synapse", "dendrite_of", "dendrites_of", "disconnect"]


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
        Source.batch(neuron=source, order=world.resource(Topology).last_order),
        Delay.batch(ticks=delay),
        Target.batch(neuron=target),
        Weight.batch(value=weight),
        *also,
    )


def connect_synapse(world: World, synapse: Entity, source: Entity) -> None:
    """Connect a synapse that is there to the axon of a neuron, as the last one that it feeds; fill up its capacity.

    Raises
    ------
    EntityError
        If it is no synapse, or connected already, or if the source is no neuron.
    """
    view = world.component(synapse, Source)
    if view.neuron != 0:
        raise EntityError(synapse, f"is connected to neuron {view.neuron} already; disconnect it first")
    view.neuron = source
    view.order = next_order(world)
    fill_up(world, synapse)


def next_order(world: World) -> int:
    """Return the place in the order of connections for one that is made now."""
    topology = world.resource(Topology)
    topology.last_order += 1
    return topology.last_order


def fill_up(world: World, synapse: Entity) -> None:
    """Set the capacity of a synapse, if it has one, to its maximum."""
    if world.has_storage(Capacity) and world.storage(Capacity).has(world.index.row[synapse]):
        capacity = world.component(synapse, Capacity)
        capacity.level = capacity.maximum


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
    """Return the dendrite of a synapse: its neighbour, and for nobody nobody."""
    return synapse + DENDRITE.position * (synapse > 0)


def dendrites_of(synapses: Rows) -> Rows:
    """Return the dendrites of synapses; see `dendrite_of`."""
    return (synapses + DENDRITE.position * (synapses > 0)).astype(np.int32)
