"""Components that esper removes, adds, and keeps beside those in arrays."""

from __future__ import annotations

import esper
import pytest
from watchers import (  # noqa: F401
    HOW_TO_CREATE,
    Label,
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
    Delay,
    Izhikevich,
    Membrane,
    Source,
    Target,
    Weight,
)
from runen_ecs.engine import World
from runen_ecs.errors import ComponentError

# -- removing and adding components -------------------------------------------------------------------------------


def test_removal_is_seen_at_once(world):
    """A component that esper removes is gone for every query at once."""
    neuron = int(world.entities(NEURON)[3])
    with world.active():
        removed = esper.remove_component(neuron, Izhikevich)

        assert isinstance(removed, Izhikevich)
        assert not esper.has_component(neuron, Izhikevich)
        assert neuron not in dict(esper.get_component(Izhikevich))
        assert neuron not in dict(esper.get_components(Izhikevich, Membrane))


def test_removal_takes_effect_at_maintain(simulation, world):
    """A component that esper removes is gone for the arrays, and for the systems, from the next `maintain` on."""
    storage = world.storage(Izhikevich)
    with world.active():
        esper.remove_component(int(world.entities(NEURON)[3]), Izhikevich)
    held = [(len(storage), storage.has(3))]
    world.maintain()
    held.append((len(storage), storage.has(3)))
    excite(world)
    simulation.run(1)
    expected = ([(100, True), (99, False)], {1: 99})

    assert expected == (held, spikes_by_tick(world))


def test_removal_by_esper_and_by_the_world_agree():
    """A component removed with esper leaves what one removed with the world leaves."""
    states = []
    for remove in (lambda world, *what: esper.remove_component(*what), lambda world, *what: world.remove(*what)):
        simulation = column()
        world = simulation.world
        seen_by_esper(world)
        with world.active():
            for kind, component in ((NEURON, Izhikevich), (SYNAPSE, Delay), (DENDRITE, Weight)):
                remove(world, int(world.entities(kind)[5]), component)
        world.maintain()
        states.append(state(world))
        simulation.run(20)
        states.append(state(world))

    assert states[:2] == states[2:]


@pytest.mark.parametrize("remove", [esper.remove_component, esper.try_remove_component])
def test_removing_what_an_entity_has_not_changes_nothing(remove):
    """A neuron has no Weight, so taking it away touches nobody's."""
    world = small_world()
    neuron = int(world.entities(NEURON)[1])
    with world.active():
        if remove is esper.try_remove_component:
            assert remove(neuron, Weight) is None
        else:
            with pytest.raises(KeyError):
                remove(neuron, Weight)
    world.maintain()
    expected = [1.0, 4.0, 2.0, 3.0]

    assert expected == world.storage(Weight).arrays.value.tolist()
    assert len(world.storage(Weight)) == 4


def test_queries_between_removal_and_maintain():
    """What esper has removed stays removed for it when something else is created before the next `maintain`."""
    world = small_world()
    neuron = world.entities(NEURON).tolist()
    with world.active():
        esper.get_component(Membrane)
        esper.remove_component(neuron[1], Membrane)
        new = world.create_entity(Membrane())

        assert sorted(entity for entity, _ in esper.get_component(Membrane)) == [neuron[0], neuron[2], new]


def test_component_given_back_before_maintain():
    """The last word counts: a component removed with esper and inserted again is there after `maintain`."""
    world = small_world()
    neuron = int(world.entities(NEURON)[1])
    with world.active():
        esper.remove_component(neuron, Membrane)
    world.insert(neuron, Membrane(v=-50.0))
    world.maintain()
    with world.active():
        assert esper.has_component(neuron, Membrane)
    assert world.component(neuron, Membrane).v == -50.0


def _create_with_esper(world: World) -> None:
    esper.create_entity(Weight())


def _add_with_esper(world: World) -> None:
    esper.add_component(int(world.entities(DENDRITE)[0]), Weight())


def _add_with_esper_to_another_kind(world: World) -> None:
    esper.add_component(int(world.entities(NEURON)[0]), Weight())


@pytest.mark.parametrize("add", [_create_with_esper, _add_with_esper, _add_with_esper_to_another_kind])
def test_esper_cannot_create_what_lives_in_an_array(world, add):
    """What lives in an array is not esper's to add: the answer is what to type instead, and nothing is changed."""
    before = seen_by_esper(world)
    with world.active(), pytest.raises(ComponentError) as caught:
        add(world)
    expected = HOW_TO_CREATE

    assert expected == str(caught.value)
    assert before == seen_by_esper(world)


def test_esper_cannot_create_it_in_a_new_world_either():
    """The answer is the same in a world that has not met the component yet."""
    with World().active(), pytest.raises(ComponentError) as caught:
        esper.create_entity(Weight())
    expected = HOW_TO_CREATE

    assert expected == str(caught.value)


def test_refused_creation_leaves_nothing_behind():
    """An entity that esper was refused has none of the components that were given with it."""
    world = small_world()
    with world.active():
        with pytest.raises(ComponentError):
            esper.create_entity(Label("ghost"), Weight())

        assert esper.get_component(Label) == []


# -- plain components beside those in arrays ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "give",
    [
        pytest.param(lambda world, entity: esper.add_component(entity, Label("x")), id="esper"),
        pytest.param(lambda world, entity: world.insert(entity, Label("x")), id="world"),
        pytest.param(lambda world, entity: world.lazy.insert(entity, Label("x")), id="lazy"),
    ],
)
@kinds
def test_plain_component_lives_beside_arrays(world, kind, give):
    """A plain dataclass on an entity whose other components live in arrays is found by every query, and stays so."""
    entity = int(world.entities(kind)[5])
    with world.active():
        give(world, entity)
        world.maintain()
        component = {"neuron": Membrane, "synapse": Source, "dendrite": Weight}[kind.name]
        world.delete_entity(int(world.entities(kind)[2]))
        world.maintain()

        assert esper.get_component(Label) == [(entity, Label("x"))]
        assert esper.get_components(Label, component) == [(entity, (Label("x"), world.component(entity, component)))]
        assert esper.get_components(component, Label) == [(entity, (world.component(entity, component), Label("x")))]
        assert esper.has_components(entity, Label, component)
        world.remove(entity, Label)
        assert esper.get_component(Label) == []
        assert esper.has_component(entity, component)


def test_created_with_a_plain_component():
    """One call creates an entity with components of both sorts."""
    world = World()
    neuron = world.create_entity(Membrane(v=-70.0), Label("pacemaker"))
    with world.active():
        rows = esper.get_components(Label, Membrane)

    assert [(neuron, (Label("pacemaker"), Membrane(v=-70.0)))] == rows


@ways
@kinds
def test_plain_component_goes_with_its_entity(world, kind, delete):
    """A plain component does not outlive its entity, nor one that goes with another."""
    entity = int(world.entities(kind)[5])
    neuron = world.component(int(world.entities(DENDRITE)[5]), Target).neuron
    with world.active():
        esper.add_component(entity, Label("x"))
        delete(world, entity if kind is NEURON else neuron)
        world.maintain()

        assert not esper.entity_exists(entity)
        assert esper.get_component(Label) == []


def test_entities_of_esper_itself(simulation, world):
    """Entities that have only plain components live their life in esper, and are no neuron, synapse or dendrite."""
    before = {kind.name: world.entities(kind).tolist() for kind in (NEURON, SYNAPSE, DENDRITE)}
    with world.active():
        keep, drop = esper.create_entity(Label("keep")), world.create_entity(Label("drop"))
        world.delete_entity(drop)
        simulation.run(2)

        assert esper.get_component(Label) == [(keep, Label("keep"))]
        assert not esper.entity_exists(drop)
        assert keep in esper.get_entities()
    assert before == {kind.name: world.entities(kind).tolist() for kind in (NEURON, SYNAPSE, DENDRITE)}
