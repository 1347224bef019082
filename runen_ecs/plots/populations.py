"""Which neurons of a run belong together, and what each is called in pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..files import RunData
from .style import PALETTE

__all__ = ["Group", "Population", "colours_of", "groups_of", "in_columns", "models_of", "names_of", "populations_of"]


# The dark ones first: populations may be large and few.
ORDER = (4, 1, 2, 3, 0, 7, 5, 6)


@dataclass(frozen=True)
class Population:
    """Neurons of one population that were created one after another: from ``first`` up to ``stop``, not included."""

    name: str
    first: int
    stop: int


@dataclass(frozen=True)
class Group:
    """The living neurons of a population, or of a layer of one, and their spikes.

    Attributes
    ----------
    name : str
    colour : str
    size : int
        Number of neurons.
    tick, neuron : (n_spikes,) int
        Of its spikes.
    """

    name: str
    colour: str
    size: int
    tick: NDArray[np.integer]
    neuron: NDArray[np.integer]


def groups_of(data: RunData) -> list[Group]:
    """Return each population, or each layer of one, that has neurons."""
    size = np.bincount(data.neuron_layer + 1, minlength=len(data.layer_names) + 1)[1:]
    layer = data.neuron_layer[data.spike_neuron]
    order = np.argsort(layer, kind="stable")
    bounds = np.searchsorted(layer[order], np.arange(len(data.layer_names) + 1))
    groups = []
    for number, (name, colour) in enumerate(zip(data.layer_names, colours_of(data), strict=True)):
        own = order[bounds[number] : bounds[number + 1]]
        if size[number]:
            groups.append(Group(str(name), colour, int(size[number]), data.spike_tick[own], data.spike_neuron[own]))
    return groups


def colours_of(data: RunData) -> list[str]:
    """Return the colour of each population or layer; after eight they come again."""
    colours = [PALETTE[k] for k in ORDER] if populations_of(data) else PALETTE
    return [colours[number % len(colours)] for number in range(len(data.layer_names))]


def in_columns(data: RunData) -> bool:
    """Whether the neurons are told apart by their columns: all of them lie in some, and in those of one population."""
    living = data.neuron_layer >= 0
    return bool((data.neuron_column[living] >= 0).all()) and len(populations_of(data)) < 2


def populations_of(data: RunData) -> list[Population]:
    """Return the populations in order of creation; none where neurons have layers of columns, but no population.

    A neuron that was deleted is taken to be of the population of the neuron before it.
    """
    names, from_layers = [], False
    for number, name in enumerate(map(str, data.layer_names)):
        if (data.neuron_column[data.neuron_layer == number] >= 0).any():
            if "." not in name:
                return []
            name, from_layers = name.split(".", 1)[0], True
        names.append(name)
    known = np.flatnonzero(data.neuron_layer >= 0)
    if not known.size:
        return []
    number_of = {name: number for number, name in enumerate(dict.fromkeys(names))}
    own = np.array([number_of[name] for name in names])[data.neuron_layer[known]]
    first = np.flatnonzero(np.diff(own, prepend=-1))
    if from_layers and first.size > np.unique(own).size:
        return []  # what looked like a population is a part of each column: the dot belongs to the layer's name
    begin = [0, *known[first[1:]].tolist()]
    parts = zip(own[first].tolist(), begin, [*begin[1:], data.neuron_layer.size], strict=True)
    distinct = list(number_of)
    return [Population(distinct[number], start, stop) for number, start, stop in parts]


def names_of(data: RunData, neurons: Iterable[int]) -> list[str]:
    """Return what neurons are called, ``population[3]``; ``neuron 3`` where there is no population."""
    populations = populations_of(data)
    return [_name(populations, neuron) for neuron in neurons]


def models_of(data: RunData, neurons: Iterable[int]) -> list[str]:
    """Return of which model neurons are, as far as the scenario of the run says so; else an empty text."""
    scenario = data.meta["scenario"]
    models = {name: str(table.get("model", "")) for name, table in scenario.get("populations", {}).items()}
    if scenario.get("columns"):
        models["columns"] = "izhikevich"
    one = next(iter(models.values())) if len(set(models.values())) == 1 else ""
    return [models.get(name.rpartition("[")[0], one) for name in names_of(data, neurons)]


def _name(populations: list[Population], neuron: int) -> str:
    before: dict[str, int] = {}
    for population in populations:
        passed = before.get(population.name, 0)
        if neuron < population.stop:
            return f"{population.name}[{passed + neuron - population.first}]"
        before[population.name] = passed + population.stop - population.first
    return f"neuron {neuron}"
