"""Izhikevich neurons live through a tick."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import ActionPotential, Izhikevich, Membrane, Recovery, SynapticInput
from runen_ecs.engine import Flags, Floats, Read, System, Write, kernel

PEAK = 30.0


@kernel
def integrate_izhikevich(
    tick: int, a: Floats, b: Floats, c: Floats, d: Floats, current: Floats, v: Floats, u: Floats, fired: Flags
) -> None:
    """Advance by 1 ms: two half-steps of v with the same u and I, then a full step of u; reset at the peak.

    v' = 0.04 v² + 5 v + 140 − u + I,  u' = a (b v − u);  if v ≥ 30: spike, v ← c, u ← u + d

    a [1/ms], b, c [mV], d [mV/ms] : (n,) float64. current : (n,) float64 [mV]. v [mV], u [mV/ms] : (n,) float64, in
    place. fired : (n,) bool, out.

    *Source*: Izhikevich 2003, equations (1)–(3), and its program for the scheme.
    *Deviation*: the reset comes at the end of the tick of the spike, not at the beginning of the next.
    """
    for i in range(v.size):
        x = v[i]
        y = u[i]
        x += 0.5 * (0.04 * x * x + 5.0 * x + 140.0 - y + current[i])
        x += 0.5 * (0.04 * x * x + 5.0 * x + 140.0 - y + current[i])
        y += a[i] * (b[i] * x - y)
        spike = x >= PEAK
        fired[i] = spike
        v[i] = c[i] if spike else x
        u[i] = y + d[i] if spike else y


class IzhikevichIntegration(System):
    """Every Izhikevich neuron advances by a tick of 1 ms; those that reach the peak fire and are reset.

    Reads: Izhikevich, SynapticInput. Writes: Membrane, Recovery, ActionPotential.
    """

    izhikevich: Read[Izhikevich]
    synaptic_input: Read[SynapticInput]
    membrane: Write[Membrane]
    recovery: Write[Recovery]
    action_potential: Write[ActionPotential]

    kernel = integrate_izhikevich

    def arguments(self) -> tuple[Any, ...]:
        """Return parameters, input, state, and where to say who fires."""
        cell = self.izhikevich
        state = self.membrane.v, self.recovery.u, self.action_potential.fired
        return cell.a, cell.b, cell.c, cell.d, self.synaptic_input.current, *state
