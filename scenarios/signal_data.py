"""What a run has left of the signals of a capacity network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.components import Accumulator, Capacity
from runen_ecs.engine.world import World
from runen_ecs.network import CapacityNetwork, Stimuli, describe
from runen_ecs.network_files import network_to_data
from runen_ecs.recording import EmissionRecord, HitRecord, OutputRecord

__all__ = ["SignalSource"]


class SignalSource:
    """Numbers the neurons and synapses of a network as they were at the start, and gives its records by these numbers.

    Parameters
    ----------
    network : CapacityNetwork
    """

    def __init__(self, network: CapacityNetwork) -> None:
        self.world: World = network.world
        self.description = network_to_data(describe(network))
        self.neuron = np.array([network.entity(name) for name in network.neurons], np.int64)
        self.synapse = np.array([s for name in network.neurons for s in network.synapses(name)], np.int64)
        row = self.world.index.row
        self.accumulator = self.world.storage(Accumulator).arrays.value[row[self.neuron]]
        self.level = self.world.storage(Capacity).arrays.level[row[self.synapse]]

    def data(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of `RunData` about signals, by name; what was created after the start is left out."""
        stimuli = self.world.resource(Stimuli)
        given = stimuli.applied > 0
        output = self.world.resource(OutputRecord).events()
        hit, hit_synapse = self._numbered(HitRecord, "synapse", self.synapse)
        emission, emission_neuron = self._numbered(EmissionRecord, "neuron", self.neuron)
        return {
            "stimulus_tick": stimuli.applied[given].astype(np.int32),
            "stimulus_port": stimuli.port[given],
            "stimulus_size": stimuli.size[given],
            **{f"output_{name}": array for name, array in output.items()},
            **{f"hit_{name}": array for name, array in hit.items()},
            "hit_synapse": hit_synapse,
            **{f"emission_{name}": array for name, array in emission.items()},
            "emission_neuron": emission_neuron,
            "initial_level": self.level,
            "initial_accumulator": self.accumulator,
        }

    def _numbered(
        self, record: type[HitRecord | EmissionRecord], name: str, entities: NDArray[np.int64]
    ) -> tuple[dict[str, NDArray[Any]], NDArray[np.int32]]:
        """Return the events of entities that were there at the start, and the numbers of these."""
        events = self.world.resource(record).events()
        order = np.argsort(entities)
        place = np.searchsorted(entities[order], events[name]).clip(0, max(entities.size - 1, 0))
        known = entities[order][place] == events[name] if entities.size else np.zeros(events[name].size, np.bool_)
        return {key: array[known] for key, array in events.items()}, order[place][known].astype(np.int32)
