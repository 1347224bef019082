"""A capacity network too large to draw link by link: who feeds whom as a density, and how sizes are spread."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from .graph import Graph
from .layers import layers_of
from .style import DEPTH, FAINT, PALETTE, new_figure

__all__ = ["draw_summary", "link_density"]

MOST_CELLS = 200
MOST_EDGES = 60


def draw_summary(graph: Graph) -> Figure:
    """Draw where links begin and end, excitatory and inhibitory apart, and histograms of the parameters."""
    figure = new_figure(15, 11.5)
    layers = [[n for kind, n in layer if kind == "neuron"] for layer in layers_of(graph)]
    layers = [layer for layer in layers if layer]
    rank = np.empty(len(graph.neurons), np.int64)
    rank[[n for layer in layers for n in layer]] = np.arange(len(graph.neurons))
    edges = np.cumsum([0, *(len(layer) for layer in layers)])
    grid = figure.add_gridspec(1, 2, left=0.07, right=0.95, top=0.87, bottom=0.38, wspace=0.22)
    inner = [link for link in graph.links if link.synapse is not None and link.source[0] == "neuron"]
    for place, (sign, name) in enumerate(((1, "excitatory"), (-1, "inhibitory"))):
        axes = figure.add_subplot(grid[place])
        ends = np.array([(link.source[1], link.target[1]) for link in inner if link.sign == sign], np.int64)
        _draw_density(axes, rank[ends.reshape(-1, 2)], rank.size, edges)
        axes.set_title(f"{len(ends):,} {name} links between neurons")
    _draw_histograms(figure, graph)
    fed = len({link.synapse for link in graph.links} - {None})
    of_no_effect = sum(link.sign == 0 for link in inner)
    side = -(-rank.size // MOST_CELLS)
    note = (
        f"neurons in {len(layers):,} layers from left to right, as signals go; cells of a map hold "
        f"{side} × {side} neurons at most. "
        f"{of_no_effect:,} links of weight 0, {graph.neuron_of.size - fed:,} inputs that nothing feeds. "
        "Left out: single neurons and links, which could not be told apart"
    )
    figure.text(0.3 / 15, 1 - 0.52 / 11.5, note, size=8, color=FAINT, va="top")
    return figure


def link_density(ends: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """Count links, (n_links, 2) of source and target, in a map of at most 200 cells each way: [target, source]."""
    cells = min(n, MOST_CELLS)
    source, target = (ends * cells // n).T
    count: NDArray[np.float64] = np.bincount(target * cells + source, minlength=cells**2).astype(np.float64)
    return count.reshape(cells, cells)


def _draw_density(axes: Axes, ends: NDArray[np.int64], n: int, edges: NDArray[np.int64]) -> None:
    density = link_density(ends, n)
    norm = LogNorm(1, max(density.max(), 2))
    image = axes.imshow(np.ma.masked_equal(density, 0), extent=(0, n, n, 0), cmap=DEPTH, norm=norm, aspect="auto")
    if edges.size <= MOST_EDGES:
        for edge in edges[1:-1]:
            axes.axhline(edge, color=FAINT, lw=0.4)
            axes.axvline(edge, color=FAINT, lw=0.4)
    axes.set_xlabel("from neuron, by layer")
    axes.set_ylabel("to neuron, by layer")
    assert axes.figure is not None
    bar = axes.figure.colorbar(image, ax=axes, pad=0.02, label="links in a cell")
    steps = [step * 10**power for power in range(9) for step in (1, 2, 5)]
    bar.set_ticks([step for step in steps if step <= norm.vmax], minor=False)
    bar.set_ticks([], minor=True)
    bar.ax.yaxis.set_major_formatter("{x:g}")


def _draw_histograms(figure: Figure, graph: Graph) -> None:
    configs = graph.synapses
    listeners = np.zeros(len(graph.neurons), np.int64)
    for link in graph.links:
        if link.source[0] == "neuron":
            listeners[link.source[1]] += 1
    quantities = {
        "inputs of a neuron": np.diff(graph.first_synapse),
        "listeners of an axon": listeners,
        "bias": [neuron.bias for neuron in graph.neurons],
        "weight": [config.weight for config in configs],
        "maximum of a store": [config.capacity_max for config in configs],
        "regeneration": [config.regeneration for config in configs],
    }
    grid = figure.add_gridspec(1, len(quantities), left=0.07, right=0.975, top=0.29, bottom=0.085, wspace=0.42)
    for place, (name, values) in enumerate(quantities.items()):
        axes = figure.add_subplot(grid[place])
        values = np.asarray(values, np.float64)
        whole = bool((values == np.round(values)).all())
        if whole and np.ptp(values) <= 30:
            known, count = np.unique(values, return_counts=True)
            axes.bar(known, count, width=0.8, color=PALETTE[4])
            axes.set_xlim(known[0] - 1.5, known[-1] + 1.5)
        else:
            axes.hist(values, bins=30, color=PALETTE[4])
        axes.set_xlabel(name, fontsize=8.5)
        axes.tick_params(labelsize=7.5)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=whole))
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.set_ylim(0, None)
    figure.axes[-len(quantities)].set_ylabel("how many")
