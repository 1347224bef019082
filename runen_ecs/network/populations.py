"""Populations: neurons and synapses that a scenario has a name for, and how one says which of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..components import SYNAPSE
from ..engine.arrays import Int64s, Rows
from ..engine.resource import Resource
from ..engine.world import World
from ..errors import SelectionError, choices

__all__ = ["ALL", "Populations", "Selection", "Shape"]

ALL = "all"
_WORD = re.compile(r"(\w+)=(\S+)")
_NUMBERS = re.compile(r"(\d+)(?:\.\.(\d+))?")
KEYS = ("column", "layer", "neuron")
LARGEST = 2**31


@dataclass(frozen=True)
class Shape:
    """How many neurons a population has, and how they lie.

    Attributes
    ----------
    size : int
    columns : int
        Number of cortical columns that they form; 0: none.
    layers : dict of str to int
        Neurons in each layer of a column, in order.
    """

    size: int
    columns: int = 0
    layers: Mapping[str, int] = field(default_factory=dict)

    @property
    def column(self) -> Int64s:
        """The column of each neuron, (size,) int64; -1 in none."""
        numbers = np.arange(self.size)
        return numbers // sum(self.layers.values()) if self.columns else np.full(self.size, -1)

    @property
    def layer(self) -> Int64s:
        """The layer of each neuron, by its place among them, (size,) int64; -1 in none."""
        if not self.columns:
            return np.full(self.size, -1)
        return np.tile(np.repeat(np.arange(len(self.layers)), list(self.layers.values())), self.columns)


@dataclass(frozen=True)
class Selection:
    """Which neurons: of a population those in some columns and layers, and of those some, counted from 0.

    >>> Selection.parse("cortex column=0..3 layer=motor")
    Selection(population='cortex', column=((0, 3),), layer=('motor',), neuron=())

    Attributes
    ----------
    population : str
        Its name; "all": every population.
    column, neuron : tuple of (int, int)
        First and last of each stretch; empty: all. ``neuron`` counts those that the other words select.
    layer : tuple of str
        Empty: all.
    """

    population: str = ALL
    column: tuple[tuple[int, int], ...] = ()
    layer: tuple[str, ...] = ()
    neuron: tuple[tuple[int, int], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Selection:
        """Read ``"NAME column=0..3,7 layer=motor,sensory neuron=0..9"``; each word may be left out.

        Raises
        ------
        SelectionError
        """
        name, found = ALL, {}
        for place, word in enumerate(text.split()):
            match = _WORD.fullmatch(word)
            if match is None and place == 0:
                name = word
            elif match is None:
                raise SelectionError(
                    text, f'{word!r} is no condition; write for instance "{ALL} layer=motor neuron=0..9"'
                )
            elif match[1] not in KEYS:
                raise SelectionError(text, f"nothing is selected by {match[1]!r}; {choices(match[1], KEYS)}")
            elif match[1] in found:
                raise SelectionError(text, f"says {match[1]}= twice; separate values by commas")
            else:
                found[match[1]] = match[2]
        if not text.strip():
            raise SelectionError(text, f"names no neurons; write the name of a population, or {ALL}")
        layer = tuple(found["layer"].split(",")) if "layer" in found else ()
        column, neuron = (_numbers(text, key, found[key]) if key in found else () for key in ("column", "neuron"))
        return cls(name, column, layer, neuron)

    def places(self, shapes: Mapping[str, Shape]) -> Iterator[tuple[str, Int64s]]:
        """Yield each population that has selected neurons, and the numbers of these in it, (n,) int64 ascending.

        Raises
        ------
        SelectionError
            If it names what is not there.
        """
        self.count(shapes)
        passed = 0
        for name, shape in self._chosen(shapes).items():
            there = np.arange(shape.size)
            if self.column or self.layer:
                there = there[self._lies(shape)]
            if self.neuron:
                order = passed + np.arange(there.size)
                passed += there.size
                there = there[_within(order, self.neuron)]
            if there.size:
                yield name, there

    def count(self, shapes: Mapping[str, Shape]) -> int:
        """Return how many neurons it selects, without listing them: there may be more than memory has room for.

        Raises
        ------
        SelectionError
            If it names what is not there.
        """
        chosen = self._chosen(shapes)
        self._check(chosen)
        n = sum(self._count_in(shape) for shape in chosen.values())
        for _, stop in self.neuron:
            if stop >= n:
                raise SelectionError(str(self), f"there are {n:,} such neurons, counted from 0; none is number {stop}")
        return _covered(self.neuron, n) if self.neuron else n

    def populations(self, shapes: Mapping[str, Shape]) -> list[str]:
        """Return the names of the populations that it selects from.

        Raises
        ------
        SelectionError
            If it names one that is not there.
        """
        return list(self._chosen(shapes))

    def _chosen(self, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
        if self.population != ALL and self.population not in shapes:
            known = choices(self.population, [*shapes, ALL])
            raise SelectionError(str(self), f"no population is called {self.population!r}; {known}")
        return dict(shapes) if self.population == ALL else {self.population: shapes[self.population]}

    def _count_in(self, shape: Shape) -> int:
        """Return how many lie in the columns and layers, whatever their numbers."""
        if not (self.column or self.layer):
            return shape.size
        columns = _covered(self.column, shape.columns) if self.column else shape.columns
        return columns * sum(size for name, size in shape.layers.items() if not self.layer or name in self.layer)

    def _lies(self, shape: Shape) -> NDArray[np.bool_]:
        there = np.ones(shape.size, np.bool_)
        if self.column:
            there &= _within(shape.column, self.column)
        if self.layer:
            names = list(shape.layers)
            there &= np.isin(shape.layer, [names.index(name) for name in self.layer if name in names])
        return there

    def _check(self, chosen: Mapping[str, Shape]) -> None:
        layers = list(dict.fromkeys(name for shape in chosen.values() for name in shape.layers))
        columns = max((shape.columns for shape in chosen.values()), default=0)
        for name in self.layer:
            if name not in layers:
                known = choices(name, layers) if layers else "there are no layers"
                raise SelectionError(str(self), f"no layer is called {name!r}; {known}")
        for _, stop in self.column:
            if stop >= columns:
                known = f"there are {columns} columns, counted from 0" if columns else "there are no columns"
                raise SelectionError(str(self), f"there is no column {stop}; {known}")

    def __str__(self) -> str:
        words = [self.population]
        for key in KEYS:
            values = getattr(self, key)
            shown = [v if isinstance(v, str) else f"{v[0]}..{v[1]}" if v[0] != v[1] else str(v[0]) for v in values]
            words += [f"{key}={','.join(shown)}"] if shown else []
        return " ".join(words)


def _numbers(text: str, key: str, value: str) -> tuple[tuple[int, int], ...]:
    found = []
    for part in value.split(","):
        match = _NUMBERS.fullmatch(part) if len(part) < 40 else None
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if match and last < first:
            raise SelectionError(text, f"{part} goes down; write {last}..{first}")
        if not match or not last < LARGEST:
            raise SelectionError(text, f"{key}={value} is no number; write for instance {key}=3, {key}=0..9, {key}=1,5")
        found.append((first, last))
    return tuple(found)


def _covered(stretches: tuple[tuple[int, int], ...], n: int) -> int:
    """Return how many of the numbers below n lie in stretches."""
    covered = reached = 0
    for first, last in sorted(stretches):
        start, reached = max(first, reached), max(reached, min(last + 1, n))
        covered += max(reached - start, 0)
    return covered


def _within(values: Int64s, stretches: tuple[tuple[int, int], ...]) -> NDArray[np.bool_]:
    there = np.zeros(values.size, np.bool_)
    for first, last in stretches:
        there |= (values >= first) & (values <= last)
    return there


class Populations(Resource):
    """The populations of a world by name, and its projections: which synapses a name stands for.

    Attributes
    ----------
    shapes : dict of str to Shape
    neurons : dict of str to range
        Entities in order, deleted ones included.
    synapses : dict of str to list of range
        Entities of the synapses of each projection, deleted ones included.
    """

    def __init__(self) -> None:
        self.shapes: dict[str, Shape] = {}
        self.neurons: dict[str, range] = {}
        self.synapses: dict[str, list[range]] = {}

    def add(self, name: str, shape: Shape, neurons: Rows) -> None:
        """Give neurons that were just created a name."""
        self.shapes[name] = shape
        self.neurons[name] = _range(neurons)

    def add_synapses(self, name: str, synapses: Rows) -> None:
        """Give synapses that were just created the name of a projection."""
        self.synapses.setdefault(name, []).append(_range(synapses, len(SYNAPSE.group)))

    def projection_of(self, synapses: Rows) -> Rows:
        """Return the number of the projection that each synapse belongs to, (n,) int32; -1: none."""
        found = np.full(synapses.size, -1, np.int32)
        for number, ranges in enumerate(self.synapses.values()):
            for created in ranges:
                found[(synapses >= created.start) & (synapses < created.stop)] = number
        return found

    def groups(self) -> tuple[list[str], dict[str, Int64s]]:
        """Return names of the groups that neurons form, and by population the number of that of each neuron.

        A group is a population, or a layer of one; layers are named alone where one population has them.
        """
        names: list[str] = []
        group: dict[str, Int64s] = {}
        layered = sum(1 for shape in self.shapes.values() if shape.columns)
        for name, shape in self.shapes.items():
            group[name] = len(names) + np.maximum(shape.layer, 0)
            layers = [layer if layered == 1 else f"{name}.{layer}" for layer in shape.layers]
            names += layers if shape.columns else [name]
        return names, group

    def select(self, world: World, *selections: Selection) -> Rows:
        """Return the living neurons of selections, one after another and each once, (n,) int32.

        Raises
        ------
        SelectionError
            If one names what is not there.
        """
        found = self.listed(*selections)
        return found[world.index.row[found] >= 0]

    def listed(self, *selections: Selection) -> Rows:
        """Return the neurons of selections as `select` does, deleted ones included."""
        parts = [self.neurons[name].start + at for one in selections for name, at in one.places(self.shapes)]
        found = np.concatenate([np.zeros(0, np.int64), *parts])
        if len(parts) > 1:
            found = found[np.sort(np.unique(found, return_index=True)[1])]
        return found.astype(np.int32)

    def select_synapses(self, world: World, names: Collection[str]) -> Rows:
        """Return the living synapses of projections by name, in the order of their creation, (n,) int32.

        Raises
        ------
        SelectionError
            If one is not there.
        """
        living = np.sort(world.entities(SYNAPSE))
        if ALL in names:
            return living
        chosen = np.zeros(living.size, np.bool_)
        for name in names:
            if name not in self.synapses:
                known = choices(name, [*self.synapses, ALL])
                raise SelectionError(name, f"no projection is called {name!r}; {known}")
            for created in self.synapses[name]:
                chosen |= (living >= created.start) & (living < created.stop)
        return living[chosen]


def _range(entities: Rows, step: int = 1) -> range:
    """Return entities that were created at once."""
    return range(int(entities[0]), int(entities[-1]) + step, step) if entities.size else range(0)
