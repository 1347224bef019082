"""The vertical axis of a raster: which neurons are of which column, population and layer."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ..files import RunData
from .cards import shorten_to, text_width
from .populations import colours_of, in_columns, populations_of
from .style import FAINT, INK

__all__ = ["draw_legend", "mark_rows", "room_for_names"]

NAME_SIZES, WIDEST = (8.0, 6.0), 1.9
LINE = 1.3
MOST_STRONG_LINES = 12
MOST_HANDLES = 48


def draw_legend(figure: Figure, data: RunData) -> float:
    """Draw the colours that the axis does not name, in as many rows as they need; return where they end [inch]."""
    names = [str(name) for name in data.layer_names]
    colours = dict(zip(names, colours_of(data), strict=True))
    if not in_columns(data):
        named = {population.name for population in populations_of(data)}
        names = [name for name in names if name not in named]
    more = [f"and {len(names) - MOST_HANDLES} more"] if len(names) > MOST_HANDLES else []
    handles = [Patch(color=colours[name], label=name) for name in names[:MOST_HANDLES]]
    handles += [Patch(alpha=0, label=label) for label in more]
    if not handles:
        return 0.6875
    longest = max(map(len, names))
    columns = max(1, min(len(handles), 90 // (longest + 5)))
    rows = -(-len(handles) // columns)
    place = (0.985, 1 - 0.025 / figure.get_figheight())
    figure.legend(handles=handles, ncols=columns, loc="upper right", bbox_to_anchor=place, frameon=False)
    return 0.6875 + 0.2 * (rows - 1)


def room_for_names(figure: Figure, data: RunData) -> float:
    """Return how much of the width of a picture the names beside its raster need."""
    if in_columns(data):
        return 0.0
    longest = max((text_width(figure, p.name, NAME_SIZES[0]) for p in populations_of(data)), default=0.0)
    return (min(longest, WIDEST) + 0.25) / figure.get_figwidth()


def mark_rows(figure: Figure, axes: Axes, data: RunData, *, named: bool = True) -> None:
    """Draw a line where a column or a population begins; number the columns, or name the populations."""
    axes.tick_params(axis="y", length=0, labelsize=NAME_SIZES[0], labelleft=named)
    if in_columns(data):
        _mark_columns(axes, data, named)
    else:
        _mark_populations(figure, axes, data, named)


def _mark_columns(axes: Axes, data: RunData, named: bool) -> None:
    """Number as many columns as are readable."""
    column = data.neuron_column
    first = np.flatnonzero(np.diff(column, prepend=-2))
    for edge in first[1:]:
        axes.axhline(edge, color=FAINT, lw=0.35, alpha=0.7)
    step = max(1, -(-first.size // 20))
    middle = (first + np.append(first[1:], column.size)) / 2
    axes.set_yticks(middle[::step], [str(c) if c >= 0 else "" for c in column[first][::step]])
    if named:
        axes.set_ylabel("column")


def _mark_populations(figure: Figure, axes: Axes, data: RunData, named: bool) -> None:
    """Name as many populations as are readable, the larger ones first."""
    populations = populations_of(data)
    for edge in np.flatnonzero(np.diff(data.neuron_column, prepend=data.neuron_column[:1])).tolist():
        axes.axhline(edge, color=FAINT, lw=0.25, alpha=0.5)
    for population in populations[1:]:
        few = len(populations) <= MOST_STRONG_LINES
        axes.axhline(population.first, color=INK if few else FAINT, lw=0.6 if few else 0.35, alpha=0.8)
    if not named:
        axes.set_yticks([])
        return
    height = 72 * axes.get_window_extent().height / figure.dpi
    per_point = data.neuron_column.size / height
    middle = [(population.first + population.stop) / 2 for population in populations]
    by_size = sorted(range(len(populations)), key=lambda k: populations[k].first - populations[k].stop)
    shown: list[int] = []
    for size in NAME_SIZES:
        shown = []
        for k in by_size:
            if all(abs(middle[k] - middle[other]) >= LINE * size * per_point for other in shown):
                shown.append(k)
        if len(shown) == len(populations):
            break
    axes.tick_params(axis="y", labelsize=size)
    names = [shorten_to(figure, populations[k].name, WIDEST, size) for k in shown]
    axes.set_yticks([middle[k] for k in shown], names)
