"""The command `runen`: its subcommands and options. What needs NumPy or numba is imported where it is used."""

from __future__ import annotations

import io
import os
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from runen_ecs import __version__
from runen_ecs.errors import FileError, RunenError

from . import network, recorded
from .options import (
    AsJson,
    CheckpointEvery,
    ColumnCount,
    Overrides,
    PictureFolder,
    Plots,
    Quiet,
    SaveFile,
    ScenarioName,
    Stepped,
)

__all__ = ["app", "main"]

app = typer.Typer(
    name="runen",
    help="Simulate natural neural networks as entities, components and systems.\n\nStart with:  runen run columnar",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(network.app, name="network")
app.add_typer(recorded.app)


def main() -> None:
    """Run the command; a mistake gets a message on standard error and an exit code, never a traceback."""
    warnings.showwarning = _warn
    if isinstance(sys.stdout, io.TextIOWrapper):  # names may hold what a terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            app()
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except RunenError as error:
        _fail(str(error), error.exit_code)
    except MemoryError:
        _fail("out of memory; run fewer columns or record less", 4)
    except BrokenPipeError:
        _stop_writing()
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):  # click has caught it, and made it 1
            _stop_writing()
        raise
    except OSError as error:
        _discard_output()
        where = error.filename or "the output cannot be written"
        _fail(f"{where}: {error.strerror or error}", 5)
    except KeyboardInterrupt:
        sys.exit(130)


_warned: set[str] = set()


def _warn(message: Warning | str, *where: object, **more: object) -> None:
    """Tell a warning in a line of its own, and once."""
    if str(message) not in _warned:
        _warned.add(str(message))
        print(f"runen: warning: {message}", file=sys.stderr)


def _fail(message: str, code: int) -> NoReturn:
    print(f"runen: {message}", file=sys.stderr)
    sys.exit(code)


def _stop_writing() -> NoReturn:
    """End as other commands do whose reader is gone: 128 and the number of SIGPIPE."""
    _discard_output()
    sys.exit(141)


def _discard_output() -> None:
    """Keep Python from writing, once more at its end, what could not be written."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_version(value: bool) -> None:
    if value:
        print(f"runen-ecs {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Simulate natural neural networks as entities, components and systems.

    Start with:  runen run columnar
    """


def _all_overrides(overrides: list[str], **options: int | str | None) -> list[Any]:
    """Return what ``--set`` and the options that stand for a key of the scenario say."""
    from ..loading import Override

    keys = {"duration": "duration", "seed": "seed", "columns": "columns.count"}
    given = [Override(keys[name], value, f"--{name}") for name, value in options.items() if value is not None]
    return [*overrides, *given]


@app.command()
def run(
    scenario: ScenarioName = "columnar",
    duration: Annotated[str | None, typer.Option(help="Model time: --duration 20s, --duration 500ms")] = None,
    seed: Annotated[int | None, typer.Option(help="Every random number is a function of it.")] = None,
    columns: ColumnCount = None,
    overrides: Overrides = [],  # noqa: B006 - typer takes the default from here
    out: PictureFolder = Path(),
    plots: Plots = True,
    save: SaveFile = None,
    record: Annotated[
        Path | None, typer.Option(help="Record into a new folder while it runs, to be gone on with: --record run")
    ] = None,
    checkpoint_every: CheckpointEvery = None,
    stepped: Stepped = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run a scenario, and draw and save what it gives.

    Example:  runen run columnar --duration 5s --seed 2 --out pictures
    """
    from .running import Wishes, run_scenario

    settings = _all_overrides(overrides, duration=duration, seed=seed, columns=columns)
    wishes = Wishes(out, plots, save, stepped, quiet, as_json)
    if run_scenario(scenario, settings, wishes, record, checkpoint_every):
        raise typer.Exit(130)


@app.command("list")
def list_scenarios() -> None:
    """List the scenarios that come with the project.

    Example:  runen list
    """
    from ..loading import load, shipped

    width = max(map(len, shipped()))
    for name in shipped():
        print(f"{name:{width}}  {load(name).title}")


@app.command()
def show(scenario: ScenarioName, columns: ColumnCount = None, overrides: Overrides = []) -> None:  # noqa: B006
    """Print a scenario as TOML, with every default and override resolved.

    Example:  runen show columnar --set stdp.amplitude=0.1
    """
    from ..loading import load
    from ..printing import as_toml

    print(as_toml(load(scenario, _all_overrides(overrides, columns=columns))), end="")


@app.command()
def new(name: Annotated[str, typer.Argument(help="The new scenario's name; the file is NAME.toml.")]) -> None:
    """Write a commented scenario to start from.

    Example:  runen new mine
    """
    from .authoring import as_argument, new_scenario

    path = new_scenario(name)
    argument = as_argument(path)
    print(f"{path} is written; change it, then:  runen validate {argument}  and  runen run {argument}")


@app.command()
def validate(
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO...", help="Names, or paths of TOML files.")],
) -> None:
    """Check scenarios without running them; every fault with its file, line and key.

    Example:  runen validate columnar
    """
    from .authoring import validate_scenarios

    if code := validate_scenarios(scenarios):
        raise typer.Exit(code)


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors that check and complete TOML.

    Example:  runen schema
    """
    from .authoring import print_schema

    print_schema()


@app.command()
def schedule(scenario: ScenarioName, overrides: Overrides = []) -> None:  # noqa: B006
    """Print the plan of a tick: stages, systems, and what each reads, writes and adds.

    Example:  runen schedule columnar
    """
    from ..loading import load
    from ..plans import plan
    from ..printing import as_table

    print(as_table(*plan(load(scenario, overrides)).plans()), end="")


@app.command()
def drive(
    network: Annotated[
        str, typer.Argument(help="A JSON or YAML file of a capacity network, or a scenario that has one.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Answer each line with one JSON object.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Tell after each line what every neuron does.")] = False,
    max_ticks: Annotated[int, typer.Option(min=1, help="How long to wait until the network is quiet.")] = 100_000,
    lenient: Annotated[bool, typer.Option("--lenient", help="Leave out links that cannot be made, and go on.")] = False,
) -> None:
    """Let signals into a capacity network: lines such as "0 1", port and signal, typed or piped, to the end of input.

    Example:  runen drive binary-decoder
    """
    from .driving import drive_network

    drive_network(network, as_json, status, max_ticks, lenient)


@app.command()
def verify(
    quick: Annotated[bool, typer.Option("--quick", help="Leave out what takes long.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all as JSON on standard output.")] = False,
) -> None:
    """Measure on this machine what papers and other programs have found, and say what agrees.

    Example:  runen verify --quick
    """
    from .verifying import verify_all

    if not verify_all(quick, as_json):
        raise typer.Exit(1)


@app.command()
def plot(
    file: Annotated[Path, typer.Argument(help="A run saved with --save FILE.npz.")],
    out: PictureFolder = Path(),
    what: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME,…", help="Which pictures: --what rates,weights; those of the run when left out."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Draw the pictures of a saved run again, or others of it.

    They are: spikes, trace, traces, rates, intervals, rhythm, weights, window, values; of a capacity network also
    network, signals, animation, passes.

    Example:  runen plot run.npz --what spikes,rates --out pictures
    """
    from runen_ecs.files import NO_RUN, export, is_whole, load_run
    from runen_ecs.run_folder.manifest import FILE as MANIFEST

    from ..pictures import draw_pictures
    from .running import check_folder

    check_folder(out)
    data = load_run(file)
    if file.name.startswith("network-") and (file.parent / MANIFEST).is_file():
        raise FileError(file, f"is the network of a run folder; export the run first: {export(file.parent)}")
    if not is_whole(data):
        raise FileError(file, NO_RUN)
    names = [name.strip() for names in what or () for name in names.split(",")]
    for path in draw_pictures(data, out, names or None):
        if not quiet:
            print(path)


@app.command()
def sweep(
    scenario: ScenarioName,
    values: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="KEY=VALUES", help="Values for a key: --set stdp.amplitude=0.1,0.2 or 0.1..0.5:0.1"
        ),
    ] = [],  # noqa: B006 - typer takes the default from here
    seeds: Annotated[str | None, typer.Option(help="Values for the seed: --seeds 1..8 or --seeds 1,5,9")] = None,
    duration: Annotated[str | None, typer.Option(help="Model time of each run: --duration 20s")] = None,
    columns: ColumnCount = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The table; sweep-SCENARIO.csv when left out. One that is there is gone on with."),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Runs at once; as many as cores when left out.")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Make runs again that failed.")] = False,
    quiet: Quiet = False,
) -> None:
    """Run a scenario with all combinations of values, and write the figures of each run into a table.

    Example:  runen sweep columnar --columns 1 --duration 1s --set stdp.amplitude=0.1,0.2 --seeds 1..4
    """
    from .sweeping import sweep_scenario

    fixed = _all_overrides([], duration=duration, columns=columns)
    if code := sweep_scenario(scenario, values, seeds, fixed, out, workers, retry_failed, quiet):
        raise typer.Exit(code)


@app.command()
def gallery(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(metavar="SCENARIO...", help="Draw these alone; all that come with the project when left out."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the page; pictures go to a folder in it.")] = Path(),
    quiet: Quiet = False,
) -> None:
    """Run every scenario that comes with the project, and write gallery.md with a picture of each; takes minutes.

    Example:  runen gallery stdp-window --out docs
    """
    from .gallery import write_gallery

    write_gallery(scenarios or [], out, quiet)
