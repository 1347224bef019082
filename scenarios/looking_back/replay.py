"""The world of a recorded run at any tick: the nearest state that is known before it, and from there the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runen_ecs.checkpoints import read_checkpoint
from runen_ecs.engine.state import State, restore_world, world_state
from runen_ecs.errors import FileError
from runen_ecs.recording import WeightRecord
from runen_ecs.run_folder import Recording
from runen_ecs.run_folder.manifest import FORK
from runen_ecs.run_folder.sources import sources_of

from ..building import Simulation, build
from ..faults import UsageError
from ..lasting import recorded_scenario

__all__ = ["RecordedRun", "Replay", "unrecorded"]

KEEP_EVERY = 1000
MOST_BYTES = 200_000_000


class RecordedRun(Recording):
    """A `Recording` that can be run again: it has the world of any tick.

    >>> simulation = RecordedRun(Path("run")).at(5000)  # doctest: +SKIP
    """

    @property
    def first(self) -> int:
        """The first tick whose world there is: of a branch, that at which it left its parent."""
        return 0 if self.manifest.parent is None else int(self.manifest.parent["tick"])

    def at(self, tick: int) -> Simulation:
        """Return the simulation as it was at the end of a tick; it can be looked at, changed, and run on.

        Parameters
        ----------
        tick : int
            0: before the first.

        Raises
        ------
        UsageError
            If the run does not reach that tick.
        FileError
            If its scenario cannot be read.
        """
        return Replay(self).go(tick)


class Replay:
    """A recorded run that moves to any tick, forwards and backwards.

    What it passes is not recorded once more. On its way it keeps states in memory, so that short ways back are short.

    Attributes
    ----------
    run : RecordedRun
    simulation : Simulation
        Where it is now. It must not be changed, else what follows is another run.
    """

    def __init__(self, run: RecordedRun) -> None:
        self.run = run
        self._kept: dict[int, tuple[State, int]] = {}
        self._begin()

    def _begin(self) -> None:
        self.simulation = build(recorded_scenario(self.run.path))
        if self.run.first:
            self._restore(*_read(self.run.path / FORK / str(self.run.first)))

    @property
    def tick(self) -> int:
        """How many ticks are over."""
        return self.simulation.world.tick

    def go(self, tick: int) -> Simulation:
        """Move to the end of a tick; return the simulation, which is another object after some ways back.

        Raises
        ------
        UsageError
            If the run does not reach that tick.
        """
        path, first = self.run.path, self.run.first
        if not 0 <= tick <= self.run.tick:
            raise UsageError(f"{path}: the run was recorded from 0 to {self.run.duration_ms / 1000:g} s")
        if tick < first and self.run.manifest.parent is not None:
            at, parent = first * self.run.dt_ms / 1000, self.run.manifest.parent["folder"]
            raise UsageError(f"{path}: left {parent} at {at:g} s; look there for what was before")
        self._come_near(tick)
        self.play(tick)
        return self.simulation

    def play(self, tick: int) -> None:
        """Run from here to the end of a tick."""
        with unrecorded(self.simulation):
            while self.tick < tick:
                stop = min(tick, (self.tick // KEEP_EVERY + 1) * KEEP_EVERY)
                if self.simulation.run(stop - self.tick) == 0:
                    break
                if self.tick % KEEP_EVERY == 0:
                    self._keep()

    def _come_near(self, tick: int) -> None:
        """Restore the latest state that is known from before a tick, unless the way from here is shorter."""
        checkpoints = self.run.checkpoints
        for earlier in sorted({*self._kept, *checkpoints}, reverse=True):
            if earlier > tick:
                continue
            if earlier <= self.tick <= tick:
                return
            try:
                state, events_done = self._kept[earlier] if earlier in self._kept else _read(checkpoints[earlier])
            except FileError:
                continue  # an earlier one, or the beginning, leads to the same bits
            self._restore(state, events_done)
            return
        if self.tick > tick:
            self._begin()

    def _restore(self, state: State, events_done: int) -> None:
        restore_world(self.simulation.world, state)
        self.simulation.events_done = events_done

    def _keep(self) -> None:
        state = world_state(self.simulation.world)
        room = MOST_BYTES // max(1, sum(array.nbytes for array in state.arrays.values()))
        while self._kept and len(self._kept) >= room:
            del self._kept[next(iter(self._kept))]
        if room:
            self._kept[self.tick] = state, self.simulation.events_done


def _read(path: Path) -> tuple[State, int]:
    state, about = read_checkpoint(path)
    return state, int(about["events_done"])


@contextmanager
def unrecorded(simulation: Simulation) -> Iterator[None]:
    """Let the records of a simulation forget what it does meanwhile."""
    records = [source.record for source in sources_of(simulation).values()]
    records.append(simulation.world.resource(WeightRecord))
    for record in records:
        record.hand_to(lambda columns: None)
    try:
        yield
    finally:
        for record in records:
            record.hand_to(None)
