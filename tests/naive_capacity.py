"""The specification of capacity networks, alone and together with spiking neurons, in plain loops over plain objects.

It shares no code with the simulator. What the simulator computes must equal this bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import naive

WHEN_QUIET, WITH_THE_LAST = 0, -1
FULL = float("inf")


class Refused(Exception):  # noqa: N818 - it is what happens, not a mistake
    """A change that the rules of wiring do not allow: what is wrong, and with what."""

    def __init__(self, what: str, *where: object) -> None:
        super().__init__(what, *where)
        self.what = what
        self.where = where


@dataclass(eq=False)
class Cell:
    """A neuron that accumulates. Its first round starts from 1, whatever its bias."""

    name: str
    bias: float = 1.0
    value: float = 1.0
    hits: int = 0
    resets: int = 0
    inputs: list[Input] = field(default_factory=list)
    last_spike: None = None  # it never spikes

    @property
    def round_hits(self) -> int:
        """How many inputs were hit in this round."""
        return sum(one.hit for one in self.inputs)

    def take(self, one: Input, x: float) -> float:
        """Take a signal that has passed an input; return what the neuron sends: nothing, unless a round is over."""
        self.hits += 1
        if one.hit:
            sent, self.value = self.value, x + self.bias
            self.resets += 1
            for other in self.inputs:
                other.hit = False
            one.hit = True
            return sent
        self.value += x
        one.hit = True
        if all(other.hit for other in self.inputs if other.connected):
            sent, self.value = self.value, self.bias
            self.resets += 1
            for other in self.inputs:
                other.hit = False
            return sent
        return 0.0


@dataclass(eq=False)
class Input:
    """A synapse and its dendrite, of a neuron of either sort."""

    target: Cell | naive.Neuron
    weight: float = 1.0
    maximum: float = FULL
    regeneration: float = 0.0
    level: float = FULL
    delay: int = 1
    source: Cell | naive.Neuron | None = None
    port: Port | None = None
    order: int = 0
    hit: bool = False
    has_capacity: bool = True

    @property
    def connected(self) -> bool:
        """Whether an axon or a port feeds it."""
        return self.source is not None or self.port is not None

    @property
    def takes_signals(self) -> bool:
        """Whether what it is fed comes as signals of sizes; else as potentials, at once."""
        return self.has_capacity or isinstance(self.source, Cell) or isinstance(self.target, Cell)


@dataclass(eq=False)
class Port:
    """A port, and what it feeds or reads."""

    number: int
    input: Input | None = None
    cell: Cell | naive.Neuron | None = None
    signals: int = 0
    last: float = 0.0


@dataclass(eq=False)
class World:
    """Accumulating and spiking neurons, their synapses and ports, and the rules of a tick.

    `flying` lists the signals on their way, in the order in which they were sent: tick of arrival, input, size.
    """

    per_signal: bool = True
    spiking: naive.Network = field(default_factory=naive.Network)
    spike_size: float = 1.0
    cells: dict[str, Cell] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)
    input_ports: dict[int, Port] = field(default_factory=dict)
    output_ports: dict[int, Port] = field(default_factory=dict)
    flying: list[tuple[int, Input, float]] = field(default_factory=list)
    stimuli: list[tuple[int, int, float]] = field(default_factory=list)
    outputs: list[tuple[int, int, float]] = field(default_factory=list)
    tick: int = 0
    sent: int = 0
    delivered: int = 0
    dropped: int = 0
    last_order: int = 0

    # -- wiring -----------------------------------------------------------------------------------------------------

    def create(self, name: str, bias: float = 1.0, sizes: list[tuple[float, float, float]] | None = None) -> Cell:
        """Create a neuron with inputs of these sizes: maximum, regeneration, weight."""
        for maximum, regeneration, _ in sizes or []:
            if regeneration > maximum:
                raise Refused("regeneration", regeneration, maximum)
        if name in self.cells:
            raise Refused("duplicate", name)
        cell = self.cells[name] = Cell(name, bias)
        for maximum, regeneration, weight in sizes or [(1.0, 1.0, 1.0)]:
            cell.inputs.append(Input(cell, weight, maximum, regeneration, maximum))
        self.inputs += cell.inputs
        return cell

    def cell(self, name: str) -> Cell:
        """Find a neuron."""
        if name not in self.cells:
            raise Refused("neuron", name)
        return self.cells[name]

    def input(self, name: str, k: int) -> Input:
        """Find an input."""
        cell = self.cell(name)
        if not 0 <= k < len(cell.inputs):
            raise Refused("dendrite", name, k)
        return cell.inputs[k]

    def free_input_of(self, name: str, k: int) -> Input:
        """Find an input that nothing feeds."""
        one = self.input(name, k)
        if one.connected:
            raise Refused("synapse busy", name, k)
        return one

    def next_order(self) -> int:
        """Count connections."""
        self.last_order += 1
        return self.last_order

    def connect(self, source: str, target: str, k: int) -> None:
        """Let a neuron feed an input of a neuron, as the last that it feeds."""
        feeder = self.cell(source)
        fed = self.cell(target)
        if feeder is fed and (len(fed.inputs) < 2 or any(one.source is fed for one in fed.inputs)):
            raise Refused("loop", target)
        one = self.free_input_of(target, k)
        one.source, one.order, one.level = feeder, self.next_order(), one.maximum

    def bind_input(self, number: int, target: str, k: int) -> None:
        """Let an input port feed an input of a neuron."""
        one = self.free_input_of(target, k)
        port = self.input_ports.get(number)
        if port is not None and port.input is not None:
            raise Refused("port busy", number, "input")
        port = self.input_ports.setdefault(number, Port(number))
        port.input, one.port, one.level = one, port, one.maximum
        self.next_order()

    def bind_output(self, number: int, source: str) -> None:
        """Let an output port read the axon of a neuron."""
        cell = self.cell(source)
        port = self.output_ports.get(number)
        if port is not None and port.cell is not None:
            raise Refused("port busy", number, "output")
        self.output_ports.setdefault(number, Port(number)).cell = cell
        self.next_order()

    def disconnect(self, target: str, k: int) -> None:
        """Take an input off the axon that feeds it."""
        one = self.input(target, k)
        if one.source is None:
            raise Refused("free", f"input {k} of neuron {target!r}")
        one.source = None

    def free_input(self, number: int) -> None:
        """Take an input port off what it feeds."""
        port = self.input_ports.get(number)
        if port is None or port.input is None:
            raise Refused("free", f"input port {number}")
        port.input.port = port.input = None

    def free_output(self, number: int) -> None:
        """Take an output port off what it reads."""
        port = self.output_ports.get(number)
        if port is None or port.cell is None:
            raise Refused("free", f"output port {number}")
        port.cell = None

    def remove(self, name: str) -> None:
        """Remove a neuron with its inputs; what it fed is free, and so are its ports."""
        cell = self.cell(name)
        for one in list(cell.inputs):
            self.remove_input(one)
        del self.cells[name]
        for one in self.inputs:
            if one.source is cell:
                one.source = None
        for port in self.output_ports.values():
            if port.cell is cell:
                port.cell = None

    def remove_input(self, one: Input) -> None:
        """Remove an input of a neuron; later ones move up."""
        if one.port is not None:
            one.port.input = one.port = None
        one.source = None
        one.target.inputs.remove(one)
        self.inputs.remove(one)

    def remove_port(self, ports: dict[int, Port], number: int) -> None:
        """Remove a port, one of the input or the output ports."""
        port = ports.pop(number)
        if port.input is not None:
            port.input.port = None

    def send(self, number: int, size: float, due: int = WHEN_QUIET) -> None:
        """Let a signal in through a port, at a tick, when quiet, or with the last."""
        if number not in self.input_ports:
            raise Refused("no port", number)
        self.stimuli.append((due, number, size))

    # -- a tick -----------------------------------------------------------------------------------------------------

    def axon(self, source: Cell | naive.Neuron) -> list[Input]:
        """The inputs that a neuron feeds, in order of connection."""
        return sorted((one for one in self.inputs if one.source is source), key=lambda one: one.order)

    @property
    def quiet(self) -> bool:
        """Whether no signal is on its way."""
        return not self.flying

    def forget(self) -> None:
        """Drop what is on its way to inputs that nothing feeds, and forget that they were hit."""
        living = set(self.inputs)
        kept = [signal for signal in self.flying if signal[1] in living and signal[1].connected]
        self.dropped += len(self.flying) - len(kept)
        self.flying = kept
        for one in self.inputs:
            if not one.connected:
                one.hit = False

    def arriving(self) -> list[tuple[Input, float]]:
        """What arrives in this tick: what was on its way, first in, first out; then what comes in through ports."""
        quiet = self.quiet
        arriving = [(one, size) for when, one, size in self.flying if when == self.tick]
        self.flying = [signal for signal in self.flying if signal[0] != self.tick]
        self.delivered += len(arriving)
        while self.stimuli:
            due, number, size = self.stimuli[0]
            if due > self.tick or (due == WHEN_QUIET and not quiet):
                break
            quiet = False
            del self.stimuli[0]
            self.sent += 1
            port = self.input_ports.get(number)
            if port is not None:
                port.signals, port.last = port.signals + 1, size
            if port is not None and port.input is not None:
                arriving.append((port.input, size))
                self.delivered += 1
            else:
                self.dropped += 1
        return arriving

    def passed(self, arriving: list[tuple[Input, float]]) -> list[tuple[Input, float]]:
        """Let synapses pass what their levels allow, and regenerate."""
        passed = []
        for one, size in arriving:
            p = min(size, one.level)
            one.level = one.level - p
            if self.per_signal:
                one.level = min(one.level + one.regeneration, one.maximum)
            passed.append((one, p))
        if not self.per_signal:
            for one in self.inputs:
                one.level = min(one.level + one.regeneration, one.maximum)
        return passed

    def step(self) -> None:
        """Live through a tick."""
        self.forget()
        self.tick += 1
        leaving: list[tuple[Cell | naive.Neuron, float]] = []
        potentials: dict[int, list[float]] = {}
        for one, p in self.passed(self.arriving()):
            if isinstance(one.target, Cell):
                out = one.target.take(one, p * one.weight)
                if out > 0:
                    leaving.append((one.target, out))
            else:
                limit = self.spiking.limit
                potential = p * min(max(one.weight, -limit), limit)
                potentials.setdefault(id(one.target), []).append(potential)
        firing = self.spiking.live(potentials)
        leaving += [(neuron, self.spike_size) for neuron in firing]
        for source, size in leaving:
            for port in self.output_ports.values():
                if port.cell is source:
                    port.signals, port.last = port.signals + 1, size
                    self.outputs.append((self.tick, port.number, size))
            for one in self.axon(source):
                if one.takes_signals:
                    self.flying.append((self.tick + one.delay, one, size))
                    self.sent += 1
        self.spiking.send(firing)
        self.spiking.learn(firing)
