"""What a run has left of the signals of a capacity network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.components import Accumulator, Capacity
from runen_ecs.engine.component import Entity
from runen_ecs.engine.world import World
from runen_ecs.network import CapacityNetwork, Stimuli
from runen_ecs.network.description import NetworkDescription
from runen_ecs.network_files import network_to_data
from runen_ecs.recording import EmissionRecord, HitRecord, OutputRecord

__all__ = ["SignalSource"]


class SignalSource:
    """Numbers the neurons and synapses of a network as they were at the start, and gives its records by these numbers.

    Parameters
    ----------
    network : CapacityNetwork
    description : NetworkDescription
        What it was made from.
    bridged : dict of int to int
        By the synapse that a spiking neuron feeds in the place of an input port: the number of the port. Its spikes
        count as what came in there.
    """

    def __init__(
        self, network: CapacityNetwork, description: NetworkDescription, bridged: dict[Entity, int] | None = None
    ) -> None:
        self.bridged = bridged or {}
        self.world: World = network.world
        self.description = network_to_data(description)
        self.neuron = np.array([network.entity(name) for name in network.neurons], np.int64)
        self.synapse = np.array([s for name in network.neurons for s in network.synapses(name)], np.int64)
        row = self.world.index.row
        self.accumulator = self.world.storage(Accumulator).arrays.value[row[self.neuron]]
        self.level = self.world.storage(Capacity).arrays.level[row[self.synapse]]

    def data(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of `RunData` about signals, by name; what was created after the start is left out."""
        output = self.world.resource(OutputRecord).events()
        hit, hit_synapse = self._numbered(HitRecord, "synapse", self.synapse)
        emission, emission_neuron = self._numbered(EmissionRecord, "neuron", self.neuron)
        return {
            **self._came_in(),
            **{f"output_{name}": array for name, array in output.items()},
            **{f"hit_{name}": array for name, array in hit.items()},
            "hit_synapse": hit_synapse,
            **{f"emission_{name}": array for name, array in emission.items()},
            "emission_neuron": emission_neuron,
            "initial_level": self.level,
            "initial_accumulator": self.accumulator,
        }

    def _came_in(self) -> dict[str, NDArray[Any]]:
        """Return what came in through ports, and what spiking neurons brought in their place."""
        stimuli, hit = self.world.resource(Stimuli), self.world.resource(HitRecord).events()
        given, fed = stimuli.applied > 0, np.isin(hit["synapse"], list(self.bridged))
        ports = [self.bridged[synapse] for synapse in hit["synapse"][fed].tolist()]
        tick = np.concatenate([stimuli.applied[given], hit["tick"][fed]]).astype(np.int32)
        order = np.argsort(tick, kind="stable")
        return {
            "stimulus_tick": tick[order],
            "stimulus_port": np.concatenate([stimuli.port[given], ports]).astype(np.int32)[order],
            "stimulus_size": np.concatenate([stimuli.size[given], hit["size"][fed]])[order],
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
