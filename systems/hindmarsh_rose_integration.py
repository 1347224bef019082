"""Hindmarsh–Rose neurons live through a tick."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import ActionPotential, HindmarshRose, HindmarshRoseCurrents, Membrane, SynapticInput
from runen_ecs.engine import Flags, Floats, Read, System, Write, kernel
from runen_ecs.errors import TimeError

STEP = 0.01
CROSSING = 1.0


@kernel
def slope(
    x: float, y: float, z: float, i: float, a: float, b: float, c: float, d: float, r: float, s: float, x_rest: float
) -> tuple[float, float, float]:
    """Return x', y' and z'."""
    return y - a * x * x * x + b * x * x - z + i, c - d * x * x - y, r * (s * (x - x_rest) - z)


@kernel
def integrate_hindmarsh_rose(
    tick: int,
    steps: int,
    a: Floats,
    b: Floats,
    c: Floats,
    d: Floats,
    r: Floats,
    s: Floats,
    x_rest: Floats,
    current: Floats,
    v: Floats,
    y: Floats,
    z: Floats,
    fired: Flags,
) -> None:
    """Take so many steps of the classical Runge–Kutta method; a spike is an upward crossing of x = 1.

    x' = y − a x³ + b x² − z + I,  y' = c − d x² − y,  z' = r (s (x − x_R) − z)

    steps : int, each of 0.01 units of time. a … x_rest : (n,) float64. current : (n,) float64, the same in all steps.
    v (x), y, z : (n,) float64, in place. fired : (n,) bool, out.

    *Source*: Hindmarsh & Rose 1984, "A model of neuronal bursting using three coupled first order differential
    equations".
    """
    h = STEP
    fired[:] = False
    for _ in range(steps):
        for i in range(v.size):  # inside, because neurons can be worked on at once and steps cannot
            p = current[i], a[i], b[i], c[i], d[i], r[i], s[i], x_rest[i]
            x0, y0, z0 = v[i], y[i], z[i]
            x1, y1, z1 = slope(x0, y0, z0, *p)
            x2, y2, z2 = slope(x0 + 0.5 * h * x1, y0 + 0.5 * h * y1, z0 + 0.5 * h * z1, *p)
            x3, y3, z3 = slope(x0 + 0.5 * h * x2, y0 + 0.5 * h * y2, z0 + 0.5 * h * z2, *p)
            x4, y4, z4 = slope(x0 + h * x3, y0 + h * y3, z0 + h * z3, *p)
            v[i] = x0 + h / 6.0 * (x1 + 2.0 * x2 + 2.0 * x3 + x4)
            y[i] = y0 + h / 6.0 * (y1 + 2.0 * y2 + 2.0 * y3 + y4)
            z[i] = z0 + h / 6.0 * (z1 + 2.0 * z2 + 2.0 * z3 + z4)
            fired[i] |= (x0 < CROSSING) & (v[i] >= CROSSING)


class HindmarshRoseIntegration(System):
    """Every Hindmarsh–Rose neuron advances by a tick; those whose x comes up through 1 fire.

    Reads: HindmarshRose, SynapticInput. Writes: Membrane, HindmarshRoseCurrents, ActionPotential.

    Parameters
    ----------
    time_scale : float
        How many ms a unit of the model's time is; a convention, for the model itself has no ms. A tick must be a whole
        number of steps of 0.01 units.
    """

    hindmarsh_rose: Read[HindmarshRose]
    synaptic_input: Read[SynapticInput]
    membrane: Write[Membrane]
    currents: Write[HindmarshRoseCurrents]
    action_potential: Write[ActionPotential]

    kernel = integrate_hindmarsh_rose

    def __init__(self, time_scale: float = 1.0) -> None:
        self.time_scale = time_scale

    def arguments(self) -> tuple[Any, ...]:
        """Return the number of steps, parameters, input, state, and where to say who fires; or raise `TimeError`."""
        dt, cell, drive = self.world.clock.dt, self.hindmarsh_rose, self.synaptic_input.current
        exact = dt / self.time_scale / STEP if 0 < self.time_scale < float("inf") else 0.0
        if round(exact) < 1 or abs(exact - round(exact)) > 1e-9 * exact:
            each = f"{STEP * self.time_scale:g} ms, the step of Hindmarsh–Rose neurons"
            raise TimeError(f"a tick of {dt:g} ms is no multiple of {each}; take another time scale or tick")
        parameters = cell.a, cell.b, cell.c, cell.d, cell.r, cell.s, cell.x_rest
        state = self.membrane.v, self.currents.y, self.currents.z, self.action_potential.fired
        return round(exact), *parameters, drive, *state
