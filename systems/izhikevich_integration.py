"""Izhikevich neurons live through a tick."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import ActionPotential, Izhikevich, Membrane, Recovery, SynapticInput
from runen_ecs.engine import Flags, Floats, Read, System, Write, kernel
from runen_ecs.errors import TimeError

PEAK = 30.0
Polynomial = tuple[float, float, float]


@kernel
def integrate_izhikevich(
    tick: int,
    dt: float,
    substeps: int,
    square: float,
    linear: float,
    constant: float,
    v_rest: float,
    leak: float,
    a: Floats,
    b: Floats,
    c: Floats,
    d: Floats,
    current: Floats,
    v: Floats,
    u: Floats,
    fired: Flags,
) -> None:
    """Advance by a tick: Euler steps of v with the same u and I, then one of u with the new v; reset at the peak.

    v' = 0.04 v² + 5 v + 140 − u + I,  u' = a (b v − u);  if v ≥ 30: spike, v ← c, u ← u + d

    in general v' = square v² + linear v + constant − u + I,  u' = a (b (v − v_rest) − leak u)

    dt [ms]. substeps : int, steps of v. square [1/(mV ms)], linear [1/ms], constant [mV/ms], v_rest [mV], leak :
    float. a [1/ms], b, c [mV], d [mV/ms] : (n,) float64. current : (n,) float64 [mV]. v [mV], u [mV/ms] : (n,) float64,
    in place. fired : (n,) bool, out.

    *Source*: Izhikevich 2003, equations (1)–(3), and its program for the scheme; 2004, figure 1, for the variants.
    *Deviation*: the reset comes at the end of the tick of the spike, not at the beginning of the next.
    """
    h = dt / substeps
    for _ in range(substeps - 2):
        for i in range(v.size):
            v[i] += h * (square * v[i] * v[i] + linear * v[i] + constant - u[i] + current[i])
    for i in range(v.size):
        x = v[i]
        y = u[i]
        if substeps > 1:  # the last two together, because that is one pass over the neurons where there are two
            x += h * (square * x * x + linear * x + constant - y + current[i])
        x += h * (square * x * x + linear * x + constant - y + current[i])
        y += dt * (a[i] * (b[i] * (x - v_rest) - leak * y))
        spike = x >= PEAK
        fired[i] = spike
        v[i] = c[i] if spike else x
        u[i] = y + d[i] if spike else y


class IzhikevichIntegration(System):
    """Every Izhikevich neuron advances by a tick; those that reach the peak fire and are reset.

    Reads: Izhikevich, SynapticInput. Writes: Membrane, Recovery, ActionPotential.

    Parameters
    ----------
    substeps : int
        Euler steps of v in a tick, each of dt / substeps: 2 in the paper's program of a network, with a tick of 1 ms;
        1 in its figures, with ticks of 0.1 to 0.5 ms. Published spike times depend on it.
    polynomial : (float, float, float)
        v' = square v² + linear v + constant − u + I. The paper of 2004 draws integrators with 0.04 v² + 4.1 v + 108.
    v_rest, leak : float
        u' = a (b (v − v_rest) − leak u). It draws accommodation with −65 and 0.
    """

    izhikevich: Read[Izhikevich]
    synaptic_input: Read[SynapticInput]
    membrane: Write[Membrane]
    recovery: Write[Recovery]
    action_potential: Write[ActionPotential]

    kernel = integrate_izhikevich

    def __init__(
        self, substeps: int = 2, polynomial: Polynomial = (0.04, 5.0, 140.0), v_rest: float = 0.0, leak: float = 1.0
    ) -> None:
        if substeps < 1:
            raise TimeError(f"a tick is 1 step of v or more, not {substeps}")
        self.substeps = substeps
        self.equation = *map(float, polynomial), float(v_rest), float(leak)

    def arguments(self) -> tuple[Any, ...]:
        """Return the scheme, parameters, input, state, and where to say who fires."""
        cell = self.izhikevich
        scheme = float(self.world.clock.dt), self.substeps, *self.equation
        state = self.membrane.v, self.recovery.u, self.action_potential.fired
        return *scheme, cell.a, cell.b, cell.c, cell.d, self.synaptic_input.current, *state
