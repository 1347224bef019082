"""``spikes.png``: every spike of a run, the population rate, and how the rhythm changes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from ..analysis import peak_frequency, population_count, spectrogram
from ..files import RunData
from .style import FAINT, INK, PALETTE, end_of, fit, footer, mark_phases, new_figure, phases_of, seconds_to_show

__all__ = ["draw_rhythm", "draw_spikes"]

RATE_BIN_MS = 10
TOP_HZ = 40.0


def draw_spikes(data: RunData) -> Figure:
    """Draw the raster of all neurons, the population rate, a spectrogram, and seconds with single spikes."""
    figure = new_figure(15, 12.5)
    close = seconds_to_show(data)
    edges = {"left": 0.06, "right": 0.975}
    top = _draw_legend(figure, [str(name) for name in data.layer_names])
    above = figure.add_gridspec(3, 1, height_ratios=[6, 1.2, 1.5], hspace=0.06, top=top, bottom=0.34, **edges)
    seconds = figure.add_gridspec(1, len(close), wspace=0.05, top=0.27, bottom=0.06, **edges)
    raster = figure.add_subplot(above[0])
    rate = figure.add_subplot(above[1], sharex=raster)
    rhythm = figure.add_subplot(above[2], sharex=raster)
    dt = data.meta["dt_ms"]
    end = end_of(data)
    count = population_count(data.spike_tick, data.n_ticks)
    phases = phases_of(data)

    _draw_raster(raster, data, end)
    raster.set_xlim(0, end)
    mark_phases(raster, phases, named=True, shaded=False)
    _draw_rate(rate, count, data.neuron_column.size, dt)
    mark_phases(rate, phases)
    draw_rhythm(rhythm, count, dt, phases)
    raster.set_xlim(0, end)  # the images have moved it
    for axes in (raster, rate):
        axes.tick_params(labelbottom=False)
    rhythm.set_xlabel("time [s]")
    for number, (title, start, stop) in enumerate(close):
        axes = figure.add_subplot(seconds[number])
        _draw_second(axes, data, start, stop)
        axes.set_title(title)
        _mark_columns(axes, data)
        axes.tick_params(labelleft=number == 0)
    figure.axes[3].set_ylabel("column")
    figure.text(0.065, 0.985, "Every spike, by column and layer", fontsize=13, weight="bold", va="top")
    footer(figure, data)
    return figure


def _draw_legend(figure: Figure, names: list[str]) -> float:
    """Draw the colours of the layers at the upper right, in as many rows as they need; return where they end."""
    longest = max(map(len, names))
    columns = max(1, min(len(names), 90 // (longest + 5)))
    rows = -(-len(names) // columns)
    handles = [Patch(color=PALETTE[i % len(PALETTE)], label=name) for i, name in enumerate(names)]
    figure.legend(handles=handles, ncols=columns, loc="upper right", bbox_to_anchor=(0.985, 0.998), frameon=False)
    return 0.945 - 0.016 * (rows - 1)


def _draw_raster(axes: Axes, data: RunData, end: float) -> None:
    n = data.neuron_column.size
    box = axes.get_window_extent()
    image = density_image(data, round(box.width), round(box.height))
    axes.imshow(image, extent=(0, end, n, 0), aspect="auto", interpolation="nearest")
    _mark_columns(axes, data)
    axes.set_ylabel("column")


def density_image(data: RunData, width: int, height: int) -> NDArray[np.float64]:
    """Return the raster as an image, (height, width, 3): hue is the layer, depth the number of spikes in a pixel.

    The scale is logarithmic up to the fullest pixels, so that a single spike is visible and a volley is not black.
    """
    n, layers = data.neuron_column.size, len(data.layer_names)
    width, height = min(width, max(data.n_ticks, 1)), min(height, n)
    x = (data.spike_tick.astype(np.int64) - 1) * width // max(data.n_ticks, 1)
    y = data.spike_neuron.astype(np.int64) * height // n
    layer = np.maximum(data.neuron_layer, 0)[data.spike_neuron]
    flat = np.bincount((y * width + x) * layers + layer, minlength=height * width * layers)
    counts = flat.reshape(height, width, layers).astype(float)
    total = counts.sum(axis=2, keepdims=True)
    colours = np.array([to_rgb(PALETTE[i % len(PALETTE)]) for i in range(layers)])
    hue = counts @ colours / np.maximum(total, 1)
    full = max(float(np.quantile(total[total > 0], 0.98)), 1.0) if total.any() else 1.0
    depth = np.clip(np.log1p(total) / np.log1p(full), 0, 1)
    image: NDArray[np.float64] = 1 - depth * (1 - hue)
    return image


def _mark_columns(axes: Axes, data: RunData) -> None:
    """Draw a line where a column begins, and number as many columns as are readable."""
    column = data.neuron_column
    first = np.flatnonzero(np.diff(column, prepend=-2))
    for edge in first[1:]:
        axes.axhline(edge, color=FAINT, lw=0.35, alpha=0.7)
    step = max(1, -(-first.size // 20))
    middle = (first + np.append(first[1:], column.size)) / 2
    axes.set_yticks(middle[::step], [str(c) if c >= 0 else "" for c in column[first][::step]])
    axes.tick_params(axis="y", length=0, labelsize=8)


def _draw_rate(axes: Axes, count: NDArray[np.int64], n_neurons: int, dt: float) -> None:
    width = max(1, round(RATE_BIN_MS / dt))
    bins = count[: count.size // width * width].reshape(-1, width).sum(axis=1)
    rate = bins / n_neurons / (width * dt / 1000)
    time = (np.arange(bins.size) + 0.5) * width * dt / 1000
    axes.fill_between(time, rate, color=INK, lw=0)
    axes.set_ylim(0, None)
    axes.set_ylabel("rate of a\nneuron [Hz]")


def draw_rhythm(axes: Axes, count: NDArray[np.int64], dt: float, phases: list[tuple[str, float, float]]) -> None:
    """Draw the spectrum of a population count [spikes a tick] over time, and where it is largest in each phase."""
    power, frequency, time = spectrogram(count, dt)
    shown = (frequency >= 1) & (frequency <= TOP_HZ + 1)
    decibel = 10 * np.log10(np.maximum(power[shown], 1e-12))
    low, high = np.quantile(decibel, [0.35, 0.998]) if decibel.size else (0, 1)
    decibel = np.hstack([decibel, decibel[:, -1:]])  # so that the last cell reaches the end of the run
    half = time[1] - time[0] if time.size > 1 else 1.0
    extent = (time[0] - half / 2, time[-1] + 1.5 * half, frequency[shown][0], frequency[shown][-1])
    axes.imshow(
        decibel, extent=extent, origin="lower", aspect="auto", cmap="cividis", vmin=low, vmax=max(high, low + 1)
    )
    axes.set_ylabel("rhythm [Hz]")
    for _, start, stop in phases:
        part = count[round(start * 1000 / dt) : round(stop * 1000 / dt)]
        peak = peak_frequency(part, dt)
        for edge in (start, stop):
            axes.axvline(edge, color="white", lw=0.7, ls=(0, (4, 3)))
        if peak is not None:
            label = f"strongest at {peak:.1f} Hz"
            text = axes.text((start + stop) / 2, TOP_HZ - 1.5, label, color="white", ha="center", va="top", fontsize=9)
            fit(text, start, stop)


def _draw_second(axes: Axes, data: RunData, start: float, stop: float) -> None:
    """Draw single spikes as dots."""
    dt = data.meta["dt_ms"]
    inside = slice(*np.searchsorted(data.spike_tick, [start * 1000 / dt + 1, stop * 1000 / dt + 1]))
    neuron = data.spike_neuron[inside]
    colours = np.array([to_rgb(PALETTE[i % len(PALETTE)]) for i in range(len(data.layer_names))])
    colour = colours[np.maximum(data.neuron_layer[neuron], 0)]
    time = data.spike_tick[inside] * dt / 1000
    axes.scatter(time, neuron, s=2.2, c=colour, lw=0, marker="o", rasterized=True)
    axes.set_xlim(start, stop)
    axes.set_ylim(data.neuron_column.size, 0)
    axes.set_xlabel("time [s]")
