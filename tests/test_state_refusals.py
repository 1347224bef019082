"""What cannot be stored or restored is refused by name; all else of Python's own comes back as it was."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import esper
import numpy as np
import pytest
from small_nets import Acting, Label, Net, create_neurons
from state_worlds import bits, through_json

from runen_ecs.components import NEURON, Membrane, Silenced, SynapticInput
from runen_ecs.engine import Component, DispatcherBuilder, Float, Resource, World
from runen_ecs.engine import field as component_field
from runen_ecs.engine.state import StateError, restore_world, world_state
from runen_ecs.recording import SpikeRecord, WeightRecord
from runen_ecs.scenarios import build, load
from runen_ecs.systems import IzhikevichIntegration, SignalArrival, ThalamicInput


@dataclass(frozen=True)
class Probe:
    """A component of esper's own that holds all kinds of values, and refuses to be made twice."""

    text: str
    numbers: tuple[float, ...]
    array: Any = None
    table: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.text + "!")


class Tag:
    """A component of esper's own that is no dataclass."""


class Tide(Resource):
    """A resource with an attribute that can be stored, and one that cannot."""

    def __init__(self, height: object = 0.0) -> None:
        self.height = height


class Named(Resource):
    """A resource that cannot be made without being told something."""

    def __init__(self, name: str) -> None:
        self.name = name


class Odd(Component, kind=NEURON):
    """A component that only some worlds have."""

    size: Float = component_field(default=1.0)


def labelled() -> World:
    """A world with neurons and with entities and components of esper's own."""
    world = World()
    create_neurons(world, 3)
    world.insert(2, Label("on a neuron"))
    with world.active():
        esper.create_entity(Label("alone"), 7, "text")
        esper.create_entity()
    world.insert(3, Probe("p", (math.nan, -0.0, math.inf), np.array([1.5, 2.5]), {1: "one", "a": (2, [None, True])}))
    return world


def test_entities_and_components_of_esper_come_back() -> None:
    """Plain dataclasses, numbers and texts, on neurons or alone, and empty entities are what they were."""
    world, other = labelled(), World()
    restore_world(other, through_json(world_state(world)))
    with other.active():
        assert [(2, Label("on a neuron")), (4, Label("alone"))] == sorted(esper.get_component(Label))
        assert (7, "text") == (esper.component_for_entity(4, int), esper.component_for_entity(4, str))
        assert esper.entity_exists(5)
        assert sorted(esper.get_entities()) == [1, 2, 3, 4, 5]
        assert esper.components_for_entity(5) == ()
        probe = esper.component_for_entity(3, Probe)
        assert esper.create_entity() == 6
    assert probe.text == "p!"
    assert math.isnan(probe.numbers[0])
    assert math.copysign(1, probe.numbers[1]) == -1
    assert probe.numbers[2] == math.inf
    assert probe.array.tolist() == [1.5, 2.5]
    assert probe.table == {1: "one", "a": (2, [None, True])}


def test_what_was_there_before_is_forgotten() -> None:
    """A world that has its own entities, labels, changes under way and deletions has none of them after a restore."""
    fresh, used = Net(2).world, Net(5).world
    state = world_state(fresh)
    used.insert(4, Label("old"))
    used.insert(4, Silenced(until=9))
    with used.active():
        esper.create_entity(Label("old too"))
        esper.delete_entity(1)
        assert len(esper.get_component(Membrane)) == 5  # esper keeps the answer
    used.lazy.create_entities(3, Membrane.batch())
    restore_world(used, state)
    with used.active():
        assert [entity for entity, _ in esper.get_component(Membrane)] == [1, 2]
        assert esper.get_component(Label) == []
        assert esper.get_component(Silenced) == []
        assert sorted(esper.get_entities()) == [1, 2]
    used.maintain()
    assert used.entities(NEURON).tolist() == [1, 2]


def test_views_go_on_working() -> None:
    """A view that was made before a restore shows what was restored."""
    world = Net(3).world
    view = world.component(2, Membrane)
    view.v = -50.0
    state = world_state(world)
    view.v = -60.0
    restore_world(world, state)
    assert view.v == -50.0
    view.v = -40.0
    assert world.storage(Membrane).array["v"].tolist() == [-65.0, -40.0, -65.0]


def test_parameters_of_systems_are_state() -> None:
    """A parameter that was changed while it ran is changed in the world that goes on."""
    first, second = (build(load("columnar", ["columns.count=1"])) for _ in range(2))
    first.dispatcher.plan["thalamic_input"].high = 3.0
    restore_world(second.world, through_json(world_state(first.world)))
    assert second.dispatcher.plan["thalamic_input"].high == 3.0
    for simulation in (first, second):
        simulation.run(60)
    assert bits(first.world) == bits(second.world)


def test_components_and_resources_that_came_later_come_back() -> None:
    """What a world was given while it ran, and its plan does not know, is made; what was only looked at is empty."""
    first, second = Net(3).world, Net(3).world
    first.insert(2, Odd(size=4.0))
    first.add_resource(Tide(2.5))
    first.resource(WeightRecord)
    second.resource(SpikeRecord)
    second.storage(Silenced)
    restore_world(second, through_json(world_state(first)))
    assert second.component(2, Odd).size == 4.0
    assert second.resource(Tide).height == 2.5
    restore_world(second, through_json(world_state(Net(3).world)))
    assert (len(second.storage(Odd)), second.resource(Tide).height) == (0, 0.0)


def in_a_function() -> object:
    """A dataclass that nobody can find again."""

    @dataclass
    class Hidden:
        x: int = 0

    return Hidden()


def with_more() -> Label:
    """A dataclass that was given an attribute."""
    label = Label("a")
    label.more = 1  # type: ignore[attr-defined]
    return label


@pytest.mark.parametrize(
    ("component", "words"),
    [
        (Tag(), "esper/1/Tag is of type Tag, and cannot be stored; choices: numbers, texts, arrays, and lists"),
        (Label(print), "esper/1/Label/text is of type builtin_function_or_method, and cannot be stored"),  # type: ignore[arg-type]
        (Label({1, 2}), "esper/1/Label/text is of type set, and cannot be stored"),  # type: ignore[arg-type]
        (in_a_function(), "esper/1/Hidden is of type in_a_function.<locals>.Hidden, which cannot be found"),
        (with_more(), "esper/1/Label has 'more', which is no field of Label, and cannot be stored"),
        (Probe("", (), np.array([print])), "esper/1/Probe/array is an array of Python objects, and cannot be stored"),
    ],
)
def test_components_that_cannot_be_stored(component: object, words: str) -> None:
    """A component of esper's own that is no data is refused by its entity and its name."""
    world = World()
    with world.active():
        esper.create_entity(component)
    with pytest.raises(StateError) as caught:
        world_state(world)
    assert str(caught.value).startswith(words)


def test_resources_that_cannot_be_stored() -> None:
    """An attribute of a resource that is no data is refused by its name."""
    world = World()
    world.add_resource(Tide(lambda: 0))
    with pytest.raises(StateError, match=r"^resource/Tide/height is of type function, and cannot be stored; choices: "):
        world_state(world)


def test_two_classes_of_one_name() -> None:
    """Two components of one name are refused, since a state could not tell them apart."""
    world = World()
    world.storage(Membrane)
    world.storage(type("Membrane", (Component,), {"__module__": __name__}, kind=NEURON))
    with pytest.raises(StateError, match="two classes of the world are called Membrane"):
        world_state(world)


def test_changes_that_wait_are_refused_by_name() -> None:
    """A state is not stored while changes wait in world.lazy; after `maintain` it is, with the same bits."""
    world = World()
    action = Acting(lambda world: world.lazy.create_entities(1, Membrane.batch()), every=2)
    dispatcher = DispatcherBuilder().add(action, "acting").build(world)
    create_neurons(world, 1)
    dispatcher.run(2)
    with pytest.raises(StateError) as caught:
        world_state(world)
    assert str(caught.value) == (
        "changes of structure wait in world.lazy, and cannot be stored: LazyUpdate.create_entities; "
        "call world.maintain(), which does them, and store the state then"
    )
    world.maintain()
    assert world_state(world).arrays["table/neuron"].tolist() == [1, 2]


def test_inside_a_tick() -> None:
    """Neither is a state stored nor restored inside a tick."""
    world, refused = World(), []
    state = world_state(World())

    def act(world: World) -> None:
        for work in (lambda: world_state(world), lambda: restore_world(world, state)):
            with pytest.raises(StateError) as caught:
                work()
            refused.append(str(caught.value))

    dispatcher = DispatcherBuilder().add(Acting(act), "acting").build(world)
    create_neurons(world, 1)
    dispatcher.run(1)
    assert refused == [
        "the state of a world is stored between ticks, not inside tick 1",
        "a state is restored between ticks, not inside tick 1",
    ]


def of(*systems: type, seed: int = 0, dt: float = 1.0) -> World:
    """A world with neurons and systems one after another."""
    world, builder, before = World(seed, dt), DispatcherBuilder(), []
    for number, system in enumerate(systems):
        builder.add(system(), f"s{number}", after=before)
        before = [*before, f"s{number}"]
    builder.build(world)
    create_neurons(world, 2)
    return world


def with_resource() -> World:
    world = of(SignalArrival)
    world.add_resource(Named("x"))
    return world


@pytest.mark.parametrize(
    ("stored", "other", "words"),
    [
        (
            lambda: of(SignalArrival, ThalamicInput),
            lambda: of(SignalArrival),
            "the state is of a world with the system ThalamicInput, and this one has none; choices: SignalArrival",
        ),
        (
            lambda: of(SignalArrival),
            lambda: of(SignalArrival, ThalamicInput),
            "this world has the system ThalamicInput, which that of the state has not; choices: SignalArrival",
        ),
        (
            lambda: of(SignalArrival, ThalamicInput, IzhikevichIntegration),
            lambda: of(SignalArrival, IzhikevichIntegration, ThalamicInput),
            "this world runs the systems SignalArrival, IzhikevichIntegration, ThalamicInput, and that of the state "
            "ran them as SignalArrival, ThalamicInput, IzhikevichIntegration",
        ),
        (lambda: of(seed=2**64 - 1), of, f"the state is of a world with seed {2**64 - 1}, and this one has 0"),
        (lambda: of(dt=0.1), of, "the state is of a world with dt 0.1, and this one has 1.0"),
        (
            lambda: of(SignalArrival),
            with_resource,
            "this world has the resource Named, which is not in the state; choices: Clock",
        ),
    ],
)
def test_another_plan(stored: Callable[[], World], other: Callable[[], World], words: str) -> None:
    """A world that was built by another plan is refused with what differs, and nothing in it changes."""
    state, world = world_state(stored()), other()
    before = bits(world)
    with pytest.raises(StateError) as caught:
        restore_world(world, state)
    assert str(caught.value).startswith(words)
    assert before == bits(world)


def test_classes_that_are_not_here() -> None:
    """A component, a resource or a dataclass of the state that nobody has imported is refused; so are other fields."""
    world = labelled()
    world.insert(1, Odd())
    world.add_resource(Tide())
    changes: dict[str, Callable[[dict[str, Any]], object]] = {
        "the state has a Gone of elsewhere, and there is none here": lambda data: data["components"].update(
            Gone={"place": ["elsewhere", "Gone"], "fields": [], "masked": False}
        ),
        "the state has a Gone of os, and there is none here": lambda data: data["resources"].update(
            Gone={"place": ["os", "Gone"], "state": {}}
        ),
        "the state has a resource Label, and Label of small_nets is none here": lambda data: data["resources"].update(
            Label={"place": ["small_nets", "Label"], "state": {}}
        ),
        "the state has a component Label, and Label of small_nets is none": lambda data: data["components"].update(
            Label={"place": ["small_nets", "Label"], "fields": [], "masked": False}
        ),
        "Membrane has the fields v here, and in the state v, w": lambda data: data["components"]["Membrane"][
            "fields"
        ].append("w"),
        "the state has a Label of nowhere": lambda data: data["esper"][0][1].__setitem__(
            0, [["nowhere", "Label"], "x"]
        ),
    }
    for words, change in changes.items():
        state, other = through_json(world_state(world)), labelled()
        change(state.data)
        before = bits(other)
        with pytest.raises(StateError) as caught:
            restore_world(other, state)
        assert str(caught.value).startswith(words)
        assert before == bits(other)


def test_other_types_of_numbers() -> None:
    """A field whose numbers do not fit into what is declared now is refused; a narrower type is taken."""
    state, world = world_state(labelled()), labelled()
    state.arrays["component/Membrane/v"] = np.array([1, 2, 3], np.int32)
    restore_world(world, state)
    assert world.storage(Membrane).array["v"].dtype == np.float64
    assert world.storage(Membrane).array["v"].tolist() == [1.0, 2.0, 3.0]
    state.arrays["component/Membrane/v"] = np.zeros(3, np.complex128)
    with pytest.raises(StateError, match=r"^Membrane\.v is float64 here, and complex128 in the state$"):
        restore_world(world, state)


def test_a_state_is_a_copy() -> None:
    """What the world does later, or a world that was restored, changes nothing in a state."""
    world = labelled()
    state = world_state(world)
    kept = through_json(state)
    for one in (world, World()):
        restore_world(one, state)
        one.storage(Membrane).array["v"][:] = 1.0
        one.storage(SynapticInput).array["current"][:] = 1.0
    assert state.data == kept.data
    assert all(np.array_equal(array, kept.arrays[name]) for name, array in state.arrays.items())
