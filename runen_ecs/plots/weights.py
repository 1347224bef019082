"""``weights.png``: how the weights are distributed, and how that changes."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ..files import RunData
from .style import DASHES, DEPTH, FAINT, INK, PALETTE, footer, heading, label_time, new_figure, plain_numbers, time_text

__all__ = ["Part", "draw_weights", "moments_of", "parts_of", "unit_of", "weight_bins"]

FEWEST_BINS, MOST_BINS = 12, 90
FEW = 20
FEWEST_FOR_IMAGE = 6
MOST_PANELS = 6
UNITLESS = ("conductance-integrate-and-fire", "hindmarsh-rose")  # models that take weights without a unit
SIDES = {"excitatory": PALETTE[1], "inhibitory": PALETTE[4]}
PANEL, ABOVE, BELOW, LEFT, APART = 3.6, 1.15, 0.75, 1.2, 0.75


@dataclass(frozen=True, eq=False)
class Part:
    """The synapses of a projection that were excitatory at the beginning, or those that were inhibitory.

    Attributes
    ----------
    name : str
        What the panel is called.
    colour : str
    unit : str
        " [mV]", or nothing where the target's model gives weights none.
    values : (n_moments, n) float64
        Their weights.
    """

    name: str
    colour: str
    unit: str
    values: NDArray[np.float64]

    @property
    def changes(self) -> bool:
        """Whether a weight is another at the end, or on the way, than at the beginning."""
        known = np.isfinite(self.values) & np.isfinite(self.values[:1])
        return bool((known & (self.values != self.values[:1])).any())


def draw_weights(data: RunData) -> Figure:
    """Draw the distribution of the weights of each projection from the beginning to the end.

    Those that change have a panel, excitatory and inhibitory synapses one each, six panels at most; where none changes,
    all have. A synapse is what its weight was at the beginning, above or below zero. With four recordings on the way,
    or more, time is an axis; with fewer, there is a line for each moment.
    """
    tick, weights = moments_of(data)
    parts = parts_of(data, weights)
    shown = ([part for part in parts if part.changes] or parts)[:MOST_PANELS]
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
    for row, part in enumerate(shown):
        bins = weight_bins(part.values)
        left = figure.add_subplot(grid[row, 0])
        left.set_title(f"{part.name}: {_synapses(part)}")
        if imaged:
            _draw_image(left, data, tick, part, bins)
            _draw_ends(figure.add_subplot(grid[row, 1], sharey=left), part, bins, named=row == 0)
        else:
            _draw_lines(left, data, tick, part, bins)
    heading(figure, "Weights of the synapses")
    _name_the_others(figure, [part for part in parts if part not in shown])
    footer(figure, data)
    return figure


def parts_of(data: RunData, weights: NDArray[np.float64]) -> list[Part]:
    """Return the parts of the synapses that may have a panel; one without synapses where there are none."""
    excitatory = (data.weight_initial > 0) | ((data.weight_initial == 0) & ~(data.weight < 0))
    projection = data.synapse_projection if data.synapse_projection.size else np.full(data.weight.size, -1)
    parts = []
    numbers = np.unique(projection).tolist()
    for number in numbers:
        projected = str(data.projection_names[number]) if number >= 0 else ""
        sides = {side: (projection == number) & (excitatory == (side == "excitatory")) for side in SIDES}
        sides = {side: mask for side, mask in sides.items() if mask.any()}
        for side, mask in sides.items():
            both = ", ".join(filter(None, (projected, side)))
            name = side if len(numbers) == 1 else projected if projected and len(sides) == 1 else both
            parts.append(Part(name, SIDES[side], unit_of(data, projected), weights[:, mask]))
    return parts or [Part("excitatory", SIDES["excitatory"], " [mV]", weights)]


def unit_of(data: RunData, projection: str) -> str:
    """Return the unit of the weights of a projection, in brackets: none where a target takes them without one."""
    scenario = data.meta["scenario"]
    populations, told = scenario.get("populations", {}), scenario.get("projections", {}).get(projection, {}).get("to")
    targets = [text.split()[0] for text in ([told] if isinstance(told, str) else told or ["all"])]
    chosen = [populations[name] for name in targets if name in populations]
    if len(chosen) < len(targets):  # some are selected from all populations
        chosen = list(populations.values())
    return "" if any(table.get("model") in UNITLESS for table in chosen) else " [mV]"


def _synapses(part: Part) -> str:
    n = part.values.shape[1]
    return f"{n:,} synapse{'' if n == 1 else 's'}"


def _name_the_others(figure: Figure, others: list[Part]) -> None:
    """Say in small print which parts have no panel, and why."""
    width, height = figure.get_size_inches()
    texts = []
    for reason, changes in (("do not change", False), ("change, too", True)):
        names = ", ".join(f"{part.name} ({_synapses(part)})" for part in others if part.changes == changes)
        texts += [f"{shorten(names, 90, placeholder=' …')}, which {reason}"] if names else []
    if texts:
        text = f"not shown: {'; '.join(texts)}"
        figure.text(0.3 / width, 1 - 0.5 / height, text, fontsize=8, color=FAINT, va="top")


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
    first, last = low - pad, high + pad
    if low >= 0:  # no bin of weights of one sign reaches beyond 0
        first = max(first, 0.0)
    elif high <= 0:
        last = min(last, 0.0)
    n = int(np.clip(2 * values.shape[1] ** 0.5, FEWEST_BINS, MOST_BINS))
    return np.linspace(first, last, n + 1)


def _count(values: NDArray[np.float64], bins: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.histogram(values[np.isfinite(values)], bins)[0]


def _draw_image(
    axes: Axes,
    data: RunData,
    tick: NDArray[np.int64],
    part: Part,
    bins: NDArray[np.float64],
) -> None:
    """Draw how many synapses have which weight when, on a logarithmic scale, with their mean and deciles."""
    count = np.stack([_count(row, bins) for row in part.values], axis=1)
    time = tick * data.meta["dt_ms"] / 1000
    edges = np.concatenate([time[:1], (time[1:] + time[:-1]) / 2, time[-1:]])
    norm = LogNorm(0.7, max(float(count.max()), 2.0))
    axes.pcolormesh(edges, bins, np.ma.masked_equal(count, 0), cmap=_shades(part.colour), norm=norm, rasterized=True)
    known = [row[np.isfinite(row)] for row in part.values]
    for share, dashes in ((0.1, DASHES[2]), (0.5, DASHES[0]), (0.9, DASHES[2])):
        line = [np.quantile(row, share) if row.size else np.nan for row in known]
        axes.plot(time, line, color=INK, lw=1.3, ls=dashes, label={0.1: "10 % and 90 %", 0.5: "median"}.get(share))
    axes.set_ylabel(f"weight{part.unit}")
    label_time(axes, data)


def _shades(colour: str) -> Colormap:
    return LinearSegmentedColormap.from_list("shades", ["#ffffff", colour])


def _draw_ends(axes: Axes, part: Part, bins: NDArray[np.float64], *, named: bool) -> None:
    """Draw the distributions at the beginning and at the end, on their sides."""
    values, colour = part.values, part.colour
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


def _draw_lines(axes: Axes, data: RunData, tick: NDArray[np.int64], part: Part, bins: NDArray[np.float64]) -> None:
    """Draw a line for each moment: the later, the darker."""
    for place, (moment, row) in enumerate(zip(tick.tolist(), part.values, strict=True)):
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
    most = max(int(_count(row, bins).max()) for row in part.values)
    if most > FEW:
        axes.set_yscale("log")
        plain_numbers(axes.yaxis)
    else:
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(0.7 if most > FEW else 0, None)
    axes.set_xlim(bins[0], bins[-1])
    axes.xaxis.set_major_locator(MaxNLocator(10))
    axes.set_xlabel(f"weight{part.unit}")
    axes.set_ylabel("synapses")
    axes.legend(ncols=len(tick), loc="lower right", bbox_to_anchor=(1.0, 1.0), frameon=False)
