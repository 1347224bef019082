"""A network that is described and made again is the same; with its state, it goes on as if nothing had happened."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from capacity_worlds import MOST_FLYING, Sketch, dispatcher_of, plain, simulated, sketches, state, wild
from hypothesis import given, settings
from hypothesis import strategies as st

from runen_ecs.components import (
    INPUT_PORT,
    NEURON,
    OUTPUT_PORT,
    SYNAPSE,
    Delay,
    Membrane,
    OutputPort,
    Source,
    SynapticInput,
)
from runen_ecs.engine import Dispatcher, World
from runen_ecs.errors import NetworkError, PortBusyError
from runen_ecs.network import CapacityNetwork, SignalQueue, Stimuli, connect, create_network, describe, restore
from runen_ecs.network.description import InnerLink, InputLink, NetworkDescription, OutputLink

TICKS = 15
at_once = sketches(slow=False) | st.integers(0, 2**32).map(wild).map(lambda sketch: replace(sketch, delays={}))


def saved(network: CapacityNetwork) -> NetworkDescription:
    """Describe a network with its state, and write and read the state as JSON."""
    description = describe(network, state=True)
    return replace(description, state=json.loads(json.dumps(description.state, allow_nan=False)))


def made(description: NetworkDescription, per_signal: bool = True) -> tuple[CapacityNetwork, Dispatcher]:
    """Make a network in a new world that has its systems already."""
    world = World()
    dispatcher = dispatcher_of(world, per_signal)
    return create_network(world, description), dispatcher


def now(network: CapacityNetwork) -> dict[str, Any]:
    """The state of a network, with ticks counted from now, and without how many signals there were so far."""
    told = state(network)
    tick = told["tick"]
    sent, delivered, dropped = told["tally"]
    assert sent == delivered + dropped + network.world.resource(SignalQueue).in_flight
    told["flying"] = [(when - tick, *rest) for when, *rest in told["flying"]]
    told["waiting"] = [(due - tick if due > tick else -(due != 0), *rest) for due, *rest in told["waiting"]]
    return {key: told[key] for key in ("flying", "waiting", "neurons", "inputs", "outputs")}


def came_out(network: CapacityNetwork, since: int) -> list[tuple[int, int, float]]:
    """What came out of the ports since a tick, with ticks counted from there."""
    return [(tick - since, port, size) for tick, port, size in state(network)["came out"] if tick > since]


def lively(sketch: Sketch, ticks: int) -> bool:
    """Whether a network does not drown in signals."""
    world = plain(sketch)
    for _ in range(ticks):
        world.step()
        if len(world.flying) > MOST_FLYING:
            return False
    return True


def agree(one: CapacityNetwork, dispatcher: Dispatcher, per_signal: bool) -> None:
    """Save a network, make it again, and let both go on side by side."""
    since = one.world.tick
    other, other_dispatcher = made(saved(one), per_signal)
    assert now(one) == now(other)
    counted = one.world.resource(SignalQueue).tally - other.world.resource(SignalQueue).tally
    for _ in range(TICKS):
        dispatcher.run(1)
        other_dispatcher.run(1)
        assert now(one) == now(other)
    assert came_out(one, since) == came_out(other, 0)
    assert (one.world.resource(SignalQueue).tally - other.world.resource(SignalQueue).tally == counted).all()
    assert describe(one) == describe(other)


@settings(max_examples=100, deadline=None)
@given(at_once)
def test_description(sketch):
    """What is described is what was made, the links in their order; and it is described the same again."""
    network, _ = simulated(sketch)
    again, _ = made(describe(network))

    assert sketch.described() == describe(network)
    assert sketch.described() == describe(again)


@settings(max_examples=100, deadline=None)
@given(at_once, st.integers(0, 12))
def test_a_network_saved_while_it_runs(sketch, ticks):
    """Saved at any tick, with signals in flight and stimuli that wait, it goes on identically in a new world."""
    if lively(sketch, ticks + TICKS):
        network, dispatcher = simulated(sketch)
        dispatcher.run(ticks)
        agree(network, dispatcher, sketch.per_signal)


@settings(max_examples=100, deadline=None)
@given(at_once, st.integers(0, 8), st.integers(0, 100), st.sets(st.sampled_from(["free", "cut", "remove", "lazily"])))
def test_a_network_saved_after_changes(sketch, ticks, choice, changes):
    """So it does after ports were freed, inputs taken off and neurons removed, a moment ago or not yet."""
    if not lively(sketch, ticks):
        return
    network, dispatcher = simulated(sketch)
    dispatcher.run(ticks)
    wiring = network.wiring
    ports, reading, fed = sorted(wiring.input_port), sorted(wiring.output_port), sorted(wiring.source)
    if "free" in changes and ports:
        network.free_input(ports[choice % len(ports)])
        if reading:
            network.free_output(reading[choice % len(reading)])
    if "cut" in changes and fed:
        network.disconnect(*fed[choice % len(fed)])
    if "remove" in changes:
        network.remove(network.neurons[choice % len(network.neurons)])
    if "lazily" in changes and network.neurons:
        network.world.lazy.delete_entity(network.entity(network.neurons[0]))
    agree(network, dispatcher, sketch.per_signal)


def test_signals_that_were_sent_with_a_delay():
    """A signal that was sent when its synapse was slower arrives as late in the network made again."""
    sketch = Sketch([(1, [(5, 5, 1)]), (1, [(5, 5, 1)])], [InputLink(0, "M0Z0", 0), InnerLink("M0Z0", "M0Z1", 0)])
    sketch.stimuli, sketch.delays = [(1, 0, 2.0)], {("M0Z1", 0): 7}
    network, dispatcher = simulated(sketch)
    dispatcher.run(2)
    network.world.component(network.synapse("M0Z1", 0), Delay).ticks = 1

    assert saved(network).state["signals"] == [[6, "M0Z1", 0, 3]]
    agree(network, dispatcher, True)


def test_more_signals_than_a_new_queue_has_room_for():
    """A state with thousands of signals in flight fits into a world whose systems are there already."""
    n = 3 * SignalQueue.ROOM
    neurons = [(1.0, [(5.0, 5.0, 1.0)])] * (n + 1)
    links = [InputLink(0, "M0Z0", 0), *(InnerLink("M0Z0", f"M0Z{i}", 0) for i in range(1, n + 1))]
    network, dispatcher = simulated(Sketch(neurons, links, [(1, 0, 2.0)]))
    dispatcher.run(1)
    other, other_dispatcher = made(saved(network))
    dispatcher.run(1)
    other_dispatcher.run(1)

    assert other.world.resource(SignalQueue).delivered == n
    assert now(network) == now(other)


def test_very_large_numbers():
    """Numbers that no integer of the machine holds are kept as well."""
    sketch = Sketch([(1e30, [(1e40, 1e20, 1e25)])], [InputLink(0, "M0Z0", 0), OutputLink("M0Z0", 0)])
    sketch.stimuli = [(1, 0, 1e22), (9, 0, 1e23)]
    network, dispatcher = simulated(sketch)
    dispatcher.run(2)
    agree(network, dispatcher, True)


# -- what cannot be described -----------------------------------------------------------------------------------------


def pair() -> tuple[CapacityNetwork, Dispatcher]:
    """Two neurons that feed each other, one of them itself too, with a signal on its way and one that waits."""
    neurons = [(1.0, [(5.0, 1.0, 1.0), (4.0, 2.0, 2.0)]), (0.5, [(3.0, 1.0, 1.0), (2.5, 0.5, -0.5), (1.0, 1.0, 1.0)])]
    links = [InputLink(0, "M0Z0", 0), InnerLink("M0Z0", "M0Z1", 0), InnerLink("M0Z1", "M0Z1", 1)]
    links += [InnerLink("M0Z1", "M0Z0", 1), OutputLink("M0Z1", 4)]
    network, dispatcher = simulated(Sketch(neurons, links, [(1, 0, 2.0), (1, 0, 3.0), (9, 0, 1.0)]))
    dispatcher.run(1)
    return network, dispatcher


def spiking(network: CapacityNetwork) -> int:
    """Create a neuron of another sort."""
    return int(network.world.create_entities(1, Membrane.batch(), SynapticInput.batch())[0])


def read_by_a_port(network: CapacityNetwork) -> None:
    network.world.create_entity(OutputPort(number=8, neuron=spiking(network)))


def without_inputs(network: CapacityNetwork) -> None:
    network.world.delete_entities(network.synapses("M0Z1"))


def fed_twice_by_itself(network: CapacityNetwork) -> None:
    network.world.component(network.synapse("M0Z1", 2), Source).neuron = network.entity("M0Z1")


def slow(network: CapacityNetwork) -> None:
    network.world.component(network.synapse("M0Z0", 1), Delay).ticks = 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (slow, "input 1 of neuron 'M0Z0' has a delay"),
        (lambda n: connect(n.world, n.entity("M0Z0"), spiking(n)), "neuron 'M0Z0' feeds entity"),
        (lambda n: connect(n.world, spiking(n), n.entity("M0Z0")), "feeds input 2 of neuron 'M0Z0', and is no neuron"),
        (read_by_a_port, "is read by output port 8, and is no neuron"),
        (without_inputs, "neuron 'M0Z1' has no input"),
        (fed_twice_by_itself, "neuron 'M0Z1' cannot be connected to itself"),
        (lambda n: n.world.delete_entity(n.input_port(0)), "a stimulus waits for input port 0, which is gone"),
    ],
)
def test_what_cannot_be_described(change, told):
    """What no description can hold is refused, and the network goes on."""
    network, dispatcher = pair()
    change(network)
    with pytest.raises(NetworkError, match=told):
        describe(network, state=True)
    assert dispatcher.run(3) == 3


def test_what_was_deleted_a_moment_ago_is_not_described():
    """Weights and sizes are those of the neurons that are left."""
    network, _ = pair()
    network.world.delete_entity(network.entity("M0Z0"))

    assert [one.id for one in describe(network).neurons] == ["M0Z1"]
    assert [one.weight for one in describe(network).neurons[0].input_configs] == [1, -0.5, 1]


# -- broken states ----------------------------------------------------------------------------------------------------

NAN = float("nan")
BROKEN: list[Any] = [
    *(["neurons", 0, key, value] for key in ("accumulator", "hits", "resets") for value in (NAN, None, "1", [1], True)),
    *(["neurons", 0, key, value] for key in ("hits", "resets") for value in (-1, 0.5, 2**64)),
    *(["neurons", 0, "accumulator", value] for value in (float("inf"), 10**400)),
    *(["neurons", 0, "hit_inputs", value] for value in (None, [-1], [2], [0, 0], [0.0], ["0"], [True], {})),
    ["neurons", 1, "hit_inputs", [2]],
    *(["neurons", 0, "capacities", value] for value in (None, [], [1], [1, 1, 1], [-1, 1], [NAN, 1], ["1", 1], 5)),
    *(["neurons", value] for value in (None, [], [{}], {}, "ab", 5)),
    *(["neurons", 0, value] for value in (None, [], {}, 5)),
    *(["signals", value] for value in (None, {}, 5, [5], [[]], [None], ["abcd"])),
    *(["signals", [[1, "M0Z1", 0, size]]] for size in (NAN, -1, float("inf"), "1", None)),
    *(["signals", [[ahead, "M0Z1", 0, 1]]] for ahead in (0, -1, 1.0, "1", None, 4096, 2**70)),
    *(["signals", [[1, *place, 1]]] for place in (("M0Z9", 0), (0, 0), ("M0Z1", 3), ("M0Z1", -1), ("M0Z1", 2))),
    *(["stimuli", value] for value in (None, {}, 5, [5], [[]], [[0, 0]], [[0, 0, 1, 1]])),
    *(["stimuli", [[due, 0, 1]]] for due in (-2, 0.5, NAN, "0", None, 2**70)),
    *(["stimuli", [[0, port, 1]]] for port in (1, -1, 0.5, "0", None, 2**70)),
    *(["stimuli", [[0, 0, size]]] for size in (-1, NAN, float("inf"), "1", None)),
    *([key, value] for key in ("inputs", "outputs") for value in (None, {}, 5, [], [5], [[0]], [[2**40, 0, 0]])),
    *(["inputs", [[0, *rest]]] for rest in ((-1, 0), (0.5, 0), (0, NAN), (0, None), (None, 0))),
    ["inputs", [[0, 0, 0], [0, 0, 0]]],
]


@pytest.mark.parametrize("change", BROKEN, ids=lambda change: str(change)[:60])
def test_broken_states(change):
    """A state that does not fit is refused as a whole, by whichever way it comes, and nothing is made of it."""
    network, _ = pair()
    good = saved(network)
    *path, last, value = change
    broken = copy.deepcopy(good.state)
    place = broken
    for key in path:
        place = place[key]
    place[last] = value
    world = World()
    with pytest.raises(NetworkError, match="the state does not fit the network"):
        create_network(world, replace(good, state=broken))
    assert [len(world.entities(kind)) for kind in (NEURON, SYNAPSE, INPUT_PORT, OUTPUT_PORT)] == [0] * 4
    fresh, _ = made(replace(good, state=None))
    before = state(fresh)
    with pytest.raises(NetworkError, match="the state does not fit the network"):
        restore(fresh, broken)
    assert before == state(fresh)


@pytest.mark.parametrize("broken", [None, [], "state", 5, {}])
def test_what_is_no_state(broken):
    """Anything but a state is refused."""
    fresh, _ = made(replace(saved(pair()[0]), state=None))
    with pytest.raises(NetworkError, match="the state does not fit the network"):
        restore(fresh, broken)


@pytest.mark.parametrize("key", ["neurons", "signals", "stimuli", "inputs", "outputs"])
def test_missing_and_unknown_keys(key):
    """A state without one of its parts, or with one more, is refused."""
    good = saved(pair()[0])
    for broken in ({k: v for k, v in good.state.items() if k != key}, {**good.state, f"{key}!": []}):
        with pytest.raises(NetworkError, match="it holds neurons, signals, stimuli, inputs, outputs"):
            made(replace(good, state=broken))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_change_of_a_state(data):
    """Whatever is put anywhere into a state: it is refused, or the network made of it runs and loses no signal."""
    good = saved(pair()[0])
    place, key = {"state": copy.deepcopy(good.state)}, "state"
    whole = place
    while data.draw(st.booleans()) and isinstance(place[key], dict | list) and place[key]:
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
    scalar = st.none() | st.booleans() | st.integers(-3, 5) | st.floats() | st.text(max_size=2) | st.just("M0Z1")
    place[key] = data.draw(st.recursive(scalar, lambda part: st.lists(part, max_size=4), max_leaves=6))
    if place[key] is None and place is whole:
        return
    try:
        network, dispatcher = made(replace(good, state=whole["state"]))
    except NetworkError:
        return
    for _ in range(4):
        dispatcher.run(1)
        queue = network.world.resource(SignalQueue)
        assert queue.sent == queue.delivered + queue.in_flight + queue.dropped


# -- two networks in one world ----------------------------------------------------------------------------------------


def test_a_second_network_needs_ports_of_its_own():
    """A world has each port once; a network that would bring one a second time is refused, and nothing is made."""
    network, _ = pair()
    world = network.world
    counts = [len(world.entities(kind)) for kind in (NEURON, SYNAPSE, INPUT_PORT)]
    description = describe(network)
    with pytest.raises(PortBusyError, match="input port 0 is bound to another network"):
        create_network(world, description)
    assert counts == [len(world.entities(kind)) for kind in (NEURON, SYNAPSE, INPUT_PORT)]
    links = [InputLink(1, "M0Z0", 0), OutputLink("M0Z1", 5)]
    other = create_network(world, replace(description, links=links))
    world.resource(Stimuli).add(world, 1, 2.0)

    assert sorted(other.neurons) == ["M0Z0", "M0Z1", "M0Z2", "M0Z3"]
