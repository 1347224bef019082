"""``comparison.png``: the rhythms of two runs, one above the other, and their figures by phase, side by side."""

from __future__ import annotations

from textwrap import shorten

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..analysis import PhaseFigures, phase_figures, population_count
from ..files import RunData
from .rhythm import draw_spectrogram
from .style import PALETTE, end_of, footer, mark_phases, new_figure, phases_of

__all__ = ["draw_comparison"]

COLOURS = (PALETTE[4], PALETTE[1])
HATCHES = ("", "///")
BARS = {"rate_hz": "rate of a neuron [Hz]", "peak_hz": "peak [Hz]", "fano": "Fano factor"}


def draw_comparison(data: RunData, other: RunData) -> Figure:
    """Draw the rhythm of a run and of another one it is compared with, and rate, peak and Fano factor by phase.

    Parameters
    ----------
    data : RunData
    other : RunData
        Looked at in the phases of the first.
    """
    figure = new_figure(12, 9)
    edges = {"left": 0.07, "right": 0.975}
    above = figure.add_gridspec(2, 1, hspace=0.35, top=0.87, bottom=0.43, **edges)
    below = figure.add_gridspec(1, 3, wspace=0.25, top=0.26, bottom=0.075, **edges)
    for place, run in enumerate((data, other)):
        axes = figure.add_subplot(above[place])
        dt = run.meta["dt_ms"]
        draw_spectrogram(axes, population_count(run.spike_tick, run.n_ticks), dt, phases_of(data))
        axes.set_xlim(0, end_of(run))
        axes.set_title(name_of(run), pad=18 if place == 0 else 6)
        mark_phases(axes, phases_of(data), named=place == 0, shaded=False)
    figure.axes[1].set_xlabel("time [s]")
    figures = [_figures(run, phases_of(data)) for run in (data, other)]
    names = [name for name, _, _ in phases_of(data)]
    for place, (what, unit) in enumerate(BARS.items()):
        _draw_bars(figure.add_subplot(below[place]), names, figures, what, unit)
    handles = figure.axes[2].get_legend_handles_labels()[0]
    labels = [name_of(run) for run in (data, other)]
    figure.legend(handles, labels, ncols=1, loc="upper left", bbox_to_anchor=(0.06, 0.365), frameon=False)
    figure.text(0.07, 0.985, "The rhythm of two networks", fontsize=13, weight="bold", va="top")
    footer(figure, data)
    return figure


def name_of(run: RunData) -> str:
    """Return the title of what was run, shortened."""
    return shorten(run.meta["scenario"]["title"], 90, placeholder="…")


def _figures(run: RunData, phases: list[tuple[str, float, float]]) -> list[PhaseFigures]:
    dt = run.meta["dt_ms"]
    windows = [(round(start * 1000 / dt), round(stop * 1000 / dt)) for _, start, stop in phases]
    return phase_figures(population_count(run.spike_tick, run.n_ticks), run.neuron_column.size, windows, dt)


def _draw_bars(axes: Axes, names: list[str], figures: list[list[PhaseFigures]], what: str, unit: str) -> None:
    for place, phases in enumerate(figures):
        values = [getattr(phase, what) or 0.0 for phase in phases]
        at = np.arange(len(values)) + (place - 0.5) * 0.4
        bars = axes.bar(at, values, 0.36, color=COLOURS[place], hatch=HATCHES[place], edgecolor="white", label=what)
        axes.bar_label(bars, [f"{value:.1f}" for value in values], fontsize=8, padding=1)
    axes.set_xticks(range(len(names)), [shorten(name, 14, placeholder="…") for name in names])
    axes.margins(y=0.15)
    axes.set_title(unit)
