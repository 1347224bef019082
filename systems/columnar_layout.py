"""Cortical columns are laid out: neurons in layers, and the synapses between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runen_ecs.components import (
    ActionPotential,
    Capacity,
    ColumnCoordinates,
    Delay,
    Izhikevich,
    LastSignal,
    LastSpike,
    Membrane,
    Plasticity,
    Recovery,
    Source,
    SpikeSize,
    SynapticInput,
    Target,
    Weight,
)
from runen_ecs.engine import Batch, Floats, Int64s, Rows, Shorts, System, Write, array_kernel, kernel
from runen_ecs.engine.random import draw, stream
from runen_ecs.network import Populations, Shape, connect

NAME = "columns"


@array_kernel
def draw_connections(
    key0: int,
    key1: int,
    probability: Floats,
    layer_first: Int64s,
    n_columns: int,
    first: Int64s,
    target: Rows,
) -> None:
    """Draw every ordered pair of neurons that may be connected, once.

    connected(i, j) when U(seed, purpose, i, j) < probability[same column?, layer of i, layer of j]

    key0, key1 : the stream. probability : (2, n_layers, n_layers) float64; [0]: other columns, [1]: the same.
    layer_first : (n_layers + 1,) int64, where each layer begins in a column. first : (n_neurons + 1,) int64, out: where
    each neuron's targets begin. target : (n_synapses,) int32, out; of size 0: only count.
    """
    size = layer_first[-1]
    n_layers = layer_first.size - 1
    uniform = np.empty(size)
    n = 0
    for i in range(size * n_columns):
        first[i] = n
        layer = np.searchsorted(layer_first, i % size, "right") - 1
        for column in range(n_columns):
            for other in range(n_layers):
                p = probability[int(i // size == column), layer, other]
                if p == 0.0:
                    continue
                start = column * size + layer_first[other]
                stop = column * size + layer_first[other + 1]
                for j in range(start, stop):
                    uniform[j - start] = draw(key0, key1, i, j)
                for j in range(start, stop):
                    if uniform[j - start] < p:
                        if target.size:
                            target[n] = j
                        n += 1
    first[size * n_columns] = n


@kernel
def draw_synapses(
    keys: Int64s,
    low: int,
    high: int,
    excitatory: float,
    weakest: float,
    strongest: float,
    source: Rows,
    target: Rows,
    delay: Shorts,
    weight: Floats,
) -> None:
    """Draw delay, strength and sign of each synapse.

    delay = low … high, weight = ± (weakest + (strongest − weakest) U), positive with probability ``excitatory``

    keys : (3, 2) int64, the streams of delay, strength and sign. low, high : int [tick]. weakest, strongest : float
    [mV]. source, target : (n,) int32, neurons. delay : (n,) uint16, out. weight : (n,) float64, out.
    """
    for k in range(source.size):
        delay[k] = low + int(draw(keys[0, 0], keys[0, 1], source[k], target[k]) * (high - low + 1))
        strength = weakest + (strongest - weakest) * draw(keys[1, 0], keys[1, 1], source[k], target[k])
        weight[k] = strength if draw(keys[2, 0], keys[2, 1], source[k], target[k]) < excitatory else -strength


@dataclass(frozen=True)
class Columns:
    """The numbers of a columnar network.

    Attributes
    ----------
    count : int
        Number of columns.
    layers : dict of str to int
        Neurons in each layer of a column, in order.
    probability : (2, n_layers, n_layers) float64
        Probability of a connection from layer to layer; [0]: to other columns, [1]: within a column.
    delay : (int, int)
        Shortest and longest [ticks].
    strength : (float, float)
        Weakest and strongest [mV].
    excitatory : float
        Share of excitatory synapses.
    cell : Izhikevich
        The cell all neurons are.
    v : float
        Their potential at the start [mV]; the recovery starts at b v.
    spike_size : float
        Size of their spikes as signals.
    capacity : (float, float) or None
        Maximum and regeneration of the synapses, if they have a capacity.
    rule : int or None
        By which the synapses learn; None: by the one that is that of every synapse, if there is one.
    """

    count: int
    layers: dict[str, int]
    probability: NDArray[np.float64]
    delay: tuple[int, int]
    strength: tuple[float, float]
    excitatory: float
    cell: Izhikevich
    v: float
    spike_size: float = 1.0
    capacity: tuple[float, float] | None = None
    rule: int | None = None

    @property
    def layer_first(self) -> NDArray[np.int64]:
        """Where each layer begins in a column, and where the last ends, (n_layers + 1,) int64."""
        return np.cumsum([0, *self.layers.values()])


class ColumnarLayout(System):
    """Cortical columns appear: their neurons, layer by layer, and the synapses and dendrites between them.

    A start-up system: it runs once. Every draw is a function of the seed and the pair of neurons alone.

    Writes: ColumnCoordinates, Membrane, Recovery, Izhikevich, SynapticInput, ActionPotential, LastSpike, Source, Delay,
    Target, Weight, Populations.

    Parameters
    ----------
    columns : Columns
        What to lay out.
    """

    coordinates: Write[ColumnCoordinates]
    membrane: Write[Membrane]
    recovery: Write[Recovery]
    izhikevich: Write[Izhikevich]
    synaptic_input: Write[SynapticInput]
    action_potential: Write[ActionPotential]
    last_spike: Write[LastSpike]
    source: Write[Source]
    delay: Write[Delay]
    target: Write[Target]
    weight: Write[Weight]
    populations: Write[Populations]

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def run(self) -> None:
        """Create the neurons, then draw and create the synapses."""
        columns, world = self.columns, self.world
        size = int(columns.layer_first[-1])
        n = columns.count * size
        layer = np.repeat(np.arange(len(columns.layers)), list(columns.layers.values()))
        cell = columns.cell
        neuron = world.create_entities(
            n,
            ColumnCoordinates.batch(column=np.arange(n) // size, layer=np.tile(layer, columns.count)),
            Membrane.batch(v=columns.v),
            Recovery.batch(u=cell.b * columns.v),
            Izhikevich.batch(a=cell.a, b=cell.b, c=cell.c, d=cell.d),
            SynapticInput.batch(),
            ActionPotential.batch(),
            LastSpike.batch(),
            *([SpikeSize.batch(value=columns.spike_size)] if columns.spike_size != 1.0 else []),
        )
        first = np.zeros(n + 1, np.int64)
        key = stream(world.seed, "columnar_layout/connection")
        target = np.empty(0, np.int32)
        for _ in range(2):  # count, then fill
            draw_connections(*key, columns.probability, columns.layer_first, columns.count, first, target)
            target = np.empty(first[-1], np.int32) if target.size == 0 else target
        source = np.repeat(np.arange(n, dtype=np.int32), np.diff(first))
        delay, weight = np.empty(target.size, np.uint16), np.empty(target.size)
        keys = np.array([stream(world.seed, f"columnar_layout/{what}") for what in ("delay", "strength", "sign")])
        draw_synapses(keys, *columns.delay, columns.excitatory, *columns.strength, source, target, delay, weight)
        also: list[Batch] = []
        if columns.capacity is not None:
            maximum, regeneration = columns.capacity
            capacity = Capacity.batch(level=maximum, maximum=maximum, regeneration=regeneration)
            also = [capacity, LastSignal.batch()]
        if columns.rule is not None:
            also.append(Plasticity.batch(rule=columns.rule))
        synapses = connect(world, neuron[source], neuron[target], weight=weight, delay=delay, also=tuple(also))
        self.populations.add(NAME, Shape(n, columns.count, columns.layers), neuron)
        self.populations.add_synapses(NAME, synapses)
