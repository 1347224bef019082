"""What of a world goes to disk: for each record a stream, and how its chunks become rows that need no world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..components import NEURON
from ..engine.world import World
from ..files import RunData
from ..network import Populations
from ..recording import Chunks, EmissionRecord, HitRecord, OutputRecord, SpikeRecord, TraceRecord, ValueRecord

__all__ = ["NETWORK", "STIMULI", "WEIGHTS", "Recorded", "Source", "population_data", "sources_of"]

Columns = dict[str, NDArray[Any]]

WEIGHTS = {
    "synapses": np.dtype([("synapse", "<i4")]),
    "weights": np.dtype([("weight", "<f8")]),
    "snapshots": np.dtype([("tick", "<i4"), ("n", "<i4"), ("first_weight", "<i8"), ("first_synapse", "<i8")]),
}
STIMULI = np.dtype([("tick", "<i4"), ("port", "<i4"), ("size", "<f8")])
NETWORK: dict[str, tuple[type[EmissionRecord | HitRecord | OutputRecord], str]] = {
    "outputs": (OutputRecord, "port"),
    "hits": (HitRecord, "synapse"),
    "emissions": (EmissionRecord, "neuron"),
}


class Signals(Protocol):
    """How the neurons and synapses of a capacity network are numbered, as they were at the start."""

    @property
    def neuron(self) -> NDArray[np.int64]:
        """Entities of the neurons, (n,)."""
        ...

    @property
    def synapse(self) -> NDArray[np.int64]:
        """Entities of the synapses, (n,)."""
        ...

    @property
    def bridged(self) -> dict[int, int]:
        """The input port by the entity of the synapse that a spiking neuron feeds in its place."""
        ...


class Recorded(Protocol):
    """A simulation that can be recorded; `runen_ecs.scenarios.Simulation` is one."""

    @property
    def world(self) -> World:
        """Its world."""
        ...

    @property
    def signals(self) -> Signals | None:
        """Its capacity network, if it has one."""
        ...

    def data(self) -> RunData:
        """Return what it has left, but for what was handed to a sink."""
        ...


@dataclass
class Source:
    """A record, the dtype of the rows of its stream, and how columns of the one become columns of the other."""

    record: Chunks
    dtype: np.dtype[Any]
    convert: Callable[[Columns], Columns]


def sources_of(simulation: Recorded) -> dict[str, Source]:
    """Return the sources of a simulation by the names of their streams, weights and stimuli aside."""
    world, signals = simulation.world, simulation.signals

    def spikes(columns: Columns) -> Columns:
        return {"tick": columns["tick"], "neuron": world.table(NEURON).creation_number(columns["entity"])}

    found = {"spikes": Source(world.resource(SpikeRecord), _events(SpikeRecord, "entity", "neuron"), spikes)}
    traces = world.resource(TraceRecord)
    if n := traces.entity.size:
        dtype = np.dtype([("tick", "<i4"), ("v", "<f8", (n,))])
        found["traces"] = Source(traces, dtype, _with_ticks(world.tick - len(traces.trace())))
    for number, series in enumerate(world.resource(ValueRecord).series):
        dtype = np.dtype([("tick", "<i4"), ("value", "<f8", (series.entity.size,))])
        found[f"values-{number}"] = Source(series, dtype, lambda columns: columns)
    if signals is not None:
        numbered = {"synapse": signals.synapse, "neuron": signals.neuron}
        for name, (record, key) in NETWORK.items():
            found[name] = Source(world.resource(record), _events(record, key, key), _numbering(key, numbered.get(key)))
    return found


def _events(record: type[Any], renamed: str, name: str) -> np.dtype[Any]:
    kinds = {key: np.dtype(kind).newbyteorder("<") for key, kind in record.DTYPES.items()}
    return np.dtype([(name if key == renamed else key, kind) for key, kind in kinds.items()])


def _with_ticks(last: int) -> Callable[[Columns], Columns]:
    """Number rows of which there is one a tick."""

    def convert(columns: Columns) -> Columns:
        nonlocal last
        first, last = last + 1, last + len(columns["v"])
        return {"tick": np.arange(first, last + 1), "v": columns["v"]}

    return convert


def _numbering(key: str, entities: NDArray[np.int64] | None) -> Callable[[Columns], Columns]:
    """Replace entities by their places in a list, and leave out rows of others."""
    if entities is None:
        return lambda columns: columns
    order = np.argsort(entities)

    def convert(columns: Columns) -> Columns:
        if not entities.size:
            return {name: array[:0] for name, array in columns.items()}
        place = order[np.searchsorted(entities, columns[key], sorter=order).clip(0, entities.size - 1)]
        known = entities[place] == columns[key]
        return {name: (place if name == key else array)[known] for name, array in columns.items()}

    return convert


def population_data(world: World) -> dict[str, dict[str, Any]]:
    """Return where the neurons of each population lie, and their columns and layers, as the manifest holds it."""
    populations, table = world.resource(Populations), world.table(NEURON)
    return {
        name: {
            "first": int(table.creation_number(np.array([populations.neurons[name].start]))[0]),
            "size": shape.size,
            "columns": shape.columns,
            "layers": dict(shape.layers),
        }
        for name, shape in populations.shapes.items()
    }
