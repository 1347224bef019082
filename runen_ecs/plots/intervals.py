"""``intervals.png``: the intervals between the spikes of a neuron, for each population."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator
from numpy.typing import NDArray

from ..analysis import interval_variation, intervals
from ..files import RunData
from .cards import shorten_to
from .populations import Group, groups_of, in_columns
from .style import FAINT, footer, heading, new_figure, plain_numbers

__all__ = ["draw_intervals", "interval_bins"]

MOST_PANELS, MOST_COLUMNS = 24, 4
BINS_IN_DECADE = 20
PANEL, HIGH, ABOVE, BELOW, LEFT, RIGHT, APART, BETWEEN = 3.2, 1.75, 1.3, 0.8, 0.85, 0.3, 0.7, 0.3
HEADROOM = 1.35
FEW_DECADES = 300.0  # with fewer than this from end to end, 2 and 5 are labelled, too
NOTE = "CV: standard deviation over mean of the intervals of a neuron; mean over neurons"


def draw_intervals(data: RunData) -> Figure:
    """Draw the inter-spike intervals of each population or layer, 24 at most, and how irregular they are."""
    groups = groups_of(data)
    shown = groups[:MOST_PANELS]
    columns = min(max(len(shown), 3), MOST_COLUMNS)
    rows = -(-len(shown) // columns) or 1
    width = LEFT + RIGHT + PANEL * columns + BETWEEN * (columns - 1)
    height = ABOVE + BELOW + HIGH * rows + APART * (rows - 1)
    figure = new_figure(width, height)
    edges = {"left": LEFT / width, "right": 1 - RIGHT / width, "top": 1 - ABOVE / height, "bottom": BELOW / height}
    grid = figure.add_gridspec(rows, columns, hspace=APART / HIGH, wspace=BETWEEN / PANEL, **edges)
    found = [intervals(group.tick, group.neuron) for group in shown]
    bins = interval_bins(np.concatenate([np.zeros(0, np.int64), *(interval for interval, _ in found)]))
    first: Axes | None = None
    highest = 0.0
    for place, (group, (interval, neuron)) in enumerate(zip(shown, found, strict=True)):
        axes = figure.add_subplot(grid[place // columns, place % columns], sharex=first, sharey=first)
        first = first or axes
        highest = max(highest, _draw(axes, group, interval, bins, data.meta["dt_ms"]))
        variation = interval_variation(interval, neuron)
        irregular = "" if variation is None else f"   CV {variation:.2f}"
        axes.set_title(shorten_to(figure, group.name, PANEL - 1.0, 10.5) + irregular)
        axes.tick_params(labelbottom=place + columns >= len(shown), labelleft=place % columns == 0)
        if place + columns >= len(shown):
            axes.set_xlabel("interval [ms]")
        if place % columns == 0:
            axes.set_ylabel("share per decade")
    if first is not None:
        first.set_ylim(0, HEADROOM * highest or 1.0)
    what = "layer" if in_columns(data) else "population"
    heading(figure, f"Intervals between spikes, by {what}")
    more = f"  ·  the first {len(shown)} of {len(groups):,} {what}s" if len(shown) < len(groups) else ""
    figure.text(0.3 / width, 1 - 0.5 / height, NOTE + more, fontsize=8, color=FAINT, va="top")
    footer(figure, data)
    return figure


def interval_bins(interval: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the edges of bins [ticks], even on a logarithmic axis where ticks are fine enough, (n + 1,)."""
    low, high = (int(interval.min()), int(interval.max())) if interval.size else (1, 100)
    low = max(1, low)
    high = max(high + 1, 10 * low)
    even = np.geomspace(low, high, round(BINS_IN_DECADE * np.log10(high / low)) + 1)
    edges: NDArray[np.float64] = np.unique(np.round(even)) - 0.5
    return edges


def _draw(axes: Axes, group: Group, interval: NDArray[np.int64], bins: NDArray[np.float64], dt: float) -> float:
    """Draw the shares of intervals, each by the part of a decade that its bin covers; return the largest."""
    share = np.histogram(interval, bins)[0] / max(interval.size, 1) / np.diff(np.log10(bins))
    axes.stairs(share, bins * dt, fill=True, color=group.colour, lw=0)
    axes.set_xscale("log")
    axes.set_xlim(bins[0] * dt, bins[-1] * dt)
    if bins[-1] < FEW_DECADES * bins[0]:
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    plain_numbers(axes.xaxis)
    if interval.size:
        mean = float(interval.mean()) * dt
        axes.axvline(mean, color=FAINT, lw=1.0, ls=(0, (4, 3)))
        text = f"{interval.size:,} intervals\nmean {mean:.3g} ms"
    else:
        text = "no neuron fires twice"
    paper = {"facecolor": "white", "alpha": 0.85, "lw": 0, "pad": 1.5}  # lines end at the text
    axes.text(0.98, 0.99, text, transform=axes.transAxes, ha="right", va="top", fontsize=8, bbox=paper)
    return float(share.max(initial=0.0))
