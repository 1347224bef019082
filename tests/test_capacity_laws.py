"""What holds for every capacity network: bounds, sums, what its order depends on, and the laws of a tired synapse."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import esper
import numpy as np
import pytest
from capacity_worlds import MOST_FLYING, Sketch, networks, plain, simulated, sketches, state
from hypothesis import given, settings
from hypothesis import strategies as st

from runen_ecs.components import (
    Accumulator,
    Activity,
    Capacity,
    Delay,
    InputPort,
    LastHit,
    LastSignal,
    OutputPort,
    Source,
    Target,
    Weight,
)
from runen_ecs.engine import Dispatcher, World
from runen_ecs.network import Arrivals, CapacityNetwork, SignalQueue, Stimuli
from runen_ecs.network.description import InputLink
from runen_ecs.recording import EmissionRecord, HitRecord, OutputRecord

TICKS = 20
VIEWS = Accumulator, Activity, Capacity, Delay, InputPort, LastHit, LastSignal, OutputPort, Source, Target, Weight


def levels(world: World) -> np.ndarray:
    """The levels of all synapses."""
    return world.storage(Capacity).array["level"].copy()


@settings(max_examples=120, deadline=None)
@given(networks)
def test_bounds_and_sums(sketch):
    """No level leaves 0 … maximum, no synapse passes more than came or was there, and no signal is lost."""
    network, dispatcher = simulated(sketch)
    world = network.world
    world.maintain()  # no row moves any more
    queue, arrivals = world.resource(SignalQueue), world.resource(Arrivals)
    maximum = world.storage(Capacity).array["maximum"]
    for _ in range(TICKS):
        before = levels(world)
        dispatcher.run(1)
        n = int(arrivals.count[0])
        row, size, passed = arrivals.synapse[:n], arrivals.size[:n], arrivals.passed[:n]
        hits = world.storage(Activity).array["hits"]
        assert ((levels(world) >= 0) & (levels(world) <= world.storage(Capacity).array["maximum"])).all()
        assert ((passed >= 0) & (passed <= size) & (passed <= maximum.max())).all()
        first = np.unique(row, return_index=True)[1]
        assert (passed[first] <= before[row[first]]).all()
        assert queue.sent == queue.delivered + queue.in_flight + queue.dropped
        assert queue.delivered == hits.sum()
        if queue.in_flight > MOST_FLYING:
            break


# -- what the order depends on ----------------------------------------------------------------------------------------


def built_in_a_crowd(sketch: Sketch, record: bool) -> tuple[CapacityNetwork, Dispatcher]:
    """Build a network neuron by neuron and link by link, with unrelated entities before, between and after."""
    empty = Sketch([], [], per_signal=sketch.per_signal)
    network, dispatcher = simulated(empty, record)
    world = network.world
    numbers = iter(range(1000, 2000))

    def more() -> None:
        stranger = network.neuron([(2, 1, 1), (3, 2, 1)], 4.0, f"stranger {next(numbers)}")
        network.connect(stranger, stranger, 1)
        network.bind_output(next(numbers), stranger)
        network.bind_input(next(numbers), stranger, 0)

    more()
    for i, (bias, sizes) in enumerate(sketch.neurons):
        network.neuron(sizes, bias, f"M0Z{i}")
        more()
    for one in sketch.links:
        ends = vars(one)
        if "input_port" in ends:
            network.bind_input(ends["input_port"], ends["dst_id"], ends["dst_synapse_idx"])
        elif "output_port" in ends:
            network.bind_output(ends["output_port"], ends["src_id"])
        else:
            network.connect(ends["src_id"], ends["dst_id"], ends["dst_synapse_idx"])
        more()
    world.create_entities(2, Capacity.batch(level=1.0, maximum=1.0), Weight.batch(), Source.batch(), Target.batch())
    for (name, k), ticks in sketch.delays.items():
        world.component(network.synapse(name, k), Delay).ticks = ticks
    for due, port, size in sketch.stimuli:
        world.resource(Stimuli).add(world, port, size, due)
    return network, dispatcher


def own(told: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a state what belongs to strangers."""
    told = dict(told)
    told["neurons"] = {name: value for name, value in told["neurons"].items() if name.startswith("M0Z")}
    for ports in ("inputs", "outputs"):
        told[ports] = {number: value for number, value in told[ports].items() if number < 900}
    return told


def quiet_enough(sketch: Sketch) -> bool:
    """Whether a network does not drown in signals."""
    world = plain(sketch)
    for _ in range(TICKS):
        world.step()
        if len(world.flying) > MOST_FLYING:
            return False
    return True


@settings(max_examples=60, deadline=None)
@given(networks, st.booleans())
def test_unrelated_entities_and_recorders(sketch, record):
    """Unrelated entities made before, between and after, and recorders, change nothing: no order depends on them."""
    if not quiet_enough(sketch):
        return
    network, dispatcher = simulated(sketch, not record)
    other, other_dispatcher = built_in_a_crowd(sketch, record)
    dispatcher.run(TICKS)
    other_dispatcher.run(TICKS)

    assert own(state(network)) == own(state(other))


@settings(max_examples=30, deadline=None)
@given(networks)
def test_materialised_views(sketch):
    """Row views of everything, and somebody who reads them, change nothing."""
    if not quiet_enough(sketch):
        return
    network, dispatcher = simulated(sketch)
    other, watched = simulated(sketch)
    other.world.materialise(*VIEWS)
    for _ in range(TICKS):
        watched.run(1)
        with other.world.active():
            seen = [repr(view) for component in VIEWS for _, view in esper.get_component(component)]
        assert len(seen) >= 2 * len(sketch.neurons)
    dispatcher.run(TICKS)

    assert state(network) == state(other)


@settings(max_examples=40, deadline=None)
@given(networks)
def test_records(sketch):
    """The records hold each hit and each signal sent, in order, and agree with counters, ports and passes."""
    if not quiet_enough(sketch):
        return
    with patch("runen_ecs.recording.CHUNK", 1):  # so that buffers are full, and grow
        network, dispatcher = simulated(sketch, record=True)
        dispatcher.run(TICKS)
    world = network.world
    hits, sent = world.resource(HitRecord).events(), world.resource(EmissionRecord).events()
    outputs = world.resource(OutputRecord).events()
    naive = plain(sketch)
    for _ in range(TICKS):
        naive.step()

    assert hits["tick"].size == naive.delivered
    assert (hits["passed"] <= hits["size"]).all()
    assert (np.diff(hits["tick"]) >= 0).all()
    assert (sent["size"] > 0).all()
    readers = [port.cell for port in naive.output_ports.values()]
    read = [network.entity(cell.name) for cell in readers]
    assert outputs["tick"].size == sum(int((sent["neuron"] == entity).sum()) for entity in read)


# -- models.md section 5 ----------------------------------------------------------------------------------------------


def passes(maximum: float, regeneration: float, sizes: list[float]) -> list[float]:
    """Return what a synapse passes of a train of signals: the weight is 1, and each signal is a round."""
    sketch = Sketch([(0, [(maximum, regeneration, 1)])], [InputLink(0, "M0Z0", 0)])
    sketch.stimuli = [(tick, 0, size) for tick, size in enumerate(sizes, start=1)]
    network, dispatcher = simulated(sketch, record=True)
    dispatcher.run(len(sizes))
    found: list[float] = network.world.resource(HitRecord).events()["passed"].tolist()
    return found


@pytest.mark.parametrize(
    ("maximum", "regeneration", "size", "expected"),
    [
        (10, 2, 5, [5, 5, 4, 2, 2, 2]),
        (10, 3, 4, [4] * 7 + [3, 3, 3]),
        (100, 10, 40, [40, 40, 40, 10, 10, 10]),
        (7, 0, 3, [3, 3, 1, 0, 0]),
    ],
)
def test_the_trains_of_the_reference(maximum, regeneration, size, expected):
    """A regular train passes in full until the store is used up, and then as much as regenerates."""
    assert expected == passes(maximum, regeneration, [size] * len(expected))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(1, 40))
def test_the_law_of_a_regular_train(one, other, size, n):
    """Of n signals of size s > r the n-th passes min(s, max(M − (n − 1)(s − r), r)); while s ≤ r, all passes."""
    maximum, regeneration = max(one, other), min(one, other)
    if size > regeneration:
        expected = [min(size, max(maximum - i * (size - regeneration), regeneration)) for i in range(n)]
    else:
        expected = [size] * n

    assert expected == passes(maximum, regeneration, [size] * n)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_what_any_train_may_pass(one, other, sizes):
    """After n signals no more has passed than the store held at first and what came back since."""
    maximum, regeneration = max(one, other), min(one, other)
    passed = np.cumsum(passes(maximum, regeneration, [float(size) for size in sizes]))

    assert (passed <= maximum + regeneration * np.arange(len(sizes))).all()
    assert (passed <= np.cumsum(sizes)).all()


@settings(max_examples=30, deadline=None)
@given(sketches(most=3, slow=False), st.integers(1, 5))
def test_an_idle_network_stays_as_it_is(sketch, ticks):
    """Without signals nothing changes, whichever way synapses regenerate."""
    sketch.stimuli = []
    network, dispatcher = simulated(sketch)
    before = state(network)
    dispatcher.run(ticks)

    assert before | {"tick": ticks} == state(network)
