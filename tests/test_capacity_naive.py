"""Capacity networks equal their plain-Python specification, bit for bit and at every tick."""

from __future__ import annotations

import os
import subprocess
import sys
from unittest.mock import patch

import pytest
from capacity_worlds import MOST_FLYING, Sketch, networks, plain, plain_state, simulated, state, wild
from hypothesis import given, settings
from hypothesis import strategies as st

from runen_ecs.network import WITH_THE_LAST, SignalQueue, Stimuli
from runen_ecs.network.description import InnerLink, InputLink, OutputLink

TICKS = 25


def agree(sketch: Sketch, ticks: int, stepped: bool = False, record: bool = False) -> None:
    """Run both, and compare all state at every tick."""
    world = plain(sketch)
    network, dispatcher = simulated(sketch, record)
    for _ in range(ticks):
        world.step()
        dispatcher.run(1, stepped=stepped)
        assert plain_state(world) == state(network)
        if len(world.flying) > MOST_FLYING:
            break


@settings(max_examples=250, deadline=None)
@given(networks, st.booleans())
def test_every_tick(sketch, stepped):
    """Levels, accumulators, hits, resets, rounds, queue, tallies, ports and outputs equal those of plain Python."""
    agree(sketch, TICKS, stepped)


@pytest.mark.parametrize("seed", range(60))
def test_every_tick_of_a_wild_network(seed):
    """So they do in larger networks, in which signals meet and pile up."""
    agree(wild(seed), 40, stepped=seed % 4 == 0)


@settings(max_examples=60, deadline=None)
@given(networks, st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=5))
def test_runs_of_any_length(sketch, runs):
    """Where a run is cut, and whether a part is stepped or native, changes nothing."""
    world = plain(sketch)
    network, dispatcher = simulated(sketch)
    for ticks, stepped in runs:
        for _ in range(ticks):
            if len(world.flying) > MOST_FLYING:
                return
            world.step()
        dispatcher.run(ticks, stepped=stepped)
        assert plain_state(world) == state(network)


@settings(max_examples=60, deadline=None)
@given(networks, st.integers(1, 4), st.integers(1, TICKS), st.booleans())
def test_a_queue_that_grows(sketch, room, ticks, stepped):
    """Nothing is lost, and nothing changes its place, when the queue has to grow in the middle of a run."""
    with patch.object(SignalQueue, "ROOM", room):
        world = plain(sketch)
        network, dispatcher = simulated(sketch)
        for _ in range(ticks):
            world.step()
            if len(world.flying) > MOST_FLYING:
                return
        dispatcher.run(ticks, stepped=stepped)
        assert plain_state(world) == state(network)
        agree(sketch, ticks, stepped, record=True)


@pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
def test_a_queue_that_grows_in_several_ticks_in_a_row(stepped):
    """A tree in which each neuron feeds four makes the queue grow in every tick of a run."""
    links = [InputLink(0, "M0Z0", 0), *(InnerLink(f"M0Z{(i - 1) // 4}", f"M0Z{i}", 0) for i in range(1, 341))]
    sketch = Sketch([(0, [(9, 9, 1)])] * 341, [*links, OutputLink("M0Z340", 0)], [(1, 0, 1.0), (2, 0, 2.0)])
    with patch.object(SignalQueue, "ROOM", 1):
        network, dispatcher = simulated(sketch)
        world = plain(sketch)
        rooms = []
        for _ in range(7):
            world.step()
            dispatcher.run(1, stepped=stepped)
            rooms.append(network.world.resource(SignalQueue).room)
        assert plain_state(world) == state(network)
        again, other = simulated(sketch)
        other.run(7, stepped=stepped)

    assert rooms == sorted(rooms)
    assert len(set(rooms)) >= 4
    assert [size for *_, size in world.outputs] == [6.0, 2.0]
    assert state(network) == state(again)


def test_stimuli_that_come_in_together():
    """Any number of stimuli may come in within one tick, more than the queue has room for."""
    sketch = Sketch([(0, [(9, 9, 1)])], [InputLink(0, "M0Z0", 0), OutputLink("M0Z0", 3)])
    sketch.stimuli = [(2, 0, 1.0), *[(WITH_THE_LAST, 0, float(n)) for n in range(50)], (0, 0, 5.0), (2, 0, 6.0)]
    with patch.object(SignalQueue, "ROOM", 1):
        agree(sketch, 5)


def test_stimuli_that_were_given_never_come_again():
    """Past stimuli can be forgotten in the middle of a run, with and without others that wait."""
    sketch = Sketch([(0, [(9, 9, 1)])], [InputLink(0, "M0Z0", 0), OutputLink("M0Z0", 3)], [(2, 0, 1.0), (4, 0, 2.0)])
    world = plain(sketch)
    network, dispatcher = simulated(sketch)
    for _ in range(6):
        world.step()
        dispatcher.run(1)
        network.world.resource(Stimuli).forget_past()
        assert plain_state(world) == state(network)

    assert world.outputs == [(2, 3, 2.0), (4, 3, 2.0)]


UNCOMPILED = """
import sys
sys.path.insert(0, {tests!r})
from hypothesis import given, seed, settings
from capacity_worlds import networks
from test_capacity_naive import agree
@seed(1)
@settings(max_examples=12, deadline=None, database=None)
@given(networks)
def check(sketch):
    agree(sketch, 8, record=True)
check()
"""


def test_uncompiled():
    """Uncompiled kernels equal plain Python too."""
    subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", UNCOMPILED.format(tests=os.path.dirname(__file__))],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        check=True,
    )
