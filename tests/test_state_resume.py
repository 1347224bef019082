"""A world that was stopped and resumed goes on with the bits of one that never stopped."""

from __future__ import annotations

from pathlib import Path
from random import Random

import esper
import pytest
from capacity_worlds import dispatcher_of
from hypothesis import settings
from hypothesis.stateful import rule, run_state_machine_as_test
from small_nets import Net, create_neurons
from state_worlds import CASES, Case, bits, recorded, through_json
from test_capacity_edits import Edits
from test_structure_sequences import Changes

from runen_ecs.components import Delay, InputPort, Membrane, SynapticInput, Target, Weight
from runen_ecs.engine import World
from runen_ecs.engine.state import restore_world, world_state
from runen_ecs.network import CapacityNetwork, SignalQueue, connect
from runen_ecs.recording import OutputRecord, SpikeRecord

kinds = pytest.mark.parametrize("kind", sorted(CASES))
TICKS = 120


def check_same(expected: Case, resumed: Case, after: int) -> None:
    """All that a world holds, and all that it recorded since, are the same to the last bit."""
    assert bits(expected.world) == bits(resumed.world)
    assert recorded(expected.world, after) == recorded(resumed.world, after)


@kinds
def test_a_resumed_world_goes_on_as_if_never_stopped(kind: str, tmp_path: Path) -> None:
    """Stopped at any ticks, each time restored into a new world: components, resources, records stay the same."""
    random = Random(kind)
    whole = CASES[kind](tmp_path)
    whole.run(TICKS)
    for _ in range(3):
        at = sorted(random.sample(range(TICKS + 1), 2))
        case, now = CASES[kind](tmp_path), 0
        for tick in at:
            case.run(tick - now)
            now = tick
            state, about = case.stop()
            case = CASES[kind](tmp_path)
            case.resume(through_json(state), about)
        case.run(TICKS - now)
        check_same(whole, case, now)


@kinds
def test_to_store_changes_nothing(kind: str, tmp_path: Path) -> None:
    """A run whose state is stored again and again has the bits of one that is left alone."""
    whole, watched = CASES[kind](tmp_path), CASES[kind](tmp_path)
    whole.run(90)
    for _ in range(9):
        watched.run(10)
        watched.stop()
    check_same(whole, watched, 0)


@kinds
def test_a_restored_state_is_that_which_was_stored(kind: str, tmp_path: Path) -> None:
    """What is stored of a world that was just restored is what was restored, before any tick has run."""
    case, other = CASES[kind](tmp_path), CASES[kind](tmp_path)
    case.run(47)
    state, about = case.stop()
    other.resume(state, about)
    again, _ = other.stop()
    assert state.data == again.data
    assert {name: array.tobytes() for name, array in state.arrays.items()} == {
        name: array.tobytes() for name, array in again.arrays.items()
    }
    assert bits(case.world) == bits(other.world)


@kinds
@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_a_state_serves_more_than_once(kind: str, stepped: bool, tmp_path: Path) -> None:
    """One state restored into two worlds, or twice into one that went on, gives one future, stepped and native."""
    first, again = CASES[kind](tmp_path), CASES[kind](tmp_path)
    first.run(33, stepped=not stepped)
    state, about = first.stop()
    first.run(40)
    expected = bits(first.world)
    for _ in range(2):
        again.resume(state, about)
        again.run(40, stepped=stepped)
        assert expected == bits(again.world)
    first.resume(state, about)
    first.run(40, stepped=stepped)
    assert expected == bits(first.world)


def test_fifty_random_ticks(tmp_path: Path) -> None:
    """The columns resumed at each of 50 random ticks end in the same bits."""
    whole = CASES["columnar"](tmp_path)
    states = []
    random, now = Random(50), 0
    for tick in sorted(random.sample(range(1, 400), 50)):
        whole.run(tick - now)
        now = tick
        states.append(whole.stop())
    whole.run(400 - now)
    resumed = CASES["columnar"](tmp_path)
    for state, about in states:
        resumed.resume(state, about)
        resumed.run(400 - state.tick)
        assert bits(whole.world) == bits(resumed.world)


def test_what_was_recorded_is_with_the_sink(tmp_path: Path) -> None:
    """When a state is there, all that was recorded until its tick has left the buffers, and none is in the state."""
    simulation = CASES["columnar"](tmp_path).simulation
    assert simulation is not None
    ticks: list[int] = []
    record = simulation.world.resource(SpikeRecord)
    record.hand_to(lambda chunk: ticks.extend(chunk["tick"].tolist()))
    simulation.run(1)
    for _ in range(60):  # without the dispatcher, which would empty the buffer at the end
        simulation.world.clock.tick += 1
        for system in simulation.dispatcher.plan.systems:
            system.process()
    waiting = int(record.count[0])
    state = world_state(simulation.world)
    assert waiting > 0
    assert record.count[0] == 0
    assert len(ticks) == record.total == state.data["resources"]["SpikeRecord"]["state"]["total"]
    assert not any(name.startswith("resource/SpikeRecord") for name in state.arrays)


def test_esper_sees_one_order() -> None:
    """Entities and their components come in the order of the world that was stored, whatever was asked for first."""
    first, second = World(), World()
    create_neurons(first, 3)
    connect(first, [1, 2], [2, 3])
    first.create_entity(InputPort(number=4))
    for component in (InputPort, Weight, Target, SynapticInput, Membrane):
        second.storage(component)
    restore_world(second, world_state(first))
    orders = []
    for world in (first, second):
        with world.active():
            entities = list(esper._entities)
            orders.append((entities, [[type(c) for c in esper.components_for_entity(e)] for e in entities]))
    assert orders[0] == orders[1]


def test_what_maintain_has_yet_to_do_is_left_to_it() -> None:
    """A signal to an input that is free when the state is stored arrives if the input is fed again by the next tick."""
    networks = []
    for _ in range(2):
        world = World()
        dispatcher, network = dispatcher_of(world), CapacityNetwork(world)
        networks.append((world, dispatcher, network))
        network.neuron()
        network.neuron()
    world, dispatcher, network = networks[0]
    network.connect("M0Z0", "M0Z1", 0)
    network.bind_input(0, "M0Z0", 0)
    world.component(network.synapse("M0Z1", 0), Delay).ticks = 5
    network.send(0, 1.0)
    dispatcher.run(3)
    network.disconnect("M0Z1", 0)
    restore_world(networks[1][0], world_state(world))
    for world, dispatcher, network in networks:
        assert world.resource(SignalQueue).in_flight == 1
        network.connect("M0Z0", "M0Z1", 0)
        dispatcher.run(9)
        assert world.resource(SignalQueue).tally.tolist() == [2, 2, 0]


class ChangesWithStops(Changes):
    """Any changes of structure, and between them the world is stored and restored into a new one."""

    @rule()
    def stop_and_resume(self) -> None:
        state = through_json(world_state(self.world))
        self.net = Net()
        self.world = self.net.world
        restore_world(self.world, state)


class EditsWithStops(Edits):
    """Any changes of a capacity network, and between them the world is stored and restored into a new one."""

    @rule()
    def stop_and_resume(self) -> None:
        state = through_json(world_state(self.world))
        ids = {self.network.entity(name): name for name in self.network.neurons}
        came_out = self.world.resource(OutputRecord).events()
        self.world = World()
        self.dispatcher = dispatcher_of(self.world, self.naive.per_signal)
        self.network = CapacityNetwork(self.world)
        restore_world(self.world, state)
        self.network.name(ids)
        self.world.resource(OutputRecord)._keep(came_out)


@pytest.mark.parametrize("machine", [ChangesWithStops, EditsWithStops])
def test_any_changes_and_stops_agree_with_plain_python(machine: type[Changes | Edits]) -> None:
    """Wherever a world is stopped between changes of its structure, it agrees with the naive model afterwards."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60, stateful_step_count=50, deadline=None, derandomize=True, database=None, print_blob=False
        ),
    )
