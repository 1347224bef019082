"""Any sequence of changes of structure agrees with plain dicts."""

from __future__ import annotations

from typing import Any

import esper
import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from naive_structure import DENDRITIC, NEURAL, SYNAPTIC, WAYS_TO_DELETE, WAYS_TO_REMOVE, Naive, whole
from small_nets import Label, Net, number, world  # noqa: F401

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
    Kind,
    Reference,
)
from runen_ecs.network import DelayLine, Topology, connect, connect_synapse, disconnect


class Changes(RuleBasedStateMachine):
    """Changes a world and the naive model alike, and compares all there is at every tick."""

    def __init__(self) -> None:
        super().__init__()
        self.net = Net()
        self.world = self.net.world
        self.naive = Naive()
        self.plain: set[int] = set()  # entities of esper's own

    # what there is to choose from

    def pick(self, entities: list[int], choice: int) -> int | None:
        going = self.naive.going()
        living = [entity for entity in entities if entity not in going]
        return living[choice % len(living)] if living else None

    def neuron(self, choice: int) -> int | None:
        return self.pick(self.naive.neurons, choice)

    def synapse(self, choice: int, connected: bool = False) -> int | None:
        unfed = {0} | self.naive.going()
        return self.pick([s for s in self.naive.pairs if not connected or self.naive.source(s) not in unfed], choice)

    def anybody(self, choice: int) -> int | None:
        dendrites = [s + 1 for s in self.naive.pairs]
        return self.pick([*self.naive.neurons, *self.naive.pairs, *dendrites], choice)

    # creating

    @initialize(n=st.integers(1, 5), choices=st.lists(st.tuples(number, number), max_size=8))
    def begin(self, n: int, choices: list[tuple[int, int]]) -> None:
        self.world.resource(Topology)
        self.create_neurons(n, (Membrane,), 0.0)
        self.connect(choices, 2, 1.0)

    @rule(n=st.integers(0, 3), components=st.sets(st.sampled_from([Membrane, Recovery])), v=whole)
    def create_neurons(self, n: int, components: set[type[Component]], v: float) -> None:
        values = {c: dict.fromkeys(c.fields, v) for c in components}
        batches = [SynapticInput.batch(), *(c.batch(**fields) for c, fields in values.items())]
        for entity in self.world.create_entities(n, *batches).tolist():
            given = {c: dict(fields) for c, fields in values.items()}
            self.naive.create_neuron(entity, {SynapticInput: {"current": 0.0}, **given})

    @rule(choices=st.lists(st.tuples(number, number), max_size=4), delay=st.integers(1, 9), weight=whole)
    def connect(self, choices: list[tuple[int, int]], delay: int, weight: float) -> None:
        if self.neuron(0) is None:
            return
        ends = [(self.neuron(a), self.neuron(b)) for a, b in choices]
        source, target = [a for a, _ in ends], [b for _, b in ends]
        synapses = connect(
            self.world, np.array(source, np.int32), np.array(target, np.int32), weight=weight, delay=delay
        )
        for synapse, (a, b) in zip(synapses.tolist(), ends, strict=True):
            self.naive.create_pair(
                synapse,
                {
                    Source: {"neuron": a, "order": self.naive.last_order},
                    Target: {"neuron": b},
                    Delay: {"ticks": delay},
                    Weight: {"value": weight},
                },
            )

    @rule(weight=whole)
    def create_unconnected_pair(self, weight: float) -> None:
        synapse = self.world.create_entity(Weight(value=weight))
        self.naive.create_pair(synapse, {Weight: {"value": weight}})

    # changing

    @rule(choice=number)
    def disconnect(self, choice: int) -> None:
        if (synapse := self.synapse(choice, connected=True)) is not None:
            disconnect(self.world, synapse)
            self.naive.has[synapse][Source]["neuron"] = 0

    @rule(choice=number, neuron=number)
    def connect_again(self, choice: int, neuron: int) -> None:
        """A synapse that is free can be connected, and is then the last that its axon serves."""
        free = [s for s in self.naive.pairs if Source in self.naive.has[s] and self.naive.source(s) == 0]
        synapse, end = self.pick(free, choice), self.neuron(neuron)
        if synapse is not None and end is not None:
            connect_synapse(self.world, synapse, end)
            self.naive.last_order += 1
            self.naive.has[synapse][Source] |= {"neuron": end, "order": self.naive.last_order}

    @rule(choice=number, order=st.integers(0, 4))
    def reorder(self, choice: int, order: int) -> None:
        if (synapse := self.synapse(choice, connected=True)) is not None:
            self.world.component(synapse, Source).order = order
            self.naive.has[synapse][Source]["order"] = order

    @rule(choice=number, neuron=number, component=st.sampled_from([Source, Target]))
    def point_elsewhere(self, choice: int, neuron: int, component: type[Component]) -> None:
        synapse, end = self.synapse(choice), self.neuron(neuron)
        if synapse is not None and end is not None:
            entity = synapse + component.kind.position
            if component in self.naive.has[entity]:
                self.world.component(entity, component).neuron = end
                self.naive.has[entity][component]["neuron"] = end

    @rule(choice=number, component=st.sampled_from([Delay, Weight, Membrane, Recovery]), value=st.integers(1, 60))
    def write_through_a_view(self, choice: int, component: type[Component], value: int) -> None:
        entities = [e for e, components in self.naive.has.items() if component in components]
        if (entity := self.pick(entities, choice)) is not None:
            (name,) = component.fields
            typed = value if component is Delay else float(value)
            with self.world.active():
                setattr(esper.component_for_entity(entity, component), name, typed)
            self.naive.has[entity][component][name] = typed

    @rule(choice=number, neuron=number, component=st.sampled_from([Membrane, Recovery, Delay, Weight, Source]), v=whole)
    def insert(self, choice: int, neuron: int, component: type[Component], v: float) -> None:
        entity: int | None
        if component in NEURAL:
            entity = self.neuron(choice)
        else:
            entity = self.pick([s + component.kind.position for s in self.naive.pairs], choice)
        if entity is None:
            return
        values: dict[str, Any] = {next(iter(component.fields)): v}
        if component is Delay:
            values = {"ticks": int(v)}
        elif component is Source:
            end = self.neuron(neuron)
            if end is None or self.naive.target(entity) == 0:
                return
            values = {"neuron": end}
        self.world.insert(entity, component(**values))
        self.naive.has[entity][component] = values

    @rule(
        choice=number,
        component=st.sampled_from([Membrane, Recovery, Delay, Weight, Source]),
        way=st.sampled_from(sorted(WAYS_TO_REMOVE)),
    )
    def remove(self, choice: int, component: type[Component], way: str) -> None:
        entities = [e for e, components in self.naive.has.items() if component in components]
        if (entity := self.pick(entities, choice)) is not None:
            with self.world.active():
                WAYS_TO_REMOVE[way](self.world, entity, component)
            del self.naive.has[entity][component]
            if way == "lazy":  # done before anything else is
                self.tick(0, False)

    @rule(choice=number, text=st.sampled_from("ab"))
    def label(self, choice: int, text: str) -> None:
        if (entity := self.anybody(choice)) is not None:
            self.world.insert(entity, Label(text))
            self.naive.label[entity] = text

    @rule(choice=number)
    def unlabel(self, choice: int) -> None:
        if (entity := self.pick(sorted(self.naive.label), choice)) is not None:
            self.world.remove(entity, Label)
            del self.naive.label[entity]

    @rule(text=st.sampled_from("ab"))
    def create_plain_entity(self, text: str) -> None:
        entity = self.world.create_entity(Label(text))
        self.plain.add(entity)
        self.naive.label[entity] = text

    # deleting

    @rule(choice=number, way=st.sampled_from(sorted(WAYS_TO_DELETE)))
    def delete(self, choice: int, way: str) -> None:
        entities = sorted({*self.naive.has, *self.plain})
        if (entity := self.pick(entities, choice)) is not None:
            with self.world.active():
                WAYS_TO_DELETE[way](self.world, entity)
            self.naive.doomed.add(entity)
            if way == "lazy":  # done before anything else is
                self.tick(0, False)

    @rule(sure=st.integers(0, 7))
    def clear(self, sure: int) -> None:
        if sure < 7:
            return
        with self.world.active():
            esper.clear_database()
        self.naive.doomed = set(self.naive.has)
        self.naive.label.clear()
        self.plain.clear()

    # comparing

    @rule(fire=st.integers(0, 63), stepped=st.booleans(), delay=st.integers(1, 9))
    def connect_and_fire(self, fire: int, stepped: bool, delay: int) -> None:
        self.connect([(fire, 1), (0, fire)], delay, 2.0)
        self.tick(fire, stepped)

    @rule(fire=st.integers(0, 63), stepped=st.booleans(), ticks=st.integers(1, 4))
    def run(self, fire: int, stepped: bool, ticks: int) -> None:
        for _ in range(ticks):
            self.tick(fire, stepped)

    @rule(
        choice=number,
        component=st.sampled_from([Delay, Weight, Target]),
        value=st.integers(1, 60),
        fire=st.integers(0, 63),
        stepped=st.booleans(),
    )
    def write_inside_a_tick(
        self, choice: int, component: type[Component], value: int, fire: int, stepped: bool
    ) -> None:
        self.tick(0, stepped)
        having = [e for e, components in self.naive.has.items() if component in components]
        entity, end = self.pick(having, choice), self.neuron(value)
        if entity is None or (component is Target and end is None):
            return
        (name,) = component.fields
        new = end if component is Target else value if component is Delay else float(value)

        def write() -> None:
            setattr(self.world.component(entity, component), name, new)
            self.naive.has[entity][component][name] = new

        self.net.interlude.todo.append(write)
        self.run_one(fire, stepped)  # the indexes follow before the next tick
        self.tick(fire, stepped)

    @rule(choice=number, way=st.sampled_from(sorted(WAYS_TO_DELETE)), fire=st.integers(0, 63), stepped=st.booleans())
    def delete_inside_a_tick(self, choice: int, way: str, fire: int, stepped: bool) -> None:
        self.tick(0, stepped)
        if (entity := self.anybody(choice)) is not None:
            self.net.interlude.todo.append(lambda: WAYS_TO_DELETE[way](self.world, entity))
            self.run_one(fire, stepped)
            self.naive.doomed.add(entity)
            self.tick(fire, stepped)

    @rule(fire=st.integers(0, 63), stepped=st.booleans())
    def tick(self, fire: int, stepped: bool) -> None:
        self.run_one(fire, stepped)
        self.compare()

    def run_one(self, fire: int, stepped: bool) -> None:
        naive = self.naive
        self.plain -= naive.doomed
        naive.maintain()
        chosen = [neuron for row, neuron in enumerate(naive.neurons) if fire >> (row % 6) & 1]
        self.net.stepped = stepped
        arrived = self.net.tick(*chosen)
        tick = self.world.tick
        expected = {n: current for (when, n), current in naive.pending.items() if when == tick}
        assert expected == arrived
        for neuron in naive.neurons:
            naive.has[neuron][SynapticInput]["current"] = arrived.get(neuron, 0.0)
            naive.pending.pop((tick, neuron), None)
        for neuron in chosen:
            naive.send(tick, neuron)

    def compare(self) -> None:
        world, naive = self.world, self.naive
        row = {entity: k for k, entity in enumerate(naive.neurons)}
        row |= {s + position: k for k, s in enumerate(naive.pairs) for position in (0, 1)}
        rows = {
            NEURON: naive.neurons,
            SYNAPSE: naive.pairs,
            DENDRITE: [s + 1 for s in naive.pairs],
        }
        self.compare_rows(rows, row)
        for kind, components in ((NEURON, NEURAL), (SYNAPSE, SYNAPTIC), (DENDRITE, DENDRITIC)):
            for component in components:
                self.compare_component(component, rows[kind], row)
        self.compare_indexes(row)
        self.compare_joins(row)
        delay_line = world.resource(DelayLine)
        assert (len(naive.pending), naive.dropped) == (delay_line.in_flight(), delay_line.dropped)

    def compare_rows(self, rows: dict[Kind, list[int]], row: dict[int, int]) -> None:
        world, created = self.world, self.naive.created
        for kind, entities in rows.items():
            assert entities == world.entities(kind).tolist()
            made = created["neuron"] if kind is NEURON else [s + kind.position for s in created["pair"]]
            table = world.table(kind)
            assert list(range(len(made))) == table.creation_number(np.array(made, np.int32)).tolist()
            assert len(made) == table.n_created
            assert [row.get(entity, -1) for entity in made] == world.index.row[made].tolist()
            assert [entity in row for entity in made] == [world.index.alive(entity) for entity in made]
        with world.active():
            assert sorted({*row, *self.plain}) == sorted(esper.get_entities())
            assert all(esper.entity_exists(entity) for entity in {*row, *self.plain})
            labels = {entity: label.text for entity, label in esper.get_component(Label)}
        assert self.naive.label == labels

    def compare_component(self, component: type[Component], entities: list[int], row: dict[int, int]) -> None:
        world, naive = self.world, self.naive
        storage = world.storage(component)
        having = [entity for entity in entities if component in naive.has[entity]]
        assert len(having) == len(storage)
        assert [entity in having for entity in entities] == [storage.has(k) for k in range(len(entities))]
        assert (storage.mask is None) or not all(storage.mask) or not entities
        for name, declared in component.fields.items():
            values = [naive.value(entity, component, name) for entity in entities]
            array = storage.array[name]
            assert array.dtype == (np.int32 if isinstance(declared, Reference) else declared.dtype)
            assert [row.get(v, -1) if isinstance(declared, Reference) else v for v in values] == array.tolist()
        with world.active():
            views = dict(esper.get_component(component))
            assert having == sorted(views, key=entities.index)
            for entity in having:
                assert component(**naive.has[entity][component]) == views[entity]
                assert views[entity] == esper.component_for_entity(entity, component)

    def compare_indexes(self, row: dict[int, int]) -> None:
        naive, topology = self.naive, self.world.resource(Topology)
        axons = [[s for s in naive.pairs if naive.source(s) == neuron] for neuron in naive.neurons]
        dendrites = [
            [s for s in naive.pairs if naive.source(s) and naive.target(s) == neuron] for neuron in naive.neurons
        ]
        assert [s for axon in axons for s in axon] == naive.pairs[: sum(map(len, axons))]
        assert list(np.cumsum([0, *map(len, axons)])) == topology.axon_first.tolist()
        assert list(np.cumsum([0, *map(len, dendrites)])) == topology.dendrite_first.tolist()
        assert [row[s] for own in dendrites for s in own] == topology.dendrite_row.tolist()
        assert [row[naive.source(s)] for own in dendrites for s in own] == topology.dendrite_source.tolist()

    def compare_joins(self, row: dict[int, int]) -> None:
        naive = self.naive
        assert [
            (n, row[n], naive.value(n, Membrane, "v"), naive.value(n, Recovery, "u"))
            for n in naive.neurons
            if {Membrane, Recovery} <= set(naive.has[n])
        ] == self.net.join.joined
        assert [
            (row[s], naive.value(s, Delay, "ticks"), naive.value(s + 1, Weight, "value"))
            for s in naive.pairs
            if Delay in naive.has[s] and Weight in naive.has[s + 1]
        ] == self.net.pairs.joined


def test_any_sequence_of_changes_agrees_with_plain_dicts():
    """After any changes, in any order, all arrays, indexes, joins, views and signals equal those of the naive model."""
    run_state_machine_as_test(
        Changes,
        settings=settings(
            max_examples=200, stateful_step_count=60, deadline=None, derandomize=True, database=None, print_blob=False
        ),
    )
