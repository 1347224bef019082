"""``spikes.png``: every spike of a run, the population rate, and how the rhythm changes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..analysis import population_count
from ..files import RunData
from .populations import colours_of, in_columns
from .rhythm import draw_spectrogram
from .rows import draw_legend, mark_rows, room_for_names
from .style import DPI, INK, end_of, footer, label_time, mark_phases, new_figure, phases_of, seconds_to_show

__all__ = ["density_image", "dot_size", "draw_spikes"]

RATE_BIN_MS, FEWEST_BINS = 10.0, 20
MOST_LINES = 40
FEWEST_WITH_RHYTHM = 10
INKED, LARGEST_DOT = 0.08, 4  # share of a raster that dots cover, if they may grow so far [pixel]
DOTS = (2.2, 14.0)  # area of a dot in a closer look [point²]
HEIGHT, RASTER, ROW = 12.5, 5.0, 0.45
WITHOUT_RHYTHM, WITHOUT_SECONDS = 1.35, 3.2


def draw_spikes(data: RunData) -> Figure:
    """Draw the raster of all neurons, the population rate, a spectrogram, and seconds with single spikes.

    Without a spectrogram for fewer than 10 neurons or less than a second, without single seconds in a run of one.
    """
    n, dt, end = data.neuron_column.size, data.meta["dt_ms"], end_of(data)
    rhythmic, close = n >= FEWEST_WITH_RHYTHM and end >= 1, seconds_to_show(data)
    spared = max(0.0, RASTER - max(ROW * n, 1.0)) if n <= MOST_LINES else 0.0
    height = HEIGHT - spared - (0 if rhythmic else WITHOUT_RHYTHM) - (0 if close else WITHOUT_SECONDS)
    figure = new_figure(15, height)
    edges = {"left": max(0.06, room_for_names(figure, data)), "right": 0.975}
    top = 1 - draw_legend(figure, data) / height
    bottom = (0.34 * HEIGHT - (0 if close else WITHOUT_SECONDS)) / height
    ratios = [6 * (1 - spared / (RASTER + 0.2)), 1.2, 1.5]
    above = figure.add_gridspec(
        2 + rhythmic, 1, height_ratios=ratios[: 2 + rhythmic], hspace=0.06, top=top, bottom=bottom, **edges
    )
    raster = figure.add_subplot(above[0])
    rate = figure.add_subplot(above[1], sharex=raster)
    count = population_count(data.spike_tick, data.n_ticks)
    phases = phases_of(data)

    _draw_raster(figure, raster, data, end)
    raster.set_xlim(0, end)
    mark_phases(raster, phases, named=True, shaded=False)
    _draw_rate(rate, count, n, dt)
    mark_phases(rate, phases)
    if rhythmic:
        rhythm = figure.add_subplot(above[2], sharex=raster)
        draw_spectrogram(rhythm, count, dt, phases)
        rate.tick_params(labelbottom=False)
    raster.tick_params(labelbottom=False)
    label_time(figure.axes[-1], data)  # after the images, which move the limits
    if close:
        seconds = figure.add_gridspec(
            1, len(close), wspace=0.05, top=0.27 * HEIGHT / height, bottom=0.06 * HEIGHT / height, **edges
        )
        for number, (title, start, stop) in enumerate(close):
            axes = figure.add_subplot(seconds[number])
            _draw_second(axes, data, start, stop)
            axes.set_title(title)
            mark_rows(figure, axes, data, named=number == 0)
    told_apart = "column and layer" if in_columns(data) else "population"
    place = (0.065, 1 - 0.015 * HEIGHT / height)
    figure.text(*place, f"Every spike, by {told_apart}", fontsize=13, weight="bold", va="top")
    footer(figure, data)
    return figure


def _draw_raster(figure: Figure, axes: Axes, data: RunData, end: float) -> None:
    n = data.neuron_column.size
    if n > MOST_LINES:
        box = axes.get_window_extent()
        dot = dot_size(data.spike_tick.size, box.width * box.height)
        image = density_image(data, round(box.width / dot), round(box.height / dot))
        axes.imshow(image, extent=(0, end, n, 0), aspect="auto", interpolation="nearest")
    else:
        _draw_lines(axes, data, data.spike_tick, data.spike_neuron)
    mark_rows(figure, axes, data)


def dot_size(n_spikes: int, area: float) -> int:
    """Return how many pixels wide a spike is drawn: as few spikes as can be told apart so need not be searched for."""
    return int(np.clip((INKED * area / max(n_spikes, 1)) ** 0.5, 1, LARGEST_DOT))


def density_image(data: RunData, width: int, height: int) -> NDArray[np.float64]:
    """Return the raster as an image, (height, width, 3): hue is the layer, depth the number of spikes in a pixel.

    The scale is logarithmic up to the fullest pixels, so that a single spike is visible and a volley is not black.
    """
    n = data.neuron_column.size
    width, height = min(width, max(data.n_ticks, 1)), min(height, n)
    x = (data.spike_tick.astype(np.int64) - 1) * width // max(data.n_ticks, 1)
    y = data.spike_neuron.astype(np.int64) * height // n
    pixel = y * width + x
    total = np.bincount(pixel, minlength=height * width).astype(float)
    colour = _colours(data, data.spike_neuron)
    summed = np.stack([np.bincount(pixel, part, minlength=height * width) for part in colour.T], axis=-1)
    hue = summed / np.maximum(total, 1)[:, None]
    full = max(float(np.quantile(total[total > 0], 0.98)), 1.0) if total.any() else 1.0
    depth = np.clip(np.log1p(total) / np.log1p(full), 0, 1)[:, None]
    image: NDArray[np.float64] = (1 - depth * (1 - hue)).reshape(height, width, 3)
    return image


def _colours(data: RunData, neuron: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the colour of the layer or population of each neuron, (n, 3)."""
    colours = np.array([to_rgb(colour) for colour in colours_of(data) or [INK]])
    found: NDArray[np.float64] = colours[np.maximum(data.neuron_layer[neuron], 0)]
    return found


def _draw_lines(axes: Axes, data: RunData, tick: NDArray[np.integer], neuron: NDArray[np.integer]) -> None:
    """Draw each spike as a line as high as the row of its neuron."""
    time = tick * float(data.meta["dt_ms"]) / 1000
    axes.vlines(time, neuron + 0.1, neuron + 0.9, color=_colours(data, neuron), lw=1.3)
    axes.set_ylim(data.neuron_column.size, 0)


def _draw_rate(axes: Axes, count: NDArray[np.int64], n_neurons: int, dt: float) -> None:
    width = max(1, round(min(RATE_BIN_MS, count.size * dt / FEWEST_BINS) / dt))
    bins = count[: count.size // width * width].reshape(-1, width).sum(axis=1)
    rate = bins / n_neurons / (width * dt / 1000)
    if bins.size > 5 * FEWEST_BINS:
        time = (np.arange(bins.size) + 0.5) * width * dt / 1000
        axes.fill_between(time, rate, color=INK, lw=0)
    else:
        axes.stairs(rate, np.arange(bins.size + 1) * width * dt / 1000, color=INK, lw=0, fill=True)
    axes.set_ylim(0, None if bins.any() else 1)
    axes.set_ylabel("rate of a\nneuron [Hz]")


def _draw_second(axes: Axes, data: RunData, start: float, stop: float) -> None:
    """Draw single spikes: as dots, or as lines where neurons are few."""
    dt = data.meta["dt_ms"]
    inside = slice(*np.searchsorted(data.spike_tick, [start * 1000 / dt + 1, stop * 1000 / dt + 1]))
    tick, neuron = data.spike_tick[inside], data.spike_neuron[inside]
    if data.neuron_column.size > MOST_LINES:
        time = tick * dt / 1000
        box = axes.get_window_extent()
        size = np.clip(INKED * box.width * box.height * (72 / DPI) ** 2 / max(tick.size, 1), *DOTS)
        axes.scatter(time, neuron, s=size, c=_colours(data, neuron), lw=0, marker="o", rasterized=True)
    else:
        _draw_lines(axes, data, tick, neuron)
    axes.set_xlim(start, stop)
    axes.set_ylim(data.neuron_column.size, 0)
    axes.set_xlabel("time [s]")
