"""Kill a run that saves checkpoints, at random moments: ``python tests/kill_checkpoints.py 200``.

Each child goes on from the latest checkpoint, in a world that it builds anew. After each kill, what can be loaded must
be the state of a run that was never stopped, at its tick, and no older than what a child has said to be saved.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import tempfile
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from runen_ecs.checkpoints import Disk, load_checkpoint, save_checkpoint
from runen_ecs.engine.state import State, restore_world, world_state
from runen_ecs.errors import FileError
from runen_ecs.scenarios import Simulation, build, load

TICKS = 600
EVERY = 3
PIECE = 4096


class SlowDisk(Disk):
    """Writes small pieces, so that many kills fall between two of them."""

    def write(self, descriptor: int, data: memoryview) -> int:
        """Write at most a piece."""
        return super().write(descriptor, data[:PIECE])


def made() -> Simulation:
    """Build what runs."""
    return build(load("columnar", ["columns.count=1"]))


def digest(state: State) -> str:
    """Hash all of a state."""
    found = hashlib.sha256(repr(state.data).encode())
    for name, array in state.arrays.items():
        found.update(name.encode() + array.tobytes())
    return found.hexdigest()


def go_on(folder: Path, saved: Connection) -> None:
    """Run to the end from the latest checkpoint, and tell of each that was saved."""
    simulation = made()
    if any(folder.glob("[0-9]*")):
        restore_world(simulation.world, load_checkpoint(folder)[0])
    while simulation.world.tick < TICKS:
        simulation.run(EVERY)
        save_checkpoint(folder, world_state(simulation.world), {}, disk=SlowDisk())
        saved.send(simulation.world.tick)


def latest(folder: Path) -> State | None:
    """Return what can be loaded."""
    try:
        return load_checkpoint(folder)[0]
    except FileError:
        return None


def unfinished(folder: Path) -> set[tuple[str, int]]:
    """Return the files that are not written to their end, and when they were written last."""
    return {(path.name, path.stat().st_mtime_ns) for path in folder.glob(".*.new")}


def kill(times: int, folder: Path) -> tuple[int, int]:
    """Kill so many children; return how many were killed inside a write, and how often the run came to its end."""
    whole, expected = made(), {}
    while whole.world.tick < TICKS:
        whole.run(EVERY)
        expected[whole.world.tick] = digest(world_state(whole.world))
    random, inside, ended, killed, told = Random(times), 0, 0, 0, 0
    while killed < times:
        before = unfinished(folder)
        receiver, sender = get_context("fork").Pipe(duplex=False)
        child = get_context("fork").Process(target=go_on, args=(folder, sender))
        child.start()
        sender.close()
        time.sleep(random.uniform(0.0, 0.15))
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        try:
            while receiver.poll():
                told = receiver.recv()
        except EOFError:
            pass
        killed += child.exitcode == -signal.SIGKILL
        inside += bool(unfinished(folder) - before)
        state = latest(folder)
        assert (state.tick if state is not None else 0) >= told, "a checkpoint that was saved is gone"
        if state is not None:
            assert digest(state) == expected[state.tick], f"the state of tick {state.tick} is another one"
        if told == TICKS:
            ended += 1
            told = 0
            for file in folder.iterdir():
                file.unlink()
    return inside, ended


if __name__ == "__main__":
    count = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        inside, ended = kill(count, Path(name))
    print(f"{count} kills, {inside} of them inside a write; {ended} runs came to their end with the same bits")
