"""What scenarios that come with the project leave, for the checks that are made from them."""

from __future__ import annotations

from functools import cache

import numpy as np

from runen_ecs.files import RunData

from ..building import build
from ..loading import load
from ..schema import Scenario

__all__ = ["panels_of", "ran", "rates_of", "spikes_of"]


def ran(scenario: Scenario) -> RunData:
    """Run a scenario for its whole duration; return what it leaves."""
    simulation = build(scenario)
    simulation.run(scenario.duration)
    return simulation.data()


@cache
def panels_of(name: str) -> list[Scenario]:
    """Return the panels of a scenario."""
    return load(name).variants


def spikes_of(scenario: Scenario) -> list[float]:
    """Return when the one neuron of a scenario fires [ms]: the beginnings of ticks, as the published programs count."""
    data = ran(scenario)
    return [round((tick - 1) * scenario.dt, 6) for tick in data.spike_tick.tolist()]


def rates_of(scenario: Scenario) -> dict[str, float]:
    """Return the mean rate of each population [Hz], and how many spikes there are, under "spikes"."""
    data = ran(scenario)
    seconds = data.n_ticks * scenario.dt / 1000
    spikes = np.bincount(data.neuron_layer[data.spike_neuron], minlength=data.layer_names.size)
    neurons = np.bincount(data.neuron_layer, minlength=data.layer_names.size)
    rates = {str(name): float(spikes[i] / neurons[i] / seconds) for i, name in enumerate(data.layer_names)}
    return rates | {"spikes": float(data.spike_tick.size)}
