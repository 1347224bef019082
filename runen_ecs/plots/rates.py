"""``rates.png``: the rate of each population over time."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..files import RunData
from .cards import shorten_to, text_width
from .populations import Group, groups_of, in_columns
from .stack import MOST_PANELS, stack_panels
from .style import DEPTH, end_of, footer, heading, label_time, mark_phases, new_figure, phases_of

__all__ = ["bin_ticks", "draw_rates", "rate_of"]

WIDTHS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
MOST_BINS, FEWEST_BINS, SPIKES_IN_BIN = 2000, 20, 4.0
MOST_ROWS, ROW, NAME_SIZE, WIDEST = 400, 0.17, 8.0, 2.4


def draw_rates(data: RunData) -> Figure:
    """Draw the rate of each population, or layer: a panel each, or an image with a row each where they are many."""
    groups = groups_of(data)
    width = bin_ticks(data, groups)
    length = f"{width * data.meta['dt_ms']:g} ms"
    what = "layer" if in_columns(data) else "population"
    title = f"Rate of a neuron of each {what}, in bins of {length}"
    if len(groups) > MOST_PANELS:
        return _draw_image(data, groups, width, title)
    figure, panels = stack_panels(data, max(len(groups), 1), title, f"{what}s")
    seconds = data.n_ticks * data.meta["dt_ms"] / 1000
    for axes, group in zip(panels, groups, strict=False):
        rate = rate_of(group, width, data)
        edges = np.arange(rate.size + 1) * width * data.meta["dt_ms"] / 1000
        axes.stairs(rate, edges, fill=True, color=group.colour, lw=0)
        mean = group.tick.size / group.size / seconds if seconds else 0.0
        name = shorten_to(figure, group.name, 8.0, 10.5)
        axes.set_title(f"{name}: {group.size:,} neuron{'' if group.size == 1 else 's'}, {mean:.3g} Hz in the mean")
        axes.set_ylim(0, None if rate.any() else 1)
        axes.set_ylabel("Hz")
    return figure


def bin_ticks(data: RunData, groups: list[Group]) -> int:
    """Return how many ticks a bin has, so that bins are neither too many to be seen nor nearly all empty."""
    dt = float(data.meta["dt_ms"])
    length = max(data.n_ticks, 1) * dt
    fewest = min((group.tick.size for group in groups if group.tick.size), default=0)
    wanted = max(dt, length / MOST_BINS, SPIKES_IN_BIN * length / fewest if fewest else 0.0)
    wanted = min(wanted, max(dt, length / FEWEST_BINS))
    return max(1, round(next((width for width in WIDTHS_MS if width >= wanted), wanted) / dt))


def rate_of(group: Group, width: int, data: RunData) -> NDArray[np.float64]:
    """Return the rate of a neuron [Hz] in bins of so many ticks, (n_bins,); the last may be shorter."""
    edges = np.minimum(np.arange(0, data.n_ticks + width, width), data.n_ticks)
    count = np.diff(np.searchsorted(np.sort(group.tick), edges, side="right"))
    rate: NDArray[np.float64] = count / group.size / (np.diff(edges) * data.meta["dt_ms"] / 1000)
    return rate


def _draw_image(data: RunData, groups: list[Group], width: int, title: str) -> Figure:
    shown = groups[:MOST_ROWS]
    height = 1.7 + min(max(ROW * len(shown), 3.0), 12.0)
    figure = new_figure(15, height)
    names = [shorten_to(figure, group.name, WIDEST, NAME_SIZE) for group in shown]
    room = max(text_width(figure, name, NAME_SIZE) for name in names) + 0.25
    axes = figure.add_axes((room / 15, 0.7 / height, 0.985 - room / 15 - 0.07, 1 - 1.6 / height))
    rates = np.array([rate_of(group, width, data) for group in shown]).reshape(len(shown), -1)
    span = rates.shape[1] * width * data.meta["dt_ms"] / 1000
    if rates.size:
        image = axes.imshow(
            rates,
            extent=(0, max(span, end_of(data)), len(shown), 0),
            aspect="auto",
            cmap=DEPTH,
            vmin=0,
            vmax=max(float(rates.max()), 1.0),
            interpolation="nearest",
        )
        bar = figure.add_axes((0.945, 0.7 / height, 0.012, 1 - 1.6 / height))
        figure.colorbar(image, cax=bar, label="rate of a neuron [Hz]")
    step = max(1, -(-len(shown) // round(72 * height * (1 - 1.6 / height) / (1.3 * NAME_SIZE))))
    axes.set_ylim(len(shown), 0)
    axes.set_yticks(np.arange(len(shown))[::step] + 0.5, names[::step], size=NAME_SIZE)
    axes.tick_params(axis="y", length=0)
    label_time(axes, data)
    mark_phases(axes, phases_of(data), named=True, shaded=False)
    more = f"; the first {MOST_ROWS:,} of {len(groups):,}" if len(groups) > MOST_ROWS else ""
    heading(figure, title + more)
    footer(figure, data)
    return figure
