"""Entities are created and connected."""

from __future__ import annotations

import numpy as np
import pytest
from small_nets import create_neurons, printed_by, wiring, world  # noqa: F401

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
    Component,
    Float,
    Kind,
    World,
    field,
)
from runen_ecs.errors import ComponentError, EntityError, StructureError
from runen_ecs.network import Topology, connect, dendrite_of, disconnect

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
