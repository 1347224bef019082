"""``panels.png``: the membrane potentials of many runs in a grid, each over the current that caused it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..files import RunData
from .cards import shorten_to
from .populations import models_of
from .style import FAINT, INK, new_figure, time_text
from .trace import in_millivolts, scale_of

__all__ = ["bar_seconds", "draw_panels"]

MOST_COLUMNS = 4
PANEL, HIGH, APART, BELOW, MARGIN, ABOVE = 2.75, 1.75, 0.3, 0.35, 0.25, 0.4
CURRENT_SHARE, GAP = 0.16, 0.1
BAR_SHARE = 0.3
CURRENT = "SynapticInput.current"


def draw_panels(panels: Sequence[tuple[str, RunData]]) -> Figure:
    """Draw the potential of the first recorded neuron of each run, beneath it the current, and a bar of time.

    Potentials have one scale in all panels; time and current have one of their own in each.

    Parameters
    ----------
    panels : sequence of (str, RunData)
        Title and run of each, from the upper left; the current is drawn where ``SynapticInput.current`` was recorded.

    *Source*: Izhikevich 2004, "Which model to use for cortical spiking neurons?", figure 1.
    """
    columns = min(max(len(panels), 1), MOST_COLUMNS)
    rows = -(-len(panels) // columns) or 1
    width = 2 * MARGIN + columns * PANEL + (columns - 1) * APART
    height = MARGIN + BELOW + rows * (HIGH + ABOVE)
    figure = new_figure(width, height)
    potentials = [_potential(data) for _, data in panels]
    known = np.concatenate([np.zeros(0), *potentials])
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    high += 1e-9 * max(abs(high), 1.0) if high == low else 0.0
    for place, (title, data) in enumerate(panels):
        x = MARGIN + place % columns * (PANEL + APART)
        y = height - MARGIN - (place // columns + 1) * (HIGH + ABOVE) + 0.1
        axes = figure.add_axes((x / width, y / height, PANEL / width, HIGH / height))
        axes.set_title(shorten_to(figure, title, PANEL, 10.0), fontsize=10, pad=3)
        _draw(axes, data, potentials[place], low, high)
    if known.size:
        unit = " mV" if in_millivolts(known) else ""
        note = f"membrane potential, in every panel from {low:.3g} to {high:.3g}{unit}".replace("-", "−")
        if any(data.values_of(CURRENT) for _, data in panels):
            note += "; below it the input current"
        figure.text(MARGIN / width, 0.08 / height, note, fontsize=7.5, color=FAINT, va="bottom")
    return figure


def bar_seconds(length: float) -> float:
    """Return a round time [s], a tenth to nearly a third of a length [s], for a bar of time."""
    decade = 10.0 ** np.floor(np.log10(BAR_SHARE * length))
    return float(max(step * decade for step in (1, 2, 5) if step * decade <= BAR_SHARE * length * (1 + 1e-9)))


def _potential(data: RunData) -> NDArray[np.float64]:
    """Return the potential of the first recorded neuron, with spikes as high as they are drawn, (n_ticks,)."""
    if not data.trace_neuron.size:
        return np.zeros(0)
    v = np.where(np.isfinite(data.trace_v[:, 0]), data.trace_v[:, 0], np.nan)
    tick = data.spike_tick[data.spike_neuron == data.trace_neuron[0]]
    peak = scale_of(v, models_of(data, data.trace_neuron[:1].tolist())[0]).peak
    if peak is not None:
        v[tick[tick <= v.size] - 1] = peak
    return v


def _draw(axes: Axes, data: RunData, v: NDArray[np.float64], low: float, high: float) -> None:
    dt = data.meta["dt_ms"] / 1000
    length = max(v.size, 1) * dt
    beneath = low - GAP * (high - low)
    bottom = beneath - CURRENT_SHARE * (high - low)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.set_xlim(0, length)
    axes.set_ylim(bottom - 0.2 * (high - low), high + 0.02 * (high - low))
    if not v.size:
        axes.text(0.5, 0.5, "no potential recorded", transform=axes.transAxes, ha="center", fontsize=8, color=FAINT)
        return
    axes.plot(np.arange(1, v.size + 1) * dt, v, color=INK, lw=0.75, solid_joinstyle="miter")
    _draw_current(axes, data, length, bottom, beneath)
    bar = bar_seconds(length)
    y = bottom - 0.07 * (high - low)
    axes.plot([length - bar, length], [y, y], color=INK, lw=2.0, solid_capstyle="butt")
    axes.text(length, y - 0.03 * (high - low), time_text(bar), ha="right", va="top", fontsize=7.5)


def _draw_current(axes: Axes, data: RunData, length: float, bottom: float, top: float) -> None:
    """Draw the current of the neuron as steps, as high as there is room for."""
    recorded = data.values_of(CURRENT)
    if recorded is None or not recorded.value.size:
        return
    own = np.flatnonzero(recorded.number == data.trace_neuron[0])
    current = recorded.value[:, own[0] if own.size else 0]
    known = current[np.isfinite(current)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    scale = (top - bottom) / (high - low) if high > low else 0.0
    begin = np.append(recorded.tick - np.diff(recorded.tick, prepend=0).clip(1), recorded.tick[-1])
    time = begin * data.meta["dt_ms"] / 1000
    axes.stairs(bottom + (current - low) * scale, np.minimum(time, length), baseline=None, color=INK, lw=0.75)
