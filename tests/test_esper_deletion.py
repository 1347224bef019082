"""esper's deletion and the world's agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import esper
import pytest
from watchers import (  # noqa: F401
    COMPONENTS,
    NEURAL,
    Doing,
    Label,
    _delete_with_the_world,
    column,
    excite,
    kinds,
    seen_by_esper,
    simulation,
    small_world,
    spikes_by_tick,
    state,
    ways,
    world,
)

from runen_ecs.components import (
    DENDRITE,
    NEURON,
    SYNAPSE,
    Membrane,
)
from runen_ecs.engine import Kind, World
from runen_ecs.errors import EntityError
from runen_ecs.network import connect, dendrite_of

# -- deletion -----------------------------------------------------------------------------------------------------


def after_deleting(delete: Callable[[World, int], None], kind: Kind, inside_a_tick: bool) -> list[Any]:
    """Delete three entities after ten ticks; the state then, and ten ticks later."""
    simulation = column()
    world = simulation.world
    seen_by_esper(world)
    excite(world)
    simulation.run(10)
    doomed = world.entities(kind)[[3, 50, 51]].tolist()

    def delete_all() -> None:
        while doomed:
            delete(world, doomed.pop())

    if inside_a_tick:
        with world.active():
            esper.add_processor(Doing(delete_all), simulation.dispatcher.priority("firing") + 1)
        simulation.run(1)
    else:
        with world.active():
            delete_all()
    world.maintain()
    states = [state(world)]
    simulation.run(10)
    return [*states, state(world), spikes_by_tick(world)]


@ways
@kinds
@pytest.mark.parametrize("inside_a_tick", [False, True])
def test_all_ways_to_delete_agree(delete, kind, inside_a_tick):
    """However an entity is deleted, arrays, views, indexes, counts and signals are the same, and stay it."""
    expected = after_deleting(_delete_with_the_world, kind, inside_a_tick)

    assert expected == after_deleting(delete, kind, inside_a_tick)


@ways
def test_neuron_takes_its_dendrites_and_their_synapses(world, delete):
    """With a neuron go its dendrites and the synapses that feed them; those that it fed stay, fed by nobody."""
    neuron = int(world.entities(NEURON)[45])
    before = seen_by_esper(world)
    own_dendrites = {dendrite for dendrite, target in before["Target"] if target == neuron}
    own_synapses = {dendrite - 1 for dendrite in own_dendrites}
    fed = {synapse for synapse, source, _ in before["Source"] if source == neuron} - own_synapses
    with world.active():
        delete(world, neuron)
    world.maintain()
    after = seen_by_esper(world)
    gone = {neuron} | own_dendrites | own_synapses

    assert own_dendrites
    assert fed
    assert gone == set(before["entities"]) - set(after["entities"])
    assert fed == {synapse for synapse, source, _ in after["Source"] if source == 0}
    assert set() == gone & {entity for component in COMPONENTS for entity, *_ in after[component.__name__]}
    assert [row for row in before["Weight"] if row[0] not in gone] == after["Weight"]
    assert [row for row in before["Membrane"] if row[0] not in gone] == after["Membrane"]


@ways
@pytest.mark.parametrize("kind", [SYNAPSE, DENDRITE], ids=lambda kind: kind.name)
def test_synapse_and_dendrite_go_together(world, delete, kind):
    """A synapse has one dendrite and a dendrite one synapse: with the one goes the other, and no neuron."""
    before = seen_by_esper(world)
    synapse = int(world.entities(SYNAPSE)[7])
    with world.active():
        delete(world, synapse + kind.position)
    world.maintain()
    after = seen_by_esper(world)

    assert {synapse, dendrite_of(synapse)} == set(before["entities"]) - set(after["entities"])
    assert before["Membrane"] == after["Membrane"]


@kinds
def test_immediate_deletion_is_seen_at_once(world, kind):
    """What esper deletes immediately it sees no more, before the arrays follow at the next `maintain`."""
    entity = int(world.entities(kind)[3])
    with world.active():
        component = type(esper.components_for_entity(entity)[0])
        n = len(esper.get_component(component))
        esper.delete_entity(entity, immediate=True)

        assert not esper.entity_exists(entity)
        assert esper.try_component(entity, component) is None
        assert entity not in esper.get_entities()
        assert n - 1 == len(esper.get_component(component))
        with pytest.raises(KeyError):
            esper.delete_entity(entity, immediate=True)
    assert entity in world.entities(kind)
    world.maintain()
    assert entity not in world.entities(kind)


@kinds
def test_deferred_deletion_is_as_esper_documents(world, kind):
    """What esper deletes later does not exist from now on, and can be read until then."""
    entity = int(world.entities(kind)[3])
    with world.active():
        esper.delete_entity(entity)

        assert not esper.entity_exists(entity)
        assert esper.components_for_entity(entity)
        esper.clear_dead_entities()
        with pytest.raises(KeyError):
            esper.components_for_entity(entity)


def test_deleting_both_of_a_pair(world):
    """A synapse and its dendrite may be deleted in one tick, in any two ways."""
    synapse = world.entities(SYNAPSE)[[7, 8]].tolist()
    n = len(world.entities(SYNAPSE))
    with world.active():
        esper.delete_entity(synapse[0], immediate=True)
        esper.delete_entity(dendrite_of(synapse[0]))
        esper.delete_entity(synapse[1], immediate=True)
        esper.delete_entity(dendrite_of(synapse[1]), immediate=True)
    world.maintain()

    assert n - 2 == len(world.entities(SYNAPSE)) == len(world.entities(DENDRITE))


def test_deleting_what_is_not_there(world):
    """The world says at once that there is nothing to delete."""
    with pytest.raises(EntityError) as caught:
        world.delete_entity(10**9)
    expected = "entity 1000000000: does not exist, so it cannot be deleted"

    assert expected == str(caught.value)


# -- clearing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_clear_database(simulation, world, stepped):
    """`esper.clear_database` deletes every entity; the systems stay, time goes on, and a new network can be made."""
    simulation.run(10, stepped=stepped)
    with world.active():
        esper.create_entity(Label("own"))
        esper.clear_database()
        assert list(esper.get_entities()) == []
        assert esper.get_component(Membrane) == []
    simulation.run(10, stepped=stepped)
    sizes = [len(world.entities(kind)) for kind in (NEURON, SYNAPSE, DENDRITE)]
    fields = [array.size for component in COMPONENTS for array in world.storage(component).array.values()]

    assert sizes == [0, 0, 0]
    assert {0} == set(fields)
    assert world.tick == 20
    neuron = world.create_entities(2, *(component.batch() for component in NEURAL))
    connect(world, neuron[0], neuron[1], delay=40)
    excite(world)
    simulation.run(10, stepped=stepped)

    assert {21: 2}.items() <= spikes_by_tick(world).items()
    assert (
        sorted([*neuron.tolist(), *world.entities(SYNAPSE), *world.entities(DENDRITE)])
        == (seen_by_esper(world)["entities"])
    )


def test_entity_made_after_clearing():
    """An entity that esper makes after `clear_database` is seen at once, and is no victim of it at `maintain`."""
    world = small_world()
    with world.active():
        esper.clear_database()
        own = esper.create_entity(Label("new"))
        before = list(esper.get_entities())
        world.maintain()
        after = list(esper.get_entities())

        assert ([own], [own]) == (before, after)
        assert esper.get_component(Label) == [(own, Label("new"))]


def test_neuron_made_after_clearing():
    """A neuron made after `clear_database`, before the next tick, is there after it."""
    world = small_world()
    with world.active():
        esper.clear_database()
    neuron = world.create_entity(Membrane(v=-70.0))
    world.maintain()

    assert [neuron] == world.entities(NEURON).tolist()
    assert world.component(neuron, Membrane).v == -70.0
