"""The command `runen`: its other commands, and an unfriendly machine."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from network_texts import JSON
from runen_command import COMMANDS, PATIENCE_S, RUNEN, SMALL, Result, Runen, names_in, runen  # noqa: F401

from runen_ecs import __version__
from runen_ecs.scenarios import load, shipped

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
    changes, options = ["title=a \\ b"], ["--set", "title=a \\ b"]
    if load(name).columns is not None:
        changes += ["columns.count=7", "stdp.amplitude=0.125"]
        options += ["--columns", "7", "--set", "stdp.amplitude=0.125"]
    result = runen("show", name, *options)
    Path("shown.toml").write_text(result.out, encoding="utf-8")
    again = runen("show", "shown.toml")

    assert load(name, changes) == load("shown.toml")
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
    Path("net.json").write_text(JSON)
    recorded = {"diff": ("run", "other"), **dict.fromkeys(("branch", "export", "inspect", "resume", "why"), ("run",))}
    for folder in recorded.get(command, ()):
        runen("run", *SMALL, "--no-plots", "--record", folder)

    assert 0 == runen(*shlex.split(example)[1:]).code


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
