"""What a scenario file may hold: the types, limits and defaults of every key."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from runen_ecs.engine.random import MAX_SEED
from runen_ecs.errors import choices

from .quantities import Horizon, Potential, Ticks

__all__ = ["Scenario"]

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]


T = TypeVar("T")
OrFalse = Annotated[T | None, BeforeValidator(lambda value: None if value is False else value)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, populate_by_name=True)


class Columns(_Table):
    """How many cortical columns there are, and the layers of each."""

    count: Count = Field(description="number of columns")
    layers: dict[str, Count] = Field(min_length=1, description="neurons in each layer of a column, in this order")


class Connection(_Table):
    """With which probability a neuron of one layer connects to a neuron of another."""

    source: str = Field(alias="from", description="layer of the presynaptic neuron")
    target: str = Field(alias="to", description="layer of the postsynaptic neuron")
    column: Literal["same", "other"] = Field(description="both in one column, or in two")
    probability: Probability

    @field_validator("source", "target")
    @classmethod
    def _is_a_layer(cls, name: str, info: ValidationInfo) -> str:
        layers = (info.context or {}).get("layers")
        if layers and name not in layers:
            raise PydanticCustomError(
                "layer", "no layer is called '{name}'; {choices}", {"name": name, "choices": choices(name, layers)}
            )
        return name


class Delays(_Table):
    """Conduction delays, uniform between two bounds, both included."""

    shortest: Ticks
    longest: Ticks

    @model_validator(mode="after")
    def _in_order(self) -> Delays:
        if self.shortest < 1:
            raise PydanticCustomError("delay", "shortest must be at least one tick, 1 ms", {})
        if self.longest > 4095:
            raise PydanticCustomError("delay", "longest must be at most 4095 ticks", {})
        if self.longest < self.shortest:
            raise PydanticCustomError("delay", "longest must not be shorter than shortest", {})
        return self


class Strengths(_Table):
    """Strengths of new synapses, uniform between two bounds."""

    weakest: Potential
    strongest: Potential

    @model_validator(mode="after")
    def _in_order(self) -> Strengths:
        if self.weakest < 0 or self.strongest < self.weakest:
            raise PydanticCustomError("strength", "needs 0 <= weakest <= strongest", {})
        return self


class Synapses(_Table):
    """What is drawn for each synapse."""

    delay: Delays
    strength: Strengths
    excitatory: Probability = Field(description="share of excitatory synapses; the others are inhibitory")
    limit: Potential = Field(gt=0, description="largest postsynaptic potential that is passed on [mV]")


class Cell(_Table):
    """Parameters of the Izhikevich neuron that all neurons are, by the paper's names."""

    a: float
    b: float
    c: Potential
    d: float
    v: Potential = Field(description="membrane potential at the start [mV]; recovery starts at b v")


class ThalamicInput(_Table):
    """Noise, uniform between two bounds, fresh for every neuron and tick."""

    low: Potential
    high: Potential

    @model_validator(mode="after")
    def _in_order(self) -> ThalamicInput:
        if self.high < self.low:
            raise PydanticCustomError("noise", "high must not be below low", {})
        return self


class Stdp(_Table):
    """The learning rule."""

    window: Literal["hyperbolic"] = "hyperbolic"
    amplitude: Annotated[Potential, Field(ge=0)] = Field(description="A, change by one pair of spikes at most [mV]")
    horizon: Horizon = Field(
        description="H, the time after which a change has half the size; inf: the same size always"
    )


def _is_there(neuron: int, info: ValidationInfo) -> int:
    n = (info.context or {}).get("n_neurons")
    if n is not None and neuron >= n:
        raise PydanticCustomError("trace", "there are {n} neurons, counted from 0", {"n": n})
    return neuron


class Record(_Table):
    """What is recorded beside the spikes."""

    traces: list[Annotated[int, Field(ge=0, le=2**31 - 1), AfterValidator(_is_there)]] = Field(
        default=[0], description="neurons whose potential is recorded every tick, by order of creation from 0"
    )
    weights: OrFalse[Ticks] = Field(default=None, description="interval at which all weights are recorded, or false")

    @field_validator("weights")
    @classmethod
    def _is_positive(cls, interval: int | None) -> int | None:
        if interval == 0:
            raise PydanticCustomError("interval", "must be at least one tick", {})
        return interval


class Phase(_Table):
    """A part of the run that the summary and the pictures tell apart."""

    name: str
    start: Ticks = Field(alias="from")
    stop: Ticks = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Phase:
        if self.stop <= self.start:
            raise PydanticCustomError("phase", "must end after it begins", {})
        return self


class Scenario(_Table):
    """A whole experiment."""

    title: str = Field(description="one line: what it shows")
    description: str = Field(default="", description="a few sentences, and the source")
    seed: int = Field(default=1, ge=0, le=MAX_SEED, description="every random number is a function of it")
    duration: Ticks = Field(description="model time to run")
    columns: Columns
    connections: list[Connection] = Field(description="all else is not connected")
    synapses: Synapses
    cell: Cell
    thalamic_input: OrFalse[ThalamicInput] = Field(default=None, description="no noise when false or left out")
    stdp: OrFalse[Stdp] = Field(default=None, description="no learning when false or left out")
    record: Record = Record()
    phases: list[Phase] = Field(default=[], description="parts of the run to tell apart")

    @property
    def n_neurons(self) -> int:
        """How many neurons it has."""
        return self.columns.count * sum(self.columns.layers.values())

    @field_validator("duration")
    @classmethod
    def _is_some_time(cls, ticks: int) -> int:
        if ticks < 1:
            raise PydanticCustomError("duration", "must be at least one tick, 1 ms", {})
        return ticks
