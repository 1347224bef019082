"""What a tick does to a linear system, exactly."""

from __future__ import annotations

import math

from runen_ecs.engine import kernel

LOG2_E = 1.4426950408889634
LN_2_HIGH, LN_2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # whole multiples of the former are exact
NOTHING_LEFT = 40.0


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


def decay_and_mean(tau: float, dt: float) -> tuple[float, float]:
    """Return what is left after a tick of what decays with a time constant, and its mean over the tick.

    e^(−dt/τ), and (1 − e^(−dt/τ)) τ/dt
    """
    return math.exp(-dt / tau), -math.expm1(-dt / tau) * (tau / dt)


@kernel
def left_after(x: float) -> float:
    """Return e^(−x) for x of 0 or more, within 4e-16 of it, relatively; from 40 on, 0.

    Sums, products and quotients alone: the exp of a machine's library may differ from that of another in the last bit.

    e^(−x) = 2^(−n) (1 − r + r²/2! − r³/3! + …),  n = ⌊x / ln 2 + ½⌋,  r = x − n ln 2
    """
    if not x < NOTHING_LEFT:  # what is no number neither
        return 0.0
    n = int(x * LOG2_E + 0.5)
    r = x - n * LN_2_HIGH - n * LN_2_LOW
    series = 1.0 / 40320.0 - r * (
        1.0 / 362880.0
        - r * (1.0 / 3628800.0 - r * (1.0 / 39916800.0 - r * (1.0 / 479001600.0 - r * (1.0 / 6227020800.0))))
    )
    series = 1.0 / 24.0 - r * (1.0 / 120.0 - r * (1.0 / 720.0 - r * (1.0 / 5040.0 - r * series)))
    series = 1.0 - r * (1.0 - r * (0.5 - r * (1.0 / 6.0 - r * series)))
    return series * (1.0 / (1 << n))
