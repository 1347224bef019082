"""The subcommands of recorded runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..faults import UsageError
from .options import AsJson, CheckpointEvery, Overrides, PictureFolder, Plots, Quiet, RunFolder, SaveFile, Stepped

__all__ = ["app"]

app = typer.Typer()


@app.command()
def resume(
    folder: RunFolder,
    duration: Annotated[
        str | None, typer.Option(help="Whole model time, if longer than before: --duration 60s")
    ] = None,
    checkpoint_every: CheckpointEvery = None,
    out: PictureFolder = Path(),
    plots: Plots = True,
    save: SaveFile = None,
    stepped: Stepped = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a recorded run from its last checkpoint; it ends in the same bits as one that never stopped.

    Example:  runen resume run --duration 10s
    """
    from .running import Wishes, resume_run

    if resume_run(folder, duration, checkpoint_every, Wishes(out, plots, save, stepped, quiet, as_json)):
        raise typer.Exit(130)


@app.command()
def branch(
    folder: RunFolder,
    at: Annotated[str, typer.Option(help="From when on: --at 5s")],
    overrides: Overrides = [],  # noqa: B006 - typer takes the default from here
    events: Annotated[Path | None, typer.Option(help="A TOML file with [[events]] that are to come.")] = None,
    duration: Annotated[str | None, typer.Option(help="Whole model time, from the beginning: --duration 60s")] = None,
    record: Annotated[Path | None, typer.Option(help="The new folder; FOLDER-from-TIME when left out.")] = None,
    checkpoint_every: CheckpointEvery = None,
    out: PictureFolder = Path(),
    plots: Plots = True,
    save: SaveFile = None,
    stepped: Stepped = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run on from any time of a recorded run, with something changed, in a folder of its own.

    Example:  runen branch run --at 100ms --set thalamic_input.high=0 --record other
    """
    from ..loading import Override
    from .running import Wishes, branch_run

    changes = [*([] if duration is None else [Override("duration", duration, "--duration")]), *overrides]
    wishes = Wishes(out, plots, save, stepped, quiet, as_json)
    if branch_run(folder, at, changes, events, record, checkpoint_every, wishes):
        raise typer.Exit(130)


@app.command()
def inspect(
    folder: RunFolder,
    entity: Annotated[
        str | None, typer.Option(help="neuron:40, synapse:17, input-port:0, output-port:0, or a selection of neurons.")
    ] = None,
    at: Annotated[str, typer.Option(help="When: --at 5.678s")] = "0s",
    as_json: AsJson = False,
) -> None:
    """Print the components of entities of a recorded run as they were at any time of it, exactly.

    Without --entity, a prompt takes commands, typed or piped: step, back, at 5.678s, next neuron:40, show neuron:40,
    connections neuron:40, watch neuron:40, why neuron:40, help.

    Example:  runen inspect run --entity neuron:40 --at 100ms
    """
    from .exploring import explore_run
    from .looking_back import inspect_run

    if entity is not None:
        inspect_run(folder, entity, at, as_json)
    elif as_json:
        raise UsageError("--json: needs an --entity")
    else:
        explore_run(folder, at)


@app.command()
def why(
    folder: RunFolder,
    neuron: Annotated[int, typer.Option(min=0, help="Its number, by order of creation: --neuron 40")],
    at: Annotated[str, typer.Option(help="When it fired, or did not: --at 5.678s")],
    window: Annotated[str, typer.Option(help="How far to look back; neurons that accumulate: their round.")] = "20ms",
    depth: Annotated[int, typer.Option(min=1, max=10, help="2: also why those fired that had fed it, and so on.")] = 1,
    most: Annotated[int, typer.Option(min=0, help="How many signals of each neuron to tell, the largest.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Tell why a neuron fired, or did not: what had reached it, from where, and what would have been without.

    Example:  runen why run --neuron 40 --at 100ms
    """
    from .why import explain_neuron

    explain_neuron(folder, neuron, at, window, depth, most, as_json)


@app.command()
def diff(
    first: RunFolder,
    second: Annotated[Path, typer.Argument(help="Another one.")],
    as_json: AsJson = False,
) -> None:
    """Tell the first tick, entity and component in which two recorded runs differ; exit code 1 if they do.

    Example:  runen diff run other
    """
    from .looking_back import diff_runs

    if diff_runs(first, second, as_json):
        raise typer.Exit(1)


@app.command()
def export(
    folder: RunFolder,
    file: Annotated[Path, typer.Argument(help="What to write: x.csv, x.npz, or x.h5 (SONATA).")],
    quiet: Quiet = False,
) -> None:
    """Write a recorded run as tables, as one NumPy file, or as SONATA.

    Example:  runen export run spikes.csv
    """
    from runen_ecs.run_folder import Recording

    for path in Recording(folder).export(file):
        if not quiet:
            print(path)
