"""Runs that last: recorded in a folder while they run, with checkpoints, and gone on with after a stop."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from runen_ecs.checkpoints import load_checkpoint, save_checkpoint
from runen_ecs.engine.dispatcher import Watch
from runen_ecs.engine.state import restore_world, world_state
from runen_ecs.errors import FileError
from runen_ecs.files import RunData, write_atomically
from runen_ecs.run_folder import Recording, RunFolder
from runen_ecs.run_folder.manifest import hash_of, read_manifest, write_manifest

from .building import Simulation, build
from .loading import load
from .printing import as_toml
from .schema import Scenario

__all__ = ["SCENARIO", "LastingRun", "begin", "go_on"]

SCENARIO = "scenario.toml"


class LastingRun:
    """A simulation that writes what it leaves into a folder, with a checkpoint every so many ticks and at its end.

    Parameters
    ----------
    simulation : Simulation
    folder : RunFolder
    every : int, or None
        Ticks between checkpoints; None: only when it stops.
    """

    def __init__(self, simulation: Simulation, folder: RunFolder, every: int | None) -> None:
        self.simulation, self.folder, self.every = simulation, folder, every

    def run(self, ticks: int, *, stepped: bool = False, watch: Watch | None = None) -> None:
        """Run ticks, see `Simulation.run`, in pieces that end where checkpoints are due.

        Raises
        ------
        RunFolderError
            If the folder cannot be written.
        """
        world = self.simulation.world
        last = world.tick + ticks
        if world.tick and self.simulation.at_rest:
            return
        while world.tick < last:
            due = last if self.every is None else min(last, (world.tick // self.every + 1) * self.every)
            self.simulation.run(due - world.tick, stepped=stepped, watch=watch)
            self.checkpoint()
            if world.tick < due or self.simulation.at_rest:
                break

    def checkpoint(self) -> None:
        """Bring all so far to the disk, and the state from which the run can go on."""
        self.simulation.world.maintain()  # what an extension has queued is no state
        self.folder.update()
        about = {"events_done": self.simulation.events_done}
        save_checkpoint(self.folder.checkpoints, world_state(self.simulation.world), about)

    def finish(self) -> RunData:
        """Close the folder; return all that the run has left, from the disk."""
        self.folder.close()
        return Recording(self.folder.path).run_data()


def begin(scenario: Scenario, path: Path, every: int | None) -> LastingRun:
    """Begin a recorded run of a scenario, in an empty folder.

    Raises
    ------
    RunFolderError
        If the folder is not empty, or cannot be written.
    """
    with TemporaryDirectory() as folder:  # run what will be read again, files by their whole paths
        text = as_toml(scenario, whole_paths=True)
        written = Path(folder) / SCENARIO
        written.write_text(text, encoding="utf-8")
        simulation = build(load(str(written)))
    recorded = LastingRun(simulation, RunFolder.create(path, simulation), every)
    write_atomically(path / SCENARIO, lambda file: file.write(text.encode()))
    recorded.checkpoint()
    return recorded


def go_on(path: Path, duration: str | None, every: int | None) -> LastingRun:
    """Go on with a recorded run from its last checkpoint.

    Parameters
    ----------
    path : Path
        The folder.
    duration : str, or None
        The whole model time, if it is to be another than before.
    every : int, or None
        See `LastingRun`.

    Raises
    ------
    FileError
        If the folder holds no run, or no checkpoint that can be read.
    RunFolderError
        If it cannot be written, or is being written.
    """
    manifest = read_manifest(path)
    state, about = load_checkpoint(path / "checkpoints")
    overrides: dict[str, Any] = {} if duration is None else {"duration": duration}
    scenario = load(str(path / SCENARIO), overrides)
    same = {**scenario.as_data(), "duration": manifest.scenario["duration"]}
    if hash_of(same) != manifest.scenario_sha256:
        raise FileError(path / SCENARIO, "is not the scenario that was run; put it back as it was")
    if scenario.duration < state.tick:
        reached = state.tick * scenario.dt / 1000
        raise FileError(path, f"has run for {reached:g} s already; name a longer duration")
    simulation = build(scenario)
    restore_world(simulation.world, state)
    simulation.events_done = int(about["events_done"])
    if duration is not None:
        manifest.scenario = scenario.as_data()
        manifest.scenario_sha256 = hash_of(manifest.scenario)
        write_manifest(path, manifest)
        text = as_toml(scenario, whole_paths=True)
        write_atomically(path / SCENARIO, lambda file: file.write(text.encode()))
    return LastingRun(simulation, RunFolder.resume(path, simulation), every)
