"""``neuron-trace.png``: the membrane potential of one neuron, its spikes, and the noise floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..files import RunData
from .populations import models_of, names_of
from .style import PALETTE, footer, label_time, mark_phases, new_figure, phases_of, seconds_to_show

__all__ = ["BELOW", "Scale", "draw_potential", "draw_trace", "in_millivolts", "scale_of"]

PEAK = 30.0
BELOW = -95.0
FLOOR = (5, 95)
ABOVE, PAD = 0.5, 0.06  # of the range of a potential: how much higher its spikes are drawn, and what is left free
CUT_OFF, CONTINUOUS = "izhikevich", "hindmarsh-rose"


@dataclass(frozen=True)
class Scale:
    """How a potential is drawn.

    Attributes
    ----------
    unit : str
        "mV", or nothing.
    low, high : float
        Limits of its axis.
    peak : float or None
        Up to where spikes are drawn; None: they are part of the potential.
    cut_off : bool
        Whether the model has spikes of its own, cut off at their peak; others are reset where they begin.
    """

    unit: str
    low: float
    high: float
    peak: float | None
    cut_off: bool

    @property
    def label(self) -> str:
        """What stands beside the axis."""
        return f"membrane potential [{self.unit}]" if self.unit else "membrane potential"


def scale_of(v: NDArray[np.float64], model: str) -> Scale:
    """Return how the potential of a neuron is drawn, (n_ticks,); an empty model is one that nobody has named."""
    known = v[np.isfinite(v)]
    if model in ("", CUT_OFF) and in_millivolts(v):
        lowest = float(np.quantile(known, 0.001)) if known.size else BELOW
        return Scale("mV", min(BELOW, 1.05 * max(lowest, -1000.0)), PEAK + 5, PEAK, cut_off=True)
    low, high = (float(known.min()), float(known.max())) if known.size else (-1.0, 1.0)
    if model in ("", CONTINUOUS):
        pad = PAD * (high - low) or 0.5
        return Scale("", low - pad, high + pad, None, cut_off=True)
    span = high - low or 1.0
    peak = high + ABOVE * span
    return Scale("mV", low - PAD * span, peak + PAD * span, peak, cut_off=False)


def draw_trace(data: RunData, number: int = 0) -> Figure:
    """Draw one recorded neuron over the whole run, and seconds of it closely.

    Parameters
    ----------
    data : RunData
    number : int
        Which of the recorded neurons.
    """
    close = seconds_to_show(data)
    figure = new_figure(15, 7.5 if close else 4.3)
    height = figure.get_figheight()
    edges = {"left": 0.06, "right": 0.975, "top": 1 - 0.825 / height, "bottom": 0.675 / height}
    grid = figure.add_gridspec(2 if close else 1, 1, height_ratios=[1.15, 1][: 1 + bool(close)], hspace=0.3, **edges)
    whole = figure.add_subplot(grid[0])
    neuron = int(data.trace_neuron[number])
    dt = data.meta["dt_ms"]
    v = data.trace_v[:, number]
    time = np.arange(1, v.size + 1) * dt / 1000
    spikes = data.spike_tick[data.spike_neuron == neuron] * dt / 1000
    scale = scale_of(v, models_of(data, [neuron])[0])
    floor = _noise_floor(v) if scale.cut_off else None

    _draw(whole, time, v, spikes, scale, floor, width=0.45 if close else 0.9)
    whole.set_ylim(scale.low, scale.high)
    label_time(whole, data)
    whole.set_ylabel(scale.label)
    mark_phases(whole, phases_of(data), named=True)
    for place, (title, start, stop) in enumerate(close):
        axes = figure.add_subplot(grid[1].subgridspec(1, len(close), wspace=0.06)[place], sharey=whole)
        inside = (time >= start) & (time <= stop)
        near = (spikes >= start) & (spikes <= stop)
        _draw(axes, time[inside], v[inside], spikes[near], scale, floor, width=0.9)
        axes.set_xlim(start, stop)
        axes.set_xlabel("time [s]")
        axes.set_title(title)
        if place:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel(scale.label)
    handles, labels = whole.get_legend_handles_labels()
    figure.legend(handles, labels, ncols=3, loc="upper right", bbox_to_anchor=(0.99, 0.995), frameon=False)
    title = f"{_place_of(data, neuron)}; {spikes.size} spikes"
    figure.text(0.06, 1 - 0.15 / height, title, fontsize=13, weight="bold", va="top")
    footer(figure, data)
    return figure


def in_millivolts(v: NDArray[np.float64]) -> bool:
    """Whether a potential is that of a model in mV, whose spikes are cut off; others have none, or no unit."""
    known = v[np.isfinite(v)]
    return not known.size or bool(known.min() < -20)


def draw_potential(
    axes: Axes,
    time: NDArray[np.float64],
    v: NDArray[np.float64],
    spikes: NDArray[np.float64],
    scale: Scale,
    width: float,
) -> None:
    """Draw a membrane potential, and a line for each spike up to the peak of its scale.

    time, v : (n,) float64. spikes : (n_spikes,) float64, on the same axis as the times. width : float [points].
    """
    dot = "o" if v.size == 1 else ""
    axes.plot(time, v, color=PALETTE[4], lw=width, marker=dot, ms=3, label="membrane potential", zorder=2)
    if scale.peak is not None:
        foot = v[np.searchsorted(time, spikes).clip(0, max(v.size - 1, 0))] if v.size else spikes
        axes.vlines(spikes, foot, scale.peak, color=PALETTE[1], lw=max(width, 0.7), label="spike", zorder=2.5)


def _place_of(data: RunData, neuron: int) -> str:
    """Return what a neuron is called, and where it lies."""
    name, column, layer = names_of(data, [neuron])[0], data.neuron_column[neuron], data.neuron_layer[neuron]
    name = f"Neuron {neuron}" if name == f"neuron {neuron}" else name
    if layer < 0:
        return f"{name}, deleted"
    if column < 0:
        return name
    return f"{name}: column {column}, {str(data.layer_names[layer]).split('.')[-1]} layer"


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
    scale: Scale,
    floor: tuple[float, float] | None,
    width: float,
) -> None:
    if floor is not None:
        unit, digits = (" mV", 0) if scale.unit else ("", 2)
        text = f"{floor[0]:.{digits}f} to {floor[1]:.{digits}f}{unit}"
        label = f"noise floor: {text}, {FLOOR[1] - FLOOR[0]} % of the time"
        axes.axhspan(*floor, color=PALETTE[5], alpha=0.25, lw=0, label=label)
    draw_potential(axes, time, v, spikes, scale, width)
