"""Arguments and options that several subcommands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "AsJson",
    "CheckpointEvery",
    "ColumnCount",
    "Overrides",
    "PictureFolder",
    "Plots",
    "Quiet",
    "RunFolder",
    "SaveFile",
    "ScenarioName",
    "Stepped",
]

ScenarioName = Annotated[str, typer.Argument(help="A scenario's name (see: runen list), or the path of a TOML file.")]
Overrides = Annotated[
    list[str],
    typer.Option("--set", metavar="KEY=VALUE", help="Change any key of the scenario: --set stdp.amplitude=0.1"),
]
RunFolder = Annotated[Path, typer.Argument(help="A folder that was recorded with --record.")]
PictureFolder = Annotated[Path, typer.Option(help="Folder for the pictures; made if it is not there.")]
Plots = Annotated[bool, typer.Option("--plots/--no-plots", help="Draw spikes.png and neuron-trace.png.")]
SaveFile = Annotated[
    Path | None, typer.Option(help="Save spikes, traces and weights: --save run.npz or --save run.csv")
]
CheckpointEvery = Annotated[
    str | None, typer.Option(help="Model time between checkpoints of a recorded run: --checkpoint-every 10s")
]
Stepped = Annotated[
    bool, typer.Option("--stepped", help="Tick by tick through esper, not in one compiled loop; same bits.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something is wrong.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON on standard output.")]
ColumnCount = Annotated[int | None, typer.Option("--columns", help="Number of cortical columns: --columns 5")]
