"""``stdp-window.png``: what single pairs of spikes did to weights, and what the learning rule says."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..files import RunData
from .style import FAINT, PALETTE, footer, heading, new_figure
from .weights import unit_of

__all__ = ["curve_of", "draw_window", "pairs_of"]

Pairs = tuple[NDArray[np.float64], NDArray[np.float64]]
MILLISECONDS = {"ms": 1.0, "s": 1000.0}


def pairs_of(data: RunData) -> dict[str, Pairs]:
    """Return for each projection that learns what single pairs of spikes did.

    Returns
    -------
    dict of str to ((n,) float64, (n,) float64)
        Of the synapses whose two neurons have fired once each: time of the postsynaptic spike less that of the
        presynaptic one [ms], and the change of the weight [mV].
    """
    fired = np.bincount(data.spike_neuron, minlength=data.neuron_column.size)
    time = np.zeros(data.neuron_column.size)
    time[data.spike_neuron] = data.spike_tick * data.meta["dt_ms"]
    ends = data.synapse_source, data.synapse_target
    single = (data.synapse_source >= 0) & (fired[ends[0]] == 1) & (fired[ends[1]] == 1)
    found = {}
    for number, name in enumerate(data.projection_names.tolist()):
        own = single & (data.synapse_projection == number)
        if own.any() and _rule(data, name) is not None:
            interval = time[ends[1][own]] - time[ends[0][own]]
            found[name] = interval, data.weight[own] - data.weight_initial[own]
    return found


def _rule(data: RunData, projection: str) -> dict[str, Any] | None:
    """Return the learning rule of a projection as the scenario has it."""
    scenario = data.meta["scenario"]
    named = scenario.get("projections", {}).get(projection, {}).get("learning")
    rule: dict[str, Any] | None = scenario.get("learning", {}).get(named)
    return rule


def curve_of(rule: dict[str, Any], interval: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a learning rule of a scenario says of pairs of spikes: change [mV] by interval [ms], (n,) float64."""
    later = interval > 0
    if rule["window"] == "hyperbolic":
        plus = rule["amplitude"] / (1 + np.abs(interval) / _ms(rule["horizon"]))
        minus = plus
    else:
        plus = rule["a_plus"] * np.exp(-np.abs(interval) / _ms(rule["tau_plus"]))
        minus = rule["a_minus"] * np.exp(-np.abs(interval) / _ms(rule["tau_minus"]))
    change: NDArray[np.float64] = np.where(later, plus, -minus)
    return change


def _ms(time: str | float) -> float:
    """Return a time as a scenario has it in ms."""
    if not isinstance(time, str):
        return float(time)  # inf
    number, unit = time.split()
    return float(number) * MILLISECONDS[unit]


def draw_window(data: RunData) -> Figure:
    """Draw measured changes of weights on the curves of their learning rules, a panel for each projection."""
    pairs = pairs_of(data)
    figure = new_figure(max(8, 6.5 * len(pairs)), 5.2)
    grid = figure.add_gridspec(1, len(pairs), left=0.08, right=0.98, bottom=0.14, top=0.82, wspace=0.22)
    for number, (name, (interval, change)) in enumerate(pairs.items()):
        axes = figure.add_subplot(grid[number])
        rule = _rule(data, name)
        assert rule is not None
        _draw(axes, rule, interval, change)
        axes.set_title(f"{rule['window']} window" if name == rule["window"] else f"{name}: {rule['window']} window")
        if number == 0:
            axes.set_ylabel(f"change of the weight{unit_of(data, name)}")
            figure.legend(*axes.get_legend_handles_labels(), loc="upper right", ncols=2, frameon=False)
    heading(figure, "Learning windows")
    footer(figure, data)
    return figure


def _draw(axes: Axes, rule: dict[str, Any], interval: NDArray[np.float64], change: NDArray[np.float64]) -> None:
    axes.axhline(0, color=FAINT, lw=0.8, zorder=1)
    axes.axvline(0, color=FAINT, lw=0.8, zorder=1)
    reach = 1.05 * float(np.abs(interval).max())
    for side in (np.linspace(-reach, -1e-9, 200), np.linspace(1e-9, reach, 200)):
        label = "what the rule says" if side[0] > 0 else None
        axes.plot(side, curve_of(rule, side), color=PALETTE[4], lw=1.8, label=label, zorder=2)
    dots = axes.plot(interval, change, "o", color=PALETTE[1], label="measured, one pair of spikes each", zorder=3)
    dots[0].set(markeredgecolor="white", markeredgewidth=0.5, markersize=5.5)
    axes.set_xlabel("postsynaptic − presynaptic spike [ms]")
