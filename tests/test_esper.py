"""Every neuron, synapse and dendrite is an entity of esper's: its documented functions see and change all of them."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import esper
import numpy as np
import pytest

from runen_ecs.components import (
    DENDRITE,
    NEURON,
    SYNAPSE,
    ActionPotential,
    ColumnCoordinates,
    Delay,
    Izhikevich,
    LastSpike,
    Membrane,
    Recovery,
    Source,
    SynapticInput,
    Target,
    Weight,
)
from runen_ecs.engine import Component, DispatcherBuilder, Kind, Read, System, World
from runen_ecs.errors import ComponentError, EntityError, ScheduleError
from runen_ecs.network import DelayLine, Fired, Topology, connect, dendrite_of
from runen_ecs.recording import SpikeRecord, TraceRecord
from runen_ecs.scenarios import Simulation, build, load
from runen_ecs.systems import ThalamicInput

NEURAL = (ColumnCoordinates, Membrane, Recovery, Izhikevich, SynapticInput, ActionPotential, LastSpike)
SYNAPTIC = (Source, Delay)
DENDRITIC = (Target, Weight)
COMPONENTS = (*NEURAL, *SYNAPTIC, *DENDRITIC)
HOW_TO_CREATE = (
    "Weight: lives in an array, so the world creates it: world.create_entity(…), connect(world, …) or "
    "world.insert(entity, Weight(…)), through world.lazy inside a tick"
)


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


def column(*settings: str) -> Simulation:
    return build(load("columnar", ["columns.count=1", *settings]))


@pytest.fixture
def simulation() -> Simulation:
    return column()


@pytest.fixture
def world(simulation: Simulation) -> World:
    return simulation.world


@pytest.fixture(autouse=True)
def _default_context():
    """Leave esper in its default context, and see that the project does."""
    yield
    left = esper.current_world
    esper.switch_world("default")
    assert left == "default"


def small_world() -> World:
    """Three neurons in a ring, and a synapse of the first onto itself."""
    world = World()
    neuron = world.create_entities(3, Membrane.batch(v=[-61.0, -62.0, -63.0]), SynapticInput.batch())
    connect(world, neuron[[0, 1, 2, 0]], neuron[[1, 2, 0, 0]], weight=[1.0, 2.0, 3.0, 4.0])
    world.resource(Topology)
    world.maintain()
    return world


def seen_by_esper(world: World) -> dict[str, Any]:
    """All entities and all values of all components, by esper's functions alone."""
    with world.active():
        seen: dict[str, Any] = {
            component.__name__: sorted(
                (entity, *(getattr(view, name) for name in component.fields))
                for entity, view in esper.get_component(component)
            )
            for component in COMPONENTS
        }
        return {**seen, "entities": sorted(esper.get_entities())}


def state(world: World) -> dict[str, Any]:
    """Everything that a world holds: rows, arrays, masks, indexes, signals on their way, and what esper sees."""
    topology, delay_line, fired = world.resource(Topology), world.resource(DelayLine), world.resource(Fired)
    held: dict[str, Any] = {"tick": world.tick, "seen": seen_by_esper(world)}
    for kind in (NEURON, SYNAPSE, DENDRITE):
        entity = world.entities(kind)
        held[kind.name] = entity.tolist()
        held[f"{kind.name} rows"] = world.index.row[entity].tolist()
        held[f"{kind.name} numbers"] = world.table(kind).creation_number(entity).tolist()
    held["living"] = np.flatnonzero(world.index.row >= 0).tolist()
    for component in COMPONENTS:
        storage = world.storage(component)
        held[component.__name__] = {name: array.tolist() for name, array in storage.array.items()}
        held[f"{component.__name__} held"] = len(storage), [storage.has(row) for row in range(len(storage.table))]
    for name in ("axon_first", "dendrite_first", "dendrite_row", "dendrite_source"):
        held[name] = getattr(topology, name).tolist()
    held["on their way"] = delay_line.pending.tolist(), delay_line.dropped
    held["fired"] = fired.row[: fired.count[0]].tolist()
    return held


def excite(world: World) -> None:
    """Put every neuron over its threshold, so that it fires in the next integration."""
    world.storage(Membrane).arrays.v[:] = 40.0


def spikes_by_tick(world: World) -> dict[int, int]:
    tick, _ = world.resource(SpikeRecord).spikes()
    return dict(Counter(tick.tolist()))


# -- a processor that knows nothing of this project ---------------------------------------------------------------


class Stimulation(esper.Processor):
    """Puts every neuron over its threshold, once."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def process(self) -> None:
        if not self.seen:
            for neuron, (membrane, recovery) in esper.get_components(Membrane, Recovery):
                membrane.v, recovery.u = 40.0, 0.0
                self.seen.append(neuron)


class Equalisation(esper.Processor):
    """Gives every dendrite the same weight, once."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def process(self) -> None:
        if not self.seen:
            for dendrite, (_, weight) in esper.get_components(Target, Weight):
                weight.value = 2.0
                self.seen.append(dendrite)


class Hastening(esper.Processor):
    """Gives every synapse the shortest delay."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def process(self) -> None:
        if not self.seen:
            for synapse, (_, delay) in esper.get_components(Source, Delay):
                delay.ticks = 1
                self.seen.append(synapse)


def test_processor_sees_every_neuron_synapse_and_dendrite(simulation, world):
    """A plain processor iterates over all neurons, synapses and dendrites with esper's queries alone."""
    processors = [Stimulation(), Hastening(), Equalisation()]
    with world.active():
        for processor in processors:
            esper.add_processor(processor)
    simulation.run(2)

    for processor, kind in zip(processors, (NEURON, SYNAPSE, DENDRITE), strict=True):
        assert world.entities(kind).tolist() == sorted(processor.seen)


@pytest.mark.parametrize(("offset", "tick"), [(+1, 1), (-1, 2)])
def test_membranes_written_before_or_after_integration(simulation, world, offset, tick):
    """A potential written before the integration by priority counts in this tick; one written after it in the next."""
    with world.active():
        esper.add_processor(Stimulation(), simulation.dispatcher.priority("izhikevich_integration") + offset)
    simulation.run(2)
    expected = {tick: 100}

    assert expected == spikes_by_tick(world)


@pytest.mark.parametrize("offset", [+1, -1])
def test_weights_written_before_or_after_propagation(simulation, world, offset):
    """A weight written before the propagation by priority goes with the spikes of this tick, one written after not."""
    source, target, delay = (
        world.storage(Source).arrays.neuron.copy(),
        world.storage(Target).arrays.neuron,
        world.storage(Delay).arrays.ticks,
    )
    weight = np.full(source.size, 2.0) if offset > 0 else world.storage(Weight).arrays.value.copy()
    expected = np.zeros_like(world.resource(DelayLine).pending)
    for row in range(source.size):  # rows are sorted by source, and all fire: the order of the sums is that of the rows
        expected[(1 + int(delay[row])) % len(expected), target[row]] += min(max(weight[row], -4.0), 4.0)
    excite(world)
    with world.active():
        esper.add_processor(Equalisation(), simulation.dispatcher.priority("signal_propagation") + offset)
    simulation.run(1)

    assert np.array_equal(expected, world.resource(DelayLine).pending)


def test_delays_written_by_a_processor(simulation, world):
    """Delays written between ticks hold for the next: all signals then arrive one tick after the spikes."""
    with world.active():
        esper.add_processor(Hastening())
    simulation.run(1)
    excite(world)
    simulation.run(1)
    pending = world.resource(DelayLine).pending
    expected = {(world.tick + 1) % len(pending)}

    assert expected == set(np.flatnonzero(pending.any(axis=1)).tolist())


@pytest.mark.parametrize("place", ["signal_arrival", "firing", "signal_propagation"])
def test_delays_written_inside_a_tick(place):
    """Delays written inside the first tick, before the propagation, give the run that they give written before it."""
    before, inside = column(), column()
    with before.world.active():
        Hastening().process()
    with inside.world.active():
        esper.add_processor(Hastening(), inside.dispatcher.priority(place) + 1)
    for simulation in (before, inside):
        excite(simulation.world)
        simulation.run(30)

    assert spikes_by_tick(before.world) == spikes_by_tick(inside.world)
    assert seen_by_esper(before.world) == seen_by_esper(inside.world)


def test_processor_that_only_looks_changes_no_bit():
    """A processor that reads everything in every tick leaves every bit as it is without it."""
    alone, watched = column(), column()
    with watched.world.active():
        esper.add_processor(
            Doing(lambda: [view.v for _, (view, _) in esper.get_components(Membrane, Recovery)]),
            watched.dispatcher.priority("firing") + 1,
        )
    alone.run(40)
    watched.run(40)

    assert state(alone.world) == state(watched.world)
    assert spikes_by_tick(alone.world) == spikes_by_tick(watched.world)


def test_esper_process_by_hand():
    """`esper.process()` is a tick, whoever calls it."""
    run, by_hand = column(), column()
    run.run(40)
    with by_hand.world.active():
        for _ in range(40):
            esper.process()

    assert state(run.world) == state(by_hand.world)
    assert spikes_by_tick(run.world) == spikes_by_tick(by_hand.world)


def test_recorders_by_hand(monkeypatch):
    """A recorder whose buffer is full is emptied at the end of the tick when esper runs the ticks, too."""
    monkeypatch.setattr(TraceRecord, "ROOM", 4)
    simulation = column("record.traces=[0, 40]")
    record = simulation.world.resource(TraceRecord)
    with simulation.world.active():
        for _ in range(4):
            esper.process()
        assert record.count[0] < 4
        for _ in range(6):
            esper.process()
    expected = (10, 2)

    assert expected == record.trace().shape


@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_removed_processor_has_no_turn(simulation, world, stepped):
    """A system that is taken out with `esper.remove_processor` runs no more, in either way of running."""
    with world.active():
        esper.remove_processor(ThalamicInput)
    simulation.run(200, stepped=stepped)
    expected = {}

    assert expected == spikes_by_tick(world)


class Bystander(System):
    """A system that no dispatcher knows."""

    membrane: Read[Membrane]

    def run(self) -> None:
        pass


@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_system_that_only_esper_knows(simulation, world, stepped):
    """A system given to esper and to no dispatcher is not passed over in silence, in either way of running."""
    with world.active():
        esper.add_processor(Bystander(), 150)
    with pytest.raises(ScheduleError, match="Bystander is in no world"):
        simulation.run(1, stepped=stepped)


# -- queries ------------------------------------------------------------------------------------------------------

OF_KIND = [
    pytest.param(NEURON, NEURAL, SYNAPTIC + DENDRITIC, id="neuron"),
    pytest.param(SYNAPSE, SYNAPTIC, NEURAL + DENDRITIC, id="synapse"),
    pytest.param(DENDRITE, DENDRITIC, NEURAL + SYNAPTIC, id="dendrite"),
]


@pytest.mark.parametrize(("kind", "has", "has_not"), OF_KIND)
def test_queries_about_one_entity(world, kind, has, has_not):
    """The functions that ask about one entity answer as they do for an entity of esper's own."""
    entity = int(world.entities(kind)[7])
    with world.active():
        assert esper.entity_exists(entity)
        assert all(esper.has_component(entity, component) for component in has)
        assert not any(esper.has_component(entity, component) for component in has_not)
        assert esper.has_components(entity, *has)
        assert not esper.has_components(entity, has[0], has_not[0])
        assert set(has) == {type(view) for view in esper.components_for_entity(entity)}
        for component in has:
            assert esper.component_for_entity(entity, component) == world.component(entity, component)
            assert esper.try_component(entity, component) is esper.component_for_entity(entity, component)
        for component in has_not:
            assert esper.try_component(entity, component) is None
            with pytest.raises(KeyError):
                esper.component_for_entity(entity, component)
        assert [type(view) for view in esper.try_components(entity, *has)] == list(has)
        assert esper.try_components(entity, has[0], has_not[0]) is None


@pytest.mark.parametrize(("kind", "has", "has_not"), OF_KIND)
def test_queries_about_all_entities(world, kind, has, has_not):
    """The functions that ask for all entities give each of a kind once, with views of its own values."""
    with world.active():
        rows = esper.get_components(*has)
        none = esper.get_components(has[0], has_not[0])
    values = {
        name: {entity: getattr(view, name) for entity, (view, *_) in rows} for name in has[0].fields if name != "neuron"
    }

    assert none == []
    assert sorted(entity for entity, _ in rows) == world.entities(kind).tolist()
    for name, by_entity in values.items():
        assert [by_entity[e] for e in world.entities(kind).tolist()] == world.storage(has[0]).array[name].tolist()


def test_references_are_entities(world):
    """What a synapse comes from and a dendrite belongs to are entities that esper knows."""
    synapse = int(world.entities(SYNAPSE)[7])
    with world.active():
        source = esper.component_for_entity(synapse, Source).neuron
        target = esper.component_for_entity(dendrite_of(synapse), Target).neuron

        assert esper.has_component(source, Membrane)
        assert esper.has_component(target, Membrane)
    expected = [world.index.row[source], world.index.row[target]]

    assert expected == [world.storage(Source).arrays.neuron[7], world.storage(Target).arrays.neuron[7]]


def test_get_entities_gives_each_once(world):
    """All entities are given once: neurons, synapses, dendrites, and those of esper's own."""
    with world.active():
        own = esper.create_entity(Label("own"))
        actual = sorted(esper.get_entities())
    expected = sorted([own, *(e for kind in (NEURON, SYNAPSE, DENDRITE) for e in world.entities(kind).tolist())])

    assert expected == actual


def test_asking_about_others_while_iterating(world):
    """Reading never changes what is iterated over: any query may be made inside a loop over all entities."""
    neuron = int(world.entities(NEURON)[0])
    with world.active():
        for text in "ab":
            esper.create_entity(Label(text))
        seen = sum(1 for _ in esper.get_entities() if esper.has_component(neuron, Membrane))
    expected = 2 + 100 + 2 * len(world.entities(SYNAPSE))

    assert expected == seen


def test_entity_that_never_was(world):
    """What does not exist is answered as esper documents it."""
    with world.active():
        assert not esper.entity_exists(10**9)
        assert esper.try_component(10**9, Membrane) is None
        for query in (esper.components_for_entity, lambda e: esper.has_component(e, Membrane)):
            with pytest.raises(KeyError):
                query(10**9)


def test_ids_of_numpy_are_ids(world):
    """An id taken from an array of ids is as good as a Python int, for every function."""
    one, other, third = world.entities(NEURON)[[3, 50, 70]]
    with world.active():
        assert esper.entity_exists(one)
        assert esper.has_components(one, Membrane, Recovery)
        assert esper.try_component(one, Membrane) is not None
        esper.remove_component(other, Izhikevich)
        esper.add_component(third, Label("x"))
        esper.delete_entity(one)
        world.maintain()
        assert not esper.entity_exists(one)
        assert not esper.has_component(other, Izhikevich)
        assert not world.storage(Izhikevich).has(int(world.index.row[other]))
        assert dict(esper.get_component(Label)) == {int(third): Label("x")}
        esper.delete_entity(third, immediate=True)
        assert not esper.entity_exists(third)
        world.maintain()
    expected = {int(one), int(third)}

    assert expected & set(world.entities(NEURON).tolist()) == set()
    assert len(world.entities(NEURON)) == 98


# -- deletion -----------------------------------------------------------------------------------------------------


def _delete_with_esper(world: World, entity: int) -> None:
    esper.delete_entity(entity)


def _delete_with_esper_at_once(world: World, entity: int) -> None:
    esper.delete_entity(entity, immediate=True)


def _delete_with_the_world(world: World, entity: int) -> None:
    world.delete_entity(entity)


def _delete_lazily(world: World, entity: int) -> None:
    world.lazy.delete_entity(entity)


WAYS = [_delete_with_esper, _delete_with_esper_at_once, _delete_with_the_world, _delete_lazily]
ways = pytest.mark.parametrize("delete", WAYS, ids=lambda way: way.__name__.strip("_"))
kinds = pytest.mark.parametrize("kind", [NEURON, SYNAPSE, DENDRITE], ids=lambda kind: kind.name)


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
    fed = {synapse for synapse, source in before["Source"] if source == neuron} - own_synapses
    with world.active():
        delete(world, neuron)
    world.maintain()
    after = seen_by_esper(world)
    gone = {neuron} | own_dendrites | own_synapses

    assert own_dendrites
    assert fed
    assert gone == set(before["entities"]) - set(after["entities"])
    assert fed == {synapse for synapse, source in after["Source"] if source == 0}
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


# -- worlds -------------------------------------------------------------------------------------------------------


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
