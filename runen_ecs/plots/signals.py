"""``signals.png``: what flowed through the ports and neurons of a capacity network, tick by tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ..files import RunData
from .cards import shorten_to, text_width
from .graph import Graph, graph_of, number
from .replay import Steps, accumulator_steps, level_steps
from .signals_raster import draw_raster
from .style import FAINT, INK, PALETTE, network_footer, new_figure

__all__ = ["MOST_ROWS", "MOST_TICKS", "Row", "draw_signals", "marker_area", "rows_of"]

MOST_ROWS, MOST_TICKS = 40, 300
MOST_STORES = 40
WIDTH = 15.0
LEFT, RIGHT, ABOVE, BELOW = 1.75, 0.3, 0.8, 1.1
MARKS, CURVE, STORE, APART = 0.34, 0.3, 0.15, 0.12
SMALLEST, LARGEST = 12.0, 150.0
STIMULUS, SIGNAL, OUTPUT, ACCUMULATOR, STORED = PALETTE[0], INK, PALETTE[3], PALETTE[4], PALETTE[2]
NUMBER_SIZE = 6.5


@dataclass(frozen=True)
class Row:
    """A port or a neuron, and what it received from outside or sent.

    Attributes
    ----------
    kind : str
        ``"in"``, ``"neuron"`` or ``"out"``.
    name : str
    tick : (n,) int
    size : (n,) float64
    """

    kind: str
    name: str
    tick: NDArray[np.integer]
    size: NDArray[np.float64]


def rows_of(data: RunData, graph: Graph) -> list[Row]:
    """Return what is shown: input ports, neurons, and output ports, from above."""
    rows = []
    for port in sorted({*graph.inputs, *data.stimulus_port.tolist()}):
        given = data.stimulus_port == port
        rows.append(Row("in", f"in {port}", data.stimulus_tick[given], data.stimulus_size[given]))
    for n, neuron in enumerate(graph.neurons):
        sent = data.emission_neuron == n
        rows.append(Row("neuron", neuron.id, data.emission_tick[sent], data.emission_size[sent]))
    for port in sorted({*graph.outputs, *data.output_port.tolist()}):
        came = data.output_port == port
        rows.append(Row("out", f"out {port}", data.output_tick[came], data.output_size[came]))
    return rows


def draw_signals(data: RunData) -> Figure:
    """Draw every signal with its size, accumulators and stores; a raster beyond 40 rows or 300 ticks.

    Raises
    ------
    NetworkError
        If the run has no capacity network.
    """
    graph = graph_of(data)
    n_rows = len({*graph.inputs, *data.stimulus_port.tolist()}) + len(graph.neurons)
    n_rows += len({*graph.outputs, *data.output_port.tolist()})
    figure = (draw_raster if n_rows > MOST_ROWS or data.n_ticks > MOST_TICKS else _draw_rows)(data, graph)
    width, height = figure.get_size_inches()
    figure.text(0.3 / width, 1 - 0.18 / height, "Signals, tick by tick", size=13, weight="bold", va="top")
    network_footer(figure, data, len(graph.neurons), graph.neuron_of.size)
    return figure


def _draw_rows(data: RunData, graph: Graph) -> Figure:
    rows = rows_of(data, graph)
    stores = graph.neuron_of.size <= MOST_STORES
    heights = [MARKS + APART] * len(rows)
    for n, row in enumerate(rows):
        if row.kind == "neuron":
            heights[n] += CURVE
    neurons = [n for n, row in enumerate(rows) if row.kind == "neuron"]
    if stores:
        for n, count in zip(neurons, np.diff(graph.first_synapse).tolist(), strict=True):
            heights[n] += STORE * count
    total = sum(heights)
    figure = new_figure(WIDTH, max(total, 0.5) + ABOVE + BELOW)
    axes = _axes(figure, data, max(total, 0.5))
    sizes = np.concatenate([row.size for row in rows]) if rows else np.zeros(0)
    tops = total - np.concatenate([[0.0], np.cumsum(heights)])
    for tick in np.unique(data.stimulus_tick):
        axes.axvline(tick, color=STIMULUS, lw=0.6, ls=(0, (2, 3)), alpha=0.7, zorder=0)
    n_written = 0
    for row, top, low in zip(rows, tops, tops[1:], strict=False):
        axes.axhline(low, color="#DDDDDD", lw=0.6, zorder=0)
        name = shorten_to(figure, row.name, LEFT - 0.75, 8.5, "bold" if row.kind == "neuron" else "normal")
        weight = "bold" if row.kind == "neuron" else "normal"
        _label(axes, name, top - APART / 2 - MARKS * 0.6, 8.5, weight)
        n_written += _draw_marks(figure, axes, row, top - APART / 2 - MARKS * 0.6, sizes)
    accumulators, levels = accumulator_steps(data, graph.neuron_of), level_steps(data)
    for n, place in enumerate(neurons):
        top = float(tops[place]) - APART / 2 - MARKS
        _draw_accumulator(axes, accumulators[n], top, data.n_ticks)
        if stores:
            for k, synapse in enumerate(range(*graph.first_synapse[n : n + 2])):
                _draw_store(axes, levels[synapse], graph.synapses[synapse].capacity_max, top - CURVE, k, data.n_ticks)
    _draw_legend(figure, sizes, _most_area(axes), stores, n_written < sizes.size)
    return figure


def _axes(figure: Figure, data: RunData, total: float) -> Axes:
    height = figure.get_size_inches()[1]
    axes = figure.add_axes((LEFT / WIDTH, BELOW / height, (WIDTH - LEFT - RIGHT) / WIDTH, total / height))
    axes.set_xlim(0, max(data.n_ticks, 1) + 0.6)
    axes.set_ylim(0, total)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(20, integer=True))
    axes.set_xlabel("tick")
    return axes


def _label(axes: Axes, text: str, y: float, size: float, weight: str = "normal", colour: str = INK) -> None:
    place = axes.get_yaxis_transform()
    axes.text(-0.008, y, text, transform=place, ha="right", va="center", size=size, weight=weight, color=colour)


def marker_area(size: NDArray[np.float64], sizes: NDArray[np.float64], most: float = LARGEST) -> NDArray[np.float64]:
    """Return the areas of markers [points²], which grow with the logarithm of a signal's size."""
    largest = float(np.max(sizes, initial=0.0))
    smallest = float(np.min(sizes[sizes > 0], initial=largest)) if largest > 0 else 1.0
    share = np.log1p(size / max(smallest, 1e-300)) / np.log1p(max(largest, 1e-300) / max(smallest, 1e-300))
    least = min(SMALLEST, most / 3)
    area: NDArray[np.float64] = least + (most - least) * share
    return area


def _draw_marks(figure: Figure, axes: Axes, row: Row, y: float, sizes: NDArray[np.float64]) -> int:
    """Draw the signals of a row, those of one tick beside one another; return how many numbers were written."""
    if not row.size.size:
        return 0
    marker, colour = {"in": ("v", STIMULUS), "neuron": ("o", SIGNAL), "out": ("D", OUTPUT)}[row.kind]
    first = np.searchsorted(row.tick, row.tick)
    count = np.searchsorted(row.tick, row.tick, side="right") - first
    x = row.tick + ((np.arange(row.tick.size) - first) - (count - 1) / 2) * 0.8 / count
    shape = 0.6 if marker == "D" else 1.0
    faces = [colour if size > 0 else "white" for size in row.size.tolist()]
    rims = ["white" if size > 0 else colour for size in row.size.tolist()]
    area = shape * marker_area(row.size, sizes, _most_area(axes))
    axes.scatter(x, np.full(x.size, y), s=area, c=faces, marker=marker, edgecolors=rims, linewidths=0.6, zorder=3)
    inch = (WIDTH - LEFT - RIGHT) / np.ptp(axes.get_xlim())
    end, written = -np.inf, 0
    for place, size in zip(x.tolist(), row.size.tolist(), strict=True):
        text = number(size)
        half = text_width(figure, text, NUMBER_SIZE) / inch / 2
        if place - half > end and axes.get_xlim()[0] < place - half and place + half < axes.get_xlim()[1]:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}
            axes.text(place, y + 0.11, text, size=NUMBER_SIZE, ha="center", va="bottom", zorder=4, bbox=box)
            end, written = place + half + 0.04 / inch, written + 1
    return written


def _most_area(axes: Axes) -> float:
    """Return the largest area [points²] of a marker, so that those of neighbouring ticks lie beside one another."""
    tick = 72 * (WIDTH - LEFT - RIGHT) / np.ptp(axes.get_xlim())
    return float(np.clip(tick**2, 12, LARGEST))


def _draw_accumulator(axes: Axes, steps: Steps, top: float, n_ticks: int) -> None:
    low, high = min(0.0, float(steps.value.min())), max(0.0, float(steps.value.max()))
    scale = (CURVE - 0.06) / (high - low or 1.0)
    base = top - CURVE + 0.03
    zero = base - low * scale
    axes.axhline(zero, color="#BBBBBB", lw=0.5, zorder=1)
    x, y = _stairs(steps, n_ticks)
    axes.plot(x, base + (y - low) * scale, color=ACCUMULATOR, lw=1.1, zorder=2)
    label = f"{number(low)} to {number(high)}"
    _label(axes, label, base + (CURVE - 0.06) / 2, NUMBER_SIZE, colour=FAINT)


def _draw_store(axes: Axes, steps: Steps, maximum: float, top: float, k: int, n_ticks: int) -> None:
    base = top - (k + 1) * STORE + 0.015
    x, y = _stairs(steps, n_ticks)
    high = STORE - 0.03
    axes.fill_between(x, base, base + high, color="#F0F0F0", lw=0, zorder=1)
    axes.fill_between(
        x, base, base + high * (y / maximum if maximum else 0 * y).clip(0, 1), color=STORED, lw=0, zorder=1.5
    )
    _label(axes, f"{k}: {number(maximum)}", base + high / 2, 6, colour=FAINT)


def _stairs(steps: Steps, n_ticks: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of a step line: a value holds from half a tick before to the next change."""
    edges = np.append(np.maximum(steps.tick - 0.5, 0), n_ticks + 0.5)
    return np.repeat(edges, 2)[1:-1], np.repeat(steps.value, 2)


def _draw_legend(figure: Figure, sizes: NDArray[np.float64], most: float, stores: bool, left_out: bool) -> None:
    width, height = figure.get_size_inches()

    def handle(marker: str, colour: str, label: str, area: float = 50.0, face: str = "") -> Line2D:
        return Line2D([], [], ls="", marker=marker, mfc=face or colour, mec=colour, ms=np.sqrt(area), label=label)

    handles = [
        handle("v", STIMULUS, "stimulus"),
        handle("o", SIGNAL, "signal of a neuron"),
        handle("D", OUTPUT, "output", 30),
        Line2D([], [], color=ACCUMULATOR, lw=1.1, label="accumulator, from least to most"),
    ]
    if stores:
        handles.append(Line2D([], [], color=STORED, lw=6, label="store of an input, number: maximum"))
    if (sizes == 0).any():
        handles.append(handle("v", STIMULUS, "size 0", face="white"))
    known = np.unique(sizes[sizes > 0])
    for size in known[[0, known.size // 2, -1]] if known.size > 2 else known:
        area = float(marker_area(np.array([size]), sizes, most)[0])
        handles.append(handle("o", SIGNAL, f"size {number(float(size))}", area))
    place = (0.2 / width, 0.26 / height)
    figure.legend(handles=handles, loc="lower left", bbox_to_anchor=place, ncols=9, frameon=False, fontsize=8)
    notes = ["numbers where there is no room"] if left_out else []
    if not stores:
        notes.append("stores of inputs")
    if notes:
        figure.text(0.3 / width, 0.08 / height, f"left out: {', '.join(notes)}", size=7.5, color=FAINT, va="bottom")
