"""Any sequence of changes of a running capacity network agrees with the plain-Python model, at every tick."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import esper
import pytest
from capacity_worlds import (
    Sizes,
    Sketch,
    bias,
    dispatcher_of,
    everything,
    inputs,
    plain,
    plain_state,
    simulated,
    size,
    sketches,
    state,
    weight,
)
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from naive_capacity import WHEN_QUIET, WITH_THE_LAST, Input, Refused

from runen_ecs.components import (
    Accumulator,
    Activity,
    Capacity,
    Delay,
    LastHit,
    LastSignal,
    Source,
    Target,
    Weight,
)
from runen_ecs.engine import World
from runen_ecs.errors import (
    AlreadyFreeError,
    ClosedLoopError,
    DendriteNotFoundError,
    DuplicateNeuronError,
    NetworkError,
    NeuronNotFoundError,
    PortBusyError,
    PortNotFoundError,
    RegenerationError,
    SynapseBusyError,
)
from runen_ecs.network import Stimuli, Topology, connect_synapse, create_network, dendrite_of, disconnect
from runen_ecs.network.description import InputLink

ERRORS: dict[str, tuple[type[NetworkError], tuple[str, ...]]] = {
    "neuron": (NeuronNotFoundError, ("neuron",)),
    "duplicate": (DuplicateNeuronError, ("neuron",)),
    "dendrite": (DendriteNotFoundError, ("neuron", "index")),
    "synapse busy": (SynapseBusyError, ("neuron", "index")),
    "port busy": (PortBusyError, ("port", "kind")),
    "loop": (ClosedLoopError, ("neuron",)),
    "free": (AlreadyFreeError, ("what",)),
    "regeneration": (RegenerationError, ("regeneration", "maximum")),
    "no port": (PortNotFoundError, ("port",)),
}
WAYS_TO_DELETE = {
    "world": lambda world, entity: world.delete_entity(entity),
    "esper": lambda world, entity: esper.delete_entity(entity),
    "esper, immediately": lambda world, entity: esper.delete_entity(entity, immediate=True),
}
MOST_FLYING = 100

choice = st.integers(0, 1000)
name = k = st.integers(0, 30)  # the last: one that is not there
port = st.sampled_from([0, 0, 1, 2])
way = st.sampled_from(sorted(WAYS_TO_DELETE))


class Edits(RuleBasedStateMachine):
    """Changes a network in the simulator and in plain Python alike, and compares all there is at every tick."""

    @initialize(per_signal=st.booleans(), sketch=sketches(slow=False))
    def begin(self, per_signal: bool, sketch: Sketch) -> None:
        self.world = World()
        self.dispatcher = dispatcher_of(self.world, per_signal)
        self.network = create_network(self.world, sketch.described())
        self.naive = plain(replace(sketch, per_signal=per_signal, stimuli=[]))
        self.created = len(sketch.neurons)

    def named(self, number: int) -> str:
        """Choose a neuron, or one that is not there."""
        names = list(self.naive.cells)
        return names[number % len(names)] if names and number < 30 else f"M0Z{self.created + 7}"

    def place(self, number: int, k: int) -> tuple[str, int]:
        """Choose a neuron and one of its inputs, or one that is not there."""
        one = self.named(number)
        n = len(self.naive.cells[one].inputs) if one in self.naive.cells else 0
        return one, k % n if n and k < 29 else n if k == 30 else -1

    def both(self, simulated: Callable[[], object], plain: Callable[[], object]) -> None:
        """Do the same in both; what one refuses the other refuses with the same words, and nothing changes."""
        refused = None
        try:
            plain()
        except Refused as refusal:
            refused = refusal
        if refused is None:
            simulated()
            return
        wrong, fields = ERRORS[refused.what]
        _ = self.network.neurons  # what was deleted is gone now
        before = everything(self.world), self.world.resource(Topology).last_order, state(self.network)
        with pytest.raises(wrong) as caught:
            simulated()
        assert type(caught.value) is wrong
        assert refused.where == tuple(getattr(caught.value, field) for field in fields)
        assert before == (everything(self.world), self.world.resource(Topology).last_order, state(self.network))

    def input_of(self, number: int) -> tuple[Input, int] | None:
        """Choose an input; its synapse with it."""
        if not self.naive.inputs:
            return None
        one = self.naive.inputs[number % len(self.naive.inputs)]
        return one, self.network.synapse(one.target.name, one.target.inputs.index(one))

    # -- through CapacityNetwork

    @rule(sizes=st.lists(inputs(), max_size=3), bias=bias, broken=st.integers(0, 9))
    def create(self, sizes: list[Sizes], bias: float, broken: int) -> None:
        numbered = (f"M0Z{i}" for i in itertools.count(self.created))
        free = next(one for one in numbered if one not in self.naive.cells)
        given = next(iter(self.naive.cells), None) if broken == 9 else f"named {self.created}" if broken == 8 else None
        if broken == 7:
            sizes = [*sizes, (1.0, 1.5, 1.0)]
        before = len(self.naive.cells)
        self.both(
            lambda: self.network.neuron(sizes, bias, given),
            lambda: self.naive.create(free if given is None else given, bias, sizes),
        )
        self.created += len(self.naive.cells) - before
        assert list(self.naive.cells) == self.network.neurons

    @rule(number=name, sure=st.integers(0, 3))
    def remove(self, number: int, sure: int) -> None:
        if sure < 3 and number < 30:
            return
        one = self.named(number)
        self.both(lambda: self.network.remove(one), lambda: self.naive.remove(one))

    @rule(source=name, fed=name, k=k)
    def connect(self, source: int, fed: int, k: int) -> None:
        ends = self.named(source), *self.place(fed, k)
        self.both(lambda: self.network.connect(*ends), lambda: self.naive.connect(*ends))

    @rule(fed=name, k=k)
    def disconnect(self, fed: int, k: int) -> None:
        end = self.place(fed, k)
        self.both(lambda: self.network.disconnect(*end), lambda: self.naive.disconnect(*end))

    @rule(port=port, fed=name, k=k)
    def bind_input(self, port: int, fed: int, k: int) -> None:
        ends = port, *self.place(fed, k)
        self.both(lambda: self.network.bind_input(*ends), lambda: self.naive.bind_input(*ends))

    @rule(port=port, source=name)
    def bind_output(self, port: int, source: int) -> None:
        ends = port, self.named(source)
        self.both(lambda: self.network.bind_output(*ends), lambda: self.naive.bind_output(*ends))

    @rule(port=port, output=st.booleans())
    def free(self, port: int, output: bool) -> None:
        if output:
            self.both(lambda: self.network.free_output(port), lambda: self.naive.free_output(port))
        else:
            self.both(lambda: self.network.free_input(port), lambda: self.naive.free_input(port))

    @rule(source=st.integers(0, 29), number=choice)
    def connect_what_is_free(self, source: int, number: int) -> None:
        free = [one for one in self.naive.inputs if not one.connected]
        if free and self.naive.cells:
            one = free[number % len(free)]
            ends = self.named(source), one.target.name, one.target.inputs.index(one)
            self.both(lambda: self.network.connect(*ends), lambda: self.naive.connect(*ends))

    @rule(fed=name, source=name, k=k)
    def rewire(self, fed: int, source: int, k: int) -> None:
        """An input that is taken off an axon and put on another between two ticks loses nothing."""
        self.disconnect(fed, k)
        self.connect(source, fed, k)
        self.run(False, 1)

    # -- through the world

    @rule(sizes=st.lists(inputs(), max_size=2), bias=bias)
    def create_in_the_world(self, sizes: list[Sizes], bias: float) -> None:
        _ = self.network.neurons
        numbered = (f"M0Z{i}" for i in itertools.count(self.created))
        cell = self.naive.create(next(one for one in numbered if one not in self.naive.cells), bias, [(1.0, 1.0, 1.0)])
        self.naive.remove_input(cell.inputs[0])
        self.created += 1
        entity = self.world.create_entity(Accumulator(value=1.0, bias=bias), Activity())
        for one in sizes:
            self.add_input(cell.name, entity, one)

    @rule(number=name, sizes=inputs())
    def one_input_more(self, number: int, sizes: Sizes) -> None:
        if self.named(number) in self.naive.cells:
            self.add_input(self.named(number), self.network.entity(self.named(number)), sizes)

    def add_input(self, name: str, entity: int, sizes: Sizes) -> None:
        maximum, regeneration, weight = sizes
        self.world.create_entity(
            Target(neuron=entity),
            Source(neuron=0),
            Delay(),
            Capacity(level=maximum, maximum=maximum, regeneration=regeneration),
            LastSignal(),
            Weight(value=weight),
            LastHit(),
        )
        cell = self.naive.cells[name]
        cell.inputs.append(Input(cell, weight, maximum, regeneration, maximum))
        self.naive.inputs.append(cell.inputs[-1])

    @rule(number=choice, source=name)
    def write_source(self, number: int, source: int) -> None:
        """A view may feed any input from any axon, one that a port feeds too; its capacity stays as it is."""
        if (found := self.input_of(number)) is not None:
            one, synapse = found
            cell = self.naive.cells.get(self.named(source))
            self.world.component(synapse, Source).neuron = self.network.entity(cell.name) if cell else 0
            one.source = cell

    @rule(number=choice, source=name)
    def connect_or_disconnect_in_the_world(self, number: int, source: int) -> None:
        if (found := self.input_of(number)) is None:
            return
        one, synapse = found
        if one.source is not None:
            disconnect(self.world, synapse)
            one.source = None
        elif self.named(source) in self.naive.cells:
            connect_synapse(self.world, synapse, self.network.entity(self.named(source)))
            one.source, one.order = self.naive.cells[self.named(source)], self.naive.next_order()
            one.level = one.maximum

    @rule(number=choice, way=way, dendrite=st.booleans(), sure=st.integers(0, 2))
    def delete_input(self, number: int, way: str, dendrite: bool, sure: int) -> None:
        if sure == 2 and (found := self.input_of(number)) is not None:
            one, synapse = found
            self.naive.remove_input(one)
            self.delete(dendrite_of(synapse) if dendrite else synapse, way)

    @rule(number=name, way=way, sure=st.integers(0, 3))
    def delete_neuron(self, number: int, way: str, sure: int) -> None:
        if sure == 3 and (one := self.named(number)) in self.naive.cells:
            entity = self.network.entity(one)
            self.naive.remove(one)
            self.delete(entity, way)

    @rule(number=port, way=way, output=st.booleans(), sure=st.integers(0, 3))
    def delete_port(self, number: int, way: str, output: bool, sure: int) -> None:
        ports = self.naive.output_ports if output else self.naive.input_ports
        if sure == 3 and number in ports:
            entity = self.network.output_port(number) if output else self.network.input_port(number)
            self.naive.remove_port(ports, number)
            self.delete(entity, way)

    def delete(self, entity: int, way: str) -> None:
        with self.world.active():
            WAYS_TO_DELETE[way](self.world, entity)

    @rule(number=choice, ticks=st.integers(1, 5), level=size, weight=weight)
    def write_through_views(self, number: int, ticks: int, level: float, weight: float) -> None:
        if (found := self.input_of(number)) is not None:
            one, synapse = found
            self.world.component(synapse, Delay).ticks = one.delay = ticks
            self.world.component(synapse, Capacity).level = one.level = min(level, one.maximum)
            self.world.component(dendrite_of(synapse), Weight).value = one.weight = weight

    @rule(number=name, value=bias, bias=bias)
    def write_accumulator(self, number: int, value: float, bias: float) -> None:
        if (cell := self.naive.cells.get(self.named(number))) is not None:
            accumulator = self.world.component(self.network.entity(cell.name), Accumulator)
            accumulator.value = cell.value = value
            accumulator.bias = cell.bias = bias

    # -- signals and ticks

    @rule(port=port, size=size)
    def send(self, port: int, size: float) -> None:
        self.both(lambda: self.network.send(port, size), lambda: self.naive.send(port, size))

    @rule(port=port, size=size, due=st.sampled_from([WHEN_QUIET, WITH_THE_LAST, 1, 2, 3]))
    def send_later(self, port: int, size: float, due: int) -> None:
        if port in self.naive.input_ports:
            due = due + self.naive.tick if due > 0 else due
            self.world.resource(Stimuli).add(self.world, port, size, due)
            self.naive.send(port, size, due)

    @rule(stepped=st.booleans(), ticks=st.integers(1, 6))
    def run(self, stepped: bool, ticks: int) -> None:
        for _ in range(ticks):
            self.naive.step()
            self.dispatcher.run(1, stepped=stepped)
            assert plain_state(self.naive) == state(self.network)
            assert self.naive.sent == self.naive.delivered + self.naive.dropped + len(self.naive.flying)

    @rule(ports=st.lists(port, min_size=1, max_size=4), size=st.integers(1, 9), ticks=st.integers(1, 4))
    def stimulate(self, ports: list[int], size: int, ticks: int) -> None:
        for number in ports:
            self.send_later(number, float(size), WITH_THE_LAST)
        self.run(False, ticks)

    @rule(number=choice, size=st.integers(1, 9))
    def cut_what_is_on_its_way(self, number: int, size: int) -> None:
        """A signal is dropped whose synapse is taken off its axon, or from its port, while it is on its way."""
        self.stimulate([0, 1], size, 1)
        for _, one, _ in self.naive.flying[number % 3 : number % 3 + 1]:
            fed = one.target.name, one.target.inputs.index(one)
            if one.source is not None:
                self.both(partial(self.network.disconnect, *fed), partial(self.naive.disconnect, *fed))
        self.run(False, 2)

    @precondition(lambda self: len(self.naive.flying) > MOST_FLYING)
    @rule()
    def calm(self) -> None:
        """A network that goes wild is cut to pieces."""
        for one in list(self.naive.inputs):
            if one.source is not None:
                self.naive.disconnect(one.target.name, one.target.inputs.index(one))
                self.network.disconnect(one.target.name, one.target.inputs.index(one))
        self.run(False, 1)


def test_any_sequence_of_changes_agrees_with_plain_python():
    """After any changes, refused or made, by names or through the world, all state equals the model's at every tick."""
    run_state_machine_as_test(
        Edits,
        settings=settings(
            max_examples=200, stateful_step_count=60, deadline=None, derandomize=True, database=None, print_blob=False
        ),
    )


def test_an_input_that_moves_to_another_neuron():
    """A dendrite that is given to another neuron brings no hit of a round that this one has not reached yet."""
    sizes = [(9.0, 9.0, 1.0)]
    ports = [InputLink(0, "M0Z0", 0), InputLink(1, "M0Z0", 1), InputLink(2, "M0Z1", 0)]
    network, dispatcher = simulated(Sketch([(0.0, sizes * 2), (0.0, sizes)], ports))
    world = network.world
    for number in (0, 1, 0, 1, 0, 1, 0):
        network.send(number, 1.0)
    dispatcher.run(7)
    moved = network.synapse("M0Z0", 0)
    assert world.component(dendrite_of(moved), LastHit).round == 4
    world.component(dendrite_of(moved), Target).neuron = network.entity("M0Z1")
    for number in (2, 2, 2, 2, 0):
        network.send(number, 1.0)
    dispatcher.run(5)

    assert world.component(network.entity("M0Z1"), Activity) == Activity(hits=5, resets=4, round_hits=0)
    assert world.component(network.entity("M0Z0"), Activity).round_hits == 0
