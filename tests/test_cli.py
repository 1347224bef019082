"""The command `runen`, as people and scripts use it."""

from __future__ import annotations

import csv
import errno
import json
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import numpy as np
import pytest
import typer.main

from runen_ecs import __version__
from runen_ecs.files import RunData, load_run
from runen_ecs.plots import draw_spikes
from runen_ecs.scenarios import Simulation, load, shipped
from runen_ecs.scenarios.cli import app, main, running
from runen_ecs.scenarios.schema import Scenario

RUNEN = Path(sys.executable).with_name("runen")
SMALL = ("columnar", "--columns", "1", "--duration", "200ms")
PATIENCE_S = 120.0
COMMANDS = sorted(typer.main.get_command(app).commands)

SUMMARY = [
    "scenario",
    "seed",
    "neurons",
    "synapses",
    "ticks",
    "spikes",
    "mean_rate_hz",
    "rate_by_layer_hz",
    "phases",
    "build_s",
    "run_s",
    "plot_s",
    "realtime_factor",
    "peak_rss_mb",
    "files",
    "partial",
]
MEASURED = {"build_s", "run_s", "plot_s", "realtime_factor", "peak_rss_mb", "files"}
ARRAYS = (
    "spike_tick",
    "spike_neuron",
    "weight",
    "weight_initial",
    "trace_v",
    "synapse_source",
    "synapse_target",
    "synapse_delay",
)

NO_CONNECTION = """
title = "Nobody knows anybody"
duration = "20 ms"
connections = []

[columns]
count = 2
layers = { only = 3 }

[synapses]
delay = { shortest = "1 ms", longest = "19 ms" }
strength = { weakest = 0.5, strongest = 4.0 }
excitatory = 0.8
limit = 4.0

[cell]
a = 0.02
b = 0.2
c = -65
d = 2
v = -65
"""


class Result(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


Runen = Callable[..., Result]


@pytest.fixture
def runen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Runen:
    """Return a function that runs the command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["runen", *arguments])
        capsys.readouterr()
        try:
            main()
            code: Any = 0
        except SystemExit as stop:
            code = stop.code or 0
        return Result(code, *capsys.readouterr())

    return run


def in_a_process(*arguments: str, cwd: Path, **settings: str) -> Result:
    """Run the installed command."""
    environment = {**os.environ, **settings}
    done = subprocess.run(
        [RUNEN, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=PATIENCE_S
    )
    return Result(done.returncode, done.stdout, done.stderr)


def names_in(folder: Path) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def same_run(a: RunData, b: RunData) -> dict[str, bool]:
    """Say of each array whether two runs have the same bits in it."""
    return {name: getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in ARRAYS}


# --- the main user's path -------------------------------------------------------------------------------------------


def test_a_run_leaves_two_pictures_and_a_summary(tmp_path: Path) -> None:
    """The installed command draws both pictures into the current folder and sums up on standard output."""
    result = in_a_process("run", *SMALL, cwd=tmp_path)

    assert (0, ["neuron-trace.png", "spikes.png"]) == (result.code, names_in(tmp_path))
    assert result.out.startswith("columnar, seed 1: 100 neurons, ")
    assert "written: spikes.png, neuron-trace.png" in result.out
    assert "Traceback" not in result.err


def test_columnar_is_what_runs_without_a_name(runen: Runen) -> None:
    """`runen run` without a name runs the default scenario."""
    named = runen("run", *SMALL, "--no-plots", "--save", "named.npz")
    unnamed = runen("run", *SMALL[1:], "--no-plots", "--save", "unnamed.npz")

    assert (0, 0) == (named.code, unnamed.code)
    assert Path("named.npz").read_bytes() == Path("unnamed.npz").read_bytes()


def test_progress_is_told_on_standard_error_only(runen: Runen) -> None:
    """Standard output holds the summary alone, so that it can be piped on."""
    result = runen("run", *SMALL, "--no-plots")

    assert 5 == len(result.out.splitlines())
    assert "building the network\n" == result.err.splitlines(keepends=True)[0]


# --- the options of run ---------------------------------------------------------------------------------------------


def test_duration_is_the_model_time(runen: Runen) -> None:
    """`--duration` sets how many ticks run, in any unit."""
    ticks = [
        json.loads(runen("run", "columnar", "--columns", "1", "--no-plots", "--json", "--duration", time).out)["ticks"]
        for time in ("30ms", "0.03s", "30 ms", "0.0005 min", "3e1ms")
    ]

    assert [30] * 5 == ticks


def test_seed_decides_everything(runen: Runen) -> None:
    """One seed gives one file, byte by byte; another seed gives another network."""
    for name, seed in (("a.npz", "7"), ("b.npz", "7"), ("c.npz", "8")):
        assert 0 == runen("run", *SMALL, "--no-plots", "--seed", seed, "--save", name).code

    assert Path("a.npz").read_bytes() == Path("b.npz").read_bytes()
    assert 7 == load_run(Path("a.npz")).meta["seed"]
    assert not np.array_equal(load_run(Path("a.npz")).synapse_target, load_run(Path("c.npz")).synapse_target)


def test_out_is_made(runen: Runen) -> None:
    """`--out` names the folder of the pictures, which is made with all folders above it."""
    assert 0 == runen("run", *SMALL, "--out", "new/ü 日本").code

    assert ["neuron-trace.png", "spikes.png"] == names_in(Path("new/ü 日本"))
    assert ["new"] == names_in(Path())


def test_set_changes_any_key(runen: Runen) -> None:
    """`--set` reaches tables, lists and plain text, quoted or not, and leaves all else as it was."""
    changes = (
        "stdp.amplitude=0.1",
        "connections.0.probability=1",
        "title=short",
        'phases.0.name="a = b"',
        "record.traces=[1,2]",
    )
    overrides = [part for change in changes for part in ("--set", change)]
    result = runen("run", *SMALL, "--no-plots", "--save", "x.npz", *overrides)
    scenario = load_run(Path("x.npz")).meta["scenario"]
    plain = load("columnar", ["columns.count=1", "duration=200ms"]).model_dump(mode="json", by_alias=True)

    assert 0 == result.code
    assert (0.1, 1.0, "short", "a = b", [1, 2]) == (
        scenario["stdp"]["amplitude"],
        scenario["connections"][0]["probability"],
        scenario["title"],
        scenario["phases"][0]["name"],
        scenario["record"]["traces"],
    )
    assert plain["synapses"] == scenario["synapses"]
    assert plain["connections"][1:] == scenario["connections"][1:]


def test_set_reaches_a_quoted_key(runen: Runen) -> None:
    """A key that holds a dot is put into quotes, as in a file."""
    result = runen("show", "columnar", "--set", 'columns.layers."lamina 4.5"=7')
    Path("shown.toml").write_text(result.out, encoding="utf-8")

    assert (0, "") == (result.code, result.err)
    assert 7 == load("shown.toml").columns.layers["lamina 4.5"]


def test_columns_is_the_number_of_columns(runen: Runen) -> None:
    """`--columns` sets how many columns there are."""
    result = runen("run", "columnar", "--columns", "3", "--duration", "20ms", "--no-plots", "--json")

    assert 300 == json.loads(result.out)["neurons"]


def test_no_plots_draws_nothing(runen: Runen) -> None:
    """`--no-plots` leaves no file, and the summary names none."""
    result = runen("run", *SMALL, "--no-plots")

    assert (0, []) == (result.code, names_in(Path()))
    assert "written" not in result.out


def test_a_run_without_traces_draws_the_raster_alone(runen: Runen) -> None:
    """Where no neuron's potential is recorded there is no neuron-trace.png."""
    result = runen("run", *SMALL, "--set", "record.traces=[]")

    assert (0, ["spikes.png"]) == (result.code, names_in(Path()))


def test_save_npz_is_one_file(runen: Runen) -> None:
    """`--save x.npz` leaves one file that can be read again."""
    result = runen("run", *SMALL, "--no-plots", "--save", "x.npz")
    data = load_run(Path("x.npz"))

    assert (0, ["x.npz"]) == (result.code, names_in(Path()))
    assert (200, 100, (200, 1)) == (data.n_ticks, data.neuron_column.size, data.trace_v.shape)
    assert data.meta["partial"] is False


def test_save_csv_says_the_same_as_npz(runen: Runen) -> None:
    """`--save x.csv` leaves a set of tables with the very numbers of the npz file."""
    runen("run", *SMALL, "--no-plots", "--save", "x.csv")
    written = names_in(Path())
    runen("run", *SMALL, "--no-plots", "--save", "x.npz")
    data = load_run(Path("x.npz"))
    with Path("x.csv").open(newline="") as file:
        spikes = list(csv.reader(file))[1:]

    assert ["x.csv", "x.meta.json", "x.neurons.csv", "x.synapses.csv", "x.traces.csv", "x.weights.csv"] == written
    assert [[str(t), str(n)] for t, n in zip(data.spike_tick, data.spike_neuron, strict=True)] == spikes
    assert data.meta == json.loads(Path("x.meta.json").read_text())


def test_quiet_prints_nothing(tmp_path: Path) -> None:
    """`--quiet` prints nothing at all where nothing is wrong, on either stream."""
    result = in_a_process("run", *SMALL, "--quiet", "--save", "x.npz", cwd=tmp_path)

    assert Result(0, "", "") == result
    assert ["neuron-trace.png", "spikes.png", "x.npz"] == names_in(tmp_path)


def test_json_holds_the_names_that_scripts_rely_on(runen: Runen) -> None:
    """`--json` prints one object with exactly the promised names, and figures that agree with the saved run."""
    result = runen("run", *SMALL, "--json", "--save", "x.npz", "--out", "pictures")
    summary = json.loads(result.out)
    data = load_run(Path("x.npz"))
    rates = {
        str(name): round(
            int((data.neuron_layer[data.spike_neuron] == i).sum()) / int((data.neuron_layer == i).sum()) / 0.2, 4
        )
        for i, name in enumerate(data.layer_names)
    }

    assert SUMMARY == list(summary)
    assert ("columnar", 1, 100, 200, False) == tuple(
        summary[name] for name in ("scenario", "seed", "neurons", "ticks", "partial")
    )
    assert (data.weight.size, data.spike_tick.size) == (summary["synapses"], summary["spikes"])
    assert round(data.spike_tick.size / 100 / 0.2, 4) == summary["mean_rate_hz"]
    assert rates == summary["rate_by_layer_hz"]
    assert [["from_s", "to_s", "rate_hz", "peak_hz", "fano"]] == [list(phase) for phase in summary["phases"]]
    assert ["pictures/spikes.png", "pictures/neuron-trace.png", "x.npz"] == summary["files"]
    assert all(Path(name).is_file() for name in summary["files"])
    assert all(summary[name] > 0 for name in ("build_s", "run_s", "plot_s", "realtime_factor", "peak_rss_mb"))


def test_quiet_json_is_json_alone(runen: Runen) -> None:
    """`--quiet --json` prints the object on standard output and nothing on standard error."""
    result = runen("run", *SMALL, "--no-plots", "--json", "--quiet")

    assert (0, "", SUMMARY) == (result.code, result.err, list(json.loads(result.out)))


def test_stepped_gives_the_same_bits(runen: Runen) -> None:
    """`--stepped` gives the summary and the saved run that the compiled loop gives."""
    native = json.loads(runen("run", *SMALL, "--no-plots", "--json", "--save", "native.npz").out)
    stepped = json.loads(runen("run", *SMALL, "--no-plots", "--json", "--save", "stepped.npz", "--stepped").out)

    assert {k: v for k, v in native.items() if k not in MEASURED} == {
        k: v for k, v in stepped.items() if k not in MEASURED
    }
    assert Path("native.npz").read_bytes() == Path("stepped.npz").read_bytes()


def test_a_file_runs_as_a_name_does(runen: Runen) -> None:
    """A scenario is a name or the path of a file."""
    Path("my.toml").write_text('extends = "columnar"\nduration = "20 ms"\n[columns]\ncount = 1\n', encoding="utf-8")
    result = runen("run", "my.toml", "--no-plots", "--json")

    assert ("my.toml", 100, 20) == tuple(json.loads(result.out)[name] for name in ("scenario", "neurons", "ticks"))


def test_neurons_without_connections_run(runen: Runen) -> None:
    """A scenario may have no connection at all."""
    Path("alone.toml").write_text(NO_CONNECTION, encoding="utf-8")
    result = runen("run", "alone.toml", "--json", "--save", "x.npz")

    assert 0 == result.code
    assert (6, 0) == tuple(json.loads(result.out)[name] for name in ("neurons", "synapses"))


def test_any_text_may_be_a_title_and_a_name(runen: Runen) -> None:
    """Dollars and backslashes in a title, a phase or a layer are text and not formulas."""
    odd = r"\odd{ $x_2 "
    overrides = [f"title='{odd}$'", f"phases.0.name='{odd}$'", r"columns.layers.$\odd{$=5"]
    result = runen("run", *SMALL, "--quiet", *(part for change in overrides for part in ("--set", change)))

    assert Result(0, "", "") == result


def test_what_was_run_is_saved_even_if_a_picture_cannot_be(runen: Runen) -> None:
    """A picture that cannot be written costs the picture, not the saved run."""
    Path("out/spikes.png").mkdir(parents=True)
    result = runen("run", *SMALL, "--quiet", "--out", "out", "--save", "x.npz")

    assert (2, "") == (result.code, result.out)
    assert "out/spikes.png: cannot be written" in result.err
    assert 200 == load_run(Path("x.npz")).n_ticks


def test_a_run_that_goes_astray_says_so_and_keeps_what_it_has(runen: Runen) -> None:
    """A potential that runs away ends the run with code 4, a message, and what was recorded so far."""
    result = runen("run", *SMALL, "--json", "--save", "x.npz", "--set", "thalamic_input.high=1e6")
    data = load_run(Path("x.npz"))

    assert (4, True) == (result.code, json.loads(result.out)["partial"])
    assert re.search(
        r"^runen: neuron \d+ \(entity \d+\): Membrane\.v is .* at tick \d+; the run is stopped here", result.err, re.M
    )
    assert ["neuron-trace.png", "spikes.png", "x.npz"] == names_in(Path())
    assert (data.n_ticks, True) == (len(data.trace_v), data.meta["partial"])


# --- the other commands ---------------------------------------------------------------------------------------------


def test_list_names_every_shipped_scenario(runen: Runen) -> None:
    """`runen list` prints a line with name and title for each scenario that comes with the project."""
    lines = runen("list").out.splitlines()

    assert {name: load(name).title for name in shipped()} == {
        line.split(maxsplit=1)[0]: line.split(maxsplit=1)[1] for line in lines
    }


@pytest.mark.parametrize("name", sorted(shipped()))
def test_show_prints_toml_that_loads_to_the_same_scenario(runen: Runen, name: str) -> None:
    """What `runen show` prints, defaults and overrides resolved, is a scenario file that says the same."""
    result = runen("show", name, "--columns", "7", "--set", "stdp.amplitude=0.125", "--set", "title=a \\ b")
    Path("shown.toml").write_text(result.out, encoding="utf-8")
    again = runen("show", "shown.toml")

    assert load(name, ["columns.count=7", "stdp.amplitude=0.125", "title=a \\ b"]) == load("shown.toml")
    assert result == again


@pytest.mark.parametrize("horizon", ["33.333333333333336 ms", "0.1 ms", "1234.5678901234567 ms", "1e-7 ms", "inf"])
def test_show_keeps_every_digit(runen: Runen, horizon: str) -> None:
    """`runen show` rounds no number that the run would use unrounded."""
    result = runen("show", "columnar", "--set", f"stdp.horizon={horizon}")
    Path("shown.toml").write_text(result.out, encoding="utf-8")

    assert load("columnar", [f"stdp.horizon={horizon}"]) == load("shown.toml")


def test_show_escapes_odd_text(runen: Runen) -> None:
    """`runen show` prints TOML whatever the texts of the scenario hold."""
    odd = r'title="tab\t quote\" backslash\\ bell\u0007 return\r delete\u007F ü"'
    result = runen("show", "columnar", "--set", odd)
    Path("shown.toml").write_bytes(result.out.encode())

    assert load("columnar", [odd]) == load("shown.toml")


def test_schedule_prints_the_plan(runen: Runen) -> None:
    """`runen schedule` prints stages in order, each system with what it reads, writes and adds."""
    lines = runen("schedule", "columnar").out.splitlines()
    tick = lines[lines.index("Each tick") + 1 :]
    stages = [(int(line.split()[0]), line.split()[1]) for line in tick if line.split()[0].isdigit()]
    order = [name for _, name in stages]

    assert "Before the first tick" == lines[0]
    assert "columnar_layout" in lines[1]
    assert sorted(number for number, _ in stages) == [number for number, _ in stages]
    assert order.index("izhikevich_integration") < order.index("firing") < order.index("stdp_learning")
    assert any(line.split() == ["reads", "Izhikevich,", "SynapticInput"] for line in tick)


def test_schedule_follows_the_scenario(runen: Runen) -> None:
    """A scenario without a recorded potential has no system that records it."""
    assert "trace_recording" in runen("schedule", "columnar").out
    assert "trace_recording" not in runen("schedule", "columnar", "--set", "record.traces=[]").out


def test_plot_draws_what_the_run_drew(runen: Runen) -> None:
    """`runen plot FILE.npz` gives the pictures of the run again, byte by byte."""
    runen("run", *SMALL, "--save", "x.npz")
    result = runen("plot", "x.npz", "--out", "again")

    assert Result(0, "again/spikes.png\nagain/neuron-trace.png\n", "") == result
    for name in ("spikes.png", "neuron-trace.png"):
        assert Path(name).read_bytes() == Path("again", name).read_bytes()
    assert Result(0, "", "") == runen("plot", "x.npz", "--out", "again", "--quiet")


def test_version_is_the_package_s(runen: Runen) -> None:
    """`runen --version` prints name and version."""
    assert Result(0, f"runen-ecs {__version__}\n", "") == runen("--version")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_every_command(runen: Runen, flag: str) -> None:
    """`runen --help` tells how to start and names every command."""
    result = runen(flag)

    assert (0, "") == (result.code, result.err)
    assert "runen run columnar" in result.out
    assert COMMANDS == [name for name in COMMANDS if re.search(rf"^  {name} ", result.out, re.M)]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example(runen: Runen, command: str) -> None:
    """The help of every command shows one command to copy."""
    result = runen(command, "--help")

    assert (0, "") == (result.code, result.err)
    assert re.search(rf"Example:\s+runen {command}\b", result.out)


@pytest.mark.skipif(bool(os.environ.get("NUMBA_DISABLE_JIT")), reason="takes minutes where kernels are not compiled")
@pytest.mark.parametrize("command", COMMANDS)
def test_every_example_works(runen: Runen, command: str) -> None:
    """The example in the help of a command can be copied and run."""
    example = " ".join(runen(command, "--help").out.partition("Example:")[2].split("\n\n")[0].split())
    runen("run", *SMALL, "--no-plots", "--save", "run.npz")

    assert 0 == runen(*shlex.split(example)[1:]).code


# --- Ctrl-C ---------------------------------------------------------------------------------------------------------

ENDLESS = ("run", "columnar", "--columns", "1", "--duration", "20000s", "--json", "--save", "x.npz")


def until_progress(read: Callable[[], str], process: subprocess.Popen[bytes]) -> str:
    """Collect what a process says until it tells how far it is: a share in per cent."""
    said, limit = "", monotonic() + PATIENCE_S
    while "%" not in said:
        assert monotonic() < limit, f"no progress was told, only: {said}"
        assert process.poll() is None, f"ended too early: {said}"
        said += read()
    return said


def interrupted_run(cwd: Path) -> RunData:
    """Return the saved run, checked to be whole up to its last tick: the same bits as a run that was to end there."""
    data = load_run(cwd / "x.npz")
    assert in_a_process(
        *("run", "columnar", "--columns", "1", "--quiet", "--no-plots", "--save", "whole.npz"),
        *("--duration", f"{data.n_ticks}ms"),
        cwd=cwd,
    ) == Result(0, "", "")
    whole = load_run(cwd / "whole.npz")

    assert (True, False) == (data.meta["partial"], whole.meta["partial"])
    assert data.n_ticks == whole.n_ticks == len(data.trace_v)
    assert dict.fromkeys(ARRAYS, True) == same_run(data, whole)
    return data


def test_ctrl_c_at_a_terminal_ends_the_run_cleanly(tmp_path: Path) -> None:
    """Ctrl-C stops at the end of a tick; pictures and the saved run are written and marked as stopped early."""
    terminal, line = pty.openpty()
    with subprocess.Popen([RUNEN, *ENDLESS], cwd=tmp_path, stdout=subprocess.PIPE, stderr=line) as process:
        os.close(line)
        try:
            until_progress(lambda: read_terminal(terminal), process)
            process.send_signal(signal.SIGINT)
            limit = monotonic() + PATIENCE_S
            while process.poll() is None and monotonic() < limit:
                read_terminal(terminal)  # a full terminal would stop the process
            assert process.stdout is not None
            summary = json.loads(process.stdout.read())
        finally:
            process.kill()
            os.close(terminal)
    data = interrupted_run(tmp_path)

    assert 130 == process.returncode
    assert (True, data.n_ticks, data.spike_tick.size) == (summary["partial"], summary["ticks"], summary["spikes"])
    assert {"spikes.png", "neuron-trace.png", "x.npz"} == set(summary["files"])
    assert all((tmp_path / name).stat().st_size > 0 for name in summary["files"])
    assert any("(stopped early)" in text.get_text() for text in draw_spikes(data).texts)


def read_terminal(terminal: int) -> str:
    """Return what a terminal shows next, or nothing after a tenth of a second, or after its end."""
    if not select.select([terminal], [], [], 0.1)[0]:
        return ""
    try:
        return os.read(terminal, 4096).decode(errors="replace")
    except OSError as error:  # Linux says so once the other side is closed
        if error.errno != errno.EIO:
            raise
        return ""


def test_ctrl_c_in_a_stepped_run_without_a_terminal(tmp_path: Path) -> None:
    """Where standard error is no terminal, progress comes in plain lines, and SIGINT ends the run as cleanly."""
    with subprocess.Popen(
        [RUNEN, *ENDLESS, "--stepped", "--no-plots"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stderr is not None
            lines = process.stderr
            said = until_progress(lambda: lines.readline().decode(), process)
            process.send_signal(signal.SIGINT)
            out, rest = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    interrupted_run(tmp_path)

    assert (130, True) == (process.returncode, json.loads(out)["partial"])
    assert "\x1b" not in said
    assert b"Traceback" not in rest


def test_ctrl_c_before_the_first_tick(runen: Runen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the network is built ends a run of no tick at all, with its pictures and its saved run."""
    build = running.build

    def build_and_press(scenario: Scenario) -> Simulation:
        simulation = build(scenario)
        signal.raise_signal(signal.SIGINT)
        return simulation

    monkeypatch.setattr(running, "build", build_and_press)
    result = runen("run", *SMALL, "--quiet", "--json", "--save", "x.npz")
    summary = json.loads(result.out)

    assert (130, "") == (result.code, result.err)
    assert (0, 0, True) == (summary["ticks"], summary["spikes"], summary["partial"])
    assert ["neuron-trace.png", "spikes.png", "x.npz"] == names_in(Path())
    assert 0 == load_run(Path("x.npz")).n_ticks


def test_a_second_ctrl_c_ends_at_once(runen: Runen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who presses Ctrl-C twice waits for nothing, and finds no half-written file."""

    def press_twice(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(running, "draw_pictures", press_twice)
    result = runen("run", *SMALL, "--quiet")

    assert (130, "") == (result.code, result.out)
    assert "Traceback" not in result.err
    assert [] == names_in(Path())
    assert signal.default_int_handler is signal.getsignal(signal.SIGINT)


# --- an unfriendly machine ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["NUMBA_CACHE_DIR", "XDG_CACHE_HOME"])
def without_a_cache(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """Run where compiled kernels cannot be kept; return the result and the folder of temporary files."""
    place = tmp_path_factory.mktemp("read-only")
    (place / "file").write_text("a regular file: not even root can make a folder below it")
    (place / "temporary").mkdir()
    settings = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    settings |= {request.param: str(place / "file" / "cache"), "TMPDIR": str(place / "temporary")}
    done = subprocess.run(
        [RUNEN, "run", "columnar", "--columns", "1", "--duration", "20ms", "--quiet", "--no-plots"],
        env=settings,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        cwd=place,
    )
    return Result(done.returncode, done.stdout, done.stderr), place / "temporary"


def test_a_cache_that_cannot_be_written_breaks_nothing(without_a_cache: tuple[Result, Path]) -> None:
    """Where the folder for compiled kernels cannot be written, a run compiles and goes on."""
    assert Result(0, "", "") == without_a_cache[0]


def test_no_temporary_folder_is_left_behind(without_a_cache: tuple[Result, Path]) -> None:
    """What stands in for the cache is gone when the run is over."""
    assert [] == names_in(without_a_cache[1])


PRINTING: list[Sequence[str]] = [
    ("list",),
    ("show", "columnar"),
    ("schedule", "columnar"),
    ("run", *SMALL, "--no-plots"),
]


@pytest.mark.parametrize("arguments", PRINTING, ids=lambda arguments: arguments[0])
def test_a_reader_that_goes_away_is_no_error(arguments: Sequence[str], tmp_path: Path) -> None:
    """Standard output whose reader has gone, as in `runen show columnar | head`, ends the command without a word."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [RUNEN, *arguments], cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S
    )
    os.close(writer)

    progress = ("building the network", "loading the kernels", "compiling the kernels")

    assert [] == [line for line in done.stderr.splitlines() if not line.startswith(progress)]
    assert done.returncode != 0


@pytest.mark.parametrize("arguments", PRINTING, ids=lambda arguments: arguments[0])
def test_a_closed_standard_output_is_no_error(arguments: Sequence[str], tmp_path: Path) -> None:
    """A command that is started without a standard output runs as it would with one."""
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" "$@" >&-', RUNEN, *arguments],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_S,
    )

    assert "Traceback" not in done.stderr
    assert 0 == done.returncode


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_gets_a_message(tmp_path: Path) -> None:
    """Standard output that cannot be written gets a message and a code, not a traceback."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [RUNEN, "show", "columnar"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE_S,
        )

    assert "Traceback" not in done.stderr
    assert "No space left on device" in done.stderr
    assert done.returncode not in (0, 1)
