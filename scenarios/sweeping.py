"""Sweeps: values for keys of a scenario, all their combinations, and what a run of each leaves."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from itertools import product
from math import prod
from pathlib import Path
from time import perf_counter
from typing import Any

from runen_ecs.errors import RunenError

from .faults import SET, ScenarioError, UsageError
from .loading import Override, load, parse_override, path_of
from .schema import Scenario

__all__ = ["Axis", "Outcome", "Run", "combine", "content_hash", "one_line", "perform", "read_axis"]

MOST_RUNS = 100_000
LEFT_OUT = {
    *("scenario", "seed", "phases", "from_s", "to_s", "files", "stimuli", "partial", "warnings"),  # are no figures
    *("build_s", "run_s", "plot_s", "realtime_factor", "peak_rss_mb"),  # differ from time to time
}

_TOKEN = re.compile(r""""(?:\\.|[^"\\])*"|'[^']*'|[^"'\[\]{},]+|.""", re.DOTALL)
_QUOTES, _OPENING, _CLOSING = ("'", '"'), ("[", "{"), ("]", "}")
_NUMBER = r"([+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-zµ]*)"
_RANGE = re.compile(rf"\s*{_NUMBER}\s*\.\.\s*{_NUMBER}\s*(?::\s*{_NUMBER}\s*)?")
_WHOLE = re.compile(r"[+-]?\d+")
_MOST_DIGITS = 60
_EXACT = Context(prec=_MOST_DIGITS, traps=[Inexact, InvalidOperation, Overflow])


@dataclass(frozen=True)
class Axis:
    """A key and the values it is to take.

    Attributes
    ----------
    key : str
        Its path, ``stdp.amplitude``.
    values : tuple of Override
    texts : tuple of str
        The values as they stand in a table.
    """

    key: str
    values: tuple[Override, ...]
    texts: tuple[str, ...]

    @property
    def path(self) -> list[str]:
        """The key, part by part."""
        return path_of(self.key)


@dataclass(frozen=True)
class Run:
    """One combination of values.

    Attributes
    ----------
    scenario : str
        Name or path.
    overrides : tuple of Override
    cells : tuple of str
        What stands in the table for it: a value for each key, the seed last.
    content : str
        `content_hash` of the scenario; empty if it is none.
    error : str
        What is wrong with the scenario.
    """

    scenario: str
    overrides: tuple[Override, ...]
    cells: tuple[str, ...]
    content: str = ""
    error: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a run: its figures by name, or an error; and how long it took [s]."""

    figures: dict[str, Any]
    error: str = ""
    build_s: float | None = None
    run_s: float | None = None


def read_axis(text: str, place: str = SET) -> Axis:
    """Read ``key=value,value`` or ``key=first..last:step``.

    Parameters
    ----------
    text : str
        Values as in TOML, quotes may be left out; commas inside of brackets and quotes part nothing.
    place : str
        The option to blame.

    Raises
    ------
    UsageError
        If it is not of that form, or says a value twice.
    """
    key, values = parse_override(text).key, text.partition("=")[2]
    where = place if place != SET else f"{SET} {key}"
    found = []
    for part in _split(values, where):
        if not part:
            raise UsageError(f"{where}: a value is missing in {_short(values)!r}; an empty text is ''")
        found += _range(part, where) or [part]
        _check_number(len(found))
    overrides = tuple(Override(key, parse_override(f"{key}={part}").value, place) for part in found)
    texts = tuple(_text(override.value) for override in overrides)
    said: dict[Any, str] = {}
    for override, shown in zip(overrides, texts, strict=True):
        keys = (shown, override.value) if type(override.value) in (int, float) else (shown,)
        for same in (said[key] for key in keys if key in said):
            twice = f"{_short(shown)} is there twice" if same == shown else f"{same} and {shown} are the same number"
            raise UsageError(f"{where}: {twice}; say each value once")
        said |= dict.fromkeys(keys, shown)
    return Axis(key, overrides, texts)


def combine(name: str, axes: Sequence[Axis], fixed: Sequence[Override] = ()) -> list[Run]:
    """Return a run for each combination of values, in order: seeds change first, then the last axis.

    Parameters
    ----------
    name : str
        The scenario.
    axes : sequence of Axis
    fixed : sequence of Override
        What is the same in all runs.

    Raises
    ------
    UsageError
        If a key is said twice or exists nowhere, or if there are too many runs.
    ScenarioError
        If no combination is a scenario that can be run; with the faults of the first.
    """
    _check_keys(axes, fixed)
    _check_number(prod(len(axis.values) for axis in axes))
    axes = sorted(axes, key=lambda axis: axis.path == ["seed"])
    seeded = any(axis.path == ["seed"] for axis in axes)
    runs, wrong = [], []
    for chosen in product(*(zip(axis.values, axis.texts, strict=True) for axis in axes)):
        overrides = (*fixed, *(value for value, _ in chosen))
        cells = tuple(text for _, text in chosen)
        try:
            scenario = load(name, overrides)
        except ScenarioError as error:
            wrong.append(error)
            runs.append(Run(name, overrides, cells if seeded else (*cells, ""), error=str(error)))
        else:
            cells = cells if seeded else (*cells, str(scenario.seed))
            runs.append(Run(name, overrides, cells, content_hash(scenario)))
    if len(wrong) == len(runs):
        if unknown := [f for f in wrong[0].faults if f.place == SET and f.problem.startswith("unknown key")]:
            raise UsageError("\n".join(map(str, unknown)))
        raise wrong[0]
    return runs


def _check_keys(axes: Sequence[Axis], fixed: Sequence[Override]) -> None:
    said: list[tuple[list[str], str]] = [(path_of(override.key), override.place) for override in fixed]
    for axis in axes:
        place = axis.values[0].place
        option = f"{SET} {axis.key}" if place == SET else place
        for path, other in said:
            if path == axis.path:
                raise UsageError(f"{other} and {option} change the same key; say it once, with all its values")
        said.append((axis.path, option))


def _check_number(n_runs: int) -> None:
    if n_runs > MOST_RUNS:
        raise UsageError(f"{n_runs:,} runs are too many for one sweep; at most {MOST_RUNS:,}")


def _split(text: str, where: str) -> list[str]:
    """Split at the commas outside of brackets and quotes."""
    parts, depth = [""], 0
    for token in _TOKEN.findall(text):
        if token in _QUOTES:
            raise UsageError(f"{where}: a quote is not closed in {_short(text)!r}")
        depth += (token in _OPENING) - (depth > 0 and token in _CLOSING)
        if token == "," and not depth:
            parts.append("")
        else:
            parts[-1] += token
    if depth:
        raise UsageError(f"{where}: a bracket is not closed in {_short(text)!r}")
    return [part.strip() for part in parts]


def _range(text: str, where: str) -> list[str]:
    """Return the values of a range, both ends included; nothing if the text is none."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return []
    numbers, units = match.group(1, 3, 5), match.group(2, 4, 6)
    if len({unit for unit in units if unit is not None}) > 1:
        raise UsageError(f"{where}: {text!r} needs the same unit at each number, such as 50ms..200ms:50ms")
    if numbers[2] is None and not all(_WHOLE.fullmatch(number) for number in numbers[:2]):
        raise UsageError(f"{where}: {text!r} needs a step, such as 0.1..0.5:0.1")
    try:
        first, last, step = (_EXACT.create_decimal(number or "1") for number in numbers)
        if max(abs(number.adjusted()) for number in (first, last, step)) > _MOST_DIGITS:
            raise InvalidOperation
        if not step or (last - first) * step < 0:
            raise UsageError(f"{where}: {text!r} leads nowhere; a range that goes down is 8..1:-1")
        n = int(_EXACT.divide_int(_EXACT.subtract(last, first), step)) + 1
        _check_number(n)
        values = [_EXACT.add(first, _EXACT.multiply(step, Decimal(k))) for k in range(n)]
    except DecimalException:
        raise UsageError(f"{where}: {text!r} has numbers that are too long, or too far apart") from None
    return [f"{value:f} {units[0]}".rstrip() for value in values]


def _text(value: Any) -> str:
    """Return a value as it stands in a table."""
    if isinstance(value, str):
        return one_line(value)
    return repr(value) if isinstance(value, float) else json.dumps(value, default=str)


def one_line(text: str) -> str:
    """Return a text that can be shown in a line; one that cannot as JSON."""
    return text if text.isprintable() else json.dumps(text)


def _short(text: str) -> str:
    return text if len(text) < 60 else f"{text[:57]}..."


def content_hash(scenario: Scenario) -> str:
    """Return a short hash of all that a scenario says, and of the files that it names."""
    text = json.dumps(_with_files(scenario.as_data()), sort_keys=True)
    return f"sha256:{_hash(text.encode())}"  # without a word before it, some would be read as numbers: 12e4…


def _with_files(data: Any) -> Any:
    """Put what files hold in the place of their paths."""
    if isinstance(data, list):
        return [_with_files(part) for part in data]
    if not isinstance(data, dict):
        return data
    named = {key for key, part in data.items() if key == "file" and isinstance(part, str) and Path(part).is_file()}
    return {key: _hash(Path(part).read_bytes()) if key in named else _with_files(part) for key, part in data.items()}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def perform(run: Run, watch: Callable[[int], bool]) -> Outcome:
    """Make a run as `runen run` does; whatever goes wrong in it is in the outcome.

    Parameters
    ----------
    run : Run
    watch : callable
        Called with the tick now and then; returning True ends the run.
    """
    from .building import build
    from .summary import summarise

    began = perf_counter()
    try:
        scenario = load(run.scenario, run.overrides)
        if content_hash(scenario) != run.content:
            raise UsageError("the scenario has changed while the sweep ran")
        simulation, dt = build(scenario), scenario.dt
        built = perf_counter()
        simulation.run(scenario.duration, watch=watch)
        run_s = perf_counter() - built
        data = simulation.data()
        summary = summarise(run.scenario, data, built - began, run_s, 0.0, []).as_data()
        figures = _flat(summary, [p["name"] for p in data.meta["phases"] if p["from_s"] * 1000 < data.n_ticks * dt])
    except RunenError as error:
        return Outcome({}, str(error))
    except MemoryError:
        return Outcome({}, "out of memory; sweep with fewer --workers")
    except Exception as error:  # a sweep of many hours must not end with one of its runs
        return Outcome({}, f"{type(error).__name__}: {error}")
    return Outcome(figures, build_s=summary["build_s"], run_s=summary["run_s"])


def _flat(summary: dict[str, Any], phases: list[str]) -> dict[str, Any]:
    """Return the figures of a summary by name; those of a layer, port or phase behind its name and a dot."""
    figures: dict[str, Any] = {}
    for name, value in summary.items():
        if name in LEFT_OUT or value is None:
            continue
        figures |= {f"{name}.{key}": part for key, part in value.items()} if isinstance(value, dict) else {name: value}
    for name, part in zip(phases, summary["phases"], strict=True):
        figures |= {f"{name}.{key}": value for key, value in part.items() if key not in LEFT_OUT}
    return figures
