"""Entities are deleted, and what comes too late is told."""

from __future__ import annotations

from collections.abc import Callable

import esper
import numpy as np
import pytest
from small_nets import Label, create_neurons, number, wiring, world  # noqa: F401

from runen_ecs.components import (
    DENDRITE,
    NEURON,
    SYNAPSE,
    Membrane,
    Recovery,
)
from runen_ecs.engine import (
    Resource,
    Rows,
    Table,
    World,
)
from runen_ecs.errors import EntityError
from runen_ecs.network import Topology, connect, disconnect

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
