"""`runen sweep`: all combinations of values, over the cores of this machine, into one table."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from multiprocessing import Pipe
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..faults import UsageError
from ..loading import Override
from ..sweep_table import SweepTable
from ..sweep_workers import available_cores, perform_all
from ..sweeping import Outcome, combine, read_axis
from .ctrl_c import noting_ctrl_c

__all__ = ["sweep_scenario"]


def sweep_scenario(
    name: str,
    settings: Sequence[str],
    seeds: str | None,
    fixed: Sequence[Override],
    out: Path | None,
    workers: int | None,
    retry_failed: bool,
    quiet: bool,
) -> int:
    """Make the runs of a sweep that its table does not hold yet; return the exit code."""
    began = perf_counter()
    axes = [read_axis(text) for text in settings]
    if seeds is not None:
        axes.append(read_axis(f"seed={seeds}", "--seeds"))
    if not axes:
        raise UsageError("nothing to sweep; say which values: --set stdp.amplitude=0.1,0.2 or --seeds 1..8")
    runs = combine(name, axes, fixed)
    out = out or Path(f"sweep-{Path(name).stem}.csv")
    keys = [axis.key for axis in axes if axis.path != ["seed"]]
    table = SweepTable(out, [*keys, "seed"], runs, retry_failed)
    before = len(table.rows)
    if table.torn and not quiet:
        print(f"runen: {out}: the last line was cut off; its run is made again", file=sys.stderr)
    todo = [run for run in runs if run.cells not in table.rows]
    valid = [run for run in todo if not run.error]
    n_workers = workers if workers is not None else available_cores()
    pressed, press = Pipe(duplex=False)
    with noting_ctrl_c(lambda: press.send(None)), _bar(hidden=quiet) as bar:
        for run in todo:
            if run.error:
                table.add(run, Outcome({}, run.error))
        line = bar.add_task("", total=len(runs), completed=len(table.rows), failed=table.count("failed"))
        with closing(perform_all(valid, n_workers, pressed)) as ended:
            for run, outcome in ended:
                table.add(run, outcome)
                bar.update(line, completed=len(table.rows), failed=table.count("failed"))
        table.finish()
    table.close()
    n_rows, failed = len(table.rows), table.count("failed")
    if n_rows < len(runs):
        there = f"{out} holds {n_rows:,} of {len(runs):,} runs"
        print(f"runen: stopped; {there}, and the same command goes on", file=sys.stderr)
        return 130
    if not quiet:
        earlier = f", {before:,} of them before" if before else ""
        why = "; the column error says why" if failed else ""
        said = f"{n_rows:,} runs: {n_rows - failed:,} done, {failed:,} failed{earlier}"
        print(f"{out}: {said}; {perf_counter() - began:.1f} s{why}")
    return 4 if failed else 0


def _bar(hidden: bool) -> Progress:
    console = Console(stderr=True)
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("runs, {task.fields[failed]} failed"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=hidden or not console.is_terminal,
    )
