"""What a tick does to a linear system, exactly."""

from __future__ import annotations

import math


def propagators(tau_m: float, tau_exc: float, tau_inh: float, dt: float) -> tuple[float, float, float, float, float]:
    """Return what is left after a tick of v, i_exc and i_inh, and what the latter two add to v in it.

    e^(−dt/τ_m), e^(−dt/τ), and (e^(−dt/τ_m) − e^(−dt/τ)) / (τ_m δ) with δ = 1/τ − 1/τ_m; in the limit of δ = 0,
    e^(−dt/τ_m) dt/τ_m

    *Source*: Rotter & Diesmann 1999, section 3.
    """
    left = math.exp(-dt / tau_m)
    added = []
    for tau in (tau_exc, tau_inh):
        delta = 1.0 / tau - 1.0 / tau_m
        rise = -math.expm1(-delta * dt) / delta if delta else dt  # expm1, because δ may be small
        added.append(left * rise / tau_m)
    return left, math.exp(-dt / tau_exc), math.exp(-dt / tau_inh), added[0], added[1]
