"""Running the command `runen` from tests."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main

from runen_ecs.files import RunData
from runen_ecs.scenarios.cli import app, main

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
    "dt_ms",
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
    "at_rest",
    "signals",
    "outputs",
    "stimuli",
    "warnings",
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


def in_this_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runen:
    """Return a function that runs the command in this process, with a text as its standard input."""

    def run(*arguments: str, stdin: str = "") -> Result:
        monkeypatch.setattr(sys, "argv", ["runen", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        try:
            main()
            code: Any = 0
        except SystemExit as stop:
            code = stop.code or 0
        return Result(code, *capsys.readouterr())

    return run


@pytest.fixture
def runen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Runen:
    """Return a function that runs the command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return in_this_process(monkeypatch, capsys)


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
