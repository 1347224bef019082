"""`make bench`: what a checkpoint costs."""

from __future__ import annotations

import os
from collections import defaultdict
from statistics import median
from time import perf_counter

from runen_ecs.checkpoints import Disk, load_checkpoint, save_checkpoint
from runen_ecs.engine.state import restore_world, world_state
from runen_ecs.scenarios import build, load

ROUNDS = 25
MOST_MS = 50


class TimedDisk(Disk):
    """Adds up the time that writes and syncs take."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    def write(self, descriptor: int, data: memoryview) -> int:
        """Write."""
        began = perf_counter()
        written = super().write(descriptor, data)
        self.spent["  writing"] += perf_counter() - began
        return written

    def sync(self, descriptor: int) -> None:
        """Sync the file, and then the folder."""
        began = perf_counter()
        super().sync(descriptor)
        self.spent["  fsync of file and folder"] += perf_counter() - began


def test_checkpoint_of_the_default_network(benchmark, capsys, tmp_path):
    """The state of 2,000 neurons and 110,000 synapses into a file, with all syncs, and back."""
    simulation, other = build(load("columnar")), build(load("columnar"))
    simulation.run(1000)
    times: dict[str, list[float]] = defaultdict(list)

    def one_round() -> None:
        simulation.run(1)
        disk, moments = TimedDisk(), [perf_counter()]
        state = world_state(simulation.world)
        moments.append(perf_counter())
        path = save_checkpoint(tmp_path, state, {}, disk=disk)
        moments.append(perf_counter())
        loaded, _ = load_checkpoint(tmp_path)
        moments.append(perf_counter())
        restore_world(other.world, loaded)
        moments.append(perf_counter())
        times["state and save"].append(moments[2] - moments[0])
        for name, began, ended in zip(("state", "save", "load", "restore"), moments, moments[1:], strict=False):
            times[name].append(ended - began)
        for name, spent in disk.spent.items():
            times[name].append(spent)
        assert other.world.tick == simulation.world.tick
        times["MB"].append(os.path.getsize(path) / 1e9)

    benchmark.pedantic(one_round, rounds=ROUNDS, warmup_rounds=2)
    with capsys.disabled():
        print(f"\n\nCheckpoint of the default network, {1000 * times.pop('MB')[0]:.1f} MB, median (worst) of {ROUNDS}")
        for name in ("state and save", "state", "save", "  writing", "  fsync of file and folder", "load", "restore"):
            most = f"   (at most {MOST_MS})" if name == "state and save" else ""
            print(f"  {name:26} {1000 * median(times[name]):6.1f} ({1000 * max(times[name]):.1f}) ms{most}")
