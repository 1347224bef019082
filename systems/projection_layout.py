"""Projections are laid out: the synapses from some neurons to others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runen_ecs.components import (
    Capacity,
    ColumnCoordinates,
    Delay,
    LastSignal,
    Plasticity,
    Source,
    Target,
    Weight,
)
from runen_ecs.connectivity import Pairs
from runen_ecs.engine import Batch, Int64s, Read, Rows, System, World, Write
from runen_ecs.errors import ConnectivityError, EntityError
from runen_ecs.network import Populations, Selection, connect

Draw = Callable[[int], NDArray[np.generic]]
Rule = Callable[[Rows, Rows, str], Pairs]
SAME = "same"


@dataclass(frozen=True)
class Projection:
    """Synapses from some neurons to others.

    Attributes
    ----------
    name : str
    source, target : sequence of Selection
    rule : callable
        Given sources, targets, and what the draws are for, returns which of them are connected, two arrays (n,) int32.
    weight, delay : callable
        Given how many pairs the rule returned, returns the weight [mV] and the delay [ticks] of each.
    column : str
        "same": only within cortical columns; "other": only between two; "": wherever they lie.
    by_number : bool
        Whether the rule names neurons by their numbers: it is given deleted ones too, and their pairs are left out.
    by_target : bool
        Whether the rule gives each target its sources, and so needs all of those that may be its own at once.
    self_connections : bool
        Whether pairs of a neuron with itself stay.
    learning : int
        Number of the rule by which they learn; -1: none, None: the world has no rules for chosen synapses.
    capacity : (float, float) or None
        Maximum and regeneration, if they have a capacity.
    """

    name: str
    source: Sequence[Selection]
    target: Sequence[Selection]
    rule: Rule
    weight: Draw
    delay: Draw
    column: str = ""
    by_number: bool = False
    by_target: bool = False
    self_connections: bool = True
    learning: int | None = None
    capacity: tuple[float, float] | None = None


class ProjectionLayout(System):
    """Projections appear, one after another, and get their names in the `Populations`.

    A start-up system: it runs once. Synapses are created in the order of the projections.

    Reads: ColumnCoordinates. Writes: Populations, Source, Delay, Target, Weight.

    Parameters
    ----------
    projections : sequence of Projection
    """

    coordinates: Read[ColumnCoordinates]
    populations: Write[Populations]
    source: Write[Source]
    delay: Write[Delay]
    target: Write[Target]
    weight: Write[Weight]

    def __init__(self, projections: Sequence[Projection]) -> None:
        self.projections = projections

    def run(self) -> None:
        """Create the synapses."""
        for projection in self.projections:
            project(self.world, projection)


def project(world: World, projection: Projection) -> Rows:
    """Create the synapses of a projection, and give them its name; return them, (n,) int32.

    Raises
    ------
    ConnectivityError
        If there are too few neurons for its rule.
    """
    try:
        source, target = _pairs(world, projection)
    except ConnectivityError as error:
        raise ConnectivityError(f"projection {projection.name!r}: {error}") from None
    n, kept = source.size, _kept(world, projection, source, target)
    weight, delay = projection.weight(n)[kept], projection.delay(n)[kept]
    capacity: list[Batch] = []
    if projection.capacity is not None:
        maximum, regeneration = projection.capacity
        limits = Capacity.batch(level=maximum, maximum=maximum, regeneration=regeneration)
        capacity = [limits, LastSignal.batch()]
    learning = [] if projection.learning is None else [Plasticity.batch(rule=projection.learning)]
    also = (*capacity, *learning)
    synapses = connect(world, source[kept], target[kept], weight=weight, delay=delay, also=also)
    world.resource(Populations).add_synapses(projection.name, synapses)
    return synapses


def _pairs(world: World, projection: Projection) -> Pairs:
    """Return the entities that the rule connects."""
    populations, purpose = world.resource(Populations), f"projection/{projection.name}/pairs"
    if projection.by_number:
        return projection.rule(populations.listed(*projection.source), populations.listed(*projection.target), purpose)
    ends = [populations.select(world, *selections) for selections in (projection.source, projection.target)]
    if not projection.column:
        return projection.rule(ends[0], ends[1], purpose)
    of = [_columns(world, projection, neurons) for neurons in ends]
    near, far = (1, 0) if projection.by_target else (0, 1)
    parts: tuple[list[Rows], list[Rows]] = [], []
    for column in np.unique(of[near]).tolist():
        chosen = [ends[near][of[near] == column], ends[far][(of[far] == column) == (projection.column == SAME)]]
        pairs = projection.rule(chosen[near], chosen[far], f"{purpose}/{column}")
        for part, found in zip(parts, pairs, strict=True):
            part.append(found)
    source, target = (np.concatenate([np.zeros(0, np.int32), *part]) for part in parts)
    return source, target


def _kept(world: World, projection: Projection, source: Rows, target: Rows) -> NDArray[np.bool_] | slice:
    """Return which pairs of a rule are to be connected; a slice where they all are, for there may be many."""
    if projection.self_connections and not projection.by_number:
        return slice(None)
    kept = np.ones(source.size, np.bool_) if projection.self_connections else source != target
    if projection.by_number:
        kept &= (world.index.row[source] >= 0) & (world.index.row[target] >= 0)
        if projection.column:
            left = np.flatnonzero(kept)
            same = _columns(world, projection, source[left]) == _columns(world, projection, target[left])
            kept[left] = same == (projection.column == SAME)
    return kept


def _columns(world: World, projection: Projection, neurons: Rows) -> Int64s:
    """Return the cortical column of each neuron, (n,)."""
    row, place = world.index.row[neurons], world.storage(ColumnCoordinates)
    for entity in neurons[~place.present[row]][:1].tolist():
        raise EntityError(entity, f"lies in no column, and projection {projection.name!r} asks for its column")
    return place.arrays.column[row].astype(np.int64)
