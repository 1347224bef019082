"""What a scenario file may hold about capacity networks: the network, its stimuli, and its bridges to columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from runen_ecs.engine.random import draw, stream
from runen_ecs.errors import PortNotFoundError, choices
from runen_ecs.faults import Path
from runen_ecs.network import WHEN_QUIET, WITH_THE_LAST
from runen_ecs.network.description import NetworkDescription

from .quantities import Potential, Ticks
from .table import OrFalse, Table

__all__ = ["Bridge", "Capacity", "Network", "Stimulus"]

Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
Size = Annotated[float, Field(ge=0, allow_inf_nan=False)]
WORDS = {"when quiet": WHEN_QUIET, "with the last": WITH_THE_LAST}


def _when(value: Any) -> Any:
    """Return a tick, or what stands for its words."""
    if isinstance(value, str) and value in WORDS:
        return WORDS[value]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 2**31:
        raise PydanticCustomError("when", 'needs a tick from 1 on, "when quiet" or "with the last"', {})
    return value


def _show_when(due: int) -> int | str:
    return next((words for words, value in WORDS.items() if value == due), due)


_WHEN_SCHEMA = WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"enum": list(WORDS)}]})
When = Annotated[int, BeforeValidator(_when), PlainSerializer(_show_when), _WHEN_SCHEMA]
Row = Annotated[tuple[When, Number, Size], BeforeValidator(lambda row: tuple(row) if isinstance(row, list) else row)]


class Capacity(Table):
    """Capacity of synapses, in sizes of signals; a spike has the size that `cell.spike_size` says."""

    maximum: float = Field(gt=0, description="what a synapse can hold, and has at the start")
    regeneration: Size = Field(description="what it gets back, for each signal or each tick; see regeneration")

    @model_validator(mode="after")
    def _in_order(self) -> Capacity:
        if self.regeneration > self.maximum:
            raise PydanticCustomError("capacity", "regeneration must be at most maximum", {})
        return self


class Network(Table):
    """A capacity network: a file, or all that a file would hold."""

    file: str | None = Field(default=None, description="JSON or YAML; beside this file, or its path")
    inputs: Any = None
    outputs: Any = None
    neurons: Any = None
    links: Any = None
    state: Any = None
    _description: NetworkDescription = PrivateAttr()

    @model_validator(mode="after")
    def _take_description(self, info: ValidationInfo) -> Network:
        self._description = (info.context or {})["network"]
        return self

    @property
    def description(self) -> NetworkDescription:
        """The network."""
        return self._description


class Train(Table):
    """Equal signals at regular times."""

    port: Number
    signal: Size
    first: Annotated[int, Field(ge=1, le=2**31 - 1)] = Field(default=1, description="tick of the first")
    every: Annotated[int, Field(ge=1, le=2**31 - 1)] = Field(default=1, description="ticks from one to the next")
    count: Annotated[int, Field(ge=1, le=10_000_000)]


class RandomSignals(Table):
    """Signals at random ports, each when the network is quiet."""

    ports: list[Number] = Field(min_length=1)
    signals: list[Size] = Field(min_length=1)
    count: Annotated[int, Field(ge=1, le=10_000_000)]


class Stimulus(Table):
    """Signals that come in through ports: one of these."""

    signals: OrFalse[list[Row]] = Field(default=None, description="[tick, port, signal]; or words for the tick")
    file: OrFalse[str] = Field(default=None, description="CSV of tick, port, signal; beside this file, or its path")
    trains: OrFalse[list[Train]] = Field(default=None, description="equal signals at regular times")
    random: OrFalse[RandomSignals] = Field(default=None, description="signals at random ports, each when quiet")
    _rows: list[tuple[int, int, float]] = PrivateAttr(default_factory=list)

    @model_validator(mode="after")
    def _is_one(self, info: ValidationInfo) -> Stimulus:
        given = [key for key in ("signals", "file", "trains", "random") if getattr(self, key) is not None]
        if len(given) != 1:
            raise PydanticCustomError(
                "stimulus",
                "must hold one of signals, file, trains, random, not {given}",
                {"given": " and ".join(given) or "none"},
            )
        self._rows = list(self.signals or (info.context or {}).get("stimulus_file", ()))
        return self

    def ports(self) -> Iterator[tuple[Path, int]]:
        """Yield every port that is named, and by which key."""
        for number, (_, port, _) in enumerate(self._rows):
            yield ("file",) if self.file else ("signals", number, 1), port
        for number, train in enumerate(self.trains or ()):
            yield ("trains", number, "port"), train.port
        for number, port in enumerate(self.random.ports if self.random else ()):
            yield ("random", "ports", number), port

    def ticks(self) -> Iterator[tuple[Path, int]]:
        """Yield every tick that is named, and by which key."""
        for number, (due, _, _) in enumerate(self._rows):
            if due > 0:
                yield ("file",) if self.file else ("signals", number, 0), due

    def rows(self, seed: int) -> list[tuple[int, int, float]]:
        """Return when, port and size of each signal, in order."""
        if self.trains:
            found = [(t.first + i * t.every, t.port, t.signal) for t in self.trains for i in range(t.count)]
            return sorted(found, key=lambda row: row[0])
        if self.random is not None:
            key, ports, sizes = stream(seed, "stimulus"), self.random.ports, self.random.signals
            return [
                (
                    WHEN_QUIET,
                    ports[int(draw(*key, i, 0) * len(ports))],
                    sizes[int(draw(*key, i, 1) * len(sizes))],
                )
                for i in range(self.random.count)
            ]
        return self._rows


class Bridge(Table):
    """Spiking neurons at a port of the capacity network: they feed it, or it drives them."""

    into: Number | None = Field(default=None, description="input port, whose place one neuron takes")
    out_of: Number | None = Field(default=None, description="output port, which drives the neurons")
    column: Number
    layer: str
    neuron: Number | None = Field(default=None, description="which of the layer, from 0; all when left out")
    weight: Potential = Field(default=1.0, description="of the synapses to the driven [mV]")
    delay: Ticks = Field(default=1, description="of the same")

    @model_validator(mode="after")
    def _is_there(self, info: ValidationInfo) -> Bridge:
        known = info.context or {}
        if "columns" in known:
            count, layers = known["columns"]
            if self.column >= count:
                raise PydanticCustomError("bridge", "there are {n} columns, counted from 0", {"n": count})
            if self.layer not in layers:
                words = {"name": self.layer, "choices": choices(self.layer, layers)}
                raise PydanticCustomError("layer", "no layer is called '{name}'; {choices}", words)
            if self.neuron is not None and self.neuron >= layers[self.layer]:
                words = {"name": self.layer, "n": layers[self.layer]}
                raise PydanticCustomError("bridge", "layer {name} has {n} neurons, counted from 0", words)
        if known.get("network") is not None:
            wiring = known["network"].wire()[0]
            self._check_port(self.into, wiring.input_port, "input")
            self._check_port(self.out_of, wiring.output_port, "output")
        return self

    @staticmethod
    def _check_port(port: int | None, known: Collection[int], kind: str) -> None:
        if port is not None and port not in known:
            raise PydanticCustomError("port", "{problem}", {"problem": str(PortNotFoundError(port, known, kind))})

    @model_validator(mode="after")
    def _is_one(self) -> Bridge:
        if (self.into is None) == (self.out_of is None):
            raise PydanticCustomError("bridge", "must hold one of into and out_of", {})
        if self.into is not None and self.neuron is None:
            raise PydanticCustomError("bridge", "into takes one neuron; say which: neuron = 0", {})
        if not 1 <= self.delay <= 4095:
            raise PydanticCustomError("bridge", "delay must be from 1 to 4095 ticks", {})
        return self
