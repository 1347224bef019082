"""Small networks whose neurons fire when they are told to."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import esper
import numpy as np
import pytest
from hypothesis import strategies as st

from runen_ecs.components import (
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
    Clock,
    Dispatcher,
    DispatcherBuilder,
    Read,
    System,
    World,
    Write,
)
from runen_ecs.network import Fired, Topology, connect, dendrite_of
from runen_ecs.systems import SignalArrival, SignalPropagation

ways = pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])


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


class Acting(System):
    """A Python system that does anything to its world, at the ticks it is told."""

    membrane: Write[Membrane]
    clock: Read[Clock]

    def __init__(self, action: Callable[[World], object], every: int = 1) -> None:
        super().__init__()
        self.action = action
        self.every = every

    def run(self) -> None:
        self.action(self.world)


class ChosenFiring(System):
    """Those neurons fire that were chosen from outside."""

    fired: Write[Fired]

    def __init__(self) -> None:
        super().__init__()
        self.chosen: set[int] = set()

    def run(self) -> None:
        row = np.flatnonzero(np.isin(self.world.entities(NEURON), list(self.chosen)))
        self.fired.row[: row.size] = row
        self.fired.count[0] = row.size


class Interlude(System):
    """Does once, in the middle of a tick, what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.todo: list[Callable[[], object]] = []

    def run(self) -> None:
        while self.todo:
            self.todo.pop()()


class InputWatch(System):
    """Keeps what reached every neuron in the last tick."""

    synaptic_input: Read[SynapticInput]

    def __init__(self) -> None:
        super().__init__()
        self.current: dict[int, float] = {}

    def run(self) -> None:
        self.current.update(zip(self.entity.tolist(), self.synaptic_input.current.tolist(), strict=True))


class JoinWatch(System):
    """Keeps the rows of a join of two components: entity, row, potential, recovery."""

    membrane: Read[Membrane]
    recovery: Read[Recovery]

    def __init__(self) -> None:
        super().__init__()
        self.joined: list[tuple[int, int, float, float]] = []

    def run(self) -> None:
        values = self.entity, self.row, self.membrane.v, self.recovery.u
        self.joined += zip(*(array.tolist() for array in values), strict=True)


class PairWatch(System):
    """Keeps the rows of a join over synapses and dendrites: row, delay, weight."""

    delay: Read[Delay]
    weight: Read[Weight]

    def __init__(self) -> None:
        super().__init__()
        self.joined: list[tuple[int, int, float]] = []

    def run(self) -> None:
        self.joined += zip(self.row.tolist(), self.delay.ticks.tolist(), self.weight.value.tolist(), strict=True)


def create_neurons(world: World, n: int) -> list[int]:
    return world.create_entities(n, Membrane.batch(), SynapticInput.batch()).tolist()


class Net:
    """A world whose neurons fire when they are told to, and whose input can be watched."""

    def __init__(self, n_neurons: int = 0, stepped: bool = False) -> None:
        self.world = World()
        self.stepped = stepped
        self.firing, self.interlude, self.input = ChosenFiring(), Interlude(), InputWatch()
        self.join, self.pairs = JoinWatch(), PairWatch()
        self.dispatcher: Dispatcher = (
            DispatcherBuilder()
            .add(SignalArrival(), "arrival")
            .add(self.firing, "firing")
            .add(self.interlude, "interlude", after=["firing"])
            .add(SignalPropagation(), "propagation", after=["interlude", "arrival"])
            .add(self.input, "input_watch", after=["arrival"])
            .add(self.join, "join_watch")
            .add(self.pairs, "pair_watch")
            .build(self.world)
        )
        self.neuron = create_neurons(self.world, n_neurons)

    def tick(self, *fire: int) -> dict[int, float]:
        """Run a tick in which these neurons fire; what reached each neuron in it, where it is not nothing."""
        self.firing.chosen = set(fire)
        self.input.current.clear()
        self.join.joined.clear()
        self.pairs.joined.clear()
        self.dispatcher.run(1, stepped=self.stepped)
        return {entity: current for entity, current in self.input.current.items() if current}


@pytest.fixture
def world() -> World:
    """Four neurons, three synapses: 1 to 2, 2 to 3, 3 to 1."""
    world = World()
    create_neurons(world, 4)
    connect(world, [1, 2, 3], [2, 3, 1], weight=[1.0, 2.0, 3.0], delay=[1, 2, 3])
    world.resource(Topology)
    world.maintain()
    return world


def wiring(world: World) -> list[tuple[int, int, int, float]]:
    """Source, target, delay and weight of every synapse, by row."""
    synapse = world.entities(SYNAPSE).tolist()
    return [
        (
            world.component(s, Source).neuron,
            world.component(dendrite_of(s), Target).neuron,
            world.component(s, Delay).ticks,
            world.component(dendrite_of(s), Weight).value,
        )
        for s in synapse
    ]


def printed_by(text: str, compiled: bool) -> str:
    """Run a program, with numba's compiler or without, where an index out of bounds is an error."""
    finished = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-c", textwrap.dedent(text)],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "NUMBA_DISABLE_JIT": str(int(not compiled))},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


number = st.integers(0, 10**6)
