"""`runen network`: files of capacity networks. What needs NumPy is imported where it is used."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from runen_ecs.errors import FileError

from ..faults import UsageError

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

NetworkFile = Annotated[Path, typer.Argument(metavar="FILE", help="A network: .json, .yaml or .yml")]


@app.callback()
def options() -> None:
    """Convert, show and check files of capacity networks.

    Example:  runen network show net.json
    """


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(help="The network to read: .json, .yaml or .yml")],
    target: Annotated[Path, typer.Argument(help="The file to write; its ending says the format.")],
) -> None:
    """Write a network in the other format, or in the same one afresh.

    Example:  runen network convert net.json net.yaml
    """
    from runen_ecs.network_files import load_network, save_network

    if _is_same(source, target):
        raise UsageError(f"{target} is the file to read; name another one to write")
    network = load_network(source)
    save_network(network, target)
    print(f"written: {target} ({len(network.neurons):,} neurons, {len(network.links):,} links)")


def _is_same(source: Path, target: Path) -> bool:
    try:
        return source.samefile(target)
    except (OSError, ValueError):  # one of them is not there
        return False


@app.command()
def show(
    file: NetworkFile,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, with what feeds each input.")] = False,
) -> None:
    """Print the neurons of a network, what feeds each of their inputs, and the links in their order.

    Example:  runen network show net.json
    """
    from runen_ecs.network_files import load_network

    from ..network_printing import network_as_data, network_as_text

    network = load_network(file)
    print(json.dumps(network_as_data(network), ensure_ascii=False) if as_json else network_as_text(network))


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Networks: .json, .yaml or .yml")],
) -> None:
    """Say all that is wrong with networks, and what is hardly meant.

    Exit codes: 0 no faults, 2 a file cannot be read, 3 faults.

    Example:  runen network validate net.json
    """
    from runen_ecs.network_files import check_network

    code = 0
    for file in files:
        try:
            faults, warnings = check_network(file)
        except FileError as error:
            print(f"runen: {error}", file=sys.stderr)
            code = error.exit_code
            continue
        for fault in faults:
            print(fault)
        for warning in warnings:
            print(f"{warning.place}: warning: {warning.key}: {warning.problem}")
        found = [_counted(len(warnings), "warning")] if warnings else []
        print(f"{file}: {', '.join([*found, _counted(len(faults), 'fault')])}")
        code = code or (3 if faults else 0)
    if code:
        raise typer.Exit(code)


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s" if n else f"no {what}s"
