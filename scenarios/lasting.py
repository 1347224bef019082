"""Runs that last: recorded in a folder while they run, with checkpoints, and gone on with after a stop."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from runen_ecs.checkpoints import load_checkpoint, save_checkpoint
from runen_ecs.engine.dispatcher import Watch
from runen_ecs.engine.state import restore_world, world_state
from runen_ecs.errors import DivergenceError, FileError
from runen_ecs.run_folder import Recording, RunFolder, TornFileWarning
from runen_ecs.run_folder.disk import write_whole
from runen_ecs.run_folder.manifest import CHECKPOINTS, hash_of, read_manifest, write_manifest

from .building import Simulation, build
from .loading import load
from .printing import as_toml
from .schema import Scenario

__all__ = [
    "SCENARIO",
    "LastingRun",
    "begin",
    "files_of",
    "first_divergence",
    "go_on",
    "recorded_scenario",
    "write_scenario",
]

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

    def finish(self) -> Recording:
        """Close the folder; return what the run has left, on the disk."""
        self.folder.close()
        return Recording(self.folder.path)


def begin(scenario: Scenario, path: Path, every: int | None) -> LastingRun:
    """Begin a recorded run of a scenario, in an empty folder.

    Raises
    ------
    RunFolderError
        If the folder is not empty, or cannot be written.
    """
    with TemporaryDirectory() as folder:  # run what will be read again, files by their whole paths
        write_scenario(Path(folder), scenario)
        simulation = build(load(str(Path(folder) / SCENARIO)))
    recorded = LastingRun(simulation, RunFolder.create(path, simulation), every)
    recorded.folder.manifest.files = files_of(simulation.scenario)
    write_scenario(path, simulation.scenario)
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
    scenario = recorded_scenario(path, {} if duration is None else {"duration": duration})
    simulation = build(scenario)
    _restore(simulation, path / CHECKPOINTS, _recorded_until(path))
    if scenario.duration < simulation.world.tick:
        reached = simulation.world.tick * scenario.dt / 1000
        raise FileError(path, f"has run for {reached:g} s already; name a longer duration")
    if duration is not None:
        manifest.scenario = scenario.as_data()
        manifest.scenario_sha256 = hash_of(manifest.scenario)
        write_manifest(path, manifest)
        write_scenario(path, scenario)
    return LastingRun(simulation, RunFolder.resume(path, simulation), every)


def first_divergence(error: DivergenceError, scenario: Scenario, checkpoints: Path | None = None) -> DivergenceError:
    """Find the first tick in which something was lost that is not looked at in every tick, by running once more.

    Parameters
    ----------
    error : DivergenceError
        Which says when it was noticed.
    scenario : Scenario
    checkpoints : Path, optional
        Where states of the run are; else it begins anew.
    """
    simulation = build(scenario)
    if checkpoints is not None:
        _restore(simulation, checkpoints)
    simulation.run(max(0, error.tick - error.every - simulation.world.tick))
    try:
        while simulation.world.tick < error.tick:
            simulation.run(1)
    except DivergenceError as first:
        return DivergenceError(first.kind, first.number, first.entity, first.component, first.value, first.tick)
    return error


def _recorded_until(path: Path) -> int:
    """Return until which tick the records are there: less than at the last checkpoint, if a file was cut."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TornFileWarning)  # what is torn is forgotten
        streams = Recording(path).streams
    return min(stream.to_tick for stream in streams.values())


def _restore(simulation: Simulation, checkpoints: Path, until: int | None = None) -> None:
    """Put a simulation into the last state that there is, not later than a tick if one is given."""
    state, about = load_checkpoint(checkpoints, until)
    restore_world(simulation.world, state)
    simulation.events_done = int(about["events_done"])


def recorded_scenario(path: Path, changes: Sequence[Any] | Mapping[str, Any] = ()) -> Scenario:
    """Return the scenario of a run folder, after a look whether it is still what was run.

    Parameters
    ----------
    path : Path
    changes : sequence or mapping
        See `load`.

    Raises
    ------
    FileError
        If it, or a file that it names, is another one now.
    """
    manifest, file = read_manifest(path), path / SCENARIO
    if not file.is_file():
        raise FileError(file, "is missing; without it the run cannot be replayed")
    for name, known in manifest.files.items():
        if _hash_of_file(Path(name)) != known:
            raise FileError(Path(name), f"is not what it was when {path} was recorded; put it back")
    scenario = load(str(file))
    same = {**scenario.as_data(), "duration": manifest.scenario["duration"]}  # a longer one may have come too late
    if hash_of(same) != manifest.scenario_sha256:
        raise FileError(file, "is not the scenario that was run; put it back as it was")
    return load(str(file), changes) if changes else scenario


def files_of(scenario: Scenario) -> dict[str, str]:
    """Return the SHA-256 of each file that a scenario names."""
    return {name: _hash_of_file(Path(name)) for name in _named(scenario.as_data())}


def _named(data: Any) -> Iterator[str]:
    """Yield the files that the data of a scenario name."""
    if isinstance(data, dict) and isinstance(data.get("file"), str):
        yield data["file"]
    for part in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _named(part)


def _hash_of_file(path: Path) -> str:
    """Return the SHA-256 of a file; empty, if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def write_scenario(path: Path, scenario: Scenario) -> None:
    """Write the scenario of a run folder.

    Raises
    ------
    OSError
    """
    text = as_toml(scenario, whole_paths=True)
    write_whole(path / SCENARIO, lambda file: file.write(text.encode()))
