"""A processor that knows nothing of this project sees and changes a network."""

from __future__ import annotations

import esper
import numpy as np
import pytest
from watchers import (  # noqa: F401
    DENDRITIC,
    NEURAL,
    SYNAPTIC,
    Doing,
    Label,
    Stimulation,
    column,
    excite,
    seen_by_esper,
    simulation,
    spikes_by_tick,
    state,
    world,
)

from runen_ecs.components import (
    DENDRITE,
    NEURON,
    SYNAPSE,
    Delay,
    Izhikevich,
    Membrane,
    Recovery,
    Source,
    Target,
    Weight,
)
from runen_ecs.engine import Read, System
from runen_ecs.errors import ScheduleError
from runen_ecs.network import DelayLine, dendrite_of
from runen_ecs.recording import TraceRecord
from runen_ecs.systems import ThalamicInput

# -- a processor that knows nothing of this project ---------------------------------------------------------------


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
