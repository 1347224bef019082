"""Run folders that go wrong: killed, torn, full, gone; what was whole stays, and a run can go on from it."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from recorded_runs import column, differing, recorded, state

from runen_ecs.checkpoints import load_checkpoint, save_checkpoint
from runen_ecs.engine.state import restore_world, world_state
from runen_ecs.errors import FileError
from runen_ecs.run_folder import Recording, RunFolder, RunFolderError, TornFileWarning, disk, writer
from runen_ecs.run_folder.chunks import CHUNK
from runen_ecs.scenarios import build, load

FLUSHES = (100, 30, 170)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was flushed three times, and not closed: as of a run that was killed."""
    path = tmp_path_factory.mktemp("folders") / "whole"
    simulation = column("thalamic_input.high=9")
    with RunFolder.create(path, simulation) as folder:
        for ticks in FLUSHES:
            simulation.run(ticks)
            folder.flush()
        shutil.copytree(path, path.with_name("killed"))
    return path.with_name("killed")


def cut(path: Path, file: str, size: int, folder: Path) -> Path:
    """Copy a folder and cut a file of it to a size."""
    copy = folder / "cut"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(path, copy)
    os.truncate(copy / file, size)
    return copy


@pytest.mark.parametrize("file", ["spikes.bin", "spikes.chunks", "traces.bin", "weights.chunks", "snapshots.bin"])
def test_a_torn_tail_is_dropped(file: str, whole: Path, tmp_path: Path) -> None:
    """Wherever a file is cut, whole chunks before the cut are read, the rest is left out with a warning."""
    name, size = file.split(".")[0], (whole / file).stat().st_size
    entries = Recording(whole).streams[name].entries
    every = Recording(whole).streams[name].at(0, int(entries["rows"].sum()))
    item = CHUNK.itemsize if file.endswith("chunks") else every.dtype.itemsize
    stops = (entries["first"] + entries["rows"]).tolist() if item != CHUNK.itemsize else range(1, entries.size + 1)
    for at in sorted({0, 1, item - 1, item, size // 3, size // 2, size - item, size - 1}):
        kept = sum(stop * item <= at for stop in stops)
        n = int(entries["rows"][:kept].sum())
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            stream = Recording(cut(whole, file, at, tmp_path)).streams[name]
        torn = sum((tmp_path / "cut" / f"{name}.{end}").stat().st_size for end in ("bin", "chunks"))
        torn -= n * every.itemsize + kept * CHUNK.itemsize

        assert kept == stream.entries.size
        assert every[:n].tobytes() == stream.at(0, len(stream)).tobytes()
        told = [f"{torn:,} bytes at the end are not written whole" in str(warning.message) for warning in said]
        assert [True] * (torn > 0) == told


def test_a_tail_of_other_bytes_is_dropped(whole: Path, tmp_path: Path) -> None:
    """A last chunk whose rows never reached the disk, though its entry did, is left out."""
    copy = cut(whole, "traces.bin", (whole / "traces.bin").stat().st_size, tmp_path)
    with (copy / "traces.bin").open("r+b") as file:
        file.seek(-30, os.SEEK_END)
        file.write(bytes(30))
    with pytest.warns(TornFileWarning, match="it is complete until tick 130"):
        recording = Recording(copy)

    assert (130, 130) == (recording.tick, len(recording.streams["traces"]))
    assert recording.run_data().trace_v.shape == (130, 2)


def test_a_killed_run_is_that_of_memory_until_there(whole: Path) -> None:
    """A run that was killed gives back what it had in memory, but for the network, which is that of the last update."""
    recording, simulation = Recording(whole), column("thalamic_input.high=9")
    simulation.run(sum(FLUSHES))
    data = recording.run_data()

    assert (False, 300) == (recording.manifest.closed, recording.tick)
    assert data.meta["partial"]
    assert ["weight"] == differing(simulation.data(), data)
    assert data.weight.tobytes() == data.weight_initial.tobytes()


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from recorded_runs import column
from pathlib import Path
from runen_ecs.run_folder import RunFolder, writer
writer.MOST_WAITING = 2000
simulation = column("thalamic_input.high=9")
folder = RunFolder.create(Path("run"), simulation)
simulation.run(400)
simulation.run(10**9, watch=lambda tick: tick > 700 and os.kill(os.getpid(), signal.SIGKILL))
"""


def test_kill_9(tmp_path: Path) -> None:
    """A killed process leaves a folder that can be read, and gone on with, to the bits of a run in one piece."""
    program = KILLED.format(tests=os.path.dirname(__file__))
    done = subprocess.run([sys.executable, "-P", "-c", program], cwd=tmp_path, check=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TornFileWarning)
        recording = Recording(tmp_path / "run")
    assert -signal.SIGKILL == done.returncode
    assert not recording.manifest.closed
    assert recording.tick >= 400

    resumed, in_one = column("thalamic_input.high=9"), column("thalamic_input.high=9")
    resumed.run(recording.tick)
    with RunFolder.resume(tmp_path / "run", resumed):
        resumed.run(300)
    in_one.run(recording.tick + 300)
    assert [] == differing(in_one.data(), Recording(tmp_path / "run").run_data())


@pytest.mark.parametrize("tick", [0, 1, 59, 60, 99, 100, 101, 130, 217, 300])
def test_a_run_goes_on_from_any_tick(tick: int, whole: Path, tmp_path: Path) -> None:
    """What was recorded after the tick of a resume is forgotten, and nothing before it."""
    copy = cut(whole, "spikes.bin", (whole / "spikes.bin").stat().st_size, tmp_path)
    resumed, in_one = column("thalamic_input.high=9"), column("thalamic_input.high=9")
    resumed.run(tick)
    with RunFolder.resume(copy, resumed):
        assert Recording(copy).tick == tick
        resumed.run(340 - tick)
    in_one.run(340)

    assert [] == differing(in_one.data(), Recording(copy).run_data())


@pytest.mark.parametrize("name", ["columnar", "mixed"])
def test_a_run_goes_on_from_a_checkpoint(name: str, tmp_path: Path) -> None:
    """A world that is restored from a checkpoint in the folder goes on with the folder, as a run in one piece."""
    overrides = ["columns.count=2", 'record.weights="70 ms"']
    killed, resumed, in_one = (build(load(name, overrides)) for _ in range(3))
    folder = RunFolder.create(tmp_path / "run", killed)
    for ticks in (100, 230, 70):
        killed.run(ticks)
        folder.update()
        save_checkpoint(folder.checkpoints, world_state(killed.world))
    killed.run(100)
    shutil.copytree(tmp_path / "run", tmp_path / "copy")
    folder.close()
    recording = Recording(tmp_path / "copy")
    assert [330, 400] == list(recording.checkpoints)  # of older ones none is kept
    restore_world(resumed.world, load_checkpoint(recording.path / "checkpoints")[0])
    with RunFolder.resume(tmp_path / "copy", resumed):
        resumed.run(200)
    in_one.run(600)

    assert in_one.n_spikes == resumed.n_spikes
    assert [] == differing(in_one.data(), Recording(tmp_path / "copy").run_data())


def test_a_network_of_signals_goes_on(tmp_path: Path) -> None:
    """Stimuli, hits, emissions and outputs of a resumed run are those of a run in one piece."""
    first, resumed, in_one = (build(load("mixed")) for _ in range(3))
    recorded(tmp_path / "run", first, 700)
    resumed.run(400)
    with RunFolder.resume(tmp_path / "run", resumed):
        resumed.run(500)
    in_one.run(900)

    assert [] == differing(in_one.data(), Recording(tmp_path / "run").run_data())
    ring = build(load("ring"))
    ring.run(20)
    again = build(load("ring"))
    recorded(tmp_path / "ring", build(load("ring")), 40)
    again.run(20)
    with RunFolder.resume(tmp_path / "ring", again):
        pass
    assert [] == differing(ring.data(), Recording(tmp_path / "ring").run_data())


def test_a_torn_folder_goes_on(whole: Path, tmp_path: Path) -> None:
    """A resume drops what is torn; it cannot begin where no whole chunk reaches."""
    copy = cut(whole, "spikes.bin", (whole / "spikes.bin").stat().st_size - 3, tmp_path)
    late, fitting, in_one = (column("thalamic_input.high=9") for _ in range(3))
    late.run(131)
    with pytest.raises(RunFolderError, match=r"until tick 130 \(.*\.bin\), and cannot go on from tick 131"):
        RunFolder.resume(copy, late)
    fitting.run(130)
    with RunFolder.resume(copy, fitting):
        fitting.run(100)
    in_one.run(230)

    assert [] == differing(in_one.data(), Recording(copy).run_data())


def test_a_folder_of_another_run_is_refused(whole: Path, tmp_path: Path) -> None:
    """A run of another scenario or seed does not go on with a folder, which stays as it is."""
    copy = cut(whole, "spikes.bin", (whole / "spikes.bin").stat().st_size, tmp_path)
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    for other in (column("seed=2", "thalamic_input.high=9"), column()):
        with pytest.raises(RunFolderError, match="is of another scenario or seed"):
            RunFolder.resume(copy, other)
    with pytest.raises(FileError, match="is no run folder"):
        RunFolder.resume(tmp_path, column())

    assert before == {path.name: path.read_bytes() for path in copy.iterdir()}


def test_short_writes_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system takes less than it was given, the rest is written after it."""
    plain = os.write
    taken: list[int] = []

    def short(descriptor: int, data: memoryview) -> int:
        taken.append(plain(descriptor, data[: max(len(data) // 3, 1)]))
        return taken[-1]

    monkeypatch.setattr(disk.os, "write", short)
    simulation = recorded(tmp_path / "run", column(), 150, 150)
    monkeypatch.undo()
    in_memory = column()
    in_memory.run(300)

    assert len(taken) > 50
    assert simulation.n_spikes == in_memory.n_spikes
    assert [] == differing(in_memory.data(), Recording(tmp_path / "run").run_data())


def run_in(folder: RunFolder, run: Callable[[], object]) -> None:
    """Run with a folder that is open, and close it."""
    with folder:
        run()


def full_after(room: int) -> Callable[[int, memoryview], int]:
    """Return a way to write that finds the disk full after some bytes."""
    plain, left = os.write, [room]

    def write(descriptor: int, data: memoryview) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        n = plain(descriptor, data[: left[0]])
        left[0] -= n
        return n

    return write


@pytest.mark.parametrize("room", [0, 7, 1000, 2500, 100_001])
@pytest.mark.parametrize("stepped", [False, True], ids=["native", "stepped"])
def test_a_full_disk(room: int, stepped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full stops the run with one message; what was written is whole, as the message says until when."""
    monkeypatch.setattr(writer, "MOST_WAITING", 1000)
    simulation, in_memory = (column("record.weights=false", "duration=60 s") for _ in range(2))
    folder = RunFolder.create(tmp_path / "run", simulation)
    simulation.run(100)
    folder.flush()
    with monkeypatch.context() as patched:
        patched.setattr(disk.os, "write", full_after(room))
        with pytest.raises(RunFolderError) as caught:
            run_in(folder, lambda: simulation.run(10_000, stepped=stepped))

    error = caught.value
    assert error.tick is not None
    assert error.tick >= 100
    assert 5 == error.exit_code
    kept = f"what was recorded until tick {error.tick:,} can be read"
    assert str(error) == f"{tmp_path / 'run'}: cannot be written: No space left on device; {kept}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TornFileWarning)
        recording = Recording(tmp_path / "run")
        data = recording.run_data()
    in_memory.run(error.tick)
    assert error.tick == recording.tick
    assert {"weight"} >= set(differing(in_memory.data(), data))


def test_a_simulation_outlives_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a folder has failed, the simulation goes on in memory with the same bits; the folder says why again."""
    simulation, plain = column(), column()
    folder = RunFolder.create(tmp_path / "run", simulation)
    with monkeypatch.context() as patched:
        patched.setattr(disk.os, "write", full_after(0))
        with pytest.raises(RunFolderError, match="No space left"):
            run_in(folder, lambda: simulation.run(200))
    with pytest.raises(RunFolderError, match="No space left"):
        folder.flush()
    simulation.run(300 - simulation.world.tick)
    plain.run(300)

    assert state(plain) == state(simulation)


LIMITED = """
import resource, sys
sys.path.insert(0, {tests!r})
from recorded_runs import column
from pathlib import Path
from runen_ecs.run_folder import RunFolder, RunFolderError
simulation = column()
with RunFolder.create(Path("run"), simulation) as folder:
    simulation.run(300)
    folder.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_001, resource.RLIM_INFINITY))
    try:
        simulation.run(10**9)
    except RunFolderError as error:
        print(error)
        sys.exit(error.exit_code)
"""


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """Where the system itself cuts a write short and refuses the rest, it is one message and exit code 5."""
    program = LIMITED.format(tests=os.path.dirname(__file__))
    done = subprocess.run([sys.executable, "-P", "-c", program], cwd=tmp_path, capture_output=True, text=True)
    with pytest.warns(TornFileWarning):
        recording = Recording(tmp_path / "run")

    assert (5, "") == (done.returncode, done.stderr)
    assert f"run: cannot be written: File too large; what was recorded until tick {recording.tick}" in done.stdout
    assert recording.tick >= 300
    assert len(recording.run_data().trace_v) == recording.tick


@pytest.mark.parametrize("way", [shutil.rmtree, lambda path: path.rename(path.with_name("moved"))], ids=["rm", "mv"])
def test_a_folder_that_vanishes(way: Callable[[Path], object], tmp_path: Path) -> None:
    """A folder that is deleted or moved under a run is one message, though the system takes all that is written."""
    simulation = column()
    folder = RunFolder.create(tmp_path / "run", simulation)
    simulation.run(50)
    way(tmp_path / "run")
    with pytest.raises(RunFolderError, match=r"run: vanished, or was replaced, while it was written$") as caught:
        run_in(folder, lambda: simulation.run(50))

    assert 5 == caught.value.exit_code


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that cannot be made is one message, before anything runs."""
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="file/run: cannot be written: Not a directory"):
        RunFolder.create(tmp_path / "file" / "run", column())
    with pytest.raises(RunFolderError, match="file: cannot be written: File exists"):
        RunFolder.create(tmp_path / "file", column())
