"""``neuron-trace.png``: the membrane potential of one neuron, its spikes, and the noise floor."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..files import RunData
from .style import PALETTE, end_of, footer, mark_phases, new_figure, phases_of, seconds_to_show

__all__ = ["draw_trace"]

PEAK = 30.0
FLOOR = (5, 95)


def draw_trace(data: RunData, number: int = 0) -> Figure:
    """Draw one recorded neuron over the whole run, and seconds of it closely.

    Parameters
    ----------
    data : RunData
    number : int
        Which of the recorded neurons.
    """
    figure = new_figure(15, 7.5)
    close = seconds_to_show(data)
    grid = figure.add_gridspec(2, 1, height_ratios=[1.15, 1], hspace=0.3, left=0.06, right=0.975, top=0.89, bottom=0.09)
    whole = figure.add_subplot(grid[0])
    seconds = grid[1].subgridspec(1, len(close), wspace=0.06)
    neuron = int(data.trace_neuron[number])
    dt = data.meta["dt_ms"]
    v = data.trace_v[:, number]
    time = np.arange(1, v.size + 1) * dt / 1000
    spikes = data.spike_tick[data.spike_neuron == neuron] * dt / 1000
    floor = _noise_floor(v)

    _draw(whole, time, v, spikes, floor, width=0.45)
    whole.set_xlim(0, end_of(data))
    whole.set_xlabel("time [s]")
    whole.set_ylabel("membrane potential [mV]")
    mark_phases(whole, phases_of(data), named=True)
    for place, (title, start, stop) in enumerate(close):
        axes = figure.add_subplot(seconds[place], sharey=whole)
        inside = (time >= start) & (time <= stop)
        near = (spikes >= start) & (spikes <= stop)
        _draw(axes, time[inside], v[inside], spikes[near], floor, width=0.9)
        axes.set_xlim(start, stop)
        axes.set_xlabel("time [s]")
        axes.set_title(title)
        if place:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("membrane potential [mV]")
    handles, labels = whole.get_legend_handles_labels()
    figure.legend(handles, labels, ncols=3, loc="upper right", bbox_to_anchor=(0.99, 0.995), frameon=False)
    layer = data.layer_names[data.neuron_layer[neuron]]
    title = f"Neuron {neuron}: column {data.neuron_column[neuron]}, {layer} layer; {spikes.size} spikes"
    figure.text(0.06, 0.98, title, fontsize=13, weight="bold", va="top")
    footer(figure, data)
    return figure


def _noise_floor(v: NDArray[np.float64]) -> tuple[float, float]:
    """Return the range in which the potential lies most of the time: what noise and scattered input make of it."""
    known = v[np.isfinite(v)]
    low, high = np.percentile(known, FLOOR) if known.size else (np.nan, np.nan)
    return float(low), float(high)


def _draw(
    axes: Axes,
    time: NDArray[np.float64],
    v: NDArray[np.float64],
    spikes: NDArray[np.float64],
    floor: tuple[float, float],
    width: float,
) -> None:
    label = f"noise floor: {floor[0]:.0f} to {floor[1]:.0f} mV, {FLOOR[1] - FLOOR[0]} % of the time"
    axes.axhspan(*floor, color=PALETTE[5], alpha=0.25, lw=0, label=label)
    axes.plot(time, v, color=PALETTE[4], lw=width, label="membrane potential", zorder=2)
    foot = v[np.searchsorted(time, spikes).clip(0, max(v.size - 1, 0))] if v.size else spikes
    axes.vlines(spikes, foot, PEAK, color=PALETTE[1], lw=max(width, 0.7), label="spike", zorder=2.5)
    axes.set_ylim(-95, PEAK + 5)
