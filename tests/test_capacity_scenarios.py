"""The capacity networks that come with the project do what their texts say."""

from __future__ import annotations

import os
import re
import tomllib
from itertools import product
from typing import Any

import numpy as np
import pytest

from runen_ecs.analysis import phase_figures, population_count
from runen_ecs.components import Capacity
from runen_ecs.files import RunData
from runen_ecs.scenarios import Simulation, build, load, shipped
from runen_ecs.scenarios.network_simulation import NetworkSimulation
from runen_ecs.scenarios.summary import answers

compiled = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="takes an hour uncompiled")


def network_of(name: str) -> NetworkSimulation:
    """Return the network of a scenario, to be driven."""
    scenario = load(name)
    assert scenario.network is not None
    return NetworkSimulation(scenario.network.description)


def run(name: str, overrides: dict[str, Any] | None = None) -> RunData:
    """Run a scenario to its end and return what is left."""
    simulation = build(load(name, overrides or {}))
    simulation.run(simulation.scenario.duration)
    return simulation.data()


def test_the_decoder_decodes_any_sequence():
    """A 0 comes out of port 0 alone and a 1 out of port 1 alone, each as a 1, whatever came before."""
    network = network_of("binary-decoder")

    for bit in np.random.default_rng(1).integers(0, 2, 200).tolist():
        assert {bit: [1], 1 - bit: []} == network.stimulate(0, bit)


@pytest.mark.parametrize(
    ("name", "truth"),
    [("xor", lambda a, b: ([1] * (a ^ b),)), ("half-adder", lambda a, b: ([1] * (a ^ b), [1] * (a & b)))],
)
def test_truth_tables(name, truth):
    """After the round that clears it, a gate answers every pair of bits by its truth table, in any order."""
    network = network_of(name)
    network.stimulate(0, 0)
    network.stimulate(1, 0)

    for first, second in product(product((0, 1), repeat=2), repeat=2):
        for a, b in (first, second):
            assert not any(network.stimulate(0, a).values())
            assert truth(a, b) == tuple(network.stimulate(1, b).values())


@pytest.mark.parametrize("name", ["xor", "half-adder"])
def test_the_scenario_shows_the_whole_table(name):
    """The stimuli of a gate's scenario go through all pairs of bits once it is clear."""
    given = [(one.port, one.signal) for one in answers(run(name))]

    assert [(0, 0), (1, 0)] == given[:2]
    assert {(0, 0), (0, 1), (1, 0), (1, 1)} == {(a, b) for (_, a), (_, b) in zip(given[2::2], given[3::2], strict=True)}


def test_the_ring_oscillates_and_dies_out():
    """The pulse comes round in as many ticks as there are neurons, shrinks, and ends before the run would."""
    scenario = load("ring")
    data = run("ring")
    by_neuron = [data.emission_tick[data.emission_neuron == i] for i in range(5)]
    last = data.output_size[-7:]

    assert data.n_ticks < scenario.duration
    assert not data.meta["partial"]
    assert int(data.output_tick[-1]) < data.n_ticks
    assert {5} == {int(gap) for ticks in by_neuron for gap in np.diff(ticks[-8:])}
    assert (np.diff(last) <= 0).all()
    assert 1 == last[-1] < last[0]


def test_the_synapses_of_the_ring_are_tired_when_it_ends():
    """What goes round costs each synapse of the ring more than it gets back."""
    simulation = build(load("ring"))
    simulation.run(1000)
    capacity = simulation.world.storage(Capacity).arrays
    tired = capacity.maximum == 40

    assert 5 == tired.sum()
    assert (capacity.level[tired] < 20).all()


def test_tired_synapses_obey_their_law():
    """The n-th signal of a train passes min(s, max(M - (n - 1)(s - r), r)), as the scenario says, for each train."""
    data = run("tired-synapse")
    inputs = [(10, 2, 5), (10, 3, 4), (100, 10, 40), (7, 0, 3)]

    for synapse, (most, back, size) in enumerate(inputs):
        here = data.hit_synapse == synapse
        law = [min(size, max(most - n * (size - back), back)) for n in range(12)]
        assert [size] * 12 == data.hit_size[here].tolist()
        assert law == data.hit_passed[here].tolist()
    assert [5, 5, 4, 2, 2] == data.hit_passed[data.hit_synapse == 0][:5].tolist()
    assert [4] * 7 + [3] * 5 == data.hit_passed[data.hit_synapse == 1].tolist()


# --- spiking columns ------------------------------------------------------------------------------------------------

BRIDGES = tomllib.loads(shipped()["mixed"].read_text(encoding="utf-8"))["bridges"]
THERE = [bridge for bridge in BRIDGES if bridge.get("into", 9) < 4 or bridge.get("out_of") == 0]
BACK = [bridge for bridge in BRIDGES if bridge not in THERE]


@pytest.fixture(scope="module")
def spikes() -> dict[str, list[list[tuple[int, int]]]]:
    """The spikes of the two columns, with both bridges of `mixed`, one of them, or none."""
    found = {}
    for name, bridges in {"both": BRIDGES, "there": THERE, "back": BACK, "none": []}.items():
        data = run("mixed", {"duration": "1500 ms", "bridges": bridges})
        column = data.neuron_column[data.spike_neuron]
        pairs = list(zip(data.spike_tick.tolist(), data.spike_neuron.tolist(), strict=True))
        found[name] = [[pair for pair, c in zip(pairs, column.tolist(), strict=True) if c == i] for i in (0, 1)]
    return found


@compiled
def test_each_direction_matters(spikes):
    """Either bridge changes the spikes of the column that it drives."""
    assert (5, 5) == (len(THERE), len(BACK))
    assert spikes["none"][1] != spikes["there"][1]
    assert spikes["none"][0] != spikes["back"][0]
    assert spikes["both"][0] != spikes["there"][0]
    assert spikes["both"][1] != spikes["back"][1]


@compiled
def test_who_only_feeds_is_left_alone(spikes):
    """A column that feeds the network and is not driven by it spikes as if there were no network."""
    assert spikes["none"][0] == spikes["there"][0]
    assert spikes["none"][1] == spikes["back"][1]


def levels(simulation: Simulation) -> np.ndarray:
    """Return the levels of all synapses."""
    return simulation.world.storage(Capacity).arrays.level


@compiled
def test_the_figures_of_tired_columns():
    """The figures in the header of columnar-capacity.toml are those of the two runs; capacities keep their bounds."""
    header = shipped()["columnar-capacity"].read_text(encoding="utf-8")
    rows = re.findall(r"^#   (\d+)-(\d+) s +(.*)$", header, re.MULTILINE)
    told = [figures for *_, text in rows for figures in re.findall(r"([\d.]+) Hz +(peak|no) .*?Fano +(\d+)", text)]
    peaks = [re.findall(r"peak +([\d.]+) Hz", text) for *_, text in rows]
    measured = []
    for name in ("columnar", "columnar-capacity"):
        simulation = build(load(name))
        for _ in range(20):
            simulation.run(1000)
            if name == "columnar-capacity":
                assert 0 <= levels(simulation).min()
                assert levels(simulation).max() <= 1
        data = simulation.data()
        windows = [(1000 * int(start), 1000 * int(stop)) for start, stop, _ in rows]
        count = population_count(data.spike_tick, data.n_ticks)
        measured.append(phase_figures(count, data.neuron_column.size, windows, 1.0))

    assert 6 == len(told)
    for number, (rate, _, fano) in enumerate(told):
        phase = measured[number % 2][number // 2]
        assert (rate, fano) == (f"{phase.rate_hz:.2f}", f"{phase.fano:.0f}")
    assert [2, 0, 2] == [len(row) for row in peaks]
    for row, phases in zip(peaks, zip(*measured, strict=True), strict=True):
        assert not row or row == [f"{phase.peak_hz:.1f}" for phase in phases]


def test_tired_synapses_pass_less():
    """In the columns with capacities synapses do empty, and recover by their regeneration in each tick."""
    simulation = build(load("columnar-capacity", {"columns.count": 2}))
    simulation.run(100)
    tired = levels(simulation).copy()
    simulation.run(1)
    silent = levels(simulation) > tired

    assert (tired < 0.5).any()
    np.testing.assert_allclose(0.01, (levels(simulation) - tired)[silent & (tired < 0.98)], rtol=1e-9)
