"""Instances, row views and batches of components."""

from __future__ import annotations

import numpy as np
import pytest
from capacity import CELL, Capacity, Inlet, Lesion, Opening, world  # noqa: F401

from runen_ecs.components import Source
from runen_ecs.engine import (
    Batch,
    World,
)
from runen_ecs.errors import ComponentError, EntityError, RunenError

# -- instances in no world ----------------------------------------------------------------------------------------


def test_detached_instance_has_the_defaults():
    """What the constructor is not told is the declared default."""
    expected = "Capacity(level=1.0, maximum=1.0, hits=0, ticks=1, spent=False)"

    assert expected == repr(Capacity())


def test_detached_instance_can_be_written():
    """An instance in no world holds its values itself, and checks them."""
    capacity = Capacity(level=0.5)
    capacity.level = 2
    capacity.spent = True
    expected = "Capacity(level=2.0, maximum=1.0, hits=0, ticks=1, spent=True)"

    assert expected == repr(capacity)


def test_detached_instances_are_apart():
    """Two instances share nothing."""
    one, other = Capacity(), Capacity()
    one.hits = 3
    expected = (3, 0)

    assert expected == (one.hits, other.hits)


def test_detached_instance_gives_its_values_away():
    """A world copies what it is given; the instance stays a detached one."""
    world, capacity = World(), Capacity(level=0.5)
    entity = world.create_entity(capacity)
    capacity.level = 0.125
    expected = 0.5

    assert expected == world.component(entity, Capacity).level


def test_reference_of_an_instance_points_at_nobody_by_default():
    """Nobody is 0 on an instance as on a view, so that an instance with the default can be given to a world."""
    expected = (0, 0)

    assert expected == (Inlet().cell, Source().neuron)


def test_instance_with_a_reference_at_nobody_can_be_created():
    """The default of a reference is a value that the world takes."""
    world = World()
    pipe = world.create_entity(Inlet(), Opening())
    expected = (0, [-1])

    assert expected == (world.component(pipe, Inlet).cell, world.storage(Inlet).arrays.cell.tolist())


# -- row views ----------------------------------------------------------------------------------------------------


def test_view_is_two_slots(world):
    """A view is a storage and an entity and nothing else, so that a million of them are affordable."""
    view = world.component(1, Capacity)
    slots = [name for base in type(view).__mro__ for name in base.__dict__.get("__slots__", ())]
    expected = ["_entity", "_storage"]

    assert expected == slots
    assert not hasattr(view, "__dict__")


def test_view_reads_what_the_array_holds(world):
    """What a kernel writes to an array, a view made before shows."""
    view = world.component(2, Capacity)
    world.storage(Capacity).arrays.level[1] = 0.875
    expected = 0.875

    assert expected == view.level


def test_array_holds_what_a_view_writes(world):
    """What is written through a view stands in the array that kernels read."""
    array = world.storage(Capacity).arrays.level
    world.component(3, Capacity).level = 0.125
    expected = [0.25, 0.5, 0.125]

    assert expected == array.tolist()


def test_view_gives_python_numbers(world):
    """A row has plain Python values, as its annotations say to a type checker."""
    view = world.component(1, Capacity)

    assert [float, float, int, int, bool] == [type(getattr(view, name)) for name in Capacity.fields]


def test_views_of_one_row_agree(world):
    """Any number of views of one row see one state."""
    one, other = world.component(1, Capacity), world.component(1, Capacity)
    one.hits = 9
    expected = 9

    assert expected == other.hits


def test_view_survives_growth(world):
    """A view holds no array, so it stays right when arrays are made anew."""
    view = world.component(1, Capacity)
    world.create_entities(1000, Capacity.batch())
    view.level = 2.0
    expected = 2.0

    assert expected == world.storage(Capacity).arrays.level[0]


def test_view_survives_a_change_of_rows(world):
    """A view follows its entity when other entities go."""
    view = world.component(3, Capacity)
    world.delete_entity(1)
    world.maintain()
    view.level = 2.0
    expected = [0.5, 2.0]

    assert expected == world.storage(Capacity).arrays.level.tolist()


def test_repr_of_a_view_shows_its_row(world):
    """A view in a REPL or a log looks like the call that would make it."""
    world.component(2, Capacity).ticks = 7
    expected = "Capacity(level=0.5, maximum=1.0, hits=0, ticks=7, spent=False)"

    assert expected == repr(world.component(2, Capacity))


def test_repr_of_a_reference_shows_the_entity():
    """A reference is an entity to people, whatever row it is to kernels."""
    world = World()
    world.create_entities(2, Capacity.batch())
    pipe = world.create_entity(Inlet(cell=2), Opening())
    expected = ("Inlet(cell=2)", [1])

    assert expected == (repr(world.component(pipe, Inlet)), world.storage(Inlet).arrays.cell.tolist())


def test_view_of_a_deleted_entity_says_so(world):
    """A view that has outlived its entity can be printed, and reading or writing it names entity and component."""
    view = world.component(2, Capacity)
    world.delete_entity(2)
    world.maintain()
    with pytest.raises(EntityError) as read:
        _ = view.level
    with pytest.raises(EntityError) as written:
        view.level = 0.5
    gone = "entity 2: was deleted, and its Capacity with it"
    expected = ["Capacity(of deleted entity 2)", gone, gone]

    assert expected == [repr(view), str(read.value), str(written.value)]


def test_views_are_equal_by_value(world):
    """Equality compares the values, be they in an array or not."""
    other = World()
    entity = other.create_entity(Capacity(level=0.25))

    assert world.component(1, Capacity) == other.component(entity, Capacity)
    assert Capacity(level=0.25) == world.component(1, Capacity)
    assert Capacity(level=0.25) != world.component(2, Capacity)
    assert Capacity() != Lesion()
    assert Capacity() != "Capacity()"


def test_view_has_no_hash():
    """What changes its value has no hash, as with any mutable Python value."""
    with pytest.raises(TypeError, match="unhashable type: 'Capacity'"):
        hash(Capacity())


def test_reference_is_an_entity_on_a_view_and_a_row_in_the_array():
    """People follow ids, kernels follow rows; a view translates both ways, and 0 is nobody."""
    world = World()
    cell = world.create_entities(3, Capacity.batch())
    pipe = world.create_entity(Inlet(cell=int(cell[1])), Opening())
    view = world.component(pipe, Inlet)
    seen = [(view.cell, world.storage(Inlet).arrays.cell.tolist())]
    for entity in (int(cell[2]), 0):
        view.cell = entity
        seen.append((view.cell, world.storage(Inlet).arrays.cell.tolist()))
    expected = [(2, [1]), (3, [2]), (0, [-1])]

    assert expected == seen


@pytest.mark.parametrize(
    ("entity", "problem"),
    [
        (4, "is a pipe"),
        (5, "is a valve"),
        (99, "does not exist"),
        (-1, "does not exist"),
        (1, "does not exist"),
        (2**31 + 2, "does not exist"),
        (2**32 + 2, "does not exist"),
    ],
)
def test_reference_takes_only_what_it_points_at(entity, problem):
    """A reference at the wrong kind, at the deleted, or at what never was, is refused and nothing is written."""
    world = World()
    world.create_entities(3, Capacity.batch())
    pipe = world.create_entity(Inlet(cell=2), Opening())
    world.delete_entity(1)
    world.maintain()

    with pytest.raises(RunenError) as caught:
        world.component(pipe, Inlet).cell = entity
    expected = 2

    assert expected == world.component(pipe, Inlet).cell
    assert f"entity {entity}: {problem}; Inlet.cell points at a cell, or with 0 at nobody" == str(caught.value)


def test_arrays_are_written_in_place(world):
    """An array is never replaced by another, which no kernel would see."""
    with pytest.raises(ComponentError) as caught:
        world.storage(Capacity).arrays.level = np.zeros(3)

    expected = "Capacity: an array is written in place: `level[:] = …`, never replaced by `level = …`"
    assert expected == str(caught.value)


def test_component_of_an_entity_that_has_none():
    """Asking for what is not there names the entity and the component."""
    world = World()
    entity = world.create_entity(Capacity())
    problems = []
    for wrong in (entity, 99, 0, -1):
        with pytest.raises(EntityError) as caught:
            world.component(wrong, Lesion)
        problems.append(str(caught.value))

    expected = ["entity 1: has no Lesion", *(f"entity {e}: does not exist" for e in (99, 0, -1))]
    assert expected == problems


# -- batches ------------------------------------------------------------------------------------------------------


def test_batch_takes_one_value_for_all_or_one_for_each():
    """A batch mixes scalars and arrays, and fills the rest with defaults."""
    world = World()
    world.create_entities(3, Capacity.batch(level=[0.0, 0.5, 1.0], ticks=7))
    arrays = world.storage(Capacity).arrays
    expected = ([0.0, 0.5, 1.0], [7, 7, 7], [1.0, 1.0, 1.0])

    assert expected == (arrays.level.tolist(), arrays.ticks.tolist(), arrays.maximum.tolist())
    assert isinstance(Capacity.batch(), Batch)


def test_batch_equals_one_by_one():
    """Creating many at once gives the arrays that creating them one by one gives."""
    together, apart = World(), World()
    together.create_entities(3, Capacity.batch(level=[0.0, 0.5, 1.0], spent=[True, False, True]))
    for level, spent in ((0.0, True), (0.5, False), (1.0, True)):
        apart.create_entity(Capacity(level=level, spent=spent))
    expected, actual = ({n: a.tolist() for n, a in w.storage(Capacity).array.items()} for w in (apart, together))

    assert expected == actual


@pytest.mark.parametrize("shape", [(2,), (4,), (3, 1), (1, 3)])
def test_batch_of_a_wrong_length_is_refused(world, shape):
    """One value a row, or one for all: any other shape is named, with the number of entities."""
    with pytest.raises(ComponentError) as caught:
        world.create_entities(3, Capacity.batch(level=np.zeros(shape)))

    assert f"Capacity: level has shape {shape} for 3 entities" == str(caught.value)


def test_refused_batch_changes_nothing(world):
    """A batch that does not fit leaves rows, arrays, masks and other components as they were."""
    storage = world.storage(Capacity)
    before = {name: array.tolist() for name, array in storage.array.items()}
    with pytest.raises(ComponentError):
        world.create_entities(3, Lesion.batch(), Capacity.batch(level=np.zeros(2)))

    assert before == {name: array.tolist() for name, array in storage.array.items()}
    expected = ([1, 2, 3], 0)

    assert expected == (world.entities(CELL).tolist(), len(world.storage(Lesion)))


def test_batch_copies_what_it_is_given():
    """Writing the caller's array afterwards changes no world."""
    level = np.array([0.0, 0.5])
    world = World()
    world.create_entities(2, Capacity.batch(level=level))
    level[:] = 99.0
    expected = [0.0, 0.5]

    assert expected == world.storage(Capacity).arrays.level.tolist()


def test_batch_can_be_used_again():
    """One batch given to two worlds leaves them apart: no array is shared."""
    batch = Capacity.batch(level=[0.0, 0.5])
    one, other = World(), World()
    one.create_entities(2, batch)
    other.create_entities(2, batch)
    one.storage(Capacity).arrays.level[:] = 99.0
    expected = ([0.0, 0.5], [0.0, 0.5])

    assert expected == (other.storage(Capacity).arrays.level.tolist(), batch.values["level"].tolist())
