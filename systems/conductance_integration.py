"""Leaky integrate-and-fire neurons whose synapses are conductances live through a tick."""

from __future__ import annotations

from typing import Any

import numpy as np

from runen_ecs.components import (
    ActionPotential,
    ConductanceIntegrateAndFire,
    LastSpike,
    Membrane,
    SynapticConductances,
    SynapticInput,
)
from runen_ecs.engine import Flags, Floats, Read, Rows, System, Write, kernel
from runen_ecs.network import DelayLine

from .propagators import decay_and_mean, left_after


@kernel
def integrate_conductances(
    tick: int,
    step: Floats,
    decay: Floats,
    mean: Floats,
    rest: Floats,
    reversal_exc: Floats,
    reversal_inh: Floats,
    threshold: Floats,
    reset: Floats,
    refractory: Rows,
    last: Rows,
    current: Floats,
    v: Floats,
    excitatory: Floats,
    inhibitory: Floats,
    fired: Flags,
    arriving: Floats,
) -> None:
    """Take what arrives, then let the potential relax to where the conductances pull; fire, and rest after a spike.

    τ_m v' = E_l − v + g_exc (E_exc − v) + g_inh (E_inh − v) + I,  τ_exc g_exc' = −g_exc,  τ_inh g_inh' = −g_inh;
    if v ≥ V_t: spike, v ← V_r

    step : (n,) float64, dt / τ_m. decay : (2, n) float64, what is left after a tick of g_exc and g_inh. mean : (2, n)
    float64, their means over it, as shares of where they begin. rest, reversal_exc, reversal_inh, threshold, reset :
    (n,) float64 [mV]. excitatory, inhibitory : (n,) float64, in place, multiples of the leak. arriving : (2, n_ticks,
    n) float64, in place, the same. All else : see `integrate_leaky`.

    *Source*: Song, Miller & Abbott 2000, for the model; Blanes, Casas, Oteo & Ros 2009, "The Magnus expansion and some
    of its applications", section 5, for the scheme.
    """
    slot = tick & (arriving.shape[1] - 1)
    for i in range(v.size):
        e = excitatory[i] + arriving[0, slot, i]
        j = inhibitory[i] - arriving[1, slot, i]
        arriving[0, slot, i] = 0.0
        arriving[1, slot, i] = 0.0
        exc = mean[0, i] * e
        inh = mean[1, i] * j
        total = 1.0 + exc + inh
        level = (rest[i] + current[i] + exc * reversal_exc[i] + inh * reversal_inh[i]) / total
        x = level + left_after(step[i] * total) * (v[i] - level)
        excitatory[i] = decay[0, i] * e
        inhibitory[i] = decay[1, i] * j
        held = (last[i] > 0) & (tick - last[i] <= refractory[i])
        spike = (x >= threshold[i]) & (not held)
        fired[i] = spike
        v[i] = reset[i] if spike | held else x


class ConductanceIntegration(System):
    """Every integrate-and-fire neuron with conductances advances by a tick; those at the threshold fire.

    The input of a tick is constant in it; a conductance that arrives is there from its beginning. Conductances decay
    without error. The potential takes an exponential Euler step with their means over the tick: the error falls with
    the square of the tick, there is none where they do not decay, and no tick and no conductance makes it run away, as
    forward Euler does from dt (1 + g_exc + g_inh) = 2 τ_m on.

    Reads: ConductanceIntegrateAndFire, SynapticInput, LastSpike. Writes: Membrane, SynapticConductances,
    ActionPotential, DelayLine.
    """

    cell: Read[ConductanceIntegrateAndFire]
    synaptic_input: Read[SynapticInput]
    last_spike: Read[LastSpike]
    membrane: Write[Membrane]
    conductances: Write[SynapticConductances]
    action_potential: Write[ActionPotential]
    delay_line: Write[DelayLine]

    kernel = integrate_conductances

    def arguments(self) -> tuple[Any, ...]:
        """Return constants, parameters, input, state and arrivals; or raise `TimeError` for a refractory period."""
        cell, dt = self.cell, self.world.clock.dt
        refractory = self.world.clock.ticks(cell.refractory, "a refractory period").astype(np.int32)
        constants = np.array([cell.tau_exc, cell.tau_inh])
        distinct, which = np.unique(constants, return_inverse=True)
        table = np.array([decay_and_mean(tau, dt) for tau in distinct.tolist()])
        decay, mean = (of[which].reshape(constants.shape) for of in table.T)
        levels = cell.rest, cell.reversal_exc, cell.reversal_inh, cell.threshold, cell.reset
        state = self.membrane.v, self.conductances.excitatory, self.conductances.inhibitory, self.action_potential.fired
        arriving = self.delay_line.signed[..., self.row[0] : self.row[-1] + 1]
        driven = self.last_spike.tick, self.synaptic_input.current
        return dt / cell.tau_m, decay, mean, *levels, refractory, *driven, *state, arriving
