"""What a scenario file may hold: the types, limits and defaults of every key."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from runen_ecs.engine.component import Component
from runen_ecs.engine.random import MAX_SEED
from runen_ecs.errors import SelectionError, choices
from runen_ecs.network import Selection, Shape

from .language.context import COLUMNS
from .language.events import Event
from .language.extensions import Extension
from .language.inputs import Input
from .language.learning import Learning
from .language.models import ModelSettings
from .language.places import Place
from .language.populations import Population, shape_of
from .language.projections import Projection
from .network_schema import Bridge, Capacity, Network, Size, Stimulus
from .quantities import Interval, Length, Potential, TickLength, Ticks
from .table import OrFalse, Table

__all__ = ["Scenario"]

PictureName = Literal[
    "spikes",
    "trace",
    "traces",
    "rates",
    "intervals",
    "rhythm",
    "weights",
    "values",
    "window",
    "network",
    "signals",
    "animation",
    "passes",
]
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


def _trace(raw: Any, info: ValidationInfo) -> Any:
    """Hold the number of a neuron, or a selection, against the neurons that there are."""
    context = info.context or {}
    if isinstance(raw, str):
        try:
            Selection.parse(raw).count(context["shapes"]) if "shapes" in context else None
        except SelectionError as error:
            raise PydanticCustomError("selection", "{problem}", {"problem": error.problem}) from None
        return raw
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw < 2**31:
        raise PydanticCustomError("trace", "needs the number of a neuron, from 0, or a selection", {})
    if raw >= (context.get("n_neurons") or 2**31):  # without neurons there is more to say than this
        raise PydanticCustomError("trace", "there are {n} neurons, counted from 0", {"n": context["n_neurons"]})
    return raw


class RecordedValues(Place):
    """A field of a component, recorded at intervals."""

    every: Interval = Field(default=None, description="interval; every tick when left out")


class Record(Table):
    """What is recorded beside the spikes."""

    traces: list[Annotated[int | str, BeforeValidator(_trace)]] = Field(
        default=[0], description="neurons whose potential is recorded every tick: by number from 0, or selections"
    )
    signals: bool = Field(default=True, description="every signal of the capacity network, if there is one")
    weights: OrFalse[Interval] = Field(default=None, description="interval at which all weights are recorded, or false")
    values: list[RecordedValues] = Field(default=[], description="fields of components, at intervals")


class SignalPropagation(Table):
    """How spikes pass synapses."""

    limit: Potential = Field(gt=0, description="largest postsynaptic potential that is passed on [mV]")


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


def _told_apart(phases: list[Phase]) -> list[Phase]:
    names = [phase.name for phase in phases]
    for number, name in enumerate(names):
        if name in names[:number]:
            words = {"name": name}
            raise PydanticCustomError("phase", "two phases are called '{name}'; give each its own name", words)
    return phases


Phases = Annotated[list[Phase], AfterValidator(_told_apart)]


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
    duration: Length = Field(description="model time to run")
    populations: dict[str, Population] = Field(default={}, description="neurons by name")
    projections: dict[str, Projection] = Field(default={}, description="synapses by name")
    inputs: dict[str, Input] = Field(default={}, description="currents and noise by name")
    learning: dict[str, Learning] = Field(default={}, description="learning rules by name, which projections name")
    models: ModelSettings = Field(default=ModelSettings(), description="what all neurons of a model share")
    signal_propagation: OrFalse[SignalPropagation] = Field(default=None, description="no limit when false or left out")
    extensions: dict[str, Extension] = Field(default={}, description="systems of one's own by name")
    events: list[Event] = Field(default=[], description="what is done to the network at a time")
    columns: Columns | None = None
    connections: list[Connection] = Field(default=[], description="all else is not connected")
    synapses: Synapses | None = None
    cell: Cell | None = None
    thalamic_input: OrFalse[ThalamicInput] = Field(default=None, description="no noise when false or left out")
    stdp: OrFalse[Learning] = Field(default=None, description="no learning when false or left out")
    network: Network | None = None
    stimulus: Stimulus | None = None
    bridges: list[Bridge] = Field(default=[], description="spiking neurons at the ports of the network")
    regeneration: Literal["signal", "tick"] = Field(
        default="signal", description="synapses with a capacity get it back for each signal, or in each tick"
    )
    record: Record = Record()
    phases: Phases = Field(default=[], description="parts of the run to tell apart")
    compare_with: str | None = Field(default=None, description="scenario whose rhythm is drawn beside this one's")
    panels: list[dict[str, Any]] = Field(
        default=[], description="variants, each a run of its own in one picture: a title, and the keys that differ"
    )
    pictures: list[PictureName] | None = Field(default=None, description="those that fit, when left out")

    _variants: list[Scenario] = PrivateAttr(default_factory=list)

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

    def take_panels(self, panels: list[Scenario]) -> None:
        """Keep the scenarios that the panels are."""
        self._variants = panels

    @property
    def variants(self) -> list[Scenario]:
        """The scenarios that the panels are, in order."""
        return self._variants

    @property
    def shapes(self) -> dict[str, Shape]:
        """The shapes of its populations by name; "columns": the neurons of the short way to say columns."""
        columns = {COLUMNS: shape_of(None, self.columns.count, self.columns.layers)} if self.columns else {}
        return columns | {name: population.shape for name, population in self.populations.items()}

    @property
    def components(self) -> dict[str, type[Component]]:
        """Components of its extensions, by name."""
        return {name: c for extension in self.extensions.values() for name, c in extension.own_components.items()}

    @property
    def has_signals(self) -> bool:
        """Whether signals of sizes travel in it: in a capacity network, or to synapses with a capacity."""
        added = [event.connect for event in self.events if event.connect is not None]
        parts = [self.synapses, *self.projections.values(), *added]
        return self.network is not None or any(part is not None and part.capacity is not None for part in parts)
