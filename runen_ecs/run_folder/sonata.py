"""Recorded runs in SONATA, the format of files that the field's tools share.

Dai et al., "The SONATA data format for efficient description of large-scale network models", PLoS Computational
Biology 2020.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .faults import RunFolderError

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["Places", "save_sonata"]

MAGIC, VERSION = 0x0A7A, (0, 1)
OTHERS = "others"
SORTING = {"none": 0, "by_id": 1, "by_time": 2}
MS = "ms"
MODEL = "point_neuron"


@dataclass
class Places:
    """Where neurons lie: in which population, and at which place in it.

    Attributes
    ----------
    names : list of str
        Populations in the order of their first neurons; last, if they are needed, the others.
    population, node : (n_neurons,) int64
        By the number of the neuron: the population's place in ``names``, and the neuron's in the population.
    """

    names: list[str]
    population: NDArray[np.int64]
    node: NDArray[np.int64]

    @classmethod
    def of(cls, recording: Recording) -> Places:
        """Return those of a recording."""
        lies = recording.manifest.populations
        ends = [place["first"] + place["size"] for place in lies.values()]
        n = max([recording.network.neuron_column.size, *ends])
        names, population, node = list(lies), np.full(n, -1), np.zeros(n, np.int64)
        for number, place in enumerate(lies.values()):
            inside = slice(place["first"], place["first"] + place["size"])
            population[inside], node[inside] = number, np.arange(place["size"])
        if (others := population < 0).any():
            names.append(next(name for name in (OTHERS + "_" * k for k in range(len(lies) + 1)) if name not in lies))
            population[others], node[others] = len(names) - 1, np.arange(others.sum())
        return cls(names, population, node)


def save_sonata(recording: Recording, path: Path) -> list[Path]:
    """Write a recording as SONATA.

    Populations are those of the scenario, and its columns as one that is called ``columns``; neurons of none, as those
    of a capacity network, are ``others``. Neurons keep their places, deleted ones too. Edges lie between two
    populations each, ordered by target, with ``syn_weight`` [mV], ``delay`` [ms], ``weight_initial`` [mV] and
    ``projection``; synapses without a source, as those of input ports, are left out.

    Parameters
    ----------
    recording : Recording
    path : Path
        ``x.h5``: the spikes. Beside it ``x.nodes.h5``, ``x.node_types.csv``, ``x.edges.h5`` and ``x.edge_types.csv``.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    RunFolderError
        If it cannot be written, or h5py is missing.
    FileError
        If the recording cannot be read.
    """
    try:
        import h5py  # noqa: F401
    except ImportError:
        raise RunFolderError(path, "h5py is missing; install it with: pip install 'runen-ecs[sonata]'") from None
    places = Places.of(recording)
    nodes = "\n".join(["node_type_id population model_type", *(f"0 {name} {MODEL}" for name in places.names), ""])
    edges = "\n".join(
        ["edge_type_id population", *(f"0 {name}" for name, _ in _edge_populations(recording, places)), ""]
    )
    parts: dict[str, Callable[[Path], object]] = {
        ".h5": lambda to: _write_h5(to, lambda file: _spikes(file, recording, places)),
        ".nodes.h5": lambda to: _write_h5(to, lambda file: _nodes(file, recording, places)),
        ".node_types.csv": lambda to: to.write_text(nodes),
        ".edges.h5": lambda to: _write_h5(to, lambda file: _edges(file, recording, places)),
        ".edge_types.csv": lambda to: to.write_text(edges),
    }
    written = []
    for suffix, write in parts.items():
        written.append(path.with_suffix(suffix))
        _write_whole(written[-1], write)
    return written


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    temporary = path.with_name(f".{path.name}.new")
    try:
        write(temporary)
        temporary.replace(path)
    except RunFolderError:
        raise
    except (OSError, RuntimeError) as error:  # h5py says RuntimeError where closing a file fails
        temporary.unlink(missing_ok=True)
        number = getattr(error, "errno", None)
        raise RunFolderError(path, f"cannot be written: {os.strerror(number) if number else error}") from None


def _write_h5(path: Path, write: Callable[[Any], None]) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["magic"], file.attrs["version"] = np.uint32(MAGIC), np.array(VERSION, np.uint32)
        write(file)


def _spikes(file: Any, recording: Recording, places: Places) -> None:
    import h5py

    spikes = file.create_group("spikes")
    for name in places.names:
        group = spikes.create_group(name)
        group.attrs.create("sorting", SORTING["by_time"], dtype=h5py.enum_dtype(SORTING, "u1"))
        group.create_dataset("timestamps", (0,), "f8", maxshape=(None,)).attrs["units"] = MS
        group.create_dataset("node_ids", (0,), "u8", maxshape=(None,))
    for time, neuron in recording.spike_chunks(0, (recording.tick + 1) * recording.dt_ms):
        population = places.population[neuron]
        for number in np.unique(population).tolist():
            here = population == number
            for key, array in (("timestamps", time), ("node_ids", places.node[neuron])):
                _append(spikes[places.names[number]][key], array[here])


def _append(dataset: Any, array: NDArray[Any]) -> None:
    before = dataset.shape[0]
    dataset.resize((before + array.size,))
    dataset[before:] = array


def _nodes(file: Any, recording: Recording, places: Places) -> None:
    network = recording.network
    for number, name in enumerate(places.names):
        here = np.flatnonzero(places.population == number)
        here = here[here < network.neuron_column.size]
        group = file.create_group(f"nodes/{name}")
        group["node_id"] = np.arange(here.size, dtype="u8")
        _types(group, "node", here.size)
        group["0/column"] = network.neuron_column[here]
        _words(group["0"], "model_type", [MODEL], np.zeros(here.size, np.int64))
        _words(group["0"], "layer", ["", *network.layer_names], network.neuron_layer[here] + 1)


def _edge_populations(recording: Recording, places: Places) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Yield the name of each edge population, and its synapses, ordered by target, then source."""
    source, target = recording.network.synapse_source, recording.network.synapse_target
    there = (source >= 0) & (target >= 0)
    pair = np.where(there, places.population[source] * len(places.names) + places.population[target], -1)
    order = np.lexsort((source, target))
    for number in np.unique(pair[there]).tolist():
        names = (places.names[part] for part in divmod(number, len(places.names)))
        yield "__".join([*names, "chemical"]), order[pair[order] == number]


def _edges(file: Any, recording: Recording, places: Places) -> None:
    network = recording.network
    file.create_group("edges")
    size = np.bincount(places.population, minlength=len(places.names))
    projection = network.synapse_projection if network.synapse_projection.size else np.full(network.weight.size, -1)
    for name, here in _edge_populations(recording, places):
        group = file.create_group(f"edges/{name}")
        ends = {"source": network.synapse_source[here], "target": network.synapse_target[here]}
        for (end, neuron), other in zip(ends.items(), ("target", "source"), strict=True):
            number = int(places.population[neuron[0]])
            group[f"{end}_node_id"] = places.node[neuron].astype("u8")
            group[f"{end}_node_id"].attrs["node_population"] = places.names[number]
            _index(group.create_group(f"indices/{end}_to_{other}"), places.node[neuron], int(size[number]))
        _types(group, "edge", here.size)
        group["0/syn_weight"] = network.weight[here]
        group["0/weight_initial"] = network.weight_initial[here]
        group["0/delay"] = network.synapse_delay[here] * recording.dt_ms
        _words(group["0"], "projection", ["", *network.projection_names], projection[here] + 1)


def _types(group: Any, what: str, n: int) -> None:
    """Say that all are of one type, and that all attributes lie in group 0."""
    group[f"{what}_type_id"] = np.zeros(n, "u8")
    group[f"{what}_group_id"] = np.zeros(n, "u4")
    group[f"{what}_group_index"] = np.arange(n, dtype="u8")
    group.create_group("0")


def _words(group: Any, name: str, words: list[Any], which: NDArray[np.integer[Any]]) -> None:
    """Write an attribute whose values are words: numbers, and a library of what they stand for."""
    import h5py

    group[name] = which.astype("u4")
    group.create_dataset(f"@library/{name}", data=[str(word) for word in words], dtype=h5py.string_dtype())


def _index(group: Any, node: NDArray[np.int64], n_nodes: int) -> None:
    """Write which edges each node has: a range of ranges for each node."""
    begin = np.flatnonzero(np.diff(node, prepend=-1))
    ranges = np.stack([begin, np.append(begin[1:], node.size)], axis=1)
    order = np.argsort(node[begin], kind="stable")
    first = np.searchsorted(node[begin][order], np.arange(n_nodes + 1))
    group["node_id_to_ranges"] = np.stack([first[:-1], first[1:]], axis=1).astype("u8")
    group["range_to_edge_id"] = ranges[order].astype("u8")
