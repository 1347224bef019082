"""Runs that last: `runen run --record`, `runen resume`, `runen export`; stopped anywhere, the same bits."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from recorded_runs import KINDS
from runen_command import RUNEN, Runen, runen  # noqa: F401 - a fixture

from runen_ecs.checkpoints import load_checkpoint, save_checkpoint
from runen_ecs.engine.state import restore_world, world_state
from runen_ecs.files import RunData, load_run
from runen_ecs.run_folder import Recording
from runen_ecs.scenarios.building import build
from runen_ecs.scenarios.lasting import begin, go_on
from runen_ecs.scenarios.loading import Override, load
from runen_ecs.scenarios.summary import summarise
from runen_ecs.scenarios.sweeping import combine, perform, read_axis


def same(first: RunData, second: RunData) -> list[str]:
    """Return the names of the parts in which two runs differ."""
    arrays = {name: value for name, value in vars(first).items() if isinstance(value, np.ndarray)}
    differ = [n for n, a in arrays.items() if a.tobytes() != getattr(second, n).tobytes()]
    values = [[v.value.tobytes() for v in data.values] for data in (first, second)]
    return differ + (["values"] if values[0] != values[1] else [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_in_pieces_is_one_run(kind: str, tmp_path: Path) -> None:
    """Stopped and gone on with at random ticks, a run leaves what a whole one does, and ends in its state."""
    scenario = load(KINDS[kind][0], KINDS[kind][1])
    whole = build(scenario)
    whole.run(scenario.duration)
    ticks = whole.world.tick
    chance = random.Random(kind)
    lasting = begin(scenario, tmp_path / "run", every=3 if ticks < 100 else 37)
    for stop in sorted(chance.sample(range(1, ticks), min(4, ticks - 1))):
        lasting.run(stop - lasting.simulation.world.tick)
        lasting.folder.close()
        lasting = go_on(tmp_path / "run", None, chance.choice([None, 11]))
        assert stop == lasting.simulation.world.tick
    lasting.run(scenario.duration - lasting.simulation.world.tick)
    left = lasting.finish().run_data()

    assert [] == same(whole.data(), left)
    assert {**whole.data().meta, "scenario": 0} == {**left.meta, "scenario": 0}
    ours, theirs = world_state(whole.world), world_state(lasting.simulation.world)
    assert ours.arrays.keys() <= theirs.arrays.keys()
    assert [] == [n for n in ours.arrays if ours.arrays[n].tobytes() != theirs.arrays[n].tobytes()]


@pytest.mark.parametrize("kind", KINDS)
def test_any_of_50_states_leads_to_the_same_end(kind: str, tmp_path: Path) -> None:
    """From checkpoints at 50 random ticks, each loaded into another world, a run ends in the state of the whole one."""
    scenario = load(KINDS[kind][0], KINDS[kind][1])
    whole, again = build(scenario), build(scenario)
    ends = min(scenario.duration, 400)
    at = sorted(random.Random(kind).sample(range(1, ends), min(50, ends - 1)))
    for tick in at:
        whole.run(tick - whole.world.tick)
        about = {"events_done": whole.events_done}
        save_checkpoint(tmp_path / str(tick), world_state(whole.world), about)
    whole.run(ends - whole.world.tick)
    theirs = world_state(whole.world)

    for tick in at:
        state, about = load_checkpoint(tmp_path / str(tick))
        restore_world(again.world, state)
        again.events_done = int(about["events_done"])
        again.run(ends - again.world.tick)
        ours = world_state(again.world)
        assert [] == [n for n, array in theirs.arrays.items() if ours.arrays[n].tobytes() != array.tobytes()], tick


def test_a_run_of_a_sweep_is_one_that_can_stop(tmp_path: Path) -> None:
    """Each run of a sweep, stopped and gone on with at random ticks, has the figures of its row."""
    axes = [read_axis("stdp.amplitude=0.1,0.3"), read_axis("seed=1,2")]
    fixed = [Override("columns.count", 1), Override("duration", "300 ms")]
    for number, run in enumerate(combine("columnar", axes, fixed)):
        chance = random.Random(number)
        lasting = begin(load(run.scenario, run.overrides), tmp_path / str(number), every=50)
        for stop in sorted(chance.sample(range(1, 300), 3)):
            lasting.run(stop - lasting.simulation.world.tick)
            lasting.finish()
            lasting = go_on(tmp_path / str(number), None, None)
        lasting.run(300 - lasting.simulation.world.tick)
        data, row = lasting.finish().run_data(), perform(run, lambda tick: False).figures
        figures = summarise("columnar", data, 0.0, 1.0, 0.0, []).as_data()

        assert row["spikes"] > 0
        assert {name: figures[name] for name in ("spikes", "mean_rate_hz", "synapses")} == {
            name: row[name] for name in ("spikes", "mean_rate_hz", "synapses")
        }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


RUN = ("run", "columnar", "--columns", "1", "--no-plots")


def test_a_longer_duration_goes_on(runen: Runen, folder: Path) -> None:
    """`resume --duration` goes on past the end; the result and what is exported are those of one long run."""
    assert 0 == runen(*RUN, "--duration", "150ms", "--record", "run", "--quiet").code
    assert 0 == runen("resume", "run", "--duration", "250ms", "--no-plots", "--quiet").code
    assert 0 == runen(*RUN, "--duration", "250ms", "--save", "whole.npz", "--quiet").code
    assert 0 == runen("export", "run", "again.npz").code

    assert [] == same(load_run(Path("whole.npz")), load_run(Path("again.npz")))
    assert json.loads(Path("run/manifest.json").read_text())["scenario"]["duration"] == "250 ms"


def test_records_that_were_cut_are_made_again(runen: Runen, folder: Path) -> None:
    """Where a file lost its end, the run goes on from the checkpoint that the records reach."""
    recorded = ("--record", "run", "--checkpoint-every", "50ms", "--quiet")
    assert 0 == runen(*RUN, "--duration", "200ms", *recorded).code
    rows = Path("run/spikes.bin")
    rows.write_bytes(rows.read_bytes()[:-4])
    assert 0 == runen("resume", "run", "--duration", "250ms", "--no-plots", "--quiet").code
    assert 0 == runen(*RUN, "--duration", "250ms", "--save", "whole.npz", "--quiet").code

    assert [] == same(load_run(Path("whole.npz")), Recording(Path("run")).run_data())


def test_pictures_are_the_same(runen: Runen, folder: Path) -> None:
    """The pictures of a run that was stopped have the bytes of those of one that was not."""
    for command in (
        ("run", "columnar", "--columns", "1", "--duration", "300ms", "--out", "whole"),
        ("run", "columnar", "--columns", "1", "--duration", "100ms", "--record", "run", "--no-plots"),
        ("resume", "run", "--duration", "300ms", "--out", "pieces"),
    ):
        assert 0 == runen(*command, "--quiet").code
    for name in ("spikes.png", "neuron-trace.png"):
        assert Path("whole", name).read_bytes() == Path("pieces", name).read_bytes()


LONG = ["columnar", "--columns", "4", "--duration", "100s", "--no-plots", "--quiet"]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    """What the long run leaves when nothing stops it."""
    path = tmp_path_factory.mktemp("whole") / "whole.npz"
    subprocess.run([RUNEN, "run", *LONG, "--save", path], check=True)
    return load_run(path)


def stopped(command: list[str], how: signal.Signals, after_s: float) -> int:
    """Run a command, send it a signal when its folder has been there for a while; return its exit code."""
    process = subprocess.Popen([RUNEN, *command], stderr=subprocess.DEVNULL, start_new_session=True)
    began = time.monotonic()
    while not any(Path("run/checkpoints").glob("[0-9]*")) and time.monotonic() - began < 60:
        time.sleep(0.01)
    time.sleep(after_s)
    process.send_signal(how)
    return process.wait(60)


def test_killed_again_and_again(folder: Path, expected: RunData) -> None:
    """Killed at random moments and gone on with, again and again, a run ends in the same bits."""
    chance = random.Random(9)
    command = ["run", *LONG, "--record", "run", "--checkpoint-every", "1s"]
    codes = []
    for _ in range(10):
        codes.append(stopped(command, signal.SIGKILL, chance.uniform(0.0, 1.0)))
        command = ["resume", "run", "--no-plots", "--quiet", "--checkpoint-every", "1s"]
    subprocess.run([RUNEN, "resume", "run", "--no-plots", "--quiet"], check=True)

    assert -signal.SIGKILL in codes
    assert [] == same(expected, Recording(Path("run")).run_data())


def test_ctrl_c_leaves_a_checkpoint(folder: Path, expected: RunData) -> None:
    """Ctrl-C ends a recorded run with a checkpoint of its last tick; `resume` finishes it."""
    code = stopped(["run", *LONG, "--record", "run"], signal.SIGINT, 0.1)
    state, _ = load_checkpoint(Path("run/checkpoints"))

    assert 130 == code
    assert 0 < state.tick < 100_000
    assert state.tick == Recording(Path("run")).tick
    subprocess.run([RUNEN, "resume", "run", "--no-plots", "--quiet"], check=True)
    assert [] == same(expected, Recording(Path("run")).run_data())


def test_a_damaged_checkpoint_is_left_out(runen: Runen, folder: Path) -> None:
    """A flipped byte in the newest checkpoint is noticed, and the one before is taken; the result is the same."""
    runen(*RUN, "--duration", "200ms", "--record", "run", "--checkpoint-every", "60ms", "--quiet")
    whole = Recording(Path("run")).run_data()
    newest = max(Path("run/checkpoints").iterdir(), key=lambda path: int(path.name))
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes(data)
    with pytest.warns(RuntimeWarning, match="is damaged"):
        lasting = go_on(Path("run"), None, None)
    assert 180 == lasting.simulation.world.tick
    lasting.run(20)

    assert [] == same(whole, lasting.finish().run_data())


def _spoil(folder: Path) -> None:
    text = (folder / "scenario.toml").read_text()
    (folder / "scenario.toml").write_text(text.replace("amplitude = 0.2", "amplitude = 0.3"))


MISTAKES = {
    "no folder": (("resume", "nowhere"), 2, "nowhere: is no run folder: it has no manifest.json"),
    "shorter": (("resume", "run", "--duration", "50ms"), 2, "run: has run for 0.1 s already; name a longer duration"),
    "not empty": ((*RUN, "--record", "run"), 5, "run: is not empty; name another folder, or delete this one"),
    "no interval": (
        (*RUN, "--record", "new", "--checkpoint-every", "0s"),
        2,
        "--checkpoint-every 0s: must be at least",
    ),
    "no record": ((*RUN, "--checkpoint-every", "1s"), 2, "--checkpoint-every: checkpoints need a folder; say --record"),
    "panels": (("run", "eight-cells", "--record", "new"), 2, "--record: a scenario with panels is many runs"),
    "another scenario": (("resume", "spoilt"), 2, "scenario.toml: is not the scenario that was run; put it back"),
    "no checkpoints": (("resume", "bare"), 2, "holds no checkpoint"),
    "no format": (("export", "run", "x.txt"), 2, "x.txt"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_message(runen: Runen, folder: Path, mistake: str) -> None:
    """What cannot be recorded or gone on with is told in a line, with an exit code, and nothing is changed."""
    assert 0 == runen(*RUN, "--duration", "100ms", "--record", "run", "--quiet").code
    shutil.copytree("run", "spoilt")
    _spoil(Path("spoilt"))
    shutil.copytree("run", "bare")
    shutil.rmtree("bare/checkpoints")
    (Path("bare") / "checkpoints").mkdir()
    command, code, told = MISTAKES[mistake]
    result = runen(*command, "--quiet")

    assert code == result.code, result.err
    assert told in result.err
    assert 1 == len(result.err.splitlines())
