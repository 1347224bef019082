"""``weights.png``: how the weights are distributed, and how that changes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ..files import RunData
from .style import DASHES, DEPTH, INK, PALETTE, footer, heading, label_time, new_figure, plain_numbers, time_text

__all__ = ["draw_weights", "moments_of", "weight_bins"]

FEWEST_BINS, MOST_BINS = 12, 90
FEW = 20
FEWEST_FOR_IMAGE = 6
SIDES = {"excitatory": PALETTE[1], "inhibitory": PALETTE[4]}
PANEL, ABOVE, BELOW, LEFT, APART = 3.6, 1.15, 0.75, 1.2, 0.75


def draw_weights(data: RunData) -> Figure:
    """Draw the distribution of the weights of excitatory and inhibitory synapses from the beginning to the end.

    A synapse is what its weight was at the beginning, above or below zero. With four recordings on the way, or more,
    time is an axis; with fewer, there is a line for each moment.
    """
    tick, weights = moments_of(data)
    excitatory = (data.weight_initial > 0) | ((data.weight_initial == 0) & ~(data.weight < 0))
    sides = {"excitatory": excitatory, "inhibitory": ~excitatory}
    shown = {name: weights[:, mask] for name, mask in sides.items() if mask.any()} or {"excitatory": weights}
    changing = {name: values for name, values in shown.items() if (values != values[:1]).any()}
    shown = changing or shown  # where some learn, the others are not worth a panel
    height = ABOVE + BELOW + len(shown) * PANEL + (len(shown) - 1) * APART
    figure = new_figure(15, height)
    edges = {"left": LEFT / 15, "right": 1 - 0.3 / 15, "top": 1 - ABOVE / height, "bottom": BELOW / height}
    imaged = len(tick) >= FEWEST_FOR_IMAGE
    grid = figure.add_gridspec(
        len(shown),
        2 if imaged else 1,
        width_ratios=[3.2, 1] if imaged else [1],
        hspace=APART / PANEL,
        wspace=0.06,
        **edges,
    )
    for row, (name, values) in enumerate(shown.items()):
        bins = weight_bins(values)
        left = figure.add_subplot(grid[row, 0])
        n = values.shape[1]
        left.set_title(f"{name}: {n:,} synapse{'' if n == 1 else 's'}")
        if imaged:
            _draw_image(left, data, tick, values, bins, SIDES[name])
            _draw_ends(figure.add_subplot(grid[row, 1], sharey=left), values, bins, SIDES[name], named=row == 0)
        else:
            _draw_lines(left, data, tick, values, bins)
    heading(figure, "Weights of the synapses")
    footer(figure, data)
    return figure


def moments_of(data: RunData) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the ticks at which weights are known, (n,), from 0 to the end, and the weights, (n, n_synapses)."""
    tick = [0, *data.weight_tick.tolist(), data.n_ticks]
    weights = [data.weight_initial, *data.weight_snapshot, data.weight]
    last = {moment: place for place, moment in enumerate(tick)}
    first = last | {0: 0}
    return np.array(list(first)), np.stack([weights[place] for place in first.values()])


def weight_bins(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the edges of bins that hold all weights, (n + 1,)."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    pad = 0.02 * (high - low) or max(0.05 * abs(high), 1e-6)
    n = int(np.clip(2 * values.shape[1] ** 0.5, FEWEST_BINS, MOST_BINS))
    return np.linspace(low - pad, high + pad, n + 1)


def _count(values: NDArray[np.float64], bins: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.histogram(values[np.isfinite(values)], bins)[0]


def _draw_image(
    axes: Axes,
    data: RunData,
    tick: NDArray[np.int64],
    values: NDArray[np.float64],
    bins: NDArray[np.float64],
    colour: str,
) -> None:
    """Draw how many synapses have which weight when, on a logarithmic scale, with their mean and deciles."""
    count = np.stack([_count(row, bins) for row in values], axis=1)
    time = tick * data.meta["dt_ms"] / 1000
    edges = np.concatenate([time[:1], (time[1:] + time[:-1]) / 2, time[-1:]])
    norm = LogNorm(0.7, max(float(count.max()), 2.0))
    axes.pcolormesh(edges, bins, np.ma.masked_equal(count, 0), cmap=_shades(colour), norm=norm, rasterized=True)
    known = [row[np.isfinite(row)] for row in values]
    for share, dashes in ((0.1, DASHES[2]), (0.5, DASHES[0]), (0.9, DASHES[2])):
        line = [np.quantile(row, share) if row.size else np.nan for row in known]
        axes.plot(time, line, color=INK, lw=1.3, ls=dashes, label={0.1: "10 % and 90 %", 0.5: "median"}.get(share))
    axes.set_ylabel("weight [mV]")
    label_time(axes, data)


def _shades(colour: str) -> Colormap:
    return LinearSegmentedColormap.from_list("shades", ["#ffffff", colour])


def _draw_ends(axes: Axes, values: NDArray[np.float64], bins: NDArray[np.float64], colour: str, *, named: bool) -> None:
    """Draw the distributions at the beginning and at the end, on their sides."""
    axes.stairs(_count(values[-1], bins), bins, orientation="horizontal", fill=True, color=colour, lw=0, label="end")
    axes.stairs(_count(values[0], bins), bins, orientation="horizontal", color=INK, lw=1.2, label="beginning")
    most = max(int(_count(row, bins).max()) for row in (values[0], values[-1]))
    if most > FEW:
        axes.set_xscale("log")
        plain_numbers(axes.xaxis)
    axes.set_xlim(0.7 if most > FEW else 0, None)
    axes.set_xlabel("synapses")
    axes.tick_params(labelleft=False)
    if named:
        lines = [Line2D([], [], color=INK, lw=1.3, label="median")]
        lines.append(Line2D([], [], color=INK, lw=1.3, ls=DASHES[2], label="10 % and 90 %"))
        handles = [*axes.get_legend_handles_labels()[0], *lines]
        axes.legend(
            handles=handles, ncols=2, loc="lower right", bbox_to_anchor=(1.02, 1.0), frameon=False, fontsize=8.5
        )


def _draw_lines(
    axes: Axes, data: RunData, tick: NDArray[np.int64], values: NDArray[np.float64], bins: NDArray[np.float64]
) -> None:
    """Draw a line for each moment: the later, the darker."""
    for place, (moment, row) in enumerate(zip(tick.tolist(), values, strict=True)):
        last = place == len(tick) - 1
        text = time_text(moment * data.meta["dt_ms"] / 1000)
        label = "beginning" if moment == 0 else f"end, {text}" if last else text
        colour = DEPTH(0.3 + 0.7 * place / max(len(tick) - 1, 1)) if len(tick) > 1 else INK
        axes.stairs(
            _count(row, bins),
            bins,
            color=colour,
            lw=2.0 if last else 1.2,
            ls=DASHES[len(tick) - 1 - place],
            label=label,
        )
    most = max(int(_count(row, bins).max()) for row in values)
    if most > FEW:
        axes.set_yscale("log")
        plain_numbers(axes.yaxis)
    else:
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(0.7 if most > FEW else 0, None)
    axes.set_xlim(bins[0], bins[-1])
    axes.xaxis.set_major_locator(MaxNLocator(10))
    axes.set_xlabel("weight [mV]")
    axes.set_ylabel("synapses")
    axes.legend(ncols=len(tick), loc="lower right", bbox_to_anchor=(1.0, 1.0), frameon=False)
