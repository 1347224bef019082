"""Promise 1: the same bits, however a scenario is run."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import esper
import pytest

from runen_ecs.components import NEURON, Delay, Membrane, Source, SynapticInput, Target, Weight
from runen_ecs.engine import Clock, DispatcherBuilder, World
from runen_ecs.files import ARRAYS
from runen_ecs.scenarios import Simulation, build, load, shipped
from runen_ecs.systems import SignalArrival, ThalamicInput

SMALL = ["columns.count=2", "duration=1 s", 'record.weights="100 ms"']


def fingerprint(simulation: Simulation) -> str:
    """Hash everything that a run leaves."""
    data, world = simulation.data(), simulation.world
    digest = hashlib.sha256()
    signals = [getattr(data, name) for name in ARRAYS if name.startswith(("stimulus", "output", "hit", "emission"))]
    for array in (data.spike_tick, data.spike_neuron, data.weight, world.storage(Membrane).arrays.v, *signals):
        digest.update(array.tobytes())
    return digest.hexdigest()


def run(*overrides: str, scenario: str = "columnar", stepped: bool = False, ticks: int = 1000) -> str:
    """Run a small scenario and hash what it leaves."""
    small = SMALL if load(scenario).columns is not None else SMALL[1:2]
    simulation = build(load(scenario, [*small, *overrides]))
    simulation.run(ticks, stepped=stepped)
    return fingerprint(simulation)


@pytest.fixture(scope="module")
def expected() -> str:
    """The hash of the plain run."""
    return run()


def test_second_run(expected):
    """The same scenario and seed give the same bits again."""
    assert expected == run()


def test_another_seed(expected):
    """Another seed gives other bits: the hash sees something."""
    assert expected != run("seed=2")


@pytest.mark.parametrize("scenario", shipped())
def test_stepped_and_native(scenario):
    """Tick by tick through esper, and many ticks in one compiled loop, give the same bits in every scenario."""
    assert run(scenario=scenario) == run(scenario=scenario, stepped=True)


def test_calls_of_one_tick(expected):
    """One call of many ticks and many calls of one give the same bits."""
    simulation = build(load("columnar", SMALL))
    for _ in range(1000):
        simulation.run(1)

    assert expected == fingerprint(simulation)


def test_calls_of_any_length(expected):
    """Where a run is cut, and how each part is run, changes nothing."""
    simulation = build(load("columnar", SMALL))
    for number, ticks in enumerate((1, 7, 92, 400, 3, 497)):
        simulation.run(ticks, stepped=number % 2 == 0)

    assert expected == fingerprint(simulation)


def test_recorders(expected):
    """Recording more or less changes nothing."""
    more = run("record.traces=[0, 5, 199]", 'record.weights="7 ms"')
    simulation = build(load("columnar", [*SMALL[:2], "record.traces=[]"]).model_copy(update={"phases": []}))
    simulation.run(1000)

    assert expected == more
    assert expected == fingerprint(simulation)


def test_materialised_views(expected):
    """Row views of every neuron, synapse and dendrite change nothing."""
    simulation = build(load("columnar", SMALL))
    simulation.world.materialise(Membrane, SynapticInput, Source, Delay, Target, Weight)
    with simulation.world.active():
        assert len(esper.get_components(Target, Weight)) == simulation.weight_initial.size
    simulation.run(1000)

    assert expected == fingerprint(simulation)


def test_other_worlds(expected):
    """Another world that runs in turns with this one changes nothing."""
    simulation, other = build(load("columnar", SMALL)), build(load("columnar", [*SMALL, "seed=9"]))
    for _ in range(10):
        simulation.run(100)
        other.run(37)

    assert expected == fingerprint(simulation)


def test_default_run():
    """20,000 ticks of the default scenario in one call, and in 20,000 calls, give the same bits."""
    one, many = build(load("columnar")), build(load("columnar"))
    one.run(20_000)
    for _ in range(20_000):
        many.run(1)

    assert fingerprint(one) == fingerprint(many)


UNCOMPILED = """
import sys
sys.path.insert(0, {tests!r})
from test_same_bits import build, fingerprint, load
simulation = build(load("columnar", ["columns.count=1", "duration=200 ms"]))
simulation.run(100)
simulation.run(100, stepped=True)
print(fingerprint(simulation))
"""


def test_uncompiled():
    """Compiled and uncompiled kernels give the same bits."""
    outputs = []
    for disabled in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-P", "-W", "error", "-c", UNCOMPILED.format(tests=os.path.dirname(__file__))],
            env={**os.environ, "NUMBA_DISABLE_JIT": disabled},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.append(done.stdout)

    assert outputs[0] == outputs[1]
    assert len(outputs[0].strip()) == 64


def test_a_second_noise_changes_no_other_stream():
    """What one stream draws does not depend on whether another draws too."""

    def noise(*purposes: str) -> list[float]:
        world = World(3)
        builder = DispatcherBuilder().add(SignalArrival(), "signal_arrival")
        for purpose in purposes:
            builder.add(ThalamicInput(0, 1, purpose), purpose, after=["signal_arrival"])
        dispatcher = builder.build(world)
        world.create_entities(50, SynapticInput.batch(), Membrane.batch())
        dispatcher.run(17)
        return world.storage(SynapticInput).arrays.current.tolist()

    first, second, both = noise("first"), noise("second"), noise("first", "second")

    assert both == [a + b for a, b in zip(first, second, strict=True)]
    assert not set(first) & set(second)


def test_clock(expected):
    """The clock says how many ticks have run, in either way of running."""
    simulation = build(load("columnar", SMALL))
    simulation.run(10)
    simulation.run(5, stepped=True)

    assert simulation.world.resource(Clock).tick == 15
    assert len(simulation.world.entities(NEURON)) == 200
    assert json.dumps(simulation.data().meta)
