"""Leaky integrate-and-fire neurons live through a tick."""

from __future__ import annotations

from typing import Any

import numpy as np

from runen_ecs.components import (
    ActionPotential,
    LastSpike,
    LeakyIntegrateAndFire,
    Membrane,
    SynapticCurrents,
    SynapticInput,
)
from runen_ecs.engine import Flags, Floats, Read, Rows, System, Write, kernel
from runen_ecs.network import DelayLine

from .propagators import propagators


@kernel
def integrate_leaky(
    tick: int,
    decay: Floats,
    factor: Floats,
    rest: Floats,
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
    """Take what arrives, then solve the linear part over the tick; fire at the threshold, and rest after a spike.

    τ_m v' = E_l − v + i_exc + i_inh + I,  τ_exc i_exc' = −i_exc,  τ_inh i_inh' = −i_inh;  if v ≥ V_t: spike, v ← V_r

    decay : (3, n) float64, what is left after a tick of v, i_exc and i_inh. factor : (2, n) float64, what the latter
    two add to v in it. rest, threshold, reset : (n,) float64 [mV]. refractory : (n,) int32 [tick]. last : (n,) int32,
    the last spike [tick], 0 for never. current : (n,) float64 [mV]. v, excitatory, inhibitory : (n,) float64, in place
    [mV]. fired : (n,) bool, out. arriving : (2, n_ticks, n) float64, in place [mV].

    *Source*: Rotter & Diesmann 1999, sections 2 and 3; Brette et al. 2007, appendix B, for the model.
    """
    slot = tick & (arriving.shape[1] - 1)
    for i in range(v.size):
        e = excitatory[i] + arriving[0, slot, i]
        j = inhibitory[i] + arriving[1, slot, i]
        arriving[0, slot, i] = 0.0
        arriving[1, slot, i] = 0.0
        level = rest[i] + current[i]
        x = level + decay[0, i] * (v[i] - level) + factor[0, i] * e + factor[1, i] * j
        excitatory[i] = decay[1, i] * e
        inhibitory[i] = decay[2, i] * j
        held = (last[i] > 0) & (tick - last[i] <= refractory[i])
        spike = (x >= threshold[i]) & (not held)
        fired[i] = spike
        v[i] = reset[i] if spike | held else x


class LeakyIntegration(System):
    """Every leaky integrate-and-fire neuron advances by a tick, without error; those at the threshold fire.

    The input of a tick is constant in it; a postsynaptic potential that arrives is a jump of a synaptic current at its
    beginning.

    Reads: LeakyIntegrateAndFire, SynapticInput, LastSpike. Writes: Membrane, SynapticCurrents, ActionPotential,
    DelayLine.
    """

    cell: Read[LeakyIntegrateAndFire]
    synaptic_input: Read[SynapticInput]
    last_spike: Read[LastSpike]
    membrane: Write[Membrane]
    currents: Write[SynapticCurrents]
    action_potential: Write[ActionPotential]
    delay_line: Write[DelayLine]

    kernel = integrate_leaky

    def arguments(self) -> tuple[Any, ...]:
        """Return propagators, parameters, input, state and arrivals; or raise `TimeError` for a refractory period."""
        cell, dt = self.cell, self.world.clock.dt
        refractory = self.world.clock.ticks(cell.refractory, "a refractory period")
        constants = np.array([cell.tau_m, cell.tau_exc, cell.tau_inh])
        distinct, which = np.unique(constants, axis=1, return_inverse=True)
        table = np.array([propagators(m, e, i, dt) for m, e, i in distinct.T.tolist()]).T[:, which.ravel()]
        decay, factor = table[:3].copy(), table[3:].copy()
        levels = cell.rest, cell.threshold, cell.reset, refractory.astype(np.int32)
        state = self.membrane.v, self.currents.excitatory, self.currents.inhibitory, self.action_potential.fired
        arriving = self.delay_line.signed[..., self.row[0] : self.row[-1] + 1]
        return decay, factor, *levels, self.last_spike.tick, self.synaptic_input.current, *state, arriving
