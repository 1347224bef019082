"""``values.png``: fields of components over time."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..files import RunData, Values
from .cards import shorten_to
from .populations import names_of, populations_of
from .stack import stack_panels
from .style import FAINT, LINES, PALETTE

__all__ = ["draw_values", "labels_of", "spread_of"]

MOST_LINES = len(LINES)
LABEL_SIZE, WIDEST = 8.5, 1.6
FEW_MOMENTS = 2


def draw_values(data: RunData) -> Figure:
    """Draw each field that was recorded, 12 at most: a line for each entity, or the spread of many."""
    figure, panels = stack_panels(data, max(len(data.values), 1), "Recorded fields", "recorded fields")
    for axes, values in zip(panels, data.values, strict=False):
        time = values.tick * data.meta["dt_ms"] / 1000
        known = np.where(np.isfinite(values.value), values.value, np.nan)
        marker = "o" if values.tick.size < FEW_MOMENTS else ""
        if values.number.size <= MOST_LINES:
            labels = [shorten_to(figure, name, WIDEST, LABEL_SIZE) for name in labels_of(data, values)]
            _draw_each(axes, time, known, labels, marker)
        else:
            _draw_spread(axes, time, known, marker)
        axes.set_title(shorten_to(figure, f"{values.field} of {values.of}", 8.0, 10.5))
        axes.set_ylabel(values.unit)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(
                ncols=MOST_LINES,
                loc="lower right",
                bbox_to_anchor=(1.0, 0.96),
                frameon=False,
                fontsize=LABEL_SIZE,
                labelcolor=FAINT,
                handlelength=2.8,
                borderpad=0.1,
            )
    return figure


def labels_of(data: RunData, values: Values) -> list[str]:
    """Return what the entities of a recorded field are called: ``population[3]``, or ``projection[3]`` for synapses."""
    names = data.projection_names.tolist()
    chosen = [part.strip() for part in values.of.split(",")]
    if not set(chosen) <= set(names) - {population.name for population in populations_of(data)}:
        return names_of(data, values.number.tolist())
    own = data.synapse_projection[values.number]
    first = [int(np.argmax(data.synapse_projection == projection)) for projection in own]
    return [
        f"{names[projection]}[{number - start}]"
        for projection, number, start in zip(own.tolist(), values.number.tolist(), first, strict=True)
    ]


def _draw_each(
    axes: Axes, time: NDArray[np.float64], known: NDArray[np.float64], labels: list[str], marker: str
) -> None:
    for place, label in enumerate(labels):
        colour, dashes = LINES[place]
        axes.plot(time, known[:, place], color=colour, ls=dashes, lw=1.1, marker=marker, label=label)


def _draw_spread(axes: Axes, time: NDArray[np.float64], known: NDArray[np.float64], marker: str) -> None:
    low, middle, high = spread_of(known)
    axes.fill_between(time, low, high, color=PALETTE[5], alpha=0.4, lw=0, label=f"10–90 % of {known.shape[1]:,}")
    axes.plot(time, middle, color=PALETTE[4], lw=1.2, marker=marker, label="median")


def spread_of(known: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the first decile, the median and the last decile of each row, (3, n_rows); NaN counts as not there.

    known : (n_rows, n) float64.
    """
    found = np.full((3, known.shape[0]), np.nan)
    there = np.isfinite(known).any(axis=1)
    if there.any():
        found[:, there] = np.nanquantile(known[there], (0.1, 0.5, 0.9), axis=1)
    return found
