"""Learning rules of a scenario: the window, the pairing, the bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from runen_ecs.engine import System
from runen_ecs.faults import Path
from runen_ecs.systems import ExponentialStdpLearning, StdpLearning
from runen_ecs.systems.weight_change import Bounds as WeightBounds

from ..quantities import Horizon, Potential
from ..table import OrFalse, Table

__all__ = ["Learning", "learning_faults"]

Amount = Annotated[Potential, Field(ge=0)]
NEEDS = {
    "hyperbolic": ("amplitude", "horizon"),
    "exponential": ("a_plus", "a_minus", "tau_plus", "tau_minus"),
}
MAY = {"hyperbolic": (), "exponential": ("pairing",)}


class Bounds(Table):
    """Between what weights stay, and how changes become smaller before."""

    low: Potential = Field(description="[mV]")
    high: Potential = Field(description="[mV]")
    soft: bool = Field(default=False, description="whether a change is in proportion to what is left to the bound")

    @model_validator(mode="after")
    def _in_order(self) -> Bounds:
        if self.high <= self.low:
            raise PydanticCustomError("bounds", "high must be above low", {})
        return self


class Learning(Table):
    """A rule of spike-timing-dependent plasticity."""

    window: Literal["hyperbolic", "exponential"] = Field(
        default="hyperbolic", description="how a change falls with time"
    )
    amplitude: OrFalse[Amount] = Field(
        default=None, description="hyperbolic: A, change by one pair of spikes at most [mV]"
    )
    horizon: OrFalse[Horizon] = Field(
        default=None, description="hyperbolic: H, the time after which a change has half the size; inf: the same always"
    )
    a_plus: OrFalse[Amount] = Field(default=None, description="exponential: A+, when the source fires first [mV]")
    a_minus: OrFalse[Amount] = Field(default=None, description="exponential: A-, when the target fires first [mV]")
    tau_plus: OrFalse[Horizon] = Field(default=None, description="exponential: after which A+ has fallen to 1/e")
    tau_minus: OrFalse[Horizon] = Field(default=None, description="exponential: after which A- has fallen to 1/e")
    pairing: OrFalse[Literal["nearest-neighbour", "all-to-all"]] = Field(
        default=None, description="exponential: which spikes form pairs; nearest-neighbour when left out"
    )
    bounds: OrFalse[Bounds] = Field(default=None, description="no bounds when false or left out")
    excitatory_only: bool = Field(default=False, description="whether synapses of negative weight do not learn")

    @model_validator(mode="after")
    def _has_room(self) -> Learning:
        if self.excitatory_only and self.bounds is not None and self.bounds.high <= 0:
            raise PydanticCustomError("bounds", "bounds.high must be above 0 where only excitatory synapses learn", {})
        return self

    def system(self, dt: float, rule: int | None) -> System:
        """Return the system that changes the weights of the synapses of a rule; None: of all."""
        bounds = WeightBounds(self.bounds.low, self.bounds.high, self.bounds.soft) if self.bounds is not None else None
        if self.window == "hyperbolic":
            assert self.amplitude is not None
            assert self.horizon is not None
            horizon = self.horizon / dt
            return StdpLearning(self.amplitude, horizon, bounds=bounds, excitatory=self.excitatory_only, rule=rule)
        numbers = self.a_plus, self.a_minus, self.tau_plus, self.tau_minus
        plus, minus, tau_plus, tau_minus = (float(number or 0.0) for number in numbers)
        return ExponentialStdpLearning(
            plus,
            minus,
            tau_plus,
            tau_minus,
            pairing=self.pairing or "nearest-neighbour",
            bounds=bounds,
            excitatory=self.excitatory_only,
            rule=rule,
        )


def learning_faults(raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield which keys a rule lacks, and which belong to another window."""
    window = raw.get("window", "hyperbolic")
    if not isinstance(window, str) or window not in NEEDS:
        return  # the schema says so
    for key in NEEDS[window]:
        if (value := raw.get(key)) is None or value is False:
            yield (key,), "is missing"
    for other in NEEDS:
        for key in (*NEEDS[other], *MAY[other]):
            if other != window and key in raw and raw[key] is not False:
                yield (key,), f"belongs to the {other} window, and this is the {window} one"
