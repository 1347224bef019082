"""Components come and go, between ticks and inside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import esper
import pytest
from small_nets import Acting, Doing, Net, create_neurons, number, ways, wiring, world  # noqa: F401

from runen_ecs.components import (
    NEURON,
    SYNAPSE,
    Delay,
    Membrane,
    Recovery,
    Source,
    SynapticInput,
    Weight,
)
from runen_ecs.engine import (
    Dispatcher,
    DispatcherBuilder,
    World,
)
from runen_ecs.errors import ComponentError, EntityError, StructureError
from runen_ecs.network import Topology, connect, dendrite_of, disconnect
from runen_ecs.recording import WeightRecord
from runen_ecs.systems import SignalArrival, WeightRecording

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
