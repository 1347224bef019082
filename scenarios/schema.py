"""What a scenario file may hold: the types, limits and defaults of every key."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from runen_ecs.engine.random import MAX_SEED
from runen_ecs.errors import choices

from .network_schema import Bridge, Capacity, Network, Size, Stimulus
from .quantities import Horizon, Potential, TickLength, Ticks
from .table import OrFalse, Table

__all__ = ["Scenario"]

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Columns(Table):
    """How many cortical columns there are, and the layers of each."""

    count: Count = Field(description="number of columns")
    layers: dict[str, Count] = Field(min_length=1, description="neurons in each layer of a column, in this order")


class Connection(Table):
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


class Delays(Table):
    """Conduction delays, uniform between two bounds, both included."""

    shortest: Ticks
    longest: Ticks

    @model_validator(mode="after")
    def _in_order(self) -> Delays:
        if self.shortest < 1:
            raise PydanticCustomError("delay", "shortest must be at least one tick", {})
        if self.longest > 4095:
            raise PydanticCustomError("delay", "longest must be at most 4095 ticks", {})
        if self.longest < self.shortest:
            raise PydanticCustomError("delay", "longest must not be shorter than shortest", {})
        return self


class Strengths(Table):
    """Strengths of new synapses, uniform between two bounds."""

    weakest: Potential
    strongest: Potential

    @model_validator(mode="after")
    def _in_order(self) -> Strengths:
        if self.weakest < 0 or self.strongest < self.weakest:
            raise PydanticCustomError("strength", "needs 0 <= weakest <= strongest", {})
        return self


class Synapses(Table):
    """What is drawn for each synapse."""

    delay: Delays
    strength: Strengths
    excitatory: Probability = Field(description="share of excitatory synapses; the others are inhibitory")
    limit: Potential = Field(gt=0, description="largest postsynaptic potential that is passed on [mV]")
    capacity: OrFalse[Capacity] = Field(default=None, description="no limit when false or left out")


class Cell(Table):
    """Parameters of the Izhikevich neuron that all neurons are, by the paper's names."""

    a: float
    b: float
    c: Potential
    d: float
    v: Potential = Field(description="membrane potential at the start [mV]; recovery starts at b v")
    substeps: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=2, description="Euler steps of the potential in a tick; 2 in the paper's networks, 1 in its figures"
    )
    spike_size: Size = Field(default=1.0, description="size of a spike as a signal, where a synapse has a capacity")


class ThalamicInput(Table):
    """Noise, uniform between two bounds, fresh for every neuron and tick."""

    low: Potential
    high: Potential

    @model_validator(mode="after")
    def _in_order(self) -> ThalamicInput:
        if self.high < self.low:
            raise PydanticCustomError("noise", "high must not be below low", {})
        return self


class Stdp(Table):
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


class Record(Table):
    """What is recorded beside the spikes."""

    traces: list[Annotated[int, Field(ge=0, le=2**31 - 1), AfterValidator(_is_there)]] = Field(
        default=[0], description="neurons whose potential is recorded every tick, by order of creation from 0"
    )
    signals: bool = Field(default=True, description="every signal of the capacity network, if there is one")
    weights: OrFalse[Ticks] = Field(default=None, description="interval at which all weights are recorded, or false")

    @field_validator("weights")
    @classmethod
    def _is_positive(cls, interval: int | None) -> int | None:
        if interval == 0:
            raise PydanticCustomError("interval", "must be at least one tick", {})
        return interval


class Phase(Table):
    """A part of the run that the summary and the pictures tell apart."""

    name: str
    start: Ticks = Field(alias="from")
    stop: Ticks = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Phase:
        if self.stop <= self.start:
            raise PydanticCustomError("phase", "must end after it begins", {})
        return self


class Columnar(NamedTuple):
    """All that a scenario says about cortical columns."""

    columns: Columns
    connections: list[Connection]
    synapses: Synapses
    cell: Cell

    @property
    def n_neurons(self) -> int:
        """How many neurons they have."""
        return self.columns.count * sum(self.columns.layers.values())


class Scenario(Table):
    """A whole experiment."""

    title: str = Field(description="one line: what it shows")
    description: str = Field(default="", description="a few sentences, and the source")
    seed: int = Field(default=1, ge=0, le=MAX_SEED, description="every random number is a function of it")
    dt: TickLength = Field(default=1.0, description="length of a tick; all other times are multiples of it")
    duration: Ticks = Field(description="model time to run")
    columns: Columns | None = None
    connections: list[Connection] = Field(default=[], description="all else is not connected")
    synapses: Synapses | None = None
    cell: Cell | None = None
    thalamic_input: OrFalse[ThalamicInput] = Field(default=None, description="no noise when false or left out")
    stdp: OrFalse[Stdp] = Field(default=None, description="no learning when false or left out")
    network: Network | None = None
    stimulus: Stimulus | None = None
    bridges: list[Bridge] = Field(default=[], description="spiking neurons at the ports of the network")
    regeneration: Literal["signal", "tick"] = Field(
        default="signal", description="synapses with a capacity get it back for each signal, or in each tick"
    )
    record: Record = Record()
    phases: list[Phase] = Field(default=[], description="parts of the run to tell apart")
    compare_with: str | None = Field(default=None, description="scenario whose rhythm is drawn beside this one's")
    pictures: list[Literal["spikes", "trace", "network", "signals", "animation", "passes"]] | None = Field(
        default=None, description="those that fit, when left out"
    )

    @model_validator(mode="before")
    @classmethod
    def _has_no_traces_without_columns(cls, data: Any) -> Any:
        if isinstance(data, dict) and "columns" not in data and isinstance(record := data.get("record", {}), dict):
            return data | {"record": {"traces": []} | record}
        return data

    def as_data(self) -> dict[str, Any]:
        """Return all keys with their values, as a file would hold them."""
        return self.model_dump(mode="json", by_alias=True, context={"dt": self.dt})

    @property
    def columnar(self) -> Columnar | None:
        """What it says about cortical columns, if it has any."""
        if self.columns is None or self.synapses is None or self.cell is None:
            return None
        return Columnar(self.columns, self.connections, self.synapses, self.cell)

    @property
    def has_signals(self) -> bool:
        """Whether signals of sizes travel in it: in a capacity network, or to synapses with a capacity."""
        return self.network is not None or (self.synapses is not None and self.synapses.capacity is not None)

    @field_validator("duration")
    @classmethod
    def _is_some_time(cls, ticks: int) -> int:
        if ticks < 1:
            raise PydanticCustomError("duration", "must be at least one tick", {})
        return ticks
