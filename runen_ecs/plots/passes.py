"""``passes.png``: what single synapses let through of regular trains of signals, against the law they obey."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ..files import RunData
from .graph import Graph, graph_of, number, printable
from .style import FAINT, PALETTE, network_footer, new_figure

__all__ = ["draw_passes", "law"]

MOST_PANELS = 12


def law(n: NDArray[np.int64], size: float, maximum: float, regeneration: float) -> NDArray[np.float64]:
    """Return what passes of the n-th signal of a train of equal ones, n from 1.

    p(n) = min(s, max(M − (n − 1) max(s − r, 0), min(r, M)))

    n : (n,) int. size, maximum, regeneration : float, s, M and r.
    """
    level = np.maximum(maximum - (n - 1) * max(size - regeneration, 0.0), min(regeneration, maximum))
    passed: NDArray[np.float64] = np.minimum(size, level)
    return passed


def draw_passes(data: RunData) -> Figure:
    """Draw each pass of the synapses that carry equal signals, and the law, for up to 12 synapses.

    Raises
    ------
    NetworkError
        If the run has no capacity network.
    """
    graph = graph_of(data)
    sizes = {k: np.unique(data.hit_size[data.hit_synapse == k]) for k in np.unique(data.hit_synapse).tolist()}
    shown = [k for k, found in sizes.items() if found.size == 1][:MOST_PANELS]
    columns = min(len(shown), 4) or 1
    rows = -(-len(shown) // columns) or 1
    figure = new_figure(3.6 * columns + 0.6, 2.9 * rows + 1.3)
    height = figure.get_figheight()
    left, edges = 0.16 / columns + 0.02, {"top": 1 - 0.95 / height, "bottom": 0.95 / height}
    grid = figure.add_gridspec(rows, columns, left=left, right=0.98, hspace=0.55, wspace=0.3, **edges)
    for place, synapse in enumerate(shown):
        _draw(figure, grid[place // columns, place % columns], data, graph, synapse)
    if shown:
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, ncols=3, loc="lower left", bbox_to_anchor=(0.01, 0.0), frameon=False)
    figure.text(left, 1 - 0.12 / height, "What tired synapses let through", fontsize=13, weight="bold", va="top")
    network_footer(figure, data, len(graph.neurons), data.initial_level.size)
    return figure


def _draw(figure: Figure, place: object, data: RunData, graph: Graph, synapse: int) -> None:
    neuron = int(graph.neuron_of[synapse])
    config = graph.neurons[neuron].inputs[synapse - int(graph.first_synapse[neuron])]
    passed = data.hit_passed[data.hit_synapse == synapse]
    size = float(data.hit_size[data.hit_synapse == synapse][0])
    n = np.arange(1, passed.size + 1)
    axes = figure.add_subplot(place)  # type: ignore[call-overload]
    axes.axhline(size, color=FAINT, lw=1.0, ls=(0, (4, 3)), label="what arrives")
    expected = law(n, size, config.capacity_max, config.regeneration)
    axes.step(n, expected, where="mid", color=PALETTE[4], lw=1.6, label="what the law says")
    axes.plot(n, passed, "o", color=PALETTE[1], ms=5, label="what passed")
    sizes = f"M {number(config.capacity_max)}, r {number(config.regeneration)}, s {number(size)}"
    axes.set_title(f"{printable(graph.neurons[neuron].id)[:20]}\n{sizes}")
    axes.set_ylim(0, 1.15 * max(size, float(passed.max(initial=0.0)), 1e-9))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("signal")
    axes.set_ylabel("passed")
