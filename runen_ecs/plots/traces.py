"""``traces.png``: the membrane potentials of all recorded neurons."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ..files import RunData
from .populations import models_of, names_of
from .stack import stack_panels
from .trace import BELOW, draw_potential, scale_of

__all__ = ["draw_traces"]

TICKS_MV = (-90, -60, -30, 0, 30)
FINE = 4000


def draw_traces(data: RunData) -> Figure:
    """Draw the potential of each recorded neuron, 12 at most, in a panel of its own over one time axis."""
    names, models = (of(data, data.trace_neuron.tolist()) for of in (names_of, models_of))
    figure, panels = stack_panels(data, len(names), "Membrane potentials", "recorded neurons")
    dt = data.meta["dt_ms"]
    time = np.arange(1, data.trace_v.shape[0] + 1) * dt / 1000
    known = np.where(np.isfinite(data.trace_v), data.trace_v, np.nan)
    for place, axes in enumerate(panels):
        spikes = data.spike_tick[data.spike_neuron == data.trace_neuron[place]] * dt / 1000
        scale = scale_of(known[:, place], models[place])
        draw_potential(axes, time, known[:, place], spikes, scale, 0.45 if time.size > FINE else 0.9)
        axes.set_title(f"{names[place]}: {spikes.size:,} spike{'' if spikes.size == 1 else 's'}")
        if scale.peak is not None:
            if scale.cut_off:
                axes.set_yticks(TICKS_MV)
            axes.set_ylim(min(BELOW, axes.get_ylim()[0]) if scale.cut_off else scale.low, scale.high)
            axes.set_ylabel("mV")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=2, loc="upper right", bbox_to_anchor=(0.985, 1.0), frameon=False)
    return figure
