"""`make bench`: what a run costs, as ratios measured in one go, because machines are shared and noisy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from time import perf_counter

import esper
import numpy as np
import pytest
from yardstick import Yardstick

from runen_ecs.components import Target, Weight
from runen_ecs.engine import Interrupt
from runen_ecs.engine.dispatcher import drain
from runen_ecs.network import Topology
from runen_ecs.plots import draw_spikes, draw_trace, save_picture
from runen_ecs.scenarios import Simulation, build, load

TICKS = 20_000
ROUNDS = 9


@pytest.fixture
def say(capsys):
    """Print a line of a table past pytest's capture."""

    def print_line(text: str) -> None:
        with capsys.disabled():
            print(text)

    return print_line


def columnar(*overrides: str) -> Simulation:
    """Build the default scenario."""
    return build(load("columnar", overrides))


def seconds(function, *arguments, **options) -> float:
    """Time one call."""
    began = perf_counter()
    function(*arguments, **options)
    return perf_counter() - began


def spikes_room(ticks: int, n_neurons: int) -> int:
    """Room for every spike there could reasonably be."""
    return ticks * n_neurons // 15 + n_neurons


def test_default_run(benchmark, say):
    """The default run natively and stepped, against the yardstick, in turns; the bits are the same."""
    times: dict[str, list[float]] = defaultdict(list)

    def one_round() -> None:
        native, stepped = columnar(), columnar()
        yardstick = Yardstick(native, spikes_room(TICKS, 2000))
        times["yardstick"].append(seconds(yardstick.run, TICKS))
        times["native"].append(seconds(native.run, TICKS))
        times["stepped"].append(seconds(stepped.run, TICKS, stepped=True))
        assert np.array_equal(yardstick.weight, native.data().weight)
        assert np.array_equal(yardstick.weight, stepped.data().weight)

    benchmark.pedantic(one_round, rounds=ROUNDS, warmup_rounds=1)
    say(f"\n\nDefault run, {TICKS / 1000:g} s of 2,000 neurons, median of {ROUNDS} rounds in turns")
    for way, most in (("yardstick", 1.0), ("native", 1.15), ("stepped", 2.0)):
        ratio = median(t / y for t, y in zip(times[way][1:], times["yardstick"][1:], strict=True))
        say(f"  {way:10} {median(times[way][1:]):6.3f} s   {ratio:5.2f} x the yardstick (at most {most:g})")


def test_by_phase(benchmark, say, tmp_path):
    """Where a whole run spends its time: build, tick loop, pictures."""
    times: dict[str, list[float]] = defaultdict(list)

    def one_round() -> None:
        began = perf_counter()
        simulation = columnar()
        times["build"].append(perf_counter() - began)
        times["tick loop"].append(seconds(simulation.run, TICKS))
        data = simulation.data()
        times["spikes.png"].append(seconds(save_picture, draw_spikes, data, tmp_path / "spikes.png"))
        times["neuron-trace.png"].append(seconds(save_picture, draw_trace, data, tmp_path / "neuron-trace.png"))

    benchmark.pedantic(one_round, rounds=5, warmup_rounds=1)
    say("\n\nDefault run by phase, median of 5")
    for phase, each in times.items():
        say(f"  {phase:18} {median(each[1:]):6.3f} s")


def test_by_system(benchmark, say):
    """The tick loop by system, stepped: with the cost of calling each kernel from Python, about 1 µs."""
    simulation = columnar()
    entries = simulation.dispatcher.plan.entries
    spent: dict[str, float] = dict.fromkeys([entry.name for entry in entries], 0.0)
    simulation.run(1, stepped=True)
    interrupt = simulation.world.resource(Interrupt)

    def one_tick() -> None:
        simulation.world.clock.tick += 1
        for entry in entries:
            spent[entry.name] += seconds(entry.system.process)
        drain(interrupt, simulation.dispatcher.plan.systems)

    benchmark.pedantic(one_tick, rounds=TICKS // 4)
    say("\n\nTick loop by system, stepped, mean of 5,000 ticks")
    for name, total in spent.items():
        say(f"  {name:24} {1e6 * total / (TICKS // 4):6.2f} µs   {100 * total / sum(spent.values()):4.1f} %")


def test_scaling(benchmark, say):
    """Cost per synaptic event, speed of building and memory, from 1 to 200 columns."""
    say("\n\nScaling (a synaptic event: one signal delivered, its synapse weakened and strengthened)")
    say("  columns   synapses   build [M/s]   ns/event   x the yardstick   Hz    bytes/synapse")

    def table() -> None:
        for columns, ticks in ((1, 20_000), (5, 20_000), (20, 20_000), (60, 5_000), (200, 1_000)):
            builds, ratios, costs = [], [], []
            for _ in range(3):
                began = perf_counter()
                simulation = columnar(f"columns.count={columns}")
                builds.append(perf_counter() - began)
                n = simulation.neurons.size
                yardstick = Yardstick(simulation, spikes_room(ticks, n))
                expected = seconds(yardstick.run, ticks)
                spent = seconds(simulation.run, ticks)
                data = simulation.data()
                n_events = int(np.diff(simulation.world.resource(Topology).axon_first)[data.spike_neuron].sum())
                ratios.append(spent / expected)
                costs.append(1e9 * spent / n_events)
            n_synapses = data.weight.size
            rate = data.spike_tick.size / n / ticks * 1000
            say(
                f"  {columns:7} {n_synapses:10,} {n_synapses / min(builds) / 1e6:13.1f} {median(costs):10.1f} "
                f"{median(ratios):17.2f} {rate:4.0f} {bytes_per_synapse(simulation):16.1f}"
            )

    benchmark.pedantic(table, rounds=1)


def bytes_per_synapse(simulation: Simulation) -> float:
    """All bytes that grow with the number of plastic synapses: arrays, indexes, entities."""
    world = simulation.world
    table, net = world.table(Weight.kind), world.resource(Topology)
    arrays = [array for storage in table.storages.values() for array in storage.array.values()]
    arrays += [table.first_entity, net.dendrite_row, net.dendrite_source]
    index = world.index.row.itemsize * 2  # a row for the synapse's entity and one for the dendrite's
    return sum(array.nbytes for array in arrays) / len(table) + index


def test_views(benchmark, say):
    """What the row views of all synapses and dendrites cost, once somebody asks for them."""

    def make() -> tuple[float, float, float, int]:
        prepared, simulation = columnar(), columnar()
        ahead = seconds(prepared.world.materialise, Target, Weight)
        with simulation.world.active():
            first = seconds(esper.get_components, Target, Weight)
            again = seconds(esper.get_components, Target, Weight)
            return ahead, first, again, len(esper.get_components(Target, Weight))

    ahead, first, again, n = benchmark.pedantic(make, rounds=3)
    say(f"\n\nRow views of {n:,} dendrites: {ahead:.2f} s by world.materialise(Target, Weight),")
    say(f"  {first:.2f} s when esper is first asked for them, {1e6 * again:.1f} µs again")


def test_whole_command(benchmark, say, tmp_path):
    """From Enter to both pictures with a warm cache, and the peak of memory."""
    runen = Path(sys.executable).with_name("runen")

    def command() -> subprocess.CompletedProcess[str]:
        arguments = [runen, "run", "columnar", "--json", "--out", tmp_path]
        return subprocess.run(arguments, capture_output=True, text=True, check=True, env=os.environ)

    command()
    done = benchmark.pedantic(command, rounds=5)
    say(f"\n\nrunen run columnar, warm: {benchmark.stats.stats.median:.2f} s from Enter to both pictures (at most 5)")
    say(f"  {done.stdout.strip()[-220:]}")
    help_s = median(seconds(subprocess.run, [runen, "--help"], capture_output=True, check=True) for _ in range(5))
    say(f"runen --help: {help_s:.2f} s (at most 0.5)")
