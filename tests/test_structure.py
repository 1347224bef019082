"""Structure: what is created, connected and deleted, between ticks and inside them, against plain dicts."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import esper
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from runen_ecs.components import (
    DENDRITE,
    NEURON,
    SYNAPSE,
    Delay,
    Membrane,
    Recovery,
    Source,
    SynapticInput,
    Target,
    Weight,
)
from runen_ecs.engine import (
    Clock,
    Component,
    Dispatcher,
    DispatcherBuilder,
    Float,
    Kind,
    Read,
    Reference,
    Resource,
    Rows,
    System,
    Table,
    World,
    Write,
    field,
)
from runen_ecs.errors import ComponentError, EntityError, StructureError
from runen_ecs.network import DelayLine, Fired, Topology, connect, dendrite_of, disconnect
from runen_ecs.recording import WeightRecord
from runen_ecs.systems import SignalArrival, SignalPropagation, WeightRecording

ways = pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])


@dataclass
class Label:
    """A component of esper's own."""

    text: str = ""


class Doing(esper.Processor):
    """Does anything in its turn."""

    def __init__(self, action: Callable[[], object]) -> None:
        self.action = action

    def process(self) -> None:
        self.action()


class Acting(System):
    """A Python system that does anything to its world, at the ticks it is told."""

    membrane: Write[Membrane]
    clock: Read[Clock]

    def __init__(self, action: Callable[[World], object], every: int = 1) -> None:
        super().__init__()
        self.action = action
        self.every = every

    def run(self) -> None:
        self.action(self.world)


class ChosenFiring(System):
    """Those neurons fire that were chosen from outside."""

    fired: Write[Fired]

    def __init__(self) -> None:
        super().__init__()
        self.chosen: set[int] = set()

    def run(self) -> None:
        row = np.flatnonzero(np.isin(self.world.entities(NEURON), list(self.chosen)))
        self.fired.row[: row.size] = row
        self.fired.count[0] = row.size


class Interlude(System):
    """Does once, in the middle of a tick, what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.todo: list[Callable[[], object]] = []

    def run(self) -> None:
        while self.todo:
            self.todo.pop()()


class InputWatch(System):
    """Keeps what reached every neuron in the last tick."""

    synaptic_input: Read[SynapticInput]

    def __init__(self) -> None:
        super().__init__()
        self.current: dict[int, float] = {}

    def run(self) -> None:
        self.current.update(zip(self.entity.tolist(), self.synaptic_input.current.tolist(), strict=True))


class JoinWatch(System):
    """Keeps the rows of a join of two components: entity, row, potential, recovery."""

    membrane: Read[Membrane]
    recovery: Read[Recovery]

    def __init__(self) -> None:
        super().__init__()
        self.joined: list[tuple[int, int, float, float]] = []

    def run(self) -> None:
        values = self.entity, self.row, self.membrane.v, self.recovery.u
        self.joined += zip(*(array.tolist() for array in values), strict=True)


class PairWatch(System):
    """Keeps the rows of a join over synapses and dendrites: row, delay, weight."""

    delay: Read[Delay]
    weight: Read[Weight]

    def __init__(self) -> None:
        super().__init__()
        self.joined: list[tuple[int, int, float]] = []

    def run(self) -> None:
        self.joined += zip(self.row.tolist(), self.delay.ticks.tolist(), self.weight.value.tolist(), strict=True)


def create_neurons(world: World, n: int) -> list[int]:
    return world.create_entities(n, Membrane.batch(), SynapticInput.batch()).tolist()


class Net:
    """A world whose neurons fire when they are told to, and whose input can be watched."""

    def __init__(self, n_neurons: int = 0, stepped: bool = False) -> None:
        self.world = World()
        self.stepped = stepped
        self.firing, self.interlude, self.input = ChosenFiring(), Interlude(), InputWatch()
        self.join, self.pairs = JoinWatch(), PairWatch()
        self.dispatcher: Dispatcher = (
            DispatcherBuilder()
            .add(SignalArrival(), "arrival")
            .add(self.firing, "firing")
            .add(self.interlude, "interlude", after=["firing"])
            .add(SignalPropagation(), "propagation", after=["interlude", "arrival"])
            .add(self.input, "input_watch", after=["arrival"])
            .add(self.join, "join_watch")
            .add(self.pairs, "pair_watch")
            .build(self.world)
        )
        self.neuron = create_neurons(self.world, n_neurons)

    def tick(self, *fire: int) -> dict[int, float]:
        """Run a tick in which these neurons fire; what reached each neuron in it, where it is not nothing."""
        self.firing.chosen = set(fire)
        self.input.current.clear()
        self.join.joined.clear()
        self.pairs.joined.clear()
        self.dispatcher.run(1, stepped=self.stepped)
        return {entity: current for entity, current in self.input.current.items() if current}


@pytest.fixture
def world() -> World:
    """Four neurons, three synapses: 1 to 2, 2 to 3, 3 to 1."""
    world = World()
    create_neurons(world, 4)
    connect(world, [1, 2, 3], [2, 3, 1], weight=[1.0, 2.0, 3.0], delay=[1, 2, 3])
    world.resource(Topology)
    world.maintain()
    return world


def wiring(world: World) -> list[tuple[int, int, int, float]]:
    """Source, target, delay and weight of every synapse, by row."""
    synapse = world.entities(SYNAPSE).tolist()
    return [
        (
            world.component(s, Source).neuron,
            world.component(dendrite_of(s), Target).neuron,
            world.component(s, Delay).ticks,
            world.component(dendrite_of(s), Weight).value,
        )
        for s in synapse
    ]


# -- creating -----------------------------------------------------------------------------------------------------


def test_entities_are_numbered_as_they_are_created():
    """Ids are consecutive in the order of creation, whether created together or one by one."""
    world = World()
    together = world.create_entities(5, Membrane.batch()).tolist()
    apart = [world.create_entity(Membrane()) for _ in range(60)]

    assert list(range(1, 66)) == together + apart == world.entities(NEURON).tolist()


def test_pair_of_synapse_and_dendrite():
    """Kinds that share rows are created together, their ids are neighbours, and the first kind's are returned."""
    world = World()
    synapse = world.create_entities(2, Weight.batch(value=[1.0, 2.0]), Delay.batch(ticks=3)).tolist()

    assert [1, 3] == synapse == world.entities(SYNAPSE).tolist()
    assert [2, 4] == dendrite_of(world.entities(SYNAPSE)).tolist() == world.entities(DENDRITE).tolist()
    assert world.component(2, Weight).value == 1.0
    assert world.component(3, Delay).ticks == 3
    with pytest.raises(EntityError):
        world.component(1, Weight)


def test_creating_none():
    """No entities can be created as well as some."""
    world = World()
    created = world.create_entities(0, Membrane.batch())

    assert created.size == 0
    assert len(world.storage(Membrane)) == 0
    assert create_neurons(world, 2) == world.entities(NEURON).tolist()


def test_components_that_are_not_given_are_absent():
    """An entity has the components it was created with and no other; absent ones hold their default in the array."""
    world = World()
    first = world.create_entity(Membrane(v=-70.0))
    second = world.create_entity(Recovery(u=1.0))
    has = [
        [world.storage(component).has(int(world.index.row[entity])) for component in (Membrane, Recovery)]
        for entity in (first, second)
    ]

    assert has == [[True, False], [False, True]]
    assert world.storage(Membrane).arrays.v.tolist() == [-70.0, -65.0]
    assert world.storage(Recovery).arrays.u.tolist() == [-13.0, 1.0]


@pytest.mark.parametrize(
    ("n", "batches", "problem"),
    [
        (1, (Membrane.batch(), Weight.batch()), "one call creates entities of one kind; Membrane, Weight belong to 2"),
        (-1, (Membrane.batch(),), "cannot create -1 entities"),
    ],
)
def test_refused_creation(world, n, batches, problem):
    """What cannot be created is refused in one sentence, and nothing is created."""
    before = len(world.entities(NEURON)), len(world.entities(SYNAPSE))
    with pytest.raises(StructureError) as caught:
        world.create_entities(n, *batches)

    assert problem == str(caught.value)
    assert before == (len(world.entities(NEURON)), len(world.entities(SYNAPSE)))


class Spine(Component, kind=Kind("dendrite")):
    """A component whose kind has the name of the project's dendrites, but stands alone."""

    size: Float = field(default=1.0)


def test_kind_of_one_name_is_one_kind(world):
    """A kind that has the name of another, and shares its rows with others than that, is refused by name."""
    with pytest.raises((ComponentError, StructureError), match=r"\bdendrite\b"):
        world.register(Spine)


def test_million_rows():
    """A million neurons and a million synapses are made, indexed and found by array work."""
    n = 1_000_000
    world = World()
    topology = world.resource(Topology)
    neuron = world.create_entities(n, Membrane.batch(v=np.linspace(-80.0, -40.0, n)), SynapticInput.batch())
    synapse = connect(world, neuron[::-1], np.roll(neuron, 1), weight=np.arange(n), delay=np.arange(n) % 20 + 1)
    world.maintain()
    first, last = (world.component(dendrite_of(int(synapse[k])), Weight).value for k in (0, -1))

    assert (n, n) == (len(world.storage(Membrane)), len(world.storage(Weight)))
    assert np.array_equal(np.arange(n + 1), topology.axon_first)
    assert np.array_equal(np.arange(n + 1), topology.dendrite_first)
    assert np.array_equal(neuron, world.entities(NEURON)[world.index.row[neuron]])
    assert np.array_equal(np.arange(n)[::-1], world.storage(Weight).arrays.value)
    assert (0.0, n - 1.0) == (first, last)


# -- connecting ---------------------------------------------------------------------------------------------------


def test_synapses_are_sorted_by_their_source(world):
    """After `maintain` the synapses of an axon are neighbours, in the order of their connection."""
    connect(world, [3, 1, 1], [4, 4, 3], weight=[4.0, 5.0, 6.0])
    world.maintain()
    topology = world.resource(Topology)
    expected = [(1, 2, 1, 1.0), (1, 4, 1, 5.0), (1, 3, 1, 6.0), (2, 3, 2, 2.0), (3, 1, 3, 3.0), (3, 4, 1, 4.0)]

    assert expected == wiring(world)
    assert topology.axon_first.tolist() == [0, 3, 4, 6, 6]
    assert topology.dendrite_first.tolist() == [0, 1, 2, 4, 6]
    assert topology.dendrite_row.tolist() == [4, 0, 2, 3, 1, 5]
    assert topology.dendrite_source.tolist() == [2, 0, 0, 1, 0, 2]


@pytest.mark.parametrize(
    ("source", "target", "problem"),
    [
        (5, 1, "entity 5: is a synapse; Source.neuron points at a neuron, or with 0 at nobody"),
        (1, 6, "entity 6: is a dendrite; Target.neuron points at a neuron, or with 0 at nobody"),
        (99, 1, "entity 99: does not exist; Source.neuron points at a neuron, or with 0 at nobody"),
        ([1, 99], 2, "entity 99: does not exist; Source.neuron points at a neuron, or with 0 at nobody"),
    ],
)
def test_connecting_what_is_no_neuron(world, source, target, problem):
    """An end that is no neuron is named, with the end it was meant for, and nothing is connected."""
    before = wiring(world)
    with pytest.raises(EntityError) as caught:
        connect(world, source, target)

    assert problem == str(caught.value)
    assert before == wiring(world)
    assert len(world.storage(Source)) == 3


@pytest.mark.parametrize("delay", [0, 4096, [1, 4096]])
def test_connecting_with_an_impossible_delay(world, delay):
    """A delay outside its limits connects nothing."""
    with pytest.raises(ComponentError, match="ticks must lie in 1 … 4095 tick"):
        connect(world, [1, 1], [2, 3], delay=delay)

    assert len(world.entities(SYNAPSE)) == 3


def test_disconnecting(world):
    """A disconnected synapse keeps its dendrite, delay and weight, and no axon feeds it."""
    synapse = world.entities(SYNAPSE).tolist()
    disconnect(world, synapse[0])
    world.maintain()

    assert wiring(world) == [(2, 3, 2, 2.0), (3, 1, 3, 3.0), (0, 2, 1, 1.0)]
    assert world.resource(Topology).axon_first.tolist() == [0, 0, 1, 2, 2]
    assert world.resource(Topology).dendrite_first.tolist() == [0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("entity", "problem"),
    [(6, "entity 6: has no Source"), (1, "entity 1: has no Source"), (99, "entity 99: does not exist")],
)
def test_disconnecting_what_is_no_synapse(world, entity, problem):
    """Only a synapse can be taken off an axon."""
    with pytest.raises(EntityError) as caught:
        disconnect(world, entity)

    assert problem == str(caught.value)


def test_disconnecting_twice(world):
    """A synapse that nobody feeds cannot be taken off an axon."""
    disconnect(world, 5)
    with pytest.raises(EntityError) as caught:
        disconnect(world, 5)
    expected = "entity 5: is not connected"

    assert expected == str(caught.value)


def test_moving_a_synapse_by_its_views(world):
    """Written through a view, source, target and delay hold from the next `maintain` on, in every index."""
    world.component(5, Source).neuron = 4
    world.component(6, Target).neuron = 4
    world.component(5, Delay).ticks = 9
    world.maintain()

    assert wiring(world) == [(2, 3, 2, 2.0), (3, 1, 3, 3.0), (4, 4, 9, 1.0)]
    assert world.resource(Topology).axon_first.tolist() == [0, 0, 1, 2, 3]
    assert world.resource(Topology).dendrite_source.tolist() == [2, 1, 3]


def test_moving_a_synapse_by_inserting(world):
    """A `Source` or `Target` that replaces another is found in every index, as when written through a view."""
    world.insert(5, Source(neuron=4))
    world.insert(6, Target(neuron=4))
    world.maintain()

    assert wiring(world) == [(2, 3, 2, 2.0), (3, 1, 3, 3.0), (4, 4, 1, 1.0)]
    assert world.resource(Topology).axon_first.tolist() == [0, 0, 1, 2, 3]
    assert world.resource(Topology).dendrite_source.tolist() == [2, 1, 3]


def test_disconnecting_by_removing_the_source(world):
    """A synapse whose `Source` is removed is not connected, in any index."""
    world.remove(5, Source)
    world.maintain()

    assert world.resource(Topology).axon_first.tolist() == [0, 0, 1, 2, 2]
    assert world.resource(Topology).dendrite_first.tolist() == [0, 1, 1, 2, 2]
    assert world.entities(SYNAPSE).tolist() == [7, 9, 5]


def printed_by(text: str, compiled: bool) -> str:
    """Run a program, with numba's compiler or without, where an index out of bounds is an error."""
    finished = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-c", textwrap.dedent(text)],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "NUMBA_DISABLE_JIT": str(int(not compiled))},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_dendrite_of_nobody():
    """A spike towards a dendrite that belongs to nobody reaches nobody, and no index counts it."""
    text = """
        from runen_ecs.components import Membrane, SynapticInput, Target
        from runen_ecs.engine import DispatcherBuilder, World
        from runen_ecs.network import DelayLine, Fired, Topology, connect
        from runen_ecs.systems import SignalPropagation

        world = World()
        neuron = world.create_entities(3, Membrane.batch(), SynapticInput.batch())
        connect(world, neuron, neuron[[1, 2, 0]])
        dispatcher = DispatcherBuilder().add(SignalPropagation(), "signal_propagation").build(world)
        world.component(5, Target).neuron = 0
        world.maintain()
        fired, topology = world.resource(Fired), world.resource(Topology)
        fired.row[0], fired.count[0] = 0, 1
        dispatcher.run(1)
        print(world.resource(DelayLine).in_flight(), topology.dendrite_first.tolist(), topology.dendrite_row.tolist())
        """
    expected = "0 [0, 1, 1, 2] [1, 0]\n"

    assert expected == printed_by(text, compiled=False)


# -- components come and go ---------------------------------------------------------------------------------------


def test_inserting_and_removing(world):
    """A component inserted into one entity is there, and one removed leaves its default in the array."""
    world.insert(2, Recovery(u=5.0))
    world.insert(3, Recovery(u=6.0))
    world.insert(3, Recovery(u=7.0))
    world.remove(2, Recovery)
    storage = world.storage(Recovery)

    assert [storage.has(row) for row in range(4)] == [False, False, True, False]
    assert storage.arrays.u.tolist() == [-13.0, -13.0, 7.0, -13.0]
    expected = (1, 4)

    assert expected == (len(storage), len(world.storage(Membrane)))
    assert repr(storage) == "<VecStorage of Recovery: 1 of 4 rows>"


def test_component_that_all_have_needs_no_mask(world):
    """When the last row gets a component, the storage is again one without gaps."""
    for neuron in world.entities(NEURON).tolist():
        world.insert(neuron, Recovery())

    assert world.storage(Recovery).mask is None


@pytest.mark.parametrize(
    ("entity", "component", "problem"),
    [
        (1, Weight(), "Weight: belongs to a dendrite, and entity 1 is none"),
        (5, Weight(), "Weight: belongs to a dendrite, and entity 5 is none"),
        (6, Delay(), "Delay: belongs to a synapse, and entity 6 is none"),
    ],
)
def test_inserting_into_another_kind(world, entity, component, problem):
    """A component is refused by an entity of another kind."""
    with pytest.raises(ComponentError) as caught:
        world.insert(entity, component)

    assert problem == str(caught.value)


@pytest.mark.parametrize(("entity", "component"), [(1, Weight), (5, Weight), (6, Delay), (2, Source), (6, Membrane)])
def test_removing_from_another_kind(world, entity, component):
    """A component is not removed from an entity of another kind, and from nobody else in its stead."""
    before = wiring(world)
    with pytest.raises((ComponentError, EntityError), match=rf"\b{component.__name__}\b"):
        world.remove(entity, component)

    assert before == wiring(world)
    assert 3 == len(world.storage(Weight)) == len(world.storage(Delay)) == len(world.storage(Source))


@pytest.mark.parametrize("change", ["insert", "remove"])
@pytest.mark.parametrize("entity", [99, 10**6, -1, 0])
def test_changing_what_is_not_there(world, change, entity):
    """An entity that never was is named, not an index of an array."""
    with pytest.raises((ComponentError, EntityError), match=rf"entity {entity}\b"):
        world.insert(entity, Membrane()) if change == "insert" else world.remove(entity, Membrane)


def test_view_of_a_removed_component(world):
    """A view does not outlive its component: writing it is an error, and the row keeps the default."""
    view = world.component(2, Membrane)
    world.remove(2, Membrane)
    with pytest.raises(EntityError, match="entity 2"):
        view.v = 99.0
    expected = [-65.0] * 4

    assert expected == world.storage(Membrane).arrays.v.tolist()


def test_systems_see_the_join():
    """A system sees the rows that have all of its components, aligned, in stretches."""
    net = Net()
    world = net.world
    for number in range(6):
        neuron = world.create_entity(Membrane(v=float(number)), SynapticInput(), Recovery(u=-float(number)))
        if number in (2, 3):
            world.remove(neuron, Recovery)
    world.insert(3, Recovery(u=99.0))
    net.tick()
    entity = world.entities(NEURON).tolist()

    assert [(entity[k], k, float(k), 99.0 if k == 2 else -float(k)) for k in (0, 1, 2, 4, 5)] == net.join.joined


@ways
@pytest.mark.parametrize("component", [Delay, Weight])
def test_synapse_that_has_lost_a_component(stepped, component):
    """A synapse without delay or weight goes by their defaults, 1 tick and 1 mV, and disturbs no other synapse."""
    net = Net(4, stepped)
    a, b, c, d = net.neuron
    synapses = connect(net.world, [a, b, c], d, weight=[2.0, 3.0, 4.0], delay=2).tolist()
    net.world.remove(synapses[1] + component.kind.position, component)
    arrived = [net.tick(*fire) for fire in ((a, b), (c,), (), ())]
    expected = {Delay: [{}, {d: 3.0}, {d: 2.0}, {d: 4.0}], Weight: [{}, {}, {d: 3.0}, {d: 4.0}]}[component]

    assert expected == arrived


def test_component_removed_and_its_entity_deleted(world):
    """Both may be asked for in one tick, in either order, of an entity or of one that it goes with."""
    with world.active():
        esper.remove_component(1, Membrane)
        esper.remove_component(5, Delay)
        esper.remove_component(10, Weight)
        esper.delete_entity(1)
        esper.delete_entity(5)
    world.maintain()
    expected = ([2, 3, 4], [(2, 3, 2, 2.0)])

    assert expected == (world.entities(NEURON).tolist(), wiring(world))


def test_weights_are_recorded_once_a_turn():
    """A record of all weights is one record, also where some dendrite has lost its weight."""
    world = World()
    neuron = create_neurons(world, 3)
    connect(world, neuron, neuron)
    dispatcher = DispatcherBuilder().add(WeightRecording(2), "weight_recording").build(world)
    world.remove(dendrite_of(int(world.entities(SYNAPSE)[1])), Weight)
    dispatcher.run(4)
    expected = [2, 4]

    assert expected == world.resource(WeightRecord).tick


# -- inside a tick ------------------------------------------------------------------------------------------------

# A change, what the message calls it, and how many Membranes, Recoverys and Sources there are after it.
CHANGES: dict[str, tuple[Callable[[World], object], str, list[int]]] = {
    "create_entity": (lambda world: world.create_entity(Membrane()), "create_entities", [5, 0, 3]),
    "create_entities": (lambda world: world.create_entities(2, Membrane.batch()), "create_entities", [6, 0, 3]),
    "connect": (lambda world: connect(world, 1, 2), "create_entities", [4, 0, 4]),
    "insert": (lambda world: world.insert(1, Recovery()), "insert", [4, 1, 3]),
    "remove": (lambda world: world.remove(1, Membrane), "remove", [3, 0, 3]),
}


def counts(world: World) -> list[int]:
    return [len(world.storage(component)) for component in (Membrane, Recovery, Source)]


def acting_dispatcher(world: World, action: Callable[[], object], who: str) -> Dispatcher:
    """Return a dispatcher of a tick in which a system, or a plain processor among systems, does something."""
    acting = Acting(lambda world: action()) if who == "system" else Acting(lambda world: None)
    dispatcher = DispatcherBuilder().add(acting, "acting").build(world)
    if who == "processor":
        with world.active():
            esper.add_processor(Doing(action), dispatcher.priority("acting") + 1)
    return dispatcher


@ways
@pytest.mark.parametrize("who", ["system", "processor"])
@pytest.mark.parametrize("change", CHANGES)
def test_changes_inside_a_tick_are_refused(world, change, who, stepped):
    """While systems work on the arrays nothing is created, inserted or removed; the message says what to do instead."""
    action, called, _ = CHANGES[change]
    dispatcher = acting_dispatcher(world, lambda: action(world), who)
    with pytest.raises(StructureError) as caught:
        dispatcher.run(1, stepped=stepped)
    expected = (
        f"{called} inside tick 1: the arrays are in use. Queue it: world.lazy.{called}(…), "
        "or world.lazy.exec(lambda world: …)"
    )

    assert expected == str(caught.value)
    assert counts(world) == [4, 0, 3]


@ways
@pytest.mark.parametrize("who", ["system", "processor"])
def test_world_is_usable_after_a_refusal(world, who, stepped):
    """When the run has ended with the error, it is between ticks again."""
    dispatcher = acting_dispatcher(world, lambda: world.create_entity(Membrane()), who)
    with pytest.raises(StructureError):
        dispatcher.run(1, stepped=stepped)

    assert world.create_entity(Membrane()) in world.entities(NEURON)


@ways
@pytest.mark.parametrize("who", ["system", "processor"])
def test_maintain_inside_a_tick_is_refused(world, who, stepped):
    """`maintain` is for between ticks: inside one it is refused, and what is queued stays queued."""

    def maintain() -> None:
        world.lazy.create_entity(Membrane())
        world.maintain()

    dispatcher = acting_dispatcher(world, maintain, who)
    with pytest.raises(StructureError, match="inside tick 1"):
        dispatcher.run(1, stepped=stepped)
    world.maintain()

    assert len(world.entities(NEURON)) == 5


@ways
@pytest.mark.parametrize("who", ["system", "processor"])
@pytest.mark.parametrize("change", CHANGES)
def test_changes_inside_a_tick_are_queued(world, change, who, stepped):
    """What is queued in a tick is done before the next, with the result it has between ticks."""
    action, _, after = CHANGES[change]
    seen, queue = [], [action]

    def act() -> None:
        seen.append(counts(world))
        while queue:
            world.lazy.exec(queue.pop())

    acting_dispatcher(world, act, who).run(2, stepped=stepped)

    assert [[4, 0, 3], after] == seen


def test_every_lazy_method(world):
    """Each method of the queue does at `maintain` what the world's method of that name does."""
    world.lazy.create_entity(Membrane(v=1.0))
    world.lazy.create_entities(2, Membrane.batch(v=[2.0, 3.0]))
    world.lazy.insert(1, Recovery(u=4.0))
    world.lazy.remove(2, Membrane)
    world.lazy.delete_entity(4)
    world.lazy.exec(lambda world: connect(world, 1, 3, weight=9.0))
    queued = len(world.lazy)
    nothing_yet = len(world.entities(NEURON)), len(world.entities(SYNAPSE))
    world.maintain()

    assert (6, (4, 3), 0) == (queued, nothing_yet, len(world.lazy))
    assert world.storage(Membrane).arrays.v.tolist() == [-65.0, -65.0, -65.0, 1.0, 2.0, 3.0]
    assert (5, 1) == (len(world.storage(Membrane)), len(world.storage(Recovery)))
    assert (1, 3, 1, 9.0) in wiring(world)
    assert 4 not in world.entities(NEURON)


def test_queue_is_worked_off_in_order(world):
    """Changes are done in the order in which they were queued, those that a change queues at the end."""
    seen = []

    def first(world: World) -> None:
        seen.append("first")
        world.lazy.exec(lambda world: seen.append("queued by first"))

    world.lazy.exec(first)
    world.lazy.exec(lambda world: seen.append("second"))
    world.maintain()
    expected = ["first", "second", "queued by first"]

    assert expected == seen


@ways
@pytest.mark.parametrize("every", [1, 3])
def test_changing_while_running(stepped, every):
    """A network that grows and shrinks while it runs has the same end however it is run, and in however many runs."""

    def unplug(world: World) -> None:
        synapse = int(world.entities(SYNAPSE)[0])
        if world.component(synapse, Source).neuron:
            disconnect(world, synapse)

    def change(world: World) -> None:
        tick = world.tick
        world.lazy.create_entities(2, Membrane.batch(v=float(tick)), SynapticInput.batch())
        if tick % 2:
            world.lazy.exec(lambda world: connect(world, world.entities(NEURON)[-1], 1, delay=tick, weight=tick))
            world.lazy.exec(unplug)
        elif len(world.entities(NEURON)) > 4:
            world.lazy.delete_entity(int(world.entities(NEURON)[3]))

    def run(*parts: int, stepped: bool) -> list[Any]:
        world = World()
        create_neurons(world, 3)
        topology = world.resource(Topology)
        dispatcher = (
            DispatcherBuilder()
            .add(SignalArrival(), "arrival")
            .add(Acting(change, every), "change", after=["arrival"])
            .build(world)
        )
        for ticks in parts:
            dispatcher.run(ticks, stepped=stepped)
        world.maintain()
        membrane = world.storage(Membrane).arrays.v.tolist()
        return [world.tick, wiring(world), world.entities(NEURON).tolist(), membrane, topology.axon_first.tolist()]

    expected = run(*[1] * 12, stepped=True)

    assert expected == run(12, stepped=stepped)
    assert expected == run(5, 7, stepped=stepped)


# -- what comes too late ------------------------------------------------------------------------------------------

LATE: dict[str, Callable[[World, int], object]] = {
    "delete": lambda world, neuron: world.lazy.delete_entity(neuron),
    "insert": lambda world, neuron: world.lazy.insert(neuron, Recovery()),
    "remove": lambda world, neuron: world.lazy.remove(neuron, Membrane),
    "insert a plain component": lambda world, neuron: world.lazy.insert(neuron, Label()),
    "remove a plain component": lambda world, neuron: world.lazy.remove(neuron, Label),
    "connect from": lambda world, neuron: world.lazy.exec(lambda world: connect(world, neuron, 1)),
    "connect to": lambda world, neuron: world.lazy.exec(lambda world: connect(world, 1, neuron)),
    "disconnect": lambda world, neuron: world.lazy.exec(lambda world: disconnect(world, neuron)),
}


@pytest.mark.parametrize("late", LATE)
def test_change_of_a_deleted_entity_warns(world, late):
    """A queued change that finds its entity gone warns, naming it, and leaves the rest of the queue to be done."""
    with world.active():
        esper.add_component(2, Label())
    world.delete_entity(2)
    world.maintain()
    LATE[late](world, 2)
    world.lazy.create_entity(Membrane())
    with pytest.warns(RuntimeWarning, match=r"^a queued change came too late: entity 2\b"):
        world.maintain()
    expected = [1, 3, 4]

    assert expected == world.entities(NEURON)[:3].tolist()
    assert len(world.entities(NEURON)) == 4
    with world.active():
        assert esper.get_component(Label) == []


@pytest.mark.parametrize("late", LATE)
def test_change_after_a_deletion_in_the_same_queue_warns(world, late):
    """An entity that the queue has deleted is gone for what comes after it in the same queue."""
    world.lazy.delete_entity(2)
    LATE[late](world, 2)
    with pytest.warns(RuntimeWarning, match=r"^a queued change came too late: entity 2\b"):
        world.maintain()


# -- deleting -----------------------------------------------------------------------------------------------------


def test_deleting_many(world):
    """Many are deleted as one by one, from any iterable of ids."""
    world.delete_entities(np.array([2, 4], np.int32))
    world.delete_entities(e for e in (7,))
    world.maintain()
    expected = ([1, 3], [(3, 1, 3, 3.0)])

    assert expected == (world.entities(NEURON).tolist(), wiring(world))


def test_ids_are_not_used_again(world):
    """The id of what was deleted is never given to another."""
    world.delete_entity(4)
    world.maintain()
    new = world.create_entity(Membrane())

    assert new > int(world.entities(DENDRITE).max())
    with pytest.raises(EntityError):
        world.component(4, Membrane)


def test_creation_numbers_survive(world):
    """The order of creation is told from 0 by kind, for the living and for the dead."""
    late = create_neurons(world, 2)
    world.delete_entities([2, 4])
    world.maintain()
    table = world.table(NEURON)

    assert table.creation_number(np.array([1, 2, 3, 4, *late])).tolist() == [0, 1, 2, 3, 4, 5]
    assert table.n_created == 6
    assert world.table(SYNAPSE).creation_number(world.entities(SYNAPSE)).tolist() == [2, 1]
    assert world.table(DENDRITE).creation_number(world.entities(DENDRITE)).tolist() == [2, 1]


def test_rearranging_keeps_entities_and_views(world):
    """Rows may be put into another order: ids, views and references mean what they meant."""
    view, before = world.component(2, Membrane), wiring(world)
    view.v = -50.0
    world.rearrange(NEURON, np.array([3, 2, 1, 0], np.int32))
    world.maintain()

    assert world.entities(NEURON).tolist() == [4, 3, 2, 1]
    assert world.storage(Membrane).arrays.v.tolist() == [-65.0, -65.0, -50.0, -65.0]
    assert view.v == -50.0
    assert sorted(before) == sorted(wiring(world))
    assert world.resource(Topology).axon_first.tolist() == [0, 0, 1, 2, 3]


class Companion(Resource):
    """One number a neuron, kept right by the two hooks."""

    def __init__(self) -> None:
        self.number = np.zeros(0)

    def moved(self, table: Table, new_row: Rows) -> None:
        if table.group == NEURON.group:
            number = np.zeros(len(table))
            number[new_row[new_row >= 0]] = self.number[new_row >= 0]
            self.number = number

    def maintain(self, world: World) -> None:
        n = len(world.table(NEURON))
        self.number = np.concatenate([self.number, np.zeros(n - self.number.size)])


def test_resource_follows_the_structure():
    """A resource that has a number for every neuron keeps it with its neuron while others come and go."""
    world = World()
    companion = world.resource(Companion)
    neuron = create_neurons(world, 4)
    world.maintain()
    companion.number[:] = neuron
    world.delete_entity(neuron[1])
    world.maintain()
    new = create_neurons(world, 1)
    world.maintain()
    world.rearrange(NEURON, np.array([3, 0, 1, 2], np.int32))

    assert [*new, neuron[0], neuron[2], neuron[3]] == world.entities(NEURON).tolist()
    assert [0.0, neuron[0], neuron[2], neuron[3]] == companion.number.tolist()


# -- signals on their way -----------------------------------------------------------------------------------------


@ways
@pytest.mark.parametrize("delay", [1, 2, 7, 8, 19])
def test_signal_arrives_after_its_delay(stepped, delay):
    """A spike in tick t over a delay d is the input of tick t + d, and of no other."""
    net = Net(2, stepped)
    a, b = net.neuron
    connect(net.world, a, b, weight=2.5, delay=delay)
    arrived = [net.tick(a), *(net.tick() for _ in range(delay + 3))]

    assert [{b: 2.5} if tick == delay else {} for tick in range(delay + 4)] == arrived


@ways
def test_signals_outlive_the_synapse_and_the_sender(stepped):
    """What a synapse has passed on arrives though the synapse, the axon, or another neuron is deleted meanwhile."""
    net = Net(4, stepped)
    other, sender, receiver, _ = net.neuron
    synapse = connect(net.world, [sender, sender], [receiver, receiver], weight=[1.0, 2.0], delay=[3, 4]).tolist()
    arrived = [net.tick(sender)]
    net.world.delete_entities([synapse[0], other])
    arrived.append(net.tick())
    net.world.delete_entity(sender)
    arrived += [net.tick() for _ in range(4)]

    assert [{}, {}, {}, {receiver: 1.0}, {receiver: 2.0}, {}] == arrived
    assert net.world.resource(DelayLine).dropped == 0


@ways
def test_signals_to_a_deleted_neuron_are_dropped_and_counted(stepped):
    """What was on its way to a neuron that is deleted is dropped: one a tick of arrival, and counted as such."""
    net = Net(3, stepped)
    sender, doomed, kept = net.neuron
    connect(net.world, sender, [doomed, doomed, doomed, kept], weight=1.0, delay=[3, 3, 5, 4])
    net.tick(sender)
    delay_line = net.world.resource(DelayLine)
    before = delay_line.in_flight(), delay_line.dropped
    net.world.delete_entity(doomed)
    arrived = [net.tick() for _ in range(5)]
    expected = ((3, 0), (0, 2))

    assert expected == (before, (delay_line.in_flight(), delay_line.dropped))
    assert [{}, {}, {}, {kept: 1.0}, {}] == arrived


@ways
@pytest.mark.parametrize("longest", [2, 5, 100, 4095])
def test_longer_delays_while_running(stepped, longest):
    """Signals on their way arrive when they would have, when a longer delay makes the ring of ticks longer."""
    net = Net(3, stepped)
    a, b, c = net.neuron
    synapse = int(connect(net.world, a, b, delay=1)[0])
    connect(net.world, a, c, delay=3)
    for fire in ((), (), (), (), (), (a,)):
        net.tick(*fire)
    net.world.component(synapse, Delay).ticks = longest
    arrived = {7: net.tick(a), **{tick: net.tick() for tick in range(8, 13)}}
    room = len(net.world.resource(DelayLine).pending)
    events = [(7, b), (9, c), (10, c), (7 + longest, b)]
    expected = {tick: dict.fromkeys((n for when, n in events if when == tick), 1.0) for tick in range(7, 13)}

    assert expected == arrived
    assert room > longest
    assert room & (room - 1) == 0


@ways
@pytest.mark.parametrize("component", [Delay, Target])
def test_wiring_changed_inside_a_tick(stepped, component):
    """After a synapse was changed inside a tick, the spikes of all later ticks go where they should."""
    net = Net(3, stepped)
    a, b, c = net.neuron
    synapse = int(connect(net.world, a, b, delay=2)[0])
    connect(net.world, b, c, delay=2)
    net.tick()

    def change() -> None:
        if component is Delay:
            net.world.component(synapse, Delay).ticks = 3
        else:
            net.world.component(dendrite_of(synapse), Target).neuron = c

    net.interlude.todo.append(change)
    arrived = [net.tick(), net.tick(a), net.tick(b), net.tick(c), net.tick(), net.tick()]
    expected = {
        Delay: [{}, {}, {}, {}, {b: 1.0, c: 1.0}, {}],
        Target: [{}, {}, {}, {c: 1.0}, {c: 1.0}, {}],
    }[component]

    assert expected == arrived


@pytest.mark.parametrize("place", ["arrival", "propagation"])
@pytest.mark.parametrize("longer", [5, 100])
def test_longer_delay_inside_a_tick(place, longer):
    """A signal of the very tick in which its delay is made longer arrives once: after the old delay or the new one."""
    net = Net(3)
    a, b, c = net.neuron
    synapse = int(connect(net.world, a, b, delay=3)[0])
    connect(net.world, a, c, delay=2)

    def lengthen() -> None:
        if net.world.tick == 2:
            esper.component_for_entity(synapse, Delay).ticks = longer

    with net.world.active():
        esper.add_processor(Doing(lengthen), net.dispatcher.priority(place) + 1)
    arrived = {tick: net.tick(*((a,) if tick <= 2 else ())) for tick in range(1, 110)}
    reached = [{tick for tick, current in arrived.items() if current.get(neuron) == 1.0} for neuron in (b, c)]

    assert reached[0] in ({4, 5}, {4, 2 + longer})
    assert reached[1] == {3, 4}


@ways
def test_new_neurons_while_running(stepped):
    """Neurons made while signals are on their way disturb none of them, and receive their own."""
    net = Net(2, stepped)
    a, b = net.neuron
    connect(net.world, a, b, delay=4)
    arrived = [net.tick(a)]
    (new,) = create_neurons(net.world, 1)
    connect(net.world, a, new, weight=2.0, delay=2)
    arrived += [net.tick(a), net.tick(new), net.tick(), net.tick(), net.tick()]

    assert [{}, {}, {}, {new: 2.0}, {b: 1.0}, {b: 1.0}] == arrived


@pytest.mark.parametrize("compiled", [True, False])
def test_delays_at_late_ticks(compiled):
    """A signal arrives after its delay at any tick, also past 2**16, compiled or not."""
    text = """
        from runen_ecs.components import Membrane, SynapticInput
        from runen_ecs.engine import DispatcherBuilder, World
        from runen_ecs.network import DelayLine, Fired, connect
        from runen_ecs.systems import SignalPropagation

        world = World()
        neuron = world.create_entities(2, Membrane.batch(), SynapticInput.batch())
        connect(world, neuron[0], neuron[1], delay=5)
        dispatcher = DispatcherBuilder().add(SignalPropagation(), "signal_propagation").build(world)
        world.clock.tick = 70_000
        world.maintain()
        fired, delay_line = world.resource(Fired), world.resource(DelayLine)
        fired.row[0], fired.count[0] = 0, 1
        dispatcher.run(1)
        print(delay_line.pending[70_006 % len(delay_line.pending)].tolist())
        """
    expected = "[0.0, 1.0]\n"

    assert expected == printed_by(text, compiled)


# -- any sequence of changes, against plain dicts -----------------------------------------------------------------

NEURAL = (Membrane, Recovery, SynapticInput)
SYNAPTIC = (Source, Delay)
DENDRITIC = (Target, Weight)
DEFAULT: dict[type[Component], dict[str, Any]] = {
    Membrane: {"v": -65.0},
    Recovery: {"u": -13.0},
    SynapticInput: {"current": 0.0},
    Source: {"neuron": 0},
    Delay: {"ticks": 1},
    Target: {"neuron": 0},
    Weight: {"value": 1.0},
}


class Naive:
    """What a world should hold, the plainest way: a dict of dicts of dicts, and lists of entities by row.

    Synapse and dendrite of a pair are ``s`` and ``s + 1``; `pairs` lists the synapses.
    """

    def __init__(self) -> None:
        self.neurons: list[int] = []
        self.pairs: list[int] = []
        self.created: dict[str, list[int]] = {"neuron": [], "pair": []}
        self.has: dict[int, dict[type[Component], dict[str, Any]]] = {}
        self.label: dict[int, str] = {}
        self.doomed: set[int] = set()
        self.pending: dict[tuple[int, int], float] = {}
        self.dropped = 0

    def create_neuron(self, entity: int, components: dict[type[Component], dict[str, Any]]) -> None:
        self.neurons.append(entity)
        self.created["neuron"].append(entity)
        self.has[entity] = components

    def create_pair(self, synapse: int, components: dict[type[Component], dict[str, Any]]) -> None:
        self.pairs.append(synapse)
        self.created["pair"].append(synapse)
        for entity, types in ((synapse, SYNAPTIC), (synapse + 1, DENDRITIC)):
            self.has[entity] = {c: values for c, values in components.items() if c in types}

    def value(self, entity: int, component: type[Component], name: str) -> Any:
        return self.has[entity].get(component, DEFAULT[component])[name]

    def source(self, synapse: int) -> int:
        source: int = self.value(synapse, Source, "neuron")
        return source

    def target(self, synapse: int) -> int:
        target: int = self.value(synapse + 1, Target, "neuron")
        return target

    def going(self) -> set[int]:
        """All that goes with the next `maintain`: the deleted, and what cannot be without them."""
        pairs = {s for s in self.pairs if {s, s + 1, self.target(s)} & self.doomed}
        return self.doomed | pairs | {s + 1 for s in pairs}

    def maintain(self) -> None:
        """Bury the dead with all that cannot be without them, then sort the synapses by source."""
        going, lost = self.going(), self.doomed & set(self.neurons)
        self.neurons = [n for n in self.neurons if n not in going]
        self.pairs = [s for s in self.pairs if s not in going]
        for entity in going:
            self.has.pop(entity, None)
            self.label.pop(entity, None)
        for synapse in self.pairs:
            if self.source(synapse) in lost:
                self.has[synapse][Source]["neuron"] = 0
        for tick, neuron in list(self.pending):
            if neuron in lost:
                del self.pending[tick, neuron]
                self.dropped += 1
        self.doomed.clear()
        place = {0: len(self.neurons), **{neuron: row for row, neuron in enumerate(self.neurons)}}
        self.pairs.sort(key=lambda synapse: place[self.source(synapse)])

    def send(self, tick: int, neuron: int) -> None:
        for synapse in self.pairs:
            if self.source(synapse) == neuron:
                place = tick + self.value(synapse, Delay, "ticks"), self.target(synapse)
                self.pending[place] = self.pending.get(place, 0.0) + self.value(synapse + 1, Weight, "value")


number = st.integers(0, 10**6)
whole = st.integers(1, 4).map(float)  # sums of whole numbers are exact in any order
WAYS_TO_DELETE = {
    "esper": lambda world, entity: esper.delete_entity(entity),
    "esper, immediately": lambda world, entity: esper.delete_entity(entity, immediate=True),
    "world": lambda world, entity: world.delete_entity(entity),
    "lazy": lambda world, entity: world.lazy.delete_entity(entity),
}
WAYS_TO_REMOVE = {
    "esper": lambda world, entity, component: esper.remove_component(entity, component),
    "world": lambda world, entity, component: world.remove(entity, component),
    "lazy": lambda world, entity, component: world.lazy.remove(entity, component),
}


class Changes(RuleBasedStateMachine):
    """Changes a world and the naive model alike, and compares all there is at every tick."""

    def __init__(self) -> None:
        super().__init__()
        self.net = Net()
        self.world = self.net.world
        self.naive = Naive()
        self.plain: set[int] = set()  # entities of esper's own

    # what there is to choose from

    def pick(self, entities: list[int], choice: int) -> int | None:
        going = self.naive.going()
        living = [entity for entity in entities if entity not in going]
        return living[choice % len(living)] if living else None

    def neuron(self, choice: int) -> int | None:
        return self.pick(self.naive.neurons, choice)

    def synapse(self, choice: int, connected: bool = False) -> int | None:
        unfed = {0} | self.naive.going()
        return self.pick([s for s in self.naive.pairs if not connected or self.naive.source(s) not in unfed], choice)

    def anybody(self, choice: int) -> int | None:
        dendrites = [s + 1 for s in self.naive.pairs]
        return self.pick([*self.naive.neurons, *self.naive.pairs, *dendrites], choice)

    # creating

    @initialize(n=st.integers(1, 5), choices=st.lists(st.tuples(number, number), max_size=8))
    def begin(self, n: int, choices: list[tuple[int, int]]) -> None:
        self.world.resource(Topology)
        self.create_neurons(n, (Membrane,), 0.0)
        self.connect(choices, 2, 1.0)

    @rule(n=st.integers(0, 3), components=st.sets(st.sampled_from([Membrane, Recovery])), v=whole)
    def create_neurons(self, n: int, components: set[type[Component]], v: float) -> None:
        values = {c: dict.fromkeys(c.fields, v) for c in components}
        batches = [SynapticInput.batch(), *(c.batch(**fields) for c, fields in values.items())]
        for entity in self.world.create_entities(n, *batches).tolist():
            given = {c: dict(fields) for c, fields in values.items()}
            self.naive.create_neuron(entity, {SynapticInput: {"current": 0.0}, **given})

    @rule(choices=st.lists(st.tuples(number, number), max_size=4), delay=st.integers(1, 9), weight=whole)
    def connect(self, choices: list[tuple[int, int]], delay: int, weight: float) -> None:
        if self.neuron(0) is None:
            return
        ends = [(self.neuron(a), self.neuron(b)) for a, b in choices]
        source, target = [a for a, _ in ends], [b for _, b in ends]
        synapses = connect(
            self.world, np.array(source, np.int32), np.array(target, np.int32), weight=weight, delay=delay
        )
        for synapse, (a, b) in zip(synapses.tolist(), ends, strict=True):
            self.naive.create_pair(
                synapse,
                {
                    Source: {"neuron": a},
                    Target: {"neuron": b},
                    Delay: {"ticks": delay},
                    Weight: {"value": weight},
                },
            )

    @rule(weight=whole)
    def create_unconnected_pair(self, weight: float) -> None:
        synapse = self.world.create_entity(Weight(value=weight))
        self.naive.create_pair(synapse, {Weight: {"value": weight}})

    # changing

    @rule(choice=number)
    def disconnect(self, choice: int) -> None:
        if (synapse := self.synapse(choice, connected=True)) is not None:
            disconnect(self.world, synapse)
            self.naive.has[synapse][Source]["neuron"] = 0

    @rule(choice=number, neuron=number, component=st.sampled_from([Source, Target]))
    def point_elsewhere(self, choice: int, neuron: int, component: type[Component]) -> None:
        synapse, end = self.synapse(choice), self.neuron(neuron)
        if synapse is not None and end is not None:
            entity = synapse + component.kind.position
            if component in self.naive.has[entity]:
                self.world.component(entity, component).neuron = end
                self.naive.has[entity][component]["neuron"] = end

    @rule(choice=number, component=st.sampled_from([Delay, Weight, Membrane, Recovery]), value=st.integers(1, 60))
    def write_through_a_view(self, choice: int, component: type[Component], value: int) -> None:
        entities = [e for e, components in self.naive.has.items() if component in components]
        if (entity := self.pick(entities, choice)) is not None:
            (name,) = component.fields
            typed = value if component is Delay else float(value)
            with self.world.active():
                setattr(esper.component_for_entity(entity, component), name, typed)
            self.naive.has[entity][component][name] = typed

    @rule(choice=number, neuron=number, component=st.sampled_from([Membrane, Recovery, Delay, Weight, Source]), v=whole)
    def insert(self, choice: int, neuron: int, component: type[Component], v: float) -> None:
        entity: int | None
        if component in NEURAL:
            entity = self.neuron(choice)
        else:
            entity = self.pick([s + component.kind.position for s in self.naive.pairs], choice)
        if entity is None:
            return
        values: dict[str, Any] = {next(iter(component.fields)): v}
        if component is Delay:
            values = {"ticks": int(v)}
        elif component is Source:
            end = self.neuron(neuron)
            if end is None or self.naive.target(entity) == 0:
                return
            values = {"neuron": end}
        self.world.insert(entity, component(**values))
        self.naive.has[entity][component] = values

    @rule(
        choice=number,
        component=st.sampled_from([Membrane, Recovery, Delay, Weight, Source]),
        way=st.sampled_from(sorted(WAYS_TO_REMOVE)),
    )
    def remove(self, choice: int, component: type[Component], way: str) -> None:
        entities = [e for e, components in self.naive.has.items() if component in components]
        if (entity := self.pick(entities, choice)) is not None:
            with self.world.active():
                WAYS_TO_REMOVE[way](self.world, entity, component)
            del self.naive.has[entity][component]
            if way == "lazy":  # done before anything else is
                self.tick(0, False)

    @rule(choice=number, text=st.sampled_from("ab"))
    def label(self, choice: int, text: str) -> None:
        if (entity := self.anybody(choice)) is not None:
            self.world.insert(entity, Label(text))
            self.naive.label[entity] = text

    @rule(choice=number)
    def unlabel(self, choice: int) -> None:
        if (entity := self.pick(sorted(self.naive.label), choice)) is not None:
            self.world.remove(entity, Label)
            del self.naive.label[entity]

    @rule(text=st.sampled_from("ab"))
    def create_plain_entity(self, text: str) -> None:
        entity = self.world.create_entity(Label(text))
        self.plain.add(entity)
        self.naive.label[entity] = text

    # deleting

    @rule(choice=number, way=st.sampled_from(sorted(WAYS_TO_DELETE)))
    def delete(self, choice: int, way: str) -> None:
        entities = sorted({*self.naive.has, *self.plain})
        if (entity := self.pick(entities, choice)) is not None:
            with self.world.active():
                WAYS_TO_DELETE[way](self.world, entity)
            self.naive.doomed.add(entity)
            if way == "lazy":  # done before anything else is
                self.tick(0, False)

    @rule(sure=st.integers(0, 7))
    def clear(self, sure: int) -> None:
        if sure < 7:
            return
        with self.world.active():
            esper.clear_database()
        self.naive.doomed = set(self.naive.has)
        self.naive.label.clear()
        self.plain.clear()

    # comparing

    @rule(fire=st.integers(0, 63), stepped=st.booleans(), delay=st.integers(1, 9))
    def connect_and_fire(self, fire: int, stepped: bool, delay: int) -> None:
        self.connect([(fire, 1), (0, fire)], delay, 2.0)
        self.tick(fire, stepped)

    @rule(fire=st.integers(0, 63), stepped=st.booleans(), ticks=st.integers(1, 4))
    def run(self, fire: int, stepped: bool, ticks: int) -> None:
        for _ in range(ticks):
            self.tick(fire, stepped)

    @rule(
        choice=number,
        component=st.sampled_from([Delay, Weight, Target]),
        value=st.integers(1, 60),
        fire=st.integers(0, 63),
        stepped=st.booleans(),
    )
    def write_inside_a_tick(
        self, choice: int, component: type[Component], value: int, fire: int, stepped: bool
    ) -> None:
        self.tick(0, stepped)
        having = [e for e, components in self.naive.has.items() if component in components]
        entity, end = self.pick(having, choice), self.neuron(value)
        if entity is None or (component is Target and end is None):
            return
        (name,) = component.fields
        new = end if component is Target else value if component is Delay else float(value)

        def write() -> None:
            setattr(self.world.component(entity, component), name, new)
            self.naive.has[entity][component][name] = new

        self.net.interlude.todo.append(write)
        self.run_one(fire, stepped)  # the indexes follow before the next tick
        self.tick(fire, stepped)

    @rule(choice=number, way=st.sampled_from(sorted(WAYS_TO_DELETE)), fire=st.integers(0, 63), stepped=st.booleans())
    def delete_inside_a_tick(self, choice: int, way: str, fire: int, stepped: bool) -> None:
        self.tick(0, stepped)
        if (entity := self.anybody(choice)) is not None:
            self.net.interlude.todo.append(lambda: WAYS_TO_DELETE[way](self.world, entity))
            self.run_one(fire, stepped)
            self.naive.doomed.add(entity)
            self.tick(fire, stepped)

    @rule(fire=st.integers(0, 63), stepped=st.booleans())
    def tick(self, fire: int, stepped: bool) -> None:
        self.run_one(fire, stepped)
        self.compare()

    def run_one(self, fire: int, stepped: bool) -> None:
        naive = self.naive
        self.plain -= naive.doomed
        naive.maintain()
        chosen = [neuron for row, neuron in enumerate(naive.neurons) if fire >> (row % 6) & 1]
        self.net.stepped = stepped
        arrived = self.net.tick(*chosen)
        tick = self.world.tick
        expected = {n: current for (when, n), current in naive.pending.items() if when == tick}
        assert expected == arrived
        for neuron in naive.neurons:
            naive.has[neuron][SynapticInput]["current"] = arrived.get(neuron, 0.0)
            naive.pending.pop((tick, neuron), None)
        for neuron in chosen:
            naive.send(tick, neuron)

    def compare(self) -> None:
        world, naive = self.world, self.naive
        row = {entity: k for k, entity in enumerate(naive.neurons)}
        row |= {s + position: k for k, s in enumerate(naive.pairs) for position in (0, 1)}
        rows = {
            NEURON: naive.neurons,
            SYNAPSE: naive.pairs,
            DENDRITE: [s + 1 for s in naive.pairs],
        }
        self.compare_rows(rows, row)
        for kind, components in ((NEURON, NEURAL), (SYNAPSE, SYNAPTIC), (DENDRITE, DENDRITIC)):
            for component in components:
                self.compare_component(component, rows[kind], row)
        self.compare_indexes(row)
        self.compare_joins(row)
        delay_line = world.resource(DelayLine)
        assert (len(naive.pending), naive.dropped) == (delay_line.in_flight(), delay_line.dropped)

    def compare_rows(self, rows: dict[Kind, list[int]], row: dict[int, int]) -> None:
        world, created = self.world, self.naive.created
        for kind, entities in rows.items():
            assert entities == world.entities(kind).tolist()
            made = created["neuron"] if kind is NEURON else [s + kind.position for s in created["pair"]]
            table = world.table(kind)
            assert list(range(len(made))) == table.creation_number(np.array(made, np.int32)).tolist()
            assert len(made) == table.n_created
            assert [row.get(entity, -1) for entity in made] == world.index.row[made].tolist()
            assert [entity in row for entity in made] == [world.index.alive(entity) for entity in made]
        with world.active():
            assert sorted({*row, *self.plain}) == sorted(esper.get_entities())
            assert all(esper.entity_exists(entity) for entity in {*row, *self.plain})
            labels = {entity: label.text for entity, label in esper.get_component(Label)}
        assert self.naive.label == labels

    def compare_component(self, component: type[Component], entities: list[int], row: dict[int, int]) -> None:
        world, naive = self.world, self.naive
        storage = world.storage(component)
        having = [entity for entity in entities if component in naive.has[entity]]
        assert len(having) == len(storage)
        assert [entity in having for entity in entities] == [storage.has(k) for k in range(len(entities))]
        assert (storage.mask is None) or not all(storage.mask) or not entities
        for name, declared in component.fields.items():
            values = [naive.value(entity, component, name) for entity in entities]
            array = storage.array[name]
            assert array.dtype == (np.int32 if isinstance(declared, Reference) else declared.dtype)
            assert [row.get(v, -1) if isinstance(declared, Reference) else v for v in values] == array.tolist()
        with world.active():
            views = dict(esper.get_component(component))
            assert having == sorted(views, key=entities.index)
            for entity in having:
                assert component(**naive.has[entity][component]) == views[entity]
                assert views[entity] == esper.component_for_entity(entity, component)

    def compare_indexes(self, row: dict[int, int]) -> None:
        naive, topology = self.naive, self.world.resource(Topology)
        axons = [[s for s in naive.pairs if naive.source(s) == neuron] for neuron in naive.neurons]
        dendrites = [
            [s for s in naive.pairs if naive.source(s) and naive.target(s) == neuron] for neuron in naive.neurons
        ]
        assert [s for axon in axons for s in axon] == naive.pairs[: sum(map(len, axons))]
        assert list(np.cumsum([0, *map(len, axons)])) == topology.axon_first.tolist()
        assert list(np.cumsum([0, *map(len, dendrites)])) == topology.dendrite_first.tolist()
        assert [row[s] for own in dendrites for s in own] == topology.dendrite_row.tolist()
        assert [row[naive.source(s)] for own in dendrites for s in own] == topology.dendrite_source.tolist()

    def compare_joins(self, row: dict[int, int]) -> None:
        naive = self.naive
        assert [
            (n, row[n], naive.value(n, Membrane, "v"), naive.value(n, Recovery, "u"))
            for n in naive.neurons
            if {Membrane, Recovery} <= set(naive.has[n])
        ] == self.net.join.joined
        assert [
            (row[s], naive.value(s, Delay, "ticks"), naive.value(s + 1, Weight, "value"))
            for s in naive.pairs
            if Delay in naive.has[s] and Weight in naive.has[s + 1]
        ] == self.net.pairs.joined


def test_any_sequence_of_changes_agrees_with_plain_dicts():
    """After any changes, in any order, all arrays, indexes, joins, views and signals equal those of the naive model."""
    run_state_machine_as_test(
        Changes,
        settings=settings(
            max_examples=200, stateful_step_count=60, deadline=None, derandomize=True, database=None, print_blob=False
        ),
    )
