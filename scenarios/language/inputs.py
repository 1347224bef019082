"""Inputs of a scenario: currents and noise, at any part of the network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from runen_ecs import waveforms
from runen_ecs.engine import System
from runen_ecs.network import Populations, Selection
from runen_ecs.systems import CurrentInput, GaussianInput, ThalamicInput
from runen_ecs.systems.targets import Neurons

from ..quantities import Moment, Potential
from ..table import OrFalse, Table
from .typed import Selections

__all__ = ["Input", "targets_of"]


class Step(Table):
    """A current that is there from a time on."""

    at: Moment
    current: Potential


class Pulse(Table):
    """A current that is there for a while."""

    start: Moment = Field(alias="from")
    stop: Moment = Field(alias="to")
    current: Potential

    @model_validator(mode="after")
    def _in_order(self) -> Pulse:
        if self.stop <= self.start:
            raise PydanticCustomError("pulse", "must end after it begins", {})
        return self


class Ramp(Table):
    """A current that rises or falls evenly, and then stays."""

    start: Moment = Field(alias="from")
    stop: Moment = Field(alias="to")
    first: Potential = Field(default=0.0, description="current when it begins [mV]")
    last: Potential = Field(description="current from its end on [mV]")

    @model_validator(mode="after")
    def _in_order(self) -> Ramp:
        if self.stop <= self.start:
            raise PydanticCustomError("ramp", "must end after it begins", {})
        return self


def _pair(raw: object) -> object:
    return tuple(raw) if isinstance(raw, list) else raw


def _ascends(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if any(later < earlier for (earlier, _), (later, _) in pairwise(points)):
        raise PydanticCustomError("waveform", "times must not go back", {})
    return points


Point = Annotated[tuple[Moment, Potential], BeforeValidator(_pair)]
Points = Annotated[list[Point], Field(min_length=1), AfterValidator(_ascends)]
Pulses = Annotated[list[Pulse], Field(min_length=1)]
Two = Annotated[tuple[Potential, Potential], BeforeValidator(_pair)]
KINDS = ("current", "step", "pulses", "ramp", "waveform", "uniform", "normal")


class Input(Table):
    """A current or noise that drives neurons: one of the kinds below."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    to: Selections = Field(default=(Selection(),), description="which neurons; all when left out")
    current: OrFalse[Potential] = Field(default=None, description="always the same [mV]")
    step: OrFalse[Step] = Field(default=None, description="there from a time on")
    pulses: OrFalse[Pulses] = Field(default=None, description="each there for a while, one after another")
    ramp: OrFalse[Ramp] = Field(default=None, description="rises or falls evenly, then stays")
    waveform: OrFalse[Points] = Field(
        default=None, description='breakpoints [["10 ms", 5.0], …], linear between them, the last stays'
    )
    uniform: OrFalse[Two] = Field(default=None, description="noise between two bounds, fresh for every neuron and tick")
    normal: OrFalse[Two] = Field(default=None, description="noise of a mean and a standard deviation, the same way")

    @model_validator(mode="after")
    def _is_one(self) -> Input:
        given = [key for key in KINDS if getattr(self, key) is not None]
        if len(given) != 1:
            words = {"kinds": ", ".join(KINDS), "given": " and ".join(given) or "none"}
            raise PydanticCustomError("input", "needs one of {kinds}, not {given}", words)
        if self.uniform is not None and self.uniform[1] < self.uniform[0]:
            raise PydanticCustomError("input", "uniform = [low, high] needs low <= high", {})
        if self.normal is not None and self.normal[1] < 0:
            raise PydanticCustomError("input", "normal = [mean, sd] needs sd >= 0", {})
        for earlier, later in pairwise(self.pulses or ()):
            if later.start < earlier.stop:
                raise PydanticCustomError("input", "pulses come one after another; add an input for more", {})
        return self

    def starts(self) -> Iterator[tuple[str, float]]:
        """Yield the key of each part of it that begins at a time, and that time [ms]."""
        if self.step is not None:
            yield "step", self.step.at
        for number, pulse in enumerate(self.pulses or ()):
            yield f"pulses.{number}", pulse.start
        if self.ramp is not None:
            yield "ramp", self.ramp.start
        if self.waveform is not None:
            yield "waveform", self.waveform[0][0]

    def system(self, name: str) -> System:
        """Return the system that gives it; noise is a function of the seed and this name."""
        neurons = targets_of(self.to)
        if self.uniform is not None:
            return ThalamicInput(*self.uniform, f"input/{name}", neurons)
        if self.normal is not None:
            return GaussianInput(*self.normal, f"input/{name}", neurons)
        return CurrentInput(self._waveform(), neurons)

    def _waveform(self) -> waveforms.Waveform:
        if self.current is not None:
            return waveforms.constant(self.current)
        if self.step is not None:
            return waveforms.step(self.step.at, self.step.current)
        if self.pulses is not None:
            return [point for pulse in self.pulses for point in waveforms.pulse(pulse.start, pulse.stop, pulse.current)]
        if self.ramp is not None:
            return [(self.ramp.start, 0.0), (self.ramp.start, self.ramp.first), (self.ramp.stop, self.ramp.last)]
        return list(self.waveform or ())


def targets_of(selections: tuple[Selection, ...]) -> Neurons:
    """Return what a targeted input takes for selections: a function of the world, or None for all neurons."""
    if selections == (Selection(),):
        return None
    return lambda world: world.resource(Populations).select(world, *selections)
