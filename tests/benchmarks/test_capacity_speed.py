"""`make bench`: what capacity networks cost, in signals that arrive at synapses (hits) per second."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

import numpy as np
from capacity_networks import Layers
from capacity_yardstick import CapacityYardstick
from test_speed import say, seconds  # noqa: F401 - a fixture

from runen_ecs.components import Accumulator

ROUNDS = 5


def test_capacity_throughput(benchmark, say):
    """The networks that the original was measured with, then larger ones, against one hand-written loop; same bits."""
    rng = np.random.default_rng(2)
    say("\n\nCapacity networks: million hits per second, median of 5 (original: Rust, release build, 2-core machine)")
    say("  network                                                hits       M/s   original   ratio   x the yardstick")

    def table() -> None:
        chain = Layers(1000, 1, 1, 1.0)
        _measure(
            say, "chain of 1,000, 10,000 stimuli one at a time", 2.0, lambda: chain.run(np.zeros(10_000, int), 1.0)
        )
        layers = Layers(10, 100, 10, 9.0)
        single = rng.integers(0, 100, 30_000)
        _measure(say, "10 layers of 100, single stimuli", 1.4, lambda: layers.run(single, 2.0))
        for shape, waves, original in (((10, 100), 300, 1.5), ((10, 1000), 100, None), ((10, 10_000), 10, None)):
            network = Layers(*shape, 10, 9.0)
            yardstick = CapacityYardstick(network.world, network.ports, 20 * shape[1])
            network.run_waves(waves, 2.0)
            yardstick.run(waves, 2.0)
            assert np.array_equal(network.world.storage(Accumulator).array["value"], yardstick.value)
            expected = median(seconds(yardstick.run, waves, 2.0) for _ in range(ROUNDS))
            name = f"{shape[0]} layers of {shape[1]:,}, waves"
            _measure(say, name, original, lambda n=network, w=waves: n.run_waves(w, 2.0), expected)

    benchmark.pedantic(table, rounds=1)


def _measure(say, name: str, original: float | None, run, expected: float | None = None) -> None:
    run()
    hits: list[int] = []
    spent = median(seconds(lambda: hits.append(run())) for _ in range(ROUNDS))
    speed = hits[-1] / spent / 1e6
    compared = f"{original:10.1f} {speed / original:7.1f}" if original else " " * 18
    beside = f"{spent / expected:17.2f}" if expected else ""
    say(f"  {name:48} {hits[-1]:12,} {speed:9.1f} {compared} {beside}")


def test_cost_follows_the_signals(benchmark, say):
    """The same signals cost about the same in a network a thousand times as large."""
    say("\n\nCost of one signal through 10 layers of fan-in 1, by size of the network")

    def table() -> None:
        for width in (10, 1000, 100_000):
            network = Layers(10, width, 1, 1.0)
            port = np.zeros(20_000, int)
            network.run(port, 1.0)
            say(f"  {10 * width:9,} neurons   {1e9 * seconds(network.run, port, 1.0) / 20_000:8.0f} ns a stimulus")

    benchmark.pedantic(table, rounds=1)


def test_a_million_neurons(benchmark, say):
    """A million neurons and ten million synapses are built, stimulated through all ports, and fit into 6 GB."""

    def run() -> None:
        here = Path(__file__)
        result = subprocess.run(
            [sys.executable, str(here)], capture_output=True, text=True, cwd=here.parent, check=False
        )
        assert result.returncode == 0, result.stderr
        say(result.stdout)

    benchmark.pedantic(run, rounds=1)


def measure_a_million() -> None:
    """Build, stimulate, and say what it took."""
    networks = []
    build_s = seconds(lambda: networks.append(Layers(11, 100_000, 10, 9.0)))
    network = networks[0]
    n_synapses = len(network.world.storage(Accumulator).table) - 100_000
    network.run_waves(1, 2.0)
    hits = []
    wave_s = seconds(lambda: hits.append(network.run_waves(1, 2.0)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(f"\n\n1,100,000 neurons, {10 * n_synapses + 100_000:,} synapses: built in {build_s:.1f} s")
    print(
        f"  a wave through all ports: {hits[0]:,} hits in {wave_s:.2f} s, {hits[0] / wave_s / 1e6:.1f} million a second"
    )
    print(f"  peak memory {peak:.2f} GB (at most 6)")


if __name__ == "__main__":
    measure_a_million()
