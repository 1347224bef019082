"""The processes that make the runs of a sweep, one run at a time each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

from runen_ecs.engine.compile import cache_folder

from .sweeping import Outcome, Run, perform

__all__ = ["available_cores", "perform_all"]

UNDER_WAY = "the kernels are compiled"


def available_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def perform_all(
    runs: Sequence[Run], n_workers: int, stop: Connection[Any, Any]
) -> Generator[tuple[Run, Outcome], None, None]:
    """Make runs in several processes; yield each with what came of it, in the order in which they end.

    The first run goes alone until its kernels are compiled: the others then load them.
    A worker that dies takes one run with it, and another takes its place.

    Parameters
    ----------
    runs : sequence of Run
    n_workers : int
        At most so many at once.
    stop : Connection
        Runs end, and those under way are lost, once there is something to read.
    """
    waiting, compiled = deque(runs), False
    idle = [Worker() for _ in range(min(n_workers, len(runs)))]  # all at once: each takes a while to import numba
    busy: dict[Connection[Any, Any], tuple[Worker, Run]] = {}
    try:
        while waiting or busy:
            while waiting and len(busy) < (n_workers if compiled else 1):
                worker = idle.pop() if idle else Worker()
                busy[worker.connection] = worker, waiting.popleft()
                worker.begin(busy[worker.connection][1])
            ready = wait([stop, *busy])
            if stop in ready:
                return
            for connection in [one for one in busy if one in ready]:
                worker, run = busy[connection]
                answer = worker.answer()
                compiled = True
                if answer == UNDER_WAY:
                    continue
                del busy[connection]
                if worker.process.poll() is None:
                    idle.append(worker)
                yield run, answer
    finally:
        for worker in (*idle, *(worker for worker, _ in busy.values())):
            worker.end()


class Worker:
    """A process that makes runs."""

    def __init__(self) -> None:
        self.connection, there = Pipe()
        with there:
            # A process of its own, not one of multiprocessing: that would run the caller's main module once more.
            # In a group of its own: Ctrl-C is for the process that has the table.
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__, str(there.fileno())],
                env={**os.environ, "NUMBA_CACHE_DIR": str(cache_folder())},
                pass_fds=[there.fileno()],
                stdin=subprocess.DEVNULL,
                process_group=0,
            )

    def begin(self, run: Run) -> None:
        """Hand it a run."""
        with suppress(OSError):  # it is dead already, as its answer will tell
            self.connection.send(run)

    def answer(self) -> Any:
        """Return what it says: the outcome of its run, or that the run is under way."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            code = self.process.wait()
            why = f"{signal.strsignal(-code)}, signal {-code}" if code < 0 else f"exit code {code}"
            hint = "; out of memory, perhaps: sweep with fewer --workers" if code == -signal.SIGKILL else ""
            return Outcome({}, f"worker died ({why}){hint}")

    def end(self) -> None:
        """End it, whatever it does."""
        self.connection.close()
        self.process.terminate()
        self.process.wait()


def work(connection: Connection[Any, Any]) -> None:
    """Make runs until the other end is closed, or its process is gone."""
    owner, told = os.getppid(), False

    def watch(tick: int) -> bool:
        nonlocal told
        if not told:
            told = True
            connection.send(UNDER_WAY)
        if os.getppid() != owner:
            os._exit(1)  # at once: nobody wants the outcome, which may take long to sum up
        return False

    with suppress(EOFError, OSError):
        while True:
            connection.send(perform(connection.recv(), watch))


if __name__ == "__main__":
    work(Connection(int(sys.argv[1])))
