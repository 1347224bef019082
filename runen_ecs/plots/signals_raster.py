"""The signals of a long run, or of many neurons: a map of where and when they flowed."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ..files import RunData
from .graph import Graph
from .style import DEPTH, INK, new_figure

__all__ = ["draw_raster", "signal_density"]

MOST_COLUMNS, MOST_LINES = 1500, 600


def draw_raster(data: RunData, graph: Graph) -> Figure:
    """Draw how much went through each port and neuron, in as many ticks and rows as there are pixels."""
    figure = new_figure(15, 11)
    inputs = np.union1d(np.array(graph.inputs, np.int64), data.stimulus_port)
    outputs = np.union1d(np.array(graph.outputs, np.int64), data.output_port)
    stimulus, output = np.searchsorted(inputs, data.stimulus_port), np.searchsorted(outputs, data.output_port)
    parts: list[Any] = [
        ("input ports", data.stimulus_tick, stimulus, data.stimulus_size, inputs),
        ("neurons", data.emission_tick, data.emission_neuron, data.emission_size, np.arange(len(graph.neurons))),
        ("output ports", data.output_tick, output, data.output_size, outputs),
    ]
    parts = [part for part in parts if part[-1].size]
    most = max((part[-1].size for part in parts), default=1)
    heights = [max(part[-1].size, most / 4) for part in parts]
    edges = {"left": 0.075, "right": 0.9, "top": 0.89, "bottom": 0.09}
    grid = figure.add_gridspec(len(parts) + 1, 1, height_ratios=[*heights, most / 4], hspace=0.14, **edges)
    maps = []
    for place, (name, tick, row, size, numbers) in enumerate(parts):
        axes = figure.add_subplot(grid[place])
        maps.append((axes, signal_density(tick, row, size, numbers.size, data.n_ticks), numbers))
        axes.set_ylabel(name)
        axes.tick_params(bottom=False, labelbottom=False)
    if maps:
        _draw_maps(figure, maps, data.n_ticks)
    _draw_hits(figure.add_subplot(grid[len(parts)]), data)
    note = "sizes are summed where several signals fall into one cell; signals of size 0 have the palest colour. "
    note += "Left out: single numbers, accumulators, stores"
    figure.text(0.3 / 15, 1 - 0.52 / 11, note, size=8, color=INK, va="top")
    return figure


def bins_of(n_ticks: int) -> tuple[int, int]:
    """Return how many ticks a cell is wide, and how many cells there are side by side."""
    width = max(1, -(-n_ticks // MOST_COLUMNS))
    return width, max(1, -(-n_ticks // width))


def signal_density(
    tick: NDArray[np.integer], row: NDArray[np.integer], size: NDArray[np.float64], n_rows: int, n_ticks: int
) -> NDArray[np.float64]:
    """Sum the sizes of signals in a map of at most 600 rows and 1,500 columns; NaN where there was none."""
    width, columns = bins_of(n_ticks)
    lines = min(n_rows, MOST_LINES)
    place = row.astype(np.int64) * lines // n_rows * columns + (tick.astype(np.int64) - 1) // width
    total: NDArray[np.float64] = np.bincount(place, size, minlength=lines * columns).astype(np.float64)
    total[np.bincount(place, minlength=lines * columns) == 0] = np.nan
    return total.reshape(lines, columns)


def _draw_maps(figure: Figure, maps: list[Any], n_ticks: int) -> None:
    known = np.concatenate([density[density > 0] for _, density, _ in maps])
    low, high = (float(known.min()), float(known.max())) if known.size else (1.0, 1.0)
    norm = LogNorm(low, max(high, 2 * low))
    for axes, density, numbers in maps:
        width, columns = bins_of(n_ticks)
        extent = (0.5, width * columns + 0.5, numbers.size - 0.5, -0.5)
        image = axes.imshow(
            density.clip(low), extent=extent, aspect="auto", cmap=DEPTH, norm=norm, interpolation="nearest"
        )
        step = -(-numbers.size // 8)
        axes.set_yticks(np.arange(0, numbers.size, step), [str(n) for n in numbers[::step].tolist()])
        axes.tick_params(axis="y", labelsize=7)
    bar = figure.colorbar(image, cax=figure.add_axes((0.92, 0.35, 0.012, 0.5)), label="size of signals")
    bar.set_ticks([low, norm.vmax or high], labels=[f"{low:.3g}", f"{norm.vmax:.3g}"], minor=False)
    bar.set_ticks([], minor=True)


def _draw_hits(axes: Axes, data: RunData) -> None:
    width, columns = bins_of(data.n_ticks)
    place = (data.hit_tick.astype(np.int64) - 1) // width
    edges = 0.5 + width * np.arange(columns + 1)
    axes.stairs(np.bincount(place, minlength=columns), edges, fill=True, color=INK)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, None)
    axes.set_ylabel("signals at\nsynapses")
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True, min_n_ticks=1))
    axes.xaxis.set_major_locator(MaxNLocator(20, integer=True, min_n_ticks=1))
    axes.tick_params(axis="y", labelsize=7)
    axes.set_xlabel("tick" if width == 1 else f"tick, {width:,} in a cell")
