"""Worlds do not touch one another, and go when nobody holds them."""

from __future__ import annotations

import gc
import weakref
from collections import Counter

import esper
import pytest
from watchers import (  # noqa: F401
    COMPONENTS,
    DENDRITIC,
    NEURAL,
    SYNAPTIC,
    Label,
    Stimulation,
    column,
    seen_by_esper,
    simulation,
    small_world,
    state,
    world,
)

from runen_ecs.components import (
    DENDRITE,
    NEURON,
    Membrane,
    Recovery,
    Weight,
)
from runen_ecs.engine import Component, DispatcherBuilder, World
from runen_ecs.network import connect
from runen_ecs.scenarios import Simulation


def test_worlds_do_not_touch_each_other():
    """Two worlds that run in turns end as each does alone."""

    def stimulate(simulation: Simulation) -> None:
        with simulation.world.active():
            for _, membrane in esper.get_component(Membrane)[:10]:
                membrane.v = 0.0
            esper.delete_entity(int(simulation.world.entities(NEURON)[0]))

    def alone(seed: int) -> Simulation:
        simulation = column(f"seed={seed}")
        for _ in range(4):
            stimulate(simulation)
            simulation.run(10)
        return simulation

    expected = [state(alone(seed).world) for seed in (1, 2)]
    together = [column(f"seed={seed}") for seed in (1, 2)]
    for turn in range(4):
        for simulation in together:
            stimulate(simulation)
            simulation.run(10, stepped=turn % 2 == 0)

    assert expected == [state(simulation.world) for simulation in together]


def test_context_is_left_as_it_was():
    """A block in which a world is active ends in the context it began in, nested and after an error too."""
    one, other = World(), World()
    seen = []

    def nest() -> None:
        with one.active():
            seen.append(esper.current_world)
            with other.active():
                seen.append(esper.current_world)
                esper.create_entity(Label())
            seen.append(esper.current_world)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        nest()
    seen.append(esper.current_world)
    with one.active():
        entities = list(esper.get_entities())

    assert [one.name, other.name, one.name, "default"] == seen
    assert entities == []


def test_worlds_have_contexts_of_their_own():
    """Each world is one esper context, known to esper by the name of the world."""
    one, other = small_world(), small_world()
    with one.active():
        esper.delete_entity(int(one.entities(NEURON)[0]), immediate=True)
    esper.switch_world(other.name)
    seen = len(esper.get_component(Membrane))
    esper.switch_world("default")

    assert {one.name, other.name} <= set(esper.list_worlds())
    assert one.name != other.name
    assert seen == 3


def _just_built(simulation: Simulation) -> None:
    pass


def _run_natively(simulation: Simulation) -> None:
    simulation.run(20)


def _run_stepped(simulation: Simulation) -> None:
    simulation.run(20, stepped=True)


def _queried(simulation: Simulation) -> None:
    seen_by_esper(simulation.world)


def _left_active(simulation: Simulation) -> None:
    simulation.run(1)
    esper.switch_world(simulation.world.name)


def _changed(simulation: Simulation) -> None:
    world = simulation.world
    world.lazy.exec(lambda world: connect(world, world.entities(NEURON)[0], world.entities(NEURON)[1]))
    world.delete_entity(int(world.entities(NEURON)[5]))
    simulation.run(3)


def _with_a_processor(simulation: Simulation) -> None:
    with simulation.world.active():
        esper.add_processor(Stimulation(), 150)
    simulation.run(3)


@pytest.mark.parametrize(
    "use", [_just_built, _run_natively, _run_stepped, _queried, _left_active, _changed, _with_a_processor]
)
def test_world_is_freed(use):
    """A world that nobody holds is freed with its arrays and its esper context, whatever was done with it."""
    simulation = column()
    use(simulation)
    name, gone = simulation.world.name, weakref.ref(simulation.world)
    arrays = weakref.ref(simulation.world.storage(Weight).arrays.value)
    del simulation
    gc.collect()

    assert gone() is None
    assert arrays() is None
    assert name not in esper.list_worlds()
    assert esper.current_world == "default"


def views() -> Counter[type]:
    """How many row views there are in this process, by component."""
    gc.collect()
    return Counter(type(o) for o in gc.get_objects() if issubclass(type(o), Component))


def test_views_are_made_only_when_asked_for(simulation, world):
    """Building and running make no view; asking for neurons makes views of neurons and of nothing else."""
    before = views()
    simulation.run(20)
    simulation.run(20, stepped=True)
    world.delete_entity(int(world.entities(NEURON)[0]))
    world.maintain()
    ran = views()
    with world.active():
        esper.get_components(Membrane, Recovery)
    asked = views()

    assert before == ran
    assert {component: asked[component] - ran[component] for component in COMPONENTS if asked != ran} == {
        **dict.fromkeys(NEURAL, 99),
        **dict.fromkeys(SYNAPTIC + DENDRITIC, 0),
    }


def test_materialise_makes_views_at_once(world):
    """`materialise` makes the views of a component before anybody asks."""
    before = views()[Weight]
    world.materialise(Weight)

    assert len(world.entities(DENDRITE)) == views()[Weight] - before


def test_view_is_the_same_object_for_esper():
    """Every query gives the same view of a component, as it does for a component that esper keeps."""
    world = small_world()
    neuron = int(world.entities(NEURON)[0])
    with world.active():
        view = esper.component_for_entity(neuron, Membrane)
        world.create_entity(Membrane())
        world.maintain()

        assert view is esper.component_for_entity(neuron, Membrane)
        assert view is dict(esper.get_component(Membrane))[neuron]


def test_dispatcher_in_the_default_context():
    """Building and running leave esper's default context, and what a program keeps there, alone."""
    own = esper.create_entity(Label("default"))
    world = small_world()
    DispatcherBuilder().build(world).run(3)
    seen = esper.get_component(Label)
    esper.delete_entity(own, immediate=True)

    assert [(own, Label("default"))] == seen
