"""A checkpoint is there whole or not at all: whatever fails, is cut, is flipped or is killed, a state can be loaded."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from small_nets import Label, Net
from state_worlds import CASES, bits, recorded

from runen_ecs import checkpoints
from runen_ecs.checkpoints import Disk, load_checkpoint, save_checkpoint
from runen_ecs.engine.state import State, StateError, world_state
from runen_ecs.errors import FileError
from runen_ecs.network import connect

CALLS = ("names", "make", "open", "write", "sync", "close", "rename", "remove")


def state_at(tick: int) -> State:
    """A small state of some tick."""
    net = Net(4)
    connect(net.world, [1, 2, 3], [2, 3, 1], weight=[1.0, 2.0, tick])
    net.dispatcher.run(2)
    net.world.clock.tick = tick
    return world_state(net.world)


def same(state: State, other: State) -> bool:
    """Whether two states are the same to the last bit."""
    one, two = ({n: (a.dtype, a.shape, a.tobytes()) for n, a in s.arrays.items()} for s in (state, other))
    return one == two and state.data == other.data


@pytest.fixture(scope="module")
def states() -> dict[int, State]:
    """States of some ticks."""
    return {tick: state_at(tick) for tick in (10, 20, 30)}


@pytest.fixture
def folder(tmp_path: Path, states: dict[int, State]) -> Path:
    """A folder with the checkpoints of ticks 10 and 20."""
    for tick in (10, 20):
        save_checkpoint(tmp_path / "checkpoints", states[tick], {"of": tick})
    return tmp_path / "checkpoints"


def there(folder: Path) -> list[str]:
    """The names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_what_is_saved_is_loaded(folder: Path, states: dict[int, State]) -> None:
    """The latest state comes back with all its bits, and with what was said about it, types and all."""
    about = {"ids": {3: "M0Z0"}, "cut": (1, 2), "nothing": None, "array": np.arange(3), "inf": float("inf")}
    assert folder / "30" == save_checkpoint(folder, states[30], about)
    state, told = load_checkpoint(folder)
    assert same(states[30], state)
    assert told.pop("array").tolist() == [0, 1, 2]
    about.pop("array")
    assert about == told


def test_two_are_kept(folder: Path, states: dict[int, State]) -> None:
    """The two latest stay, and nothing that a save was killed in; what is not ours is left alone."""
    for name in (".7.new", "notes", ".hidden.new", "12a", "٣"):
        (folder / name).write_text("x")
    save_checkpoint(folder, states[30])
    assert there(folder) == sorted(["20", "30", "notes", ".hidden.new", "12a", "٣"])


def test_another_course_of_the_run(folder: Path, states: dict[int, State]) -> None:
    """Who goes back and saves again gets what was saved then: later checkpoints were of another course."""
    save_checkpoint(folder, states[30])
    save_checkpoint(folder, state_at(15))
    assert there(folder) == ["15"]
    assert load_checkpoint(folder)[0].tick == 15


def test_numpy_reads_it(folder: Path) -> None:
    """NumPy alone reads the arrays, and the rest as JSON."""
    with np.load(folder / "20") as file:
        assert file["component/Weight/value"].tolist() == [1.0, 2.0, 20.0]
        header = json.loads(str(file["header"]))
    assert (header["format"], header["about"], header["data"]["tick"]) == (1, {"of": 20}, 20)


def test_the_same_state_gives_the_same_bytes(folder: Path, states: dict[int, State], tmp_path: Path) -> None:
    """A file depends on the state alone."""
    again = save_checkpoint(tmp_path, states[20], {"of": 20})
    assert (folder / "20").read_bytes() == again.read_bytes()


def damages(whole: bytes) -> Iterator[bytes]:
    """The bytes of a file with one bit flipped, cut, longer, or with a page of zeros."""
    random = Random(1)
    places = [*range(40), *range(len(whole) - 140, len(whole)), *random.sample(range(len(whole)), 250)]
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << random.randrange(8)
        yield bytes(flipped)
    for length in (0, 1, 63, 64, 65, len(whole) - 1, *random.sample(range(len(whole)), 50)):
        yield whole[:length]
    yield whole + b"\0"
    yield whole[:1000] + bytes(512) + whole[1512:]


def test_any_damage_is_noticed(folder: Path, states: dict[int, State]) -> None:
    """A checkpoint with flipped or cut bytes is never taken: a warning names it, and the one before is loaded."""
    whole = (folder / "20").read_bytes()
    for damaged in damages(whole):
        (folder / "20").write_bytes(damaged)
        with pytest.warns(RuntimeWarning) as told:
            state, about = load_checkpoint(folder)
        assert [str(each.message) for each in told] == [
            f"{folder / '20'}: is damaged: it is not as it was written; the checkpoint of tick 10 is taken instead"
        ]
        assert same(states[10], state)
        assert about == {"of": 10}
    (folder / "20").write_bytes(whole)
    assert load_checkpoint(folder)[0].tick == 20


def test_nothing_to_load(folder: Path, tmp_path: Path) -> None:
    """Where there is no checkpoint, or none that can be read, the error says of each why."""
    with pytest.raises(FileError) as caught:
        load_checkpoint(tmp_path / "nowhere")
    assert str(caught.value) == f"{tmp_path / 'nowhere'}: cannot be read: No such file or directory"
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError) as caught:
        load_checkpoint(tmp_path / "empty")
    assert str(caught.value) == f"{tmp_path / 'empty'}: holds no checkpoint"
    (folder / "10").write_bytes(b"x")
    (folder / "20").unlink()
    (folder / "20").mkdir()
    with pytest.raises(FileError) as caught:
        load_checkpoint(folder)
    assert str(caught.value) == (
        f"{folder}: holds no checkpoint that can be read: "
        "20 cannot be read: Is a directory; 10 is damaged: it is not as it was written"
    )


def test_another_format(folder: Path, states: dict[int, State], monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint of another format is refused by its format; the one before is not taken in silence."""
    monkeypatch.setattr(checkpoints, "FORMAT", 0)
    save_checkpoint(folder, states[30])
    monkeypatch.undo()
    with pytest.raises(FileError) as caught:
        load_checkpoint(folder)
    assert str(caught.value) == (
        f"{folder / '30'}: is a checkpoint of format 0, and this version reads format 1; "
        "go on with the version that wrote it"
    )


def test_about_takes_data_alone(folder: Path, states: dict[int, State]) -> None:
    """What cannot be stored is refused by its place before anything is written."""
    with pytest.raises(StateError, match=r"^about/job/0 is of type function, and cannot be stored; "):
        save_checkpoint(folder, states[30], {"job": [lambda: 0]})
    assert there(folder) == ["10", "20"]
    save_checkpoint(folder, states[30], {"job": Label("a")})
    assert load_checkpoint(folder)[1] == {"job": Label("a")}


class FailingDisk(Disk):
    """Fails at one call, or from then on; a write that fails has written a part, a close has closed."""

    def __init__(self, at: int, for_good: bool) -> None:
        self.at, self.for_good, self.calls = at, for_good, 0

    def call(self, name: str, *arguments: Any) -> Any:
        """Do one call, or not."""
        self.calls += 1
        failed = self.calls == self.at or (self.for_good and self.calls > self.at > 0)
        if name == "write":
            descriptor, data = arguments
            arguments = descriptor, data[:3000]
        if failed and name == "write":
            arguments = arguments[0], arguments[1][:100]
        result = getattr(Disk, name)(self, *arguments) if not failed or name in ("write", "close") else None
        if failed:
            raise OSError(28, "No space left on device")
        return result


def through_call(name: str) -> Any:
    """A method that goes through `FailingDisk.call`."""
    return lambda self, *arguments: self.call(name, *arguments)


for _name in CALLS:
    setattr(FailingDisk, _name, through_call(_name))


def n_calls(states: dict[int, State], tmp_path: Path) -> int:
    """How many calls a save makes that nothing disturbs."""
    disk = FailingDisk(0, False)
    for tick in (10, 20, 30):
        disk.calls = 0
        save_checkpoint(tmp_path / "count", states[tick], disk=disk)
    return disk.calls


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_a_save_that_fails_anywhere_leaves_a_state(for_good: bool, tmp_path: Path, states: dict[int, State]) -> None:
    """Whichever call of a save fails, alone or with all after it, the state before it or that of it can be loaded."""
    n, found = n_calls(states, tmp_path), []
    for at in range(1, n + 1):
        folder = tmp_path / f"{at}"
        for tick in (10, 20):
            save_checkpoint(folder, states[tick])
        with pytest.raises(FileError) as caught:
            save_checkpoint(folder, states[30], disk=FailingDisk(at, for_good))
        assert str(caught.value) == f"{folder / '30'}: cannot be saved: No space left on device"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            state, _ = load_checkpoint(folder)
        assert same(states[state.tick], state)
        found.append(state.tick)
        assert there(folder)[-1] in ("20", "30")
        save_checkpoint(folder, states[30])
        assert there(folder) == ["20", "30"]
        assert same(states[30], load_checkpoint(folder)[0])
    assert n > 12
    assert found == sorted(found)  # from the renaming on it is the new one
    assert set(found) == {20, 30}


def test_a_disk_that_writes_nothing(folder: Path, states: dict[int, State]) -> None:
    """A write that takes no byte is a failure, and no endless loop."""

    class Stuck(Disk):
        def write(self, descriptor: int, data: memoryview) -> int:
            return 0

    with pytest.raises(FileError, match="cannot be saved: Input/output error"):
        save_checkpoint(folder, states[30], disk=Stuck())
    assert there(folder) == ["10", "20"]


@pytest.mark.parametrize("kind", sorted(CASES))
def test_a_run_goes_on_from_a_file(kind: str, tmp_path: Path) -> None:
    """Every kind of world goes on from a checkpoint on disk with the bits of one that never stopped."""
    whole, resumed = CASES[kind](tmp_path), CASES[kind](tmp_path)
    whole.run(37)
    save_checkpoint(tmp_path / "checkpoints", *whole.stop())
    resumed.resume(*load_checkpoint(tmp_path / "checkpoints"))
    for case in (whole, resumed):
        case.run(50)
    assert bits(whole.world) == bits(resumed.world)
    assert recorded(whole.world, 37) == recorded(resumed.world, 37)


def test_killed_at_random_moments() -> None:
    """A run that is killed 50 times, inside writes too, can be gone on with each time, and ends in the same bits."""
    script = Path(__file__).with_name("kill_checkpoints.py")
    done = subprocess.run([sys.executable, "-P", "-W", "error", script, "50"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("50 kills, ")
    assert "kills, 0 of them inside a write" not in done.stdout
