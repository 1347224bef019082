"""Networks whose activity is known: the one of Izhikevich's paper of 2003, and the CUBA benchmark."""

from __future__ import annotations

import numpy as np

from ..loading import load
from .check import Check
from .scenario_runs import rates_of

__all__ = ["checks"]

SEEDS = range(1, 5)


def checks() -> list[Check]:
    """Return the checks of networks; each is the mean over some seeds, so that no single one decides."""
    return [
        Check(
            "network/izhikevich-2003",
            "Izhikevich 2003, figure 3 (net.m); measured with another program over 60 seeds",
            "excitatory 7.1-8.0 Hz, inhibitory 6.6-8.0 Hz, 7,143-8,003 spikes in 1 s",
            lambda: _mean("izhikevich-2003"),
            lambda m: 7.1 <= m["excitatory"] <= 8.0 and 6.6 <= m["inhibitory"] <= 8.0 and 7143 <= m["spikes"] <= 8003,
        ),
        Check(
            "network/cuba",
            "Vogels & Abbott 2005 as in Brette et al. 2007; measured with another program over 4 seeds",
            "5.5-5.8 Hz over 1 s",
            lambda: _mean("cuba")["spikes"] / 4000,
            lambda rate: 5.5 <= rate <= 5.8,
        ),
    ]


def _mean(scenario: str) -> dict[str, float]:
    found = [rates_of(load(scenario, {"seed": seed})) for seed in SEEDS]
    return {key: float(np.mean([one[key] for one in found])) for key in found[0]}
