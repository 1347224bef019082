"""Reading network files, and saying all that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, Literal, NamedTuple, overload

from ..engine.esper_context import garbage_kept
from ..faults import Fault, Path, key_of
from ..network.description import NetworkDescription
from .advice import warnings_of
from .checking import check_data
from .source import TABLES, NetworkFileError, Source

__all__ = ["Findings", "check_network", "load_network", "network_from_data"]


class Findings(NamedTuple):
    """What is wrong with a network file, and what is odd; each in the order of the file.

    Attributes
    ----------
    faults : list of Fault
        What keeps the network from being built.
    warnings : list of Fault
        What is hardly meant; looked for if there are no faults.
    """

    faults: list[Fault]
    warnings: list[Fault]


@overload
def load_network(path: FilePath, lenient: Literal[False] = False) -> NetworkDescription: ...
@overload
def load_network(path: FilePath, lenient: Literal[True]) -> tuple[NetworkDescription, list[Fault]]: ...
@garbage_kept()
def load_network(path: FilePath, lenient: bool = False) -> NetworkDescription | tuple[NetworkDescription, list[Fault]]:
    """Read a network from a JSON or YAML file.

    Parameters
    ----------
    path : Path
        Ends in ``.json``, ``.yaml`` or ``.yml``.
    lenient : bool
        Leave out the links that cannot be made, and return why, beside the network.

    Raises
    ------
    NetworkFileError
        With every fault of the file.
    FileError
        If it cannot be read at all.
    """
    source = Source(path)
    description, faults, refused = _check(source)
    if description is None or (refused and not lenient):
        raise NetworkFileError(source.in_order(faults + refused))
    return (description, source.in_order(refused)) if lenient else description


@garbage_kept()
def check_network(path: FilePath) -> Findings:
    """Find all that is wrong with a network file, and what is odd about it.

    Raises
    ------
    FileError
        If it cannot be read at all.
    """
    try:
        source = Source(path)
    except NetworkFileError as error:
        return Findings(list(error.faults), [])
    description, faults, refused = _check(source)
    if description is None or refused:
        return Findings(source.in_order(faults + refused), [])
    return Findings([], source.in_order(warnings_of(description, source.place_of)))


def _check(source: Source) -> tuple[NetworkDescription | None, list[Fault], list[Fault]]:
    description, faults, refused = check_data(source.data, source.place_of, TABLES[source.format])
    faults = source.with_faults_of_the_text(faults)
    return (None if faults else description), faults, refused


@garbage_kept()
def network_from_data(data: Any, place_of: Callable[[Path], str], at: Path = ()) -> NetworkDescription:
    """Return the network that a part of another file describes, links as ``{"Input": {…}}``.

    Parameters
    ----------
    data : object
        What the file says, made of dicts, lists, texts and numbers.
    place_of : callable
        Says of the path of a key in that file where it stands.
    at : tuple
        The path of the network in that file.

    Raises
    ------
    NetworkFileError
        With every fault.
    """
    description, faults, refused = check_data(data, lambda path: place_of((*at, *path)), TABLES["toml"])
    if description is None or refused:
        raise NetworkFileError(replace(fault, key=_below(at, fault.key)) for fault in faults + refused)
    return description


def _below(at: Path, key: str) -> str:
    return ".".join(part for part in (key_of(at), key) if part)
