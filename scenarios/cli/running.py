"""`runen run`: build, run with a live line, draw, save, sum up."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import Any

from pydantic import TypeAdapter, ValidationError

from runen_ecs.errors import DivergenceError, RunenError
from runen_ecs.files import save_run
from runen_ecs.run_folder import Recording

from ..building import Simulation, build
from ..faults import UsageError
from ..language.events import EventError
from ..lasting import LastingRun, begin, first_divergence, go_on
from ..loading import load
from ..pictures import draw_beside, draw_pictures, load_beside
from ..quantities import Interval, Ticks
from ..schema import Scenario
from ..summary import Summary, plain, summarise
from .ctrl_c import noting_ctrl_c
from .driving import shown
from .live_line import LiveLine
from .panels import print_panels, run_panels

__all__ = ["Wishes", "branch_run", "check_folder", "moment_of", "resume_run", "run_scenario"]


@dataclass(frozen=True)
class Wishes:
    """What a run is to leave, and how it is to be told.

    Attributes
    ----------
    out : Path
        Folder of the pictures.
    plots : bool
    save : Path or None
    stepped, quiet, as_json : bool
    """

    out: Path = Path()
    plots: bool = True
    save: Path | None = None
    stepped: bool = False
    quiet: bool = False
    as_json: bool = False


def run_scenario(
    name: str, overrides: list[Any], wishes: Wishes, record: Path | None = None, every: str | None = None
) -> bool:
    """Run a scenario from file to pictures; return whether Ctrl-C ended it early."""
    began = perf_counter()
    scenario = load(name, overrides)
    if every is not None and record is None:
        raise UsageError("--checkpoint-every: checkpoints need a folder; say --record DIR, too")
    if record is not None and scenario.panels:
        advice = "--save run.npz saves them, --set panels=[] leaves them out"
        raise UsageError(f"--record: a scenario with panels is many runs; {advice}")
    _check(wishes)
    if scenario.panels:
        return _run_panels(name, scenario, wishes, began)
    if record is None:
        return _carry_out(name, scenario, lambda: build(scenario), wishes, began)
    interval = ticks_of(every, scenario.dt, "--checkpoint-every")
    return _carry_out(name, scenario, lambda: begin(scenario, record, interval), wishes, began)


def resume_run(folder: Path, duration: str | None, every: str | None, wishes: Wishes) -> bool:
    """Go on with a recorded run from its last checkpoint; return whether Ctrl-C ended it early."""
    began = perf_counter()
    _check(wishes)
    lasting = go_on(folder, duration, None)
    scenario = lasting.simulation.scenario
    lasting.every = ticks_of(every, scenario.dt, "--checkpoint-every")
    return _carry_out(str(folder), scenario, lambda: lasting, wishes, began)


def branch_run(
    folder: Path,
    at: str,
    changes: list[Any],
    events: Path | None,
    record: Path | None,
    every: str | None,
    wishes: Wishes,
) -> bool:
    """Go on from a time of a recorded run, with changes, in a new folder; return whether Ctrl-C ended it early."""
    from ..looking_back import RecordedRun, branch

    began = perf_counter()
    _check(wishes)
    dt = RecordedRun(folder).dt_ms
    new = record if record is not None else folder.with_name(f"{folder.name}-from-{at.replace(' ', '')}")
    lasting = branch(folder, new, moment_of(at, dt), changes, events, ticks_of(every, dt, "--checkpoint-every"))
    return _carry_out(str(new), lasting.simulation.scenario, lambda: lasting, wishes, began)


def ticks_of(time: str | None, dt: float, option: str) -> int | None:
    """Return how many ticks the time that an option says is.

    Raises
    ------
    UsageError
        If it is no time, or no whole number of ticks from 1 on.
    """
    return None if time is None else _checked(Interval, time, dt, option)


def moment_of(time: str, dt: float, option: str = "--at") -> int:
    """Return after how many ticks the time is that an option says.

    Raises
    ------
    UsageError
        If it is no time, or no whole number of ticks.
    """
    found: int = _checked(Ticks, time, dt, option)
    return found


def _checked(kind: Any, time: str, dt: float, option: str) -> Any:
    try:
        return TypeAdapter(kind).validate_python(time, context={"dt": dt})
    except ValidationError as error:
        raise UsageError(f"{option} {time}: {error.errors()[0]['msg']}") from None


def _check(wishes: Wishes) -> None:
    check_folder(wishes.out)
    if wishes.save is not None:
        _check_save(wishes.save)


def _run_panels(name: str, scenario: Scenario, wishes: Wishes, began: float) -> bool:
    pressed: list[int] = []
    line = LiveLine(scenario.duration, scenario.dt, hidden=wishes.quiet)
    with noting_ctrl_c(lambda: pressed.append(1)), line:
        out = wishes.out if wishes.plots else None
        runs, written = run_panels(name, scenario, out, wishes.save, wishes.stepped, line, pressed)
    if wishes.as_json or not wishes.quiet:
        print_panels(name, runs, [str(path) for path in written], wishes.as_json, perf_counter() - began)
    return bool(pressed)


def _carry_out(
    name: str, scenario: Scenario, make: Callable[[], Simulation | LastingRun], wishes: Wishes, began: float
) -> bool:
    """Build, run, save, draw and sum up; return whether Ctrl-C ended it early."""
    beside = load_beside(scenario) if wishes.plots else None
    pressed: list[int] = []
    line = LiveLine(scenario.duration, scenario.dt, hidden=wishes.quiet)
    with noting_ctrl_c(lambda: pressed.append(1)), line:
        line.say("building the network")
        made = make()
        simulation = made.simulation if isinstance(made, LastingRun) else made
        built = perf_counter()
        line.say("loading the kernels" if simulation.compiled_before() else COMPILING)
        failure = _run(made, simulation, line, pressed, wishes.stepped)
        ran = perf_counter()
        whole = wishes.plots or wishes.save is not None
        apart: dict[str, Any] = {}
        if isinstance(made, LastingRun):
            record = made.finish()
            data, apart = (record.run_data(), {}) if whole else (record.outline(), _apart(record))
        else:
            data = made.data()
        saved: list[Path] = []
        pictures: list[Path] = []
        if wishes.save is not None:  # first: a picture that cannot be drawn costs no data
            line.say("saving")
            saved = save_run(data, wishes.save)
        drawing = perf_counter()
        if wishes.plots:
            line.say("drawing the pictures")
            pictures = draw_pictures(data, wishes.out)
            if beside is not None:
                pictures.append(draw_beside(data, beside, wishes.out))
        plot_s = perf_counter() - drawing
    names = [str(path) for path in (*pictures, *saved)]
    summary = summarise(name, data, built - began, ran - built, plot_s, names, **apart)
    if wishes.as_json:
        print(json.dumps(summary.as_data()))
    elif not wishes.quiet:
        _print(summary, perf_counter() - began)
    for warning in summary.warnings:
        print(f"runen: warning: {warning}", file=sys.stderr)
    if isinstance(made, LastingRun) and summary.partial:
        print(f"stopped; go on with: runen resume {made.folder.path}", file=sys.stderr)
    if failure is not None:
        raise failure
    return bool(pressed)


def _apart(record: Recording) -> dict[str, Any]:
    """Return what the summary of a recorded run is made from, without room for it in memory."""
    spikes = ((part["tick"], part["neuron"]) for part in record.streams["spikes"].chunks())
    return {"spikes": spikes, "signals": len(record.streams["hits"]) if "hits" in record.streams else 0}


MOST_MOMENTS = 40
COMPILING = "compiling the kernels (only on the first run)"


def _run(
    made: Simulation | LastingRun, simulation: Simulation, line: LiveLine, pressed: list[int], stepped: bool
) -> RunenError | None:
    """Run to the end, to Ctrl-C, or until a state runs away or an event cannot be done, which is returned."""

    def watch(tick: int) -> bool:
        line.update(tick, simulation.n_spikes)
        return bool(pressed)

    try:
        if not pressed:
            made.run(simulation.scenario.duration - simulation.world.tick, stepped=stepped, watch=watch)
    except DivergenceError as error:
        if error.every == 1:
            return error
        line.say("finding the first tick that went wrong")
        checkpoints = made.folder.checkpoints if isinstance(made, LastingRun) else None
        return first_divergence(error, simulation.scenario, checkpoints)
    except EventError as error:
        return error
    return None


def check_folder(folder: Path) -> None:
    """Make a folder if it is not there.

    Raises
    ------
    UsageError
        If files cannot be written into it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"--out {folder}: cannot be written to ({error.strerror}); name another folder") from None


def _check_save(path: Path) -> None:
    if path.suffix not in (".npz", ".csv"):
        raise UsageError(f"--save {path}: must end in .npz or .csv")
    if os.path.isdir(path):
        raise UsageError(f"--save {path}: is a folder")
    if len(os.fsencode(path.name)) > 200:
        raise UsageError(f"--save {path}: the name is too long")
    if not os.path.isdir(path.parent) or not os.access(path.parent, os.W_OK):
        raise UsageError(f"--save {path}: the folder {path.parent} is not there or cannot be written to")


def _print(summary: Summary, wall_s: float) -> None:
    ended = " (stopped early)" if summary.partial else ""
    print(f"{summary.scenario}, seed {summary.seed}: {summary.neurons:,} neurons, {summary.synapses:,} synapses")
    if summary.rate_by_layer_hz:
        _print_spikes(summary, ended)
    if summary.signals or summary.stimuli or summary.outputs:
        _print_signals(summary, ended)
    pace = f" ({summary.realtime_factor:g} x real time)" if summary.rate_by_layer_hz else ""
    print(
        f"build {summary.build_s:.2f} s, run {summary.run_s:.2f} s{pace}, "
        f"pictures {summary.plot_s:.2f} s; {wall_s:.1f} s in all, {summary.peak_rss_mb:.0f} MB"
    )
    if summary.files:
        print(f"written: {', '.join(summary.files)}")


def _print_spikes(summary: Summary, ended: str) -> None:
    seconds = summary.ticks * summary.dt_ms / 1000
    print(f"{seconds:g} s of model time{ended}: {summary.spikes:,} spikes, {summary.mean_rate_hz:.2f} Hz a neuron")
    groups = "   ".join(f"{name} {rate:.1f} Hz" for name, rate in summary.rate_by_layer_hz.items())
    print(f"  rates        {groups}")
    for phase in summary.phases:
        peak = "no rhythm to tell" if phase.peak_hz is None else f"peak {phase.peak_hz:4.1f} Hz"
        fano = "" if phase.fano is None else f"   Fano {phase.fano:.1f}"
        print(f"  {phase.from_s:4g}-{phase.to_s:<4g} s  rate {phase.rate_hz:.2f} Hz   {peak}{fano}")


def _print_signals(summary: Summary, ended: str) -> None:
    out = ", ".join(f"{n:,} out of port {port}" for port, n in summary.outputs.items()) or "no output port is bound"
    arrived = "" if summary.signals is None else f"{summary.signals:,} signals arrived at synapses; "
    restless = ", and not at rest yet" if summary.at_rest is False else ""
    print(f"{summary.ticks:,} ticks{ended}{restless}: {arrived}{out}")
    if summary.rate_by_layer_hz:
        return  # too many to be read: spikes come in
    moments = [(tick, list(group)) for tick, group in groupby(summary.stimuli, key=lambda answer: answer.tick)]
    for tick, answers in moments[:MOST_MOMENTS]:
        given = ", ".join(f"{plain(answer.signal)} into port {answer.port}" for answer in answers)
        print(f"  tick {tick:<6} {given}:   {shown(answers[-1].outputs)}")
    if len(moments) > MOST_MOMENTS:
        print(f"  and {len(moments) - MOST_MOMENTS:,} more; --json tells them all")
