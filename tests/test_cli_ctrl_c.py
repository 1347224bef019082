"""The command `runen`: Ctrl-C."""

from __future__ import annotations

import errno
import json
import os
import pty
import select
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
from runen_command import ARRAYS, PATIENCE_S, RUNEN, SMALL, Result, Runen, in_a_process, names_in, runen, same_run  # noqa: F401

from runen_ecs.files import RunData, load_run
from runen_ecs.plots import draw_spikes
from runen_ecs.scenarios import Simulation
from runen_ecs.scenarios.cli import running
from runen_ecs.scenarios.schema import Scenario

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
