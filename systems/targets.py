"""Who is driven by an input: a selection of neurons, which survives that neurons are deleted and rows move."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from runen_ecs.components import NEURON, SynapticInput
from runen_ecs.engine import Add, Int64s, System, World
from runen_ecs.engine.system import stretches
from runen_ecs.errors import EntityError

Neurons = ArrayLike | Callable[[World], ArrayLike] | None


class TargetedInput(System):
    """Base of the systems that drive chosen neurons.

    Adds: SynapticInput.

    Parameters
    ----------
    neurons : (n,) int, function, or None
        Entities; those deleted later are left out, which is how a selection survives that rows move. Or a function that
        returns them, given the world, and is asked again whenever the structure has changed; it can name neurons that a
        start-up system is yet to create. None: all that have a `SynapticInput`, later ones included.
    """

    synaptic_input: Add[SynapticInput]

    whole = True

    def __init__(self, neurons: Neurons = None) -> None:
        self.neurons = neurons

    def targets(self) -> tuple[Int64s, Int64s]:
        """Return where the stretches of chosen rows begin and end, (n_stretches,) int64 each, ascending.

        Stretches and not rows, because a kernel is fast on neighbours, and a population is neighbours.
        """
        storage = self.world.storage(SynapticInput)
        chosen = storage.present
        neurons = self.neurons(self.world) if callable(self.neurons) else self.neurons
        if neurons is not None:
            named = np.atleast_1d(np.asarray(neurons, np.int64))
            for entity in named[storage.table.creation_number(named) < 0][:1].tolist():
                raise EntityError(entity, f"is no neuron, and {type(self).__name__} is to drive it")
            chosen = chosen & np.isin(self.world.entities(NEURON), named)
        found = np.array(stretches([chosen], chosen.size), np.int64).reshape(-1, 2)
        return found[:, 0].copy(), found[:, 1].copy()
